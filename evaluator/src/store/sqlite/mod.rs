//! The SQLite backend: one writer thread with group commit, a few read connections, one file.
//!
//! `open` makes and locks the file, `backup` copies it before its schema changes, `snapshot` for a backup, `writer` makes writes durable, `pool` lends read connections, `paging` turns a
//! list into pages; the other modules hold the SQL of one trait each.

mod acknowledge;
mod alarms;
mod backup;
mod calendars;
mod catalog;
mod commit;
mod deleted;
mod events;
mod groups;
mod history;
mod logins;
mod maintenance;
mod open;
mod paging;
mod past;
mod people;
mod pool;
mod quiet;
mod receivers;
mod row;
mod rules;
mod sealed;
mod settings;
pub mod snapshot;
mod sources;
mod telling;
mod templates;
mod writer;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, ErrorCode};

use self::pool::Pool;
use self::writer::Writer;
use super::{Cipher, Result, Store, StoreError, StoreHealth};
use crate::clock::Clock;
use crate::domain::Millis;

/// Everything that Atalaya keeps but samples, in one SQLite file.
///
/// The fields are dropped in this order: what was written is flushed and closed before the lock is given back.
pub struct SqliteStore {
    writer: Writer,
    pool: Pool,
    clock: Arc<dyn Clock>,
    cipher: Cipher,
    /// Held as long as the server runs; none beside a running server.
    _lock: Option<File>,
}

impl SqliteStore {
    /// Opens the database file at `path` for the server, makes it (mode 0600) and its directory (0700) if they are
    /// not there, brings the schema up to date (after a copy to `backups`, of which the newest three are kept), and locks
    /// the directory against a second server.
    ///
    /// # Errors
    /// Another server uses the directory; the file was written by a newer Atalaya, is damaged, or cannot be
    /// written to. The words are for the operator.
    pub fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Arc<Self>> {
        let lock = open::lock_directory(path)?;
        Self::open_locked(path, clock, Some(lock))
    }

    /// Opens the database for a command (`atalaya token create`), whether or not a server is running on it.
    ///
    /// # Errors
    /// As for [`SqliteStore::open`], but a running server is no error, as long as the schema is up to date.
    pub fn open_beside_server(path: &Path, clock: Arc<dyn Clock>) -> Result<Arc<Self>> {
        open::make_file(path)?;
        // What another version's server is working on is not changed under its hands.
        let _lock = match open::is_behind(&open::connect(path)?)? {
            true => Some(open::lock_directory(path)?),
            false => None,
        };
        Self::open_locked(path, clock, None)
    }

    fn open_locked(path: &Path, clock: Arc<dyn Clock>, lock: Option<File>) -> Result<Arc<Self>> {
        open::require_sound_sqlite()?;
        open::make_file(path)?;
        let mut connection = open::connect(path)?;
        open::migrate(&mut connection, path, clock.now().wall)?;
        let writer = Writer::start(connection, path, clock.clone())?;
        let pool = Pool::open(path)?;
        let cipher = Cipher::new(open::directory_of(path));
        Ok(Arc::new(SqliteStore { writer, pool, clock, cipher, _lock: lock }))
    }

    /// Runs `job` on the writer thread, in a transaction of its own as far as it can tell, and returns when what it
    /// wrote is durable. If it fails nothing of it is written.
    fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.write(job)
    }

    fn read<T>(&self, job: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.pool.read(job)
    }

    fn now(&self) -> Millis {
        self.clock.now().wall
    }
}

impl Store for SqliteStore {
    fn health(&self) -> StoreHealth {
        self.writer.health()
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        StoreError::Backend(words(&error))
    }
}

/// What is wrong, for the operator.
fn words(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk is full".to_owned(),
        Some(ErrorCode::DatabaseBusy) => "another process keeps the database locked".to_owned(),
        Some(ErrorCode::ReadOnly) => "the database cannot be written to".to_owned(),
        _ => error.to_string(),
    }
}
