//! The catalog: what was read from Grafana.

use std::collections::BTreeMap;

use crate::Timestamp;
use serde::{Deserialize, Serialize};

use crate::rule::Origin;

/// `GET` and `PUT /api/v1/catalog/grafana`: how Grafana is reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct GrafanaSettings {
    /// e.g. `https://grafana.example/grafana`, or a machine and a port; empty: none is set up.
    pub url: String,
    /// Of a service account, or an API key. Write-only. Left out of an edit: stays as it was; empty: removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    pub has_token: bool,
    /// The number of the organisation; none: the token's own.
    pub organisation: Option<u64>,
    /// PEM of an authority of one's own; empty: those of the machine.
    pub ca_pem: String,
    /// Until one request is given up, seconds, 1 to 120.
    pub timeout_s: u16,
}

impl Default for GrafanaSettings {
    fn default() -> Self {
        GrafanaSettings {
            url: String::new(),
            token: None,
            has_token: false,
            organisation: None,
            ca_pem: String::new(),
            timeout_s: 30,
        }
    }
}

/// The answer to `POST /api/v1/catalog/grafana/test`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GrafanaTest {
    pub ok: bool,
    /// In words, in the language asked for: what was found, or what is wrong and what would be right.
    pub message: String,
}

/// A data source of Grafana's and the source of Atalaya's that stands for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Datasource {
    pub uid: String,
    pub name: String,
    /// `graphite`, `prometheus`, ...
    pub kind: String,
    pub url: String,
    pub is_default: bool,
    /// What the operator confirmed: a source's id.
    pub source: Option<String>,
    /// What fits by kind and address, when nothing is confirmed.
    pub suggested: Option<String>,
    /// Why neither is to be had, in words: e.g. a kind that Atalaya does not ask.
    pub detail: Option<String>,
}

/// `PUT /api/v1/catalog/datasources/{uid}`: the source that stands for it; none: no more. `proxy`: make one that asks
/// through Grafana's proxy, with Grafana's token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct MatchDatasource {
    pub source: Option<String>,
    pub proxy: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum ImportPhase {
    /// Never since the start.
    #[default]
    Idle,
    Running,
    Done,
    Cancelled,
    Failed,
}

/// `GET /api/v1/catalog/import`: the load that runs, or the last one. `POST` starts one, `DELETE` cancels it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportStatus {
    pub phase: ImportPhase,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub started_at: Option<Timestamp>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub ended_at: Option<Timestamp>,
    /// Dashboards that were read, of so many.
    pub done: u64,
    pub of: u64,
    /// Which one is being read.
    pub current: Option<String>,
    /// Why it failed, in words.
    pub error: Option<String>,
    pub dashboards: u64,
    pub panels: u64,
    pub targets: u64,
    /// Dashboards that were not there before, have changed, are gone.
    pub added: u64,
    pub changed: u64,
    pub removed: u64,
    /// Dashboards that could not be read come first. At most 1,000.
    pub problems: Vec<CatalogProblem>,
    #[serde(default)]
    pub problems_total: u64,
    /// Rules whose dashboard has another query by now.
    pub drifted: u64,
    /// Series that joined rules left at "All".
    pub joined: Vec<Joined>,
}

/// What joined, or left, a rule that watches "All".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Joined {
    pub rule: String,
    pub rule_name: String,
    /// Of which variable.
    pub variable: String,
    pub joined: Vec<String>,
    pub left: Vec<String>,
}

/// Something that was not understood, or will not work as it does in Grafana.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CatalogProblem {
    /// The dashboard's title.
    pub dashboard: String,
    /// A panel's title, a variable's name, `dashboard`.
    pub place: String,
    pub words: String,
}

/// `GET /api/v1/catalog/dashboards?q=&folder=&sort=place|title|loaded`: one line of the list. `folder=-`: those that are in none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DashboardItem {
    pub uid: String,
    pub title: String,
    pub folder: Option<String>,
    pub panels: u64,
    pub targets: u64,
    pub problems: u64,
    /// Rules that were made from it.
    pub rules: u64,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub loaded_at: Timestamp,
}

/// `GET /api/v1/catalog/dashboards/{uid}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Dashboard {
    pub uid: String,
    pub title: String,
    pub folder: Option<String>,
    /// Where it is in Grafana; none: it came from a file.
    pub url: Option<String>,
    /// In reading order.
    pub panels: Vec<Panel>,
    pub variables: Vec<Variable>,
    pub problems: Vec<CatalogProblem>,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub loaded_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Panel {
    pub id: i64,
    pub title: String,
    /// The title of the row it stands in.
    pub row: Option<String>,
    pub kind: String,
    /// As it is shown: `%`, `B`, `ms`; none: none is told.
    pub unit: Option<String>,
    /// Offered as defaults: from which value on Grafana warns.
    pub thresholds: Vec<PanelThreshold>,
    pub targets: Vec<Target>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PanelThreshold {
    pub value: f64,
    /// A name or `#rrggbb`, where it is told.
    pub color: Option<String>,
    /// False: values below it are the bad ones.
    pub above: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Target {
    pub ref_id: String,
    /// References resolved, variables as written; none: it has no text of its own.
    pub query: Option<String>,
    /// Its alias or legend, variables as written.
    pub alias: Option<String>,
    pub hidden: bool,
    /// The source that stands for its data source; none: see `problem`.
    pub source: Option<String>,
    /// Names of the variables that the query mentions.
    pub variables: Vec<String>,
    /// Names of the checks that rules made from it have already.
    pub configured: Vec<String>,
    /// Why it cannot be watched, in words.
    pub problem: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Variable {
    pub name: String,
    pub label: String,
    /// `query`, `custom`, `interval`, `datasource`, `textbox`, `constant`, `adhoc`.
    pub kind: String,
    pub multi: bool,
    pub include_all: bool,
    /// What is chosen where the dashboard was saved; `["$__all"]`: All.
    pub current: Vec<String>,
}

/// `POST /api/v1/catalog/dashboards/{uid}/values`: what there is to choose from for one variable, the others chosen so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AskValues {
    pub variable: String,
    #[serde(default)]
    pub chosen: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Values {
    pub values: Vec<String>,
    /// More than are listed: only the first ones are.
    pub total: u64,
}

/// `POST /api/v1/catalog/dashboards/{uid}/metrics`: what targets ask with variables chosen so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AskMetrics {
    pub panel: i64,
    pub ref_ids: Vec<String>,
    #[serde(default)]
    pub chosen: BTreeMap<String, Vec<String>>,
}

/// One target as a rule would watch it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CatalogMetric {
    pub ref_id: String,
    /// As Settings has it: alias, whole expression or wildcard, the letter in front: `A: CPU router1`.
    pub name: String,
    pub source: Option<String>,
    pub expr: Option<String>,
    pub unit: Option<String>,
    pub origin: Option<Origin>,
    /// Rules that watch this already: their checks.
    pub configured: Vec<String>,
    /// Why it cannot be watched, in words.
    pub problem: Option<String>,
}

/// `POST /api/v1/catalog/files`: dashboards that were exported, as text each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DashboardFile {
    pub name: String,
    pub text: String,
}

/// `GET /api/v1/catalog/folders`: one that has dashboards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Folder {
    /// With those around it: `Network / Core`. None: dashboards that are in no folder; the list takes `folder=-` for them.
    pub name: Option<String>,
    pub dashboards: u64,
}
