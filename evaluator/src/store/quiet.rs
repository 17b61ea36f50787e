//! What keeps it quiet, as it is kept: acknowledgements, mutes, planned maintenance; and what a history of alarms comes to.

use atalaya_api::quiet::MuteTarget;

use super::{Actor, AlarmCounts, Result};
use crate::domain::{AlarmId, MaintenanceConfig, MaintenanceId, Millis, Mute, MuteId, RuleId};

/// Whatever changes here is in the audit log with before and after, is an event, and wakes whoever plans who is told of the alarms
/// that it is about, all in one transaction.
pub trait QuietStore: Send + Sync {
    /// Somebody has seen them. Those that were acknowledged already stay as they are; returns the others that are there. The audit log
    /// has an entry for each, or for more than 1,000 one with their number.
    fn acknowledge(&self, alarms: &[AlarmId], note: &str, by: &Actor) -> Result<Vec<AlarmId>>;

    /// As if nobody had; returns those that were acknowledged.
    fn unacknowledge(&self, alarms: &[AlarmId], by: &Actor) -> Result<Vec<AlarmId>>;

    /// Writes new mutes, all or none.
    fn mute(&self, mutes: &[Mute], by: &Actor) -> Result<()>;

    /// What people call a thing that can be muted; none: there is none (any more), or the alarm is cleared.
    fn name_of(&self, target: &MuteTarget) -> Result<Option<String>>;

    /// Those in force, to come, or ended at most 400 days before `now`, those of an alarm only while it stands; the first to end first.
    fn mutes(&self, now: Millis) -> Result<Vec<Mute>>;

    /// Ends a mute now. False: it was over; `NotFound` when it is not there (any more).
    fn end_mute(&self, id: MuteId, by: &Actor) -> Result<bool>;

    /// Writes a new window.
    fn create_maintenance(&self, window: &MaintenanceConfig, by: &Actor) -> Result<()>;

    /// Replaces the window whose version is `expected`; `window.maintenance.version` is the new one. Deleting and restoring are changes
    /// of `deleted_at`.
    fn change_maintenance(&self, window: &MaintenanceConfig, expected: u64, by: &Actor) -> Result<()>;

    /// A deleted one, too.
    fn maintenance(&self, id: MaintenanceId) -> Result<Option<MaintenanceConfig>>;

    /// Every window, in the order of their making; those that are deleted, too: they held until then. One of version 0 is what another was
    /// until it was changed while it was in force.
    fn windows(&self) -> Result<Vec<MaintenanceConfig>>;

    /// Deletes the mutes that ended, and the windows that were deleted, more than 400 days before `now`.
    fn prune_mutes(&self, now: Millis) -> Result<()>;
}

/// What alarms come to within a stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// By the worst severity that each reached.
    pub worst: AlarmCounts,
    /// Time in which at least one of them stood, and the sum over all of them, ms; within the stretch.
    pub any_ms: i64,
    pub sum_ms: i64,
    /// The ten metrics with the most alarms; of as many the one that stood longer.
    pub noisiest: Vec<NoisyRow>,
}

/// A rule's alarms, or those of one metric of another system, of a source, a check, the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoisyRow {
    pub rule: Option<RuleId>,
    /// As of its latest alarm.
    pub name: String,
    pub dashboard: Option<String>,
    pub alarms: u64,
    /// The sum over its series, ms.
    pub ms: i64,
}
