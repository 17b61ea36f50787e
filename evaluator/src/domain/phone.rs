//! Phone numbers.

/// Digits of a number: short ones of a network, and the longest that E.164 knows.
const DIGITS: std::ops::RangeInclusive<usize> = 3..=15;

/// A number as it is kept: digits with an optional `+` before them. None: it is none.
pub fn phone_number(text: &str) -> Option<String> {
    let kept: String = text.trim().chars().filter(|c| ![' ', '.', '-', '\u{a0}'].contains(c)).collect();
    let digits = kept.strip_prefix('+').unwrap_or(&kept);
    (DIGITS.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(kept)
}
