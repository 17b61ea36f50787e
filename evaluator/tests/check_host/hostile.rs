//! Components that no tool would make: each lies in one place, and the host says which kind of failure that is.

use std::sync::Arc;

use atalaya::check::{Check, Health, HostLimits, LoadError};
use atalaya::domain::UnknownKind::{self, Failed, OutOfFuel, OutOfMemory, OutOfTime, Trapped, WrongAnswer};
use atalaya::domain::{Level, Outcome};

use crate::support::{Bench, THRESHOLDS, at, host, host_with, kind, level, limits, load, rule, wat};

/// The check by hand with other text in some places, e.g. `[("evaluate", "unreachable")]`.
fn hostile(changes: &[(&str, &str)]) -> Vec<u8> {
    let mut text = include_str!("hostile.wat").to_owned();
    for (place, code) in changes {
        let marker = format!("@{place}@");
        assert!(text.contains(&marker), "{place}");
        text = text.replace(&marker, code);
    }
    text = text.replace("@memory@", "4");
    for place in ["realloc", "describe", "prepare", "evaluate", "after", "extra"] {
        text = text.replace(&format!("@{place}@"), "");
    }
    wat(&text)
}

fn loaded(changes: &[(&str, &str)]) -> Arc<Check> {
    host().load(&hostile(changes)).unwrap_or_else(|error| panic!("{changes:?}: {error}"))
}

fn refused(wasm: &[u8]) -> LoadError {
    host().load(wasm).err().expect("it must be refused")
}

fn evaluated(changes: &[(&str, &str)]) -> Outcome {
    Bench::of(loaded(changes)).once(&rule("{}"), 1.0, at(0))
}

/// Puts a byte into the first answer: 1024 is ok or error, from 1032 the verdict (1032 level, 1040 value, 1056 memory) or
/// the error (1032 which, 1036 words, 1040 their length).
fn answer(bytes: &[(u32, u32)]) -> String {
    let store = |(at, value): &(u32, u32)| format!("(i32.store (i32.const {at}) (i32.const {value}))");
    bytes.iter().map(store).collect()
}

#[test]
fn the_check_by_hand_is_a_good_one_as_it_stands() {
    let outcome = evaluated(&[]);
    assert_eq!(level(&outcome), Level::Ok);
    assert_eq!(loaded(&[]).descriptor.title_in("en"), "hostile");
}

#[test]
fn whatever_a_call_does_the_failure_has_its_kind_and_the_next_check_is_well() {
    const SPIN: &str = "(loop $l (br $l))";
    const GROW: &str =
        "(loop $l (br_if $l (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable";
    let too_many = answer(&[(516, 0xffff_ffff)]);
    let past_the_end = answer(&[(512, 0x7fff_fff0)]);
    let misaligned = answer(&[(512, 1025)]);
    let one_more = "(i32.store (i32.const 516) (i32.add (i32.load (i32.const 516)) (i32.const 1)))";
    let bad_case = answer(&[(1024, 7)]);
    let bad_level = answer(&[(1032, 4)]);
    let bad_words = answer(&[(1024, 1), (1032, 1), (1036, 2048), (1040, 2), (2048, 0xfeff)]);
    let words_past_the_end = answer(&[(1024, 1), (1032, 1), (1036, 2048), (1040, 0x7fff_ffff)]);
    let long_words = answer(&[(1024, 1), (1032, 1), (1036, 40_000), (1040, 200_000)]);
    let huge_words = answer(&[(1024, 1), (1032, 1), (1036, 40_000), (1040, 14_000_000)]);
    let nan = answer(&[(1040, 1), (1052, 0x7ff8_0000)]);
    let memory = answer(&[(1056, 1), (1060, 8), (1064, 4097)]);
    let cases: [(&[(&str, &str)], UnknownKind); 22] = [
        (&[("evaluate", "unreachable")], Trapped),
        (&[("evaluate", SPIN)], OutOfFuel),
        (&[("evaluate", GROW)], OutOfMemory),
        (&[("evaluate", "(drop (i32.div_u (i32.const 1) (i32.const 0)))")], Trapped),
        (&[("evaluate", "(drop (i32.load (i32.const -4)))")], Trapped),
        (
            &[
                ("evaluate", "(drop (call $deep))"),
                ("extra", "(func $deep (result i32) (i32.add (call $deep) (i32.const 1)))"),
            ],
            Trapped,
        ),
        (&[("evaluate", &too_many)], WrongAnswer),
        (&[("evaluate", &past_the_end)], WrongAnswer),
        (&[("evaluate", &misaligned)], WrongAnswer),
        (&[("evaluate", one_more)], WrongAnswer),
        (&[("evaluate", &bad_case)], WrongAnswer),
        (&[("evaluate", &bad_level)], WrongAnswer),
        (&[("evaluate", &bad_words)], WrongAnswer),
        (&[("evaluate", &words_past_the_end)], WrongAnswer),
        (&[("evaluate", &nan)], WrongAnswer),
        (&[("evaluate", &memory)], WrongAnswer),
        (&[("evaluate", &long_words)], Failed),
        (&[("evaluate", &huge_words), ("memory", "250")], WrongAnswer),
        (&[("realloc", "unreachable")], Trapped),
        (&[("realloc", SPIN)], OutOfFuel),
        (&[("after", "unreachable")], Trapped),
        (&[("prepare", SPIN)], OutOfFuel),
    ];
    let mut well = Bench::of(load("threshold"));
    for (changes, expected) in cases {
        let outcome = evaluated(changes);
        assert_eq!(kind(&outcome), Some(expected), "{changes:?}: {outcome:?}");
        assert_eq!(level(&well.once(&rule(THRESHOLDS), 95.0, at(0))), Level::Critical);
    }
    assert_eq!(well.check.health(), Health::Ok);
}

