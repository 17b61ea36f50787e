//! What a history comes to.

use anyhow::{Result, ensure};
use atalaya::domain::{ImportId, Millis, PastAlarm, RuleId, Severity, Subject};
use atalaya::store::{AlarmCounts, AlarmFilter, NoisyRow};

use super::make::{Life, commit};
use super::{Open, START, Stage};

const HOUR: i64 = 3_600_000;

fn at(hours: i64) -> Millis {
    START.plus(hours * HOUR)
}

/// From 1 to 3 and from 2 to 6 on one rule, since 8 on another one's series, a source from 0 to 1, and two of another system.
fn stage(open: Open) -> Result<(Stage, RuleId, RuleId)> {
    let stage = Stage::new(open)?;
    let (one, two) = (RuleId::generate(), RuleId::generate());
    let mut steps = Vec::new();
    let [mut a, mut b, mut c] = [(one, "a"), (one, "b"), (two, "c")].map(|(rule, name)| Life::of(rule, name));
    steps.push(a.goes(Some(Severity::Critical), at(1)));
    steps.push(a.goes(Some(Severity::Warning), at(2)));
    steps.push(a.goes(None, at(3)));
    steps.push(b.goes(Some(Severity::Major), at(2)));
    steps.push(b.goes(None, at(6)));
    steps.push(c.goes(Some(Severity::Warning), at(8)));
    let mut source = Life::about(Subject::Source { id: "graphite".into() });
    source.context = Default::default();
    steps.push(source.goes(Some(Severity::Unknown), at(0)));
    steps.push(source.goes(None, at(1)));
    stage.store.commit(&commit(steps))?;
    let past = |n: i64| PastAlarm {
        metric: "Old".into(),
        dashboard: Some("Red".to_owned()),
        panel: None,
        value: None,
        severity: Severity::Major,
        raised_at: at(-10 * n),
        cleared_at: at(-10 * n + 1),
        is_open: false,
    };
    stage.store.import_alarms(ImportId::generate(), &[past(1), past(2)])?;
    Ok((stage, one, two))
}

fn noisy(rule: Option<RuleId>, name: &str, dashboard: Option<&str>, alarms: u64, hours: i64) -> NoisyRow {
    NoisyRow {
        rule,
        name: name.to_owned(),
        dashboard: dashboard.map(str::to_owned),
        alarms,
        ms: hours * HOUR,
    }
}

pub fn a_history_comes_to_its_counts_hours_and_noisiest_metrics(open: Open) -> Result<()> {
    let (stage, one, two) = stage(open)?;
    let all = stage.store.history(&AlarmFilter::default(), at(10))?;
    ensure!(all.worst == AlarmCounts { critical: 1, major: 3, unknown: 1, warning: 1 }, "{all:?}");
    // 0 to 6, 8 to now, and two of the past.
    ensure!((all.any_ms, all.sum_ms) == (10 * HOUR, (2 + 4 + 2 + 1 + 2) * HOUR), "{all:?}");
    let own = "Red Ñandú";
    let expected = [
        noisy(Some(one), "CPU router1", Some(own), 2, 6),
        noisy(None, "Old", Some("Red"), 2, 2),
        noisy(Some(two), "CPU router1", Some(own), 1, 2),
        noisy(None, "graphite", None, 1, 1),
    ];
    ensure!(all.noisiest == expected, "{:?}", all.noisiest);
    Ok(())
}

pub fn hours_of_a_history_are_those_within_its_stretch(open: Open) -> Result<()> {
    let (stage, one, _) = stage(open)?;
    let within =
        AlarmFilter { from: Some(START.plus(5 * HOUR / 2)), to: Some(at(9)), ..AlarmFilter::default() };
    let part = stage.store.history(&within, at(10))?;
    ensure!(part.worst == AlarmCounts { critical: 1, major: 1, unknown: 0, warning: 1 }, "{part:?}");
    ensure!((part.any_ms, part.sum_ms) == (9 * HOUR / 2, HOUR / 2 + 7 * HOUR / 2 + HOUR), "{part:?}");
    let rule =
        AlarmFilter { rule: Some(one), severities: vec![Severity::Critical], ..AlarmFilter::default() };
    ensure!(stage.store.history(&rule, at(10))?.noisiest.len() == 1);
    let ahead = AlarmFilter { from: Some(at(20)), to: Some(at(30)), ..AlarmFilter::default() };
    let none = stage.store.history(&ahead, at(10))?;
    ensure!((none.any_ms, none.sum_ms) == (0, 0), "what is not yet does not count: {none:?}");
    Ok(())
}

pub fn of_active_alarms_the_worst_is_asked_for_by_name(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let mut life = Life::of(RuleId::generate(), "a");
    let steps = [Severity::Critical, Severity::Warning].map(|severity| life.goes(Some(severity), START));
    stage.store.commit(&commit(steps.to_vec()))?;
    for (by_worst, severity, found) in
        [(false, Severity::Critical, 0), (true, Severity::Critical, 1), (true, Severity::Warning, 0)]
    {
        let filter = AlarmFilter { severities: vec![severity], by_worst, ..AlarmFilter::default() };
        ensure!(
            stage.store.alarms(&filter, &super::make::first(10))?.total == found,
            "{by_worst} {severity:?}"
        );
    }
    Ok(())
}
