use atalaya_tests::story::Story;
use serde_json::json;

#[test]
fn the_designs_first_alarm_from_raised_to_cleared() {
    let mut story = Story::new();
    let rule = story.rule(json!({}));
    story.hold("lab.cpu", 95.0, 2);
    assert!(story.active().is_empty(), "two checks are not three");
    story.seconds(1);
    assert_eq!(story.active(), ["critical lab.cpu"]);
    story.hold("lab.cpu", 85.0, 600);
    assert_eq!(story.active(), ["critical lab.cpu"], "85 has not recovered below 81");
    story.hold("lab.cpu", 75.0, 1);
    assert_eq!(story.active(), ["critical lab.cpu"]);
    story.seconds(1);
    assert_eq!(story.active(), ["major lab.cpu"]);
    story.hold("lab.cpu", 50.0, 2);
    assert!(story.active().is_empty());
    assert_eq!(
        story.told(rule),
        ["1 ok>critical checks to alert", "2 critical>major checks to OK", "3 major>ok checks to OK"]
    );
    let history = story.alarms(false);
    assert_eq!(history.len(), 1);
    assert!(history[0].cleared_at > Some(history[0].raised_at));
}

#[test]
fn a_steady_87_after_85_stays_major() {
    let mut story = Story::new();
    let rule = story.rule(json!({}));
    story.hold("lab.cpu", 85.0, 5);
    story.hold("lab.cpu", 87.0, 3_600);
    assert_eq!(story.active(), ["major lab.cpu"]);
    assert_eq!(story.told(rule), ["1 ok>major checks to alert"]);
}

#[test]
fn the_message_says_in_both_languages_what_the_check_found() {
    let mut story = Story::new();
    story.rule(json!({}));
    story.hold("lab.cpu", 95.0, 3);
    let message = &story.alarms(true)[0].message;
    assert_eq!(message.en, "95 % is above 90 % (critical)");
    assert_eq!(message.es, "95 % por encima de 90 % (crítica)");
}

#[test]
fn a_glob_watches_each_series_and_finds_new_ones() {
    let mut story = Story::new();
    let rule = story.rule(json!({"query": {"expr": "lab.*.cpu"}}));
    story.hold("lab.a.cpu", 95.0, 3);
    story.hold("lab.b.cpu", 75.0, 3);
    assert_eq!(story.active(), ["critical lab.a.cpu", "warning lab.b.cpu"]);
    assert_eq!(story.state(rule).series, 2);
}

#[test]
fn nothing_counts_in_the_first_window_after_a_start() {
    let mut story = Story::new();
    story.rule(json!({"checks_to_alert": 1}));
    story.push("lab.cpu", 50.0);
    story.seconds(5);
    story.restart_after(std::time::Duration::from_secs(1));
    story.hold("lab.cpu", 95.0, 2);
    assert!(story.active().is_empty(), "the window is three seconds long");
    story.seconds(2);
    assert_eq!(story.active(), ["critical lab.cpu"]);
}

#[test]
fn a_restart_keeps_what_is_held_and_goes_on_counting_seq() {
    let mut story = Story::new();
    let rule = story.rule(json!({}));
    story.hold("lab.cpu", 95.0, 3);
    story.restart_after(std::time::Duration::from_secs(3_600));
    story.hold("lab.cpu", 95.0, 10);
    assert_eq!(story.active(), ["critical lab.cpu"]);
    story.hold("lab.cpu", 50.0, 2);
    assert_eq!(story.told(rule), ["1 ok>critical checks to alert", "2 critical>ok checks to OK"]);
}

#[test]
fn a_clock_that_is_set_empties_the_runs_and_keeps_what_is_held() {
    for step in [-3_600_000, 3_600_000, 31_536_000_000] {
        let mut story = Story::new();
        story.rule(json!({}));
        story.rule(json!({"name": "held", "query": {"expr": "lab.held"}, "checks_to_alert": 1}));
        story.push("lab.held", 95.0);
        story.hold("lab.cpu", 95.0, 2);
        assert_eq!(story.active(), ["critical lab.held"]);
        story.clock.step_wall(step);
        story.seconds(1);
        assert_eq!(story.active(), ["critical lab.held", "warning clock"], "a clock set by {step} ms");
        story.seconds(3);
        assert_eq!(story.active().len(), 3, "after a clock set by {step} ms it counts anew and never stalls");
    }
}
