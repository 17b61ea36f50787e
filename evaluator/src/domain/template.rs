//! Templates as the evaluator keeps them.

use atalaya_api::template::TemplateDraft;

use super::ids::{RuleId, TemplateId};
use super::time::Millis;

/// A template: what an operator wrote, and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    pub id: TemplateId,
    /// Grows with each edit, from 1.
    pub version: u64,
    pub draft: TemplateDraft,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub updated_by: String,
    pub deleted_at: Option<Millis>,
    /// While it is deleted: the rules that were linked to it and stayed, each with its set. They are linked again when it comes back.
    pub released: Vec<(RuleId, String)>,
}
