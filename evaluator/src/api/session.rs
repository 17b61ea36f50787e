//! `/api/v1/session`: logging in and out.

use atalaya_api::people::{Login, PasswordChange, Session};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::people::password::Busy;
use crate::people::secret::{Secret, hash};
use crate::store::{SessionRow, User};

use super::auth::{Credential, Identity, cookie, cookie_name, end_of};
use super::body::Body;
use super::client::Client;
use super::problem::{Fault, Kind};
use super::{Services, users};

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(login, who, logout)).routes(routes!(change_password))
}

/// Why nobody was let in.
#[derive(Debug, thiserror::Error)]
enum LoginError {
    #[error("wrong user or password")]
    Wrong,
    #[error("too many wrong passwords; {seconds} s to wait")]
    TooMany { seconds: u64 },
    #[error(transparent)]
    Busy(#[from] Busy),
}

impl From<LoginError> for Fault {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Wrong => Fault::new(
                Kind::WrongCredentials,
                "The user or the password is wrong.",
                "El usuario o la contraseña no son correctos.",
            ),
            LoginError::TooMany { seconds } => Fault::new(
                Kind::TooManyAttempts,
                format!("Too many wrong passwords; try again in {seconds} s."),
                format!("Demasiadas contraseñas incorrectas; inténtelo de nuevo dentro de {seconds} s."),
            )
            .with_header(header::RETRY_AFTER, HeaderValue::from(seconds)),
            LoginError::Busy(busy) => busy.into(),
        }
    }
}

impl From<Busy> for Fault {
    fn from(_: Busy) -> Self {
        Fault::new(
            Kind::Unavailable,
            "Too many logins at once; try again in a moment.",
            "Demasiados inicios de sesión a la vez; inténtelo dentro de un momento.",
        )
    }
}

/// Log in: sets the session cookie.
#[utoipa::path(post, path = "/api/v1/session", tag = "people", request_body = Login,
    responses((status = 200, body = Session), (status = 401), (status = 429, description = "too many wrong passwords")))]
async fn login(
    State(services): State<Services>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    Body(login): Body<Login>,
) -> Result<(HeaderMap, Json<Session>), Fault> {
    count_attempt(&services, client, &login.username)?;
    let name = login.username.clone();
    let user = services.blocking(move |services| Ok(services.store.user_by_name(&name)?)).await?;
    let stored = user.as_ref().map(|user| user.password_hash.clone());
    let right = services.passwords.verify(login.password, stored).await.map_err(LoginError::Busy)?;
    let Some(user) = user.filter(|_| right) else {
        tracing::warn!(user = %super::problem::clipped(&login.username), address = %client.address, "wrong password");
        return Err(LoginError::Wrong.into());
    };
    attempts(&services).succeeded(client.address, &login.username);
    begin(&services, client, &headers, user).await
}

/// Counts an attempt of somebody to come in.
///
/// # Errors
/// 429 when there were too many.
pub fn count_attempt(services: &Services, client: Client, name: &str) -> Result<(), Fault> {
    let counted = attempts(services).begin(client.address, name, services.now().mono);
    counted.map_err(|wait| LoginError::TooMany { seconds: wait.as_secs().max(1) }.into())
}

fn attempts(services: &Services) -> std::sync::MutexGuard<'_, crate::people::Attempts> {
    services.attempts.lock().expect("nothing panics while it holds the attempts")
}

