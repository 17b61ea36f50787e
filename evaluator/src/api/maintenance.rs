//! `/api/v1/maintenance`: windows in which nobody is told, planned ahead.

use std::collections::HashSet;

use atalaya_api::page::Page;
use atalaya_api::quiet::{Maintenance, MaintenanceDraft, MuteKind, MuteTarget};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::{MaintenanceConfig, MaintenanceId, Millis};
use crate::period;
use crate::plan::quiet::Window;
use crate::store::{Actor, StoreError};

use super::auth::Identity;
use super::body::Body;
use super::mutes::missing;
use super::problem::{Fault, FieldFault, Kind};
use super::query::Params;
use super::{Services, rule_check};

const LONGEST_NAME: usize = 100;
/// Dashboards of a window; rules as well.
const MOST: usize = 1_000;
const LONGEST_MS: i64 = 400 * 86_400_000;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(change, delete))
        .routes(routes!(restore))
}

/// All windows: those in force first, then by when they begin, then those that are over.
#[utoipa::path(get, path = "/api/v1/maintenance", tag = "alarms",
    params(("deleted" = Option<bool>, Query, description = "true: those that were deleted")),
    responses((status = 200, body = Page<Maintenance>)))]
async fn list(
    State(services): State<Services>,
    mut params: Params,
) -> Result<Json<Page<Maintenance>>, Fault> {
    let deleted = params.flag("deleted");
    params.finish()?;
    let items = services.blocking(move |services| {
        let now = services.now().wall;
        let windows = services.store.windows()?.into_iter();
        // What one was before it was changed can be neither seen nor brought back.
        let own = windows.filter(|window| window.maintenance.version > 0);
        let wanted = own.filter(|window| window.deleted_at.is_some() == deleted);
        let mut items: Vec<Maintenance> = wanted.map(|window| shown(window, now)).collect();
        items.sort_by_key(|one| {
            let change = one.until.or(one.next);
            (one.until.is_none(), change.is_none(), change)
        });
        Ok(items)
    });
    let items = items.await?;
    Ok(Json(Page { total: items.len() as u64, items, next: None }))
}

fn shown(one: MaintenanceConfig, now: Millis) -> Maintenance {
    let window = Window::of(&one);
    Maintenance {
        id: one.id.to_string(),
        maintenance: one.maintenance,
        until: window.until(now).map(Millis::timestamp),
        next: window.next(now).map(Millis::timestamp),
        updated_at: one.updated_at.timestamp(),
        updated_by: one.updated_by,
        deleted_at: one.deleted_at.map(Millis::timestamp),
    }
}

/// Plan a maintenance: once, or weekly.
#[utoipa::path(post, path = "/api/v1/maintenance", tag = "alarms", request_body = MaintenanceDraft,
    responses((status = 201, body = Maintenance), (status = 422)))]
async fn create(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Body(wanted): Body<MaintenanceDraft>,
) -> Result<(StatusCode, HeaderMap, Json<Maintenance>), Fault> {
    let made = services.blocking(move |services| {
        let now = services.now().wall;
        check(services, &wanted, None, now)?;
        let by = identity.actor();
        let made = MaintenanceConfig {
            id: MaintenanceId::generate(),
            maintenance: MaintenanceDraft { version: 1, ..trimmed(wanted) },
            since: now,
            updated_at: now,
            updated_by: by.name.clone(),
            deleted_at: None,
        };
        services.store.create_maintenance(&made, &by)?;
        services.quiet.changed(services)?;
        Ok(shown(made, now))
    });
    let made = made.await?;
    let place = format!("{}/api/v1/maintenance/{}", services.config.base_path, made.id);
    let place = HeaderValue::from_str(&place).expect("a checked path and id are plain ASCII");
    Ok((StatusCode::CREATED, HeaderMap::from_iter([(header::LOCATION, place)]), Json(made)))
}

/// Replace a window. With `version` it is refused when somebody else was faster.
#[utoipa::path(put, path = "/api/v1/maintenance/{id}", tag = "alarms", params(("id" = String, Path)), request_body = MaintenanceDraft,
    responses((status = 200, body = Maintenance), (status = 404), (status = 409, description = "its version moved"), (status = 422)))]
async fn change(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    Body(wanted): Body<MaintenanceDraft>,
) -> Result<Json<Maintenance>, Fault> {
    let changed = services.blocking(move |services| {
        let before = found(services, &id)?;
        if before.deleted_at.is_some() {
            return Err(conflict("It is deleted: restore it first.", "Está borrado: restáurelo antes."));
        }
        let version = before.maintenance.version;
        if wanted.version != 0 && wanted.version != version {
            return Err(moved());
        }
        let now = services.now().wall;
        check(services, &wanted, Some(&before.maintenance), now)?;
        let wanted = MaintenanceDraft { version, ..trimmed(wanted) };
        // What only has another name was so before.
        let renamed = MaintenanceDraft { name: wanted.name.clone(), ..before.maintenance.clone() };
        let since = if renamed == wanted { before.since } else { now };
        stored(services, MaintenanceConfig { maintenance: wanted, since, ..before }, &identity.actor())
    });
    changed.await.map(Json)
}

/// Delete a window, which ends it; `restore` brings it back.
#[utoipa::path(delete, path = "/api/v1/maintenance/{id}", tag = "alarms", params(("id" = String, Path)),
    responses((status = 204), (status = 404)))]
async fn delete(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
) -> Result<StatusCode, Fault> {
    let done = services.blocking(move |services| {
        let before = found(services, &id)?;
        if before.deleted_at.is_none() {
            let after = MaintenanceConfig { deleted_at: Some(services.now().wall), ..before };
            stored(services, after, &identity.actor())?;
        }
        Ok(StatusCode::NO_CONTENT)
    });
    done.await
}

