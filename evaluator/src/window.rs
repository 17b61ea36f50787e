//! The part of a series that one evaluation sees. Pure.

use jiff::tz::TimeZone;

use crate::domain::Millis;

/// One piece of history that a check wants, in elapsed ms before the instant: `oldest` > `newest` >= 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Input {
    pub oldest: f64,
    pub newest: f64,
}

/// How far back the window reaches, ms: the stretch of inputs that ends last, where those that touch are one. The others are only
/// looked back to, however far away: what is compared with yesterday is a window of minutes.
pub fn length(inputs: &[Input]) -> f64 {
    let newest = inputs.iter().map(|input| input.newest).fold(f64::INFINITY, f64::min);
    let reach = |from: f64| {
        let touching = inputs.iter().filter(|input| input.newest <= from);
        touching.map(|input| input.oldest).fold(0.0, f64::max)
    };
    let mut length = reach(newest);
    while reach(length) > length {
        length = reach(length);
    }
    length
}

/// The minute of the week in a zone, Monday 00:00 = 0, at most 10,079.
pub fn minute_of_week(now: Millis, zone: &TimeZone) -> u16 {
    let local = zone.to_datetime(now.timestamp());
    let day = local.weekday().to_monday_zero_offset() as u16;
    day * 1_440 + local.hour() as u16 * 60 + local.minute() as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, zone: &str) -> u16 {
        let zone = TimeZone::get(zone).expect("the zone is in the bundled database");
        minute_of_week(text.parse::<jiff::Timestamp>().expect("an instant").into(), &zone)
    }

    #[test]
    fn a_window_is_as_long_as_the_stretch_that_ends_last_however_far_back_another_lies() {
        let piece = |oldest, newest| Input { oldest, newest };
        let day = 86_400_000.0;
        assert_eq!(length(&[piece(60.0, 0.0), piece(day + 60.0, day)]), 60.0);
        assert_eq!(length(&[piece(180.0, 120.0), piece(60.0, 0.0), piece(120.0, 60.0)]), 180.0);
        assert_eq!(length(&[piece(60.0, 0.0), piece(120.0, 0.0)]), 120.0);
        assert_eq!(length(&[]), 0.0);
    }

    #[test]
    fn the_week_starts_on_monday_at_midnight_in_the_rules_zone() {
        assert_eq!(at("2026-11-16T00:00:00Z", "UTC"), 0);
        assert_eq!(at("2026-11-15T23:00:00Z", "Europe/Madrid"), 0);
        assert_eq!(at("2026-11-15T22:59:59Z", "Europe/Madrid"), 10_079);
    }

    #[test]
    fn minutes_jump_with_daylight_saving() {
        assert_eq!(at("2026-03-29T00:59:00Z", "Europe/Madrid"), 6 * 1_440 + 119);
        assert_eq!(at("2026-03-29T01:00:00Z", "Europe/Madrid"), 6 * 1_440 + 180);
    }

    #[test]
    fn an_instant_that_no_calendar_holds_is_no_panic() {
        assert!(minute_of_week(Millis(i64::MAX), &TimeZone::UTC) < 10_080);
        assert!(minute_of_week(Millis(i64::MIN), &TimeZone::UTC) < 10_080);
    }
}
