//! `/api/v1/users`: who may log in.

use atalaya_api::page::Page;
use atalaya_api::people::{NewUser, User};
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::people::accounts;
use crate::store::{self, StoreError};

use super::Services;
use super::auth::Identity;
use super::body::Body;
use super::problem::{Fault, FieldFault, Kind};
use super::query::Params;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(list, create))
}

/// All users, by name.
#[utoipa::path(get, path = "/api/v1/users", tag = "people", responses((status = 200, body = Page<User>)))]
async fn list(State(services): State<Services>, params: Params) -> Result<Json<Page<User>>, Fault> {
    params.finish()?;
    let mut users = services.blocking(|services| Ok(services.store.users()?)).await?;
    users.sort_by_key(|user| user.username.to_lowercase());
    let items: Vec<User> = users.into_iter().map(view).collect();
    Ok(Json(Page { total: items.len() as u64, items, next: None }))
}

/// Make a user.
#[utoipa::path(post, path = "/api/v1/users", tag = "people", request_body = NewUser,
    responses((status = 201, body = User), (status = 409, description = "the name is taken"), (status = 422)))]
async fn create(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Body(wanted): Body<NewUser>,
) -> Result<(StatusCode, Json<User>), Fault> {
    check(&wanted.username, &wanted.password)?;
    let hash = services.passwords.hash(wanted.password).await?;
    let user = accounts::new_user(wanted.username, hash, wanted.role, services.now().wall);
    let by = identity.actor();
    let user = services
        .blocking(move |services| match services.store.create_user(&user, &by) {
            Ok(()) => Ok(user),
            Err(StoreError::Taken(_)) => Err(taken(&user.username)),
            Err(error) => Err(error.into()),
        })
        .await?;
    Ok((StatusCode::CREATED, Json(view(user))))
}

fn taken(name: &str) -> Fault {
    let mut fault = Fault::field(
        "username",
        format!("{name:?} is taken; choose another name"),
        format!("{name:?} ya existe; elija otro nombre"),
    );
    fault.kind = Kind::Conflict;
    fault
}

/// Whether a name and a password can be an account's.
///
/// # Errors
/// 422 that names the fields.
pub fn check(name: &str, password: &str) -> Result<(), Fault> {
    let mut faults = Vec::new();
    if accounts::check_name(name).is_err() {
        let most = accounts::LONGEST_NAME;
        faults.push(FieldFault::new(
            "username",
            format!("must have 1 to {most} letters, digits and . _ @ -"),
            format!("debe tener de 1 a {most} letras, cifras y . _ @ -"),
        ));
    }
    if accounts::check_password(password).is_err() {
        let (least, most) = (accounts::SHORTEST_PASSWORD, accounts::LONGEST_PASSWORD);
        faults.push(FieldFault::new(
            "password",
            format!("must have at least {least} characters, and at most {most} bytes"),
            format!("debe tener al menos {least} caracteres, y como mucho {most} bytes"),
        ));
    }
    if faults.is_empty() { Ok(()) } else { Err(Fault::invalid(faults)) }
}

fn view(user: store::User) -> User {
    User {
        id: user.id.to_string(),
        username: user.username,
        role: user.role,
        groups: Vec::new(),
        effective_role: user.role,
        last_seen_at: None,
        created_at: user.created_at.timestamp(),
    }
}
