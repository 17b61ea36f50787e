//! What the plan reads.

use std::collections::HashMap;
use std::sync::Arc;

use atalaya_api::rule::RuleDraft;
use rusqlite::{Connection, Row, params};

use super::super::super::{DueAlarm, KnownTold, Result, RuleTerms};
use super::super::alarms::{ALARM_COLUMNS, ALARM_WIDTH, alarm};
use super::super::row::{damaged, from_json, int, judged, millis, severity, text, unsigned};
use crate::domain::{Millis, RuleId, Severity, Subject, Texts};
use crate::plan::{Heard, Load, Open, OpenState, Told, Waiting};

const MORE_COLUMNS: &str = "alarms.n, alarms.changed_at, CASE alarms.active WHEN 0 THEN \
     (SELECT value FROM transitions WHERE transitions.alarm = alarms.n ORDER BY seq DESC LIMIT 1) ELSE alarms.value END";
const MORE_WIDTH: usize = 3;

/// Rules that were read, each once.
type Rules = HashMap<RuleId, Option<Arc<RuleTerms>>>;

pub(super) fn read(connection: &Connection, now: Millis, limit: u32) -> Result<Vec<DueAlarm>> {
    let sql = format!(
        "SELECT {ALARM_COLUMNS}, {MORE_COLUMNS}, outbox.mark FROM \
         (SELECT alarm FROM outbox UNION SELECT alarm FROM told WHERE look_at <= ?1) AS picked \
         JOIN alarms ON alarms.n = picked.alarm LEFT JOIN outbox ON outbox.alarm = alarms.n \
         ORDER BY alarms.active DESC, alarms.severity DESC, alarms.n LIMIT ?2"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![now.0, limit])?;
    let (mut found, mut rules) = (Vec::new(), Rules::new());
    while let Some(row) = rows.next()? {
        let mark: Option<i64> = row.get(ALARM_WIDTH + MORE_WIDTH)?;
        let mut due = due_alarm(connection, row, &mut rules)?;
        due.mark = mark.map(i64::unsigned_abs);
        due.told = told(connection, due.number)?;
        found.push(due);
    }
    Ok(found)
}

/// Reads [`ALARM_COLUMNS`] and [`MORE_COLUMNS`]; what was told is left out.
fn due_alarm(connection: &Connection, row: &Row<'_>, rules: &mut Rules) -> Result<DueAlarm> {
    let alarm = alarm(row, 0)?;
    let rule = match &alarm.subject {
        Subject::Series { rule, .. } => rule_terms(connection, *rule, rules)?,
        _ => None,
    };
    Ok(DueAlarm {
        number: unsigned(row, ALARM_WIDTH)?,
        mark: None,
        acknowledged: alarm.acknowledged.is_some(),
        alarm,
        changed_at: millis(row, ALARM_WIDTH + 1)?,
        value: judged(row, ALARM_WIDTH + 2)?,
        rule,
        told: Vec::new(),
    })
}

fn rule_terms(connection: &Connection, id: RuleId, known: &mut Rules) -> Result<Option<Arc<RuleTerms>>> {
    if let Some(terms) = known.get(&id) {
        return Ok(terms.clone());
    }
    let mut statement = connection.prepare_cached("SELECT draft FROM rules WHERE id = ?")?;
    let mut rows = statement.query([id.as_bytes()])?;
    let terms = rows.next()?.map(|row| -> Result<_> {
        let draft: RuleDraft = from_json(text(row, 0)?)?;
        Ok(Arc::new(RuleTerms {
            name: draft.name,
            notify: draft.notify,
            period: draft.period,
            time_zone: draft.time_zone,
            note: draft.note,
            runbook_url: draft.runbook_url,
        }))
    });
    let terms = terms.transpose()?;
    known.insert(id, terms.clone());
    Ok(terms)
}

fn told(connection: &Connection, alarm: u64) -> Result<Vec<(String, KnownTold)>> {
    let sql = "SELECT told.receiver, told.severity, told.last_at, told.reminders, told.why, told.look_at, \
               deliveries.id, deliveries.state, told.says, deliveries.why, told.maybe FROM told \
               LEFT JOIN deliveries ON deliveries.id = told.delivery WHERE told.alarm = ? ORDER BY told.receiver";
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_and_then([int(alarm)], |row| Ok((row.get(0)?, known_told(row)?)))?.collect()
}

