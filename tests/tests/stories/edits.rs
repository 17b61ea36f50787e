use atalaya_tests::story::Story;
use serde_json::json;

#[test]
fn changed_thresholds_keep_the_alarm_and_judge_it_anew() {
    let mut story = Story::new();
    let rule = story.rule(json!({}));
    story.hold("lab.cpu", 95.0, 3);
    let higher = json!({"direction": "above", "warning": 120});
    story.edit(rule, |rule| rule.draft.check.params = higher);
    story.seconds(1);
    assert_eq!(story.active(), ["critical lab.cpu"], "the edit itself clears nothing");
    story.seconds(1);
    assert!(story.active().is_empty(), "two checks below the new threshold do");
    assert_eq!(story.told(rule)[1], "2 critical>ok checks to OK");
}

#[test]
fn changed_counts_empty_the_runs() {
    let mut story = Story::new();
    let rule = story.rule(json!({}));
    story.hold("lab.cpu", 95.0, 2);
    story.edit(rule, |rule| rule.draft.checks_to_alert = 2);
    story.seconds(1);
    assert!(story.active().is_empty());
    story.seconds(1);
    assert_eq!(story.active(), ["critical lab.cpu"]);
}

#[test]
fn a_changed_name_changes_no_run() {
    let mut story = Story::new();
    let rule = story.rule(json!({}));
    story.hold("lab.cpu", 95.0, 2);
    story.edit(rule, |rule| rule.draft.name = "Another name".to_owned());
    story.seconds(1);
    assert_eq!(story.active(), ["critical lab.cpu"]);
}

#[test]
fn a_pause_closes_the_alarm_and_its_undo_brings_the_same_one_back() {
    let mut story = Story::new();
    let rule = story.rule(json!({}));
    story.hold("lab.cpu", 95.0, 3);
    let alarm = story.alarms(true)[0].id;
    story.edit(rule, |rule| rule.draft.enabled = false);
    story.seconds(5);
    assert!(story.active().is_empty());
    story.edit(rule, |rule| rule.draft.enabled = true);
    story.seconds(1);
    assert_eq!(story.active(), ["critical lab.cpu"]);
    assert_eq!(story.alarms(true)[0].id, alarm);
    assert_eq!(story.told(rule)[1..], ["2 critical>ok rule paused", "3 ok>critical restored"]);
}

#[test]
fn a_pause_of_an_hour_ends_afresh() {
    let mut story = Story::new();
    let rule = story.rule(json!({}));
    story.hold("lab.cpu", 95.0, 3);
    story.edit(rule, |rule| rule.draft.enabled = false);
    story.hold("lab.cpu", 50.0, 3_600);
    story.edit(rule, |rule| rule.draft.enabled = true);
    story.seconds(5);
    assert!(story.active().is_empty());
}

#[test]
fn a_deleted_rule_closes_its_alarm_and_a_restored_one_has_it_again() {
    let mut story = Story::new();
    let rule = story.rule(json!({}));
    story.hold("lab.cpu", 95.0, 3);
    let now = story.alarms(true)[0].raised_at;
    story.edit(rule, |rule| rule.deleted_at = Some(now));
    story.seconds(2);
    assert!(story.active().is_empty());
    story.edit(rule, |rule| rule.deleted_at = None);
    story.seconds(2);
    assert_eq!(story.active(), ["critical lab.cpu"]);
    assert_eq!(story.told(rule)[1..], ["2 critical>ok rule deleted", "3 ok>critical restored"]);
}

#[test]
fn a_changed_query_closes_and_seq_goes_on_when_it_is_changed_back() {
    let mut story = Story::new();
    let rule = story.rule(json!({}));
    story.push("lab.other", 10.0);
    story.hold("lab.cpu", 95.0, 3);
    story.edit(rule, |rule| rule.draft.query.expr = "lab.other".to_owned());
    story.seconds(5);
    assert!(story.active().is_empty());
    story.edit(rule, |rule| rule.draft.query.expr = "lab.cpu".to_owned());
    story.seconds(5);
    assert_eq!(story.active(), ["critical lab.cpu"]);
    assert_eq!(story.told(rule)[1..], ["2 critical>ok query changed", "3 ok>critical restored"]);
}
