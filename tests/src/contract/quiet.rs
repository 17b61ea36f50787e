//! What somebody has seen, what is muted, what is planned.

use anyhow::{Context as _, Result, ensure};
use atalaya::domain::{
    AlarmId, MaintenanceConfig, MaintenanceId, Millis, Mute, MuteId, RuleId, Severity, Subject,
};
use atalaya::plan::quiet::{Covered, Quiet, Target};
use atalaya::store::{AlarmFilter, AuditRow, Happening, Store, StoreError};
use atalaya_api::event::QuietChange;
use atalaya_api::quiet::{MaintenanceDraft, MuteKind, MuteTarget, Once};
use serde_json::Value;

use super::make::{Life, ana, commit, first, rule};
use super::{Open, START, Stage};

const DAY: i64 = 86_400_000;
/// How long what has ended is kept.
const KEPT: i64 = 400 * DAY;

fn raised(stage: &Stage, rule: RuleId, series: &str) -> Result<Life> {
    let mut life = Life::of(rule, series);
    let raise = life.goes(Some(Severity::Major), START);
    stage.store.commit(&commit(vec![raise]))?;
    Ok(life)
}

fn goes(stage: &Stage, life: &mut Life, after: Option<Severity>) -> Result<()> {
    let step = life.goes(after, START.plus(life.seq as i64 * 1_000));
    stage.store.commit(&commit(vec![step]))?;
    Ok(())
}

fn note(store: &dyn Store, id: AlarmId) -> Result<Option<String>> {
    let alarm = store.alarm(id)?.context("it is there")?;
    Ok(alarm.acknowledged.map(|seen| format!("{} {} {}", seen.by, seen.at.0 - START.0, seen.note)))
}

/// What and whom the audit log tells, oldest first.
fn told(store: &dyn Store) -> Result<Vec<(String, String)>> {
    let mut rows: Vec<_> =
        store.audit(&first(100))?.items.into_iter().map(|row| (row.what, row.subject)).collect();
    rows.reverse();
    Ok(rows)
}

fn quiet_events(store: &dyn Store) -> Result<Vec<QuietChange>> {
    let events = store.events_after(0, 1_000)?.context("all are kept")?;
    let quiet = events.into_iter().filter_map(|(_, happening)| match happening {
        Happening::Quiet(change) => Some(change),
        _ => None,
    });
    Ok(quiet.collect())
}

pub fn an_acknowledgement_stays_until_it_is_taken_back_whatever_the_alarm_does(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let mut life = raised(&stage, RuleId::generate(), "a")?;
    let other = raised(&stage, RuleId::generate(), "b")?;
    let unknown = AlarmId::raised_by("nobody", 1);
    let done = stage.store.acknowledge(&[life.alarm(), unknown], "On it, ñ", &ana())?;
    ensure!(done == [life.alarm()], "{done:?}");
    let seen = Some("ana 0 On it, ñ".to_owned());
    let stage = stage.reopen()?;
    ensure!(note(&*stage.store, life.alarm())? == seen);
    ensure!(note(&*stage.store, other.alarm())?.is_none());
    ensure!(stage.store.acknowledge(&[life.alarm()], "again", &ana())?.is_empty(), "it was seen already");

    let first_alarm = life.alarm();
    for after in [Some(Severity::Critical), None] {
        goes(&stage, &mut life, after)?;
        ensure!(note(&*stage.store, first_alarm)? == seen, "kept through {after:?}");
    }
    let mut back = life.goes(Some(Severity::Critical), START.plus(9_000));
    back.alarm = first_alarm;
    stage.store.commit(&commit(vec![back]))?;
    let again = stage.store.alarm(first_alarm)?.context("it is there")?;
    ensure!(again.cleared_at.is_none() && again.acknowledged.is_some(), "reopened it is still seen");

    ensure!(stage.store.unacknowledge(&[first_alarm, other.alarm()], &ana())? == [first_alarm]);
    ensure!(note(&*stage.store, first_alarm)?.is_none());
    let id = first_alarm.to_string();
    let expected = ["alarm acknowledged", "alarm unacknowledged"].map(|what| (what.to_owned(), id.clone()));
    ensure!(told(&*stage.store)? == expected, "{:?}", told(&*stage.store)?);
    let last = stage.store.audit(&first(1))?.items.remove(0);
    ensure!(last.before.is_some_and(|before| before["note"] == "On it, ñ") && last.after.is_none());
    ensure!(quiet_events(&*stage.store)? == [QuietChange::Acknowledged; 2]);
    Ok(())
}

