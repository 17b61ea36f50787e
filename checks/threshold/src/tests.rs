use atalaya_check::harness::{self, Harness, Series};
use atalaya_check::{Direction, Level, Line, ParamError, Rule, Span, View};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use Level::{Critical, Major, Ok as Fine, Warning};

const NOW: f64 = 1_700_000_000_000.0;
const MINUTE: f64 = 60_000.0;

fn rule(ok_margin: f64) -> Rule {
    Rule { ok_margin, interval: MINUTE, unit: "%".to_owned(), ..Rule::default() }
}

fn prepared(params: &Value, margin: f64) -> Harness<Threshold> {
    match Harness::new(&params.to_string(), &rule(margin)) {
        Ok(harness) => harness,
        Err(error) => panic!("{params} refused: {} {}", error.field, error.english()),
    }
}

fn refused(params: &Value, margin: f64) -> ParamError {
    match Harness::<Threshold>::new(&params.to_string(), &rule(margin)) {
        Ok(_) => panic!("{params} with margin {margin} must be refused"),
        Err(error) => error,
    }
}

fn level_of(harness: &Harness<Threshold>, value: f64, held: Level) -> Level {
    let series = Series::ending(NOW, MINUTE, &[value]).held(held);
    match harness.evaluate(&series) {
        Ok(verdict) => {
            assert!(verdict.value == Some(value), "the value judged is told");
            verdict.level
        }
        Err(error) => panic!("{value}: {error:?}"),
    }
}

fn cpu() -> Value {
    json!({"direction": "above", "warning": 70, "major": 80, "critical": 90})
}

#[test]
fn the_description_is_as_the_contract_wants_and_the_schema_is_what_the_struct_derives() {
    assert_eq!(harness::faults::<Threshold>(), Vec::<String>::new());
}

// ---- thresholds ----

#[test]
fn above_is_strict_a_value_on_the_threshold_is_below_it() {
    let harness = prepared(&cpu(), 0.0);
    let cases =
        [(70.0, Fine), (70.1, Warning), (80.0, Warning), (80.1, Major), (90.0, Major), (90.1, Critical)];
    for (value, level) in cases {
        assert_eq!(level_of(&harness, value, Fine), level, "{value}");
    }
}

#[test]
fn below_is_strict_and_its_levels_descend() {
    let params = json!({"direction": "below", "warning": 30, "critical": 10});
    let harness = prepared(&params, 0.0);
    for (value, level) in [(30.0, Fine), (29.9, Warning), (10.0, Warning), (9.9, Critical)] {
        assert_eq!(level_of(&harness, value, Fine), level, "{value}");
    }
}

#[test]
fn outside_alarms_beyond_either_bound_and_a_bound_itself_is_fine() {
    let params = json!({"direction": "outside", "warning": [10, 90], "critical": [5, 90]});
    let harness = prepared(&params, 0.0);
    let cases =
        [(10.0, Fine), (90.0, Fine), (9.9, Warning), (5.0, Warning), (4.9, Critical), (90.1, Critical)];
    for (value, level) in cases {
        assert_eq!(level_of(&harness, value, Fine), level, "{value}");
    }
}

#[test]
fn inside_alarms_between_the_bounds_and_a_bound_itself_is_fine() {
    let params = json!({"direction": "inside", "warning": [40, 60], "major": [45, 55]});
    let harness = prepared(&params, 0.0);
    let cases = [(40.0, Fine), (40.1, Warning), (45.0, Warning), (50.0, Major), (60.0, Fine)];
    for (value, level) in cases {
        assert_eq!(level_of(&harness, value, Fine), level, "{value}");
    }
}

#[test]
fn infinities_are_values() {
    let harness = prepared(&cpu(), 10.0);
    assert_eq!(level_of(&harness, f64::INFINITY, Fine), Critical);
    assert_eq!(level_of(&harness, f64::NEG_INFINITY, Critical), Fine);
}

