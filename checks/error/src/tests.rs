use atalaya_check::harness::{self, Harness, Series};
use atalaya_check::{Level, ParamError, Rule, Sample, Span, View};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use Level::{Critical, Major, Ok as Fine, Warning};

const NOW: f64 = 1_700_000_000_000.0;
const MINUTE: f64 = 60_000.0;
const STEP: f64 = 10_000.0;

fn rule(ok_margin: f64) -> Rule {
    Rule { ok_margin, interval: MINUTE, unit: "Mb/s".to_owned(), ..Rule::default() }
}

fn prepared(params: &Value, margin: f64) -> Harness<Missing> {
    match Harness::new(&params.to_string(), &rule(margin)) {
        Ok(harness) => harness,
        Err(error) => panic!("{params} refused: {} {}", error.field, error.english()),
    }
}

fn refused(params: &Value, margin: f64) -> ParamError {
    match Harness::<Missing>::new(&params.to_string(), &rule(margin)) {
        Ok(_) => panic!("{params} with margin {margin} must be refused"),
        Err(error) => error,
    }
}

/// 10, 20 and 50 % of the samples of five minutes: thirty.
fn share() -> Value {
    json!({"window": 5, "warning": 10, "major": 20, "critical": 50})
}

/// 5, 10 and 30 minutes.
fn silence() -> Value {
    json!({"measure": "silence", "warning": 5, "major": 10, "critical": 30})
}

/// A sample every ten seconds for the last `count` of them; those `gone` (0: the newest) are empty buckets.
fn buckets(count: usize, gone: impl Fn(usize) -> bool) -> Series {
    let values: Vec<f64> = (0..count).rev().map(|back| if gone(back) { f64::NAN } else { 1.0 }).collect();
    Series::ending(NOW, STEP, &values)
}

/// The same, where the samples that are gone are not there at all.
fn holes(count: usize, gone: impl Fn(usize) -> bool) -> Series {
    let mut series = buckets(count, gone);
    series.history.retain(|sample| !sample.value.is_nan());
    series
}

fn told(params: &Value, series: &Series) -> Outcome {
    prepared(params, 0.0).evaluate(series)
}

/// The verdict's number, rounded to what can be read.
fn number_of(params: &Value, series: &Series) -> f64 {
    let verdict = told(params, series).expect("there is a verdict");
    (verdict.value.expect("errors have a number") * 100.0).round() / 100.0
}

#[test]
fn the_description_is_as_the_contract_wants_and_the_schema_is_what_the_struct_derives() {
    assert_eq!(harness::faults::<Missing>(), Vec::<String>::new());
}

// ---- the share of missing samples ----

#[test]
fn a_whole_window_misses_nothing_and_an_empty_one_everything() {
    assert_eq!(told(&share(), &buckets(60, |_| false)), Ok(Verdict::new(Fine, 0.0)));
    assert_eq!(told(&share(), &buckets(60, |_| true)), Ok(Verdict::new(Critical, 100.0)));
    assert_eq!(told(&share(), &buckets(0, |_| true)), Ok(Verdict::new(Critical, 100.0)));
}

#[test]
fn empty_buckets_and_samples_that_are_not_there_are_missing_alike() {
    for every in [2, 3, 5, 10] {
        let gone = |back: usize| back % every == 1;
        let (empty, not_there) = (buckets(60, gone), holes(60, gone));
        let expected = (100.0 / every as f64 * 100.0).round() / 100.0;
        assert_eq!(number_of(&share(), &empty), expected, "one of {every}");
        assert_eq!(number_of(&share(), &not_there), expected, "one of {every}");
    }
}

#[test]
fn the_three_levels_are_strict() {
    let level = |gone: usize| {
        let verdict = told(&share(), &buckets(60, |back| (1..=gone).contains(&back)));
        verdict.expect("there is a verdict").level
    };
    let cases = [(3, Fine), (4, Warning), (6, Warning), (7, Major), (15, Major), (16, Critical)];
    for (gone, expected) in cases {
        assert_eq!(level(gone), expected, "{gone} of 30 gone");
    }
}

