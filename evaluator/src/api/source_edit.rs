//! Sources elsewhere: made, changed, tested, deleted and restored. Their secrets go in and never come out.

use atalaya_api::people::Role;
use atalaya_api::source::{Source, SourceSettings, SourceTest};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::{Extension, Json};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::{Secret, SourceConfig};
use crate::source::LOCAL;
use crate::store::Actor;

use super::auth::Identity;
use super::body::{Body, shaped};
use super::patch::{merge, take_version};
use super::ports::Unusable;
use super::problem::{Fault, Kind, Language, clipped};
use super::query::Params;
use super::secrets::{kept_secret, parted, readable, with};
use super::{Services, source_check};

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(one, change, delete))
        .routes(routes!(restore))
        .routes(routes!(test_saved))
        .routes(routes!(test_unsaved))
}

/// Why a source was not changed.
#[derive(Debug, thiserror::Error)]
enum SourceEditError {
    #[error("there is no source {0:?}")]
    Missing(String),
    #[error("it is deleted")]
    Deleted,
    #[error("it is built in")]
    BuiltIn,
    #[error("there was one of this id")]
    Taken { deleted: bool },
    #[error("the version moved to {now}")]
    Moved { now: u64 },
}

impl From<SourceEditError> for Fault {
    fn from(error: SourceEditError) -> Self {
        let (en, es) = match error {
            SourceEditError::Missing(id) => {
                let id = clipped(&id);
                return Fault::not_found(
                    format!("There is no source {id:?}."),
                    format!("No hay ninguna fuente {id:?}."),
                );
            }
            SourceEditError::Deleted => (
                "The source is deleted; restore it first.".to_owned(),
                "La fuente está borrada; restáurela antes.".to_owned(),
            ),
            SourceEditError::BuiltIn => (
                "The built-in store has no settings and cannot be removed.".to_owned(),
                "El almacén incorporado no tiene ajustes y no se puede quitar.".to_owned(),
            ),
            SourceEditError::Taken { deleted: false } => (
                "There is a source of this id already; choose another.".to_owned(),
                "Ya hay una fuente con ese identificador; elija otro.".to_owned(),
            ),
            SourceEditError::Taken { deleted: true } => (
                "A deleted source has this id: restore it, or choose another id.".to_owned(),
                "Una fuente borrada tiene ese identificador: restáurela o elija otro.".to_owned(),
            ),
            SourceEditError::Moved { now } => (
                format!("Somebody else changed it in the meantime: its version is {now} now."),
                format!("Alguien la cambió entretanto: su versión es ahora {now}."),
            ),
        };
        Fault::new(Kind::Conflict, en, es)
    }
}

/// Add a source.
#[utoipa::path(post, path = "/api/v1/sources", tag = "sources", request_body = SourceSettings,
    responses((status = 201, body = Source), (status = 409, description = "its id is taken"),
        (status = 422, description = "names the fields at fault")))]
async fn create(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Extension(language): Extension<Language>,
    Body(wanted): Body<SourceSettings>,
) -> Result<(StatusCode, HeaderMap, Json<Source>), Fault> {
    let made = services.blocking(move |services| {
        let (settings, secret) = parted(wanted, None, None);
        check(services, &settings, &secret)?;
        if let Some(before) = services.store.source(&settings.id)? {
            return Err(SourceEditError::Taken { deleted: before.deleted_at.is_some() }.into());
        }
        let (now, by) = (services.now().wall, identity.actor());
        let source = SourceConfig {
            version: 1,
            settings,
            created_at: now,
            updated_at: now,
            updated_by: by.name.clone(),
            deleted_at: None,
        };
        services.store.create_source(&source, &secret, &by)?;
        services.sources.stored(&source, Ok(secret));
        shown(services, &source.settings.id, &identity, language)
    });
    let made = made.await?;
    let place = format!("{}/api/v1/sources/{}", services.config.base_path, made.id);
    let place = HeaderValue::from_str(&place).expect("a checked path and a checked id are plain ASCII");
    Ok((StatusCode::CREATED, HeaderMap::from_iter([(header::LOCATION, place)]), Json(made)))
}

