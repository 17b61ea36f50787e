//! `/api/v1/calendars`: when rules may tell people.

use atalaya_api::calendar::{Calendar, CalendarPreview, CalendarView, Hours, OpenRange, WeekRange};
use atalaya_api::page::Page;
use atalaya_api::settings::Settings;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::{CalendarConfig, Millis};
use crate::period::{self, Period};
use crate::store::{Actor, StoreError};

use super::auth::Identity;
use super::body::Body;
use super::problem::{Fault, FieldFault, Kind, Language, clipped};
use super::query::Params;
use super::{Services, rule_check, settings};

/// The periods that are always there.
pub const ALWAYS: &str = "24x7";
pub const DAYTIME: &str = "daytime";

const LONGEST_ID: usize = 40;
const LONGEST_NAME: usize = 100;
/// How far a preview looks, ms.
const PREVIEW_MS: i64 = 14 * 86_400_000;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(preview))
        .routes(routes!(one, change, delete))
        .routes(routes!(restore))
}

/// Why a calendar was not changed.
#[derive(Debug, thiserror::Error)]
enum CalendarError {
    #[error("there is no such calendar")]
    Missing,
    #[error("it is built in")]
    BuiltIn,
    #[error("it is deleted")]
    Deleted,
    #[error("the version moved to {now}")]
    Moved { now: u64 },
    #[error("there is one with this id")]
    Taken,
    #[error("{0} rules and templates use it")]
    InUse(u64),
    #[error("new rules get it")]
    IsDefault,
}

impl From<CalendarError> for Fault {
    fn from(error: CalendarError) -> Self {
        let conflict = |en: String, es: String| Fault::new(Kind::Conflict, en, es);
        match error {
            CalendarError::Missing => Fault::not_found("There is no such calendar.", "No existe ese calendario."),
            CalendarError::BuiltIn => conflict(
                "It is built in; the hours of daytime are in Settings.".to_owned(),
                "Viene incorporado; las horas del periodo diurno están en Ajustes.".to_owned(),
            ),
            CalendarError::Deleted => conflict(
                "The calendar is deleted; restore it first.".to_owned(),
                "El calendario está borrado; restáurelo antes.".to_owned(),
            ),
            CalendarError::Moved { now } => conflict(
                format!("Somebody else changed it in the meantime: its version is {now} now."),
                format!("Alguien lo cambió entretanto: su versión es ahora {now}."),
            ),
            CalendarError::Taken => conflict(
                "There is a calendar with this id, in use or deleted: choose another id, or restore that one.".to_owned(),
                "Ya existe un calendario con ese id, en uso o borrado: elija otro id, o restaure aquel.".to_owned(),
            ),
            CalendarError::InUse(users) => conflict(
                format!("Rules and templates that use it: {users}. Give them another period first."),
                format!("Métricas y plantillas que lo usan: {users}. Póngales antes otro periodo."),
            ),
            CalendarError::IsDefault => conflict(
                "New rules get it as their period: choose another one in Settings first.".to_owned(),
                "Es el periodo de las métricas nuevas: elija antes otro en Ajustes.".to_owned(),
            ),
        }
    }
}

/// All of them, the built-in ones first, with how they stand.
#[utoipa::path(get, path = "/api/v1/calendars", tag = "settings", responses((status = 200, body = Page<CalendarView>)))]
async fn list(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    params: Params,
) -> Result<Json<Page<CalendarView>>, Fault> {
    params.finish()?;
    let items = services.blocking(move |services| {
        let settings = settings::load(&*services.store)?;
        let kept = services.store.calendars()?.into_iter().map(|kept| (kept.calendar, false));
        let built_in = built_in(&settings, language).into_iter().map(|one| (one, true));
        let rules = services.store.rules_by_period()?;
        let now = services.now().wall;
        let view = |(calendar, built_in): (Calendar, bool)| {
            let rules = rules.get(&calendar.id).copied().unwrap_or_default();
            view(calendar, built_in, rules, now)
        };
        Ok(built_in.chain(kept).map(view).collect::<Vec<_>>())
    });
    let items = items.await?;
    Ok(Json(Page { total: items.len() as u64, items, next: None }))
}

/// One calendar, a built-in one too.
#[utoipa::path(get, path = "/api/v1/calendars/{id}", tag = "settings", params(("id" = String, Path)),
    responses((status = 200, body = CalendarView), (status = 404)))]
async fn one(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<CalendarView>, Fault> {
    params.finish()?;
    services.blocking(move |services| shown(services, &id, language)).await.map(Json)
}

/// Make a calendar.
#[utoipa::path(post, path = "/api/v1/calendars", tag = "settings", request_body = Calendar,
    responses((status = 201, body = CalendarView), (status = 409, description = "its id is taken"), (status = 422)))]