#[test]
fn a_checks_words_come_through_cleaned_and_short() {
    let code =
        answer(&[(1024, 1), (1032, 1), (1036, 2048), (1040, 600), (2048, 0x1b41_0042), (2052, 0x0043_0a44)]);
    let Err(unknown) = evaluated(&[("evaluate", &code)]) else { panic!("it says failed") };
    assert_eq!(unknown.words.as_deref(), Some("BAD C"));
}

#[test]
fn what_breaks_before_it_says_what_it_is_is_refused() {
    let silent = |changes: &[(&str, &str)]| match refused(&hostile(changes)) {
        LoadError::Silent(unknown) => unknown.kind,
        other => panic!("{changes:?}: {other}"),
    };
    let spin = "(loop $l (br $l))";
    assert_eq!(silent(&[("describe", spin)]), OutOfFuel);
    assert_eq!(silent(&[("extra", "(func $s (loop $l (br $l))) (start $s)")]), OutOfFuel);
    assert_eq!(silent(&[("describe", "unreachable")]), Trapped);
    let too_large = [("memory", "257"), ("extra", "(table 1000000 funcref)")];
    for change in too_large {
        let error = refused(&hostile(&[change]));
        assert!(matches!(error, LoadError::Artefact(_)), "{change:?}: {error}");
    }
}

#[test]
fn a_component_with_any_import_is_refused_by_its_name() {
    let with_import = |name: &str, what: &str| {
        let import = format!("(component\n  (import \"{name}\" {what})");
        let text = include_str!("hostile.wat").replacen("(component", &import, 1).replace("@memory@", "4");
        let blank = |text: String, place: &str| text.replace(&format!("@{place}@"), "");
        let places = ["realloc", "describe", "prepare", "evaluate", "after", "extra"];
        refused(&wat(&places.into_iter().fold(text, blank)))
    };
    for (name, what) in [
        ("wasi:clocks/wall-clock@0.2.0", "(instance)"),
        ("atalaya:check/check@1.0.0", "(instance)"),
        ("help", "(func)"),
    ] {
        let LoadError::Imports(names) = with_import(name, what) else { panic!("{name} must be refused") };
        assert_eq!(names, [name]);
    }
}

#[test]
fn a_rule_found_guilty_runs_alone_until_it_has_behaved_a_hundred_times() {
    let trap_at_13 =
        "(if (f64.eq (f64.load (i32.load offset=32 (local.get $batch))) (f64.const 13)) (then unreachable))";
    let mut bench = Bench::of(loaded(&[("evaluate", trap_at_13)]));
    bench.series(&rule("{}"), 13.0);
    let outcome = bench.evaluate(at(0)).expect("not in quarantine");
    assert_eq!(kind(&outcome[0]), Some(Trapped));
    let alone = |bench: &mut Bench| {
        let before = bench.check.stats();
        assert_eq!(level(&bench.once(&rule("{}"), 1.0, at(0))), Level::Ok);
        let after = bench.check.stats();
        after.instances - after.audits > before.instances - before.audits
    };
    assert!((0..100).all(|_| alone(&mut bench)));
    alone(&mut bench);
    assert!((0..100).all(|_| !alone(&mut bench)), "warm and together again");
}

#[test]
fn what_takes_too_long_is_out_of_time_and_others_in_its_batch_are_not() {
    let limits = HostLimits { deadline_ms: 20, fuel_per_series: 1 << 50, ..limits() };
    let spin_at_13 = "(if (f64.eq (f64.load (i32.load offset=32 (local.get $batch))) (f64.const 13)) (then (loop $l (br $l))))";
    let host = host_with(limits);
    let check = host.load(&hostile(&[("evaluate", spin_at_13)])).expect("it loads");
    let mut bench = Bench::on(host, check);
    bench.series(&rule("{\"bad\":1}"), 13.0);
    (0..9).for_each(|_| bench.series(&rule("{}"), 1.0));
    let outcomes = bench.evaluate(at(0)).expect("a timeout is no impurity");
    assert_eq!(kind(&outcomes[0]), Some(OutOfTime));
    assert!(outcomes[1..].iter().all(|outcome| level(outcome) == Level::Ok));
}

#[test]
fn memory_stays_flat_however_often_a_check_breaks() {
    let mut bench = Bench::of(loaded(&[(
        "evaluate",
        "(drop (memory.grow (i32.const 200))) (memory.fill (i32.const 300000) (i32.const 1) (i32.const 1500000)) unreachable",
    )]));
    let resident = || {
        let status = std::fs::read_to_string("/proc/self/statm").expect("Linux says");
        let pages = status.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
        pages.expect("the second number is resident pages") * 4096
    };
    let mut after_first = None;
    for round in 0..200 {
        // Another rule each time: a rule that only fails would wait.
        let outcome = bench.once(&rule(&format!("{{\"n\":{round}}}")), 1.0, at(round));
        assert_eq!(kind(&outcome), Some(Trapped));
        after_first.get_or_insert_with(resident);
    }
    let grown = resident().saturating_sub(after_first.expect("there was a round"));
    assert!(grown < 100 << 20, "{grown} bytes more than after the first");
}
