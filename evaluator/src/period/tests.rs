//! The sentences of the module, in zones that change their clocks, and properties of every calendar.

mod properties;

use atalaya_api::calendar::{Calendar, Exception, Holiday, Hours, WeekRange};

use super::*;

const MADRID: &str = "Europe/Madrid";
const NEW_YORK: &str = "America/New_York";

pub(super) fn hours(text: &str) -> Hours {
    let (from, to) = text.split_once('-').expect("from-to");
    Hours { from: from.to_owned(), to: to.to_owned() }
}

fn range(days: &[u8], text: &str) -> WeekRange {
    WeekRange { days: days.to_vec(), hours: hours(text) }
}

fn every_day(text: &str) -> Calendar {
    in_zone(MADRID, vec![range(&[1, 2, 3, 4, 5, 6, 7], text)])
}

fn in_zone(zone: &str, week: Vec<WeekRange>) -> Calendar {
    Calendar {
        id: "a".to_owned(),
        name: "A".to_owned(),
        time_zone: zone.to_owned(),
        week,
        ..Calendar::default()
    }
}

fn holiday(date: &str) -> Holiday {
    Holiday { date: date.to_owned(), name: String::new() }
}

fn exception(date: &str, own: &[&str]) -> Exception {
    Exception {
        date: date.to_owned(),
        name: String::new(),
        hours: own.iter().map(|text| hours(text)).collect(),
    }
}

pub(super) fn at(text: &str) -> Millis {
    text.parse::<jiff::Timestamp>().expect("an instant").into()
}

fn now() -> Millis {
    at("2026-01-01T00:00:00Z")
}

fn read(one: &Calendar) -> Period {
    calendar(one, now()).expect("the calendar is right")
}

/// When it is open between two instants, each stretch as `from/to`.
fn open(one: &Calendar, from: &str, to: &str) -> Vec<String> {
    let told = |open: Open| format!("{}/{}", open.from, open.to);
    read(one).open_ranges(at(from), at(to)).into_iter().map(told).collect()
}

/// The fields at fault, with what is said of them.
fn faults(one: &Calendar) -> Vec<(String, String)> {
    let wrong = calendar(one, now()).expect_err("the calendar is wrong");
    wrong.into_iter().map(|wrong| (wrong.field, wrong.words.en)).collect()
}

#[test]
fn hours_of_the_week_are_those_of_the_zone() {
    let work = in_zone(MADRID, vec![range(&[1, 2, 3, 4, 5], "08:00-15:00")]);
    // A Friday in winter and a Monday in summer.
    let winter = open(&work, "2026-01-16T00:00:00Z", "2026-01-19T00:00:00Z");
    assert_eq!(winter, ["2026-01-16T07:00:00Z/2026-01-16T14:00:00Z"]);
    let summer = open(&work, "2026-07-13T00:00:00Z", "2026-07-14T00:00:00Z");
    assert_eq!(summer, ["2026-07-13T06:00:00Z/2026-07-13T13:00:00Z"]);
    let period = read(&work);
    assert!(period.is_open(at("2026-01-16T07:00:00Z")) && !period.is_open(at("2026-01-16T14:00:00Z")));
    assert_eq!(period.next_change(at("2026-01-16T14:00:00Z")), Some(at("2026-01-19T07:00:00Z")));
}

#[test]
fn a_range_that_crosses_midnight_belongs_to_the_day_on_which_it_begins() {
    let nights = in_zone(MADRID, vec![range(&[5], "22:00-06:00")]);
    assert_eq!(
        open(&nights, "2026-01-12T00:00:00Z", "2026-01-19T00:00:00Z"),
        ["2026-01-16T21:00:00Z/2026-01-17T05:00:00Z"]
    );
}

#[test]
fn from_an_hour_to_the_same_is_a_whole_day() {
    let fridays = in_zone(MADRID, vec![range(&[5], "08:00-08:00")]);
    assert_eq!(
        open(&fridays, "2026-01-12T00:00:00Z", "2026-01-19T00:00:00Z"),
        ["2026-01-16T07:00:00Z/2026-01-17T07:00:00Z"]
    );
    for whole in ["00:00-24:00", "00:00-00:00", "13:30-13:30"] {
        let always = read(&every_day(whole));
        assert!(always.is_open(now()) && always.next_change(now()).is_none(), "{whole}");
    }
}

