//! Writing what one cycle decided.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, named_params, params};

use super::super::{CycleCommit, HEARTBEAT, Result, StateRow, StoreError};
use super::row::{Judged, NEVER, haystack, int, rule_of, to_json};
use super::{events, rules, telling};
use crate::domain::{Run, Transition};

/// Writes all of it, in the caller's transaction. The id of the last event, if any; of a commit that was written
/// before, the id it had then.
pub(super) fn write(connection: &Connection, commit: &CycleCommit) -> Result<Option<u64>> {
    for (hash, record) in &commit.records {
        let sql = "INSERT INTO records (hash, json) VALUES (?, ?) ON CONFLICT DO NOTHING";
        connection.prepare_cached(sql)?.execute(params![hash.0, record.canonical_json()])?;
    }
    for state in &commit.states {
        write_state(connection, state)?;
    }
    if let Some(at) = commit.heartbeat {
        let sql = "INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2";
        connection.prepare_cached(sql)?.execute(params![HEARTBEAT, at.0.to_string()])?;
    }
    let (mut last, mut alarmed) = (None, BTreeSet::new());
    for transition in &commit.transitions {
        last = last.max(Some(write_transition(connection, transition)?));
        alarmed.extend(rule_of(&transition.subject));
    }
    alarmed.into_iter().try_for_each(|rule| rules::settle_standing(connection, rule))?;
    Ok(last)
}

/// A state with an older number than the stored one comes from a commit written again, and is passed over.
fn write_state(connection: &Connection, row: &StateRow) -> Result<()> {
    let sql = "INSERT INTO series_state (rule, series, seq, seen_at, state, basis, memory, run, record) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq, \
               seen_at = excluded.seen_at, state = excluded.state, basis = excluded.basis, \
               memory = excluded.memory, run = excluded.run, record = excluded.record \
               WHERE excluded.seq >= series_state.seq";
    connection.prepare_cached(sql)?.execute(params![
        row.rule.as_bytes(),
        row.series,
        int(row.state.seq),
        row.seen_at.0,
        super::alarms::encode_state(&row.state)?,
        row.basis.0,
        row.memory,
        row.run,
        named_record(row.run.as_deref()),
    ])?;
    Ok(())
}

/// The record that an encoded run names: it is kept as long as the run is.
fn named_record(run: Option<&[u8]>) -> Option<[u8; 32]> {
    Run::decode(run?).ok().map(|run| run.record.0)
}

/// Writes one transition, its event and its alarm, unless it is there already. The event's id.
fn write_transition(connection: &Connection, transition: &Transition) -> Result<u64> {
    let key = transition.subject.key();
    if let Some(event) = known(connection, &key, transition)? {
        return Ok(event);
    }
    let event = events::add_transition(connection)?;
    let message = to_json(&transition.message)?;
    let alarm = write_alarm(connection, transition, &key, &message)?;
    telling::mark(connection, alarm, transition.at)?;
    let context = &transition.context;
    let sql = "INSERT INTO transitions (event, alarm, rule, seq, at, before, after, subject_key, reason, value, \
               message, context, record, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    connection.prepare_cached(sql)?.execute(params![
        int(event),
        alarm,
        rule_of(&transition.subject),
        int(transition.seq),
        transition.at.0,
        transition.before.map(|severity| severity as u8),
        transition.after.map(|severity| severity as u8),
        key,
        transition.reason.name(),
        Judged(transition.value),
        message,
        to_json(&(&context.rule_name, &context.dashboard, &context.panel, &context.unit))?,
        named_record(transition.evidence.as_deref()),
        transition.evidence,
    ])?;
    Ok(event)
}

/// The event of a transition that was written before.
fn known(connection: &Connection, key: &str, transition: &Transition) -> Result<Option<u64>> {
    let sql = "SELECT event, alarms.id FROM transitions JOIN alarms ON alarms.n = transitions.alarm \
               WHERE transitions.subject_key = ? AND transitions.seq = ?";
    let found: Option<(i64, [u8; 16])> = connection
        .prepare_cached(sql)?
        .query_row(params![key, int(transition.seq)], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((event, alarm)) = found else { return Ok(None) };
    if alarm != *transition.alarm.as_bytes() {
        let words = format!("{key} had a transition {} of another alarm before", transition.seq);
        return Err(StoreError::Backend(words));
    }
    Ok(Some(event.unsigned_abs()))
}

/// Makes the alarm or changes it. While active it shows the severity it holds, once cleared its worst. Nothing is
/// written, and no number returned, when it should be there and is not.
const ALARM: &str = "INSERT INTO alarms (id, rule, severity, worst, shown, raised_at, ended_at, active, \
     changed_at, seq, value, raised_value, search, by_subject, by_place, subject_key, rule_name, dashboard, \
     panel, unit, reason, message) \
     SELECT :id, :rule, ifnull(:after, 0), ifnull(:after, 0), ifnull(:after, 0), :at, :end, \
     :after IS NOT NULL, :at, :seq, :value, :value, :search, :by_subject, :by_place, :key, :rule_name, \
     :dashboard, :panel, :unit, :reason, :message \
     WHERE :before IS NULL OR EXISTS (SELECT 1 FROM alarms WHERE id = :id) \
     ON CONFLICT (id) DO UPDATE SET severity = ifnull(:after, severity), \
     worst = max(worst, ifnull(:after, 0)), shown = ifnull(:after, worst), ended_at = :end, \
     active = excluded.active, changed_at = :at, seq = :seq, value = iif(:after IS NULL, value, :value), \
     search = :search, by_place = :by_place, rule_name = :rule_name, dashboard = :dashboard, \
     panel = :panel, unit = :unit, reason = :reason, message = :message \
     RETURNING n";

/// Raises, changes, clears or reopens the transition's alarm, and returns its number.
fn write_alarm(connection: &Connection, transition: &Transition, key: &str, message: &str) -> Result<i64> {
    let context = &transition.context;
    let (dashboard, panel) = (context.dashboard.as_deref(), context.panel.as_deref());
    let name = transition.subject.name();
    let values = named_params! {
        ":id": transition.alarm.as_bytes(),
        ":rule": rule_of(&transition.subject),
        ":before": transition.before.map(|severity| severity as u8),
        ":after": transition.after.map(|severity| severity as u8),
        ":at": transition.at.0,
        ":end": if transition.after.is_some() { NEVER } else { transition.at.0 },
        ":seq": int(transition.seq),
        ":value": Judged(transition.value),
        ":search": haystack([Some(name), Some(&context.rule_name), dashboard, panel]),
        ":by_subject": name.to_lowercase(),
        ":by_place": haystack([dashboard, panel]),
        ":key": key,
        ":rule_name": context.rule_name,
        ":dashboard": dashboard,
        ":panel": panel,
        ":unit": context.unit,
        ":reason": transition.reason.name(),
        ":message": message,
    };
    let number = connection.prepare_cached(ALARM)?.query_row(values, |row| row.get(0)).optional()?;
    number.ok_or_else(|| {
        StoreError::Backend(format!("transition {} of {key} changes an alarm never raised", transition.seq))
    })
}
