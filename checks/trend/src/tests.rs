use atalaya_check::harness::{self, Harness, Series};
use atalaya_check::{Level, ParamError, Rule, Sample, Samples, Span, View};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use Level::{Critical, Major, Ok as Fine, Warning};

const NOW: f64 = 1_700_000_000_000.0;
const MINUTE: f64 = 60_000.0;
const DAY: f64 = 1_440.0 * MINUTE;

fn rule(ok_margin: f64) -> Rule {
    Rule { ok_margin, interval: MINUTE, unit: "Mb/s".to_owned(), ..Rule::default() }
}

fn prepared(params: &Value, margin: f64) -> Harness<Trend> {
    match Harness::new(&params.to_string(), &rule(margin)) {
        Ok(harness) => harness,
        Err(error) => panic!("{params} refused: {} {}", error.field, error.english()),
    }
}

fn refused(params: &Value, margin: f64) -> ParamError {
    match Harness::<Trend>::new(&params.to_string(), &rule(margin)) {
        Ok(_) => panic!("{params} with margin {margin} must be refused"),
        Err(error) => error,
    }
}

/// `base` a minute apart up to `back` before now, `now` up to now.
fn series(back: f64, base: &[f64], now: &[f64]) -> Series {
    let then = Series::ending(NOW - back, MINUTE, base).history;
    let mut series = Series::ending(NOW, MINUTE, now);
    series.history.splice(0..0, then);
    series
}

/// The rule of the stories: half an hour of minutes, the second half against the first.
fn before(direction: &str, measure: &str) -> Value {
    json!({"direction": direction, "measure": measure, "window": 5, "warning": 10, "major": 20, "critical": 40})
}

/// What is said of a change from a steady `base` to a steady `now`.
fn verdict(params: &Value, base: f64, now: f64, held: Level, margin: f64) -> Outcome {
    let series = series(5.0 * MINUTE, &[base; 5], &[now; 5]).held(held);
    prepared(params, margin).evaluate(&series)
}

fn level(params: &Value, base: f64, now: f64, held: Level, margin: f64) -> Level {
    verdict(params, base, now, held, margin).expect("there is data").level
}

#[test]
fn the_description_is_as_the_contract_wants_and_the_schema_is_what_the_struct_derives() {
    assert_eq!(harness::faults::<Trend>(), Vec::<String>::new());
}

// ---- the change ----

#[test]
fn a_rise_is_judged_by_its_size_and_a_level_itself_is_fine() {
    let rising = before("rising", "absolute");
    let cases =
        [(100.0, Fine), (110.0, Fine), (110.5, Warning), (120.5, Major), (141.0, Critical), (50.0, Fine)];
    for (now, expected) in cases {
        assert_eq!(level(&rising, 100.0, now, Fine, 0.0), expected, "{now}");
    }
}

#[test]
fn a_fall_is_judged_by_its_size_and_both_judges_either() {
    let (falling, both) = (before("falling", "absolute"), before("both", "absolute"));
    for (now, falls, changes) in
        [(59.0, Critical, Critical), (85.0, Warning, Warning), (125.0, Fine, Major), (90.0, Fine, Fine)]
    {
        assert_eq!(level(&falling, 100.0, now, Fine, 0.0), falls, "{now}");
        assert_eq!(level(&both, 100.0, now, Fine, 0.0), changes, "{now}");
    }
}

#[test]
fn the_value_told_is_the_change_with_its_sign() {
    let told = |measure, base, now| {
        let verdict = verdict(&before("both", measure), base, now, Fine, 0.0);
        verdict.expect("there is data").value
    };
    assert_eq!(told("absolute", 200.0, 150.0), Some(-50.0));
    assert_eq!(told("percent", 200.0, 150.0), Some(-25.0));
    assert_eq!(told("percent", 200.0, 250.0), Some(25.0));
}

#[test]
fn a_percentage_is_of_the_size_of_what_it_is_compared_with() {
    assert_eq!(
        verdict(&before("rising", "percent"), -50.0, -25.0, Fine, 0.0),
        Ok(Verdict::new(Critical, 50.0))
    );
}

#[test]
fn of_a_base_of_zero_there_is_no_percentage_and_what_stayed_zero_has_not_changed() {
    let percent = before("both", "percent");
    let answer = verdict(&percent, 0.0, 5.0, Fine, 0.0);
    assert_eq!(answer, Err(CheckError::not_enough_data(change::ZERO_BASE)));
    assert_eq!(verdict(&percent, 0.0, 0.0, Fine, 0.0), Ok(Verdict::new(Fine, 0.0)));
    assert_eq!(verdict(&before("both", "absolute"), 0.0, 50.0, Fine, 0.0), Ok(Verdict::new(Critical, 50.0)));
}

