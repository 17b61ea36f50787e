//! Templates are found again as they were written, and change together with their rules or not at all.

use anyhow::{Result, ensure};
use atalaya::domain::{Rule, Template, TemplateId};
use atalaya::store::{RuleWrite, StoreError, TemplateFilter};
use atalaya_api::event::RuleAction;
use atalaya_api::rule::TemplateUse;
use serde_json::json;

use super::make::{ana, first, rule};
use super::{Open, START, Stage};

fn template(name: &str) -> Result<Template> {
    let draft = serde_json::from_value(json!({
        "name": name, "note": "Ñandú",
        "sets": [{"name": "load", "check": {"name": "threshold", "params": {"critical": 90.25}}}],
        "alarm": {"checks_to_alert": 5, "labels": {"team": "core"}},
    }))?;
    Ok(Template {
        id: TemplateId::generate(),
        version: 1,
        draft,
        created_at: START,
        updated_at: START,
        updated_by: "ana".to_owned(),
        deleted_at: None,
        released: Vec::new(),
    })
}

fn linked(name: &str, template: &Template) -> Result<Rule> {
    let mut rule = rule(name)?;
    let link = TemplateUse { id: template.id.to_string(), set: "load".to_owned(), overrides: Vec::new() };
    rule.draft.template = Some(link);
    Ok(rule)
}

fn created(rule: &Rule) -> RuleWrite {
    RuleWrite { before: None, rule: rule.clone(), action: RuleAction::Created }
}

pub fn a_template_is_read_back_as_it_was_written(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let mut one = template("Interfaces")?;
    stage.store.write_template(None, &one, &[], &ana())?;
    let again = stage.store.write_template(None, &one, &[], &ana());
    ensure!(matches!(again, Err(StoreError::Taken(_))), "{again:?}");
    let stage = stage.reopen()?;
    ensure!(stage.store.template(one.id)? == Some(one.clone()));
    let before = one.clone();
    (one.version, one.deleted_at) = (2, Some(START));
    one.released = vec![(rule("a")?.id, "load".to_owned())];
    stage.store.write_template(Some(&before), &one, &[], &ana())?;
    ensure!(stage.store.template(one.id)? == Some(one));
    ensure!(stage.store.template(TemplateId::generate())?.is_none());
    Ok(())
}

pub fn a_template_and_its_rules_change_together_or_not_at_all(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = template("Interfaces")?;
    let rules = [linked("a", &one)?, linked("b", &one)?];
    stage.store.write_template(None, &one, &rules.each_ref().map(created), &ana())?;
    ensure!(stage.store.rules_of_template(one.id)? == 2);
    let audit = stage.store.audit(&first(10))?;
    ensure!(audit.total == 3 && audit.items[2].what == "template created", "{audit:?}");

    let two = Template { version: 2, ..one.clone() };
    let late = Rule { version: 2, ..rules[0].clone() };
    let behind = Rule { version: 7, ..rules[0].clone() };
    let moved = RuleWrite { before: Some(behind), rule: late, action: RuleAction::Updated };
    let answer = stage.store.write_template(Some(&one), &two, &[created(&linked("c", &one)?), moved], &ana());
    ensure!(matches!(answer, Err(StoreError::VersionMoved)), "{answer:?}");
    ensure!(
        stage.store.template(one.id)? == Some(one.clone()) && stage.store.rules_of_template(one.id)? == 2
    );
    ensure!(stage.store.audit(&first(10))?.total == 3);

    stage.store.write_template(Some(&one), &two, &[], &ana())?;
    let answer = stage.store.write_template(Some(&one), &two, &[created(&linked("d", &one)?)], &ana());
    ensure!(matches!(answer, Err(StoreError::VersionMoved)), "{answer:?}");
    let unknown = template("Other")?;
    let answer = stage.store.write_template(Some(&unknown), &unknown, &[], &ana());
    ensure!(matches!(answer, Err(StoreError::NotFound)), "{answer:?}");
    let gone = Rule { version: 2, deleted_at: Some(START), ..rules[1].clone() };
    let delete = RuleWrite { before: Some(rules[1].clone()), rule: gone, action: RuleAction::Deleted };
    stage.store.write_rules(&[delete], &ana())?;
    ensure!(stage.store.rules_of_template(one.id)? == 1);
    Ok(())
}

pub fn templates_are_listed_by_name_the_deleted_apart_and_a_name_is_free_again(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let all = [template("Ñandú")?, template("interfaces")?, template("CPU")?];
    for one in &all {
        stage.store.write_template(None, one, &[], &ana())?;
    }
    let taken = stage.store.write_template(None, &template("cpu")?, &[], &ana());
    ensure!(matches!(taken, Err(StoreError::Taken("the template's name"))), "{taken:?}");
    let names = |q: Option<&str>, deleted| -> Result<Vec<String>> {
        let filter = TemplateFilter { q: q.map(str::to_owned), deleted };
        let (mut slice, mut names) = (first(1), Vec::new());
        loop {
            let page = stage.store.templates(&filter, &slice)?;
            names.extend(page.items.into_iter().map(|one| one.draft.name));
            match page.next {
                Some(next) => slice.cursor = Some(next),
                None => return Ok(names),
            }
        }
    };
    ensure!(names(None, false)? == ["CPU", "interfaces", "Ñandú"]);
    ensure!(names(Some("ñan"), false)? == ["Ñandú"]);
    let gone = Template { version: 2, deleted_at: Some(START), ..all[2].clone() };
    stage.store.write_template(Some(&all[2]), &gone, &[], &ana())?;
    ensure!(names(None, false)? == ["interfaces", "Ñandú"] && names(None, true)? == ["CPU"]);
    stage.store.write_template(None, &template("cpu")?, &[], &ana())?;
    let back = Template { version: 3, deleted_at: None, ..gone.clone() };
    let taken = stage.store.write_template(Some(&gone), &back, &[], &ana());
    ensure!(matches!(taken, Err(StoreError::Taken(_))), "{taken:?}");
    let told: Vec<String> = stage.store.audit(&first(2))?.items.into_iter().map(|row| row.what).collect();
    ensure!(told == ["template created", "template deleted"], "{told:?}");
    Ok(())
}
