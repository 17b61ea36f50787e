//! The check `trend`: a change against before, yesterday or last week.

use std::time::Duration;

use atalaya_tests::story::Story;
use serde_json::{Value, json};

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

/// A rule on how much `lab.cpu` rose in the last minute, percent, with these params changed.
fn rising(params: Value) -> Value {
    let mut all = json!({"direction": "rising", "window": 1, "warning": 10, "major": 20, "critical": 40});
    for (name, value) in params.as_object().expect("params are an object") {
        all[name] = value.clone();
    }
    json!({"check": {"name": "trend", "params": all}})
}

/// A value of `lab.cpu` at this time `ago`, for long enough that a story of ten minutes finds it.
fn at_this_time(story: &mut Story, ago: u64, value: f64) {
    let span = |seconds| Duration::from_secs(seconds);
    story.past("lab.cpu", value, span(ago + 5 * MINUTE), span(ago - 10 * MINUTE));
}

#[test]
fn a_rise_against_yesterday_raises_and_its_end_clears() {
    let mut story = Story::new();
    at_this_time(&mut story, DAY, 100.0);
    let rule = story.rule(rising(json!({"compare": "yesterday"})));
    story.hold("lab.cpu", 100.0, 70);
    assert!(story.active().is_empty());
    story.hold("lab.cpu", 150.0, 60);
    assert_eq!(story.active(), ["critical lab.cpu"]);
    let raised = [
        "1 ok>warning checks to alert",
        "2 warning>major checks to alert",
        "3 major>critical checks to alert",
    ];
    assert_eq!(story.told(rule), raised);
    assert_eq!(
        story.alarms(true)[0].value,
        Some(42.5),
        "51 of 60 seconds at 150, at the third check above 40 %"
    );
    story.hold("lab.cpu", 100.0, 70);
    assert!(story.active().is_empty());
    assert_eq!(story.told(rule).last().map(String::as_str), Some("6 warning>ok checks to OK"));
}

#[test]
fn the_window_before_is_what_a_step_is_seen_against_and_then_it_is_the_usual() {
    let mut story = Story::new();
    let rule = story.rule(rising(json!({"compare": "before", "measure": "absolute"})));
    story.hold("lab.cpu", 100.0, 130);
    story.hold("lab.cpu", 150.0, 60);
    assert_eq!(story.active(), ["critical lab.cpu"]);
    story.seconds(70);
    assert!(story.active().is_empty(), "150 is the usual now");
    assert_eq!(story.told(rule).len(), 6);
}

#[test]
fn why_a_trend_raised_is_judged_again_from_what_was_stored_and_told_in_both_languages() {
    let mut story = Story::new();
    at_this_time(&mut story, 7 * DAY - 20 * MINUTE, 100.0);
    at_this_time(&mut story, DAY, 100.0);
    let rule = story.rule(rising(json!({"compare": "yesterday"})));
    story.hold("lab.cpu", 100.0, 70);
    story.hold("lab.cpu", 150.0, 60);
    story.hold("lab.cpu", 100.0, 70);
    let rows = story.transitions(rule);
    assert_eq!(rows.len(), 6);
    for row in &rows {
        assert_eq!(story.replays(row), Some(true), "{row:?}");
        let run = story.evidence(row).expect("verdicts leave evidence");
        assert!(run.evaluations.iter().all(|one| one.ends.len() == 2), "now and yesterday");
    }
    let said = &rows[0].transition.message;
    assert!(
        said.en.starts_with("rose 1") && said.en.contains("against the same time yesterday, more than 10 %"),
        "{said:?}"
    );
    assert!(
        said.es.starts_with("ha subido 1") && said.es.contains("frente a ayer a la misma hora, más de 10 %"),
        "{said:?}"
    );
}

#[test]
fn against_nothing_there_is_no_verdict_and_the_reason_is_told_in_both_languages() {
    let mut story = Story::new();
    let rule = story.rule(rising(json!({"compare": "yesterday"})));
    story.past(
        "lab.cpu",
        f64::NAN,
        Duration::from_secs(DAY + 5 * MINUTE),
        Duration::from_secs(DAY - 10 * MINUTE),
    );
    story.hold("lab.cpu", 100.0, 70);
    assert_eq!(story.active(), ["unknown lab.cpu"]);
    assert_eq!(story.told(rule), ["1 ok>unknown not enough data"]);
}

#[test]
fn of_a_base_of_zero_there_is_no_percentage() {
    let mut story = Story::new();
    at_this_time(&mut story, DAY, 0.0);
    let rule = story.rule(rising(json!({"compare": "yesterday"})));
    story.hold("lab.cpu", 100.0, 70);
    assert_eq!(story.active(), ["unknown lab.cpu"]);
    let said = &story.transitions(rule)[0].transition.message;
    assert_eq!(said.en, "not enough data: the value to compare with is 0, of which there is no percentage");
    assert_eq!(
        said.es,
        "sin datos suficientes: el valor con el que se compara es 0, y de 0 no hay porcentaje"
    );
}

#[test]
fn a_silent_series_is_gone_when_it_was_silent_for_long_whatever_there_was_yesterday() {
    let mut story = Story::new();
    at_this_time(&mut story, DAY, 100.0);
    story.rule(rising(json!({"compare": "yesterday"})));
    story.set_forget_after(Duration::from_secs(300));
    story.hold("lab.cpu", 150.0, 70);
    story.silence("lab.cpu");
    story.seconds(120);
    assert_eq!(story.active(), ["critical lab.cpu", "unknown lab.cpu"], "silent for two minutes only");
    story.seconds(240);
    assert!(story.active().is_empty());
}

#[test]
fn a_source_elsewhere_is_asked_for_two_short_pieces_of_history() {
    let mut story = Story::new();
    story.add_far(0, 4);
    let now = atalaya::clock::Clock::now(&*story.clock).wall;
    for second in -300..300 {
        story.far.push("cpu", "lab.cpu", now.plus(second * 1_000 - 7 * DAY as i64 * 1_000), 100.0);
    }
    let mut rule = rising(json!({"compare": "last_week"}));
    rule["query"] = json!({"source": "far", "expr": "cpu"});
    story.rule(rule);
    story.push_far("cpu", "lab.cpu", 130.0);
    story.seconds(65);
    assert_eq!(story.active(), ["major lab.cpu"]);
    story.far.asked();
    story.seconds(1);
    assert_eq!(story.far.asked(), ["cpu", "cpu"], "this minute, and the one a week ago");
}

#[test]
fn a_change_in_percent_is_told_in_percent_whatever_its_values_are_in() {
    for (measure, unit) in [("percent", "%"), ("absolute", "Mb/s")] {
        let mut story = Story::new();
        at_this_time(&mut story, DAY, 100.0);
        let mut rule = rising(json!({"compare": "yesterday", "measure": measure}));
        rule["query"] = json!({"source": "local", "expr": "lab.cpu", "unit": "Mb/s"});
        let rule = story.rule(rule);
        story.hold("lab.cpu", 100.0, 70);
        story.hold("lab.cpu", 150.0, 60);
        assert_eq!(story.alarms(true)[0].context.unit.as_deref(), Some(unit));
        assert_eq!(story.state(rule).unit.as_deref(), Some(unit));
    }
}
