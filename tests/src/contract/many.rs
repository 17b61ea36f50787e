//! Many rules are written together or not at all, and found by all that they are filtered by.

use anyhow::{Result, ensure};
use atalaya::domain::{Rule, RuleId, Severity};
use atalaya::store::{RuleFilter, RuleSet, RuleSort, RuleWrite, Store, StoreError};
use atalaya_api::event::RuleAction;

use super::make::{Life, ana, commit, first, rule};
use super::{Open, START, Stage};

fn created(rule: &Rule) -> RuleWrite {
    RuleWrite { before: None, rule: rule.clone(), action: RuleAction::Created }
}

fn paused(before: &Rule) -> RuleWrite {
    let mut rule = Rule { version: before.version + 1, ..before.clone() };
    rule.draft.enabled = false;
    RuleWrite { before: Some(before.clone()), rule, action: RuleAction::Updated }
}

fn names(store: &dyn Store, filter: &RuleFilter) -> Result<Vec<String>> {
    let page = store.rules(filter, &first(100))?;
    ensure!(page.total == page.items.len() as u64);
    Ok(page.items.into_iter().map(|rule| rule.draft.name).collect())
}

pub fn many_rules_are_written_in_order_each_with_its_audit_and_event(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let rules = [rule("a")?, rule("b")?, rule("c")?];
    stage.store.write_rules(&rules.each_ref().map(created), &ana())?;
    let writes = [paused(&rules[0]), paused(&rules[1])];
    stage.store.write_rules(&writes, &ana())?;

    let wanted = [writes[0].rule.clone(), writes[1].rule.clone(), rules[2].clone()];
    ensure!(names(&*stage.store, &RuleFilter::default())? == ["a", "b", "c"]);
    let ids = rules.each_ref().map(|rule| rule.id);
    ensure!(stage.store.rules_by_id(&[ids[0], ids[1], ids[2], ids[0], RuleId::generate()])? == wanted);
    let audit = stage.store.audit(&first(10))?.items;
    ensure!(audit.len() == 5 && audit[0].subject == ids[1].to_string(), "{audit:?}");
    let enabled =
        |value: &Option<serde_json::Value>| value.as_ref().map(|rule| rule["rule"]["enabled"].clone());
    ensure!(enabled(&audit[0].before) == Some(true.into()) && enabled(&audit[0].after) == Some(false.into()));
    ensure!(stage.store.last_event()? == 5);
    stage.store.write_rules(&[], &ana())?;
    Ok(())
}

pub fn of_many_rules_none_is_written_when_one_has_moved(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let rules = [rule("a")?, rule("b")?];
    stage.store.write_rules(&rules.each_ref().map(created), &ana())?;
    let moved = paused(&rules[1]);
    stage.store.write_rules(std::slice::from_ref(&moved), &ana())?;
    let (events, audit) = (stage.store.last_event()?, stage.store.audit(&first(10))?.total);

    for late in [paused(&rules[1]), created(&rules[1]), paused(&rule("c")?)] {
        let answer = stage.store.write_rules(&[created(&rule("d")?), paused(&rules[0]), late], &ana());
        let refused =
            matches!(answer, Err(StoreError::VersionMoved | StoreError::Taken(_) | StoreError::NotFound));
        ensure!(refused, "{answer:?}");
    }
    ensure!(
        stage.store.rules_by_id(&rules.each_ref().map(|rule| rule.id))? == [rules[0].clone(), moved.rule]
    );
    ensure!(stage.store.last_event()? == events && stage.store.audit(&first(10))?.total == audit);
    Ok(())
}

pub fn rules_are_filtered_by_check_template_period_and_pause(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let (mut one, other) = (rule("one")?, rule("other")?);
    one.draft.check.name = "trend".to_owned();
    one.draft.period = "daytime".to_owned();
    one.draft.enabled = false;
    one.draft.template = Some(atalaya_api::rule::TemplateUse { id: "t1".to_owned(), ..Default::default() });
    stage.store.write_rules(&[created(&one), created(&other)], &ana())?;
    let all = RuleFilter::default();
    for filter in [
        RuleFilter { check: Some("trend".to_owned()), ..all.clone() },
        RuleFilter { template: Some("t1".to_owned()), ..all.clone() },
        RuleFilter { period: Some("daytime".to_owned()), ..all.clone() },
        RuleFilter { paused: Some(true), ..all.clone() },
    ] {
        ensure!(names(&*stage.store, &filter)? == ["one"], "{filter:?}");
    }
    ensure!(names(&*stage.store, &RuleFilter { paused: Some(false), ..all.clone() })? == ["other"]);
    ensure!(names(&*stage.store, &RuleFilter { drifted: true, ..all })?.is_empty());
    Ok(())
}

pub fn rules_are_filtered_by_sets_that_are_known_elsewhere(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let rules = [rule("a")?, rule("b")?, rule("c")?];
    stage.store.write_rules(&rules.each_ref().map(created), &ana())?;
    let set = |some: &[usize], except| RuleSet { ids: some.iter().map(|at| rules[*at].id).collect(), except };
    for (among, wanted) in [
        (vec![set(&[0, 2], false)], vec!["a", "c"]),
        (vec![set(&[0, 2], true)], vec!["b"]),
        (vec![set(&[0, 1], false), set(&[1, 2], false)], vec!["b"]),
        (vec![set(&[], false)], vec![]),
        (vec![set(&[], true)], vec!["a", "b", "c"]),
    ] {
        let filter = RuleFilter { among, ..RuleFilter::default() };
        ensure!(names(&*stage.store, &filter)? == wanted, "{filter:?}");
    }
    Ok(())
}

pub fn by_state_paused_rules_come_first_and_what_is_held_last_whatever_came_when(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let rules = [rule("major")?, rule("paused")?, rule("quiet")?, rule("warning")?];
    let mut major = Life::of(rules[0].id, "1");
    // The alarm first: the rule may be stored later than the decision about it.
    stage.store.commit(&commit(vec![major.goes(Some(Severity::Critical), START)]))?;
    stage.store.write_rules(&rules.each_ref().map(created), &ana())?;
    let (mut warning, mut of_paused) = (Life::of(rules[3].id, "1"), Life::of(rules[1].id, "1"));
    stage.store.commit(&commit(vec![
        major.goes(Some(Severity::Major), START),
        warning.goes(Some(Severity::Warning), START),
        of_paused.goes(Some(Severity::Critical), START),
    ]))?;
    let pause = paused(&rules[1]);
    stage.store.write_rules(std::slice::from_ref(&pause), &ana())?;
    let by_state = RuleFilter { sort: RuleSort::Severity, ..RuleFilter::default() };
    ensure!(names(&*stage.store, &by_state)? == ["paused", "quiet", "warning", "major"]);

    stage
        .store
        .commit(&commit(vec![major.goes(None, START.plus(1)), of_paused.goes(None, START.plus(1))]))?;
    ensure!(names(&*stage.store, &by_state)? == ["paused", "major", "quiet", "warning"]);
    let resumed = Rule { version: 3, ..rules[1].clone() };
    let resume = RuleWrite { before: Some(pause.rule), rule: resumed, action: RuleAction::Updated };
    stage.store.write_rules(&[resume], &ana())?;
    ensure!(names(&*stage.store, &by_state)? == ["major", "paused", "quiet", "warning"]);
    Ok(())
}
