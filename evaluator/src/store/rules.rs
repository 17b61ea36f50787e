//! Rules, as they are kept.

use atalaya_api::event::RuleAction;
use atalaya_api::level::Severity;

use super::{Actor, Page, Result, Slice};
use crate::domain::{Rule, RuleId};

/// Which rules, in which order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleFilter {
    /// Every word must be in the name, expression, dashboard, panel or note; case is ignored.
    pub q: Option<String>,
    pub dashboard: Option<String>,
    pub panel: Option<String>,
    /// That ask this source.
    pub source: Option<String>,
    /// Only the deleted, or only those that are not.
    pub deleted: bool,
    /// Label that must be there with this value.
    pub label: Option<(String, String)>,
    /// Only rules that hold an alarm of this severity now.
    pub severity: Option<Severity>,
    /// By this check.
    pub check: Option<String>,
    /// Linked to this template.
    pub template: Option<String>,
    /// With this period.
    pub period: Option<String>,
    /// Whose dashboard has another query by now.
    pub drifted: bool,
    /// Only those that are paused, or only those that are not.
    pub paused: Option<bool>,
    /// In all of these: what is known elsewhere than in the store.
    pub among: Vec<RuleSet>,
    pub sort: RuleSort,
    pub descending: bool,
}

/// Some rules, or all but some: whichever is fewer to name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleSet {
    pub ids: Vec<RuleId>,
    /// All but `ids`.
    pub except: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RuleSort {
    #[default]
    Name,
    Created,
    Updated,
    Interval,
    /// The worst severity held now; paused ones before all others.
    Severity,
    Dashboard,
    Panel,
    /// By what is asked of the source.
    Metric,
    Check,
}

/// A rule as it is to be.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleWrite {
    /// As it was read; none: a new one. When it is not so any more nothing is written.
    pub before: Option<Rule>,
    /// With its new version.
    pub rule: Rule,
    pub action: RuleAction,
}

pub trait RuleStore: Send + Sync {
    /// Writes a new rule, its audit entry and its event.
    fn create_rule(&self, rule: &Rule, by: &Actor) -> Result<()>;

    /// Replaces the rule whose version is `expected`; `rule.version` is the new one. Writes audit (before and
    /// after) and event in the same transaction. Deleting and restoring are changes of `deleted_at`.
    fn change_rule(&self, rule: &Rule, expected: u64, action: RuleAction, by: &Actor) -> Result<()>;

    /// Writes all of these in one transaction, or nothing: each with its audit entry and its event.
    fn write_rules(&self, writes: &[RuleWrite], by: &Actor) -> Result<()>;

    /// Deleted ones too.
    fn rule(&self, id: RuleId) -> Result<Option<Rule>>;

    /// Those of these ids that there are, each once and in the order of the ids; deleted ones too.
    fn rules_by_id(&self, ids: &[RuleId]) -> Result<Vec<Rule>>;

    fn rules(&self, filter: &RuleFilter, slice: &Slice) -> Result<Page<Rule>>;

    /// Every rule that is not deleted, in no order: at start.
    fn each_rule(&self, visit: &mut dyn FnMut(Rule)) -> Result<()>;
}
