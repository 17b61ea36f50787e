//! What the live stream `GET /api/v1/events` says.
//!
//! Events with an id come from committed rows and can be resumed with `Last-Event-ID`; `status` and `reset` have none.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

use crate::alarm::{Alarm, TransitionView};
use crate::summary::Summary;

/// Event `alarm`: an alarm changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlarmEvent {
    pub alarm: Alarm,
    pub transition: TransitionView,
}

/// Event `rule`: a rule was created, edited, deleted or restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleEvent {
    pub id: String,
    pub action: RuleAction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum RuleAction {
    Created,
    Updated,
    Deleted,
    Restored,
}

/// Event `quiet`: alarms were acknowledged, or something was muted or planned: read the alarms (mutes, maintenance) anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuietEvent {
    pub what: QuietChange,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum QuietChange {
    /// Or no longer.
    Acknowledged,
    /// Or ended.
    Muted,
    Maintenance,
}

/// Event `status`, every second: how fresh everything is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatusEvent {
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    pub summary: Summary,
}

/// Event `reset`: what came after the client's last event is no longer kept; read everything anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResetEvent {}
