//! `/api/v1/alarms/ack`: somebody has seen them.

use atalaya_api::quiet::{Acknowledge, AlarmsDone};
use axum::extract::State;
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::AlarmId;

use super::Services;
use super::alarm_filter::selected;
use super::auth::Identity;
use super::body::Body;
use super::problem::{Fault, FieldFault};

/// Of notes and reasons, characters.
const LONGEST: usize = 1_000;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(acknowledge)).routes(routes!(unacknowledge))
}

/// Say that somebody has seen these alarms, with a note. Those that were acknowledged already stay as they are.
#[utoipa::path(post, path = "/api/v1/alarms/ack", tag = "alarms", request_body = Acknowledge,
    responses((status = 200, body = AlarmsDone), (status = 409, description = "they are more or fewer by now"), (status = 422)))]
async fn acknowledge(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Body(wanted): Body<Acknowledge>,
) -> Result<Json<AlarmsDone>, Fault> {
    change(services, wanted, move |services, ids, note| {
        Ok(services.store.acknowledge(ids, note, &identity.actor())?)
    })
    .await
}

/// Take back that somebody has seen these alarms: as if nobody had.
#[utoipa::path(post, path = "/api/v1/alarms/unack", tag = "alarms", request_body = Acknowledge,
    responses((status = 200, body = AlarmsDone), (status = 409, description = "they are more or fewer by now"), (status = 422)))]
async fn unacknowledge(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Body(wanted): Body<Acknowledge>,
) -> Result<Json<AlarmsDone>, Fault> {
    change(services, wanted, move |services, ids, _| {
        Ok(services.store.unacknowledge(ids, &identity.actor())?)
    })
    .await
}

async fn change(
    services: Services,
    wanted: Acknowledge,
    write: impl FnOnce(&Services, &[AlarmId], &str) -> Result<Vec<AlarmId>, Fault> + Send + 'static,
) -> Result<Json<AlarmsDone>, Fault> {
    if let Some(fault) = too_long("note", &wanted.note) {
        return Err(Fault::invalid(vec![fault]));
    }
    let done = services.blocking(move |services| {
        let alarms = selected(services, wanted.select, wanted.expected_total)?;
        let ids: Vec<AlarmId> = alarms.iter().map(|alarm| alarm.id).collect();
        let changed = write(services, &ids, wanted.note.trim())?;
        services.quiet.changed(services)?;
        Ok(AlarmsDone {
            total: ids.len() as u64,
            changed: changed.len() as u64,
            ids: changed.iter().map(ToString::to_string).collect(),
        })
    });
    done.await.map(Json)
}

/// What is wrong with a note or a reason.
pub fn too_long(field: &str, text: &str) -> Option<FieldFault> {
    let fault = || {
        FieldFault::new(
            field,
            format!("must have at most {LONGEST} characters"),
            format!("debe tener como mucho {LONGEST} caracteres"),
        )
    };
    (text.chars().count() > LONGEST).then(fault)
}
