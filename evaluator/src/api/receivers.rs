//! `/api/v1/receivers`: who is told, and how. Their secrets go in and never come out.

use atalaya_api::page::Page;
use atalaya_api::receiver::{MessagePreview, Receiver, ReceiverDraft, ReceiverTest};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::{ReceiverConfig, Secret};
use crate::store::{Actor, StoreError};

use super::auth::Identity;
use super::body::Body;
use super::problem::{Fault, Kind, Language, clipped};
use super::query::Params;
use super::receiver_secret::{kept_secret, parted};
use super::receiver_view::{View, normal};
use super::secrets::readable;
use super::{Services, receiver_check, receiver_test, settings};

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(test_unsaved))
        .routes(routes!(preview))
        .routes(routes!(one, change, delete))
        .routes(routes!(restore))
        .routes(routes!(test_saved))
}

/// Why a receiver was not changed.
#[derive(Debug, thiserror::Error)]
enum ReceiverError {
    #[error("there is no receiver {0:?}")]
    Missing(String),
    #[error("it is deleted")]
    Deleted,
    #[error("there was one of this id")]
    Taken,
    #[error("the version moved to {now}")]
    Moved { now: u64 },
    #[error("too many are tested")]
    Busy,
}

impl From<ReceiverError> for Fault {
    fn from(error: ReceiverError) -> Self {
        let conflict = |en: String, es: String| Fault::new(Kind::Conflict, en, es);
        match error {
            ReceiverError::Missing(id) => {
                let id = clipped(&id);
                Fault::not_found(format!("There is no receiver {id:?}."), format!("No existe el destino {id:?}."))
            }
            ReceiverError::Deleted => conflict(
                "The receiver is deleted; restore it first.".to_owned(),
                "El destino está borrado; restáurelo antes.".to_owned(),
            ),
            ReceiverError::Taken => conflict(
                "There is a receiver with this id, in use or deleted: choose another id, or restore that one.".to_owned(),
                "Ya existe un destino con ese id, en uso o borrado: elija otro id, o restaure aquel.".to_owned(),
            ),
            ReceiverError::Moved { now } => conflict(
                format!("Somebody else changed it in the meantime: its version is {now} now."),
                format!("Alguien lo cambió entretanto: su versión es ahora {now}."),
            ),
            ReceiverError::Busy => Fault::new(
                Kind::Unavailable,
                "Too many test messages wait for an answer right now; try again in a moment.",
                "Ahora mismo hay demasiados mensajes de prueba sin contestar; inténtelo de nuevo en un momento.",
            ),
        }
    }
}

/// All of them, with how they do.
#[utoipa::path(get, path = "/api/v1/receivers", tag = "receivers", responses((status = 200, body = Page<Receiver>)))]
async fn list(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Extension(language): Extension<Language>,
    params: Params,
) -> Result<Json<Page<Receiver>>, Fault> {
    params.finish()?;
    let items = services.blocking(move |services| {
        let view = View::new(services, &identity, language)?;
        services
            .store
            .receivers()?
            .into_iter()
            .map(|receiver| view.of(receiver))
            .collect::<Result<Vec<_>, _>>()
    });
    let items = items.await?;
    Ok(Json(Page { total: items.len() as u64, items, next: None }))
}

/// Add a receiver. The first one is told of the system's alarms, too, until the settings say otherwise.
#[utoipa::path(post, path = "/api/v1/receivers", tag = "receivers", request_body = ReceiverDraft,
    responses((status = 201, body = Receiver), (status = 409, description = "its id is taken"),
        (status = 422, description = "names the fields at fault")))]
async fn create(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Extension(language): Extension<Language>,
    Body(wanted): Body<ReceiverDraft>,
) -> Result<(StatusCode, HeaderMap, Json<Receiver>), Fault> {
    let made = services.blocking(move |services| {
        let (draft, secret) = parted(normal(wanted), None, None);
        check(services, &draft, &secret)?;
        let by = identity.actor();
        let receiver = ReceiverConfig {
            receiver: ReceiverDraft { version: 1, ..draft },
            updated_at: services.now().wall,
            updated_by: by.name.clone(),
            deleted_at: None,
        };
        let is_first = services.store.receivers()?.is_empty();
        match services.store.create_receiver(&receiver, &secret, &by) {
            Err(StoreError::Taken(_)) => return Err(ReceiverError::Taken.into()),
            other => other?,
        }
        if is_first {
            settings::tell_of_system(services, &receiver.receiver.id, &by)?;
        }
        shown(services, &receiver.receiver.id, &identity, language)
    });
    let made = made.await?;
    let place = format!("{}/api/v1/receivers/{}", services.config.base_path, made.receiver.id);
    let place = HeaderValue::from_str(&place).expect("a checked path and a checked id are plain ASCII");
    Ok((StatusCode::CREATED, HeaderMap::from_iter([(header::LOCATION, place)]), Json(made)))
}

