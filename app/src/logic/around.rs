//! Which stretch of time an alarm's chart shows.

/// At least this much before and after, ms: one alarm of a few seconds still has a past.
const LEAST_MS: f64 = 10.0 * 60_000.0;
/// A chart never reaches further than sources are asked for, ms: 400 days.
const MOST_MS: f64 = 400.0 * 86_400_000.0;

/// From before the alarm to after it (or to now), with a third of its length on either side. All in Unix ms, whole.
pub fn around(raised: f64, cleared: Option<f64>, now: f64) -> (f64, f64) {
    let end = cleared.unwrap_or(now).max(raised);
    let room = ((end - raised) / 3.0).max(LEAST_MS);
    let to = (end + room).min(now.max(end));
    let from = (raised - room).max(to - MOST_MS);
    (from.floor(), to.ceil())
}

#[cfg(test)]
mod tests {
    use super::around;

    const MINUTE: f64 = 60_000.0;

    #[test]
    fn a_short_alarm_is_shown_with_ten_minutes_around_it() {
        assert_eq!(around(100.0 * MINUTE, Some(101.0 * MINUTE), 1e12), (90.0 * MINUTE, 111.0 * MINUTE));
    }

    #[test]
    fn a_long_alarm_is_shown_with_a_third_of_it_around() {
        assert_eq!(around(300.0 * MINUTE, Some(600.0 * MINUTE), 1e12), (200.0 * MINUTE, 700.0 * MINUTE));
    }

    #[test]
    fn nothing_is_shown_of_the_future() {
        assert_eq!(around(100.0 * MINUTE, None, 130.0 * MINUTE), (90.0 * MINUTE, 130.0 * MINUTE));
        assert_eq!(around(100.0 * MINUTE, Some(129.0 * MINUTE), 130.0 * MINUTE).1, 130.0 * MINUTE);
    }

    #[test]
    fn no_chart_is_longer_than_a_source_may_be_asked_for() {
        let (from, to) = around(0.0, None, 1e12);
        assert!(to - from <= 400.0 * 86_400_000.0);
    }
}
