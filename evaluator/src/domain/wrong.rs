//! What is wrong with what somebody wrote.

use super::alarm::Texts;

/// A field at fault, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// As in the document: `week[2].hours.to`.
    pub field: String,
    pub words: Texts,
}

impl Wrong {
    pub fn new(field: impl Into<String>, en: impl Into<String>, es: impl Into<String>) -> Self {
        Wrong { field: field.into(), words: Texts { en: en.into(), es: es.into() } }
    }
}
