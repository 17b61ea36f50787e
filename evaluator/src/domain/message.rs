//! What is said to a receiver: facts, which each way puts into words of its own.

use atalaya_api::delivery::DeliveryKind;
use serde::{Deserialize, Serialize};

use super::Severity;
use super::alarm::Texts;
use super::ids::{AlarmId, RuleId};
use super::time::Millis;

/// One message. It is kept with its delivery, and reads the same at each try.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The same for each try; another for whatever else is said.
    pub key: String,
    pub kind: DeliveryKind,
    /// When it was decided that this is said.
    pub at: Millis,
    /// The worst that it states; none: cleared.
    pub severity: Option<Severity>,
    /// One, or for a group or a summary all of them, worst first.
    pub alarms: Vec<Said>,
}

/// What is said of one alarm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Said {
    pub alarm: AlarmId,
    pub seq: u64,
    /// What the alarm is of: the series, the source's id, ... Input from strangers.
    pub subject: String,
    /// None: of a source, a check, the system.
    pub rule: Option<RuleId>,
    pub rule_name: String,
    pub dashboard: Option<String>,
    pub panel: Option<String>,
    pub unit: Option<String>,
    /// None: cleared.
    pub severity: Option<Severity>,
    /// What the receiver was told before; none: nothing.
    pub before: Option<Severity>,
    pub value: Option<f64>,
    pub raised_at: Millis,
    /// When it became as it is.
    pub changed_at: Millis,
    /// What the check said.
    pub message: Texts,
    /// Of the rule.
    pub note: String,
    pub runbook_url: Option<String>,
}
