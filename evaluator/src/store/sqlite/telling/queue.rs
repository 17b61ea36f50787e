//! The messages on their way: taken up, settled, given up, sent again.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;

use super::super::super::{Actor, Claimed, Result, Settled};
use super::super::row::{from_json, int, text, to_json, unsigned};
use super::super::settings::Entry;
use super::{detach, mark_told_by};
use crate::domain::{Millis, Texts};

/// Deleted in one transaction: others are written in between.
pub(super) const PRUNED_AT_ONCE: u64 = 500;

/// No try is put off for longer, ms: one that is further away was put off by a clock that was wrong.
const LONGEST_WAIT: i64 = 3_600_000;

pub(super) fn claim(
    connection: &Connection,
    receiver: &str,
    early: bool,
    now: Millis,
) -> Result<Option<Claimed>> {
    let sql = "UPDATE deliveries SET state = 'sending', attempts = attempts + 1 WHERE id = (SELECT id FROM deliveries \
               WHERE state IN ('queued', 'sending') AND state = 'queued' AND receiver = ?1 \
               AND (?4 OR next_at <= ?2 OR next_at > ?3) ORDER BY again, severity DESC, id LIMIT 1) \
               RETURNING id, attempts, message";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![receiver, now.0, now.plus(LONGEST_WAIT).0, early])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let claimed =
        Claimed { delivery: unsigned(row, 0)?, attempt: row.get(1)?, message: from_json(text(row, 2)?)? };
    // The statement has to end before its change counts.
    rows.next()?;
    Ok(Some(claimed))
}

pub(super) fn next_try(connection: &Connection, receiver: &str, now: Millis) -> Result<Option<Millis>> {
    let sql = "SELECT min(iif(next_at > ?2, 0, next_at)) FROM deliveries \
               WHERE state IN ('queued', 'sending') AND state = 'queued' AND receiver = ?1";
    let values = params![receiver, now.plus(LONGEST_WAIT).0];
    let next: Option<i64> = connection.prepare_cached(sql)?.query_row(values, |row| row.get(0))?;
    Ok(next.map(Millis))
}

pub(super) fn settle(connection: &Connection, delivery: u64, settled: &Settled, now: Millis) -> Result<()> {
    let sql = "SELECT 1 FROM deliveries WHERE id = ? AND state = 'sending'";
    if connection.prepare_cached(sql)?.query_row([int(delivery)], |_| Ok(())).optional()?.is_none() {
        return Ok(());
    }
    mark_told_by(connection, delivery, now)?;
    let update =
        "UPDATE deliveries SET state = ?2, next_at = ?3, done_at = ?4, answer = ?5, why = ?6 WHERE id = ?1";
    let mut update = connection.prepare_cached(update)?;
    let id = int(delivery);
    match settled {
        Settled::Delivered { answer } => {
            update.execute(params![id, "delivered", now.0, now.0, answer, None::<String>])?;
            knows(connection, delivery, now)
        }
        Settled::Again { at, maybe, words, answer } => {
            if *maybe {
                may_know(connection, delivery)?;
            }
            update.execute(params![id, "queued", at.0, None::<i64>, answer, to_json(words)?])?;
            Ok(())
        }
        Settled::Dead { words, answer } => {
            update.execute(params![id, "dead", now.0, now.0, answer, to_json(words)?])?;
            Ok(())
        }
    }
}

/// Its receiver may know of what stands, though nobody can tell.
fn may_know(connection: &Connection, delivery: u64) -> Result<()> {
    let sql = "UPDATE told SET maybe = 1 WHERE delivery = ? AND says > 0";
    connection.prepare_cached(sql)?.execute([int(delivery)])?;
    Ok(())
}

/// Its receiver knows what a message said.
fn knows(connection: &Connection, delivery: u64, now: Millis) -> Result<()> {
    let sql = "UPDATE told SET severity = says, seq = says_seq, first_at = ifnull(first_at, ?2), last_at = ?2, \
               reminders = reminders + says_again, why = NULL, look_at = NULL, maybe = 0 \
               WHERE delivery = ?1";
    connection.prepare_cached(sql)?.execute(params![int(delivery), now.0])?;
    detach(connection, delivery)
}

pub(super) fn release(connection: &Connection, now: Millis) -> Result<u64> {
    let sql = "UPDATE told SET maybe = 1 WHERE says > 0 \
               AND delivery IN (SELECT id FROM deliveries WHERE state = 'sending')";
    connection.prepare_cached(sql)?.execute([])?;
    let sql = "UPDATE deliveries SET state = 'queued', next_at = ? WHERE state = 'sending'";
    Ok(connection.prepare_cached(sql)?.execute([now.0])? as u64)
}

pub(super) fn older(connection: &Connection, than: Millis) -> Result<Vec<u64>> {
    let sql = "SELECT id FROM deliveries WHERE state = 'queued' AND since < ?";
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_and_then([than.0], |row| unsigned(row, 0))?.collect()
}

pub(super) fn expire(connection: &Connection, older_than: Millis, words: &Texts, now: Millis) -> Result<u64> {
    let sql = "UPDATE deliveries SET state = 'dead', done_at = ?, why = ifnull(why, ?) WHERE id = ?";
    let words = to_json(words)?;
    let expired = older(connection, older_than)?;
    for delivery in &expired {
        mark_told_by(connection, *delivery, now)?;
        connection.prepare_cached(sql)?.execute(params![now.0, words, int(*delivery)])?;
    }
    Ok(expired.len() as u64)
}