#[test]
fn infinities_that_leave_a_number_are_judged_and_those_that_do_not_are_no_verdict() {
    let (absolute, percent) = (before("rising", "absolute"), before("rising", "percent"));
    let infinity = f64::INFINITY;
    assert_eq!(level(&absolute, 1.0, infinity, Fine, 0.0), Critical);
    assert_eq!(verdict(&absolute, -infinity, infinity, Fine, 0.0), Ok(Verdict::new(Critical, infinity)));
    let nonsense = Err(CheckError::not_enough_data(change::NO_DIFFERENCE));
    assert_eq!(verdict(&percent, infinity, 5.0, Fine, 0.0), nonsense);
    assert_eq!(verdict(&percent, -infinity, infinity, Fine, 0.0), nonsense);
}

// ---- the margin, as design.md section 4 has it ----

#[test]
fn a_held_level_lets_go_at_the_margin_and_one_above_it_keeps_its_threshold() {
    let rising = before("rising", "absolute");
    let of = |change: f64, held| level(&rising, 100.0, 100.0 + change, held, 10.0);
    assert_eq!([of(37.0, Critical), of(36.0, Critical), of(19.0, Critical)], [Critical, Major, Major]);
    assert_eq!([of(18.0, Critical), of(9.5, Critical), of(9.0, Critical)], [Warning, Warning, Fine]);
    assert_eq!([of(38.0, Major), of(19.0, Fine)], [Major, Warning]);
}

// ---- the two stretches ----

#[test]
fn two_short_pieces_are_asked_for_however_far_apart() {
    let pieces = |compare: &str| {
        let params = json!({"direction": "rising", "compare": compare, "window": 15, "major": 1});
        let inputs = prepared(&params, 0.0).inputs().clone();
        assert_eq!(inputs.fewest, 2);
        inputs.pieces.iter().map(|piece| (piece.oldest / MINUTE, piece.newest / MINUTE)).collect::<Vec<_>>()
    };
    assert_eq!(pieces("before"), [(15.0, 0.0), (30.0, 15.0)]);
    assert_eq!(pieces("yesterday"), [(15.0, 0.0), (1_455.0, 1_440.0)]);
    assert_eq!(pieces("last_week"), [(15.0, 0.0), (10_095.0, 10_080.0)]);
}

#[test]
fn each_stretch_is_one_value() {
    let nan = f64::NAN;
    let (base, now) = ([10.0, 20.0, 30.0, nan, 40.0], [50.0, 10.0, 60.0, 40.0, nan]);
    for (aggregate, change) in [("mean", 15.0), ("last", 0.0), ("max", 20.0), ("min", 0.0)] {
        let mut params = before("rising", "absolute");
        params["aggregate"] = json!(aggregate);
        let told = prepared(&params, 0.0).evaluate(&series(5.0 * MINUTE, &base, &now));
        assert_eq!(told.expect("there is data").value, Some(change), "{aggregate}");
    }
}

#[test]
fn what_is_between_the_stretches_is_not_looked_at() {
    let mut params = before("rising", "absolute");
    params["compare"] = json!("yesterday");
    let mut series = series(DAY, &[100.0; 5], &[130.0; 5]);
    series.history.insert(5, Sample { time: NOW - DAY + 1.0, value: 9e9 });
    series.history.insert(6, Sample { time: NOW - 5.0 * MINUTE, value: 9e9 });
    assert_eq!(prepared(&params, 0.0).evaluate(&series), Ok(Verdict::new(Major, 30.0)));
}

#[test]
fn a_stretch_without_a_value_is_not_enough_data() {
    let params = before("rising", "absolute");
    let answer = |base: &[f64], now: &[f64]| {
        let series = series(5.0 * MINUTE, base, now);
        prepared(&params, 0.0).evaluate(&series)
    };
    let nan = f64::NAN;
    assert_eq!(answer(&[1.0; 5], &[nan; 5]), Err(CheckError::not_enough_data(change::NO_NOW)));
    assert_eq!(answer(&[nan; 5], &[1.0; 5]), Err(CheckError::not_enough_data(change::NO_BASE)));
    assert!(answer(&[], &[1.0]).is_err());
}

// ---- what is refused ----

