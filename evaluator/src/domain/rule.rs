//! Rules as the evaluator keeps them.

use atalaya_api::rule::RuleDraft;
use atalaya_api::span::Span;
use serde::{Deserialize, Serialize};

use super::ids::RuleId;
use super::time::Millis;

/// A rule: what an operator wrote and what was derived from it when it was saved.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub id: RuleId,
    /// Grows with each edit, from 1.
    pub version: u64,
    pub draft: RuleDraft,
    /// The interval in use: the draft's, or the one derived from the series' step.
    pub interval: Span,
    /// The IANA time zone in use: the draft's, or the setting's.
    pub time_zone: String,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub updated_by: String,
    pub deleted_at: Option<Millis>,
}

impl Rule {
    /// Whether it is evaluated at all.
    pub fn is_active(&self) -> bool {
        self.draft.enabled && self.deleted_at.is_none()
    }

    /// All that this rule says to its check.
    pub fn record(&self) -> RuleRecord {
        RuleRecord {
            params: self.draft.check.params.to_string(),
            ok_margin: self.draft.ok_margin,
            interval_ms: self.interval.millis() as f64,
            unit: self.draft.query.unit.clone().unwrap_or_default(),
            time_zone: self.time_zone.clone(),
        }
    }
}

/// All that a rule says to its check; rules with equal records share one slot in the sandbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleRecord {
    /// JSON.
    pub params: String,
    /// Percent, 0 to 100.
    pub ok_margin: f64,
    /// Between evaluations, ms.
    pub interval_ms: f64,
    pub unit: String,
    /// IANA name.
    pub time_zone: String,
}

impl RuleRecord {
    /// The JSON by whose sha256 evidence names this record; equal records give equal bytes.
    pub fn canonical_json(&self) -> String {
        serde_json::to_string(self).expect("a record of strings and finite numbers can be written as JSON")
    }
}
