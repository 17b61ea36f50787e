//! Making, locking, opening and migrating the database file.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use refinery::{Migration, Runner};
use rusqlite::{Connection, OptionalExtension};

use super::super::{Result, StoreError};
use super::backup;
use crate::domain::Millis;

/// In order; what has been released never changes, a change of the schema is a new line. The number of lines is the schema's.
const MIGRATIONS: [(&str, &str); 4] = [
    ("V1__first", include_str!("../../../migrations/sqlite/V1__first.sql")),
    ("V2__sources", include_str!("../../../migrations/sqlite/V2__sources.sql")),
    ("V3__configuring", include_str!("../../../migrations/sqlite/V3__configuring.sql")),
    ("V4__telling", include_str!("../../../migrations/sqlite/V4__telling.sql")),
];

/// SQLite 3.7.0 to 3.51.2 can damage a database when the WAL is reset (sqlite.org/wal.html#walresetbug).
const OLDEST_SOUND: i32 = 3_051_003;

/// How long a write waits for another process, e.g. a command beside the server.
const BUSY: Duration = Duration::from_secs(5);

/// Room for every statement of the store, so that none is ever prepared twice.
const STATEMENTS: usize = 128;

pub(super) fn require_sound_sqlite() -> Result<()> {
    if rusqlite::version_number() >= OLDEST_SOUND {
        return Ok(());
    }
    let words = format!("SQLite {} can damage databases; 3.51.3 or later is needed", rusqlite::version());
    Err(StoreError::Backend(words))
}

/// Makes the directory of `path` if need be and takes its lock, which the file returned holds until it is dropped
/// or the process ends, however it ends.
pub(super) fn lock_directory(path: &Path) -> Result<File> {
    let directory = make_directory(path)?;
    let place = directory.join("atalaya.lock");
    let mut file = private_file().open(&place).map_err(|error| cannot("open", &place, &error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(in_use(directory, &mut file)),
        Err(TryLockError::Error(error)) => return Err(cannot("lock", &place, &error)),
    }
    let note = || -> io::Result<()> {
        file.set_len(0)?;
        writeln!(&file, "{}", std::process::id())
    };
    note().map_err(|error| cannot("write to", &place, &error))?;
    Ok(file)
}

fn in_use(directory: &Path, lock: &mut File) -> StoreError {
    let mut pid = String::new();
    let process = match lock.read_to_string(&mut pid) {
        Ok(_) if !pid.trim().is_empty() => format!(" (process {})", pid.trim()),
        _ => String::new(),
    };
    StoreError::Backend(format!(
        "another Atalaya{process} is using {}: stop it first, or give this one a data directory of its own",
        directory.display()
    ))
}

/// Makes an empty file that only its owner may read, before SQLite would make one with wider rights; the WAL and
/// shared-memory files take its mode.
pub(super) fn make_file(path: &Path) -> Result<()> {
    make_directory(path)?;
    let file = private_file().open(path).map_err(|error| cannot("open", path, &error))?;
    file.set_permissions(Permissions::from_mode(0o600)).map_err(|error| cannot("protect", path, &error))
}

/// The data directory: where the database file lies.
pub(super) fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn make_directory(path: &Path) -> Result<&Path> {
    let directory = directory_of(path);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|error| cannot("make", directory, &error))?;
    Ok(directory)
}

fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> StoreError {
    StoreError::Backend(format!("cannot {what} {}: {error}", path.display()))
}

/// A connection that writes durably: what it has committed survives a loss of power.
pub(super) fn connect(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA mmap_size = 0;
         PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -16384;
         PRAGMA wal_autocheckpoint = 4000;
         PRAGMA journal_size_limit = 67108864;",
    )?;
    Ok(connection)
}

/// The schema that this version knows.
pub(super) fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).expect("there are fewer migrations than integers")
}

/// Whether the schema is older than the one this version knows; an empty file's is.
pub(super) fn is_behind(connection: &Connection) -> Result<bool> {
    Ok(schema_version(connection)? < newest())
}

/// Brings the schema up to date. What was there before is copied first.
pub(super) fn migrate(connection: &mut Connection, path: &Path, now: Millis) -> Result<()> {
    let (found, newest) = (schema_version(connection)?, newest());
    if found > newest {
        return Err(StoreError::Backend(format!(
            "{} was written by a newer Atalaya (its schema is {found}, this one knows up to {newest}): \
             install that version again, or restore a backup made with this one",
            path.display()
        )));
    }
    if (1..newest).contains(&found) {
        backup::before_migrating(connection, path, found, now)?;
    }
    runner()
        .and_then(|runner| runner.run(connection))
        .map_err(|error| StoreError::Backend(format!("cannot prepare {}: {error}", path.display())))?;
    Ok(())
}

fn runner() -> std::result::Result<Runner, refinery::Error> {
    let migrations: std::result::Result<Vec<_>, _> =
        MIGRATIONS.into_iter().map(|(name, sql)| Migration::unapplied(name, sql)).collect();
    Ok(Runner::new(&migrations?).set_grouped(true))
}

/// The newest migration that was applied; 0 for an empty file.
pub(super) fn schema_version(connection: &Connection) -> Result<i64> {
    let table = "SELECT 1 FROM sqlite_schema WHERE name = 'refinery_schema_history'";
    if connection.query_row(table, [], |_| Ok(())).optional()?.is_none() {
        return Ok(0);
    }
    let newest = "SELECT ifnull(max(version), 0) FROM refinery_schema_history";
    Ok(connection.query_row(newest, [], |row| row.get(0))?)
}
