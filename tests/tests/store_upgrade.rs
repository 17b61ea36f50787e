//! From the schema of an earlier version to this one's: nothing is lost, and there is a way back.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use atalaya::clock::{Clock, SystemClock};
use atalaya::domain::Millis;
use atalaya::store::sqlite::SqliteStore;
use atalaya::store::{
    self, AlarmStore as _, AuditFilter, CalendarStore as _, DeletedStore as _, LoginStore as _,
    PeopleStore as _, RuleFilter, RuleSort, RuleStore as _, SettingsStore as _, Slice, SourceStore as _,
    StoreError, TemplateFilter, TemplateStore as _,
};
use atalaya_tests::past::{copies, make_newer, schema, schema_1, schema_2, schema_3, store_of};
use rusqlite::Connection;

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock::new())
}

fn open(data: &Path) -> store::Result<Arc<SqliteStore>> {
    SqliteStore::open(&store_of(data), clock())
}

fn words<T>(answer: store::Result<T>) -> Result<String> {
    match answer {
        Ok(_) => anyhow::bail!("it was opened"),
        Err(StoreError::Backend(words)) => Ok(words),
        Err(other) => anyhow::bail!("{other}"),
    }
}

/// What makes a schema, whatever the order in which it was made.
fn tables(file: &Path) -> Result<Vec<(String, Option<String>)>> {
    let store = Connection::open(file)?;
    let mut made = store.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name")?;
    let made = made.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(made.collect::<rusqlite::Result<_>>()?)
}

#[test]
fn a_store_of_schema_1_is_copied_and_brought_up_to_date() -> Result<()> {
    let data = schema_1();
    let store = open(data.path())?;
    let all = Slice { limit: 100, cursor: None };
    ensure!(store.rules(&RuleFilter::default(), &all)?.total == 5);
    ensure!(store.counts()?.critical == 1 && store.counts()?.unknown == 2);
    ensure!(store.sources()?.is_empty());
    drop(store);

    let copies = copies(data.path());
    let [copy] = &copies[..] else { anyhow::bail!("one copy, not {copies:?}") };
    let name = copy.file_name().context("a name")?.to_string_lossy().into_owned();
    ensure!(name.starts_with("atalaya-schema-1-") && name.ends_with("Z.db"), "{name}");
    ensure!(fs::metadata(copy)?.permissions().mode() & 0o777 == 0o600);
    ensure!(fs::metadata(data.path().join("backups"))?.permissions().mode() & 0o777 == 0o700);
    ensure!(schema(copy) == 1);
    let rules: i64 = Connection::open(copy)?.query_row("SELECT count(*) FROM rules", [], |row| row.get(0))?;
    ensure!(rules == 6, "{rules} rules in the copy");

    drop(open(data.path())?);
    ensure!(atalaya_tests::past::copies(data.path()) == copies, "up to date: no further copy");
    Ok(())
}

#[test]
fn the_rules_of_schema_2_are_listed_in_every_order_and_by_every_filter_of_schema_3() -> Result<()> {
    let data = schema_2();
    let store = open(data.path())?;
    let names = |filter: RuleFilter| -> Result<Vec<String>> {
        let page = store.rules(&filter, &Slice { limit: 100, cursor: None })?;
        Ok(page.items.into_iter().map(|rule| rule.draft.name).collect())
    };
    let by = |sort| RuleFilter { sort, ..RuleFilter::default() };
    ensure!(names(by(RuleSort::Severity))? == ["Paused", "CPU router2", "Ingress", "CPU router1"]);
    ensure!(names(by(RuleSort::Dashboard))? == ["Ingress", "CPU router1", "Paused", "CPU router2"]);
    ensure!(names(by(RuleSort::Panel))? == ["Ingress", "CPU router1", "Paused", "CPU router2"]);
    ensure!(names(by(RuleSort::Metric))? == ["Ingress", "CPU router1", "CPU router2", "Paused"]);
    let all = RuleFilter::default();
    ensure!(names(RuleFilter { check: Some("threshold".to_owned()), ..all.clone() })?.len() == 4);
    ensure!(names(RuleFilter { period: Some("24x7".to_owned()), ..all.clone() })?.len() == 4);
    ensure!(names(RuleFilter { paused: Some(true), ..all.clone() })? == ["Paused"]);
    ensure!(names(RuleFilter { deleted: true, ..all.clone() })? == ["Deleted"]);
    ensure!(names(RuleFilter { drifted: true, ..all })?.is_empty());
    ensure!(store.counts()?.critical == 1);
    ensure!(store.source_secret("graphite")?.token.as_deref() == Some("token-of-graphite"));
    let copies = copies(data.path());
    ensure!(copies.len() == 1 && schema(&copies[0]) == 2);
    Ok(())
}

