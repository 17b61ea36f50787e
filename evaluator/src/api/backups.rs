//! `/api/v1/backups`: what backups there are, and one on demand.

use std::path::Path;

use atalaya_api::backup::{BackupFile, BackupSettings, Backups};
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::backup::{Found, Status, when};
use crate::domain::Millis;

use super::Services;
use super::auth::Identity;
use super::problem::{Fault, FieldFault, Kind, Language};
use super::query::Params;

/// The most that are kept.
const MOST: u16 = 1_000;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(list, make))
}

/// Backups, the newest first, and how it stands with them. Samples are not in a backup: they are a window that fills again.
#[utoipa::path(get, path = "/api/v1/backups", tag = "settings", responses((status = 200, body = Backups)))]
async fn list(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    params: Params,
) -> Result<Json<Backups>, Fault> {
    params.finish()?;
    let status = services.blocking(|services| Ok(services.backups.status())).await?;
    Ok(Json(view(status, language)))
}

/// Make a backup now. It is made beside everything else: `running` says until when, then it is listed or `trouble` says why not.
#[utoipa::path(post, path = "/api/v1/backups", tag = "settings",
    responses((status = 202, body = Backups), (status = 409, description = "one is being made")))]
async fn make(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Extension(language): Extension<Language>,
) -> Result<(StatusCode, Json<Backups>), Fault> {
    let status = services.blocking(move |services| match services.backups.ask(identity.actor()) {
        // One that ended at once may be over: whoever asked looks again, and finds how it went.
        true => Ok(Status { running: true, ..services.backups.status() }),
        false => Err(Fault::new(
            Kind::Conflict,
            "A backup is being made; wait until it is done.",
            "Se está haciendo una copia de seguridad; espere a que termine.",
        )),
    });
    Ok((StatusCode::ACCEPTED, Json(view(status.await?, language))))
}

fn view(status: Status, language: Language) -> Backups {
    let file = |found: Found| BackupFile {
        name: found.name,
        made_at: found.made_at.timestamp(),
        bytes: found.bytes,
        with_key: found.with_key,
    };
    Backups {
        folder: status.folder.display().to_string(),
        items: status.items.into_iter().map(file).collect(),
        running: status.running,
        verified_at: status.verified_at.map(Millis::timestamp),
        next_at: status.next_at.map(Millis::timestamp),
        trouble: status.trouble.map(|texts| texts.in_language(language.tag()).to_owned()),
    }
}

/// What is wrong with the settings of backups. The second folder is tried only when it changes: one that is away now must not keep
/// other settings from being saved. Blocks.
pub fn check(wanted: &BackupSettings, before: &BackupSettings, own: &Path) -> Vec<FieldFault> {
    let mut faults = Vec::new();
    if when::time_of_day(&wanted.at).is_none() {
        faults.push(FieldFault::new(
            "backup.at",
            "must be a time of day such as 00:00",
            "debe ser una hora como 00:00",
        ));
    }
    if !(1..=MOST).contains(&wanted.keep) {
        faults.push(FieldFault::new(
            "backup.keep",
            format!("must be a whole number from 1 to {MOST}"),
            format!("debe ser un número entero de 1 a {MOST}"),
        ));
    }
    if !wanted.second_folder.is_empty() && wanted.second_folder != before.second_folder {
        faults.extend(check_second(Path::new(&wanted.second_folder), own));
    }
    faults
}

fn check_second(second: &Path, own: &Path) -> Option<FieldFault> {
    let fault = |en: &str, es: &str| Some(FieldFault::new("backup.second_folder", en, es));
    if !second.is_absolute() {
        return fault(
            "must be the whole path of a folder, such as /mnt/backups",
            "debe ser la ruta completa de una carpeta, como /mnt/copias",
        );
    }
    if !second.is_dir() {
        return fault(
            "must be a folder that is there: make it, or mount it, first",
            "debe ser una carpeta que exista: créela o móntela antes",
        );
    }
    let same = |one: &Path, other: &Path| {
        one.canonicalize().ok().is_some_and(|one| Some(one) == other.canonicalize().ok())
    };
    if same(second, own) {
        return fault(
            "must be another folder than the backups' own; best on another disk",
            "debe ser otra carpeta que la de las copias; mejor en otro disco",
        );
    }
    let trial = second.join(format!(".atalaya-{}", std::process::id()));
    let written = std::fs::File::options().write(true).create_new(true).open(&trial);
    let _gone = std::fs::remove_file(&trial);
    written.err().and_then(|error| {
        fault(
            &format!("the server must be allowed to write there: {error}"),
            &format!("el servidor debe poder escribir ahí: {error}"),
        )
    })
}
