//! The live stream: one `EventSource` for the whole app, owned by its root.
//!
//! Signals coalesce and so are no queues: events wait in a queue and are handed to the listeners once per animation frame.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use atalaya_api::event::{AlarmEvent, RuleEvent, StatusEvent};
use atalaya_api::summary::Summary;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};

use crate::account::{Account, Who};
use crate::api::{Api, read};
use crate::base::encode;
use crate::dom;
use crate::erase::{effect, memo};
use crate::format::ms;
use crate::reading::{self, Read};

/// Without a `status` for so long the stream counts as lost, ms. It comes each second.
const SILENCE_MS: f64 = 5_000.0;
/// Clocks that differ by less count as equal, ms: an answer's way takes as long.
const SAME_CLOCK_MS: f64 = 2_000.0;
/// Between attempts to open a stream that the browser gave up, ms.
const REOPEN_MS: f64 = 3_000.0;

/// What listeners get.
#[derive(Clone, Debug, PartialEq)]
pub enum LiveEvent {
    Alarm(Box<AlarmEvent>),
    Rule(RuleEvent),
    Status(Box<StatusEvent>),
    /// Alarms were acknowledged, or something was muted or planned.
    Quiet,
    /// There is a gap: read everything anew.
    Reset,
}

/// How true the page is right now.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Connection {
    #[default]
    Connecting,
    Live,
    /// What is shown is from this instant, Unix ms; none: nothing ever came.
    Lost {
        data_from: Option<f64>,
    },
}

/// The stream is live while the latest status is younger than five seconds.
///
/// `opened` and `last_status` are browser instants, Unix ms.
pub fn connection(now: f64, opened: f64, last_status: Option<f64>) -> Connection {
    match last_status {
        Some(at) if now - at < SILENCE_MS => Connection::Live,
        Some(at) => Connection::Lost { data_from: Some(at) },
        None if now - opened < SILENCE_MS => Connection::Connecting,
        None => Connection::Lost { data_from: None },
    }
}

type Listener = Rc<dyn Fn(&LiveEvent)>;
type Handler = Closure<dyn FnMut(MessageEvent)>;

/// What lives outside of the reactive graph.
#[derive(Default)]
struct Engine {
    stream: Option<EventSource>,
    handlers: Vec<Handler>,
    queue: VecDeque<LiveEvent>,
    frame_asked: bool,
    listeners: Vec<(u64, Listener)>,
    next_listener: u64,
    last_attempt: f64,
    /// The id of the latest event, for a stream that has to be opened anew.
    last_event: String,
}

/// The live service, in context.
#[derive(Clone, Copy)]
pub struct Live {
    /// The counts, as of the latest status or summary.
    pub summary: RwSignal<Option<Summary>>,
    pub connection: RwSignal<Connection>,
    /// The server's clock, Unix ms, each second: for "12 min" and "checked 4 s ago".
    pub now: RwSignal<f64>,
    /// By how much the server's clock is ahead of the browser's, ms.
    skew: StoredValue<f64>,
    last_status: StoredValue<Option<f64>>,
    opened: StoredValue<f64>,
    engine: StoredValue<Rc<RefCell<Engine>>, LocalStorage>,
    api: Api,
    account: Account,
}

impl Live {
    /// Starts the service: it opens the stream whenever somebody is logged in and closes it with its owner.
    pub fn provide(api: Api, account: Account) -> Self {
        let now = dom::now_ms();
        let live = Live {
            summary: RwSignal::new(None),
            connection: RwSignal::new(Connection::Connecting),
            now: RwSignal::new(now),
            skew: StoredValue::new(0.0),
            last_status: StoredValue::new(None),
            opened: StoredValue::new(now),
            engine: StoredValue::new_local(Rc::default()),
            api,
            account,
        };
        provide_context(live);
        let logged_in = memo(move || account.who.with(|who| matches!(who, Who::In(_))));
        effect(move || if logged_in.get() { live.open() } else { live.close() });
        live.tick_each_second();
        live
    }

    /// Calls `listener` with each event until the calling view goes away.
    pub fn listen(self, listener: impl Fn(&LiveEvent) + 'static) {
        let Some(engine) = self.engine.try_get_value() else { return };
        let id = {
            let mut engine = engine.borrow_mut();
            engine.next_listener += 1;
            let id = engine.next_listener;
            engine.listeners.push((id, Rc::new(listener)));
            id
        };
        on_cleanup(move || {
            if let Some(engine) = self.engine.try_get_value() {
                engine.borrow_mut().listeners.retain(|(other, _)| *other != id);
            }
        });
    }

    /// False while what is shown may be old: numbers are greyed then. Tracks.
    pub fn is_fresh(self) -> bool {
        self.connection.with(|connection| !matches!(connection, Connection::Lost { .. }))
    }

    /// The server's clock, Unix ms: an operator's clock that is wrong must not make an alarm older or younger.
    pub fn server_now(self) -> f64 {
        dom::now_ms() + self.skew.try_get_value().unwrap_or_default()
    }

    fn tick_each_second(self) {
        let tick = move || {
            if self.now.try_set(self.server_now()).is_none() {
                self.judge(dom::now_ms());
            }
        };
        let ticking = set_interval_with_handle(tick, std::time::Duration::from_secs(1));
        on_cleanup(move || {
            if let Ok(handle) = ticking {
                handle.clear();
            }
            self.close();
        });
    }

