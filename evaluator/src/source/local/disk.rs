//! `samples.db`: names and sealed blocks. A file of its own, so that samples never slow the alarms' store down.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, ErrorCode, Row as SqlRow, Transaction, TransactionBehavior, params};

use super::block::{Block, Row};

/// `samples.db` cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    #[error("samples.db cannot be written or read: {0}")]
    Sql(#[from] rusqlite::Error),
    #[error("samples.db: the damaged file cannot be moved out of the way: {0}")]
    Aside(std::io::Error),
    #[error("samples.db: the numbers of its series have gaps")]
    Gaps,
    #[error(
        "{} was written by a newer Atalaya (its format is {found}, this one knows up to {FORMAT}): install that version \
         again, or move the file away; the samples in it are then not used",
        path.display()
    )]
    Newer { path: PathBuf, found: i64 },
}

/// Of the file, kept as its `user_version`; 0 is the same, from before it was noted.
const FORMAT: i64 = 1;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS series (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS block (
        id INTEGER PRIMARY KEY,
        grp INTEGER NOT NULL,
        from_ms INTEGER NOT NULL,
        to_ms INTEGER NOT NULL,
        samples INTEGER NOT NULL,
        series BLOB NOT NULL,
        times BLOB NOT NULL,
        vals BLOB NOT NULL,
        digest BLOB NOT NULL
    );
    CREATE INDEX IF NOT EXISTS block_by_group ON block (grp, to_ms, from_ms, samples);
    CREATE INDEX IF NOT EXISTS block_by_time ON block (to_ms);
";
const COLUMNS: &str = "id, grp, from_ms, to_ms, samples, series, times, vals, digest";

/// One connection to write with, one to read with: reading never waits for a commit.
pub struct Disk {
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
    /// Blocks that are known to be damaged.
    damaged: Mutex<HashSet<i64>>,
}

/// A block and its place. Of two samples of one time, that of the block with the higher id counts.
pub struct Stored {
    pub id: i64,
    pub group: u32,
    pub block: Block,
}

impl Disk {
    /// Opens or makes the file.
    pub fn open(path: &Path) -> Result<Self, DiskError> {
        let writer = connect(path)?;
        let reader = connect(path)?;
        reader.pragma_update(None, "query_only", true)?;
        Ok(Disk { writer: Mutex::new(writer), reader: Mutex::new(reader), damaged: Mutex::default() })
    }

    /// Shows every name in the order of the numbers, which are dense from 0.
    pub fn names(&self, mut visit: impl FnMut(&str)) -> Result<(), DiskError> {
        let reader = lock(&self.reader);
        let mut statement = reader.prepare("SELECT id, name FROM series ORDER BY id")?;
        let mut rows = statement.query([])?;
        let mut next = 0;
        while let Some(row) = rows.next()? {
            if row.get::<_, i64>(0)? != next {
                return Err(DiskError::Gaps);
            }
            visit(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?);
            next += 1;
        }
        Ok(())
    }

    /// Writes names (numbered from `first`) and blocks (group, block), all or nothing.
    pub fn write<'a>(
        &self,
        first: u32,
        names: impl Iterator<Item = &'a str>,
        blocks: &[(u32, Block)],
    ) -> Result<(), DiskError> {
        let mut writer = lock(&self.writer);
        let change = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut insert = change.prepare_cached("INSERT INTO series (id, name) VALUES (?, ?)")?;
            for (id, name) in (first..).zip(names) {
                insert.execute(params![id, name])?;
            }
        }
        for (group, block) in blocks {
            insert_block(&change, None, *group, block)?;
        }
        Ok(change.commit()?)
    }

    /// Samples of one series with `oldest` < time <= `newest` (ms) in the order of blocks, not of time.
    pub fn read(&self, group: u32, member: u8, oldest: i64, newest: i64) -> Result<Vec<Row>, DiskError> {
        let reader = lock(&self.reader);
        let mut statement = reader.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM block WHERE grp = ? AND to_ms > ? AND from_ms <= ? ORDER BY id"
        ))?;
        let mut rows = statement.query(params![group, oldest, newest])?;
        let mut samples = Vec::new();
        while let Some(row) = rows.next()? {
            let inside = |row: &Row| row.at > oldest && row.at <= newest;
            self.unpack(&stored(row)?, Some(member), |row| samples.extend(Some(row).filter(inside)));
        }
        Ok(samples)
    }

    /// The blocks of a group, the latest first, as long as `more` says so.
    pub fn latest(&self, group: u32, mut more: impl FnMut(Stored) -> bool) -> Result<(), DiskError> {
        let reader = lock(&self.reader);
        let sql = format!("SELECT {COLUMNS} FROM block WHERE grp = ? ORDER BY to_ms DESC");
        let mut statement = reader.prepare_cached(&sql)?;
        let mut rows = statement.query([group])?;
        while let Some(row) = rows.next()? {
            if !more(stored(row)?) {
                break;
            }
        }
        Ok(())
    }

    /// Unpacks a block; a damaged one is counted, logged once and shows nothing more.
    pub fn unpack(&self, stored: &Stored, only: Option<u8>, visit: impl FnMut(Row)) {
        let Err(error) = stored.block.unpack(only, visit) else { return };
        if lock(&self.damaged).insert(stored.id) {
            tracing::warn!("samples.db: block {} is damaged and skipped: {error}", stored.id);
        }
    }

    /// As if the disk were full at so many pages.
    #[cfg(test)]
    pub fn limit_pages(&self, pages: u32) {
        lock(&self.writer).pragma_update(None, "max_page_count", pages).expect("a number of pages");
    }

    /// How many damaged blocks were met.
    pub fn damaged(&self) -> usize {
        lock(&self.damaged).len()
    }

    /// Deletes what ends at or before `until` (ms) and gives the room back; in steps, so that reading goes on.
    pub fn forget(&self, until: i64) -> Result<u64, DiskError> {
        let writer = lock(&self.writer);
        let mut gone = 0;
        loop {
            let step = writer
                .prepare_cached(
                    "DELETE FROM block WHERE id IN (SELECT id FROM block WHERE to_ms <= ? LIMIT 1000)",
                )?
                .execute([until])?;
            gone += step as u64;
            if step < 1_000 {
                break;
            }
        }
        if gone > 0 {
            writer.execute_batch("PRAGMA incremental_vacuum")?;
        }
        Ok(gone)
    }

    /// Groups that have at least `fewest` blocks of less than `small` samples which end before `until` (ms).
    pub fn crowded(&self, until: i64, small: u32, fewest: u32, limit: u32) -> Result<Vec<u32>, DiskError> {
        let reader = lock(&self.reader);
        let mut statement = reader.prepare_cached(
            "SELECT grp FROM block WHERE to_ms < ? AND samples < ? GROUP BY grp HAVING count(*) >= ? LIMIT ?",
        )?;
        let groups = statement.query_map(params![until, small, fewest, limit], |row| row.get(0))?;
        Ok(groups.collect::<Result<_, _>>()?)
    }

    /// Those blocks, by id.
    pub fn small(&self, group: u32, until: i64, small: u32, limit: u32) -> Result<Vec<Stored>, DiskError> {
        let reader = lock(&self.reader);
        let mut statement = reader.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM block WHERE grp = ? AND to_ms < ? AND samples < ? ORDER BY to_ms, id LIMIT ?"
        ))?;
        let mut rows = statement.query(params![group, until, small, limit])?;
        let mut blocks = Vec::new();
        while let Some(row) = rows.next()? {
            blocks.push(stored(row)?);
        }
        blocks.sort_by_key(|stored| stored.id);
        Ok(blocks)
    }

    /// Puts `merged` in the place of `old`. Ids are taken over, so that what counted before still counts.
    pub fn replace(&self, old: &[Stored], merged: &[Block]) -> Result<(), DiskError> {
        let mut writer = lock(&self.writer);
        let change = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for stored in old {
            change.prepare_cached("DELETE FROM block WHERE id = ?")?.execute([stored.id])?;
        }
        let from = old.len().saturating_sub(merged.len());
        for (place, block) in old[from..].iter().zip(merged) {
            insert_block(&change, Some(place.id), place.group, block)?;
        }
        Ok(change.commit()?)
    }
}

