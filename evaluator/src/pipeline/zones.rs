//! The time zones that rules name. Many rules share few zones and one instant: each is converted once.

use jiff::tz::TimeZone;

use crate::domain::Millis;
use crate::window;

/// A zone's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZoneId(u32);

#[derive(Default)]
pub struct Zones {
    all: Vec<Zone>,
}

struct Zone {
    name: Box<str>,
    zone: TimeZone,
    /// The latest answer.
    last: (Millis, u16),
}

impl Zones {
    /// The zone of this IANA name. One that is unknown was refused when the rule was saved; it counts as UTC.
    pub fn get(&mut self, name: &str) -> ZoneId {
        let known = self.all.iter().position(|zone| &*zone.name == name);
        let place = known.unwrap_or_else(|| {
            let zone = TimeZone::get(name).unwrap_or(TimeZone::UTC);
            let last = (Millis(0), window::minute_of_week(Millis(0), &zone));
            self.all.push(Zone { name: name.into(), zone, last });
            self.all.len() - 1
        });
        ZoneId(place as u32)
    }

    /// The minute of the week in a zone, Monday 00:00 = 0.
    pub fn minute_of_week(&mut self, zone: ZoneId, now: Millis) -> u16 {
        let zone = &mut self.all[zone.0 as usize];
        if zone.last.0 != now {
            zone.last = (now, window::minute_of_week(now, &zone.zone));
        }
        zone.last.1
    }
}
