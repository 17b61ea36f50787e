//! Rules and the dashboards they were made from: where they differ, and what joined "All".

use std::collections::BTreeSet;

use atalaya_api::catalog::Joined;
use atalaya_api::event::RuleAction;
use atalaya_api::rule::{Drift, Origin, Rule as WireRule, RuleDraft};
use axum::extract::{Path, State};
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::import::Told;
use super::kept;
use super::matching::Matching;
use super::resolve::{Chosen, Resolved, Resolver, watches_all};
use crate::api::auth::Identity;
use crate::api::problem::{Fault, Kind, words};
use crate::api::{Services, rule_check, rules};
use crate::catalog::{Dashboard, Panel, Target};
use crate::domain::{Rule, Texts};
use crate::people::system;
use crate::store::DriftRow;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(follow_it)).routes(routes!(keep_it))
}

/// Take the dashboard's query where it differs from the rule's.
#[utoipa::path(post, path = "/api/v1/rules/{id}/follow", tag = "rules", params(("id" = String, Path)),
    responses((status = 200, body = WireRule), (status = 404), (status = 409, description = "there is nothing to follow"), (status = 422)))]
async fn follow_it(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
) -> Result<Json<WireRule>, Fault> {
    let followed = services.blocking(move |services| {
        let before = rules::found(services, &id)?;
        let draft = follow(services, &before)?;
        let (interval, time_zone) = rule_check::check(services, &draft, Some(&before))?;
        let after = Rule { draft, interval, time_zone, ..before };
        rules::stored(services, after, RuleAction::Updated, &identity.actor())
    });
    followed.await.map(Json)
}

/// Keep the rule's own query where the dashboard's differs, and say no more of it until that changes again.
#[utoipa::path(post, path = "/api/v1/rules/{id}/keep", tag = "rules", params(("id" = String, Path)),
    responses((status = 200, body = WireRule), (status = 404), (status = 409, description = "it was made from no dashboard")))]
async fn keep_it(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
) -> Result<Json<WireRule>, Fault> {
    let kept = services.blocking(move |services| {
        let before = rules::found(services, &id)?;
        let draft = keep(services, &before)?;
        rules::stored(services, Rule { draft, ..before }, RuleAction::Updated, &identity.actor())
    });
    kept.await.map(Json)
}

/// The rule as it would be if it took its dashboard's query as that is now. Asks sources; blocks.
///
/// # Errors
/// There is nothing to follow, or what is there cannot be watched.
pub fn follow(services: &Services, rule: &Rule) -> Result<RuleDraft, Fault> {
    let origin = of_dashboard(rule)?;
    let (head, dashboard) = kept::found(services, &origin.dashboard)?;
    let (panel, target) = find(&dashboard, origin).ok_or_else(gone)?;
    let matching = Matching::load(services)?;
    let resolver = Resolver::new(&*services.sources, &matching, &dashboard, &origin.variables);
    let resolved = resolver.target(target).map_err(|why| Fault::field("query.expr", why.en, why.es))?;
    let mut draft = rule.draft.clone();
    draft.query.source = resolved.asked.source;
    draft.query.expr = resolved.expr;
    draft.query.dashboard = Some(head.title);
    draft.query.panel = Some(panel.title.clone()).filter(|title| !title.is_empty());
    draft.origin = Some(Origin {
        query: target.query.clone().unwrap_or_default(),
        variables: resolved.variables,
        all: resolved.all,
        kept: None,
        ..origin.clone()
    });
    Ok(draft)
}

/// The rule as it would be if its own query were kept: the dashboard's as it is now is not told as a difference any more. Blocks.
///
/// # Errors
/// It was made from no dashboard.
pub fn keep(services: &Services, rule: &Rule) -> Result<RuleDraft, Fault> {
    let origin = of_dashboard(rule)?;
    let dashboard = services.store.dashboard(&origin.dashboard)?.and_then(|row| kept::read(&row));
    let now = dashboard.as_ref().and_then(|dashboard| find(dashboard, origin));
    let now = now.and_then(|(_, target)| target.query.clone());
    let mut draft = rule.draft.clone();
    if now.as_ref() != Some(&origin.query) {
        draft.origin = Some(Origin { kept: Some(now.unwrap_or_default()), ..origin.clone() });
    }
    Ok(draft)
}

