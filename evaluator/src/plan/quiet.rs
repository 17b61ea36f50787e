//! What keeps it quiet: mutes, and maintenance that was planned. A function of the instant. Its sentences:
//! - A mute holds from its beginning until before its end, a window in each of its stretches, but not before it had these hours and
//!   not after it was deleted.
//! - What is muted by rule or dashboard, or under maintenance, is alarms of rules. Those of sources, checks and the system are muted
//!   one by one, or with the receiver.
//! - Of several that hold, the one that ends last says why.

mod window;

use std::collections::HashMap;
use std::hash::Hash;

use atalaya_api::quiet::MuteKind;

use crate::domain::{AlarmId, MaintenanceConfig, Millis, Mute, RuleId, Texts};

pub use window::Window;

/// What an alarm is, as far as muting cares.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    pub alarm: AlarmId,
    /// None: an alarm of a source, a check or the system.
    pub rule: Option<RuleId>,
    pub dashboard: Option<&'a str>,
}

/// Nobody is told before `until`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hush {
    pub until: Millis,
    pub why: Why,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    Muted { by: String, reason: String },
    Maintenance { name: String },
}

impl Why {
    pub fn words(&self) -> Texts {
        let (en, es) = match self {
            Why::Muted { by, reason } if reason.is_empty() => {
                (format!("muted by {by}"), format!("silenciado por {by}"))
            }
            Why::Muted { by, reason } => {
                (format!("muted by {by}: {reason}"), format!("silenciado por {by}: {reason}"))
            }
            Why::Maintenance { name } => (format!("maintenance: {name}"), format!("mantenimiento: {name}")),
        };
        Texts { en, es }
    }
}

/// What is quiet at an instant, but for receivers: for finding the alarms that are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    pub alarms: Vec<AlarmId>,
    pub rules: Vec<RuleId>,
    pub dashboards: Vec<String>,
    /// All alarms of rules.
    pub everything: bool,
}

/// All mutes and windows, found by what they hold for.
#[derive(Debug, Default)]
pub struct Quiet {
    alarms: By<AlarmId, Mute>,
    rules: By<RuleId, Mute>,
    dashboards: By<String, Mute>,
    receivers: By<String, Mute>,
    windows: Vec<Window>,
    /// Places in `windows`.
    everywhere: Vec<usize>,
    rule_windows: By<RuleId, usize>,
    dashboard_windows: By<String, usize>,
}

type By<K, V> = HashMap<K, Vec<V>>;

fn put<K: Hash + Eq, V>(map: &mut By<K, V>, key: K, value: V) {
    map.entry(key).or_default().push(value);
}

fn under<'a, K, Q, V>(map: &'a By<K, V>, key: Option<&Q>) -> &'a [V]
where
    K: Hash + Eq + std::borrow::Borrow<Q>,
    Q: Hash + Eq + ?Sized,
{
    key.and_then(|key| map.get(key)).map_or(&[], Vec::as_slice)
}

impl Quiet {
    /// What names no thing (an id that is none) holds for nothing.
    pub fn of(mutes: Vec<Mute>, windows: Vec<MaintenanceConfig>) -> Self {
        let mut quiet = Quiet::default();
        mutes.into_iter().for_each(|mute| quiet.add_mute(mute));
        windows.iter().for_each(|window| quiet.add_window(window));
        quiet
    }

    fn add_mute(&mut self, mute: Mute) {
        let id = mute.target.id.clone();
        match mute.target.kind {
            MuteKind::Alarm => drop(id.parse().map(|id| put(&mut self.alarms, id, mute))),
            MuteKind::Rule => drop(id.parse().map(|id| put(&mut self.rules, id, mute))),
            MuteKind::Dashboard => put(&mut self.dashboards, id, mute),
            MuteKind::Receiver => put(&mut self.receivers, id, mute),
        }
    }

    fn add_window(&mut self, config: &MaintenanceConfig) {
        let place = self.windows.len();
        self.windows.push(Window::of(config));
        let planned = &config.maintenance;
        if planned.everything {
            self.everywhere.push(place);
            return;
        }
        for rule in planned.rules.iter().filter_map(|rule| rule.parse().ok()) {
            put(&mut self.rule_windows, rule, place);
        }
        for dashboard in &planned.dashboards {
            put(&mut self.dashboard_windows, dashboard.clone(), place);
        }
    }

