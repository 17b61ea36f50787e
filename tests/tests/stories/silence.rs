use std::time::Duration;

use atalaya::source::stale_marker;
use atalaya_api::level::Standing;
use atalaya_tests::story::Story;
use serde_json::json;

#[test]
fn a_silent_series_is_marked_and_nothing_is_cleared() {
    let mut story = Story::new();
    let rule = story.rule(json!({"no_data": "keep"}));
    story.hold("lab.cpu", 95.0, 3);
    assert_eq!(story.no_data_since(rule, "lab.cpu"), None);
    story.silence("lab.cpu");
    story.seconds(600);
    assert_eq!(story.active(), ["critical lab.cpu"]);
    assert!(story.no_data_since(rule, "lab.cpu").is_some());
}

#[test]
fn no_data_raises_a_second_alarm_that_known_verdicts_clear() {
    let mut story = Story::new();
    let rule = story.rule(json!({}));
    story.hold("lab.cpu", 85.0, 3);
    story.silence("lab.cpu");
    story.seconds(10);
    assert_eq!(story.active(), ["major lab.cpu", "unknown lab.cpu"]);
    story.hold("lab.cpu", 85.0, 2);
    assert_eq!(story.active(), ["major lab.cpu"]);
    assert_eq!(
        story.told(rule),
        ["1 ok>major checks to alert", "2 ok>unknown not enough data", "3 unknown>ok data back"]
    );
}

#[test]
fn no_data_that_counts_as_ok_clears_what_is_held() {
    let mut story = Story::new();
    let rule = story.rule(json!({"no_data": "ok"}));
    story.hold("lab.cpu", 95.0, 3);
    story.silence("lab.cpu");
    story.seconds(10);
    assert!(story.active().is_empty());
    assert_eq!(story.told(rule)[1], "2 critical>ok no data is OK");
}

#[test]
fn a_series_that_was_never_seen_is_not_missed() {
    let mut story = Story::new();
    story.rule(json!({}));
    story.seconds(600);
    assert!(story.active().is_empty());
}

#[test]
fn a_series_that_is_gone_for_long_closes_its_alarms_and_comes_back_afresh() {
    let mut story = Story::new();
    let rule = story.rule(json!({}));
    story.set_forget_after(Duration::from_secs(60));
    story.hold("lab.cpu", 95.0, 3);
    story.silence("lab.cpu");
    story.seconds(120);
    assert!(story.active().is_empty());
    let told = story.told(rule);
    assert_eq!(told[2..], ["3 critical>ok series gone", "4 unknown>ok series gone"]);
    story.seconds(600);
    assert_eq!(story.told(rule).len(), 4, "what is gone raises nothing");
    story.hold("lab.cpu", 95.0, 3);
    assert_eq!(story.active(), ["critical lab.cpu"]);
}

#[test]
fn an_operator_can_forget_a_vanished_series_at_once() {
    let mut story = Story::new();
    let rule = story.rule(json!({}));
    story.hold("lab.cpu", 95.0, 3);
    story.silence("lab.cpu");
    story.seconds(10);
    story.forget(rule, "lab.cpu");
    story.seconds(10);
    assert!(story.active().is_empty());
    assert!(story.told(rule).iter().any(|told| told.ends_with("critical>ok forgotten")));
}

#[test]
fn a_series_that_says_it_is_over_has_no_data_at_once_and_comes_back_as_soon() {
    let mut story = Story::new();
    let rule = story.rule(json!({"query": {"expr": "up"}, "interval": "10s", "checks_to_alert": 1}));
    story.hold("up", 10.0, 60);
    assert_eq!(story.state(rule).severity, Standing::Ok);
    story.hold("up", stale_marker(), 1);
    story.silence("up");
    story.seconds(10);
    // The three intervals that the check looks back are full of samples.
    assert_eq!(story.told(rule), ["1 ok>unknown not enough data"]);
    story.hold("up", 10.0, 20);
    assert_eq!(story.told(rule).last().map(String::as_str), Some("2 unknown>ok data back"));
}
