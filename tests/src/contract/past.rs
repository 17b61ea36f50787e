//! Another system's history stands beside our own, once, and can be taken back.

use anyhow::{Context as _, Result, ensure};
use atalaya::domain::{ImportId, PastAlarm, Reason, RuleId, Severity};
use atalaya::store::{AlarmFilter, AlarmSort, Imported};

use super::make::{Life, ana, commit, first};
use super::{Open, START, Stage};

fn past(metric: &str, minutes: i64) -> PastAlarm {
    PastAlarm {
        metric: metric.into(),
        dashboard: Some("Red Ñ".to_owned()),
        panel: None,
        value: Some(95.5),
        severity: Severity::Major,
        raised_at: START.plus(minutes * 60_000),
        cleared_at: START.plus((minutes + 5) * 60_000),
        is_open: false,
    }
}

const HISTORY: AlarmFilter = AlarmFilter {
    active: Some(false),
    severities: Vec::new(),
    rule: None,
    dashboard: None,
    panel: None,
    q: None,
    from: None,
    to: None,
    by_worst: false,
    acknowledged: None,
    muted: None,
    sort: AlarmSort::Raised,
    descending: false,
};

pub fn alarms_of_another_system_are_history_and_no_news(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let all = [past("lab/a 1", 0), PastAlarm { value: None, ..past("b", 1) }];
    let done = stage.store.import_alarms(ImportId::generate(), &all)?;
    ensure!(done == Imported { created: 2, ..Imported::default() }, "{done:?}");
    let stage = stage.reopen()?;
    let page = stage.store.alarms(&HISTORY, &first(10))?;
    ensure!(page.total == 2);
    for (row, alarm) in page.items.iter().zip(&all) {
        ensure!((row.id, &row.subject) == (alarm.id(), &alarm.subject()), "{row:?}");
        ensure!((row.severity, row.worst, row.value) == (alarm.severity, alarm.severity, alarm.value));
        ensure!((row.raised_at, row.cleared_at) == (alarm.raised_at, Some(alarm.cleared_at)));
        ensure!((row.reason, row.context.dashboard.as_deref()) == (Reason::Imported, Some("Red Ñ")));
        ensure!(
            stage.store.alarm(row.id)?.as_ref() == Some(row) && stage.store.transitions(row.id)?.is_empty()
        );
    }
    let found = AlarmFilter { q: Some("RED lab/A".to_owned()), ..HISTORY };
    ensure!(stage.store.alarms(&found, &first(10))?.total == 1);
    ensure!(
        stage.store.last_event()? == 0 && stage.store.events_after(0, 10)?.is_some_and(|all| all.is_empty())
    );
    Ok(())
}

pub fn a_history_read_again_changes_only_what_ended_since(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let standing = PastAlarm { is_open: true, ..past("a", 0) };
    let all = [standing.clone(), past("b", 1)];
    stage.store.import_alarms(ImportId::generate(), &all)?;
    let again = stage.store.import_alarms(ImportId::generate(), &all)?;
    ensure!(again == Imported { unchanged: 2, ..Imported::default() }, "{again:?}");
    let ended = PastAlarm { cleared_at: START.plus(900_000), value: Some(1.0), ..past("a", 0) };
    let later = stage.store.import_alarms(ImportId::generate(), &[ended.clone(), past("b", 1)])?;
    ensure!(later == Imported { updated: 1, unchanged: 1, ..Imported::default() }, "{later:?}");
    stage.store.import_alarms(ImportId::generate(), &[standing])?;
    let row = stage.store.alarm(ended.id())?.context("it is there")?;
    ensure!(
        (row.cleared_at, row.value) == (Some(ended.cleared_at), Some(1.0)),
        "an end that is known stays: {row:?}"
    );
    Ok(())
}

pub fn an_import_is_taken_back_and_nothing_else_is(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let mut own = Life::of(RuleId::generate(), "own");
    let life = [Some(Severity::Major), None].map(|to| own.goes(to, START));
    stage.store.commit(&commit(life.to_vec()))?;
    let (one, two) = (ImportId::generate(), ImportId::generate());
    stage.store.import_alarms(one, &[past("a", 0), past("b", 0)])?;
    let done = stage.store.import_alarms(two, &[past("b", 0), past("c", 0)])?;
    stage.store.alarms_imported(two, done, &ana())?;
    ensure!(stage.store.undo_import(two, &ana())? == 1);
    ensure!(stage.store.undo_import(two, &ana())? == 0);
    ensure!(stage.store.alarms(&HISTORY, &first(10))?.total == 3);
    ensure!(stage.store.undo_import(one, &ana())? == 2);
    ensure!(stage.store.alarms(&HISTORY, &first(10))?.items[0].id == own.alarm());
    let told: Vec<String> = stage.store.audit(&first(10))?.items.into_iter().map(|row| row.what).collect();
    ensure!(told == ["alarm import undone", "alarm import undone", "alarms imported"], "{told:?}");
    Ok(())
}
