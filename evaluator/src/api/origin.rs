//! Rules and the dashboards that they were made from, for changes of many.

use atalaya_api::rule::RuleDraft;

use crate::domain::Rule;

use super::Services;
use super::problem::Fault;

/// The rule as it would be if it took its dashboard's query as that is now.
///
/// # Errors
/// There is nothing to follow.
pub fn follow(_services: &Services, _rule: &Rule) -> Result<RuleDraft, Fault> {
    Err(not_loaded())
}

/// The rule as it would be if its own query were kept.
///
/// # Errors
/// There is nothing to keep.
pub fn keep(_services: &Services, _rule: &Rule) -> Result<RuleDraft, Fault> {
    Err(not_loaded())
}

fn not_loaded() -> Fault {
    Fault::field("origin", "its dashboard was not loaded", "su panel de control no se ha cargado")
}
