//! How bad it is: what a check may say, and what an alarm may carry.

use serde::{Deserialize, Serialize};

/// What a check can say, ordered: ok < warning < major < critical.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Level {
    #[default]
    Ok,
    Warning,
    Major,
    Critical,
}

impl Level {
    /// The three levels that raise an alarm, lowest first.
    pub const ALARMING: [Level; 3] = [Level::Warning, Level::Major, Level::Critical];
    pub const ALL: [Level; 4] = [Level::Ok, Level::Warning, Level::Major, Level::Critical];

    /// The level with this number, as stored: 0 ok, 1 warning, 2 major, 3 critical.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    pub fn name(self) -> &'static str {
        match self {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Major => "major",
            Level::Critical => "critical",
        }
    }
}

/// What an alarm carries: a level that is not ok, or unknown.
///
/// Ordered as lists show it, worst last: warning < unknown < major < critical.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Severity {
    Warning = 1,
    Unknown = 2,
    Major = 3,
    Critical = 4,
}

impl Severity {
    pub const ALL: [Severity; 4] =
        [Severity::Critical, Severity::Major, Severity::Unknown, Severity::Warning];

    pub fn from_level(level: Level) -> Option<Self> {
        match level {
            Level::Ok => None,
            Level::Warning => Some(Severity::Warning),
            Level::Major => Some(Severity::Major),
            Level::Critical => Some(Severity::Critical),
        }
    }

    /// The severity with this number, as stored and as sorted: 1 warning, 2 unknown, 3 major, 4 critical.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| *severity as u8 == number)
    }

    pub fn name(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Unknown => "unknown",
            Severity::Major => "major",
            Severity::Critical => "critical",
        }
    }
}

/// How a rule stands right now: a severity, ok, or not checked yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// No evaluation has been made yet.
    #[default]
    Pending,
    Paused,
    Ok,
    Warning,
    Unknown,
    Major,
    Critical,
}

impl From<Option<Severity>> for Standing {
    fn from(severity: Option<Severity>) -> Self {
        match severity {
            None => Standing::Ok,
            Some(Severity::Warning) => Standing::Warning,
            Some(Severity::Unknown) => Standing::Unknown,
            Some(Severity::Major) => Standing::Major,
            Some(Severity::Critical) => Standing::Critical,
        }
    }
}
