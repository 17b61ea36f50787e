//! Rules: a query on a source, a check with its params, and how to alarm.

use std::collections::BTreeMap;

use crate::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::float::Float;
use crate::level::{Level, Standing};
use crate::span::Span;

/// What is asked of which source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// The source's id; `local` is the built-in store.
    pub source: String,
    /// In the source's own language; for `local` a series name, or a glob of them.
    pub expr: String,
    #[serde(default)]
    pub unit: Option<String>,
    #[serde(default)]
    pub dashboard: Option<String>,
    #[serde(default)]
    pub panel: Option<String>,
}

/// Which check judges, and with what params (their shape is the check's JSON Schema).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CheckUse {
    pub name: String,
    #[serde(default = "no_params")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub params: Value,
}

fn no_params() -> Value {
    Value::Object(serde_json::Map::new())
}

/// What n unknown verdicts in a row do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum NoData {
    /// Raise a second alarm of severity unknown beside what is held.
    #[default]
    Alarm,
    /// Mark it only.
    Keep,
    /// Clear what is held.
    Ok,
}

/// One receiver of a rule's alarms, from a severity on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReceiverUse {
    pub id: String,
    #[serde(default = "lowest")]
    pub from: Level,
}

fn lowest() -> Level {
    Level::Warning
}

/// Who is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Notify {
    pub sms: bool,
    pub ovo: bool,
    pub receivers: Vec<ReceiverUse>,
}

/// Which target of the catalog a rule's query was made from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The uid of its dashboard.
    pub dashboard: String,
    /// The panel's number within the dashboard.
    pub panel: i64,
    /// The letter of its target.
    pub ref_id: String,
    /// The target's query as the dashboard had it when the rule was made from it, or last followed it: references resolved,
    /// variables as written.
    pub query: String,
    /// What is chosen for each variable of the query; `["$__all"]` is "All", whatever joins later.
    #[serde(default)]
    pub variables: BTreeMap<String, Vec<String>>,
    /// What "All" stood for when the expression was made, by variable.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub all: BTreeMap<String, Vec<String>>,
    /// The dashboard's query that somebody saw and did not want to follow: as long as it is that, nothing is said of it. Empty: that
    /// the target is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<String>,
}

/// Which set of which template a rule is linked to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TemplateUse {
    pub id: String,
    /// The name of the set.
    pub set: String,
    /// The fields that the rule has of its own, sorted: `check.params.critical`, `checks_to_alert`, ... All others follow the template.
    #[serde(default)]
    pub overrides: Vec<String>,
}

/// A rule as an operator writes it: the body of `POST /api/v1/rules`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RuleDraft {
    pub name: String,
    pub query: Query,
    pub check: CheckUse,
    /// Between evaluations, 1 s to 24 h. Left out: the series' own step for the local source, 5 min otherwise.
    #[serde(default)]
    pub interval: Option<Span>,
    /// Evaluations in a row that raise an alarm, 1 to 100.
    #[serde(default = "default_checks_to_alert")]
    pub checks_to_alert: u8,
    /// Evaluations in a row that clear it, 1 to 100.
    #[serde(default = "default_checks_to_ok")]
    pub checks_to_ok: u8,
    /// Percent of the threshold by which a value must recover, 0 to 100.
    #[serde(default = "default_ok_margin")]
    pub ok_margin: f64,
    /// When the rule may tell people: `24x7`, `daytime`, or a calendar's name.
    #[serde(default = "default_period")]
    pub period: String,
    #[serde(default)]
    pub no_data: NoData,
    /// An IANA name, e.g. `Europe/Madrid`. Left out: the setting's.
    #[serde(default)]
    pub time_zone: Option<String>,
    #[serde(default)]
    pub notify: Notify,
    #[serde(default = "yes")]
    pub enabled: bool,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    #[serde(default)]
    pub note: String,
    #[serde(default)]
    pub runbook_url: Option<String>,
    /// None: its query was typed.
    #[serde(default)]
    pub origin: Option<Origin>,
    /// None: it is linked to no template.
    #[serde(default)]
    pub template: Option<TemplateUse>,
}

pub(crate) fn default_checks_to_alert() -> u8 {
    3
}
pub(crate) fn default_checks_to_ok() -> u8 {
    2
}
pub(crate) fn default_ok_margin() -> f64 {
    10.0
}
pub(crate) fn default_period() -> String {
    "24x7".to_owned()
}
pub(crate) fn yes() -> bool {
    true
}

/// A rule as it is kept, with how it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(from = "crate::rule_read::FlatRule")]
pub struct Rule {
    pub id: String,
    /// Grows with each edit; a change may name it and is refused when it moved.
    pub version: u64,
    #[serde(flatten)]
    pub draft: RuleDraft,
    /// The interval in use, whether written or derived.
    pub effective_interval: Span,
    /// sha256 of the check's component in use, hex.
    pub check_sha256: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
    pub updated_by: String,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub deleted_at: Option<Timestamp>,
    /// Set when its dashboard does not have the query any more that it was made from.
    #[serde(default)]
    pub drift: Option<Drift>,
    pub state: RuleState,
}

/// How a rule's query and its dashboard's differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Drift {
    /// The target's query as the rule knows it, variables as written.
    pub before: String,
    /// As the dashboard has it by now; none: dashboard, panel or target are gone.
    pub now: Option<String>,
    /// What the rule would ask if it followed.
    pub expr: Option<String>,
}

/// How a rule stands: the worst of its series.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleState {
    pub severity: Standing,
    /// How many series the query gives now.
    pub series: u64,
    /// The latest value of the worst series.
    pub value: Option<Float>,
    /// Of that value, which need not be the samples' own.
    #[serde(default)]
    pub unit: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub checked_at: Option<Timestamp>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub no_data_since: Option<Timestamp>,
    /// Why it is unknown, in words of the closed list, e.g. `out of fuel`.
    pub reason: Option<String>,
    /// Between samples as the source knows it; a shorter interval judges the same sample again.
    #[serde(default)]
    pub step: Option<Span>,
}

/// The body of `POST /api/v1/rules/{id}/forget`: a series that will not come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ForgetSeries {
    pub series: String,
}

/// What a rule's chart shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleChart {
    pub series: Vec<crate::source::SeriesData>,
    /// The check's own lines to draw.
    pub lines: Vec<Line>,
    /// Transitions within the range, oldest first.
    pub marks: Vec<crate::alarm::TransitionView>,
}

/// A level to draw, from and to in time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Line {
    pub level: Level,
    pub value: Float,
    pub direction: Direction,
    /// Unix ms.
    pub start: f64,
    /// Unix ms.
    pub end: f64,
}

/// On which side of a line it alarms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Above,
    Below,
}
