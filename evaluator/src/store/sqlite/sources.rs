//! Sources elsewhere.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};

use super::super::{Actor, Result, SourceStore, StoreError};
use super::SqliteStore;
use super::row::{damaged, from_json, int, millis, text, to_json, unsigned};
use super::sealed::Sealed;
use super::settings::Entry;
use crate::domain::{Millis, Secret, SourceConfig};

const COLUMNS: &str = "version, settings, created_at, updated_at, updated_by, deleted_at";

impl SourceStore for SqliteStore {
    fn create_source(&self, source: &SourceConfig, secret: &Secret, by: &Actor) -> Result<()> {
        let (source, sealed, by, now) =
            (source.clone(), self.seal(&owner(&source.settings.id), secret)?, by.clone(), self.now());
        self.write(move |connection| {
            if find(connection, &source.settings.id)?.is_some() {
                return Err(StoreError::Taken("the source's id"));
            }
            put(connection, &source, &sealed)?;
            tell(connection, None, &source, &sealed, &by, now)
        })
    }

    fn change_source(
        &self,
        source: &SourceConfig,
        secret: Option<&Secret>,
        expected: u64,
        by: &Actor,
    ) -> Result<()> {
        let sealed = secret.map(|secret| self.seal(&owner(&source.settings.id), secret)).transpose()?;
        let (source, sealed, by, now) =
            (source.clone(), sealed.unwrap_or(Sealed::Stays), by.clone(), self.now());
        self.write(move |connection| {
            let before = find(connection, &source.settings.id)?.ok_or(StoreError::NotFound)?;
            if before.version != expected {
                return Err(StoreError::VersionMoved);
            }
            if source.deleted_at.is_some() && before.deleted_at.is_none() {
                nobody_uses(connection, &source.settings.id)?;
            }
            put(connection, &source, &sealed)?;
            tell(connection, Some(&before), &source, &sealed, &by, now)
        })
    }

    fn source(&self, id: &str) -> Result<Option<SourceConfig>> {
        self.read(|connection| find(connection, id))
    }

    fn sources(&self) -> Result<Vec<SourceConfig>> {
        self.read(|connection| {
            let sql = format!("SELECT {COLUMNS} FROM sources WHERE deleted_at IS NULL ORDER BY id");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([])?;
            let mut sources = Vec::new();
            while let Some(row) = rows.next()? {
                sources.push(source(row)?);
            }
            Ok(sources)
        })
    }

    fn removed_sources(&self) -> Result<Vec<String>> {
        self.read(|connection| {
            let sql = "SELECT id FROM sources WHERE deleted_at IS NOT NULL ORDER BY id";
            let mut statement = connection.prepare_cached(sql)?;
            let ids = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            Ok(ids)
        })
    }

    fn source_secret(&self, id: &str) -> Result<Secret> {
        let sealed: Option<Vec<u8>> = self.read(|connection| {
            let sql = "SELECT secret FROM sources WHERE id = ?";
            let found = connection.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
            found.ok_or(StoreError::NotFound)
        })?;
        self.unsealed(&owner(id), sealed)
    }
}

/// Whose secret it is, as the cipher knows it.
fn owner(id: &str) -> String {
    format!("source/{id}")
}

fn find(connection: &Connection, id: &str) -> Result<Option<SourceConfig>> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM sources WHERE id = ?"))?;
    let mut rows = statement.query([id])?;
    rows.next()?.map(source).transpose()
}

fn source(row: &Row<'_>) -> Result<SourceConfig> {
    Ok(SourceConfig {
        version: unsigned(row, 0)?,
        settings: from_json(text(row, 1)?)?,
        created_at: millis(row, 2)?,
        updated_at: millis(row, 3)?,
        updated_by: row.get(4)?,
        deleted_at: row.get::<_, Option<i64>>(5)?.map(Millis),
    })
}

/// The words are those of the index `rules_source`.
fn nobody_uses(connection: &Connection, id: &str) -> Result<()> {
    let sql = "SELECT count(*) FROM rules WHERE json_extract(draft, '$.query.source') = ? AND deleted_at IS NULL \
               AND json_extract(draft, '$.enabled') AND json_extract(draft, '$.query.source') <> 'local'";
    let rules: i64 = connection.prepare_cached(sql)?.query_row([id], |row| row.get(0))?;
    if rules == 0 { Ok(()) } else { Err(StoreError::InUse(rules.unsigned_abs())) }
}

fn put(connection: &Connection, source: &SourceConfig, sealed: &Sealed) -> Result<()> {
    let sql = "INSERT INTO sources (id, version, settings, secret, created_at, updated_at, updated_by, deleted_at) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET version = ?2, settings = ?3, \
               secret = iif(?9, secret, ?4), updated_at = ?6, updated_by = ?7, deleted_at = ?8";
    let (stays, secret) = sealed.parts();
    connection.prepare_cached(sql)?.execute(params![
        source.settings.id,
        int(source.version),
        to_json(&without_secrets(source))?,
        secret,
        source.created_at.0,
        source.updated_at.0,
        source.updated_by,
        source.deleted_at.map(|at| at.0),
        stays,
    ])?;
    Ok(())
}

/// Whatever the caller left in them.
fn without_secrets(source: &SourceConfig) -> atalaya_api::source::SourceSettings {
    atalaya_api::source::SourceSettings { password: None, token: None, ..source.settings.clone() }
}

/// The audit entry of a change.
fn tell(
    connection: &Connection,
    before: Option<&SourceConfig>,
    source: &SourceConfig,
    sealed: &Sealed,
    by: &Actor,
    now: Millis,
) -> Result<()> {
    let was_deleted = before.is_some_and(|before| before.deleted_at.is_some());
    let what = match (before, was_deleted, source.deleted_at) {
        (None, _, _) => "source created",
        (_, false, Some(_)) => "source deleted",
        (_, true, None) => "source restored",
        _ => "source updated",
    };
    let mut after = audited(source)?;
    if let (Some(_), Sealed::Becomes(_)) = (before, sealed) {
        after["secrets"] = "entered anew".into();
    }
    let before = before.map(audited).transpose()?;
    let (before, after) = (before.as_ref(), Some(&after));
    Entry { what, subject: &source.settings.id, before, after }.write(connection, now, by)
}

/// A source as the audit log shows it.
fn audited(source: &SourceConfig) -> Result<Value> {
    Ok(json!({
        "version": source.version,
        "source": serde_json::to_value(without_secrets(source)).map_err(damaged)?,
        "deleted_at": source.deleted_at.map(Millis::timestamp),
    }))
}
