//! Audit, throttle, quarantine: a check that cannot be trusted, or only fails, costs little and misleads nobody.

use atalaya::check::{Health, HostLimits, Quarantine, QuarantineReason};
use atalaya::domain::{Level, Millis, Outcome, UnknownKind};

use crate::support::{Bench, at, component, host_with, how, kind, level, limits, load, rule};

#[test]
fn a_check_that_answers_otherwise_in_company_is_quarantined_in_its_first_batch() {
    let mut bench = Bench::of(load("misbehaves"));
    for _ in 0..10 {
        bench.series(&how("impure"), 1.0);
    }
    let quarantine = bench.evaluate(at(7)).expect_err("the audit sees it");
    assert_eq!((quarantine.reason, quarantine.since), (QuarantineReason::Impure, at(7).wall));
    assert_eq!(quarantine.words, "critical (1) at first, ok (1) when repeated alone");
    assert_eq!(bench.check.health(), Health::Quarantined(quarantine));
}

#[test]
fn a_check_that_ages_is_found_long_after_its_first_hundred() {
    let check = host_with(HostLimits { audit_first: 0, audit_every: 64, ..limits() })
        .load(&component("misbehaves"))
        .expect("it loads");
    let mut bench = Bench::of(check);
    let found = (0..100).find(|_| {
        (0..100).for_each(|_| bench.series(&how("ages"), 1.0));
        bench.evaluate(at(0)).is_err()
    });
    assert!(found.is_some(), "10,000 evaluations and one in 64 repeated");
    assert!(bench.check.stats().audits < 300);
}

