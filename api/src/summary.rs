//! The tiles, and how fresh they are.

use crate::Timestamp;
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
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    pub warning: i64,
    pub major: i64,
    pub critical: i64,
    pub unknown: i64,
}
