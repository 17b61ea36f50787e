//! What keeps it quiet: mutes and planned maintenance.

use atalaya_api::quiet::{MaintenanceDraft, MuteTarget};
use serde::{Deserialize, Serialize};

use super::ids::{MaintenanceId, MuteId};
use super::time::Millis;

/// Nobody is told of its target from `from` on and before `until`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mute {
    pub id: MuteId,
    pub target: MuteTarget,
    /// What people called the target then.
    pub name: String,
    pub from: Millis,
    pub until: Millis,
    pub reason: String,
    pub by: String,
}

/// A planned window; `maintenance.version` grows with each edit, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaintenanceConfig {
    pub id: MaintenanceId,
    pub maintenance: MaintenanceDraft,
    /// Since when it has these hours and holds for these things: what of them lies before was never quiet.
    pub since: Millis,
    pub updated_at: Millis,
    pub updated_by: String,
    pub deleted_at: Option<Millis>,
}

/// Who has seen an alarm, when, and what they said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    pub by: String,
    pub at: Millis,
    pub note: String,
}
