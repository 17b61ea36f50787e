//! The store with as many alarms and rules as the budgets name. Bounds are on the median, which a busy machine moves least;
//! what is measured is printed (`--nocapture`).

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use atalaya::clock::SystemClock;
use atalaya::domain::{
    AlarmContext, AlarmId, ImportId, Millis, PastAlarm, Reason, Rule, RuleId, Severity, Subject, Texts,
    Transition,
};
use atalaya::store::sqlite::SqliteStore;
use atalaya::store::{
    Actor, AlarmFilter, AlarmSort, AlarmStore as _, CycleCommit, RuleFilter, RuleSet, RuleSort,
    RuleStore as _, RuleWrite, Slice,
};
use atalaya_api::event::RuleAction;
use atalaya_api::rule::RuleDraft;
use atalaya_api::span::Span;
use serde_json::json;

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

const RULES: usize = 100_000;

fn rule(n: usize) -> Result<Rule> {
    let draft: RuleDraft = serde_json::from_value(json!({
        "name": format!("Load of interface {n} of router{}", n % 997),
        "query": {"source": "graphite", "unit": "%", "dashboard": format!("Network {}", n % 190), "panel": format!("Panel {}", n % 7),
            "expr": format!("aliasByNode(junos.ROUTER{}.load.ge-0_0_{n}, 1, 3)", n % 997)},
        "check": {"name": if n.is_multiple_of(50) { "trend" } else { "threshold" },
            "params": {"direction": "above", "warning": 70, "major": 80, "critical": 90}},
        "interval": "5m", "enabled": !n.is_multiple_of(100),
    }))?;
    let at = Millis(1_700_000_000_000 + n as i64);
    Ok(Rule {
        id: RuleId::generate(),
        version: 1,
        draft,
        interval: Span(300),
        time_zone: "UTC".to_owned(),
        created_at: at,
        updated_at: at,
        updated_by: "ana".to_owned(),
        deleted_at: None,
    })
}

/// A page in the middle of the list.
fn middle(store: &SqliteStore, filter: &RuleFilter, pages: usize) -> Result<Slice> {
    let mut slice = Slice { limit: 1_000, cursor: None };
    for _ in 0..pages {
        slice.cursor = store.rules(filter, &slice)?.next;
    }
    Ok(Slice { limit: 100, ..slice })
}

#[test]
fn a_hundred_thousand_rules_are_changed_together_and_page_in_every_order() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let store = SqliteStore::open(&directory.path().join("atalaya.db"), Arc::new(SystemClock::new()))?;
    let by = Actor { name: "ana".to_owned() };
    let rules = (0..RULES).map(rule).collect::<Result<Vec<_>>>()?;
    let mut times = Vec::new();
    for some in rules.chunks(10_000) {
        let created =
            |rule: &Rule| RuleWrite { before: None, rule: rule.clone(), action: RuleAction::Created };
        let writes: Vec<_> = some.iter().map(created).collect();
        let started = Instant::now();
        store.write_rules(&writes, &by)?;
        times.push(started.elapsed());
    }
    measured("10,000 rules made", times);
    let changed = |before: &Rule| {
        let mut rule = Rule { version: 2, ..before.clone() };
        rule.draft.notify.sms = true;
        RuleWrite { before: Some(before.clone()), rule, action: RuleAction::Updated }
    };
    let writes: Vec<_> = rules.iter().take(10_000).map(changed).collect();
    let started = Instant::now();
    store.write_rules(&writes, &by)?;
    println!("10,000 rules changed: {:?}", started.elapsed());

    let all = RuleFilter::default();
    let some: Vec<RuleId> = rules.iter().step_by(100).map(|rule| rule.id).collect();
    let by_sort = |sort| RuleFilter { sort, ..RuleFilter::default() };
    for filter in [
        by_sort(RuleSort::Name),
        by_sort(RuleSort::Dashboard),
        by_sort(RuleSort::Panel),
        by_sort(RuleSort::Metric),
        by_sort(RuleSort::Check),
        by_sort(RuleSort::Severity),
        RuleFilter { descending: true, ..by_sort(RuleSort::Updated) },
        RuleFilter { check: Some("threshold".to_owned()), ..all.clone() },
        RuleFilter { period: Some("24x7".to_owned()), sort: RuleSort::Dashboard, ..all.clone() },
        RuleFilter { dashboard: Some("Network 7".to_owned()), ..all.clone() },
        RuleFilter { paused: Some(true), ..all.clone() },
        RuleFilter { among: vec![RuleSet { ids: some.clone(), except: false }], ..all.clone() },
        RuleFilter { among: vec![RuleSet { ids: some, except: true }], ..all.clone() },
        RuleFilter { q: Some("interface 77 router77".to_owned()), ..all },
    ] {
        let what = format!("{filter:?}");
        let what = what.get(..what.len().min(200)).unwrap_or_default();
        let once = |slice: &Slice| -> Result<Duration> {
            let started = Instant::now();
            store.rules(&filter, slice)?;
            Ok(started.elapsed())
        };
        let total = store.rules(&filter, &Slice { limit: 1, cursor: None })?.total as usize;
        let deep = middle(&store, &filter, total / 2_000)?;
        let first = Slice { limit: 100, cursor: None };
        let times = |slice| (0..15).map(|_| once(slice)).collect::<Result<Vec<_>>>();
        let first = measured(&format!("{total} rules, first page, {what}"), times(&first)?);
        let middle = measured("  in the middle", times(&deep)?);
        assert!(middle < first * 2 + Duration::from_millis(50), "{what}: {middle:?} after {first:?}");
    }
    Ok(())
}

