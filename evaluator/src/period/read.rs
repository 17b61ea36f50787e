//! Reading what an operator wrote. Everything that is wrong is told, each by its field.

use std::collections::{BTreeMap, BTreeSet};

use atalaya_api::calendar::{Calendar, Hours as WireHours, WeekRange};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::stretch::Daily;
use super::{HORIZON_DAYS, Hours, Period};
use crate::domain::{Millis, Wrong};

const MOST_RANGES: usize = 100;
const MOST_DAYS: usize = 2_000;
const LONGEST_NAME: usize = 100;

/// The period of a calendar, judged at `now`; its zone, id and name are the caller's to check.
///
/// # Errors
/// Every field that is wrong; `week` when it is not open at any time in the 400 days from `now`.
pub fn calendar(calendar: &Calendar, now: Millis) -> Result<Period, Vec<Wrong>> {
    let mut reader = Reader::default();
    let week = reader.week("week", &calendar.week);
    let (mut holidays, mut yearly) = (BTreeSet::new(), BTreeSet::new());
    reader.at_most("holidays", calendar.holidays.len(), MOST_DAYS);
    for (place, holiday) in calendar.holidays.iter().enumerate().take(MOST_DAYS) {
        reader.name(&format!("holidays[{place}].name"), &holiday.name);
        match day_of(&holiday.date) {
            Some(Day::Once(date)) => drop(holidays.insert(date)),
            Some(Day::Yearly(month, day)) => drop(yearly.insert((month, day))),
            None => reader.wrong.push(Wrong::new(
                format!("holidays[{place}].date"),
                "must be a day such as 2027-01-06, or 01-06 for every year",
                "debe ser un día como 2027-01-06, o 01-06 para todos los años",
            )),
        }
    }
    let exceptions = reader.exceptions(calendar);
    let zone = TimeZone::get(&calendar.time_zone).unwrap_or(TimeZone::UTC);
    reader.done(Hours { zone, week, holidays, yearly, exceptions }, "week", now)
}

/// The period of a week without other days; `field`: its own in the document.
///
/// # Errors
/// Every field that is wrong; `field` when it is never open.
pub fn weekly(field: &str, ranges: &[WeekRange], time_zone: &str, now: Millis) -> Result<Period, Vec<Wrong>> {
    let mut reader = Reader::default();
    let week = reader.week(field, ranges);
    let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
    let (holidays, yearly, exceptions) = Default::default();
    reader.done(Hours { zone, week, holidays, yearly, exceptions }, field, now)
}

enum Day {
    Once(Date),
    Yearly(i8, i8),
}

/// Reads on after a fault.
#[derive(Default)]
struct Reader {
    wrong: Vec<Wrong>,
}

impl Reader {
    fn done(mut self, hours: Hours, field: &str, now: Millis) -> Result<Period, Vec<Wrong>> {
        let period = Period::Hours(Box::new(hours));
        if self.wrong.is_empty() && period.is_never_open(now) {
            self.wrong.push(Wrong::new(
                field,
                format!("is not open at any time in the next {HORIZON_DAYS} days: give it hours"),
                format!("no está abierto en ningún momento de los próximos {HORIZON_DAYS} días: dele horas"),
            ));
        }
        if self.wrong.is_empty() { Ok(period) } else { Err(self.wrong) }
    }

    fn week(&mut self, field: &str, ranges: &[WeekRange]) -> [Vec<Daily>; 7] {
        let mut week: [Vec<Daily>; 7] = Default::default();
        self.at_most(field, ranges.len(), MOST_RANGES);
        for (place, range) in ranges.iter().enumerate().take(MOST_RANGES) {
            let days = format!("{field}[{place}].days");
            if range.days.is_empty() || range.days.iter().any(|day| !(1..=7).contains(day)) {
                let (en, es) = (
                    "must name days from 1 (Monday) to 7 (Sunday)",
                    "debe nombrar días de 1 (lunes) a 7 (domingo)",
                );
                self.wrong.push(Wrong::new(days, en, es));
            }
            let Some(daily) = self.hours(&format!("{field}[{place}].hours"), &range.hours) else { continue };
            for day in range.days.iter().filter(|day| (1..=7).contains(*day)) {
                week[usize::from(*day) - 1].push(daily);
            }
        }
        week
    }

