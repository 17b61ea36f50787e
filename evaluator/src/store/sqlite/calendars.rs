//! Calendars.

use std::collections::HashMap;

use rusqlite::{Connection, Row, params};
use serde_json::{Value, json};

use super::super::{Actor, CalendarStore, Result, StoreError};
use super::SqliteStore;
use super::row::{damaged, from_json, int, millis, text, to_json};
use super::settings::Entry;
use crate::domain::{CalendarConfig, Millis};

const COLUMNS: &str = "calendar, updated_at, updated_by, deleted_at";

impl CalendarStore for SqliteStore {
    fn create_calendar(&self, calendar: &CalendarConfig, by: &Actor) -> Result<()> {
        let (calendar, by, now) = (calendar.clone(), by.clone(), self.now());
        self.write(move |connection| {
            if find(connection, &calendar.calendar.id)?.is_some() {
                return Err(StoreError::Taken("the calendar's id"));
            }
            put(connection, &calendar)?;
            tell(connection, None, &calendar, &by, now)
        })
    }

    fn change_calendar(&self, calendar: &CalendarConfig, expected: u64, by: &Actor) -> Result<()> {
        let (calendar, by, now) = (calendar.clone(), by.clone(), self.now());
        self.write(move |connection| {
            let before = find(connection, &calendar.calendar.id)?.ok_or(StoreError::NotFound)?;
            if before.calendar.version != expected {
                return Err(StoreError::VersionMoved);
            }
            if calendar.deleted_at.is_some() && before.deleted_at.is_none() {
                nobody_uses(connection, &calendar.calendar.id)?;
            }
            put(connection, &calendar)?;
            tell(connection, Some(&before), &calendar, &by, now)
        })
    }

    fn calendar(&self, id: &str) -> Result<Option<CalendarConfig>> {
        self.read(|connection| find(connection, id))
    }

    fn calendars(&self) -> Result<Vec<CalendarConfig>> {
        self.read(|connection| {
            let sql = format!("SELECT {COLUMNS} FROM calendars WHERE deleted_at IS NULL ORDER BY id");
            let mut statement = connection.prepare_cached(&sql)?;
            statement.query_and_then([], calendar)?.collect()
        })
    }

    fn rules_by_period(&self) -> Result<HashMap<String, u64>> {
        self.read(|connection| {
            let sql = "SELECT period, count(*) FROM rules WHERE deleted = 0 GROUP BY period";
            let mut statement = connection.prepare_cached(sql)?;
            let counted =
                statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
            Ok(counted.collect::<rusqlite::Result<_>>()?)
        })
    }
}

fn find(connection: &Connection, id: &str) -> Result<Option<CalendarConfig>> {
    let sql = format!("SELECT {COLUMNS} FROM calendars WHERE id = ?");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([id])?;
    rows.next()?.map(calendar).transpose()
}

fn calendar(row: &Row<'_>) -> Result<CalendarConfig> {
    Ok(CalendarConfig {
        calendar: from_json(text(row, 0)?)?,
        updated_at: millis(row, 1)?,
        updated_by: row.get(2)?,
        deleted_at: row.get::<_, Option<i64>>(3)?.map(Millis),
    })
}

fn nobody_uses(connection: &Connection, id: &str) -> Result<()> {
    let sql = "SELECT (SELECT count(*) FROM rules WHERE deleted = 0 AND period = ?1) + (SELECT count(*) FROM templates \
               WHERE deleted_at IS NULL AND json_extract(draft, '$.alarm.period') = ?1)";
    let users: i64 = connection.prepare_cached(sql)?.query_row([id], |row| row.get(0))?;
    if users == 0 { Ok(()) } else { Err(StoreError::InUse(users.unsigned_abs())) }
}

fn put(connection: &Connection, one: &CalendarConfig) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO calendars (id, version, updated_at, updated_by, deleted_at, calendar) \
               VALUES (?, ?, ?, ?, ?, ?)";
    connection.prepare_cached(sql)?.execute(params![
        one.calendar.id,
        int(one.calendar.version),
        one.updated_at.0,
        one.updated_by,
        one.deleted_at.map(|at| at.0),
        to_json(&one.calendar)?,
    ])?;
    Ok(())
}

/// The audit entry of a change.
fn tell(
    connection: &Connection,
    before: Option<&CalendarConfig>,
    one: &CalendarConfig,
    by: &Actor,
    now: Millis,
) -> Result<()> {
    let was_deleted = before.is_some_and(|before| before.deleted_at.is_some());
    let what = match (before, was_deleted, one.deleted_at) {
        (None, _, _) => "calendar created",
        (_, false, Some(_)) => "calendar deleted",
        (_, true, None) => "calendar restored",
        _ => "calendar updated",
    };
    let before = before.map(audited).transpose()?;
    Entry { what, subject: &one.calendar.id, before: before.as_ref(), after: Some(&audited(one)?) }
        .write(connection, now, by)
}

/// A calendar as the audit log shows it.
fn audited(one: &CalendarConfig) -> Result<Value> {
    Ok(json!({
        "calendar": serde_json::to_value(&one.calendar).map_err(damaged)?,
        "deleted_at": one.deleted_at.map(Millis::timestamp),
    }))
}
