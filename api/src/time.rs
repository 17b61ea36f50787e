//! Instants for a program that only reads and shows them: jiff's calendars, zones and error texts would be a tenth of the app.
//!
//! [`Timestamp`] has the part of `jiff::Timestamp` that the app uses, by the same names, so that one can stand for the other.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

const DAY_MS: i64 = 86_400_000;
/// 0000-01-01T00:00:00Z and the last millisecond of the year 9999, Unix ms: what RFC 3339 can write.
const RANGE: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

/// An instant, to the millisecond; digits of the text beyond that are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Not an instant in UTC as RFC 3339 writes it, or outside of the years 0 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnInstant;

impl fmt::Display for NotAnInstant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an instant such as \"2026-11-21T14:02:11Z\"")
    }
}

impl std::error::Error for NotAnInstant {}

impl Timestamp {
    pub const UNIX_EPOCH: Timestamp = Timestamp(0);

    /// # Errors
    /// Outside of the years 0 to 9999.
    pub fn from_millisecond(ms: i64) -> Result<Self, NotAnInstant> {
        if RANGE.contains(&ms) { Ok(Timestamp(ms)) } else { Err(NotAnInstant) }
    }

    /// # Errors
    /// Outside of the years 0 to 9999.
    pub fn from_second(seconds: i64) -> Result<Self, NotAnInstant> {
        Self::from_millisecond(seconds.checked_mul(1_000).ok_or(NotAnInstant)?)
    }

    /// Unix ms.
    pub fn as_millisecond(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date_of(self.0.div_euclid(DAY_MS));
        let ms = self.0.rem_euclid(DAY_MS);
        let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        match ms % 1_000 {
            0 => f.write_str("Z"),
            part => write!(f, ".{}Z", format!("{part:03}").trim_end_matches('0')),
        }
    }
}

impl FromStr for Timestamp {
    type Err = NotAnInstant;

    fn from_str(text: &str) -> Result<Self, NotAnInstant> {
        read(text.as_bytes()).map(Timestamp).ok_or(NotAnInstant)
    }
}

/// Unix ms of `2026-11-21T14:02:11.5Z`.
fn read(text: &[u8]) -> Option<i64> {
    let (moment, rest) = text.split_at_checked(19)?;
    let fraction = match rest.strip_suffix(b"Z")? {
        [] => 0,
        [b'.', digits @ ..] => milliseconds(digits)?,
        _ => return None,
    };
    let signs = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if signs.iter().any(|(at, sign)| moment[*at] != *sign) {
        return None;
    }
    let part = |from: usize, to: usize, most: i64| number(&moment[from..to]).filter(|part| *part <= most);
    let (year, month, day) = (part(0, 4, 9_999)?, part(5, 7, 12)?, part(8, 10, 31)?);
    let (hour, minute, second) = (part(11, 13, 23)?, part(14, 16, 59)?, part(17, 19, 59)?);
    let days = days_until(year, month, day);
    // The 31st of a month of 30 days, and month or day 0, come back as another date.
    (date_of(days) == (year, month, day))
        .then_some(days * DAY_MS + hour * 3_600_000 + minute * 60_000 + second * 1_000 + fraction)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |all, digit| digit.is_ascii_digit().then(|| all * 10 + i64::from(digit - b'0')))
}

/// The first three digits of a fraction of a second.
fn milliseconds(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    let nanos = number(digits)? * 10_i64.pow(9 - digits.len() as u32);
    Some(nanos / 1_000_000)
}

/// Days from 1970-01-01 to a date. Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
fn days_until(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day so many days after 1970-01-01; the inverse, `civil_from_days` there.
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{DAY_MS, RANGE, Timestamp};

    #[test]
    fn every_day_of_four_centuries_is_written_and_read_as_jiff_does() {
        for day in -73_049..=73_049 {
            let ms = day * DAY_MS + (day * 7_919_000).rem_euclid(DAY_MS);
            let theirs = jiff::Timestamp::from_millisecond(ms).expect("within jiff's years").to_string();
            let ours = Timestamp::from_millisecond(ms).expect("within four digits of year");
            assert_eq!(ours.to_string(), theirs);
            assert_eq!(theirs.parse(), Ok(ours));
        }
    }

    #[test]
    fn fractions_are_read_to_the_millisecond() {
        for (text, ms) in [("00.5Z", 500), ("00.123456789Z", 123), ("59.999Z", 59_999), ("01Z", 1_000)] {
            let read: Timestamp = format!("1970-01-01T00:00:{text}").parse().expect("an instant");
            assert_eq!(read.as_millisecond(), ms);
        }
        assert_eq!(Timestamp(1_120).to_string(), "1970-01-01T00:00:01.12Z");
    }

    #[test]
    fn the_ends_of_four_digits_of_year_are_instants() {
        assert_eq!(Timestamp(*RANGE.start()).to_string(), "0000-01-01T00:00:00Z");
        assert_eq!(Timestamp(*RANGE.end()).to_string(), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn what_is_no_date_or_not_in_utc_is_refused() {
        let wrong = [
            "",
            "2026-02-30T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01 00:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+01:00",
        ];
        for text in wrong {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }
}
