//! Writing what one cycle decided.

use rusqlite::{Connection, OptionalExtension, params};

use super::super::{CycleCommit, Result, StateRow, StoreError};
use super::events;
use super::row::{Judged, NEVER, haystack, int, rule_of, to_json};
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
    let mut last = None;
    for transition in &commit.transitions {
        last = last.max(Some(write_transition(connection, transition)?));
    }
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
    let context = &transition.context;
    let sql = "INSERT INTO transitions (event, alarm, rule, seq, at, before, after, subject_key, reason, value, \
               message, context, record, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    connection.prepare_cached(sql)?.execute(params![
        int(event),
        transition.alarm.as_bytes(),
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
    write_alarm(connection, transition, &key, &message)?;
    Ok(event)
}

/// The event of a transition that was written before.
fn known(connection: &Connection, key: &str, transition: &Transition) -> Result<Option<u64>> {
    let sql = "SELECT event, alarm FROM transitions WHERE subject_key = ? AND seq = ?";
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

fn write_alarm(connection: &Connection, transition: &Transition, key: &str, message: &str) -> Result<()> {
    match (transition.before, transition.after) {
        (None, Some(_)) => raise(connection, transition, key),
        _ => change(connection, transition),
    }?;
    describe(connection, transition, message)
}

/// Makes the alarm, or opens it again as it was raised.
fn raise(connection: &Connection, transition: &Transition, key: &str) -> Result<()> {
    let sql = "INSERT INTO alarms (id, rule, severity, worst, shown, raised_at, changed_at, seq, value, \
               raised_value, search, by_subject, by_place, subject_key, rule_name, reason, message) \
               VALUES (?1, ?2, ?3, ?3, ?3, ?4, ?4, 0, ?5, ?5, '', ?6, '', ?7, '', '', '') \
               ON CONFLICT (id) DO UPDATE SET severity = ?3, worst = max(worst, ?3), shown = ?3, \
               ended_at = ?8, changed_at = ?4, value = ?5";
    connection.prepare_cached(sql)?.execute(params![
        transition.alarm.as_bytes(),
        rule_of(&transition.subject),
        transition.after.map(|severity| severity as u8),
        transition.at.0,
        Judged(transition.value),
        transition.subject.name().to_lowercase(),
        key,
        NEVER,
    ])?;
    Ok(())
}

/// Escalates, lowers or clears. While active an alarm shows what it holds, once cleared its worst.
fn change(connection: &Connection, transition: &Transition) -> Result<()> {
    let sql = "UPDATE alarms SET severity = ifnull(?2, severity), worst = max(worst, ifnull(?2, 0)), \
               shown = ifnull(?2, worst), ended_at = ?3, changed_at = ?4, \
               value = iif(?2 IS NULL, value, ?5) WHERE id = ?1";
    let changed = connection.prepare_cached(sql)?.execute(params![
        transition.alarm.as_bytes(),
        transition.after.map(|severity| severity as u8),
        if transition.after.is_some() { NEVER } else { transition.at.0 },
        transition.at.0,
        Judged(transition.value),
    ])?;
    if changed == 1 {
        return Ok(());
    }
    let (key, seq) = (transition.subject.key(), transition.seq);
    Err(StoreError::Backend(format!("transition {seq} of {key} changes an alarm that was never raised")))
}

/// What the last transition said, whichever kind it was.
fn describe(connection: &Connection, transition: &Transition, message: &str) -> Result<()> {
    let context = &transition.context;
    let (dashboard, panel) = (context.dashboard.as_deref(), context.panel.as_deref());
    let search = haystack([Some(transition.subject.name()), Some(&context.rule_name), dashboard, panel]);
    let sql = "UPDATE alarms SET seq = ?2, reason = ?3, message = ?4, rule_name = ?5, dashboard = ?6, panel = ?7, \
               unit = ?8, search = ?9, by_place = ?10 WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![
        transition.alarm.as_bytes(),
        int(transition.seq),
        transition.reason.name(),
        message,
        context.rule_name,
        dashboard,
        panel,
        context.unit,
        search,
        haystack([dashboard, panel]),
    ])?;
    Ok(())
}
