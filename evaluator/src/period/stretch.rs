//! From hours on a clock's face to instants.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::domain::Millis;

/// Hours that begin on some day: minutes from its midnight, `to` beyond 24 h when they end on the following day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Daily {
    pub(super) from: u16,
    pub(super) to: u16,
}

/// From an instant until before another; empty when `to` is not after `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) from: Millis,
    pub(super) to: Millis,
}

/// Of an hour that comes twice.
#[derive(Clone, Copy)]
enum Time {
    First,
    Second,
}

const MINUTES_OF_A_DAY: u16 = 1_440;

impl Daily {
    pub(super) fn on(self, day: Date, zone: &TimeZone) -> Stretch {
        let to = match self.to % MINUTES_OF_A_DAY {
            0 => Time::First,
            _ => Time::Second,
        };
        Stretch { from: instant(day, self.from, zone, Time::First), to: instant(day, self.to, zone, to) }
    }
}

/// When a day begins.
pub(super) fn midnight(day: Date, zone: &TimeZone) -> Millis {
    instant(day, 0, zone, Time::First)
}

fn instant(day: Date, minutes: u16, zone: &TimeZone, time: Time) -> Millis {
    let day = (0..minutes / MINUTES_OF_A_DAY).fold(day, |day, _| day.tomorrow().unwrap_or(day));
    let minutes = minutes % MINUTES_OF_A_DAY;
    let face = day.at((minutes / 60) as i8, (minutes % 60) as i8, 0, 0);
    of_face(face, zone, time).into()
}

fn of_face(face: DateTime, zone: &TimeZone, time: Time) -> jiff::Timestamp {
    let ambiguous = zone.to_ambiguous_timestamp(face);
    let read = match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(face),
        AmbiguousOffset::Fold { before, after } => match time {
            Time::First => before.to_timestamp(face),
            Time::Second => after.to_timestamp(face),
        },
        AmbiguousOffset::Gap { before, .. } => {
            before.to_timestamp(face).map(|late| change_before(late, zone))
        }
    };
    read.unwrap_or(if face.year() < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX })
}

/// The change of offset at or last before an instant: read with the offset before a gap, a time within it lies at or after the
/// change that makes the gap.
fn change_before(late: jiff::Timestamp, zone: &TimeZone) -> jiff::Timestamp {
    let after = late.checked_add(jiff::SignedDuration::from_nanos(1)).unwrap_or(late);
    zone.preceding(after).next().map_or(late, |change| change.timestamp())
}