/// One of a hundred thousand alarms of another system, a minute apart.
fn past(n: i64) -> PastAlarm {
    let raised_at = Millis(1_700_000_000_000 + n * 60_000);
    PastAlarm {
        metric: format!("aliasByNode(junos.R{}.Velocidad_interface.ge-0_{n}_1, 1, 3)", n % 97).into(),
        dashboard: Some(format!("Network {}", n % 13)),
        panel: Some("Load".to_owned()),
        value: Some(95.0),
        severity: Severity::ALL[n as usize % 4],
        raised_at,
        cleared_at: raised_at.plus(30_000),
        is_open: false,
    }
}

#[test]
fn a_history_of_a_hundred_thousand_alarms_pages_within_50_ms() -> Result<()> {
    const ALL: i64 = 100_000;
    let directory = tempfile::tempdir()?;
    let store = SqliteStore::open(&directory.path().join("atalaya.db"), Arc::new(SystemClock::new()))?;
    let history: Vec<PastAlarm> = (0..ALL).map(past).collect();
    let started = Instant::now();
    let done = store.import_alarms(ImportId::generate(), &history)?;
    println!("{ALL} alarms taken over: {:?}", started.elapsed());
    assert_eq!(done.created, ALL as u64);
    for sort in
        [AlarmSort::Raised, AlarmSort::Cleared, AlarmSort::Severity, AlarmSort::Subject, AlarmSort::Dashboard]
    {
        let filter = AlarmFilter { active: Some(false), sort, descending: true, ..AlarmFilter::default() };
        // Far into the list a page costs what the first one does.
        let mut slice = Slice { limit: 100, cursor: None };
        let (mut times, mut seen) = (Vec::new(), 0);
        loop {
            let started = Instant::now();
            let page = store.alarms(&filter, &slice)?;
            times.push(started.elapsed());
            seen += page.items.len();
            assert_eq!(page.total, ALL as u64);
            let Some(next) = page.next.filter(|_| times.len() < 200) else { break };
            slice.cursor = Some(next);
        }
        assert_eq!(seen, 20_000);
        let median = measured(&format!("a page of {ALL} past alarms by {sort:?}"), times);
        assert!(median < Duration::from_millis(50), "{sort:?} took {median:?}");
    }
    Ok(())
}

/// What a history page shows on top, of 69 days as of one.
fn summaries(store: &SqliteStore, what: &str, total: u64) -> Result<()> {
    let begin = Millis(1_700_000_000_000);
    let day = (Some(begin.plus(86_400_000)), Some(begin.plus(2 * 86_400_000)));
    for (stretch, (from, to)) in [("all of it", (None, None)), ("a day of it", day)] {
        let filter = AlarmFilter { from, to, ..AlarmFilter::default() };
        let once = || -> Result<Duration> {
            let started = Instant::now();
            let worst = store.history(&filter, Millis(1_800_000_000_000))?.worst;
            let counted = worst.critical + worst.major + worst.unknown + worst.warning;
            assert!(from.is_some() || counted == total, "{counted} of {total}");
            Ok(started.elapsed())
        };
        let times = (0..15).map(|_| once()).collect::<Result<Vec<_>>>()?;
        measured(&format!("the summary of {total} {what}, {stretch}"), times);
    }
    Ok(())
}

#[test]
fn a_history_of_a_hundred_thousand_alarms_is_summed_up_in_one_pass() -> Result<()> {
    const ALL: u64 = 100_000;
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("atalaya.db");
    let store = SqliteStore::open(&file, Arc::new(SystemClock::new()))?;
    let history: Vec<PastAlarm> = (0..ALL as i64).map(past).collect();
    store.import_alarms(ImportId::generate(), &history)?;
    summaries(&store, "alarms of another system", ALL)?;
    // Each with its evaluations would take minutes to make.
    let of_rules = "UPDATE alarms SET rule = unhex(printf('%032x', n % 1000)), rule_name = 'Load'";
    rusqlite::Connection::open(&file)?.execute(of_rules, [])?;
    summaries(&store, "alarms of rules", ALL)
}
