//! Sources and their data.

use std::collections::BTreeMap;

use crate::Timestamp;
use serde::{Deserialize, Serialize};

use crate::float::Float;
use crate::span::Span;

/// A source as the sources view lists it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Source {
    pub id: String,
    /// `local` for the built-in store, else a [`SourceKind`]'s name.
    pub kind: String,
    pub name: String,
    pub status: SourceStatus,
    /// In words, why it is not well.
    pub detail: Option<String>,
    /// Series it has, as far as it is known: all of the local store, those that rules watch elsewhere.
    pub series: u64,
    /// Enabled rules that hang on it.
    #[serde(default)]
    pub rules: u64,
    /// When it last answered, and how long that took.
    #[serde(default)]
    pub last_answer: Option<LastAnswer>,
    /// Doors through which samples arrive.
    pub inputs: Vec<SourceInput>,
    /// How it is reached; none for the built-in store.
    #[serde(default)]
    pub settings: Option<SourceSettings>,
    /// Of the settings, grows with each edit; 0 for the built-in store.
    #[serde(default)]
    pub version: u64,
}

/// The latest good answer of a source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastAnswer {
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// Milliseconds from the request to the last byte.
    pub took_ms: u64,
}

/// What kind of server a source is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    #[default]
    Graphite,
    Prometheus,
}

impl SourceKind {
    pub const ALL: [SourceKind; 2] = [SourceKind::Graphite, SourceKind::Prometheus];

    pub fn name(self) -> &'static str {
        match self {
            SourceKind::Graphite => "graphite",
            SourceKind::Prometheus => "prometheus",
        }
    }

    /// How long its newest samples are left to settle when nothing else is said: Graphite fills its newest bucket late.
    pub fn usual_offset(self) -> Span {
        match self {
            SourceKind::Graphite => Span(60),
            SourceKind::Prometheus => Span(0),
        }
    }
}

/// `POST /api/v1/sources`, `PATCH /api/v1/sources/{id}`, `POST /api/v1/sources/test`: how a source is reached. In
/// answers the secrets are left out, and `has_password` and `has_token` say whether they are set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SourceSettings {
    /// Rules name it: 1 to 40 of `a-z`, `0-9`, `-`; fixed once it is made.
    pub id: String,
    pub kind: SourceKind,
    /// What people call it.
    pub name: String,
    /// Where it is, e.g. `http://graphite.example:8080/graphite`.
    pub url: String,
    /// Windows end this long before the scheduled instant, 0 to 1 h; none: the kind's usual.
    #[serde(default)]
    pub offset: Option<Span>,
    /// Until one request is given up, 1 s to 2 min.
    #[serde(default = "usual_timeout")]
    pub timeout: Span,
    /// Requests at a time, 1 to 32.
    #[serde(default = "usual_concurrency")]
    pub concurrency: u8,
    /// Largest answer taken, 1 to 512 MiB.
    #[serde(default = "usual_max_answer")]
    pub max_answer_mib: u16,
    /// Prometheus: between scrapes, for `$__rate_interval`; none: 15 s.
    #[serde(default)]
    pub scrape_interval: Option<Span>,
    /// For basic authentication, with `password`.
    #[serde(default)]
    pub username: Option<String>,
    /// Write-only. Left out of an edit: stays as it was; empty: removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Bearer token. Write-only, like `password`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    #[serde(default)]
    pub has_password: bool,
    #[serde(default)]
    pub has_token: bool,
    /// Further headers of each request, e.g. `X-Scope-OrgID`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// PEM of an authority of one's own; empty: those of the machine.
    #[serde(default)]
    pub ca_pem: String,
}

pub fn usual_timeout() -> Span {
    Span(10)
}

pub fn usual_concurrency() -> u8 {
    4
}

pub fn usual_max_answer() -> u16 {
    32
}

impl Default for SourceSettings {
    fn default() -> Self {
        SourceSettings {
            id: String::new(),
            kind: SourceKind::default(),
            name: String::new(),
            url: String::new(),
            offset: None,
            timeout: usual_timeout(),
            concurrency: usual_concurrency(),
            max_answer_mib: usual_max_answer(),
            scrape_interval: None,
            username: None,
            password: None,
            token: None,
            has_password: false,
            has_token: false,
            headers: BTreeMap::new(),
            ca_pem: String::new(),
        }
    }
}

/// The answer to a test of a source, saved or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceTest {
    pub ok: bool,
    /// In words, in the language asked for: what was found, or what is wrong and what would be right.
    pub message: String,
    pub took_ms: u64,
    /// What it says it is, e.g. `Prometheus 2.42.0`.
    pub version: Option<String>,
    /// The source's clock minus ours, seconds, as far as its answer tells (whole seconds).
    pub clock_offset_s: Option<i64>,
    /// A few names that it knows, to recognise it by.
    pub examples: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum SourceStatus {
    #[default]
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
    /// What the source itself warns of.
    #[serde(default)]
    pub warnings: Vec<String>,
}
