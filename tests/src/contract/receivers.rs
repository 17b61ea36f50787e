//! Receivers are found again as they were written, and their secrets are shown to nobody.

use std::collections::HashMap;
use std::fs;

use anyhow::{Result, ensure};
use atalaya::domain::{ReceiverConfig, Rule, Secret};
use atalaya::store::StoreError;
use atalaya_api::event::RuleAction;
use atalaya_api::level::Level;
use atalaya_api::receiver::ReceiverDraft;
use atalaya_api::rule::ReceiverUse;
use serde_json::json;

use super::make::{ana, first, rule, secret};
use super::{Open, START, Stage};

fn receiver(id: &str) -> Result<ReceiverConfig> {
    let receiver: ReceiverDraft = serde_json::from_value(json!({
        "id": id, "kind": "email", "name": "Guardia Ñ", "lowest": "major", "remind_every": "1h", "version": 1, "has_secret": true,
        "rate": {"messages": 10, "per": "1m"}, "language": "es", "words": {"title": "{{ name }}", "text": ""},
        "email": {"host": "mail.example", "port": 587, "from": "a@example.org", "to": ["b@example.org"]},
    }))?;
    Ok(ReceiverConfig { receiver, updated_at: START, updated_by: "ana".to_owned(), deleted_at: None })
}

/// The same, as its next version.
fn next(before: &ReceiverConfig) -> ReceiverConfig {
    let mut next = before.clone();
    next.receiver.version += 1;
    next
}

pub fn a_receiver_is_read_back_as_it_was_written(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let [b, a] = [receiver("b")?, receiver("a")?];
    stage.store.create_receiver(&b, &secret(), &ana())?;
    stage.store.create_receiver(&a, &Secret::default(), &ana())?;
    let stage = stage.reopen()?;
    ensure!(stage.store.receiver("a")? == Some(a.clone()));
    ensure!(stage.store.receivers()? == [a.clone(), b]);
    ensure!(stage.store.receiver_secret("b")? == secret());
    ensure!(stage.store.receiver_secret("a")? == Secret::default());
    ensure!(stage.store.receiver("c")?.is_none());
    ensure!(matches!(stage.store.receiver_secret("c"), Err(StoreError::NotFound)));
    ensure!(matches!(stage.store.create_receiver(&a, &secret(), &ana()), Err(StoreError::Taken(_))));
    Ok(())
}

pub fn a_change_of_a_receiver_with_an_old_version_is_refused_and_nothing_is_written(
    open: Open,
) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = receiver("a")?;
    stage.store.create_receiver(&one, &secret(), &ana())?;
    let mut two = next(&one);
    two.receiver.name = "Another".to_owned();
    stage.store.change_receiver(&two, None, 1, &ana())?;
    let audit = stage.store.audit(&first(10))?;
    ensure!(audit.items[0].what == "receiver updated");
    ensure!(audit.items[0].before.as_ref().is_some_and(|before| before["receiver"]["name"] == "Guardia Ñ"));
    ensure!(audit.items[0].after.as_ref().is_some_and(|after| after["receiver"]["name"] == "Another"));

    let answer = stage.store.change_receiver(&next(&one), Some(&Secret::default()), 1, &ana());
    ensure!(matches!(answer, Err(StoreError::VersionMoved)), "{answer:?}");
    ensure!(stage.store.receiver("a")? == Some(two));
    ensure!(stage.store.receiver_secret("a")? == secret());
    ensure!(stage.store.audit(&first(10))?.total == audit.total);
    let unknown = stage.store.change_receiver(&receiver("c")?, None, 1, &ana());
    ensure!(matches!(unknown, Err(StoreError::NotFound)), "{unknown:?}");
    Ok(())
}

pub fn a_receivers_secret_stays_until_another_takes_its_place(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = receiver("a")?;
    stage.store.create_receiver(&one, &secret(), &ana())?;
    let two = next(&one);
    stage.store.change_receiver(&two, None, 1, &ana())?;
    ensure!(stage.store.receiver_secret("a")? == secret());
    let other = Secret { password: Some("another".to_owned()), token: None };
    let three = next(&two);
    stage.store.change_receiver(&three, Some(&other), 2, &ana())?;
    ensure!(stage.store.receiver_secret("a")? == other);
    stage.store.change_receiver(&next(&three), Some(&Secret::default()), 3, &ana())?;
    ensure!(stage.store.receiver_secret("a")? == Secret::default());
    Ok(())
}

