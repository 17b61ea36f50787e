//! What the API asks of the rest of the server. The wiring (`app.rs`) hands in the implementations.

use std::sync::Arc;

use atalaya_api::check::CheckView;
use atalaya_api::event::RuleAction;
use atalaya_api::level::{Level, Standing as RuleStanding};
use atalaya_api::page::Page;
use atalaya_api::problem::FieldError;
use atalaya_api::rule::{Line, RuleState};
use atalaya_api::source::{QueryAnswer, SeriesHit, Source, SourceKind, SourceSettings, SourceTest};
use atalaya_api::span::Span;

use crate::domain::{Millis, Rule, RuleId, RuleRecord, Run, Secret, SourceConfig, Texts};
pub use crate::pipeline::{LiveSeries, Pulse, SourceState, Standing, Totals};
pub use crate::source::remote::Unusable;
use crate::store::RuleSet;

/// The running evaluation: what it should know of, and how things stand.
pub trait Evaluation: Send + Sync {
    /// These rules were stored, edited, deleted or restored; taken up by the next cycles, in this order.
    fn rules_changed(&self, rules: Vec<(Rule, RuleAction)>);
    /// A vanished series is given up by the next cycle. False: the rule does not watch it.
    fn forget(&self, rule: RuleId, series: &str) -> bool;
    fn rule_state(&self, rule: RuleId) -> RuleState;
    /// The rules in force that stand so right now.
    fn rules_standing(&self, standing: RuleStanding) -> RuleSet;
    /// The rules in force whose interval is shorter than the step of their data.
    fn rules_too_fast(&self) -> RuleSet;
    /// The latest known value of a series of a rule, and since when no verdict is known.
    fn live(&self, rule: RuleId, series: &str) -> Option<LiveSeries>;
    /// The series that a rule's query gives now, at most `limit`, and how many in all.
    fn series_of(&self, rule: RuleId, limit: usize) -> (Vec<Arc<str>>, u64);
    fn totals(&self) -> Totals;
    /// The sources elsewhere, as they answer.
    fn far_sources(&self) -> Vec<(Arc<str>, SourceState)>;
    /// How the heart beats.
    fn pulse(&self) -> Pulse;
    /// What stands as a cause right now, worst first.
    fn causes(&self) -> Vec<Standing>;
}

/// The installed checks.
pub trait Checks: Send + Sync {
    /// `rules` counts are filled in by the API.
    fn list(&self) -> Vec<CheckView>;
    /// What the check says of a rule record: no errors means it accepts. None: no check has this name.
    /// Field paths are the check's own, e.g. `critical`; `$ok_margin` is the rule's margin. Words are in the
    /// language asked for, if the check speaks it.
    fn validate(&self, name: &str, record: &RuleRecord, language: &str) -> Option<Vec<FieldError>>;
    /// The lines that a check draws for a rule between two instants; empty when it cannot say.
    fn lines(&self, name: &str, record: &RuleRecord, held: Level, from: Millis, to: Millis) -> Vec<Line>;
    /// Whether a stored run, judged again, gives the same verdicts. None: the check or record is not there.
    fn replays(&self, run: &Run, record: &RuleRecord) -> Option<bool>;
    /// Takes a check out of quarantine. False: no such check, or it is not in quarantine.
    fn release(&self, name: &str) -> bool;
}

/// A query on a source failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SourceError {
    #[error("there is no source {0:?}")]
    NoSuchSource(String),
    /// The expression is at fault; says what would be right.
    #[error("{0}")]
    BadExpression(String),
    /// The source is.
    #[error("{}", .0.en)]
    Failed(Texts),
    /// Too many ask sources elsewhere right now.
    #[error("too many questions to sources at once")]
    Busy,
}

/// What is known of what an expression gives before it is evaluated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Foreknown {
    /// None: the built-in store.
    pub kind: Option<SourceKind>,
    /// The longest distance between samples, where it is known.
    pub step: Option<Span>,
}

/// The configured sources.
pub trait Sources: Send + Sync {
    /// All of them, the built-in one first; words in this language.
    fn list(&self, language: &str) -> Vec<Source>;
    /// Names by glob or by text, sorted; at most `limit` after the name `after`.
    fn search(
        &self,
        source: &str,
        q: &str,
        limit: usize,
        after: Option<&str>,
    ) -> Result<Page<SeriesHit>, SourceError>;
    /// Samples between two instants, at most `max_points` a series (thinned evenly, keeping extremes), at most
    /// `max_series` series.
    fn query(
        &self,
        source: &str,
        expr: &str,
        range: Range,
        max_series: usize,
    ) -> Result<QueryAnswer, SourceError>;
    /// What can be known of an expression before a rule is saved: whether it is one, and its step.
    fn foreknown(&self, source: &str, expr: &str) -> Result<Foreknown, SourceError>;

    /// What a dashboard's variable gives whose query this is, in the source's order.
    fn names(&self, source: &str, query: &str) -> Result<Vec<String>, SourceError>;

    /// Whether a source can be asked this way at all; nobody is asked.
    fn usable(&self, settings: &SourceSettings, secret: &Secret) -> Result<(), Unusable>;
    /// A source elsewhere was stored as this: from now on it is asked this way, or no longer when it is deleted.
    /// `secret`: what lets in, or why that cannot be read.
    fn stored(&self, source: &SourceConfig, secret: Result<Secret, Texts>);
    /// Whether a source answers when it is reached this way; words in this language.
    fn test(
        &self,
        settings: &SourceSettings,
        secret: &Secret,
        language: &str,
    ) -> Result<SourceTest, SourceError>;
}

/// A stretch of time to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub from: Millis,
    pub to: Millis,
    pub max_points: usize,
}
