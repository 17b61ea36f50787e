//! `/api/v1/checks`: what judges.

use std::collections::HashMap;

use atalaya_api::check::{CheckView, ValidateAnswer, ValidateParams};
use atalaya_api::page::Page;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::RuleRecord;

use super::Services;
use super::body::Body;
use super::problem::{Fault, Kind, Language, clipped};
use super::query::Params;

/// With what a check judges params that belong to no rule yet.
const USUAL_MARGIN: f64 = 10.0;
const USUAL_INTERVAL_MS: f64 = 300_000.0;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(validate))
        .routes(routes!(release))
}

fn missing(name: &str) -> Fault {
    let name = clipped(name);
    Fault::not_found(
        format!("There is no check {name:?}."),
        format!("No hay ningún tipo de comprobación {name:?}."),
    )
}

/// All checks with how many rules use them. Blocks.
fn all(services: &Services) -> Result<Vec<CheckView>, Fault> {
    let mut uses: HashMap<String, u64> = HashMap::new();
    services.store.each_rule(&mut |rule| *uses.entry(rule.draft.check.name).or_default() += 1)?;
    let mut checks = services.checks.list();
    for check in &mut checks {
        check.rules = uses.get(&check.name).copied().unwrap_or_default();
    }
    Ok(checks)
}

/// The installed checks.
#[utoipa::path(get, path = "/api/v1/checks", tag = "checks", responses((status = 200, body = Page<CheckView>)))]
async fn list(State(services): State<Services>, params: Params) -> Result<Json<Page<CheckView>>, Fault> {
    params.finish()?;
    let items = services.blocking(all).await?;
    Ok(Json(Page { total: items.len() as u64, items, next: None }))
}

/// One check.
#[utoipa::path(get, path = "/api/v1/checks/{name}", tag = "checks", params(("name" = String, Path)),
    responses((status = 200, body = CheckView), (status = 404)))]
async fn one(
    State(services): State<Services>,
    Path(name): Path<String>,
    params: Params,
) -> Result<Json<CheckView>, Fault> {
    params.finish()?;
    let checks = services.blocking(all).await?;
    checks.into_iter().find(|check| check.name == name).map(Json).ok_or_else(|| missing(&name))
}

/// Whether the check accepts these params; nothing is stored. Fields are the check's own, e.g. `critical`.
#[utoipa::path(post, path = "/api/v1/checks/{name}/validate", tag = "checks", params(("name" = String, Path)),
    request_body = ValidateParams, responses((status = 200, body = ValidateAnswer), (status = 404), (status = 422)))]
async fn validate(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    Path(name): Path<String>,
    Body(wanted): Body<ValidateParams>,
) -> Result<Json<ValidateAnswer>, Fault> {
    let record = RuleRecord {
        params: wanted.params.to_string(),
        ok_margin: wanted.ok_margin.unwrap_or(USUAL_MARGIN),
        interval_ms: USUAL_INTERVAL_MS,
        unit: String::new(),
        time_zone: "UTC".to_owned(),
    };
    let errors = services.blocking(move |services| {
        services.checks.validate(&name, &record, language.tag()).ok_or_else(|| missing(&name))
    });
    Ok(Json(ValidateAnswer { errors: errors.await? }))
}

/// Take a check out of quarantine.
#[utoipa::path(post, path = "/api/v1/checks/{name}/release", tag = "checks", params(("name" = String, Path)),
    responses((status = 204), (status = 404), (status = 409, description = "it is not in quarantine")))]
async fn release(State(services): State<Services>, Path(name): Path<String>) -> Result<StatusCode, Fault> {
    let done = services.blocking(move |services| {
        if services.checks.release(&name) {
            return Ok(StatusCode::NO_CONTENT);
        }
        if services.checks.list().iter().any(|check| check.name == name) {
            return Err(Fault::new(
                Kind::Conflict,
                "The check is not in quarantine.",
                "El tipo de comprobación no está en cuarentena.",
            ));
        }
        Err(missing(&name))
    });
    done.await
}
