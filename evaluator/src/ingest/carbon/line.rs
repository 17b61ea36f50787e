//! One line.

use super::{LONGEST_LINE, LONGEST_NAME};
use crate::source::Refusal;

/// A line that says something. The name is not checked yet: known ones need no second look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line<'a> {
    pub name: &'a [u8],
    pub value: f64,
    /// Unix ms; None: now.
    pub at: Option<i64>,
}

/// Reads `path value timestamp`, apart by blanks; None for an empty line. Value: as Rust and Python read floats, but no NaN.
/// Timestamp: Unix seconds, with decimals if need be; `-1` or `N` for now.
pub fn parse(line: &[u8]) -> Result<Option<Line<'_>>, Refusal> {
    if line.len() > LONGEST_LINE {
        return Err(Refusal::LineTooLong);
    }
    let (name, rest) = field(line);
    let (value, rest) = field(rest);
    let (at, rest) = field(rest);
    if name.is_empty() {
        return Ok(None);
    }
    if at.is_empty() || !field(rest).0.is_empty() {
        return Err(Refusal::Malformed);
    }
    let value = number(value).ok_or(Refusal::Malformed)?;
    if value.is_nan() {
        return Err(Refusal::NotANumber);
    }
    Ok(Some(Line { name, value, at: instant(at)? }))
}

/// The first field and what follows it.
fn field(text: &[u8]) -> (&[u8], &[u8]) {
    let start = text.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(text.len());
    let text = &text[start..];
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    text.split_at(end)
}

fn instant(text: &[u8]) -> Result<Option<i64>, Refusal> {
    if text == b"N" {
        return Ok(None);
    }
    number(text).ok_or(Refusal::Malformed).and_then(instant_of)
}

/// Unix seconds as Unix ms; -1: now, None.
pub fn instant_of(seconds: f64) -> Result<Option<i64>, Refusal> {
    match seconds {
        -1.0 => Ok(None),
        // The cast saturates: what no clock shows is refused as too old or too far ahead.
        seconds if !seconds.is_nan() => Ok(Some((seconds * 1_000.0).round() as i64)),
        _ => Err(Refusal::Malformed),
    }
}

/// A float as Rust and Python read it.
pub fn number(text: &[u8]) -> Option<f64> {
    plain_number(text).or_else(|| std::str::from_utf8(text).ok()?.parse().ok())
}

/// Powers of ten that a float holds exactly.
const TENS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// At most 15 digits and a point: both sides of the division are exact, so the result is the nearest float
/// (Clinger, "How to read floating point numbers accurately", 1990).
fn plain_number(text: &[u8]) -> Option<f64> {
    let (negative, text) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        _ => (false, text),
    };
    let (mut digits, mut decimals, mut count, mut point) = (0u64, 0, 0, false);
    for byte in text {
        match byte {
            b'0'..=b'9' if count < 15 => {
                digits = digits * 10 + u64::from(byte - b'0');
                count += 1;
                decimals += usize::from(point);
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    if count == 0 {
        return None;
    }
    let value = digits as f64 / TENS[decimals];
    Some(if negative { -value } else { value })
}

/// The name, if it can be one: at most 1 KiB of UTF-8 without blanks and control characters.
pub fn valid_name(name: &[u8]) -> Result<&str, Refusal> {
    if name.is_empty() || name.len() > LONGEST_NAME {
        return Err(Refusal::BadName);
    }
    let name = std::str::from_utf8(name).map_err(|_| Refusal::BadName)?;
    let odd = |c: char| c.is_control() || c.is_whitespace();
    if name.contains(odd) { Err(Refusal::BadName) } else { Ok(name) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Line, number, parse, valid_name};
    use crate::source::Refusal;

    #[test]
    fn what_carbon_takes_is_taken() {
        let table: &[(&str, &str, f64, Option<i64>)] = &[
            ("a.b 1 1800000000", "a.b", 1.0, Some(1_800_000_000_000)),
            ("a.b 1.5 -1", "a.b", 1.5, None),
            ("a.b 1.5 -1.0", "a.b", 1.5, None),
            ("a.b 1 N", "a.b", 1.0, None),
            ("a 1e3 1800000000.25\r", "a", 1_000.0, Some(1_800_000_000_250)),
            ("a -inf 1.8e9", "a", f64::NEG_INFINITY, Some(1_800_000_000_000)),
            ("  a\t+2.  1800000000.0009 ", "a", 2.0, Some(1_800_000_000_001)),
            ("name;tag=v 0.1 0", "name;tag=v", 0.1, Some(0)),
            ("año.ñ 3 1", "año.ñ", 3.0, Some(1_000)),
            ("a 1 1e300", "a", 1.0, Some(i64::MAX)),
        ];
        for (line, name, value, at) in table {
            let expected = Line { name: name.as_bytes(), value: *value, at: *at };
            assert_eq!(parse(line.as_bytes()), Ok(Some(expected)), "{line}");
        }
        assert_eq!(parse(b" \r"), Ok(None));
    }

    #[test]
    fn what_carbon_skips_is_refused_with_its_reason() {
        for line in [
            "a",
            "a 1",
            "a 1 2 3",
            "a x 1",
            "a 1 y",
            "a 1 nan",
            "a 1_000 1",
            "a 1,5 1",
            "\u{feff}",
            "a 1 --1",
        ] {
            assert_eq!(parse(line.as_bytes()), Err(Refusal::Malformed), "{line}");
        }
        assert_eq!(parse(b"a NaN 1"), Err(Refusal::NotANumber));
        assert_eq!(parse(&[b'a'; 5_000]), Err(Refusal::LineTooLong));
    }

    #[test]
    fn a_name_has_no_control_characters_and_at_most_a_kibibyte() {
        assert_eq!(valid_name("a.ñ;t=1".as_bytes()), Ok("a.ñ;t=1"));
        assert!(valid_name(&[b'a'; 1_024]).is_ok());
        let long = [b'a'; 1_025];
        for bad in [&b"a\x07"[..], b"\xff", "a\u{85}b".as_bytes(), "a\u{2003}b".as_bytes(), b"", &long] {
            assert_eq!(valid_name(bad), Err(Refusal::BadName));
        }
    }

    proptest! {
        #[test]
        fn numbers_are_read_to_the_bit(value in any::<f64>(), short in -1e9..1e9f64) {
            let read = |text: String| number(text.as_bytes()).map(f64::to_bits);
            if !value.is_nan() {
                prop_assert_eq!(read(format!("{value}")), Some(value.to_bits()));
                prop_assert_eq!(read(format!("{value:e}")), Some(value.to_bits()));
            }
            let text = format!("{short:.4}");
            prop_assert_eq!(read(text.clone()), text.parse::<f64>().ok().map(f64::to_bits));
        }

        #[test]
        fn no_line_makes_it_panic(line in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(Some(line)) = parse(&line) {
                let _ = valid_name(line.name);
            }
        }
    }
}
