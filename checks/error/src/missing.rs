//! How many samples should be there, and how many are not.

use atalaya_check::{Context, Samples, Window};

use crate::{MOST_SAMPLES, Missing};

/// Samples that did not come between two that did (or an edge of the window), this many steps apart. Half a step early
/// or late is in time: samples have no beat, and the newest may be on its way.
pub fn missed(steps: f64) -> f64 {
    (steps - 0.5).floor().max(0.0)
}

/// Where the step is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepFrom {
    Params,
    Source,
    /// The usual distance of the samples that are there.
    Series,
    /// Nobody knows: one sample for each time it is checked.
    Interval,
}

/// What should be there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// Ms between samples, above 0.
    pub step: f64,
    pub from: StepFrom,
    /// The stretch up to now that is judged, ms: of a series that was not there before the window only what it has been.
    pub length: f64,
    /// Whether the stretch begins with a sample.
    is_new: bool,
}

impl Expected {
    pub(crate) fn of(check: &Missing, window: &Window<'_>, context: &Context<'_>) -> Self {
        let samples = window.samples();
        let (step, from) = step(check, &samples, context);
        let length = check.length(context.rule.interval);
        // A window that is cut off tells nothing of what was before.
        let is_cut = samples.len() >= MOST_SAMPLES as usize;
        let is_new = is_cut || window.input(1).last().is_none();
        match samples.known().next() {
            Some(first) if is_new => Expected { step, from, length: context.now - first.time, is_new },
            _ => Expected { step, from, length, is_new: false },
        }
    }

    /// How many samples should be in the stretch, at least 1.
    pub fn count(&self) -> f64 {
        let first = if self.is_new { 1.0 } else { 0.0 };
        ((self.length / self.step).round() + first).max(1.0)
    }

    /// Percent of them that are not among `samples`, of which one is known at least.
    pub fn share_missing(&self, samples: &Samples<'_>, now: f64) -> f64 {
        let mut before = now - self.length;
        let mut missing = 0.0;
        for sample in samples.known() {
            missing += missed((sample.time - before) / self.step);
            before = sample.time;
        }
        missing += missed((now - before) / self.step);
        (missing / self.count() * 100.0).min(100.0)
    }
}

fn step(check: &Missing, samples: &Samples<'_>, context: &Context<'_>) -> (f64, StepFrom) {
    if let Some(seconds) = check.step {
        return (seconds * 1_000.0, StepFrom::Params);
    }
    if context.step > 0.0 {
        return (context.step, StepFrom::Source);
    }
    match median_gap(samples) {
        Some(gap) => (gap, StepFrom::Series),
        None => (context.rule.interval, StepFrom::Interval),
    }
}

/// The distance that half of the samples have at most; none of fewer than three samples.
fn median_gap(samples: &Samples<'_>) -> Option<f64> {
    let after = samples.known().skip(1);
    let mut gaps: Vec<f64> = samples.known().zip(after).map(|(a, b)| b.time - a.time).collect();
    if gaps.len() < 2 {
        return None;
    }
    let middle = (gaps.len() - 1) / 2;
    let (_, gap, _) = gaps.select_nth_unstable_by(middle, f64::total_cmp);
    Some(*gap).filter(|gap| *gap > 0.0)
}
