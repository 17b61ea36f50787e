//! Clocks that are set, and the two nights of the year on which zones change their hour: on a manual clock, with the
//! real pipeline and stores.

use std::time::Duration;

use atalaya::domain::RuleId;
use atalaya_tests::story::Story;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::tally::Tally;

const SECOND: i64 = 1_000;
const HOUR: i64 = 3_600 * SECOND;
const YEAR: i64 = 365 * 24 * HOUR;
const STEPS: [i64; 6] = [SECOND, -SECOND, HOUR, -HOUR, YEAR, -YEAR];

/// A rule that is well, one whose alarm is held, one that is silent and says so, and one that is checked every 10 s.
fn a_full_house() -> (Story, [RuleId; 4]) {
    let mut story = Story::new();
    let rules =
        [("well", "1s"), ("held", "1s"), ("silent", "1s"), ("slow", "10s")].map(|(name, interval)| {
            story.rule(json!({"name": name, "query": {"expr": format!("lab.{name}")}, "interval": interval}))
        });
    for (series, value) in [("lab.well", 50.0), ("lab.held", 95.0), ("lab.silent", 50.0), ("lab.slow", 85.0)]
    {
        story.push(series, value);
    }
    story.seconds(45);
    story.silence("lab.silent");
    story.seconds(30);
    assert_eq!(story.active(), STANDING);
    (story, rules)
}

/// The active alarms, but for the one that says that the clock was set.
fn standing(story: &Story) -> Vec<String> {
    story.active().into_iter().filter(|alarm| alarm != "warning clock").collect()
}

const STANDING: [&str; 3] = ["critical lab.held", "major lab.slow", "unknown lab.silent"];

fn told(story: &Story, rules: &[RuleId]) -> Vec<Vec<String>> {
    rules.iter().map(|rule| story.told(*rule)).collect()
}

#[test]
fn a_clock_that_is_set_raises_nothing_clears_nothing_and_every_rule_keeps_its_rhythm() {
    let mut tally = Tally::of("clock set by ±1 s, ±1 h, ±1 y");
    for step in STEPS {
        let (mut story, rules) = a_full_house();
        let before = told(&story, &rules);
        story.clock.step_wall(step);
        for minute in 0..120 {
            let evaluations = story.evaluations();
            story.seconds(60);
            let made = story.evaluations() - evaluations;
            assert_eq!(made, 3 * 60 + 6, "in minute {minute} after a step of {step} ms");
            assert_eq!(standing(&story), STANDING, "in minute {minute} after a step of {step} ms");
        }
        assert_eq!(told(&story, &rules), before, "a step of {step} ms");
        tally.add(Duration::ZERO);
    }
    tally.close(0);
}

#[test]
fn a_step_that_no_daemon_would_make_is_told_and_the_telling_ends_by_itself() {
    for (step, is_told) in
        [(SECOND, false), (-29 * SECOND, false), (31 * SECOND, true), (-HOUR, true), (YEAR, true)]
    {
        let mut story = Story::new();
        story.clock.step_wall(step);
        story.seconds(1);
        let told = if is_told { vec!["warning clock".to_owned()] } else { vec![] };
        assert_eq!(story.active(), told, "a step of {step} ms");
        story.seconds(3_600);
        assert!(story.active().is_empty(), "a step of {step} ms");
    }
}

#[test]
fn what_happens_after_a_step_is_seen_at_once() {
    for step in STEPS {
        let (mut story, rules) = a_full_house();
        story.clock.step_wall(step);
        story.seconds(1);
        story.hold("lab.well", 95.0, 3);
        assert!(story.active().contains(&"critical lab.well".to_owned()), "a step of {step} ms");
        story.hold("lab.held", 50.0, 2);
        story.hold("lab.silent", 50.0, 2);
        assert_eq!(standing(&story), ["critical lab.well", "major lab.slow"], "a step of {step} ms");
        assert_eq!(story.told(rules[2]).len(), 2, "the silent one is back");
        assert_eq!(story.replays(&story.transitions(rules[0])[0]), Some(true));
    }
}

#[test]
fn a_clock_that_is_set_and_set_right_again_leaves_no_trace() {
    for step in STEPS {
        let (mut story, rules) = a_full_house();
        let before = told(&story, &rules);
        story.clock.step_wall(step);
        story.seconds(600);
        story.clock.step_wall(-step);
        story.seconds(7_200);
        assert_eq!(story.active(), STANDING, "a step of {step} ms and back");
        assert_eq!(told(&story, &rules), before, "a step of {step} ms and back");
        story.hold("lab.well", 95.0, 3);
        assert!(story.active().contains(&"critical lab.well".to_owned()), "a step of {step} ms and back");
    }
}

#[test]
fn a_step_of_more_than_an_interval_empties_the_runs_and_a_shorter_one_does_not() {
    for (step, reach) in [(SECOND, true), (-SECOND, true), (15 * SECOND, false), (-15 * SECOND, false)] {
        let mut story = Story::new();
        let rule = story.rule(json!({"interval": "10s"}));
        story.hold("lab.cpu", 50.0, 45);
        story.hold("lab.cpu", 95.0, 20);
        assert!(story.told(rule).is_empty(), "two of three");
        story.clock.step_wall(step);
        story.seconds(10);
        assert_eq!(!story.told(rule).is_empty(), reach, "the third, after a step of {step} ms");
        story.seconds(20);
        assert_eq!(story.told(rule), ["1 ok>critical checks to alert"], "after a step of {step} ms");
    }
}

