//! The form of the threshold check: what is typed, what is wrong with it, and the params that come out.

use atalaya_api::level::Level;
use serde_json::{Map, Value, json};

use super::hours::{Days, minute_of_day};
use super::number;
use super::wrong::{What, Wrong};

/// On which side of the numbers it alarms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Side {
    #[default]
    Above,
    Below,
    Inside,
    Outside,
}

impl Side {
    pub const ALL: [Side; 4] = [Side::Above, Side::Below, Side::Inside, Side::Outside];

    pub fn name(self) -> &'static str {
        match self {
            Side::Above => "above",
            Side::Below => "below",
            Side::Inside => "inside",
            Side::Outside => "outside",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|side| side.name() == name)
    }

    /// Two numbers a level.
    pub fn is_range(self) -> bool {
        matches!(self, Side::Inside | Side::Outside)
    }
}

/// What is typed for one level: a number, or the two ends of a range.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LevelText {
    /// The number, or the lower end.
    pub low: String,
    /// The upper end; not used by above and below.
    pub high: String,
}

/// What is typed for the three levels, lowest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LevelTexts(pub [LevelText; 3]);

/// Other levels for a stretch of the day, `from` and `to` as `22:00`; it may cross midnight. Where two hold, the first counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stretch {
    /// The days on which it starts, Monday first.
    pub days: Days,
    pub from: String,
    pub to: String,
    pub levels: LevelTexts,
}

/// The whole form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ThresholdForm {
    pub side: Side,
    pub levels: LevelTexts,
    pub other: Vec<Stretch>,
    /// Params that the form has no field for stay as they are.
    pub rest: Map<String, Value>,
}

/// A level's numbers once read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    One(f64),
    Range(f64, f64),
}

/// The three levels once read, lowest first.
pub type Limits = [Option<Limit>; 3];

/// The place of an alarming level in [`LevelTexts`] and [`Limits`].
pub fn place(level: Level) -> usize {
    (level as usize).saturating_sub(1)
}

impl LevelTexts {
    /// The texts of numbers.
    pub fn from_limits(limits: &Limits, decimal: char) -> Self {
        let text = |value: f64| number::to_text(value, decimal);
        LevelTexts(limits.map(|limit| match limit {
            None => LevelText::default(),
            Some(Limit::One(value)) => LevelText { low: text(value), high: String::new() },
            Some(Limit::Range(low, high)) => LevelText { low: text(low), high: text(high) },
        }))
    }

    /// What can be read of it, for drawing while it is typed: what is not a number yet is left out.
    pub fn readable(&self, side: Side, decimal: char) -> Limits {
        let read = |text: &str| number::parse(text, decimal).ok();
        [0, 1, 2].map(|at| {
            let text = &self.0[at];
            match side.is_range() {
                false => read(&text.low).map(Limit::One),
                true => Some(Limit::Range(read(&text.low)?, read(&text.high)?)),
            }
        })
    }
}

impl ThresholdForm {
    /// The params, or everything that is wrong, each under its field's path.
    pub fn params(&self, decimal: char, margin: f64) -> Result<Value, Vec<Wrong>> {
        let mut wrongs = Vec::new();
        let mut params = self.rest.clone();
        params.insert("direction".to_owned(), json!(self.side.name()));
        let prefix = "check.params";
        put_levels(&mut params, &check_levels(&self.levels, self.side, prefix, decimal, margin, &mut wrongs));
        let mut other = Vec::new();
        for (at, stretch) in self.other.iter().enumerate() {
            let prefix = format!("{prefix}.other_levels[{at}]");
            let mut entry = stretch.params(&prefix, &mut wrongs);
            let limits = check_levels(&stretch.levels, self.side, &prefix, decimal, margin, &mut wrongs);
            put_levels(&mut entry, &limits);
            other.push(Value::Object(entry));
        }
        if !other.is_empty() {
            params.insert("other_levels".to_owned(), Value::Array(other));
        }
        if wrongs.is_empty() { Ok(Value::Object(params)) } else { Err(wrongs) }
    }

    /// The form of params that are kept; None where they are not this check's.
    pub fn from_params(params: &Value, decimal: char) -> Option<Self> {
        let side = Side::from_name(params.get("direction").map_or(Some("above"), Value::as_str)?)?;
        let other = params.get("other_levels").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        Some(ThresholdForm {
            side,
            levels: LevelTexts::from_limits(&limits_of(params), decimal),
            other: other.iter().map(|entry| Stretch::from_params(entry, decimal)).collect(),
            rest: rest_of(params),
        })
    }
}

impl Stretch {
    /// Days and hours as the check takes them; without its levels.
    fn params(&self, prefix: &str, wrongs: &mut Vec<Wrong>) -> Map<String, Value> {
        let mut entry = Map::new();
        if self.days.names().is_empty() {
            wrongs.push(Wrong::new(format!("{prefix}.days"), What::NoDay));
        }
        if !self.days.every() {
            entry.insert("days".to_owned(), json!(self.days.names()));
        }
        for (name, text) in [("from", &self.from), ("to", &self.to)] {
            match minute_of_day(text) {
                Some(minute) => {
                    let text = format!("{:02}:{:02}", minute / 60, minute % 60);
                    entry.insert(name.to_owned(), json!(text));
                }
                None => wrongs.push(Wrong::new(format!("{prefix}.{name}"), What::NotATime)),
            }
        }
        entry
    }

