//! Reads the live stream as a browser does, and keeps what it saw.

use std::io::{BufRead, BufReader};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

use crate::client::Client;

/// One event as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: Option<u64>,
    pub name: String,
    pub data: Value,
}

/// What a reader saw so far. The reading thread ends with the stream.
pub struct Listener {
    seen: Arc<Mutex<Vec<Event>>>,
    thread: JoinHandle<()>,
}

impl Listener {
    /// Reads from now on, or from after an event.
    ///
    /// # Errors
    /// The server does not answer.
    pub fn start(client: &Client, last_event_id: Option<u64>) -> Result<Self, ureq::Error> {
        let stream = client.stream("/api/v1/events", last_event_id)?;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        let thread = std::thread::spawn(move || read(BufReader::new(stream), |event| lock(&log).push(event)));
        Ok(Listener { seen, thread })
    }

    pub fn seen(&self) -> Vec<Event> {
        lock(&self.seen).clone()
    }

    /// Events of one name, in order.
    pub fn named(&self, name: &str) -> Vec<Event> {
        lock(&self.seen).iter().filter(|event| event.name == name).cloned().collect()
    }

    /// How many events of one name came.
    pub fn count(&self, name: &str) -> usize {
        lock(&self.seen).iter().filter(|event| event.name == name).count()
    }

    /// Everything, once the server is gone.
    pub fn finish(self) -> Vec<Event> {
        let _ended = self.thread.join();
        std::mem::take(&mut lock(&self.seen))
    }
}

/// Follows the stream through every end of the server: it comes back with the id of the last event it saw.
pub struct Follower {
    /// Those with an id: what the server keeps.
    seen: Arc<Mutex<Vec<Event>>>,
    resets: Arc<AtomicUsize>,
    stopped: Arc<AtomicBool>,
}

impl Follower {
    /// From now on.
    ///
    /// # Errors
    /// The server does not answer.
    pub fn start(client: &Client) -> Result<Self, ureq::Error> {
        let follower = Follower { seen: Arc::default(), resets: Arc::default(), stopped: Arc::default() };
        let (seen, resets, stopped) =
            (follower.seen.clone(), follower.resets.clone(), follower.stopped.clone());
        let client = client.clone();
        let mut stream = Some(client.stream("/api/v1/events", None)?);
        std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                let Some(open) = stream.take() else {
                    std::thread::sleep(Duration::from_millis(10));
                    let last = lock(&seen).last().and_then(|event: &Event| event.id);
                    stream = client.stream("/api/v1/events", last).ok();
                    continue;
                };
                read(BufReader::new(open), |event| match event.id {
                    Some(_) => lock(&seen).push(event),
                    None => drop(resets.fetch_add(usize::from(event.name == "reset"), Ordering::Relaxed)),
                });
            }
        });
        Ok(follower)
    }

    /// How many came so far.
    pub fn count(&self) -> usize {
        lock(&self.seen).len()
    }

    /// The latest.
    pub fn last(&self) -> Option<Event> {
        lock(&self.seen).last().cloned()
    }

    /// Those after the first so many.
    pub fn after(&self, count: usize) -> Vec<Event> {
        lock(&self.seen)[count..].to_vec()
    }

    /// How often the server said that what came in between is gone.
    pub fn resets(&self) -> usize {
        self.resets.load(Ordering::Relaxed)
    }
}

impl Drop for Follower {
    /// The thread ends with its stream.
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}

fn lock(seen: &Mutex<Vec<Event>>) -> MutexGuard<'_, Vec<Event>> {
    seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Server-sent events, as the HTML standard's "event stream interpretation" has them.
fn read(stream: impl BufRead, mut take: impl FnMut(Event)) {
    let (mut id, mut name, mut data) = (None, String::new(), String::new());
    for line in stream.lines().map_while(Result::ok) {
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" if line.is_empty() && !data.is_empty() => {
                let data = serde_json::from_str(&std::mem::take(&mut data)).unwrap_or(Value::Null);
                take(Event { id: id.take(), name: std::mem::take(&mut name), data });
            }
            "id" => id = value.parse().ok(),
            "event" => name = value.to_owned(),
            "data" => data.push_str(value),
            _ => {}
        }
    }
}
