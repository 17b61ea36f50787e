//! `/healthz` and `/readyz`: for those who start, stop and watch servers.

use std::time::Duration;

use atalaya_api::source::SourceStatus;
use atalaya_api::status::Part;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::source::LOCAL;

use super::Services;
use super::ports::Pulse;
use super::problem::Fault;

/// Cycles that start later than this say that the server cannot keep up, seconds.
const TOO_LATE: f64 = 30.0;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(healthz)).routes(routes!(readyz))
}

/// Whether the server can do its work, and what each part says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Readiness {
    pub ready: bool,
    pub parts: Vec<Part>,
}

/// The process answers.
#[utoipa::path(get, path = "/healthz", tag = "machines", responses((status = 200, body = String)))]
async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether the server can do its work; 503 when it cannot.
#[utoipa::path(get, path = "/readyz", tag = "machines",
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)))]
async fn readyz(State(services): State<Services>) -> Result<(StatusCode, Json<Readiness>), Fault> {
    let mut parts = services.blocking(|services| Ok(parts(services))).await?;
    parts.iter_mut().for_each(keep_to_ourselves);
    let ready = is_ready(&parts);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok((status, Json(Readiness { ready, parts })))
}

/// Anybody may ask: what is wrong with a source elsewhere names its address, and quotes what it said.
fn keep_to_ourselves(part: &mut Part) {
    let elsewhere = part.name.strip_prefix("source ").is_some_and(|id| id != LOCAL);
    if elsewhere && !part.ok {
        part.detail = "does not answer as it should; the page of the sources says why".to_owned();
    }
}

/// Whether all that is needed is there.
pub fn is_ready(parts: &[Part]) -> bool {
    parts.iter().all(|part| part.ok || !part.needed)
}

/// How each part of the server is. Blocks.
pub fn parts(services: &Services) -> Vec<Part> {
    let mut parts = vec![store(services), evaluation(services), heartbeat(services)];
    for source in services.sources.list("en") {
        parts.push(Part {
            name: format!("source {}", source.id),
            ok: source.status == SourceStatus::Ok,
            needed: source.kind == "local" && source.status == SourceStatus::Down,
            detail: source.detail.unwrap_or_else(|| format!("{} series", source.series)),
        });
        // A taken port is told, and everything else goes on without it.
        parts.extend(source.inputs.into_iter().map(|input| Part {
            name: format!("input {}", input.name),
            ok: input.status == SourceStatus::Ok,
            needed: false,
            detail: input.detail.or(input.address).unwrap_or_else(|| format!("{} samples", input.samples)),
        }));
    }
    parts
}

fn store(services: &Services) -> Part {
    let health = services.store.health();
    let detail = match &health.trouble {
        Some(trouble) => trouble.clone(),
        None => format!("writable, last commit {:.1} ms", health.last_commit_seconds * 1e3),
    };
    Part { name: "store".to_owned(), ok: health.trouble.is_none(), needed: true, detail }
}

fn evaluation(services: &Services) -> Part {
    let totals = services.evaluation.totals();
    let late = totals.lateness_seconds;
    Part {
        name: "evaluation".to_owned(),
        ok: late <= TOO_LATE,
        needed: true,
        detail: format!("{late:.1} s late, {} rules overdue", totals.overdue),
    }
}

/// Compares with this thread's clock: an evaluation that is stuck says nothing, and shows here all the same.
fn heartbeat(services: &Services) -> Part {
    let (pulse, now) = (services.evaluation.pulse(), services.now().mono);
    let age = pulse.age(now);
    let detail = match (age.map(whole_seconds), pulse.missed) {
        (None, None) => "no beat yet".to_owned(),
        (Some(age), None) => format!("last beat {age} s ago"),
        (None, Some(missed)) => format!("no beat yet: {missed}"),
        (Some(age), Some(missed)) => format!("last beat {age} s ago: {missed}"),
    };
    let ok = Pulse::beats(age, now.saturating_sub(services.started_mono));
    Part { name: "heartbeat".to_owned(), ok, needed: true, detail }
}

fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs()
}
