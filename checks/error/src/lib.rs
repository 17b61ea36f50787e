//! The built-in check of errors: samples that are missing, or none for a while.
//!
//! Params, in JSON: `{"measure": "missing", "window": 15, "warning": 10, "critical": 50}` in percent of the samples that
//! should be there; `{"measure": "silence", "major": 10, "critical": 30}` in minutes since the last sample. An empty
//! bucket is no sample. A series that was never seen is not missed: the host does not ask about it.

mod missing;
mod words;

use atalaya_check::{
    Check, CheckError, Context, Direction, Explanation, Inputs, Levels, Meta, Outcome, ParamError, Rule,
    Traits, Verdict, View, Window,
};
use schemars::JsonSchema;
use serde::Deserialize;

pub use missing::{Expected, StepFrom, missed};

const MINUTE_MS: f64 = 60_000.0;

/// Longest window and longest silence, minutes: a day, a week.
const LONGEST_WINDOW: u32 = 1_440;
const LONGEST_SILENCE: f64 = 10_080.0;

/// How far back it looks, in windows. A host counts nothing until it has been there for so long.
const REACH: f64 = 1.5;

/// Most samples per piece: a day of one a second.
const MOST_SAMPLES: u32 = 100_000;

/// What is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// The share of samples that are missing, percent.
    #[default]
    Missing,
    /// The time since the last sample, minutes.
    Silence,
}

impl Measure {
    fn unit(self) -> &'static str {
        match self {
            Measure::Missing => "%",
            Measure::Silence => "min",
        }
    }
}

/// The params.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Missing {
    #[serde(default)]
    #[schemars(extend(
        "default" = "missing",
        "x-order" = 1,
        "x-title" = {"es": "Avisa según", "en": "Alarm by"},
        "x-enum-titles" = {
            "missing": {"es": "las muestras que faltan (%)", "en": "the samples that are missing (%)"},
            "silence": {"es": "el tiempo sin muestras (min)", "en": "the time without samples (min)"}
        }
    ))]
    pub measure: Measure,
    #[serde(default = "quarter_of_an_hour")]
    #[schemars(
        range(min = 1, max = 1440),
        extend(
            "x-order" = 2,
            "x-unit" = "min",
            "x-show-if" = {"measure": ["missing"]},
            "x-title" = {"es": "Ventana", "en": "Window"},
            "x-help" = {
                "es": "Se cuentan las muestras que faltan en estos últimos minutos.",
                "en": "Samples are missed that are not there in these last minutes."
            }
        )
    )]
    pub window: u32,
    #[schemars(
        range(min = 1, max = 86400),
        extend(
            "x-order" = 3,
            "x-unit" = "s",
            "x-show-if" = {"measure": ["missing"]},
            "x-title" = {"es": "Una muestra cada", "en": "A sample every"},
            "x-help" = {
                "es": "En segundos. Vacío: lo que diga la fuente o, si no lo sabe, lo que se ve en la serie.",
                "en": "In seconds. Empty: what the source says or, if it does not know, what the series shows."
            }
        )
    )]
    pub step: Option<f64>,
    #[schemars(
        range(min = 0),
        extend(
            "x-order" = 4,
            "x-title" = {"es": "Warning", "en": "Warning"},
            "x-help" = {"es": "Avisa con más de este valor.", "en": "Alarms above this value."}
        )
    )]
    pub warning: Option<f64>,
    #[schemars(range(min = 0), extend("x-order" = 5, "x-title" = {"es": "Mayor", "en": "Major"}))]
    pub major: Option<f64>,
    #[schemars(range(min = 0), extend("x-order" = 6, "x-title" = {"es": "Crítica", "en": "Critical"}))]
    pub critical: Option<f64>,
}

fn quarter_of_an_hour() -> u32 {
    15
}

/// What was found, in the measure's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Percent of samples missing, or minutes since the last one.
    pub value: f64,
    /// Nothing was there to measure from: `value` is the least that it can be.
    pub at_least: bool,
}

pub(crate) const SHORT_WINDOW: &str = "the window is shorter than the time between two samples";

impl Missing {
    fn levels(&self) -> Levels<f64> {
        Levels { warning: self.warning, major: self.major, critical: self.critical }
    }

