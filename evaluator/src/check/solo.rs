//! One series alone in a fresh instance: what nothing else can have influenced.

use std::time::Duration;

use crate::domain::{Outcome, Unknown, UnknownKind};

use super::bindings::outcome;
use super::evaluate::{Work, memories};
use super::fault::is_guilt;
use super::instance::Instance;
use super::prepared::{NotPrepared, ParamError, Prepared};
use super::records::{RecordId, Standing};

impl Work<'_> {
    /// A series that is not evaluated together with others: refused, guilty, or of a throttled check.
    pub(super) fn troubled(&mut self, series: usize) -> Outcome {
        let id = self.batch.records[series];
        match self.records.standing(id) {
            Standing::Refused => Err(self.refusal(id)),
            Standing::Plain => self.alone(series),
            Standing::Alone => match self.may_run(id) {
                May::Run => self.alone(series),
                May::Wait(last) => Err(last),
                May::Probe => self.probe(series),
            },
        }
    }

    fn refusal(&self, id: RecordId) -> Unknown {
        match self.records.prepared(id) {
            Some(Err(refused)) => refused.unknown(),
            _ => Unknown::of(UnknownKind::Failed),
        }
    }

    /// A record that failed again and again waits between tries, of a throttled check from its first failure on. One
    /// that never failed runs: others' failures are not its own.
    fn may_run(&mut self, id: RecordId) -> May {
        let limits = &self.check.limits;
        let guilt = self.records.guilt(id);
        let Some(last) = guilt.last.clone().filter(|_| guilt.failed_in_row > 0) else { return May::Run };
        if self.check.is_throttled() {
            return if self.check.claim_probe(self.now) { May::Probe } else { May::Wait(last) };
        }
        if guilt.failed_in_row < limits.failures_to_throttle {
            return May::Run;
        }
        if self.now.mono < guilt.next_probe {
            return May::Wait(last);
        }
        guilt.next_probe = self.now.mono + Duration::from_millis(limits.probe_every_ms);
        May::Run
    }

    fn probe(&mut self, series: usize) -> Outcome {
        let outcome = self.alone(series);
        if outcome.as_ref().is_err_and(|unknown| is_guilt(unknown.kind)) {
            self.check.probe_failed(self.now);
        }
        outcome
    }

    /// Decides: what happens here is the series' outcome, and counts for its record and its check.
    fn alone(&mut self, series: usize) -> Outcome {
        let id = self.batch.records[series];
        match self.fresh(series) {
            Ok(outcome) => {
                self.records.behaved(id);
                self.check.behaved();
                outcome
            }
            Err(unknown) => {
                self.failed(id, &unknown);
                Err(unknown)
            }
        }
    }

    fn failed(&mut self, id: RecordId, unknown: &Unknown) {
        let limits = &self.check.limits;
        let guilt = self.records.guilt(id);
        guilt.good_left = limits.good_runs;
        guilt.failed_in_row = guilt.failed_in_row.saturating_add(1);
        if guilt.failed_in_row == limits.failures_to_throttle {
            guilt.next_probe = self.now.mono + Duration::from_millis(limits.probe_every_ms);
        }
        guilt.last = Some(unknown.clone());
        self.check.failed(unknown, self.now);
    }

    /// One series alone in a fresh instance, once more if it ran out of time.
    pub(super) fn fresh(&mut self, series: usize) -> Result<Outcome, Unknown> {
        match self.fresh_once(series) {
            Err(unknown) if unknown.kind == UnknownKind::OutOfTime => self.fresh_once(series),
            decided => decided,
        }
    }

    fn fresh_once(&mut self, series: usize) -> Result<Outcome, Unknown> {
        let id = self.batch.records[series];
        let mut instance = Instance::new(self.check)?;
        let prepared = prepare(&mut instance, 0, self.records.record(id));
        if let Err(NotPrepared::Broken(unknown)) = prepared {
            return Err(unknown);
        }
        self.records.note(id, prepared.clone());
        match prepared {
            Err(refused) => return Ok(Err(refused.unknown())),
            // Its window was gathered when the check could not yet say what it wants to see.
            Ok(prepared) if prepared.inputs.len() != self.batch.inputs(series) => {
                return Ok(Err(Unknown::of(UnknownKind::NotEnoughData)));
            }
            Ok(_) => {}
        }
        self.scratch.slots.clear();
        self.scratch.slots.push(0);
        let fuel = self.check.limits.fuel_per_series;
        let memories = memories(self.check, self.batch, series..series + 1);
        let part = self.batch.part(series..series + 1, self.scratch, &memories);
        let mut answers = instance.evaluate(part, fuel)?;
        self.warm.learn_fuel(fuel - instance.fuel_left(), 1);
        outcome(answers.pop().expect("the number of answers was checked"))
    }
}

enum May {
    Run,
    /// The one try of this minute.
    Probe,
    Wait(Unknown),
}

/// Prepares a record.
///
/// # Errors
/// It is refused, or the check broke over it.
pub(super) fn prepare(
    instance: &mut Instance,
    slot: u32,
    record: &crate::domain::RuleRecord,
) -> Result<Prepared, NotPrepared> {
    match instance.prepare(slot, record) {
        Ok(Ok(said)) => Prepared::read(&said).map_err(NotPrepared::Broken),
        Ok(Err(error)) => Err(NotPrepared::Refused(ParamError::read(error))),
        Err(unknown) => Err(NotPrepared::Broken(unknown)),
    }
}
