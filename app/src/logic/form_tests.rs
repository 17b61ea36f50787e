use atalaya_api::settings::Settings;
use serde_json::json;

use super::*;
use crate::logic::wrong::of;

fn usual() -> Form {
    Form::new(&Settings::default().defaults, ',')
}

fn chosen() -> Form {
    let mut form = usual();
    form.expr = "lab.router1.cpu".to_owned();
    let levels = levels_of("70;80;90");
    form.check = CheckForm::Threshold(ThresholdForm { levels, ..ThresholdForm::default() });
    form
}

#[test]
fn a_chosen_series_with_its_proposal_can_be_saved_as_it_stands() {
    let draft = chosen().draft(None, ',').expect("nothing is wrong");
    assert_eq!(draft.name, "lab.router1.cpu");
    assert_eq!(
        draft.check.params,
        json!({"direction": "above", "warning": 70.0, "major": 80.0, "critical": 90.0})
    );
    assert_eq!((draft.checks_to_alert, draft.checks_to_ok, draft.ok_margin), (3, 2, 10.0));
    assert_eq!((draft.interval, draft.enabled), (None, true));
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let mut form = usual();
    form.ok_margin = "101".to_owned();
    form.checks_to_alert = "0".to_owned();
    form.interval = "25h".to_owned();
    form.name = "x".repeat(201);
    let wrongs = form.draft(None, ',').expect_err("much is wrong");
    for field in ["query.expr", "name", "ok_margin", "checks_to_alert", "interval", "check.params.warning"] {
        assert!(of(&wrongs, field).is_some(), "{field}");
    }
    assert_eq!(of(&wrongs, "checks_to_ok"), None);
}

#[test]
fn an_edit_keeps_what_the_form_has_no_field_for() {
    let mut base = chosen().draft(None, ',').expect("nothing is wrong");
    base.period = "daytime".to_owned();
    base.enabled = false;
    base.labels.insert("team".to_owned(), "core".to_owned());
    base.query.dashboard = Some("Routers".to_owned());
    let mut form = Form::of(&base, ',');
    assert_eq!(form.draft(Some(&base), ','), Ok(base.clone()));
    form.expr = "lab.router2.cpu".to_owned();
    let moved = form.draft(Some(&base), ',').expect("nothing is wrong");
    assert_eq!((moved.period.as_str(), moved.query.dashboard), ("daytime", None));
}

#[test]
fn the_params_of_a_check_without_a_form_stay_as_they_are() {
    let mut base = chosen().draft(None, ',').expect("nothing is wrong");
    base.check = CheckUse { name: "loop".to_owned(), params: json!({"turns": 3}) };
    assert_eq!(Form::of(&base, ',').draft(Some(&base), ','), Ok(base.clone()));
}

#[test]
fn a_check_is_typed_into_the_form_that_its_schema_describes() {
    let schema = json!({"type": "object", "properties": {"limit": {"type": "number", "minimum": 1}}});
    let mut form = chosen();
    let typed = |text: &str| {
        let spec = Some(Arc::new(Spec::of(&schema)));
        CheckForm::Other(OtherForm { name: "limit".to_owned(), params: json!({"limit": text}), spec })
    };
    form.check = typed("2,5");
    let draft = form.draft(None, ',').expect("nothing is wrong");
    assert_eq!(draft.check, CheckUse { name: "limit".to_owned(), params: json!({"limit": 2.5}) });
    form.check = typed("0");
    let wrongs = form.draft(None, ',').expect_err("it is below the minimum");
    assert!(of(&wrongs, "check.params.limit").is_some());
}

#[test]
fn an_address_resumes_what_was_typed_for_another_check() {
    let mut form = chosen();
    let params = json!({"direction": "falling", "warning": "12,"});
    form.check = CheckForm::Other(OtherForm { name: "trend".to_owned(), params, spec: None });
    assert_eq!(Form::from_query(&form.to_query(&usual()), &usual()), form);
}

#[test]
fn an_address_resumes_the_form_where_it_was_left() {
    let mut form = chosen();
    form.note = "¿quién? & qué".to_owned();
    form.interval = "10s".to_owned();
    form.checks_to_alert = String::new();
    form.no_data = NoData::Keep;
    form.check = CheckForm::Threshold(ThresholdForm {
        side: Side::Outside,
        levels: levels_of("10,5~90;5~95;"),
        other: vec![stretch_of("0000011;22:00;6:00;1~2"), stretch_of(";12:00;13:00;3~4;;5~6")],
        ..ThresholdForm::default()
    });
    form.checks_to_alert = "5".to_owned();
    assert_eq!(Form::from_query(&form.to_query(&usual()), &usual()), form);
    assert_eq!(usual().to_query(&usual()), "");
}

#[test]
fn three_checks_every_ten_seconds_raise_within_thirty() {
    let mut form = chosen();
    form.interval = "10s".to_owned();
    let timing = form.timing(None).expect("all numbers are there");
    assert_eq!((timing.raised_within, timing.cleared_within), (Span(30), Span(20)));
    form.interval = String::new();
    assert_eq!(form.timing(Some(Span(60))).map(|timing| timing.raised_within), Some(Span(180)));
    assert_eq!(form.timing(None), None);
}

#[test]
fn an_interval_is_read_as_people_write_it() {
    for (text, seconds) in [("10", 10), ("10 s", 10), ("5 min", 300), ("1h30m", 5_400), ("24h", 86_400)] {
        assert_eq!(interval(text), Ok(Some(Span(seconds))), "{text}");
    }
    assert_eq!(interval(" "), Ok(None));
    assert!(["0", "86401", "2d", "soon"].iter().all(|text| interval(text).is_err()));
}
