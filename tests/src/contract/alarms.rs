//! Alarms follow from the transitions that are committed, and from nothing else.

use anyhow::{Context as _, Result, ensure};
use atalaya::domain::{AlarmRow, Millis, Reason, RuleId, Severity, Subject};
use atalaya::store::{AlarmFilter, CycleCommit, StateRow, Store};

use super::make::{Life, commit, first};
use super::{Open, START, Stage};

pub fn an_alarm_is_raised_changed_and_cleared_by_its_transitions(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let mut life = Life::of(RuleId::generate(), "lab.router1.cpu");
    let raised = life.goes(Some(Severity::Major), START);
    stage.store.commit(&commit(vec![raised.clone()]))?;
    let mut expected = AlarmRow {
        id: life.alarm(),
        subject: life.subject.clone(),
        context: (*life.context).clone(),
        severity: Severity::Major,
        worst: Severity::Major,
        value: Some(1.1),
        raised_value: Some(1.1),
        raised_at: START,
        cleared_at: None,
        reason: Reason::ChecksToAlert,
        message: raised.message,
        seq: 1,
        acknowledged: None,
    };
    ensure!(stage.store.alarm(life.alarm())? == Some(expected.clone()));

    for (after, severity, worst, value) in [
        (Some(Severity::Critical), Severity::Critical, Severity::Critical, 2.1),
        (Some(Severity::Warning), Severity::Warning, Severity::Critical, 3.1),
        (None, Severity::Warning, Severity::Critical, 3.1),
    ] {
        let at = START.plus(life.seq as i64);
        let transition = life.goes(after, at);
        stage.store.commit(&commit(vec![transition.clone()]))?;
        expected = AlarmRow {
            severity,
            worst,
            value: Some(value),
            cleared_at: after.is_none().then_some(at),
            reason: transition.reason,
            message: transition.message,
            seq: transition.seq,
            ..expected
        };
        let stored = stage.store.alarm(life.alarm())?;
        ensure!(stored.as_ref() == Some(&expected), "{stored:?} is not {expected:?}");
    }
    Ok(())
}

pub fn a_second_occurrence_is_another_alarm(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let mut life = Life::of(RuleId::generate(), "s");
    let transitions = [Some(Severity::Major), None, Some(Severity::Warning)].map(|to| life.goes(to, START));
    stage.store.commit(&commit(transitions.to_vec()))?;
    let active = AlarmFilter { active: Some(true), ..AlarmFilter::default() };
    let page = stage.store.alarms(&active, &first(10))?;
    ensure!(page.total == 1 && page.items[0].id == life.alarm() && page.items[0].seq == 3);
    ensure!(stage.store.alarms(&AlarmFilter::default(), &first(10))?.total == 2);
    Ok(())
}

pub fn a_commit_written_twice_changes_nothing(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let mut life = Life::of(RuleId::generate(), "s");
    let once = CycleCommit {
        transitions: vec![
            life.goes(Some(Severity::Major), START),
            life.goes(Some(Severity::Critical), START),
        ],
        states: vec![life.state()],
        ..CycleCommit::default()
    };
    let event = stage.store.commit(&once)?;
    ensure!(event == Some(2), "{event:?}");
    let before = everything(&*stage.store)?;
    ensure!(stage.store.commit(&once)? == event);
    ensure!(everything(&*stage.store)? == before);

    // Nor does it when the series has moved on since.
    let after = CycleCommit {
        transitions: vec![life.goes(None, START.plus(1))],
        states: vec![life.state()],
        ..CycleCommit::default()
    };
    stage.store.commit(&after)?;
    let before = everything(&*stage.store)?;
    stage.store.commit(&once)?;
    ensure!(everything(&*stage.store)? == before);
    Ok(())
}

fn everything(store: &dyn Store) -> Result<String> {
    let alarms = store.alarms(&AlarmFilter::default(), &first(1_000))?;
    Ok(format!("{:?} {alarms:?} {:?}", states(store)?, store.events_after(0, 1_000)?))
}

fn states(store: &dyn Store) -> Result<Vec<StateRow>> {
    let mut states = Vec::new();
    store.each_state(&mut |state| states.push(state))?;
    Ok(states)
}

