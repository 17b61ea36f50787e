//! What saving, applying, deleting or restoring a template does to rules. Put together as [`Changes`]; nothing is written here.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use atalaya_api::rule::{RuleDraft, TemplateUse};
use atalaya_api::template::{Impact, Metric, Overridden, TemplateDraft, TemplateSet};

use crate::domain::{Rule, Template, TemplateId};
use crate::store::{RuleFilter, Slice};
use crate::template::{self, PARAMS};

use super::bulk::MOST_CHANGED;
use super::changes::Changes;
use super::problem::Fault;
use super::{Services, rule_link};

/// Reasons that an impact lists.
const MOST_REFUSED: usize = 100;

/// The rules that are linked to a template: those in use, or the deleted ones.
///
/// # Errors
/// The store's.
pub fn linked(services: &Services, id: TemplateId, deleted: bool) -> Result<Vec<Rule>, Fault> {
    let filter = RuleFilter { template: Some(id.to_string()), deleted, ..RuleFilter::default() };
    Ok(services.store.rules(&filter, &Slice { limit: MOST_CHANGED, cursor: None })?.items)
}

/// A template as it is kept: what its sets were called before is over.
pub fn as_kept(mut draft: TemplateDraft) -> TemplateDraft {
    draft.sets.iter_mut().for_each(|set| set.was = None);
    draft
}

/// A metric, whatever it is called.
type Place = (String, String);

fn place(draft: &RuleDraft) -> Place {
    (draft.query.source.clone(), draft.query.expr.clone())
}

/// A template is saved as `new`: the rules that are linked to it follow, rules of sets that are gone go, and each metric gets one of each
/// new set. What stands in the way is noted with the rules' names.
///
/// # Errors
/// The store's.
pub fn save(changes: &mut Changes<'_>, old: &Template, new: &TemplateDraft) -> Result<Impact, Fault> {
    let rules = linked(changes.memo.services, old.id, false)?;
    let mut impact = Impact { rules: rules.len() as u64, ..Impact::default() };
    let becomes = becomes(&old.draft, new);
    let mut metrics: BTreeMap<Place, Metric> = BTreeMap::new();
    for rule in rules {
        let was = rule.draft.template.as_ref().map(|link| link.set.clone()).unwrap_or_default();
        let Some(set) = becomes.get(was.as_str()).copied() else {
            impact.deleted += 1;
            changes.delete(rule);
            continue;
        };
        metrics.entry(place(&rule.draft)).or_insert_with(|| metric_of(&rule.draft, &was));
        let name = rule.draft.name.clone();
        let draft = following(new, set, &rule.draft, &was);
        impact.overridden.extend(overridden(&rule, &draft));
        let before = changes.writes().len();
        let outcome = changes.update(rule, draft);
        changes.note(outcome, "", Some(&name))?;
        impact.changed += (changes.writes().len() - before) as u64;
    }
    let kept: BTreeSet<&str> = becomes.values().map(|set| set.name.as_str()).collect();
    let added: Vec<&TemplateSet> = new.sets.iter().filter(|set| !kept.contains(set.name.as_str())).collect();
    impact.created = add(changes, old.id, new, &added, metrics.into_values())?;
    let refused = changes.faults().iter().take(MOST_REFUSED);
    impact.refused = refused.map(|fault| format!("{} ({})", fault.message.en, fault.field)).collect();
    Ok(impact)
}

/// What the old sets become, by their names; one that is not there goes.
fn becomes<'a>(old: &TemplateDraft, new: &'a TemplateDraft) -> HashMap<String, &'a TemplateSet> {
    let was = |set: &TemplateSet| set.was.clone().unwrap_or_else(|| set.name.clone());
    let known = |name: &String| template::set(old, name).is_some();
    new.sets.iter().map(|set| (was(set), set)).filter(|(name, _)| known(name)).collect()
}

/// The rule as it follows the set that its set became.
fn following(new: &TemplateDraft, set: &TemplateSet, draft: &RuleDraft, was: &str) -> RuleDraft {
    let mut followed = template::followed(new, set, draft);
    if let Some(link) = followed.template.as_mut() {
        link.set.clone_from(&set.name);
        if draft.check.name != followed.check.name {
            // Params of a check that is no longer asked.
            link.overrides.retain(|field| !field.starts_with(PARAMS));
        }
    }
    if let Some(name) = template::without_set(&draft.name, was).filter(|_| set.name != was) {
        followed.name = template::with_set(name, &set.name);
    }
    followed
}

fn overridden(rule: &Rule, draft: &RuleDraft) -> Option<Overridden> {
    let link = draft.template.as_ref().filter(|link| !link.overrides.is_empty())?;
    let (id, name) = (rule.id.to_string(), rule.draft.name.clone());
    Some(Overridden { id, name, fields: link.overrides.clone() })
}

fn metric_of(draft: &RuleDraft, set: &str) -> Metric {
    let name = template::without_set(&draft.name, set).unwrap_or(&draft.name);
    Metric { name: name.to_owned(), query: draft.query.clone(), origin: draft.origin.clone() }
}

