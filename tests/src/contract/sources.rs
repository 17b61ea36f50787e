//! Sources are found again as they were written, and what lets in is shown to nobody.

use std::fs;

use anyhow::{Result, ensure};
use atalaya::domain::{Secret, SourceConfig};
use atalaya::store::{RuleFilter, StoreError};
use atalaya_api::event::RuleAction;

use super::make::{ana, first, rule, secret, source};
use super::{Open, START, Stage};

pub fn a_source_is_read_back_as_it_was_written(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let [b, a] = [source("b")?, source("a")?];
    stage.store.create_source(&b, &secret(), &ana())?;
    stage.store.create_source(&a, &Secret::default(), &ana())?;
    let stage = stage.reopen()?;
    ensure!(stage.store.source("a")? == Some(a.clone()));
    ensure!(stage.store.sources()? == [a.clone(), b]);
    ensure!(stage.store.source_secret("b")? == secret());
    ensure!(stage.store.source_secret("a")? == Secret::default());
    ensure!(stage.store.source("c")?.is_none());
    ensure!(matches!(stage.store.source_secret("c"), Err(StoreError::NotFound)));
    ensure!(matches!(stage.store.create_source(&a, &secret(), &ana()), Err(StoreError::Taken(_))));
    Ok(())
}

pub fn a_change_of_a_source_with_an_old_version_is_refused_and_nothing_is_written(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = source("main")?;
    stage.store.create_source(&one, &secret(), &ana())?;
    let mut two = SourceConfig { version: 2, ..one.clone() };
    two.settings.name = "another".to_owned();
    stage.store.change_source(&two, None, 1, &ana())?;
    let audit = stage.store.audit(&first(10))?.total;

    let late = SourceConfig { version: 2, ..one };
    let answer = stage.store.change_source(&late, Some(&Secret::default()), 1, &ana());
    ensure!(matches!(answer, Err(StoreError::VersionMoved)), "{answer:?}");
    ensure!(stage.store.source("main")? == Some(two));
    ensure!(stage.store.source_secret("main")? == secret());
    ensure!(stage.store.audit(&first(10))?.total == audit);
    let unknown = stage.store.change_source(&source("other")?, None, 1, &ana());
    ensure!(matches!(unknown, Err(StoreError::NotFound)), "{unknown:?}");
    Ok(())
}

pub fn a_secret_stays_until_another_takes_its_place(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = source("main")?;
    stage.store.create_source(&one, &secret(), &ana())?;
    let next = |version| SourceConfig { version, ..one.clone() };
    stage.store.change_source(&next(2), None, 1, &ana())?;
    ensure!(stage.store.source_secret("main")? == secret());
    let other = Secret { password: None, token: Some("a token".to_owned()) };
    stage.store.change_source(&next(3), Some(&other), 2, &ana())?;
    ensure!(stage.store.source_secret("main")? == other);
    stage.store.change_source(&next(4), Some(&Secret::default()), 3, &ana())?;
    ensure!(stage.store.source_secret("main")? == Secret::default());
    Ok(())
}

pub fn a_deleted_source_is_kept_apart_and_can_be_restored_with_its_secret(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = source("main")?;
    stage.store.create_source(&one, &secret(), &ana())?;
    let two = SourceConfig { version: 2, deleted_at: Some(START), ..one.clone() };
    stage.store.change_source(&two, None, 1, &ana())?;
    ensure!(stage.store.sources()?.is_empty());
    ensure!(stage.store.source("main")? == Some(two));
    ensure!(stage.store.removed_sources()? == ["main"]);
    ensure!(matches!(stage.store.create_source(&one, &secret(), &ana()), Err(StoreError::Taken(_))));

    let three = SourceConfig { version: 3, ..one };
    stage.store.change_source(&three, None, 2, &ana())?;
    ensure!(stage.store.sources()? == [three] && stage.store.removed_sources()?.is_empty());
    ensure!(stage.store.source_secret("main")? == secret());
    let told: Vec<String> = stage.store.audit(&first(10))?.items.into_iter().map(|row| row.what).collect();
    ensure!(told == ["source restored", "source deleted", "source created"], "{told:?}");
    Ok(())
}

