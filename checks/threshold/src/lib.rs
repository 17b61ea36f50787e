//! The built-in check: a value above or below its thresholds, or inside or outside a range.
//!
//! Params, in JSON: `{"direction": "above", "warning": 70, "major": 80, "critical": 90}`; for ranges two numbers a
//! level: `{"direction": "outside", "warning": [10, 90], "critical": [5, 95]}`. Levels may be left out, at least one is there.
//! A value that equals a threshold is on its OK side, for ranges on both bounds.

mod bound;
mod hours;
mod validate;
mod words;

pub use bound::{Bound, Side};
pub use hours::{Day, OtherLevels, TimeOfDay};

use atalaya_check::{
    Check, CheckError, Context, Explanation, Inputs, Level, Levels, Meta, Outcome, ParamError, Rule, Traits,
    Verdict, View, Window,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// Most intervals that a rule may look back.
const MOST_INTERVALS: u32 = 1_000;

/// Most samples per window: more than enough to find a value behind a row of empty buckets.
const MOST_SAMPLES: u32 = 256;

/// The params.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    #[schemars(extend(
        "default" = "above",
        "x-order" = 1,
        "x-title" = {"es": "Avisa cuando el valor está", "en": "Alarm when the value is"},
        "x-enum-titles" = {
            "above": {"es": "por encima", "en": "above"},
            "below": {"es": "por debajo", "en": "below"},
            "inside": {"es": "dentro de un rango", "en": "inside a range"},
            "outside": {"es": "fuera de un rango", "en": "outside a range"}
        }
    ))]
    pub direction: Side,
    #[schemars(extend("x-order" = 2, "x-unit" = "value", "x-title" = {"es": "Warning", "en": "Warning"}))]
    pub warning: Option<Bound>,
    #[schemars(extend("x-order" = 3, "x-unit" = "value", "x-title" = {"es": "Mayor", "en": "Major"}))]
    pub major: Option<Bound>,
    #[schemars(extend("x-order" = 4, "x-unit" = "value", "x-title" = {"es": "Crítica", "en": "Critical"}))]
    pub critical: Option<Bound>,
    /// The first that fits the time of day replaces the three levels above.
    #[serde(default)]
    #[schemars(
        length(max = 50),
        extend(
            "x-order" = 5,
            "x-title" = {"es": "Otros umbrales según la hora", "en": "Other levels by time of day"},
            "x-help" = {
                "es": "En ese horario sustituyen a los umbrales de arriba. Si coinciden varios, vale el primero.",
                "en": "During these hours they replace the levels above. Where several fit, the first counts."
            }
        )
    )]
    pub other_levels: Vec<OtherLevels>,
    /// Intervals that the newest value may be old.
    #[serde(default = "three_intervals")]
    #[schemars(
        range(min = 1, max = 1000),
        extend(
            "x-order" = 6,
            "x-unit" = "intervals",
            "x-title" = {"es": "Antigüedad máxima de la muestra", "en": "Oldest sample that counts"},
            "x-help" = {
                "es": "En intervalos de comprobación. Se juzga la muestra más reciente que tenga valor.",
                "en": "In check intervals. The newest sample that has a value is judged."
            }
        )
    )]
    pub look_back: u32,
}

fn three_intervals() -> u32 {
    3
}

impl Threshold {
    /// The levels that hold at a minute of the week, 0 (Monday 00:00) to 10079.
    pub fn levels_at(&self, minute: u16) -> Levels<Bound> {
        self.in_force(minute).map_or_else(|| self.usual_levels(), OtherLevels::levels)
    }

    /// The entry of `other_levels` that holds at a minute of the week, if any.
    fn in_force(&self, minute: u16) -> Option<&OtherLevels> {
        self.other_levels.iter().find(|other| other.holds_at(minute))
    }

    fn usual_levels(&self) -> Levels<Bound> {
        Levels { warning: self.warning, major: self.major, critical: self.critical }
    }

    /// The level of a value, with the margin (percent) for levels at or below the held one.
    pub fn level(&self, value: f64, minute: u16, held: Level, margin: f64) -> Level {
        let passes = |bound: Bound, margin| bound.passes(self.direction, value, margin);
        self.levels_at(minute).reached(held, margin, passes)
    }
}

impl Check for Threshold {
    const META: Meta = Meta {
        name: "threshold",
        version: env!("CARGO_PKG_VERSION"),
        title: &[("es", "Umbral"), ("en", "Threshold")],
        summary: &[
            ("es", "Avisa cuando el último valor pasa de un umbral, o entra o sale de un rango."),
            ("en", "Alarms when the last value passes a threshold, or enters or leaves a range."),
        ],
        traits: Traits { uses_held: true, uses_minute: true, keeps_memory: false },
    };

    const SCHEMA: Option<&'static str> = Some(include_str!("../schema.json"));

    fn validate(&self, rule: &Rule) -> Result<(), ParamError> {
        validate::all(self, rule)
    }

    fn inputs(&self, rule: &Rule) -> Inputs {
        Inputs::last(f64::from(self.look_back) * rule.interval).most(MOST_SAMPLES.max(self.look_back))
    }

    fn evaluate(&self, window: &Window<'_>, context: &Context<'_>) -> Outcome {
        let Some(last) = window.last() else {
            return Err(CheckError::not_enough_data("no sample has a value"));
        };
        let margin = context.rule.ok_margin;
        let level = self.level(last.value, context.minute, context.held, margin);
        Ok(Verdict::new(level, last.value))
    }

    fn explain(
        &self,
        window: &Window<'_>,
        context: &Context<'_>,
        outcome: &Outcome,
        view: &View<'_>,
    ) -> Explanation {
        Explanation {
            message: words::message(self, context, outcome, view.language),
            details: words::details(self, window, context, view.language),
            lines: hours::lines(self, context, view.draw),
        }
    }
}

atalaya_check::export!(Threshold);

#[cfg(test)]
mod tests;
