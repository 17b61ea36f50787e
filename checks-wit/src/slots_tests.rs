use serde::Deserialize;

use super::*;
use crate::window::Span;
use crate::{Meta, Traits, Verdict};

/// Judges the newest value of the last piece; remembers how often it was asked to.
#[derive(Deserialize, schemars::JsonSchema)]
struct Limit {
    limit: f64,
    #[serde(default)]
    pieces: usize,
}

impl Check for Limit {
    const META: Meta = Meta {
        name: "limit",
        version: "1.0.0",
        title: &[("en", "Limit")],
        summary: &[],
        traits: Traits::NONE,
    };

    fn validate(&self, rule: &Rule) -> Result<(), ParamError> {
        if rule.unit == "parsecs" {
            return Err(ParamError::new("limit", "must not be in parsecs"));
        }
        Ok(())
    }

    fn inputs(&self, rule: &Rule) -> Inputs {
        let more = 1..self.pieces.max(1);
        more.fold(Inputs::last(rule.interval), |inputs, k| {
            let back = k as f64 * 3_600_000.0;
            inputs.and(back + rule.interval, back)
        })
    }

    fn evaluate(&self, window: &Window<'_>, context: &Context<'_>) -> Outcome {
        let piece = window.input(window.inputs() - 1);
        let last = piece.last().ok_or(CheckError::not_enough_data("no value"))?;
        let level = if last.value > self.limit { Level::Major } else { Level::Ok };
        let mut memory = context.memory.to_vec();
        memory.push(context.minute as u8);
        Ok(Verdict::new(level, last.value).remember(memory))
    }
}

fn prepared(rules: &[&str]) -> Slots<Limit> {
    let mut slots = Slots::new();
    for (slot, params) in rules.iter().enumerate() {
        let inputs = slots.prepare(slot as u32, params, Rule::default());
        assert!(inputs.is_ok(), "{inputs:?}");
    }
    slots
}

/// Two series: one of one piece on slot 0, one of two pieces on slot 1.
fn two_series<'a>() -> Batch<'a> {
    Batch {
        slots: &[0, 1],
        nows: &[100.0, 200.0],
        ends: &[2, 3, 5],
        times: &[90.0, 100.0, 200.0, 110.0, 120.0],
        values: &[1.0, 9.0, 1.0, 2.0, f64::NAN],
        steps: &[10.0, 10.0],
        held: &[Level::Ok, Level::Ok],
        minutes: &[3, 4],
        memories: &[],
    }
}

