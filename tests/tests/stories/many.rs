use atalaya::domain::{Millis, RuleId, Template, TemplateId};
use atalaya::store::RuleSet;
use atalaya::template;
use atalaya_api::level::Standing;
use atalaya_api::rule::TemplateUse;
use atalaya_tests::story::Story;
use serde_json::json;

/// Rules on `lab.router<n>.cpu`, with these changes.
fn rules(story: &mut Story, count: usize) -> Vec<RuleId> {
    let rule =
        |n: usize| json!({"name": format!("CPU {n}"), "query": {"expr": format!("lab.router{n}.cpu")}});
    (0..count).map(|n| story.rule(rule(n))).collect()
}

fn push(story: &mut Story, count: usize, value: f64) {
    (0..count).for_each(|n| story.push(&format!("lab.router{n}.cpu"), value));
}

#[test]
fn two_hundred_rules_changed_together_start_counting_anew_and_hold_what_they_held() {
    let mut story = Story::new();
    let ids = rules(&mut story, 200);
    push(&mut story, 100, 95.0);
    story.seconds(3);
    assert_eq!(story.alarms(true).len(), 100);
    let held: Vec<_> = story.alarms(true).into_iter().map(|alarm| alarm.id).collect();
    (100..200).for_each(|n| story.push(&format!("lab.router{n}.cpu"), 95.0));
    story.seconds(2);
    story.edit_all(&ids, |rule| rule.draft.checks_to_alert = 4);
    story.seconds(3);
    assert_eq!(story.alarms(true).len(), 100, "two checks of before and three of now are not four in a row");
    assert!(story.alarms(true).iter().all(|alarm| held.contains(&alarm.id)), "what was held is held");
    story.seconds(1);
    assert_eq!(story.alarms(true).len(), 200);
    story.edit_all(&ids, |rule| rule.draft.notify.sms = true);
    story.seconds(1);
    assert_eq!(story.alarms(true).len(), 200, "who is told changes no count");
}

#[test]
fn thousands_of_edits_are_taken_up_in_their_order_while_what_is_due_is_evaluated() {
    let mut story = Story::new();
    let ids = rules(&mut story, 600);
    push(&mut story, 1, 95.0);
    story.seconds(6);
    assert_eq!(story.active(), ["critical lab.router0.cpu"]);
    story.edit_all(&ids, |rule| rule.draft.enabled = false);
    story.edit_all(&ids, |rule| rule.draft.enabled = true);
    let before = story.evaluations();
    story.seconds(1);
    assert!(story.evaluations() > before, "rules that wait for their edit are still evaluated");
    story.seconds(6);
    assert_eq!(story.active(), ["critical lab.router0.cpu"]);
    let told = story.told(ids[0]);
    assert_eq!(told[1..], ["2 critical>ok rule paused", "3 ok>critical restored"]);
}

fn draft(critical: u32) -> atalaya_api::template::TemplateDraft {
    serde_json::from_value(json!({
        "name": "CPU",
        "sets": [{"name": "load", "check": {"name": "threshold",
            "params": {"direction": "above", "warning": 70, "major": 80, "critical": critical}}}],
        "alarm": {"interval": "1s"},
    }))
    .expect("a template")
}

/// A template that these rules are linked to.
fn linked(story: &mut Story, ids: &[RuleId]) -> Template {
    let template = Template {
        id: TemplateId::generate(),
        version: 1,
        draft: draft(90),
        created_at: Millis(0),
        updated_at: Millis(0),
        updated_by: "story".to_owned(),
        deleted_at: None,
        released: Vec::new(),
    };
    let id = template.id.to_string();
    let link = || TemplateUse { id: id.clone(), set: "load".to_owned(), overrides: Vec::new() };
    let writes = story.writes(ids, |rule| rule.draft.template = Some(link()));
    story.put_template(None, &template, writes);
    template
}

