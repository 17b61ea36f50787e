//! Quiet: acknowledging, muting, planned maintenance.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::calendar::WeekRange;
use crate::span::Span;

/// Some alarms by their ids, or all that match a filter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct AlarmSelection {
    pub ids: Vec<String>,
    /// The query of `GET /api/v1/alarms`, name by name, without paging. Used when there are no ids; an empty one is every active alarm.
    pub filter: Option<BTreeMap<String, String>>,
}

/// `POST /api/v1/alarms/ack`, `POST /api/v1/alarms/unack`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Acknowledge {
    pub select: AlarmSelection,
    /// How many the operator saw; 409 when it moved.
    pub expected_total: u64,
    /// At most 1,000 characters.
    #[serde(default)]
    pub note: String,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlarmsDone {
    pub total: u64,
    /// Those that were not so before.
    pub changed: u64,
    /// The ids of those that changed, for taking it back; of mutes the mutes' ids.
    pub ids: Vec<String>,
}

/// What is muted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum MuteKind {
    /// One alarm, until it clears.
    Alarm,
    /// A configured metric: all its series.
    Rule,
    /// All metrics of a dashboard, by its name.
    Dashboard,
    /// A receiver: nothing is sent to it.
    Receiver,
}

/// One thing that is muted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MuteTarget {
    pub kind: MuteKind,
    /// The alarm's, rule's or receiver's id; the dashboard's name.
    pub id: String,
}

/// `POST /api/v1/mutes`: nobody is told until then. What still stands at the end is told again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewMutes {
    /// 1 to 1,000.
    pub targets: Vec<MuteTarget>,
    #[serde(flatten)]
    pub until: MuteUntil,
    /// At most 1,000 characters.
    #[serde(default)]
    pub reason: String,
}

/// `POST /api/v1/alarms/mute`: the alarms that are selected, or what they hang on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MuteAlarms {
    pub select: AlarmSelection,
    /// How many the operator saw; 409 when it moved.
    pub expected_total: u64,
    /// `alarm`, or the `rule` or `dashboard` of each.
    pub what: MuteKind,
    #[serde(flatten)]
    pub until: MuteUntil,
    #[serde(default)]
    pub reason: String,
}

/// One of the two: for so long from now on, 1 min to 400 d, or until an instant in that time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct MuteUntil {
    #[serde(rename = "for")]
    pub lasting: Option<Span>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub until: Option<Timestamp>,
}

/// One line of `GET /api/v1/mutes`: those in force, the first to end first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Mute {
    pub id: String,
    pub target: MuteTarget,
    /// What people call the target.
    pub name: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub from: Timestamp,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub until: Timestamp,
    pub reason: String,
    pub by: String,
}

/// `POST /api/v1/maintenance`, `PUT /api/v1/maintenance/{id}`: a window in which nobody is told, planned ahead. Once or weekly: exactly
/// one of the two is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MaintenanceDraft {
    /// What people call it; it is the reason, too.
    pub name: String,
    /// Everything, system alarms apart.
    #[serde(default)]
    pub everything: bool,
    /// Names of dashboards.
    #[serde(default)]
    pub dashboards: Vec<String>,
    /// Ids of rules.
    #[serde(default)]
    pub rules: Vec<String>,
    #[serde(default)]
    pub once: Option<Once>,
    #[serde(default)]
    pub weekly: Option<Weekly>,
    #[serde(default)]
    pub version: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Once {
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub from: Timestamp,
    /// After `from`, at most 400 d.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub to: Timestamp,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Weekly {
    pub week: Vec<WeekRange>,
    /// IANA name.
    pub time_zone: String,
}

/// One line of `GET /api/v1/maintenance`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Maintenance {
    pub id: String,
    pub maintenance: MaintenanceDraft,
    /// It is in force now, until then.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub until: Option<Timestamp>,
    /// When it begins next; none: never again.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub next: Option<Timestamp>,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
    pub updated_by: String,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub deleted_at: Option<Timestamp>,
}
