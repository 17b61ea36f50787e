//! What was visible, against what is stored: nothing that somebody saw may be gone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use atalaya_tests::events::Event;
use atalaya_tests::stage::text;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

/// One step of an alarm, as the stream shows it and the store has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    pub alarm: String,
    pub seq: u64,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl Step {
    fn shown(transition: &Value) -> Self {
        let severity = |name: &str| transition[name].as_str().map(str::to_owned);
        Step {
            alarm: text(&transition["alarm"]).replace('-', ""),
            seq: transition["seq"].as_u64().expect("a transition has a number"),
            before: severity("before"),
            after: severity("after"),
        }
    }

    /// The step that an alarm's latest state comes from, as far as the alarm tells.
    pub fn latest(alarm: &Value) -> (String, u64, Option<String>) {
        let cleared = !alarm["cleared_at"].is_null();
        let after = alarm["severity"].as_str().filter(|_| !cleared).map(str::to_owned);
        (text(&alarm["id"]).replace('-', ""), alarm["seq"].as_u64().expect("an alarm has a number"), after)
    }
}

/// The store of a server, read beside it.
pub struct Books(Connection);

impl Books {
    pub fn open(data: &Path) -> Self {
        let path = data.join("atalaya.db");
        Books(Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the store opens"))
    }

    /// Every stored step after an event, by its event.
    pub fn steps_after(&self, event: u64) -> BTreeMap<u64, Step> {
        let sql = "SELECT event, lower(hex(alarms.id)), transitions.seq, before, after FROM transitions \
            JOIN alarms ON alarms.n = transitions.alarm WHERE event > ?";
        let mut query = self.0.prepare(sql).expect("the tables are there");
        let rows = query.query_map([event.cast_signed()], |row| {
            let step = Step {
                alarm: row.get(1)?,
                seq: row.get::<_, i64>(2)?.cast_unsigned(),
                before: severity(row.get(3)?),
                after: severity(row.get(4)?),
            };
            Ok((row.get::<_, i64>(0)?.cast_unsigned(), step))
        });
        rows.expect("they can be read").map(|row| row.expect("a row has its shape")).collect()
    }

    /// The keys of all messages, and how many of them wait or are being sent.
    pub fn messages(&self) -> (BTreeSet<String>, usize) {
        let mut query = self.0.prepare("SELECT key, state FROM deliveries").expect("the table is there");
        let rows = query.query_map((), |row| Ok((row.get(0)?, row.get(1)?))).expect("it can be read");
        let all: Vec<(String, String)> = rows.map(|row| row.expect("a row has its shape")).collect();
        let open = all.iter().filter(|(_, state)| state == "queued" || state == "sending").count();
        (all.into_iter().map(|(key, _)| key).collect(), open)
    }

    /// The keys of the messages that were delivered.
    pub fn delivered(&self) -> BTreeSet<String> {
        let sql = "SELECT key FROM deliveries WHERE state = 'delivered'";
        let mut query = self.0.prepare(sql).expect("the table is there");
        let rows = query.query_map((), |row| row.get(0)).expect("it can be read");
        rows.map(|key| key.expect("a message has a key")).collect()
    }

    /// Alarms of which a receiver was told something else than what is so, and those that stand and nobody was told of.
    pub fn untold(&self) -> usize {
        let sql = "SELECT count(*) FROM alarms LEFT JOIN told ON told.alarm = alarms.n \
            WHERE ifnull(told.severity, 0) != iif(alarms.active, alarms.severity, 0)";
        let count: i64 = self.0.query_row(sql, (), |row| row.get(0)).expect("the tables are there");
        count as usize
    }

    /// Subjects whose steps are not numbered 1, 2, 3 and so on, each number once.
    pub fn gaps(&self) -> Vec<String> {
        let sql = "SELECT subject_key FROM transitions GROUP BY subject_key \
            HAVING min(seq) != 1 OR max(seq) != count(*) OR count(DISTINCT seq) != count(*)";
        let mut query = self.0.prepare(sql).expect("the table is there");
        let rows = query.query_map((), |row| row.get(0)).expect("it can be read");
        rows.map(|key| key.expect("a subject has a key")).collect()
    }
}

/// As stored: 1 warning, 2 unknown, 3 major, 4 critical.
fn severity(number: Option<u8>) -> Option<String> {
    let names = ["warning", "unknown", "major", "critical"];
    number.and_then(|number| names.get(usize::from(number) - 1)).map(|name| (*name).to_owned())
}

/// Both databases of a data folder are whole.
pub fn assert_whole(data: &Path) {
    for file in ["atalaya.db", "samples.db"] {
        let path = data.join(file);
        let file = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("it opens");
        let words = file.query_row("PRAGMA integrity_check", (), |row| row.get::<_, String>(0));
        assert_eq!(words.as_deref(), Ok("ok"), "{}", path.display());
    }
}

/// What somebody saw of alarms, in the order in which it was shown.
#[derive(Default)]
pub struct Seen {
    steps: BTreeMap<u64, Step>,
    /// The latest number of each subject.
    numbers: BTreeMap<String, u64>,
    /// What lists showed: an alarm, its number and its severity.
    listed: BTreeSet<(String, u64, Option<String>)>,
    checked_to: u64,
}

impl Seen {
    /// Takes in what the stream showed.
    ///
    /// # Panics
    /// It is out of order, or a subject's numbers have a gap or one comes twice.
    pub fn add(&mut self, events: &[Event]) {
        for event in events.iter().filter(|event| event.name == "alarm") {
            let id = event.id.expect("alarm events have ids");
            let step = Step::shown(&event.data["transition"]);
            let newest = self.steps.last_key_value().map(|(id, _)| *id);
            assert!(Some(id) > newest, "event {id} came after {newest:?}: {step:?}");
            let subject = event.data["alarm"]["subject"]["id"].to_string();
            let number = self.numbers.entry(subject).or_default();
            assert_eq!(step.seq, *number + 1, "a gap or a double in the stream: {step:?}");
            *number = step.seq;
            self.steps.insert(id, step);
        }
    }

    pub fn add_list(&mut self, alarms: &[Value]) {
        self.listed.extend(alarms.iter().map(Step::latest));
    }

    pub fn count(&self) -> usize {
        self.steps.len()
    }

    /// How much of what was seen is not stored, since the last time it was asked.
    pub fn lost(&mut self, books: &Books) -> usize {
        let stored = books.steps_after(self.checked_to);
        let fresh = self.steps.range(self.checked_to + 1..);
        let lost = fresh.filter(|(id, step)| stored.get(id) != Some(step)).count();
        self.checked_to = self.steps.last_key_value().map_or(0, |(id, _)| *id);
        lost
    }

    /// How much of everything that was seen is not stored.
    pub fn lost_of_all(&mut self, books: &Books) -> usize {
        self.checked_to = 0;
        let stored = books.steps_after(0);
        let known: BTreeSet<_> = stored.values().map(|s| (s.alarm.clone(), s.seq, s.after.clone())).collect();
        let unknown: Vec<_> = self.listed.difference(&known).collect();
        assert_eq!(unknown, [] as [&_; 0], "lists showed what is not stored");
        self.lost(books)
    }
}
