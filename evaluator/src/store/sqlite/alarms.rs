//! Alarms, their transitions, and the states of series.

use std::sync::Arc;

use atalaya_api::level::Severity;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;

use super::super::{
    Actor, AlarmCounts, AlarmFilter, AlarmSort, AlarmStore, CycleCommit, History, Imported, Page, Result,
    Slice, StateRow, TransitionRow,
};
use super::SqliteStore;
use super::commit;
use super::history;
use super::paging::{Order, Select};
use super::past;
use super::row::{
    NEVER, damaged, from_json, held_severity, hex_list, judged, millis, reason, rule_id, severity, sha256,
    shared_text, subject, text, unsigned,
};
use crate::domain::{
    Acknowledgement, AlarmContext, AlarmId, AlarmRow, ImportId, Millis, PastAlarm, RuleId, RuleRecord,
    Sha256, Transition,
};
use crate::plan::quiet::Covered;
use crate::state::SeriesState;

pub(super) const ALARM_COLUMNS: &str = "alarms.id, alarms.subject_key, alarms.rule_name, alarms.dashboard, \
     alarms.panel, alarms.unit, alarms.severity, alarms.worst, alarms.value, alarms.raised_value, \
     alarms.raised_at, alarms.ended_at, alarms.reason, alarms.message, alarms.seq, alarms.acknowledged";

/// How many columns [`ALARM_COLUMNS`] are.
pub(super) const ALARM_WIDTH: usize = 16;

pub(super) const TRANSITION_COLUMNS: &str = "transitions.event, transitions.subject_key, alarms.id, \
     transitions.seq, transitions.at, transitions.before, transitions.after, transitions.reason, \
     transitions.value, transitions.message, transitions.evidence, transitions.context";

/// How many columns [`TRANSITION_COLUMNS`] are.
pub(super) const TRANSITION_WIDTH: usize = 12;

/// Evidence deleted in one transaction: others are written in between.
const PRUNED_AT_ONCE: u64 = 1_000;

impl AlarmStore for SqliteStore {
    fn commit(&self, commit: &CycleCommit) -> Result<Option<u64>> {
        let commit = commit.clone();
        self.write(move |connection| commit::write(connection, &commit))
    }

    fn import_alarms(&self, import: ImportId, alarms: &[PastAlarm]) -> Result<Imported> {
        past::import(self, import, alarms)
    }

    fn alarms_imported(&self, import: ImportId, done: Imported, by: &Actor) -> Result<()> {
        past::tell(self, import, done, by)
    }

    fn undo_import(&self, import: ImportId, by: &Actor) -> Result<u64> {
        past::undo(self, import, by)
    }

