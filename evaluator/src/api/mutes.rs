//! `/api/v1/mutes`, `/api/v1/alarms/mute`: nobody is told for a while.

use std::collections::BTreeMap;

use atalaya_api::page::Page;
use atalaya_api::quiet::{AlarmsDone, Mute, MuteAlarms, MuteKind, MuteTarget, MuteUntil, NewMutes};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::{AlarmRow, Millis, Mute as MuteRow, MuteId};
use crate::store::StoreError;

use super::Services;
use super::acknowledge::too_long;
use super::alarm_filter::selected;
use super::auth::Identity;
use super::body::Body;
use super::problem::{Fault, FieldFault};
use super::query::Params;
use super::view;

/// Things that are muted in one request.
const MOST: usize = 1_000;
const SHORTEST_MS: i64 = 60_000;
const LONGEST_MS: i64 = 400 * 86_400_000;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(end)).routes(routes!(mute_alarms))
}

/// What is muted now, the first to end first.
#[utoipa::path(get, path = "/api/v1/mutes", tag = "alarms", responses((status = 200, body = Page<Mute>)))]
async fn list(State(services): State<Services>, params: Params) -> Result<Json<Page<Mute>>, Fault> {
    params.finish()?;
    let items = services.blocking(|services| {
        let now = services.now().wall;
        let mutes = services.store.mutes(now)?.into_iter();
        Ok(mutes.filter(|mute| mute.from <= now && now < mute.until).map(shown).collect::<Vec<_>>())
    });
    let items = items.await?;
    Ok(Json(Page { total: items.len() as u64, items, next: None }))
}

fn shown(mute: MuteRow) -> Mute {
    Mute {
        id: mute.id.to_string(),
        target: mute.target,
        name: mute.name,
        from: mute.from.timestamp(),
        until: mute.until.timestamp(),
        reason: mute.reason,
        by: mute.by,
    }
}

/// Mute alarms, rules, dashboards or receivers: nobody is told of them until then. What is muted for as long already stays as it is.
#[utoipa::path(post, path = "/api/v1/mutes", tag = "alarms", request_body = NewMutes,
    responses((status = 201, body = AlarmsDone, description = "`ids` are the new mutes'"), (status = 422)))]
async fn create(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Body(wanted): Body<NewMutes>,
) -> Result<(StatusCode, Json<AlarmsDone>), Fault> {
    let done = services.blocking(move |services| {
        let now = services.now().wall;
        let mut faults: Vec<FieldFault> = too_long("reason", &wanted.reason).into_iter().collect();
        let until = end_of(&wanted.until, now).map_err(|fault| faults.push(fault)).ok();
        if !(1..=MOST).contains(&wanted.targets.len()) {
            faults.push(FieldFault::new(
                "targets",
                format!("must be 1 to {MOST}"),
                format!("deben ser de 1 a {MOST}"),
            ));
        }
        let mut named = BTreeMap::new();
        for (place, target) in wanted.targets.into_iter().enumerate().take(MOST) {
            match services.store.name_of(&target)? {
                Some(name) => drop(named.insert(target, name)),
                None => faults.push(missing(&format!("targets[{place}].id"), target.kind)),
            }
        }
        let Some(until) = until.filter(|_| faults.is_empty()) else { return Err(Fault::invalid(faults)) };
        write(services, named, Wanted { now, until, reason: &wanted.reason }, &identity)
    });
    Ok((StatusCode::CREATED, Json(done.await?)))
}

/// Mute the alarms that are selected, or the rule or dashboard of each; an alarm that hangs on nothing is muted itself. Those that are
/// cleared are passed over.
#[utoipa::path(post, path = "/api/v1/alarms/mute", tag = "alarms", request_body = MuteAlarms,
    responses((status = 200, body = AlarmsDone, description = "`total` is of the alarms that stand, `ids` are the new mutes'"),
        (status = 409, description = "they are more or fewer by now"), (status = 422)))]
async fn mute_alarms(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Body(wanted): Body<MuteAlarms>,
) -> Result<Json<AlarmsDone>, Fault> {
    let done = services.blocking(move |services| {
        let now = services.now().wall;
        let mut faults: Vec<FieldFault> = too_long("reason", &wanted.reason).into_iter().collect();
        let until = end_of(&wanted.until, now).map_err(|fault| faults.push(fault)).ok();
        if wanted.what == MuteKind::Receiver {
            let (en, es) = ("must be alarm, rule or dashboard", "debe ser alarm, rule o dashboard");
            faults.push(FieldFault::new("what", en, es));
        }
        let Some(until) = until.filter(|_| faults.is_empty()) else { return Err(Fault::invalid(faults)) };
        let alarms = selected(services, wanted.select, wanted.expected_total)?;
        let standing: Vec<_> = alarms.iter().filter(|alarm| alarm.cleared_at.is_none()).collect();
        let named: BTreeMap<_, _> = standing.iter().map(|alarm| thing(alarm, wanted.what)).collect();
        if named.len() > MOST {
            let en = format!("are {} things, more than {MOST}: mute their metrics or dashboards, or plan a maintenance", named.len());
            let es = format!("son {} cosas, más de {MOST}: silencie sus métricas o dashboards, o planifique un mantenimiento", named.len());
            return Err(Fault::field("select", en, es));
        }
        let done = write(services, named, Wanted { now, until, reason: &wanted.reason }, &identity)?;
        Ok(AlarmsDone { total: standing.len() as u64, ..done })
    });
    done.await.map(Json)
}

