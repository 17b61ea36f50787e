//! The state machine: `step(state, outcome, now, policy)` decides, for one series of one rule, what is raised,
//! changed and cleared. Pure: the same input gives the same answer, now and when evidence is replayed.
//!
//! Runs are kept as counters instead of a list of verdicts: `at_least[L]` is how many known verdicts in a row
//! were at least L, `at_most[L]` how many were at most L, each up to the count that matters. "The last n verdicts
//! are all at least L" is then `at_least[L] >= n`, whatever n is, and a steady series changes nothing.

mod run;
mod step;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::domain::{Level, Millis, Reason, Severity};

pub use run::{RunStart, deciding, is_part_of_run, remember};
pub use step::{UNDO_MS, close, counts, reopen, step};

/// What is known of one series of one rule between evaluations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesState {
    /// The level the alarm holds; ok when none is raised.
    pub held: Level,
    /// Whether the alarm of severity unknown is raised.
    pub unknown_raised: bool,
    /// Known verdicts in a row of at least warning, major, critical; each stops at checks to alert.
    pub at_least: [u8; 3],
    /// Known verdicts in a row of at most ok, warning, major; each stops at checks to OK.
    pub at_most: [u8; 3],
    /// Unknown verdicts in a row; stops at checks to alert.
    pub unknown_run: u8,
    /// Known verdicts in a row while unknown is raised; stops at checks to OK.
    pub known_run: u8,
    /// The number of the last transition; never resets.
    pub seq: u64,
    /// The transition that raised the alarm held, for its identity; 0 when none is held.
    pub held_since_seq: u64,
    /// The same for the alarm of severity unknown.
    pub unknown_since_seq: u64,
    /// What was held when the alarms were last closed by an edit, for its undo.
    pub closed_held: Level,
    pub closed_unknown: bool,
    /// When that was.
    pub closed_at: Option<Millis>,
    /// The last evaluation's instant; none before the first.
    pub evaluated_at: Option<Millis>,
}

/// Which of a series' two alarms changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Level,
    Unknown,
}

/// One decided change of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub kind: Kind,
    pub seq: u64,
    /// The number of the transition that raised this alarm: its identity.
    pub raised_seq: u64,
    /// None: not raised before.
    pub before: Option<Severity>,
    /// None: cleared.
    pub after: Option<Severity>,
    pub reason: Reason,
}

/// What one step changed: nothing, one of the two alarms, or both. Held in place: steps are many, changes few.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes([Option<Change>; 2]);

impl Changes {
    fn push(&mut self, change: Change) {
        let free = self.0.iter_mut().find(|place| place.is_none());
        *free.expect("a series has two alarms and a step changes each at most once") = Some(change);
    }

    pub fn is_empty(&self) -> bool {
        self.0[0].is_none()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Change> {
        self.0.iter().flatten()
    }
}

impl SeriesState {
    /// Forgets the runs and keeps what is held: after an edit, a gap, a step of the clock.
    pub fn empty_runs(&mut self) {
        self.at_least = [0; 3];
        self.at_most = [0; 3];
        self.unknown_run = 0;
        self.known_run = 0;
    }

    /// Whether anything but the instant differs: only then is a row worth writing.
    pub fn differs(&self, other: &SeriesState) -> bool {
        SeriesState { evaluated_at: None, ..*self } != SeriesState { evaluated_at: None, ..*other }
    }
}

/// How a rule counts; the part of its alarm settings that the state machine sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Evaluations in a row that raise, 1 to 100.
    pub checks_to_alert: u8,
    /// Evaluations in a row that clear, 1 to 100.
    pub checks_to_ok: u8,
    pub no_data: atalaya_api::rule::NoData,
    /// Between evaluations, ms: a gap of more than two empties the runs.
    pub interval_ms: i64,
}
