//! The heartbeat: once a minute a sample goes the whole way, from the local store through the sandbox and the state machine
//! to what is written down. Whoever listens for it notices when any link of that way is broken, also the ones that raise alarms.
//!
//! Its rule is in no table and counted nowhere: `critical above 0.5`, one check to alert, one to OK, on a series that is 1 and 0
//! by turns. So each beat must raise or clear, and one that decides anything else is none.

use std::sync::Arc;
use std::time::Duration;

use crate::check::{Batch, Check, RecordId};
use crate::clock::Now;
use crate::domain::{Level, Millis, Outcome, RuleRecord, Texts};
use crate::source::local::{LocalStore, Sample};
use crate::state::{self, Policy, SeriesState};

use super::Pipeline;

/// Where its samples are.
pub const SERIES: &str = "atalaya.heartbeat";
/// Between two beats.
pub const EVERY: Duration = Duration::from_secs(60);
/// A heart that has not beaten for this long is still: one beat may be late, two may not.
pub const STILL: Duration = Duration::from_secs(150);

/// What judges it.
const CHECK: &str = "threshold";
const PARAMS: &str = r#"{"direction":"above","critical":0.5}"#;

/// How the heart beats, as those who look see it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pulse {
    /// When a beat was last written down.
    pub last: Option<Now>,
    /// Why the latest one did not come through.
    pub missed: Option<Missed>,
    /// How the address that is told takes it; none: none is told.
    pub told: Option<Told>,
}

/// How the address takes it that is told of each beat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// When it last took one.
    pub at: Option<Millis>,
    /// Requests that it did not take, since the start.
    pub failures: u64,
    /// Why it does not take them now.
    pub trouble: Option<Texts>,
}

/// The link at which a beat was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missed {
    #[error("the local store did not take the sample")]
    Sample,
    #[error("the check {CHECK} is quarantined")]
    Quarantined,
    #[error("the check {CHECK} cannot be used")]
    Check,
    #[error("the check {CHECK} did not judge the sample as it is")]
    Judged,
}

impl Missed {
    pub fn spanish(self) -> &'static str {
        match self {
            Missed::Sample => "el almacén local no aceptó la muestra",
            Missed::Quarantined => "el tipo de comprobación de umbrales está en cuarentena",
            Missed::Check => "no se puede usar el tipo de comprobación de umbrales",
            Missed::Judged => "la comprobación no juzgó la muestra como es",
        }
    }
}

impl Pulse {
    /// Whether it beats, `age` after the last one; before the first, `life` after the start.
    pub fn beats(age: Option<Duration>, life: Duration) -> bool {
        age.unwrap_or(life) <= STILL
    }

    /// Since the last beat, by the monotonic clock.
    pub fn age(&self, now: Duration) -> Option<Duration> {
        self.last.map(|last| now.saturating_sub(last.mono))
    }
}

/// What is kept from beat to beat.
pub(super) struct Heart {
    local: Arc<LocalStore>,
    record: Option<RecordId>,
    state: SeriesState,
    batch: Batch,
    outcomes: Vec<Outcome>,
    /// When the next one is due (monotonic); none: at once.
    due: Option<Duration>,
}

impl Heart {
    pub fn new(local: Arc<LocalStore>) -> Self {
        let (record, state, batch, outcomes) = (None, SeriesState::default(), Batch::default(), Vec::new());
        Heart { local, record, state, batch, outcomes, due: None }
    }

    /// Whether a beat is due; what was missed while the evaluation stood still is not made up.
    fn is_due(&mut self, now: Duration) -> bool {
        let due = self.due.unwrap_or(now);
        if now < due {
            return false;
        }
        self.due = Some(if due + EVERY > now { due + EVERY } else { now + EVERY });
        true
    }

    /// The sample that must change what is held, and the level that must be held then.
    fn next(&self) -> (f64, Level) {
        if self.state.held == Level::Ok { (1.0, Level::Critical) } else { (0.0, Level::Ok) }
    }

    fn append(&self, value: f64, now: Now) -> Result<(), Missed> {
        let series = self.local.intern(SERIES).map_err(|_| Missed::Sample)?;
        let sample = Sample { series, at: now.wall.0, value };
        let appended = self.local.append(&[sample], now.wall);
        if appended.accepted == 1 { Ok(()) } else { Err(Missed::Sample) }
    }
}

