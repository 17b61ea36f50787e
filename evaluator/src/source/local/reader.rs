//! Reading windows: the evaluation's hot path.

use std::sync::MutexGuard;
use std::sync::atomic::Ordering;

use super::block::{Row, settle};
use super::group::{GROUP, Group};
use super::{LocalStore, SeriesId};
use crate::domain::Millis;

/// Longer windows are read from disk each time.
const PROMOTED: usize = 20_000;
/// So are windows that reach further back than this, ms.
const FURTHEST: i64 = 2 * 86_400_000;

/// Reads series after series and keeps a group's lock while neighbours are asked for: ask in the order of numbers.
///
/// New samples of the group wait meanwhile: hold it while windows are copied, not while they are judged, and never call
/// the store itself while it lives.
pub struct Reader<'a> {
    store: &'a LocalStore,
    held: Option<(u32, MutexGuard<'a, Group>)>,
    /// Whether what was read from disk stays in memory: windows come again, charts do not.
    keeps: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(store: &'a LocalStore) -> Self {
        Reader { store, held: None, keeps: true }
    }

    /// For charts: what they look back to does not stay in memory.
    pub(super) fn once(store: &'a LocalStore) -> Self {
        Reader { store, held: None, keeps: false }
    }

    /// Appends the samples with `oldest_exclusive` < time <= `newest_inclusive` (Unix ms), oldest first.
    pub fn window(
        &mut self,
        id: SeriesId,
        oldest_exclusive: f64,
        newest_inclusive: f64,
        times: &mut Vec<f64>,
        values: &mut Vec<f64>,
    ) {
        // Times are whole: t > x is t > floor(x). The casts saturate.
        let (oldest, newest) = (oldest_exclusive.floor() as i64, newest_inclusive.floor() as i64);
        let mark = times.len();
        let complete = match self.group(id).column(id) {
            Some(column) => column.window(oldest, newest, times, values),
            None => true,
        };
        if !complete && self.store.disk.is_some() {
            times.truncate(mark);
            values.truncate(mark);
            self.cold_window(id, oldest, newest, times, values);
        }
    }

    /// A window that begins before what is in memory. If it ends there, what was read joins memory and stays as
    /// long as windows reach that far back.
    #[cold]
    fn cold_window(
        &mut self,
        id: SeriesId,
        oldest: i64,
        newest: i64,
        times: &mut Vec<f64>,
        values: &mut Vec<f64>,
    ) {
        let before = Snapshot::of(self.group(id), id, oldest, newest);
        // Reading may take milliseconds: samples come in meanwhile.
        drop(self.held.take());
        let rows = before.merged(self.store.read_disk(id, oldest, newest.min(before.hot_from)));
        times.extend(rows.iter().map(|row| row.at as f64));
        values.extend(rows.iter().map(|row| row.value));
        let small = rows.len() <= PROMOTED && newest.saturating_sub(oldest) <= FURTHEST;
        if self.keeps && newest >= before.hot_from && small {
            let store = self.store;
            let group = self.group(id);
            if group.version == before.version {
                let older = rows.into_iter().filter(|row| row.at <= before.hot_from);
                let column = group.column_mut(id);
                column.reach = column.reach.max((newest - oldest).try_into().unwrap_or(u32::MAX));
                let more = column.promote(oldest, older.map(|row| (row.at, row.value)));
                store.hot.fetch_add(more as u64, Ordering::Relaxed);
            }
        }
    }

    /// The usual distance between samples, ms; 0 while it is unknown.
    pub fn step(&mut self, id: SeriesId) -> f64 {
        self.group(id).column(id).map_or(0.0, |column| column.step())
    }

    /// The newest sample.
    pub fn last(&mut self, id: SeriesId) -> Option<(Millis, f64)> {
        self.group(id).column(id)?.newest().map(|(at, value)| (Millis(at), value))
    }

    fn group(&mut self, id: SeriesId) -> &mut Group {
        let number = id.0 / GROUP;
        if self.held.as_ref().is_none_or(|(of, _)| *of != number) {
            // The old guard goes first: never two at once.
            drop(self.held.take());
        }
        &mut self.held.get_or_insert_with(|| (number, self.store.group(id))).1
    }
}

/// What memory had of a series when a cold read began.
struct Snapshot {
    hot_from: i64,
    version: u64,
    /// Late samples, then hot ones: in the order in which they count.
    rows: Vec<Row>,
}

impl Snapshot {
    fn of(group: &Group, id: SeriesId, oldest: i64, newest: i64) -> Self {
        let member = (id.0 % GROUP) as u8;
        let late = group.late_of(id, oldest, newest);
        let mut rows: Vec<Row> = late.map(|(at, value)| Row { member, at, value }).collect();
        let column = group.column(id);
        if let Some(column) = column {
            column.each(oldest, newest, |at, value| rows.push(Row { member, at, value }));
        }
        let hot_from = column.map_or(i64::MIN, |column| column.complete_from());
        Snapshot { hot_from, version: group.version, rows }
    }

    /// With what was on disk, which counts least. What was sealed since is in both.
    fn merged(&self, mut disk: Vec<Row>) -> Vec<Row> {
        disk.extend_from_slice(&self.rows);
        settle(&mut disk);
        disk
    }
}

impl LocalStore {
    /// Samples on disk; a failure counts as none and is said once.
    fn read_disk(&self, id: SeriesId, oldest: i64, newest: i64) -> Vec<Row> {
        let Some(disk) = &self.disk else { return Vec::new() };
        disk.read(id.0 / GROUP, (id.0 % GROUP) as u8, oldest, newest).unwrap_or_else(|error| {
            let words = error.to_string();
            let mut trouble = self.lock_trouble();
            if trouble.as_ref() != Some(&words) {
                tracing::error!("{words}");
            }
            *trouble = Some(words);
            Vec::new()
        })
    }
}
