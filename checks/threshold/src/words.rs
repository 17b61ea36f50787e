//! A verdict in plain words, Spanish and English.

use atalaya_check::words::{apart, choose, is_spanish, level_word, not_enough_data, quantity};
use atalaya_check::{CheckError, Context, Direction, Level, Outcome, Window};

use crate::{Bound, Side, Threshold};

/// Writes numbers with the rule's unit in the reader's language.
#[derive(Clone, Copy)]
struct Words<'a> {
    unit: &'a str,
    language: &'a str,
}

/// One sentence: what was found and against what.
pub(crate) fn message(check: &Threshold, context: &Context<'_>, outcome: &Outcome, language: &str) -> String {
    let words = Words { unit: &context.rule.unit, language };
    match outcome {
        Ok(verdict) => {
            let value = verdict.value.unwrap_or(f64::NAN);
            let levels = check.levels_at(context.minute);
            match levels.get(verdict.level) {
                Some(bound) if bound.passes(check.direction, value, 0.0) => {
                    words.passed(check.direction, bound, value, verdict.level)
                }
                Some(bound) => {
                    let moved = bound.moved(check.direction, context.rule.ok_margin);
                    words.not_recovered(check.direction, bound, moved, value, verdict.level)
                }
                None => match levels.set().next() {
                    Some((_, bound)) => words.fine(check.direction, bound, value),
                    None => words.quantity(value),
                },
            }
        }
        Err(CheckError::NotEnoughData(_)) => words.no_value(check.look_back),
        Err(CheckError::Failed(what)) => what.clone().into_owned(),
    }
}

impl Words<'_> {
    fn choose<'t>(&self, es: &'t str, en: &'t str) -> &'t str {
        choose(self.language, es, en)
    }

    fn quantity(&self, value: f64) -> String {
        quantity(value, self.unit, self.language)
    }

    /// Value and threshold, with all their digits where rounding would make them look the same.
    fn apart(&self, value: f64, threshold: f64) -> (String, String) {
        apart(value, threshold, self.unit, self.language)
    }

    /// "95 % is above 90 % (critical)".
    fn passed(&self, side: Side, bound: Bound, value: f64, level: Level) -> String {
        let level = level_word(level, self.language);
        if side == Side::Inside {
            let range = self.between(bound);
            let is = self.choose("está", "is");
            return format!("{} {is} {range} ({level})", self.quantity(value));
        }
        let (direction, threshold) = nearest_passed(side, bound, value);
        let (value, threshold) = self.apart(value, threshold);
        let beyond = match direction {
            Direction::Above => self.choose("por encima de", "is above"),
            Direction::Below => self.choose("por debajo de", "is below"),
        };
        format!("{value} {beyond} {threshold} ({level})")
    }

    /// "85 % has not recovered to 81 % (critical)".
    fn not_recovered(&self, side: Side, bound: Bound, moved: Bound, value: f64, level: Level) -> String {
        let ((of_low, low), _) = bound.edges(side);
        let (moved_low, moved_high) = moved.bounds();
        // Of two bounds the one that the value has just crossed back is told.
        let lower_one = match side {
            Side::Inside => !of_low.passes(value, low),
            Side::Outside => of_low.passes(value, moved_low),
            Side::Above | Side::Below => true,
        };
        let target = if lower_one { moved_low } else { moved_high };
        let (value, target) = self.apart(value, target);
        let level = level_word(level, self.language);
        let not_yet = self.choose("aún no se ha recuperado hasta", "has not recovered to");
        format!("{value} {not_yet} {target} ({level})")
    }

    /// "50 % is not above 70 %: OK".
    fn fine(&self, side: Side, bound: Bound, value: f64) -> String {
        let ok = level_word(Level::Ok, self.language);
        if side == Side::Outside {
            let is = self.choose("está", "is");
            return format!("{} {is} {}: {ok}", self.quantity(value), self.between(bound));
        }
        if side == Side::Inside {
            let is = self.choose("no está", "is not");
            return format!("{} {is} {}: {ok}", self.quantity(value), self.between(bound));
        }
        let (value, threshold) = self.apart(value, bound.bounds().0);
        let not_beyond = match side {
            Side::Above => self.choose("no supera", "is not above"),
            _ => self.choose("no baja de", "is not below"),
        };
        format!("{value} {not_beyond} {threshold}: {ok}")
    }

    fn between(&self, bound: Bound) -> String {
        let (low, high) = bound.bounds();
        let (low, high) = (self.quantity(low), self.quantity(high));
        if is_spanish(self.language) {
            format!("entre {low} y {high}")
        } else {
            format!("between {low} and {high}")
        }
    }

    fn no_value(&self, intervals: u32) -> String {
        let short = not_enough_data(self.language);
        match (is_spanish(self.language), intervals) {
            (true, 1) => format!("{short}: ningún valor en el último intervalo"),
            (true, n) => format!("{short}: ningún valor en los últimos {n} intervalos"),
            (false, 1) => format!("{short}: no value in the last interval"),
            (false, n) => format!("{short}: no value in the last {n} intervals"),
        }
    }
}