fn of_dashboard(rule: &Rule) -> Result<&Origin, Fault> {
    rule.draft.origin.as_ref().ok_or_else(|| {
        Fault::new(
            Kind::Conflict,
            "The rule was not made from a dashboard: there is nothing to follow or to keep.",
            "La métrica no se hizo a partir de un panel de control: no hay nada que seguir ni que conservar.",
        )
    })
}

fn gone() -> Fault {
    Fault::new(
        Kind::Conflict,
        "The dashboard does not have this query any more: keep the rule's own, or delete the rule.",
        "El panel de control ya no tiene esta consulta: conserve la de la métrica o borre la métrica.",
    )
}

/// The target that a rule was made from.
fn find<'a>(dashboard: &'a Dashboard, origin: &Origin) -> Option<(&'a Panel, &'a Target)> {
    let panel = dashboard.panels.iter().find(|panel| panel.id == Some(origin.panel))?;
    let target = panel.targets.iter().find(|target| target.ref_id == origin.ref_id)?;
    Some((panel, target))
}

/// What a comparison found.
#[derive(Default)]
pub struct Compared {
    pub drifted: u64,
    pub joined: Vec<Joined>,
    pub problems: Vec<Told>,
}

/// Compares every rule with its dashboard, and fills "All" in anew. Asks sources; blocks.
///
/// # Errors
/// The store's.
pub fn compare_all(services: &Services, is_cancelled: impl Fn() -> bool) -> Result<Compared, Fault> {
    let matching = Matching::load(services)?;
    let mut compared = Compared::default();
    for uid in services.store.dashboards_of_rules()? {
        if is_cancelled() {
            break;
        }
        compare(services, &matching, &uid, &mut compared)?;
    }
    compared.drifted = services.store.drifted()?;
    Ok(compared)
}

fn compare(
    services: &Services,
    matching: &Matching,
    uid: &str,
    compared: &mut Compared,
) -> Result<(), Fault> {
    let row = services.store.dashboard(uid)?;
    let dashboard = row.as_ref().and_then(kept::read);
    let mut drifts = Vec::new();
    for rule in services.store.rules_of_dashboard(uid)? {
        let Some(origin) = &rule.draft.origin else { continue };
        let side = Side { services, matching, dashboard: dashboard.as_ref(), rule: &rule, origin };
        drifts.extend(side.drift().map(|drift| DriftRow { rule: rule.id, drift }));
        if watches_all(origin) {
            match side.refresh()? {
                Ok(joined) => compared.joined.extend(joined),
                Err(why) => {
                    let title = row.as_ref().map_or(uid, |row| &row.head.title);
                    compared.problems.push(Told::new(title, &rule.draft.name, why));
                }
            }
        }
    }
    services.store.put_drift(uid, &drifts)?;
    Ok(())
}

/// A rule beside its dashboard.
struct Side<'a> {
    services: &'a Services,
    matching: &'a Matching,
    /// None: it is gone.
    dashboard: Option<&'a Dashboard>,
    rule: &'a Rule,
    origin: &'a Origin,
}

impl<'a> Side<'a> {
    fn target(&self) -> Option<(&'a Dashboard, &'a Target)> {
        let dashboard = self.dashboard?;
        find(dashboard, self.origin).map(|(_, target)| (dashboard, target))
    }

