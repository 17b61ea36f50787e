//! What the types cannot say: order, sense, and a margin that leaves an OK value.

use atalaya_check::words::number;
use atalaya_check::{Level, Levels, ParamError, Rule};

use crate::{Bound, MOST_INTERVALS, Side, Threshold};

type Checked = Result<(), ParamError>;

/// Most entries of `other_levels`.
const MOST_OTHER_LEVELS: usize = 50;

/// All of it, in the order of the form.
pub(crate) fn all(check: &Threshold, rule: &Rule) -> Checked {
    levels("", check.direction, &check.usual_levels(), rule)?;
    if check.other_levels.len() > MOST_OTHER_LEVELS {
        return refuse("other_levels", "must be 50 at most", "deben ser 50 como máximo");
    }
    for (index, other) in check.other_levels.iter().enumerate() {
        let path = format!("other_levels[{index}].");
        if other.days.as_ref().is_some_and(Vec::is_empty) {
            let en = "must name a day; leave it out for every day";
            let es = "debe nombrar algún día; sin él valen todos";
            return refuse(format!("{path}days"), en, es);
        }
        levels(&path, check.direction, &other.levels(), rule)?;
    }
    look_back(check.look_back)
}

fn look_back(intervals: u32) -> Checked {
    if (1..=MOST_INTERVALS).contains(&intervals) {
        return Ok(());
    }
    let (en, es) = ("must be from 1 to 1000 intervals", "debe ser de 1 a 1000 intervalos");
    refuse("look_back", en, es)
}

/// One set of levels; `path` leads to it (`other_levels[0].`).
fn levels(path: &str, side: Side, levels: &Levels<Bound>, rule: &Rule) -> Checked {
    if levels.is_empty() {
        let en = "at least one of warning, major and critical is needed";
        let es = "hace falta al menos uno de warning, mayor y crítica";
        return refuse(format!("{path}warning"), en, es);
    }
    for (level, bound) in levels.set() {
        shape(&field(path, level), side, bound)?;
    }
    for (lower, higher) in levels.set().zip(levels.set().skip(1)) {
        order(path, side, lower, higher)?;
    }
    margin(side, levels, rule.ok_margin)
}

/// One number or two, as the direction wants.
fn shape(field: &str, side: Side, bound: Bound) -> Checked {
    match (side.is_range(), bound) {
        (false, Bound::One(_)) => Ok(()),
        (false, Bound::Range(..)) => refuse(
            field,
            "must be one number for above and below",
            "debe ser un solo número para por encima y por debajo",
        ),
        (true, Bound::Range(low, high)) if low < high => Ok(()),
        (true, _) => refuse(
            field,
            "must be two numbers, the lower one first: [10, 90]",
            "deben ser dos números, primero el menor: [10, 90]",
        ),
    }
}

/// A higher level must be harder to reach than the one below it. Ranges may share a bound.
fn order(path: &str, side: Side, lower: (Level, Bound), higher: (Level, Bound)) -> Checked {
    let (from, to) = lower.1.bounds();
    let (low, high) = higher.1.bounds();
    let (in_order, en, es) = match side {
        Side::Above => (low > from, "must be above", "debe ser mayor que"),
        Side::Below => (low < from, "must be below", "debe ser menor que"),
        Side::Outside => (
            low <= from && high >= to && lower.1 != higher.1,
            "must be a wider range than",
            "debe ser un rango más amplio que",
        ),
        Side::Inside => (
            low >= from && high <= to && lower.1 != higher.1,
            "must be a narrower range, within that of",
            "debe ser un rango más estrecho, dentro del de",
        ),
    };
    if in_order {
        return Ok(());
    }
    let name = name(lower.0);
    let in_words = |language, to_word| match lower.1 {
        Bound::One(threshold) => number(threshold, language),
        Bound::Range(from, to) => {
            format!("{} {to_word} {}", number(from, language), number(to, language))
        }
    };
    let en = format!("{en} {name} ({})", in_words("en", "to"));
    let es = format!("{es} {name} ({})", in_words("es", "a"));
    refuse(field(path, higher.0), en, es)
}

/// Some value must be OK while everything is held. The lowest level is the one that lets go last: a margin
/// moves lower thresholds no less far, so what is OK for it is OK for those above.
fn margin(side: Side, levels: &Levels<Bound>, margin: f64) -> Checked {
    for (_, bound) in levels.set() {
        let (low, high) = bound.moved(side, margin).bounds();
        if !(low.is_finite() && high.is_finite()) {
            let en = "leaves no OK value: the thresholds are too large for a margin";
            let es = "no deja ningún valor correcto: los umbrales son demasiado grandes para un margen";
            return refuse(ParamError::OK_MARGIN, en, es);
        }
    }
    let Some((_, Bound::Range(low, high))) = levels.set().next() else {
        return Ok(());
    };
    let (moved_low, moved_high) = Bound::Range(low, high).moved(side, margin).bounds();
    if side == Side::Inside || moved_low < moved_high {
        return Ok(());
    }
    let limit = 100.0 * (high - low) / (low.abs() + high.abs());
    let range =
        |language: &str, to: &str| format!("{} {to} {}", number(low, language), number(high, language));
    let en = format!(
        "leaves no OK value in the range {}: must be below {} %",
        range("en", "to"),
        number(limit, "en")
    );
    let es = format!(
        "no deja ningún valor correcto en el rango {}: debe ser menor que {} %",
        range("es", "a"),
        number(limit, "es")
    );
    refuse(ParamError::OK_MARGIN, en, es)
}

/// The field of a level in the params.
fn name(level: Level) -> &'static str {
    match level {
        Level::Ok => "ok",
        Level::Warning => "warning",
        Level::Major => "major",
        Level::Critical => "critical",
    }
}

fn field(path: &str, level: Level) -> String {
    format!("{path}{}", name(level))
}

fn refuse(field: impl Into<String>, en: impl Into<String>, es: impl Into<String>) -> Checked {
    Err(ParamError::new(field, en).and_in("es", es))
}