/// The bound that a value lies beyond; for "outside" the lower or the upper one.
fn nearest_passed(side: Side, bound: Bound, value: f64) -> (Direction, f64) {
    let (low, high) = bound.edges(side);
    if low.0.passes(value, low.1) { low } else { high }
}

/// Name and value: the value, every threshold in force, where it is OK again, which hours, how old the sample is.
pub(crate) fn details(
    check: &Threshold,
    window: &Window<'_>,
    context: &Context<'_>,
    language: &str,
) -> Vec<(String, String)> {
    let words = Words { unit: &context.rule.unit, language };
    let mut details = Vec::new();
    let mut add = |name: &str, value: String| details.push((name.to_owned(), value));
    if let Some(last) = window.last() {
        add(words.choose("Valor", "Value"), words.quantity(last.value));
        let seconds = (context.now - last.time) / 1_000.0;
        add(words.choose("Antigüedad de la muestra", "Age of the sample"), quantity(seconds, "s", language));
    }
    let levels = check.levels_at(context.minute);
    for (level, bound) in levels.set() {
        let name = words.choose("Umbral", "Threshold");
        let level = level_word(level, language);
        add(&format!("{name} ({level})"), words.alarm_zone(check.direction, bound));
    }
    if let Some((_, lowest)) = levels.set().next() {
        let moved = lowest.moved(check.direction, context.rule.ok_margin);
        add(words.choose("Vuelve a estar correcto", "OK again"), words.ok_zone(check.direction, moved));
    }
    if let Some(other) = check.in_force(context.minute) {
        let hours = format!("{}–{}", other.from, other.to);
        add(words.choose("Umbrales del horario", "Levels of the hours"), hours);
    }
    details
}

impl Words<'_> {
    /// Where the alarm is: "above 90 %".
    fn alarm_zone(&self, side: Side, bound: Bound) -> String {
        let (low, high) = bound.bounds();
        match side {
            Side::Above => format!("{} {}", self.choose("por encima de", "above"), self.quantity(low)),
            Side::Below => format!("{} {}", self.choose("por debajo de", "below"), self.quantity(low)),
            Side::Inside => self.between(bound),
            Side::Outside => {
                let (low, high) = (self.quantity(low), self.quantity(high));
                if is_spanish(self.language) {
                    format!("por debajo de {low} o por encima de {high}")
                } else {
                    format!("below {low} or above {high}")
                }
            }
        }
    }

    /// Where it is OK again, bounds included: "at 63 % or less".
    fn ok_zone(&self, side: Side, moved: Bound) -> String {
        let (low, high) = moved.bounds();
        let (low, high) = (self.quantity(low), self.quantity(high));
        match (side, is_spanish(self.language)) {
            (Side::Above, true) => format!("con {low} o menos"),
            (Side::Above, false) => format!("at {low} or less"),
            (Side::Below, true) => format!("con {low} o más"),
            (Side::Below, false) => format!("at {low} or more"),
            (Side::Outside, true) => format!("de {low} a {high}"),
            (Side::Outside, false) => format!("from {low} to {high}"),
            (Side::Inside, true) => format!("con {low} o menos, o {high} o más"),
            (Side::Inside, false) => format!("at {low} or less, or {high} or more"),
        }
    }
}