async fn create(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Extension(language): Extension<Language>,
    Body(wanted): Body<Calendar>,
) -> Result<(StatusCode, HeaderMap, Json<CalendarView>), Fault> {
    let made = services.blocking(move |services| {
        let now = services.now().wall;
        check(&wanted, now)?;
        let by = identity.actor();
        let calendar = Calendar { version: 1, ..wanted };
        let made =
            CalendarConfig { calendar, updated_at: now, updated_by: by.name.clone(), deleted_at: None };
        match services.store.create_calendar(&made, &by) {
            Err(StoreError::Taken(_)) => return Err(CalendarError::Taken.into()),
            other => other?,
        }
        shown(services, &made.calendar.id, language)
    });
    let made = made.await?;
    let place = format!("{}/api/v1/calendars/{}", services.config.base_path, made.calendar.id);
    let place = HeaderValue::from_str(&place).expect("a checked path and id are plain ASCII");
    Ok((StatusCode::CREATED, HeaderMap::from_iter([(header::LOCATION, place)]), Json(made)))
}

/// When a calendar would be open in the next 14 days; nothing is kept.
#[utoipa::path(post, path = "/api/v1/calendars/preview", tag = "settings", request_body = Calendar,
    responses((status = 200, body = CalendarPreview), (status = 422)))]
async fn preview(
    State(services): State<Services>,
    Body(wanted): Body<Calendar>,
) -> Result<Json<CalendarPreview>, Fault> {
    let now = services.now().wall;
    let period = readable(&wanted, now)?;
    let ranges = period.open_ranges(now, now.plus(PREVIEW_MS)).into_iter();
    let ranges = ranges.map(|open| OpenRange { from: open.from.timestamp(), to: open.to.timestamp() });
    Ok(Json(CalendarPreview { open: period.is_open(now), ranges: ranges.collect() }))
}

/// Replace a calendar. With `version` it is refused when somebody else was faster.
#[utoipa::path(put, path = "/api/v1/calendars/{id}", tag = "settings", params(("id" = String, Path)), request_body = Calendar,
    responses((status = 200, body = CalendarView), (status = 404), (status = 409, description = "its version moved"), (status = 422)))]
async fn change(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Extension(language): Extension<Language>,
    Path(id): Path<String>,
    Body(wanted): Body<Calendar>,
) -> Result<Json<CalendarView>, Fault> {
    let changed = services.blocking(move |services| {
        let before = found(services, &id)?;
        if before.deleted_at.is_some() {
            return Err(CalendarError::Deleted.into());
        }
        if wanted.id != id {
            return Err(Fault::field("id", "cannot be changed", "no se puede cambiar"));
        }
        if wanted.version != 0 && wanted.version != before.calendar.version {
            return Err(CalendarError::Moved { now: before.calendar.version }.into());
        }
        check(&wanted, services.now().wall)?;
        let calendar = Calendar { version: before.calendar.version, ..wanted };
        stored(services, CalendarConfig { calendar, ..before }, &identity.actor())?;
        shown(services, &id, language)
    });
    changed.await.map(Json)
}

/// Delete a calendar that no rule and no template uses; `restore` brings it back.
#[utoipa::path(delete, path = "/api/v1/calendars/{id}", tag = "settings", params(("id" = String, Path)),
    responses((status = 204), (status = 404), (status = 409, description = "rules or templates use it")))]
async fn delete(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
) -> Result<StatusCode, Fault> {
    let done = services.blocking(move |services| {
        let before = found(services, &id)?;
        if settings::load(&*services.store)?.defaults.period == id {
            return Err(CalendarError::IsDefault.into());
        }
        if before.deleted_at.is_none() {
            let after = CalendarConfig { deleted_at: Some(services.now().wall), ..before };
            stored(services, after, &identity.actor())?;
        }
        Ok(StatusCode::NO_CONTENT)
    });
    done.await
}

/// Bring a deleted calendar back.
#[utoipa::path(post, path = "/api/v1/calendars/{id}/restore", tag = "settings", params(("id" = String, Path)),
    responses((status = 200, body = CalendarView), (status = 404)))]
async fn restore(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Extension(language): Extension<Language>,
    Path(id): Path<String>,
) -> Result<Json<CalendarView>, Fault> {
    let back = services.blocking(move |services| {
        let before = found(services, &id)?;
        if before.deleted_at.is_some() {
            stored(services, CalendarConfig { deleted_at: None, ..before }, &identity.actor())?;
        }
        shown(services, &id, language)
    });
    back.await.map(Json)
}

/// The names of all periods that a rule may have: the built-in ones, then the calendars. Blocks.
///
/// # Errors
/// The store's.
pub fn names(services: &Services) -> Result<Vec<String>, StoreError> {
    let kept = services.store.calendars()?.into_iter().map(|kept| kept.calendar.id);
    Ok([ALWAYS, DAYTIME].map(str::to_owned).into_iter().chain(kept).collect())
}

fn is_built_in(id: &str) -> bool {
    [ALWAYS, DAYTIME].contains(&id)
}

