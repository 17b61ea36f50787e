//! `/api/v1/status`: how Atalaya itself is, for people.

use atalaya_api::status::{EvaluationStatus, EventStatus, HeartbeatStatus, Status, StoreStatus};
use axum::extract::State;
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::Millis;
use crate::room::Room;

use super::problem::{Fault, Language};
use super::query::Params;
use super::{Services, machines, view};

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(status))
}

/// How Atalaya itself is.
#[utoipa::path(get, path = "/api/v1/status", tag = "machines", responses((status = 200, body = Status)))]
async fn status(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    params: Params,
) -> Result<Json<Status>, Fault> {
    params.finish()?;
    services.blocking(move |services| Ok(now(services, language))).await.map(Json)
}

/// As it is right now, also while the store cannot be read. Blocks.
fn now(services: &Services, language: Language) -> Status {
    let parts = machines::parts(services);
    Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: services.started.timestamp(),
        ready: machines::is_ready(&parts),
        parts,
        causes: services.evaluation.causes().into_iter().map(view::cause).collect(),
        evaluation: evaluation(services),
        store: store(services),
        events: EventStatus {
            streams: services.events.clients() as u64,
            lag_seconds: services.evaluation.totals().event_lag_seconds,
        },
        heartbeat: heartbeat(services, language),
    }
}

fn evaluation(services: &Services) -> EvaluationStatus {
    let totals = services.evaluation.totals();
    EvaluationStatus {
        rules: totals.rules,
        series: totals.series,
        evaluations: totals.evaluations,
        lateness_seconds: totals.lateness_seconds,
        overdue_rules: totals.overdue,
        questions_open: totals.questions_open,
        cpu_seconds: totals.cpu_seconds,
        checked_at: totals.checked_at.map(Millis::timestamp),
    }
}

fn store(services: &Services) -> StoreStatus {
    let health = services.store.health();
    let room = Room::of(&services.config.data).ok();
    StoreStatus {
        commits: health.commits,
        last_commit_seconds: health.last_commit_seconds,
        commit_seconds: health.commit_seconds,
        waiting_transitions: services.evaluation.totals().waiting_transitions,
        disk_free_bytes: room.map(|room| room.free),
        disk_total_bytes: room.map(|room| room.total),
    }
}

fn heartbeat(services: &Services, language: Language) -> HeartbeatStatus {
    let pulse = services.evaluation.pulse();
    let last_at = pulse.last.map(|last| last.wall.timestamp());
    match pulse.told {
        None => HeartbeatStatus { last_at, ..HeartbeatStatus::default() },
        Some(told) => HeartbeatStatus {
            last_at,
            told: true,
            told_at: told.at.map(Millis::timestamp),
            trouble: told.trouble.map(|words| words.in_language(language.tag()).to_owned()),
        },
    }
}
