//! `/api/v1/sessions`: who is logged in where. Everybody sees and ends their own; an admin everybody's.

use atalaya_api::page::Page;
use atalaya_api::people::SessionView;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::people::secret::handle;
use crate::store::SessionRow;

use super::Services;
use super::auth::{Credential, Identity, end_of};
use super::problem::{Fault, clipped};
use super::query::Params;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(end))
}

/// Open sessions, the one used last first: one's own, an admin's are everybody's.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "people", responses((status = 200, body = Page<SessionView>)))]
async fn list(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    params: Params,
) -> Result<Json<Page<SessionView>>, Fault> {
    params.finish()?;
    let items = services.blocking(move |services| {
        let open = open(services, &identity)?.into_iter();
        Ok(open.map(|(session, name)| view(services, &identity, &session, name)).collect::<Vec<_>>())
    });
    let items = items.await?;
    Ok(Json(Page { total: items.len() as u64, items, next: None }))
}

/// End a session: who has it must log in again.
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", tag = "people", params(("id" = String, Path)), responses((status = 204), (status = 404)))]
async fn end(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
) -> Result<StatusCode, Fault> {
    let ended = services.blocking(move |services| {
        let found = open(services, &identity)?.into_iter().find(|(row, _)| handle(row.token_hash) == id);
        let (session, _) = found.ok_or_else(|| no_session(&id))?;
        Ok(services.store.revoke_session(session.token_hash, &identity.actor())?)
    });
    ended.await.map(|()| StatusCode::NO_CONTENT)
}

/// Those that somebody sees and that are not over.
fn open(services: &Services, identity: &Identity) -> Result<Vec<(SessionRow, String)>, Fault> {
    let now = services.now().wall;
    let mut sessions = services.store.sessions(identity.reach())?;
    sessions.retain(|(session, _)| now < end_of(services, session));
    Ok(sessions)
}

fn no_session(id: &str) -> Fault {
    let id = clipped(id);
    Fault::not_found(
        format!("There is no open session {id:?}."),
        format!("No hay ninguna sesión abierta {id:?}."),
    )
}

fn view(services: &Services, identity: &Identity, session: &SessionRow, username: String) -> SessionView {
    SessionView {
        id: handle(session.token_hash),
        username,
        current: identity.by == Credential::Session(session.token_hash),
        created_at: session.created_at.timestamp(),
        used_at: session.used_at.timestamp(),
        expires_at: end_of(services, session).timestamp(),
    }
}
