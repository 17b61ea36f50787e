//! A message in one short line, for ways that have no room: severity, metric, value, time.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use atalaya_api::delivery::DeliveryKind;
use jiff::tz::TimeZone;

use crate::domain::{Message, Millis, Said, Severity};
use crate::notify::words::{common, is_spanish, line, severity_words, value};

/// How a message reads.
pub type TextOf = Box<dyn Fn(&Message) -> String + Send + Sync>;

/// Of several alarms so many are named.
const NAMED: usize = 2;

/// What is shown of a severity's, a metric's and a time's words.
#[derive(Clone, Debug)]
pub struct Brief {
    /// `es` or `en`.
    pub language: String,
    pub zone: TimeZone,
}

impl Brief {
    /// As a function that a way is made with.
    pub fn text_of(self) -> TextOf {
        Box::new(move |message| self.text(message))
    }

    /// `CRITICAL router1.cpu 95.2 % 03:10`, `OK router1.cpu 03:25`, `7 MAJOR CPU: a, b +5 03:10`, `2 CRITICAL, 40 WARNING 03:10`.
    pub fn text(&self, message: &Message) -> String {
        let time = self.time(message);
        match (message.kind, message.alarms.as_slice()) {
            (DeliveryKind::Test, _) => {
                format!("{} {time}", self.word("Atalaya: test message", "Atalaya: mensaje de prueba"))
            }
            (DeliveryKind::Summary, alarms) => format!("{} {time}", self.counts(alarms)),
            (_, [one]) => self.of_one(one, &time),
            (_, alarms) => format!("{} {time}", self.of_several(message.severity, alarms)),
        }
    }

    fn of_one(&self, said: &Said, time: &str) -> String {
        let subject = line(&said.subject);
        let mut text = format!("{} {subject}", self.severity(said.severity));
        if let Some(value) = value(said.value, said.unit.as_deref(), &self.language) {
            let _ = write!(text, " {value}");
        }
        let _ = write!(text, " {time}");
        for place in [said.dashboard.as_deref().unwrap_or_default(), &said.rule_name].map(line) {
            if !place.is_empty() && place != subject {
                let _ = write!(text, " - {place}");
            }
        }
        text
    }

    fn of_several(&self, severity: Option<Severity>, alarms: &[Said]) -> String {
        let subjects: Vec<String> = alarms.iter().take(NAMED).map(|said| line(&said.subject)).collect();
        let mut text = format!("{} {}", alarms.len(), self.severity(severity));
        if let Some(name) = common(alarms) {
            let _ = write!(text, " {name}");
        }
        let _ = write!(text, ": {}", subjects.join(", "));
        if alarms.len() > NAMED {
            let _ = write!(text, " +{}", alarms.len() - NAMED);
        }
        text
    }

    /// Worst first.
    fn counts(&self, alarms: &[Said]) -> String {
        let mut counts: BTreeMap<_, usize> = BTreeMap::new();
        for said in alarms {
            *counts.entry(std::cmp::Reverse(said.severity)).or_default() += 1;
        }
        let parts = counts.iter().map(|(severity, count)| format!("{count} {}", self.severity(severity.0)));
        parts.collect::<Vec<_>>().join(", ")
    }

    fn severity(&self, severity: Option<Severity>) -> String {
        match severity {
            None => "OK".to_owned(),
            some => severity_words(some, &self.language, false).to_uppercase(),
        }
    }

    fn word(&self, en: &'static str, es: &'static str) -> &'static str {
        if is_spanish(&self.language) { es } else { en }
    }

    /// Of what changed last; with its day when the message is of another.
    fn time(&self, message: &Message) -> String {
        let changed = message.alarms.iter().map(|said| said.changed_at).max().unwrap_or(message.at);
        let local = |at: Millis| at.timestamp().to_zoned(self.zone.clone());
        let (changed, told) = (local(changed), local(message.at));
        let format = if changed.date() == told.date() { "%H:%M" } else { "%d/%m %H:%M" };
        changed.strftime(format).to_string()
    }
}

/// The same with names of at most so many characters, at least 8: the beginning and the end of a name stay, two dots stand between.
pub fn abbreviated(message: &Message, longest: usize) -> Message {
    let mut message = message.clone();
    for said in &mut message.alarms {
        let names = [&mut said.subject, &mut said.rule_name, &mut said.note];
        let places = [said.dashboard.as_mut(), said.panel.as_mut()].into_iter().flatten();
        for name in names.into_iter().chain(places).chain([&mut said.message.en, &mut said.message.es]) {
            *name = shortened(name, longest);
        }
    }
    message
}

