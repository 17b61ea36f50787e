//! `/api/v1/events`: the live stream, resumed by `Last-Event-ID`.
//!
//! Every stream reads committed events from the store by id, at its own pace: a slow reader takes no memory but the
//! few events on their way to it, and one that reads nothing for a while is let go.

use std::convert::Infallible;
use std::time::Duration;

use atalaya_api::event::{AlarmEvent, QuietEvent, ResetEvent, RuleEvent, StatusEvent};
use atalaya_api::people::Role;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::{Extension, response::IntoResponse};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::Millis;
use crate::store::Happening;

use super::auth::{Credential, Identity, by_session, session_end};
use super::hub::{Entered, EventHub};
use super::problem::{Fault, Kind, Language};
use super::query::Params;
use super::{Services, summary, view};

/// Most open streams.
const MOST: usize = 1_000;
/// Events on their way to one reader.
const ON_THE_WAY: usize = 64;
/// Events read from the store at once.
const AT_ONCE: u32 = 200;
/// How long a reader may leave its events unread.
const PATIENCE: Duration = Duration::from_secs(30);
const STATUS_EVERY: Duration = Duration::from_secs(1);
/// In statuses: how often it is asked whether the login still holds.
const ASK_LOGIN_EVERY: u64 = 5;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(events))
}

/// The live stream (server-sent events): `alarm`, `rule`, `quiet` (with ids, resumable), `status` each second, `reset`.
#[utoipa::path(get, path = "/api/v1/events", tag = "alarms",
    params(("last_event_id" = Option<u64>, Query, description = "as the header Last-Event-ID: go on after this event")),
    responses((status = 200, content_type = "text/event-stream", body = AlarmEvent), (status = 401)))]
async fn events(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Extension(language): Extension<Language>,
    headers: HeaderMap,
    mut params: Params,
) -> Result<impl IntoResponse, Fault> {
    let asked = params.text("last_event_id");
    params.finish()?;
    let header = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let resumed = header.or(asked.as_deref()).filter(|text| !text.is_empty()).map(read_id).transpose()?;
    let entered = services.events.enter(MOST).ok_or_else(too_many)?;
    let last = match resumed {
        Some(id) => id,
        None => services.blocking(|services| Ok(services.store.last_event()?)).await?,
    };
    let (send, receive) = mpsc::channel(ON_THE_WAY);
    let stream =
        Stream { hub: services.events.clone(), services, identity, language, last, send, _entered: entered };
    tokio::spawn(stream.run());
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(15));
    Ok(Sse::new(ReceiverStream::new(receive)).keep_alive(keep_alive))
}

fn read_id(text: &str) -> Result<u64, Fault> {
    text.parse().map_err(|_| {
        Fault::field("last_event_id", "must be the id of an event", "debe ser el id de un evento")
    })
}

fn too_many() -> Fault {
    Fault::new(
        Kind::Unavailable,
        "Too many open event streams.",
        "Demasiadas conexiones de eventos abiertas.",
    )
}

/// One open stream.
struct Stream {
    services: Services,
    identity: Identity,
    language: Language,
    hub: EventHub,
    /// The id of the last event that was sent.
    last: u64,
    send: mpsc::Sender<Result<Event, Infallible>>,
    _entered: Entered,
}

impl Stream {
    /// Until the reader goes, the login ends, or the server stops.
    async fn run(mut self) {
        if let Err(fault) = self.tell_all().await {
            tracing::debug!(reason = %fault, user = %self.identity.user.username, "an event stream ended");
        }
    }

