//! `/api/v1/settings`: what an administrator sets at run time.

use atalaya_api::people::Role;
use atalaya_api::settings::Settings;
use atalaya_api::span::Span;
use axum::extract::State;
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::ReceiverConfig;
use crate::period;
use crate::source::remote::http::checked;
use crate::store::{Actor, Store, StoreError};

use super::auth::Identity;
use super::body::Body;
use super::faults::Faults;
use super::problem::{Fault, FieldFault, clipped};
use super::query::Params;
use super::source_check::origin;
use super::{Services, backups, calendars, phones, rule_check};

/// Where the settings are kept.
const KEY: &str = "settings";
const LONGEST_URL: usize = 2_000;
const MOST_RECEIVERS: usize = 50;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(read, write))
}

/// The settings in force. What was stored by another version and cannot be read counts as never saved. Blocks.
///
/// # Errors
/// The store's.
pub fn load(store: &dyn Store) -> Result<Settings, StoreError> {
    let stored = store.setting(KEY)?;
    Ok(stored.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default())
}

/// The settings. Whoever may not change them does not see `heartbeat_url`: such an address is often all that lets in.
#[utoipa::path(get, path = "/api/v1/settings", tag = "settings", responses((status = 200, body = Settings)))]
async fn read(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    params: Params,
) -> Result<Json<Settings>, Fault> {
    params.finish()?;
    let mut settings = services.blocking(|services| Ok(load(&*services.store)?)).await?;
    if identity.effective_role() != Role::Admin {
        settings.heartbeat_url.clear();
    }
    Ok(Json(settings))
}

/// Replace the settings.
#[utoipa::path(put, path = "/api/v1/settings", tag = "settings", request_body = Settings,
    responses((status = 200, body = Settings), (status = 422)))]
async fn write(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Body(mut wanted): Body<Settings>,
) -> Result<Json<Settings>, Fault> {
    let saved = services.blocking(move |services| {
        check(services, &mut wanted)?;
        let value = serde_json::to_value(&wanted).map_err(|_| Fault::internal())?;
        services.store.put_setting(KEY, &value, &identity.actor())?;
        Ok(wanted)
    });
    saved.await.map(Json)
}

/// A receiver is told of the system's alarms from now on, if none of those that should be is there.
///
/// # Errors
/// The store's.
pub fn tell_of_system(services: &Services, receiver: &str, by: &Actor) -> Result<(), Fault> {
    let mut settings = load(&*services.store)?;
    let known = services.store.receivers()?;
    let is_known =
        |id: &String| known.iter().any(|one| one.receiver.id == *id && one.receiver.id != receiver);
    if settings.system_receivers.iter().any(is_known)
        || settings.system_receivers.iter().any(|id| id == receiver)
    {
        return Ok(());
    }
    settings.system_receivers.push(receiver.to_owned());
    let value = serde_json::to_value(&settings).map_err(|_| Fault::internal())?;
    Ok(services.store.put_setting(KEY, &value, by)?)
}

/// Numbers become what is kept of them.
fn check(services: &Services, settings: &mut Settings) -> Result<(), Fault> {
    let mut faults = rule_check::check_defaults(&settings.defaults, &calendars::names(services)?);
    faults.extend(rule_check::check_zone("time_zone", &settings.time_zone));
    let daytime = period::weekly("daytime", &settings.daytime, &settings.time_zone, services.now().wall);
    faults.extend(daytime.err().into_iter().flatten().map(FieldFault::from));
    if !["en", "es"].contains(&settings.language.as_str()) {
        faults.push(FieldFault::new("language", "must be en or es", "debe ser en o es"));
    }
    if !settings.heartbeat_url.is_empty()
        && let Err(unusable) = checked(&settings.heartbeat_url, "heartbeat_url")
    {
        faults.push(FieldFault::new(unusable.field, unusable.words.en, unusable.words.es));
    }
    let spans = [
        ("sample_retention", settings.sample_retention, Span(3_600), Span(400 * 86_400)),
        ("evidence_retention", settings.evidence_retention, Span::DAY, Span(400 * 86_400)),
        ("forget_after", settings.forget_after, Span::MINUTE, Span(400 * 86_400)),
    ];
    for (field, span, least, most) in spans {
        if !(least..=most).contains(&span) {
            faults.push(FieldFault::new(
                field,
                format!("must be from \"{least}\" to \"{most}\""),
                format!("debe ser de \"{least}\" a \"{most}\""),
            ));
        }
    }
    let before = load(&*services.store)?.backup;
    faults.extend(backups::check(&settings.backup, &before, services.backups.folder()));
    let mut faults = Faults(faults);
    check_told(services, settings, &mut faults)?;
    faults.done()
}

/// Who is told, and where they find Atalaya.
fn check_told(services: &Services, settings: &mut Settings, faults: &mut Faults) -> Result<(), Fault> {
    settings.public_url = settings.public_url.trim().trim_end_matches('/').to_owned();
    let url = &settings.public_url;
    let is_web = url.starts_with("http://") || url.starts_with("https://");
    let strange = |c: char| c.is_control() || c.is_whitespace() || ['?', '#', '@'].contains(&c);
    if !url.is_empty()
        && (!is_web || url.len() > LONGEST_URL || url.contains(strange) || origin(url).is_none())
    {
        faults.add(
            "public_url",
            "must be empty or an address such as https://atalaya.example.org, without ? or #",
            "debe estar vacío o ser una dirección como https://atalaya.example.org, sin ? ni #",
        );
    }
    phones::lists(&mut settings.phone_lists, faults);
    let receivers = services.store.receivers()?;
    check_system(services, settings, &receivers, faults)?;
    for ReceiverConfig { receiver, .. } in &receivers {
        let named = receiver.sms.iter().flat_map(|way| &way.lists);
        for list in named.filter(|name| !settings.phone_lists.iter().any(|list| list.name == **name)) {
            let (list, name) = (clipped(list), clipped(&receiver.name));
            faults.add(
                "phone_lists",
                format!(
                    "the list {list:?} is missing, which the receiver {name:?} names: change that one first"
                ),
                format!("falta la lista {list:?}, que nombra el destino {name:?}: cambie antes ese destino"),
            );
        }
    }
    Ok(())
}

/// Those that were there before may have been deleted since.
fn check_system(
    services: &Services,
    settings: &Settings,
    receivers: &[ReceiverConfig],
    faults: &mut Faults,
) -> Result<(), Fault> {
    let wanted = &settings.system_receivers;
    if wanted.len() > MOST_RECEIVERS {
        faults.add(
            "system_receivers",
            format!("must be at most {MOST_RECEIVERS}"),
            format!("deben ser como mucho {MOST_RECEIVERS}"),
        );
    }
    let before = load(&*services.store)?.system_receivers;
    let known: Vec<&str> = receivers.iter().map(|one| one.receiver.id.as_str()).collect();
    for (place, id) in wanted.iter().enumerate().take(MOST_RECEIVERS) {
        let is_there = known.contains(&id.as_str()) || before.contains(id);
        let fault = rule_check::unknown_receiver(&format!("system_receivers[{place}]"), id, &known);
        faults.0.extend(Some(fault).filter(|_| !is_there));
    }
    Ok(())
}