pub fn a_commit_that_fails_leaves_nothing_behind(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let rule = RuleId::generate();
    let mut life = Life::of(rule, "never raised");
    let _ = life.goes(Some(Severity::Major), START);
    let broken = CycleCommit {
        transitions: vec![
            Life::of(rule, "fine").goes(Some(Severity::Major), START),
            life.goes(Some(Severity::Critical), START),
        ],
        states: vec![life.state()],
        ..CycleCommit::default()
    };
    ensure!(stage.store.commit(&broken).is_err());
    ensure!(stage.store.last_event()? == 0);
    ensure!(states(&*stage.store)?.is_empty());
    ensure!(stage.store.alarms(&AlarmFilter::default(), &first(10))?.total == 0);
    Ok(())
}

pub fn states_are_read_back_as_they_were(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let rule = RuleId::generate();
    let mut rows = [Life::of(rule, "a").state(), Life::of(rule, "ñ/b c").state()];
    rows[0].run = Some(vec![9; 400]);
    rows[1].state.evaluated_at = Some(Millis(-5));
    rows[1].memory = None;
    stage.store.commit(&CycleCommit { states: rows.to_vec(), ..CycleCommit::default() })?;
    let stage = stage.reopen()?;
    let mut stored = states(&*stage.store)?;
    stored.sort_by(|a, b| a.series.cmp(&b.series));
    ensure!(stored == rows, "{stored:?}");
    Ok(())
}

pub fn transitions_of_an_alarm_are_read_back_oldest_first(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let mut life = Life::of(RuleId::generate(), "s");
    let mut written: Vec<_> =
        [Some(Severity::Major), Some(Severity::Critical), None].map(|to| life.goes(to, START)).into();
    written[0].evidence = Some(vec![7; 300]);
    written[1].value = Some(f64::INFINITY);
    written[2].value = None;
    stage.store.commit(&commit(written.clone()))?;
    let stored = stage.store.transitions(life.alarm())?;
    let transitions: Vec<_> = stored.iter().map(|row| row.transition.clone()).collect();
    ensure!(transitions == written, "{transitions:?}");
    ensure!(stored.iter().map(|row| row.event).eq(1..=3));
    Ok(())
}

pub fn a_value_that_is_not_a_number_is_kept_as_one(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let mut life = Life::of(RuleId::generate(), "s");
    let mut transition = life.goes(Some(Severity::Major), START);
    transition.value = Some(f64::NAN);
    stage.store.commit(&commit(vec![transition]))?;
    let alarm = stage.store.alarm(life.alarm())?.context("it was committed")?;
    ensure!(alarm.value.is_some_and(f64::is_nan), "{:?}", alarm.value);
    Ok(())
}

pub fn transitions_of_a_rule_are_the_latest_between_two_instants(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let rule = RuleId::generate();
    let mut life = Life::of(rule, "s");
    let to = [Severity::Major, Severity::Critical];
    let written: Vec<_> = (0..10).map(|n| life.goes(Some(to[n as usize % 2]), START.plus(n))).collect();
    stage.store.commit(&commit(written))?;
    stage
        .store
        .commit(&commit(vec![Life::of(RuleId::generate(), "s").goes(Some(Severity::Major), START)]))?;
    let seqs = |from: i64, to: i64, limit| -> Result<Vec<u64>> {
        let rows = stage.store.transitions_of_rule(rule, START.plus(from), START.plus(to), limit)?;
        Ok(rows.iter().map(|row| row.transition.seq).collect())
    };
    ensure!(seqs(2, 4, 100)? == [3, 4, 5]);
    ensure!(seqs(0, 100, 3)? == [8, 9, 10]);
    ensure!(seqs(50, 100, 3)?.is_empty());
    Ok(())
}

pub fn a_cause_is_told_with_its_number_and_the_alarm_it_holds(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let mut life = Life::about(Subject::Source { id: "graphite".into() });
    let key = life.subject.key();
    ensure!(stage.store.cause_state(&key)? == (0, None));
    stage.store.commit(&commit(vec![life.goes(Some(Severity::Critical), START)]))?;
    let (seq, alarm) = stage.store.cause_state(&key)?;
    ensure!(seq == 1 && alarm.is_some_and(|alarm| alarm.id == life.alarm()));
    stage.store.commit(&commit(vec![life.goes(None, START.plus(1))]))?;
    ensure!(stage.store.cause_state(&key)? == (2, None));
    Ok(())
}