fn known_told(row: &Row<'_>) -> Result<KnownTold> {
    let open = match row.get::<_, Option<i64>>(6)? {
        Some(delivery) => open_state(text(row, 7)?).map(|state| -> Result<Open> {
            Ok(Open {
                delivery: delivery.unsigned_abs(),
                state,
                says: stated(row, 8)?,
                trouble: words(row, 9)?,
            })
        }),
        None => None,
    };
    let told = Told {
        heard: heard(row, 1)?,
        last_at: row.get::<_, Option<i64>>(2)?.map(Millis),
        reminders: row.get(3)?,
        maybe: row.get(10)?,
        open: open.transpose()?,
    };
    Ok(KnownTold { told, why: words(row, 4)?, look_at: row.get::<_, Option<i64>>(5)?.map(Millis) })
}

/// A message that an alarm still has on its way although it was dropped was given up.
pub(super) fn open_state(name: &str) -> Option<OpenState> {
    match name {
        "queued" => Some(OpenState::Queued),
        "sending" => Some(OpenState::Sending),
        "dead" | "dropped" => Some(OpenState::Dead),
        _ => None,
    }
}

pub(super) fn heard(row: &Row<'_>, column: usize) -> Result<Heard> {
    Ok(match row.get::<_, Option<u8>>(column)? {
        None => Heard::Nothing,
        Some(0) => Heard::Cleared,
        Some(number) => Heard::Standing(read_severity(number)?),
    })
}

fn read_severity(number: u8) -> Result<Severity> {
    Severity::from_number(number).ok_or_else(|| damaged(format!("severity {number}")))
}

/// What a message states: 0 is cleared.
pub(super) fn stated(row: &Row<'_>, column: usize) -> Result<Option<Severity>> {
    match row.get::<_, Option<u8>>(column)? {
        None | Some(0) => Ok(None),
        Some(_) => severity(row, column),
    }
}

pub(super) fn words(row: &Row<'_>, column: usize) -> Result<Option<Texts>> {
    row.get::<_, Option<String>>(column)?.as_deref().map(from_json).transpose()
}

pub(super) fn load(connection: &Connection, receiver: &str, since: Millis, now: Millis) -> Result<Load> {
    let sql = "SELECT id, severity, kind, state, again, alarm_count FROM deliveries \
               WHERE state IN ('queued', 'sending') AND receiver = ?";
    let mut load = Load::default();
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([receiver])?;
    while let Some(row) = rows.next()? {
        if text(row, 3)? == "sending" {
            load.sending += 1;
            continue;
        }
        load.queued.push(Waiting {
            delivery: unsigned(row, 0)?,
            severity: stated(row, 1)?,
            yields: text(row, 2)? == "summary" || row.get(4)?,
            alarms: unsigned(row, 5)? as usize,
        });
    }
    let sql = "SELECT count(*), min(done_at) FROM deliveries \
               WHERE state = 'delivered' AND receiver = ? AND done_at > ? AND done_at <= ?";
    let values = params![receiver, since.0, now.0];
    let (sent, oldest): (u32, Option<i64>) =
        connection.prepare_cached(sql)?.query_row(values, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(Load { sent, oldest_sent: oldest.map(Millis), ..load })
}

pub(super) fn standing(
    connection: &Connection,
    receiver: &str,
    after: u64,
    limit: u32,
) -> Result<Vec<(DueAlarm, Severity)>> {
    let sql = format!(
        "SELECT {ALARM_COLUMNS}, {MORE_COLUMNS}, told.severity FROM told JOIN alarms ON alarms.n = told.alarm \
         WHERE told.receiver = ?1 AND told.severity > 0 AND told.alarm > ?2 AND alarms.active = 1 \
         ORDER BY told.alarm LIMIT ?3"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![receiver, int(after), limit])?;
    let (mut found, mut rules) = (Vec::new(), Rules::new());
    while let Some(row) = rows.next()? {
        let heard = read_severity(row.get(ALARM_WIDTH + MORE_WIDTH)?)?;
        found.push((due_alarm(connection, row, &mut rules)?, heard));
    }
    Ok(found)
}
