use proptest::prelude::*;

use super::*;

fn template(critical: f64) -> TemplateDraft {
    serde_json::from_value(json!({
        "name": "Interfaces",
        "sets": [
            {"name": "load", "check": {"name": "threshold", "params": {"direction": "above", "warning": 70, "critical": critical}}},
            {"name": "errors", "check": {"name": "error", "params": {"missing": 50}}},
        ],
        "alarm": {"checks_to_alert": 5, "labels": {"team": "core"}, "notify": {"sms": true}},
    }))
    .expect("a template")
}

fn metric() -> Metric {
    serde_json::from_value(
        json!({"name": "ge-0/0/1", "query": {"source": "graphite", "expr": "a.b", "unit": "%"}}),
    )
    .expect("a metric")
}

fn made(template: &TemplateDraft) -> RuleDraft {
    rule_on("t1", template, &template.sets[0], &metric())
}

fn own(mut rule: RuleDraft, fields: &[&str]) -> RuleDraft {
    let link = rule.template.as_mut().expect("it is linked");
    link.overrides = fields.iter().map(ToString::to_string).collect();
    rule
}

#[test]
fn a_set_makes_a_rule_of_its_check_and_the_alarm_settings_on_a_metric() {
    let template = template(90.0);
    let rule = made(&template);
    assert_eq!(rule.name, "ge-0/0/1 · load");
    assert_eq!((rule.checks_to_alert, rule.checks_to_ok, rule.notify.sms), (5, 2, true));
    assert_eq!(rule.check, template.sets[0].check);
    assert_eq!(rule.query, metric().query);
    assert!(differences(&template, &template.sets[0], &rule).is_empty());
    let single = TemplateDraft { sets: vec![template.sets[0].clone()], ..template };
    assert_eq!(rule_on("t1", &single, &single.sets[0], &metric()).name, "ge-0/0/1", "one set needs no name");
}

#[test]
fn what_differs_from_the_set_is_an_override_field_by_field() {
    let template = template(90.0);
    let mut rule = made(&template);
    rule.check.params["critical"] = json!(95);
    rule.check.params["major"] = json!(80);
    rule.notify.sms = false;
    rule.labels.insert("site".to_owned(), "north".to_owned());
    rule.time_zone = Some("Europe/Madrid".to_owned());
    let wanted = ["check.params.critical", "check.params.major", "labels.site", "notify.sms", "time_zone"];
    assert_eq!(overrides(&template, &template.sets[0], &rule, None), wanted);
    rule.check.params["warning"] = json!(70.0);
    assert_eq!(overrides(&template, &template.sets[0], &rule, None), wanted, "70.0 is 70");
    rule.name = "Another".to_owned();
    rule.note = "mine".to_owned();
    rule.enabled = false;
    assert_eq!(
        overrides(&template, &template.sets[0], &rule, None),
        wanted,
        "these are always the rule's own"
    );
}

#[test]
fn what_equals_the_set_again_is_no_override_any_more() {
    let template = template(90.0);
    let mut before = own(made(&template), &["check.params.critical", "ok_margin"]);
    before.check.params["critical"] = json!(95);
    before.ok_margin = 5.0;
    let mut rule = before.clone();
    rule.ok_margin = 10.0;
    assert_eq!(overrides(&template, &template.sets[0], &rule, Some(&before)), ["check.params.critical"]);
}

#[test]
fn an_override_that_the_template_has_come_to_stays_until_somebody_touches_it() {
    let template = template(95.0);
    let mut before = own(made(&template), &["check.params.critical"]);
    before.check.params["critical"] = json!(95);
    let mut rule = before.clone();
    rule.note = "touched".to_owned();
    assert_eq!(overrides(&template, &template.sets[0], &rule, Some(&before)), ["check.params.critical"]);
}

