//! `/api/v1/setup`: the first account, made by whoever holds the one-time link from the console.

use atalaya_api::people::{Session, Setup, SetupState};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::people::{accounts, setup};

use super::body::Body;
use super::client::Client;
use super::problem::{Fault, Kind};
use super::{Services, session, users};

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(state, finish))
}

/// Why there is no first account.
#[derive(Debug, thiserror::Error)]
enum SetupError {
    #[error("there is an account already")]
    Done,
    #[error("the key is not the one of the latest link")]
    WrongKey,
}

impl From<SetupError> for Fault {
    fn from(error: SetupError) -> Self {
        match error {
            SetupError::Done => Fault::new(
                Kind::Conflict,
                "There is an account already; log in, or run: atalaya user reset-password NAME",
                "Ya hay una cuenta; inicie sesión, o ejecute: atalaya user reset-password NOMBRE",
            ),
            SetupError::WrongKey => Fault::new(
                Kind::Forbidden,
                "This link was used or replaced; print a new one with: atalaya setup-link",
                "Este enlace ya se usó o se cambió; imprima otro con: atalaya setup-link",
            ),
        }
    }
}

/// Whether the first account is still to be made.
#[utoipa::path(get, path = "/api/v1/setup", tag = "people", responses((status = 200, body = SetupState)))]
async fn state(State(services): State<Services>) -> Result<Json<SetupState>, Fault> {
    let needed = services.blocking(|services| Ok(setup::needed(&*services.store)?)).await?;
    Ok(Json(SetupState { needed }))
}

/// Make the first account, an administrator, and log in.
#[utoipa::path(post, path = "/api/v1/setup", tag = "people", request_body = Setup,
    responses((status = 201, body = Session), (status = 403, description = "the key was used or replaced"),
        (status = 409, description = "there is an account already"), (status = 422)))]
async fn finish(
    State(services): State<Services>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    Body(wanted): Body<Setup>,
) -> Result<(StatusCode, HeaderMap, Json<Session>), Fault> {
    session::count_attempt(&services, client, "")?;
    let key = wanted.key;
    services.blocking(move |services| check_key(services, &key)).await?;
    users::check(&wanted.username, &wanted.password)?;
    let hash = services.passwords.hash(wanted.password).await?;
    let (name, now) = (wanted.username, services.now().wall);
    let user = services
        .blocking(move |services| {
            setup::finish(&*services.store, name, hash, now)?.ok_or_else(|| SetupError::Done.into())
        })
        .await?;
    tracing::info!(user = %user.username, "the first account was made");
    let (cookie, shown) = session::begin(&services, client, &headers, user).await?;
    Ok((StatusCode::CREATED, cookie, shown))
}

fn check_key(services: &Services, key: &str) -> Result<(), Fault> {
    if !setup::needed(&*services.store)? {
        return Err(SetupError::Done.into());
    }
    let fits = key.len() <= accounts::LONGEST_PASSWORD;
    if fits && setup::opens(&*services.store, key)? { Ok(()) } else { Err(SetupError::WrongKey.into()) }
}