/// One receiver.
#[utoipa::path(get, path = "/api/v1/receivers/{id}", tag = "receivers", params(("id" = String, Path)),
    responses((status = 200, body = Receiver), (status = 404)))]
async fn one(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Extension(language): Extension<Language>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Receiver>, Fault> {
    params.finish()?;
    services.blocking(move |services| shown(services, &id, &identity, language)).await.map(Json)
}

/// Replace a receiver, all but its id. A secret that is left out stays, as long as the address leads to the same server; an empty one
/// is removed. With `version` it is refused when somebody else was faster.
#[utoipa::path(put, path = "/api/v1/receivers/{id}", tag = "receivers", params(("id" = String, Path)), request_body = ReceiverDraft,
    responses((status = 200, body = Receiver), (status = 404), (status = 409, description = "its version moved"), (status = 422)))]
async fn change(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Extension(language): Extension<Language>,
    Path(id): Path<String>,
    Body(wanted): Body<ReceiverDraft>,
) -> Result<Json<Receiver>, Fault> {
    let changed = services.blocking(move |services| {
        let before = found(services, &id)?;
        if before.deleted_at.is_some() {
            return Err(ReceiverError::Deleted.into());
        }
        if wanted.id != id {
            return Err(Fault::field(
                "id",
                "is fixed once a receiver is made",
                "no se puede cambiar una vez creado el destino",
            ));
        }
        if wanted.version != 0 && wanted.version != before.receiver.version {
            return Err(ReceiverError::Moved { now: before.receiver.version }.into());
        }
        let wanted = normal(wanted);
        let entered = wanted.secret.is_some();
        let kept = kept_secret(services, &wanted, &before.receiver, entered)?;
        let (draft, secret) = parted(wanted, Some(&before.receiver), kept);
        check(services, &draft, &secret)?;
        let draft = ReceiverDraft { version: before.receiver.version, ..draft };
        let after = ReceiverConfig { receiver: draft, ..before };
        stored(services, after, entered.then_some(&secret), &identity.actor())?;
        shown(services, &id, &identity, language)
    });
    changed.await.map(Json)
}

/// Remove a receiver: nobody is told by it any more, and rules that name it pass it over. `restore` brings it back.
#[utoipa::path(delete, path = "/api/v1/receivers/{id}", tag = "receivers", params(("id" = String, Path)),
    responses((status = 204), (status = 404)))]
async fn delete(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
) -> Result<StatusCode, Fault> {
    let done = services.blocking(move |services| {
        let before = found(services, &id)?;
        if before.deleted_at.is_none() {
            let after = ReceiverConfig { deleted_at: Some(services.now().wall), ..before };
            stored(services, after, None, &identity.actor())?;
        }
        Ok(StatusCode::NO_CONTENT)
    });
    done.await
}

/// Bring a removed receiver back.
#[utoipa::path(post, path = "/api/v1/receivers/{id}/restore", tag = "receivers", params(("id" = String, Path)),
    responses((status = 200, body = Receiver), (status = 404), (status = 422, description = "what it names is not there any more")))]
async fn restore(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Extension(language): Extension<Language>,
    Path(id): Path<String>,
) -> Result<Json<Receiver>, Fault> {
    let back = services.blocking(move |services| {
        let before = found(services, &id)?;
        if before.deleted_at.is_some() {
            // What it names may be gone by now. A secret that cannot be read is told of where it is shown.
            if let Ok(secret) = readable(services.store.receiver_secret(&id))? {
                check(services, &before.receiver, &secret)?;
            }
            stored(services, ReceiverConfig { deleted_at: None, ..before }, None, &identity.actor())?;
        }
        shown(services, &id, &identity, language)
    });
    back.await.map(Json)
}

