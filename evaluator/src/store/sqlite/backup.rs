//! A copy of the database before its schema is changed, so that the version before can be gone back to.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::super::{Result, StoreError};
use super::open::{directory_of, schema_version};
use super::words;
use crate::domain::Millis;
use crate::room::Room;

const FOLDER: &str = "backups";
const PREFIX: &str = "atalaya-schema-";
const UNFINISHED: &str = "tmp";
/// Older ones go.
const KEPT: usize = 3;

/// Copies the database at `path`, which `connection` has open and which has this schema, to
/// `backups/atalaya-schema-N-TIME.db` beside it: whole and checked, or not there at all.
///
/// # Errors
/// It could not be copied: in words that say what to do. Nothing was changed.
pub(super) fn before_migrating(
    connection: &Connection,
    path: &Path,
    schema: i64,
    now: Millis,
) -> Result<PathBuf> {
    let folder = directory_of(path).join(FOLDER);
    let time = now.timestamp().strftime("%Y%m%dT%H%M%SZ");
    let place = folder.join(format!("{PREFIX}{schema}-{time}.db"));
    let unfinished = place.with_extension(UNFINISHED);
    let copied = make(connection, &folder, &unfinished, schema).and_then(|()| finish(&unfinished, &place));
    if let Err(why) = copied {
        // What is left of it holds nothing that is not in the database.
        let _gone = fs::remove_file(&unfinished);
        return Err(StoreError::Backend(refusal(path, &folder, &why)));
    }
    tracing::info!("the database is brought up to date; a copy of it as it was is {}", place.display());
    forget_old(&folder);
    Ok(place)
}

fn refusal(path: &Path, folder: &Path, why: &str) -> String {
    let size = fs::metadata(path).map_or(0, |file| file.len() >> 20) + 1;
    let free =
        Room::of(directory_of(path)).map_or_else(|_| "?".to_owned(), |room| (room.free >> 20).to_string());
    format!(
        "{} must be brought up to date, and the copy that is made of it before, in {}, failed: {why}. Nothing was changed. \
         The copy needs about {size} MiB, {free} MiB are free: make room on that disk, or move older copies away, and start \
         again",
        path.display(),
        folder.display()
    )
}

fn make(
    connection: &Connection,
    folder: &Path,
    unfinished: &Path,
    schema: i64,
) -> std::result::Result<(), String> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| error.to_string())?;
    clear_unfinished(folder);
    // SQLite would make one with wider rights; it takes an empty one.
    let empty = OpenOptions::new().write(true).create_new(true).mode(0o600).open(unfinished);
    drop(empty.map_err(|error| error.to_string())?);
    let target = unfinished.to_str().ok_or("its path is not UTF-8")?;
    connection.execute("VACUUM INTO ?", [target]).map_err(|error| words(&error))?;
    check(connection, unfinished, schema)
}

/// The copy is sound and holds as many rows of everything.
fn check(connection: &Connection, copy: &Path, schema: i64) -> std::result::Result<(), String> {
    let copied = Connection::open_with_flags(copy, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let copied = copied.map_err(|error| words(&error))?;
    let said = copied.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
    match said {
        Ok(said) if said == "ok" => {}
        Ok(said) => return Err(format!("the copy is damaged: {said}")),
        Err(error) => return Err(words(&error)),
    }
    let found = schema_version(&copied).map_err(|error| error.to_string())?;
    let (ours, theirs) = (rows(connection), rows(&copied));
    if found == schema && ours.map_err(|error| words(&error))? == theirs.map_err(|error| words(&error))? {
        Ok(())
    } else {
        Err("the copy does not hold what the database does".to_owned())
    }
}

/// Each table with how many rows it has.
fn rows(connection: &Connection) -> rusqlite::Result<Vec<(String, i64)>> {
    let tables =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let mut tables = connection.prepare(tables)?;
    let names: Vec<String> = tables.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let count = |name: String| {
        let count =
            connection.query_row(&format!("SELECT count(*) FROM \"{name}\""), [], |row| row.get(0))?;
        Ok((name, count))
    };
    names.into_iter().map(count).collect()
}

/// Makes it last through a loss of power, then gives it its name.
fn finish(unfinished: &Path, place: &Path) -> std::result::Result<(), String> {
    let done = || -> io::Result<()> {
        File::open(unfinished)?.sync_all()?;
        fs::rename(unfinished, place)?;
        File::open(directory_of(place))?.sync_all()
    };
    done().map_err(|error| error.to_string())
}

/// What a start that was killed left behind.
fn clear_unfinished(folder: &Path) {
    for path in copies(folder, UNFINISHED) {
        let _gone = fs::remove_file(path);
    }
}

fn forget_old(folder: &Path) {
    let mut all = copies(folder, "db");
    // By the time at the end of the name.
    all.sort_by_key(|path| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        name.rsplit('-').next().map(str::to_owned)
    });
    for path in all.iter().rev().skip(KEPT) {
        match fs::remove_file(path) {
            Ok(()) => tracing::info!("removed the old copy {}", path.display()),
            Err(error) => tracing::warn!("the old copy {} cannot be removed: {error}", path.display()),
        }
    }
}

fn copies(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_ours = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(PREFIX) && path.extension().is_some_and(|found| found == ending)
    };
    entries.filter(is_ours).collect()
}
