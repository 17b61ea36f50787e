//! `/api/v1/summary`: the tiles.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use atalaya_api::summary::{Change, Summary};
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::Millis;
use crate::store::AlarmCounts;

use super::problem::Fault;
use super::query::Params;
use super::{Services, view};

const HOUR_MS: i64 = 3_600_000;
/// How old a summary may be that open event streams share.
const FRESH: Duration = Duration::from_millis(900);

/// The latest summary, shared by all event streams, and when it was made (monotonic).
pub type Recent = Arc<Mutex<Option<(Duration, Summary)>>>;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(summary))
}

/// What is watched, and the active alarms by severity.
#[utoipa::path(get, path = "/api/v1/summary", tag = "alarms", responses((status = 200, body = Summary)))]
async fn summary(State(services): State<Services>, params: Params) -> Result<Json<Summary>, Fault> {
    params.finish()?;
    services.blocking(now).await.map(Json)
}

/// As it is right now. Blocks.
///
/// # Errors
/// The store's.
pub fn now(services: &Services) -> Result<Summary, Fault> {
    let totals = services.evaluation.totals();
    let counts = services.store.counts()?;
    let before = services.store.counts_at(services.now().wall.plus(-HOUR_MS))?;
    let causes = services.evaluation.causes();
    let quiet_since = match active(&counts) {
        0 if causes.is_empty() => {
            Some(services.store.last_cleared_at()?.unwrap_or_default().max(services.started))
        }
        _ => None,
    };
    Ok(Summary {
        rules: totals.rules,
        series: totals.series,
        warning: counts.warning,
        major: counts.major,
        critical: counts.critical,
        unknown: counts.unknown,
        change_1h: Change {
            warning: difference(counts.warning, before.warning),
            major: difference(counts.major, before.major),
            critical: difference(counts.critical, before.critical),
            unknown: difference(counts.unknown, before.unknown),
        },
        checked_at: totals.checked_at.map(Millis::timestamp),
        quiet_since: quiet_since.map(Millis::timestamp),
        causes: causes.into_iter().map(view::cause).collect(),
    })
}

/// At most [`FRESH`] old: however many streams are open, the store is asked once a second. Blocks.
///
/// # Errors
/// The store's.
pub fn recent(services: &Services) -> Result<Summary, Fault> {
    let mono = services.now().mono;
    let mut recent = services.recent.lock().expect("nothing panics while it holds the summary");
    if let Some((made, summary)) = recent.as_ref()
        && mono.saturating_sub(*made) < FRESH
    {
        return Ok(summary.clone());
    }
    let summary = now(services)?;
    *recent = Some((mono, summary.clone()));
    Ok(summary)
}

fn active(counts: &AlarmCounts) -> u64 {
    counts.warning + counts.major + counts.critical + counts.unknown
}

fn difference(now: u64, before: u64) -> i64 {
    now as i64 - before as i64
}
