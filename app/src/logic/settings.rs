//! The settings' fields as they are typed.

use atalaya_api::span::Span;

use super::hours::minute_of_day;
use super::number;
use super::wrong::{What, Wrong};

const MINUTE: u32 = 60;
const HOUR: u32 = 3_600;
const DAY: u32 = 86_400;
const LONGEST: u32 = 400 * DAY;

/// Reads a duration of days or any other units; a bare number is days.
pub fn span_in_days(text: &str) -> Option<Span> {
    let text = text.trim();
    match text.parse::<u32>() {
        Ok(days) => days.checked_mul(DAY).map(Span),
        Err(_) => text.parse().ok(),
    }
}

/// How long samples are kept: 1 h to 400 d.
pub fn sample_retention(text: &str) -> Result<Span, Wrong> {
    bounded("sample_retention", text, HOUR, "1h")
}

/// How long evidence is kept: 1 d to 400 d.
pub fn evidence_retention(text: &str) -> Result<Span, Wrong> {
    bounded("evidence_retention", text, DAY, "1d")
}

/// How long a vanished series keeps its alarms: 1 min to 400 d.
pub fn forget_after(text: &str) -> Result<Span, Wrong> {
    bounded("forget_after", text, MINUTE, "1m")
}

fn bounded(field: &str, text: &str, least: u32, min: &'static str) -> Result<Span, Wrong> {
    span_in_days(text)
        .filter(|span| (least..=LONGEST).contains(&span.0))
        .ok_or_else(|| Wrong::new(field, What::SpanBetween { min, max: "400d" }))
}

/// A count of checks in a row: 1 to 100.
pub fn count(field: &str, text: &str) -> Result<u8, Wrong> {
    text.trim()
        .parse::<u8>()
        .ok()
        .filter(|count| (1..=100).contains(count))
        .ok_or_else(|| Wrong::new(field, What::WholeBetween { min: 1, max: 100 }))
}

/// How many backups are kept: 1 to 1,000.
pub fn backups_kept(field: &str, text: &str) -> Result<u16, Wrong> {
    let count = text.trim().parse::<u16>().ok().filter(|count| (1..=1_000).contains(count));
    count.ok_or_else(|| Wrong::new(field, What::WholeBetween { min: 1, max: 1_000 }))
}

/// `00:00` to `23:59`.
pub fn time_of_day(field: &str, text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    let time = minute_of_day(text).filter(|minute| *minute < 24 * 60).map(|_| text.to_owned());
    time.ok_or_else(|| Wrong::new(field, What::NotATime))
}

/// The OK margin: 0 to 100 percent.
pub fn margin(field: &str, text: &str, decimal: char) -> Result<f64, Wrong> {
    let text = text.trim().trim_end_matches('%');
    number::parse(text, decimal)
        .ok()
        .filter(|margin| (0.0..=100.0).contains(margin))
        .ok_or_else(|| Wrong::new(field, What::Between { min: 0.0, max: 100.0 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_number_means_days() {
        assert_eq!(sample_retention("7"), Ok(Span(7 * DAY)));
        assert_eq!(sample_retention("36h"), Ok(Span(36 * HOUR)));
    }

    #[test]
    fn what_is_too_short_or_too_long_is_refused() {
        for text in ["30m", "401d", "a week", "", "99999999999"] {
            assert!(sample_retention(text).is_err(), "{text}");
        }
        assert!(evidence_retention("12h").is_err());
    }

    #[test]
    fn counts_and_margin_have_their_bounds() {
        assert_eq!(count("checks_to_ok", " 3 "), Ok(3));
        assert!(["0", "101", "1.5", ""].iter().all(|text| count("checks_to_ok", text).is_err()));
        assert_eq!(margin("ok_margin", "12,5 %", ','), Ok(12.5));
        assert!(["-1", "101", ""].iter().all(|text| margin("ok_margin", text, ',').is_err()));
    }

    #[test]
    fn backups_are_made_at_a_time_of_day_and_kept_by_number() {
        assert_eq!(time_of_day("at", " 03:30 "), Ok("03:30".to_owned()));
        assert!(["24:00", "3", "", "x"].iter().all(|text| time_of_day("at", text).is_err()));
        assert_eq!(backups_kept("keep", "14"), Ok(14));
        assert!(["0", "1001", "", "many"].iter().all(|text| backups_kept("keep", text).is_err()));
    }
}
