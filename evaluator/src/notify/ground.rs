//! What the plan stands on: receivers, settings and calendars, read anew at each step.

use std::collections::HashMap;

use atalaya_api::receiver::{ReceiverDraft, ReceiverKind};
use atalaya_api::settings::Settings;
use jiff::tz::TimeZone;

use super::Ports;
use crate::domain::{CalendarConfig, MaintenanceId, Millis, ReceiverConfig, Texts};
use crate::period::{self, Period};
use crate::plan::quiet::Window;
use crate::plan::{Closed, Quota, Terms, words};
use crate::store::{Result, RuleTerms, Store};

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ground {
    pub receivers: Vec<ReceiverConfig>,
    pub settings: Settings,
    calendars: Vec<CalendarConfig>,
    /// The planned windows that are in force: when one ends, what still stands is told again.
    windows: Vec<MaintenanceId>,
}

impl Ground {
    pub fn read(ports: &Ports, store: &dyn Store, now: Millis) -> Result<Self> {
        let windows = store.windows()?;
        let in_force = windows.iter().filter(|config| Window::of(config).until(now).is_some());
        Ok(Ground {
            windows: in_force.map(|config| config.id).collect(),
            receivers: ports.receivers.receivers()?,
            settings: (ports.settings)()?,
            calendars: store.calendars()?,
        })
    }

    pub fn drafts(&self) -> Vec<ReceiverDraft> {
        self.receivers.iter().map(|one| one.receiver.clone()).collect()
    }

    /// In which language a receiver is told.
    pub fn language<'a>(&'a self, receiver: &'a ReceiverDraft) -> &'a str {
        receiver.language.as_deref().unwrap_or(&self.settings.language)
    }

    /// What of the settings a way may depend on.
    pub fn basis(&self) -> String {
        let of = &self.settings;
        format!("{} {} {} {:?}", of.public_url, of.language, of.time_zone, of.phone_lists)
    }
}

pub(super) fn terms(receiver: &ReceiverDraft) -> Terms {
    Terms {
        id: receiver.id.clone(),
        enabled: receiver.enabled,
        lowest: receiver.lowest,
        changes: receiver.changes,
        clears: receiver.clears,
        remind_every_ms: receiver.remind_every.map(|every| every.millis()),
        rate: receiver.rate.map(|rate| Quota { messages: rate.messages, per_ms: rate.per.millis() }),
        at_once: receiver.kind == ReceiverKind::Alertmanager,
    }
}

/// How a period stands at an instant.
#[derive(Clone, Default)]
pub(super) struct Standing {
    pub closed: Option<Closed>,
    /// When it closes, if it is open and closes within 400 days.
    pub closes: Option<Millis>,
}

/// Periods at one instant, each looked at once.
pub(super) struct Periods<'a> {
    ground: &'a Ground,
    now: Millis,
    known: HashMap<(String, String), Standing>,
}

impl<'a> Periods<'a> {
    pub fn new(ground: &'a Ground, now: Millis) -> Self {
        Periods { ground, now, known: HashMap::new() }
    }

    /// How a rule's period stands now. One that is gone, or cannot be read any more, is always open.
    pub fn of(&mut self, rule: &RuleTerms) -> Standing {
        let zone = rule.time_zone.clone().unwrap_or_else(|| self.ground.settings.time_zone.clone());
        let key = (rule.period.clone(), zone);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let standing = self.look(&key.0, &key.1).unwrap_or_default();
        self.known.insert(key, standing.clone());
        standing
    }

    fn look(&self, id: &str, zone: &str) -> Option<Standing> {
        let (name, zone, period) = match id {
            "24x7" => return None,
            "daytime" => {
                let name = Texts { en: "daytime".to_owned(), es: "el periodo diurno".to_owned() };
                let hours = period::weekly("daytime", &self.ground.settings.daytime, zone, self.now);
                (name, zone, hours)
            }
            id => {
                let kept = self.ground.calendars.iter().find(|kept| kept.calendar.id == id)?;
                let name = Texts { en: kept.calendar.name.clone(), es: kept.calendar.name.clone() };
                let zone = kept.calendar.time_zone.as_str();
                (name, zone, period::calendar(&kept.calendar, self.now))
            }
        };
        let period: Period = period.ok()?;
        let next = period.next_change(self.now);
        if period.is_open(self.now) {
            return Some(Standing { closed: None, closes: next });
        }
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        Some(Standing { closed: Some(words::closed(&name, next, &zone, self.now)), closes: None })
    }
}
