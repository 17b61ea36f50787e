use crate::domain::{Outcome, Reason, Severity};

use super::{Policy, SeriesState};

/// Which of a series' two alarms changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Level,
    Unknown,
}

/// One decided change of an alarm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    pub kind: Kind,
    pub seq: u64,
    /// The transition that raised this alarm: its identity.
    pub raised_seq: u64,
    pub before: Option<Severity>,
    pub after: Option<Severity>,
    pub reason: Reason,
}

pub fn step(_state: &SeriesState, _outcome: &Outcome, _policy: &Policy) -> (SeriesState, Vec<Change>) {
    (SeriesState::default(), Vec::new())
}
