//! From disk to memory at the start.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use super::block::{Row, settle};
use super::disk::{Disk, DiskError, Stored, move_aside};
use super::group::{GROUP, Group};
use super::{LocalConfig, LocalStore};
use crate::domain::Millis;

/// Enough of each series to know its step.
const FEWEST: usize = 4;
/// But no further back than this, ms.
const FURTHEST: i64 = 2 * 3_600_000;

impl LocalStore {
    /// The store over the file `samples.db` at `path`, with the last minutes in memory.
    ///
    /// It never fails: a damaged file is moved aside, without a file it works in memory and `troubles` says so.
    pub fn open(config: LocalConfig, path: &Path, now: Millis) -> Self {
        let mut loaded = Self::load(config.clone(), path, now);
        if loaded.as_ref().is_err_and(DiskError::is_damage) {
            loaded = move_aside(path).and_then(|()| Self::load(config.clone(), path, now));
        }
        match loaded {
            Ok(store) => store,
            Err(error) => {
                tracing::error!("{error}; samples are kept in memory only");
                let store = Self::in_memory(config);
                *store.lock_trouble() = Some(format!("{error}; samples are kept in memory only"));
                store
            }
        }
    }

    fn load(config: LocalConfig, path: &Path, now: Millis) -> Result<Self, DiskError> {
        let disk = Disk::open(path)?;
        let mut names = Vec::new();
        disk.names(|name| names.push(name.to_owned()))?;
        let mut store = Self::with_room(config, names.len() as u32);
        for name in &names {
            store.names.restore(name);
        }
        let count = names.len() as u32;
        store.names_on_disk.store(count, Ordering::Relaxed);
        for number in 0..count.div_ceil(GROUP) {
            let group = store.load_group(&disk, number, GROUP.min(count - number * GROUP), now)?;
            let held: usize = group.columns().iter().map(|column| column.len()).sum();
            store.hot.fetch_add(held as u64, Ordering::Relaxed);
            store.groups[number as usize] = Mutex::new(group);
        }
        store.disk = Some(disk);
        Ok(store)
    }

    fn load_group(&self, disk: &Disk, number: u32, members: u32, now: Millis) -> Result<Group, DiskError> {
        let recent = now.0 - self.config.hot.millis();
        // What a clock that was ahead has left behind stays on disk: no window ends there.
        let newest = self.acceptable(now).newest;
        let (mut blocks, mut samples, mut left) = (Vec::new(), 0, i64::MIN);
        disk.latest(number, |stored: Stored| {
            if stored.block.from > newest {
                return true;
            }
            let needed = stored.block.to > recent
                || (samples < FEWEST * members as usize && stored.block.to > now.0 - FURTHEST);
            if needed {
                samples += stored.block.samples as usize;
                blocks.push(stored);
            } else {
                left = stored.block.to;
            }
            needed
        })?;
        let sealed_to = blocks.first().map_or(left, |latest| latest.block.to).min(newest);
        let mut rows = rows(disk, blocks);
        rows.retain(|row| row.at <= newest);
        Ok(Group::loaded(members, left, sealed_to, rows))
    }
}

fn rows(disk: &Disk, mut blocks: Vec<Stored>) -> Vec<Row> {
    blocks.sort_by_key(|stored| stored.id);
    let mut rows = Vec::new();
    blocks.iter().for_each(|stored| disk.unpack(stored, None, |row| rows.push(row)));
    settle(&mut rows);
    rows
}