#[test]
fn a_rule_follows_in_all_but_its_overrides() {
    let old = template(90.0);
    let mut rule = own(made(&old), &["check.params.critical", "labels.team", "notify.sms"]);
    rule.check.params["critical"] = json!(99);
    rule.notify.sms = false;
    rule.labels.clear();
    rule.note = "mine".to_owned();
    let mut new = template(80.0);
    new.sets[0].check.params["warning"] = json!(60);
    new.alarm.checks_to_alert = 1;
    new.alarm.notify.ovo = true;
    let followed = followed(&new, &new.sets[0], &rule);
    assert_eq!(followed.check.params, json!({"direction": "above", "warning": 60, "critical": 99}));
    assert_eq!((followed.checks_to_alert, followed.notify.sms, followed.notify.ovo), (1, false, true));
    assert!(followed.labels.is_empty(), "a label that was taken away stays away");
    assert_eq!((followed.note.as_str(), &followed.name), ("mine", &rule.name));
    assert_eq!(followed.template, rule.template);
}

#[test]
fn another_check_than_the_sets_is_one_override_and_keeps_its_params() {
    let template = template(90.0);
    let before = made(&template);
    let mut rule = before.clone();
    rule.check = CheckUse { name: "trend".to_owned(), params: json!({"rise": 10}) };
    let own_fields = overrides(&template, &template.sets[0], &rule, Some(&before));
    assert_eq!(own_fields, [CHECK]);
    let rule = own(rule, &[CHECK]);
    assert_eq!(followed(&template, &template.sets[0], &rule).check, rule.check);
    let back = RuleDraft { check: template.sets[0].check.clone(), ..rule.clone() };
    assert!(overrides(&template, &template.sets[0], &back, Some(&rule)).is_empty());
}

#[test]
fn a_set_with_another_check_takes_the_rule_with_it() {
    let template = template(90.0);
    let mut rule = own(made(&template), &["check.params.critical"]);
    rule.check.params["critical"] = json!(99);
    let followed = followed(&template, &template.sets[1], &rule);
    assert_eq!(
        followed.check, template.sets[1].check,
        "an override of the other check's params means nothing now"
    );
}

/// Any of the values that a rule may have, few of each.
fn some_rule() -> impl Strategy<Value = RuleDraft> {
    let label = prop::option::of("[ab]");
    let zone = prop::option::of(Just("Europe/Madrid".to_owned()));
    (1..4_u8, 0..3_u8, any::<bool>(), prop::option::of(1..4_u8), label, zone).prop_map(
        |(to_alert, margin, sms, critical, label, zone)| {
            let mut rule = made(&template(2.0));
            rule.checks_to_alert = to_alert;
            rule.ok_margin = f64::from(margin);
            rule.notify.sms = sms;
            rule.check.params["critical"] = json!(critical);
            rule.labels = label.map(|label| (label, "x".to_owned())).into_iter().collect();
            rule.time_zone = zone;
            rule
        },
    )
}

fn some_template() -> impl Strategy<Value = TemplateDraft> {
    some_rule().prop_map(|rule| {
        let mut draft = template(1.0);
        draft.sets[0].check = rule.check;
        draft.alarm.checks_to_alert = rule.checks_to_alert;
        draft.alarm.ok_margin = rule.ok_margin;
        draft.alarm.notify = rule.notify;
        draft.alarm.labels = rule.labels;
        draft.alarm.time_zone = rule.time_zone;
        draft
    })
}

proptest! {
    #[test]
    fn a_rule_with_all_differences_as_overrides_is_not_changed_by_following(rule in some_rule(), template in some_template()) {
        let fields = differences(&template, &template.sets[0], &rule);
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let rule = own(rule, &fields);
        let after = followed(&template, &template.sets[0], &rule);
        prop_assert!(differing(&of_rule(&after), &of_rule(&rule)).next().is_none());
        prop_assert!(differences(&template, &template.sets[0], &after) == fields);
    }

    #[test]
    fn a_rule_without_overrides_is_as_its_set_after_following(rule in some_rule(), template in some_template()) {
        let after = followed(&template, &template.sets[0], &rule);
        prop_assert!(differences(&template, &template.sets[0], &after).is_empty());
        prop_assert_eq!((after.name, after.query, after.note), (rule.name, rule.query, rule.note));
    }

    #[test]
    fn following_twice_is_following_once(rule in some_rule(), template in some_template(), own_margin: bool) {
        let rule = own(rule, if own_margin { &["ok_margin", "labels.a"] } else { &[] });
        let once = followed(&template, &template.sets[0], &rule);
        prop_assert_eq!(&followed(&template, &template.sets[0], &once), &once);
        prop_assert!(!own_margin || once.ok_margin == rule.ok_margin);
    }
}
