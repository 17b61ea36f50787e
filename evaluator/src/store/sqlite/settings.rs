//! Settings, the audit log, and the components that evidence names.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;

use super::super::{Actor, AuditFilter, AuditRow, ComponentStore, Page, Result, SettingsStore, Slice};
use super::SqliteStore;
use super::paging::{Order, Select};
use super::row::{from_json, haystack, millis, to_json};
use crate::domain::{Millis, Sha256};

impl SettingsStore for SqliteStore {
    fn setting(&self, key: &str) -> Result<Option<Value>> {
        self.read(|connection| setting(connection, key))
    }

    fn put_setting(&self, key: &str, value: &Value, by: &Actor) -> Result<()> {
        let (key, value, by, now) = (key.to_owned(), value.clone(), by.clone(), self.now());
        self.write(move |connection| {
            let before = setting(connection, &key)?;
            let sql =
                "INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2";
            connection.prepare_cached(sql)?.execute(params![key, to_json(&value)?])?;
            let (before, after) = (before.as_ref(), Some(&value));
            let entry = Entry { what: "settings changed", subject: &key, before, after };
            entry.write(connection, now, &by)
        })
    }

    fn audit_of(&self, filter: &AuditFilter, slice: &Slice) -> Result<Page<AuditRow>> {
        let order = Order { list: "audit", keys: &["at", "id"], descending: true };
        let mut select = Select::new("audit", "at, by, what, subject, before, after");
        select.only_if("by = ?", filter.by.clone());
        select.only_if("at >= ?", filter.from.map(|from| from.0));
        select.only_if("at < ?", filter.to.map(|to| to.0));
        select.words("search", filter.q.as_deref());
        self.read(|connection| select.page(connection, &order, slice, audit_row))
    }

    fn note(&self, what: &str, subject: &str, after: &Value, by: &Actor) -> Result<()> {
        let (what, subject, after, by, now) =
            (what.to_owned(), subject.to_owned(), after.clone(), by.clone(), self.now());
        self.write(move |connection| {
            Entry { what: &what, subject: &subject, before: None, after: Some(&after) }
                .write(connection, now, &by)
        })
    }
}

pub(super) fn setting(connection: &Connection, key: &str) -> Result<Option<Value>> {
    let mut statement = connection.prepare_cached("SELECT value FROM settings WHERE key = ?")?;
    let json: Option<String> = statement.query_row([key], |row| row.get(0)).optional()?;
    json.as_deref().map(from_json).transpose()
}

/// A line of the audit log about to be written, in the transaction of what it tells of.
pub(super) struct Entry<'a> {
    pub(super) what: &'a str,
    pub(super) subject: &'a str,
    pub(super) before: Option<&'a Value>,
    pub(super) after: Option<&'a Value>,
}

impl Entry<'_> {
    pub(super) fn write(&self, connection: &Connection, now: Millis, by: &Actor) -> Result<()> {
        let json = |value: Option<&Value>| value.map(Value::to_string);
        let sql =
            "INSERT INTO audit (at, by, what, subject, before, after, search) VALUES (?, ?, ?, ?, ?, ?, ?)";
        let name = self.after.and_then(name).or(self.before.and_then(name));
        let search = haystack([Some(&*by.name), Some(self.what), Some(self.subject), name]);
        let (before, after) = (json(self.before), json(self.after));
        let values = params![now.0, by.name, self.what, self.subject, before, after, search];
        connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }
}

impl Entry<'_> {
    /// The same into a store that may be of an earlier version: what people search in is filled in when it is brought up to date.
    pub(super) fn write_into_any(&self, connection: &Connection, now: Millis, by: &Actor) -> Result<()> {
        let searched = "SELECT 1 FROM pragma_table_info('audit') WHERE name = 'search'";
        if connection.query_row(searched, [], |_| Ok(())).optional()?.is_some() {
            return self.write(connection, now, by);
        }
        let json = |value: Option<&Value>| value.map(Value::to_string);
        let sql = "INSERT INTO audit (at, by, what, subject, before, after) VALUES (?, ?, ?, ?, ?, ?)";
        let values = params![now.0, by.name, self.what, self.subject, json(self.before), json(self.after)];
        connection.execute(sql, values)?;
        Ok(())
    }
}

/// What a thing is called, as the audit log shows it: `{"name": …}` or `{"rule": {"name": …}}`.
fn name(shown: &Value) -> Option<&str> {
    let inner = || shown.as_object()?.values().find_map(|part| part.get("name"));
    shown.get("name").or_else(inner)?.as_str()
}

fn audit_row(row: &Row<'_>) -> Result<AuditRow> {
    let json = |column| -> Result<Option<Value>> {
        row.get::<_, Option<String>>(column)?.as_deref().map(from_json).transpose()
    };
    Ok(AuditRow {
        at: millis(row, 0)?,
        by: row.get(1)?,
        what: row.get(2)?,
        subject: row.get(3)?,
        before: json(4)?,
        after: json(5)?,
    })
}

impl ComponentStore for SqliteStore {
    fn keep_component(&self, hash: Sha256, wasm: &[u8]) -> Result<()> {
        // At every start the built-in checks come by, which are there already.
        if self.component(hash)?.is_some() {
            return Ok(());
        }
        let wasm = wasm.to_vec();
        self.write(move |connection| {
            let sql = "INSERT INTO components (hash, wasm) VALUES (?, ?) ON CONFLICT DO NOTHING";
            connection.execute(sql, params![hash.0, wasm])?;
            Ok(())
        })
    }

    fn component(&self, hash: Sha256) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT wasm FROM components WHERE hash = ?";
        self.read(|connection| Ok(connection.query_row(sql, [hash.0], |row| row.get(0)).optional()?))
    }
}
