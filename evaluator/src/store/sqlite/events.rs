//! The live events, numbered in the order of their commits, without gaps.

use atalaya_api::event::QuietChange;
use rusqlite::{Connection, Row, params};

use super::super::{EventStore, Happening, Result, StoreError};
use super::SqliteStore;
use super::alarms;
use super::row::{damaged, int, rule_id, text, unsigned};
use super::rules;
use crate::domain::RuleId;

impl EventStore for SqliteStore {
    /// An alarm is given as it is now, which may be further on than the transition that the event tells of.
    fn events_after(&self, id: u64, limit: u32) -> Result<Option<Vec<(u64, Happening)>>> {
        self.read(|connection| {
            let last = last(connection)?;
            let first: Option<i64> =
                connection.query_row("SELECT min(id) FROM events", [], |row| row.get(0))?;
            let first = first.map_or(last + 1, i64::unsigned_abs);
            // An id that was never given is from before a restored backup.
            if id > last || id.saturating_add(1) < first {
                return Ok(None);
            }
            after(connection, id, limit).map(Some)
        })
    }

    fn last_event(&self) -> Result<u64> {
        self.read(last)
    }

    fn prune_events(&self, keep: u64) -> Result<()> {
        self.write(move |connection| {
            let newest_to_go = last(connection)?.saturating_sub(keep);
            connection.execute("DELETE FROM events WHERE id <= ?", [int(newest_to_go)])?;
            Ok(())
        })
    }
}

/// Counts on when events are pruned, unlike the largest id.
fn last(connection: &Connection) -> Result<u64> {
    let sql = "SELECT ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)";
    let last: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    Ok(last.unsigned_abs())
}

fn after(connection: &Connection, id: u64, limit: u32) -> Result<Vec<(u64, Happening)>> {
    let sql = format!(
        "SELECT events.id, events.rule, events.action, {}, {} FROM events \
         LEFT JOIN transitions ON transitions.event = events.id \
         LEFT JOIN alarms ON alarms.n = transitions.alarm \
         WHERE events.id > ? ORDER BY events.id LIMIT ?",
        alarms::TRANSITION_COLUMNS,
        alarms::ALARM_COLUMNS
    );
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_and_then(params![int(id), limit], event)?.collect()
}

fn event(row: &Row<'_>) -> Result<(u64, Happening)> {
    let id = unsigned(row, 0)?;
    let is_null = |column| Ok::<_, StoreError>(row.get_ref(column)? == rusqlite::types::ValueRef::Null);
    let happening = if is_null(1)? && !is_null(2)? {
        Happening::Quiet(quiet_change(text(row, 2)?)?)
    } else if is_null(1)? {
        let transition = alarms::transition(row, 3)?;
        Happening::Alarm { alarm: alarms::alarm(row, 3 + alarms::TRANSITION_WIDTH)?, transition }
    } else {
        Happening::Rule { id: rule_id(row, 1)?, action: rules::action(text(row, 2)?)? }
    };
    Ok((id, happening))
}

pub(super) fn add_rule(connection: &Connection, rule: RuleId, action: &str) -> Result<()> {
    let sql = "INSERT INTO events (rule, action) VALUES (?, ?)";
    connection.prepare_cached(sql)?.execute(params![rule.as_bytes(), action])?;
    Ok(())
}

/// Each change with the word it is stored as; a quiet event has no rule and an action.
const QUIET: [(&str, QuietChange); 3] = [
    ("acknowledged", QuietChange::Acknowledged),
    ("muted", QuietChange::Muted),
    ("maintenance", QuietChange::Maintenance),
];

fn quiet_change(word: &str) -> Result<QuietChange> {
    let found = QUIET.iter().find(|(known, _)| *known == word).map(|(_, change)| *change);
    found.ok_or_else(|| damaged(format!("event {word:?}")))
}

pub(super) fn add_quiet(connection: &Connection, change: QuietChange) -> Result<()> {
    let word = QUIET.iter().find(|(_, known)| *known == change).map(|(word, _)| *word);
    connection.prepare_cached("INSERT INTO events (action) VALUES (?)")?.execute([word])?;
    Ok(())
}

/// The id of a new event, for a transition.
pub(super) fn add_transition(connection: &Connection) -> Result<u64> {
    let id = connection.prepare_cached("INSERT INTO events DEFAULT VALUES")?.insert([])?;
    Ok(id.unsigned_abs())
}
