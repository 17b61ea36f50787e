//! When a backup is due. Pure: time comes in as a value.

use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::domain::Millis;

const DAY_MS: i64 = 86_400_000;

/// `HH:MM`, as people write it.
pub fn time_of_day(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !two_digits(hour) || !two_digits(minute) {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// The first instant after `after` at which clocks in this zone show this time. When they are set ahead over it, as much later; when
/// they are set back and show it twice, the first time.
pub fn next_at(at: Time, zone: &TimeZone, after: Millis) -> Millis {
    let today = after.timestamp().to_zoned(zone.clone()).date();
    // The day before, too: set ahead over midnight, its time is in today.
    let days = (-1..=2).filter_map(|days| today.checked_add(jiff::Span::new().days(days)).ok());
    let instants = days.filter_map(|day| day.to_datetime(at).to_zoned(zone.clone()).ok());
    let next = instants.map(|instant| Millis::from(instant.timestamp())).find(|instant| *instant > after);
    next.unwrap_or(after.plus(DAY_MS))
}

/// Whether one was missed: the last one, or without any the first account, is older than a day.
pub fn is_overdue(last: Option<Millis>, installed: Option<Millis>, now: Millis) -> bool {
    last.or(installed).is_some_and(|since| now.since(since) > DAY_MS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn instant(text: &str) -> Millis {
        text.parse::<jiff::Timestamp>().expect("an instant").into()
    }

    fn next(at: &str, zone: &str, after: &str) -> String {
        let zone = TimeZone::get(zone).expect("a zone");
        next_at(time_of_day(at).expect("a time"), &zone, instant(after)).to_string()
    }

    #[test]
    fn it_is_the_next_time_that_clocks_show_it() {
        assert_eq!(next("00:00", "UTC", "2026-01-31T23:59:59Z"), "2026-02-01T00:00:00Z");
        assert_eq!(next("00:00", "UTC", "2026-02-01T00:00:00Z"), "2026-02-02T00:00:00Z");
        assert_eq!(next("03:30", "Europe/Madrid", "2026-01-31T02:29:00Z"), "2026-01-31T02:30:00Z");
        assert_eq!(next("23:59", "America/Lima", "2026-01-01T04:00:00Z"), "2026-01-01T04:59:00Z");
    }

    #[test]
    fn when_clocks_are_set_ahead_over_it_it_is_as_much_later() {
        // 29 March 2026, 02:00 becomes 03:00.
        assert_eq!(next("02:30", "Europe/Madrid", "2026-03-28T12:00:00Z"), "2026-03-29T01:30:00Z");
        assert_eq!(next("02:30", "Europe/Madrid", "2026-03-29T01:30:00Z"), "2026-03-30T00:30:00Z");
    }

    #[test]
    fn when_clocks_show_it_twice_it_is_once() {
        // 25 October 2026, 03:00 becomes 02:00.
        assert_eq!(next("02:30", "Europe/Madrid", "2026-10-24T12:00:00Z"), "2026-10-25T00:30:00Z");
        assert_eq!(next("02:30", "Europe/Madrid", "2026-10-25T00:30:00Z"), "2026-10-26T01:30:00Z");
    }

    #[test]
    fn where_midnight_is_left_out_it_is_right_after() {
        // Havana, 8 March 2026: 00:00 becomes 01:00.
        assert_eq!(next("00:00", "America/Havana", "2026-03-07T12:00:00Z"), "2026-03-08T05:00:00Z");
        assert_eq!(next("00:00", "America/Havana", "2026-03-08T05:00:00Z"), "2026-03-09T04:00:00Z");
    }

    #[test]
    fn only_times_of_a_day_are_taken() {
        for text in ["00:00", "23:59", "08:05"] {
            assert!(time_of_day(text).is_some(), "{text}");
        }
        for text in ["", "24:00", "8:00", "08:60", "08:00:00", "+8:00", "08.00", "noon"] {
            assert!(time_of_day(text).is_none(), "{text}");
        }
    }

    #[test]
    fn one_was_missed_when_the_last_is_older_than_a_day() {
        let now = instant("2026-01-31T12:00:00Z");
        let (old, young) = (Some(now.plus(-DAY_MS - 1)), Some(now.plus(-DAY_MS)));
        assert!(is_overdue(old, None, now) && !is_overdue(young, old, now));
        assert!(is_overdue(None, old, now) && !is_overdue(None, young, now) && !is_overdue(None, None, now));
    }

    proptest! {
        #[test]
        fn there_is_one_each_day_whatever_the_zone(
            hour in 0_i8..24, minute in 0_i8..60, start in 1_700_000_000_000_i64..2_000_000_000_000,
            zone in prop::sample::select(vec!["UTC", "Europe/Madrid", "America/New_York", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu"]),
        ) {
            let at = Time::new(hour, minute, 0, 0).expect("a time");
            let zone = TimeZone::get(zone).expect("a zone");
            let first = next_at(at, &zone, Millis(start));
            prop_assert!(first > Millis(start) && first.since(Millis(start)) <= 26 * 3_600_000);
            let second = next_at(at, &zone, first);
            let apart = second.since(first) / 3_600_000;
            prop_assert!((22..=26).contains(&apart), "{} h", apart);
            let between = next_at(at, &zone, Millis((first.0 + second.0) / 2));
            prop_assert_eq!(between, second);
        }
    }
}
