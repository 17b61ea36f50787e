//! From a target with its variables chosen to what a rule watches.

use atalaya_api::catalog::{AskMetrics, AskValues, CatalogMetric, Values};
use atalaya_api::rule::Origin;
use atalaya_api::settings::MetricNames;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::dashboards::configured;
use super::kept;
use super::matching::Matching;
use super::resolve::{Chosen, Resolver};
use crate::api::body::Body;
use crate::api::faults::Faults;
use crate::api::problem::{Fault, Language, clipped};
use crate::api::{Services, settings};
use crate::catalog::{Naming, Panel, Target, name, unit_shown};
use crate::domain::Rule;

/// Values that are listed at most.
const MOST_VALUES: usize = 1_000;
const MOST_TARGETS: usize = 200;
/// Of the choices of one request.
const MOST_CHOSEN: usize = 10_000;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(values)).routes(routes!(metrics))
}

/// What there is to choose from for a variable: its source is asked.
#[utoipa::path(post, path = "/api/v1/catalog/dashboards/{uid}/values", tag = "catalog", params(("uid" = String, Path)),
    request_body = AskValues, responses((status = 200, body = Values), (status = 404), (status = 422, description = "the variable, and why it has no values")))]
async fn values(
    State(services): State<Services>,
    Path(uid): Path<String>,
    Body(wanted): Body<AskValues>,
) -> Result<Json<Values>, Fault> {
    check_chosen(&wanted.chosen)?;
    let found = services.blocking(move |services| {
        let (_, dashboard) = kept::found(services, &uid)?;
        let matching = Matching::load(services)?;
        let resolver = Resolver::new(&*services.sources, &matching, &dashboard, &wanted.chosen);
        let mut values =
            resolver.values(&wanted.variable).map_err(|why| Fault::field("variable", why.en, why.es))?;
        let total = values.len() as u64;
        values.truncate(MOST_VALUES);
        Ok(Values { values, total })
    });
    found.await.map(Json)
}

/// What targets ask with variables chosen so: one metric for each.
#[utoipa::path(post, path = "/api/v1/catalog/dashboards/{uid}/metrics", tag = "catalog", params(("uid" = String, Path)),
    request_body = AskMetrics, responses((status = 200, body = Vec<CatalogMetric>), (status = 404), (status = 422)))]
async fn metrics(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    Path(uid): Path<String>,
    Body(wanted): Body<AskMetrics>,
) -> Result<Json<Vec<CatalogMetric>>, Fault> {
    check_chosen(&wanted.chosen)?;
    let made = services.blocking(move |services| {
        let (_, dashboard) = kept::found(services, &uid)?;
        let panel =
            dashboard.panels.iter().find(|panel| panel.id == Some(wanted.panel)).ok_or_else(|| {
                let (en, es) = ("the dashboard has no such panel", "el panel de control no tiene ese panel");
                Fault::field("panel", en, es)
            })?;
        let targets = picked(panel, &wanted.ref_ids)?;
        let matching = Matching::load(services)?;
        let resolver = Resolver::new(&*services.sources, &matching, &dashboard, &wanted.chosen);
        let made = Made {
            uid: &uid,
            panel,
            resolver: &resolver,
            rules: &services.store.rules_of_dashboard(&uid)?,
            naming: naming(settings::load(&*services.store)?.metric_names),
            language,
        };
        Ok(targets.into_iter().map(|target| made.metric(target)).collect())
    });
    made.await.map(Json)
}

fn check_chosen(chosen: &Chosen) -> Result<(), Fault> {
    let mut faults = Faults::default();
    let count: usize = chosen.values().map(Vec::len).sum();
    if count > MOST_CHOSEN {
        faults.add(
            "chosen",
            format!("must be at most {MOST_CHOSEN} values"),
            format!("deben ser como mucho {MOST_CHOSEN} valores"),
        );
    }
    faults.done()
}

/// The targets with these letters; none named: all of them.
fn picked<'a>(panel: &'a Panel, ref_ids: &[String]) -> Result<Vec<&'a Target>, Fault> {
    if ref_ids.is_empty() {
        return Ok(panel.targets.iter().take(MOST_TARGETS).collect());
    }
    let mut faults = Faults::default();
    let mut targets = Vec::new();
    for (at, ref_id) in ref_ids.iter().enumerate().take(MOST_TARGETS) {
        match panel.targets.iter().find(|target| target.ref_id == *ref_id) {
            Some(target) => targets.push(target),
            None => {
                let ref_id = clipped(ref_id);
                faults.add(
                    &format!("ref_ids[{at}]"),
                    format!("the panel has no target {ref_id:?}"),
                    format!("el panel no tiene ninguna consulta {ref_id:?}"),
                );
            }
        }
    }
    faults.done()?;
    Ok(targets)
}

fn naming(setting: MetricNames) -> Naming {
    match setting {
        MetricNames::Alias => Naming::Alias,
        MetricNames::Full => Naming::Full,
        MetricNames::Wildcard => Naming::Wildcard,
    }
}

/// What metrics are made with.
struct Made<'a> {
    uid: &'a str,
    panel: &'a Panel,
    resolver: &'a Resolver<'a>,
    rules: &'a [Rule],
    naming: Naming,
    language: Language,
}

impl Made<'_> {
    fn metric(&self, target: &Target) -> CatalogMetric {
        let panel = self.panel.id.unwrap_or_default();
        let query = target.query.clone().unwrap_or_default();
        let legend = target.legend.as_deref().map(|legend| self.resolver.text(legend));
        let named = |expr: &str| name(self.naming, &target.ref_id, expr, legend.as_deref());
        let resolved = match self.resolver.target(target) {
            Ok(resolved) => resolved,
            Err(why) => {
                return CatalogMetric {
                    ref_id: target.ref_id.clone(),
                    name: named(&query),
                    source: None,
                    expr: None,
                    unit: None,
                    origin: None,
                    configured: Vec::new(),
                    problem: Some(why.in_language(self.language.tag()).to_owned()),
                };
            }
        };
        CatalogMetric {
            ref_id: target.ref_id.clone(),
            name: named(&resolved.expr),
            source: Some(resolved.asked.source),
            unit: self.panel.unit.as_deref().and_then(unit_shown),
            configured: configured(self.rules, panel, &target.ref_id, Some(&resolved.variables)),
            origin: Some(Origin {
                dashboard: self.uid.to_owned(),
                panel,
                ref_id: target.ref_id.clone(),
                query,
                variables: resolved.variables,
                all: resolved.all,
                kept: None,
            }),
            expr: Some(resolved.expr),
            problem: None,
        }
    }
}
