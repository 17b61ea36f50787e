//! `/api/v1/deliveries`: what was sent to whom, what waits, and what could not be sent.

use atalaya_api::delivery::{Delivery, DeliveryState, Retried, RetryDeliveries};
use atalaya_api::page::Page;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::AlarmId;
use crate::store::{DeliveryFilter, DeliveryRow, Slice};

use super::auth::Identity;
use super::body::Body;
use super::problem::{Fault, Kind, Language};
use super::query::Params;
use super::{Services, view};

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(retry_all))
        .routes(routes!(retry))
        .routes(routes!(give_up))
}

const STATES: [(&str, DeliveryState); 5] = [
    ("queued", DeliveryState::Queued),
    ("sending", DeliveryState::Sending),
    ("delivered", DeliveryState::Delivered),
    ("dead", DeliveryState::Dead),
    ("dropped", DeliveryState::Dropped),
];

/// Why nothing was done with a delivery.
#[derive(Debug, thiserror::Error)]
enum DeliveryError {
    #[error("there is no such delivery")]
    Missing,
    #[error("it is not dead")]
    NotDead,
}

impl From<DeliveryError> for Fault {
    fn from(error: DeliveryError) -> Self {
        match error {
            DeliveryError::Missing => Fault::not_found("There is no such delivery.", "No existe ese envío."),
            DeliveryError::NotDead => Fault::new(
                Kind::Conflict,
                "Only what could not be sent can be sent again or given up, and this one is not in that state any more.",
                "Solo se puede reenviar o dar por perdido lo que no se pudo enviar, y este envío ya no está así.",
            ),
        }
    }
}

/// Deliveries, newest first.
#[utoipa::path(get, path = "/api/v1/deliveries", tag = "telling",
    params(
        ("receiver" = Option<String>, Query, description = "a receiver's id"),
        ("state" = Option<String>, Query, description = "any of these, with commas: queued,sending,delivered,dead,dropped"),
        ("alarm" = Option<String>, Query, description = "an alarm's id: what speaks of it"),
        ("q" = Option<String>, Query, description = "every word must be in the title, the receiver's id or the names of what it speaks of"),
        ("limit" = Option<u32>, Query, description = "1 to 1000, default 100"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<Delivery>), (status = 422)))]
async fn list(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    params: Params,
) -> Result<Json<Page<Delivery>>, Fault> {
    let (filter, slice) = read_filter(params)?;
    let page = services.blocking(move |services| {
        let page = services.store.deliveries(&filter, &slice)?;
        Ok(page.map(|row| view::delivery(row, language)))
    });
    page.await.map(Json)
}

fn read_filter(mut params: Params) -> Result<(DeliveryFilter, Slice), Fault> {
    let alarm = params.text("alarm");
    let filter = DeliveryFilter {
        receiver: params.text("receiver"),
        states: params.choices("state", &STATES),
        alarm: alarm.and_then(|text| read_alarm_id(&mut params, &text)),
        q: params.text("q"),
    };
    let slice = params.slice();
    params.finish()?;
    Ok((filter, slice))
}

fn read_alarm_id(params: &mut Params, text: &str) -> Option<AlarmId> {
    let id = text.parse().ok();
    if id.is_none() {
        params.wrong("alarm", "must be an alarm's id", "debe ser el id de una alarma");
    }
    id
}

fn found(services: &Services, id: &str) -> Result<DeliveryRow, Fault> {
    let row = match id.parse() {
        Ok(id) => services.store.delivery(id)?,
        Err(_) => None,
    };
    row.ok_or_else(|| DeliveryError::Missing.into())
}

/// Send again what could not be sent, also when somebody gave it up since. What is no longer so is dropped instead.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/retry", tag = "telling", params(("id" = String, Path)),
    responses((status = 200, body = Delivery), (status = 404), (status = 409, description = "it is neither dead nor given up")))]
async fn retry(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Extension(language): Extension<Language>,
    Path(id): Path<String>,
) -> Result<Json<Delivery>, Fault> {
    let again = services.blocking(move |services| {
        let row = found(services, &id)?;
        if !services.store.retry(row.id, &identity.actor())? {
            return Err(DeliveryError::NotDead.into());
        }
        (services.tell)();
        Ok(view::delivery(found(services, &id)?, language))
    });
    again.await.map(Json)
}

/// Send again all that could not be sent to a receiver.
#[utoipa::path(post, path = "/api/v1/deliveries/retry", tag = "telling", request_body = RetryDeliveries,
    responses((status = 200, body = Retried), (status = 422)))]
async fn retry_all(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Body(wanted): Body<RetryDeliveries>,
) -> Result<Json<Retried>, Fault> {
    let again = services.blocking(move |services| {
        let deliveries = services.store.retry_all(&wanted.receiver, &identity.actor())?;
        (services.tell)();
        Ok(Retried { deliveries })
    });
    again.await.map(Json)
}

/// Give up what could not be sent: it is not told any more.
#[utoipa::path(delete, path = "/api/v1/deliveries/{id}", tag = "telling", params(("id" = String, Path)),
    responses((status = 204), (status = 404), (status = 409, description = "it is not dead")))]
async fn give_up(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
) -> Result<StatusCode, Fault> {
    let done = services.blocking(move |services| {
        let row = found(services, &id)?;
        if !services.store.give_up(row.id, &identity.actor())? {
            return Err(DeliveryError::NotDead.into());
        }
        (services.tell)();
        Ok(StatusCode::NO_CONTENT)
    });
    done.await
}
