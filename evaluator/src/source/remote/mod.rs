//! Sources elsewhere: asked over HTTP when a rule is due.
//!
//! A [`Remote`] answers one question at a time and blocks while it does; whose fault a failure is, the [`Fault`] says as far
//! as one answer tells. Nothing here judges a source: that takes more than one answer.

mod connect;
mod fleet;
mod graphite;
mod health;
pub mod http;
mod json;
mod prometheus;

use std::sync::Arc;
use std::time::Duration;

use atalaya_api::source::SeriesHit;

use crate::domain::{Millis, Texts, TroubleKind};

pub use connect::connect;
pub use fleet::{Ask, Asking, Fleet, Good, Nobody, Question, Reply};
pub use health::{Health, Turn};
pub use http::Unusable;

/// A question: the samples of what an expression gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Query {
    pub expr: Arc<str>,
    /// Samples with `after` < time <= `upto` are wanted.
    pub after: Millis,
    pub upto: Millis,
    /// Between evaluations, ms: the step in which a source is asked that has none of its own.
    pub interval_ms: i64,
    /// For drawing: about this many points a series are enough. None: every sample.
    pub max_points: Option<usize>,
}

/// What an expression gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    pub series: Vec<AnswerSeries>,
    /// What the source itself warns of.
    pub warnings: Vec<String>,
}

/// Samples of one series, oldest first, no two of one time; NaN: a bucket that the source says is empty.
#[derive(Clone, Debug, PartialEq)]
pub struct AnswerSeries {
    pub name: Arc<str>,
    /// Ms between samples as the source knows it, 0 = unknown.
    pub step_ms: f64,
    /// Unix ms.
    pub times: Vec<f64>,
    pub values: Vec<f64>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Fault {
    /// The source is at fault, or what lies between.
    #[error("{}", .0.words.en)]
    Source(Trouble),
    /// The expression is, in the source's own words.
    #[error("{0}")]
    Query(String),
}

/// What is wrong with a source.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    pub kind: TroubleKind,
    /// For whoever mends it: what was asked of whom, and what came back. No secret is in it.
    pub words: Texts,
    /// It asked not to be asked for this long.
    pub retry_after: Option<Duration>,
    /// The request was handed over: it may have been done although no answer came.
    pub handed_over: bool,
}

/// What a source says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Greeting {
    /// e.g. `Prometheus 2.42.0`.
    pub version: Option<String>,
    /// Its clock, as its answer's `Date` tells it.
    pub clock: Option<Millis>,
}

/// A server that answers questions about samples. Every call blocks at most for the source's timeout.
pub trait Remote: Send + Sync {
    /// # Errors
    /// There is no answer, and whose fault that is.
    fn fetch(&self, query: &Query) -> Result<Answer, Fault>;

    /// Whether it answers at all, by the way that [`Remote::fetch`] goes, asking nothing that costs.
    ///
    /// # Errors
    /// It does not.
    fn probe(&self) -> Result<Greeting, Fault>;

    /// Names for a pattern (`lab.*.cpu`) or words, sorted, at most `limit`; for suggestions.
    ///
    /// # Errors
    /// There is no answer, and whose fault that is.
    fn search(&self, q: &str, limit: usize) -> Result<Vec<SeriesHit>, Fault>;

    /// What a dashboard's variable of this kind of source gives: `net.*.if`, `label_values(up, job)`; in the source's order.
    ///
    /// # Errors
    /// There is no answer, and whose fault that is.
    fn names(&self, query: &str) -> Result<Vec<String>, Fault> {
        Err(Fault::Query(format!("this source knows no {query:?}")))
    }
}
