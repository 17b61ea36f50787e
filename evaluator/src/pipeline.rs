//! The way of a sample: source → window → check → state → store. One cycle at a time, on one thread, with time
//! handed in; what a cycle decided comes back as a [`CycleCommit`].

mod causes;
mod edits;
mod elsewhere;
mod heartbeat;
mod questions;
mod roster;
mod rounds;
mod settle;
mod system;
mod view;
mod words;
mod zones;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use crate::check::{Check, QuarantineReason, Runner};
use crate::clock::Now;
use crate::domain::{Millis, Reason, Severity, Subject};
use crate::schedule::{Entry, Schedule};
use crate::source::SeriesSource;
use crate::source::local::LocalStore;
use crate::source::remote::{Asking, Nobody};
use crate::store::{CycleCommit, RuleStore, Store};

pub use causes::Standing;
use causes::{Causes, Tidings};
pub use edits::Edit;
use heartbeat::Heart;
pub use heartbeat::{EVERY as BEAT_EVERY, Missed, Pulse, SERIES as HEARTBEAT_SERIES, Told};
use questions::Questions;
pub use questions::{Book, Terms};
use roster::Roster;
pub use rounds::batch_of;
use rounds::{Round, Unjudged};
pub use system::SystemCause;
pub use view::{LiveSeries, SourceState, Totals, Watchtower};
use zones::Zones;

/// Edits that one cycle takes up.
const EDITS_AT_ONCE: usize = 500;

/// Evaluates what is due. Owned by the evaluating thread.
pub struct Pipeline {
    source: Arc<dyn SeriesSource>,
    checks: Vec<Arc<Check>>,
    runner: Runner,
    schedule: Schedule,
    shared: Arc<Shared>,
    causes: Causes,
    questions: Questions,
    /// None: nobody listens for it.
    heart: Option<Heart>,
    zones: Zones,
    /// This cycle's batches, one for each check.
    rounds: Vec<Round>,
    unjudged: Vec<Unjudged>,
    /// Ms after its last sample a vanished series is given up.
    forget_after_ms: i64,
    start: Now,
    last: Now,
    /// The clock was set not long ago: until when (monotonic) that stands as a cause.
    clock_unsure_until: Option<Duration>,
}

/// What the evaluating thread and those who look at it share.
#[derive(Default)]
struct Shared {
    roster: Mutex<Roster>,
    edits: Mutex<Vec<Edit>>,
    /// What others say of the system itself, by cause; none: it is well.
    reports: Mutex<BTreeMap<SystemCause, Option<Tidings>>>,
    pulse: Mutex<Pulse>,
    /// How the sources elsewhere are, and what stands as a cause; as of the last cycle.
    outlook: Mutex<view::Outlook>,
}

impl Shared {
    fn roster(&self) -> MutexGuard<'_, Roster> {
        self.roster.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn edits(&self) -> MutexGuard<'_, Vec<Edit>> {
        self.edits.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// The next edits. Whoever changes thousands of rules at once does not keep what is due waiting for all of them.
    fn some_edits(&self) -> Vec<Edit> {
        let mut edits = self.edits();
        let count = edits.len().min(EDITS_AT_ONCE);
        edits.drain(..count).collect()
    }

    fn reports(&self) -> MutexGuard<'_, BTreeMap<SystemCause, Option<Tidings>>> {
        self.reports.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn pulse(&self) -> MutexGuard<'_, Pulse> {
        self.pulse.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn outlook(&self) -> MutexGuard<'_, view::Outlook> {
        self.outlook.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// A rule that is due.
#[derive(Clone, Copy, Debug)]
struct Due {
    place: u32,
    /// The instant of its slot: what it decides is decided then.
    scheduled: Millis,
    /// The instant its windows end: the scheduled one minus the source's offset.
    instant: Millis,
    /// Its samples are elsewhere.
    is_elsewhere: bool,
    /// It watches all that its query gives. Known here, so that nobody has to look at each rule once more.
    is_complete: bool,
}

impl Pipeline {
    pub fn new(source: Arc<dyn SeriesSource>, checks: Vec<Arc<Check>>, runner: Runner, start: Now) -> Self {
        Pipeline {
            source,
            checks,
            runner,
            schedule: Schedule::default(),
            shared: Arc::default(),
            causes: Causes::default(),
            questions: Questions::new(Arc::new(Nobody)),
            heart: None,
            zones: Zones::default(),
            rounds: Vec::new(),
            unjudged: Vec::new(),
            forget_after_ms: 86_400_000,
            start,
            last: start,
            clock_unsure_until: None,
        }
    }

    /// Who asks the sources elsewhere.
    pub fn asking(mut self, asking: Arc<dyn Asking>) -> Self {
        self.questions = Questions::new(asking);
        self
    }

    /// With a heartbeat, whose samples go into this store: the one that the pipeline reads.
    pub fn beating(mut self, local: Arc<LocalStore>) -> Self {
        self.heart = Some(Heart::new(local));
        self
    }

    /// For those who look at how things stand, and hand in edits.
    pub fn watchtower(&self) -> Watchtower {
        Watchtower::new(self.shared.clone())
    }

