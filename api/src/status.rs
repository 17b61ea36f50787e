//! How Atalaya itself is.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

use crate::summary::StandingCause;

/// `GET /api/v1/status`: what the status view shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Status {
    pub version: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub started_at: Timestamp,
    /// As `/readyz` says.
    pub ready: bool,
    pub parts: Vec<Part>,
    pub causes: Vec<StandingCause>,
    pub evaluation: EvaluationStatus,
    pub store: StoreStatus,
    pub events: EventStatus,
    pub heartbeat: HeartbeatStatus,
}

/// One part of the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Part {
    /// `store`, `evaluation`, `source local`, `input carbon`, ...
    pub name: String,
    pub ok: bool,
    /// Without it nothing can be relied on: when it is not ok, the server is not ready.
    pub needed: bool,
    /// In words, how it is.
    pub detail: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EvaluationStatus {
    pub rules: u64,
    pub series: u64,
    /// Since the start.
    pub evaluations: u64,
    /// How late the last cycle started, seconds.
    pub lateness_seconds: f64,
    /// Rules that are due and not evaluated yet.
    pub overdue_rules: u64,
    /// Questions to sources elsewhere that are not answered yet.
    pub questions_open: u64,
    /// CPU seconds of the evaluating thread since the start.
    pub cpu_seconds: f64,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub checked_at: Option<Timestamp>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoreStatus {
    pub commits: u64,
    pub last_commit_seconds: f64,
    /// Of all commits since the start, in sum.
    pub commit_seconds: f64,
    /// Transitions that are decided and not written yet.
    pub waiting_transitions: u64,
    pub disk_free_bytes: Option<u64>,
    pub disk_total_bytes: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventStatus {
    pub streams: u64,
    /// From the start of the cycle that decided it to the moment the latest event was told, seconds.
    pub lag_seconds: f64,
}

/// The rule that goes the whole way each minute: source, window, sandbox, state, store.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeartbeatStatus {
    /// When it last came through to the end.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub last_at: Option<Timestamp>,
    /// Whether an address is told of each one.
    pub told: bool,
    /// When that address last took it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub told_at: Option<Timestamp>,
    /// Why it does not take it now.
    pub trouble: Option<String>,
}
