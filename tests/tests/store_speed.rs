//! The store with as many alarms as the budgets name. Bounds are on the median, which a busy machine moves least;
//! what is measured is printed (`--nocapture`).

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use atalaya::clock::SystemClock;
use atalaya::domain::{AlarmContext, AlarmId, Millis, Reason, RuleId, Severity, Subject, Texts, Transition};
use atalaya::store::sqlite::SqliteStore;
use atalaya::store::{AlarmFilter, AlarmSort, AlarmStore as _, CycleCommit, Slice};

const ALARMS: u64 = 10_000;

/// Raises, and clears if told to, an alarm on a series of its own.
fn life(rule: RuleId, n: u64, clear: bool) -> impl Iterator<Item = Transition> {
    let subject = Subject::Series { rule, series: format!("lab.router{}.interface{n}.load", n % 97).into() };
    let severity = Severity::ALL[n as usize % 4];
    let raised = Transition {
        alarm: AlarmId::raised_by(&subject.key(), 1),
        subject,
        seq: 1,
        at: Millis(1_700_000_000_000 + n as i64 * 1_000),
        before: None,
        after: Some(severity),
        reason: Reason::ChecksToAlert,
        value: Some(95.0),
        message: Texts { en: "95 % is above 90 %".to_owned(), es: "95 % supera 90 %".to_owned() },
        evidence: Some(vec![0; 400]),
        context: Arc::new(AlarmContext {
            rule_name: format!("Load of router{}", n % 97),
            dashboard: Some(format!("Network {}", n % 13)),
            panel: Some("Load".to_owned()),
            unit: Some("%".to_owned()),
        }),
    };
    let at = raised.at.plus(500);
    let cleared = Transition { seq: 2, before: Some(severity), after: None, at, ..raised.clone() };
    [Some(raised), clear.then_some(cleared)].into_iter().flatten()
}

/// The times of a commit of 200 transitions each.
fn fill(store: &SqliteStore, clear: bool) -> Result<Vec<Duration>> {
    let rule = RuleId::generate();
    let all: Vec<_> = (0..ALARMS).flat_map(|n| life(rule, n, clear)).collect();
    let commit = |some: &[Transition]| {
        let commit = CycleCommit { transitions: some.to_vec(), ..CycleCommit::default() };
        let started = Instant::now();
        store.commit(&commit)?;
        Ok(started.elapsed())
    };
    all.chunks(200).map(commit).collect()
}

/// Prints median and 99th percentile; returns the median.
fn measured(what: &str, mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let (median, high) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    println!("{what}: median {median:?}, p99 {high:?}");
    median
}

#[test]
fn ten_thousand_active_alarms_among_as_many_cleared_are_listed_and_searched_within_50_ms() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let store = SqliteStore::open(&directory.path().join("atalaya.db"), Arc::new(SystemClock::new()))?;
    measured("commit of 200 clears and raises", fill(&store, true)?);
    measured("commit of 200 raises", fill(&store, false)?);

    let page = Slice { limit: 100, cursor: None };
    for (sort, active, q) in [
        (AlarmSort::Severity, true, None),
        (AlarmSort::Severity, true, Some("router13 load")),
        (AlarmSort::Severity, true, Some("nowhere")),
        (AlarmSort::Subject, true, None),
        (AlarmSort::Dashboard, true, Some("network")),
        (AlarmSort::Raised, false, None),
    ] {
        let filter =
            AlarmFilter { active: Some(active), sort, q: q.map(str::to_owned), ..AlarmFilter::default() };
        let once = || -> Result<Duration> {
            let started = Instant::now();
            store.alarms(&filter, &page)?;
            Ok(started.elapsed())
        };
        let times = (0..50).map(|_| once()).collect::<Result<Vec<_>>>()?;
        let median = measured(&format!("{sort:?}, active {active}, q {q:?}"), times);
        assert!(median < Duration::from_millis(50), "{filter:?} took {median:?}");
    }
    Ok(())
}
