//! Whatever the sort and the page size: the pages, one after the other, are the whole list, sorted.

use anyhow::{Result, ensure};
use atalaya::domain::{AlarmRow, Rule, RuleId, Severity};
use atalaya::store::{
    AlarmFilter, AlarmSort, CycleCommit, Page, RuleFilter, RuleSort, Slice, Store, StoreError,
};
use atalaya_api::span::Span;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::make::{Life, ana, commit, first, rule};
use super::{Open, START, Stage};

const SORTS: [AlarmSort; 5] =
    [AlarmSort::Severity, AlarmSort::Raised, AlarmSort::Cleared, AlarmSort::Subject, AlarmSort::Dashboard];

const RULE_SORTS: [RuleSort; 9] = [
    RuleSort::Name,
    RuleSort::Created,
    RuleSort::Updated,
    RuleSort::Interval,
    RuleSort::Severity,
    RuleSort::Dashboard,
    RuleSort::Panel,
    RuleSort::Metric,
    RuleSort::Check,
];

/// Few values of everything, so that equal keys are common.
#[derive(Clone, Debug)]
struct Sketch {
    name: String,
    dashboard: Option<String>,
    severity: Severity,
    raised: i64,
    cleared: Option<i64>,
}

fn sketch() -> impl Strategy<Value = Sketch> {
    let severity = prop::sample::select(Severity::ALL.to_vec());
    let dashboard = prop::option::of("[A-Ca-cñÑ]{1,2}");
    ("[a-cA-Cñ]{1,2}", dashboard, severity, 0..4_i64, prop::option::of(4..8_i64)).prop_map(
        |(name, dashboard, severity, raised, cleared)| Sketch { name, dashboard, severity, raised, cleared },
    )
}

fn drawn(sketches: &[Sketch]) -> CycleCommit {
    let transitions = sketches.iter().flat_map(|sketch| {
        let mut life = Life::of(RuleId::generate(), &sketch.name);
        let mut context = (*life.context).clone();
        context.dashboard = sketch.dashboard.clone();
        life.context = context.into();
        let raised = life.goes(Some(sketch.severity), START.plus(sketch.raised));
        let cleared = sketch.cleared.map(|at| life.goes(None, START.plus(at)));
        [Some(raised), cleared].into_iter().flatten()
    });
    commit(transitions.collect())
}

/// All pages of a list, one after the other.
fn all_pages<T>(limit: u32, mut fetch: impl FnMut(&Slice) -> Result<Page<T>>) -> Result<Vec<T>> {
    let mut slice = first(limit);
    let mut all = Vec::new();
    loop {
        let page = fetch(&slice)?;
        ensure!(page.items.len() <= limit as usize, "a page is too long");
        ensure!(page.next.is_none() || page.items.len() == limit as usize, "a page is too short");
        all.extend(page.items);
        let Some(next) = page.next else {
            ensure!(page.total == all.len() as u64, "{} of {}", all.len(), page.total);
            return Ok(all);
        };
        slice = Slice { limit, cursor: Some(next) };
    }
}

/// The order that a list promises; equal keys may stand in any order.
fn in_order(a: &AlarmRow, b: &AlarmRow, sort: AlarmSort) -> std::cmp::Ordering {
    let shown = |alarm: &AlarmRow| if alarm.cleared_at.is_some() { alarm.worst } else { alarm.severity };
    let place = |alarm: &AlarmRow| alarm.context.dashboard.clone().unwrap_or_default().to_lowercase();
    let ended = |alarm: &AlarmRow| (alarm.cleared_at.is_none(), alarm.cleared_at);
    let name = |alarm: &AlarmRow| alarm.subject.name().to_lowercase();
    match sort {
        AlarmSort::Severity => (shown(b), b.raised_at).cmp(&(shown(a), a.raised_at)),
        AlarmSort::Raised => a.raised_at.cmp(&b.raised_at),
        AlarmSort::Cleared => ended(a).cmp(&ended(b)),
        AlarmSort::Subject => name(a).cmp(&name(b)),
        AlarmSort::Dashboard => place(a).cmp(&place(b)),
    }
}

fn pages_are_the_list(store: &dyn Store, filter: &AlarmFilter, limit: u32, wanted: usize) -> Result<()> {
    let all = all_pages(limit, |slice| Ok(store.alarms(filter, slice)?))?;
    ensure!(all.len() == wanted, "{} of {wanted}", all.len());
    let distinct: std::collections::HashSet<_> = all.iter().map(|alarm| alarm.id).collect();
    ensure!(distinct.len() == all.len(), "an alarm came twice");
    let sorted = all.is_sorted_by(|a, b| {
        let order = in_order(a, b, filter.sort);
        if filter.descending { order.is_ge() } else { order.is_le() }
    });
    ensure!(sorted, "not sorted");
    let whole = store.alarms(filter, &first(10_000))?;
    ensure!(whole.items == all && whole.next.is_none(), "the pages differ from the whole list");
    Ok(())
}

