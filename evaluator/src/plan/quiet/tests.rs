//! Each sentence of the module, and what holds of every set of mutes and windows.

use atalaya_api::calendar::{Hours, WeekRange};
use atalaya_api::quiet::{MaintenanceDraft, MuteTarget, Once, Weekly};
use proptest::prelude::*;

use super::*;
use crate::domain::{MaintenanceId, MuteId};
use crate::period;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn at(text: &str) -> Millis {
    text.parse::<atalaya_api::Timestamp>().expect("an instant").into()
}

fn alarm(n: u64) -> AlarmId {
    AlarmId::raised_by("series", n)
}

fn rule(n: u8) -> RuleId {
    RuleId::from_bytes([n; 16])
}

fn mute(kind: MuteKind, id: impl ToString, from: Millis, until: Millis) -> Mute {
    Mute {
        id: MuteId::from_bytes([0; 16]),
        target: MuteTarget { kind, id: id.to_string() },
        name: String::new(),
        from,
        until,
        reason: String::new(),
        by: "ana".to_owned(),
    }
}

fn window(maintenance: MaintenanceDraft, since: Millis) -> MaintenanceConfig {
    MaintenanceConfig {
        id: MaintenanceId::from_bytes([0; 16]),
        maintenance: MaintenanceDraft { name: "Upgrade".to_owned(), version: 1, ..maintenance },
        since,
        updated_at: since,
        updated_by: "ana".to_owned(),
        deleted_at: None,
    }
}

fn everything() -> MaintenanceDraft {
    MaintenanceDraft { everything: true, ..MaintenanceDraft::default() }
}

fn weekly(days: &[u8], from: &str, to: &str, zone: &str) -> Option<Weekly> {
    let hours = Hours { from: from.to_owned(), to: to.to_owned() };
    Some(Weekly { week: vec![WeekRange { days: days.to_vec(), hours }], time_zone: zone.to_owned() })
}

fn once(from: Millis, to: Millis) -> Option<Once> {
    Some(Once { from: from.timestamp(), to: to.timestamp() })
}

fn of_rule(n: u8) -> Target<'static> {
    Target { alarm: alarm(n.into()), rule: Some(rule(n)), dashboard: Some("Core") }
}

fn of_system() -> Target<'static> {
    Target { alarm: alarm(99), rule: None, dashboard: None }
}

fn until(quiet: &Quiet, target: &Target<'_>, now: Millis) -> Option<Millis> {
    quiet.hush(target, "noc", now).map(|hush| hush.until)
}

#[test]
fn a_mute_holds_for_what_it_names_from_its_beginning_until_before_its_end() {
    let (from, to) = (Millis(1_000), Millis(2_000));
    let cases = [
        mute(MuteKind::Alarm, alarm(1), from, to),
        mute(MuteKind::Rule, rule(1), from, to),
        mute(MuteKind::Receiver, "noc", from, to),
    ];
    for mute in cases {
        let quiet = Quiet::of(vec![mute.clone()], Vec::new());
        let told: Vec<_> =
            [999, 1_000, 1_999, 2_000].map(|now| until(&quiet, &of_rule(1), Millis(now))).into();
        assert_eq!(told, [None, Some(to), Some(to), None], "{mute:?}");
        let other = quiet.hush(&of_rule(2), "noc", from).is_some();
        assert_eq!(other, mute.target.kind == MuteKind::Receiver, "{mute:?}");
        assert_eq!(quiet.hush(&of_rule(2), "other", from), None);
        assert_eq!(quiet.last_end(&of_rule(1), "noc", Millis(1_999)), None);
        assert_eq!(quiet.last_end(&of_rule(1), "noc", to), Some(to));
    }
    let core = Quiet::of(vec![mute(MuteKind::Dashboard, "Core", from, to)], Vec::new());
    assert_eq!(until(&core, &of_rule(3), from), Some(to));
    assert_eq!(until(&core, &Target { dashboard: Some("Edge"), ..of_rule(3) }, from), None);
}

