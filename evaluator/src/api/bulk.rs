//! `/api/v1/rules/many` and `/api/v1/rules/bulk`: many rules at once, all or none.

use std::collections::HashMap;
use std::sync::PoisonError;

use atalaya_api::bulk::{Bulk, BulkChange, BulkDone, Made, ManyRules, Selection};
use atalaya_api::rule::RuleDraft;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::{Rule, RuleId};
use crate::store::Slice;

use super::auth::Identity;
use super::body::{Body, shaped};
use super::changes::{Changes, Done};
use super::patch::merge;
use super::problem::{Fault, Kind, clipped};
use super::undos::Step;
use super::{Services, catalog, rule_link, rule_list, view};

/// Rules that are made in one request.
const MOST_MADE: usize = 1_000;
/// Rules that are changed in one request.
pub const MOST_CHANGED: u32 = 50_000;
/// Names that are listed.
const MOST_NAMES: usize = 100;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(many)).routes(routes!(bulk)).routes(routes!(undo))
}

/// Make many rules: all of them, or none. Faults are named `rules[3].query.expr`.
#[utoipa::path(post, path = "/api/v1/rules/many", tag = "rules", request_body = ManyRules,
    responses((status = 201, body = Made), (status = 422, description = "names the fields at fault")))]
async fn many(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Body(ManyRules { rules }): Body<ManyRules>,
) -> Result<(StatusCode, Json<Made>), Fault> {
    if rules.is_empty() || rules.len() > MOST_MADE {
        let (en, es) = (format!("must be 1 to {MOST_MADE}"), format!("deben ser de 1 a {MOST_MADE}"));
        return Err(Fault::field("rules", en, es));
    }
    let made = services.blocking(move |services| {
        let mut changes = Changes::new(services, identity.actor());
        changes.memo.ask_ahead(rules.iter().map(|draft| &draft.query));
        let _turn = turn(services);
        for (place, mut draft) in rules.into_iter().enumerate() {
            let linked = rule_link::settle(&mut changes.memo, &mut draft, None);
            let outcome = linked.and_then(|()| changes.create(draft));
            changes.note(outcome, &format!("rules[{place}]."), None)?;
        }
        Ok(made(services, changes.carry_out()?))
    });
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// What was made, as it travels.
pub fn made(services: &Services, done: Done) -> Made {
    let hashes = view::check_hashes(services);
    let rules = done.rules.into_iter().map(|rule| view::rule(services, rule, &hashes)).collect();
    Made { rules, undo: done.undo }
}

/// Only one at a time changes many rules, templates, or rules that are linked to one.
pub fn turn(services: &Services) -> std::sync::MutexGuard<'_, ()> {
    services.changing.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Change many rules: those with these ids, or all that match a filter. All of it happens, or nothing; what stands in the way is told
/// with the rule's name.
#[utoipa::path(post, path = "/api/v1/rules/bulk", tag = "rules", request_body = Bulk,
    responses((status = 200, body = BulkDone), (status = 409, description = "they are more or fewer by now"), (status = 422)))]
async fn bulk(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Body(bulk): Body<Bulk>,
) -> Result<Json<BulkDone>, Fault> {
    check_patch(&bulk.change)?;
    let done = services.blocking(move |services| {
        let _turn = turn(services);
        let deleted = bulk.change == BulkChange::Restore;
        let rules = selected(services, bulk.select, bulk.expected_total, deleted)?;
        let total = rules.len() as u64;
        let mut changes = Changes::new(services, identity.actor());
        for rule in rules {
            let name = rule.draft.name.clone();
            let outcome = apply(&mut changes, rule, &bulk.change);
            changes.note(outcome, "", Some(&name))?;
        }
        let done = changes.carry_out()?;
        Ok(BulkDone { total, changed: done.rules.len() as u64, undo: done.undo, kept: Vec::new() })
    });
    done.await.map(Json)
}

/// What says which rule it is cannot be the same for many, and links have changes of their own.
fn check_patch(change: &BulkChange) -> Result<(), Fault> {
    let BulkChange::Patch(patch) = change else { return Ok(()) };
    let Some(members) = patch.as_object() else {
        return Err(Fault::field("change.patch", "must be an object", "debe ser un objeto"));
    };
    for field in ["name", "query", "origin", "template", "version"] {
        if members.contains_key(field) {
            return Err(Fault::field(
                format!("change.patch.{field}"),
                "cannot be changed for many at once",
                "no se puede cambiar para varias a la vez",
            ));
        }
    }
    Ok(())
}

/// The rules that are meant, when they are as many as whoever asks has seen. `deleted`: those that are deleted are meant as well; with a
/// filter only those.
///
/// # Errors
/// 409 when they are more or fewer; 422 for a wrong selection.
pub fn selected(
    services: &Services,
    select: Selection,
    expected: u64,
    deleted: bool,
) -> Result<Vec<Rule>, Fault> {
    let most = MOST_CHANGED;
    if expected > u64::from(most) {
        let en = format!("must be at most {most}: change them in parts, e.g. one dashboard after the other");
        let es = format!("debe ser como mucho {most}: cámbielas por partes, p. ej. un panel tras otro");
        return Err(Fault::field("expected_total", en, es));
    }
    let (rules, total) = match (select.ids.is_empty(), select.filter) {
        (false, _) => {
            let ids: Vec<RuleId> = select.ids.iter().filter_map(|id| id.parse().ok()).collect();
            let mut rules = services.store.rules_by_id(&ids)?;
            rules.retain(|rule| deleted || rule.deleted_at.is_none());
            let total = rules.len() as u64;
            (rules, total)
        }
        (true, Some(filter)) => {
            let mut filter = rule_list::filter_of(filter).map_err(within_filter)?.filter(services);
            filter.deleted |= deleted;
            let page = services.store.rules(&filter, &Slice { limit: most, cursor: None })?;
            (page.items, page.total)
        }
        (true, None) => {
            let (en, es) = ("must name ids or a filter", "debe indicar ids o un filtro");
            return Err(Fault::field("select", en, es));
        }
    };
    if total == expected {
        return Ok(rules);
    }
    Err(Fault::new(
        Kind::Conflict,
        format!("They are {total} metrics now, not {expected}: look again, then repeat it."),
        format!("Ahora son {total} métricas, no {expected}: revíselo y repítalo."),
    ))
}

