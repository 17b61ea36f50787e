//! Values as people read them.

use super::{is_spanish, line};

/// Units that were measured in bytes, and what follows the larger one's name.
const BYTES: [(&str, &str); 5] = [("B", ""), ("bytes", ""), ("By", ""), ("B/s", "/s"), ("By/s", "/s")];

/// `95 %`, `1.5 GiB`, `12,345` (in Spanish `1,5 GiB`, `12.345`); none: there is no value.
pub fn value(value: Option<f64>, unit: Option<&str>, language: &str) -> Option<String> {
    let value = value.filter(|value| !value.is_nan())?;
    let (value, unit) = scaled(value, &line(unit.unwrap_or_default()));
    let number = number(value, is_spanish(language));
    Some(if unit.is_empty() { number } else { format!("{number} {unit}") })
}

/// Bytes are read in powers of 1024; every other unit stays as it is.
fn scaled(mut value: f64, unit: &str) -> (f64, String) {
    let Some((_, rest)) = BYTES.iter().find(|(known, _)| *known == unit) else {
        return (value, unit.to_owned());
    };
    let mut prefix = "B";
    for larger in ["KiB", "MiB", "GiB", "TiB", "PiB"] {
        if value.abs() < 1_024.0 || !value.is_finite() {
            break;
        }
        value /= 1_024.0;
        prefix = larger;
    }
    (value, format!("{prefix}{rest}"))
}

/// Four significant digits below a thousand, whole above, with the language's signs.
fn number(value: f64, spanish: bool) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "∞" } else { "-∞" }.to_owned();
    }
    if value.abs() >= 1e15 || (value != 0.0 && value.abs() < 1e-6) {
        let text = format!("{value:.3e}");
        return if spanish { text.replace('.', ",") } else { text };
    }
    // As it will be read: 999.96 has become 1000 by then.
    let places = if value.abs() < 1_000.0 { (3 - magnitude(value)).clamp(0, 9) as usize } else { 0 };
    let text = format!("{value:.places$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let (group, point) = if spanish { ('.', ',') } else { (',', '.') };
    // In Spanish four digits stand without a sign between them.
    let whole =
        if whole.len() > if spanish { 4 } else { 3 } { grouped(whole, group) } else { whole.to_owned() };
    let sign = if whole == "0" && fraction.is_empty() { "" } else { sign };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}{point}{fraction}") }
}

/// The power of ten of its first digit.
fn magnitude(value: f64) -> i32 {
    if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 }
}

fn grouped(digits: &str, sign: char) -> String {
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(sign);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_in_the_language_of_whoever_is_told() {
        let cases = [
            (95.0, Some("%"), "95 %", "95 %"),
            (0.12345, None, "0.1235", "0,1235"),
            (85.25, Some("ms"), "85.25 ms", "85,25 ms"),
            (999.96, None, "1,000", "1000"),
            (1_234.6, None, "1,235", "1235"),
            (1_234_567.0, None, "1,234,567", "1.234.567"),
            (-12_345.0, None, "-12,345", "-12.345"),
            (1_610_612_736.0, Some("B"), "1.5 GiB", "1,5 GiB"),
            (f64::INFINITY, Some("B"), "∞ B", "∞ B"),
            (-0.0, None, "0", "0"),
            (1.5e18, None, "1.500e18", "1,500e18"),
        ];
        for (number, unit, en, es) in cases {
            assert_eq!(value(Some(number), unit, "en").as_deref(), Some(en));
            assert_eq!(value(Some(number), unit, "es").as_deref(), Some(es));
        }
        assert_eq!(value(Some(f64::NAN), None, "en"), None);
        assert_eq!(value(None, Some("%"), "en"), None);
    }

    #[test]
    fn a_unit_of_strangers_stays_on_its_line() {
        assert_eq!(value(Some(1.0), Some("%\r\nBcc: x"), "en").as_deref(), Some("1 % Bcc: x"));
    }
}
