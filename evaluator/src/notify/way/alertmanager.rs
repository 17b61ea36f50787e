//! Alarms into Prometheus' Alertmanager, by `POST /api/v2/alerts` of its API v2 (0.25).
//!
//! To Alertmanager an alert *is* its set of labels. The severity is one of them, because it routes by labels alone; so a change of
//! severity is two alerts, the new one and the old one resolved at that instant. Each alert ends by itself three refreshes after it
//! was said last: an old one whose end got lost does not stay.

use std::collections::BTreeMap;
use std::time::Duration;

use atalaya_api::delivery::DeliveryKind;
use atalaya_api::receiver::AlertmanagerWay;
use serde::Serialize;

use super::asking::ask;
use super::brief::TextOf;
use crate::clock::{Clock, SystemClock};
use crate::domain::{Message, Millis, Said, Secret, Severity};
use crate::notify::{Failure, Way};
use crate::source::remote::Unusable;
use crate::source::remote::http::{Outgoing, Place, Reach, Request};

/// What stands is said again this often,
const REFRESH: Duration = Duration::from_secs(60);

/// and ends by itself after so many of them.
const REFRESHES: i64 = 3;

/// A test alert ends by itself after this, ms.
const TEST_ENDS_AFTER: i64 = 60_000;

/// Names with values; without the empty ones, which to Alertmanager are not there.
type Pairs = BTreeMap<&'static str, String>;

/// An Alertmanager, told of alarms as Prometheus would.
pub struct Alertmanager {
    place: Place,
    outgoing: Outgoing,
    facing: Facing,
    clock: SystemClock,
}

/// What its alerts say besides the alarms' own facts.
pub struct Facing {
    /// The summary.
    pub text: TextOf,
    /// `es` or `en`.
    pub language: String,
    /// Where people open Atalaya; empty: not known.
    pub public_url: String,
}

/// One of a request's list.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Alert {
    labels: Pairs,
    annotations: Pairs,
    starts_at: String,
    ends_at: String,
    #[serde(rename = "generatorURL", skip_serializing_if = "String::is_empty")]
    generator_url: String,
}

impl Alertmanager {
    /// # Errors
    /// A setting cannot be used: its field, and what would be right.
    pub fn new(way: &AlertmanagerWay, secret: &Secret, facing: Facing) -> Result<Self, Unusable> {
        let place = Place::parse(&way.url, "alertmanager.url")?;
        let reach = Reach {
            username: Some(way.username.clone()).filter(|name| !name.is_empty()),
            secret: Secret { password: secret.password.clone(), token: None },
            ca_pem: way.ca_pem.clone(),
            glimpse: true,
            ..Reach::default()
        };
        let outgoing =
            Outgoing::new(&reach).map_err(|wrong| Unusable { field: field(&wrong.field), ..wrong })?;
        Ok(Alertmanager { place, outgoing, facing, clock: SystemClock::new() })
    }
}

/// Of the receiver, as the API names it.
fn field(of_reach: &str) -> String {
    if of_reach == "password" { "secret".to_owned() } else { format!("alertmanager.{of_reach}") }
}

impl Way for Alertmanager {
    fn send(&self, message: &Message) -> Result<String, Failure> {
        let alerts = self.facing.alerts(message, self.clock.now().wall);
        let body = serde_json::to_vec(&alerts).expect("texts are JSON");
        let url = self.place.at("/api/v2/alerts");
        let request = Request::json(url.clone(), url, body);
        let quoter = self.outgoing.quoter();
        let received = ask(&self.outgoing, quoter, &request)?;
        let words = quoter.answer(&received.body);
        Ok(format!("{} {words}", received.status).trim_end().to_owned())
    }

    fn refresh_every(&self) -> Option<Duration> {
        Some(REFRESH)
    }
}

impl Facing {
    fn alerts(&self, message: &Message, now: Millis) -> Vec<Alert> {
        if message.alarms.is_empty() {
            return vec![self.bare(message, now)];
        }
        message.alarms.iter().flat_map(|said| self.of_one(message, said, now)).collect()
    }

    /// As it is now, and, of another severity, as it was before.
    fn of_one(&self, message: &Message, said: &Said, now: Millis) -> Vec<Alert> {
        let firing = said.severity.map(|severity| {
            let ends = now.plus(if message.kind == DeliveryKind::Test { TEST_ENDS_AFTER } else { lasting() });
            self.alert(message, said, severity, ends)
        });
        // Cleared before anybody was told, as far as is known: whichever it was told of ends.
        let over: &[Severity] = match (&said.before, said.severity) {
            (Some(before), severity) if severity != Some(*before) => std::slice::from_ref(before),
            (None, None) => &Severity::ALL,
            _ => &[],
        };
        let ended = over.iter().map(|severity| self.alert(message, said, *severity, said.changed_at));
        firing.into_iter().chain(ended).collect()
    }

    fn alert(&self, message: &Message, said: &Said, severity: Severity, ends: Millis) -> Alert {
        let name = if said.rule_name.is_empty() { "Atalaya" } else { &said.rule_name };
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let id = said.rule.map(|rule| rule.to_string()).unwrap_or_default();
        let link = match self.public_url.trim_end_matches('/') {
            "" => String::new(),
            url => format!("{url}/history/{}", said.alarm),
        };
        // Not a copy of the whole: each of a flood's alarms would take all the others along.
        let alone = Message {
            key: message.key.clone(),
            kind: message.kind,
            at: message.at,
            severity: said.severity,
            alarms: vec![said.clone()],
        };
        Alert {
            labels: pairs([
                ("alertname", name.to_owned()),
                ("severity", severity.name().to_owned()),
                ("series", said.subject.clone()),
                ("dashboard", text(&said.dashboard)),
                ("panel", text(&said.panel)),
                ("rule_id", id),
                ("alarm_id", said.alarm.to_string()),
            ]),
            annotations: pairs([
                ("summary", (self.text)(&alone)),
                ("description", self.description(said)),
                ("runbook_url", text(&said.runbook_url)),
            ]),
            starts_at: said.raised_at.to_string(),
            // An end before the start is refused.
            ends_at: ends.max(said.raised_at).to_string(),
            generator_url: link,
        }
    }

    /// What the check said, and below it the rule's note.
    fn description(&self, said: &Said) -> String {
        let lines = [said.message.in_language(&self.language), &said.note];
        let lines: Vec<&str> = lines.into_iter().map(str::trim).filter(|line| !line.is_empty()).collect();
        lines.join("\n")
    }

    /// Of no alarm, as a test may be.
    fn bare(&self, message: &Message, now: Millis) -> Alert {
        let severity = message.severity.unwrap_or(Severity::Warning).name().to_owned();
        Alert {
            labels: pairs([("alertname", "Atalaya".to_owned()), ("severity", severity)]),
            annotations: pairs([("summary", (self.text)(message))]),
            starts_at: message.at.min(now).to_string(),
            ends_at: now.plus(TEST_ENDS_AFTER).to_string(),
            generator_url: self.public_url.clone(),
        }
    }
}

/// How long an alert stands without being said again, ms.
fn lasting() -> i64 {
    REFRESHES * i64::try_from(REFRESH.as_millis()).unwrap_or(i64::MAX)
}

fn pairs<const N: usize>(all: [(&'static str, String); N]) -> Pairs {
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

#[cfg(test)]
#[path = "alertmanager_tests.rs"]
mod tests;
