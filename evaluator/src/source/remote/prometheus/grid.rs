//! The instants that a range is asked for.

use crate::source::remote::Query;

/// Most points of one series that a Prometheus gives: its own limit.
const MOST: i64 = 11_000;

/// `points` instants, `step_ms` apart, the last of them `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Unix ms.
    pub end: i64,
    pub step_ms: i64,
    /// 1 to 11,000.
    pub points: i64,
}

impl Grid {
    /// In the query's step, or in a wider one where that would be too many points. None: no instant lies within.
    pub fn of(query: &Query) -> Option<Grid> {
        let span = query.upto.since(query.after);
        if span <= 0 {
            return None;
        }
        let wanted =
            query.max_points.map_or(MOST, |points| i64::try_from(points).unwrap_or(MOST).clamp(1, MOST));
        let step_ms = query.interval_ms.max(1).max(div_ceil(span, wanted));
        Some(Grid { end: query.upto.0, step_ms, points: div_ceil(span, step_ms).min(wanted) })
    }

    /// The first instant, after the query's `after`.
    pub fn start(&self) -> i64 {
        self.end - (self.points - 1) * self.step_ms
    }
}

/// Of positive numbers.
fn div_ceil(a: i64, b: i64) -> i64 {
    a / b + i64::from(a % b != 0)
}

/// Ms as the seconds that Prometheus reads.
pub fn seconds(ms: i64) -> String {
    let sign = if ms < 0 { "-" } else { "" };
    let ms = ms.unsigned_abs();
    format!("{sign}{}.{:03}", ms / 1_000, ms % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Millis;
    use proptest::prelude::*;

    fn query(after: i64, upto: i64, interval_ms: i64, max_points: Option<usize>) -> Query {
        Query { expr: "up".into(), after: Millis(after), upto: Millis(upto), interval_ms, max_points }
    }

    #[test]
    fn the_last_point_is_the_end_and_the_first_is_after_the_start() {
        let grid = Grid::of(&query(0, 180_000, 60_000, None)).expect("a range");
        assert_eq!(grid, Grid { end: 180_000, step_ms: 60_000, points: 3 });
        assert_eq!(grid.start(), 60_000);
        assert_eq!(Grid::of(&query(0, 60_000, 60_000, None)).map(|grid| grid.points), Some(1));
    }

    #[test]
    fn swapped_ends_hold_no_instant() {
        assert_eq!(Grid::of(&query(60, 60, 1, None)), None);
        assert_eq!(Grid::of(&query(61, 60, 1, None)), None);
    }

    #[test]
    fn milliseconds_are_kept() {
        assert_eq!((seconds(1_700_000_000_123).as_str(), seconds(5).as_str()), ("1700000000.123", "0.005"));
        assert_eq!(seconds(-1_500), "-1.500");
    }

    proptest! {
        #[test]
        fn every_point_lies_within_and_there_are_never_too_many(
            after in 0_i64..2_000_000_000_000, span in 1_i64..100_000_000_000, interval in 0_i64..100_000_000,
            most in prop::option::of(1_usize..2_000)
        ) {
            let grid = Grid::of(&query(after, after + span, interval, most)).expect("a range");
            prop_assert!(grid.points >= 1 && grid.points <= most.map_or(MOST, |most| most as i64));
            prop_assert!(grid.start() > after, "{grid:?}");
            prop_assert!(grid.start() - grid.step_ms <= after, "one more would be outside: {:?}", grid);
            prop_assert_eq!(grid.end, after + span);
        }
    }
}
