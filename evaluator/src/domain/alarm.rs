//! Alarms and the transitions that make them.

use std::sync::Arc;

use atalaya_api::alarm::SubjectKind;
use atalaya_api::level::Severity;
use serde::{Deserialize, Serialize};

use super::ids::{AlarmId, RuleId};
use super::quiet::Acknowledgement;
use super::reason::Reason;
use super::time::Millis;

/// What an alarm is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    Series {
        rule: RuleId,
        series: Arc<str>,
    },
    Source {
        id: Arc<str>,
    },
    Check {
        name: Arc<str>,
    },
    System {
        cause: Arc<str>,
    },
    /// A series of another system, in one alarm of its history.
    Past {
        alarm: AlarmId,
        series: Arc<str>,
    },
}

impl Subject {
    pub fn kind(&self) -> SubjectKind {
        match self {
            Subject::Series { .. } | Subject::Past { .. } => SubjectKind::Series,
            Subject::Source { .. } => SubjectKind::Source,
            Subject::Check { .. } => SubjectKind::Check,
            Subject::System { .. } => SubjectKind::System,
        }
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        match self {
            Subject::Series { series, .. } | Subject::Past { series, .. } => series,
            Subject::Source { id } => id,
            Subject::Check { name } => name,
            Subject::System { cause } => cause,
        }
    }

    /// One text per subject, stable: the key under which its `seq` counts.
    pub fn key(&self) -> String {
        match self {
            Subject::Series { rule, series } => format!("series/{rule}/{series}"),
            Subject::Source { id } => format!("source/{id}"),
            Subject::Check { name } => format!("check/{name}"),
            Subject::System { cause } => format!("system/{cause}"),
            Subject::Past { alarm, series } => format!("past/{alarm}/{series}"),
        }
    }
}

/// The same sentence in the languages of the browser.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texts {
    pub en: String,
    pub es: String,
}

impl Texts {
    pub fn in_language(&self, language: &str) -> &str {
        if language.starts_with("es") { &self.es } else { &self.en }
    }
}

/// What an alarm remembers of its rule, as it was when the transition was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlarmContext {
    pub rule_name: String,
    pub dashboard: Option<String>,
    pub panel: Option<String>,
    pub unit: Option<String>,
}

/// One step of an alarm's life, as decided; the store writes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Transition {
    pub subject: Subject,
    pub alarm: AlarmId,
    /// Per subject, from 1, without gaps.
    pub seq: u64,
    /// The instant of the evaluation that decided it, or of the edit.
    pub at: Millis,
    /// None: not raised before.
    pub before: Option<Severity>,
    /// None: cleared.
    pub after: Option<Severity>,
    pub reason: Reason,
    pub value: Option<f64>,
    pub message: Texts,
    /// The encoded run that decided it; none for edits and causes.
    pub evidence: Option<Vec<u8>>,
    pub context: Arc<AlarmContext>,
}

/// An alarm as the store gives it back.
#[derive(Clone, Debug, PartialEq)]
pub struct AlarmRow {
    pub id: AlarmId,
    pub subject: Subject,
    pub context: AlarmContext,
    pub severity: Severity,
    pub worst: Severity,
    /// At the last transition that was not a clear.
    pub value: Option<f64>,
    pub raised_value: Option<f64>,
    pub raised_at: Millis,
    pub cleared_at: Option<Millis>,
    /// Of the last transition.
    pub reason: Reason,
    pub message: Texts,
    pub seq: u64,
    pub acknowledged: Option<Acknowledgement>,
}

/// An alarm of another system's history.
#[derive(Clone, Debug, PartialEq)]
pub struct PastAlarm {
    /// What it was of, as that system calls it.
    pub metric: Arc<str>,
    pub dashboard: Option<String>,
    pub panel: Option<String>,
    /// The last one in alarm.
    pub value: Option<f64>,
    pub severity: Severity,
    pub raised_at: Millis,
    pub cleared_at: Millis,
    /// It had no end there; `cleared_at` is the latest that it may have stood for sure.
    pub is_open: bool,
}

impl PastAlarm {
    /// Derived from all but its end and its value, so that a history read twice, or read again when it is longer, has each alarm once.
    pub fn id(&self) -> AlarmId {
        let place = (&self.metric, &self.dashboard, &self.panel, self.severity, self.raised_at);
        AlarmId::raised_by(&format!("past/{place:?}"), 1)
    }

    pub fn subject(&self) -> Subject {
        Subject::Past { alarm: self.id(), series: self.metric.clone() }
    }
}
