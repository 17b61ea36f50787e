//! Good checks, and bad rules among good ones.

use atalaya::check::{Health, NotPrepared};
use atalaya::domain::{Level, UnknownKind};

use crate::support::{Bench, THRESHOLDS, at, how, kind, level, load, rule};

#[test]
fn the_threshold_check_judges_a_thousand_series() {
    let mut bench = Bench::of(load("threshold"));
    for n in 0..1_000 {
        bench.series(&rule(THRESHOLDS), f64::from(n % 100));
    }
    let outcomes = bench.evaluate(at(0)).expect("it is not in quarantine");
    for (n, outcome) in outcomes.iter().enumerate() {
        let expected = match n % 100 {
            0..=70 => Level::Ok,
            71..=80 => Level::Warning,
            81..=90 => Level::Major,
            _ => Level::Critical,
        };
        assert_eq!(level(outcome), expected, "series {n}");
    }
    let stats = bench.check.stats();
    assert_eq!((stats.evaluations, stats.audits >= 100), (1_000, true));
    assert_eq!(bench.check.health(), Health::Ok);
}

#[test]
fn one_bad_record_among_three_hundred_fails_alone_and_the_others_verdicts_are_the_same() {
    let bad = [
        ("loop", UnknownKind::OutOfFuel),
        ("allocate", UnknownKind::OutOfMemory),
        ("panic", UnknownKind::Trapped),
        ("recurse", UnknownKind::Trapped),
        ("wrong-count", UnknownKind::WrongAnswer),
        ("fail", UnknownKind::Failed),
    ];
    for (name, expected) in bad {
        let mut bench = Bench::of(load("misbehaves"));
        for round in 0..3 {
            for n in 0..300 {
                let record = if n == 137 { how(name) } else { how("ok") };
                bench.series(&record, f64::from(n));
            }
            let outcomes = bench.evaluate(at(round)).expect("it is not in quarantine");
            assert_eq!(kind(&outcomes[137]), Some(expected), "{name}: {:?}", outcomes[137]);
            for (n, outcome) in outcomes.iter().enumerate().filter(|(n, _)| *n != 137) {
                let expected = if n > 90 { Level::Critical } else { Level::Ok };
                assert_eq!(level(outcome), expected, "{name}: series {n}");
            }
        }
        assert_eq!(bench.check.health(), Health::Ok, "{name}");
    }
}

#[test]
fn a_check_says_what_it_wants_and_refuses_what_it_cannot_use() {
    let mut bench = Bench::of(load("threshold"));
    let good = bench.runner.record(&bench.check, &rule(THRESHOLDS));
    assert_eq!(bench.runner.prepared(good).expect("good params").inputs.len(), 1);
    let wrong = rule(r#"{"direction":"above","warning":90,"critical":80}"#);
    let bad = bench.runner.record(&bench.check, &wrong);
    let Err(NotPrepared::Refused(error)) = bench.runner.prepared(bad) else { panic!("it must be refused") };
    assert_eq!(error.field, "critical");
    assert!(!error.in_language("es").message.is_empty());
    let outcome = bench.once(&wrong, 1.0, at(0));
    assert_eq!(kind(&outcome), Some(UnknownKind::Failed), "{outcome:?}");
    assert_eq!(level(&bench.once(&rule(THRESHOLDS), 95.0, at(0))), Level::Critical);
}
