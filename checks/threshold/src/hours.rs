//! Other levels by time of day: when they hold, and the lines they make on a chart.

use std::fmt;

use atalaya_check::{Context, Levels, Line, Span};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

use crate::{Bound, Threshold};

const DAY: u16 = 24 * 60;
const WEEK: u16 = 7 * DAY;
const MINUTE_MS: f64 = 60_000.0;

/// Levels that hold on some days from one time of day to another, in the rule's time zone.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherLevels {
    /// The days on which the stretch starts; all of them when left out.
    #[schemars(extend("x-order" = 1, "x-title" = {"es": "Días", "en": "Days"}))]
    pub days: Option<Vec<Day>>,
    /// Included.
    #[schemars(extend("x-order" = 2, "x-title" = {"es": "Desde", "en": "From"}))]
    pub from: TimeOfDay,
    /// Not included. At or before `from` it is of the next day.
    #[schemars(extend("x-order" = 3, "x-title" = {"es": "Hasta", "en": "To"}))]
    pub to: TimeOfDay,
    #[schemars(extend("x-order" = 4, "x-unit" = "value", "x-title" = {"es": "Warning", "en": "Warning"}))]
    pub warning: Option<Bound>,
    #[schemars(extend("x-order" = 5, "x-unit" = "value", "x-title" = {"es": "Mayor", "en": "Major"}))]
    pub major: Option<Bound>,
    #[schemars(extend("x-order" = 6, "x-unit" = "value", "x-title" = {"es": "Crítica", "en": "Critical"}))]
    pub critical: Option<Bound>,
}

impl OtherLevels {
    pub(crate) fn levels(&self) -> Levels<Bound> {
        Levels { warning: self.warning, major: self.major, critical: self.critical }
    }

    /// Does it hold at a minute of the week, 0 (Monday 00:00) to 10079?
    pub fn holds_at(&self, minute: u16) -> bool {
        let (day, time) = (minute / DAY % 7, minute % DAY);
        let (from, to) = (self.from.minute(), self.to.minute());
        if from < to {
            return from <= time && time < to && self.starts_on(day);
        }
        (from <= time && self.starts_on(day)) || (time < to && self.starts_on((day + 6) % 7))
    }

    fn starts_on(&self, day: u16) -> bool {
        match &self.days {
            Some(days) => days.iter().any(|&named| named as u16 == day),
            None => true,
        }
    }
}

/// A day of the week, Monday first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(extend("x-enum-titles" = {
    "mon": {"es": "lunes", "en": "Monday"},
    "tue": {"es": "martes", "en": "Tuesday"},
    "wed": {"es": "miércoles", "en": "Wednesday"},
    "thu": {"es": "jueves", "en": "Thursday"},
    "fri": {"es": "viernes", "en": "Friday"},
    "sat": {"es": "sábado", "en": "Saturday"},
    "sun": {"es": "domingo", "en": "Sunday"}
}))]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// `HH:MM`, 00:00 to 24:00, as minutes of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// Minutes since midnight, 0 to 1440.
    pub fn minute(self) -> u16 {
        self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = text.split_once(':')?;
        let number = |digits: &str| -> Option<u16> {
            let plain = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
            if plain { digits.parse().ok() } else { None }
        };
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        let time = hours * 60 + minutes;
        (minutes < 60 && time <= DAY).then_some(TimeOfDay(time))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TimeVisitor)
    }
}

struct TimeVisitor;

impl Visitor<'_> for TimeVisitor {
    type Value = TimeOfDay;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time like 22:00")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<TimeOfDay, E> {
        let unexpected = serde::de::Unexpected::Str(text);
        TimeOfDay::parse(text).ok_or_else(|| E::invalid_value(unexpected, &self))
    }
}

impl JsonSchema for TimeOfDay {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TimeOfDay".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "time"})
    }
}

/// Most stretches that one chart shows, and most changes looked at to find them: enough for a year of nights.
const MOST_STRETCHES: usize = 800;
const MOST_CHANGES: usize = 20_000;

/// The thresholds over a stretch of time: one line per bound and stretch with the same levels, of a range two.
pub(crate) fn lines(check: &Threshold, context: &Context<'_>, draw: Span) -> Vec<Line> {
    let mut lines = Vec::new();
    for (span, levels) in stretches(check, context, draw) {
        for (level, bound) in levels.set() {
            let line = |(direction, value)| Line { level, value, direction, span };
            let (low, high) = bound.edges(check.direction);
            lines.push(line(low));
            if check.direction.is_range() {
                lines.push(line(high));
            }
        }
    }
    lines
}

/// `draw` cut where other levels begin to hold. Local time is counted from the minute at `now`.
fn stretches(check: &Threshold, context: &Context<'_>, draw: Span) -> Vec<(Span, Levels<Bound>)> {
    let mut stretches: Vec<(Span, Levels<Bound>)> = Vec::new();
    let mut start = draw.start;
    for _ in 0..MOST_CHANGES {
        let goes_on = start < draw.end && draw.start.is_finite();
        if !goes_on || stretches.len() == MOST_STRETCHES {
            break;
        }
        let minute = minute_at(context, start);
        let levels = check.levels_at(minute);
        let end = match minutes_to_change(check, minute) {
            Some(minutes) => {
                let this_minute = (start / MINUTE_MS).floor();
                draw.end.min((this_minute + f64::from(minutes)) * MINUTE_MS)
            }
            None => draw.end,
        };
        match stretches.last_mut() {
            Some((span, same)) if *same == levels => span.end = end,
            _ => stretches.push((Span { start, end }, levels)),
        }
        start = end;
    }
    stretches
}

/// Minute of the week at an instant, counted from the one that the host told for `now`.
fn minute_at(context: &Context<'_>, instant: f64) -> u16 {
    let passed = (instant / MINUTE_MS).floor() - (context.now / MINUTE_MS).floor();
    (f64::from(context.minute) + passed).rem_euclid(f64::from(WEEK)) as u16
}

/// Minutes (1 to 1440) until the next time of day at which any other levels begin or end.
fn minutes_to_change(check: &Threshold, minute: u16) -> Option<u16> {
    let time = minute % DAY;
    let times = check.other_levels.iter().flat_map(|other| [other.from, other.to]);
    times
        .map(|change| {
            let ahead = (change.minute() % DAY + DAY - time) % DAY;
            if ahead == 0 { DAY } else { ahead }
        })
        .min()
}
