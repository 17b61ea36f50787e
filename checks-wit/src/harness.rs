//! Runs a check in plain `cargo test`, without Wasm, through the same batch code as in the sandbox.
//!
//! ```
//! use atalaya_check::{Level, Rule, harness};
//! # use atalaya_check::{Check, CheckError, Context, Meta, Traits, Verdict, Window};
//! # #[derive(serde::Deserialize, schemars::JsonSchema)]
//! # struct Limit { limit: f64 }
//! # impl Check for Limit {
//! #     const META: Meta = Meta { name: "limit", version: "1.0.0", title: &[("en", "Limit")], summary: &[], traits: Traits::NONE };
//! #     fn evaluate(&self, window: &Window<'_>, _: &Context<'_>) -> Result<Verdict, CheckError> {
//! #         let last = window.last().ok_or(CheckError::not_enough_data("no value"))?;
//! #         Ok(Verdict::new(if last.value > self.limit { Level::Major } else { Level::Ok }, last.value))
//! #     }
//! # }
//! let verdict = harness::run::<Limit>(r#"{"limit": 3}"#, &Rule::default(), &[1.0, 2.0, 4.0]);
//! assert_eq!(verdict.unwrap().level, Level::Major);
//! ```

use crate::explain::{Explanation, View};
use crate::model::{CheckError, Inputs, Level, Outcome, ParamError, Rule};
use crate::slots::{Batch, Slots};
use crate::window::Sample;
use crate::{Check, schema};

/// The slot that the harness prepares; 0 stays empty.
const SLOT: u32 = 1;

/// One series at one instant, as a host would see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The instant, in milliseconds since the Unix epoch.
    pub now: f64,
    /// Minute of the week at `now`.
    pub minute: u16,
    pub held: Level,
    /// Milliseconds between samples, 0: unknown.
    pub step: f64,
    pub memory: Vec<u8>,
    /// The whole history, oldest first; the harness cuts the pieces that the rule asks for.
    pub history: Vec<Sample>,
}

impl Series {
    /// `values` one `step` (ms) apart, the last at `now`; nothing held, Monday 00:00.
    pub fn ending(now: f64, step: f64, values: &[f64]) -> Self {
        let newest_first = values.iter().rev().enumerate();
        let mut history: Vec<Sample> =
            newest_first.map(|(back, &value)| Sample { time: now - back as f64 * step, value }).collect();
        history.reverse();
        Series { now, minute: 0, held: Level::Ok, step, memory: Vec::new(), history }
    }

    #[must_use]
    pub fn held(mut self, level: Level) -> Self {
        self.held = level;
        self
    }

    #[must_use]
    pub fn minute(mut self, minute: u16) -> Self {
        self.minute = minute;
        self
    }

    #[must_use]
    pub fn memory(mut self, memory: &[u8]) -> Self {
        self.memory = memory.to_vec();
        self
    }

    /// The samples with now - oldest < time <= now - newest, of more than `most` the newest.
    fn piece(&self, oldest: f64, newest: f64, most: u32) -> &[Sample] {
        let before = |limit: f64| self.history.partition_point(|s| s.time <= self.now - limit);
        let (start, end) = (before(oldest), before(newest));
        &self.history[start.max(end.saturating_sub(most as usize))..end]
    }
}

/// A prepared rule.
pub struct Harness<C> {
    slots: Slots<C>,
    inputs: Inputs,
}

impl<C: Check> Harness<C> {
    /// Prepares `params` for `rule`.
    ///
    /// # Errors
    /// What the check refuses, by field.
    pub fn new(params: &str, rule: &Rule) -> Result<Self, ParamError> {
        let mut slots = Slots::new();
        let inputs = slots.prepare(SLOT, params, rule.clone())?;
        Ok(Harness { slots, inputs })
    }

    /// What the rule asks the host for.
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// The answer for one series, as a host would get it.
    ///
    /// # Panics
    /// When the answer depends on what else is in the batch: a host quarantines such a check.
    pub fn evaluate(&self, series: &Series) -> Outcome {
        if self.samples(series) < self.inputs.fewest {
            return Err(CheckError::not_enough_data("fewer samples than asked for"));
        }
        let alone = self.batch(&[series]);
        let alone = alone.with(|batch| self.slots.evaluate(batch, |outcome| outcome));
        let company = self.batch(&[series, series, series]);
        let company = company.with(|batch| self.slots.evaluate(batch, |outcome| outcome));
        for answer in &company {
            assert!(same(answer, &alone[0]), "{answer:?} in company, {alone:?} alone");
        }
        alone.into_iter().next().unwrap_or_else(|| unreachable!("one answer per series"))
    }

