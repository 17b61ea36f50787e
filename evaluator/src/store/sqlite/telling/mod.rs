//! Telling people: `outbox` names the alarms to look at, `told` what each receiver knows, `deliveries` the messages.
//!
//! Whatever changes an alarm, or what may be told of it, marks it here in its own transaction: [`mark`], [`mark_rule`].

mod due;
mod lists;
mod planned;
mod queue;

use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::super::{
    Actor, Claimed, DeliveryFilter, DeliveryRow, DueAlarm, NotifyStore, Page, QueueRow, ReceiverPlan, Result,
    Settled, Slice, ToldRow,
};
use super::SqliteStore;
use super::row::int;
use crate::domain::{AlarmId, Millis, RuleId, Severity, Texts};
use crate::plan;

/// An alarm, by its number, is to be looked at: it changed, or what may be told of it.
pub(in super::super) fn mark(connection: &Connection, alarm: i64, now: Millis) -> Result<()> {
    let sql = "INSERT INTO outbox (alarm, since) VALUES (?, ?) ON CONFLICT DO UPDATE SET mark = mark + 1";
    connection.prepare_cached(sql)?.execute(params![alarm, now.0])?;
    Ok(())
}

/// So are the active alarms of a rule that was edited.
pub(in super::super) fn mark_rule(connection: &Connection, rule: RuleId, now: Millis) -> Result<()> {
    let sql = "INSERT INTO outbox (alarm, since) SELECT n, ?2 FROM alarms WHERE rule = ?1 AND active = 1 \
               ON CONFLICT DO UPDATE SET mark = mark + 1";
    connection.prepare_cached(sql)?.execute(params![rule.as_bytes(), now.0])?;
    Ok(())
}

/// So are those that a message on its way speaks of.
fn mark_told_by(connection: &Connection, delivery: u64, now: Millis) -> Result<()> {
    let sql = "INSERT INTO outbox (alarm, since) SELECT alarm, ?2 FROM told WHERE delivery = ?1 \
               ON CONFLICT DO UPDATE SET mark = mark + 1";
    connection.prepare_cached(sql)?.execute(params![int(delivery), now.0])?;
    Ok(())
}

/// What waits for a receiver may be tried now.
pub(in super::super) fn hurry(connection: &Connection, receiver: &str, now: Millis) -> Result<()> {
    let sql = "UPDATE deliveries SET next_at = ?2 WHERE state IN ('queued', 'sending') AND state = 'queued' \
               AND receiver = ?1 AND next_at > ?2";
    connection.prepare_cached(sql)?.execute(params![receiver, now.0])?;
    Ok(())
}

/// No alarm has this message on its way any more.
fn detach(connection: &Connection, delivery: u64) -> Result<()> {
    let sql =
        "UPDATE told SET delivery = NULL, says = NULL, says_seq = NULL, says_again = 0 WHERE delivery = ?";
    connection.prepare_cached(sql)?.execute([int(delivery)])?;
    Ok(())
}

/// As a severity is stored that may be none: cleared.
fn number(severity: Option<Severity>) -> u8 {
    severity.map_or(0, |severity| severity as u8)
}

impl NotifyStore for SqliteStore {
    fn due(&self, now: Millis, limit: u32) -> Result<Vec<DueAlarm>> {
        self.read(|connection| due::read(connection, now, limit))
    }

    fn load(&self, receiver: &str, since: Millis, now: Millis) -> Result<plan::Load> {
        self.read(|connection| due::load(connection, receiver, since, now))
    }

    fn plan_done(&self, plans: &[ReceiverPlan], looked_at: &[(u64, u64)]) -> Result<bool> {
        let (plans, looked_at, now) = (plans.to_vec(), looked_at.to_vec(), self.now());
        self.write(move |connection| planned::write(connection, &plans, &looked_at, now))
    }

