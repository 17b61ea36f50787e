//! `/api/v1/alarms/import`: the history of another system.

use atalaya_api::bulk::{BulkDone, ImportReport, RefusedLine};
use atalaya_api::problem::FieldError;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::{Extension, Json};
use jiff::tz::TimeZone;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::{ImportId, Texts};
use crate::moving::history::{self, History, Refused};

use super::auth::Identity;
use super::body::file;
use super::problem::{Fault, Language};
use super::query::Params;
use super::rule_import::{LARGEST, MOST_LISTED};
use super::{Services, rule_check, settings};

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(import)).routes(routes!(undo)).layer(DefaultBodyLimit::max(LARGEST))
}

/// Take over Gralarmas' history of alarms: CSV with Dashboard, Panel, Métrica, Último dato, Estado, Inicio de alarma, Fin de alarma. They
/// become cleared alarms without a rule; taken over twice they are there once. With `dry_run=true` nothing is written.
#[utoipa::path(post, path = "/api/v1/alarms/import", tag = "alarms",
    params(("dry_run" = Option<bool>, Query, description = "true: only tell what would become of it"),
        ("time_zone" = Option<String>, Query, description = "of times without an offset; left out: the setting's")),
    request_body(content_type = "text/csv", description = "the file"),
    responses((status = 200, body = ImportReport), (status = 413), (status = 422, description = "nothing can be read from the file")))]
async fn import(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Extension(language): Extension<Language>,
    mut params: Params,
    request: Request,
) -> Result<Json<ImportReport>, Fault> {
    let dry_run = params.flag("dry_run");
    let zone = params.text("time_zone");
    params.finish()?;
    let bytes = file(request, LARGEST).await?;
    let report = services.blocking(move |services| {
        let zone = match zone {
            Some(zone) => zone,
            None => settings::load(&*services.store)?.time_zone,
        };
        if let Some(fault) = rule_check::check_zone("time_zone", &zone) {
            return Err(Fault::invalid(vec![fault]));
        }
        let zone = TimeZone::get(&zone).unwrap_or(TimeZone::UTC);
        let history = history::read(&bytes, &zone, services.now().wall)?;
        let mut report = report(&history, language);
        if dry_run {
            report.created = history.alarms.len() as u64;
            return Ok(report);
        }
        let import = ImportId::generate();
        let done = services.store.import_alarms(import, &history.alarms)?;
        services.store.alarms_imported(import, done, &identity.actor())?;
        (report.created, report.updated, report.unchanged) = (done.created, done.updated, done.unchanged);
        report.undo = (done.created > 0).then(|| import.to_string());
        Ok(report)
    });
    report.await.map(Json)
}

/// Delete the alarms that one import made, at any time; those that it only changed stay.
#[utoipa::path(delete, path = "/api/v1/alarms/import/{undo}", tag = "alarms", params(("undo" = String, Path)),
    responses((status = 200, body = BulkDone), (status = 404)))]
async fn undo(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(undo): Path<String>,
) -> Result<Json<BulkDone>, Fault> {
    let missing = || Fault::not_found("There is nothing of this import.", "No hay nada de esa importación.");
    let import: ImportId = undo.parse().map_err(|_| missing())?;
    let gone =
        services.blocking(move |services| Ok(services.store.undo_import(import, &identity.actor())?)).await?;
    if gone == 0 {
        Err(missing())
    } else {
        Ok(Json(BulkDone { total: gone, changed: gone, ..BulkDone::default() }))
    }
}

fn report(history: &History, language: Language) -> ImportReport {
    let say = |texts: &Texts| texts.in_language(language.tag()).to_owned();
    let refused = |one: &Refused| RefusedLine {
        line: one.line,
        text: one.text.clone(),
        errors: one
            .wrong
            .iter()
            .map(|wrong| FieldError::new(wrong.field.clone(), say(&wrong.words)))
            .collect(),
    };
    ImportReport {
        read: history.read,
        refused: history.refused.iter().take(MOST_LISTED).map(refused).collect(),
        refused_total: history.refused.len() as u64,
        notes: history.notes.iter().map(say).collect(),
        ..ImportReport::default()
    }
}
