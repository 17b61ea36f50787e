//! The tiles count what is active, now and at any instant.

use anyhow::{Result, ensure};
use atalaya::domain::{RuleId, Severity};
use atalaya::store::AlarmCounts;

use super::make::{Life, commit};
use super::{Open, START, Stage};

pub fn counts_follow_the_alarms_held(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    ensure!(stage.store.counts()? == AlarmCounts::default());
    let rule = RuleId::generate();
    let mut lives: Vec<_> = (0..5).map(|n| Life::of(rule, &n.to_string())).collect();
    let to = [Severity::Warning, Severity::Major, Severity::Critical, Severity::Unknown, Severity::Major];
    let raised = lives.iter_mut().zip(to).map(|(life, to)| life.goes(Some(to), START)).collect();
    stage.store.commit(&commit(raised))?;
    ensure!(stage.store.counts()? == AlarmCounts { warning: 1, unknown: 1, major: 2, critical: 1 });
    let moved = vec![lives[1].goes(None, START), lives[2].goes(Some(Severity::Warning), START)];
    stage.store.commit(&commit(moved))?;
    ensure!(stage.store.counts()? == AlarmCounts { warning: 2, unknown: 1, major: 1, critical: 0 });
    Ok(())
}

pub fn counts_at_an_instant_are_those_held_then(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let rule = RuleId::generate();
    let (mut steady, mut moving) = (Life::of(rule, "steady"), Life::of(rule, "moving"));
    stage.store.commit(&commit(vec![
        steady.goes(Some(Severity::Warning), START),
        moving.goes(Some(Severity::Major), START.plus(10)),
        moving.goes(Some(Severity::Critical), START.plus(20)),
        moving.goes(None, START.plus(30)),
    ]))?;
    let warning = AlarmCounts { warning: 1, ..AlarmCounts::default() };
    for (after, expected) in [
        (-1, AlarmCounts::default()),
        (0, warning),
        (10, AlarmCounts { major: 1, ..warning }),
        (19, AlarmCounts { major: 1, ..warning }),
        (20, AlarmCounts { critical: 1, ..warning }),
        (29, AlarmCounts { critical: 1, ..warning }),
        (30, warning),
        (1_000, warning),
    ] {
        let counts = stage.store.counts_at(START.plus(after))?;
        ensure!(counts == expected, "after {after} ms: {counts:?}");
    }
    Ok(())
}

pub fn the_last_clear_is_known(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    ensure!(stage.store.last_cleared_at()?.is_none());
    let mut life = Life::of(RuleId::generate(), "s");
    stage.store.commit(&commit(vec![life.goes(Some(Severity::Major), START)]))?;
    ensure!(stage.store.last_cleared_at()?.is_none());
    stage.store.commit(&commit(vec![life.goes(None, START.plus(7))]))?;
    ensure!(stage.store.last_cleared_at()? == Some(START.plus(7)));
    Ok(())
}
