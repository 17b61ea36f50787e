//! Writing down what was planned.

use atalaya_api::delivery::DeliveryKind;
use rusqlite::{Connection, OptionalExtension, params};

use super::super::super::{NewDelivery, ReceiverPlan, Result, ToldWrite};
use super::super::row::{int, to_json};
use super::{detach, due, mark_told_by, number};
use crate::domain::Millis;
use crate::plan::OpenState;

/// Writes all of it, or nothing and gives back false when a message has moved on since the plan saw it.
pub(super) fn write(
    connection: &Connection,
    plans: &[ReceiverPlan],
    looked_at: &[(u64, u64)],
    now: Millis,
) -> Result<bool> {
    for (delivery, state) in plans.iter().flat_map(|plan| &plan.seen) {
        if state_of(connection, *delivery)? != Some(*state) {
            return Ok(false);
        }
    }
    for plan in plans {
        write_plan(connection, plan, now)?;
    }
    let mut statement = connection.prepare_cached("DELETE FROM outbox WHERE alarm = ? AND mark = ?")?;
    for (alarm, mark) in looked_at {
        statement.execute([int(*alarm), int(*mark)])?;
    }
    Ok(true)
}

fn state_of(connection: &Connection, delivery: u64) -> Result<Option<OpenState>> {
    let mut statement = connection.prepare_cached("SELECT state FROM deliveries WHERE id = ?")?;
    let state: Option<String> = statement.query_row([int(delivery)], |row| row.get(0)).optional()?;
    Ok(state.as_deref().and_then(due::open_state))
}

fn write_plan(connection: &Connection, plan: &ReceiverPlan, now: Millis) -> Result<()> {
    for (delivery, why) in &plan.drops {
        // The others that it spoke of are told anew.
        mark_told_by(connection, *delivery, now)?;
        detach(connection, *delivery)?;
        let sql = "UPDATE deliveries SET state = 'dropped', done_at = ?, why = ? WHERE id = ?";
        connection.prepare_cached(sql)?.execute(params![now.0, to_json(why)?, int(*delivery)])?;
    }
    for told in &plan.told {
        write_told(connection, &plan.receiver, told)?;
    }
    for message in &plan.messages {
        write_message(connection, &plan.receiver, message, now)?;
    }
    Ok(())
}

fn write_told(connection: &Connection, receiver: &str, told: &ToldWrite) -> Result<()> {
    let sql = "INSERT INTO told (alarm, receiver, why, look_at) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT DO UPDATE SET why = ?3, look_at = ?4, delivery = iif(?5, NULL, delivery), \
               says = iif(?5, NULL, says), says_seq = iif(?5, NULL, says_seq), says_again = iif(?5, 0, says_again)";
    let why = told.why.as_ref().map(to_json).transpose()?;
    let look_at = told.look_at.map(|at| at.0);
    connection.prepare_cached(sql)?.execute(params![int(told.alarm), receiver, why, look_at, told.detach])?;
    Ok(())
}

/// A message with a key that is there already was dropped or could not be sent: it is on its way again.
fn write_message(connection: &Connection, receiver: &str, new: &NewDelivery, now: Millis) -> Result<()> {
    let message = &new.message;
    let sql = "INSERT INTO deliveries (key, receiver, kind, severity, again, state, alarm_count, title, search, message, \
               created_at, since, next_at) VALUES (?1, ?2, ?3, ?4, ?10, 'queued', ?5, ?6, ?7, ?8, ?9, ?9, ?9) \
               ON CONFLICT (key) DO UPDATE SET state = 'queued', title = ?6, search = ?7, message = ?8, \
               attempts = 0, since = ?9, next_at = ?9, done_at = NULL, answer = NULL, why = NULL RETURNING id";
    let values = params![
        message.key,
        receiver,
        kind_name(message.kind),
        number(message.severity),
        new.says.len() as i64,
        new.title,
        new.search,
        to_json(message)?,
        now.0,
        is_again(new),
    ];
    let delivery: i64 = connection.prepare_cached(sql)?.query_row(values, |row| row.get(0))?;
    let spoken_of = "INSERT INTO delivery_alarms (alarm, delivery) VALUES (?, ?) ON CONFLICT DO NOTHING";
    let on_its_way = "INSERT INTO told (alarm, receiver, delivery, says, says_seq, says_again) \
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET delivery = ?3, says = ?4, \
                      says_seq = ?5, says_again = ?6";
    let mut spoken_of = connection.prepare_cached(spoken_of)?;
    let mut on_its_way = connection.prepare_cached(on_its_way)?;
    for (alarm, place, again) in &new.says {
        let said = &message.alarms[*place];
        spoken_of.execute(params![int(*alarm), delivery])?;
        let (says, seq) = (number(said.severity), int(said.seq));
        on_its_way.execute(params![int(*alarm), receiver, delivery, says, seq, again])?;
    }
    Ok(())
}

/// It says nothing but what was told before.
fn is_again(new: &NewDelivery) -> bool {
    !new.says.is_empty() && new.says.iter().all(|(_, _, again)| *again)
}

const KINDS: [(DeliveryKind, &str); 7] = [
    (DeliveryKind::Raised, "raised"),
    (DeliveryKind::Changed, "changed"),
    (DeliveryKind::Cleared, "cleared"),
    (DeliveryKind::Reminder, "reminder"),
    (DeliveryKind::Group, "group"),
    (DeliveryKind::Summary, "summary"),
    (DeliveryKind::Test, "test"),
];

fn kind_name(kind: DeliveryKind) -> &'static str {
    KINDS.iter().find(|(known, _)| *known == kind).map_or("raised", |(_, name)| name)
}

pub(super) fn kind(name: &str) -> Option<DeliveryKind> {
    KINDS.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
}
