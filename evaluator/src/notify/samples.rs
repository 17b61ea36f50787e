//! Messages of alarms that are made up: what a receiver would get.

use atalaya_api::delivery::DeliveryKind;

use crate::domain::{AlarmId, Message, Millis, RuleId, Said, Severity, Texts};

/// How long the made-up alarm had stood, ms.
const STOOD: i64 = 600_000;

/// One of each that people ask to see before it happens, with what it is of.
pub fn previews(at: Millis) -> [(&'static str, Message); 4] {
    let single = |kind, said: Said| message(kind, at, vec![said]);
    [
        ("raised", single(DeliveryKind::Raised, Said { raised_at: at, ..standing(at) })),
        ("cleared", single(DeliveryKind::Cleared, gone(at))),
        ("group", message(DeliveryKind::Group, at, several(at, &[(7, Severity::Major)]))),
        (
            "summary",
            message(
                DeliveryKind::Summary,
                at,
                several(at, &[(1, Severity::Critical), (12, Severity::Major), (986, Severity::Warning)]),
            ),
        ),
    ]
}

/// A message that says that it is a test. `key`: as of any message.
pub fn test(key: String, at: Millis) -> Message {
    Message { key, kind: DeliveryKind::Test, at, severity: None, alarms: Vec::new() }
}

fn message(kind: DeliveryKind, at: Millis, alarms: Vec<Said>) -> Message {
    Message {
        key: format!("sample-{}", at.0),
        kind,
        at,
        severity: alarms.first().and_then(|said| said.severity),
        alarms,
    }
}

/// One that stands.
fn standing(at: Millis) -> Said {
    Said {
        alarm: AlarmId::raised_by("series/sample", 1),
        seq: 1,
        subject: "lab.router1.cpu".to_owned(),
        rule: Some(RuleId::from_bytes([7; 16])),
        rule_name: "CPU router1".to_owned(),
        dashboard: Some("Routers".to_owned()),
        panel: Some("CPU".to_owned()),
        unit: Some("%".to_owned()),
        severity: Some(Severity::Critical),
        before: None,
        value: Some(95.5),
        raised_at: at.plus(-STOOD),
        changed_at: at,
        message: Texts { en: "is above 90".to_owned(), es: "está por encima de 90".to_owned() },
        note: "Primera línea\nSegunda línea".to_owned(),
        runbook_url: Some("https://wiki.example.org/cpu".to_owned()),
    }
}

/// The same, when it is over.
fn gone(at: Millis) -> Said {
    Said {
        seq: 2,
        severity: None,
        before: Some(Severity::Critical),
        value: Some(12.0),
        message: Texts { en: "back to normal".to_owned(), es: "vuelve a la normalidad".to_owned() },
        ..standing(at)
    }
}

/// Of one panel.
fn several(at: Millis, counts: &[(usize, Severity)]) -> Vec<Said> {
    let severities = counts.iter().flat_map(|(count, severity)| std::iter::repeat_n(*severity, *count));
    let each = severities.enumerate().map(|(place, severity)| Said {
        alarm: AlarmId::raised_by(&format!("series/sample/{place}"), 1),
        subject: format!("AND{place:03}"),
        rule_name: "Nbr. Disconnected eNodeB".to_owned(),
        dashboard: Some("LTE".to_owned()),
        panel: Some("eNodeB".to_owned()),
        severity: Some(severity),
        raised_at: at,
        ..standing(at)
    });
    each.collect()
}

#[cfg(test)]
pub mod fixed {
    //! The same at one instant, for tests.

    use super::*;

    /// 2027-01-15 08:00:00 UTC.
    pub const AT: Millis = Millis(1_800_000_000_000);

    pub fn raised() -> Said {
        standing(AT)
    }

    pub fn cleared() -> Said {
        gone(AT)
    }

    pub fn several(counts: &[(usize, Severity)]) -> Vec<Said> {
        super::several(AT, counts)
    }

    pub fn message(kind: DeliveryKind, alarms: Vec<Said>) -> Message {
        super::message(kind, AT, alarms)
    }
}
