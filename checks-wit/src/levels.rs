//! Thresholds with an OK margin, as every check that has levels needs them.

use crate::model::Level;

/// The side of a threshold on which its level begins. Both are strict: the threshold itself is fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Above,
    Below,
}

impl Direction {
    /// Is `value` on the bad side of `threshold`? NaN never is.
    pub fn passes(self, value: f64, threshold: f64) -> bool {
        match self {
            Direction::Above => value > threshold,
            Direction::Below => value < threshold,
        }
    }

    /// The threshold moved by `margin` percent of its size towards recovery: t − |t|·margin/100 for above,
    /// t + |t|·margin/100 for below, in this order of operations, so that every host and guest gets the same bits.
    pub fn moved(self, threshold: f64, margin: f64) -> f64 {
        let by = threshold.abs() * margin / 100.0;
        match self {
            Direction::Above => threshold - by,
            Direction::Below => threshold + by,
        }
    }
}

/// One threshold per level, each optional. `T` is a number, a range, or whatever a check compares with.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Levels<T> {
    pub warning: Option<T>,
    pub major: Option<T>,
    pub critical: Option<T>,
}

impl<T: Copy> Levels<T> {
    pub fn get(&self, level: Level) -> Option<T> {
        match level {
            Level::Ok => None,
            Level::Warning => self.warning,
            Level::Major => self.major,
            Level::Critical => self.critical,
        }
    }

    /// Those that are set, lowest first.
    pub fn set(&self) -> impl DoubleEndedIterator<Item = (Level, T)> + use<T> {
        let all =
            [(Level::Warning, self.warning), (Level::Major, self.major), (Level::Critical, self.critical)];
        all.into_iter().filter_map(|(level, threshold)| Some((level, threshold?)))
    }

    pub fn is_empty(&self) -> bool {
        self.set().next().is_none()
    }

    /// The highest level whose threshold is passed. `passes(threshold, margin)` gets `margin` for levels at or
    /// below the held one and 0 for those above: what is held lets go late, what is not raises as written.
    pub fn reached(&self, held: Level, margin: f64, passes: impl Fn(T, f64) -> bool) -> Level {
        for level in [Level::Critical, Level::Major, Level::Warning] {
            let margin = if level <= held { margin } else { 0.0 };
            if self.get(level).is_some_and(|threshold| passes(threshold, margin)) {
                return level;
            }
        }
        Level::Ok
    }
}

impl Levels<f64> {
    /// The level of `value` against plain thresholds on one side.
    pub fn level(&self, direction: Direction, value: f64, held: Level, margin: f64) -> Level {
        self.reached(held, margin, |threshold, margin| {
            direction.passes(value, direction.moved(threshold, margin))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CPU: Levels<f64> = Levels { warning: Some(70.0), major: Some(80.0), critical: Some(90.0) };

    #[test]
    fn thresholds_move_towards_recovery_by_a_percentage_of_their_size_to_the_bit() {
        let cases = [
            (Direction::Above, 90.0, 10.0, 81.0),
            (Direction::Below, 90.0, 10.0, 99.0),
            (Direction::Above, -10.0, 10.0, -11.0),
            (Direction::Below, -10.0, 10.0, -9.0),
            (Direction::Above, 0.0, 50.0, 0.0),
            // In this order of operations; 0.7 * 0.1 would end in another last bit.
            (Direction::Above, 0.7, 10.0, 0.7 - 0.7 * 10.0 / 100.0),
        ];
        for (direction, threshold, margin, moved) in cases {
            let got = direction.moved(threshold, margin);
            assert_eq!(got.to_bits(), f64::to_bits(moved), "{direction:?} {threshold}");
        }
    }

    #[test]
    fn only_levels_at_or_below_the_held_one_let_go_late() {
        let level = |value, held| CPU.level(Direction::Above, value, held, 10.0);
        assert_eq!(level(85.0, Level::Ok), Level::Major);
        assert_eq!(level(85.0, Level::Major), Level::Major);
        assert_eq!(level(85.0, Level::Critical), Level::Critical);
        assert_eq!(level(65.0, Level::Ok), Level::Ok);
        assert_eq!(level(65.0, Level::Warning), Level::Warning);
    }

    #[test]
    fn levels_that_are_not_set_are_never_reached() {
        let critical = Levels { critical: Some(90.0), ..Levels::default() };
        let level = |value| critical.level(Direction::Above, value, Level::Ok, 0.0);
        assert_eq!((level(89.0), level(91.0)), (Level::Ok, Level::Critical));
        assert_eq!(level(f64::NAN), Level::Ok);
        assert!(Levels::<f64>::default().is_empty());
    }
}