#[test]
fn half_a_step_early_or_late_is_in_time() {
    let mut series = buckets(60, |_| false);
    for (at, sample) in series.history.iter_mut().enumerate() {
        sample.time += if at % 2 == 0 { 0.2 } else { -0.2 } * STEP;
    }
    series.now += 0.4 * STEP;
    assert_eq!(number_of(&share(), &series), 0.0);
    // The newest is on its way.
    series.history.pop();
    assert_eq!(number_of(&share(), &series), 0.0);
}

#[test]
fn the_end_of_the_window_counts_and_so_does_its_beginning() {
    assert_eq!(number_of(&share(), &buckets(60, |back| back < 10)), 30.0);
    assert_eq!(number_of(&share(), &buckets(60, |back| (20..30).contains(&back))), 33.33);
}

#[test]
fn a_series_in_its_first_minutes_misses_nothing_of_the_time_before_it() {
    assert_eq!(number_of(&share(), &holes(6, |_| false)), 0.0);
    assert_eq!(number_of(&share(), &holes(1, |_| false)), 0.0);
    assert_eq!(number_of(&share(), &holes(10, |back| back % 2 == 1 && back < 9)), 40.0);
    // One that was there before the window is no new one.
    assert_eq!(number_of(&share(), &holes(60, |back| (6..36).contains(&back))), 80.0);
}

#[test]
fn the_step_is_the_operators_else_the_sources_else_the_series_own_else_the_interval() {
    let gone = |back: usize| back % 2 == 1;
    let mut series = holes(60, gone);
    assert_eq!(number_of(&share(), &series), 50.0, "the source says 10 s");
    series.step = 0.0;
    assert_eq!(number_of(&share(), &series), 0.0, "a sample comes each 20 s");
    let mut asked = share();
    asked["step"] = json!(10);
    assert_eq!(number_of(&asked, &series), 50.0, "10 s as asked for");
    series.history.drain(..58 / 2);
    assert_eq!(series.history.len(), 1);
    assert_eq!(number_of(&share(), &series), 0.0, "of a single sample the interval is the step");
}

#[test]
fn a_window_shorter_than_the_step_says_nothing_while_it_is_empty() {
    let mut series = Series::ending(NOW - 6.0 * MINUTE, 10.0 * MINUTE, &[1.0]);
    series.now = NOW;
    assert_eq!(told(&share(), &series), Err(CheckError::not_enough_data(SHORT_WINDOW)));
    let fresh = Series::ending(NOW - MINUTE, 10.0 * MINUTE, &[1.0, 1.0]);
    assert_eq!(number_of(&share(), &Series { now: NOW, ..fresh }), 0.0);
}

// ---- the time since the last sample ----

#[test]
fn a_silence_is_told_in_minutes_and_its_levels_are_strict() {
    let after = |minutes: f64| {
        let series = Series::ending(NOW - minutes * MINUTE, STEP, &[1.0; 30]);
        told(&silence(), &Series { now: NOW, ..series })
    };
    let cases = [(0.0, Fine), (5.0, Fine), (5.5, Warning), (10.5, Major), (30.0, Major), (30.25, Critical)];
    for (minutes, level) in cases {
        assert_eq!(after(minutes), Ok(Verdict::new(level, minutes)));
    }
    assert_eq!(after(45.0), Ok(Verdict::new(Critical, 45.0)), "seen well beyond the highest level");
}

#[test]
fn empty_buckets_are_silence() {
    assert_eq!(told(&silence(), &buckets(100, |back| back < 60)), Ok(Verdict::new(Warning, 10.0)));
}

#[test]
fn a_silence_without_end_is_at_the_highest_level_for_as_long_as_can_be_told() {
    assert_eq!(told(&silence(), &Series::ending(NOW, STEP, &[])), Ok(Verdict::new(Critical, 46.5)));
}

// ---- the window ----

#[test]
fn it_is_asked_even_about_nothing_and_looks_half_as_far_before_its_window() {
    let inputs = |params: &Value| {
        let inputs = prepared(params, 0.0).inputs().clone();
        assert_eq!(inputs.fewest, 0);
        inputs.pieces.iter().map(|piece| (piece.oldest / MINUTE, piece.newest / MINUTE)).collect::<Vec<_>>()
    };
    assert_eq!(inputs(&share()), [(5.0, 0.0), (7.5, 5.0)]);
    assert_eq!(inputs(&silence()), [(31.0, 0.0), (46.5, 31.0)]);
}

