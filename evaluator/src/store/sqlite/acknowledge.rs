//! Alarms that somebody has seen.

use atalaya_api::event::QuietChange;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

use super::super::{Actor, Result};
use super::alarms;
use super::events;
use super::row::to_json;
use super::settings::Entry;
use super::telling::mark;
use crate::domain::{Acknowledgement, AlarmId, Millis};

/// Sets or takes away (none) what alarms are acknowledged with, in the caller's transaction; returns those that were otherwise.
pub(super) fn write(
    connection: &Connection,
    alarms: &[AlarmId],
    wanted: Option<&Acknowledgement>,
    by: &Actor,
    now: Millis,
) -> Result<Vec<AlarmId>> {
    let stored = wanted.map(to_json).transpose()?;
    let mut changed = Vec::new();
    for id in alarms {
        let Some((n, before)) = find(connection, *id)? else { continue };
        if before.is_some() == wanted.is_some() {
            continue;
        }
        let sql = "UPDATE alarms SET acknowledged = ? WHERE n = ?";
        connection.prepare_cached(sql)?.execute(params![stored, n])?;
        mark(connection, n, now)?;
        changed.push((*id, before));
    }
    if changed.is_empty() {
        return Ok(Vec::new());
    }
    tell(connection, &changed, wanted, by, now)?;
    events::add_quiet(connection, QuietChange::Acknowledged)?;
    Ok(changed.into_iter().map(|(id, _)| id).collect())
}

type Changed = (AlarmId, Option<Acknowledgement>);

fn find(connection: &Connection, id: AlarmId) -> Result<Option<(i64, Option<Acknowledgement>)>> {
    let sql = "SELECT n, acknowledged FROM alarms WHERE id = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, alarms::acknowledgement(row, 1)));
    let Some((n, before)) = statement.query_row([id.as_bytes()], read).optional()? else { return Ok(None) };
    Ok(Some((n, before?)))
}

/// An entry each, however many: without what it was before nobody could put it back.
fn tell(
    connection: &Connection,
    changed: &[Changed],
    wanted: Option<&Acknowledgement>,
    by: &Actor,
    now: Millis,
) -> Result<()> {
    let what = if wanted.is_some() { "alarm acknowledged" } else { "alarm unacknowledged" };
    let after = wanted.map(audited);
    for (id, before) in changed {
        let before = before.as_ref().map(audited);
        let entry = Entry { what, subject: &id.to_string(), before: before.as_ref(), after: after.as_ref() };
        entry.write(connection, now, by)?;
    }
    Ok(())
}

fn audited(one: &Acknowledgement) -> Value {
    json!({ "by": one.by, "at": one.at.timestamp(), "note": one.note })
}