    fn resolver(&self, dashboard: &'a Dashboard) -> Resolver<'a> {
        Resolver::new(&*self.services.sources, self.matching, dashboard, &self.origin.variables)
    }

    /// None: the dashboard still has the rule's query.
    fn drift(&self) -> Option<Drift> {
        let found = self.target();
        let now = found.and_then(|(_, target)| target.query.clone());
        if now.as_ref() == Some(&self.origin.query) {
            return None;
        }
        let is_kept = now.as_deref().unwrap_or_default() == self.origin.kept.as_deref().unwrap_or("\0");
        let resolved = found.filter(|_| !is_kept);
        let resolved = resolved.and_then(|(dashboard, target)| self.resolver(dashboard).target(target).ok());
        let expr = resolved.map(|resolved| resolved.expr);
        Some(Drift { before: self.origin.query.clone(), now, expr })
    }

    /// What "All" stands for is asked anew; when it is something else by now the rule watches that. The inner error: why it
    /// cannot be told.
    fn refresh(&self) -> Result<Result<Vec<Joined>, Texts>, Fault> {
        let Some((dashboard, target)) = self.target() else { return Ok(Ok(Vec::new())) };
        let resolved = match self.resolver(dashboard).query_of(target, &self.origin.query) {
            Ok(resolved) => resolved,
            Err(why) => {
                return Ok(Err(words(
                    format!("watches what it watched before, because \"All\" cannot be asked: {}", why.en),
                    format!(
                        "vigila lo mismo que antes, porque no se puede preguntar por «Todos»: {}",
                        why.es
                    ),
                )));
            }
        };
        if resolved.all.values().any(Vec::is_empty) {
            return Ok(Err(words(
                "watches what it watched before, because its source gives no values for \"All\" now",
                "vigila lo mismo que antes, porque su fuente no da ahora ningún valor para «Todos»",
            )));
        }
        if resolved.all == self.origin.all && resolved.expr == self.rule.draft.query.expr {
            return Ok(Ok(Vec::new()));
        }
        if !self.is_as_made(dashboard, target) {
            return Ok(Err(words(
                "watches what somebody wrote, not \"All\" of its dashboard: its query was changed by hand",
                "vigila lo que alguien escribió, no «Todos» de su panel de control: su consulta se cambió a mano",
            )));
        }
        let joined = self.joined(&resolved.all);
        self.update(resolved)?;
        Ok(Ok(joined))
    }

    /// Whether the rule's expression is the one that its origin gave when it was made.
    fn is_as_made(&self, dashboard: &Dashboard, target: &Target) -> bool {
        let services = self.services;
        let then = Resolver::new(&*services.sources, self.matching, dashboard, &self.origin.variables);
        let then = then.knowing(&self.origin.all).query_of(target, &self.origin.query);
        then.is_ok_and(|then| {
            then.expr == self.rule.draft.query.expr && then.asked.source == self.rule.draft.query.source
        })
    }

    /// By variable, those that have changed. What was not known then is not told as new.
    fn joined(&self, all: &Chosen) -> Vec<Joined> {
        let changed = all.iter().filter_map(|(variable, now)| {
            let before = self.origin.all.get(variable).filter(|before| !before.is_empty())?;
            let (before, now): (BTreeSet<_>, BTreeSet<_>) = (before.iter().collect(), now.iter().collect());
            let list = |a: &BTreeSet<&String>, b: &BTreeSet<&String>| {
                a.difference(b).map(|value| (*value).clone()).collect::<Vec<_>>()
            };
            let (joined, left) = (list(&now, &before), list(&before, &now));
            (!joined.is_empty() || !left.is_empty()).then(|| Joined {
                rule: self.rule.id.to_string(),
                rule_name: self.rule.draft.name.clone(),
                variable: variable.clone(),
                joined,
                left,
            })
        });
        changed.collect()
    }

    /// Nobody is asked whether the expression makes sense: it is the one that was there, with other values.
    fn update(&self, resolved: Resolved) -> Result<(), Fault> {
        let mut after = self.rule.clone();
        after.draft.query.expr = resolved.expr;
        after.draft.origin = Some(Origin { all: resolved.all, ..self.origin.clone() });
        match rules::stored(self.services, after, RuleAction::Updated, &system()) {
            // Somebody was faster; the next load looks again.
            Err(fault) if fault.kind == Kind::Conflict => Ok(()),
            done => done.map(drop),
        }
    }
}