    fn each_state(&self, visit: &mut dyn FnMut(StateRow)) -> Result<()> {
        self.read(|connection| {
            let sql = "SELECT rule, series, state, basis, memory, run, seen_at FROM series_state";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                visit(state(row)?);
            }
            Ok(())
        })
    }

    fn cause_state(&self, subject_key: &str) -> Result<(u64, Option<AlarmRow>)> {
        self.read(|connection| {
            let sql = "SELECT transitions.seq, alarms.id FROM transitions \
                       JOIN alarms ON alarms.n = transitions.alarm \
                       WHERE transitions.subject_key = ? ORDER BY transitions.seq DESC LIMIT 1";
            let last: Option<(i64, [u8; 16])> = connection
                .prepare_cached(sql)?
                .query_row([subject_key], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let Some((seq, alarm)) = last else { return Ok((0, None)) };
            let alarm = find(connection, AlarmId::from_bytes(alarm))?;
            Ok((seq.unsigned_abs(), alarm.filter(|alarm| alarm.cleared_at.is_none())))
        })
    }

    fn alarms(&self, filter: &AlarmFilter, slice: &Slice) -> Result<Page<AlarmRow>> {
        let (select, order) = (select(filter), order(filter));
        self.read(|connection| select.page(connection, &order, slice, |row| alarm(row, 0)))
    }

    fn some_alarms(&self, filter: &AlarmFilter, slice: &Slice) -> Result<(Vec<AlarmRow>, Option<String>)> {
        let (select, order) = (select(filter), order(filter));
        self.read(|connection| select.stretch(connection, &order, slice, |row| alarm(row, 0)))
    }

    fn alarm(&self, id: AlarmId) -> Result<Option<AlarmRow>> {
        self.read(|connection| find(connection, id))
    }

    fn alarms_by_id(&self, ids: &[AlarmId]) -> Result<Vec<AlarmRow>> {
        self.read(|connection| {
            let mut seen = std::collections::HashSet::new();
            let wanted = ids.iter().filter(|id| seen.insert(**id));
            wanted.filter_map(|id| find(connection, *id).transpose()).collect()
        })
    }

    fn history(&self, filter: &AlarmFilter, now: Millis) -> Result<History> {
        self.read(|connection| history::read(connection, filter, now))
    }

    fn transitions(&self, alarm: AlarmId) -> Result<Vec<TransitionRow>> {
        self.read(|connection| {
            let sql = format!(
                "SELECT {TRANSITION_COLUMNS} FROM alarms JOIN transitions ON transitions.alarm = alarms.n \
                 WHERE alarms.id = ? ORDER BY transitions.seq"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            statement.query_and_then([alarm.as_bytes()], |row| transition(row, 0))?.collect()
        })
    }

    /// Both instants belong to the stretch.
    fn transitions_of_rule(
        &self,
        rule: RuleId,
        from: Millis,
        to: Millis,
        limit: u32,
    ) -> Result<Vec<TransitionRow>> {
        self.read(|connection| {
            let sql = format!(
                "SELECT {TRANSITION_COLUMNS} FROM transitions JOIN alarms ON alarms.n = transitions.alarm \
                 WHERE transitions.rule = ? AND at BETWEEN ? AND ? ORDER BY at DESC, event DESC LIMIT ?"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let values = params![rule.as_bytes(), from.0, to.0, limit];
            let latest = statement.query_and_then(values, |row| transition(row, 0))?;
            let mut rows = latest.collect::<Result<Vec<_>>>()?;
            rows.reverse();
            Ok(rows)
        })
    }

    fn counts(&self) -> Result<AlarmCounts> {
        self.read(|connection| {
            let sql = "SELECT shown, count(*) FROM alarms WHERE active = 1 GROUP BY shown";
            counts(connection, sql, [])
        })
    }

    fn counts_at(&self, at: Millis) -> Result<AlarmCounts> {
        // What has not changed since holds now what it held then; the others' transitions tell.
        let sql = "SELECT iif(changed_at <= ?1, severity, (SELECT after FROM transitions \
                   WHERE transitions.alarm = alarms.n AND at <= ?1 ORDER BY seq DESC LIMIT 1)) AS then_held, \
                   count(*) FROM alarms WHERE ended_at > ?1 AND raised_at <= ?1 \
                   GROUP BY then_held";
        self.read(|connection| counts(connection, sql, [at.0]))
    }

    fn last_cleared_at(&self) -> Result<Option<Millis>> {
        self.read(|connection| {
            let sql = "SELECT max(ended_at) FROM alarms WHERE ended_at < 9223372036854775807";
            let last: Option<i64> = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
            Ok(last.map(Millis))
        })
    }

    fn record(&self, hash: Sha256) -> Result<Option<RuleRecord>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT json FROM records WHERE hash = ?")?;
            let json: Option<String> = statement.query_row([hash.0], |row| row.get(0)).optional()?;
            json.as_deref().map(from_json).transpose()
        })
    }

    fn prune_evidence(&self, older_than: Millis) -> Result<u64> {
        let mut pruned = 0;
        loop {
            let some = self.write(move |connection| prune_some_evidence(connection, older_than))?;
            pruned += some;
            if some < PRUNED_AT_ONCE {
                break;
            }
        }
        self.write(prune_records)?;
        Ok(pruned)
    }
}

fn prune_some_evidence(connection: &Connection, older_than: Millis) -> Result<u64> {
    let sql = "UPDATE transitions SET evidence = NULL, record = NULL WHERE event IN \
               (SELECT event FROM transitions WHERE evidence IS NOT NULL AND at < ? LIMIT ?)";
    let pruned = connection.prepare_cached(sql)?.execute(params![older_than.0, PRUNED_AT_ONCE as i64])?;
    Ok(pruned as u64)
}

