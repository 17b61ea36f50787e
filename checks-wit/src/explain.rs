//! Explanations: a verdict in words, and the lines a chart draws. Never on the hot path.

use crate::levels::Direction;
use crate::model::{CheckError, Level, Outcome};
use crate::window::Span;

/// For whom and for which chart an explanation is.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// BCP 47 tag of the reader's language.
    pub language: &'a str,
    /// The stretch of time that the chart shows.
    pub draw: Span,
}

/// A threshold for the chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    pub level: Level,
    /// In the unit of the values.
    pub value: f64,
    /// The side on which the level begins.
    pub direction: Direction,
    pub span: Span,
}

/// A verdict in words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explanation {
    /// One sentence: what was found and against what.
    pub message: String,
    /// (name, value) in the reader's language, in the order to show.
    pub details: Vec<(String, String)>,
    pub lines: Vec<Line>,
}

impl Explanation {
    /// The level and the value, or the error's own words: what can be said without knowing the check.
    pub fn of(outcome: &Outcome, unit: &str, language: &str) -> Self {
        let message = match outcome {
            Ok(verdict) => {
                let level = level_word(verdict.level, language);
                match verdict.value {
                    Some(value) => format!("{level}: {}", quantity(value, unit, language)),
                    None => level.to_owned(),
                }
            }
            Err(CheckError::NotEnoughData(what)) => {
                format!("{}: {what}", not_enough_data(language))
            }
            Err(CheckError::Failed(what)) => what.clone().into_owned(),
        };
        Explanation { message, ..Explanation::default() }
    }
}

/// Is the tag Spanish of any country? Everything else reads English.
pub fn is_spanish(language: &str) -> bool {
    matches!(language.split(['-', '_']).next(), Some(tag) if tag.eq_ignore_ascii_case("es"))
}

/// One of two texts by the reader's language.
pub fn choose<'t>(language: &str, es: &'t str, en: &'t str) -> &'t str {
    if is_spanish(language) { es } else { en }
}

/// "Not enough data", in the reader's language.
pub fn not_enough_data(language: &str) -> &'static str {
    choose(language, "sin datos suficientes", "not enough data")
}

/// The word for a level.
pub fn level_word(level: Level, language: &str) -> &'static str {
    let (es, en) = match level {
        Level::Ok => ("correcto", "OK"),
        Level::Warning => ("warning", "warning"),
        Level::Major => ("mayor", "major"),
        Level::Critical => ("crítica", "critical"),
    };
    choose(language, es, en)
}

/// A number for people: about six significant digits, the language's decimal sign.
pub fn number(value: f64, language: &str) -> String {
    let size = value.abs();
    if value.is_infinite() {
        return if value > 0.0 { "∞" } else { "-∞" }.to_owned();
    }
    let text = if size != 0.0 && !(1e-3..1e15).contains(&size) {
        format!("{value:.4e}").replace("0e", "e")
    } else {
        shortened(format!("{value:.*}", decimals(size)))
    };
    localised(text, language)
}

/// Every digit that tells this number from its neighbours.
pub fn exact(value: f64, language: &str) -> String {
    localised(format!("{value}"), language)
}

/// A number with its unit after a space; of an unknown unit the number alone.
pub fn quantity(value: f64, unit: &str, language: &str) -> String {
    with_unit(number(value, language), unit)
}

/// Two numbers with their unit, with every digit where rounding would make them look the same.
pub fn apart(one: f64, other: f64, unit: &str, language: &str) -> (String, String) {
    if one != other && number(one, language) == number(other, language) {
        let all = |number| with_unit(exact(number, language), unit);
        return (all(one), all(other));
    }
    (quantity(one, unit, language), quantity(other, unit, language))
}

/// A length of time in its largest whole unit: "15 min", "24 h", "7 d"; below a minute and for broken ones seconds.
pub fn duration(milliseconds: f64, language: &str) -> String {
    let seconds = milliseconds / 1_000.0;
    let units = [(86_400.0, "d"), (3_600.0, "h"), (60.0, "min")];
    let whole = units.into_iter().find(|(size, _)| seconds >= *size && seconds % size == 0.0);
    let (size, unit) = whole.unwrap_or((1.0, "s"));
    quantity(seconds / size, unit, language)
}

/// `number unit`, or the number alone.
pub fn with_unit(number: String, unit: &str) -> String {
    match unit {
        "" => number,
        unit => format!("{number} {unit}"),
    }
}

/// Places after the point that leave six significant digits for numbers of 1 and above.
fn decimals(size: f64) -> usize {
    let mut places = 5;
    let mut limit = 10.0;
    while places > 0 && size >= limit {
        places -= 1;
        limit *= 10.0;
    }
    places
}

fn shortened(text: String) -> String {
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn localised(text: String, language: &str) -> String {
    if is_spanish(language) { text.replace('.', ",") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Verdict;

    #[test]
    fn numbers_read_as_people_write_them() {
        let cases = [
            (95.0, "95"),
            (0.0, "0"),
            (95.123_456_78, "95.1235"),
            (-0.5, "-0.5"),
            (1_234_567.89, "1234568"),
            (0.001_25, "0.00125"),
            (f64::INFINITY, "∞"),
            (f64::NEG_INFINITY, "-∞"),
            (f64::NAN, "NaN"),
            (100.0, "100"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value, "en"), text);
        }
        assert_eq!(number(95.5, "es-CO"), "95,5");
        assert_eq!(quantity(95.0, "%", "es"), "95 %");
        assert_eq!(quantity(95.0, "", "en"), "95");
    }

    #[test]
    fn numbers_that_differ_are_told_apart_and_lengths_of_time_are_short() {
        assert_eq!(apart(70.000_000_1, 70.0, "%", "en"), ("70.0000001 %".to_owned(), "70 %".to_owned()));
        assert_eq!(apart(71.0, 70.0, "", "en"), ("71".to_owned(), "70".to_owned()));
        let lengths = [(900_000.0, "15 min"), (86_400_000.0, "1 d"), (90_000.0, "90 s"), (500.0, "0,5 s")];
        for (length, words) in lengths {
            assert_eq!(duration(length, "es"), words);
        }
    }

    #[test]
    fn a_check_without_words_of_its_own_is_explained_by_level_and_value() {
        let critical = Ok(Verdict::new(Level::Critical, 95.0));
        assert_eq!(Explanation::of(&critical, "%", "en").message, "critical: 95 %");
        assert_eq!(Explanation::of(&critical, "%", "es").message, "crítica: 95 %");
        let empty = Err(CheckError::not_enough_data("no samples"));
        assert_eq!(Explanation::of(&empty, "%", "en").message, "not enough data: no samples");
    }
}