/// One source.
#[utoipa::path(get, path = "/api/v1/sources/{id}", tag = "sources", params(("id" = String, Path)),
    responses((status = 200, body = Source), (status = 404)))]
async fn one(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Extension(language): Extension<Language>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Source>, Fault> {
    params.finish()?;
    services.blocking(move |services| shown(services, &id, &identity, language)).await.map(Json)
}

/// Change a source: a JSON merge patch (RFC 7396) of what `POST` takes, but its id. Secrets that are left out stay, as long
/// as the address leads to the same server; empty ones are removed. With `version` it is refused when somebody else was
/// faster.
#[utoipa::path(patch, path = "/api/v1/sources/{id}", tag = "sources", params(("id" = String, Path)),
    request_body(content = SourceSettings, description = "any part of it, and `version`"),
    responses((status = 200, body = Source), (status = 404), (status = 409, description = "its version moved"), (status = 422)))]
async fn change(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Extension(language): Extension<Language>,
    Path(id): Path<String>,
    Body(patch): Body<Value>,
) -> Result<Json<Source>, Fault> {
    let changed = services.blocking(move |services| {
        let before = found(services, &id)?;
        let (patch, expected) = take_version(patch)?;
        if before.deleted_at.is_some() {
            return Err(SourceEditError::Deleted.into());
        }
        if expected.is_some_and(|expected| expected != before.version) {
            return Err(SourceEditError::Moved { now: before.version }.into());
        }
        let wanted = patched(&before.settings, patch)?;
        if wanted.id != before.settings.id {
            let (en, es) = ("is fixed once a source is made", "no se puede cambiar una vez creada la fuente");
            return Err(Fault::field("id", en, es));
        }
        let entered = wanted.password.is_some() || wanted.token.is_some();
        let kept = kept_secret(services, &wanted, &before.settings, entered)?;
        let (settings, secret) = parted(wanted, Some(&before.settings), kept);
        check(services, &settings, &secret)?;
        let after = SourceConfig { settings, ..before };
        stored(services, after, entered.then_some(&secret), &identity.actor())?;
        shown(services, &id, &identity, language)
    });
    changed.await.map(Json)
}

/// Remove a source that no enabled rule uses; `restore` brings it back.
#[utoipa::path(delete, path = "/api/v1/sources/{id}", tag = "sources", params(("id" = String, Path)),
    responses((status = 204), (status = 404), (status = 409, description = "enabled rules use it")))]
async fn delete(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
) -> Result<StatusCode, Fault> {
    let done = services.blocking(move |services| {
        let before = found(services, &id)?;
        if before.deleted_at.is_none() {
            let after = SourceConfig { deleted_at: Some(services.now().wall), ..before };
            stored(services, after, None, &identity.actor())?;
        }
        Ok(StatusCode::NO_CONTENT)
    });
    done.await
}

/// Bring a removed source back.
#[utoipa::path(post, path = "/api/v1/sources/{id}/restore", tag = "sources", params(("id" = String, Path)),
    responses((status = 200, body = Source), (status = 404)))]
async fn restore(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Extension(language): Extension<Language>,
    Path(id): Path<String>,
) -> Result<Json<Source>, Fault> {
    let back = services.blocking(move |services| {
        let before = found(services, &id)?;
        if before.deleted_at.is_some() {
            let after = SourceConfig { deleted_at: None, ..before };
            stored(services, after, None, &identity.actor())?;
        }
        shown(services, &id, &identity, language)
    });
    back.await.map(Json)
}

/// Ask a source whether it answers.
#[utoipa::path(post, path = "/api/v1/sources/{id}/test", tag = "sources", params(("id" = String, Path)),
    responses((status = 200, body = SourceTest), (status = 404), (status = 503, description = "too many ask already")))]