fn prune_records(connection: &Connection) -> Result<()> {
    let sql = "DELETE FROM records WHERE NOT EXISTS (SELECT 1 FROM transitions WHERE record = records.hash) \
               AND NOT EXISTS (SELECT 1 FROM series_state WHERE record = records.hash)";
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

fn find(connection: &Connection, id: AlarmId) -> Result<Option<AlarmRow>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {ALARM_COLUMNS} FROM alarms WHERE id = ?"))?;
    let mut rows = statement.query([id.as_bytes()])?;
    rows.next()?.map(|row| alarm(row, 0)).transpose()
}

fn counts(connection: &Connection, sql: &str, values: impl rusqlite::Params) -> Result<AlarmCounts> {
    let mut counts = AlarmCounts::default();
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    while let Some(row) = rows.next()? {
        let count = match severity(row, 0)? {
            Some(Severity::Warning) => &mut counts.warning,
            Some(Severity::Unknown) => &mut counts.unknown,
            Some(Severity::Major) => &mut counts.major,
            Some(Severity::Critical) => &mut counts.critical,
            None => continue,
        };
        *count += unsigned(row, 1)?;
    }
    Ok(counts)
}

fn select(filter: &AlarmFilter) -> Select {
    select_columns(filter, ALARM_COLUMNS)
}

/// The same with other columns.
pub(super) fn select_columns(filter: &AlarmFilter, columns: &'static str) -> Select {
    let mut select = Select::new("alarms", columns);
    match filter.active {
        // Written out, so that SQLite finds the indexes of active alarms.
        Some(true) => select.only("active = 1", []),
        Some(false) => select.only("active = 0", []),
        None => {}
    }
    if !filter.severities.is_empty() {
        let marks = vec!["?"; filter.severities.len()].join(", ");
        let numbers = filter.severities.iter().map(|severity| Sql::Integer(*severity as i64));
        let column = if filter.by_worst { "worst" } else { "shown" };
        select.only(format!("{column} IN ({marks})"), numbers);
    }
    select.only_if("rule = ?", filter.rule.map(|rule| rule.as_bytes().to_vec()));
    select.only_if("dashboard = ?", filter.dashboard.clone());
    select.only_if("panel = ?", filter.panel.clone());
    select.only_if("ended_at >= ?", filter.from.map(|from| from.0));
    select.only_if("raised_at < ?", filter.to.map(|to| to.0));
    match filter.acknowledged {
        Some(true) => select.only("acknowledged IS NOT NULL", []),
        Some(false) => select.only("acknowledged IS NULL", []),
        None => {}
    }
    if let Some((muted, covered)) = &filter.muted {
        only_muted(&mut select, *muted, covered);
    }
    select.words("search", filter.q.as_deref());
    select
}

/// Only active alarms that are covered, or all but those.
fn only_muted(select: &mut Select, muted: bool, covered: &Covered) {
    let condition = if covered.everything {
        // Those of sources, checks and the system only one by one.
        "(rule IS NOT NULL OR id IN (SELECT unhex(value) FROM json_each(?)))"
    } else {
        "(id IN (SELECT unhex(value) FROM json_each(?)) OR rule IS NOT NULL AND (rule IN (SELECT unhex(value) FROM json_each(?)) \
         OR ifnull(dashboard IN (SELECT value FROM json_each(?)), 0)))"
    };
    let ids = covered.alarms.iter().map(|id| id.0);
    let mut values = vec![Sql::Text(hex_list(ids))];
    if !covered.everything {
        values.push(Sql::Text(hex_list(covered.rules.iter().map(|id| id.0))));
        values.push(Sql::Text(Value::from(covered.dashboards.clone()).to_string()));
    }
    let not = if muted { "" } else { "NOT " };
    select.only(format!("{not}(active = 1 AND {condition})"), values);
}

