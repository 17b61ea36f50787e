//! Rules are found again as they were written, and nobody overwrites what he has not seen.

use anyhow::{Result, ensure};
use atalaya::domain::{Rule, Severity};
use atalaya::store::{Happening, RuleFilter, RuleSort, RuleStore, StoreError};
use atalaya_api::event::RuleAction;

use super::make::{Life, ana, commit, first, rule};
use super::{Open, START, Stage};

pub fn a_rule_is_read_back_as_it_was_written(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let written = rule("cpu")?;
    stage.store.create_rule(&written, &ana())?;
    let stage = stage.reopen()?;
    ensure!(stage.store.rule(written.id)? == Some(written.clone()));
    ensure!(matches!(stage.store.create_rule(&written, &ana()), Err(StoreError::Taken(_))));
    Ok(())
}

pub fn a_change_with_an_old_version_is_refused_and_nothing_is_written(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = rule("cpu")?;
    stage.store.create_rule(&one, &ana())?;
    let mut two = Rule { version: 2, ..one.clone() };
    two.draft.name = "memory".to_owned();
    stage.store.change_rule(&two, 1, RuleAction::Updated, &ana())?;
    let (events, audit) = (stage.store.last_event()?, stage.store.audit(&first(10))?.total);

    let late = Rule { version: 2, ..one };
    let answer = stage.store.change_rule(&late, 1, RuleAction::Updated, &ana());
    ensure!(matches!(answer, Err(StoreError::VersionMoved)), "{answer:?}");
    ensure!(stage.store.rule(two.id)? == Some(two));
    ensure!(stage.store.last_event()? == events);
    ensure!(stage.store.audit(&first(10))?.total == audit);
    Ok(())
}

pub fn a_rule_that_is_not_there_cannot_be_changed(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let answer = stage.store.change_rule(&rule("cpu")?, 1, RuleAction::Updated, &ana());
    ensure!(matches!(answer, Err(StoreError::NotFound)), "{answer:?}");
    Ok(())
}

pub fn of_two_changes_at_once_one_wins(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = rule("cpu")?;
    stage.store.create_rule(&one, &ana())?;
    let won = std::thread::scope(|scope| {
        let change = || {
            let two = Rule { version: 2, ..one.clone() };
            stage.store.change_rule(&two, 1, RuleAction::Updated, &ana()).is_ok()
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(change)).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).filter(|won| *won).count()
    });
    ensure!(won == 1, "{won} won");
    Ok(())
}

pub fn a_deleted_rule_is_kept_apart_and_can_be_restored(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = rule("cpu")?;
    stage.store.create_rule(&one, &ana())?;
    let two = Rule { version: 2, deleted_at: Some(START), ..one.clone() };
    stage.store.change_rule(&two, 1, RuleAction::Deleted, &ana())?;

    ensure!(stage.store.rules(&RuleFilter::default(), &first(10))?.total == 0);
    ensure!(each(&*stage.store)?.is_empty(), "a deleted rule was loaded");
    let deleted = RuleFilter { deleted: true, ..RuleFilter::default() };
    ensure!(stage.store.rules(&deleted, &first(10))?.items == [two]);

    let three = Rule { version: 3, ..one };
    stage.store.change_rule(&three, 2, RuleAction::Restored, &ana())?;
    ensure!(each(&*stage.store)? == [three]);
    Ok(())
}

fn each(store: &(impl RuleStore + ?Sized)) -> Result<Vec<Rule>> {
    let mut rules = Vec::new();
    store.each_rule(&mut |rule| rules.push(rule))?;
    Ok(rules)
}

pub fn each_change_of_a_rule_is_an_event(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = rule("cpu")?;
    stage.store.create_rule(&one, &ana())?;
    stage.store.change_rule(&Rule { version: 2, ..one.clone() }, 1, RuleAction::Updated, &ana())?;
    let events = stage.store.events_after(0, 10)?;
    let expected = [(1, RuleAction::Created), (2, RuleAction::Updated)]
        .map(|(id, action)| (id, Happening::Rule { id: one.id, action }));
    ensure!(events.as_deref() == Some(&expected), "{events:?}");
    Ok(())
}

pub fn rules_are_found_by_every_word_whatever_its_case(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let mut one = rule("CPU Ñandú")?;
    one.draft.query.dashboard = Some("Core".to_owned());
    one.draft.note = "100%_sure".to_owned();
    stage.store.create_rule(&one, &ana())?;
    stage.store.create_rule(&rule("memory")?, &ana())?;
    let found = |q: &str| -> Result<u64> {
        let filter = RuleFilter { q: Some(q.to_owned()), ..RuleFilter::default() };
        let page = stage.store.rules(&filter, &first(10))?;
        ensure!(page.items.len() as u64 == page.total);
        Ok(page.total)
    };
    for (q, rules) in [
        ("cpu", 1),
        ("ñANDÚ  core", 1),
        ("lab.", 2),
        ("cpu memory", 0),
        ("100%_", 1),
        ("1%", 0),
        ("cpu_", 0),
        ("", 2),
        ("  ", 2),
        ("'; DROP TABLE rules", 0),
        ("\\", 0),
    ] {
        ensure!(found(q)? == rules, "{q:?} found {}", found(q)?);
    }
    Ok(())
}

pub fn rules_are_filtered_by_place_label_and_severity(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let mut one = rule("cpu")?;
    one.draft.query.dashboard = Some("Core".to_owned());
    one.draft.query.panel = Some("Load".to_owned());
    one.draft.labels.insert("a \"quoted\".key".to_owned(), "x".to_owned());
    stage.store.create_rule(&one, &ana())?;
    stage.store.create_rule(&rule("memory")?, &ana())?;
    stage.store.commit(&commit(vec![Life::of(one.id, "s").goes(Some(Severity::Major), START)]))?;

    let filters = [
        RuleFilter { dashboard: Some("Core".to_owned()), ..RuleFilter::default() },
        RuleFilter { panel: Some("Load".to_owned()), ..RuleFilter::default() },
        RuleFilter { label: Some(("a \"quoted\".key".to_owned(), "x".to_owned())), ..RuleFilter::default() },
        RuleFilter { severity: Some(Severity::Major), ..RuleFilter::default() },
    ];
    for filter in filters {
        let page = stage.store.rules(&filter, &first(10))?;
        ensure!(page.items == [one.clone()] && page.total == 1, "{filter:?}: {page:?}");
    }
    let critical = RuleFilter { severity: Some(Severity::Critical), ..RuleFilter::default() };
    ensure!(stage.store.rules(&critical, &first(10))?.total == 0);
    Ok(())
}

pub fn rules_sort_by_the_worst_severity_they_hold(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let rules = [rule("a")?, rule("b")?, rule("c")?];
    for one in &rules {
        stage.store.create_rule(one, &ana())?;
    }
    let [_, b, c] = &rules;
    stage.store.commit(&commit(vec![
        Life::of(b.id, "1").goes(Some(Severity::Warning), START),
        Life::of(b.id, "2").goes(Some(Severity::Critical), START),
        Life::of(c.id, "1").goes(Some(Severity::Major), START),
    ]))?;
    let filter = RuleFilter { sort: RuleSort::Severity, descending: true, ..RuleFilter::default() };
    let page = stage.store.rules(&filter, &first(10))?;
    let names: Vec<_> = page.items.iter().map(|rule| rule.draft.name.as_str()).collect();
    ensure!(names == ["b", "c", "a"], "{names:?}");
    Ok(())
}
