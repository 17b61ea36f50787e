use serde_json::json;

use super::*;
use crate::logic::wrong::of;

const TREND: &str = include_str!("../../../checks/trend/schema.json");
const ERROR: &str = include_str!("../../../checks/error/schema.json");
const THRESHOLD: &str = include_str!("../../../checks/threshold/schema.json");

fn spec(schema: &str) -> Spec {
    Spec::of(&serde_json::from_str(schema).expect("the schema is JSON"))
}

fn name(name: &str) -> Key {
    Key::Name(name.to_owned())
}

fn shown(spec: &Spec, typed: &Value) -> Vec<String> {
    let fields = spec.fields.iter().filter(|field| spec.is_shown(field, &[], typed));
    fields.map(|field| field.name.clone()).collect()
}

#[test]
fn the_fields_come_in_the_order_that_the_check_wants_with_words_in_both_languages() {
    let trend = spec(TREND);
    let names: Vec<&str> = trend.fields.iter().map(|field| &*field.name).collect();
    let expected = ["direction", "compare", "window", "aggregate", "measure", "warning", "major", "critical"];
    assert_eq!(names, expected);
    let window = &trend.fields[2];
    assert_eq!((window.title.get("es"), window.title.get("fr")), (Some("Ventana"), Some("Window")));
    assert_eq!((window.unit.as_deref(), text_of(None, window, ',')), (Some("min"), "15".to_owned()));
}

#[test]
fn every_field_of_the_built_in_checks_is_one_that_a_form_can_have() {
    fn all(fields: &[Field]) {
        for field in fields {
            assert!(!field.kinds.is_empty(), "{}", field.name);
            for (_, kind) in &field.kinds {
                match kind {
                    Kind::Group(fields) => all(fields),
                    Kind::List { of, .. } => all(std::slice::from_ref(of)),
                    _ => {}
                }
            }
        }
    }
    for schema in [TREND, ERROR, THRESHOLD] {
        all(&spec(schema).fields);
    }
}

#[test]
fn numbers_are_read_as_people_type_them_and_what_is_left_empty_is_left_out() {
    let typed = json!({"warning": "12,5", "major": "20", "critical": " ", "window": "30"});
    let params = spec(TREND).params(&typed, ',', "check.params");
    let expected = json!({"direction": "rising", "warning": 12.5, "major": 20.0, "window": 30});
    assert_eq!(params, Ok(expected));
}

#[test]
fn params_that_are_kept_come_out_as_they_went_in() {
    let kept = [
        (TREND, json!({"direction": "both", "compare": "last_week", "window": 5, "critical": 0.1})),
        (ERROR, json!({"measure": "missing", "window": 60, "step": 10.0, "major": 5.0})),
        (THRESHOLD, json!({"direction": "above", "critical": 90.0})),
        (
            THRESHOLD,
            json!({
                "direction": "outside", "warning": [10.0, 90.5], "look_back": 5,
                "other_levels": [{"days": ["sat", "sun"], "from": "22:00", "to": "06:00", "major": [1.0, 2.0]}]
            }),
        ),
    ];
    for (schema, params) in kept {
        assert_eq!(spec(schema).params(&params, ',', "check.params"), Ok(params.clone()));
    }
}

#[test]
fn what_is_not_to_be_seen_is_neither_read_nor_sent() {
    let error = spec(ERROR);
    let typed = json!({"measure": "silence", "window": "nonsense", "major": "5"});
    assert_eq!(shown(&error, &typed), ["measure", "warning", "major", "critical"]);
    assert_eq!(error.params(&typed, '.', "check.params"), Ok(json!({"measure": "silence", "major": 5.0})));
    assert_eq!(shown(&error, &json!({})).len(), 6, "by its default samples are counted");
}

#[test]
fn of_two_types_the_one_that_holds_is_asked_for() {
    let threshold = spec(THRESHOLD);
    let warning = &threshold.fields[1];
    let is_list = |typed: Value| matches!(threshold.kind(warning, &[], &typed), Some(Kind::List { .. }));
    assert!(is_list(json!({"direction": "inside"})));
    assert!(!is_list(json!({"direction": "below"})) && !is_list(json!({})));
    // Inside a list of objects the field that decides is in the object around them.
    let around = [name("other_levels"), Key::At(0)];
    let inner = threshold.fields_at(&around).expect("it has fields").last().expect("critical is the last");
    let kind = threshold.kind(inner, &around, &json!({"direction": "inside"}));
    assert!(matches!(kind, Some(Kind::List { least: 2, .. })), "{kind:?}");
}

#[test]
fn what_is_wrong_is_told_at_its_field_with_what_would_be_right() {
    let wrongs =
        spec(TREND).params(&json!({"window": "0", "warning": "x", "major": "-1"}), '.', "check.params");
    let wrongs = wrongs.expect_err("three are wrong");
    let what = |field: &str| of(&wrongs, &format!("check.params.{field}")).cloned();
    assert_eq!(what("window"), Some(What::WholeBetween { min: 1, max: 1_440 }));
    assert_eq!(what("warning"), Some(What::NotANumber));
    assert_eq!(what("major"), Some(What::AtLeast { min: 0.0 }));
    let typed = json!({"direction": "above", "other_levels": [{"from": "22:00", "to": "25:00"}]});
    let wrongs = spec(THRESHOLD).params(&typed, '.', "check.params").expect_err("no day has 25 hours");
    assert_eq!(of(&wrongs, "check.params.other_levels[0].to"), Some(&What::NotATime));
}

#[test]
fn a_required_field_without_a_default_must_be_filled_in() {
    let schema = json!({
        "type": "object", "required": ["word", "on"],
        "properties": {"word": {"type": "string", "maxLength": 3}, "on": {"type": "boolean"}}
    });
    let spec = Spec::of(&schema);
    let wrongs = spec.params(&json!({}), '.', "check.params").expect_err("the word is missing");
    assert_eq!(wrongs, [Wrong::new("check.params.word", What::Missing)]);
    assert_eq!(
        spec.params(&json!({"word": "abc", "on": true}), '.', "check.params"),
        Ok(json!({"word": "abc", "on": true}))
    );
    assert!(spec.params(&json!({"word": "abcd"}), '.', "check.params").is_err());
}

#[test]
fn what_is_typed_is_put_where_it_belongs() {
    let mut typed = Value::Null;
    put(&mut typed, &[name("levels"), Key::At(1), name("to")], "06:00".into());
    assert_eq!(typed, json!({"levels": [null, {"to": "06:00"}]}));
    let way = [name("levels"), Key::At(1), name("to")];
    assert_eq!(at(&typed, &way), Some(&"06:00".into()));
    assert_eq!(path_of("check.params", &way), "check.params.levels[1].to");
}

#[test]
fn the_checks_of_most_metrics_are_offered_first_then_the_others_by_title() {
    let check = |name: &str, title: &str| (name.to_owned(), title.to_owned());
    let mut checks =
        [check("z", "A"), check("error", "Z"), check("a", "B"), check("threshold", "Y"), check("trend", "X")];
    put_in_order(&mut checks);
    assert_eq!(checks.map(|(name, _)| name), ["threshold", "trend", "error", "z", "a"]);
}

#[test]
fn a_schema_that_is_none_has_no_fields() {
    assert_eq!(Spec::of(&Value::Null).params(&Value::Null, '.', "check.params"), Ok(json!({})));
}
