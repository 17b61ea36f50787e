//! A stretch as one value, and the change between two of them.

use atalaya_check::{CheckError, Samples};
use schemars::JsonSchema;
use serde::Deserialize;

/// What the present is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    #[default]
    Before,
    Yesterday,
    LastWeek,
}

const DAY_MS: f64 = 86_400_000.0;

impl Compare {
    /// How far back the stretch lies that a window of this length (ms) is compared with, ms.
    pub fn back(self, length: f64) -> f64 {
        match self {
            Compare::Before => length,
            Compare::Yesterday => DAY_MS,
            Compare::LastWeek => 7.0 * DAY_MS,
        }
    }
}

/// How a change is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    #[default]
    Percent,
    Absolute,
}

impl Measure {
    /// A size of a change, in the unit of the values.
    pub fn size_in_values(self, size: f64, base: f64) -> f64 {
        match self {
            Measure::Absolute => size,
            Measure::Percent => base.abs() * size / 100.0,
        }
    }
}

/// The one value of a stretch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Aggregate {
    #[default]
    Mean,
    Last,
    Max,
    Min,
}

impl Aggregate {
    /// None without any value. The mean is the sum in the order of time, divided once: the same bits everywhere.
    pub fn of(self, samples: &Samples<'_>) -> Option<f64> {
        let mut values = samples.known().map(|sample| sample.value);
        match self {
            Aggregate::Last => values.next_back(),
            Aggregate::Max => values.reduce(f64::max),
            Aggregate::Min => values.reduce(f64::min),
            Aggregate::Mean => {
                let (mut sum, mut count) = (0.0, 0.0);
                for value in values {
                    sum += value;
                    count += 1.0;
                }
                (count > 0.0).then(|| sum / count)
            }
        }
    }
}

/// The present against what it is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    pub now: f64,
    pub base: f64,
    /// Positive: it rose. In percent of the base's size, or in the unit of the values. Never NaN.
    pub change: f64,
}

pub(crate) const NO_NOW: &str = "no value in the window";
pub(crate) const NO_BASE: &str = "no value to compare with";
pub(crate) const ZERO_BASE: &str = "the value to compare with is 0, of which there is no percentage";
pub(crate) const NO_DIFFERENCE: &str = "there is no difference between infinities";

impl Change {
    /// Nothing that stayed the same has changed, whatever it is a percentage of.
    ///
    /// # Errors
    /// A value is missing; or the base is 0, or infinite, so that the change has no number.
    pub fn between(now: Option<f64>, base: Option<f64>, measure: Measure) -> Result<Self, CheckError> {
        let now = now.ok_or(CheckError::not_enough_data(NO_NOW))?;
        let base = base.ok_or(CheckError::not_enough_data(NO_BASE))?;
        if now == base {
            return Ok(Change { now, base, change: 0.0 });
        }
        if measure == Measure::Percent && base == 0.0 {
            return Err(CheckError::not_enough_data(ZERO_BASE));
        }
        let difference = now - base;
        let change = match measure {
            Measure::Absolute => difference,
            Measure::Percent => difference / base.abs() * 100.0,
        };
        if change.is_nan() {
            return Err(CheckError::not_enough_data(NO_DIFFERENCE));
        }
        Ok(Change { now, base, change })
    }
}