// ---- the margin ----

#[test]
fn a_held_level_lets_go_at_the_margin() {
    let of = |gone: usize, held| {
        let series = buckets(60, |back| (1..=gone).contains(&back)).held(held);
        prepared(&share(), 10.0).evaluate(&series).expect("there is a verdict").level
    };
    assert_eq!([of(14, Critical), of(13, Critical)], [Critical, Major]);
    assert_eq!([of(3, Critical), of(2, Critical)], [Warning, Fine]);
    assert_eq!(of(14, Major), Major);
}

// ---- what is refused ----

#[test]
fn what_makes_no_sense_is_refused_with_its_field_and_what_would_be_right() {
    let with = |name: &str, value: Value| {
        let mut params = json!({"major": 5});
        params[name] = value;
        params
    };
    let cases = [
        (json!({}), "warning", "at least one of"),
        (with("measure", json!("bytes")), "measure", "unknown variant `bytes`"),
        (with("window", json!(0)), "window", "from 1 to 1440"),
        (with("step", json!(0)), "step", "from 1 to 86400"),
        (with("critical", json!(100)), "critical", "must be below 100 %"),
        (with("critical", json!(4)), "critical", "must be above major (5)"),
        (with("warning", json!(-1)), "warning", "must be 0 or more"),
        (json!({"measure": "silence", "major": 20_000}), "major", "at most 10080 minutes"),
        (with("levels", json!([])), "levels", "is not known here"),
    ];
    for (params, field, message) in cases {
        let error = refused(&params, 0.0);
        assert_eq!(error.field, field, "{params}");
        assert!(error.english().contains(message), "{params}: {}", error.english());
    }
}

// ---- in words ----

fn message(params: &Value, series: &Series, language: &str) -> String {
    let view = View { language, draw: Span { start: NOW - 60.0 * MINUTE, end: NOW } };
    prepared(params, 10.0).explain(series, &view).message
}

#[test]
fn the_message_says_what_is_missing_and_what_that_means() {
    let quiet = |minutes: f64| {
        let series = Series::ending(NOW - minutes * MINUTE, STEP, &[1.0; 30]);
        Series { now: NOW, ..series }
    };
    let short = Series { now: NOW, ..Series::ending(NOW - 6.0 * MINUTE, 10.0 * MINUTE, &[1.0]) };
    let cases = [
        (
            share(),
            buckets(60, |back| back % 2 == 1),
            "50 % of the samples of the last 5 min are missing, more than 20 % (major)",
            "falta el 50 % de las muestras de los últimos 5 min, más de 20 % (mayor)",
        ),
        (
            share(),
            buckets(60, |_| false),
            "0 % of the samples of the last 5 min are missing: OK",
            "falta el 0 % de las muestras de los últimos 5 min: correcto",
        ),
        (
            share(),
            buckets(60, |back| (1..=14).contains(&back)).held(Critical),
            "46.6667 % of the samples of the last 5 min are missing, it has not recovered to 45 % (critical)",
            "falta el 46,6667 % de las muestras de los últimos 5 min, aún no se ha recuperado hasta 45 % (crítica)",
        ),
        (
            silence(),
            quiet(12.5),
            "the last sample came 12.5 min ago, more than 10 min (major)",
            "la última muestra es de hace 12,5 min, más de 10 min (mayor)",
        ),
        (
            silence(),
            quiet(200.0),
            "no sample in the last 46.5 min, more than 30 min (critical)",
            "ninguna muestra en los últimos 46,5 min, más de 30 min (crítica)",
        ),
        (
            share(),
            short,
            "not enough data: the window is shorter than the time between two samples",
            "sin datos suficientes: la ventana es más corta que el tiempo entre dos muestras",
        ),
    ];
    for (params, series, en, es) in cases {
        assert_eq!(message(&params, &series, "en"), en);
        assert_eq!(message(&params, &series, "es"), es);
    }
}

