//! Calendars are found again as they were written, and stay while somebody uses them.

use std::collections::HashMap;

use anyhow::{Result, ensure};
use atalaya::domain::CalendarConfig;
use atalaya::store::StoreError;
use atalaya_api::calendar::Calendar;
use serde_json::json;

use super::make::{ana, first, rule};
use super::{Open, START, Stage};

fn calendar(id: &str) -> Result<CalendarConfig> {
    let calendar: Calendar = serde_json::from_value(json!({
        "id": id, "name": "Mañanas Ñ", "time_zone": "Europe/Madrid", "version": 1,
        "week": [{"days": [1, 2], "hours": {"from": "08:00", "to": "15:00"}}],
        "holidays": [{"date": "02-29"}],
        "exceptions": [{"date": "2027-01-06", "hours": []}],
    }))?;
    Ok(CalendarConfig { calendar, updated_at: START, updated_by: "ana".to_owned(), deleted_at: None })
}

/// The same, as its next version.
fn next(before: &CalendarConfig) -> CalendarConfig {
    let mut next = before.clone();
    next.calendar.version += 1;
    next
}

pub fn a_calendar_is_read_back_as_it_was_written(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let [b, a] = [calendar("b")?, calendar("a")?];
    stage.store.create_calendar(&b, &ana())?;
    stage.store.create_calendar(&a, &ana())?;
    let stage = stage.reopen()?;
    ensure!(stage.store.calendar("a")? == Some(a.clone()));
    ensure!(stage.store.calendars()? == [a.clone(), b]);
    ensure!(stage.store.calendar("c")?.is_none());
    ensure!(matches!(stage.store.create_calendar(&a, &ana()), Err(StoreError::Taken(_))));
    Ok(())
}

pub fn a_change_of_a_calendar_with_an_old_version_is_refused_and_nothing_is_written(
    open: Open,
) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = calendar("a")?;
    stage.store.create_calendar(&one, &ana())?;
    let mut two = next(&one);
    two.calendar.name = "Another".to_owned();
    stage.store.change_calendar(&two, 1, &ana())?;
    let audit = stage.store.audit(&first(10))?;
    ensure!(audit.items[0].what == "calendar updated");
    ensure!(audit.items[0].before.as_ref().is_some_and(|before| before["calendar"]["name"] == "Mañanas Ñ"));

    let answer = stage.store.change_calendar(&next(&one), 1, &ana());
    ensure!(matches!(answer, Err(StoreError::VersionMoved)), "{answer:?}");
    ensure!(stage.store.calendar("a")? == Some(two));
    ensure!(stage.store.audit(&first(10))?.total == audit.total);
    let unknown = stage.store.change_calendar(&calendar("c")?, 1, &ana());
    ensure!(matches!(unknown, Err(StoreError::NotFound)), "{unknown:?}");
    Ok(())
}

pub fn a_calendar_that_rules_use_is_not_deleted_and_a_deleted_one_comes_back(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = calendar("a")?;
    stage.store.create_calendar(&one, &ana())?;
    let mut user = rule("user")?;
    user.draft.period = "a".to_owned();
    user.draft.enabled = false;
    stage.store.create_rule(&user, &ana())?;
    stage.store.create_rule(&rule("other")?, &ana())?;
    let used = HashMap::from([("a".to_owned(), 1), ("24x7".to_owned(), 1)]);
    ensure!(stage.store.rules_by_period()? == used);
    let gone = CalendarConfig { deleted_at: Some(START), ..next(&one) };
    let answer = stage.store.change_calendar(&gone, 1, &ana());
    ensure!(matches!(answer, Err(StoreError::InUse(1))), "a paused rule counts: {answer:?}");

    let deleted = atalaya::domain::Rule { version: 2, deleted_at: Some(START), ..user };
    stage.store.change_rule(&deleted, 1, atalaya_api::event::RuleAction::Deleted, &ana())?;
    stage.store.change_calendar(&gone, 1, &ana())?;
    ensure!(stage.store.calendars()?.is_empty());
    ensure!(stage.store.calendar("a")? == Some(gone.clone()));
    ensure!(matches!(stage.store.create_calendar(&one, &ana()), Err(StoreError::Taken(_))));
    let back = CalendarConfig { deleted_at: None, ..next(&gone) };
    stage.store.change_calendar(&back, 2, &ana())?;
    ensure!(stage.store.calendars()? == [back]);
    Ok(())
}