#[test]
fn the_people_templates_and_calendars_of_schema_3_are_there() -> Result<()> {
    let data = schema_3();
    let store = open(data.path())?;
    let all = Slice { limit: 100, cursor: None };
    ensure!(store.rules(&RuleFilter::default(), &all)?.total == 5);
    ensure!(store.templates(&TemplateFilter::default(), &all)?.items[0].draft.name == "Carga Ñ");
    ensure!(store.calendars()?.iter().map(|one| &*one.calendar.id).eq(["mornings"]));
    let users = store.users()?;
    ensure!(users.iter().map(|user| &*user.username).eq(["admin", "eva"]));
    ensure!(users.iter().all(|user| user.groups.is_empty() && user.effective_role == user.role));
    ensure!(store.tokens(None)?.iter().all(|(token, owner)| token.name.is_empty() && owner == "admin"));
    let deleted = store.deleted(Millis(0), &all)?.items;
    ensure!(deleted.iter().map(|one| &*one.name).eq(["Old", "Deleted"]), "{deleted:?}");
    ensure!(deleted.iter().all(|one| one.by == "admin"));
    let named = AuditFilter { q: Some("carga ñ created".to_owned()), ..AuditFilter::default() };
    ensure!(store.audit_of(&named, &all)?.total == 1, "names are found, capital letters and all");
    ensure!(store.source_secret("graphite")?.token.as_deref() == Some("token-of-graphite"));
    ensure!(store.counts()?.critical == 1);
    let copies = copies(data.path());
    ensure!(copies.len() == 1 && schema(&copies[0]) == 3);
    Ok(())
}

#[test]
fn a_store_that_was_brought_up_to_date_has_the_schema_of_a_new_one() -> Result<()> {
    let new = tempfile::tempdir()?;
    drop(open(new.path())?);
    for old in [schema_1(), schema_2(), schema_3()] {
        drop(open(old.path())?);
        ensure!(tables(&store_of(old.path()))? == tables(&store_of(new.path()))?);
    }
    ensure!(copies(new.path()).is_empty(), "there is nothing to copy of a new one");
    Ok(())
}

#[test]
fn the_copy_is_a_store_that_can_be_put_back() -> Result<()> {
    let data = schema_1();
    drop(open(data.path())?);
    let copy = copies(data.path()).pop().context("a copy")?;
    let back = tempfile::tempdir()?;
    fs::copy(copy, store_of(back.path()))?;
    let store = open(back.path())?;
    ensure!(store.rules(&RuleFilter::default(), &Slice { limit: 1, cursor: None })?.total == 5);
    Ok(())
}

#[test]
fn without_a_copy_nothing_is_changed() -> Result<()> {
    let data = schema_1();
    let obstacle = data.path().join("backups");
    fs::write(&obstacle, "no folder")?;
    let words = words(open(data.path()))?;
    for part in ["Nothing was changed", "backups", "MiB"] {
        ensure!(words.contains(part), "{words}");
    }
    ensure!(schema(&store_of(data.path())) == 1);
    fs::remove_file(obstacle)?;
    open(data.path())?;
    Ok(())
}

#[test]
fn the_newest_three_copies_are_kept_and_unfinished_ones_are_not() -> Result<()> {
    let data = schema_1();
    let folder = data.path().join("backups");
    fs::create_dir(&folder)?;
    let named = |name: &str| folder.join(name);
    for name in [
        "atalaya-schema-1-20250101T000000Z.db",
        "atalaya-schema-2-20240101T000000Z.db",
        "atalaya-schema-10-20230101T000000Z.db",
        "atalaya-schema-1-20250101T000000Z.tmp",
        "mine.db",
    ] {
        fs::write(named(name), "")?;
    }
    drop(open(data.path())?);
    let left = copies(data.path());
    ensure!(left.len() == 4, "{left:?}");
    ensure!(
        left.contains(&named("mine.db")) && left.contains(&named("atalaya-schema-1-20250101T000000Z.db"))
    );
    ensure!(left.contains(&named("atalaya-schema-2-20240101T000000Z.db")), "{left:?}");
    Ok(())
}

#[test]
fn a_command_does_not_change_the_schema_under_a_running_server() -> Result<()> {
    let data = schema_1();
    let lock = File::create(data.path().join("atalaya.lock"))?;
    lock.try_lock()?;
    let beside = || SqliteStore::open_beside_server(&store_of(data.path()), clock());
    let words = words(beside())?;
    ensure!(words.contains("another Atalaya"), "{words}");
    ensure!(schema(&store_of(data.path())) == 1 && copies(data.path()).is_empty());
    drop(lock);
    drop(beside()?);
    ensure!(copies(data.path()).len() == 1);
    Ok(())
}

#[test]
fn a_newer_schema_is_refused_and_neither_copied_nor_changed() -> Result<()> {
    let data = schema_1();
    make_newer(&store_of(data.path()));
    let before = tables(&store_of(data.path()))?;
    let words = words(open(data.path()))?;
    ensure!(words.contains("newer Atalaya") && words.contains("99"), "{words}");
    ensure!(tables(&store_of(data.path()))? == before && copies(data.path()).is_empty());
    Ok(())
}
