//! Section 4 of the design, sentence by sentence, and a property test against a model that keeps every verdict.

mod model;
mod sentences;

use atalaya_api::rule::NoData;

use super::{Changes, Policy, SeriesState, step};
use crate::domain::{Level, Millis, Outcome, Unknown, UnknownKind, Verdict};

const SECOND: i64 = 1_000;

fn policy(checks_to_alert: u8, checks_to_ok: u8) -> Policy {
    Policy { checks_to_alert, checks_to_ok, no_data: NoData::Alarm, interval_ms: SECOND }
}

fn known(level: Level) -> Outcome {
    Ok(Verdict { level, value: None, memory: None })
}

fn unknown() -> Outcome {
    Err(Unknown::of(UnknownKind::NotEnoughData))
}

/// One series that is judged once a second.
struct Series {
    state: SeriesState,
    policy: Policy,
    now: Millis,
}

impl Series {
    fn new(policy: Policy) -> Self {
        Series { state: SeriesState::default(), policy, now: Millis(0) }
    }

    fn judge(&mut self, outcome: Outcome) -> Changes {
        self.now = self.now.plus(self.policy.interval_ms);
        let (state, changes) = step(&self.state, &outcome, self.now, &self.policy);
        self.state = state;
        changes
    }

    fn judge_all(&mut self, levels: &[Level]) -> Vec<Level> {
        levels
            .iter()
            .map(|level| {
                self.judge(known(*level));
                self.state.held
            })
            .collect()
    }
}