    /// Why nobody is told now; of several the one that ends last.
    pub fn hush(&self, target: &Target<'_>, receiver: &str, now: Millis) -> Option<Hush> {
        let holding = self.holders(target, receiver).filter_map(|one| Some((one.until(now)?, one)));
        let (until, last) = holding.max_by_key(|(until, one)| (*until, matches!(one, Holder::Mute(_))))?;
        Some(Hush { until, why: last.why() })
    }

    /// When the latest mute or window that held for it ended, at or before `now`: whoever was told before that is told again.
    pub fn last_end(&self, target: &Target<'_>, receiver: &str, now: Millis) -> Option<Millis> {
        self.holders(target, receiver).filter_map(|one| one.last_end(now)).max()
    }

    /// Until when a receiver itself is muted.
    pub fn receiver_until(&self, receiver: &str, now: Millis) -> Option<Millis> {
        under(&self.receivers, Some(receiver)).iter().filter_map(|mute| Holder::Mute(mute).until(now)).max()
    }

    /// What is quiet now, whoever would be told.
    pub fn covered(&self, now: Millis) -> Covered {
        let in_force = |place: &usize| self.windows[*place].until(now).is_some();
        Covered {
            alarms: muted(&self.alarms, now).copied().collect(),
            rules: muted(&self.rules, now)
                .chain(self.rule_windows.iter().filter(|(_, all)| all.iter().any(in_force)).map(|(id, _)| id))
                .copied()
                .collect(),
            dashboards: muted(&self.dashboards, now)
                .chain(
                    self.dashboard_windows
                        .iter()
                        .filter(|(_, all)| all.iter().any(in_force))
                        .map(|(name, _)| name),
                )
                .cloned()
                .collect(),
            everything: self.everywhere.iter().any(in_force),
        }
    }

    /// Everything that may hold for it.
    fn holders<'a>(
        &'a self,
        target: &Target<'_>,
        receiver: &str,
    ) -> impl Iterator<Item = Holder<'a>> + use<'a> {
        let rule = target.rule.as_ref();
        let dashboard = rule.and(target.dashboard);
        let everywhere = if rule.is_some() { self.everywhere.as_slice() } else { &[] };
        let mutes = under(&self.alarms, Some(&target.alarm))
            .iter()
            .chain(under(&self.rules, rule))
            .chain(under(&self.dashboards, dashboard))
            .chain(under(&self.receivers, Some(receiver)));
        let windows = everywhere
            .iter()
            .chain(under(&self.rule_windows, rule))
            .chain(under(&self.dashboard_windows, dashboard));
        mutes.map(Holder::Mute).chain(windows.map(|place| Holder::Window(&self.windows[*place])))
    }
}

fn muted<K>(map: &By<K, Mute>, now: Millis) -> impl Iterator<Item = &K> {
    let in_force = move |mutes: &Vec<Mute>| mutes.iter().any(|mute| Holder::Mute(mute).until(now).is_some());
    map.iter().filter(move |(_, mutes)| in_force(mutes)).map(|(key, _)| key)
}

/// One thing that keeps it quiet at times.
#[derive(Clone, Copy)]
enum Holder<'a> {
    Mute(&'a Mute),
    Window(&'a Window),
}

impl Holder<'_> {
    /// Its end, when it holds at `now`.
    fn until(self, now: Millis) -> Option<Millis> {
        match self {
            Holder::Mute(mute) => (mute.from <= now && now < mute.until).then_some(mute.until),
            Holder::Window(window) => window.until(now),
        }
    }

    /// The latest end at or before `now`. What was ended as soon as it began never held.
    fn last_end(self, now: Millis) -> Option<Millis> {
        match self {
            Holder::Mute(mute) => (mute.from < mute.until && mute.until <= now).then_some(mute.until),
            Holder::Window(window) => window.last_end(now),
        }
    }

    fn why(self) -> Why {
        match self {
            Holder::Mute(mute) => Why::Muted { by: mute.by.clone(), reason: mute.reason.clone() },
            Holder::Window(window) => Why::Maintenance { name: window.name.clone() },
        }
    }
}

#[cfg(test)]
mod tests;