#[test]
fn the_details_tell_what_was_expected_and_by_what_step() {
    let view = View { language: "en", draw: Span { start: NOW - MINUTE, end: NOW } };
    let explanation = prepared(&share(), 10.0).explain(&buckets(60, |back| back % 3 == 1), &view);
    let told: Vec<(&str, &str)> =
        explanation.details.iter().map(|(name, value)| (&**name, &**value)).collect();
    let expected = [
        ("Age of the last sample", "0 s"),
        ("Samples", "20 of 30"),
        ("A sample every", "10 s (as the source says)"),
        ("Threshold (warning)", "more than 10 %"),
        ("Threshold (major)", "more than 20 %"),
        ("Threshold (critical)", "more than 50 %"),
        ("OK again", "at 9 % or less"),
    ];
    assert_eq!(told, expected);
    assert_eq!(explanation.lines, []);
}

// ---- for any series ----

fn any_level() -> impl Strategy<Value = Level> {
    prop::sample::select(vec![Fine, Warning, Major, Critical])
}

proptest! {
    #[test]
    fn of_even_samples_the_share_is_what_was_taken_away(
        gone in prop::collection::vec(any::<bool>(), 30),
    ) {
        // The newest is there, and one before the window.
        let series = buckets(60, |back| back > 0 && back < 30 && gone[back]);
        let count = (1..30).filter(|back| gone[*back]).count();
        let share = number_of(&share(), &series);
        prop_assert_eq!(share, (count as f64 / 30.0 * 10_000.0).round() / 100.0);
    }

    #[test]
    fn a_sample_less_never_lowers_the_verdict(
        times in prop::collection::vec(0..440_000i32, 1..80),
        which in any::<prop::sample::Index>(),
        silence_instead in any::<bool>(),
        held in any_level(),
    ) {
        let mut times: Vec<f64> = times.into_iter().map(f64::from).collect();
        times.push(445_000.0);
        times.sort_by(f64::total_cmp);
        times.dedup();
        let sample = |back: &f64| Sample { time: NOW - back, value: 1.0 };
        let mut series = Series { step: STEP, ..Series::ending(NOW, STEP, &[]) }.held(held);
        series.history = times.iter().rev().map(sample).collect();
        let params = if silence_instead { silence() } else { share() };
        let harness = prepared(&params, 10.0);
        let whole = harness.evaluate(&series).expect("there is a verdict");
        // The first stays: it says that the series was there before the window.
        if series.history.len() > 1 {
            let gone = 1 + which.index(series.history.len() - 1);
            series.history.remove(gone);
        }
        let less = harness.evaluate(&series).expect("there is a verdict");
        prop_assert!(less.value >= whole.value && less.level >= whole.level, "{:?} after {:?}", less, whole);
    }

    #[test]
    fn the_share_is_a_percentage_whatever_comes(
        times in prop::collection::vec(0..700_000i32, 0..50),
        step in prop::sample::select(vec![0.0, 1.0, 250.0, 10_000.0, 400_000.0]),
        held in any_level(),
    ) {
        let mut times: Vec<f64> = times.into_iter().map(f64::from).collect();
        times.sort_by(f64::total_cmp);
        let sample = |back: &f64| Sample { time: NOW - back, value: 1.0 };
        let mut series = Series { step, ..Series::ending(NOW, STEP, &[]) }.held(held);
        series.history = times.iter().rev().map(sample).collect();
        if let Ok(verdict) = told(&share(), &series) {
            prop_assert!(verdict.value.is_some_and(|value| (0.0..=100.0).contains(&value)), "{:?}", verdict);
        }
    }

    #[test]
    fn holding_a_higher_level_never_lowers_the_verdict(gone in 0..30usize, margin in 0..=100u8) {
        let harness = prepared(&share(), f64::from(margin));
        let verdicts = [Fine, Warning, Major, Critical].map(|held| {
            let series = buckets(60, |back| (1..=gone).contains(&back)).held(held);
            harness.evaluate(&series).expect("there is a verdict").level
        });
        prop_assert!(verdicts.is_sorted(), "{:?}", verdicts);
    }
}
