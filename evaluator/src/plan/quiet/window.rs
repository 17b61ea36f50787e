//! A planned window as a function of the instant.

use std::sync::{Mutex, PoisonError};

use crate::domain::{MaintenanceConfig, Millis};
use crate::period::{self, Open, Period};

const DAY_MS: i64 = 86_400_000;

/// How far around a day the stretches of a week are looked up, days: beyond the same hours of the last and the next week, even when
/// daylight saving skips one of them.
const AROUND_DAYS: i64 = 15;

/// When a planned maintenance is in force.
#[derive(Debug)]
pub struct Window {
    pub name: String,
    /// It had no such hours before.
    since: Millis,
    /// When it was deleted.
    gone: Option<Millis>,
    hours: Hours,
}

#[derive(Debug)]
enum Hours {
    Once(Open),
    Weekly(Box<Weekly>),
    Never,
}

/// Hours of the week, with the stretches around the day that was asked for last: thousands of alarms ask for one instant.
#[derive(Debug)]
struct Weekly {
    period: Period,
    known: Mutex<Option<Known>>,
}

#[derive(Debug)]
struct Known {
    day: i64,
    stretches: Vec<Open>,
}

impl Window {
    pub fn of(config: &MaintenanceConfig) -> Self {
        let planned = &config.maintenance;
        let hours = match (&planned.once, &planned.weekly) {
            (Some(once), _) => Hours::Once(Open { from: once.from.into(), to: once.to.into() }),
            // What was right when it was saved may be in a zone that is no more.
            (None, Some(weekly)) => {
                match period::weekly("weekly.week", &weekly.week, &weekly.time_zone, config.since) {
                    Ok(period) => Hours::Weekly(Box::new(Weekly { period, known: Mutex::default() })),
                    Err(_) => Hours::Never,
                }
            }
            (None, None) => Hours::Never,
        };
        Window { name: planned.name.clone(), since: config.since, gone: config.deleted_at, hours }
    }

    /// Its end, when it is in force at `now`. One that is open all week long is said to be so for two weeks more.
    pub fn until(&self, now: Millis) -> Option<Millis> {
        let find = |stretches: &[Open]| {
            let after = stretches.partition_point(|open| open.from <= now);
            stretches[..after].last().and_then(|open| self.held(open)).filter(|open| now < open.to)
        };
        self.about(now, find).filter(|open| open.from <= now).map(|open| open.to)
    }

    /// When it begins next, after `now`.
    pub fn next(&self, now: Millis) -> Option<Millis> {
        let find = |stretches: &[Open]| {
            stretches.iter().filter_map(|open| self.held(open)).find(|open| open.from > now)
        };
        self.about(now, find).map(|open| open.from)
    }

    /// When it last ended, at or before `now`.
    pub fn last_end(&self, now: Millis) -> Option<Millis> {
        let find = |stretches: &[Open]| {
            let ended = stretches.iter().rev().filter_map(|open| self.held(open));
            ended.map(|open| open.to).find(|end| *end <= now)
        };
        self.about(now, find)
    }

    /// What is left of a stretch between its making and its deletion.
    fn held(&self, open: &Open) -> Option<Open> {
        let to = self.gone.map_or(open.to, |gone| open.to.min(gone));
        let held = Open { from: open.from.max(self.since), to };
        (held.from < held.to).then_some(held)
    }

    /// Looks at the stretches around an instant, oldest first.
    fn about<T>(&self, now: Millis, look: impl FnOnce(&[Open]) -> Option<T>) -> Option<T> {
        match &self.hours {
            Hours::Once(open) => look(&[*open]),
            Hours::Weekly(weekly) => weekly.about(now, look),
            Hours::Never => None,
        }
    }
}

impl Weekly {
    fn about<T>(&self, now: Millis, look: impl FnOnce(&[Open]) -> Option<T>) -> Option<T> {
        let day = now.0.div_euclid(DAY_MS);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = match &mut *known {
            Some(known) if known.day == day => known,
            other => other.insert(Known { day, stretches: self.around(day) }),
        };
        look(&known.stretches)
    }

    fn around(&self, day: i64) -> Vec<Open> {
        let at = |day: i64| Millis(day.saturating_mul(DAY_MS));
        self.period.open_ranges(at(day - AROUND_DAYS), at(day + 1 + AROUND_DAYS))
    }
}
