//! The built-in store: samples that arrive by themselves, for alerting and previews.
//!
//! Hot samples are compact columns in memory, a lock for each 128 series. What is older than a few minutes is
//! *sealed*: written, many series and one stretch of time at once, to `samples.db`.

mod announced;
mod block;
mod column;
mod config;
mod disk;
mod group;
mod load;
mod maintenance;
mod names;
mod query;
mod reader;
mod seal;
mod search;
#[cfg(test)]
mod tests;
mod turn;

use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use announced::Announced;
pub use config::LocalConfig;
pub use disk::{DiskError, refuse_newer};
pub use group::{Clash, Sample};
pub use maintenance::Maintenance;
pub use names::{SeriesId, TooManySeries};
pub use query::{Draw, Selection};
pub use reader::Reader;

use crate::domain::Millis;
use disk::Disk;
use group::{GROUP, Group};
use names::Names;
use turn::Turns;

/// A sample more than this ahead of the clock is refused, ms.
const FUTURE: i64 = 600_000;
/// The longest retention, ms: hot offsets have 32 bits.
const LONGEST_RETENTION: i64 = 40 * 86_400_000;

/// The built-in store. Shared by everybody who brings or reads samples.
pub struct LocalStore {
    config: LocalConfig,
    names: Names,
    groups: Box<[Mutex<Group>]>,
    /// Samples in memory.
    hot: AtomicU64,
    retention_ms: AtomicI64,
    /// None: in memory only.
    disk: Option<Disk>,
    /// Names with lower numbers are on disk.
    names_on_disk: AtomicU32,
    /// Samples that had to leave memory before they were on disk.
    lost: AtomicU64,
    /// What is wrong with the disk.
    trouble: Mutex<Option<String>>,
    announced: Announced,
    turns: Turns,
}

/// The times that samples may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acceptable {
    /// Unix ms, both inclusive.
    pub oldest: i64,
    pub newest: i64,
}

/// What became of a batch of samples.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Appended {
    pub accepted: u64,
    /// Refused: more than 10 minutes ahead of the clock.
    pub far_future: u64,
    /// Refused: older than what is kept.
    pub too_old: u64,
    /// Refused: too far behind the newest sample of the series.
    pub too_late: u64,
    /// The latest of those that were too late.
    pub late_example: Option<Sample>,
    /// Refused: there is another value of the same time.
    pub same_time: u64,
    pub same_time_example: Option<Sample>,
}

impl Appended {
    /// Takes in what became of one sample; gives how many more samples memory holds now.
    fn count(&mut self, outcome: group::Appended, sample: Sample) -> i64 {
        match outcome {
            group::Appended::Accepted(more) => {
                self.accepted += 1;
                return more;
            }
            group::Appended::TooLate => {
                self.too_late += 1;
                self.late_example = Some(sample);
            }
            group::Appended::SameTime => {
                self.same_time += 1;
                self.same_time_example = Some(sample);
            }
            group::Appended::Known => {}
        }
        0
    }
}

impl LocalStore {
    /// A store that keeps nothing on disk.
    pub fn in_memory(config: LocalConfig) -> Self {
        Self::with_room(config, 0)
    }

    /// With room for so many series, should fewer be configured.
    fn with_room(config: LocalConfig, series: u32) -> Self {
        let groups = config.max_series.max(series).div_ceil(GROUP);
        let groups = (0..groups).map(|_| Mutex::new(Group::new())).collect();
        let store = LocalStore {
            names: Names::new(config.max_series),
            groups,
            hot: AtomicU64::new(0),
            retention_ms: AtomicI64::new(0),
            disk: None,
            names_on_disk: AtomicU32::new(0),
            lost: AtomicU64::new(0),
            trouble: Mutex::default(),
            announced: Announced::default(),
            turns: Turns::default(),
            config,
        };
        store.set_retention(store.config.retention.millis());
        store
    }

    /// How long samples are kept from now on, ms; at most 40 days.
    pub fn set_retention(&self, ms: i64) {
        self.retention_ms.store(ms.clamp(1, LONGEST_RETENTION), Ordering::Relaxed);
    }

    /// The times that are accepted at `now`.
    pub fn acceptable(&self, now: Millis) -> Acceptable {
        let oldest = now.plus(-self.retention_ms.load(Ordering::Relaxed));
        Acceptable { oldest: oldest.0, newest: now.plus(FUTURE).0 }
    }

    /// The series of this name, if it has been seen.
    pub fn lookup(&self, name: &[u8]) -> Option<SeriesId> {
        self.names.lookup(name)
    }