pub fn pages_of_alarms_put_together_are_the_whole_sorted_list(open: Open) -> Result<()> {
    let input = (
        prop::collection::vec(sketch(), 0..40),
        prop::sample::select(SORTS.to_vec()),
        any::<bool>(),
        prop::option::of(any::<bool>()),
        1..12_u32,
    );
    let mut runner = TestRunner::new(Config { cases: 64, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&input, |(sketches, sort, descending, active, limit)| {
        let check = || -> Result<()> {
            let stage = Stage::new(open)?;
            stage.store.commit(&drawn(&sketches))?;
            let filter = AlarmFilter { sort, descending, active, ..AlarmFilter::default() };
            let wanted =
                sketches.iter().filter(|one| active.is_none_or(|active| one.cleared.is_none() == active));
            pages_are_the_list(&*stage.store, &filter, limit, wanted.count())
        };
        check().map_err(|error| TestCaseError::fail(error.to_string()))
    });
    Ok(outcome?)
}

fn rules_in_order(a: &Rule, b: &Rule, sort: RuleSort) -> std::cmp::Ordering {
    let lower = |text: &Option<String>| text.as_deref().unwrap_or_default().to_lowercase();
    let place = |rule: &Rule| (lower(&rule.draft.query.dashboard), lower(&rule.draft.query.panel));
    let panel = |rule: &Rule| (lower(&rule.draft.query.panel), lower(&rule.draft.query.dashboard));
    let metric = |rule: &Rule| rule.draft.query.expr.to_lowercase();
    match sort {
        RuleSort::Dashboard => place(a).cmp(&place(b)),
        RuleSort::Panel => panel(a).cmp(&panel(b)),
        RuleSort::Metric => metric(a).cmp(&metric(b)),
        RuleSort::Check => a.draft.check.name.cmp(&b.draft.check.name),
        RuleSort::Name => a.draft.name.to_lowercase().cmp(&b.draft.name.to_lowercase()),
        RuleSort::Created => a.created_at.cmp(&b.created_at),
        RuleSort::Updated => a.updated_at.cmp(&b.updated_at),
        RuleSort::Interval => a.interval.cmp(&b.interval),
        // Checked by a story of its own.
        RuleSort::Severity => std::cmp::Ordering::Equal,
    }
}

pub fn pages_of_rules_put_together_are_the_whole_sorted_list(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let mut raised = Vec::new();
    for n in 0..23_u32 {
        let mut one = rule(["ñ", "B", "a", "b"][n as usize % 4])?;
        one.interval = Span(n % 3 + 1);
        one.draft.query.dashboard = ["Ñandú", "core", "Core"].get(n as usize % 4).map(ToString::to_string);
        one.draft.query.panel = ["CPU", "ábaco"].get(n as usize % 3).map(ToString::to_string);
        one.draft.query.expr = ["lab.B", "lab.a", "lab.b"][n as usize % 3].to_owned();
        one.draft.check.name = ["threshold", "trend"][n as usize % 2].to_owned();
        one.draft.enabled = n % 5 != 0;
        one.created_at = START.plus(i64::from(n * 7 % 5));
        one.updated_at = START.plus(i64::from(n * 5 % 7));
        stage.store.create_rule(&one, &ana())?;
        let severity = Severity::ALL[n as usize % 4];
        raised.extend((n % 2 == 0).then(|| Life::of(one.id, "s").goes(Some(severity), START)));
    }
    stage.store.commit(&commit(raised))?;
    for (sort, descending) in RULE_SORTS.into_iter().flat_map(|sort| [(sort, false), (sort, true)]) {
        let filter = RuleFilter { sort, descending, ..RuleFilter::default() };
        let whole = stage.store.rules(&filter, &first(100))?.items;
        let sorted = whole.is_sorted_by(|a, b| {
            let order = rules_in_order(a, b, sort);
            if descending { order.is_ge() } else { order.is_le() }
        });
        ensure!(sorted, "{sort:?} is not sorted");
        for limit in [1, 4, 22, 23, 24] {
            let all = all_pages(limit, |slice| Ok(stage.store.rules(&filter, slice)?))?;
            ensure!(all == whole, "{sort:?} by {limit}: the pages differ from the whole list");
        }
    }
    Ok(())
}

pub fn a_cursor_of_another_list_is_refused(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let mut lives = [Life::of(RuleId::generate(), "a"), Life::of(RuleId::generate(), "b")];
    let raised = lives.iter_mut().map(|life| life.goes(Some(Severity::Major), START)).collect();
    stage.store.commit(&commit(raised))?;
    let cursor = stage.store.alarms(&AlarmFilter::default(), &first(1))?.next;
    ensure!(cursor.is_some());
    for cursor in [cursor, Some("bm9uc2Vuc2U".to_owned()), Some("€".to_owned()), Some(String::new())] {
        let slice = Slice { limit: 1, cursor };
        let other = AlarmFilter { sort: AlarmSort::Raised, ..AlarmFilter::default() };
        let turned = AlarmFilter { descending: true, ..AlarmFilter::default() };
        for filter in [other, turned] {
            let answer = stage.store.alarms(&filter, &slice);
            ensure!(matches!(answer, Err(StoreError::BadCursor)), "{answer:?}");
        }
        let answer = stage.store.rules(&RuleFilter::default(), &slice);
        ensure!(matches!(answer, Err(StoreError::BadCursor)), "{answer:?}");
    }
    Ok(())
}

pub fn a_row_that_goes_between_two_pages_moves_no_other(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let rule = RuleId::generate();
    let mut lives: Vec<_> = (0..6).map(|n| Life::of(rule, &n.to_string())).collect();
    let raised = lives.iter_mut().zip(0..).map(|(life, n)| life.goes(Some(Severity::Major), START.plus(n)));
    stage.store.commit(&commit(raised.collect()))?;
    let filter = AlarmFilter { active: Some(true), sort: AlarmSort::Raised, ..AlarmFilter::default() };
    let page = stage.store.alarms(&filter, &first(3))?;
    stage.store.commit(&commit(vec![lives[0].goes(None, START), lives[2].goes(None, START)]))?;
    let rest = stage.store.alarms(&filter, &Slice { limit: 3, cursor: page.next })?;
    let names: Vec<_> = rest.items.iter().map(|alarm| alarm.subject.name()).collect();
    ensure!(names == ["3", "4", "5"] && rest.next.is_none() && rest.total == 4, "{names:?}");
    Ok(())
}