    async fn tell_all(&mut self) -> Result<(), &'static str> {
        let mut news = self.hub.watch();
        let mut ticks = tokio::time::interval(STATUS_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut told = 0_u64;
        // An event of nothing but an id: should the line drop now, the browser asks for what came after it.
        self.put(Event::default().id(self.last.to_string())).await?;
        loop {
            if news.borrow_and_update().closing {
                return Err("the server is stopping");
            }
            self.catch_up().await?;
            tokio::select! {
                changed = news.changed() => changed.map_err(|_| "the server is gone")?,
                _ = ticks.tick() => {
                    if told.is_multiple_of(ASK_LOGIN_EVERY) {
                        self.ask_login().await?;
                    }
                    told += 1;
                    self.tell_status().await?;
                }
            }
        }
    }

    /// Sends what was committed after the last event sent.
    async fn catch_up(&mut self) -> Result<(), &'static str> {
        loop {
            let (after, language) = (self.last, self.language);
            let read = self.services.blocking(move |services| {
                let found = services.store.events_after(after, AT_ONCE)?;
                Ok(found.map(|list| {
                    list.into_iter().map(|one| dressed(services, one, language)).collect::<Vec<_>>()
                }))
            });
            let Some(events) = read.await.map_err(|_| "the store failed")? else {
                self.start_anew().await?;
                return Ok(());
            };
            let more = events.len() as u32 >= AT_ONCE;
            for (id, event) in events {
                self.put(event).await?;
                self.last = id;
            }
            if !more {
                return Ok(());
            }
        }
    }

    /// What comes after the last event is no longer kept: the browser reads everything anew.
    async fn start_anew(&mut self) -> Result<(), &'static str> {
        let last = self.services.blocking(|services| Ok(services.store.last_event()?)).await;
        self.last = last.map_err(|_| "the store failed")?;
        self.put(Event::default().id(self.last.to_string())).await?;
        self.put(named("reset", &ResetEvent {})).await
    }

    async fn tell_status(&mut self) -> Result<(), &'static str> {
        let summary = self.services.blocking(summary::recent).await.map_err(|_| "the store failed")?;
        let status = StatusEvent { at: self.services.now().wall.timestamp(), summary };
        self.put(named("status", &status)).await
    }

    /// A viewer's login lasts while the stream is open (a screen on a wall); others' end when they do nothing.
    async fn ask_login(&mut self) -> Result<(), &'static str> {
        let now = self.services.now().wall;
        let end = match (self.identity.by, self.identity.effective_role()) {
            (Credential::Token(hash), _) => {
                let found = self.services.blocking(move |services| Ok(services.store.token(hash)?)).await;
                found.map_err(|_| "the store failed")?.map(|_| self.identity.expires_at)
            }
            (Credential::Session(hash), Role::Viewer) => {
                let found = self.services.blocking(move |services| by_session(services, hash)).await;
                found.map_err(|_| "the store failed")?.map(|identity| identity.expires_at)
            }
            (Credential::Session(hash), _) => {
                let found = self.services.blocking(move |services| session_end(services, hash)).await;
                found.map_err(|_| "the store failed")?
            }
        };
        if end.is_some_and(|end: Millis| now < end) { Ok(()) } else { Err("the login is over") }
    }

    async fn put(&mut self, event: Event) -> Result<(), &'static str> {
        let sent = tokio::time::timeout(PATIENCE, self.send.send(Ok(event))).await;
        sent.map_err(|_| "the reader is too slow")?.map_err(|_| "the reader is gone")
    }
}

fn dressed(services: &Services, (id, happening): (u64, Happening), language: Language) -> (u64, Event) {
    let event = match happening {
        Happening::Alarm { alarm, transition } => {
            let alarm = view::alarm(services, alarm, language);
            named(
                "alarm",
                &AlarmEvent { alarm, transition: view::transition(&transition.transition, language) },
            )
        }
        Happening::Quiet(what) => named("quiet", &QuietEvent { what }),
        Happening::Rule { id, action } => named("rule", &RuleEvent { id: id.to_string(), action }),
    };
    (id, event.id(id.to_string()))
}

fn named(name: &str, data: &impl Serialize) -> Event {
    let event = Event::default().event(name);
    event.json_data(data).expect("plain data with names as keys can be written as JSON")
}