#[test]
fn an_edit_of_a_template_judges_its_rules_anew_but_for_the_one_with_a_value_of_its_own() {
    let mut story = Story::new();
    let ids = rules(&mut story, 3);
    let before = linked(&mut story, &ids);
    story.edit(ids[0], |rule| {
        rule.draft.check.params["critical"] = json!(99);
        let set = template::set(&before.draft, "load").expect("it is there");
        let own = template::overrides(&before.draft, set, &rule.draft, None);
        rule.draft.template.as_mut().expect("it is linked").overrides = own;
    });
    push(&mut story, 3, 93.0);
    story.seconds(3);
    assert_eq!(
        story.active(),
        ["critical lab.router2.cpu", "critical lab.router1.cpu", "major lab.router0.cpu"]
    );

    let after = Template { version: 2, draft: draft(95), ..before.clone() };
    let set = template::set(&after.draft, "load").expect("it is there");
    let writes = story.writes(&ids, |rule| rule.draft = template::followed(&after.draft, set, &rule.draft));
    story.put_template(Some(&before), &after, writes);
    story.seconds(1);
    assert_eq!(story.alarms(true).len(), 3);
    assert_eq!(story.active()[0], "critical lab.router2.cpu", "the edit itself clears nothing");
    story.seconds(2);
    push(&mut story, 3, 97.0);
    story.seconds(3);
    assert_eq!(story.active()[2], "major lab.router0.cpu", "its own level is 99");
    assert_eq!(story.active().iter().filter(|line| line.starts_with("critical")).count(), 2);
}

#[test]
fn a_template_that_goes_leaves_its_rules_or_takes_their_alarms_with_it() {
    let mut story = Story::new();
    let ids = rules(&mut story, 2);
    let template = linked(&mut story, &ids);
    push(&mut story, 2, 95.0);
    story.seconds(3);
    let gone = Template { version: 2, deleted_at: Some(Millis(1)), ..template.clone() };
    let unlinked = story.writes(&ids[..1], |rule| rule.draft.template = None);
    story.put_template(Some(&template), &gone, unlinked);
    let deleted = story.writes(&ids[1..], |rule| rule.deleted_at = Some(Millis(1)));
    story.put_template(Some(&gone), &Template { version: 3, ..gone.clone() }, deleted);
    story.seconds(2);
    assert_eq!(story.active(), ["critical lab.router0.cpu"]);
    assert_eq!(story.told(ids[0]).len(), 1, "unlinking is no edit of what judges");
    assert_eq!(story.told(ids[1])[1..], ["2 critical>ok rule deleted"]);
}

#[test]
fn how_rules_stand_and_which_are_too_fast_is_known_for_all_at_once() {
    let mut story = Story::new();
    let ids = rules(&mut story, 3);
    push(&mut story, 1, 95.0);
    story.push("lab.router1.cpu", 10.0);
    story.seconds(4);
    let standing = |story: &Story, standing| {
        let RuleSet { ids: some, except } = story.watchtower().rules_standing(standing);
        ids.iter().filter(|id| some.contains(id) != except).copied().collect::<Vec<_>>()
    };
    assert_eq!(standing(&story, Standing::Critical), [ids[0]]);
    assert_eq!(standing(&story, Standing::Ok), [ids[1]]);
    assert_eq!(standing(&story, Standing::Pending), [ids[2]]);
    assert!(standing(&story, Standing::Paused).is_empty());
    assert!(story.watchtower().rules_too_fast().ids.is_empty());

    let slow = story.rule(json!({"name": "slow data", "query": {"expr": "lab.slow"}, "checks_to_alert": 1}));
    for _ in 0..8 {
        story.push("lab.slow", 1.0);
        story.seconds(1);
        story.silence("lab.slow");
        story.seconds(9);
    }
    assert_eq!(story.watchtower().rules_too_fast().ids, [slow]);
    assert_eq!(story.state(slow).step.map(|step| step.seconds()), Some(10));
}