/// Of a message to be sent again or given up.
const DEAD: &str = "state = 'dead'";
/// Of the dropped ones only those that somebody gave up still stand in the way of an alarm.
const DEAD_OR_GIVEN_UP: &str = "(state = 'dead' OR (state = 'dropped' \
    AND EXISTS (SELECT 1 FROM told WHERE told.delivery = deliveries.id)))";

/// Receiver, title and number of alarms of a message in this state.
fn found(connection: &Connection, delivery: u64, state: &str) -> Result<Option<(String, String, u64)>> {
    let sql = format!("SELECT receiver, title, alarm_count FROM deliveries WHERE id = ? AND {state}");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([int(delivery)])?;
    rows.next()?.map(|row| Ok((row.get(0)?, row.get(1)?, unsigned(row, 2)?))).transpose()
}

pub(super) fn retry(connection: &Connection, delivery: u64, by: &Actor, now: Millis) -> Result<bool> {
    let Some((receiver, title, alarms)) = found(connection, delivery, DEAD_OR_GIVEN_UP)? else {
        return Ok(false);
    };
    send_again(connection, delivery, alarms, now)?;
    let after = json!({ "receiver": receiver, "title": title });
    let subject = delivery.to_string();
    Entry { what: "delivery sent again", subject: &subject, before: None, after: Some(&after) }
        .write(connection, now, by)?;
    Ok(true)
}

/// One that is not whole any more is dropped; what of it still is so is told anew.
fn send_again(connection: &Connection, delivery: u64, alarms: u64, now: Millis) -> Result<()> {
    let sql = "SELECT count(*) FROM told WHERE delivery = ?";
    let whole: i64 = connection.prepare_cached(sql)?.query_row([int(delivery)], |row| row.get(0))?;
    if whole.unsigned_abs() == alarms {
        mark_told_by(connection, delivery, now)?;
        let sql = "UPDATE deliveries SET state = 'queued', attempts = 0, since = ?1, next_at = ?1, done_at = NULL, \
                   why = iif(state = 'dropped', NULL, why) WHERE id = ?2";
        connection.prepare_cached(sql)?.execute(params![now.0, int(delivery)])?;
        return Ok(());
    }
    tell_anew(connection, delivery, &crate::plan::words::outdated(), now)
}

/// Drops a message: what of it still is so is planned anew.
fn tell_anew(connection: &Connection, delivery: u64, why: &Texts, now: Millis) -> Result<()> {
    mark_told_by(connection, delivery, now)?;
    detach(connection, delivery)?;
    let sql = "UPDATE deliveries SET state = 'dropped', done_at = ?, why = ? WHERE id = ?";
    connection.prepare_cached(sql)?.execute(params![now.0, to_json(why)?, int(delivery)])?;
    Ok(())
}

pub(super) fn retry_all(connection: &Connection, receiver: &str, by: &Actor, now: Millis) -> Result<u64> {
    let sql = "SELECT id FROM deliveries WHERE state = 'dead' AND receiver = ?";
    let dead: Vec<u64> = connection
        .prepare_cached(sql)?
        .query_and_then([receiver], |row| unsigned(row, 0))?
        .collect::<Result<_>>()?;
    for delivery in &dead {
        // As they were, they would all go at once, whatever the receiver's rate.
        tell_anew(connection, *delivery, &crate::plan::words::joined(), now)?;
    }
    if !dead.is_empty() {
        let after = json!({ "deliveries": dead.len() });
        Entry { what: "deliveries sent again", subject: receiver, before: None, after: Some(&after) }
            .write(connection, now, by)?;
    }
    Ok(dead.len() as u64)
}

/// It stays in the way of the same statement: whoever gave it up does not want it told.
pub(super) fn give_up(connection: &Connection, delivery: u64, by: &Actor, now: Millis) -> Result<bool> {
    let Some((receiver, title, _)) = found(connection, delivery, DEAD)? else { return Ok(false) };
    mark_told_by(connection, delivery, now)?;
    let why =
        Texts { en: format!("given up by {}", by.name), es: format!("{} renunció a enviarlo", by.name) };
    let sql = "UPDATE deliveries SET state = 'dropped', done_at = ?, why = ? WHERE id = ?";
    connection.prepare_cached(sql)?.execute(params![now.0, to_json(&why)?, int(delivery)])?;
    let before = json!({ "receiver": receiver, "title": title });
    let subject = delivery.to_string();
    Entry { what: "delivery given up", subject: &subject, before: Some(&before), after: None }
        .write(connection, now, by)?;
    Ok(true)
}

pub(super) fn prune(connection: &Connection, older_than: Millis) -> Result<u64> {
    // What stands in the way of a statement is kept as long as it does.
    let sql = "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE done_at IS NOT NULL AND done_at < ? \
               AND state IN ('delivered', 'dropped') \
               AND NOT EXISTS (SELECT 1 FROM told WHERE told.delivery = deliveries.id) LIMIT ?)";
    let pruned = connection.prepare_cached(sql)?.execute(params![older_than.0, PRUNED_AT_ONCE as i64])?;
    Ok(pruned as u64)
}