pub fn of_thousands_of_acknowledgements_each_has_its_line_of_the_audit_log(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let rule = RuleId::generate();
    let mut lives: Vec<Life> = (0..1_001).map(|n| Life::of(rule, &format!("s{n}"))).collect();
    let raise = lives.iter_mut().map(|life| life.goes(Some(Severity::Warning), START)).collect();
    stage.store.commit(&commit(raise))?;
    let ids: Vec<AlarmId> = lives.iter().map(Life::alarm).collect();
    ensure!(stage.store.acknowledge(&ids, "Ñ", &ana())?.len() == 1_001);
    ensure!(stage.store.audit(&first(10))?.total == 1_001);
    stage.store.unacknowledge(&ids, &ana())?;
    let audit = stage.store.audit(&first(10))?;
    ensure!(audit.total == 2_002, "{}", audit.total);
    let before = |row: &AuditRow| row.before.as_ref().is_some_and(|before| before["note"] == "Ñ");
    ensure!(audit.items.iter().all(before), "each says what it was before: {:?}", audit.items);
    Ok(())
}

pub fn alarms_are_filtered_by_who_has_seen_them_and_by_what_is_muted(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let (one, two) = (RuleId::generate(), RuleId::generate());
    let [a, b] = [raised(&stage, one, "a")?, raised(&stage, two, "b")?];
    let mut source = Life::about(Subject::Source { id: "graphite".into() });
    source.context = Default::default();
    goes(&stage, &mut source, Some(Severity::Critical))?;
    let mut past = raised(&stage, one, "past")?;
    goes(&stage, &mut past, None)?;
    stage.store.acknowledge(&[a.alarm(), past.alarm()], "", &ana())?;
    let found = |filter: AlarmFilter| -> Result<String> {
        let page = stage.store.alarms(&filter, &first(10))?;
        let mut names: Vec<_> = page.items.iter().map(|row| row.subject.name().to_owned()).collect();
        names.sort();
        ensure!(page.total == names.len() as u64);
        Ok(names.join(" "))
    };
    let seen = |seen| found(AlarmFilter { acknowledged: Some(seen), ..AlarmFilter::default() });
    ensure!((seen(true)?, seen(false)?) == ("a past".to_owned(), "b graphite".to_owned()));
    let none = Covered::default();
    let cases = [
        (none.clone(), "", "a b graphite past"),
        (Covered { alarms: vec![b.alarm()], ..none.clone() }, "b", "a graphite past"),
        (Covered { rules: vec![one], ..none.clone() }, "a", "b graphite past"),
        (Covered { dashboards: vec!["Red Ñandú".to_owned()], ..none.clone() }, "a b", "graphite past"),
        (Covered { everything: true, ..none.clone() }, "a b", "graphite past"),
        (Covered { alarms: vec![source.alarm()], everything: true, ..none }, "a b graphite", "past"),
    ];
    for (covered, yes, no) in cases {
        for (muted, expected) in [(true, yes), (false, no)] {
            let filter = AlarmFilter { muted: Some((muted, covered.clone())), ..AlarmFilter::default() };
            let names = found(filter)?;
            ensure!(names == expected, "{covered:?} {muted}: {names}");
        }
    }
    Ok(())
}

fn mute(kind: MuteKind, id: &str, until: i64) -> Mute {
    Mute {
        id: MuteId::generate(),
        target: MuteTarget { kind, id: id.to_owned() },
        name: format!("the {id}"),
        from: START,
        until: START.plus(until),
        reason: "Obras".to_owned(),
        by: "ana".to_owned(),
    }
}

