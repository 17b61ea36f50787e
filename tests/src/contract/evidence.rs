//! Evidence is kept with what it names, and goes when it is too old.

use anyhow::{Result, ensure};
use atalaya::domain::{Millis, RuleId, RuleRecord, Run, Severity, Sha256};
use atalaya::store::CycleCommit;

use super::make::{Life, rule};
use super::{Open, START, Stage};

fn record(margin: f64) -> Result<(Sha256, RuleRecord)> {
    let record = RuleRecord { ok_margin: margin, ..rule("cpu")?.record() };
    Ok((Sha256::of(record.canonical_json().as_bytes()), record))
}

fn run(record: Sha256) -> Vec<u8> {
    Run { check: Sha256::of(b"check"), record, first_memory: None, evaluations: Vec::new() }.encode()
}

/// Raises an alarm with evidence that names the record.
fn with_evidence(life: &mut Life, at: Millis, record: (Sha256, RuleRecord)) -> CycleCommit {
    let mut transition = life.goes(Some(Severity::Major), at);
    transition.evidence = Some(run(record.0));
    CycleCommit { transitions: vec![transition], records: vec![record], ..CycleCommit::default() }
}

pub fn a_record_is_found_by_its_hash(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let (hash, written) = record(10.5)?;
    ensure!(stage.store.record(hash)?.is_none());
    let mut life = Life::of(RuleId::generate(), "s");
    stage.store.commit(&with_evidence(&mut life, START, (hash, written.clone())))?;
    ensure!(stage.store.record(hash)? == Some(written));
    Ok(())
}

pub fn old_evidence_goes_and_the_transition_stays(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let rule = RuleId::generate();
    let (mut old, mut new) = (Life::of(rule, "old"), Life::of(rule, "new"));
    let (gone, kept) = (record(1.0)?, record(2.0)?);
    stage.store.commit(&with_evidence(&mut old, START, gone.clone()))?;
    stage.store.commit(&with_evidence(&mut new, START.plus(10), kept.clone()))?;

    ensure!(stage.store.prune_evidence(START.plus(10))? == 1);
    ensure!(stage.store.prune_evidence(START.plus(10))? == 0);
    let old = stage.store.transitions(old.alarm())?;
    ensure!(old.len() == 1 && old[0].transition.evidence.is_none());
    ensure!(stage.store.transitions(new.alarm())?[0].transition.evidence.is_some());
    ensure!(stage.store.record(gone.0)?.is_none(), "nothing names it any more");
    ensure!(stage.store.record(kept.0)?.is_some());
    Ok(())
}

pub fn a_record_named_by_a_run_in_progress_is_kept(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let (hash, record) = record(3.0)?;
    let mut state = Life::of(RuleId::generate(), "s").state();
    state.run = Some(run(hash));
    let commit = CycleCommit { states: vec![state], records: vec![(hash, record)], ..CycleCommit::default() };
    stage.store.commit(&commit)?;
    stage.store.prune_evidence(START.plus(1_000))?;
    ensure!(stage.store.record(hash)?.is_some());
    Ok(())
}
