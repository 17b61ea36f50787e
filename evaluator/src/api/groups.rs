//! `/api/v1/groups`: people with a role in common. Somebody may do what the highest of its own role and its groups' allows.

use atalaya_api::page::Page;
use atalaya_api::people::{Group, GroupDraft};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::{GroupId, UserId};
use crate::store::{self, StoreError};

use super::Services;
use super::auth::Identity;
use super::body::Body;
use super::problem::{Fault, FieldFault, Kind, clipped};
use super::query::Params;

/// The longest name, characters.
const LONGEST_NAME: usize = 60;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(replace, remove))
}

/// All groups, by name.
#[utoipa::path(get, path = "/api/v1/groups", tag = "people", responses((status = 200, body = Page<Group>)))]
async fn list(State(services): State<Services>, params: Params) -> Result<Json<Page<Group>>, Fault> {
    params.finish()?;
    let groups = services.blocking(|services| Ok(services.store.groups()?)).await?;
    let items: Vec<Group> = groups.into_iter().map(view).collect();
    Ok(Json(Page { total: items.len() as u64, items, next: None }))
}

/// Make a group.
#[utoipa::path(post, path = "/api/v1/groups", tag = "people", request_body = GroupDraft,
    responses((status = 201, body = Group), (status = 409, description = "the name is taken"), (status = 422)))]
async fn create(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Body(draft): Body<GroupDraft>,
) -> Result<(StatusCode, Json<Group>), Fault> {
    let made =
        services.blocking(move |services| write(services, GroupId::generate(), draft, true, &identity));
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// Replace a group: its name, role and members.
#[utoipa::path(put, path = "/api/v1/groups/{id}", tag = "people", params(("id" = String, Path)), request_body = GroupDraft,
    responses((status = 200, body = Group), (status = 404),
        (status = 409, description = "the name is taken, or nobody would be left who is admin"), (status = 422)))]
async fn replace(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    Body(draft): Body<GroupDraft>,
) -> Result<Json<Group>, Fault> {
    let group = id.parse().map_err(|_| no_group(&id))?;
    let changed = services.blocking(move |services| write(services, group, draft, false, &identity));
    Ok(Json(changed.await?))
}

/// Delete a group for good: its members keep their own roles.
#[utoipa::path(delete, path = "/api/v1/groups/{id}", tag = "people", params(("id" = String, Path)),
    responses((status = 204), (status = 404), (status = 409, description = "nobody would be left who is admin")))]
async fn remove(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
) -> Result<StatusCode, Fault> {
    let group = id.parse().map_err(|_| no_group(&id))?;
    let removed =
        services.blocking(move |services| match services.store.delete_group(group, &identity.actor()) {
            Err(StoreError::NotFound) => Err(no_group(&id)),
            removed => Ok(removed?),
        });
    removed.await.map(|()| StatusCode::NO_CONTENT)
}

fn write(
    services: &Services,
    id: GroupId,
    draft: GroupDraft,
    is_new: bool,
    identity: &Identity,
) -> Result<Group, Fault> {
    let group = checked(services, id, draft)?;
    let by = identity.actor();
    let written = match is_new {
        true => services.store.create_group(&group, &by),
        false => services.store.change_group(&group, &by),
    };
    match written {
        Err(StoreError::Taken(_)) => Err(taken(&group.name)),
        Err(StoreError::NotFound) => Err(no_group(&id.to_string())),
        written => {
            written?;
            Ok(view(services.store.group(id)?.ok_or_else(|| no_group(&id.to_string()))?))
        }
    }
}

fn checked(services: &Services, id: GroupId, draft: GroupDraft) -> Result<store::Group, Fault> {
    let mut faults = Vec::new();
    let name = draft.name.trim().to_owned();
    if !(1..=LONGEST_NAME).contains(&name.chars().count()) || name.contains(char::is_control) {
        faults.push(FieldFault::new(
            "name",
            format!("must have 1 to {LONGEST_NAME} characters"),
            format!("debe tener de 1 a {LONGEST_NAME} caracteres"),
        ));
    }
    let known: Vec<UserId> = services.store.users()?.into_iter().map(|user| user.id).collect();
    let mut members = Vec::new();
    for member in &draft.members {
        match member.parse().ok().filter(|user| known.contains(user)) {
            Some(user) => members.push(user),
            None => {
                let member = clipped(member);
                faults.push(FieldFault::new(
                    "members",
                    format!("there is no user {member:?}"),
                    format!("no hay ningún usuario {member:?}"),
                ));
            }
        }
    }
    match faults.is_empty() {
        true => Ok(store::Group { id, name, role: draft.role, members }),
        false => Err(Fault::invalid(faults)),
    }
}

fn taken(name: &str) -> Fault {
    let mut fault = Fault::field(
        "name",
        format!("{name:?} is taken; choose another name"),
        format!("{name:?} ya existe; elija otro nombre"),
    );
    fault.kind = Kind::Conflict;
    fault
}

fn no_group(id: &str) -> Fault {
    let id = clipped(id);
    Fault::not_found(format!("There is no group {id:?}."), format!("No hay ningún grupo {id:?}."))
}

fn view(group: store::Group) -> Group {
    Group {
        id: group.id.to_string(),
        name: group.name,
        role: group.role,
        members: group.members.iter().map(UserId::to_string).collect(),
    }
}
