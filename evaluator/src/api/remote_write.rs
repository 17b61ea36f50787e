//! Prometheus' remote-write: samples that another server sends.
//!
//! An answer of 4xx tells the sender to let go of what it sent, one of 5xx to send it again: only what will pass by itself may be
//! the latter.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ingest::prometheus::{LARGEST_BODY, LARGEST_REQUEST, RemoteWrite, Unreadable};
use crate::source::{Refusal, Refusals};

use super::Services;
use super::problem::{Fault, Kind, clipped};

/// Where it is.
pub const REMOTE_WRITE: &str = "/api/v1/ingest/prometheus/write";

/// How many requests are unpacked at a time: each takes up to 48 MiB.
const AT_ONCE: usize = 2;
/// How long a request waits for its turn before it is sent away.
const PATIENCE: Duration = Duration::from_secs(10);

/// The door, and whose turn it is.
#[derive(Clone)]
pub struct RemoteWriteDoor {
    door: Arc<RemoteWrite>,
    turns: Arc<Semaphore>,
}

impl RemoteWriteDoor {
    pub fn new(door: Arc<RemoteWrite>) -> Self {
        RemoteWriteDoor { door, turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, Fault> {
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned()).await;
        turn.ok().and_then(Result::ok).ok_or_else(|| {
            Fault::new(
                Kind::Unavailable,
                "Too many requests bring samples at once; send it again in a moment.",
                "Demasiadas peticiones traen muestras a la vez; envíela de nuevo dentro de un momento.",
            )
            .with_header(header::RETRY_AFTER, HeaderValue::from(1))
        })
    }
}

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .routes(routes!(write))
        .routes(routes!(write_as_usual))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
}

/// Bring samples by Prometheus' remote-write 1.0.
#[utoipa::path(post, path = "/api/v1/ingest/prometheus/write", tag = "sources",
    request_body(content_type = "application/x-protobuf", description = "a snappy block with a WriteRequest"),
    responses((status = 204, description = "all of it is stored"),
        (status = 400, description = "some of it is refused, the rest is stored; do not send it again"),
        (status = 413), (status = 415), (status = 503, description = "send it again")))]
async fn write(state: State<Services>, request: Request) -> Result<StatusCode, Fault> {
    take(state.0, request).await
}

/// The same at the address that people know.
#[utoipa::path(post, path = "/api/v1/write", tag = "sources",
    request_body(content_type = "application/x-protobuf", description = "a snappy block with a WriteRequest"),
    responses((status = 204, description = "all of it is stored"),
        (status = 400, description = "some of it is refused, the rest is stored; do not send it again"),
        (status = 413), (status = 415), (status = 503, description = "send it again")))]
async fn write_as_usual(state: State<Services>, request: Request) -> Result<StatusCode, Fault> {
    take(state.0, request).await
}

async fn take(services: Services, request: Request) -> Result<StatusCode, Fault> {
    check_headers(request.headers())?;
    let body = Bytes::from_request(request, &services).await.map_err(|_| too_large(LARGEST_BODY))?;
    let turn = services.remote_write.turn().await?;
    let refused = services.blocking(move |services| {
        let _turn = turn;
        services.remote_write.door.take(&body, services.now().wall).map_err(Fault::from)
    });
    let refused = refused.await?;
    if refused.is_empty() { Ok(StatusCode::NO_CONTENT) } else { Err(told(&refused)) }
}

fn check_headers(headers: &HeaderMap) -> Result<(), Fault> {
    let said = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = said(header::CONTENT_TYPE);
    let mut parts = kind.split(';').map(str::trim);
    let protobuf = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/x-protobuf"));
    let message = parts.find_map(|part| part.strip_prefix("proto=")).unwrap_or("prometheus.WriteRequest");
    if !protobuf || message.trim_matches('"') != "prometheus.WriteRequest" {
        let got = clipped(kind);
        return Err(Fault::new(
            Kind::MediaType,
            format!(
                "Content-Type must be application/x-protobuf with a prometheus.WriteRequest (remote-write 1.0), not {got:?}; \
                 in Prometheus: protobuf_message: prometheus.WriteRequest."
            ),
            format!(
                "Content-Type debe ser application/x-protobuf con un prometheus.WriteRequest (remote-write 1.0), no {got:?}; \
                 en Prometheus: protobuf_message: prometheus.WriteRequest."
            ),
        ));
    }
    let encoding = said(header::CONTENT_ENCODING);
    if !encoding.eq_ignore_ascii_case("snappy") {
        let got = clipped(encoding);
        return Err(Fault::new(
            Kind::MediaType,
            format!("Content-Encoding must be snappy, not {got:?}."),
            format!("Content-Encoding debe ser snappy, no {got:?}."),
        ));
    }
    Ok(())
}

fn too_large(most: usize) -> Fault {
    let most = most >> 20;
    Fault::new(
        Kind::TooLarge,
        format!("A request must be at most {most} MiB; send fewer samples at a time."),
        format!("Una petición debe tener como mucho {most} MiB; envíe menos muestras a la vez."),
    )
}

impl From<Unreadable> for Fault {
    fn from(error: Unreadable) -> Self {
        match error {
            Unreadable::TooLarge(_) => too_large(LARGEST_REQUEST),
            Unreadable::Snappy(error) => Fault::new(
                Kind::BadSamples,
                format!("The body is no snappy block: {error}."),
                format!("El cuerpo no es un bloque snappy: {error}."),
            ),
        }
    }
}

/// What was refused of a request whose rest is stored.
fn told(refused: &Refusals) -> Fault {
    let line = |pick: fn((&'static str, &'static str)) -> &'static str| {
        let parts = refused.each().map(|(why, count, example)| {
            let example = example.map(|example| format!(" ({example})")).unwrap_or_default();
            format!("{count} {}{example}", pick(words(why)))
        });
        parts.collect::<Vec<_>>().join("; ")
    };
    Fault::new(
        Kind::BadSamples,
        format!("Refused, while the rest is stored: {}.", line(|(en, _)| en)),
        format!("Rechazado, el resto se guardó: {}.", line(|(_, es)| es)),
    )
}

/// A reason, after a number of samples.
fn words(why: Refusal) -> (&'static str, &'static str) {
    match why {
        Refusal::Malformed => ("not a WriteRequest in protobuf", "no es un WriteRequest en protobuf"),
        Refusal::BadName => (
            "without __name__, with a label twice or without a name, or with a name over 2048 bytes",
            "sin __name__, con una etiqueta repetida o sin nombre, o con un nombre de más de 2048 bytes",
        ),
        Refusal::FarFuture => {
            ("more than 10 minutes ahead of this clock", "adelantadas más de 10 minutos a este reloj")
        }
        Refusal::TooOld => ("older than what is kept", "más antiguas que lo que se conserva"),
        Refusal::TooLate => (
            "out of order, too far behind the newest of their series",
            "desordenadas, demasiado atrasadas respecto a la última de su serie",
        ),
        Refusal::SameTime => (
            "with another value for a time that has one already",
            "con otro valor para un instante que ya tiene uno",
        ),
        Refusal::TooManySeries => {
            ("of new series, for which there is no room", "de series nuevas, que ya no caben")
        }
        Refusal::Histogram => {
            ("native histograms, which are not taken", "histogramas nativos, que no se admiten")
        }
        other => (other.words(), other.words()),
    }
}
