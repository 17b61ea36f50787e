//! Floats in JSON: infinities as the words `"Infinity"` and `"-Infinity"`, NaN as `null`.

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
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Wire {
            Number(f64),
            Word(String),
            Nothing(()),
        }
        match Wire::deserialize(deserializer)? {
            Wire::Number(value) => Ok(Float(value)),
            Wire::Nothing(()) => Ok(Float(f64::NAN)),
            Wire::Word(word) => match word.as_str() {
                "Infinity" => Ok(Float(f64::INFINITY)),
                "-Infinity" => Ok(Float(f64::NEG_INFINITY)),
                _ => Err(serde::de::Error::custom("a number, \"Infinity\" or \"-Infinity\"")),
            },
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
}
