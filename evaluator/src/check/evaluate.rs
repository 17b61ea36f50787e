//! Evaluating a batch: together where that goes well, alone where it does not, and only alone decides a failure.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::clock::Now;
use crate::domain::{Outcome, Unknown, UnknownKind};

use super::batch::{Batch, Scratch};
use super::bindings::outcome;
use super::loaded::Check;
use super::prepared::NotPrepared;
use super::records::{RecordId, Records, Standing};
use super::solo::prepare;
use super::warm::Warm;

/// Series of one call: beyond this a call gets hardly cheaper per series, and a failure dearer.
pub(super) const TOGETHER: usize = 256;

/// One batch at work.
pub(super) struct Work<'a> {
    pub(super) check: &'a Arc<Check>,
    pub(super) batch: &'a Batch,
    pub(super) now: Now,
    pub(super) warm: &'a mut Warm,
    pub(super) records: &'a mut Records,
    pub(super) scratch: &'a mut Scratch,
}

/// Where a record is prepared in the warm instance.
pub(super) enum Slot {
    Ready(u32),
    /// There is a new instance, or none: the slots known so far are void.
    Lost,
    /// The record is not one to be evaluated together with others.
    Troubled,
}

impl Work<'_> {
    /// Pushes one outcome per series, in order; stops when the check is quarantined meanwhile.
    pub(super) fn run(&mut self, out: &mut Vec<Outcome>) {
        self.warm.drop_if_old(&self.check.limits);
        let mut at = 0;
        while at < self.batch.len() && !self.check.is_quarantined() {
            let end = self.stretch(at);
            if end > at {
                self.together(at..end, out);
                at = end;
            } else {
                let outcome = self.troubled(at);
                out.push(outcome);
                at += 1;
            }
        }
    }

    /// How far from `at` series can be evaluated together; their slots are in the scratch.
    fn stretch(&mut self, at: usize) -> usize {
        if self.check.is_throttled() {
            return at;
        }
        let most = self.batch.len().min(at + TOGETHER);
        'anew: loop {
            self.scratch.slots.clear();
            for series in at..most {
                let id = self.batch.records[series];
                match self.slot(id) {
                    Slot::Ready(slot) => self.scratch.slots.push(slot),
                    Slot::Lost => continue 'anew,
                    Slot::Troubled => return series,
                }
            }
            return most;
        }
    }

    fn slot(&mut self, id: RecordId) -> Slot {
        if self.records.standing(id) != Standing::Plain {
            return Slot::Troubled;
        }
        match self.warm.slot_of(id) {
            Some(slot) => Slot::Ready(slot),
            None => prepare_warm(self.check, self.warm, self.records, id),
        }
    }

    fn together(&mut self, series: Range<usize>, out: &mut Vec<Outcome>) {
        let start = out.len();
        let mut tried = self.attempt(series.clone(), out);
        let is_busy = |tried: &Result<(), Unknown>| {
            tried.as_ref().is_err_and(|unknown| unknown.kind == UnknownKind::OutOfTime)
        };
        // Out of time says that the host is busy, or the check slow: once more.
        if is_busy(&tried) && self.stretch(series.start) == series.end {
            tried = self.attempt(series.clone(), out);
        }
        match tried {
            Ok(()) => self.audit(series, &out[start..]),
            Err(_) => {
                for one in series {
                    let outcome = self.redo(one);
                    out.push(outcome);
                }
            }
        }
    }

    /// Evaluates series whose slots are in the scratch, in the warm instance. On an error nothing was pushed and the
    /// instance is gone.
    fn attempt(&mut self, series: Range<usize>, out: &mut Vec<Outcome>) -> Result<(), Unknown> {
        let start = out.len();
        let tried = self.attempt_raw(series, out);
        if tried.is_err() {
            out.truncate(start);
            self.warm.drop_instance();
        } else {
            self.check.behaved();
        }
        tried
    }

    fn attempt_raw(&mut self, series: Range<usize>, out: &mut Vec<Outcome>) -> Result<(), Unknown> {
        let fuel = self.warm.batch_fuel(series.len(), &self.check.limits);
        let memories = memories(self.check, self.batch, series.clone());
        let part = self.batch.part(series.clone(), self.scratch, &memories);
        let live = self.warm.live_or_new(self.check)?;
        let answers = live.instance.evaluate(part, fuel)?;
        live.count(series.len());
        let used = fuel - live.instance.fuel_left();
        for answer in answers {
            out.push(outcome(answer)?);
        }
        self.warm.learn_fuel(used, series.len());
        Ok(())
    }

    /// One series of a batch that failed: alone in the warm instance, and if that fails too, the fresh one decides.
    fn redo(&mut self, series: usize) -> Outcome {
        let mut alone = Vec::with_capacity(1);
        if self.slot_alone(series) && self.attempt(series..series + 1, &mut alone).is_ok() {
            self.audit(series..series + 1, &alone);
            return alone.pop().expect("a good attempt gives an outcome per series");
        }
        self.troubled(series)
    }

    fn slot_alone(&mut self, series: usize) -> bool {
        let id = self.batch.records[series];
        let slot = loop {
            match self.slot(id) {
                Slot::Ready(slot) => break slot,
                Slot::Troubled => return false,
                Slot::Lost => {}
            }
        };
        self.scratch.slots.clear();
        self.scratch.slots.push(slot);
        !self.check.is_throttled()
    }

    /// Repeats some of the series alone in fresh instances. A different answer, or none where there was one, is impure.
    fn audit(&mut self, series: Range<usize>, outcomes: &[Outcome]) {
        let rows = self.check.audits.rows(outcomes.len(), &self.check.limits);
        for row in rows {
            self.check.tally.audits.fetch_add(1, Ordering::Relaxed);
            let again = self.fresh(series.start + row);
            if let Some(words) = difference(&outcomes[row], &again) {
                self.check.found_impure(words, self.now);
                return;
            }
        }
    }
}

