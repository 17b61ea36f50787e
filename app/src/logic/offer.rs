//! Levels offered from what a panel in Grafana warns of.

use atalaya_api::catalog::PanelThreshold;

use super::threshold::{Limit, Limits, Side};

/// The side and the levels that a panel's thresholds stand for; none: it has none.
///
/// Their colours say which level is meant where each has one of its own and they get worse in order; otherwise the worst
/// is critical, the mildest warning.
pub fn offered(thresholds: &[PanelThreshold]) -> Option<(Side, Limits)> {
    let above = thresholds.first()?.above;
    // The mildest first: the lowest above, the highest below.
    let milder = |a: f64, b: f64| if above { a < b } else { a > b };
    let mut in_order: Vec<&PanelThreshold> = Vec::new();
    for one in thresholds.iter().filter(|one| one.above == above && one.value.is_finite()) {
        let at = in_order.iter().position(|other| !milder(other.value, one.value)).unwrap_or(in_order.len());
        if in_order.get(at).is_none_or(|other| other.value != one.value) {
            in_order.insert(at, one);
        }
    }
    let worst = in_order.split_off(in_order.len().saturating_sub(3));
    let places = by_colour(&worst).unwrap_or_else(|| by_order(worst.len()));
    let mut limits: Limits = [None, None, None];
    for (place, threshold) in places.into_iter().zip(&worst) {
        limits[place] = Some(Limit::One(threshold.value));
    }
    Some((if above { Side::Above } else { Side::Below }, limits))
}

/// Places of so many levels, mildest first.
fn by_order(count: usize) -> Vec<usize> {
    match count {
        1 => vec![2],
        2 => vec![0, 2],
        _ => vec![0, 1, 2],
    }
}

fn by_colour(thresholds: &[&PanelThreshold]) -> Option<Vec<usize>> {
    let places: Option<Vec<usize>> = thresholds.iter().map(|one| place_of(one.color.as_deref()?)).collect();
    places.filter(|places| places.windows(2).all(|pair| pair[0] < pair[1]))
}

/// Blue and yellow warn, orange is major, red critical, in any of Grafana's shades.
fn place_of(colour: &str) -> Option<usize> {
    let colour = colour.to_ascii_lowercase();
    let named = [("blue", 0), ("yellow", 0), ("orange", 1), ("red", 2)];
    let named = named.into_iter().find(|(name, _)| colour.contains(name)).map(|(_, place)| place);
    named.or_else(|| place_of_shade(&colour))
}

fn place_of_shade(colour: &str) -> Option<usize> {
    let number = u32::from_str_radix(colour.strip_prefix('#')?.get(..6)?, 16).ok()?;
    let [_, red, green, blue] = number.to_be_bytes().map(i32::from);
    match (red, green, blue) {
        _ if blue > red && blue > green => Some(0),
        _ if red < 160 || red <= green => None,
        _ if green * 10 > red * 7 => Some(0),
        _ if green * 10 > red * 4 => Some(1),
        _ => Some(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn threshold(value: f64, color: &str) -> PanelThreshold {
        PanelThreshold { value, color: Some(color.to_owned()), above: true }
    }

    fn numbers(thresholds: &[PanelThreshold]) -> [Option<f64>; 3] {
        let (_, limits) = offered(thresholds).expect("there are some");
        limits.map(|limit| match limit {
            Some(Limit::One(value)) => Some(value),
            _ => None,
        })
    }

    #[test]
    fn colours_say_which_level_is_meant() {
        let three = [threshold(70.0, "#EAB839"), threshold(80.0, "#EF843C"), threshold(90.0, "#E24D42")];
        assert_eq!(numbers(&three), [Some(70.0), Some(80.0), Some(90.0)]);
        assert_eq!(
            numbers(&[threshold(80.0, "orange"), threshold(90.0, "dark-red")]),
            [None, Some(80.0), Some(90.0)]
        );
        assert_eq!(numbers(&[threshold(80.0, "yellow")]), [Some(80.0), None, None]);
        assert_eq!(numbers(&[threshold(80.0, "rgba(1,2,3,4)")]), [None, None, Some(80.0)]);
    }

    #[test]
    fn without_colours_the_worst_is_critical() {
        assert_eq!(
            numbers(&[threshold(90.0, "red"), threshold(80.0, "red")]),
            [Some(80.0), None, Some(90.0)]
        );
        let four = [1.0, 2.0, 3.0, 4.0].map(|value| threshold(value, "purple"));
        assert_eq!(numbers(&four), [Some(2.0), Some(3.0), Some(4.0)]);
    }

    #[test]
    fn below_the_lowest_is_the_worst() {
        let below = [10.0, 20.0].map(|value| PanelThreshold { value, color: None, above: false });
        let (side, _) = offered(&below).expect("there are some");
        assert_eq!((side, numbers(&below)), (Side::Below, [Some(20.0), None, Some(10.0)]));
        assert_eq!(offered(&[]), None);
    }
}