    fn exceptions(&mut self, calendar: &Calendar) -> BTreeMap<Date, Vec<Daily>> {
        let mut exceptions = BTreeMap::new();
        self.at_most("exceptions", calendar.exceptions.len(), MOST_DAYS);
        for (place, exception) in calendar.exceptions.iter().enumerate().take(MOST_DAYS) {
            let field = format!("exceptions[{place}]");
            self.name(&format!("{field}.name"), &exception.name);
            self.at_most(&format!("{field}.hours"), exception.hours.len(), MOST_RANGES);
            let hours = exception.hours.iter().enumerate().take(MOST_RANGES);
            let hours =
                hours.filter_map(|(n, hours)| self.hours(&format!("{field}.hours[{n}]"), hours)).collect();
            let date = format!("{field}.date");
            match day_of(&exception.date) {
                Some(Day::Once(day)) if exceptions.insert(day, hours).is_none() => {}
                Some(Day::Once(_)) => {
                    self.wrong.push(Wrong::new(date, "is there twice", "está dos veces"));
                }
                _ => {
                    let (en, es) = ("must be a day such as 2027-01-06", "debe ser un día como 2027-01-06");
                    self.wrong.push(Wrong::new(date, en, es));
                }
            }
        }
        exceptions
    }

    fn hours(&mut self, field: &str, hours: &WireHours) -> Option<Daily> {
        let from = minutes(&hours.from).filter(|from| *from < 1_440);
        if from.is_none() {
            let (en, es) = ("must be from 00:00 to 23:59", "debe ser de 00:00 a 23:59");
            self.wrong.push(Wrong::new(format!("{field}.from"), en, es));
        }
        let to = minutes(&hours.to);
        if to.is_none() {
            let (en, es) = ("must be from 00:00 to 24:00", "debe ser de 00:00 a 24:00");
            self.wrong.push(Wrong::new(format!("{field}.to"), en, es));
        }
        let (from, to) = from.zip(to)?;
        Some(Daily { from, to: if to > from { to } else { to + 1_440 } })
    }

    fn name(&mut self, field: &str, name: &str) {
        if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            self.wrong.push(Wrong::new(
                field,
                format!("must have at most {LONGEST_NAME} characters, on one line"),
                format!("debe tener como mucho {LONGEST_NAME} caracteres, en una línea"),
            ));
        }
    }

    fn at_most(&mut self, field: &str, count: usize, most: usize) {
        if count > most {
            let (en, es) = (format!("must be at most {most}"), format!("deben ser como mucho {most}"));
            self.wrong.push(Wrong::new(field, en, es));
        }
    }
}

/// Minutes from midnight of `HH:MM`, 24:00 included.
fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
    let all = u16::from(hour) * 60 + u16::from(minute);
    (minute < 60 && all <= 1_440).then_some(all)
}

/// `2027-01-06`, or `01-06` for every year; 02-29 is one of those.
fn day_of(text: &str) -> Option<Day> {
    let parts: Vec<&str> = text.split('-').collect();
    match parts.as_slice() {
        [year, month, day] if year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(Day::Once(date(year.parse().ok()?, month, day)?))
        }
        // A leap year has every day.
        [month, day] => date(2_000, month, day).map(|date| Day::Yearly(date.month(), date.day())),
        _ => None,
    }
}

fn date(year: i16, month: &str, day: &str) -> Option<Date> {
    Date::new(year, two_digits(month)? as i8, two_digits(day)? as i8).ok()
}

fn two_digits(text: &str) -> Option<u8> {
    (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}
