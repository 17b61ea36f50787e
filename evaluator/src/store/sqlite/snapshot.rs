//! A copy of the store for a backup, what a copy holds, and what of it the key does not open.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::{Actor, Cipher, Result, StoreError};
use super::open;
use super::row::{damaged, to_json};
use super::settings::Entry;
use crate::domain::{Millis, Texts};

/// How long the copying waits for another process.
const BUSY: Duration = Duration::from_secs(30);

/// What a store holds, counted: two that hold the same have the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Census {
    /// The number of its newest migration.
    pub schema: i64,
    /// Those that are not deleted.
    pub rules: u64,
    /// Active ones and history.
    pub alarms: u64,
    pub users: u64,
}

/// Something whose secret the key does not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shut {
    /// `source`, `receiver`, `grafana`.
    pub kind: &'static str,
    pub name: String,
}

/// The newest schema that this version knows.
pub fn newest_schema() -> i64 {
    open::newest()
}

/// Takes the lock of the store's folder, which is made if need be, as the server holds it while it runs: until what is returned is dropped.
///
/// # Errors
/// A server runs on it, in words that name its process; or the folder cannot be used.
pub fn lock(store: &Path) -> Result<File> {
    open::lock_directory(store)
}

/// Copies the store to `target` (mode 0600), which must not be there, while others read and write it: as it is at one instant.
/// Sessions are left out: whoever was logged in logs in again.
///
/// # Errors
/// It cannot be read, or the copy not written.
pub fn take(store: &Path, target: &Path) -> Result<Census> {
    let name = target.to_str().ok_or_else(|| damaged("a path that is not UTF-8"))?;
    let connection = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(BUSY)?;
    // SQLite would make one with wider rights; it takes an empty one.
    let empty = OpenOptions::new().write(true).create_new(true).mode(0o600).open(target);
    drop(empty.map_err(|error| StoreError::Backend(format!("cannot make {name}: {error}")))?);
    connection.execute("VACUUM INTO ?", [name])?;
    drop(connection);
    let copy = Connection::open_with_flags(target, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    copy.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA secure_delete = ON; DELETE FROM sessions;")?;
    census(&copy)
}

/// Looks through a copy: it is sound, and this is what it holds.
///
/// # Errors
/// It is damaged, or no store.
pub fn examine(copy: &Path) -> Result<Census> {
    let copy = Connection::open_with_flags(copy, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let said: String = copy.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if said != "ok" {
        return Err(damaged(said));
    }
    census(&copy)
}

fn census(connection: &Connection) -> Result<Census> {
    let count = |sql| -> Result<u64> {
        let number: i64 = connection.query_row(sql, [], |row| row.get(0))?;
        Ok(number.unsigned_abs())
    };
    Ok(Census {
        schema: open::schema_version(connection)?,
        rules: count("SELECT count(*) FROM rules WHERE deleted_at IS NULL")?,
        alarms: count("SELECT count(*) FROM alarms")?,
        users: count("SELECT count(*) FROM users")?,
    })
}

/// A backup that is being put back.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The name of its file.
    pub name: &'a str,
    pub made_at: Millis,
}

/// Makes a copy ready to be a server's store. Messages that were on their way when it was made are given up: the server that it was made
/// of sent them since, or what they say is old. They can be sent again by hand, and stand in the way of the same until then. The audit log
/// says where all of it comes from. How many were given up.
///
/// # Errors
/// It cannot be written to; then nothing is changed.
pub fn settle(copy: &Path, origin: Origin<'_>, now: Millis, by: &Actor) -> Result<u64> {
    let mut copy = Connection::open_with_flags(copy, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let copy = copy.transaction()?;
    let given_up = if has_table(&copy, "deliveries")? { give_up_open(&copy, origin, now)? } else { 0 };
    let after = json!({ "made_at": origin.made_at.timestamp(), "messages_given_up": given_up });
    Entry { what: "backup restored", subject: origin.name, before: None, after: Some(&after) }
        .write_into_any(&copy, now, by)?;
    copy.commit()?;
    Ok(given_up)
}

fn give_up_open(copy: &Connection, origin: Origin<'_>, now: Millis) -> Result<u64> {
    let at = origin.made_at.timestamp();
    let why = to_json(&Texts {
        en: format!("it was on its way when the backup was made that was restored ({at})"),
        es: format!("estaba en camino cuando se hizo la copia de seguridad que se restauró ({at})"),
    })?;
    // Whoever looks at their alarms finds why their receivers are not told.
    let sql = "INSERT INTO outbox (alarm, since) SELECT DISTINCT alarm, ?1 FROM told WHERE delivery IN \
               (SELECT id FROM deliveries WHERE state IN ('queued', 'sending')) ON CONFLICT DO UPDATE SET mark = mark + 1";
    copy.execute(sql, [now.0])?;
    // Whoever may have heard of a raise is to hear of its end.
    let sql = "UPDATE told SET maybe = 1 WHERE says > 0 AND delivery IN \
               (SELECT id FROM deliveries WHERE state IN ('queued', 'sending'))";
    copy.execute(sql, [])?;
    let sql =
        "UPDATE deliveries SET state = 'dead', done_at = ?, why = ? WHERE state IN ('queued', 'sending')";
    Ok(copy.execute(sql, params![now.0, why])? as u64)
}

/// A store of an earlier version has fewer tables.
fn has_table(connection: &Connection, name: &str) -> Result<bool> {
    let known = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?";
    Ok(connection.query_row(known, [name], |_| Ok(())).optional()?.is_some())
}

/// Where secrets are: what they are of, the table, its name for people.
const SECRETS: [(&str, &str, &str); 3] = [
    ("source", "sources", "settings ->> '$.name'"),
    ("receiver", "receivers", "draft ->> '$.name'"),
    ("grafana", "secrets", "name"),
];

/// Whose secrets cannot be read with the key in the store's folder, by kind and name.
///
/// # Errors
/// It cannot be read.
pub fn shut(store: &Path) -> Result<Vec<Shut>> {
    let cipher = Cipher::new(open::directory_of(store));
    let connection = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut found = Vec::new();
    for (kind, table, name) in SECRETS {
        if !has_table(&connection, table)? {
            continue;
        }
        let sql = format!("SELECT {name}, secret FROM {table} WHERE secret IS NOT NULL ORDER BY 1");
        let mut statement = connection.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let sealed: Vec<u8> = row.get(1)?;
            if !cipher.is_of_its_key(&sealed) {
                let name = row.get::<_, Option<String>>(0)?.unwrap_or_default();
                found.push(Shut { kind, name });
            }
        }
    }
    Ok(found)
}
