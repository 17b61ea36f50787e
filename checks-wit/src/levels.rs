//! Thresholds with an OK margin, as every check that has levels needs them.

use crate::explain::number;
use crate::model::{Level, ParamError, Rule};

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

    /// Whether a rule can use these as levels that rise: one at least, each above the one before it, 0 or more, and
    /// small enough for the rule's margin. The fields are `warning`, `major` and `critical`.
    ///
    /// # Errors
    /// Names the first field that does not fit.
    pub fn check_rising(&self, rule: &Rule) -> Result<(), ParamError> {
        if self.is_empty() {
            return Err(ParamError::new("warning", "at least one of warning, major and critical is needed")
                .and_in("es", "hace falta al menos uno de warning, mayor y crítica"));
        }
        let mut before: Option<(Level, f64)> = None;
        for (level, threshold) in self.set() {
            if threshold < 0.0 {
                return Err(
                    ParamError::new(field(level), "must be 0 or more").and_in("es", "debe ser 0 o mayor")
                );
            }
            if let Some((lower, bound)) = before.filter(|(_, bound)| threshold <= *bound) {
                return Err(above(level, lower, bound));
            }
            if !Direction::Above.moved(threshold, rule.ok_margin).is_finite() {
                let en = "leaves no OK value: the thresholds are too large for a margin";
                let es = "no deja ningún valor correcto: los umbrales son demasiado grandes para un margen";
                return Err(ParamError::new(ParamError::OK_MARGIN, en).and_in("es", es));
            }
            before = Some((level, threshold));
        }
        Ok(())
    }
}

fn above(level: Level, lower: Level, bound: f64) -> ParamError {
    let en = format!("must be above {} ({})", field(lower), number(bound, "en"));
    let es = format!("debe ser mayor que {} ({})", field(lower), number(bound, "es"));
    ParamError::new(field(level), en).and_in("es", es)
}

/// The params' field of a level.
fn field(level: Level) -> &'static str {
    match level {
        Level::Ok => "ok",
        Level::Warning => "warning",
        Level::Major => "major",
        Level::Critical => "critical",
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
    fn rising_levels_are_one_at_least_in_order_and_not_below_zero() {
        let checked = |warning, major, critical| {
            let levels = Levels { warning, major, critical };
            levels.check_rising(&Rule::default()).map_err(|e| (e.field.clone(), e.english().to_owned()))
        };
        let refused = |field: &str, words: &str| Err((field.to_owned(), words.to_owned()));
        assert_eq!(checked(Some(0.0), None, Some(1.0)), Ok(()));
        assert_eq!(
            checked(None, None, None),
            refused("warning", "at least one of warning, major and critical is needed")
        );
        assert_eq!(checked(None, Some(-1.0), None), refused("major", "must be 0 or more"));
        assert_eq!(checked(Some(5.0), None, Some(5.0)), refused("critical", "must be above warning (5)"));
        let huge = Levels { warning: Some(1e308), ..Levels::default() };
        let rule = Rule { ok_margin: 10.0, ..Rule::default() };
        let error = huge.check_rising(&rule).expect_err("the margin is beyond all numbers");
        assert_eq!(error.field, ParamError::OK_MARGIN);
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