/// Bring a deleted window back.
#[utoipa::path(post, path = "/api/v1/maintenance/{id}/restore", tag = "alarms", params(("id" = String, Path)),
    responses((status = 200, body = Maintenance), (status = 404)))]
async fn restore(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
) -> Result<Json<Maintenance>, Fault> {
    let back = services.blocking(move |services| {
        let (before, now) = (found(services, &id)?, services.now().wall);
        if before.deleted_at.is_none() {
            return Ok(shown(before, now));
        }
        let after = MaintenanceConfig { deleted_at: None, since: now, ..before };
        stored(services, after, &identity.actor())
    });
    back.await.map(Json)
}

/// The stored window with this id, deleted or not.
fn found(services: &Services, id: &str) -> Result<MaintenanceConfig, Fault> {
    let found = match id.parse() {
        Ok(id) => services.store.maintenance(id)?,
        Err(_) => None,
    };
    // What a window was before it was changed has no version, and is nobody's to see.
    let found = found.filter(|one| one.maintenance.version > 0);
    found.ok_or_else(|| Fault::not_found("There is no such maintenance.", "No existe ese mantenimiento."))
}

/// Stores a changed window as its next version.
fn stored(services: &Services, mut one: MaintenanceConfig, by: &Actor) -> Result<Maintenance, Fault> {
    let (expected, now) = (one.maintenance.version, services.now().wall);
    one.maintenance.version += 1;
    one.updated_at = now;
    one.updated_by = by.name.clone();
    match services.store.change_maintenance(&one, expected, by) {
        Err(StoreError::VersionMoved) => return Err(moved()),
        other => other?,
    }
    services.quiet.changed(services)?;
    Ok(shown(one, now))
}

fn moved() -> Fault {
    conflict(
        "Somebody else changed it in the meantime: look again, then repeat it.",
        "Otra persona lo cambió entretanto: revíselo y repítalo.",
    )
}

fn conflict(en: &str, es: &str) -> Fault {
    Fault::new(Kind::Conflict, en, es)
}

fn trimmed(wanted: MaintenanceDraft) -> MaintenanceDraft {
    MaintenanceDraft { name: wanted.name.trim().to_owned(), ..wanted }
}

/// `before`: what it named then may be gone by now.
fn check(
    services: &Services,
    wanted: &MaintenanceDraft,
    before: Option<&MaintenanceDraft>,
    now: Millis,
) -> Result<(), Fault> {
    let mut faults = Vec::new();
    let name = wanted.name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        faults.push(FieldFault::new(
            "name",
            format!("must have 1 to {LONGEST_NAME} characters, on one line"),
            format!("debe tener de 1 a {LONGEST_NAME} caracteres, en una línea"),
        ));
    }
    check_things(services, wanted, before, &mut faults)?;
    check_hours(wanted, before, now, &mut faults);
    if faults.is_empty() { Ok(()) } else { Err(Fault::invalid(faults)) }
}

fn check_things(
    services: &Services,
    wanted: &MaintenanceDraft,
    before: Option<&MaintenanceDraft>,
    faults: &mut Vec<FieldFault>,
) -> Result<(), Fault> {
    let names_things = !wanted.dashboards.is_empty() || !wanted.rules.is_empty();
    if wanted.everything == names_things {
        faults.push(FieldFault::new(
            "everything",
            "must be true, or else dashboards or rules must be named, and not both",
            "debe ser true, o bien hay que indicar dashboards o métricas, y no ambas cosas",
        ));
    }
    let lists = [
        ("dashboards", MuteKind::Dashboard, &wanted.dashboards, before.map(|before| &before.dashboards)),
        ("rules", MuteKind::Rule, &wanted.rules, before.map(|before| &before.rules)),
    ];
    for (field, kind, names, known) in lists {
        if names.len() > MOST {
            faults.push(FieldFault::new(
                field,
                format!("must be at most {MOST}"),
                format!("deben ser como mucho {MOST}"),
            ));
        }
        let known: HashSet<&String> = known.into_iter().flatten().collect();
        for (place, name) in names.iter().enumerate().take(MOST) {
            let target = MuteTarget { kind, id: name.clone() };
            if !known.contains(name) && services.store.name_of(&target)?.is_none() {
                faults.push(missing(&format!("{field}[{place}]"), kind));
            }
        }
    }
    Ok(())
}

fn check_hours(
    wanted: &MaintenanceDraft,
    before: Option<&MaintenanceDraft>,
    now: Millis,
    faults: &mut Vec<FieldFault>,
) {
    match (&wanted.once, &wanted.weekly) {
        // One that is over can still be given another name.
        (Some(once), None) if before.is_some_and(|before| before.once.as_ref() == Some(once)) => {}
        (Some(once), None) => {
            let (from, to) = (Millis::from(once.from), Millis::from(once.to));
            if to <= from || to.since(from) > LONGEST_MS {
                let (en, es) = (
                    "must be after the beginning, by at most 400 d",
                    "debe ser posterior al comienzo, como mucho 400 d",
                );
                faults.push(FieldFault::new("once.to", en, es));
            } else if to <= now {
                faults.push(FieldFault::new("once.to", "must be in the future", "debe ser en el futuro"));
            }
        }
        (None, Some(weekly)) => {
            faults.extend(rule_check::check_zone("weekly.time_zone", &weekly.time_zone));
            let period = period::weekly("weekly.week", &weekly.week, &weekly.time_zone, now);
            faults.extend(period.err().into_iter().flatten().map(FieldFault::from));
        }
        _ => faults.push(FieldFault::new(
            "once",
            "give either `once` or `weekly`",
            "indique o bien `once` o bien `weekly`",
        )),
    }
}
