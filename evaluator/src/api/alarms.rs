//! `/api/v1/alarms`: what stands, what stood, and why.

use atalaya_api::alarm::{Alarm, EvidenceView, TransitionView};
use atalaya_api::delivery::Told;
use atalaya_api::page::Page;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::{AlarmId, AlarmRow, Run};

use super::alarm_filter::Asked;
use super::problem::{Fault, Language};
use super::query::Params;
use super::{Services, view};

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(transitions))
        .routes(routes!(evidence))
        .routes(routes!(told))
}

/// Alarms that match, as a page.
#[utoipa::path(get, path = "/api/v1/alarms", tag = "alarms",
    params(
        ("state" = Option<String>, Query, description = "`active` (default), `history` or `all`"),
        ("severity" = Option<String>, Query, description = "any of these, with commas: critical,major,unknown,warning"),
        ("q" = Option<String>, Query, description = "every word must be in the series, rule, dashboard or panel"),
        ("dashboard" = Option<String>, Query), ("panel" = Option<String>, Query),
        ("by" = Option<String>, Query, description = "`severity` is: shown (default: held while active, then the worst), worst"),
        ("acknowledged" = Option<bool>, Query, description = "only those that somebody has seen, or that nobody has"),
        ("muted" = Option<bool>, Query, description = "only active ones of which nobody is told now, or all others"),
        ("rule" = Option<String>, Query, description = "a rule's id"),
        ("from" = Option<String>, Query, description = "active at or after this time"),
        ("to" = Option<String>, Query, description = "raised before this time"),
        ("sort" = Option<String>, Query, description = "severity, raised_at, cleared_at, subject, dashboard; with - before it: turned round"),
        ("told" = Option<bool>, Query, description = "true: with who was told, and why not"),
        ("limit" = Option<u32>, Query, description = "1 to 1000, default 100"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<Alarm>), (status = 422)))]
async fn list(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    mut params: Params,
) -> Result<Json<Page<Alarm>>, Fault> {
    let with_told = params.flag("told");
    let (asked, slice) = (Asked::read(&mut params, Some(true)), params.slice());
    params.finish()?;
    let page = services.blocking(move |services| {
        let page = services.store.alarms(&asked.filter(services), &slice)?;
        if !with_told {
            return Ok(page.map(|row| view::alarm(services, row, language)));
        }
        Ok(Page { items: with_told_of(services, page.items, language)?, next: page.next, total: page.total })
    });
    page.await.map(Json)
}

/// Alarms with who was told of them, and who was not.
///
/// # Errors
/// The store's.
pub fn with_told_of(
    services: &Services,
    rows: Vec<AlarmRow>,
    language: Language,
) -> Result<Vec<Alarm>, Fault> {
    let ids: Vec<AlarmId> = rows.iter().map(|row| row.id).collect();
    let mut told = services.store.told(&ids)?;
    let shown = |row: AlarmRow| {
        let told = told.remove(&row.id).unwrap_or_default();
        let told = told.into_iter().map(|one| view::told(one, language)).collect();
        Alarm { told, ..view::alarm(services, row, language) }
    };
    Ok(rows.into_iter().map(shown).collect())
}

fn found(services: &Services, id: &str) -> Result<AlarmRow, Fault> {
    let row = match id.parse::<AlarmId>() {
        Ok(id) => services.store.alarm(id)?,
        Err(_) => None,
    };
    row.ok_or_else(|| Fault::not_found("There is no such alarm.", "No existe esa alarma."))
}

/// One alarm.
#[utoipa::path(get, path = "/api/v1/alarms/{id}", tag = "alarms", params(("id" = String, Path)),
    responses((status = 200, body = Alarm), (status = 404)))]
async fn one(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Alarm>, Fault> {
    params.finish()?;
    let alarm = services.blocking(move |services| {
        let row = found(services, &id)?;
        let told = told_of(services, row.id, language)?;
        Ok(Alarm { told, ..view::alarm(services, row, language) })
    });
    alarm.await.map(Json)
}

/// Its steps, oldest first.
#[utoipa::path(get, path = "/api/v1/alarms/{id}/transitions", tag = "alarms", params(("id" = String, Path)),
    responses((status = 200, body = Page<TransitionView>), (status = 404)))]
async fn transitions(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Page<TransitionView>>, Fault> {
    params.finish()?;
    let items = services.blocking(move |services| {
        let alarm = found(services, &id)?;
        let rows = services.store.transitions(alarm.id)?;
        Ok(rows.iter().map(|row| view::transition(&row.transition, language)).collect())
    });
    items.await.map(whole).map(Json)
}

/// Why: what the evaluations behind each step saw, and whether they judge the same again.
#[utoipa::path(get, path = "/api/v1/alarms/{id}/evidence", tag = "alarms", params(("id" = String, Path)),
    responses((status = 200, body = Page<EvidenceView>), (status = 404)))]
async fn evidence(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Page<EvidenceView>>, Fault> {
    params.finish()?;
    services.blocking(move |services| evidence_of(services, &id, language)).await.map(whole).map(Json)
}

fn evidence_of(services: &Services, id: &str, language: Language) -> Result<Vec<EvidenceView>, Fault> {
    let alarm = found(services, id)?;
    let mut items = Vec::new();
    for row in services.store.transitions(alarm.id)? {
        let Some(bytes) = &row.transition.evidence else { continue };
        let run = match Run::decode(bytes) {
            Ok(run) => run,
            Err(error) => {
                tracing::error!(%error, alarm = %alarm.id, seq = row.transition.seq, "evidence cannot be read");
                continue;
            }
        };
        let record = services.store.record(run.record)?;
        let shown = view::transition(&row.transition, language);
        items.push(view::evidence(services, shown, &run, record.as_ref()));
    }
    Ok(items)
}

/// Who was told of it and when, and who was not, and why.
#[utoipa::path(get, path = "/api/v1/alarms/{id}/told", tag = "telling", params(("id" = String, Path)),
    responses((status = 200, body = Page<Told>), (status = 404)))]
async fn told(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Page<Told>>, Fault> {
    params.finish()?;
    let told = services.blocking(move |services| {
        let alarm = found(services, &id)?;
        told_of(services, alarm.id, language)
    });
    told.await.map(whole).map(Json)
}

fn told_of(services: &Services, alarm: AlarmId, language: Language) -> Result<Vec<Told>, Fault> {
    let told = services.store.told(&[alarm])?.remove(&alarm).unwrap_or_default();
    Ok(told.into_iter().map(|one| view::told(one, language)).collect())
}

/// A list that is never cut into pages, in the frame of one.
fn whole<T>(items: Vec<T>) -> Page<T> {
    Page { total: items.len() as u64, items, next: None }
}
