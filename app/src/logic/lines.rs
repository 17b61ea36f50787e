//! The lines that a form draws on its chart while its numbers are typed.

use atalaya_api::float::Float;
use atalaya_api::level::Level;
use atalaya_api::rule::{Direction, Line};

use super::hours::Hours;
use super::threshold::{Limit, Limits, Side, ThresholdForm};

const MINUTE_MS: f64 = 60_000.0;

/// A piece of the chart's time: start and end in unix ms, and the place in `other` whose levels hold there.
type Piece = (f64, f64, Option<usize>);

/// The form's lines from `start` to `end` (unix ms). `minute_of_week` tells the minute of the week (Monday 00:00 = 0) of
/// an instant in the operator's zone; a change of clocks is met at the next edge of a stretch.
pub fn lines(
    form: &ThresholdForm,
    decimal: char,
    start: f64,
    end: f64,
    minute_of_week: impl Fn(f64) -> u16,
) -> Vec<Line> {
    let hours: Vec<Option<Hours>> = form.other.iter().map(Hours::of).collect();
    let mut stretches: Vec<(f64, f64, Limits)> = Vec::new();
    for (start, end, place) in pieces(&hours, start, end, minute_of_week) {
        let texts = place.map_or(&form.levels, |at| &form.other[at].levels);
        let limits = texts.readable(form.side, decimal);
        match stretches.last_mut() {
            Some(last) if last.2 == limits => last.1 = end,
            _ => stretches.push((start, end, limits)),
        }
    }
    stretches.iter().flat_map(|(start, end, limits)| of_limits(limits, form.side, *start, *end)).collect()
}

/// Cuts the time where other levels begin to hold.
fn pieces(hours: &[Option<Hours>], start: f64, end: f64, minute_of_week: impl Fn(f64) -> u16) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut at = start;
    while at < end {
        let minute = minute_of_week(at);
        let place = hours.iter().position(|hours| hours.is_some_and(|hours| hours.holds_at(minute)));
        let edges = hours.iter().flatten().flat_map(|hours| [hours.from % 1440, hours.to % 1440]);
        let to_edge = edges.map(|edge| (edge + 1440 - minute % 1440 - 1) % 1440 + 1).min();
        let this_minute = (at / MINUTE_MS).floor() * MINUTE_MS;
        let next = to_edge.map_or(end, |minutes| end.min(this_minute + f64::from(minutes) * MINUTE_MS));
        match pieces.last_mut() {
            Some(last) if last.2 == place => last.1 = next,
            _ => pieces.push((at, next, place)),
        }
        at = next;
    }
    pieces
}

/// The lines of read levels over one piece of time.
pub fn of_limits(limits: &Limits, side: Side, start: f64, end: f64) -> Vec<Line> {
    let line = |level, value, direction| Line { level, value: Float(value), direction, start, end };
    let mut lines = Vec::new();
    for (level, limit) in Level::ALARMING.into_iter().zip(limits) {
        match (limit, side) {
            (None, _) => {}
            (Some(Limit::One(value)), Side::Below) => lines.push(line(level, *value, Direction::Below)),
            (Some(Limit::One(value)), _) => lines.push(line(level, *value, Direction::Above)),
            (Some(Limit::Range(low, high)), Side::Inside) => {
                lines.push(line(level, *low, Direction::Above));
                lines.push(line(level, *high, Direction::Below));
            }
            (Some(Limit::Range(low, high)), _) => {
                lines.push(line(level, *low, Direction::Below));
                lines.push(line(level, *high, Direction::Above));
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::threshold::{LevelText, LevelTexts, Stretch};

    const HOUR: f64 = 3_600_000.0;

    fn level(low: &str, high: &str) -> LevelTexts {
        let mut texts = LevelTexts::default();
        texts.0[0] = LevelText { low: low.to_owned(), high: high.to_owned() };
        texts
    }

    fn utc_minute(at: f64) -> u16 {
        ((at / MINUTE_MS) as u64 % 10_080) as u16
    }

    #[test]
    fn a_number_is_one_line_across_the_chart() {
        let form = ThresholdForm { side: Side::Below, levels: level("5", ""), ..ThresholdForm::default() };
        let drawn = lines(&form, ',', 0.0, 10.0, utc_minute);
        let want = Line {
            level: Level::Warning,
            value: Float(5.0),
            direction: Direction::Below,
            start: 0.0,
            end: 10.0,
        };
        assert_eq!(drawn, [want]);
    }

    #[test]
    fn a_range_is_two_lines_that_face_away_from_its_middle_or_towards_it() {
        let facing = |side| {
            let form = ThresholdForm { side, levels: level("5", "9"), ..ThresholdForm::default() };
            lines(&form, ',', 0.0, 10.0, utc_minute).iter().map(|line| line.direction).collect::<Vec<_>>()
        };
        assert_eq!(facing(Side::Outside), [Direction::Below, Direction::Above]);
        assert_eq!(facing(Side::Inside), [Direction::Above, Direction::Below]);
    }

    #[test]
    fn at_night_the_nights_own_levels_are_drawn() {
        let night = Stretch {
            from: "22:00".to_owned(),
            to: "06:00".to_owned(),
            levels: level("90", ""),
            ..Stretch::default()
        };
        let form = ThresholdForm {
            side: Side::Above,
            levels: level("70", ""),
            other: vec![night],
            ..ThresholdForm::default()
        };
        let drawn = lines(&form, ',', 0.0, 24.0 * HOUR, utc_minute);
        let steps: Vec<_> =
            drawn.iter().map(|line| (line.start / HOUR, line.end / HOUR, line.value.0)).collect();
        assert_eq!(steps, [(0.0, 6.0, 90.0), (6.0, 22.0, 70.0), (22.0, 24.0, 90.0)]);
    }

    #[test]
    fn hours_with_the_same_levels_do_not_cut_the_line() {
        let night = Stretch {
            from: "22:00".to_owned(),
            to: "06:00".to_owned(),
            levels: level("70", ""),
            ..Stretch::default()
        };
        let form = ThresholdForm { levels: level("70", ""), other: vec![night], ..ThresholdForm::default() };
        assert_eq!(lines(&form, ',', 0.0, 24.0 * HOUR, utc_minute).len(), 1);
    }

    #[test]
    fn what_is_not_a_time_yet_cuts_nothing() {
        let stretch = Stretch {
            from: "2".to_owned(),
            to: "06:00".to_owned(),
            levels: level("90", ""),
            ..Stretch::default()
        };
        let form = ThresholdForm {
            side: Side::Above,
            levels: level("70", ""),
            other: vec![stretch],
            ..ThresholdForm::default()
        };
        assert_eq!(lines(&form, ',', 0.0, 24.0 * HOUR, utc_minute).len(), 1);
    }
}
