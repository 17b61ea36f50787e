//! Thresholds to start with, from what the series did: good enough to save at once.

use super::threshold::{Limit, Limits, Side};

/// Three levels, in order and on the quiet side of what was seen: nothing in `values` would raise an alarm, unless
/// `percent` says that 100 is the top and the series is near it already. Empty without a finite value.
///
/// `values` in any order; NaN and infinities are left out.
pub fn propose(values: &[f64], side: Side, percent: bool) -> Limits {
    let mut seen: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    if seen.is_empty() {
        return [None; 3];
    }
    seen.sort_by(f64::total_cmp);
    let above = upper(&seen, percent);
    let below = lower(&seen, percent);
    match side {
        Side::Above => above.map(|value| Some(Limit::One(value))),
        Side::Below => below.map(|value| Some(Limit::One(value))),
        Side::Outside => [0, 1, 2].map(|at| Some(Limit::Range(below[at], above[at]))),
        // Beyond all that was seen, the worse the narrower.
        Side::Inside => {
            let [first, second, third] = above;
            let width = (third - first).max(f64::MIN_POSITIVE);
            [first, second, third]
                .map(|low| Some(Limit::Range(low, tidy(third + width * 2.0 - (low - first)))))
        }
    }
}

/// Whether the values look like percent: the unit says so, or the name does and they fit.
pub fn looks_like_percent(unit: Option<&str>, name: &str, values: &[f64]) -> bool {
    if let Some(unit) = unit.filter(|unit| !unit.is_empty()) {
        return unit == "%" || unit.eq_ignore_ascii_case("percent");
    }
    let name = name.to_ascii_lowercase();
    let says_so = ["percent", "pct", "cpu", "usage", "util"].iter().any(|word| name.contains(word));
    let mut finite = values.iter().filter(|value| value.is_finite()).peekable();
    says_so && finite.peek().is_some() && finite.all(|value| (0.0..=100.0).contains(value))
}

fn upper(sorted: &[f64], percent: bool) -> [f64; 3] {
    let top = sorted[sorted.len() - 1];
    if percent {
        return [[80.0, 90.0, 95.0], [90.0, 95.0, 98.0]]
            .into_iter()
            .find(|levels| top < levels[0])
            .unwrap_or([95.0, 98.0, 99.0]);
    }
    let room = room(sorted);
    in_order([0.5, 1.0, 2.0].map(|steps| tidy(top + room * steps)), top, room)
}

fn lower(sorted: &[f64], percent: bool) -> [f64; 3] {
    let bottom = sorted[0];
    if percent {
        return [[20.0, 10.0, 5.0], [10.0, 5.0, 2.0]]
            .into_iter()
            .find(|levels| bottom > levels[0])
            .unwrap_or([5.0, 2.0, 1.0]);
    }
    // What never went below zero is not expected to: halves towards it instead of steps past it.
    if bottom > 0.0 {
        return [0.8, 0.5, 0.2].map(|part| tidy(bottom * part));
    }
    let room = room(sorted);
    let mirrored = [0.5, 1.0, 2.0].map(|steps| -tidy(bottom - room * steps));
    in_order(mirrored, -bottom, room).map(|value| -value)
}

/// How far the values move: between their 5th and 99th percentile, at least a tenth of their size.
fn room(sorted: &[f64]) -> f64 {
    let at = |part: f64| sorted[((sorted.len() - 1) as f64 * part).round() as usize];
    let size = sorted[0].abs().max(sorted[sorted.len() - 1].abs());
    let room = (at(0.99) - at(0.05)).max(size * 0.1);
    if room > 0.0 { room } else { 2.0 }
}

/// Rounding may have made two levels equal, or put one onto what was seen: then plain steps.
fn in_order(levels: [f64; 3], top: f64, room: f64) -> [f64; 3] {
    let [first, second, third] = levels;
    if top < first && first < second && second < third {
        levels
    } else {
        [0.5, 1.0, 2.0].map(|steps| top + room * steps)
    }
}

/// Two significant digits, the way a person would say it.
fn tidy(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let digits = 1 - value.abs().log10().floor() as i32;
    // Dividing by a whole power keeps 0.3 as 0.3, where multiplying by 0.1 would not.
    if digits >= 0 {
        let scale = 10f64.powi(digits);
        (value * scale).round() / scale
    } else {
        let scale = 10f64.powi(-digits);
        (value / scale).round() * scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ones(limits: Limits) -> Vec<f64> {
        let one = |limit: Option<Limit>| match limit {
            Some(Limit::One(value)) => value,
            other => panic!("one number, not {other:?}"),
        };
        limits.into_iter().map(one).collect()
    }

    #[test]
    fn nothing_that_was_seen_would_have_alarmed() {
        let series: [&[f64]; 6] = [
            &[12.0, 15.0, 11.0, 19.0],
            &[0.0, 0.0, 0.0],
            &[-5.0, -4.0, -9.0],
            &[123_456_789.0, 123_456_790.0],
            &[0.001, 0.0011],
            &[-1e9, 1e9],
        ];
        for values in series {
            let above = ones(propose(values, Side::Above, false));
            assert!(values.iter().all(|value| *value < above[0]), "{values:?} {above:?}");
            assert!(above[0] < above[1] && above[1] < above[2], "{values:?} {above:?}");
            let below = ones(propose(values, Side::Below, false));
            assert!(values.iter().all(|value| *value > below[0]), "{values:?} {below:?}");
            assert!(below[0] > below[1] && below[1] > below[2], "{values:?} {below:?}");
        }
    }

    #[test]
    fn percent_gets_the_levels_that_everybody_uses() {
        assert_eq!(ones(propose(&[3.0, 40.0], Side::Above, true)), [80.0, 90.0, 95.0]);
        assert_eq!(ones(propose(&[3.0, 85.0], Side::Above, true)), [90.0, 95.0, 98.0]);
        assert_eq!(ones(propose(&[60.0, 85.0], Side::Below, true)), [20.0, 10.0, 5.0]);
    }

    #[test]
    fn ranges_are_in_the_order_that_the_form_demands() {
        use crate::logic::threshold::{LevelTexts, ThresholdForm};
        for side in [Side::Inside, Side::Outside] {
            for values in [&[12.0, 15.0, 19.0][..], &[0.0], &[-3.0, 4.0], &[1e6, 2e6]] {
                let levels = LevelTexts::from_limits(&propose(values, side, false), ',');
                let form = ThresholdForm { side, levels, ..ThresholdForm::default() };
                assert!(form.params(',', 0.0).is_ok(), "{side:?} {values:?} {form:?}");
            }
        }
    }

    #[test]
    fn a_series_without_samples_proposes_nothing() {
        assert_eq!(propose(&[f64::NAN, f64::INFINITY], Side::Above, false), [None; 3]);
    }

    #[test]
    fn percent_is_known_by_its_unit_or_by_a_name_whose_values_fit() {
        assert!(looks_like_percent(Some("%"), "x", &[]));
        assert!(looks_like_percent(None, "lab.router1.cpu", &[1.0, 95.0]));
        assert!(!looks_like_percent(None, "lab.router1.cpu", &[1.0, 195.0]));
        assert!(!looks_like_percent(Some("ms"), "cpu", &[1.0]));
    }
}
