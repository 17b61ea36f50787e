//! `/api/v1/tokens`: API tokens. Everybody makes and ends their own; an admin sees and ends everybody's.

use atalaya_api::page::Page;
use atalaya_api::people::{NewToken, Role, Token, TokenScope};
use atalaya_api::span::Span;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::Millis;
use crate::people::accounts::new_token;
use crate::people::secret::{Scope, handle};
use crate::store::TokenRow;

use super::Services;
use super::auth::{Credential, Identity, forbidden};
use super::body::Body;
use super::problem::{Fault, FieldFault, Kind, clipped};
use super::query::Params;

/// The longest name, characters.
const LONGEST_NAME: usize = 60;
const LONGEST: Span = Span(400 * 86_400);
/// How many one user may have that are still good.
const MOST: usize = 100;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke))
}

/// API tokens, the newest first: one's own, an admin's are everybody's. What opens is not among it.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "people", responses((status = 200, body = Page<Token>)))]
async fn list(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    params: Params,
) -> Result<Json<Page<Token>>, Fault> {
    params.finish()?;
    let tokens = services.blocking(move |services| Ok(services.store.tokens(identity.reach())?)).await?;
    let items: Vec<Token> = tokens.into_iter().map(|(token, username)| view(token, username)).collect();
    Ok(Json(Page { total: items.len() as u64, items, next: None }))
}

/// Make a token for oneself. Its value is in this answer and never again.
///
/// One that may bring samples (`ingest`) takes the role operator to make. It stays good when its user loses that role: a sender has no
/// role, and would fall silent with nobody looking. Whoever takes the role away and wants it to end revokes it too.
///
/// A token that is made with a token expires with it at the latest; ending one of them does not end the other. Nobody has more than 100 that are good.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "people", request_body = NewToken,
    responses((status = 201, body = Token), (status = 403), (status = 409, description = "too many tokens"), (status = 422)))]
async fn create(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Body(wanted): Body<NewToken>,
) -> Result<(StatusCode, Json<Token>), Fault> {
    check(&wanted)?;
    let scope = match wanted.scope {
        TokenScope::Api => Scope::All,
        TokenScope::Ingest => Scope::Ingest,
    };
    if scope == Scope::Ingest && identity.effective_role() < Role::Operator {
        return Err(forbidden(Role::Operator));
    }
    let now = services.now().wall;
    let asked = wanted.lasting.map(|span| now.plus(span.millis()));
    let expires_at = [asked, end_of_maker(&identity)].into_iter().flatten().min();
    let (secret, row) = new_token(identity.user.id, wanted.name.trim(), scope, expires_at, now);
    let made = services.blocking(move |services| {
        let theirs = services.store.tokens(Some(identity.user.id))?;
        let good = theirs.iter().filter(|(token, _)| token.expires_at.is_none_or(|at| at > now));
        if good.count() >= MOST {
            return Err(too_many());
        }
        services.store.create_token(&row, &identity.actor())?;
        Ok(view(row, identity.user.username))
    });
    let made = Token { token: Some(secret.text().to_owned()), ..made.await? };
    Ok((StatusCode::CREATED, Json(made)))
}

/// End a token: from now on it opens nothing.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "people", params(("id" = String, Path)), responses((status = 204), (status = 404)))]
async fn revoke(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
) -> Result<StatusCode, Fault> {
    let revoked = services.blocking(move |services| {
        let seen = services.store.tokens(identity.reach())?;
        let found = seen.into_iter().find(|(token, _)| handle(token.token_hash) == id);
        let (token, _) = found.ok_or_else(|| no_token(&id))?;
        Ok(services.store.revoke_token(token.token_hash, &identity.actor())?)
    });
    revoked.await.map(|()| StatusCode::NO_CONTENT)
}

fn check(wanted: &NewToken) -> Result<(), Fault> {
    let mut faults = Vec::new();
    let name = wanted.name.trim();
    if !(1..=LONGEST_NAME).contains(&name.chars().count()) || name.contains(char::is_control) {
        faults.push(FieldFault::new(
            "name",
            format!("must have 1 to {LONGEST_NAME} characters that say what it is for"),
            format!("debe tener de 1 a {LONGEST_NAME} caracteres que digan para qué es"),
        ));
    }
    if wanted.lasting.is_some_and(|span| !(Span::DAY..=LONGEST).contains(&span)) {
        faults.push(FieldFault::new(
            "lasting",
            format!("must be from \"{}\" to \"{LONGEST}\", or be left out", Span::DAY),
            format!("debe ser de \"{}\" a \"{LONGEST}\", o no estar", Span::DAY),
        ));
    }
    if faults.is_empty() { Ok(()) } else { Err(Fault::invalid(faults)) }
}

/// When the token ends that the request came with: what is made with it ends then, too.
fn end_of_maker(identity: &Identity) -> Option<Millis> {
    let is_token = matches!(identity.by, Credential::Token(_));
    Some(identity.expires_at).filter(|at| is_token && *at != Millis(i64::MAX))
}

fn too_many() -> Fault {
    Fault::new(
        Kind::Conflict,
        format!("You have {MOST} tokens already: revoke those that nobody uses."),
        format!("Ya tiene {MOST} tokens: revoque los que no use nadie."),
    )
}

fn no_token(id: &str) -> Fault {
    let id = clipped(id);
    Fault::not_found(format!("There is no token {id:?}."), format!("No hay ningún token {id:?}."))
}

fn view(token: TokenRow, username: String) -> Token {
    let scope = match Scope::of_token(&token.prefix) {
        Some(Scope::Ingest) => TokenScope::Ingest,
        _ => TokenScope::Api,
    };
    Token {
        id: handle(token.token_hash),
        name: token.name,
        prefix: token.prefix,
        scope,
        username,
        created_at: token.created_at.timestamp(),
        used_at: token.used_at.map(Millis::timestamp),
        expires_at: token.expires_at.map(Millis::timestamp),
        token: None,
    }
}