#[test]
fn what_makes_no_sense_is_refused_with_its_field_and_what_would_be_right() {
    let with = |name: &str, value: Value| {
        let mut params = json!({"direction": "rising", "major": 5});
        params[name] = value;
        params
    };
    let cases = [
        (json!({"direction": "rising"}), "warning", "at least one of"),
        (json!({"major": 5}), "direction", "is missing"),
        (with("direction", json!("up")), "direction", "unknown variant `up`"),
        (with("compare", json!("tomorrow")), "compare", "unknown variant `tomorrow`"),
        (with("window", json!(0)), "window", "from 1 to 1440"),
        (with("window", json!(1_441)), "window", "from 1 to 1440"),
        (with("window", json!("15")), "window", "must be a whole number"),
        (with("warning", json!(-1)), "warning", "must be 0 or more"),
        (with("critical", json!(5)), "critical", "must be above major (5)"),
        (with("size", json!(5)), "size", "is not known here"),
    ];
    for (params, field, message) in cases {
        let error = refused(&params, 0.0);
        assert_eq!(error.field, field, "{params}");
        assert!(error.english().contains(message), "{params}: {}", error.english());
        assert!(error.message.iter().any(|(language, _)| language == "en"), "{error:?}");
    }
    assert_eq!(refused(&with("critical", json!(1e308)), 50.0).field, ParamError::OK_MARGIN);
}

// ---- in words ----

fn view(language: &str) -> View<'_> {
    View { language, draw: Span { start: NOW - 60.0 * MINUTE, end: NOW } }
}

fn message(params: &Value, base: f64, now: f64, held: Level, language: &str) -> String {
    let series = series(prepared_back(params), &[base; 5], &[now; 5]).held(held);
    prepared(params, 10.0).explain(&series, &view(language)).message
}

/// How far back the second piece of these params ends, ms.
fn prepared_back(params: &Value) -> f64 {
    prepared(params, 10.0).inputs().pieces[1].newest
}

#[test]
fn the_message_says_what_changed_against_what() {
    let (percent, absolute) = (before("both", "percent"), before("both", "absolute"));
    let mut yesterday = percent.clone();
    yesterday["compare"] = json!("yesterday");
    let mut last_week = absolute.clone();
    last_week["compare"] = json!("last_week");
    let cases = [
        (
            &percent,
            (100.0, 150.0, Fine),
            "rose 50 % against the 5 min before, more than 40 % (critical)",
            "ha subido 50 % frente a los 5 min anteriores, más de 40 % (crítica)",
        ),
        (
            &yesterday,
            (100.0, 62.0, Critical),
            "fell 38 % against the same time yesterday, it has not recovered to 36 % (critical)",
            "ha bajado 38 % frente a ayer a la misma hora, aún no se ha recuperado hasta 36 % (crítica)",
        ),
        (
            &last_week,
            (100.0, 85.5, Fine),
            "fell 14.5 Mb/s against the same time a week ago, more than 10 Mb/s (warning)",
            "ha bajado 14,5 Mb/s frente a hace una semana a la misma hora, más de 10 Mb/s (warning)",
        ),
        (
            &absolute,
            (100.0, 100.0, Fine),
            "has not changed against the 5 min before: OK",
            "no ha cambiado frente a los 5 min anteriores: correcto",
        ),
        (
            &percent,
            (0.0, 5.0, Fine),
            "not enough data: the value to compare with is 0, of which there is no percentage",
            "sin datos suficientes: el valor con el que se compara es 0, y de 0 no hay porcentaje",
        ),
    ];
    for (params, (base, now, held), en, es) in cases {
        assert_eq!(message(params, base, now, held, "en-GB"), en);
        assert_eq!(message(params, base, now, held, "es-CO"), es);
    }
}

#[test]
fn a_difference_of_percentages_is_told_in_points() {
    let rule = Rule { unit: "%".to_owned(), ..rule(0.0) };
    let harness = Harness::<Trend>::new(&before("rising", "absolute").to_string(), &rule);
    let harness = harness.expect("valid params");
    let said = harness.explain(&series(5.0 * MINUTE, &[50.0; 5], &[65.0; 5]), &view("en")).message;
    assert_eq!(said, "rose 15 points against the 5 min before, more than 10 points (warning)");
}