#[test]
fn a_holiday_is_closed_all_day_even_for_the_night_before() {
    let mut nights = every_day("22:00-06:00");
    nights.holidays = vec![holiday("2026-01-06")];
    assert_eq!(
        open(&nights, "2026-01-05T12:00:00Z", "2026-01-08T12:00:00Z"),
        ["2026-01-05T21:00:00Z/2026-01-05T23:00:00Z", "2026-01-07T21:00:00Z/2026-01-08T05:00:00Z"]
    );
}

#[test]
fn a_yearly_holiday_comes_every_year_and_the_29th_of_february_in_leap_years() {
    let mut days = every_day("08:00-20:00");
    days.holidays = vec![holiday("12-25"), holiday("02-29")];
    let period = read(&days);
    for (noon, is_open) in [
        ("2026-12-25T12:00:00Z", false),
        ("2031-12-25T12:00:00Z", false),
        ("2028-02-29T12:00:00Z", false),
        ("2027-02-28T12:00:00Z", true),
        ("2027-03-01T12:00:00Z", true),
    ] {
        assert_eq!(period.is_open(at(noon)), is_open, "{noon}");
    }
}

#[test]
fn an_exception_wins_over_week_and_holiday_and_its_night_runs_to_its_end() {
    let mut days = every_day("08:00-20:00");
    days.holidays = vec![holiday("2026-12-24"), holiday("2026-12-25")];
    days.exceptions =
        vec![exception("2026-12-24", &["10:00-12:00", "22:00-02:00"]), exception("2026-12-26", &[])];
    assert_eq!(
        open(&days, "2026-12-24T00:00:00Z", "2026-12-27T12:00:00Z"),
        [
            "2026-12-24T09:00:00Z/2026-12-24T11:00:00Z",
            "2026-12-24T21:00:00Z/2026-12-25T01:00:00Z",
            "2026-12-27T07:00:00Z/2026-12-27T12:00:00Z"
        ]
    );
}

#[test]
fn the_night_before_a_day_with_hours_of_its_own_ends_at_midnight() {
    let mut nights = every_day("22:00-06:00");
    nights.exceptions = vec![exception("2026-01-06", &["10:00-11:00"])];
    assert_eq!(
        open(&nights, "2026-01-05T12:00:00Z", "2026-01-06T23:00:00Z"),
        ["2026-01-05T21:00:00Z/2026-01-05T23:00:00Z", "2026-01-06T09:00:00Z/2026-01-06T10:00:00Z"]
    );
}

#[test]
fn ranges_that_overlap_or_touch_are_one() {
    let days = in_zone(
        MADRID,
        vec![range(&[1], "08:00-12:00"), range(&[1], "12:00-14:00"), range(&[1], "09:00-10:00")],
    );
    assert_eq!(
        open(&days, "2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z"),
        ["2026-01-05T07:00:00Z/2026-01-05T13:00:00Z"]
    );
}

/// Madrid goes from 02:00 to 03:00 on 2026-03-29 at 01:00Z, New York on 2026-03-08 at 07:00Z.
#[test]
fn in_the_hour_that_is_skipped_a_range_begins_and_ends_at_the_change() {
    for (zone, day, change) in [(MADRID, "2026-03-29", "01:00:00Z"), (NEW_YORK, "2026-03-08", "07:00:00Z")] {
        let told = |text: &str| {
            let week = in_zone(zone, vec![range(&[7], text)]);
            open(&week, &format!("{day}T00:00:00Z"), &format!("{day}T23:00:00Z"))
        };
        let change = format!("{day}T{change}");
        let hours_after = |n: i64| at(&change).plus(n * 3_600_000);
        assert_eq!(told("02:30-05:00"), [format!("{change}/{}", hours_after(2))], "{zone}");
        assert_eq!(told("01:00-02:30"), [format!("{}/{change}", hours_after(-1))], "{zone}");
        assert_eq!(told("02:10-02:50"), [""; 0], "{zone}");
        assert_eq!(told("01:00-04:00"), [format!("{}/{}", hours_after(-1), hours_after(1))], "{zone}");
    }
}