    /// The series of this name, made if it is new. Whoever brings samples has checked the name.
    pub fn intern(&self, name: &str) -> Result<SeriesId, TooManySeries> {
        self.names.intern(name)
    }

    pub fn name(&self, id: SeriesId) -> Option<Arc<str>> {
        self.names.name(id)
    }

    /// How many series there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Changes whenever a series is new: then ask `names_since`.
    pub fn generation(&self) -> u64 {
        self.len() as u64
    }

    /// Every series from this number on (`SeriesId(0)`: all), in the order of numbers; the next call starts at the last
    /// one's number plus one.
    pub fn names_since(&self, first: SeriesId) -> Vec<(SeriesId, Arc<str>)> {
        let mut found = Vec::new();
        self.names.each_since(first, |id, name| found.push((id, name.clone())));
        found
    }

    /// Takes samples in; NaN is a sample like any other here. Quick when samples of neighbouring series come together.
    /// Of two samples of one time the last one counts.
    pub fn append(&self, samples: &[Sample], now: Millis) -> Appended {
        self.append_with(samples, now, Clash::LastCounts)
    }

    /// The same, with a choice of what counts when a series has a sample of that time. What was before the samples in memory
    /// is not looked at: there the last one counts.
    pub fn append_with(&self, samples: &[Sample], now: Millis, clash: Clash) -> Appended {
        self.turns.look(now);
        let acceptable = self.acceptable(now);
        let mut appended = Appended::default();
        let mut grown = 0;
        let mut held: Option<(u32, MutexGuard<'_, Group>)> = None;
        for sample in samples {
            if sample.at > acceptable.newest {
                appended.far_future += 1;
                continue;
            }
            if sample.at < acceptable.oldest {
                appended.too_old += 1;
                continue;
            }
            let number = sample.series.0 / GROUP;
            if held.as_ref().is_none_or(|(of, _)| *of != number) {
                // The old guard goes first: never two at once.
                drop(held.take());
                held = Some((number, self.group(sample.series)));
            }
            let Some((_, group)) = &mut held else { continue };
            grown += appended.count(group.append(*sample, self.config.late.millis(), clash), *sample);
        }
        drop(held);
        // Two's complement: adding a negative number takes away.
        self.hot.fetch_add(i64::cast_unsigned(grown), Ordering::Relaxed);
        appended
    }

    /// Samples in memory.
    pub fn hot_samples(&self) -> u64 {
        self.hot.load(Ordering::Relaxed)
    }

    /// What is wrong, in words; empty when all is well.
    pub fn troubles(&self) -> Vec<String> {
        let full = self.len() >= self.config.max_series as usize;
        let words = || format!("no room for new series: there are {} already", self.config.max_series);
        let damaged = self.disk.as_ref().map_or(0, Disk::damaged);
        let skipped = || format!("damaged blocks of samples.db that are skipped: {damaged}");
        let lost = self.lost_samples();
        let dropped = || format!("samples that left memory before they could be written: {lost}");
        let found = [full.then(words), (damaged > 0).then(skipped), (lost > 0).then(dropped)];
        self.lock_trouble().clone().into_iter().chain(found.into_iter().flatten()).collect()
    }

    /// Samples that had to leave memory before they were on disk.
    pub fn lost_samples(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    fn lock_trouble(&self) -> MutexGuard<'_, Option<String>> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads many series quickly; see [`Reader`].
    pub fn reader(&self) -> Reader<'_> {
        Reader::new(self)
    }

    /// Appends the samples with `oldest_exclusive` < time <= `newest_inclusive` (Unix ms), oldest first.
    pub fn window(
        &self,
        id: SeriesId,
        oldest_exclusive: f64,
        newest_inclusive: f64,
        times: &mut Vec<f64>,
        values: &mut Vec<f64>,
    ) {
        self.reader().window(id, oldest_exclusive, newest_inclusive, times, values);
    }

    /// The usual distance between samples, ms; 0 while it is unknown.
    pub fn step(&self, id: SeriesId) -> f64 {
        self.reader().step(id)
    }

    fn group(&self, id: SeriesId) -> MutexGuard<'_, Group> {
        let index = (id.0 / GROUP) as usize;
        // A panic leaves a group whole, at worst without its latest sample. Numbers are only given below
        // max_series, so the group is there.
        let mut group = self.groups[index].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = self.turns.after(group.turn) {
            let gone = group.turn_back(index as u32 * GROUP, turn.now);
            group.turn = turn.number;
            self.hot.fetch_sub(gone, Ordering::Relaxed);
        }
        group
    }
}
