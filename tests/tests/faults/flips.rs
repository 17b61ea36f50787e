//! A load of transitions: many rules, each of which raises or clears an alarm every second.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use atalaya_tests::client::Client;
use atalaya_tests::events::Event;
use atalaya_tests::stage::{cpu_rule, post_rule, text};
use serde_json::{Value, json};

/// Makes so many rules that flip with each sample; their series.
pub fn rules(client: &Client, count: usize) -> Vec<String> {
    let series: Vec<String> = (0..count).map(|n| format!("lab.flips{n}")).collect();
    series.iter().for_each(|series| drop(post_rule(client, &rule(series))));
    series
}

/// One that raises and clears with each sample.
pub fn rule(series: &str) -> Value {
    let mut rule = cpu_rule(series);
    (rule["checks_to_alert"], rule["checks_to_ok"]) = (json!(1), json!(1));
    // After a start one window has to pass before anything counts: a short one.
    rule["check"]["params"]["look_back"] = json!(1);
    rule
}

/// Transitions by the second that the server wrote them down for.
pub fn by_second<'a>(events: impl IntoIterator<Item = &'a Event>) -> BTreeMap<String, usize> {
    let mut seconds = BTreeMap::<String, usize>::new();
    for event in events.into_iter().filter(|event| event.name == "alarm") {
        *seconds.entry(text(&event.data["transition"]["at"])[..19].to_owned()).or_default() += 1;
    }
    seconds
}

/// How long until the next second begins: evaluations are at its beginning.
pub fn until_next_second() -> Duration {
    Duration::from_millis(1_000 - u64::from(wall().subsec_millis()))
}

fn wall() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970")
}

/// Sends all series 95 and 50 in turn, changing in the middle of each second.
pub struct Flipper {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Flipper {
    pub fn start(port: u16, series: Vec<String>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            let mut line = None;
            while !stopped.load(Ordering::Relaxed) {
                let now = wall().as_secs_f64();
                let middle = (now + 0.5).floor() + 0.5;
                std::thread::sleep(Duration::from_secs_f64(middle - now));
                let value = if (middle as u64).is_multiple_of(2) { 95 } else { 50 };
                let lines: String =
                    series.iter().map(|series| format!("{series} {value} {middle}\n")).collect();
                line = line.or_else(|| TcpStream::connect(("127.0.0.1", port)).ok());
                line = line.filter(|mut line: &TcpStream| line.write_all(lines.as_bytes()).is_ok());
            }
        });
        Flipper { stop, thread: Some(thread) }
    }
}

impl Drop for Flipper {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}
