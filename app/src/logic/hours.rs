//! Hours of the week during which other levels hold.

use serde_json::Value;

use super::threshold::Stretch;

/// Which days of the week, Monday first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Days(pub [bool; 7]);

impl Default for Days {
    fn default() -> Self {
        Days([true; 7])
    }
}

impl Days {
    /// As the check names them.
    pub const NAMES: [&'static str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    pub fn every(self) -> bool {
        self == Days::default()
    }

    /// The names of the chosen ones.
    pub fn names(self) -> Vec<&'static str> {
        Self::NAMES.into_iter().zip(self.0).filter_map(|(name, on)| on.then_some(name)).collect()
    }

    /// Those that are named; all where nothing is said.
    pub fn of(value: Option<&Value>) -> Self {
        let Some(Value::Array(named)) = value else { return Days::default() };
        Days(Self::NAMES.map(|name| named.iter().any(|day| day == name)))
    }
}

/// A stretch once read: its days, and minutes of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    pub days: Days,
    pub from: u16,
    pub to: u16,
}

impl Hours {
    /// What can be read of a stretch.
    pub fn of(stretch: &Stretch) -> Option<Self> {
        Some(Hours {
            days: stretch.days,
            from: minute_of_day(&stretch.from)?,
            to: minute_of_day(&stretch.to)?,
        })
    }

    /// Whether it holds at a minute of the week, 0 (Monday 00:00) to 10079. Days are those on which it starts.
    pub fn holds_at(self, minute: u16) -> bool {
        let (day, time) = (usize::from(minute / 1440 % 7), minute % 1440);
        let starts_on = |day: usize| self.days.0[day % 7];
        if self.from < self.to {
            return (self.from..self.to).contains(&time) && starts_on(day);
        }
        (time >= self.from && starts_on(day)) || (time < self.to && starts_on(day + 6))
    }
}

/// `22:00` as minutes since midnight; `24:00` is the end of the day.
pub fn minute_of_day(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let short = |part: &str| (1..=2).contains(&part.len()) && part.chars().all(|c| c.is_ascii_digit());
    if !short(hours) || minutes.len() != 2 || !short(minutes) {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (minutes < 60 && (hours < 24 || (hours == 24 && minutes == 0))).then_some(hours * 60 + minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_starts() {
        let mut days = Days([false; 7]);
        days.0[6] = true;
        let sunday_night = Hours { days, from: 22 * 60, to: 6 * 60 };
        let at = |day: u16, hour: u16| sunday_night.holds_at(day * 1440 + hour * 60);
        assert!(at(6, 23) && at(0, 5));
        assert!(!at(6, 5) && !at(0, 23) && !at(0, 6));
    }
}