fn order(filter: &AlarmFilter) -> Order {
    let (list, keys): (_, &'static [&'static str]) = match filter.sort {
        AlarmSort::Severity => ("alarms/severity", &["shown", "raised_at", "n"]),
        AlarmSort::Raised => ("alarms/raised", &["raised_at", "n"]),
        // No active alarm has an end to sort by.
        AlarmSort::Cleared if filter.active == Some(true) => ("alarms/not-cleared", &["raised_at", "n"]),
        AlarmSort::Cleared => ("alarms/cleared", &["ended_at", "n"]),
        AlarmSort::Subject => ("alarms/subject", &["by_subject", "raised_at", "n"]),
        AlarmSort::Dashboard => ("alarms/dashboard", &["by_place", "raised_at", "n"]),
    };
    // The highest severity comes first unless the list is turned round.
    let descending = filter.descending != (filter.sort == AlarmSort::Severity);
    Order { list, keys, descending }
}

/// Reads [`ALARM_COLUMNS`] from column `at` on.
pub(super) fn alarm(row: &Row<'_>, at: usize) -> Result<AlarmRow> {
    let ended: i64 = row.get(at + 11)?;
    Ok(AlarmRow {
        id: AlarmId::from_bytes(row.get(at)?),
        subject: subject(text(row, at + 1)?)?,
        context: AlarmContext {
            rule_name: row.get(at + 2)?,
            dashboard: row.get(at + 3)?,
            panel: row.get(at + 4)?,
            unit: row.get(at + 5)?,
        },
        severity: held_severity(row, at + 6)?,
        worst: held_severity(row, at + 7)?,
        value: judged(row, at + 8)?,
        raised_value: judged(row, at + 9)?,
        raised_at: millis(row, at + 10)?,
        cleared_at: (ended != NEVER).then_some(Millis(ended)),
        reason: reason(row, at + 12)?,
        message: from_json(text(row, at + 13)?)?,
        seq: unsigned(row, at + 14)?,
        acknowledged: acknowledgement(row, at + 15)?,
    })
}

pub(super) fn acknowledgement(row: &Row<'_>, column: usize) -> Result<Option<Acknowledgement>> {
    row.get_ref(column)?.as_str_or_null().map_err(damaged)?.map(from_json).transpose()
}

/// Reads [`TRANSITION_COLUMNS`] from column `at` on.
pub(super) fn transition(row: &Row<'_>, at: usize) -> Result<TransitionRow> {
    let (rule_name, dashboard, panel, unit) = from_json(text(row, at + 11)?)?;
    let transition = Transition {
        subject: subject(text(row, at + 1)?)?,
        alarm: AlarmId::from_bytes(row.get(at + 2)?),
        seq: unsigned(row, at + 3)?,
        at: millis(row, at + 4)?,
        before: severity(row, at + 5)?,
        after: severity(row, at + 6)?,
        reason: reason(row, at + 7)?,
        value: judged(row, at + 8)?,
        message: from_json(text(row, at + 9)?)?,
        evidence: row.get(at + 10)?,
        context: Arc::new(AlarmContext { rule_name, dashboard, panel, unit }),
    };
    Ok(TransitionRow { event: unsigned(row, at)?, transition })
}

fn state(row: &Row<'_>) -> Result<StateRow> {
    Ok(StateRow {
        rule: rule_id(row, 0)?,
        series: shared_text(row, 1)?,
        state: decode_state(row.get_ref(2)?.as_blob().map_err(damaged)?)?,
        basis: sha256(row, 3)?,
        memory: row.get(4)?,
        run: row.get(5)?,
        seen_at: millis(row, 6)?,
    })
}

/// The format of [`SeriesState`] that this program writes; a change of its fields is a new number.
const STATE_FORMAT: u8 = 1;

pub(super) fn encode_state(state: &SeriesState) -> Result<Vec<u8>> {
    postcard::to_extend(state, vec![STATE_FORMAT]).map_err(damaged)
}

fn decode_state(bytes: &[u8]) -> Result<SeriesState> {
    match bytes.split_first() {
        Some((&STATE_FORMAT, rest)) => postcard::from_bytes(rest).map_err(damaged),
        _ => Err(damaged("a state of an unknown format")),
    }
}
