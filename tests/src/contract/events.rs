//! The live stream is the order of commits, without gaps.

use anyhow::{Context as _, Result, ensure};
use atalaya::domain::{RuleId, Severity};
use atalaya::store::{Happening, Store};

use super::make::{Life, ana, commit, rule};
use super::{Open, START, Stage};

pub fn events_have_no_gap_and_follow_commit_order(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let store = &stage.store;
            scope.spawn(move || write_some(&**store, thread));
        }
    });
    let events = stage.store.events_after(0, 1_000)?.context("nothing was pruned")?;
    ensure!(events.iter().map(|(id, _)| *id).eq(1..=4 * 30), "there is a gap");
    ensure!(stage.store.last_event()? == 4 * 30);
    let mut seqs = std::collections::HashMap::new();
    for (id, happening) in events {
        let Happening::Alarm { transition, .. } = happening else { continue };
        ensure!(transition.event == id);
        let last = seqs.entry(transition.transition.subject.key()).or_insert(0);
        ensure!(transition.transition.seq == *last + 1, "out of order");
        *last += 1;
    }
    ensure!(seqs.values().all(|seq| *seq == 20));
    Ok(())
}

/// Ten rules, ten commits of two transitions, and in between ten commits that fail.
fn write_some(store: &dyn Store, thread: usize) {
    let mut life = Life::of(RuleId::generate(), &thread.to_string());
    for n in 0..10 {
        let transitions = vec![life.goes(Some(Severity::Major), START), life.goes(None, START)];
        let mut lost = Life::of(RuleId::generate(), "never raised");
        let _ = lost.goes(Some(Severity::Major), START);
        let written = store.commit(&commit(transitions));
        assert!(written.is_ok(), "{written:?}");
        let failed = vec![
            Life::of(RuleId::generate(), "x").goes(Some(Severity::Major), START),
            lost.goes(None, START),
        ];
        assert!(store.commit(&commit(failed)).is_err());
        let rule = rule(&format!("{thread} {n}")).expect("the draft of the suite is a draft");
        assert!(store.create_rule(&rule, &ana()).is_ok());
    }
}

pub fn events_resume_after_an_id(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let mut life = Life::of(RuleId::generate(), "s");
    let to = [Some(Severity::Major), Some(Severity::Critical), None];
    stage.store.commit(&commit(to.map(|to| life.goes(to, START)).to_vec()))?;
    let ids = |after, limit| -> Result<Option<Vec<u64>>> {
        Ok(stage.store.events_after(after, limit)?.map(|events| events.iter().map(|(id, _)| *id).collect()))
    };
    ensure!(ids(0, 2)? == Some(vec![1, 2]));
    ensure!(ids(2, 2)? == Some(vec![3]));
    ensure!(ids(3, 2)? == Some(vec![]));
    ensure!(ids(4, 2)?.is_none(), "an id that was never given out");
    Ok(())
}

pub fn who_missed_pruned_events_is_told(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let mut life = Life::of(RuleId::generate(), "s");
    let to = [Severity::Major, Severity::Critical];
    let transitions = (0..10).map(|n| life.goes(Some(to[n % 2]), START)).collect();
    stage.store.commit(&commit(transitions))?;
    stage.store.prune_events(4)?;
    ensure!(stage.store.events_after(5, 100)?.is_none());
    ensure!(stage.store.events_after(6, 100)?.is_some_and(|events| events.len() == 4));
    stage.store.prune_events(0)?;
    ensure!(stage.store.events_after(9, 100)?.is_none());
    ensure!(stage.store.events_after(10, 100)? == Some(vec![]));
    let stage = stage.reopen()?;
    ensure!(stage.store.last_event()? == 10);
    stage.store.commit(&commit(vec![life.goes(None, START)]))?;
    ensure!(stage.store.last_event()? == 11, "an id was given twice");
    Ok(())
}
