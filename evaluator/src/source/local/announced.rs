//! How often series come, where their writer says so: known before there are two samples to tell it from, so that
//! a rule made in the first seconds gets the right interval.

use std::sync::{Mutex, PoisonError};

use super::{LocalStore, SeriesId};

/// Beginnings of names, with ms between samples.
pub type Announced = Mutex<Vec<(String, f64)>>;

impl LocalStore {
    /// Series whose names begin with `prefix` will have a sample every `ms`.
    pub fn announce_step(&self, prefix: String, ms: f64) {
        self.announced.lock().unwrap_or_else(PoisonError::into_inner).push((prefix, ms));
    }

    /// The usual distance between samples, ms: measured, else as announced; 0 while it is unknown.
    pub(super) fn usual_step(&self, id: SeriesId, name: &str) -> f64 {
        let measured = self.step(id);
        if measured > 0.0 { measured } else { self.announced_step(name) }
    }

    fn announced_step(&self, name: &str) -> f64 {
        let announced = self.announced.lock().unwrap_or_else(PoisonError::into_inner);
        announced.iter().find(|(prefix, _)| name.starts_with(prefix)).map_or(0.0, |(_, ms)| *ms)
    }
}