#[test]
fn a_pure_check_with_a_memory_passes_the_audit_and_gets_its_memory_back() {
    let mut bench = Bench::of(load("counts"));
    let record = rule(r#"{"limit":5}"#);
    let mut memories: Vec<Vec<u8>> = vec![Vec::new(); 300];
    for round in 1..=3 {
        for (n, memory) in memories.iter().enumerate() {
            let value = if n % 2 == 0 { 9.0 } else { 1.0 };
            bench.series_with(&record, value, Level::Ok, Some(memory));
        }
        let outcomes = bench.evaluate(at(round)).expect("it is pure");
        for (n, outcome) in outcomes.iter().enumerate() {
            let expected = if n % 2 == 0 && round == 3 { Level::Critical } else { Level::Ok };
            assert_eq!(level(outcome), expected, "series {n}, round {round}");
            let memory = outcome.as_ref().ok().and_then(|verdict| verdict.memory.clone());
            memories[n] = memory.expect("it remembers");
        }
    }
    assert!(bench.check.stats().audits >= 100);
}

#[test]
fn a_quarantined_check_is_not_called_until_an_operator_releases_it() {
    let mut bench = Bench::of(load("misbehaves"));
    let why =
        Quarantine { reason: QuarantineReason::Impure, since: Millis(5), words: "seen before".to_owned() };
    bench.check.quarantine(why.clone());
    bench.series(&how("ok"), 95.0);
    let before = bench.check.stats();
    assert_eq!(bench.evaluate(at(0)), Err(why));
    assert_eq!(bench.check.stats(), before, "nothing ran");
    assert!(bench.check.release());
    assert_eq!(bench.check.health(), Health::Ok);
    assert_eq!(level(&bench.once(&how("ok"), 95.0, at(0))), Level::Critical);
    assert!(!bench.check.release());
}

#[test]
fn looking_at_verdicts_again_leaves_no_trace_and_works_in_quarantine() {
    let mut bench = Bench::of(load("misbehaves"));
    for _ in 0..20 {
        bench.series(&how("panic"), 1.0);
    }
    bench.series(&how("ok"), 95.0);
    let why =
        Quarantine { reason: QuarantineReason::Failing, since: Millis(5), words: "seen before".to_owned() };
    bench.check.quarantine(why);
    let mut outcomes = Vec::new();
    bench.runner.evaluate_alone(&bench.check, &bench.batch, at(0), &mut outcomes);
    assert_eq!((outcomes.len(), kind(&outcomes[0])), (21, Some(UnknownKind::Trapped)));
    assert_eq!(level(&outcomes[20]), Level::Critical);
    assert_eq!(bench.check.stats().evaluations, 0);
    assert!(bench.check.release());
    assert_eq!(bench.check.health(), Health::Ok, "twenty failures and not throttled");
}

/// Instances made: each run alone makes one.
fn instances(bench: &Bench) -> u64 {
    bench.check.stats().instances
}

#[test]
fn a_check_whose_rules_all_loop_is_probed_once_a_minute_and_quarantined_after_ten_probes() {
    let mut bench = Bench::of(load("misbehaves"));
    let rules: Vec<_> = (0..20)
        .map(|n| atalaya::domain::RuleRecord { interval_ms: f64::from(n + 1), ..how("loop") })
        .collect();
    let second = |bench: &mut Bench, now: u64| -> Result<Vec<Outcome>, Quarantine> {
        rules.iter().for_each(|record| bench.series(record, 1.0));
        bench.evaluate(at(now))
    };
    for outcome in second(&mut bench, 0).expect("not yet in quarantine") {
        assert_eq!(kind(&outcome), Some(UnknownKind::OutOfFuel));
    }
    assert!(matches!(bench.check.health(), Health::Throttled { .. }));
    let before = instances(&bench);
    for now in 1..60 {
        let outcomes = second(&mut bench, now).expect("not yet in quarantine");
        assert!(outcomes.iter().all(|outcome| kind(outcome) == Some(UnknownKind::OutOfFuel)));
    }
    assert_eq!(instances(&bench), before, "the last failure is repeated without running");
    second(&mut bench, 60).expect("not yet in quarantine");
    second(&mut bench, 61).expect("not yet in quarantine");
    assert_eq!(instances(&bench), before + 1, "one probe a minute");
    let quarantined = (2..20).find(|minute| second(&mut bench, minute * 60).is_err());
    assert_eq!(quarantined, Some(10));
    let Health::Quarantined(quarantine) = bench.check.health() else { panic!("it was quarantined") };
    assert_eq!((quarantine.reason, quarantine.words.as_str()), (QuarantineReason::Failing, "out of fuel"));
}

#[test]
fn rules_that_never_failed_are_evaluated_even_while_their_check_is_throttled() {
    let mut bench = Bench::of(load("misbehaves"));
    for n in 0..20 {
        let record = atalaya::domain::RuleRecord { interval_ms: f64::from(n + 1), ..how("panic") };
        let outcome = bench.once(&record, 1.0, at(0));
        assert_eq!(kind(&outcome), Some(UnknownKind::Trapped));
    }
    assert!(matches!(bench.check.health(), Health::Throttled { .. }));
    assert_eq!(level(&bench.once(&how("ok"), 95.0, at(1))), Level::Critical);
    assert_eq!(bench.check.health(), Health::Ok, "one success says that it is the rules, not the check");
}

#[test]
fn a_rule_that_only_loops_costs_one_run_a_minute_while_the_others_go_on() {
    let mut bench = Bench::of(load("misbehaves"));
    let mut out_of_fuel = 0;
    let mut made = Vec::new();
    for now in 0..120 {
        (0..50).for_each(|n| bench.series(&how("ok"), f64::from(n)));
        bench.series(&how("loop"), 1.0);
        let outcomes = bench.evaluate(at(now)).expect("not in quarantine");
        out_of_fuel += usize::from(kind(&outcomes[50]) == Some(UnknownKind::OutOfFuel));
        assert!(outcomes[..50].iter().all(|outcome| level(outcome) == Level::Ok));
        made.push(instances(&bench) - bench.check.stats().audits);
    }
    assert_eq!(out_of_fuel, 120);
    assert_eq!(made[119] - made[10], 1, "after eight failures in a row: one try, a minute later");
    assert_eq!(bench.check.health(), Health::Ok);
}

#[test]
fn equal_rules_share_a_record_and_a_forgotten_one_makes_room() {
    let mut bench = Bench::of(load("misbehaves"));
    let one = bench.runner.record(&bench.check, &how("ok"));
    assert_eq!(bench.runner.record(&bench.check, &how("ok")), one);
    let other = bench.runner.record(&bench.check, &how("panic"));
    assert_ne!(other, one);
    bench.runner.release(one);
    assert!(bench.runner.prepared(one).is_ok(), "somebody still uses it");
    bench.runner.release(one);
    bench.runner.release(other);
    let next = bench.runner.record(&bench.check, &how("fail"));
    assert!(next == one || next == other, "the place is used again");
    assert_eq!(kind(&bench.once(&how("fail"), 1.0, at(0))), Some(UnknownKind::Failed));
}
