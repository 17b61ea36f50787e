//! The batch: prepared rules by slot, and the columns cut into one window per series.

use crate::explain::{Explanation, View};
use crate::model::{CheckError, Input, Inputs, Level, MEMORY_LIMIT, Outcome, ParamError, Rule};
use crate::window::{Context, Window};
use crate::{Check, params};

/// Slots are small numbers; one beyond this is a fault of the host, not a reason to take memory.
const MOST_SLOTS: u32 = 1 << 20;

/// Series in columns, as `wit/v1/check.wit` describes them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Batch<'a> {
    pub slots: &'a [u32],
    pub nows: &'a [f64],
    pub ends: &'a [u32],
    pub times: &'a [f64],
    pub values: &'a [f64],
    pub steps: &'a [f64],
    pub held: &'a [Level],
    pub minutes: &'a [u16],
    pub memories: &'a [Vec<u8>],
}

impl Batch<'_> {
    /// # Panics
    /// When the columns' lengths contradict each other. A panic is a trap to the host, which treats it as a failure;
    /// reading on would give verdicts about the wrong series.
    fn check_columns(&self) {
        let series = self.slots.len();
        let rows = [self.nows.len(), self.steps.len(), self.held.len(), self.minutes.len()];
        assert!(rows == [series; 4], "columns differ in length");
        assert!(
            self.memories.is_empty() || self.memories.len() == series,
            "memories are neither none nor one per series"
        );
        assert_eq!(self.times.len(), self.values.len(), "times and values differ in length");
    }
}

/// A rule as it was prepared: its params parsed into the check's struct.
struct Prepared<C> {
    check: C,
    rule: Rule,
    inputs: usize,
}

/// The prepared rules of one instance.
pub struct Slots<C> {
    table: Vec<Option<Prepared<C>>>,
}

impl<C> Default for Slots<C> {
    fn default() -> Self {
        Slots::new()
    }
}

impl<C> Slots<C> {
    pub const fn new() -> Self {
        Slots { table: Vec::new() }
    }

    /// Forgets a slot; of an empty one nothing happens.
    pub fn release(&mut self, slot: u32) {
        if let Some(entry) = self.table.get_mut(slot as usize) {
            *entry = None;
        }
    }

    /// The rows of `batch`, each with the rule of its slot.
    ///
    /// # Panics
    /// When columns contradict each other (see [`Batch::check_columns`]).
    fn rows<'a>(&'a self, batch: &'a Batch<'a>) -> Rows<'a, C> {
        batch.check_columns();
        Rows { slots: self, batch, row: 0, end: 0, start: 0 }
    }
}

impl<C: Check> Slots<C> {
    /// Parses `params` and keeps them under `slot` with their rule. On an error the slot is empty.
    ///
    /// # Errors
    /// Names the field that does not fit.
    ///
    /// # Panics
    /// On a slot of 2^20 or more.
    pub fn prepare(&mut self, slot: u32, params: &str, rule: Rule) -> Result<Inputs, ParamError> {
        assert!(slot < MOST_SLOTS, "slots are small numbers");
        self.release(slot);
        check_rule(&rule)?;
        let check: C = params::parse(params)?;
        check.validate(&rule)?;
        let inputs = check.inputs(&rule);
        check_inputs(&inputs)?;
        let index = slot as usize;
        if self.table.len() <= index {
            self.table.resize_with(index + 1, || None);
        }
        self.table[index] = Some(Prepared { check, rule, inputs: inputs.pieces.len() });
        Ok(inputs)
    }

    /// One answer per series, in order, each put into the caller's form by `answer`.
    ///
    /// # Panics
    /// When columns contradict each other.
    pub fn evaluate<T>(&self, batch: &Batch<'_>, mut answer: impl FnMut(Outcome) -> T) -> Vec<T> {
        let mut answers = Vec::with_capacity(batch.slots.len());
        answers.extend(self.rows(batch).map(|row| answer(row.evaluate())));
        answers
    }