    fn from_params(entry: &Value, decimal: char) -> Self {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Stretch {
            days: Days::of(entry.get("days")),
            from: text("from"),
            to: text("to"),
            levels: LevelTexts::from_limits(&limits_of(entry), decimal),
        }
    }
}

fn rest_of(params: &Value) -> Map<String, Value> {
    const FIELDS: [&str; 5] = ["direction", "warning", "major", "critical", "other_levels"];
    let mut rest = params.as_object().cloned().unwrap_or_default();
    rest.retain(|name, _| !FIELDS.contains(&name.as_str()));
    rest
}

/// The levels written in params (or in an entry of `other_levels`).
pub fn limits_of(params: &Value) -> Limits {
    Level::ALARMING.map(|level| match params.get(level.name())? {
        Value::Array(ends) => Some(Limit::Range(ends.first()?.as_f64()?, ends.get(1)?.as_f64()?)),
        value => value.as_f64().map(Limit::One),
    })
}

fn put_levels(params: &mut Map<String, Value>, limits: &Limits) {
    for (level, limit) in Level::ALARMING.into_iter().zip(limits) {
        let value = match limit {
            None => continue,
            Some(Limit::One(value)) => json!(value),
            Some(Limit::Range(low, high)) => json!([low, high]),
        };
        params.insert(level.name().to_owned(), value);
    }
}

fn check_levels(
    texts: &LevelTexts,
    side: Side,
    prefix: &str,
    decimal: char,
    margin: f64,
    wrongs: &mut Vec<Wrong>,
) -> Limits {
    let before = wrongs.len();
    let limits = [0, 1, 2].map(|at| {
        let field = format!("{prefix}.{}", Level::ALARMING[at].name());
        read_level(&texts.0[at], side, decimal).unwrap_or_else(|what| {
            wrongs.push(Wrong::new(field, what));
            None
        })
    });
    if wrongs.len() == before && limits.iter().all(Option::is_none) {
        wrongs.push(Wrong::new(format!("{prefix}.warning"), What::NoLevel));
    }
    check_order(&limits, side, prefix, wrongs);
    if wrongs.len() == before && !leaves_ok(&limits, side, margin) {
        wrongs.push(Wrong::new("ok_margin", What::NoOkLeft));
    }
    limits
}

fn read_level(text: &LevelText, side: Side, decimal: char) -> Result<Option<Limit>, What> {
    let low = read(&text.low, decimal)?;
    if !side.is_range() {
        return Ok(low.map(Limit::One));
    }
    match (low, read(&text.high, decimal)?) {
        (None, None) => Ok(None),
        (Some(low), Some(high)) if low < high => Ok(Some(Limit::Range(low, high))),
        (Some(_), Some(_)) => Err(What::Reversed),
        _ => Err(What::HalfRange),
    }
}

/// Reads a field that may be left empty.
fn read(text: &str, decimal: char) -> Result<Option<f64>, What> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    number::parse(text, decimal).map(Some).map_err(|why| match why {
        number::NotANumber::Words => What::NotANumber,
        number::NotANumber::Ambiguous => What::Ambiguous,
    })
}

/// Each level must lie further out than the one below it; the fault is told at the higher level.
fn check_order(limits: &Limits, side: Side, prefix: &str, wrongs: &mut Vec<Wrong>) {
    let mut last: Option<(Level, Limit)> = None;
    for (level, limit) in Level::ALARMING.into_iter().zip(limits) {
        let Some(limit) = *limit else { continue };
        if let Some(what) = last.and_then(|(than, inner)| out_of_order(side, than, inner, limit)) {
            wrongs.push(Wrong::new(format!("{prefix}.{}", level.name()), what));
        }
        last = Some((level, limit));
    }
}

fn out_of_order(side: Side, than: Level, inner: Limit, outer: Limit) -> Option<What> {
    let higher = |value| Some(What::Higher { than, value });
    let lower = |value| Some(What::Lower { than, value });
    match (side, inner, outer) {
        (Side::Above, Limit::One(a), Limit::One(b)) if b <= a => higher(a),
        (Side::Below, Limit::One(a), Limit::One(b)) if b >= a => lower(a),
        // Alarms outside: the worse, the wider.
        (Side::Outside, Limit::Range(a, _), outer) if inner == outer => lower(a),
        (Side::Outside, Limit::Range(a, _), Limit::Range(b, _)) if b > a => lower(a),
        (Side::Outside, Limit::Range(_, a), Limit::Range(_, b)) if b < a => higher(a),
        // Alarms inside: the worse, the narrower.
        (Side::Inside, Limit::Range(a, _), outer) if inner == outer => higher(a),
        (Side::Inside, Limit::Range(a, _), Limit::Range(b, _)) if b < a => higher(a),
        (Side::Inside, Limit::Range(_, a), Limit::Range(_, b)) if b > a => lower(a),
        _ => None,
    }
}

/// Where a threshold stands while its level is held: `t − |t|·margin/100` for above, `t + |t|·margin/100` for below.
pub fn moved(threshold: f64, above: bool, margin: f64) -> f64 {
    let step = threshold.abs() * margin / 100.0;
    if above { threshold - step } else { threshold + step }
}

/// Whether some value is OK again once a level is held: only a range that is watched from outside can close up.
fn leaves_ok(limits: &Limits, side: Side, margin: f64) -> bool {
    side != Side::Outside
        || limits.iter().flatten().all(|limit| match limit {
            Limit::One(_) => true,
            Limit::Range(low, high) => moved(*low, false, margin) < moved(*high, true, margin),
        })
}

#[cfg(test)]
#[path = "threshold_tests.rs"]
mod tests;
