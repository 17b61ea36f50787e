//! Settings, the audit log, components.

use anyhow::{Result, ensure};
use atalaya::domain::{Rule, Sha256};
use atalaya::store::{Actor, AuditFilter, CycleCommit, HEARTBEAT, Slice, StoreError};
use atalaya_api::event::RuleAction;
use serde_json::json;

use super::make::{ana, first, rule};
use super::{Open, START, Stage};

pub fn a_setting_is_kept(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    ensure!(stage.store.setting("general")?.is_none());
    stage.store.put_setting("general", &json!({"time_zone": "Europe/Madrid"}), &ana())?;
    stage.store.put_setting("general", &json!({"time_zone": "UTC"}), &ana())?;
    let stage = stage.reopen()?;
    ensure!(stage.store.setting("general")? == Some(json!({"time_zone": "UTC"})));
    Ok(())
}

pub fn the_last_heartbeat_is_kept_without_an_entry_in_the_audit_log(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    for at in [START, START.plus(60_000)] {
        let beat = CycleCommit { heartbeat: Some(at), ..CycleCommit::default() };
        ensure!(!beat.is_empty() && stage.store.commit(&beat)?.is_none());
    }
    stage.store.commit(&CycleCommit::default())?;
    let stage = stage.reopen()?;
    ensure!(stage.store.setting(HEARTBEAT)? == Some(json!(START.plus(60_000).0)));
    ensure!(stage.store.audit(&first(10))?.items.is_empty());
    Ok(())
}

pub fn audit_holds_before_and_after(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = rule("cpu")?;
    stage.store.create_rule(&one, &ana())?;
    let mut two = Rule { version: 2, ..one.clone() };
    two.draft.checks_to_alert = 7;
    stage.clock.advance(std::time::Duration::from_secs(1));
    stage.store.change_rule(&two, 1, RuleAction::Updated, &ana())?;
    stage.store.put_setting("a", &json!(1), &ana())?;
    stage.store.put_setting("a", &json!(2), &ana())?;

    let rows = stage.store.audit(&first(10))?.items;
    ensure!(rows.iter().map(|row| &*row.what).eq([
        "settings changed",
        "settings changed",
        "rule updated",
        "rule created"
    ]));
    ensure!(rows.iter().all(|row| row.by == "ana"));
    ensure!(rows[0].before == Some(json!(1)) && rows[0].after == Some(json!(2)) && rows[0].subject == "a");
    let counts = |value: &Option<serde_json::Value>| value.as_ref()?["rule"]["checks_to_alert"].as_u64();
    ensure!(counts(&rows[2].before) == Some(3) && counts(&rows[2].after) == Some(7));
    ensure!(rows[2].at == START.plus(1_000) && rows[2].subject == one.id.to_string());
    ensure!(rows[3].before.is_none() && rows[3].at == START);
    Ok(())
}

pub fn the_audit_log_pages_from_the_newest_back(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    for n in 0..5 {
        stage.store.put_setting("n", &json!(n), &ana())?;
    }
    let mut slice = first(2);
    let mut seen = Vec::new();
    loop {
        let page = stage.store.audit(&slice)?;
        ensure!(page.total == 5);
        seen.extend(page.items.into_iter().filter_map(|row| row.after));
        let Some(next) = page.next else { break };
        slice = Slice { cursor: Some(next), ..slice };
    }
    ensure!(seen == [4, 3, 2, 1, 0].map(|n| json!(n)), "{seen:?}");
    let foreign = stage.store.audit(&Slice { limit: 2, cursor: Some("nonsense".to_owned()) });
    ensure!(matches!(foreign, Err(StoreError::BadCursor)));
    Ok(())
}

pub fn the_audit_log_is_filtered_by_words_who_and_time(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let blas = Actor { name: "blas".to_owned() };
    stage.store.create_rule(&rule("Antena Ñ")?, &ana())?;
    stage.clock.advance(std::time::Duration::from_secs(1));
    stage.store.put_setting("general", &json!({"language": "es"}), &blas)?;
    stage.clock.advance(std::time::Duration::from_secs(1));
    stage.store.note("backup made", "atalaya-backup-x.tar.gz", &json!({"bytes": 7}), &blas)?;
    let told = |filter: AuditFilter| -> Result<Vec<String>> {
        let page = stage.store.audit_of(&filter, &first(10))?;
        ensure!(page.total == page.items.len() as u64);
        Ok(page.items.into_iter().map(|row| row.what).collect())
    };
    let words = |q: &str| told(AuditFilter { q: Some(q.to_owned()), ..AuditFilter::default() });
    ensure!(words("antena ñ")? == ["rule created"], "the name of a thing is found, not only its id");
    ensure!(words("BLAS changed")? == ["settings changed"]);
    ensure!(words("language")? == [""; 0], "what it holds is not searched");
    let by = AuditFilter { by: Some("blas".to_owned()), ..AuditFilter::default() };
    ensure!(told(by)? == ["backup made", "settings changed"]);
    let time =
        AuditFilter { from: Some(START.plus(1_000)), to: Some(START.plus(2_000)), ..AuditFilter::default() };
    ensure!(told(time)? == ["settings changed"], "from is within, to is not");
    ensure!(stage.store.audit(&first(1))?.items[0].after == Some(json!({"bytes": 7})));
    Ok(())
}

pub fn a_component_is_kept(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let wasm = vec![0xa5; 300_000];
    let hash = Sha256::of(&wasm);
    ensure!(stage.store.component(hash)?.is_none());
    stage.store.keep_component(hash, &wasm)?;
    stage.store.keep_component(hash, &wasm)?;
    ensure!(stage.store.component(hash)? == Some(wasm));
    Ok(())
}
