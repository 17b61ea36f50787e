//! What a value is compared with: one number, or the two bounds of a range.

use std::fmt;

use atalaya_check::Direction;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

/// Where the alarm is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    Above,
    Below,
    Inside,
    Outside,
}

impl Side {
    /// Do its levels have two numbers?
    pub fn is_range(self) -> bool {
        matches!(self, Side::Inside | Side::Outside)
    }
}

/// A level's threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// For above and below.
    One(f64),
    /// For inside and outside: the lower bound, then the upper.
    Range(f64, f64),
}

impl Bound {
    /// Is `value` in alarm once the bounds have moved by `margin` percent towards recovery? Strict: a value on a bound is
    /// not. A range moves both bounds: "outside" shrinks the range of good values, "inside" widens the range of bad ones.
    pub fn passes(self, side: Side, value: f64, margin: f64) -> bool {
        let beyond = |direction: Direction, threshold: f64| {
            direction.passes(value, direction.moved(threshold, margin))
        };
        let (low, high) = self.bounds();
        match side {
            Side::Above => beyond(Direction::Above, low),
            Side::Below => beyond(Direction::Below, low),
            Side::Inside => beyond(Direction::Above, low) && beyond(Direction::Below, high),
            Side::Outside => beyond(Direction::Below, low) || beyond(Direction::Above, high),
        }
    }

    /// The bounds, each with the side of it where the alarm is. One number is both of its bounds.
    pub fn edges(self, side: Side) -> ((Direction, f64), (Direction, f64)) {
        let (low, high) = self.bounds();
        let (of_low, of_high) = match side {
            Side::Above => (Direction::Above, Direction::Above),
            Side::Below => (Direction::Below, Direction::Below),
            Side::Inside => (Direction::Above, Direction::Below),
            Side::Outside => (Direction::Below, Direction::Above),
        };
        ((of_low, low), (of_high, high))
    }

    /// The same bounds moved by `margin` percent towards recovery.
    pub fn moved(self, side: Side, margin: f64) -> Bound {
        let ((of_low, low), (of_high, high)) = self.edges(side);
        match self {
            Bound::One(_) => Bound::One(of_low.moved(low, margin)),
            Bound::Range(..) => Bound::Range(of_low.moved(low, margin), of_high.moved(high, margin)),
        }
    }

    /// Lower and upper bound; of one number twice the number.
    pub fn bounds(self) -> (f64, f64) {
        match self {
            Bound::One(number) => (number, number),
            Bound::Range(low, high) => (low, high),
        }
    }
}

impl<'de> Deserialize<'de> for Bound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BoundVisitor)
    }
}

struct BoundVisitor;

impl<'de> Visitor<'de> for BoundVisitor {
    type Value = Bound;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a list of two numbers")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Bound, E> {
        Ok(Bound::One(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Bound, E> {
        Ok(Bound::One(number as f64))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Bound, E> {
        Ok(Bound::One(number as f64))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Bound, A::Error> {
        let low = list.next_element()?;
        let high = list.next_element()?;
        let more = list.next_element::<f64>()?;
        match (low, high, more) {
            (Some(low), Some(high), None) => Ok(Bound::Range(low, high)),
            _ => {
                Err(A::Error::invalid_value(serde::de::Unexpected::Other("a list of another length"), &self))
            }
        }
    }
}

impl JsonSchema for Bound {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Bound".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["number", "array"],
            "items": {"type": "number"},
            "minItems": 2,
            "maxItems": 2,
            "x-type-if": {
                "number": {"direction": ["above", "below"]},
                "array": {"direction": ["inside", "outside"]}
            }
        })
    }
}
