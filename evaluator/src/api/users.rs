//! `/api/v1/users`: who may log in, with which role.

use atalaya_api::page::Page;
use atalaya_api::people::{NewUser, User, UserPatch};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::{GroupId, Millis, UserId};
use crate::people::accounts;
use crate::store::{self, StoreError, UserChange};

use super::Services;
use super::auth::Identity;
use super::body::Body;
use super::problem::{Fault, FieldFault, Kind, clipped};
use super::query::Params;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(change, remove))
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

/// Change a user: role, groups, password. A new password ends all sessions of the user.
#[utoipa::path(patch, path = "/api/v1/users/{id}", tag = "people", params(("id" = String, Path)), request_body = UserPatch,
    responses((status = 200, body = User), (status = 404), (status = 409, description = "nobody would be left who is admin"),
        (status = 422)))]
async fn change(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    Body(patch): Body<UserPatch>,
) -> Result<Json<User>, Fault> {
    let user = user_id(&id)?;
    let wrong = patch.password.as_deref().and_then(|password| wrong_password("password", password));
    if let Some(wrong) = wrong {
        return Err(Fault::invalid(vec![wrong]));
    }
    let password_hash = match patch.password {
        Some(password) => Some(services.passwords.hash(password).await?),
        None => None,
    };
    let changed = services.blocking(move |services| {
        let groups = patch.groups.map(|groups| known_groups(services, groups)).transpose()?;
        let change = UserChange { role: patch.role, groups, password_hash };
        match services.store.change_user(user, &change, &identity.actor()) {
            Err(StoreError::NotFound) => Err(no_user(&id)),
            changed => Ok(changed?),
        }
    });
    Ok(Json(view(changed.await?)))
}

/// Delete a user for good: its sessions and tokens end, too. Not one's own account, and never the last admin.
#[utoipa::path(delete, path = "/api/v1/users/{id}", tag = "people", params(("id" = String, Path)),
    responses((status = 204), (status = 404), (status = 409, description = "one's own account, or nobody would be left who is admin")))]
async fn remove(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
) -> Result<StatusCode, Fault> {
    let user = user_id(&id)?;
    if user == identity.user.id {
        return Err(Fault::new(
            Kind::Conflict,
            "This is your own account: another administrator can delete it.",
            "Es su propia cuenta: puede borrarla otro administrador.",
        ));
    }
    let removed =
        services.blocking(move |services| match services.store.delete_user(user, &identity.actor()) {
            Err(StoreError::NotFound) => Err(no_user(&id)),
            removed => Ok(removed?),
        });
    removed.await.map(|()| StatusCode::NO_CONTENT)
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
    faults.extend(wrong_password("password", password));
    if faults.is_empty() { Ok(()) } else { Err(Fault::invalid(faults)) }
}

/// What is wrong with a new password.
pub fn wrong_password(field: &str, password: &str) -> Option<FieldFault> {
    accounts::check_password(password).err().map(|_| {
        let (least, most) = (accounts::SHORTEST_PASSWORD, accounts::LONGEST_PASSWORD);
        FieldFault::new(
            field,
            format!("must have at least {least} characters, and at most {most} bytes"),
            format!("debe tener al menos {least} caracteres, y como mucho {most} bytes"),
        )
    })
}

fn user_id(id: &str) -> Result<UserId, Fault> {
    id.parse().map_err(|_| no_user(id))
}

fn no_user(id: &str) -> Fault {
    let id = clipped(id);
    Fault::not_found(format!("There is no user {id:?}."), format!("No hay ningún usuario {id:?}."))
}

/// The ids of groups that are there.
fn known_groups(services: &Services, wanted: Vec<String>) -> Result<Vec<GroupId>, Fault> {
    let known: Vec<GroupId> = services.store.groups()?.into_iter().map(|group| group.id).collect();
    let ids = wanted.into_iter().map(|id| {
        let group = id.parse().ok().filter(|group| known.contains(group));
        group.ok_or_else(|| {
            let id = clipped(&id);
            Fault::field("groups", format!("there is no group {id:?}"), format!("no hay ningún grupo {id:?}"))
        })
    });
    ids.collect()
}

fn view(user: store::User) -> User {
    User {
        id: user.id.to_string(),
        username: user.username,
        role: user.role,
        groups: user.groups.iter().map(GroupId::to_string).collect(),
        effective_role: user.effective_role,
        created_at: user.created_at.timestamp(),
        last_seen_at: user.last_seen_at.map(Millis::timestamp),
    }
}