pub fn a_receiver_that_rules_name_is_deleted_and_comes_back_with_its_secret(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = receiver("a")?;
    stage.store.create_receiver(&one, &secret(), &ana())?;
    stage.store.create_rule(&telling("user", &["a"])?, &ana())?;
    let gone = ReceiverConfig { deleted_at: Some(START), ..next(&one) };
    stage.store.change_receiver(&gone, None, 1, &ana())?;
    ensure!(stage.store.receivers()?.is_empty());
    ensure!(stage.store.receiver("a")? == Some(gone.clone()));
    ensure!(stage.store.removed_receivers()? == std::slice::from_ref(&gone));
    ensure!(matches!(stage.store.create_receiver(&one, &secret(), &ana()), Err(StoreError::Taken(_))));

    let back = ReceiverConfig { deleted_at: None, ..next(&gone) };
    stage.store.change_receiver(&back, None, 2, &ana())?;
    ensure!(stage.store.receivers()? == [back] && stage.store.removed_receivers()?.is_empty());
    ensure!(stage.store.receiver_secret("a")? == secret());
    let told: Vec<String> = stage.store.audit(&first(10))?.items.into_iter().map(|row| row.what).collect();
    ensure!(told[..2] == ["receiver restored", "receiver deleted"], "{told:?}");
    Ok(())
}

fn telling(name: &str, receivers: &[&str]) -> Result<Rule> {
    let mut rule = rule(name)?;
    let named = receivers.iter().map(|id| ReceiverUse { id: (*id).to_owned(), from: Level::Major });
    rule.draft.notify.receivers = named.collect();
    Ok(rule)
}

pub fn rules_are_counted_by_the_receivers_that_they_tell(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    for (id, kind) in [("a", "email"), ("b", "email"), ("c", "sms"), ("d", "ovo")] {
        let mut one = receiver(id)?;
        one.receiver.kind = serde_json::from_value(json!(kind))?;
        stage.store.create_receiver(&one, &Secret::default(), &ana())?;
    }
    stage.store.create_rule(&telling("one", &["a", "c", "gone"])?, &ana())?;
    stage.store.create_rule(&telling("two", &["a"])?, &ana())?;
    let mut three = telling("three", &["c"])?;
    // Named and of its kind: one rule.
    three.draft.notify.sms = true;
    stage.store.create_rule(&three, &ana())?;
    let deleted = Rule { deleted_at: Some(START), version: 2, ..telling("four", &["b"])? };
    stage.store.create_rule(&Rule { deleted_at: None, version: 1, ..deleted.clone() }, &ana())?;
    stage.store.change_rule(&deleted, 1, RuleAction::Deleted, &ana())?;
    let counted = HashMap::from([("a".to_owned(), 2), ("c".to_owned(), 2)]);
    ensure!(stage.store.rules_by_receiver()? == counted, "{:?}", stage.store.rules_by_receiver()?);
    Ok(())
}

pub fn secrets_of_receivers_are_neither_in_the_files_nor_in_the_audit(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let words = "Hush, hush 1";
    let mut one = receiver("a")?;
    // Even when a caller forgets to take it out.
    one.receiver.secret = Some(words.to_owned());
    stage.store.create_receiver(&one, &secret(), &ana())?;
    stage.store.change_receiver(&next(&one), Some(&secret()), 1, &ana())?;
    let audit = stage.store.audit(&first(10))?.items;
    ensure!(!format!("{audit:?}").contains(words), "{audit:?}");
    ensure!(audit[0].after.as_ref().is_some_and(|after| after["secret"] == "entered anew"), "{audit:?}");
    for entry in fs::read_dir(stage.directory.path())? {
        let bytes = fs::read(entry?.path())?;
        ensure!(!bytes.windows(words.len()).any(|part| part == words.as_bytes()));
    }
    Ok(())
}