    /// The same in words.
    pub fn explain(&self, series: &Series, view: &View<'_>) -> Explanation {
        self.batch(&[series]).with(|batch| self.slots.explain(batch, view))
    }

    /// Samples over all pieces.
    fn samples(&self, series: &Series) -> u32 {
        let pieces = self.inputs.pieces.iter();
        let counts = pieces.map(|p| series.piece(p.oldest, p.newest, self.inputs.most).len());
        u32::try_from(counts.sum::<usize>()).unwrap_or(u32::MAX)
    }

    fn batch(&self, all: &[&Series]) -> Columns {
        let mut columns = Columns::default();
        for series in all {
            columns.slots.push(SLOT);
            columns.nows.push(series.now);
            columns.steps.push(series.step);
            columns.held.push(series.held);
            columns.minutes.push(series.minute);
            columns.memories.push(series.memory.clone());
            for piece in &self.inputs.pieces {
                for sample in series.piece(piece.oldest, piece.newest, self.inputs.most) {
                    columns.times.push(sample.time);
                    columns.values.push(sample.value);
                }
                let end = u32::try_from(columns.times.len());
                columns.ends.push(end.unwrap_or(u32::MAX));
            }
        }
        columns
    }
}

/// A batch that owns its columns.
#[derive(Default)]
struct Columns {
    slots: Vec<u32>,
    nows: Vec<f64>,
    ends: Vec<u32>,
    times: Vec<f64>,
    values: Vec<f64>,
    steps: Vec<f64>,
    held: Vec<Level>,
    minutes: Vec<u16>,
    memories: Vec<Vec<u8>>,
}

impl Columns {
    fn with<T>(&self, f: impl FnOnce(&Batch<'_>) -> T) -> T {
        f(&Batch {
            slots: &self.slots,
            nows: &self.nows,
            ends: &self.ends,
            times: &self.times,
            values: &self.values,
            steps: &self.steps,
            held: &self.held,
            minutes: &self.minutes,
            memories: &self.memories,
        })
    }
}

/// Equal as the host's audit sees it: NaN equals NaN.
fn same(a: &Outcome, b: &Outcome) -> bool {
    match (a, b) {
        (Ok(a), Ok(b)) => {
            let values = match (a.value, b.value) {
                (Some(a), Some(b)) => a == b || (a.is_nan() && b.is_nan()),
                (a, b) => a.is_none() && b.is_none(),
            };
            values && a.level == b.level && a.memory == b.memory
        }
        (a, b) => a == b,
    }
}

/// One evaluation: `values` one interval apart, the last just now, nothing held.
///
/// # Panics
/// When the check refuses the params.
pub fn run<C: Check>(params: &str, rule: &Rule, values: &[f64]) -> Outcome {
    let harness = match Harness::<C>::new(params, rule) {
        Ok(harness) => harness,
        Err(error) => panic!("{}: {}", error.field, error.english()),
    };
    harness.evaluate(&Series::ending(1.7e12, rule.interval, values))
}

/// What is wrong with the description of a check: its schema outside the subset, its name or version not
/// as the contract wants. Empty when all is well; every check asserts that in a test.
pub fn faults<C: Check>() -> Vec<String> {
    let meta = C::META;
    let derived = schema::of::<C>();
    let mut faults = schema::outside_subset(&derived);
    let constant = C::SCHEMA.map(serde_json::from_str);
    if constant.is_some_and(|parsed| parsed.ok().as_ref() != Some(&derived)) {
        faults.push(format!("SCHEMA is not what the struct derives: {derived:#}"));
    }
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let starts = meta.name.starts_with(|c: char| c.is_ascii_lowercase());
    if !starts || meta.name.len() > 40 || !meta.name.chars().all(plain) {
        faults.push(format!("name: {:?}", meta.name));
    }
    if meta.version.split('.').count() < 3 {
        faults.push(format!("version: {:?}", meta.version));
    }
    if meta.title.is_empty() {
        faults.push("title: none".to_owned());
    }
    faults
}
