//! Alarms: one occurrence each, from raised to cleared.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

use crate::delivery::Told;
use crate::float::Float;
use crate::level::{Level, Severity};

/// What kind of thing an alarm is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum SubjectKind {
    Series,
    Source,
    Check,
    System,
}

/// What an alarm is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Subject {
    pub kind: SubjectKind,
    pub id: String,
    pub name: String,
}

/// The rule an alarm belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleRef {
    pub id: String,
    pub name: String,
}

/// Who has seen it, when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Acknowledged {
    pub by: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    pub note: String,
}

/// An alarm, active until `cleared_at` is set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Alarm {
    pub id: String,
    pub subject: Subject,
    pub rule: Option<RuleRef>,
    pub series: Option<String>,
    pub dashboard: Option<String>,
    pub panel: Option<String>,
    pub unit: Option<String>,
    /// The severity held; once cleared, the last one held.
    pub severity: Severity,
    /// The highest severity it reached.
    pub worst: Severity,
    /// The latest value while active, the last in alarm once cleared.
    pub value: Option<Float>,
    pub raised_value: Option<Float>,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub raised_at: Timestamp,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub cleared_at: Option<Timestamp>,
    pub acknowledged: Option<Acknowledged>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub muted_until: Option<Timestamp>,
    /// The named reason of the last transition, e.g. `checks to alert`, `out of fuel`, `rule paused`.
    pub reason: String,
    /// In words what the check said.
    pub message: String,
    /// Of the last transition; has no gap per subject.
    pub seq: u64,
    /// Since when no verdict is known while this alarm is held.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub no_data_since: Option<Timestamp>,
    /// Who was told, and who was not, and why. Of one alarm, and of lists that ask for it with `told=true`; else empty.
    #[serde(default)]
    pub told: Vec<Told>,
}

/// `GET /api/v1/alarms/summary`: what the alarms of a stretch of time come to; the filters are those of the list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistorySummary {
    pub total: u64,
    /// By the worst severity that each reached.
    pub critical: u64,
    pub major: u64,
    pub unknown: u64,
    pub warning: u64,
    /// In which at least one of them stood, and the sum over all of them; within the stretch.
    pub hours_in_alarm: f64,
    pub alarm_hours: f64,
    /// The ten metrics with the most alarms.
    pub noisiest: Vec<Noisy>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Noisy {
    /// None: a source's, a check's, the system's, or of another system's history.
    pub rule: Option<String>,
    pub name: String,
    pub dashboard: Option<String>,
    pub alarms: u64,
    /// Hours in alarm, the sum over its series.
    pub hours: f64,
}

/// One step of an alarm's life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TransitionView {
    pub alarm: String,
    pub series: Option<String>,
    pub seq: u64,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    pub before: Option<Severity>,
    pub after: Option<Severity>,
    pub reason: String,
    pub value: Option<Float>,
    pub message: String,
}

/// Why an alarm changed: what was stored with each transition, and whether it replays to the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EvidenceView {
    pub transition: TransitionView,
    pub check: String,
    pub check_sha256: String,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub params: serde_json::Value,
    pub evaluations: Vec<EvaluationView>,
    /// The stored data judged again gave the same verdicts and the same transition; null when the check is no longer there.
    pub replays: Option<bool>,
}

/// One evaluation of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EvaluationView {
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    pub held: Level,
    /// None: unknown, see `reason`.
    pub level: Option<Level>,
    pub value: Option<Float>,
    pub reason: Option<String>,
    /// Unix ms of each sample in the window.
    pub times: Vec<f64>,
    pub values: Vec<Float>,
}
