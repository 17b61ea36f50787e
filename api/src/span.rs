//! Durations as people write them: `"30s"`, `"5m"`, `"1h30m"`, `"1d"`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A whole number of seconds, written with units (d, h, m, s), largest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, example = "5m"))]
pub struct Span(pub u32);

const UNITS: [(char, u32); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

impl Span {
    pub const SECOND: Span = Span(1);
    pub const MINUTE: Span = Span(60);
    pub const DAY: Span = Span(86_400);

    pub fn seconds(self) -> u32 {
        self.0
    }

    pub fn millis(self) -> i64 {
        i64::from(self.0) * 1_000
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0;
        for (unit, size) in UNITS {
            if rest >= size {
                write!(f, "{}{unit}", rest / size)?;
                rest %= size;
            }
        }
        Ok(())
    }
}

/// The text is not a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotASpan;

impl fmt::Display for NotASpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as \"30s\", \"5m\", \"1h30m\" or \"1d\"")
    }
}

impl std::error::Error for NotASpan {}

impl FromStr for Span {
    type Err = NotASpan;

    fn from_str(text: &str) -> Result<Self, NotASpan> {
        let mut total: u32 = 0;
        let mut number: Option<u32> = None;
        for c in text.trim().chars() {
            if let Some(digit) = c.to_digit(10) {
                let grown = number.unwrap_or(0).checked_mul(10).and_then(|n| n.checked_add(digit));
                number = Some(grown.ok_or(NotASpan)?);
                continue;
            }
            let size = UNITS.iter().find(|(unit, _)| *unit == c).ok_or(NotASpan)?.1;
            let part = number.take().and_then(|n| n.checked_mul(size)).ok_or(NotASpan)?;
            total = total.checked_add(part).ok_or(NotASpan)?;
        }
        match number {
            None if !text.trim().is_empty() => Ok(Span(total)),
            _ => Err(NotASpan),
        }
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{NotASpan, Span};

    #[test]
    fn a_span_is_written_with_its_largest_units_first() {
        for (seconds, text) in
            [(0, "0s"), (1, "1s"), (300, "5m"), (5_400, "1h30m"), (86_400, "1d"), (90, "1m30s")]
        {
            assert_eq!(Span(seconds).to_string(), text);
            assert_eq!(text.parse(), Ok(Span(seconds)));
        }
    }

    #[test]
    fn what_is_not_a_duration_is_refused() {
        for text in ["", "5", "m", "5x", "5m3", "-5m", "99999999999s", "1.5h"] {
            assert_eq!(text.parse::<Span>(), Err(NotASpan), "{text}");
        }
    }
}