pub fn a_source_that_enabled_rules_use_is_not_deleted(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = source("main")?;
    stage.store.create_source(&one, &secret(), &ana())?;
    let mut rules = [rule("a")?, rule("b")?, rule("c")?, rule("d")?];
    for (place, rule) in rules.iter_mut().enumerate() {
        rule.draft.query.source = if place < 3 { "main" } else { "local" }.to_owned();
        rule.draft.enabled = place != 2;
        stage.store.create_rule(rule, &ana())?;
    }
    let gone = SourceConfig { version: 2, deleted_at: Some(START), ..one };
    let answer = stage.store.change_source(&gone, None, 1, &ana());
    ensure!(matches!(answer, Err(StoreError::InUse(2))), "{answer:?}");

    rules[0].version = 2;
    rules[0].draft.enabled = false;
    stage.store.change_rule(&rules[0], 1, RuleAction::Updated, &ana())?;
    rules[1].version = 2;
    rules[1].deleted_at = Some(START);
    stage.store.change_rule(&rules[1], 1, RuleAction::Deleted, &ana())?;
    stage.store.change_source(&gone, None, 1, &ana())?;
    Ok(())
}

pub fn rules_are_found_by_the_source_they_ask(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let mut far = rule("far")?;
    far.draft.query.source = "main".to_owned();
    stage.store.create_rule(&far, &ana())?;
    stage.store.create_rule(&rule("near")?, &ana())?;
    for (source, names) in [("main", vec!["far"]), ("local", vec!["near"]), ("other", vec![])] {
        let filter = RuleFilter { source: Some(source.to_owned()), ..RuleFilter::default() };
        let page = stage.store.rules(&filter, &first(10))?;
        ensure!(page.items.iter().map(|rule| rule.draft.name.as_str()).eq(names), "{source}: {page:?}");
    }
    Ok(())
}

pub fn secrets_are_neither_in_the_files_nor_in_the_audit(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let words = "Hush, hush 1";
    let mut one = source("main")?;
    // Even when a caller forgets to take it out.
    one.settings.password = Some(words.to_owned());
    stage.store.create_source(&one, &secret(), &ana())?;
    stage.store.change_source(&SourceConfig { version: 2, ..one }, Some(&secret()), 1, &ana())?;
    let audit = stage.store.audit(&first(10))?.items;
    ensure!(!format!("{audit:?}").contains(words), "{audit:?}");
    ensure!(audit[0].after.as_ref().is_some_and(|after| after["secrets"] == "entered anew"), "{audit:?}");
    for entry in fs::read_dir(stage.directory.path())? {
        let bytes = fs::read(entry?.path())?;
        ensure!(!bytes.windows(words.len()).any(|part| part == words.as_bytes()));
    }
    Ok(())
}

pub fn without_the_key_only_the_secrets_are_lost(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = source("main")?;
    stage.store.create_source(&one, &secret(), &ana())?;
    fs::remove_file(stage.directory.path().join("secret.key"))?;
    let stage = stage.reopen()?;
    let lost = stage.store.source_secret("main");
    ensure!(
        matches!(&lost, Err(StoreError::Secret(error)) if error.to_string().contains("secret.key")),
        "{lost:?}"
    );
    ensure!(stage.store.sources()? == std::slice::from_ref(&one));
    ensure!(stage.store.health().trouble.is_none());

    let two = SourceConfig { version: 2, ..one.clone() };
    stage.store.change_source(&two, None, 1, &ana())?;
    stage.store.change_source(&SourceConfig { version: 3, ..one }, Some(&secret()), 2, &ana())?;
    ensure!(stage.store.source_secret("main")? == secret());
    Ok(())
}