/// Begins a session of a user, whose password is the one that was verified, and ends the one that the browser had: a cookie from before a login is worth nothing
/// after it.
///
/// # Errors
/// 401 when the user got another password meanwhile; the store's.
pub async fn begin(
    services: &Services,
    client: Client,
    headers: &HeaderMap,
    user: User,
) -> Result<(HeaderMap, Json<Session>), Fault> {
    let before = cookie(headers, cookie_name(services, client)).map(hash);
    let secret = Secret::session();
    let now = services.now().wall;
    let session = SessionRow {
        token_hash: secret.hash(),
        user: user.id,
        created_at: now,
        used_at: now,
        expires_at: now.plus(services.config.session.absolute.millis()),
    };
    let (row, verified) = (session.clone(), user.password_hash.clone());
    services
        .blocking(move |services| {
            if let Some(before) = before {
                services.store.end_session(before)?;
            }
            services.store.prune_sessions(now)?;
            match services.store.create_session(&row, &verified)? {
                true => Ok(()),
                false => Err(LoginError::Wrong.into()),
            }
        })
        .await?;
    let lasts = services.config.session.absolute.seconds();
    let cookie = set_cookie(services, client, secret.text(), lasts);
    let expires_at = end_of(services, &session).timestamp();
    let shown = Session {
        username: user.username,
        role: user.effective_role,
        expires_at,
        encrypted: client.is_private(),
    };
    Ok((cookie, Json(shown)))
}

fn set_cookie(services: &Services, client: Client, value: &str, lasts: u32) -> HeaderMap {
    let name = cookie_name(services, client);
    let path = if services.config.base_path.is_empty() { "/" } else { &services.config.base_path };
    let secure = if client.https { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path={path}; HttpOnly; SameSite=Lax; Max-Age={lasts}{secure}");
    let value = HeaderValue::from_str(&text).expect("names, base64 and a checked path are plain ASCII");
    HeaderMap::from_iter([(header::SET_COOKIE, value)])
}

/// Who is logged in.
#[utoipa::path(get, path = "/api/v1/session", tag = "people", responses((status = 200, body = Session), (status = 401)))]
async fn who(
    Extension(client): Extension<Client>,
    Extension(identity): Extension<Identity>,
) -> Json<Session> {
    Json(Session {
        role: identity.effective_role(),
        username: identity.user.username,
        expires_at: identity.expires_at.timestamp(),
        encrypted: client.is_private(),
    })
}

/// Change one's own password: all other sessions of one's own end, API tokens stay.
#[utoipa::path(post, path = "/api/v1/session/password", tag = "people", request_body = PasswordChange,
    responses((status = 204), (status = 422, description = "the current password is another one, or the new one will not do"),
        (status = 429, description = "too many wrong passwords")))]
async fn change_password(
    State(services): State<Services>,
    Extension(client): Extension<Client>,
    Extension(identity): Extension<Identity>,
    Body(wanted): Body<PasswordChange>,
) -> Result<StatusCode, Fault> {
    let user = &identity.user;
    if let Some(wrong) = users::wrong_password("new", &wanted.new) {
        return Err(Fault::invalid(vec![wrong]));
    }
    count_attempt(&services, client, &user.username)?;
    let stored = Some(user.password_hash.clone());
    if !services.passwords.verify(wanted.current, stored).await.map_err(LoginError::Busy)? {
        tracing::warn!(user = %user.username, address = %client.address, "wrong password");
        return Err(Fault::field(
            "current",
            "is not your password as it is now",
            "no es su contraseña actual",
        ));
    }
    attempts(&services).succeeded(client.address, &user.username);
    let hash = services.passwords.hash(wanted.new).await?;
    services
        .blocking(move |services| {
            let stays = match identity.by {
                Credential::Session(hash) => Some(hash),
                Credential::Token(_) => None,
            };
            Ok(services.store.set_password(identity.user.id, &hash, stays, &identity.actor())?)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Log out: the session is over on the server, too.
#[utoipa::path(delete, path = "/api/v1/session", tag = "people", responses((status = 204), (status = 401)))]
async fn logout(
    State(services): State<Services>,
    Extension(client): Extension<Client>,
    Extension(identity): Extension<Identity>,
) -> Result<(StatusCode, HeaderMap), Fault> {
    if let Credential::Session(hash) = identity.by {
        services.blocking(move |services| Ok(services.store.end_session(hash)?)).await?;
    }
    Ok((StatusCode::NO_CONTENT, set_cookie(&services, client, "", 0)))
}
