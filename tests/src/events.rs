//! Reads the live stream as a browser does, and keeps what it saw.

use std::io::{BufRead, BufReader};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;

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
        let thread = std::thread::spawn(move || read(BufReader::new(stream), &log));
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

fn lock(seen: &Mutex<Vec<Event>>) -> MutexGuard<'_, Vec<Event>> {
    seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Server-sent events, as the HTML standard's "event stream interpretation" has them.
fn read(stream: impl BufRead, log: &Mutex<Vec<Event>>) {
    let (mut id, mut name, mut data) = (None, String::new(), String::new());
    for line in stream.lines().map_while(Result::ok) {
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" if line.is_empty() && !data.is_empty() => {
                let data = serde_json::from_str(&std::mem::take(&mut data)).unwrap_or(Value::Null);
                lock(log).push(Event { id: id.take(), name: std::mem::take(&mut name), data });
            }
            "id" => id = value.parse().ok(),
            "event" => name = value.to_owned(),
            "data" => data.push_str(value),
            _ => {}
        }
    }
}