    /// What [`evaluate`](Self::evaluate) says of a batch of one, in words.
    ///
    /// # Panics
    /// When columns contradict each other or the batch is not of one series.
    pub fn explain(&self, batch: &Batch<'_>, view: &View<'_>) -> Explanation {
        assert_eq!(batch.slots.len(), 1, "explain is for one series");
        let mut explanations = self.rows(batch).map(|row| row.explain(view));
        let explanation = explanations.next();
        // Asking for the end checks that no column has more than the one series needs.
        assert!(explanations.next().is_none());
        explanation.unwrap_or_default()
    }
}

fn check_rule(rule: &Rule) -> Result<(), ParamError> {
    if (0.0..=100.0).contains(&rule.ok_margin) {
        return Ok(());
    }
    Err(ParamError::new(ParamError::OK_MARGIN, "must be a percentage from 0 to 100")
        .and_in("es", "debe ser un porcentaje de 0 a 100"))
}

/// A check that asks for a window that cannot be is wrong in itself; the form can only show it as a whole.
fn check_inputs(inputs: &Inputs) -> Result<(), ParamError> {
    let possible =
        |piece: &Input| piece.newest >= 0.0 && piece.oldest > piece.newest && piece.oldest.is_finite();
    if !inputs.pieces.is_empty() && inputs.pieces.iter().all(possible) && inputs.most > 0 {
        return Ok(());
    }
    Err(ParamError::new("", "the check asks for a window that cannot be")
        .and_in("es", "la comprobación pide una ventana imposible"))
}

/// Walks over a batch. At the end every stretch and every sample must have been somebody's.
struct Rows<'a, C> {
    slots: &'a Slots<C>,
    batch: &'a Batch<'a>,
    row: usize,
    /// Next entry of `ends`.
    end: usize,
    /// Where the next stretch starts.
    start: usize,
}

impl<'a, C> Iterator for Rows<'a, C> {
    type Item = Row<'a, C>;

    fn next(&mut self) -> Option<Row<'a, C>> {
        let batch = self.batch;
        let Some(&slot) = batch.slots.get(self.row) else {
            let used_up = self.end == batch.ends.len() && self.start == batch.times.len();
            assert!(used_up, "more ends or samples than the series own");
            return None;
        };
        let prepared = self.slots.table.get(slot as usize).and_then(Option::as_ref);
        let inputs = prepared.map_or(0, |prepared| prepared.inputs);
        let ends = &batch.ends[self.end..self.end + inputs];
        let row = Row {
            prepared,
            window: Window::new(self.start, ends, batch.times, batch.values),
            batch,
            index: self.row,
        };
        self.start = ends.last().map_or(self.start, |&end| end as usize);
        self.end += inputs;
        self.row += 1;
        Some(row)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.batch.slots.len() - self.row;
        (left, Some(left))
    }
}

/// One series of a batch.
struct Row<'a, C> {
    /// None: the slot is empty.
    prepared: Option<&'a Prepared<C>>,
    window: Window<'a>,
    batch: &'a Batch<'a>,
    index: usize,
}

impl<'a, C: Check> Row<'a, C> {
    fn context(&self, rule: &'a Rule) -> Context<'a> {
        let i = self.index;
        Context {
            now: self.batch.nows[i],
            held: self.batch.held[i],
            minute: self.batch.minutes[i],
            step: self.batch.steps[i],
            memory: self.batch.memories.get(i).map_or(&[], Vec::as_slice),
            rule,
        }
    }

    fn evaluate(&self) -> Outcome {
        let Some(Prepared { check, rule, .. }) = self.prepared else {
            return Err(CheckError::failed("nothing is prepared in this slot"));
        };
        let verdict = check.evaluate(&self.window, &self.context(rule))?;
        match &verdict.memory {
            Some(memory) if memory.len() > MEMORY_LIMIT => {
                Err(CheckError::failed("wants to remember more than 4 KiB"))
            }
            _ => Ok(verdict),
        }
    }

    fn explain(&self, view: &View<'_>) -> Explanation {
        let outcome = self.evaluate();
        match self.prepared {
            Some(Prepared { check, rule, .. }) => {
                check.explain(&self.window, &self.context(rule), &outcome, view)
            }
            None => Explanation::of(&outcome, "", view.language),
        }
    }
}

#[cfg(test)]
#[path = "slots_tests.rs"]
mod tests;