fn shortened(name: &str, longest: usize) -> String {
    let count = name.chars().count();
    if count <= longest {
        return name.to_owned();
    }
    let room = longest.max(8) - 2;
    let (start, end) = (room / 2, room - room / 2);
    let chars = || name.chars();
    format!("{}..{}", chars().take(start).collect::<String>(), chars().skip(count - end).collect::<String>())
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// 1994-11-06 08:49 UTC.
    pub const AT: Millis = Millis(784_111_740_000);

    pub fn said(subject: &str, severity: Option<Severity>, value: f64) -> Said {
        Said {
            alarm: crate::domain::AlarmId::from_bytes([1; 16]),
            seq: 1,
            subject: subject.to_owned(),
            rule: Some(crate::domain::RuleId::from_bytes([2; 16])),
            rule_name: "CPU".to_owned(),
            dashboard: Some("Routers".to_owned()),
            panel: Some("Load".to_owned()),
            unit: Some("%".to_owned()),
            severity,
            before: None,
            value: Some(value),
            raised_at: AT.plus(-60_000),
            changed_at: AT,
            message: crate::domain::Texts { en: "is above 90".into(), es: "está por encima de 90".into() },
            note: "Call the NOC".to_owned(),
            runbook_url: Some("https://wiki.example/cpu".to_owned()),
        }
    }

    pub fn message(kind: DeliveryKind, alarms: Vec<Said>) -> Message {
        let severity = alarms.iter().filter_map(|said| said.severity).max();
        Message { key: "k-1".to_owned(), kind, at: AT, severity, alarms }
    }

    pub fn raised(subject: &str) -> Message {
        message(DeliveryKind::Raised, vec![said(subject, Some(Severity::Critical), 95.25)])
    }

    pub fn brief(language: &str) -> Brief {
        let zone = TimeZone::get("Europe/Madrid").expect("a zone");
        Brief { language: language.to_owned(), zone }
    }

    #[test]
    fn one_alarm_is_severity_metric_value_and_local_time() {
        assert_eq!(
            brief("en").text(&raised("router1.cpu")),
            "CRITICAL router1.cpu 95.25 % 09:49 - Routers - CPU"
        );
        assert_eq!(
            brief("es").text(&raised("router1.cpu")),
            "CRÍTICA router1.cpu 95,25 % 09:49 - Routers - CPU"
        );
        let cleared = message(DeliveryKind::Cleared, vec![said("router1.cpu", None, 50.0)]);
        assert_eq!(brief("es").text(&cleared), "OK router1.cpu 50 % 09:49 - Routers - CPU");
    }

    #[test]
    fn what_is_told_on_another_day_says_which() {
        let mut late = raised("a");
        late.at = AT.plus(86_400_000);
        assert_eq!(brief("en").text(&late), "CRITICAL a 95.25 % 06/11 09:49 - Routers - CPU");
    }

    #[test]
    fn several_alarms_name_the_first_and_count_the_rest() {
        let alarms = ["a", "b", "c", "d"].map(|name| said(name, Some(Severity::Major), 1.0)).to_vec();
        assert_eq!(
            brief("es").text(&message(DeliveryKind::Group, alarms.clone())),
            "4 MAYOR CPU: a, b +2 09:49"
        );
        let mut mixed = alarms;
        mixed.push(said("e", Some(Severity::Critical), 1.0));
        assert_eq!(brief("en").text(&message(DeliveryKind::Summary, mixed)), "1 CRITICAL, 4 MAJOR 09:49");
        assert_eq!(brief("en").text(&message(DeliveryKind::Test, Vec::new())), "Atalaya: test message 09:49");
    }

    #[test]
    fn several_alarms_of_several_rules_name_none_of_them_but_what_they_share() {
        let mut alarms = ["a", "b"].map(|name| said(name, Some(Severity::Major), 1.0)).to_vec();
        alarms[1].rule_name = "Memory".to_owned();
        assert_eq!(brief("en").text(&message(DeliveryKind::Group, alarms)), "2 MAJOR Load: a, b 09:49");
    }

    #[test]
    fn a_long_name_keeps_its_beginning_and_its_end() {
        assert_eq!(shortened("net.madrid.router1.ifInOctets", 14), "net.ma..Octets");
        assert_eq!(shortened("short", 14), "short");
        assert_eq!(shortened("ñañañañañañañaña", 9), "ñañ..ñaña");
        let short = abbreviated(&raised(&"x".repeat(300)), 20);
        assert_eq!(short.alarms[0].subject.chars().count(), 20);
    }
}