fn built_in(settings: &Settings, language: Language) -> [Calendar; 2] {
    let hours = Hours { from: "00:00".to_owned(), to: "24:00".to_owned() };
    let made = |id: &str, name: &str, week| Calendar {
        id: id.to_owned(),
        name: name.to_owned(),
        time_zone: settings.time_zone.clone(),
        week,
        ..Calendar::default()
    };
    let daytime = if language == Language::Es { "Periodo diurno" } else { "Daytime" };
    [
        made(ALWAYS, ALWAYS, vec![WeekRange { days: (1..=7).collect(), hours }]),
        made(DAYTIME, daytime, settings.daytime.clone()),
    ]
}

fn view(calendar: Calendar, built_in: bool, rules: u64, now: Millis) -> CalendarView {
    // What was right when it was saved may have no open hour left.
    let period = period::calendar(&calendar, now).ok();
    let open = period.as_ref().is_some_and(|period| period.is_open(now));
    let changes_at = period.and_then(|period| period.next_change(now)).map(Millis::timestamp);
    CalendarView { calendar, built_in, rules, open, changes_at }
}

fn shown(services: &Services, id: &str, language: Language) -> Result<CalendarView, Fault> {
    let calendar = match is_built_in(id) {
        true => built_in(&settings::load(&*services.store)?, language).into_iter().find(|one| one.id == id),
        false => {
            services.store.calendar(id)?.filter(|kept| kept.deleted_at.is_none()).map(|kept| kept.calendar)
        }
    };
    let calendar = calendar.ok_or(CalendarError::Missing)?;
    let rules = services.store.rules_by_period()?.get(id).copied().unwrap_or_default();
    Ok(view(calendar, is_built_in(id), rules, services.now().wall))
}

/// The stored calendar with this id, deleted or not.
fn found(services: &Services, id: &str) -> Result<CalendarConfig, Fault> {
    if is_built_in(id) {
        return Err(CalendarError::BuiltIn.into());
    }
    services.store.calendar(id)?.ok_or_else(|| CalendarError::Missing.into())
}

/// Stores a changed calendar as its next version.
fn stored(services: &Services, mut one: CalendarConfig, by: &Actor) -> Result<(), Fault> {
    let expected = one.calendar.version;
    one.calendar.version += 1;
    one.updated_at = services.now().wall;
    one.updated_by = by.name.clone();
    match services.store.change_calendar(&one, expected, by) {
        Err(StoreError::InUse(users)) => Err(CalendarError::InUse(users).into()),
        other => Ok(other?),
    }
}

fn check(calendar: &Calendar, now: Millis) -> Result<(), Fault> {
    let mut faults = Vec::new();
    let id = &calendar.id;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if id.is_empty() || id.len() > LONGEST_ID || !id.bytes().all(plain) || is_built_in(id) {
        faults.push(FieldFault::new(
            "id",
            format!("must be 1 to {LONGEST_ID} of a-z, 0-9 and -, and neither 24x7 nor daytime"),
            format!("debe tener de 1 a {LONGEST_ID} de a-z, 0-9 y -, y no ser 24x7 ni daytime"),
        ));
    }
    let name = calendar.name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        faults.push(FieldFault::new(
            "name",
            format!("must have 1 to {LONGEST_NAME} characters, on one line"),
            format!("debe tener de 1 a {LONGEST_NAME} caracteres, en una línea"),
        ));
    }
    match readable(calendar, now) {
        Ok(_) if faults.is_empty() => Ok(()),
        Ok(_) => Err(Fault::invalid(faults)),
        Err(fault) => {
            faults.extend(fault.fields);
            Err(Fault::invalid(faults))
        }
    }
}

/// Its period; id and name are looked at by nobody.
fn readable(calendar: &Calendar, now: Millis) -> Result<Period, Fault> {
    let mut faults: Vec<FieldFault> =
        rule_check::check_zone("time_zone", &calendar.time_zone).into_iter().collect();
    match period::calendar(calendar, now) {
        Ok(period) if faults.is_empty() => return Ok(period),
        Ok(_) => {}
        Err(wrong) => faults.extend(wrong.into_iter().map(FieldFault::from)),
    }
    Err(Fault::invalid(faults))
}

/// What is wrong with a rule's period, if it is none of those that there are.
pub fn unknown_period(field: &str, period: &str, known: &[String]) -> Option<FieldFault> {
    if known.iter().any(|one| one == period) {
        return None;
    }
    let (period, all) = (clipped(period), known.join(", "));
    Some(match crate::nearest::nearest(&period, known.iter().map(String::as_str)) {
        Some(meant) => FieldFault::new(
            field,
            format!("there is no period {period:?}; did you mean {meant}?"),
            format!("no existe el periodo {period:?}; ¿quería decir {meant}?"),
        ),
        None => FieldFault::new(
            field,
            format!("there is no period {period:?}; there are: {all}"),
            format!("no existe el periodo {period:?}; existen: {all}"),
        ),
    })
}
