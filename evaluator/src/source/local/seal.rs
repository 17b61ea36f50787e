//! From memory to disk: sealing, trimming, retention, merging small blocks.

use std::sync::atomic::Ordering;

use super::block::{Block, MOST, Row, settle};
use super::disk::{Disk, DiskError};
use super::group::{GROUP, Group};
use super::{FUTURE, LocalStore, SeriesId};
use crate::domain::Millis;

/// Groups that are written in one transaction.
const GROUPS_A_COMMIT: usize = 64;
/// Blocks with fewer samples than this are merged, when there are this many of them.
const SMALL: u32 = 16_384;
const CROWD: u32 = 16;
/// Groups merged in one go, and blocks of each.
const MERGED_GROUPS: u32 = 64;
const MERGED_BLOCKS: u32 = 64;

/// A group's part of a transaction, to be confirmed or taken back.
struct Sealing {
    group: u32,
    /// Late samples that are in it: the first ones.
    late: usize,
    sealed_to_before: i64,
}

impl LocalStore {
    /// Everything that is due now and then: seals, merges, forgets, trims. Failures are remembered for `troubles`.
    pub fn maintain(&self, now: Millis) {
        self.keep_tidy(now, true);
    }

    /// The same; with `forget` false nothing is deleted for its age: the clock may be wrong.
    pub(super) fn keep_tidy(&self, now: Millis, forget: bool) {
        if let Some(disk) = &self.disk {
            self.remember(self.maintain_disk(disk, now, forget));
        }
        self.trim(now);
    }

    fn maintain_disk(&self, disk: &Disk, now: Millis, forget: bool) -> Result<(), DiskError> {
        self.seal_until(disk, now.0 - self.config.seal_every.millis())?;
        let oldest = if forget { self.acceptable(now).oldest } else { i64::MIN + 1 };
        disk.forget(oldest - 1)?;
        // Nothing new overlaps what is older than this.
        let until = now.0 - self.config.late.millis() - self.config.seal_every.millis();
        merge(disk, until, oldest)
    }

    /// Seals everything that is there; call it when no more samples come.
    pub fn close(&self, now: Millis) {
        if let Some(disk) = &self.disk {
            self.remember(self.seal_until(disk, now.0 + FUTURE));
        }
    }

    fn remember(&self, result: Result<(), DiskError>) {
        let words = result.err().map(|error| error.to_string());
        let mut trouble = self.lock_trouble();
        if let Some(words) = words.as_ref().filter(|words| Some(*words) != trouble.as_ref()) {
            tracing::error!("{words}; samples stay in memory meanwhile");
        }
        *trouble = words;
    }

    fn seal_until(&self, disk: &Disk, cutoff: i64) -> Result<(), DiskError> {
        let groups = (self.len() as u32).div_ceil(GROUP);
        let mut next = 0;
        loop {
            let (mut blocks, mut sealing) = (Vec::new(), Vec::new());
            while next < groups && sealing.len() < GROUPS_A_COMMIT {
                sealing.extend(self.collect(next, cutoff, &mut blocks));
                next += 1;
            }
            let written = self.write(disk, &blocks);
            sealing.iter().for_each(|part| self.settle_part(part, written.is_ok()));
            written?;
            if next >= groups {
                return Ok(());
            }
        }
    }

    /// New names go before the first block that needs them.
    fn write(&self, disk: &Disk, blocks: &[(u32, Block)]) -> Result<(), DiskError> {
        let first = self.names_on_disk.load(Ordering::Relaxed);
        let names = self.names_since(SeriesId(first));
        if names.is_empty() && blocks.is_empty() {
            return Ok(());
        }
        disk.write(first, names.iter().map(|(_, name)| &**name), blocks)?;
        self.names_on_disk.store(first + names.len() as u32, Ordering::Relaxed);
        Ok(())
    }

    /// Packs what a group has to seal. From here on, what comes for that stretch is late.
    fn collect(&self, number: u32, cutoff: i64, blocks: &mut Vec<(u32, Block)>) -> Option<Sealing> {
        let first = SeriesId(number * GROUP);
        let (mut rows, part) = {
            let mut group = self.group(first);
            let part = Sealing { group: number, late: group.late.len(), sealed_to_before: group.sealed_to };
            let rows = rows_to_seal(&group, cutoff);
            group.sealed_to = group.sealed_to.max(cutoff);
            (rows, part)
        };
        settle(&mut rows);
        for rows in rows.chunks(MOST) {
            match Block::pack(rows) {
                Ok(block) => blocks.push((number, block)),
                // pco refuses nothing that this hands it; if it ever did, the stretch would be lost on disk alone.
                Err(error) => tracing::error!("samples could not be packed: {error}"),
            }
        }
        Some(part).filter(|part| part.late > 0 || !rows.is_empty() || part.sealed_to_before < cutoff)
    }

