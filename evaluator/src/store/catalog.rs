//! What was read from Grafana, as it is kept.

use atalaya_api::catalog::GrafanaSettings;
use atalaya_api::rule::Drift;

use super::{Actor, Page, Result, Slice};
use crate::domain::{Millis, Rule, RuleId};

/// Where a dashboard or a data source came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CatalogOrigin {
    #[default]
    Grafana,
    /// Exported, and put in by hand: a load of Grafana leaves it alone.
    File,
}

/// A dashboard without its inside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DashboardHead {
    pub uid: String,
    pub title: String,
    /// With those around it: `Network / Core`.
    pub folder: Option<String>,
    pub origin: CatalogOrigin,
    /// Where it is in Grafana.
    pub url: Option<String>,
    pub panels: u64,
    pub targets: u64,
    pub problems: u64,
    pub loaded_at: Millis,
}

/// A dashboard as it was loaded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DashboardRow {
    pub head: DashboardHead,
    /// `{"dashboard": …, "meta": …, "library": {…}}`: Grafana's JSON as it came.
    pub frame: String,
}

/// Which dashboards, in which order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DashboardFilter {
    /// Every word must be in title, folder, or the title of a panel; case is ignored.
    pub q: Option<String>,
    /// Empty: those that are in none.
    pub folder: Option<String>,
    pub sort: DashboardSort,
    pub descending: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DashboardSort {
    /// By folder, then by title.
    #[default]
    Place,
    Title,
    Loaded,
}

/// A data source of Grafana's, and the source that stands for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatasourceRow {
    pub uid: String,
    pub name: String,
    /// `graphite`, `prometheus`, ...
    pub kind: String,
    pub url: String,
    pub is_default: bool,
    pub origin: CatalogOrigin,
    /// What somebody confirmed: a source's id.
    pub source: Option<String>,
}

/// What a new load made of the rules whose dashboards changed.
#[derive(Clone, Debug, PartialEq)]
pub struct DriftRow {
    pub rule: RuleId,
    pub drift: Drift,
}

/// Dashboards, data sources, how Grafana is reached, and how rules and dashboards differ.
pub trait CatalogStore: Send + Sync {
    /// How Grafana is reached; without the token, but `has_token` says whether there is one.
    fn grafana(&self) -> Result<GrafanaSettings>;
    /// `token`: what takes the place of the stored one, an empty one removes it; none: it stays. With its audit entry, without token.
    fn put_grafana(&self, settings: &GrafanaSettings, token: Option<&str>, by: &Actor) -> Result<()>;
    /// `Secret` when it cannot be read any more and must be entered anew.
    fn grafana_token(&self) -> Result<Option<String>>;

    /// Says in the audit log that somebody loaded Grafana, or put files in, and what came of it.
    fn audit_load(
        &self,
        what: &'static str,
        subject: &str,
        summary: &serde_json::Value,
        by: &Actor,
    ) -> Result<()>;

    /// New ones, and those that take the place of what was loaded before. `texts`: what else is searched, e.g. panels' titles.
    fn put_dashboard(&self, row: &DashboardRow, texts: &str) -> Result<()>;
    /// With an audit entry when somebody asked for it. False: it is not there.
    fn remove_dashboard(&self, uid: &str, by: Option<&Actor>) -> Result<bool>;
    fn dashboard(&self, uid: &str) -> Result<Option<DashboardRow>>;
    fn dashboards(&self, filter: &DashboardFilter, slice: &Slice) -> Result<Page<DashboardHead>>;
    /// All that came from there: their uids.
    fn dashboards_of(&self, origin: CatalogOrigin) -> Result<Vec<String>>;
    /// Those that have dashboards, by name, with how many; none: in no folder.
    fn folders(&self) -> Result<Vec<(Option<String>, u64)>>;

    /// All that Grafana has, or (`File`) some that exported dashboards name. What was confirmed stays.
    fn put_datasources(&self, rows: &[DatasourceRow], origin: CatalogOrigin) -> Result<()>;
    /// By name.
    fn datasources(&self) -> Result<Vec<DatasourceRow>>;
    /// With its audit entry; `NotFound` when there is no such data source.
    fn match_datasource(&self, uid: &str, source: Option<&str>, by: &Actor) -> Result<()>;

    /// The rules, not deleted, that were made from this dashboard.
    fn rules_of_dashboard(&self, uid: &str) -> Result<Vec<Rule>>;
    /// How many rules were made from each of these.
    fn rules_by_dashboard(&self, uids: &[String]) -> Result<Vec<u64>>;
    /// Uids that rules were made from, whether or not they are still there.
    fn dashboards_of_rules(&self) -> Result<Vec<String>>;

    /// Takes the place of all that was known of the rules of this dashboard.
    fn put_drift(&self, dashboard: &str, rows: &[DriftRow]) -> Result<()>;
    /// None: the rule's dashboard has the query that the rule was made from, or somebody kept the rule's.
    fn drift(&self, rule: RuleId) -> Result<Option<Drift>>;
    fn drifted(&self) -> Result<u64>;
}