// ---- the OK margin, as design.md section 4 has it ----

#[test]
fn with_70_80_90_a_margin_of_10_and_critical_held_levels_let_go_at_63_72_and_81() {
    let harness = prepared(&cpu(), 10.0);
    let cases = [(85.0, Critical), (81.0, Major), (75.0, Major), (72.0, Warning), (63.0, Fine)];
    for (value, level) in cases {
        assert_eq!(level_of(&harness, value, Critical), level, "{value}");
    }
}

#[test]
fn with_major_held_a_steady_87_stays_major() {
    let harness = prepared(&cpu(), 10.0);
    assert_eq!(level_of(&harness, 87.0, Major), Major);
    assert_eq!(level_of(&harness, 87.0, Fine), Major);
    assert_eq!(level_of(&harness, 87.0, Critical), Critical);
}

#[test]
fn a_level_above_the_held_one_keeps_its_threshold() {
    let harness = prepared(&cpu(), 10.0);
    assert_eq!(level_of(&harness, 75.0, Warning), Warning);
    assert_eq!(level_of(&harness, 65.0, Warning), Warning);
    assert_eq!(level_of(&harness, 65.0, Fine), Fine);
}

#[test]
fn a_negative_threshold_moves_away_from_zero_by_its_size() {
    let params = json!({"direction": "above", "critical": -10});
    let harness = prepared(&params, 10.0);
    assert_eq!(level_of(&harness, -10.5, Critical), Critical);
    assert_eq!(level_of(&harness, -11.0, Critical), Fine);
}

#[test]
fn a_range_recovers_by_the_margin_of_each_bound() {
    let outside = prepared(&json!({"direction": "outside", "critical": [10, 90]}), 10.0);
    for (value, level) in [(10.5, Critical), (11.0, Fine), (81.0, Fine), (81.5, Critical)] {
        assert_eq!(level_of(&outside, value, Critical), level, "{value}");
    }
    let inside = prepared(&json!({"direction": "inside", "critical": [40, 60]}), 10.0);
    for (value, level) in [(36.0, Fine), (36.5, Critical), (65.5, Critical), (66.0, Fine)] {
        assert_eq!(level_of(&inside, value, Critical), level, "{value}");
    }
}

// ---- the window ----

#[test]
fn the_newest_sample_with_a_value_is_judged_however_many_empty_buckets_follow() {
    let harness = prepared(&cpu(), 0.0);
    let series = Series::ending(NOW, MINUTE / 4.0, &[10.0, 95.0, f64::NAN, f64::NAN]);
    assert_eq!(harness.evaluate(&series), Ok(Verdict::new(Critical, 95.0)));
}

#[test]
fn a_window_of_empty_buckets_alone_is_not_enough_data() {
    let harness = prepared(&cpu(), 0.0);
    let series = Series::ending(NOW, MINUTE, &[f64::NAN, f64::NAN]);
    assert!(matches!(harness.evaluate(&series), Err(CheckError::NotEnoughData(_))));
}

#[test]
fn the_window_is_as_many_intervals_as_the_rule_looks_back() {
    let mut params = cpu();
    let length = |params: &Value| {
        let inputs = prepared(params, 0.0).inputs().clone();
        assert_eq!((inputs.pieces.len(), inputs.fewest), (1, 1));
        (inputs.pieces[0].oldest, inputs.pieces[0].newest, inputs.most)
    };
    assert_eq!(length(&params), (3.0 * MINUTE, 0.0, 256));
    params["look_back"] = json!(1000);
    assert_eq!(length(&params), (1000.0 * MINUTE, 0.0, 1000));
}

// ---- other levels by time of day ----

/// Weekday nights from 22:00 to 06:00 a critical of 50.
fn nights() -> Value {
    let mut params = cpu();
    params["other_levels"] = json!([
        {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "22:00", "to": "06:00", "critical": 50},
        {"from": "23:00", "to": "23:30", "critical": 10},
    ]);
    params
}