#[test]
fn everything_does_not_cover_the_alarms_of_sources_checks_and_the_system() {
    let (from, to) = (Millis(0), Millis(HOUR));
    let all = window(MaintenanceDraft { once: once(from, to), ..everything() }, from);
    let quiet = Quiet::of(vec![mute(MuteKind::Receiver, "boss", from, to)], vec![all]);
    assert_eq!(until(&quiet, &of_rule(1), from), Some(to));
    assert_eq!(until(&quiet, &of_system(), from), None);
    assert!(quiet.hush(&of_system(), "boss", from).is_some(), "muting the receiver does");
    let own = Quiet::of(vec![mute(MuteKind::Alarm, of_system().alarm, from, to)], Vec::new());
    assert_eq!(until(&own, &of_system(), from), Some(to));
}

#[test]
fn of_several_the_one_that_ends_last_says_why() {
    let (from, to) = (Millis(0), Millis(HOUR));
    let long = MaintenanceDraft {
        dashboards: vec!["Core".to_owned()],
        once: once(from, to),
        ..MaintenanceDraft::default()
    };
    let short = Mute { reason: "known".to_owned(), ..mute(MuteKind::Rule, rule(1), from, Millis(MINUTE)) };
    let quiet = Quiet::of(vec![short], vec![window(long, from)]);
    let hush = quiet.hush(&of_rule(1), "noc", from).expect("it is quiet");
    assert_eq!((hush.until, hush.why.words().en.as_str()), (to, "maintenance: Upgrade"));
    let only = quiet.hush(&Target { dashboard: None, ..of_rule(1) }, "noc", from).expect("it is quiet");
    assert_eq!((only.until, only.why.words().es.as_str()), (Millis(MINUTE), "silenciado por ana: known"));
}

#[test]
fn a_weekly_window_crosses_midnight_and_keeps_its_hours_when_the_clock_changes() {
    let since = at("2026-01-01T00:00:00Z");
    let planned = MaintenanceDraft {
        rules: vec![rule(1).to_string()],
        weekly: weekly(&[6], "23:00", "06:00", "Europe/Madrid"),
        ..MaintenanceDraft::default()
    };
    let quiet = Quiet::of(Vec::new(), vec![window(planned, since)]);
    let target = of_rule(1);
    // In winter 23:00 is 22:00 UTC; on the 29th of March the night is an hour shorter.
    for (begin, end) in [
        ("2026-03-21T22:00:00Z", "2026-03-22T05:00:00Z"),
        ("2026-03-28T22:00:00Z", "2026-03-29T04:00:00Z"),
        ("2026-04-04T21:00:00Z", "2026-04-05T04:00:00Z"),
    ] {
        let (begin, end) = (at(begin), at(end));
        assert_eq!(until(&quiet, &target, begin.plus(-1)), None);
        assert_eq!(until(&quiet, &target, begin), Some(end));
        assert_eq!(until(&quiet, &target, end.plus(-1)), Some(end));
        assert_eq!(until(&quiet, &target, end), None);
        assert_eq!(quiet.last_end(&target, "noc", end.plus(6 * DAY)), Some(end));
        assert_eq!(quiet.windows[0].next(begin.plus(-3 * DAY)), Some(begin));
    }
}

#[test]
fn an_end_from_before_it_was_planned_is_none_and_one_that_was_deleted_ends_then() {
    let tuesday = at("2026-03-10T12:00:00Z");
    let planned = MaintenanceDraft { weekly: weekly(&[1, 3], "10:00", "14:00", "UTC"), ..everything() };
    let made = window(planned, tuesday);
    let quiet = Quiet::of(Vec::new(), vec![made.clone()]);
    assert_eq!(quiet.last_end(&of_rule(1), "noc", tuesday.plus(HOUR)), None, "Monday's was not planned yet");
    let noon = at("2026-03-11T12:00:00Z");
    assert_eq!(until(&quiet, &of_rule(1), noon), Some(noon.plus(2 * HOUR)));
    let gone = MaintenanceConfig { deleted_at: Some(noon), ..made.clone() };
    let quiet = Quiet::of(Vec::new(), vec![gone]);
    assert_eq!(until(&quiet, &of_rule(1), noon), None);
    assert_eq!(quiet.last_end(&of_rule(1), "noc", noon), Some(noon));
    assert_eq!(quiet.windows[0].next(noon), None);
    let begun = MaintenanceConfig { since: noon, ..made };
    let quiet = Quiet::of(Vec::new(), vec![begun]);
    assert_eq!(until(&quiet, &of_rule(1), noon), Some(noon.plus(2 * HOUR)), "planned in its midst it holds");
}

