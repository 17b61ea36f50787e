//! Receivers.

use std::collections::HashMap;

use atalaya_api::receiver::{ReceiverDraft, ReceiverKind};
use atalaya_api::rule::Notify;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};

use super::super::{Actor, ReceiverStore, Result, StoreError};
use super::SqliteStore;
use super::row::{damaged, from_json, int, millis, text, to_json, unsigned};
use super::sealed::Sealed;
use super::settings::Entry;
use super::telling;
use crate::domain::{Millis, ReceiverConfig, Secret};

const COLUMNS: &str = "version, draft, updated_at, updated_by, deleted_at";

impl ReceiverStore for SqliteStore {
    fn create_receiver(&self, receiver: &ReceiverConfig, secret: &Secret, by: &Actor) -> Result<()> {
        let sealed = self.seal(&owner(&receiver.receiver.id), secret)?;
        let (receiver, by, now) = (receiver.clone(), by.clone(), self.now());
        self.write(move |connection| {
            if find(connection, &receiver.receiver.id)?.is_some() {
                return Err(StoreError::Taken("the receiver's id"));
            }
            put(connection, &receiver, &sealed)?;
            tell(connection, None, &receiver, &sealed, &by, now)
        })
    }

    fn change_receiver(
        &self,
        receiver: &ReceiverConfig,
        secret: Option<&Secret>,
        expected: u64,
        by: &Actor,
    ) -> Result<()> {
        let sealed = secret.map(|secret| self.seal(&owner(&receiver.receiver.id), secret)).transpose()?;
        let (receiver, sealed, by, now) =
            (receiver.clone(), sealed.unwrap_or(Sealed::Stays), by.clone(), self.now());
        self.write(move |connection| {
            let before = find(connection, &receiver.receiver.id)?.ok_or(StoreError::NotFound)?;
            if before.receiver.version != expected {
                return Err(StoreError::VersionMoved);
            }
            put(connection, &receiver, &sealed)?;
            // Whatever made it fail may be mended.
            telling::hurry(connection, &receiver.receiver.id, now)?;
            tell(connection, Some(&before), &receiver, &sealed, &by, now)
        })
    }

    fn receiver(&self, id: &str) -> Result<Option<ReceiverConfig>> {
        self.read(|connection| find(connection, id))
    }

    fn receivers(&self) -> Result<Vec<ReceiverConfig>> {
        self.read(|connection| all(connection, "deleted_at IS NULL"))
    }

    fn removed_receivers(&self) -> Result<Vec<ReceiverConfig>> {
        self.read(|connection| all(connection, "deleted_at IS NOT NULL"))
    }

    fn receiver_secret(&self, id: &str) -> Result<Secret> {
        let sealed: Option<Vec<u8>> = self.read(|connection| {
            let sql = "SELECT secret FROM receivers WHERE id = ?";
            let found = connection.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
            found.ok_or(StoreError::NotFound)
        })?;
        self.unsealed(&owner(id), sealed)
    }

    fn rules_by_receiver(&self) -> Result<HashMap<String, u64>> {
        self.read(|connection| {
            let receivers = all(connection, "deleted_at IS NULL")?;
            let told = who_is_told(connection)?;
            let counted = receivers.iter().map(|ReceiverConfig { receiver, .. }| {
                let tell = told.iter().filter(|(notify, _)| tells(notify, receiver));
                (receiver.id.clone(), tell.map(|(_, rules)| rules).sum())
            });
            Ok(counted.filter(|(_, rules)| *rules > 0).collect())
        })
    }
}

/// Whom rules tell, and how many tell just these: many rules, and few ways to say it.
fn who_is_told(connection: &Connection) -> Result<Vec<(Notify, u64)>> {
    let sql =
        "SELECT json_extract(draft, '$.notify') AS told, count(*) FROM rules WHERE deleted = 0 GROUP BY told";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut told = Vec::new();
    while let Some(row) = rows.next()? {
        let notify: Option<String> = row.get(0)?;
        told.push((notify.as_deref().map(from_json).transpose()?.unwrap_or_default(), unsigned(row, 1)?));
    }
    Ok(told)
}

fn tells(notify: &Notify, receiver: &ReceiverDraft) -> bool {
    notify.receivers.iter().any(|named| named.id == receiver.id)
        || (notify.sms && receiver.kind == ReceiverKind::Sms)
        || (notify.ovo && receiver.kind == ReceiverKind::Ovo)
}

/// Whose secret it is, as the cipher knows it.
fn owner(id: &str) -> String {
    format!("receiver/{id}")
}

fn find(connection: &Connection, id: &str) -> Result<Option<ReceiverConfig>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM receivers WHERE id = ?"))?;
    let mut rows = statement.query([id])?;
    rows.next()?.map(receiver).transpose()
}

fn all(connection: &Connection, which: &str) -> Result<Vec<ReceiverConfig>> {
    let sql = format!("SELECT {COLUMNS} FROM receivers WHERE {which} ORDER BY id");
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_and_then([], receiver)?.collect()
}

fn receiver(row: &Row<'_>) -> Result<ReceiverConfig> {
    let draft: ReceiverDraft = from_json(text(row, 1)?)?;
    Ok(ReceiverConfig {
        receiver: ReceiverDraft { version: unsigned(row, 0)?, ..draft },
        updated_at: millis(row, 2)?,
        updated_by: row.get(3)?,
        deleted_at: row.get::<_, Option<i64>>(4)?.map(Millis),
    })
}

fn put(connection: &Connection, one: &ReceiverConfig, sealed: &Sealed) -> Result<()> {
    let sql = "INSERT INTO receivers (id, version, draft, secret, updated_at, updated_by, deleted_at) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET version = ?2, draft = ?3, \
               secret = iif(?8, secret, ?4), updated_at = ?5, updated_by = ?6, deleted_at = ?7";
    let (stays, secret) = sealed.parts();
    connection.prepare_cached(sql)?.execute(params![
        one.receiver.id,
        int(one.receiver.version),
        to_json(&without_secret(one))?,
        secret,
        one.updated_at.0,
        one.updated_by,
        one.deleted_at.map(|at| at.0),
        stays,
    ])?;
    Ok(())
}

/// Whatever the caller left in it.
fn without_secret(one: &ReceiverConfig) -> ReceiverDraft {
    ReceiverDraft { secret: None, ..one.receiver.clone() }
}

/// The audit entry of a change.
fn tell(
    connection: &Connection,
    before: Option<&ReceiverConfig>,
    one: &ReceiverConfig,
    sealed: &Sealed,
    by: &Actor,
    now: Millis,
) -> Result<()> {
    let was_deleted = before.is_some_and(|before| before.deleted_at.is_some());
    let what = match (before, was_deleted, one.deleted_at) {
        (None, _, _) => "receiver created",
        (_, false, Some(_)) => "receiver deleted",
        (_, true, None) => "receiver restored",
        _ => "receiver updated",
    };
    let mut after = audited(one)?;
    if let (Some(_), Sealed::Becomes(_)) = (before, sealed) {
        after["secret"] = "entered anew".into();
    }
    let before = before.map(audited).transpose()?;
    let (before, after) = (before.as_ref(), Some(&after));
    Entry { what, subject: &one.receiver.id, before, after }.write(connection, now, by)
}

/// A receiver as the audit log shows it.
fn audited(one: &ReceiverConfig) -> Result<Value> {
    Ok(json!({
        "receiver": serde_json::to_value(without_secret(one)).map_err(damaged)?,
        "deleted_at": one.deleted_at.map(Millis::timestamp),
    }))
}