async fn test_saved(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    Path(id): Path<String>,
) -> Result<Json<SourceTest>, Fault> {
    let test = services.blocking(move |services| {
        let source = found(services, &id)?;
        if source.deleted_at.is_some() {
            return Err(SourceEditError::Deleted.into());
        }
        match readable(services.store.source_secret(&id))? {
            Ok(secret) => Ok(services.sources.test(&source.settings, &secret, language.tag())?),
            Err(why) => Ok(failed(why.in_language(language.tag()))),
        }
    });
    test.await.map(Json)
}

/// Try settings before they are saved. With the id of a source that is there, secrets that are left out are its own, as
/// long as the address leads to the same server.
#[utoipa::path(post, path = "/api/v1/sources/test", tag = "sources", request_body = SourceSettings,
    responses((status = 200, body = SourceTest), (status = 422), (status = 503, description = "too many ask already")))]
async fn test_unsaved(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    Body(wanted): Body<SourceSettings>,
) -> Result<Json<SourceTest>, Fault> {
    let test = services.blocking(move |services| {
        let saved = services.store.source(&wanted.id)?.filter(|source| source.deleted_at.is_none());
        let saved = saved.map(|saved| saved.settings);
        let kept = match &saved {
            Some(saved) => kept_secret(services, &wanted, saved, true)?,
            None => None,
        };
        let (settings, secret) = parted(wanted, saved.as_ref(), kept);
        source_check::check_test(&with(&settings, &secret))?;
        Ok(services.sources.test(&settings, &secret, language.tag())?)
    });
    test.await.map(Json)
}

/// Whether it makes sense, and can be asked this way at all.
fn check(services: &Services, settings: &SourceSettings, secret: &Secret) -> Result<(), Fault> {
    source_check::check(&with(settings, secret))?;
    let usable = services.sources.usable(settings, secret);
    usable.map_err(|Unusable { field, words }| Fault::field(field, words.en, words.es))
}

/// A test that asked nobody.
fn failed(why: &str) -> SourceTest {
    let message = why.to_owned();
    SourceTest { ok: false, message, took_ms: 0, version: None, clock_offset_s: None, examples: Vec::new() }
}

/// The stored source with this id, deleted or not.
fn found(services: &Services, id: &str) -> Result<SourceConfig, Fault> {
    if id == LOCAL {
        return Err(SourceEditError::BuiltIn.into());
    }
    let source = services.store.source(id)?;
    source.ok_or_else(|| SourceEditError::Missing(id.to_owned()).into())
}

/// Stores a changed source as its next version, and tells those who ask it. `secret`: what takes the place of its own.
fn stored(
    services: &Services,
    mut source: SourceConfig,
    secret: Option<&Secret>,
    by: &Actor,
) -> Result<(), Fault> {
    let expected = source.version;
    source.version += 1;
    source.updated_at = services.now().wall;
    source.updated_by = by.name.clone();
    services.store.change_source(&source, secret, expected, by)?;
    let secret = readable(services.store.source_secret(&source.settings.id))?;
    services.sources.stored(&source, secret);
    Ok(())
}

/// A source as it is shown to somebody.
fn shown(services: &Services, id: &str, to: &Identity, language: Language) -> Result<Source, Fault> {
    let listed = services.sources.list(language.tag()).into_iter().find(|source| source.id == id);
    let source = listed.ok_or_else(|| SourceEditError::Missing(id.to_owned()))?;
    Ok(discreet(source, to))
}

/// Headers are no secrets by name, but some hold one: only those who may set them see what they hold.
pub fn discreet(mut source: Source, to: &Identity) -> Source {
    if let Some(settings) = source.settings.as_mut().filter(|_| to.effective_role() < Role::Admin) {
        settings.headers.values_mut().for_each(|value| "…".clone_into(value));
    }
    source
}

/// The settings with a patch applied. A secret that is null is removed, as an empty one is.
fn patched(before: &SourceSettings, mut patch: Value) -> Result<SourceSettings, Fault> {
    for name in ["password", "token"] {
        if let Some(value) = patch.get_mut(name).filter(|value| value.is_null()) {
            *value = "".into();
        }
    }
    let mut value = serde_json::to_value(before).map_err(|_| Fault::internal())?;
    merge(&mut value, patch);
    shaped(value)
}
