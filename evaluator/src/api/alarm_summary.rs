//! `/api/v1/alarms/summary`: what the alarms of a stretch of time come to.

use atalaya_api::alarm::{HistorySummary, Noisy};
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::store::{History, NoisyRow};

use super::Services;
use super::alarm_filter::Asked;
use super::problem::Fault;
use super::query::Params;

const HOUR_MS: f64 = 3_600_000.0;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(summary))
}

/// What the alarms that match come to: how many by the worst severity of each, the hours in alarm between `from` and `to`, the noisiest
/// metrics. The filters are those of `GET /api/v1/alarms`; without `state` it is all of them.
#[utoipa::path(get, path = "/api/v1/alarms/summary", tag = "alarms",
    params(("from" = Option<String>, Query), ("to" = Option<String>, Query), ("state" = Option<String>, Query)),
    responses((status = 200, body = HistorySummary), (status = 422)))]
async fn summary(
    State(services): State<Services>,
    mut params: Params,
) -> Result<Json<HistorySummary>, Fault> {
    let asked = Asked::read(&mut params, None);
    params.finish()?;
    let counted = services.blocking(move |services| {
        Ok(services.store.history(&asked.filter(services), services.now().wall)?)
    });
    counted.await.map(shown).map(Json)
}

fn shown(history: History) -> HistorySummary {
    let History { worst, any_ms, sum_ms, noisiest } = history;
    HistorySummary {
        total: worst.critical + worst.major + worst.unknown + worst.warning,
        critical: worst.critical,
        major: worst.major,
        unknown: worst.unknown,
        warning: worst.warning,
        hours_in_alarm: hours(any_ms),
        alarm_hours: hours(sum_ms),
        noisiest: noisiest.into_iter().map(noisy).collect(),
    }
}

fn noisy(row: NoisyRow) -> Noisy {
    Noisy {
        rule: row.rule.map(|rule| rule.to_string()),
        name: row.name,
        dashboard: row.dashboard,
        alarms: row.alarms,
        hours: hours(row.ms),
    }
}

fn hours(ms: i64) -> f64 {
    ms as f64 / HOUR_MS
}
