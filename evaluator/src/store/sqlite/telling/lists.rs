//! What people look at: deliveries, who was told, the queues.

use std::collections::{BTreeMap, HashMap};

use atalaya_api::delivery::DeliveryState;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Row};

use super::super::super::{DeliveryFilter, DeliveryRow, Page, QueueRow, Result, Slice, ToldRow};
use super::super::paging::{Order, Select};
use super::super::row::{damaged, int, millis, text, unsigned};
use super::{due, planned};
use crate::domain::{AlarmId, Millis};
use crate::plan::NEVER;

const COLUMNS: &str = "id, key, receiver, ifnull((SELECT json_extract(draft, '$.name') FROM receivers \
     WHERE receivers.id = deliveries.receiver), receiver), kind, severity, title, state, alarm_count, \
     iif(alarm_count = 1, (SELECT alarms.id FROM delivery_alarms JOIN alarms ON alarms.n = delivery_alarms.alarm \
     WHERE delivery_alarms.delivery = deliveries.id), NULL), attempts, created_at, \
     iif(state = 'queued', next_at, NULL), done_at, answer, why";

const STATES: [(DeliveryState, &str); 5] = [
    (DeliveryState::Queued, "queued"),
    (DeliveryState::Sending, "sending"),
    (DeliveryState::Delivered, "delivered"),
    (DeliveryState::Dead, "dead"),
    (DeliveryState::Dropped, "dropped"),
];

pub(super) fn deliveries(
    connection: &Connection,
    filter: &DeliveryFilter,
    slice: &Slice,
) -> Result<Page<DeliveryRow>> {
    let mut select = Select::new("deliveries", COLUMNS);
    select.only_if("receiver = ?", filter.receiver.clone());
    if !filter.states.is_empty() {
        let names = STATES.iter().filter(|(state, _)| filter.states.contains(state));
        let names: Vec<Sql> = names.map(|(_, name)| Sql::Text((*name).to_owned())).collect();
        select.only(format!("state IN ({})", vec!["?"; names.len()].join(", ")), names);
    }
    let of_alarm = "id IN (SELECT delivery FROM delivery_alarms JOIN alarms ON alarms.n = delivery_alarms.alarm \
                    WHERE alarms.id = ?)";
    select.only_if(of_alarm, filter.alarm.map(|alarm| alarm.as_bytes().to_vec()));
    select.words("search", filter.q.as_deref());
    let order = Order { list: "deliveries", keys: &["id"], descending: true };
    select.page(connection, &order, slice, row)
}

pub(super) fn delivery(connection: &Connection, id: u64) -> Result<Option<DeliveryRow>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM deliveries WHERE id = ?"))?;
    let mut rows = statement.query([int(id)])?;
    rows.next()?.map(row).transpose()
}

fn row(row: &Row<'_>) -> Result<DeliveryRow> {
    let (kind, state) = (text(row, 4)?, text(row, 7)?);
    let known = STATES.iter().find(|(_, name)| *name == state).map(|(state, _)| *state);
    let at = |column| -> Result<Option<Millis>> { Ok(row.get::<_, Option<i64>>(column)?.map(Millis)) };
    Ok(DeliveryRow {
        id: unsigned(row, 0)?,
        key: row.get(1)?,
        receiver: row.get(2)?,
        receiver_name: row.get(3)?,
        kind: planned::kind(kind).ok_or_else(|| damaged(format!("a delivery of kind {kind:?}")))?,
        severity: due::stated(row, 5)?,
        title: row.get(6)?,
        state: known.ok_or_else(|| damaged(format!("a delivery in state {state:?}")))?,
        alarms: unsigned(row, 8)?,
        alarm: row.get::<_, Option<[u8; 16]>>(9)?.map(AlarmId::from_bytes),
        attempts: row.get(10)?,
        created_at: millis(row, 11)?,
        next_at: at(12)?,
        done_at: at(13)?,
        answer: row.get(14)?,
        why: due::words(row, 15)?,
    })
}

pub(super) fn told(connection: &Connection, alarms: &[AlarmId]) -> Result<HashMap<AlarmId, Vec<ToldRow>>> {
    let sql = "SELECT told.receiver, ifnull(json_extract(receivers.draft, '$.name'), told.receiver), told.severity, \
               told.first_at, told.last_at, told.why, iif(told.delivery IS NULL, told.look_at, NULL) FROM alarms JOIN told ON told.alarm = alarms.n \
               LEFT JOIN receivers ON receivers.id = told.receiver WHERE alarms.id = ? ORDER BY told.receiver";
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = HashMap::new();
    for alarm in alarms {
        let rows = statement.query_and_then([alarm.as_bytes()], told_row)?;
        found.insert(*alarm, rows.collect::<Result<_>>()?);
    }
    Ok(found)
}

fn told_row(row: &Row<'_>) -> Result<ToldRow> {
    let at = |column| -> Result<Option<Millis>> { Ok(row.get::<_, Option<i64>>(column)?.map(Millis)) };
    Ok(ToldRow {
        receiver: row.get(0)?,
        receiver_name: row.get(1)?,
        heard: due::heard(row, 2)?,
        first_at: at(3)?,
        last_at: at(4)?,
        why: due::words(row, 5)?,
        look_at: at(6)?.filter(|at| *at != NEVER),
    })
}

pub(super) fn queues(connection: &Connection) -> Result<Vec<QueueRow>> {
    let mut found = BTreeMap::<String, QueueRow>::new();
    let mut count = |sql: &str, set: fn(&mut QueueRow, u64, Option<i64>)| -> Result<()> {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let receiver: String = row.get(0)?;
            let of = found.entry(receiver.clone()).or_insert(QueueRow { receiver, ..QueueRow::default() });
            set(of, unsigned(row, 1)?, row.get(2)?);
        }
        Ok(())
    };
    count("SELECT id, 0, NULL FROM receivers WHERE deleted_at IS NULL", |_, _, _| ())?;
    let open = "SELECT receiver, count(*), min(since) FROM deliveries \
                WHERE state IN ('queued', 'sending') GROUP BY receiver";
    count(open, |row, queued, oldest| (row.queued, row.oldest_at) = (queued, oldest.map(Millis)))?;
    let dead = "SELECT receiver, count(*), NULL FROM deliveries WHERE state = 'dead' GROUP BY receiver";
    count(dead, |row, dead, _| row.dead = dead)?;
    let sql = "SELECT max(done_at) FROM deliveries WHERE state = 'delivered' AND receiver = ?";
    let mut last = connection.prepare_cached(sql)?;
    for row in found.values_mut() {
        let at: Option<i64> = last.query_row([&row.receiver], |row| row.get(0))?;
        row.last_delivered_at = at.map(Millis);
    }
    Ok(found.into_values().collect())
}
