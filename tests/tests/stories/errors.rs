//! The check `error`: samples that are missing, or none for a while.

use atalaya_tests::story::Story;
use serde_json::{Value, json};

/// 10, 20 and 50 % of the samples of the last minute.
fn missing() -> Value {
    json!({"check": {"name": "error", "params": {"window": 1, "warning": 10, "major": 20, "critical": 50}}})
}

#[test]
fn a_silent_series_raises_by_the_share_that_is_missing_and_no_second_alarm_beside_it() {
    let mut story = Story::new();
    let rule = story.rule(missing());
    story.hold("lab.cpu", 1.0, 130);
    assert!(story.active().is_empty());
    story.silence("lab.cpu");
    story.seconds(40);
    assert_eq!(story.active(), ["critical lab.cpu"]);
    story.seconds(600);
    assert_eq!(story.active(), ["critical lab.cpu"], "a verdict, not a lack of one");
    let raised = [
        "1 ok>warning checks to alert",
        "2 warning>major checks to alert",
        "3 major>critical checks to alert",
    ];
    assert_eq!(story.told(rule), raised);
    story.hold("lab.cpu", 1.0, 70);
    assert!(story.active().is_empty());
    for row in story.transitions(rule) {
        assert_eq!(story.replays(&row), Some(true), "{row:?}");
    }
}

#[test]
fn every_third_sample_missing_is_a_third_of_those_that_should_be_there() {
    let mut story = Story::new();
    let mut rule = missing();
    // The local store knows of a series what it sees: half of these are two seconds apart.
    rule["check"]["params"]["step"] = json!(1);
    story.rule(rule);
    story.hold("lab.cpu", 1.0, 130);
    for _ in 0..40 {
        story.silence("lab.cpu");
        story.seconds(1);
        story.hold("lab.cpu", 1.0, 2);
    }
    assert_eq!(story.active(), ["major lab.cpu"]);
}

#[test]
fn empty_buckets_are_missing_samples() {
    let mut story = Story::new();
    story.rule(missing());
    story.hold("lab.cpu", 1.0, 130);
    story.hold("lab.cpu", f64::NAN, 40);
    assert_eq!(story.active(), ["critical lab.cpu"]);
}

#[test]
fn a_new_series_misses_nothing_of_the_time_before_it() {
    let mut story = Story::new();
    let rule = story.rule(missing());
    story.seconds(130);
    story.hold("lab.cpu", 1.0, 60);
    assert!(story.told(rule).is_empty());
}

#[test]
fn a_series_that_was_never_seen_is_not_missed() {
    let mut story = Story::new();
    story.rule(missing());
    story.seconds(300);
    assert!(story.active().is_empty());
}

#[test]
fn minutes_since_the_last_sample_raise_and_the_next_sample_clears() {
    let mut story = Story::new();
    let rule = story.rule(json!({
        "check": {"name": "error", "params": {"measure": "silence", "major": 1, "critical": 2}}
    }));
    story.hold("lab.cpu", 1.0, 130);
    story.silence("lab.cpu");
    story.seconds(60);
    assert!(story.active().is_empty(), "a minute is not more than a minute");
    story.seconds(4);
    assert_eq!(story.active(), ["major lab.cpu"]);
    story.seconds(60);
    assert_eq!(story.active(), ["critical lab.cpu"]);
    let said = &story.transitions(rule)[1].transition.message;
    assert!(said.es.starts_with("la última muestra es de hace 2"), "{said:?}");
    story.hold("lab.cpu", 1.0, 3);
    assert!(story.active().is_empty());
    for row in story.transitions(rule) {
        assert_eq!(story.replays(&row), Some(true), "{row:?}");
    }
}

#[test]
fn a_series_elsewhere_that_falls_silent_is_an_error_and_not_unknown() {
    let mut story = Story::new();
    story.add_far(0, 4);
    let mut rule = missing();
    rule["query"] = json!({"source": "far", "expr": "cpu"});
    story.rule(rule);
    story.push_far("cpu", "lab.cpu", 1.0);
    story.seconds(130);
    assert!(story.active().is_empty());
    story.silence_far("cpu", "lab.cpu");
    story.seconds(60);
    assert_eq!(story.active(), ["critical lab.cpu"]);
}
