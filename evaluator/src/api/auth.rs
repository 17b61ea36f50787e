//! Who is asking, and whether they may. The one gate that every request of the API goes through.

use atalaya_api::people::Role;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::domain::{Millis, Sha256, UserId};
use crate::people::secret::{Scope, hash};
use crate::store::{Actor, SessionRow, User};

use super::Services;
use super::client::Client;
use super::permissions::{self, Need};
use super::problem::{Fault, Kind};

/// How stale the note of when a session or token was last used may be: one write a minute, not one a request.
const TOUCH_EVERY_MS: i64 = 60_000;

/// Somebody who is logged in.
#[derive(Clone, Debug)]
pub struct Identity {
    pub user: User,
    pub by: Credential,
    /// What the token is for; a login may do all that its user may.
    pub scope: Scope,
    /// When the login ends if nothing else is asked.
    pub expires_at: Millis,
}

/// How they showed who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    Session(Sha256),
    Token(Sha256),
}

impl Identity {
    pub fn actor(&self) -> Actor {
        Actor { name: self.user.username.clone() }
    }

    /// What counts: the highest of the user's own and its groups'.
    pub fn effective_role(&self) -> Role {
        self.user.effective_role
    }

    /// Of whom it sees sessions and tokens: its own, an admin everybody's (none).
    pub fn reach(&self) -> Option<UserId> {
        (self.effective_role() < Role::Admin).then_some(self.user.id)
    }
}

/// What a request carries to show who sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Shown {
    Cookie(String),
    Bearer(String),
}

/// Lets a request through when the table allows it, with the [`Identity`] of whoever is logged in.
pub async fn guard(
    State(services): State<Services>,
    matched: MatchedPath,
    mut request: Request,
    next: Next,
) -> Result<Response, Fault> {
    let path = matched.as_str().strip_prefix(services.config.base_path.as_str()).unwrap_or_default();
    match permissions::need(request.method(), path) {
        Some(Need::Nothing) => {}
        Some(Need::Role(role)) => {
            let identity = identify(&services, request.headers(), client_of(&request)).await?;
            if identity.scope != Scope::All {
                return Err(only_samples());
            }
            if identity.effective_role() < role {
                return Err(forbidden(role));
            }
            request.extensions_mut().insert(identity);
        }
        Some(Need::Ingest) => {
            let identity = identify_sender(&services, request.headers(), client_of(&request)).await?;
            if identity.scope != Scope::Ingest && identity.effective_role() < Role::Operator {
                return Err(forbidden(Role::Operator));
            }
        }
        // The router answers with the methods that there are.
        None if permissions::knows_path(path) => {}
        None => return Err(Fault::new(Kind::Forbidden, "Nobody may do this.", "Nadie puede hacer esto.")),
    }
    Ok(next.run(request).await)
}

fn client_of(request: &Request) -> Client {
    let known = request.extensions().get::<Client>();
    *known.expect("the outer layer finds out about the client of every request")
}

/// 403 with the role that it takes.
pub fn forbidden(role: Role) -> Fault {
    let (en, es) = match role {
        Role::Viewer => ("viewer", "observador"),
        Role::Operator => ("operator", "operador"),
        Role::Admin => ("admin", "administrador"),
    };
    Fault::new(Kind::Forbidden, format!("This needs the role {en}."), format!("Hace falta el rol de {es}."))
}

fn only_samples() -> Fault {
    Fault::new(
        Kind::Forbidden,
        "This token may bring samples and nothing else.",
        "Este token solo permite enviar muestras.",
    )
}

fn login_needed() -> Fault {
    let fault = Fault::new(
        Kind::LoginNeeded,
        "Log in with POST /api/v1/session, or send an API token as Authorization: Bearer.",
        "Inicie sesión con POST /api/v1/session, o envíe un token como Authorization: Bearer.",
    );
    fault.with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}

/// Who sends this.
///
/// # Errors
/// 401 for nobody, a login that ended, a token that is not known or has expired.
pub async fn identify(services: &Services, headers: &HeaderMap, client: Client) -> Result<Identity, Fault> {
    let shown = shown(services, headers, client).ok_or_else(login_needed)?;
    found(services, shown).await
}

