//! Exported dashboards, put in by hand.

use atalaya_api::catalog::{DashboardFile, ImportPhase, ImportStatus};
use axum::extract::{DefaultBodyLimit, State};
use axum::{Extension, Json};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::import::{Progress, Told};
use super::kept::{self, Loaded};
use super::{drift, load, matching};
use crate::api::Services;
use crate::api::auth::Identity;
use crate::api::body;
use crate::api::problem::{Fault, Kind, Language, clipped, words};
use crate::store::CatalogOrigin;

const MOST_FILES: usize = 500;
/// All files of one request, bytes.
const LARGEST: usize = 64 << 20;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(put)).layer(DefaultBodyLimit::max(LARGEST))
}

/// Put in dashboards that were exported from a Grafana: bare, in the API's frame, or with `__inputs`. A file that is none is told among
/// the problems, and the others are taken. Answers as a load does.
#[utoipa::path(post, path = "/api/v1/catalog/files", tag = "catalog", request_body = Vec<DashboardFile>,
    responses((status = 200, body = ImportStatus), (status = 413), (status = 422)))]
async fn put(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Extension(language): Extension<Language>,
    bytes: Result<axum::body::Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<Json<ImportStatus>, Fault> {
    let bytes = bytes.map_err(|_| {
        Fault::new(
            Kind::TooLarge,
            format!("All files together must be at most {LARGEST} bytes; put them in by several steps."),
            format!(
                "Todos los ficheros juntos deben ocupar como mucho {LARGEST} bytes; súbalos en varias veces."
            ),
        )
    })?;
    let taken = services.blocking(move |services| {
        let files: Vec<DashboardFile> = body::read(&bytes)?;
        if files.is_empty() || files.len() > MOST_FILES {
            return Err(Fault::field(
                "body",
                format!("must be 1 to {MOST_FILES} files"),
                format!("deben ser de 1 a {MOST_FILES} ficheros"),
            ));
        }
        let started = services.now().wall;
        let mut progress = Progress::default();
        progress.status.of = files.len() as u64;
        for file in &files {
            if let Err(why) = take(services, file, &mut progress)? {
                progress.failures.push(Told::new(&clipped(&file.name), "dashboard", why));
            }
            progress.status.done += 1;
        }
        let compared = drift::compare_all(services, || false)?;
        progress.failures.extend(compared.problems);
        let status = &mut progress.status;
        (status.drifted, status.joined) = (compared.drifted, compared.joined);
        status.phase = ImportPhase::Done;
        (status.started_at, status.ended_at) =
            (Some(started.timestamp()), Some(services.now().wall.timestamp()));
        let summary = json!({ "files": status.of, "added": status.added, "changed": status.changed });
        services.store.audit_load("dashboards put in", "files", &summary, &identity.actor())?;
        Ok(progress.view(language))
    });
    taken.await.map(Json)
}

/// One file; the inner error says why it was not taken.
fn take(
    services: &Services,
    file: &DashboardFile,
    progress: &mut Progress,
) -> Result<Result<(), crate::domain::Texts>, Fault> {
    let text = file.text.trim_start_matches('\u{feff}');
    let json: Value = match serde_json::from_str(text) {
        Ok(json) => json,
        Err(error) => {
            let why = error.to_string();
            return Ok(Err(words(format!("is not JSON: {why}"), format!("no es JSON: {why}"))));
        }
    };
    let loaded = match Loaded::read(json, kept::of_file(services.now().wall)) {
        Ok(loaded) => loaded,
        Err(why) => return Ok(Err(why)),
    };
    let known = services.store.dashboard(&loaded.row.head.uid)?;
    if known.is_some_and(|known| known.head.origin == CatalogOrigin::Grafana) {
        return Ok(Err(words(
            "is loaded from Grafana already; the file was not taken",
            "ya se carga desde Grafana; el fichero no se tomó",
        )));
    }
    let became = loaded.keep(services)?;
    services.store.put_datasources(&matching::named_in(&loaded.dashboard), CatalogOrigin::File)?;
    load::count(progress, &loaded, became);
    Ok(Ok(()))
}