#[test]
fn a_window_that_never_closes_is_in_force_and_never_ended() {
    let since = at("2026-03-10T12:00:00Z");
    let week: Vec<u8> = (1..=7).collect();
    let planned =
        MaintenanceDraft { weekly: weekly(&week, "00:00", "24:00", "Europe/Madrid"), ..everything() };
    let quiet = Quiet::of(Vec::new(), vec![window(planned, since)]);
    let later = since.plus(100 * DAY);
    assert!(until(&quiet, &of_rule(1), later).is_some_and(|until| until > later.plus(14 * DAY)));
    assert_eq!(quiet.last_end(&of_rule(1), "noc", later), None);
}

const BASE: &str = "2026-03-20T00:00:00Z";
const ZONES: [&str; 4] = ["UTC", "Europe/Madrid", "America/Havana", "Australia/Lord_Howe"];
const BOARDS: [&str; 2] = ["Core", "Edge"];

fn instant() -> impl Strategy<Value = Millis> {
    (0..20 * 24 * 4_i64).prop_map(|quarter| at(BASE).plus(quarter * 15 * MINUTE))
}

fn some_mute() -> impl Strategy<Value = Mute> {
    let target = prop_oneof![
        (0..3_u64).prop_map(|n| (MuteKind::Alarm, alarm(n).to_string())),
        (0..3_u8).prop_map(|n| (MuteKind::Rule, rule(n).to_string())),
        prop::sample::select(BOARDS.to_vec()).prop_map(|name| (MuteKind::Dashboard, name.to_owned())),
        prop::sample::select(vec!["noc", "boss"]).prop_map(|name| (MuteKind::Receiver, name.to_owned())),
    ];
    let length = (0..200_i64).prop_map(|quarters| quarters * 15 * MINUTE);
    (target, instant(), length).prop_map(|((kind, id), from, length)| mute(kind, id, from, from.plus(length)))
}

fn some_window() -> impl Strategy<Value = MaintenanceConfig> {
    let face =
        || (0..24_u8, prop::sample::select(vec![0_u8, 30])).prop_map(|(h, m)| format!("{h:02}:{m:02}"));
    let hours = prop_oneof![
        (instant(), 1..100_i64).prop_map(|(from, n)| (once(from, from.plus(n * 15 * MINUTE)), None)),
        (prop::collection::vec(1..=7_u8, 1..4), face(), face(), prop::sample::select(ZONES.to_vec()))
            .prop_map(|(days, from, to, zone)| (None, weekly(&days, &from, &to, zone))),
    ];
    let place = (
        any::<bool>(),
        prop::collection::vec(0..3_u8, 0..2),
        prop::sample::subsequence(BOARDS.to_vec(), 0..2),
    );
    (hours, place, instant(), prop::option::of(instant())).prop_map(|((once, weekly), place, since, gone)| {
        let (everything, rules, boards) = place;
        let maintenance = MaintenanceDraft {
            everything,
            dashboards: boards.into_iter().map(str::to_owned).collect(),
            rules: rules.into_iter().map(|n| rule(n).to_string()).collect(),
            once,
            weekly,
            ..MaintenanceDraft::default()
        };
        MaintenanceConfig { deleted_at: gone.filter(|gone| *gone > since), ..window(maintenance, since) }
    })
}