const RULES: [&str; 2] = [r#"{"limit":5}"#, r#"{"limit":1,"pieces":2}"#];

fn answers(slots: &Slots<Limit>, batch: &Batch<'_>) -> Vec<Outcome> {
    slots.evaluate(batch, |outcome| outcome)
}

#[test]
fn every_series_is_judged_by_the_rule_of_its_slot_on_its_own_samples() {
    let answers = answers(&prepared(&RULES), &two_series());
    let major = |value, minute| Ok(Verdict::new(Level::Major, value).remember(vec![minute]));
    assert_eq!(answers, [major(9.0, 3), major(2.0, 4)]);
}

#[test]
fn memory_comes_back_to_the_series_that_wrote_it() {
    let memories = [vec![7], vec![]];
    let batch = Batch { memories: &memories, ..two_series() };
    let answers = answers(&prepared(&RULES), &batch);
    let memory = |i: usize| answers[i].clone().ok().and_then(|verdict| verdict.memory);
    assert_eq!((memory(0), memory(1)), (Some(vec![7, 3]), Some(vec![4])));
}

#[test]
fn more_memory_than_the_contract_allows_is_a_failure_of_that_series_alone() {
    let memories = [vec![0; MEMORY_LIMIT], vec![]];
    let batch = Batch { memories: &memories, ..two_series() };
    let answers = answers(&prepared(&RULES), &batch);
    assert!(matches!(answers[0], Err(CheckError::Failed(_))));
    assert!(answers[1].is_ok());
}

#[test]
fn an_empty_slot_fails_its_series_and_no_other() {
    let mut slots = prepared(&RULES);
    slots.release(0);
    slots.release(7);
    let batch =
        Batch { ends: &[1, 3], times: &[200.0, 110.0, 120.0], values: &[1.0, 2.0, f64::NAN], ..two_series() };
    let answers = answers(&slots, &batch);
    assert!(matches!(answers[0], Err(CheckError::Failed(_))));
    assert!(answers[1].is_ok());
}

#[test]
fn a_slot_can_be_prepared_again_and_is_empty_after_an_error() {
    let mut slots = prepared(&RULES);
    let batch = Batch {
        slots: &[0],
        nows: &[100.0],
        ends: &[1],
        times: &[100.0],
        values: &[3.0],
        steps: &[0.0],
        held: &[Level::Ok],
        minutes: &[0],
        memories: &[],
    };
    assert!(slots.prepare(0, r#"{"limit":1}"#, Rule::default()).is_ok());
    assert_eq!(answers(&slots, &batch)[0].clone().map(|v| v.level), Ok(Level::Major));

    let parsecs = Rule { unit: "parsecs".to_owned(), ..Rule::default() };
    let error = slots.prepare(0, r#"{"limit":1}"#, parsecs);
    assert_eq!(error.map_err(|e| e.field), Err("limit".to_owned()));
    let batch = Batch { ends: &[], times: &[], values: &[], ..batch };
    assert!(answers(&slots, &batch)[0].is_err());
}

#[test]
fn a_margin_that_is_no_percentage_is_refused_for_every_check() {
    for ok_margin in [-1.0, 100.1, f64::NAN, f64::INFINITY] {
        let rule = Rule { ok_margin, ..Rule::default() };
        let error = prepared(&[]).prepare(0, RULES[0], rule);
        assert_eq!(error.map_err(|e| e.field), Err(ParamError::OK_MARGIN.to_owned()));
    }
}

#[test]
fn explain_tells_what_evaluate_answers() {
    let slots = prepared(&RULES);
    let batch = Batch {
        slots: &[0],
        nows: &[100.0],
        ends: &[2],
        times: &[90.0, 100.0],
        values: &[1.0, 9.0],
        steps: &[10.0],
        held: &[Level::Ok],
        minutes: &[3],
        memories: &[],
    };
    let draw = Span { start: 0.0, end: 100.0 };
    let view = View { language: "es", draw };
    assert_eq!(slots.explain(&batch, &view).message, "mayor: 9");
}

/// Columns that contradict each other, and in words what is wrong with them.
fn contradictions<'a>() -> Vec<(&'a str, Batch<'a>)> {
    let good = two_series();
    static ONE_MEMORY: [Vec<u8>; 1] = [Vec::new()];
    vec![
        ("a now too few", Batch { nows: &[1.0], ..good }),
        ("a step too many", Batch { steps: &[1.0; 3], ..good }),
        ("a held level too few", Batch { held: &[], ..good }),
        ("a minute too many", Batch { minutes: &[0; 3], ..good }),
        ("a memory too few", Batch { memories: &ONE_MEMORY, ..good }),
        ("a value too few", Batch { values: &[1.0; 4], ..good }),
        ("an end too few", Batch { ends: &[2, 5], ..good }),
        ("an end too many", Batch { ends: &[2, 3, 5, 5], ..good }),
        ("samples that nobody owns", Batch { ends: &[2, 3, 4], ..good }),
        ("an end before its start", Batch { ends: &[3, 2, 5], ..good }),
        ("an end beyond the samples", Batch { ends: &[2, 3, 6], ..good }),
        ("an end far beyond", Batch { ends: &[2, u32::MAX, 5], ..good }),
    ]
}

#[test]
fn columns_that_contradict_each_other_panic_instead_of_being_misread() {
    let slots = prepared(&RULES);
    for (what, batch) in contradictions() {
        let answers = std::panic::catch_unwind(|| answers(&slots, &batch));
        assert!(answers.is_err(), "{what}: {answers:?}");
    }
}

#[test]
#[should_panic(expected = "slots are small numbers")]
fn a_slot_that_would_take_memory_for_nothing_panics() {
    let _ = prepared(&[]).prepare(u32::MAX, RULES[0], Rule::default());
}
