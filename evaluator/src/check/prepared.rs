//! What a check says of a rule: what it wants to see, what is wrong with its params, how it explains a verdict.

use atalaya_api::problem::FieldError;
use atalaya_api::rule::{Direction, Line};

use crate::domain::{Unknown, UnknownKind};

use super::bindings::{level_from_wit, wit};
use super::text::{WORDS, clean, clean_texts, in_language};

/// Most inputs of a rule.
const INPUTS: usize = 16;
/// Longest way back that an input may reach, ms: ten years.
const OLDEST: f64 = 3_652.0 * 86_400_000.0;
/// Most samples of an input that are handed over, whatever a check asks for.
const SAMPLES: u32 = 1 << 20;
const DETAILS: usize = 50;
const LINES: usize = 1_000;
const MESSAGE: usize = 1_000;
const UNIT: usize = 20;

/// What the pipeline must know of a rule to gather its samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// At least one.
    pub inputs: Vec<Input>,
    /// With fewer samples, over all inputs, the answer is "not enough data" without asking.
    pub fewest: u32,
    /// Of more samples of an input, the newest are handed over. At least 1.
    pub most: u32,
    /// Of the verdict's value; none: that of the samples.
    pub unit: Option<String>,
}

/// A piece of history: now - oldest < time <= now - newest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Input {
    /// Ms before the instant; above `newest`.
    pub oldest: f64,
    /// Ms before the instant; 0 or more.
    pub newest: f64,
    /// 0: the rule's own series.
    pub role: u8,
}

/// Why params cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamError {
    /// Path inside the params, e.g. `other_levels[0].to`; empty: all of them; `$ok_margin`: the rule's margin.
    pub field: String,
    /// (language, text)
    pub message: Vec<(String, String)>,
}

impl ParamError {
    pub(super) fn read(said: wit::ParamError) -> Self {
        let texts = said.message.iter().map(|text| (text.language.as_str(), text.text.as_str()));
        ParamError { field: clean(&said.field, WORDS), message: clean_texts(texts, 2 * WORDS) }
    }

    /// For a form, in this language if the check speaks it.
    pub fn in_language(&self, language: &str) -> FieldError {
        FieldError::new(self.field.clone(), in_language(&self.message, language))
    }
}

/// A rule that its check did not take.
#[derive(Clone, Debug, PartialEq)]
pub enum NotPrepared {
    /// The params are wrong.
    Refused(ParamError),
    /// The check broke over them.
    Broken(Unknown),
}

impl NotPrepared {
    /// What each evaluation of the rule gives.
    pub fn unknown(&self) -> Unknown {
        match self {
            NotPrepared::Broken(unknown) => unknown.clone(),
            NotPrepared::Refused(error) => {
                let words = format!("{}: {}", error.field, in_language(&error.message, "en"));
                Unknown::with_words(UnknownKind::Failed, clean(words.trim_start_matches(": "), WORDS))
            }
        }
    }
}

impl Prepared {
    /// # Errors
    /// It is not as the contract says.
    pub(super) fn read(said: &wit::Prepared) -> Result<Self, Unknown> {
        let wrong = |words: &str| Err(Unknown::with_words(UnknownKind::WrongAnswer, words));
        if said.inputs.is_empty() || said.inputs.len() > INPUTS {
            return wrong("it wants no input, or more than 16");
        }
        let in_order =
            |input: &wit::Input| input.newest >= 0.0 && input.oldest > input.newest && input.oldest <= OLDEST;
        if !said.inputs.iter().all(in_order) {
            return wrong("it wants an input that ends before it starts, or starts more than ten years ago");
        }
        if said.most == 0 {
            return wrong("it wants no samples");
        }
        let inputs = said.inputs.iter();
        let inputs = inputs.map(|i| Input { oldest: i.oldest, newest: i.newest, role: i.role }).collect();
        let unit = said.options.iter().find(|(key, _)| key == "unit").map(|(_, unit)| clean(unit, UNIT));
        let unit = unit.filter(|unit| !unit.is_empty());
        Ok(Prepared { inputs, fewest: said.fewest, most: said.most.min(SAMPLES), unit })
    }
}

/// A verdict in words, and the lines to draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// One sentence.
    pub message: String,
    /// (name, value), in the order to show.
    pub details: Vec<(String, String)>,
    pub lines: Vec<Line>,
}

impl Explanation {
    pub(super) fn read(said: wit::Explanation) -> Self {
        let details = said.details.iter().take(DETAILS);
        Explanation {
            message: clean(&said.message, MESSAGE),
            details: details.map(|(name, value)| (clean(name, WORDS), clean(value, WORDS))).collect(),
            lines: said.lines.iter().filter(|line| is_drawable(line)).take(LINES).map(line).collect(),
        }
    }
}

fn is_drawable(line: &wit::Line) -> bool {
    line.value.is_finite() && line.start.is_finite() && line.end.is_finite() && line.start <= line.end
}

fn line(line: &wit::Line) -> Line {
    let direction = match line.direction {
        wit::Direction::Above => Direction::Above,
        wit::Direction::Below => Direction::Below,
    };
    let level = level_from_wit(line.level);
    Line { level, value: line.value.into(), direction, start: line.start, end: line.end }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(oldest: f64, newest: f64, most: u32) -> wit::Prepared {
        wit::Prepared {
            inputs: vec![wit::Input { oldest, newest, role: 0 }],
            fewest: 1,
            most,
            options: Vec::new(),
        }
    }

    #[test]
    fn inputs_that_no_window_can_serve_are_a_wrong_answer() {
        assert!(Prepared::read(&said(60_000.0, 0.0, 12)).is_ok());
        let wrong = [
            said(0.0, 0.0, 1),
            said(1.0, 2.0, 1),
            said(1.0, -1.0, 1),
            said(f64::NAN, 0.0, 1),
            said(f64::INFINITY, 0.0, 1),
            said(1.0, 0.0, 0),
            wit::Prepared { inputs: Vec::new(), ..said(1.0, 0.0, 1) },
        ];
        for said in wrong {
            let words = format!("{said:?}");
            let unknown = Prepared::read(&said).expect_err(&words);
            assert_eq!(unknown.kind, UnknownKind::WrongAnswer, "{words}");
        }
    }

    #[test]
    fn a_value_has_the_unit_that_the_check_says_cleaned() {
        let unit_of = |options: &[(&str, &str)]| {
            let options = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            let said = wit::Prepared { options: options.collect(), ..said(1.0, 0.0, 1) };
            Prepared::read(&said).expect("it is as it should be").unit
        };
        assert_eq!(unit_of(&[("other", "x"), ("unit", "%\u{202e}")]), Some("%".to_owned()));
        assert_eq!((unit_of(&[]), unit_of(&[("unit", "\0")])), (None, None));
    }

    #[test]
    fn a_refused_rule_fails_with_the_words_of_the_check() {
        let text = |language: &str, text: &str| (language.to_owned(), text.to_owned());
        let message = vec![text("es", "debe ser mayor"), text("en", "must be more")];
        let error = ParamError { field: "major".to_owned(), message };
        assert_eq!(error.in_language("es"), FieldError::new("major", "debe ser mayor"));
        let unknown = NotPrepared::Refused(error).unknown();
        assert_eq!(unknown.to_string(), "failed: major: must be more");
    }
}