/// Each metric gets a rule of each of these sets: the one that it had once and that was deleted, else a new one. How many.
fn add(
    changes: &mut Changes<'_>,
    id: TemplateId,
    new: &TemplateDraft,
    sets: &[&TemplateSet],
    metrics: impl Iterator<Item = Metric>,
) -> Result<u64, Fault> {
    if sets.is_empty() {
        return Ok(0);
    }
    let mut gone: HashMap<(String, Place), Rule> = HashMap::new();
    for rule in linked(changes.memo.services, id, true)? {
        let set = rule.draft.template.as_ref().map(|link| link.set.clone()).unwrap_or_default();
        let key = (set, place(&rule.draft));
        if gone.get(&key).is_none_or(|other| other.deleted_at < rule.deleted_at) {
            gone.insert(key, rule);
        }
    }
    let mut added = 0;
    for metric in metrics {
        for set in sets {
            added += 1;
            let draft = template::rule_on(&id.to_string(), new, set, &metric);
            let name = draft.name.clone();
            let outcome = match gone.remove(&(set.name.clone(), place(&draft))) {
                Some(rule) => {
                    let draft = template::followed(new, set, &rule.draft);
                    changes.restore(rule, draft)
                }
                None => changes.create(draft),
            };
            changes.note(outcome, "", Some(&name))?;
        }
    }
    Ok(added)
}

/// A metric that a template is applied to, and where a fault of it is told.
pub struct Wanted {
    pub metric: Metric,
    /// E.g. `metrics[3].`; none: it is another rule's, and is told by its name.
    pub field: Option<String>,
}

/// The metrics of rules that were selected. Of a rule that is linked to this template already its plain name.
pub fn metrics_of(rules: &[Rule], id: TemplateId) -> Vec<Wanted> {
    let wanted = |rule: &Rule| {
        let link = rule.draft.template.as_ref().filter(|link| link.id == id.to_string());
        let set = link.map_or("", |link| link.set.as_str());
        Wanted { metric: metric_of(&rule.draft, set), field: None }
    };
    rules.iter().map(wanted).collect()
}

/// Each set on each metric makes a rule, but where there is one already.
///
/// # Errors
/// The store's.
pub fn apply(changes: &mut Changes<'_>, template: &Template, wanted: Vec<Wanted>) -> Result<(), Fault> {
    let mut linked: BTreeSet<(String, Place)> = BTreeSet::new();
    for rule in self::linked(changes.memo.services, template.id, false)? {
        let set = rule.draft.template.as_ref().map(|link| link.set.clone()).unwrap_or_default();
        linked.insert((set, place(&rule.draft)));
    }
    for Wanted { metric, field } in wanted {
        for set in &template.draft.sets {
            let mut draft = template::rule_on(&template.id.to_string(), &template.draft, set, &metric);
            if field.is_none() {
                // The rule that it is taken from has the plain name.
                draft.name = template::with_set(&metric.name, &set.name);
            }
            if !linked.insert((set.name.clone(), place(&draft))) {
                continue;
            }
            let name = draft.name.clone();
            let outcome = changes.create(draft);
            match &field {
                Some(field) => changes.note(outcome, field, None)?,
                None => changes.note(outcome, "", Some(&name))?,
            }
        }
    }
    Ok(())
}

/// The rules of a template that goes stay as they are, without it. Which they are, with their sets.
///
/// # Errors
/// The store's.
pub fn release(
    changes: &mut Changes<'_>,
    id: TemplateId,
) -> Result<Vec<(crate::domain::RuleId, String)>, Fault> {
    let mut released = Vec::new();
    for rule in linked(changes.memo.services, id, false)? {
        released.extend(rule.draft.template.as_ref().map(|link| (rule.id, link.set.clone())));
        let draft = RuleDraft { template: None, ..rule.draft.clone() };
        changes.relabel(rule, draft);
    }
    Ok(released)
}

/// The rules of a template that goes, go with it.
///
/// # Errors
/// The store's.
pub fn delete(changes: &mut Changes<'_>, id: TemplateId) -> Result<(), Fault> {
    linked(changes.memo.services, id, false)?.into_iter().for_each(|rule| changes.delete(rule));
    Ok(())
}

/// A deleted template comes back: the rules that went with it do, and those that stayed are linked again. What was done to them meanwhile is
/// their own.
///
/// # Errors
/// The store's.
pub fn restore(changes: &mut Changes<'_>, template: &Template) -> Result<(), Fault> {
    for rule in linked(changes.memo.services, template.id, true)? {
        if rule.deleted_at == template.deleted_at {
            let (name, mut draft) = (rule.draft.name.clone(), rule.draft.clone());
            rule_link::settle_again(&mut changes.memo, &mut draft)?;
            let outcome = changes.restore(rule, draft);
            changes.note(outcome, "", Some(&name))?;
        }
    }
    let ids: Vec<_> = template.released.iter().map(|(id, _)| *id).collect();
    let sets: HashMap<_, _> = template.released.iter().cloned().collect();
    for rule in changes.memo.services.store.rules_by_id(&ids)? {
        if rule.deleted_at.is_none() && rule.draft.template.is_none() {
            let (id, set) = (template.id.to_string(), sets[&rule.id].clone());
            let link = TemplateUse { id, set, overrides: Vec::new() };
            let mut draft = RuleDraft { template: Some(link), ..rule.draft.clone() };
            rule_link::settle_again(&mut changes.memo, &mut draft)?;
            changes.relabel(rule, draft);
        }
    }
    Ok(())
}