    fn claim(&self, receiver: &str, early: bool) -> Result<Option<Claimed>> {
        // Most looks find nothing: those disturb nobody who writes.
        if self.next_try(receiver)?.is_none_or(|at| at > self.now() && !early) {
            return Ok(None);
        }
        let (receiver, now) = (receiver.to_owned(), self.now());
        self.write(move |connection| queue::claim(connection, &receiver, early, now))
    }

    fn hurry(&self, receiver: &str) -> Result<()> {
        let (receiver, now) = (receiver.to_owned(), self.now());
        self.write(move |connection| hurry(connection, &receiver, now))
    }

    fn next_try(&self, receiver: &str) -> Result<Option<Millis>> {
        let now = self.now();
        self.read(|connection| queue::next_try(connection, receiver, now))
    }

    fn settle(&self, delivery: u64, settled: &Settled) -> Result<()> {
        let (settled, now) = (settled.clone(), self.now());
        self.write(move |connection| queue::settle(connection, delivery, &settled, now))
    }

    fn release(&self) -> Result<u64> {
        let now = self.now();
        self.write(move |connection| queue::release(connection, now))
    }

    fn look_again(&self) -> Result<()> {
        let now = self.now();
        self.write(move |connection| {
            let sql = "INSERT INTO outbox (alarm, since) SELECT n, ?1 FROM (SELECT n FROM alarms WHERE active = 1 \
                       UNION SELECT alarm FROM told WHERE look_at IS NOT NULL \
                       UNION SELECT alarm FROM told WHERE delivery IS NOT NULL) WHERE true \
                       ON CONFLICT DO UPDATE SET mark = mark + 1";
            connection.prepare_cached(sql)?.execute([now.0])?;
            Ok(())
        })
    }

    fn expire(&self, older_than: Millis, words: &Texts) -> Result<u64> {
        let waits = self.read(|connection| queue::older(connection, older_than))?;
        if waits.is_empty() {
            return Ok(0);
        }
        let (words, now) = (words.clone(), self.now());
        self.write(move |connection| queue::expire(connection, older_than, &words, now))
    }

    fn deliveries(&self, filter: &DeliveryFilter, slice: &Slice) -> Result<Page<DeliveryRow>> {
        self.read(|connection| lists::deliveries(connection, filter, slice))
    }

    fn delivery(&self, id: u64) -> Result<Option<DeliveryRow>> {
        self.read(|connection| lists::delivery(connection, id))
    }

    fn retry(&self, id: u64, by: &Actor) -> Result<bool> {
        let (by, now) = (by.clone(), self.now());
        self.write(move |connection| queue::retry(connection, id, &by, now))
    }

    fn retry_all(&self, receiver: &str, by: &Actor) -> Result<u64> {
        let (receiver, by, now) = (receiver.to_owned(), by.clone(), self.now());
        self.write(move |connection| queue::retry_all(connection, &receiver, &by, now))
    }

    fn give_up(&self, id: u64, by: &Actor) -> Result<bool> {
        let (by, now) = (by.clone(), self.now());
        self.write(move |connection| queue::give_up(connection, id, &by, now))
    }

    fn told(&self, alarms: &[AlarmId]) -> Result<HashMap<AlarmId, Vec<ToldRow>>> {
        self.read(|connection| lists::told(connection, alarms))
    }

    fn told_standing(&self, receiver: &str, after: u64, limit: u32) -> Result<Vec<(DueAlarm, Severity)>> {
        self.read(|connection| due::standing(connection, receiver, after, limit))
    }

    fn queues(&self) -> Result<Vec<QueueRow>> {
        self.read(lists::queues)
    }

    fn dead_letters(&self) -> Result<u64> {
        self.read(|connection| {
            let sql = "SELECT count(*) FROM deliveries WHERE state = 'dead'";
            let count: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
            Ok(count.unsigned_abs())
        })
    }

    fn prune_deliveries(&self, older_than: Millis) -> Result<u64> {
        let mut pruned = 0;
        loop {
            let some = self.write(move |connection| queue::prune(connection, older_than))?;
            pruned += some;
            if some < queue::PRUNED_AT_ONCE {
                return Ok(pruned);
            }
        }
    }
}