/// Minute of the week; day 0 is Monday.
fn at(day: u16, hours: u16, minutes: u16) -> u16 {
    day * 1440 + hours * 60 + minutes
}

#[test]
fn other_levels_hold_over_midnight_and_belong_to_the_day_they_start_on() {
    let harness = prepared(&nights(), 0.0);
    let level = |minute| {
        let series = Series::ending(NOW, MINUTE, &[60.0]).minute(minute);
        harness.evaluate(&series).map(|verdict| verdict.level)
    };
    let cases = [
        (at(0, 21, 59), Fine),
        (at(0, 22, 0), Critical),
        (at(1, 5, 59), Critical),
        (at(1, 6, 0), Fine),
        (at(4, 23, 0), Critical),
        (at(5, 5, 59), Critical),
        (at(5, 22, 0), Fine),
        (at(6, 5, 0), Fine),
        (at(0, 5, 0), Fine),
    ];
    for (minute, expected) in cases {
        assert_eq!(level(minute), Ok(expected), "minute {minute}");
    }
}

#[test]
fn of_several_that_fit_the_first_holds() {
    let check: Threshold = serde_json::from_value(nights()).expect("valid params");
    let critical = |minute| check.levels_at(minute).critical;
    assert_eq!(critical(at(0, 23, 10)), Some(Bound::One(50.0)));
    assert_eq!(critical(at(6, 23, 10)), Some(Bound::One(10.0)));
    assert_eq!(critical(at(6, 23, 30)), Some(Bound::One(90.0)));
}

#[test]
fn a_stretch_that_ends_when_it_starts_is_a_whole_day() {
    let mut params = cpu();
    params["other_levels"] = json!([{"days": ["sun"], "from": "08:00", "to": "08:00", "critical": 5}]);
    let check: Threshold = serde_json::from_value(params).expect("valid params");
    let held: Vec<bool> = [at(6, 7, 59), at(6, 8, 0), at(0, 7, 59), at(0, 8, 0)]
        .map(|minute| check.levels_at(minute).critical == Some(Bound::One(5.0)))
        .into();
    assert_eq!(held, [false, true, true, false]);
}

// ---- what is refused ----

#[test]
fn what_makes_no_sense_is_refused_with_its_field_and_what_would_be_right() {
    let other = |entry: Value| json!({"direction": "above", "warning": 1, "other_levels": [entry]});
    let cases = [
        (json!({"direction": "above"}), "warning", "at least one of"),
        (json!({"direction": "up", "warning": 1}), "direction", "unknown variant `up`"),
        (json!({"warning": 1}), "direction", "is missing"),
        (json!({"direction": "above", "warning": 80, "major": 70}), "major", "must be above warning (80)"),
        (
            json!({"direction": "above", "warning": 80, "critical": 80}),
            "critical",
            "must be above warning (80)",
        ),
        (json!({"direction": "below", "major": 10, "critical": 20}), "critical", "must be below major (10)"),
        (json!({"direction": "above", "warning": [1, 2]}), "warning", "must be one number"),
        (json!({"direction": "inside", "warning": 5}), "warning", "must be two numbers"),
        (
            json!({"direction": "inside", "warning": [9, 5]}),
            "warning",
            "must be two numbers, the lower one first",
        ),
        (
            json!({"direction": "inside", "warning": [1, 2, 3]}),
            "warning",
            "must be a number or a list of two numbers",
        ),
        (
            json!({"direction": "above", "warning": "70"}),
            "warning",
            "must be a number or a list of two numbers, not string",
        ),
        (
            json!({"direction": "outside", "warning": [10, 90], "major": [20, 95]}),
            "major",
            "must be a wider range than warning (10 to 90)",
        ),
        (
            json!({"direction": "inside", "warning": [40, 60], "critical": [40, 60]}),
            "critical",
            "must be a narrower range, within that of warning (40 to 60)",
        ),
        (json!({"direction": "above", "warning": 1, "look_back": 0}), "look_back", "from 1 to 1000"),
        (json!({"direction": "above", "warning": 1, "look_back": 1001}), "look_back", "from 1 to 1000"),
        (json!({"direction": "above", "warning": 1, "look_back": 1.5}), "look_back", "a whole number"),
        (json!({"direction": "above", "warn": 1}), "warn", "is not known here"),
        (other(json!({"from": "22:00", "to": "06:00"})), "other_levels[0].warning", "at least one of"),
        (
            other(json!({"from": "22:61", "to": "06:00", "major": 1})),
            "other_levels[0].from",
            "a time like 22:00",
        ),
        (
            other(json!({"from": "22:00", "to": "24:01", "major": 1})),
            "other_levels[0].to",
            "a time like 22:00",
        ),
        (other(json!({"from": "22:00", "major": 1})), "other_levels[0].to", "is missing"),
        (
            other(json!({"days": [], "from": "22:00", "to": "06:00", "major": 1})),
            "other_levels[0].days",
            "must name a day",
        ),
        (
            other(json!({"from": "22:00", "to": "06:00", "major": 3, "critical": 2})),
            "other_levels[0].critical",
            "must be above major (3)",
        ),
    ];
    for (params, field, message) in cases {
        let error = refused(&params, 0.0);
        assert_eq!(error.field, field, "{params}");
        assert!(error.english().contains(message), "{params}: {}", error.english());
    }
}

