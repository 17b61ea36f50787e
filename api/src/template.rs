//! Templates: named sets of (check, params) with alarm settings, which rules are linked to.

use std::collections::BTreeMap;

use crate::Timestamp;
use serde::{Deserialize, Serialize};

use crate::bulk::Selection;
use crate::rule::{self, CheckUse, NoData, Notify, Origin, Query};
use crate::span::Span;

/// A template as an operator writes it: the body of `POST /api/v1/templates`, and of `PUT /api/v1/templates/{id}` with `version`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TemplateDraft {
    pub name: String,
    #[serde(default)]
    pub note: String,
    /// 1 to 20; each makes one rule of each metric.
    pub sets: Vec<TemplateSet>,
    #[serde(default)]
    pub alarm: AlarmSettings,
}

/// One check with its params.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TemplateSet {
    /// Unique within the template; rules are linked by it.
    pub name: String,
    /// When it is renamed: its name so far, so that its rules stay its own. Not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    pub check: CheckUse,
}

/// How the rules of a template alarm: the fields of a rule of the same names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct AlarmSettings {
    pub interval: Option<Span>,
    pub checks_to_alert: u8,
    pub checks_to_ok: u8,
    pub ok_margin: f64,
    pub period: String,
    pub no_data: NoData,
    pub time_zone: Option<String>,
    pub notify: Notify,
    pub labels: BTreeMap<String, String>,
    pub runbook_url: Option<String>,
}

impl Default for AlarmSettings {
    fn default() -> Self {
        AlarmSettings {
            interval: None,
            checks_to_alert: rule::default_checks_to_alert(),
            checks_to_ok: rule::default_checks_to_ok(),
            ok_margin: rule::default_ok_margin(),
            period: rule::default_period(),
            no_data: NoData::default(),
            time_zone: None,
            notify: Notify::default(),
            labels: BTreeMap::new(),
            runbook_url: None,
        }
    }
}

/// A template as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Template {
    pub id: String,
    /// Grows with each edit; a change that names another is refused.
    pub version: u64,
    pub draft: TemplateDraft,
    /// Rules that are linked to it.
    pub rules: u64,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
    pub updated_by: String,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub deleted_at: Option<Timestamp>,
}

/// `POST /api/v1/templates/{id}/impact` with a draft: what saving it would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Impact {
    /// Rules that are linked.
    pub rules: u64,
    /// Of them, those that would change.
    pub changed: u64,
    /// New ones, for sets that were added: one for each metric that has a rule of another set.
    pub created: u64,
    /// Rules of sets that are no longer there; they are deleted.
    pub deleted: u64,
    /// Rules that keep values of their own, with those.
    pub overridden: Vec<Overridden>,
    /// In words, by rule name: why a rule cannot take the new values. At most 100.
    pub refused: Vec<String>,
}

/// A rule with values of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Overridden {
    pub id: String,
    pub name: String,
    pub fields: Vec<String>,
}

/// `POST /api/v1/templates/{id}/apply`: k sets on m metrics make k·m rules, all or none. A metric that is linked to a set already
/// keeps that rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Apply {
    pub metrics: Vec<Metric>,
    /// The metrics of these rules, too.
    pub select: Option<Selection>,
    /// How many rules the operator saw selected; 409 when it moved.
    pub expected_total: Option<u64>,
}

/// What a rule is made on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Of the rule; with more than one set the set's name follows it.
    pub name: String,
    pub query: Query,
    #[serde(default)]
    pub origin: Option<Origin>,
}
