//! Changes of many rules at once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::problem::FieldError;
use crate::rule::{Rule, RuleDraft};

/// Some rules by their ids, or all that match a filter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Selection {
    pub ids: Vec<String>,
    /// The query of `GET /api/v1/rules`, name by name, without paging: `{"q": "cpu", "dashboard": "Core"}`. Used when there are no ids;
    /// an empty one is every rule.
    pub filter: Option<BTreeMap<String, String>>,
}

/// What is done to each of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum BulkChange {
    /// A JSON merge patch (RFC 7396) of what `POST /api/v1/rules` takes, but for `name`, `query`, `origin` and `template`.
    Patch(Value),
    Delete,
    Restore,
    /// Take the dashboard's query where it drifted.
    Follow,
    /// Keep the own query where the dashboard's drifted, and say so no more.
    Keep,
    /// Be no longer linked to a template; all values stay.
    Unlink,
    /// Give up the own values of these fields, and follow the template again; without fields: of all.
    Relink(Vec<String>),
}

/// `POST /api/v1/rules/bulk`. All of it happens, or nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Bulk {
    pub select: Selection,
    /// How many the operator saw; 409 when it moved.
    pub expected_total: u64,
    pub change: BulkChange,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkDone {
    pub total: u64,
    /// Those that were not so before.
    pub changed: u64,
    /// For `POST /api/v1/rules/bulk/{undo}/undo` within 15 minutes, until the server stops; none: nothing to undo.
    pub undo: Option<String>,
    /// Of an undo: the names of the rules that somebody changed since, and that stay as they are. At most 100.
    #[serde(default)]
    pub kept: Vec<String>,
}

/// `POST /api/v1/rules/many`: all are made, or none; faults are named `rules[3].query.expr`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ManyRules {
    /// 1 to 1,000.
    pub rules: Vec<RuleDraft>,
}

/// What was made, and how to take it back in one go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Made {
    pub rules: Vec<Rule>,
    /// As of [`BulkDone`].
    pub undo: Option<String>,
}

/// `POST /api/v1/rules/import?format=csv|yaml`: what became of a file. With `dry_run=true` nothing is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportReport {
    /// Lines or documents that were read.
    pub read: u64,
    pub created: u64,
    /// Those that were there and differed.
    pub updated: u64,
    /// Those that were there as they are.
    pub unchanged: u64,
    /// At most 1,000 of them are listed.
    pub refused: Vec<RefusedLine>,
    pub refused_total: u64,
    /// What was read and could not be used, e.g. an unknown column: in words.
    pub notes: Vec<String>,
    /// As of [`BulkDone`].
    #[serde(default)]
    pub undo: Option<String>,
}

/// A line of a file that makes no rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusedLine {
    /// Of the file, from 1.
    pub line: u64,
    /// How it begins.
    pub text: String,
    pub errors: Vec<FieldError>,
}
