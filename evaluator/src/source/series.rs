//! A source as the evaluation sees it: series by name and by pattern, and the samples of their windows.

use std::sync::Arc;

use super::local::{LocalStore, Reader, SeriesId};
use super::{Glob, GlobError, is_stale};

/// Where a rule's series are found and read.
pub trait SeriesSource: Send + Sync {
    /// The series with exactly this name.
    fn find(&self, name: &str) -> Option<SeriesId>;
    /// How many series there are; their numbers are below it.
    fn count(&self) -> u32;
    /// Whether the expression may name several series.
    fn is_glob(&self, expr: &str) -> bool;
    /// The series from this number on that a pattern names.
    ///
    /// # Errors
    /// It is no pattern.
    fn matching(&self, glob: &str, from: SeriesId) -> Result<Vec<(SeriesId, Arc<str>)>, GlobError>;
    /// Reads many windows in a row.
    fn windows(&self) -> Box<dyn Windows + '_>;
}

/// Reads windows, many in a row. Quickest in the order of numbers. A series that has ended (see [`is_stale`]) has no samples,
/// however far a window looks back.
pub trait Windows {
    /// Appends the samples with `after` < time <= `upto` (Unix ms), oldest first.
    fn read(&mut self, series: SeriesId, after: f64, upto: f64, times: &mut Vec<f64>, values: &mut Vec<f64>);
    /// Ms between samples, 0 = unknown.
    fn step(&mut self, series: SeriesId) -> f64;
}

impl SeriesSource for LocalStore {
    fn find(&self, name: &str) -> Option<SeriesId> {
        self.lookup(name.as_bytes())
    }

    fn count(&self) -> u32 {
        self.len() as u32
    }

    fn is_glob(&self, expr: &str) -> bool {
        Glob::is_glob(expr) && self.find(expr).is_none()
    }

    fn matching(&self, glob: &str, from: SeriesId) -> Result<Vec<(SeriesId, Arc<str>)>, GlobError> {
        // A name goes before a pattern that is written alike, also one that comes later: `up{job="a"}`.
        if let Some(known) = self.find(glob) {
            return Ok(self
                .name(known)
                .filter(|_| known >= from)
                .map(|name| (known, name))
                .into_iter()
                .collect());
        }
        let glob = Glob::new(glob)?;
        let mut found = self.names_since(from);
        found.retain(|(_, name)| glob.matches(name));
        Ok(found)
    }

    fn windows(&self) -> Box<dyn Windows + '_> {
        Box::new(self.reader())
    }
}

impl Windows for Reader<'_> {
    fn read(&mut self, series: SeriesId, after: f64, upto: f64, times: &mut Vec<f64>, values: &mut Vec<f64>) {
        let mark = times.len();
        self.window(series, after, upto, times, values);
        let ended = values.last().is_some_and(|value| is_stale(*value)) && values.len() > mark;
        // A marker at the very end says that the series is over; within it is an empty bucket.
        if ended && self.last(series).is_some_and(|(_, value)| is_stale(value)) {
            times.truncate(mark);
            values.truncate(mark);
        }
    }

    fn step(&mut self, series: SeriesId) -> f64 {
        Reader::step(self, series)
    }
}