#[test]
fn a_refusal_by_the_check_speaks_spanish_too() {
    let error = refused(&json!({"direction": "above", "warning": 80.5, "major": 70}), 0.0);
    let spanish = ("es".to_owned(), "debe ser mayor que warning (80,5)".to_owned());
    assert!(error.message.contains(&spanish), "{error:?}");
}

#[test]
fn a_margin_that_leaves_no_ok_value_is_refused_with_the_largest_that_would() {
    let range = json!({"direction": "outside", "warning": [40, 60]});
    let error = refused(&range, 20.0);
    assert_eq!(error.field, ParamError::OK_MARGIN);
    assert!(error.english().contains("must be below 20 %"), "{}", error.english());
    prepared(&range, 19.9);

    let huge = json!({"direction": "above", "warning": 1e308});
    assert_eq!(refused(&huge, 10.0).field, ParamError::OK_MARGIN);
    prepared(&huge, 0.0);
}

#[test]
fn a_level_left_empty_in_a_form_is_a_level_left_out() {
    let params = json!({"direction": "above", "warning": null, "major": null, "critical": 90});
    assert_eq!(level_of(&prepared(&params, 0.0), 95.0, Fine), Critical);
}

// ---- in words ----

fn view(language: &str) -> View<'_> {
    let draw = Span { start: NOW - 60.0 * MINUTE, end: NOW };
    View { language, draw }
}

fn message(params: &Value, value: f64, held: Level, language: &str) -> String {
    let series = Series::ending(NOW, MINUTE, &[value]).held(held);
    prepared(params, 10.0).explain(&series, &view(language)).message
}

