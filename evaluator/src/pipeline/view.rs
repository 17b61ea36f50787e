//! How things stand right now, for those who look: the API reads it, the evaluating thread writes it.

use std::sync::Arc;

use atalaya_api::float::Float;
use atalaya_api::level::Standing;
use atalaya_api::rule::RuleState;

use crate::domain::{Level, Millis, RuleId};

use super::roster::{Watched, Watching};
use super::{Edit, Shared};

/// One series right now.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LiveSeries {
    pub value: Option<f64>,
    pub level: Option<Level>,
    pub no_data_since: Option<Millis>,
}

/// How the evaluation goes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    /// Enabled rules.
    pub rules: u64,
    pub series: u64,
    pub evaluations: u64,
    pub checked_at: Option<Millis>,
    /// How late the last cycle started, seconds.
    pub lateness_seconds: f64,
    /// Rules that are due and not evaluated yet.
    pub overdue: u64,
    /// CPU seconds of the evaluating thread.
    pub cpu_seconds: f64,
}

/// Looks over the rules in force, and hands in edits.
#[derive(Clone)]
pub struct Watchtower {
    shared: Arc<Shared>,
}

impl Watchtower {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Watchtower { shared }
    }

    /// Taken up by the next cycle.
    pub fn edit(&self, edit: Edit) {
        self.shared.edits().push(edit);
    }

    pub fn set_cpu_seconds(&self, seconds: f64) {
        self.shared.roster().totals.cpu_seconds = seconds;
    }

    /// How a rule stands: the worst of its series.
    pub fn rule_state(&self, rule: RuleId) -> RuleState {
        self.shared.roster().get(rule).map(state_of).unwrap_or_default()
    }

    /// One series of a rule.
    pub fn live(&self, rule: RuleId, series: &str) -> Option<LiveSeries> {
        let roster = self.shared.roster();
        let found = roster.get(rule)?.series.iter().find(|one| &*one.name == series)?;
        Some(LiveSeries { value: found.value, level: found.level, no_data_since: found.no_data_since })
    }

    /// The series that a rule's query gives now, at most `limit`, and how many in all.
    pub fn series_of(&self, rule: RuleId, limit: usize) -> (Vec<Arc<str>>, u64) {
        let roster = self.shared.roster();
        let Some(watched) = roster.get(rule) else { return (Vec::new(), 0) };
        let names = watched.series.iter().take(limit).map(|series| series.name.clone()).collect();
        (names, watched.series.len() as u64)
    }

    /// How the evaluation goes.
    pub fn totals(&self) -> Totals {
        self.shared.roster().totals
    }
}

fn state_of(watched: &Watched) -> RuleState {
    let standing = |series: &Watching| series.standing(&watched.policy);
    let worst = watched.series.iter().max_by_key(|series| badness(standing(series)));
    let severity = match (watched.active, worst) {
        (false, _) => Standing::Paused,
        (true, Some(series)) => standing(series),
        (true, None) => Standing::Pending,
    };
    RuleState {
        severity,
        series: watched.series.len() as u64,
        value: worst.and_then(|series| series.value).map(Float),
        checked_at: watched.checked_at.map(|at| at.timestamp()),
        no_data_since: worst.and_then(|series| series.no_data_since).map(|at| at.timestamp()),
        reason: worst.and_then(|series| series.unknown.as_ref()).map(ToString::to_string),
    }
}

/// Orders standings, worst last.
fn badness(standing: Standing) -> u8 {
    match standing {
        Standing::Paused => 0,
        Standing::Ok => 1,
        Standing::Pending => 2,
        Standing::Warning => 3,
        Standing::Unknown => 4,
        Standing::Major => 5,
        Standing::Critical => 6,
    }
}