fn within_filter(mut fault: Fault) -> Fault {
    for one in &mut fault.fields {
        one.field = format!("select.filter.{}", one.field);
    }
    Fault::invalid(fault.fields)
}

fn apply(changes: &mut Changes<'_>, rule: Rule, change: &BulkChange) -> Result<(), Fault> {
    if rule.deleted_at.is_some() && !matches!(change, BulkChange::Restore | BulkChange::Delete) {
        let (en, es) = ("is deleted; restore it first", "está borrada; restáurela antes");
        return Err(Fault::field("deleted", en, es));
    }
    let draft = match change {
        BulkChange::Delete => {
            changes.delete(rule);
            return Ok(());
        }
        BulkChange::Restore if rule.deleted_at.is_none() => return Ok(()),
        BulkChange::Restore => {
            let mut draft = rule.draft.clone();
            rule_link::settle_again(&mut changes.memo, &mut draft)?;
            return changes.restore(rule, draft);
        }
        BulkChange::Patch(patch) => patched(changes, &rule, patch)?,
        BulkChange::Unlink => RuleDraft { template: None, ..rule.draft.clone() },
        BulkChange::Relink(fields) => rule_link::relink(&mut changes.memo, &rule.draft, fields)?,
        BulkChange::Follow => catalog::follow(changes.memo.services, &rule)?,
        BulkChange::Keep => catalog::keep(changes.memo.services, &rule)?,
    };
    changes.update(rule, draft)
}

fn patched(changes: &mut Changes<'_>, rule: &Rule, patch: &Value) -> Result<RuleDraft, Fault> {
    let mut value = serde_json::to_value(&rule.draft).map_err(|_| Fault::internal())?;
    merge(&mut value, patch.clone());
    let mut draft: RuleDraft = shaped(value)?;
    rule_link::settle(&mut changes.memo, &mut draft, Some(&rule.draft))?;
    Ok(draft)
}

/// Take back what was done to many rules, within 15 minutes. Rules that somebody changed since stay as they are, and are named.
#[utoipa::path(post, path = "/api/v1/rules/bulk/{undo}/undo", tag = "rules", params(("undo" = String, Path)),
    responses((status = 200, body = BulkDone), (status = 404, description = "it was undone, or it is too long ago")))]
async fn undo(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(undo): Path<String>,
) -> Result<Json<BulkDone>, Fault> {
    let done = services.blocking(move |services| {
        let _turn = turn(services);
        let now = services.now().mono;
        let Some(steps) = services.undos.take(&undo, now) else {
            let undo = clipped(&undo);
            return Err(Fault::not_found(
                format!("There is nothing to undo as {undo:?}: it was undone already, or it is more than 15 minutes ago."),
                format!("No hay nada que deshacer como {undo:?}: ya se deshizo, o pasaron más de 15 minutos."),
            ));
        };
        let taken_back = take_back(services, &steps, &identity);
        if taken_back.is_err() {
            services.undos.keep(steps, now);
        }
        taken_back
    });
    done.await.map(Json)
}

fn take_back(services: &Services, steps: &[Step], identity: &Identity) -> Result<BulkDone, Fault> {
    let ids: Vec<RuleId> = steps.iter().map(|step| step.id).collect();
    let rules = services.store.rules_by_id(&ids)?;
    // Some may be gone for good: what is left is matched by its id.
    let mut rules: HashMap<RuleId, Rule> = rules.into_iter().map(|rule| (rule.id, rule)).collect();
    let mut changes = Changes::new(services, identity.actor());
    let mut kept = Vec::new();
    for step in steps {
        let Some(rule) = rules.remove(&step.id) else {
            kept.extend(step.before.as_ref().map(|before| before.draft.name.clone()));
            continue;
        };
        let name = rule.draft.name.clone();
        let outcome = match (&step.before, rule.version == step.version) {
            (_, false) => Err(Fault::field("version", "", "")),
            (None, true) => {
                changes.delete(rule);
                Ok(())
            }
            (Some(then), true) => {
                let mut then = then.clone();
                rule_link::settle_again(&mut changes.memo, &mut then.draft)?;
                changes.put_back(rule, then)
            }
        };
        match outcome {
            Err(fault) if fault.fields.is_empty() => return Err(fault),
            Err(_) => kept.push(name),
            Ok(()) => {}
        }
    }
    kept.truncate(MOST_NAMES);
    let done = changes.carry_out()?;
    Ok(BulkDone { total: steps.len() as u64, changed: done.rules.len() as u64, undo: done.undo, kept })
}
