//! Rules that are linked to a template: which of their values are their own.

use std::rc::Rc;

use atalaya_api::rule::{RuleDraft, TemplateUse};
use atalaya_api::template::TemplateSet;

use crate::domain::Template;
use crate::nearest::nearest;
use crate::template;

use super::problem::{Fault, clipped};
use super::rule_memo::Memo;

/// Writes down which values a rule has of its own, after whatever was done to it. `before`: as it was. What the caller says of
/// overrides does not count: what differs from the template is one.
///
/// # Errors
/// 422: there is no such template, or it has no such set; the store's.
pub fn settle(memo: &mut Memo<'_>, draft: &mut RuleDraft, before: Option<&RuleDraft>) -> Result<(), Fault> {
    let Some(link) = draft.template.clone() else { return Ok(()) };
    let (template, set) = set_of(memo, &link)?;
    let was_linked = |before: &&RuleDraft| {
        before.template.as_ref().is_some_and(|was| (&was.id, &was.set) == (&link.id, &link.set))
    };
    let overrides = template::overrides(&template.draft, &set, draft, before.filter(was_linked));
    draft.template = Some(TemplateUse { overrides, ..link });
    Ok(())
}

/// As [`settle`] for a rule that comes back: its template may have changed or gone meanwhile. Its values stay.
///
/// # Errors
/// The store's.
pub fn settle_again(memo: &mut Memo<'_>, draft: &mut RuleDraft) -> Result<(), Fault> {
    let before = draft.clone();
    match settle(memo, draft, Some(&before)) {
        Err(fault) if fault.fields.is_empty() => Err(fault),
        Err(_) => {
            draft.template = None;
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// A linked rule gives up its own values of these fields (of all, without fields) and follows its template there. One that is not
/// linked stays as it is.
///
/// # Errors
/// As [`settle`].
pub fn relink(memo: &mut Memo<'_>, draft: &RuleDraft, fields: &[String]) -> Result<RuleDraft, Fault> {
    let mut draft = draft.clone();
    let Some(link) = draft.template.as_mut() else { return Ok(draft) };
    let (template, set) = set_of(memo, link)?;
    link.overrides.retain(|field| !fields.is_empty() && !fields.contains(field));
    Ok(template::followed(&template.draft, &set, &draft))
}

fn set_of(memo: &mut Memo<'_>, link: &TemplateUse) -> Result<(Rc<Template>, TemplateSet), Fault> {
    let Some(template) = memo.template(&link.id)? else {
        let id = clipped(&link.id);
        return Err(Fault::field(
            "template.id",
            format!("there is no template {id:?}"),
            format!("no existe la plantilla {id:?}"),
        ));
    };
    if let Some(set) = template::set(&template.draft, &link.set) {
        let set = set.clone();
        return Ok((template, set));
    }
    let known: Vec<&str> = template.draft.sets.iter().map(|set| set.name.as_str()).collect();
    let meant = nearest(&link.set, known.iter().copied()).map_or_else(|| known.join(", "), str::to_owned);
    let set = clipped(&link.set);
    Err(Fault::field(
        "template.set",
        format!("the template has no set {set:?}; there is: {meant}"),
        format!("la plantilla no tiene el conjunto {set:?}; existe: {meant}"),
    ))
}
