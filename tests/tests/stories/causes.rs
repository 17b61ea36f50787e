use std::time::Duration;

use atalaya::api::ports::Checks;
use atalaya::domain::{RuleId, Severity};
use atalaya_api::level::Standing;
use atalaya_tests::story::Story;
use serde_json::json;

fn rule_of(story: &mut Story, how: &str, series: &str) -> RuleId {
    let check = json!({"name": "misbehaves", "params": {"how": how}});
    story.rule(json!({"name": how, "query": {"expr": series}, "check": check}))
}

#[test]
fn a_check_that_loops_is_unknown_for_its_rule_only() {
    let mut story = Story::new();
    let looping = rule_of(&mut story, "loop", "lab.a");
    let well = rule_of(&mut story, "ok", "lab.a");
    story.hold("lab.a", 1.0, 4);
    assert_eq!(story.state(looping).severity, Standing::Unknown);
    assert_eq!(story.state(looping).reason.as_deref(), Some("out of fuel"));
    assert_eq!(story.state(well).severity, Standing::Ok);
    assert_eq!(story.told(looping), ["1 ok>unknown out of fuel"]);
}

#[test]
fn every_failure_has_its_own_name() {
    for (how, reason) in
        [("panic", "trapped"), ("allocate", "out of memory"), ("wrong-count", "wrong answer")]
    {
        let mut story = Story::new();
        let rule = rule_of(&mut story, how, "lab.a");
        story.hold("lab.a", 1.0, 4);
        let state = story.state(rule);
        assert!(state.reason.as_deref().is_some_and(|words| words.starts_with(reason)), "{how}: {state:?}");
    }
}

#[test]
fn a_quarantined_check_raises_one_alarm_and_its_rules_keep_what_they_hold() {
    let mut story = Story::new();
    let rules: Vec<_> = (0..5).map(|n| rule_of(&mut story, "loop", &format!("lab.s{n}"))).collect();
    for n in 0..5 {
        story.push(&format!("lab.s{n}"), 1.0);
    }
    story.seconds(400);
    let alarm = story.alarm_of_check("misbehaves").expect("the check is quarantined by now");
    assert_eq!(alarm.severity, Severity::Major);
    let told: Vec<_> = rules.iter().map(|rule| story.told(*rule).len()).collect();
    story.seconds(600);
    assert_eq!(rules.iter().map(|rule| story.told(*rule).len()).collect::<Vec<_>>(), told);
    assert!(story.installed.release("misbehaves"));
    story.seconds(1);
    assert!(story.alarm_of_check("misbehaves").is_none(), "released: its alarm clears");
}

#[test]
fn a_check_that_answers_by_the_company_it_is_in_is_quarantined_as_impure() {
    let mut story = Story::new();
    for n in 0..20 {
        rule_of(&mut story, "impure", &format!("lab.s{n}"));
        story.push(&format!("lab.s{n}"), 1.0);
    }
    story.seconds(20);
    let alarm = story.alarm_of_check("misbehaves").expect("the audit finds it");
    assert_eq!(alarm.reason.name(), "check impure");
}

#[test]
fn the_alarm_of_a_check_outlives_a_restart_without_being_raised_twice() {
    let mut story = Story::new();
    rule_of(&mut story, "loop", "lab.a");
    story.hold("lab.a", 1.0, 600);
    let before = story.alarm_of_check("misbehaves").expect("the check is quarantined by now");
    story.restart_after(Duration::from_secs(5));
    story.seconds(5);
    let after = story.alarm_of_check("misbehaves").expect("it still is");
    assert_eq!((before.id, before.seq), (after.id, after.seq));
}
