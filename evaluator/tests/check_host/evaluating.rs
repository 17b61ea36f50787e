//! Good checks, and bad rules among good ones.

use atalaya::check::{Health, HostLimits, NotPrepared, Runner};
use atalaya::domain::{Level, UnknownKind};

use crate::support::{Bench, THRESHOLDS, at, component, host_with, how, kind, level, limits, load, rule};

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

#[test]
fn more_rules_than_an_instance_has_slots_for_are_judged_all_the_same() {
    let host = host_with(HostLimits { slots_per_instance: 256, ..limits() });
    let check = host.load(&component("threshold")).expect("it loads");
    let mut bench = Bench::on(host, check);
    for _ in 0..2 {
        for n in 0..1_000 {
            let params = format!(r#"{{"direction":"above","critical":{n}}}"#);
            bench.series(&rule(&params), if n % 2 == 0 { f64::from(n) } else { f64::from(n) + 0.5 });
        }
        let outcomes = bench.evaluate(at(0)).expect("not in quarantine");
        for (n, outcome) in outcomes.iter().enumerate() {
            let expected = if n % 2 == 0 { Level::Ok } else { Level::Critical };
            assert_eq!(level(outcome), expected, "rule {n}");
        }
    }
    assert!(bench.check.stats().instances >= 7);
}

#[test]
fn a_verdict_is_explained_in_the_readers_language_with_its_lines() {
    let mut bench = Bench::of(load("threshold"));
    bench.series(&rule(THRESHOLDS), 95.0);
    let explain = |bench: &mut Bench, language: &str| {
        let explained = bench.runner.explain(&bench.check, &bench.batch, language, (0.0, 1e12));
        explained.expect("the check explains itself")
    };
    let (es, en) = (explain(&mut bench, "es"), explain(&mut bench, "en"));
    assert_ne!(es.message, en.message);
    assert!(es.message.contains("95") && en.message.contains("95"), "{es:?} {en:?}");
    let lines: Vec<(Level, f64)> = en.lines.iter().map(|line| (line.level, line.value.0)).collect();
    assert_eq!(lines, [(Level::Warning, 70.0), (Level::Major, 80.0), (Level::Critical, 90.0)]);
}

#[test]
fn params_are_validated_without_a_rule() {
    let mut bench = Bench::of(load("threshold"));
    assert!(bench.runner.validate(&bench.check, &rule(THRESHOLDS)).is_ok());
    let none = bench.runner.validate(&bench.check, &rule(r#"{"direction":"above"}"#));
    assert!(matches!(none, Err(NotPrepared::Refused(_))), "{none:?}");
}

#[test]
fn a_runner_may_move_to_the_thread_that_uses_it() {
    fn moves<T: Send>() {}
    moves::<Runner>();
}