pub fn an_alarm_that_is_reopened_is_the_same_alarm(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let mut life = Life::of(RuleId::generate(), "s");
    let to = [Some(Severity::Major), Some(Severity::Critical), None];
    stage.store.commit(&commit(to.map(|to| life.goes(to, START)).to_vec()))?;
    let alarm = life.alarm();
    let mut again = life.goes(Some(Severity::Major), START.plus(9));
    again.alarm = alarm;
    again.reason = Reason::Restored;
    stage.store.commit(&commit(vec![again]))?;
    let row = stage.store.alarm(alarm)?.context("it was raised")?;
    ensure!(row.cleared_at.is_none() && row.raised_at == START && row.raised_value == Some(1.1));
    ensure!(row.severity == Severity::Major && row.worst == Severity::Critical);
    ensure!(row.reason == Reason::Restored && row.seq == 4 && row.value == Some(4.1));
    ensure!(stage.store.alarms(&AlarmFilter::default(), &first(10))?.total == 1);
    ensure!(stage.store.counts()?.major == 1 && stage.store.last_cleared_at()?.is_none());
    Ok(())
}

pub fn alarms_are_filtered_by_state_severity_place_rule_and_time(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let rule = RuleId::generate();
    let (mut old, mut new) = (Life::of(rule, "old"), Life::of(RuleId::generate(), "new"));
    let mut source = Life::about(Subject::Source { id: "graphite".into() });
    source.context = Default::default();
    stage.store.commit(&commit(vec![
        old.goes(Some(Severity::Critical), START),
        old.goes(Some(Severity::Warning), START.plus(10)),
        old.goes(None, START.plus(20)),
        new.goes(Some(Severity::Major), START.plus(30)),
        source.goes(Some(Severity::Unknown), START.plus(40)),
    ]))?;
    let names = |filter: AlarmFilter| -> Result<Vec<String>> {
        let page = stage.store.alarms(&filter, &first(10))?;
        ensure!(page.total == page.items.len() as u64);
        Ok(page.items.iter().map(|alarm| alarm.subject.name().to_owned()).collect())
    };
    let all = AlarmFilter::default;
    let cases = [
        (all(), vec!["old", "new", "graphite"]),
        (AlarmFilter { descending: true, ..all() }, vec!["graphite", "new", "old"]),
        (AlarmFilter { active: Some(true), ..all() }, vec!["new", "graphite"]),
        (AlarmFilter { active: Some(false), ..all() }, vec!["old"]),
        (AlarmFilter { severities: vec![Severity::Critical, Severity::Major], ..all() }, vec!["old", "new"]),
        (AlarmFilter { severities: vec![Severity::Warning], ..all() }, vec![]),
        (AlarmFilter { rule: Some(rule), ..all() }, vec!["old"]),
        (AlarmFilter { dashboard: Some("Red Ñandú".to_owned()), ..all() }, vec!["old", "new"]),
        (AlarmFilter { panel: Some("Load".to_owned()), ..all() }, vec![]),
        (AlarmFilter { from: Some(START.plus(20)), ..all() }, vec!["old", "new", "graphite"]),
        (AlarmFilter { from: Some(START.plus(21)), ..all() }, vec!["new", "graphite"]),
        (AlarmFilter { to: Some(START.plus(30)), ..all() }, vec!["old"]),
        (AlarmFilter { q: Some("ÑANDÚ router1".to_owned()), ..all() }, vec!["old", "new"]),
        (AlarmFilter { q: Some("gra%".to_owned()), ..all() }, vec![]),
        (AlarmFilter { q: Some("oldcpu".to_owned()), ..all() }, vec![]),
    ];
    for (filter, expected) in cases {
        let found = names(filter.clone())?;
        ensure!(found == expected, "{filter:?} found {found:?}");
    }
    Ok(())
}