    /// Written: the late samples need not wait any more. Not written: the stretch is as open as before.
    fn settle_part(&self, part: &Sealing, written: bool) {
        let mut group = self.group(SeriesId(part.group * GROUP));
        if written {
            let gone = group.late.drain(..part.late).count();
            self.hot.fetch_sub(gone as u64, Ordering::Relaxed);
        } else {
            group.sealed_to = part.sealed_to_before;
        }
        group.version += 1;
    }

    /// Lets go of memory: what is on disk and not needed by windows, then what must go to stay within `max_hot_samples`.
    fn trim(&self, now: Millis) {
        let (hot, fewest) = (self.config.hot.millis(), self.config.hot_samples as usize);
        for (part, sealed_only) in
            [(1, true), (2, true), (4, true), (16, true), (1, false), (4, false), (16, false)]
        {
            let reach = part == 1 && sealed_only;
            let keep = match part {
                16 => Keep { ms: 0, fewest: 0, reach },
                part => Keep { ms: hot / part, fewest: fewest / part as usize, reach },
            };
            let gone = self.trim_groups(now, keep, sealed_only);
            if !sealed_only {
                self.lost.fetch_add(gone, Ordering::Relaxed);
            }
            if self.hot_samples() <= self.config.max_hot_samples {
                return;
            }
        }
    }

    fn trim_groups(&self, now: Millis, keep: Keep, sealed_only: bool) -> u64 {
        let oldest_kept = self.acceptable(now).oldest - 1;
        let mut gone = 0;
        for number in 0..(self.len() as u32).div_ceil(GROUP) {
            let mut group = self.group(SeriesId(number * GROUP));
            let bound = if sealed_only && self.disk.is_some() { group.sealed_to } else { i64::MAX };
            let mut here = if self.disk.is_none() { group.late.drain(..).count() } else { 0 };
            for column in group.columns_mut() {
                let reach =
                    if keep.reach { i64::from(column.reach) + self.config.seal_every.millis() } else { 0 };
                here += column.trim(oldest_kept, 0);
                here += column.trim((now.0 - keep.ms.max(reach)).min(bound), keep.fewest);
            }
            group.version += u64::from(here > 0);
            gone += here as u64;
        }
        self.hot.fetch_sub(gone, Ordering::Relaxed);
        gone
    }
}

/// What trimming leaves in memory.
#[derive(Clone, Copy)]
struct Keep {
    /// This young.
    ms: i64,
    /// This many of each series.
    fewest: usize,
    /// And what evaluations have been looking back to.
    reach: bool,
}

/// Late samples first: where memory has the same time, it has what came last.
fn rows_to_seal(group: &Group, cutoff: i64) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for late in &group.late {
        let newer = group.column(late.series).and_then(|column| column.at(late.at));
        let member = (late.series.0 % GROUP) as u8;
        rows.push(Row { member, at: late.at, value: newer.unwrap_or(late.value) });
    }
    for (member, column) in group.columns().iter().enumerate() {
        column.each(group.sealed_to, cutoff, |at, value| rows.push(Row { member: member as u8, at, value }));
    }
    rows
}

/// Many small blocks of a group become few; what is older than `oldest` (ms) is left out.
fn merge(disk: &Disk, until: i64, oldest: i64) -> Result<(), DiskError> {
    for group in disk.crowded(until, SMALL, CROWD, MERGED_GROUPS)? {
        let old = disk.small(group, until, SMALL, MERGED_BLOCKS)?;
        let mut rows = Vec::new();
        old.iter().for_each(|stored| disk.unpack(stored, None, |row| rows.push(row)));
        rows.retain(|row| row.at >= oldest);
        settle(&mut rows);
        rows.sort_by_key(|row| row.at);
        let merged: Result<Vec<Block>, _> = rows
            .chunks_mut(MOST)
            .map(|rows| {
                rows.sort_by_key(|row| (row.member, row.at));
                Block::pack(rows)
            })
            .collect();
        // What cannot be packed stays as it was.
        if let Ok(merged) = merged {
            disk.replace(&old, &merged)?;
        }
    }
    Ok(())
}
