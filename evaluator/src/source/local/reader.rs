//! Reading windows: the evaluation's hot path.

use std::sync::MutexGuard;

use super::group::{GROUP, Group};
use super::{LocalStore, SeriesId};
use crate::domain::Millis;

/// Reads series after series and keeps a group's lock while neighbours are asked for: ask in the order of numbers.
///
/// New samples of the group wait meanwhile: hold it while windows are copied, not while they are judged, and never call
/// the store itself while it lives.
pub struct Reader<'a> {
    store: &'a LocalStore,
    held: Option<(u32, MutexGuard<'a, Group>)>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(store: &'a LocalStore) -> Self {
        Reader { store, held: None }
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
        if let Some(column) = self.group(id).column(id) {
            column.window(oldest, newest, times, values);
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