#[test]
fn the_details_tell_both_values_the_levels_and_where_it_is_ok_again() {
    let series = series(5.0 * MINUTE, &[100.0; 5], &[130.0; 5]);
    let details = prepared(&before("rising", "percent"), 10.0).explain(&series, &view("en")).details;
    let told: Vec<(&str, &str)> = details.iter().map(|(name, value)| (&**name, &**value)).collect();
    let expected = [
        ("Now (mean of 5 min)", "130 Mb/s"),
        ("Before (mean of 5 min)", "100 Mb/s"),
        ("Change", "+30 %"),
        ("Threshold (warning)", "rises by more than 10 %"),
        ("Threshold (major)", "rises by more than 20 %"),
        ("Threshold (critical)", "rises by more than 40 %"),
        ("OK again", "at 9 % or less"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn the_lines_show_at_which_values_the_levels_begin_while_the_window_lasts() {
    let series = series(5.0 * MINUTE, &[200.0; 5], &[230.0; 5]);
    let params = json!({"direction": "both", "measure": "percent", "window": 5, "major": 20});
    let lines = prepared(&params, 0.0).explain(&series, &view("en")).lines;
    let span = Span { start: NOW - 5.0 * MINUTE, end: NOW };
    let expected = [(Direction::Below, 160.0), (Direction::Above, 240.0)].map(|(direction, value)| Line {
        level: Major,
        value,
        direction,
        span,
    });
    assert_eq!(lines, expected);
    let long_ago = View { language: "en", draw: Span { start: 0.0, end: 1.0 } };
    assert_eq!(prepared(&params, 0.0).explain(&series, &long_ago).lines, []);
}

// ---- against a reference written out at length ----

fn any_level() -> impl Strategy<Value = Level> {
    prop::sample::select(vec![Fine, Warning, Major, Critical])
}

proptest! {
    #[test]
    fn every_verdict_is_the_one_of_the_reference(
        base in -400..400i32,
        now in -400..400i32,
        way in prop::sample::select(vec!["rising", "falling", "both"]),
        measure in prop::sample::select(vec!["percent", "absolute"]),
        held in any_level(),
        margin in prop::sample::select(vec![0.0, 0.1, 10.0, 33.3, 100.0]),
    ) {
        let (base, now) = (f64::from(base) / 8.0, f64::from(now) / 8.0);
        let answer = verdict(&before(way, measure), base, now, held, margin);
        if measure == "percent" && base == 0.0 && now != 0.0 {
            prop_assert!(answer.is_err());
            return Ok(());
        }
        let change = match (measure, now == base) {
            (_, true) => 0.0,
            ("percent", _) => (now - base) / base.abs() * 100.0,
            _ => now - base,
        };
        let size = match way { "rising" => change, "falling" => -change, _ => change.abs() };
        let mut expected = Fine;
        for (level, threshold) in [(Warning, 10.0_f64), (Major, 20.0), (Critical, 40.0)] {
            let moved = if level <= held { threshold - threshold.abs() * margin / 100.0 } else { threshold };
            if size > moved {
                expected = level;
            }
        }
        prop_assert_eq!(answer, Ok(Verdict::new(expected, change)));
    }

    #[test]
    fn a_larger_change_or_a_higher_held_level_never_lowers_the_verdict(
        base in 1..400i32, first in 0..400i32, more in 0..400i32, margin in 0..=100u8,
    ) {
        let rising = before("rising", "percent");
        let (base, first) = (f64::from(base), f64::from(first));
        let at = |now: f64, held| level(&rising, base, now, held, f64::from(margin));
        prop_assert!(at(first, Fine) <= at(first + f64::from(more), Fine));
        let verdicts = [Fine, Warning, Major, Critical].map(|held| at(first, held));
        prop_assert!(verdicts.is_sorted(), "{:?}", verdicts);
    }

    #[test]
    fn the_value_of_a_stretch_lies_between_its_lowest_and_its_highest(
        values in prop::collection::vec(prop::option::weighted(0.8, -1e6..1e6f64), 1..50),
    ) {
        let values: Vec<f64> = values.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect();
        let times: Vec<f64> = (0..values.len()).map(|at| at as f64).collect();
        let samples = Samples::new(&times, &values);
        let of = |aggregate: Aggregate| aggregate.of(&samples);
        let all = [of(Aggregate::Min), of(Aggregate::Mean), of(Aggregate::Last), of(Aggregate::Max)];
        let Some(lowest) = all[0] else {
            prop_assert!(all.iter().all(Option::is_none) && values.iter().all(|value| value.is_nan()));
            return Ok(());
        };
        for value in all {
            let value = value.expect("one aggregate has a value, so all have");
            prop_assert!(lowest - 1e-9 <= value && value <= all[3].expect("as above") + 1e-9);
        }
    }
}