#[test]
fn a_step_gives_no_series_up_that_is_late_by_a_sample() {
    for step in STEPS {
        let (mut story, rules) = a_full_house();
        let before = told(&story, &rules);
        // What the rules look back to is all from before the step, and the next samples come a second late.
        story.clock.step_wall(step);
        for series in ["lab.held", "lab.slow", "lab.well"] {
            story.silence(series);
        }
        story.seconds(1);
        for (series, value) in [("lab.held", 95.0), ("lab.slow", 85.0), ("lab.well", 50.0)] {
            story.push(series, value);
        }
        story.seconds(60);
        assert_eq!(told(&story, &rules), before, "a step of {step} ms");
    }
}

#[test]
fn a_vanished_series_is_given_up_after_its_time_however_the_clock_was_set_meanwhile() {
    for step in STEPS {
        let mut story = Story::new();
        story.set_forget_after(Duration::from_secs(2 * 3_600));
        let rule = story.rule(json!({}));
        // Others go on.
        story.push("lab.other", 1.0);
        story.hold("lab.cpu", 95.0, 3);
        story.silence("lab.cpu");
        story.seconds(3_300);
        story.clock.step_wall(step);
        story.seconds(3_800);
        assert_eq!(standing(&story), ["critical lab.cpu", "unknown lab.cpu"], "a step of {step} ms");
        story.seconds(200);
        assert_eq!(standing(&story), [""; 0], "a step of {step} ms");
        let gone = story.told(rule).iter().filter(|told| told.ends_with("series gone")).count();
        assert_eq!(gone, 2, "both its alarms, after a step of {step} ms");
    }
}

#[test]
fn a_stop_of_days_gives_no_series_up_before_it_had_a_chance_to_come_back() {
    let mut story = Story::new();
    let rule = story.rule(json!({}));
    story.hold("lab.cpu", 95.0, 3);
    story.silence("lab.cpu");
    story.restart_after(Duration::from_secs(3 * 86_400));
    story.seconds(60);
    assert!(story.active().contains(&"critical lab.cpu".to_owned()), "{:?}", story.active());
    story.hold("lab.cpu", 95.0, 60);
    assert_eq!(story.active(), ["critical lab.cpu"]);
    assert!(story.told(rule).iter().all(|told| !told.ends_with("series gone")), "{:?}", story.told(rule));
}

/// A night on which a zone changes its hour: when, and the stretch of the day that comes twice or never.
struct Night {
    zone: &'static str,
    change: &'static str,
    stretch: (&'static str, &'static str),
    /// When the stretch holds, if it does: hours before and after the change.
    holds: Option<(i64, i64)>,
}

const NIGHTS: [Night; 4] = [
    Night { zone: "Europe/Madrid", change: "2026-03-29T01:00:00Z", stretch: ("02:00", "03:00"), holds: None },
    Night {
        zone: "Europe/Madrid",
        change: "2026-10-25T01:00:00Z",
        stretch: ("02:00", "03:00"),
        holds: Some((1, 1)),
    },
    Night {
        zone: "America/Santiago",
        change: "2026-04-05T03:00:00Z",
        stretch: ("23:00", "00:00"),
        holds: Some((1, 1)),
    },
    Night {
        zone: "America/Santiago",
        change: "2026-09-06T04:00:00Z",
        stretch: ("00:00", "01:00"),
        holds: None,
    },
];

#[test]
fn the_nights_on_which_zones_change_their_hour_are_as_long_as_they_are() {
    let mut tally = Tally::of("both changes of the hour in two zones");
    for night in &NIGHTS {
        let change: Timestamp = night.change.parse().expect("an instant");
        let mut story = Story::at(change - jiff::SignedDuration::from_hours(2));
        let of = |changes: Value| {
            let mut rule = json!({"time_zone": night.zone, "checks_to_alert": 1, "checks_to_ok": 1});
            rule["check"] = json!({"params": changes});
            rule
        };
        let held = story.rule(of(json!({})));
        let (from, to) = night.stretch;
        let by_hour = story
            .rule(of(json!({"other_levels": [{"from": from, "to": to, "warning": 40, "critical": 200}]})));
        let mut by_hour_query = of(json!({}));
        by_hour_query["interval"] = json!("5m");
        let slow = story.rule(by_hour_query);
        story.edit(by_hour, |rule| rule.draft.query.expr = "lab.by_hour".to_owned());
        story.push("lab.by_hour", 50.0);
        story.push("lab.cpu", 95.0);
        // Long enough for three windows of the slow one and its three criticals.
        story.seconds(3_000);
        let before = (told(&story, &[held, slow]), story.evaluations());
        story.seconds(4 * 3_600 - 3_000);
        let (told, made) = (told(&story, &[held, slow]), story.evaluations() - before.1);
        assert_eq!(told, before.0, "{}, {}", night.zone, night.change);
        assert_eq!(made, (4 * 3_600 - 3_000) * 2 + (4 * 3_600 - 3_000) / 300, "{}", night.change);
        let hours: Vec<i64> = story
            .transitions(by_hour)
            .iter()
            .map(|row| (row.transition.at.0 - change.as_millisecond()).div_euclid(HOUR))
            .collect();
        let expected = night.holds.map_or(vec![], |(before, after)| vec![-before, after]);
        assert_eq!(hours, expected, "{}, {}", night.zone, night.change);
        tally.add(Duration::ZERO);
    }
    tally.close(0);
}