#[test]
fn the_message_says_what_was_found_and_against_what() {
    let below = json!({"direction": "below", "major": 10});
    let inside = json!({"direction": "inside", "major": [40, 60]});
    let outside = json!({"direction": "outside", "major": [10, 90]});
    let cases = [
        (&cpu(), 95.0, Fine, "95 % is above 90 % (critical)", "95 % por encima de 90 % (crítica)"),
        (&cpu(), 50.0, Fine, "50 % is not above 70 %: OK", "50 % no supera 70 %: correcto"),
        (
            &cpu(),
            85.0,
            Critical,
            "85 % has not recovered to 81 % (critical)",
            "85 % aún no se ha recuperado hasta 81 % (crítica)",
        ),
        (
            &cpu(),
            70.000_000_1,
            Fine,
            "70.0000001 % is above 70 % (warning)",
            "70,0000001 % por encima de 70 % (warning)",
        ),
        (&below, 5.5, Fine, "5.5 % is below 10 % (major)", "5,5 % por debajo de 10 % (mayor)"),
        (&below, 50.0, Fine, "50 % is not below 10 %: OK", "50 % no baja de 10 %: correcto"),
        (&inside, 50.0, Fine, "50 % is between 40 % and 60 % (major)", "50 % está entre 40 % y 60 % (mayor)"),
        (
            &inside,
            65.0,
            Major,
            "65 % has not recovered to 66 % (major)",
            "65 % aún no se ha recuperado hasta 66 % (mayor)",
        ),
        (
            &inside,
            39.0,
            Major,
            "39 % has not recovered to 36 % (major)",
            "39 % aún no se ha recuperado hasta 36 % (mayor)",
        ),
        (
            &inside,
            30.0,
            Fine,
            "30 % is not between 40 % and 60 %: OK",
            "30 % no está entre 40 % y 60 %: correcto",
        ),
        (&outside, 95.0, Fine, "95 % is above 90 % (major)", "95 % por encima de 90 % (mayor)"),
        (
            &outside,
            10.5,
            Major,
            "10.5 % has not recovered to 11 % (major)",
            "10,5 % aún no se ha recuperado hasta 11 % (mayor)",
        ),
        (&outside, 50.0, Fine, "50 % is between 10 % and 90 %: OK", "50 % está entre 10 % y 90 %: correcto"),
    ];
    for (params, value, held, en, es) in cases {
        assert_eq!(message(params, value, held, "en-GB"), en);
        assert_eq!(message(params, value, held, "es-CO"), es);
    }
}

#[test]
fn without_a_value_the_message_says_how_far_it_looked_and_the_lines_are_drawn_all_the_same() {
    let explanation = prepared(&cpu(), 0.0).explain(&Series::ending(NOW, 0.0, &[]), &view("es"));
    let expected = "sin datos suficientes: ningún valor en los últimos 3 intervalos";
    assert_eq!(explanation.message, expected);
    assert_eq!(explanation.lines.len(), 3);
}

