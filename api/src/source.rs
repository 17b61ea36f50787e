//! Sources and their data.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

use crate::float::Float;
use crate::span::Span;

/// A source as the sources view lists it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Source {
    pub id: String,
    /// `local` for the built-in store.
    pub kind: String,
    pub name: String,
    pub status: SourceStatus,
    /// In words, why it is not well.
    pub detail: Option<String>,
    pub series: u64,
    /// Doors through which samples arrive.
    pub inputs: Vec<SourceInput>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum SourceStatus {
    Ok,
    Degraded,
    Down,
}

/// A door through which samples arrive, e.g. carbon lines over TCP.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceInput {
    /// `host`, `carbon`.
    pub name: String,
    /// The address it listens on, where it does.
    pub address: Option<String>,
    pub status: SourceStatus,
    /// In words, why it is not well, e.g. "port 2003 is taken".
    pub detail: Option<String>,
    pub samples: u64,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub last_sample_at: Option<Timestamp>,
    /// What was refused, by reason.
    pub refused: Vec<Refused>,
}

/// How many lines were refused for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Refused {
    /// `malformed`, `far future`, `too old`, `too many series`, `line too long`, ...
    pub reason: String,
    pub count: u64,
    /// The latest such line, cut short and without control characters.
    pub example: Option<String>,
}

/// One hit of a search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SeriesHit {
    pub name: String,
    /// False: more of the path follows, `name` ends before the next dot.
    pub leaf: bool,
    pub last_value: Option<Float>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub last_at: Option<Timestamp>,
    /// Between samples, where known.
    pub step: Option<Span>,
}

/// Samples of one series, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SeriesData {
    pub name: String,
    pub unit: Option<String>,
    /// Between samples as the source knows it, ms; 0 = unknown.
    pub step_ms: f64,
    /// Unix ms.
    pub times: Vec<f64>,
    pub values: Vec<Float>,
}

/// The answer to a query on a source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueryAnswer {
    pub series: Vec<SeriesData>,
    /// How many series match in all; only the first ones are in `series`.
    pub total: u64,
}