    /// Sets the connection's state and opens anew what the browser gave up.
    fn judge(self, now: f64) {
        let state = match connection(now, self.opened.get_value(), self.last_status.get_value()) {
            Connection::Lost { data_from: Some(at) } => {
                Connection::Lost { data_from: Some(at + self.skew.get_value()) }
            }
            other => other,
        };
        if self.connection.get_untracked() != state {
            self.connection.set(state);
        }
        let engine = self.engine.get_value();
        let given_up = {
            let engine = engine.borrow();
            let closed =
                engine.stream.as_ref().is_some_and(|stream| stream.ready_state() == EventSource::CLOSED);
            closed && now - engine.last_attempt >= REOPEN_MS
        };
        if given_up {
            self.open();
            self.check_login();
        }
    }

    /// A stream that is refused does not say why; a login that ended is the likeliest reason.
    fn check_login(self) {
        leptos::task::spawn_local(async move {
            if let Ok(session) = self.api.get("session").await.and_then(read) {
                let _ = self.account.who.try_set(Who::In(session));
            }
        });
    }

    fn open(self) {
        self.close();
        let now = dom::now_ms();
        self.opened.set_value(now);
        let engine = self.engine.get_value();
        engine.borrow_mut().last_attempt = now;
        // The browser resumes by itself, but not a stream that it gave up.
        let path = match engine.borrow().last_event.as_str() {
            "" => "events".to_owned(),
            id => format!("events?last_event_id={}", encode(id)),
        };
        let Ok(stream) = EventSource::new(&self.api.address(&path)) else { return };
        self.hear(&stream, "alarm", |text| Some(LiveEvent::Alarm(Box::new(event(text)?))));
        self.hear(&stream, "rule", |text| event(text).map(LiveEvent::Rule));
        self.hear(&stream, "status", |text| Some(LiveEvent::Status(Box::new(event(text)?))));
        self.hear(&stream, "quiet", |_| Some(LiveEvent::Quiet));
        self.hear(&stream, "reset", |_| Some(LiveEvent::Reset));
        engine.borrow_mut().stream = Some(stream);
    }

    fn close(self) {
        let Some(engine) = self.engine.try_get_value() else { return };
        let mut engine = engine.borrow_mut();
        if let Some(stream) = engine.stream.take() {
            stream.close();
        }
        engine.handlers.clear();
    }

    fn hear(self, stream: &EventSource, name: &str, read: fn(&str) -> Option<LiveEvent>) {
        let handler = Handler::new(move |message: MessageEvent| {
            let text = message.data().as_string().unwrap_or_default();
            if let Some(engine) = self.engine.try_get_value().filter(|_| !message.last_event_id().is_empty())
            {
                engine.borrow_mut().last_event = message.last_event_id();
            }
            if let Some(event) = read(&text) {
                self.put(event);
            }
        });
        if stream.add_event_listener_with_callback(name, handler.as_ref().unchecked_ref()).is_ok() {
            self.engine.get_value().borrow_mut().handlers.push(handler);
        }
    }

    fn put(self, event: LiveEvent) {
        let Some(engine) = self.engine.try_get_value() else { return };
        engine.borrow_mut().queue.push_back(event);
        if document().hidden() {
            // No frames are drawn in a hidden tab, but its title and its sound must still be right.
            self.apply();
        } else if !std::mem::replace(&mut engine.borrow_mut().frame_asked, true) {
            request_animation_frame(move || self.apply());
        }
    }

    fn apply(self) {
        let Some(engine) = self.engine.try_get_value() else { return };
        let events = {
            let mut engine = engine.borrow_mut();
            engine.frame_asked = false;
            std::mem::take(&mut engine.queue)
        };
        for event in events {
            if let LiveEvent::Status(status) = &event {
                self.see_status(status);
            }
            let listeners = engine.borrow().listeners.clone();
            for (id, listener) in listeners {
                // What an earlier listener did may have taken this one's view away.
                if engine.borrow().listeners.iter().any(|(other, _)| *other == id) {
                    listener(&event);
                }
            }
        }
    }

    fn see_status(self, status: &StatusEvent) {
        let now = dom::now_ms();
        self.last_status.set_value(Some(now));
        let ahead = ms(status.at) - now;
        self.skew.set_value(if ahead.abs() < SAME_CLOCK_MS { 0.0 } else { ahead });
        self.connection
            .maybe_update(|connection| std::mem::replace(connection, Connection::Live) != Connection::Live);
        let _ = self.summary.try_set(Some(status.summary.clone()));
    }
}

/// An event of a newer server that we cannot read is not worth breaking the page for.
fn event<T: Read>(text: &str) -> Option<T> {
    reading::from_text(text).ok()
}

pub fn use_live() -> Live {
    expect_context()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_silent_seconds_are_a_lost_connection() {
        assert_eq!(connection(10_000.0, 0.0, Some(5_001.0)), Connection::Live);
        assert_eq!(connection(10_000.0, 0.0, Some(5_000.0)), Connection::Lost { data_from: Some(5_000.0) });
    }

    #[test]
    fn a_stream_that_never_spoke_is_connecting_and_then_lost() {
        assert_eq!(connection(4_000.0, 0.0, None), Connection::Connecting);
        assert_eq!(connection(5_000.0, 0.0, None), Connection::Lost { data_from: None });
    }
}