pub fn mutes_are_kept_until_four_hundred_days_after_their_end(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let rule = RuleId::generate().to_string();
    let [long, short] = [mute(MuteKind::Rule, &rule, 2_000), mute(MuteKind::Receiver, "noc", 1_000)];
    stage.store.mute(&[long.clone(), short.clone()], &ana())?;
    let stage = stage.reopen()?;
    ensure!(stage.store.mutes(START)? == [short.clone(), long.clone()], "the first to end first");
    for (at, left) in [(KEPT, 2), (KEPT + 1_001, 1), (KEPT + 2_000, 1), (KEPT + 2_001, 0)] {
        ensure!(stage.store.mutes(START.plus(at))?.len() == left, "{at}");
    }
    stage.store.prune_mutes(START.plus(KEPT + 1_500))?;
    ensure!(stage.store.mutes(START)? == [long]);
    let of_none = mute(MuteKind::Alarm, &AlarmId::from_bytes([9; 16]).to_string(), 500);
    stage.store.mute(&[of_none], &ana())?;
    let known = [499, 500].map(|at| stage.store.mutes(START.plus(at)).map(|mutes| mutes.len()).ok());
    ensure!(known == [Some(2), Some(1)], "of an alarm that does not stand nobody asks later: {known:?}");
    let ended = stage.store.end_mute(short.id, &ana());
    ensure!(matches!(ended, Err(StoreError::NotFound)), "{ended:?}");
    Ok(())
}

pub fn a_mute_is_ended_once_and_the_audit_log_tells_both(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = mute(MuteKind::Dashboard, "Core", DAY);
    stage.store.mute(std::slice::from_ref(&one), &ana())?;
    stage.clock.advance(std::time::Duration::from_secs(60));
    ensure!(stage.store.end_mute(one.id, &ana())?);
    ensure!(!stage.store.end_mute(one.id, &ana())?, "it is over");
    let now = START.plus(60_000);
    ensure!(stage.store.mutes(now)? == [Mute { until: now, ..one }]);
    let audit = stage.store.audit(&first(10))?.items;
    let lines: Vec<_> = audit.iter().map(|row| (row.what.as_str(), row.subject.as_str())).collect();
    ensure!(lines == [("mute ended", "Core"), ("dashboard muted", "Core")], "{lines:?}");
    let until = |value: &Option<Value>| value.as_ref().map(|value| value["until"].clone());
    ensure!(
        until(&audit[0].before) == until(&audit[1].after)
            && until(&audit[0].before) != until(&audit[0].after)
    );
    ensure!(quiet_events(&*stage.store)? == [QuietChange::Muted; 2]);
    Ok(())
}

pub fn what_can_be_muted_has_a_name(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let mut there = rule("there")?;
    there.draft.query.dashboard = Some("Core".to_owned());
    stage.store.create_rule(&there, &ana())?;
    let mut life = raised(&stage, there.id, "lab.a")?;
    let name = |kind, id: &str| stage.store.name_of(&MuteTarget { kind, id: id.to_owned() });
    let alarm = life.alarm().to_string();
    ensure!(name(MuteKind::Alarm, &alarm)?.as_deref() == Some("lab.a"));
    ensure!(name(MuteKind::Rule, &there.id.to_string())?.as_deref() == Some("there"));
    ensure!(name(MuteKind::Dashboard, "Core")?.as_deref() == Some("Core"));
    ensure!(name(MuteKind::Dashboard, "Red Ñandú")?.is_some(), "an alarm that stands is there");
    goes(&stage, &mut life, None)?;
    for (kind, id) in [
        (MuteKind::Alarm, alarm.as_str()),
        (MuteKind::Alarm, "x"),
        (MuteKind::Rule, &RuleId::generate().to_string()),
        (MuteKind::Dashboard, "Edge"),
        (MuteKind::Receiver, "noc"),
    ] {
        ensure!(name(kind, id)?.is_none(), "{kind:?} {id}");
    }
    Ok(())
}