/// Madrid comes back from 03:00 to 02:00 on 2026-10-25 at 01:00Z, New York from 02:00 to 01:00 on 2026-11-01 at 06:00Z.
#[test]
fn in_the_hour_that_comes_twice_a_range_begins_the_first_and_ends_the_second_time() {
    for (zone, change, begins, ends) in [
        (MADRID, "2026-10-25T01:00:00Z", "02:30-05:00", "02:00-02:30"),
        (NEW_YORK, "2026-11-01T06:00:00Z", "01:30-04:00", "01:00-01:30"),
    ] {
        let minutes_after = |n: i64| at(change).plus(n * 60_000);
        let told = |text: &str| {
            let sundays = read(&in_zone(zone, vec![range(&[7], text)]));
            sundays.open_ranges(minutes_after(-240), minutes_after(720))
        };
        assert_eq!(told(begins), [Open { from: minutes_after(-30), to: minutes_after(180) }], "{zone}");
        assert_eq!(told(ends), [Open { from: minutes_after(-60), to: minutes_after(30) }], "{zone}");
    }
}

#[test]
fn a_day_has_23_24_or_25_hours() {
    let whole = every_day("00:00-24:00");
    let mut sundays = whole.clone();
    sundays.week = vec![range(&[7], "00:00-24:00")];
    for (noon, length) in [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-07", 24)] {
        let noon = at(&format!("{noon}T12:00:00Z"));
        let found = read(&sundays).open_ranges(noon.plus(-2 * DAY_MS), noon.plus(2 * DAY_MS));
        assert_eq!(
            found.iter().map(|open| open.to.since(open.from) / 3_600_000).collect::<Vec<_>>(),
            [length]
        );
    }
}

#[test]
fn a_midnight_that_is_skipped_or_comes_twice_is_where_the_day_begins() {
    // Santiago: on 2026-09-06 the day begins at 01:00; Havana: on 2026-11-01 the first hour comes twice.
    for (zone, day, from, to) in [
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"),
        ("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
    ] {
        let sundays = in_zone(zone, vec![range(&[7], "00:00-24:00")]);
        let noon = at(&format!("{day}T12:00:00Z"));
        let found = read(&sundays).open_ranges(noon.plus(-2 * DAY_MS), noon.plus(2 * DAY_MS));
        assert_eq!(found, [Open { from: at(from), to: at(to) }], "{zone}");
    }
}

#[test]
fn every_field_that_is_wrong_is_named() {
    let mut one = in_zone(
        MADRID,
        vec![range(&[1], "08:00-15:00"), range(&[], "8:00-25:00"), range(&[8], "24:00-09:60")],
    );
    one.holidays = vec![holiday("2026-02-29"), holiday("02-30"), holiday("6 January")];
    one.exceptions = vec![
        exception("01-06", &["10:00-12:00", "x-"]),
        exception("2026-01-01", &[]),
        exception("2026-01-01", &[]),
    ];
    let fields: Vec<String> = faults(&one).into_iter().map(|(field, _)| field).collect();
    assert_eq!(
        fields,
        [
            "week[1].days",
            "week[1].hours.from",
            "week[1].hours.to",
            "week[2].days",
            "week[2].hours.from",
            "week[2].hours.to",
            "holidays[0].date",
            "holidays[1].date",
            "holidays[2].date",
            "exceptions[0].hours[1].from",
            "exceptions[0].hours[1].to",
            "exceptions[0].date",
            "exceptions[2].date",
        ]
    );
}

#[test]
fn a_calendar_that_is_never_open_is_refused() {
    let mut never = in_zone(MADRID, Vec::new());
    assert!(faults(&never)[0].1.contains("is not open at any time"));
    never.exceptions = vec![exception("2025-12-31", &["08:00-09:00"])];
    assert_eq!(faults(&never)[0].0, "week", "an exception that is over does not help");
    never.exceptions.push(exception("2026-12-31", &["08:00-09:00"]));
    assert!(!read(&never).is_open(now()));

    // Every Sunday of the next 400 days is a holiday.
    let mut sundays = in_zone(MADRID, vec![range(&[7], "08:00-09:00")]);
    let first = jiff::civil::date(2026, 1, 4);
    let days = (0..60).map(|week| first.saturating_add(jiff::Span::new().weeks(week)).to_string());
    sundays.holidays = days.map(|day| holiday(&day)).collect();
    assert_eq!(faults(&sundays)[0].0, "week");
    // In the hour that is skipped, but on other Sundays, too.
    assert!(!read(&in_zone(MADRID, vec![range(&[7], "02:10-02:50")])).is_never_open(now()));
}

#[test]
fn always_is_open_and_never_changes() {
    assert!(Period::Always.is_open(now()) && Period::Always.next_change(now()).is_none());
    let hour = Open { from: now(), to: now().plus(3_600_000) };
    assert_eq!(Period::Always.open_ranges(hour.from, hour.to), [hour]);
    assert_eq!(Period::Always.open_ranges(hour.to, hour.from), []);
}