#[test]
fn the_details_tell_thresholds_and_where_it_is_ok_again() {
    let series = Series::ending(NOW, MINUTE, &[95.0]).minute(at(0, 23, 0));
    let details = prepared(&nights(), 10.0).explain(&series, &view("en")).details;
    let detail = |name: &str| {
        let found = details.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(detail("Threshold (critical)"), Some("above 50 %"));
    assert_eq!(detail("OK again"), Some("at 45 % or less"));
    assert_eq!(detail("Levels of the hours"), Some("22:00–06:00"));
    assert_eq!(detail("Age of the sample"), Some("0 s"));
}

#[test]
fn lines_cover_the_chart_and_change_with_the_hours() {
    // Now is Monday 22:30; the chart shows the two hours before: until 22:00 the usual levels, then the night's.
    let now = (NOW / MINUTE).floor() * MINUTE;
    let series = Series::ending(now, MINUTE, &[60.0]).minute(at(0, 22, 30));
    let draw = Span { start: now - 120.0 * MINUTE + 7.0, end: now };
    let view = View { language: "en", draw };
    let lines = prepared(&nights(), 0.0).explain(&series, &view).lines;
    let change = now - 30.0 * MINUTE;
    let line = |level, value, start, end| Line {
        level,
        value,
        direction: Direction::Above,
        span: Span { start, end },
    };
    let expected = [
        line(Warning, 70.0, draw.start, change),
        line(Major, 80.0, draw.start, change),
        line(Critical, 90.0, draw.start, change),
        line(Critical, 50.0, change, now),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_range_is_two_lines_a_level_and_a_week_has_a_stretch_for_every_change() {
    let mut params = json!({"direction": "outside", "critical": [10, 90]});
    params["other_levels"] = json!([{"from": "00:00", "to": "12:00", "critical": [20, 80]}]);
    let series = Series::ending(NOW, MINUTE, &[50.0]);
    let draw = Span { start: NOW - 7.0 * 1440.0 * MINUTE, end: NOW };
    let view = View { language: "en", draw };
    let lines = prepared(&params, 0.0).explain(&series, &view).lines;
    assert_eq!(lines.len(), 2 * 15);
    assert_eq!(lines[0].direction, Direction::Below);
    assert_eq!(lines[1].direction, Direction::Above);
}

#[test]
fn a_chart_without_bounds_or_of_a_thousand_years_does_not_hang() {
    let harness = prepared(&nights(), 0.0);
    let series = Series::ending(NOW, MINUTE, &[50.0]);
    let year = 365.0 * 1440.0 * MINUTE;
    for (start, end) in
        [(f64::NEG_INFINITY, NOW), (NOW, f64::INFINITY), (f64::NAN, NOW), (0.0, 1000.0 * year), (NOW, NOW)]
    {
        let view = View { language: "en", draw: Span { start, end } };
        let _ = harness.explain(&series, &view);
    }
}

// ---- against a reference written out at length ----

/// Levels as they are written down: how it is judged is spelled out case by case.
fn reference(side: Side, levels: &[(Level, f64, f64)], value: f64, held: Level, margin: f64) -> Level {
    let mut highest = Fine;
    for &(level, low, high) in levels {
        let moves = level <= held;
        let percent = |t: f64| t.abs() * margin / 100.0;
        let down = |t: f64| if moves { t - percent(t) } else { t };
        let up = |t: f64| if moves { t + percent(t) } else { t };
        let alarm = match side {
            Side::Above => value > down(low),
            Side::Below => value < up(low),
            Side::Inside => value > down(low) && value < up(high),
            Side::Outside => value < up(low) || value > down(high),
        };
        if alarm && level > highest {
            highest = level;
        }
    }
    highest
}

/// Bounds in the order that the side wants, some levels left out, at least one kept.
fn levels_of(side: Side, mut numbers: [i32; 6], keep: u8) -> Option<Vec<(Level, f64, f64)>> {
    numbers.sort_unstable();
    if numbers.windows(2).any(|pair| pair[0] == pair[1]) {
        return None;
    }
    let n = numbers.map(|number| f64::from(number) / 8.0);
    let bounds = match side {
        Side::Above => [(n[0], n[0]), (n[1], n[1]), (n[2], n[2])],
        Side::Below => [(n[2], n[2]), (n[1], n[1]), (n[0], n[0])],
        Side::Inside => [(n[0], n[5]), (n[1], n[4]), (n[2], n[3])],
        Side::Outside => [(n[2], n[3]), (n[1], n[4]), (n[0], n[5])],
    };
    let all = Level::ALARMS.into_iter().zip(bounds).enumerate();
    let kept = all.filter(|(index, _)| keep >> index & 1 == 1);
    Some(kept.map(|(_, (level, (low, high)))| (level, low, high)).collect())
}

fn params_of(side: Side, levels: &[(Level, f64, f64)]) -> Value {
    let mut params = json!({"direction": format!("{side:?}").to_lowercase()});
    for &(level, low, high) in levels {
        let name = format!("{level:?}").to_lowercase();
        params[name] = if side.is_range() { json!([low, high]) } else { json!(low) };
    }
    params
}

fn any_side() -> impl Strategy<Value = Side> {
    prop::sample::select(vec![Side::Above, Side::Below, Side::Inside, Side::Outside])
}

fn any_level() -> impl Strategy<Value = Level> {
    prop::sample::select(vec![Fine, Warning, Major, Critical])
}

proptest! {
    #[test]
    fn every_verdict_is_the_one_of_the_reference(
        side in any_side(),
        numbers in prop::array::uniform6(-400..400i32),
        keep in 1..8u8,
        held in any_level(),
        margin in prop::sample::select(vec![0.0, 0.1, 3.0, 10.0, 33.3, 50.0, 100.0]),
        values in prop::collection::vec(-600..600i32, 1..20),
    ) {
        let Some(levels) = levels_of(side, numbers, keep) else { return Ok(()) };
        let params = params_of(side, &levels);
        let Ok(harness) = Harness::<Threshold>::new(&params.to_string(), &rule(margin)) else {
            // Only a range can be swallowed by its margin.
            prop_assert_eq!(side, Side::Outside);
            return Ok(());
        };
        // The thresholds themselves, moved and not, are where a wrong comparison shows.
        let edges = levels.iter().flat_map(|&(_, low, high)| {
            [low, high].map(|t| [t, t - t.abs() * margin / 100.0, t + t.abs() * margin / 100.0])
        });
        let values = values.iter().map(|&v| f64::from(v) / 8.0);
        for value in values.chain(edges.flatten()).chain([f64::INFINITY, f64::NEG_INFINITY]) {
            let expected = reference(side, &levels, value, held, margin);
            prop_assert_eq!(level_of(&harness, value, held), expected, "{} at {}", params, value);
        }
    }

    #[test]
    fn holding_a_higher_level_never_lowers_the_verdict(
        side in any_side(),
        numbers in prop::array::uniform6(-400..400i32),
        margin in 0..=100u8,
        value in -600..600i32,
    ) {
        let Some(levels) = levels_of(side, numbers, 7) else { return Ok(()) };
        let params = params_of(side, &levels).to_string();
        let Ok(harness) = Harness::<Threshold>::new(&params, &rule(f64::from(margin))) else { return Ok(()) };
        let value = f64::from(value) / 8.0;
        let verdicts = [Fine, Warning, Major, Critical].map(|held| level_of(&harness, value, held));
        prop_assert!(verdicts.is_sorted(), "{:?}", verdicts);
    }

    #[test]
    fn params_that_are_accepted_leave_an_ok_value_while_everything_is_held(
        side in any_side(),
        numbers in prop::array::uniform6(-400..400i32),
        keep in 1..8u8,
        margin in 0..=100u8,
    ) {
        let Some(levels) = levels_of(side, numbers, keep) else { return Ok(()) };
        let params = params_of(side, &levels).to_string();
        let Ok(harness) = Harness::<Threshold>::new(&params, &rule(f64::from(margin))) else { return Ok(()) };
        let (_, low, high) = levels[0];
        let moved = |t: f64, sign: f64| t + sign * (t.abs() * f64::from(margin) / 100.0);
        let fine = match side {
            Side::Above | Side::Inside => moved(low, -1.0),
            Side::Below => moved(low, 1.0),
            Side::Outside => f64::midpoint(moved(low, 1.0), moved(high, -1.0)),
        };
        prop_assert_eq!(level_of(&harness, fine, Critical), Fine);
    }

    #[test]
    fn a_minute_is_in_a_stretch_exactly_when_counting_minutes_from_its_start_says_so(
        from in 0..1440u16, to in 0..=1440u16, days in 1..128u8, minute in 0..10_080u16,
    ) {
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let chosen: Vec<&str> = (0..7).filter(|day| days >> day & 1 == 1).map(|day| names[day]).collect();
        let time = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let entry = json!({"days": chosen, "from": time(from), "to": time(to), "critical": 1});
        let entry: OtherLevels = serde_json::from_value(entry).expect("a valid entry");
        let length = if to > from { to - from } else { 1440 - from + to };
        let holds = (0..7).filter(|day| days >> day & 1 == 1).any(|day| {
            let start = day * 1440 + from;
            (minute + 10_080 - start) % 10_080 < length
        });
        prop_assert_eq!(entry.holds_at(minute), holds);
    }
}