fn window() -> MaintenanceConfig {
    let at = |ms: i64| START.plus(ms).timestamp();
    MaintenanceConfig {
        id: MaintenanceId::generate(),
        maintenance: MaintenanceDraft {
            name: "Obras ñ".to_owned(),
            dashboards: vec!["Core".to_owned()],
            once: Some(Once { from: at(1_000), to: at(2_000) }),
            version: 1,
            ..MaintenanceDraft::default()
        },
        since: START,
        updated_at: START,
        updated_by: "ana".to_owned(),
        deleted_at: None,
    }
}

/// The same, as its next version.
fn next(before: &MaintenanceConfig) -> MaintenanceConfig {
    let mut next = before.clone();
    next.maintenance.version += 1;
    next
}

pub fn a_window_that_is_changed_while_it_is_in_force_ends_for_what_it_no_longer_holds(
    open: Open,
) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = window();
    stage.store.create_maintenance(&one, &ana())?;
    let changed = |before: &MaintenanceConfig, at: i64, dashboard: &str| {
        let mut two = next(before);
        two.maintenance.dashboards = vec![dashboard.to_owned()];
        two.since = START.plus(at);
        two
    };
    let two = changed(&one, 5, "Edge");
    stage.store.change_maintenance(&two, 1, &ana())?;
    ensure!(stage.store.windows()? == [two.clone()], "it was not in force");
    stage.clock.advance(std::time::Duration::from_millis(1_500));
    let three = changed(&two, 1_500, "Access");
    stage.store.change_maintenance(&three, 2, &ana())?;
    let windows = stage.store.windows()?;
    let now = START.plus(1_500);
    let past = windows.iter().find(|one| one.id != two.id).context("what it was is kept")?;
    ensure!(windows.len() == 2 && windows.contains(&three) && past.maintenance.version == 0);
    ensure!((past.since, past.deleted_at) == (two.since, Some(now)));
    let quiet = Quiet::of(Vec::new(), windows);
    let ends = |dashboard| {
        let rule = Some(RuleId::generate());
        let target = Target { alarm: AlarmId::raised_by("a", 1), rule, dashboard: Some(dashboard) };
        (quiet.hush(&target, "noc", now).is_some(), quiet.last_end(&target, "noc", now))
    };
    ensure!(ends("Edge") == (false, Some(now)) && ends("Access") == (true, None));
    stage.store.prune_mutes(now.plus(KEPT))?;
    ensure!(stage.store.windows()?.len() == 2);
    stage.store.prune_mutes(now.plus(KEPT + 1))?;
    ensure!(stage.store.windows()? == [three]);
    Ok(())
}

pub fn a_planned_window_is_read_back_changed_deleted_and_restored(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = window();
    stage.store.create_maintenance(&one, &ana())?;
    let stage = stage.reopen()?;
    ensure!(stage.store.maintenance(one.id)?.as_ref() == Some(&one));
    let mut two = next(&one);
    two.maintenance.name = "Other".to_owned();
    two.since = START.plus(5);
    stage.store.change_maintenance(&two, 1, &ana())?;
    let late = stage.store.change_maintenance(&next(&one), 1, &ana());
    ensure!(matches!(late, Err(StoreError::VersionMoved)), "{late:?}");
    let unknown = stage.store.change_maintenance(&window(), 1, &ana());
    ensure!(matches!(unknown, Err(StoreError::NotFound)), "{unknown:?}");
    let gone = MaintenanceConfig { deleted_at: Some(Millis(START.0 + 9)), ..next(&two) };
    stage.store.change_maintenance(&gone, 2, &ana())?;
    ensure!(stage.store.windows()? == [gone.clone()], "until when it held is still known");
    let back = MaintenanceConfig { deleted_at: None, ..next(&gone) };
    stage.store.change_maintenance(&back, 3, &ana())?;
    ensure!(stage.store.windows()? == [back]);
    let what: Vec<_> = told(&*stage.store)?.into_iter().map(|(what, _)| what).collect();
    let expected = ["created", "updated", "deleted", "restored"].map(|what| format!("maintenance {what}"));
    ensure!(what == expected, "{what:?}");
    ensure!(quiet_events(&*stage.store)? == [QuietChange::Maintenance; 4]);
    Ok(())
}