fn some_target() -> impl Strategy<Value = Target<'static>> {
    let dashboard = prop::option::of(prop::sample::select(BOARDS.to_vec()));
    (0..3_u64, prop::option::of(0..3_u8), dashboard).prop_map(|(n, of, dashboard)| Target {
        alarm: alarm(n),
        rule: of.map(rule),
        dashboard: dashboard.filter(|_| of.is_some()),
    })
}

/// Every stretch in which a mute or window holds for a target, however far from the asked instant: the model.
fn stretches(mutes: &[Mute], windows: &[MaintenanceConfig], target: &Target<'_>) -> Vec<(Millis, Millis)> {
    let rule = target.rule.map(|rule| rule.to_string());
    let names = |mute: &&Mute| match mute.target.kind {
        MuteKind::Alarm => mute.target.id == target.alarm.to_string(),
        MuteKind::Rule => Some(&mute.target.id) == rule.as_ref(),
        MuteKind::Dashboard => target.dashboard == Some(mute.target.id.as_str()),
        MuteKind::Receiver => mute.target.id == "noc",
    };
    let mut all: Vec<_> = mutes.iter().filter(names).map(|mute| (mute.from, mute.until)).collect();
    for window in windows {
        let planned = &window.maintenance;
        let named = planned.everything
            || planned.rules.iter().any(|one| Some(one) == rule.as_ref())
            || target.dashboard.is_some_and(|name| planned.dashboards.iter().any(|one| one == name));
        if rule.is_none() || !named {
            continue;
        }
        let open = match (&planned.once, &planned.weekly) {
            (Some(once), _) => vec![(once.from.into(), once.to.into())],
            (None, Some(weekly)) => {
                let period = period::weekly("", &weekly.week, &weekly.time_zone, window.since);
                let ranges = period
                    .map(|period| period.open_ranges(at(BASE).plus(-30 * DAY), at(BASE).plus(60 * DAY)));
                ranges.unwrap_or_default().into_iter().map(|open| (open.from, open.to)).collect()
            }
            _ => Vec::new(),
        };
        let gone = window.deleted_at.unwrap_or(Millis(i64::MAX));
        all.extend(
            open.into_iter().map(|(from, to): (Millis, Millis)| (from.max(window.since), to.min(gone))),
        );
    }
    all.retain(|(from, to)| from < to);
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn it_is_quiet_exactly_while_a_mute_or_a_window_covers_the_instant(
        mutes in prop::collection::vec(some_mute(), 0..6),
        windows in prop::collection::vec(some_window(), 0..4),
        target in some_target(),
        now in instant(),
    ) {
        let model = stretches(&mutes, &windows, &target);
        let quiet = Quiet::of(mutes, windows);
        let covering = model.iter().filter(|(from, to)| *from <= now && now < *to).map(|(_, to)| *to).max();
        prop_assert_eq!(until(&quiet, &target, now), covering);
        let ended = model.iter().map(|(_, to)| *to).filter(|to| *to <= now).max();
        prop_assert_eq!(quiet.last_end(&target, "noc", now), ended);
        let covered = quiet.covered(now);
        let is_covered = covered.alarms.contains(&target.alarm)
            || target.rule.is_some_and(|rule| covered.everything || covered.rules.contains(&rule))
            || target.dashboard.is_some_and(|name| covered.dashboards.iter().any(|one| one == name));
        prop_assert_eq!(quiet.hush(&target, "", now).is_some(), is_covered);
    }
}

#[test]
fn ten_thousand_alarms_are_asked_of_a_thousand_mutes_without_looking_at_them_all() {
    let now = at(BASE);
    let mutes = (0..1_000).map(|n| mute(MuteKind::Alarm, alarm(n), now, now.plus(HOUR))).collect();
    let quiet = Quiet::of(mutes, Vec::new());
    for n in 0..10_000 {
        let target = Target { alarm: alarm(n), ..of_rule(1) };
        assert!(quiet.holders(&target, "noc").count() <= 1);
        assert_eq!(quiet.hush(&target, "noc", now).is_some(), n < 1_000);
    }
}
