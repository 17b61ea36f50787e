//! The tiles, and how fresh they are.

use crate::Timestamp;
use crate::alarm::Subject;
use crate::level::Severity;
use serde::{Deserialize, Serialize};

/// `GET /api/v1/summary`: counts of what is watched and of active alarms.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Summary {
    pub rules: u64,
    pub series: u64,
    pub warning: u64,
    pub major: u64,
    pub critical: u64,
    pub unknown: u64,
    /// Now minus an hour ago, per severity.
    #[serde(default)]
    pub change_1h: Change,
    /// When the last evaluation ran.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub checked_at: Option<Timestamp>,
    /// With nothing active: when the last alarm cleared, or the start.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub quiet_since: Option<Timestamp>,
    /// What stands in the way of judging, worst first: a source that is down, a full disk. As the evaluation knows it right
    /// now, even while it cannot be written down. The page is not quiet while there is one.
    #[serde(default)]
    pub causes: Vec<StandingCause>,
}

/// Something that is wrong with a source, a check or the system itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StandingCause {
    pub subject: Subject,
    pub severity: Severity,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub since: Timestamp,
    /// The named reason, e.g. `source unreachable`, `disk full`.
    pub reason: String,
    pub message: Words,
}

/// The same sentence in the languages of the browser: what goes to many readers at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Words {
    pub en: String,
    pub es: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    pub warning: i64,
    pub major: i64,
    pub critical: i64,
    pub unknown: i64,
}
