//! Numbers as people type them, with a comma or a dot.

/// Why a text is not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotANumber {
    /// It is something else.
    Words,
    /// `1.234` where the dot groups thousands: it could be 1234 or 1.234, and a threshold must not be guessed.
    Ambiguous,
}

/// Reads a number. `decimal` is the locale's mark (`,` or `.`); the other one is taken as a decimal mark too where
/// it can mean nothing else. Spaces group digits. The result is finite.
pub fn parse(text: &str, decimal: char) -> Result<f64, NotANumber> {
    let compact: String =
        text.chars().filter(|c| !c.is_whitespace()).map(|c| if c == '−' { '-' } else { c }).collect();
    let plain = with_point(&compact, decimal)?;
    let readable = plain.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E'));
    if readable { value(&plain).ok_or(NotANumber::Words) } else { Err(NotANumber::Words) }
}

/// Read as JSON reads it, exactly to the bit too: the app has that reader in any case, and std's would bring 14 kB of its own.
/// JSON knows no `+5`, `05`, `.5` or `5.`, so these are written out first.
fn value(plain: &str) -> Option<f64> {
    let (sign, plain) = match plain.strip_prefix('-') {
        Some(plain) => ("-", plain),
        None => ("", plain.strip_prefix('+').unwrap_or(plain)),
    };
    let (digits, power) = plain.split_at(plain.find(['e', 'E']).unwrap_or(plain.len()));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.len() + part.len() == 0 || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let part = if part.is_empty() { "0" } else { part };
    serde_json::from_str(&format!("{sign}{whole}.{part}{power}")).ok()
}

/// The text of a number for a field: shortest, no grouping, the locale's decimal mark.
pub fn to_text(value: f64, decimal: char) -> String {
    let text = value.to_string();
    if decimal == '.' { text } else { text.replace('.', &decimal.to_string()) }
}

/// Removes grouping and turns the decimal mark into a point.
fn with_point(text: &str, decimal: char) -> Result<String, NotANumber> {
    let marks: Vec<(usize, char)> = text.char_indices().filter(|(_, c)| matches!(c, '.' | ',')).collect();
    match marks.as_slice() {
        [] => Ok(text.to_owned()),
        [(at, mark)] if *mark != decimal && looks_grouped(text, *at) => Err(NotANumber::Ambiguous),
        [(at, _)] => Ok(point_at(text, *at)),
        [first @ .., (last, mark)] => {
            let group = first[0].1;
            let regular = first.iter().all(|(_, c)| *c == group);
            match (regular, *mark == group) {
                (true, false) if grouped(&text[..*last], group) => Ok(point_at(text, *last)),
                (true, true) if grouped(text, group) => Ok(text.replace(group, "")),
                _ => Err(NotANumber::Words),
            }
        }
    }
}

fn point_at(text: &str, at: usize) -> String {
    let head: String = text[..at].chars().filter(|c| !matches!(c, '.' | ',')).collect();
    format!("{head}.{}", &text[at + 1..])
}

/// One to three digits (not a lone 0) before the mark and exactly three after it.
fn looks_grouped(text: &str, at: usize) -> bool {
    let head = text[..at].trim_start_matches(['-', '+']);
    let tail = &text[at + 1..];
    let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
    (1..=3).contains(&head.len()) && !head.starts_with('0') && digits(head) && tail.len() == 3 && digits(tail)
}

/// Groups of three after a first group of one to three.
fn grouped(text: &str, group: char) -> bool {
    let mut parts = text.trim_start_matches(['-', '+']).split(group);
    let digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let first = parts.next().is_some_and(|part| part.len() <= 3 && digits(part));
    first && parts.all(|part| part.len() == 3 && digits(part))
}

#[cfg(test)]
mod tests {
    use super::{NotANumber, parse, to_text};

    #[test]
    fn a_comma_and_a_dot_both_mark_decimals() {
        for decimal in [',', '.'] {
            assert_eq!(parse("12,5", decimal), Ok(12.5));
            assert_eq!(parse("12.5", decimal), Ok(12.5));
            assert_eq!(parse(" -0.125 ", decimal), Ok(-0.125));
            assert_eq!(parse("1e3", decimal), Ok(1000.0));
            assert_eq!(parse("−7", decimal), Ok(-7.0));
        }
    }

    #[test]
    fn grouped_thousands_are_read_where_they_are_clear() {
        assert_eq!(parse("1.234,5", ','), Ok(1234.5));
        assert_eq!(parse("1,234.5", ','), Ok(1234.5));
        assert_eq!(parse("1.234.567", ','), Ok(1_234_567.0));
        assert_eq!(parse("12 345", '.'), Ok(12_345.0));
        assert_eq!(parse("1,234", ','), Ok(1.234));
    }

    #[test]
    fn what_could_be_a_thousand_or_a_decimal_is_not_guessed() {
        assert_eq!(parse("1.234", ','), Err(NotANumber::Ambiguous));
        assert_eq!(parse("1,234", '.'), Err(NotANumber::Ambiguous));
        assert_eq!(parse("0.125", ','), Ok(0.125));
    }

    #[test]
    fn words_are_not_numbers() {
        for text in ["", "abc", "1,2,3", "inf", "NaN", "1e999", "--1", "1.2.3,4,5", "0x10"] {
            assert_eq!(parse(text, ','), Err(NotANumber::Words), "{text}");
        }
    }

    #[test]
    fn a_number_in_a_field_is_read_back_as_itself() {
        for value in [0.0, 70.0, 0.1, -12.75, 1_234.5, 1e6, 123_456.789] {
            for decimal in [',', '.'] {
                assert_eq!(parse(&to_text(value, decimal), decimal), Ok(value), "{value} {decimal}");
            }
        }
    }

    #[test]
    fn a_number_is_read_to_the_bit_however_it_is_written() {
        let written = [
            "0",
            "+5",
            "007",
            ".5",
            "5.",
            "-0.1",
            "1e3",
            "1.5E-7",
            "0.30000000000000004",
            "179769313486231570000",
            "-0",
        ];
        for text in written {
            let exact: f64 = text.parse().expect("std reads it too");
            assert_eq!(super::value(text).map(f64::to_bits), Some(exact.to_bits()), "{text}");
        }
        for text in ["", ".", "-", "e5", "5e", "1e999", "--5", "+-5", "5-"] {
            assert_eq!(super::value(text), None, "{text}");
        }
    }
}
