//! The windows of one cycle, as columns, one batch per check.

use std::sync::Arc;

use crate::check::{Batch, Check, RecordId, Runner};
use crate::clock::Now;
use crate::domain::{Evaluated, Level, Millis, Outcome, Unknown, UnknownKind};
use crate::source::Windows;

use super::roster::{Watched, Watching};
use super::{Due, Pipeline};

/// One evaluation of this cycle: which series of which rule, and what its check is told besides the samples.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub place: u32,
    pub series: u32,
    /// When it is decided: the scheduled instant.
    pub at: Millis,
    /// Where its windows end, Unix ms.
    pub now: f64,
    pub step: f64,
    pub held: Level,
    pub minute: u16,
}

/// One check's batch and its answers; kept from cycle to cycle for its memory.
#[derive(Default)]
pub struct Round {
    pub rows: Vec<Row>,
    pub batch: Batch,
    pub outcomes: Vec<Outcome>,
}

/// What is answered without asking a check: too few samples, or no check to ask.
#[derive(Debug)]
pub struct Unjudged {
    pub row: Row,
    pub times: Vec<f64>,
    pub values: Vec<f64>,
    pub ends: Vec<u32>,
    pub outcome: Outcome,
}

impl Round {
    fn clear(&mut self) {
        self.rows.clear();
        self.batch.clear();
        self.outcomes.clear();
    }

    pub fn judge(&mut self, runner: &mut Runner, check: &Arc<Check>, now: Now) {
        if !self.rows.is_empty() && runner.evaluate(check, &self.batch, now, &mut self.outcomes).is_err() {
            // Put into quarantine just now: nothing was answered, and its rules keep what they hold.
            self.rows.clear();
        }
    }

    fn add(&mut self, row: Row, record: RecordId, watched: &Watched, windows: &mut dyn Windows) {
        let series = &watched.series[row.series as usize];
        self.batch.begin(record, row.now, row.step, row.held, row.minute, series.memory.as_deref());
        let before = self.batch.columns().0.len();
        for input in watched.inputs.iter() {
            if let Some(id) = series.id {
                let (times, values) = self.batch.columns();
                windows.read(id, row.now - input.oldest, row.now - input.newest, times, values);
            }
            self.batch.end_input();
        }
        // Empty buckets count, as the contract has it: what they mean is for the check to say.
        if self.batch.columns().0.len() - before >= watched.fewest as usize {
            self.batch.finish_series();
            self.rows.push(row);
        } else {
            self.batch.abandon_series();
        }
    }
}

impl Pipeline {
    /// Lays out the windows of what is due, a batch for each check.
    pub(super) fn fill_windows(&mut self, due: &[Due]) {
        self.rounds.resize_with(self.checks.len(), Round::default);
        self.rounds.iter_mut().for_each(Round::clear);
        self.unjudged.clear();
        let shared = self.shared.clone();
        let mut roster = shared.roster();
        let source = self.source.clone();
        for due in due.iter().filter(|due| !due.is_complete) {
            // Out of its place while it looks for its series: those may come from the roster's sleepers.
            let Some(mut watched) = roster.lift(due.place) else { continue };
            self.find_series_of(&mut roster, &mut watched);
            roster.lower(due.place, watched);
        }
        let mut windows = source.windows();
        for due in due {
            if let Some(watched) = roster.at_mut(due.place) {
                self.fill_rule(watched, *due, &mut *windows);
            }
        }
    }

    pub(super) fn fill_rule(&mut self, watched: &mut Watched, due: Due, windows: &mut dyn Windows) {
        watched.checked_at = Some(due.scheduled);
        // While a check is quarantined its rules keep what they hold: the check's own alarm speaks for them.
        if watched.check.is_some_and(|check| self.checks[check].quarantined().is_some()) {
            return;
        }
        let minute = self.zones.minute_of_week(watched.zone, due.instant);
        for place in 0..watched.series.len() {
            let row = row(&watched.series[place], place, due, minute, windows);
            if row.step > 0.0 {
                watched.series[place].step_ms = row.step;
            }
            let judged = match (&watched.trouble, watched.check, watched.record) {
                (None, Some(check), Some(record)) => self.fill_judged(check, record, row, watched, windows),
                _ => false,
            };
            if judged {
                watched.series[place].gone = false;
            } else {
                self.fill_unjudged(row, watched, windows);
            }
        }
    }

