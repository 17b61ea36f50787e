//! Checks as the browser lists them.

use std::collections::BTreeMap;

use crate::Timestamp;
use serde::{Deserialize, Serialize};

use crate::problem::FieldError;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckView {
    pub name: String,
    /// Semantic version.
    pub version: String,
    /// Identity: sha256 of the component's bytes, hex.
    pub sha256: String,
    pub built_in: bool,
    /// By language.
    pub title: BTreeMap<String, String>,
    /// By language.
    pub summary: BTreeMap<String, String>,
    /// JSON Schema of the params.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub params_schema: serde_json::Value,
    pub rules: u64,
    pub status: CheckStatus,
    /// Why it is quarantined or throttled, in words.
    pub detail: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub quarantined_at: Option<Timestamp>,
    pub evaluations: u64,
    /// Failures by reason of the closed list.
    pub failures: BTreeMap<String, u64>,
    /// CPU time used, seconds.
    pub cpu_seconds: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    Ok,
    /// It fails on all its rules and is probed once a minute.
    Throttled,
    Quarantined,
}

/// The body of `POST /api/v1/checks/{name}/validate`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ValidateParams {
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub params: serde_json::Value,
    #[serde(default)]
    pub ok_margin: Option<f64>,
}

/// Its answer: no errors means the check accepts the params.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ValidateAnswer {
    pub errors: Vec<FieldError>,
}
