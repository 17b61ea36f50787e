//! What holds of every calendar, and a model that only looks at the clock on the wall.

use atalaya_api::calendar::{Calendar, Exception, Holiday, Hours, WeekRange};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::at;
use crate::domain::Millis;
use crate::period::{Open, Period, calendar};

const ZONES: [&str; 6] = [
    "Europe/Madrid",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Havana",
    "Asia/Kathmandu",
    "America/Santiago",
];

fn face() -> impl Strategy<Value = String> {
    (0..24_u8, prop::sample::select(vec![0_u8, 15, 30, 59]))
        .prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}"))
}

fn hours() -> impl Strategy<Value = Hours> {
    let to = prop_oneof![9 => face(), 1 => Just("24:00".to_owned())];
    (face(), to).prop_map(|(from, to)| Hours { from, to })
}

fn day() -> impl Strategy<Value = Date> {
    (0..400_i64).prop_map(|days| Date::constant(2026, 1, 1).saturating_add(jiff::Span::new().days(days)))
}

fn calendars() -> impl Strategy<Value = Calendar> {
    let range =
        (prop::collection::vec(1..=7_u8, 1..4), hours()).prop_map(|(days, hours)| WeekRange { days, hours });
    let holiday = day().prop_map(|day| Holiday { date: day.to_string(), name: String::new() });
    let exception = (day(), prop::collection::vec(hours(), 0..3));
    let exceptions = prop::collection::btree_map(day(), exception.prop_map(|(_, hours)| hours), 0..20);
    let zone = prop::sample::select(ZONES.to_vec());
    (zone, prop::collection::vec(range, 1..5), prop::collection::vec(holiday, 0..40), exceptions).prop_map(
        |(zone, week, holidays, exceptions)| {
            let exception =
                |(day, hours): (Date, _)| Exception { date: day.to_string(), name: String::new(), hours };
            Calendar {
                time_zone: zone.to_owned(),
                week,
                holidays,
                exceptions: exceptions.into_iter().map(exception).collect(),
                ..Calendar::default()
            }
        },
    )
}

fn instant() -> impl Strategy<Value = Millis> {
    (0..380 * 86_400_i64).prop_map(|second| at("2026-01-01T00:00:00Z").plus(second * 1_000))
}

fn read(one: &Calendar) -> Option<Period> {
    calendar(one, at("2026-01-01T00:00:00Z")).ok()
}

/// Whether the clock on the wall shows a time within hours that begin on its day or the day before.
fn model(one: &Calendar, instant: Millis) -> bool {
    let zone = TimeZone::get(&one.time_zone).expect("a zone");
    let now = zone.to_datetime(instant.timestamp());
    let minute = i32::from(now.hour()) * 60 + i32::from(now.minute());
    let own = |day: Date| one.exceptions.iter().find(|own| own.date == day.to_string());
    let is_holiday = |day: Date| one.holidays.iter().any(|one| one.date == day.to_string());
    let within = |hours: &Hours, minute: i32| {
        let read = |text: &str| {
            text[..2].parse::<i32>().expect("hours") * 60 + text[3..].parse::<i32>().expect("minutes")
        };
        let (from, to) = (read(&hours.from), read(&hours.to));
        (from..if to > from { to } else { to + 1_440 }).contains(&minute)
    };
    let week = |day: Date, minute: i32| {
        let weekday = day.weekday().to_monday_one_offset() as u8;
        one.week.iter().any(|range| range.days.contains(&weekday) && within(&range.hours, minute))
    };
    let (today, before) = (now.date(), now.date().yesterday().expect("a day"));
    let apart = own(today).is_some() || is_holiday(today);
    let began_today = match own(today) {
        Some(own) => own.hours.iter().any(|hours| within(hours, minute)),
        None => !is_holiday(today) && week(today, minute),
    };
    let began_before = match own(before) {
        Some(own) => own.hours.iter().any(|hours| within(hours, minute + 1_440)),
        None => !is_holiday(before) && !apart && week(before, minute + 1_440),
    };
    began_today || began_before
}

/// No clock is set within three hours.
fn is_far_from_changes(one: &Calendar, instant: Millis) -> bool {
    let zone = TimeZone::get(&one.time_zone).expect("a zone");
    let (before, after) = (instant.plus(-3 * 3_600_000).timestamp(), instant.plus(3 * 3_600_000).timestamp());
    zone.following(before).next().is_none_or(|change| change.timestamp() > after)
}

proptest! {
    #[test]
    fn it_is_open_when_the_clock_on_the_wall_says_so(one in calendars(), instants in prop::collection::vec(instant(), 20)) {
        let Some(period) = read(&one) else { return Ok(()) };
        for instant in instants.into_iter().filter(|instant| is_far_from_changes(&one, *instant)) {
            prop_assert_eq!(period.is_open(instant), model(&one, instant), "{} in {}", instant, one.time_zone);
        }
    }

    #[test]
    fn being_open_agrees_with_the_open_ranges(one in calendars(), from in instant(), instants in prop::collection::vec(0..20 * 86_400_i64, 20)) {
        let Some(period) = read(&one) else { return Ok(()) };
        let ranges = period.open_ranges(from, from.plus(20 * 86_400_000));
        let closed_between = |pair: &[Open]| pair[0].to < pair[1].from;
        prop_assert!(ranges.iter().all(|open| open.from < open.to) && ranges.windows(2).all(closed_between));
        let edges = ranges.iter().flat_map(|open| [open.from, open.to, open.from.plus(-1), open.to.plus(-1)]);
        let probes = instants.iter().map(|second| from.plus(second * 1_000)).chain(edges);
        for probe in probes.filter(|probe| *probe >= from && *probe < from.plus(20 * 86_400_000)) {
            let within = ranges.iter().any(|open| open.from <= probe && probe < open.to);
            prop_assert_eq!(period.is_open(probe), within, "{}", probe);
        }
    }

    #[test]
    fn the_next_change_is_the_first_instant_at_which_it_is_otherwise(one in calendars(), from in instant()) {
        let Some(period) = read(&one) else { return Ok(()) };
        let is_open = period.is_open(from);
        let end = period.next_change(from).unwrap_or(from.plus(400 * 86_400_000));
        if end < from.plus(400 * 86_400_000) {
            prop_assert_eq!(period.is_open(end), !is_open);
            prop_assert_eq!(period.is_open(end.plus(-1)), is_open);
        }
        let open: i64 = period.open_ranges(from, end).iter().map(|open| open.to.since(open.from)).sum();
        prop_assert_eq!(open, if is_open { end.since(from) } else { 0 });
    }
}
