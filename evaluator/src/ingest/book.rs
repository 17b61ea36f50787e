//! Samples on their way into the store, and the count of what was refused of them.

use std::sync::Arc;

use crate::domain::Millis;
use crate::source::local::{Acceptable, Clash, LocalStore, Sample, SeriesId};
use crate::source::{Input, Refusal, Refusals};

/// What one door has gathered and not handed on yet.
pub struct Book {
    store: Arc<LocalStore>,
    input: Arc<Input>,
    clash: Clash,
    samples: Vec<Sample>,
    refusals: Refusals,
}

impl Book {
    pub fn new(store: Arc<LocalStore>, input: Arc<Input>, clash: Clash) -> Self {
        Book { store, input, clash, samples: Vec::new(), refusals: Refusals::default() }
    }

    /// The times that are accepted at `now`.
    pub fn acceptable(&self, now: Millis) -> Acceptable {
        self.store.acceptable(now)
    }

    pub fn refuse(&mut self, why: Refusal, example: &[u8]) {
        self.refusals.add(why, example);
    }

    /// So many at once, at least one.
    pub fn refuse_many(&mut self, why: Refusal, count: u64, example: &[u8]) {
        self.refusals.add(why, example);
        self.refusals.add_many(why, count.saturating_sub(1));
    }

    /// The series of this name, made if it is new; a new name must pass `valid`.
    ///
    /// # Errors
    /// It is no name, or there is no room for a further series.
    pub fn series(
        &self,
        name: &[u8],
        valid: fn(&[u8]) -> Result<&str, Refusal>,
    ) -> Result<SeriesId, Refusal> {
        match self.store.lookup(name) {
            Some(known) => Ok(known),
            None => self.store.intern(valid(name)?).map_err(|_| Refusal::TooManySeries),
        }
    }

    pub fn push(&mut self, sample: Sample) {
        self.samples.push(sample);
    }

    /// Hands the samples to the store and the counts to the door.
    pub fn close(&mut self, now: Millis) {
        let mut refused = self.hand_over(now);
        self.input.refused(&mut refused);
    }

    /// Hands the samples to the store; gives what was refused since the last time, for whoever counts it.
    pub fn hand_over(&mut self, now: Millis) -> Refusals {
        let appended = self.store.append_with(&self.samples, now, self.clash);
        let late = (Refusal::TooLate, appended.too_late, appended.late_example);
        let same = (Refusal::SameTime, appended.same_time, appended.same_time_example);
        for (why, count, example) in [late, same] {
            if let Some(sample) = example {
                let name = self.store.name(sample.series).unwrap_or_default();
                let example = format!("{name} {} {}", sample.value, sample.at as f64 / 1_000.0);
                self.refuse_many(why, count, example.as_bytes());
            }
        }
        if let Some(newest) = self.samples.iter().map(|sample| sample.at).max() {
            self.input.accepted(appended.accepted, Millis(newest));
        }
        self.samples.clear();
        std::mem::take(&mut self.refusals)
    }
}

/// Why a sample of this time is not taken.
pub fn out_of_time(at: i64, acceptable: Acceptable) -> Option<Refusal> {
    if at > acceptable.newest {
        return Some(Refusal::FarFuture);
    }
    (at < acceptable.oldest).then_some(Refusal::TooOld)
}