impl Pipeline {
    /// A beat, if one is due and came as far as this: it counts when it is written down.
    pub(super) fn beat(&mut self, now: Now) -> Option<Millis> {
        let mut heart = self.heart.take()?;
        let beat = heart.is_due(now.mono).then(|| self.send_through(&mut heart, now));
        self.heart = Some(heart);
        let missed = beat?.err();
        let before = std::mem::replace(&mut self.shared.pulse().missed, missed);
        if let Some(why) = missed.filter(|_| before != missed) {
            tracing::error!("the heartbeat stopped: {why}");
        }
        missed.is_none().then_some(now.wall)
    }

    fn send_through(&mut self, heart: &mut Heart, now: Now) -> Result<(), Missed> {
        let (value, expected) = heart.next();
        heart.append(value, now)?;
        let check = self.checks.iter().find(|check| check.descriptor.name == CHECK).cloned();
        let check = check.ok_or(Missed::Check)?;
        if check.quarantined().is_some() {
            return Err(Missed::Quarantined);
        }
        self.lay_out(heart, &check, now)?;
        heart.outcomes.clear();
        let judged = self.runner.evaluate(&check, &heart.batch, now, &mut heart.outcomes);
        judged.map_err(|_| Missed::Quarantined)?;
        let outcome = heart.outcomes.first().ok_or(Missed::Judged)?;
        let seen = outcome.as_ref().ok().and_then(|verdict| verdict.value);
        heart.state = state::step(&heart.state, outcome, now.wall, &policy()).0;
        if seen == Some(value) && heart.state.held == expected { Ok(()) } else { Err(Missed::Judged) }
    }

    /// Its window, read as every rule's is.
    fn lay_out(&mut self, heart: &mut Heart, check: &Arc<Check>, now: Now) -> Result<(), Missed> {
        let record = *heart.record.get_or_insert_with(|| self.runner.record(check, &record()));
        let inputs = self.runner.prepared(record).map_err(|_| Missed::Check)?.inputs.clone();
        let series = self.source.find(SERIES).ok_or(Missed::Sample)?;
        let at = now.wall.as_f64();
        heart.batch.clear();
        heart.batch.begin(record, at, EVERY.as_millis() as f64, heart.state.held, 0, None);
        let mut windows = self.source.windows();
        for input in inputs.iter() {
            let (times, values) = heart.batch.columns();
            windows.read(series, at - input.oldest, at - input.newest, times, values);
            heart.batch.end_input();
        }
        heart.batch.finish_series();
        Ok(())
    }
}

fn record() -> RuleRecord {
    RuleRecord {
        params: PARAMS.to_owned(),
        ok_margin: 0.0,
        interval_ms: EVERY.as_millis() as f64,
        unit: String::new(),
        time_zone: "UTC".to_owned(),
    }
}

fn policy() -> Policy {
    Policy {
        checks_to_alert: 1,
        checks_to_ok: 1,
        no_data: atalaya_api::rule::NoData::Keep,
        interval_ms: EVERY.as_millis() as i64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn a_heart_is_still_after_two_beats_and_a_half_and_a_young_one_has_as_long_for_its_first() {
        assert!(Pulse::beats(None, seconds(150)));
        assert!(!Pulse::beats(None, seconds(151)));
        assert!(Pulse::beats(Some(seconds(150)), seconds(9_000)));
        assert!(!Pulse::beats(Some(seconds(151)), seconds(9_000)));
    }

    #[test]
    fn the_age_of_a_beat_is_told_by_the_clock_that_nobody_sets() {
        let last = Some(Now { mono: seconds(100), wall: Millis(5) });
        let pulse = Pulse { last, ..Pulse::default() };
        assert_eq!(pulse.age(seconds(130)), Some(seconds(30)));
        assert_eq!(Pulse::default().age(seconds(130)), None);
    }

    #[test]
    fn beats_that_were_missed_are_not_made_up() {
        let mut heart = Heart::new(Arc::new(LocalStore::in_memory(Default::default())));
        assert!(heart.is_due(seconds(1)) && !heart.is_due(seconds(60)));
        assert!(heart.is_due(seconds(62)) && !heart.is_due(seconds(120)));
        assert!(heart.is_due(seconds(600)) && !heart.is_due(seconds(659)) && heart.is_due(seconds(660)));
    }
}