    /// Whether it went into its check's batch.
    fn fill_judged(
        &mut self,
        check: usize,
        record: RecordId,
        row: Row,
        watched: &Watched,
        windows: &mut dyn Windows,
    ) -> bool {
        let series = &watched.series[row.series as usize];
        if series.gone && !has_samples(row, watched, windows) {
            return false;
        }
        let round = &mut self.rounds[check];
        let before = round.rows.len();
        round.add(row, record, watched, windows);
        round.rows.len() > before
    }

    fn fill_unjudged(&mut self, row: Row, watched: &Watched, windows: &mut dyn Windows) {
        if watched.series[row.series as usize].gone {
            return;
        }
        let (times, values, ends) = read(row, watched, windows);
        let answer = watched.trouble.clone().unwrap_or_else(|| Unknown::of(UnknownKind::NotEnoughData));
        self.unjudged.push(Unjudged { row, times, values, ends, outcome: Err(answer) });
    }
}

pub fn row(series: &Watching, place: usize, due: Due, minute: u16, windows: &mut dyn Windows) -> Row {
    Row {
        place: due.place,
        series: place as u32,
        at: due.scheduled,
        now: due.instant.as_f64(),
        step: series.id.map_or(0.0, |id| windows.step(id)),
        held: series.state.held,
        minute,
    }
}

fn has_samples(row: Row, watched: &Watched, windows: &mut dyn Windows) -> bool {
    let (_, values, _) = read(row, watched, windows);
    values.iter().any(|value| !value.is_nan())
}

fn read(row: Row, watched: &Watched, windows: &mut dyn Windows) -> (Vec<f64>, Vec<f64>, Vec<u32>) {
    let (mut times, mut values, mut ends) = (Vec::new(), Vec::new(), Vec::new());
    for input in watched.inputs.iter() {
        if let Some(id) = watched.series[row.series as usize].id {
            windows.read(id, row.now - input.oldest, row.now - input.newest, &mut times, &mut values);
        }
        ends.push(times.len() as u32);
    }
    (times, values, ends)
}

/// What one evaluation saw and got.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    pub row: &'a Row,
    pub times: &'a [f64],
    pub values: &'a [f64],
    pub outcome: &'a Outcome,
    ends: Ends<'a>,
}

#[derive(Clone, Copy)]
enum Ends<'a> {
    Of(&'a Batch, usize),
    Are(&'a [u32]),
}

impl Round {
    pub fn seen(&self) -> impl Iterator<Item = Seen<'_>> {
        self.rows.iter().zip(&self.outcomes).enumerate().map(|(at, (row, outcome))| {
            let (times, values, _) = self.batch.samples(at);
            Seen { row, times, values, outcome, ends: Ends::Of(&self.batch, at) }
        })
    }
}

impl Unjudged {
    pub fn seen(&self) -> Seen<'_> {
        let Unjudged { row, times, values, ends, outcome } = self;
        Seen { row, times, values, outcome, ends: Ends::Are(ends) }
    }
}

impl Seen<'_> {
    /// The time of the newest sample that is not an empty bucket, in whichever piece of history it is.
    pub fn newest(&self) -> Option<f64> {
        let samples = self.times.iter().zip(self.values).rev();
        let mut known = samples.filter(|(_, value)| !value.is_nan()).map(|(time, _)| *time);
        if self.is_one_piece() { known.next() } else { known.reduce(f64::max) }
    }

    fn is_one_piece(&self) -> bool {
        match self.ends {
            Ends::Of(batch, at) => batch.samples(at).2.nth(1).is_none(),
            Ends::Are(ends) => ends.len() <= 1,
        }
    }

    fn ends(&self) -> Vec<u32> {
        match self.ends {
            Ends::Of(batch, at) => batch.samples(at).2.collect(),
            Ends::Are(ends) => ends.to_vec(),
        }
    }

    /// As evidence keeps it.
    pub fn evaluated(&self) -> Evaluated {
        Evaluated {
            now: self.row.now,
            held: self.row.held,
            minute: self.row.minute,
            step: self.row.step,
            outcome: self.outcome.clone(),
            times: self.times.to_vec(),
            values: self.values.to_vec(),
            ends: self.ends(),
        }
    }
}

/// A batch that holds this evaluation and nothing else.
pub fn batch_of(evaluated: &Evaluated, record: RecordId, memory: Option<&[u8]>) -> Batch {
    let mut batch = Batch::default();
    batch.begin(record, evaluated.now, evaluated.step, evaluated.held, evaluated.minute, memory);
    let mut start = 0;
    for end in &evaluated.ends {
        let samples = start..*end as usize;
        batch.extend(&evaluated.times[samples.clone()], &evaluated.values[samples.clone()]);
        batch.end_input();
        start = samples.end;
    }
    batch.finish_series();
    batch
}
