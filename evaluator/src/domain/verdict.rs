//! What an evaluation gives.

use std::fmt;

use atalaya_api::level::Level;
use serde::{Deserialize, Serialize};

/// A check's answer for one series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    pub level: Level,
    /// The value that was judged, in the rule's unit.
    pub value: Option<f64>,
    /// What the check wants to be handed next time; at most 4 KiB.
    pub memory: Option<Vec<u8>>,
}

/// Why there is no answer: the closed list, and the check's own words where it has some.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unknown {
    pub kind: UnknownKind,
    /// At most 200 characters, no control characters.
    pub words: Option<Box<str>>,
}

/// The closed list of reasons for an unknown verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum UnknownKind {
    OutOfFuel,
    OutOfTime,
    OutOfMemory,
    Trapped,
    WrongAnswer,
    NotEnoughData,
    Failed,
    /// The source gave no answer to this query, though it answers others.
    QueryFailed,
}

impl UnknownKind {
    pub const ALL: [UnknownKind; 8] = [
        UnknownKind::OutOfFuel,
        UnknownKind::OutOfTime,
        UnknownKind::OutOfMemory,
        UnknownKind::Trapped,
        UnknownKind::WrongAnswer,
        UnknownKind::NotEnoughData,
        UnknownKind::Failed,
        UnknownKind::QueryFailed,
    ];

    /// The words shown and stored.
    pub fn name(self) -> &'static str {
        match self {
            UnknownKind::OutOfFuel => "out of fuel",
            UnknownKind::OutOfTime => "out of time",
            UnknownKind::OutOfMemory => "out of memory",
            UnknownKind::Trapped => "trapped",
            UnknownKind::WrongAnswer => "wrong answer",
            UnknownKind::NotEnoughData => "not enough data",
            UnknownKind::Failed => "failed",
            UnknownKind::QueryFailed => "query failed",
        }
    }
}

impl Unknown {
    pub fn of(kind: UnknownKind) -> Self {
        Unknown { kind, words: None }
    }

    pub fn with_words(kind: UnknownKind, words: impl Into<Box<str>>) -> Self {
        Unknown { kind, words: Some(words.into()) }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.words {
            Some(words) => write!(f, "{}: {words}", self.kind.name()),
            None => f.write_str(self.kind.name()),
        }
    }
}

/// One evaluation's result.
pub type Outcome = Result<Verdict, Unknown>;
