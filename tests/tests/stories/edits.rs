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

/// What joins a rule that watches "All" of a dashboard's variable changes its expression, and nothing of those that stay.
#[test]
fn series_that_join_all_leave_the_alarms_of_the_others_alone() {
    let (all, more) = ("lab.{a,b}.cpu", "lab.{a,b,c}.cpu");
    let mut story = Story::new();
    story.add_far(0, 4);
    for (expr, series) in [(all, "a"), (all, "b"), (more, "a"), (more, "b"), (more, "c")] {
        let value = if series == "b" { 50.0 } else { 95.0 };
        story.push_far(expr, &format!("lab.{series}.cpu"), value);
    }
    story.seconds(5);
    let origin = json!({"dashboard": "d", "panel": 1, "ref_id": "A", "query": "lab.$host.cpu",
        "variables": {"host": ["$__all"]}, "all": {"host": ["a", "b"]}});
    let rule = story.rule(json!({"query": {"source": "far", "expr": all}, "origin": origin}));
    story.seconds(5);
    let raised = story.alarms(true);
    assert_eq!(raised.len(), 1, "{raised:?}");

    story.edit(rule, |rule| {
        rule.draft.query.expr = more.to_owned();
        let origin = rule.draft.origin.as_mut().expect("it was made from a dashboard");
        origin.all.insert("host".to_owned(), ["a", "b", "c"].map(str::to_owned).to_vec());
    });
    story.seconds(5);
    let active = story.alarms(true);
    assert!(active.iter().any(|alarm| alarm.id == raised[0].id), "a's alarm is the one it was: {active:?}");
    assert_eq!(active.len(), 2, "and c has one of its own: {active:?}");
    assert_eq!(story.alarms(false), [], "none was closed");

    story.edit(rule, |rule| {
        rule.draft.query.expr = all.to_owned();
        rule.draft.origin.as_mut().expect("it was made from a dashboard").query = "lab.$host.load".to_owned();
    });
    story.seconds(1);
    assert_eq!(story.alarms(false).len(), 2, "another query of the dashboard is another query");
}
