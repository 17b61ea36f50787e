//! Templates, as they are kept.

use super::{Actor, Page, Result, RuleWrite, Slice};
use crate::domain::{Template, TemplateId};

/// Which templates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateFilter {
    /// Every word must be in the name; case is ignored.
    pub q: Option<String>,
    /// Only the deleted, or only those that are not.
    pub deleted: bool,
}

/// Templates. Whoever changes one changes the rules that are linked to it in the same transaction.
pub trait TemplateStore: Send + Sync {
    /// Writes a template and what follows from it for rules, with their audit entries, or nothing. `before`: as it was read, none for a
    /// new one; when its version or a rule's is another by now nothing is written: `VersionMoved`. `Taken("the template's name")` when
    /// another one that is not deleted has it, ignoring case. Deleting and restoring are changes of `deleted_at`.
    fn write_template(
        &self,
        before: Option<&Template>,
        template: &Template,
        rules: &[RuleWrite],
        by: &Actor,
    ) -> Result<()>;

    /// Deleted ones too.
    fn template(&self, id: TemplateId) -> Result<Option<Template>>;

    /// By name.
    fn templates(&self, filter: &TemplateFilter, slice: &Slice) -> Result<Page<Template>>;

    /// How many rules that are not deleted are linked to it.
    fn rules_of_template(&self, id: TemplateId) -> Result<u64>;
}