    /// Takes up what is stored: states first, then the rules, each with what it held.
    ///
    /// # Errors
    /// The store failed.
    pub fn load(&mut self, store: &dyn Store) -> crate::store::Result<()> {
        let mut rules = Vec::new();
        store.each_state(&mut |row| self.shared.roster().sleep(row))?;
        RuleStore::each_rule(store, &mut |rule| rules.push(rule))?;
        for check in &self.checks {
            self.causes.recall(&subject_of(check), store)?;
        }
        self.load_sources(store)?;
        for cause in SystemCause::ALL {
            self.causes.recall(&cause.subject(), store)?;
        }
        let mut commit = CycleCommit::default();
        for rule in rules {
            self.take_up(&rule, self.start, &mut commit);
        }
        debug_assert!(commit.is_empty(), "taking up what is stored changes nothing");
        Ok(())
    }

    pub fn set_forget_after(&mut self, ms: i64) {
        self.forget_after_ms = ms;
    }

    /// One cycle: everything that is due by `now` is evaluated once.
    pub fn tick(&mut self, now: Now) -> CycleCommit {
        let mut commit = CycleCommit::default();
        self.notice_clock_step(now);
        self.take_edits(now, &mut commit);
        let due = self.take_due(now);
        let (far, near): (Vec<_>, Vec<_>) = due.into_iter().partition(|due| due.is_elsewhere);
        self.fill_windows(&near);
        self.ask_elsewhere(far, now, &mut commit);
        self.judge(now);
        self.settle(now, &mut commit);
        self.settle_causes(now, &mut commit);
        commit.heartbeat = self.beat(now);
        self.last = now;
        commit
    }

    /// The second of the schedule: it follows the monotonic clock, from the wall clock's second at the start.
    fn second(&self, now: Now) -> u64 {
        self.schedule_ms(now) / 1_000
    }

    fn schedule_ms(&self, now: Now) -> u64 {
        self.start.wall.0.max(0) as u64 + now.mono.saturating_sub(self.start.mono).as_millis() as u64
    }

    /// How long until the schedule's next second begins; nothing while edits are left.
    pub fn until_next_slot(&self, now: Now) -> Duration {
        if !self.shared.edits().is_empty() {
            return Duration::ZERO;
        }
        Duration::from_millis(1_000 - self.schedule_ms(now) % 1_000)
    }

    /// A wall clock that was set says nothing about what was counted before.
    fn notice_clock_step(&mut self, now: Now) {
        let passed = now.mono.saturating_sub(self.last.mono).as_millis() as i64;
        let stepped = now.wall.since(self.last.wall) - passed;
        if stepped.abs() < 1_000 {
            return;
        }
        tracing::warn!(stepped_ms = stepped, "the wall clock was set; runs of faster rules are emptied");
        self.doubt_clock(stepped, now);
        let mut roster = self.shared.roster();
        for watched in roster.iter_mut() {
            let is_slow = watched.policy.interval_ms >= stepped.abs();
            for series in &mut watched.series {
                // Nobody was away: how long a series has been silent is not for a clock that was set to say.
                series.seen_at = series.seen_at.map(|seen| seen.plus(stepped));
                if !is_slow {
                    series.state.empty_runs();
                    series.run = None;
                }
            }
        }
    }

    /// What is due by now, each once, scheduled again for its next slot. How much of it is from earlier seconds
    /// says whether the evaluation keeps up.
    fn take_due(&mut self, now: Now) -> Vec<Due> {
        let second = self.second(now);
        let mut due = Vec::new();
        let shared = self.shared.clone();
        let mut roster = shared.roster();
        let known = self.source.count();
        let mut lateness = None;
        roster.totals.overdue = self.schedule.overdue(second.saturating_sub(1)) as u64;
        while let Some((slot, entries)) = self.schedule.take_due(second) {
            let late_ms = (second - slot) as i64 * 1_000;
            lateness = lateness.max(Some(late_ms));
            // Where nothing was missed, the window ends at the slot; after a standstill it ends now.
            let instant = if late_ms <= 2_000 { now.wall.plus(-late_ms) } else { now.wall };
            for Entry { place, edit } in entries {
                if let Some(watched) =
                    roster.at(place).filter(|watched| watched.edit == edit && watched.active)
                {
                    self.schedule.add(Entry { place, edit }, watched.rhythm, second);
                    due.push(Due {
                        place,
                        scheduled: instant,
                        instant,
                        is_elsewhere: watched.is_elsewhere,
                        is_complete: watched.is_complete(known),
                    });
                }
            }
        }
        if let Some(lateness) = lateness {
            roster.totals.lateness_seconds = lateness as f64 / 1_000.0;
        }
        due
    }

    fn judge(&mut self, now: Now) {
        for (round, check) in self.rounds.iter_mut().zip(&self.checks) {
            round.judge(&mut self.runner, check, now);
        }
    }

    /// One alarm for a quarantined check, however many rules hang on it.
    fn settle_causes(&mut self, now: Now, commit: &mut CycleCommit) {
        for check in &self.checks {
            let reason = match check.quarantined().map(|quarantine| quarantine.reason) {
                Some(QuarantineReason::Impure) => Some(Reason::CheckImpure),
                Some(QuarantineReason::Failing) => Some(Reason::CheckFailing),
                None => None,
            };
            let subject = subject_of(check);
            commit.transitions.extend(match reason {
                Some(reason) => {
                    let tidings = Tidings { severity: Severity::Major, reason, words: None };
                    self.causes.stands(&subject, tidings, now.wall)
                }
                None => self.causes.over(&subject, Reason::CheckReleased, now.wall),
            });
        }
        self.settle_sources(now, commit);
        self.settle_system(now, commit);
        self.publish_outlook();
    }
}

fn subject_of(check: &Check) -> Subject {
    Subject::Check { name: check.descriptor.name.as_str().into() }
}