    /// The window's length, ms. A silence is seen a little beyond its highest level.
    fn length(&self, interval: f64) -> f64 {
        match self.measure {
            Measure::Missing => f64::from(self.window) * MINUTE_MS,
            Measure::Silence => {
                let highest = self.levels().set().next_back().map_or(0.0, |(_, minutes)| minutes);
                highest * MINUTE_MS + interval
            }
        }
    }

    /// # Errors
    /// The window is empty and may well be: samples come less often than it is long.
    fn find(&self, window: &Window<'_>, context: &Context<'_>) -> Result<Found, CheckError> {
        match self.measure {
            Measure::Missing => self.share(window, context),
            Measure::Silence => Ok(self.silence(window, context)),
        }
    }

    fn share(&self, window: &Window<'_>, context: &Context<'_>) -> Result<Found, CheckError> {
        let expected = Expected::of(self, window, context);
        if window.last().is_none() {
            return match expected.step > expected.length {
                true => Err(CheckError::not_enough_data(SHORT_WINDOW)),
                false => Ok(Found { value: 100.0, at_least: false }),
            };
        }
        Ok(Found { value: expected.share_missing(&window.samples(), context.now), at_least: false })
    }

    fn silence(&self, window: &Window<'_>, context: &Context<'_>) -> Found {
        let pieces = (0..window.inputs()).filter_map(|piece| window.input(piece).last());
        match pieces.map(|sample| sample.time).reduce(f64::max) {
            Some(last) => Found { value: (context.now - last) / MINUTE_MS, at_least: false },
            None => Found { value: REACH * self.length(context.rule.interval) / MINUTE_MS, at_least: true },
        }
    }
}

impl Check for Missing {
    const META: Meta = Meta {
        name: "error",
        version: env!("CARGO_PKG_VERSION"),
        title: &[("es", "Error"), ("en", "Error")],
        summary: &[
            ("es", "Avisa cuando faltan muestras, o cuando hace tiempo que no llega ninguna."),
            ("en", "Alarms when samples are missing, or when none has come for a while."),
        ],
        traits: Traits { uses_held: true, uses_minute: false, keeps_memory: false },
    };

    const SCHEMA: Option<&'static str> = Some(include_str!("../schema.json"));

    fn validate(&self, rule: &Rule) -> Result<(), ParamError> {
        self.levels().check_rising(rule)?;
        if let Some((level, value)) = self.levels().set().next_back() {
            words::reachable(self.measure, level, value)?;
        }
        if !(1..=LONGEST_WINDOW).contains(&self.window) {
            return Err(ParamError::new("window", "must be from 1 to 1440 minutes")
                .and_in("es", "debe ser de 1 a 1440 minutos"));
        }
        if self.step.is_some_and(|step| !(1.0..=86_400.0).contains(&step)) {
            return Err(ParamError::new("step", "must be from 1 to 86400 seconds")
                .and_in("es", "debe ser de 1 a 86400 segundos"));
        }
        Ok(())
    }

    /// The window, and half as much before it: to know whether the series was there at all. Asked even when all of it is empty.
    fn inputs(&self, rule: &Rule) -> Inputs {
        let length = self.length(rule.interval);
        let inputs = Inputs::last(length).and(REACH * length, length).fewest(0).most(MOST_SAMPLES);
        inputs.unit(self.measure.unit())
    }

    fn evaluate(&self, window: &Window<'_>, context: &Context<'_>) -> Outcome {
        let found = self.find(window, context)?.value;
        let margin = context.rule.ok_margin;
        let level = self.levels().level(Direction::Above, found, context.held, margin);
        Ok(Verdict::new(level, found))
    }

    fn explain(
        &self,
        window: &Window<'_>,
        context: &Context<'_>,
        outcome: &Outcome,
        view: &View<'_>,
    ) -> Explanation {
        Explanation {
            message: words::message(self, window, context, outcome, view.language),
            details: words::details(self, window, context, view.language),
            // What is judged is not on the chart's axis.
            lines: Vec::new(),
        }
    }
}

atalaya_check::export!(Missing);

#[cfg(test)]
mod tests;
