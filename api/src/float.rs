//! Floats in JSON: infinities as the words `"Infinity"` and `"-Infinity"`, NaN as `null`.

use std::fmt;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number as JSON can carry it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Float(pub f64);

impl From<f64> for Float {
    fn from(value: f64) -> Self {
        Float(value)
    }
}

impl Serialize for Float {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            value if value.is_nan() => serializer.serialize_none(),
            f64::INFINITY => serializer.serialize_str("Infinity"),
            f64::NEG_INFINITY => serializer.serialize_str("-Infinity"),
            value => serializer.serialize_f64(value),
        }
    }
}

impl<'de> Deserialize<'de> for Float {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

/// An untagged enum would keep each number in a buffer first, and be four times the code.
struct Reader;

impl Visitor<'_> for Reader {
    type Value = Float;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, \"Infinity\" or \"-Infinity\"")
    }

    fn visit_f64<E>(self, value: f64) -> Result<Float, E> {
        Ok(Float(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Float, E> {
        Ok(Float(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Float, E> {
        Ok(Float(value as f64))
    }

    fn visit_unit<E>(self) -> Result<Float, E> {
        Ok(Float(f64::NAN))
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Float, E> {
        match word {
            "Infinity" => Ok(Float(f64::INFINITY)),
            "-Infinity" => Ok(Float(f64::NEG_INFINITY)),
            _ => Err(E::invalid_value(Unexpected::Str(word), &self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Float;

    #[test]
    fn infinities_travel_as_words_and_come_back() {
        for value in [f64::INFINITY, f64::NEG_INFINITY, 0.1, -3.0] {
            let text = serde_json::to_string(&Float(value)).expect("a float can be written");
            let back: Float = serde_json::from_str(&text).expect("what was written can be read");
            assert_eq!(back.0, value, "{text}");
        }
        assert_eq!(serde_json::to_string(&Float(f64::INFINITY)).expect("written"), "\"Infinity\"");
    }

    #[test]
    fn nan_travels_as_null() {
        assert_eq!(serde_json::to_string(&Float(f64::NAN)).expect("written"), "null");
        let back: Float = serde_json::from_str("null").expect("read");
        assert!(back.0.is_nan());
    }

    #[test]
    fn whole_numbers_are_numbers_and_other_words_are_not() {
        let read = |text: &str| serde_json::from_str::<Float>(text).ok();
        assert_eq!((read("95"), read("-3")), (Some(Float(95.0)), Some(Float(-3.0))));
        assert_eq!((read("\"much\""), read("true"), read("[1]")), (None, None, None));
        assert_eq!(serde_json::from_str::<Option<Float>>("null").ok(), Some(None));
    }
}