/// What is muted for an alarm, and its name.
fn thing(alarm: &AlarmRow, what: MuteKind) -> (MuteTarget, String) {
    let target = view::target(alarm);
    let (id, name) = match (what, target.rule, target.dashboard) {
        (MuteKind::Rule, Some(rule), _) => (rule.to_string(), alarm.context.rule_name.clone()),
        (MuteKind::Dashboard, Some(_), Some(name)) => (name.to_owned(), name.to_owned()),
        _ => {
            let target = MuteTarget { kind: MuteKind::Alarm, id: alarm.id.to_string() };
            return (target, alarm.subject.name().to_owned());
        }
    };
    (MuteTarget { kind: what, id }, name)
}

struct Wanted<'a> {
    now: Millis,
    until: Millis,
    reason: &'a str,
}

/// Mutes what is not muted for as long already.
fn write(
    services: &Services,
    named: BTreeMap<MuteTarget, String>,
    wanted: Wanted<'_>,
    identity: &Identity,
) -> Result<AlarmsDone, Fault> {
    let Wanted { now, until, reason } = wanted;
    let standing = services.store.mutes(now)?;
    let is_muted = |target: &MuteTarget| {
        standing.iter().any(|mute| mute.target == *target && mute.from <= now && mute.until >= until)
    };
    let by = identity.actor();
    let total = named.len() as u64;
    let new = named.into_iter().filter(|(target, _)| !is_muted(target));
    let new: Vec<MuteRow> = new
        .map(|(target, name)| MuteRow {
            id: MuteId::generate(),
            target,
            name,
            from: now,
            until,
            reason: reason.trim().to_owned(),
            by: by.name.clone(),
        })
        .collect();
    services.store.mute(&new, &by)?;
    services.quiet.changed(services)?;
    let ids = new.iter().map(|mute| mute.id.to_string()).collect();
    Ok(AlarmsDone { total, changed: new.len() as u64, ids })
}

/// The instant that is meant.
fn end_of(until: &MuteUntil, now: Millis) -> Result<Millis, FieldFault> {
    match (until.lasting, until.until) {
        (Some(lasting), None) if (SHORTEST_MS..=LONGEST_MS).contains(&lasting.millis()) => {
            Ok(now.plus(lasting.millis()))
        }
        (Some(_), None) => {
            Err(FieldFault::new("for", "must be from \"1m\" to \"400d\"", "debe ser de \"1m\" a \"400d\""))
        }
        (None, Some(at)) => {
            let at = Millis::from(at);
            let wrong = || {
                let (en, es) = (
                    "must be in the future, at most 400 d ahead",
                    "debe ser en el futuro, como mucho dentro de 400 d",
                );
                FieldFault::new("until", en, es)
            };
            if now < at && at.since(now) <= LONGEST_MS { Ok(at) } else { Err(wrong()) }
        }
        _ => Err(FieldFault::new(
            "until",
            "give either `until` (a time) or `for` (such as \"1h\")",
            "indique o bien `until` (una hora) o bien `for` (como \"1h\")",
        )),
    }
}

/// That there is nothing of this name.
pub fn missing(field: &str, kind: MuteKind) -> FieldFault {
    let (en, es) = match kind {
        MuteKind::Alarm => ("no active alarm has this id", "ninguna alarma activa tiene este id"),
        MuteKind::Rule => (
            "there is no configured metric with this id",
            "no existe ninguna métrica configurada con este id",
        ),
        MuteKind::Dashboard => {
            ("there is no dashboard of this name", "no existe ningún dashboard con este nombre")
        }
        MuteKind::Receiver => ("there is no receiver with this id", "no existe ningún destino con este id"),
    };
    FieldFault::new(field, en, es)
}

/// End a mute now. One that is over already stays so.
#[utoipa::path(delete, path = "/api/v1/mutes/{id}", tag = "alarms", params(("id" = String, Path)),
    responses((status = 204), (status = 404)))]
async fn end(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    params: Params,
) -> Result<StatusCode, Fault> {
    params.finish()?;
    let missing = || Fault::not_found("There is no such mute.", "No existe ese silencio.");
    let id: MuteId = id.parse().map_err(|_| missing())?;
    let done = services.blocking(move |services| {
        match services.store.end_mute(id, &identity.actor()) {
            Err(StoreError::NotFound) => return Err(missing()),
            other => other?,
        };
        services.quiet.changed(services)?;
        Ok(StatusCode::NO_CONTENT)
    });
    done.await
}
