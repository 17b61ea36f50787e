//! `kill -9` during 200 transitions a second: nothing that was visible is gone, no gap in seq.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use atalaya_tests::client::Client;
use atalaya_tests::events::{Event, Listener};
use atalaya_tests::poll;
use atalaya_tests::server::Server;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

use crate::stage::{PATIENCE, alarms, cpu_rule, post_rule, text};

/// A few more than 200, each changing once a second.
const RULES: usize = 220;
const KILLS: usize = 20;

#[test]
fn twenty_kills_during_two_hundred_transitions_a_second_lose_nothing_that_was_visible() {
    let mut server = Server::start();
    let admin = server.admin();
    let series: Vec<String> = (0..RULES).map(|n| format!("lab.flips{n}")).collect();
    series.iter().for_each(|series| drop(post_rule(&admin, &flipping_rule(series))));
    let _flipper = Flipper::start(server.carbon_port(), series);
    let mut fastest = 0;
    for kill in 0..KILLS {
        let live = Listener::start(&admin, None).expect("the stream opens");
        // Each time somewhere else in the burst of a second.
        let enough = RULES + (kill * 67) % (2 * RULES);
        poll::until("alarms rise and clear", PATIENCE, || (live.count("alarm") >= enough).then_some(()));
        let listed = alarms(&admin, "active");
        server.kill();
        let visible: Vec<Event> = live.finish().into_iter().filter(|event| event.name == "alarm").collect();
        fastest = fastest.max(most_in_a_second(&visible));
        server.restart();
        everything_seen_is_told_again(&admin, &visible);
        alarms_are_at_least_as_far(&admin, visible.iter().map(|event| &event.data["alarm"]).chain(&listed));
        every_transition_is_stored_without_a_gap(&server, &visible);
    }
    assert!(fastest >= 200, "at most {fastest} transitions in a second");
}

fn flipping_rule(series: &str) -> Value {
    let mut rule = cpu_rule(series);
    rule["checks_to_alert"] = json!(1);
    rule["checks_to_ok"] = json!(1);
    rule
}

/// By the second that the server wrote them down for.
fn most_in_a_second(events: &[Event]) -> usize {
    let mut seconds = BTreeMap::<String, usize>::new();
    for event in events {
        *seconds.entry(text(&event.data["transition"]["at"])[..19].to_owned()).or_default() += 1;
    }
    seconds.into_values().max().unwrap_or(0)
}

/// A browser that comes back and asks for what it missed gets what it had seen, too.
fn everything_seen_is_told_again(client: &Client, visible: &[Event]) {
    let (first, last) = (&visible[0], &visible[visible.len() - 1]);
    let [first, last] = [first, last].map(|event| event.id.expect("alarm events have ids"));
    let again = Listener::start(client, Some(first - 1)).expect("the stream opens");
    poll::until("the stream goes on where it ended", PATIENCE, || {
        again.named("alarm").last().is_some_and(|event| event.id >= Some(last)).then_some(())
    });
    let again: BTreeMap<u64, Value> = again
        .named("alarm")
        .into_iter()
        .map(|event| (event.id.expect("alarm events have ids"), event.data["transition"].clone()))
        .collect();
    for event in visible {
        let id = event.id.expect("alarm events have ids");
        assert_eq!(again.get(&id), Some(&event.data["transition"]), "event {id} was seen before the kill");
    }
}

/// Each alarm is there, and as it was seen or further.
fn alarms_are_at_least_as_far<'a>(client: &Client, seen: impl Iterator<Item = &'a Value>) {
    let mut latest = BTreeMap::<String, &Value>::new();
    for alarm in seen {
        let known = latest.entry(text(&alarm["id"])).or_insert(alarm);
        if alarm["seq"].as_u64() > known["seq"].as_u64() {
            *known = alarm;
        }
    }
    // The newest ones: a kill can take nothing but what came last.
    let mut newest: Vec<&Value> = latest.into_values().collect();
    newest.sort_by_key(|alarm| (text(&alarm["raised_at"]), alarm["seq"].as_u64()));
    for alarm in newest.iter().rev().take(50) {
        let id = text(&alarm["id"]);
        let now = client.get(&format!("/api/v1/alarms/{id}")).is(200).clone();
        assert!(now["seq"].as_u64() >= alarm["seq"].as_u64(), "{now} was {alarm}");
        assert_eq!(now["raised_at"], alarm["raised_at"], "{now} was {alarm}");
        if now["seq"] == alarm["seq"] {
            let state = |alarm: &Value| {
                [&alarm["severity"], &alarm["cleared_at"], &alarm["reason"]].map(Value::clone)
            };
            assert_eq!(state(&now), state(alarm));
        }
    }
}

fn every_transition_is_stored_without_a_gap(server: &Server, visible: &[Event]) {
    let path = server.data().join("atalaya.db");
    let store = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the store opens");
    let mut query = store.prepare("SELECT event FROM transitions").expect("the table is there");
    let stored = query.query_map((), |row| row.get::<_, i64>(0)).expect("it can be read");
    let stored: BTreeSet<u64> = stored.map(|id| id.expect("an event has an id").cast_unsigned()).collect();
    let missing: Vec<_> =
        visible.iter().filter_map(|event| event.id).filter(|id| !stored.contains(id)).collect();
    assert!(missing.is_empty(), "seen and gone: {missing:?}");

    let gaps = "SELECT subject_key FROM transitions GROUP BY subject_key \
        HAVING min(seq) != 1 OR max(seq) != count(*)";
    let mut query = store.prepare(gaps).expect("the table is there");
    let gaps = query.query_map((), |row| row.get::<_, String>(0)).expect("it can be read");
    let gaps: Vec<String> = gaps.map(|key| key.expect("a subject has a key")).collect();
    assert!(gaps.is_empty(), "gaps in {gaps:?}");
    let whole = store.query_row("PRAGMA quick_check", (), |row| row.get::<_, String>(0));
    assert_eq!(whole.as_deref(), Ok("ok"));
}

/// Sends all series 95 and 50 in turn, changing in the middle of each second: evaluations are at its beginning.
struct Flipper {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Flipper {
    fn start(port: u16, series: Vec<String>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            let mut line = None;
            while !stopped.load(Ordering::Relaxed) {
                let now =
                    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs_f64();
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
