//! What was deleted and can still be brought back, until it is gone for good.

use atalaya_api::people::DeletedKind;
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::super::{DeletedRow, DeletedStore, Page, Result, Slice};
use super::SqliteStore;
use super::paging::{Order, Select};
use super::row::{damaged, millis, text};
use crate::domain::Millis;

/// Rules that go for good in one transaction: others are written in between.
const AT_ONCE: i64 = 500;

/// A line of the list for each. Ids that are stored as bytes are hex digits here.
/// `needed_at` is when it was deleted, or the last rule that names it and cannot come back without it.
const ALL: &str = "(\
    SELECT 'rule' AS kind, lower(hex(id)) AS id, draft ->> '$.name' AS name, deleted_at, updated_by, deleted_at AS needed_at \
        FROM rules WHERE deleted_at IS NOT NULL \
    UNION ALL SELECT 'template', id, draft ->> '$.name', deleted_at, updated_by, deleted_at FROM templates WHERE deleted_at IS NOT NULL \
    UNION ALL SELECT 'calendar', id, calendar ->> '$.name', deleted_at, updated_by, max(deleted_at, ifnull((SELECT max(gone.deleted_at) \
        FROM rules AS gone WHERE gone.period = calendars.id), 0)) FROM calendars WHERE deleted_at IS NOT NULL \
    UNION ALL SELECT 'source', id, settings ->> '$.name', deleted_at, updated_by, max(deleted_at, ifnull((SELECT max(gone.deleted_at) \
        FROM rules AS gone WHERE gone.draft ->> '$.query.source' = sources.id), 0)) FROM sources WHERE deleted_at IS NOT NULL \
    UNION ALL SELECT 'receiver', id, draft ->> '$.name', deleted_at, updated_by, deleted_at FROM receivers WHERE deleted_at IS NOT NULL \
    UNION ALL SELECT 'maintenance', lower(hex(id)), draft ->> '$.name', deleted_at, updated_by, deleted_at FROM maintenance \
        WHERE deleted_at IS NOT NULL AND version > 0)";

/// The tables whose rows go alone, and which stay: those that a rule names which can come back. Rules take their states with them. Of
/// maintenance the end is remembered for longer.
const PLAIN: [(&str, &str); 4] = [
    ("templates", ""),
    (
        "calendars",
        "AND NOT EXISTS (SELECT 1 FROM rules WHERE rules.deleted_at > ?1 AND period = calendars.id)",
    ),
    (
        "sources",
        "AND NOT EXISTS (SELECT 1 FROM rules WHERE rules.deleted_at > ?1 AND draft ->> '$.query.source' = sources.id)",
    ),
    ("receivers", ""),
];

impl DeletedStore for SqliteStore {
    fn deleted(&self, after: Millis, slice: &Slice) -> Result<Page<DeletedRow>> {
        let order = Order { list: "deleted", keys: &["deleted_at", "kind", "id"], descending: true };
        let mut select = Select::new(ALL, "kind, id, name, deleted_at, updated_by");
        select.only("needed_at > ?", [after.0.into()]);
        self.read(|connection| select.page(connection, &order, slice, row))
    }

    fn purge_deleted(&self, until: Millis) -> Result<u64> {
        let mut gone = self.write(move |connection| {
            let mut gone = 0;
            for (table, stay) in PLAIN {
                let sql = format!("DELETE FROM {table} WHERE deleted_at <= ?1 {stay}");
                gone += connection.execute(&sql, [until.0])?;
            }
            Ok(gone)
        })?;
        loop {
            let some = self.write(move |connection| purge_rules(connection, until))?;
            if some == 0 {
                return Ok(gone as u64);
            }
            gone += some;
        }
    }
}

fn purge_rules(connection: &Connection, until: Millis) -> Result<usize> {
    let some = "SELECT id FROM rules WHERE deleted_at <= ?1 ORDER BY deleted_at, id LIMIT ?2";
    for table in ["series_state", "drift"] {
        let sql = format!("DELETE FROM {table} WHERE rule IN ({some})");
        connection.prepare_cached(&sql)?.execute(params![until.0, AT_ONCE])?;
    }
    let sql = format!("DELETE FROM rules WHERE id IN ({some})");
    Ok(connection.prepare_cached(&sql)?.execute(params![until.0, AT_ONCE])?)
}

fn row(row: &Row<'_>) -> Result<DeletedRow> {
    let kind = kind(text(row, 0)?)?;
    let id = text(row, 1)?;
    let id = match kind {
        DeletedKind::Rule | DeletedKind::Maintenance => id.parse::<Uuid>().map_err(damaged)?.to_string(),
        _ => id.to_owned(),
    };
    Ok(DeletedRow {
        kind,
        id,
        name: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
        deleted_at: millis(row, 3)?,
        by: row.get(4)?,
    })
}

fn kind(name: &str) -> Result<DeletedKind> {
    Ok(match name {
        "rule" => DeletedKind::Rule,
        "template" => DeletedKind::Template,
        "calendar" => DeletedKind::Calendar,
        "source" => DeletedKind::Source,
        "receiver" => DeletedKind::Receiver,
        "maintenance" => DeletedKind::Maintenance,
        _ => return Err(damaged(format!("a deleted {name:?}"))),
    })
}