/// The same for whoever brings samples: not every sender knows bearer tokens, so the token may be the password of basic
/// authentication, whatever the user's name.
async fn identify_sender(
    services: &Services,
    headers: &HeaderMap,
    client: Client,
) -> Result<Identity, Fault> {
    match basic_password(headers) {
        Some(token) if Scope::of_token(&token).is_some() => found(services, Shown::Bearer(token)).await,
        _ => identify(services, headers, client).await,
    }
}

fn basic_password(headers: &HeaderMap) -> Option<String> {
    let (scheme, coded) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let bytes = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(coded.trim()).ok())??;
    let pair = String::from_utf8(bytes).ok()?;
    pair.split_once(':').map(|(_, password)| password.to_owned())
}

async fn found(services: &Services, shown: Shown) -> Result<Identity, Fault> {
    let found = services.blocking(move |services| recognise(services, &shown)).await?;
    found.ok_or_else(login_needed)
}

fn shown(services: &Services, headers: &HeaderMap, client: Client) -> Option<Shown> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        let token = token.trim();
        let ours = scheme.eq_ignore_ascii_case("bearer") && Scope::of_token(token).is_some();
        return ours.then(|| Shown::Bearer(token.to_owned()));
    }
    cookie(headers, cookie_name(services, client)).map(|token| Shown::Cookie(token.to_owned()))
}

/// The session cookie's name. Browsers take the `__Host-` prefix only from encrypted pages and for the path `/`.
pub fn cookie_name(services: &Services, client: Client) -> &'static str {
    match (client.https, services.config.base_path.is_empty()) {
        (true, true) => "__Host-atalaya",
        (true, false) => "__Secure-atalaya",
        (false, _) => "atalaya",
    }
}

/// The value of a cookie.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

fn recognise(services: &Services, shown: &Shown) -> Result<Option<Identity>, Fault> {
    match shown {
        Shown::Cookie(token) => by_session(services, hash(token)),
        Shown::Bearer(token) => by_token(services, token),
    }
}

/// When a session ends: after its idle time, at the latest when its time is up.
pub fn end_of(services: &Services, session: &SessionRow) -> Millis {
    session.used_at.plus(services.config.session.idle.millis()).min(session.expires_at)
}

/// The identity behind a session that is still good. Blocks.
///
/// # Errors
/// The store's.
pub fn by_session(services: &Services, hash: Sha256) -> Result<Option<Identity>, Fault> {
    let now = services.now().wall;
    let Some(mut session) = services.store.session(hash)? else { return Ok(None) };
    if now >= end_of(services, &session) {
        services.store.end_session(hash)?;
        return Ok(None);
    }
    if now.since(session.used_at) >= TOUCH_EVERY_MS {
        if let Err(error) = services.store.touch_session(hash, now) {
            // A note, no more: a full disk locks nobody out who is in.
            tracing::debug!(%error, "when a session was used last could not be written");
        }
        session.used_at = now;
    }
    let Some(user) = services.store.user(session.user)? else { return Ok(None) };
    let expires_at = end_of(services, &session);
    Ok(Some(Identity { user, by: Credential::Session(hash), scope: Scope::All, expires_at }))
}

/// The same without counting as use: for an open event stream.
///
/// # Errors
/// The store's.
pub fn session_end(services: &Services, hash: Sha256) -> Result<Option<Millis>, Fault> {
    Ok(services.store.session(hash)?.map(|session| end_of(services, &session)))
}

fn by_token(services: &Services, token: &str) -> Result<Option<Identity>, Fault> {
    let now = services.now().wall;
    let Some(scope) = Scope::of_token(token) else { return Ok(None) };
    let hash = hash(token);
    let Some(token) = services.store.token(hash)? else { return Ok(None) };
    let expires_at = token.expires_at.unwrap_or(Millis(i64::MAX));
    if now >= expires_at {
        return Ok(None);
    }
    if token.used_at.is_none_or(|used_at| now.since(used_at) >= TOUCH_EVERY_MS)
        && let Err(error) = services.store.touch_token(hash, now)
    {
        // A note, no more: a full disk keeps no samples out.
        tracing::debug!(%error, "when a token was used last could not be written");
    }
    let Some(user) = services.store.user(token.user)? else { return Ok(None) };
    Ok(Some(Identity { user, by: Credential::Token(hash), scope, expires_at }))
}
