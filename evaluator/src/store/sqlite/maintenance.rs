//! Planned maintenance.

use atalaya_api::event::QuietChange;
use atalaya_api::quiet::MaintenanceDraft;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Row, params};
use serde_json::{Value, json};

use super::super::{Actor, Result, StoreError};
use super::quiet::wake;
use super::row::{damaged, from_json, hex_list, int, millis, text, to_json};
use super::settings::Entry;
use super::{SqliteStore, events};
use crate::domain::{MaintenanceConfig, MaintenanceId, Millis, RuleId};
use crate::plan::quiet::Window;

const COLUMNS: &str = "id, version, draft, since, updated_at, updated_by, deleted_at";

pub(super) fn create(store: &SqliteStore, window: &MaintenanceConfig, by: &Actor) -> Result<()> {
    let (window, by, now) = (window.clone(), by.clone(), store.now());
    store.write(move |connection| {
        put(connection, &window)?;
        changed(connection, None, &window, &by, now)
    })
}

pub(super) fn change(
    store: &SqliteStore,
    window: &MaintenanceConfig,
    expected: u64,
    by: &Actor,
) -> Result<()> {
    let (window, by, now) = (window.clone(), by.clone(), store.now());
    store.write(move |connection| {
        let before = find(connection, window.id)?.ok_or(StoreError::NotFound)?;
        if before.maintenance.version != expected {
            return Err(StoreError::VersionMoved);
        }
        if let Some(past) = past(&before, &window, now) {
            put(connection, &past)?;
        }
        put(connection, &window)?;
        changed(connection, Some(&before), &window, &by, now)
    })
}

/// What a window was, if it had other hours or held for other things until now, and was in force: for what it no longer holds it has ended.
fn past(before: &MaintenanceConfig, after: &MaintenanceConfig, now: Millis) -> Option<MaintenanceConfig> {
    let stays = before.deleted_at.is_none() && after.deleted_at.is_none();
    let is_other = stays && after.since > before.since && Window::of(before).until(now).is_some();
    is_other.then(|| MaintenanceConfig {
        id: MaintenanceId::generate(),
        maintenance: MaintenanceDraft { version: 0, ..before.maintenance.clone() },
        deleted_at: Some(now),
        ..before.clone()
    })
}

pub(super) fn find(connection: &Connection, id: MaintenanceId) -> Result<Option<MaintenanceConfig>> {
    let sql = format!("SELECT {COLUMNS} FROM maintenance WHERE id = ?");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([id.as_bytes()])?;
    rows.next()?.map(window).transpose()
}

pub(super) fn all(connection: &Connection) -> Result<Vec<MaintenanceConfig>> {
    let sql = format!("SELECT {COLUMNS} FROM maintenance ORDER BY id");
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_and_then([], window)?.collect()
}

fn window(row: &Row<'_>) -> Result<MaintenanceConfig> {
    let version: i64 = row.get(1)?;
    let draft: MaintenanceDraft = from_json(text(row, 2)?)?;
    Ok(MaintenanceConfig {
        id: MaintenanceId::from_bytes(row.get(0)?),
        maintenance: MaintenanceDraft { version: version.unsigned_abs(), ..draft },
        since: millis(row, 3)?,
        updated_at: millis(row, 4)?,
        updated_by: row.get(5)?,
        deleted_at: row.get::<_, Option<i64>>(6)?.map(Millis),
    })
}

fn put(connection: &Connection, one: &MaintenanceConfig) -> Result<()> {
    let sql = format!("INSERT OR REPLACE INTO maintenance ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)");
    connection.prepare_cached(&sql)?.execute(params![
        one.id.as_bytes(),
        int(one.maintenance.version),
        to_json(&one.maintenance)?,
        one.since.0,
        one.updated_at.0,
        one.updated_by,
        one.deleted_at.map(|at| at.0),
    ])?;
    Ok(())
}

/// Audit, event, and whoever plans who is told looks at what it held for and holds for now.
fn changed(
    connection: &Connection,
    before: Option<&MaintenanceConfig>,
    one: &MaintenanceConfig,
    by: &Actor,
    now: Millis,
) -> Result<()> {
    let was_deleted = before.is_some_and(|before| before.deleted_at.is_some());
    let what = match (before, was_deleted, one.deleted_at) {
        (None, _, _) => "maintenance created",
        (_, false, Some(_)) => "maintenance deleted",
        (_, true, None) => "maintenance restored",
        _ => "maintenance updated",
    };
    for window in before.into_iter().chain([one]) {
        wake_all(connection, &window.maintenance, now)?;
    }
    let before = before.map(audited).transpose()?;
    Entry { what, subject: &one.id.to_string(), before: before.as_ref(), after: Some(&audited(one)?) }
        .write(connection, now, by)?;
    events::add_quiet(connection, QuietChange::Maintenance)
}

fn wake_all(connection: &Connection, planned: &MaintenanceDraft, now: Millis) -> Result<()> {
    if planned.everything {
        return wake(connection, "rule IS NOT NULL", Vec::new(), now);
    }
    let rules = planned.rules.iter().filter_map(|rule| rule.parse::<RuleId>().ok()).map(|rule| rule.0);
    let dashboards = Value::from(planned.dashboards.clone()).to_string();
    let values = vec![Sql::Text(hex_list(rules)), Sql::Text(dashboards)];
    let of =
        "(rule IN (SELECT unhex(value) FROM json_each(?)) OR dashboard IN (SELECT value FROM json_each(?)))";
    wake(connection, of, values, now)
}

/// A window as the audit log shows it.
fn audited(one: &MaintenanceConfig) -> Result<Value> {
    Ok(json!({
        "maintenance": serde_json::to_value(&one.maintenance).map_err(damaged)?,
        "deleted_at": one.deleted_at.map(Millis::timestamp),
    }))
}
