//! The built-in check of changes: a value that rises or falls against the stretch before, or against the same time
//! yesterday or last week.
//!
//! Params, in JSON: `{"direction": "falling", "compare": "last_week", "measure": "percent", "window": 15, "critical": 50}`.
//! Levels are sizes of the change, whichever way it goes. "The same time" is counted in elapsed time: on the day clocks
//! are set it is an hour off.

mod change;
mod words;

use atalaya_check::{
    Check, CheckError, Context, Direction, Explanation, Inputs, Level, Levels, Line, Meta, Outcome,
    ParamError, Rule, Span, Traits, Verdict, View, Window,
};
use schemars::JsonSchema;
use serde::Deserialize;

pub use change::{Aggregate, Change, Compare, Measure};

const MINUTE_MS: f64 = 60_000.0;

/// Longest window, minutes.
const LONGEST: u32 = 1_440;

/// Most samples per piece: a day of one a second.
const MOST_SAMPLES: u32 = 100_000;

/// Which way is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    Rising,
    Falling,
    Both,
}

/// The params.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trend {
    #[schemars(extend(
        "default" = "rising",
        "x-order" = 1,
        "x-title" = {"es": "Avisa cuando el valor", "en": "Alarm when the value"},
        "x-enum-titles" = {
            "rising": {"es": "sube", "en": "rises"},
            "falling": {"es": "baja", "en": "falls"},
            "both": {"es": "sube o baja", "en": "rises or falls"}
        }
    ))]
    pub direction: Way,
    #[serde(default)]
    #[schemars(extend(
        "default" = "before",
        "x-order" = 2,
        "x-title" = {"es": "Se compara con", "en": "Compared with"},
        "x-help" = {
            "es": "El día del cambio de hora, «la misma hora» es una hora antes o después.",
            "en": "On the day clocks change, “the same time” is an hour early or late."
        },
        "x-enum-titles" = {
            "before": {"es": "la ventana anterior", "en": "the window before"},
            "yesterday": {"es": "ayer a la misma hora", "en": "the same time yesterday"},
            "last_week": {"es": "hace una semana a la misma hora", "en": "the same time a week ago"}
        }
    ))]
    pub compare: Compare,
    #[serde(default = "quarter_of_an_hour")]
    #[schemars(
        range(min = 1, max = 1440),
        extend(
            "x-order" = 3,
            "x-unit" = "min",
            "x-title" = {"es": "Ventana", "en": "Window"},
            "x-help" = {
                "es": "Minutos de muestras que se resumen en un valor, ahora y en el momento con el que se compara.",
                "en": "Minutes of samples that become one value, now and then."
            }
        )
    )]
    pub window: u32,
    #[serde(default)]
    #[schemars(extend(
        "default" = "mean",
        "x-order" = 4,
        "x-title" = {"es": "Valor de cada ventana", "en": "Value of each window"},
        "x-enum-titles" = {
            "mean": {"es": "la media", "en": "the mean"},
            "last": {"es": "el último", "en": "the last"},
            "max": {"es": "el máximo", "en": "the highest"},
            "min": {"es": "el mínimo", "en": "the lowest"}
        }
    ))]
    pub aggregate: Aggregate,
    #[serde(default)]
    #[schemars(extend(
        "default" = "percent",
        "x-order" = 5,
        "x-title" = {"es": "El cambio se mide", "en": "The change is measured"},
        "x-help" = {
            "es": "En tanto por ciento no hay respuesta si el valor con el que se compara es 0.",
            "en": "In percent there is no answer while the value compared with is 0."
        },
        "x-enum-titles" = {
            "percent": {"es": "en %", "en": "in %"},
            "absolute": {"es": "en la unidad del valor", "en": "in the unit of the value"}
        }
    ))]
    pub measure: Measure,
    #[schemars(
        range(min = 0),
        extend(
            "x-order" = 6,
            "x-title" = {"es": "Warning", "en": "Warning"},
            "x-help" = {"es": "Tamaño del cambio: 30 es «cambia más de 30».", "en": "Size of the change: 30 means “changes by more than 30”."}
        )
    )]
    pub warning: Option<f64>,
    #[schemars(range(min = 0), extend("x-order" = 7, "x-title" = {"es": "Mayor", "en": "Major"}))]
    pub major: Option<f64>,
    #[schemars(range(min = 0), extend("x-order" = 8, "x-title" = {"es": "Crítica", "en": "Critical"}))]
    pub critical: Option<f64>,
}