fn insert_block(
    change: &Transaction<'_>,
    id: Option<i64>,
    group: u32,
    block: &Block,
) -> rusqlite::Result<()> {
    let sql = format!("INSERT INTO block ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    let Block { from, to, samples, series, times, values, digest } = block;
    let mut insert = change.prepare_cached(&sql)?;
    insert.execute(params![id, group, from, to, samples, series, times, values, digest.as_slice()])?;
    Ok(())
}

fn stored(row: &SqlRow<'_>) -> rusqlite::Result<Stored> {
    let digest: Vec<u8> = row.get(8)?;
    let block = Block {
        from: row.get(2)?,
        to: row.get(3)?,
        samples: row.get(4)?,
        series: row.get(5)?,
        times: row.get(6)?,
        values: row.get(7)?,
        // A digest of another length is no digest: zeros match nothing.
        digest: digest.try_into().unwrap_or_default(),
    };
    Ok(Stored { id: row.get(0)?, group: row.get(1)?, block })
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    // Only counts before the first table is made.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.execute_batch(SCHEMA)?;
    connection.pragma_update(None, "user_version", FORMAT)?;
    Ok(connection)
}

/// Whether the file is none that a newer version wrote; one that is not there or no database is not.
///
/// # Errors
/// It is.
pub fn refuse_newer(path: &Path) -> Result<(), DiskError> {
    if !path.exists() {
        return Ok(());
    }
    let found = Connection::open(path)
        .and_then(|file| file.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)));
    match found {
        Ok(found) if found > FORMAT => Err(DiskError::Newer { path: path.to_owned(), found }),
        _ => Ok(()),
    }
}

impl DiskError {
    /// The file is no database, or not a whole one.
    pub fn is_damage(&self) -> bool {
        let DiskError::Sql(error) = self else { return matches!(self, DiskError::Gaps) };
        matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
    }
}

/// Makes room for a new file: to the first free name `samples.db.damaged-N`, with its log.
pub fn move_aside(path: &Path) -> Result<(), DiskError> {
    let named = |ending: &str| PathBuf::from(format!("{}{ending}", path.display()));
    let free = (1u32..).map(|n| format!(".damaged-{n}")).find(|ending| !named(ending).exists());
    let ending = free.unwrap_or_else(|| ".damaged".to_owned());
    tracing::error!("{} is damaged; it is kept as {}", path.display(), named(&ending).display());
    std::fs::rename(path, named(&ending)).map_err(DiskError::Aside)?;
    for log in ["-wal", "-shm"] {
        if named(log).exists() {
            std::fs::rename(named(log), named(&format!("{ending}{log}"))).map_err(DiskError::Aside)?;
        }
    }
    Ok(())
}

// A panic in the middle of a transaction rolls it back: the connection can be used again.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
