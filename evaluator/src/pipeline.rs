//! The way of a sample: source → window → check → state → store. One cycle at a time, on one thread, with time
//! handed in; what a cycle decided comes back as a [`CycleCommit`].

mod causes;
mod edits;
mod roster;
mod rounds;
mod settle;
mod view;
mod words;
mod zones;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use crate::check::{Check, QuarantineReason, Runner};
use crate::clock::Now;
use crate::domain::{Millis, Reason, Severity, Subject};
use crate::schedule::{Entry, Schedule};
use crate::source::SeriesSource;
use crate::store::{CycleCommit, RuleStore, Store};

use causes::Causes;
pub use edits::Edit;
use roster::Roster;
pub use rounds::batch_of;
use rounds::{Round, Unjudged};
pub use view::{LiveSeries, Totals, Watchtower};
use zones::Zones;

/// Evaluates what is due. Owned by the evaluating thread.
pub struct Pipeline {
    source: Arc<dyn SeriesSource>,
    checks: Vec<Arc<Check>>,
    runner: Runner,
    schedule: Schedule,
    shared: Arc<Shared>,
    causes: Causes,
    zones: Zones,
    /// This cycle's batches, one for each check.
    rounds: Vec<Round>,
    unjudged: Vec<Unjudged>,
    /// Ms after its last sample a vanished series is given up.
    forget_after_ms: i64,
    start: Now,
    last: Now,
}

/// What the evaluating thread and those who look at it share.
#[derive(Default)]
struct Shared {
    roster: Mutex<Roster>,
    edits: Mutex<Vec<Edit>>,
}

impl Shared {
    fn roster(&self) -> MutexGuard<'_, Roster> {
        self.roster.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn edits(&self) -> MutexGuard<'_, Vec<Edit>> {
        self.edits.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// A rule that is due, and the instant its windows end.
#[derive(Clone, Copy, Debug)]
struct Due {
    place: u32,
    instant: Millis,
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
            zones: Zones::default(),
            rounds: Vec::new(),
            unjudged: Vec::new(),
            forget_after_ms: 86_400_000,
            start,
            last: start,
        }
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
        self.fill_windows(&due);
        self.judge(now);
        self.settle(now, &mut commit);
        self.settle_causes(now, &mut commit);
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

    /// How long until the schedule's next second begins.
    pub fn until_next_slot(&self, now: Now) -> Duration {
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
        let mut roster = self.shared.roster();
        for watched in roster.iter_mut().filter(|watched| watched.policy.interval_ms < stepped.abs()) {
            watched.series.iter_mut().for_each(|series| {
                series.state.empty_runs();
                series.run = None;
            });
        }
    }

    /// What is due by now, each once, scheduled again for its next slot. How much of it is from earlier seconds
    /// says whether the evaluation keeps up.
    fn take_due(&mut self, now: Now) -> Vec<Due> {
        let second = self.second(now);
        let mut due = Vec::new();
        let shared = self.shared.clone();
        let mut roster = shared.roster();
        let mut lateness = 0;
        roster.totals.overdue = self.schedule.overdue(second.saturating_sub(1)) as u64;
        while let Some((slot, entries)) = self.schedule.take_due(second) {
            let late_ms = (second - slot) as i64 * 1_000;
            lateness = lateness.max(late_ms);
            // Where nothing was missed, the window ends at the slot; after a standstill it ends now.
            let instant = if late_ms <= 2_000 { now.wall.plus(-late_ms) } else { now.wall };
            for Entry { place, edit } in entries {
                if let Some(watched) =
                    roster.at(place).filter(|watched| watched.edit == edit && watched.active)
                {
                    self.schedule.add(Entry { place, edit }, watched.rhythm, second);
                    due.push(Due { place, instant });
                }
            }
        }
        roster.totals.lateness_seconds = lateness as f64 / 1_000.0;
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
            let (after, reason) = match check.quarantined().map(|quarantine| quarantine.reason) {
                Some(QuarantineReason::Impure) => (Some(Severity::Major), Reason::CheckImpure),
                Some(QuarantineReason::Failing) => (Some(Severity::Major), Reason::CheckFailing),
                None => (None, Reason::CheckReleased),
            };
            commit.transitions.extend(self.causes.set(&subject_of(check), after, reason, now.wall));
        }
    }
}

fn subject_of(check: &Check) -> Subject {
    Subject::Check { name: check.descriptor.name.as_str().into() }
}