fn quarter_of_an_hour() -> u32 {
    15
}

impl Trend {
    fn levels(&self) -> Levels<f64> {
        Levels { warning: self.warning, major: self.major, critical: self.critical }
    }

    /// The window's length, ms.
    fn length(&self) -> f64 {
        f64::from(self.window) * MINUTE_MS
    }

    /// How far back the compared stretch lies, ms.
    fn back(&self) -> f64 {
        self.compare.back(self.length())
    }

    /// How much of a change counts: rises for rising, falls for falling. At or below 0 it is none.
    fn size(&self, change: f64) -> f64 {
        match self.direction {
            Way::Rising => change,
            Way::Falling => -change,
            Way::Both => change.abs(),
        }
    }

    /// The level of a change, with the margin (percent) for levels at or below the held one.
    pub fn level(&self, change: f64, held: Level, margin: f64) -> Level {
        self.levels().level(Direction::Above, self.size(change), held, margin)
    }

    /// What the window holds now and then, and the change between.
    ///
    /// # Errors
    /// A stretch has no value, or the change cannot be told.
    fn change(&self, window: &Window<'_>) -> Result<Change, CheckError> {
        let now = self.aggregate.of(&window.input(0));
        let base = self.aggregate.of(&window.input(1));
        Change::between(now, base, self.measure)
    }

    /// The values at which each level begins now, over the stretch that is judged, as far as the chart shows it.
    fn lines(&self, window: &Window<'_>, now: f64, draw: Span) -> Vec<Line> {
        let Ok(Change { base, .. }) = self.change(window) else { return Vec::new() };
        let span = Span { start: draw.start.max(now - self.length()), end: draw.end.min(now) };
        if span.start > span.end {
            return Vec::new();
        }
        let sides = match self.direction {
            Way::Rising => &[Direction::Above][..],
            Way::Falling => &[Direction::Below],
            Way::Both => &[Direction::Below, Direction::Above],
        };
        let line = |level, size: f64, direction| {
            let by = self.measure.size_in_values(size, base);
            let value = if direction == Direction::Above { base + by } else { base - by };
            Line { level, value, direction, span }
        };
        let all = self.levels();
        let lines =
            all.set().flat_map(|(level, size)| sides.iter().map(move |side| line(level, size, *side)));
        lines.filter(|line| line.value.is_finite()).collect()
    }
}

impl Check for Trend {
    const META: Meta = Meta {
        name: "trend",
        version: env!("CARGO_PKG_VERSION"),
        title: &[("es", "Tendencia"), ("en", "Trend")],
        summary: &[
            (
                "es",
                "Avisa cuando el valor sube o baja respecto a la ventana anterior, a ayer o a la semana pasada.",
            ),
            ("en", "Alarms when the value rises or falls against the window before, yesterday or last week."),
        ],
        traits: Traits { uses_held: true, uses_minute: false, keeps_memory: false },
    };

    const SCHEMA: Option<&'static str> = Some(include_str!("../schema.json"));

    fn validate(&self, rule: &Rule) -> Result<(), ParamError> {
        if !(1..=LONGEST).contains(&self.window) {
            return Err(ParamError::new("window", "must be from 1 to 1440 minutes")
                .and_in("es", "debe ser de 1 a 1440 minutos"));
        }
        self.levels().check_rising(rule)
    }

    /// Two short pieces, however far apart. At least a sample in each makes sense.
    fn inputs(&self, _rule: &Rule) -> Inputs {
        let (length, back) = (self.length(), self.back());
        let inputs = Inputs::last(length).and(back + length, back).fewest(2).most(MOST_SAMPLES);
        match self.measure {
            Measure::Percent => inputs.unit("%"),
            Measure::Absolute => inputs,
        }
    }

    fn evaluate(&self, window: &Window<'_>, context: &Context<'_>) -> Outcome {
        let change = self.change(window)?.change;
        Ok(Verdict::new(self.level(change, context.held, context.rule.ok_margin), change))
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
            lines: self.lines(window, context.now, view.draw),
        }
    }
}

atalaya_check::export!(Trend);

#[cfg(test)]
mod tests;
