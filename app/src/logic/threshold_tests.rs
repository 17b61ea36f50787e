use serde_json::json;

use super::*;
use crate::logic::wrong::of;

fn texts(levels: [&str; 3]) -> LevelTexts {
    LevelTexts(levels.map(|text| match text.split_once("..") {
        Some((low, high)) => LevelText { low: low.to_owned(), high: high.to_owned() },
        None => LevelText { low: text.to_owned(), high: String::new() },
    }))
}

fn form(side: Side, levels: [&str; 3]) -> ThresholdForm {
    ThresholdForm { side, levels: texts(levels), ..ThresholdForm::default() }
}

fn wrongs(form: &ThresholdForm, margin: f64) -> Vec<Wrong> {
    form.params(',', margin).expect_err("something is wrong")
}

#[test]
fn three_levels_become_the_params_of_the_check() {
    let params = form(Side::Above, ["70", "80,5", "90"]).params(',', 10.0);
    assert_eq!(params, Ok(json!({"direction": "above", "warning": 70.0, "major": 80.5, "critical": 90.0})));
}

#[test]
fn each_level_may_be_left_out_but_not_all() {
    let params = form(Side::Below, ["", "", "5"]).params(',', 10.0);
    assert_eq!(params, Ok(json!({"direction": "below", "critical": 5.0})));
    let none = wrongs(&form(Side::Above, ["", " ", ""]), 10.0);
    assert_eq!(of(&none, "check.params.warning"), Some(&What::NoLevel));
}

#[test]
fn levels_out_of_order_are_told_at_the_higher_one_with_the_number_to_pass() {
    let above = wrongs(&form(Side::Above, ["70", "", "70"]), 10.0);
    assert_eq!(
        of(&above, "check.params.critical"),
        Some(&What::Higher { than: Level::Warning, value: 70.0 })
    );
    let below = wrongs(&form(Side::Below, ["10", "20", "5"]), 10.0);
    assert_eq!(of(&below, "check.params.major"), Some(&What::Lower { than: Level::Warning, value: 10.0 }));
    assert_eq!(below.len(), 1);
}

#[test]
fn outside_the_worse_level_has_the_wider_range_and_inside_the_narrower() {
    assert!(form(Side::Outside, ["20..80", "10..90", "5..95"]).params(',', 0.0).is_ok());
    assert!(form(Side::Inside, ["20..80", "30..70", "40..60"]).params(',', 0.0).is_ok());
    let outside = wrongs(&form(Side::Outside, ["20..80", "10..70", ""]), 0.0);
    assert_eq!(of(&outside, "check.params.major"), Some(&What::Higher { than: Level::Warning, value: 80.0 }));
    let inside = wrongs(&form(Side::Inside, ["20..80", "10..70", ""]), 0.0);
    assert_eq!(of(&inside, "check.params.major"), Some(&What::Higher { than: Level::Warning, value: 20.0 }));
}

#[test]
fn a_range_needs_both_ends_the_lower_one_first() {
    let half = wrongs(&form(Side::Outside, ["20..", "", ""]), 0.0);
    assert_eq!(of(&half, "check.params.warning"), Some(&What::HalfRange));
    let reversed = wrongs(&form(Side::Outside, ["80..20", "", ""]), 0.0);
    assert_eq!(of(&reversed, "check.params.warning"), Some(&What::Reversed));
}

#[test]
fn what_is_not_a_number_is_told_at_its_field() {
    let typed = wrongs(&form(Side::Above, ["7O", "1.234", "90"]), 10.0);
    assert_eq!(of(&typed, "check.params.warning"), Some(&What::NotANumber));
    assert_eq!(of(&typed, "check.params.major"), Some(&What::Ambiguous));
}

#[test]
fn a_margin_that_closes_the_range_is_refused() {
    assert!(form(Side::Outside, ["10..90", "", ""]).params(',', 50.0).is_ok());
    let closed = wrongs(&form(Side::Outside, ["40..60", "", ""]), 25.0);
    assert_eq!(of(&closed, "ok_margin"), Some(&What::NoOkLeft));
    assert!(form(Side::Above, ["70", "", ""]).params(',', 100.0).is_ok());
}

#[test]
fn a_threshold_moves_towards_ok_by_its_own_size() {
    assert_eq!(moved(90.0, true, 10.0), 81.0);
    assert_eq!(moved(-90.0, true, 10.0), -99.0);
    assert_eq!(moved(50.0, false, 10.0), 55.0);
    assert_eq!(moved(0.0, true, 10.0), 0.0);
}

#[test]
fn the_form_of_kept_params_gives_the_same_params_again() {
    let params = json!({"direction": "outside", "warning": [10.5, 90.0], "critical": [5.0, 95.0], "look_back": 7,
        "other_levels": [{"days": ["sat", "sun"], "from": "22:00", "to": "06:00", "warning": [1.0, 99.0]}]});
    let form = ThresholdForm::from_params(&params, ',').expect("the params of a threshold");
    assert_eq!(form.levels.0[0].low, "10,5");
    assert_eq!(form.params(',', 0.0), Ok(params));
}

#[test]
fn a_stretch_of_the_day_needs_days_times_and_levels() {
    let mut form = form(Side::Above, ["70", "", ""]);
    let night = Stretch {
        from: "22:00".to_owned(),
        to: "6:00".to_owned(),
        levels: texts(["90", "", ""]),
        ..Stretch::default()
    };
    form.other = vec![night.clone()];
    let params = form.params(',', 0.0).expect("nothing is wrong");
    assert_eq!(params["other_levels"], json!([{"from": "22:00", "to": "06:00", "warning": 90.0}]));
    form.other.push(Stretch {
        days: Days([false; 7]),
        from: "25:00".to_owned(),
        levels: LevelTexts::default(),
        ..night
    });
    let told = wrongs(&form, 0.0);
    for (field, what) in [("days", What::NoDay), ("from", What::NotATime), ("warning", What::NoLevel)] {
        assert_eq!(of(&told, &format!("check.params.other_levels[1].{field}")), Some(&what));
    }
}

#[test]
fn what_can_be_read_is_drawn_while_the_rest_is_still_typed() {
    let form = form(Side::Above, ["70", "8x", ""]);
    assert_eq!(form.levels.readable(Side::Above, ','), [Some(Limit::One(70.0)), None, None]);
}
