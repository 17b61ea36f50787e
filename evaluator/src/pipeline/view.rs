//! How things stand right now, for those who look: the API reads it, the evaluating thread writes it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use atalaya_api::float::Float;
use atalaya_api::level::Standing;
use atalaya_api::rule::RuleState;
use atalaya_api::source::SourceStatus;
use atalaya_api::span::Span;

use crate::clock::Now;
use crate::domain::{Level, Millis, RuleId, Severity, Texts};
use crate::source::remote::Trouble;
use crate::store::RuleSet;

use super::causes::Standing as StandingCause;
use super::heartbeat::{Pulse, Told};
use super::questions::Book;
use super::roster::Watched;
use super::{Edit, Pipeline, Shared, SystemCause};

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
    /// Questions to sources elsewhere that are not answered yet.
    pub questions_open: u64,
    /// Transitions that are decided and not written yet.
    pub waiting_transitions: u64,
    /// CPU seconds of the evaluating thread.
    pub cpu_seconds: f64,
    /// From the start of the cycle that decided it to the moment the latest event was told, seconds.
    pub event_lag_seconds: f64,
}

/// How a source elsewhere is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceState {
    pub status: SourceStatus,
    /// What failed last, from the first failure since its last good answer.
    pub trouble: Option<Trouble>,
    /// Since when it is down.
    pub since: Option<Millis>,
    /// When it last answered, and how long that took.
    pub last_answer: Option<(Millis, Duration)>,
    pub book: Book,
    /// Enabled rules that hang on it.
    pub rules: u64,
    /// Series that they watch.
    pub series: u64,
}

/// What those who look may see of the sources and causes.
#[derive(Default)]
pub struct Outlook {
    sources: BTreeMap<Arc<str>, SourceState>,
    causes: Vec<StandingCause>,
}

impl Pipeline {
    pub(super) fn publish_outlook(&self) {
        let state = |far: &super::questions::Far| SourceState {
            status: match (far.health.is_down(), far.health.trouble()) {
                (true, _) => SourceStatus::Down,
                (false, Some(_)) => SourceStatus::Degraded,
                (false, None) => SourceStatus::Ok,
            },
            trouble: far.health.trouble().cloned(),
            since: far.down_since,
            last_answer: far.last_answer,
            book: far.book,
            rules: 0,
            series: 0,
        };
        let sources = self.questions.sources.iter().map(|(id, far)| (id.clone(), state(far))).collect();
        *self.shared.outlook() = Outlook { sources, causes: self.causes.standing() };
    }
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

    /// As [`Watchtower::edit`], for many at once.
    pub fn edit_all(&self, edits: impl IntoIterator<Item = Edit>) {
        self.shared.edits().extend(edits);
    }

    /// The rules in force that stand so. What was made a moment ago and is not taken up yet counts as all but these.
    pub fn rules_standing(&self, standing: Standing) -> RuleSet {
        let roster = self.shared.roster();
        let active = roster.iter().filter(|watched| watched.active);
        let (inside, outside): (Vec<_>, Vec<_>) =
            active.map(|watched| (watched.id, watched.standing().0)).partition(|(_, one)| *one == standing);
        let except = outside.len() < inside.len();
        let fewer = if except { outside } else { inside };
        RuleSet { ids: fewer.into_iter().map(|(id, _)| id).collect(), except }
    }

    /// The rules in force that judge the same sample again and again: their interval is shorter than the data's step.
    pub fn rules_too_fast(&self) -> RuleSet {
        let roster = self.shared.roster();
        let too_fast =
            |watched: &&Watched| watched.active && (watched.policy.interval_ms as f64) < watched.step_ms();
        RuleSet { ids: roster.iter().filter(too_fast).map(|watched| watched.id).collect(), except: false }
    }

    /// What stands as a cause, worst first: known here even while it cannot be written down.
    pub fn causes(&self) -> Vec<StandingCause> {
        self.shared.outlook().causes.clone()
    }

    /// Somebody says how a part of the system is; taken up by the next cycle. None: it is well.
    pub fn report(&self, cause: SystemCause, trouble: Option<(Severity, Texts)>) {
        let tidings = trouble.map(|(severity, words)| cause.tidings(severity, words));
        self.shared.reports().insert(cause, tidings);
    }

    /// How a source elsewhere is; none: it is not known.
    pub fn source(&self, id: &str) -> Option<SourceState> {
        let mut state = self.shared.outlook().sources.get(id).cloned()?;
        for watched in self.shared.roster().iter().filter(|watched| watched.active && *watched.source == *id)
        {
            state.rules += 1;
            state.series += watched.series.len() as u64;
        }
        Some(state)
    }

    /// The sources elsewhere as they are, without what hangs on them.
    pub fn sources(&self) -> Vec<(Arc<str>, SourceState)> {
        let outlook = self.shared.outlook();
        outlook.sources.iter().map(|(id, state)| (id.clone(), state.clone())).collect()
    }

    /// How many transitions are decided and not written yet.
    pub fn set_waiting(&self, transitions: usize) {
        self.shared.roster().totals.waiting_transitions = transitions as u64;
    }

    pub fn set_event_lag(&self, seconds: f64) {
        self.shared.roster().totals.event_lag_seconds = seconds;
    }

    /// A beat was written down at `now`.
    pub fn beaten(&self, now: Now) {
        self.shared.pulse().last = Some(now);
    }

    /// How the address takes it that is told of each beat; none: none is told.
    pub fn set_told(&self, told: Option<Told>) {
        self.shared.pulse().told = told;
    }

    pub fn pulse(&self) -> Pulse {
        self.shared.pulse().clone()
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
    let (severity, worst) = watched.standing();
    let step_ms = watched.step_ms();
    RuleState {
        severity,
        series: watched.series.len() as u64,
        value: worst.and_then(|series| series.value).map(Float),
        checked_at: watched.checked_at.map(|at| at.timestamp()),
        no_data_since: worst.and_then(|series| series.no_data_since).map(|at| at.timestamp()),
        reason: worst.and_then(|series| series.unknown.as_ref()).map(ToString::to_string),
        unit: watched.context.unit.clone(),
        step: (step_ms >= 1_000.0).then_some(Span((step_ms / 1_000.0).ceil() as u32)),
    }
}