/// What each series keeps, if the check keeps anything.
pub(super) fn memories<'a>(check: &Check, batch: &'a Batch, series: Range<usize>) -> Vec<&'a [u8]> {
    if !check.descriptor.traits.keeps_memory {
        return Vec::new();
    }
    series.map(|one| batch.memory(one)).collect()
}

/// In words, if the second answer is another. Limits that only the second run met say nothing about purity.
fn difference(first: &Outcome, again: &Result<Outcome, Unknown>) -> Option<String> {
    let again = match again {
        Ok(again) => again,
        Err(unknown) if matches!(unknown.kind, UnknownKind::OutOfTime | UnknownKind::OutOfFuel) => {
            return None;
        }
        Err(unknown) => return Some(format!("{} at first, {unknown} when repeated alone", in_words(first))),
    };
    let same = match (first, again) {
        (Ok(one), Ok(other)) => {
            let bits = |value: Option<f64>| value.map(f64::to_bits);
            one.level == other.level && bits(one.value) == bits(other.value) && one.memory == other.memory
        }
        (Err(one), Err(other)) => one == other,
        _ => false,
    };
    (!same).then(|| format!("{} at first, {} when repeated alone", in_words(first), in_words(again)))
}

fn in_words(outcome: &Outcome) -> String {
    match outcome {
        Err(unknown) => unknown.to_string(),
        Ok(verdict) => {
            let value = verdict.value.map_or(String::new(), |value| format!(" ({value})"));
            let memory = verdict.memory.as_ref();
            let memory =
                memory.map_or(String::new(), |memory| format!(" with {} bytes of memory", memory.len()));
            format!("{}{value}{memory}", verdict.level.name())
        }
    }
}

/// Prepares a record in the warm instance. What it says is noted; what breaks there marks the record to be run alone.
pub(super) fn prepare_warm(check: &Arc<Check>, warm: &mut Warm, records: &mut Records, id: RecordId) -> Slot {
    if warm.drop_if_full(&check.limits) {
        return Slot::Lost;
    }
    let Ok(live) = warm.live_or_new(check) else {
        records.guilt(id);
        return Slot::Troubled;
    };
    let slot = live.take_slot();
    match prepare(&mut live.instance, slot, records.record(id)) {
        Ok(prepared) => {
            live.set(id, slot);
            records.note(id, Ok(prepared));
            Slot::Ready(slot)
        }
        // A fresh instance decides.
        Err(NotPrepared::Refused(_)) => {
            live.give_back(slot);
            records.guilt(id);
            Slot::Troubled
        }
        Err(NotPrepared::Broken(_)) => {
            warm.drop_instance();
            records.guilt(id);
            Slot::Lost
        }
    }
}
