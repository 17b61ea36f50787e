//! What was deleted can be found until it is gone for good.

use anyhow::{Result, ensure};
use atalaya::domain::{Millis, Rule, SourceConfig};
use atalaya::store::{AlarmFilter, StoreError};
use atalaya_api::event::RuleAction;
use atalaya_api::level::Severity;
use atalaya_api::people::DeletedKind;
use atalaya_api::rule::{Query, RuleDraft};

use super::make::{Life, ana, commit, first, rule, secret, source};
use super::{Open, START, Stage};

/// A rule that was deleted then, by `blas`.
fn gone(stage: &Stage, name: &str, at: Millis) -> Result<Rule> {
    let one = rule(name)?;
    stage.store.create_rule(&one, &ana())?;
    let gone =
        Rule { version: 2, updated_at: at, updated_by: "blas".to_owned(), deleted_at: Some(at), ..one };
    stage.store.change_rule(&gone, 1, RuleAction::Deleted, &ana())?;
    Ok(gone)
}

pub fn what_was_deleted_is_listed_newest_first_until_it_is_gone_for_good(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    stage.store.create_rule(&rule("stays")?, &ana())?;
    let old = gone(&stage, "old", START.plus(1))?;
    let young = gone(&stage, "young", START.plus(3))?;
    let one = source("far")?;
    stage.store.create_source(&one, &secret(), &ana())?;
    let removed = SourceConfig { version: 2, deleted_at: Some(START.plus(2)), ..one };
    stage.store.change_source(&removed, None, 1, &ana())?;

    let mut slice = first(1);
    let mut all = Vec::new();
    loop {
        let page = stage.store.deleted(START, &slice)?;
        ensure!(page.total == 3, "{}", page.total);
        all.extend(page.items);
        let Some(next) = page.next else { break };
        slice.cursor = Some(next);
    }
    let told: Vec<_> = all.iter().map(|row| (row.kind, &*row.id, &*row.name, row.deleted_at)).collect();
    let (young_id, old_id) = (young.id.to_string(), old.id.to_string());
    let wanted = [
        (DeletedKind::Rule, &*young_id, "young", START.plus(3)),
        (DeletedKind::Source, "far", "Graphite Ñ", START.plus(2)),
        (DeletedKind::Rule, &*old_id, "old", START.plus(1)),
    ];
    ensure!(told == wanted, "{told:?}");
    ensure!(all[0].by == "blas");
    ensure!(stage.store.deleted(START.plus(1), &first(10))?.total == 2, "after that instant");

    ensure!(stage.store.purge_deleted(START.plus(2))? == 2);
    ensure!(stage.store.deleted(START, &first(10))?.items.len() == 1);
    ensure!(stage.store.rule(old.id)?.is_none() && stage.store.rule(young.id)? == Some(young));
    ensure!(matches!(stage.store.source_secret("far"), Err(StoreError::NotFound)), "with what lets in");
    ensure!(stage.store.purge_deleted(START.plus(2))? == 0);
    Ok(())
}

pub fn what_a_deleted_rule_needs_to_come_back_stays_as_long_as_the_rule(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let far = source("far")?;
    stage.store.create_source(&far, &secret(), &ana())?;
    let removed = |source: SourceConfig, at| SourceConfig { version: 2, deleted_at: Some(at), ..source };
    let one = rule("needs it")?;
    let one = Rule {
        draft: RuleDraft { query: Query { source: "far".to_owned(), ..one.draft.query }, ..one.draft },
        ..one
    };
    stage.store.create_rule(&one, &ana())?;
    let gone = Rule { version: 2, updated_at: START.plus(9), deleted_at: Some(START.plus(9)), ..one };
    stage.store.change_rule(&gone, 1, RuleAction::Deleted, &ana())?;
    stage.store.change_source(&removed(far, START.plus(1)), None, 1, &ana())?;

    ensure!(stage.store.purge_deleted(START.plus(5))? == 0);
    ensure!(stage.store.source_secret("far").is_ok());
    let listed = stage.store.deleted(START.plus(5), &first(10))?.items;
    ensure!(listed.len() == 2, "both are there to be brought back: {listed:?}");
    ensure!(stage.store.purge_deleted(START.plus(9))? == 2, "together");
    Ok(())
}

pub fn a_rule_that_is_gone_takes_its_states_and_leaves_its_alarms(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let (kept, old) = (rule("kept")?, gone(&stage, "old", START.plus(1))?);
    stage.store.create_rule(&kept, &ana())?;
    for rule in [&kept, &old] {
        let mut life = Life::of(rule.id, "lab.a");
        let transitions = vec![life.goes(Some(Severity::Major), START), life.goes(None, START.plus(1))];
        let mut both = commit(transitions);
        both.states.push(life.state());
        stage.store.commit(&both)?;
    }
    ensure!(stage.store.purge_deleted(START.plus(1))? == 1);
    let mut states = Vec::new();
    stage.store.each_state(&mut |state| states.push(state.rule))?;
    ensure!(states == [kept.id], "{states:?}");
    let history = AlarmFilter { active: Some(false), ..AlarmFilter::default() };
    let alarms = stage.store.alarms(&history, &first(10))?.items;
    ensure!(alarms.len() == 2, "{alarms:?}");
    ensure!(alarms.iter().all(|alarm| !alarm.context.rule_name.is_empty()));
    Ok(())
}
