//! Instants as people and spreadsheets write them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};

/// `31/12/2026 23:59`, with seconds or without, or ISO 8601; what names no offset is in `zone`. `late`: the second time of an hour that
/// comes twice.
pub(super) fn instant(text: &str, zone: &TimeZone, late: bool) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(exact) = text.parse() {
        return Some(exact);
    }
    let (day, time) = text.split_once([' ', 'T', ',']).unwrap_or((text, "00:00"));
    let face = DateTime::from_parts(date(day)?, time_of_day(time.trim())?);
    let ambiguous = zone.to_ambiguous_timestamp(face);
    match ambiguous.offset() {
        AmbiguousOffset::Fold { after, .. } if late => after.to_timestamp(face).ok(),
        _ => ambiguous.compatible().ok(),
    }
}

/// Day first, or year first.
fn date(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split(['/', '-', '.']).collect();
    let [first, month, last] = parts.as_slice() else { return None };
    let (year, day) = if first.len() == 4 { (first, last) } else { (last, first) };
    if year.len() != 4 {
        return None;
    }
    Date::new(digits(year)?, digits(month)?.try_into().ok()?, digits(day)?.try_into().ok()?).ok()
}

fn time_of_day(text: &str) -> Option<Time> {
    let whole = text.split('.').next().unwrap_or_default();
    let parts: Vec<i8> = whole.split(':').map(|part| digits(part)?.try_into().ok()).collect::<Option<_>>()?;
    match parts.as_slice() {
        [hour, minute] => Time::new(*hour, *minute, 0, 0).ok(),
        [hour, minute, second] => Time::new(*hour, *minute, *second, 0).ok(),
        _ => None,
    }
}

fn digits(text: &str) -> Option<i16> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}