/// Send a test message to a receiver as it is kept.
#[utoipa::path(post, path = "/api/v1/receivers/{id}/test", tag = "receivers", params(("id" = String, Path)),
    responses((status = 200, body = ReceiverTest), (status = 404), (status = 503, description = "too many are tested already")))]
async fn test_saved(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    Path(id): Path<String>,
) -> Result<Json<ReceiverTest>, Fault> {
    let test = services.blocking(move |services| {
        let receiver = found(services, &id)?;
        if receiver.deleted_at.is_some() {
            return Err(ReceiverError::Deleted.into());
        }
        match readable(services.store.receiver_secret(&id))? {
            Ok(secret) => tested(services, &receiver, &secret, language),
            Err(why) => Ok(receiver_test::nobody_asked(why.in_language(language.tag()))),
        }
    });
    test.await.map(Json)
}

/// Send a test message to a receiver that is not kept yet. With the id of one that is there, a secret that is left out is its own, as
/// long as the address leads to the same server.
#[utoipa::path(post, path = "/api/v1/receivers/test", tag = "receivers", request_body = ReceiverDraft,
    responses((status = 200, body = ReceiverTest), (status = 422), (status = 503, description = "too many are tested already")))]
async fn test_unsaved(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    Body(wanted): Body<ReceiverDraft>,
) -> Result<Json<ReceiverTest>, Fault> {
    let test = services.blocking(move |services| {
        let wanted = normal(wanted);
        let saved = services.store.receiver(&wanted.id)?.filter(|saved| saved.deleted_at.is_none());
        let saved = saved.map(|saved| saved.receiver);
        let kept = match &saved {
            Some(saved) => kept_secret(services, &wanted, saved, true)?,
            None => None,
        };
        let (draft, secret) = parted(wanted, saved.as_ref(), kept);
        let settings = settings::load(&*services.store)?;
        receiver_check::check_test(&draft, &secret, &settings, &receiver_test::around(services, &settings))?;
        tested(services, &receiver_check::config(&draft), &secret, language)
    });
    test.await.map(Json)
}

/// What its messages would say, of alarms that are made up; nobody is told.
#[utoipa::path(post, path = "/api/v1/receivers/preview", tag = "receivers", request_body = ReceiverDraft,
    responses((status = 200, body = MessagePreview), (status = 422, description = "a template is wrong: the line, and what")))]
async fn preview(
    State(services): State<Services>,
    Body(wanted): Body<ReceiverDraft>,
) -> Result<Json<MessagePreview>, Fault> {
    services.blocking(move |services| receiver_test::preview(services, &wanted)).await.map(Json)
}

fn tested(
    services: &Services,
    receiver: &ReceiverConfig,
    secret: &Secret,
    language: Language,
) -> Result<ReceiverTest, Fault> {
    let test = receiver_test::test(services, receiver, secret, language)?;
    test.ok_or_else(|| ReceiverError::Busy.into())
}

fn check(services: &Services, draft: &ReceiverDraft, secret: &Secret) -> Result<(), Fault> {
    let settings = settings::load(&*services.store)?;
    receiver_check::check(draft, secret, &settings, &receiver_test::around(services, &settings))
}

/// The stored receiver with this id, deleted or not.
fn found(services: &Services, id: &str) -> Result<ReceiverConfig, Fault> {
    services.store.receiver(id)?.ok_or_else(|| ReceiverError::Missing(id.to_owned()).into())
}

/// Stores a changed receiver as its next version. `secret`: what takes the place of its own.
fn stored(
    services: &Services,
    mut one: ReceiverConfig,
    secret: Option<&Secret>,
    by: &Actor,
) -> Result<(), Fault> {
    let expected = one.receiver.version;
    one.receiver.version += 1;
    one.updated_at = services.now().wall;
    one.updated_by = by.name.clone();
    Ok(services.store.change_receiver(&one, secret, expected, by)?)
}

/// A receiver as it is shown to somebody.
fn shown(services: &Services, id: &str, to: &Identity, language: Language) -> Result<Receiver, Fault> {
    let there = services.store.receiver(id)?.filter(|one| one.deleted_at.is_none());
    View::new(services, to, language)?.of(there.ok_or_else(|| ReceiverError::Missing(id.to_owned()))?)
}
