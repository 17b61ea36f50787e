//! `/api/v1/settings`: what an administrator sets at run time.

use atalaya_api::people::Role;
use atalaya_api::settings::Settings;
use atalaya_api::span::Span;
use axum::extract::State;
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::period;
use crate::source::remote::http::checked;
use crate::store::{Store, StoreError};

use super::auth::Identity;
use super::body::Body;
use super::problem::{Fault, FieldFault};
use super::query::Params;
use super::{Services, backups, calendars, rule_check};

/// Where the settings are kept.
const KEY: &str = "settings";

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
    Body(wanted): Body<Settings>,
) -> Result<Json<Settings>, Fault> {
    let saved = services.blocking(move |services| {
        check(services, &wanted)?;
        let value = serde_json::to_value(&wanted).map_err(|_| Fault::internal())?;
        services.store.put_setting(KEY, &value, &identity.actor())?;
        Ok(wanted)
    });
    saved.await.map(Json)
}

fn check(services: &Services, settings: &Settings) -> Result<(), Fault> {
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
    if faults.is_empty() { Ok(()) } else { Err(Fault::invalid(faults)) }
}
