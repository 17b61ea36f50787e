//! When a rule may tell people: always, in daytime, or as a calendar says.
//!
//! A [`Period`] is read from what an operator wrote, and is then a function of the instant alone. Its sentences:
//! - A range belongs to the day on which it begins. When its end is not after its beginning it ends on the following day, so
//!   from 08:00 to 08:00 are 24 hours.
//! - On a holiday no range of the week begins, and one of the day before ends at midnight: it is closed all day.
//! - An exception gives a day hours of its own, which win over week and holiday; a range of the week that began the day before
//!   ends at midnight, too. The exception's own ranges run to their end, whatever day comes next.
//! - An hour that daylight saving skips is not there: a range that begins or ends in it does so at the instant of the change.
//!   In an hour that comes twice a range begins the first and ends the second time. Midnight is where a day begins.
//! - Ranges that overlap or touch are one.

mod read;
mod stretch;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::Millis;

pub use read::{calendar, weekly};
use stretch::{Daily, Stretch, midnight};

/// How far it is looked ahead for a change, days.
pub const HORIZON_DAYS: i64 = 400;

const DAY_MS: i64 = 86_400_000;

/// When people may be told.
#[derive(Clone, Debug)]
pub enum Period {
    /// 24x7.
    Always,
    Hours(Box<Hours>),
}

/// Hours of the week in a zone, but for some days.
#[derive(Clone, Debug)]
pub struct Hours {
    zone: TimeZone,
    /// Monday first; what begins on each day.
    week: [Vec<Daily>; 7],
    holidays: BTreeSet<Date>,
    /// Month and day of those of every year.
    yearly: BTreeSet<(i8, i8)>,
    exceptions: BTreeMap<Date, Vec<Daily>>,
}

/// One stretch of time in which a period is open: `from` belongs to it, `to` does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Open {
    pub from: Millis,
    pub to: Millis,
}

impl Period {
    pub fn is_open(&self, at: Millis) -> bool {
        match self {
            Period::Always => true,
            Period::Hours(hours) => !hours.open(at, at.plus(1)).is_empty(),
        }
    }

    /// The first instant after `at` at which it opens or closes. None: not within [`HORIZON_DAYS`].
    pub fn next_change(&self, at: Millis) -> Option<Millis> {
        let Period::Hours(hours) = self else { return None };
        // Most change within days; only what does not is looked at for longer.
        [8, HORIZON_DAYS].into_iter().find_map(|days| {
            let end = at.plus(days * DAY_MS);
            let first = *hours.open(at, end).first()?;
            let change = if first.from == at { first.to } else { first.from };
            (change < end).then_some(change)
        })
    }

    /// When it is open from an instant until before another, oldest first, with closed time between.
    pub fn open_ranges(&self, from: Millis, to: Millis) -> Vec<Open> {
        match self {
            _ if from >= to => Vec::new(),
            Period::Always => vec![Open { from, to }],
            Period::Hours(hours) => hours.open(from, to),
        }
    }

    /// Not open at any instant within [`HORIZON_DAYS`].
    pub fn is_never_open(&self, from: Millis) -> bool {
        !self.is_open(from) && self.next_change(from).is_none()
    }
}

impl Hours {
    fn open(&self, from: Millis, to: Millis) -> Vec<Open> {
        let mut found: Vec<Open> = self
            .days(from, to)
            .flat_map(|day| self.stretches(day))
            .map(|stretch| Open { from: stretch.from.max(from), to: stretch.to.min(to) })
            .filter(|open| open.from < open.to)
            .collect();
        found.sort_unstable();
        merged(found)
    }

    /// The days whose stretches may reach between two instants. A day more at each end: a clock that is set back at midnight
    /// shows the day before again.
    fn days(&self, from: Millis, to: Millis) -> impl Iterator<Item = Date> {
        let local = |at: Millis| self.zone.to_datetime(at.timestamp()).date();
        let first = (0..2).fold(local(from), |day, _| day.yesterday().unwrap_or(day));
        let last = local(to).tomorrow().unwrap_or(Date::MAX);
        std::iter::successors(Some(first), |day| day.tomorrow().ok()).take_while(move |day| *day <= last)
    }

    /// What begins on a day.
    fn stretches(&self, day: Date) -> Vec<Stretch> {
        if let Some(own) = self.exceptions.get(&day) {
            return own.iter().map(|daily| daily.on(day, &self.zone)).collect();
        }
        if self.is_holiday(day) {
            return Vec::new();
        }
        let end =
            day.tomorrow().ok().filter(|next| self.is_apart(*next)).map(|next| midnight(next, &self.zone));
        let daily = &self.week[day.weekday().to_monday_zero_offset() as usize];
        let cut =
            |stretch: Stretch| Stretch { to: end.map_or(stretch.to, |end| stretch.to.min(end)), ..stretch };
        daily.iter().map(|daily| cut(daily.on(day, &self.zone))).collect()
    }

    /// No range of the week reaches into such a day.
    fn is_apart(&self, day: Date) -> bool {
        self.exceptions.contains_key(&day) || self.is_holiday(day)
    }

    fn is_holiday(&self, day: Date) -> bool {
        self.holidays.contains(&day) || self.yearly.contains(&(day.month(), day.day()))
    }
}

/// Sorted stretches, those that overlap or touch made one.
fn merged(sorted: Vec<Open>) -> Vec<Open> {
    let mut merged: Vec<Open> = Vec::with_capacity(sorted.len());
    for open in sorted {
        match merged.last_mut() {
            Some(last) if open.from <= last.to => last.to = last.to.max(open.to),
            _ => merged.push(open),
        }
    }
    merged
}

#[cfg(test)]
mod tests;
