//! Sources elsewhere, as the evaluator keeps them.

use std::fmt;

use atalaya_api::source::SourceSettings;
use atalaya_api::span::Span;

use super::time::Millis;

/// A source: how it is reached, without its secrets.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceConfig {
    /// Grows with each edit, from 1.
    pub version: u64,
    /// `password` and `token` are none here, whatever is set: they travel as [`Secret`].
    pub settings: SourceSettings,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub updated_by: String,
    pub deleted_at: Option<Millis>,
}

impl SourceConfig {
    /// Windows end this long before the scheduled instant.
    pub fn offset(&self) -> Span {
        self.settings.offset.unwrap_or(self.settings.kind.usual_offset())
    }
}

/// What lets in; shown nowhere.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret {
    pub password: Option<String>,
    pub token: Option<String>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
