//! Whether a template as written makes sense: what a rule is checked for, on no metric in particular.

use std::collections::BTreeSet;

use atalaya_api::rule::Query;
use atalaya_api::template::{Metric, TemplateDraft};

use crate::template;

use super::faults::Faults;
use super::problem::{Fault, FieldFault, clipped};
use super::rule_check;
use super::rule_memo::Memo;

const MOST_SETS: usize = 20;
const LONGEST_NAME: usize = 100;
const LONGEST_NOTE: usize = 4_000;

/// The template as it is kept, but for `was`. Blocks: it asks checks.
///
/// # Errors
/// 422 that names every field at fault.
pub fn check(memo: &mut Memo<'_>, mut draft: TemplateDraft) -> Result<TemplateDraft, Fault> {
    draft.name = draft.name.trim().to_owned();
    for set in &mut draft.sets {
        set.name = set.name.trim().to_owned();
    }
    let mut faults = Faults::default();
    check_name("name", &draft.name, &mut faults);
    if draft.note.chars().count() > LONGEST_NOTE {
        faults.add(
            "note",
            format!("must have at most {LONGEST_NOTE} characters"),
            format!("debe tener como mucho {LONGEST_NOTE} caracteres"),
        );
    }
    check_sets(&draft, &mut faults);
    check_values(memo, &draft, &mut faults)?;
    faults.done()?;
    Ok(draft)
}

fn check_name(field: &str, name: &str, faults: &mut Faults) {
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        faults.add(
            field,
            format!("must have 1 to {LONGEST_NAME} characters, on one line"),
            format!("debe tener de 1 a {LONGEST_NAME} caracteres, en una línea"),
        );
    }
}

fn check_sets(draft: &TemplateDraft, faults: &mut Faults) {
    if draft.sets.is_empty() {
        faults.add(
            "sets",
            "a template without parameters makes no alarms: add a set, a check with its thresholds",
            "una plantilla sin parámetros no da alarmas: añada un conjunto, una comprobación con sus umbrales",
        );
    }
    if draft.sets.len() > MOST_SETS {
        faults.add(
            "sets",
            format!("must be at most {MOST_SETS}"),
            format!("deben ser como mucho {MOST_SETS}"),
        );
    }
    let (mut names, mut were) = (BTreeSet::new(), BTreeSet::new());
    for (place, set) in draft.sets.iter().enumerate() {
        let field = format!("sets[{place}].name");
        check_name(&field, &set.name, faults);
        if !names.insert(set.name.to_lowercase()) {
            let name = clipped(&set.name);
            faults.add(
                &field,
                format!("two sets are called {name:?}; each needs a name of its own"),
                format!("dos conjuntos se llaman {name:?}; cada uno necesita su nombre"),
            );
        }
        let was = set.was.as_ref().unwrap_or(&set.name);
        if !were.insert(was.clone()) {
            let was = clipped(was);
            faults.add(
                &format!("sets[{place}].was"),
                format!("two sets cannot both have been {was:?}"),
                format!("dos conjuntos no pueden haber sido ambos {was:?}"),
            );
        }
    }
}

/// Params by their checks, and the alarm settings.
fn check_values(memo: &mut Memo<'_>, draft: &TemplateDraft, faults: &mut Faults) -> Result<(), Fault> {
    let mut alarm: BTreeSet<String> = BTreeSet::new();
    for (place, set) in draft.sets.iter().enumerate().take(MOST_SETS) {
        // Any metric: only what the template says is looked at.
        let query =
            Query { source: String::new(), expr: "x".to_owned(), unit: None, dashboard: None, panel: None };
        let metric = Metric { name: "x".to_owned(), query, origin: None };
        let rule = template::rule_on("", draft, set, &metric);
        match rule_check::check_anywhere(memo, &rule) {
            Err(fault) if fault.fields.is_empty() => return Err(fault),
            Err(fault) => {
                let own = fault.fields.into_iter().filter(|one| one.field != "name");
                for FieldFault { field, message } in own {
                    let of_check = field == "check" || field.starts_with("check.");
                    // What all sets share is told once.
                    if of_check || alarm.insert(field.clone()) {
                        let place = if of_check { format!("sets[{place}].") } else { "alarm.".to_owned() };
                        faults.0.push(FieldFault { field: format!("{place}{field}"), message });
                    }
                }
            }
            Ok(()) => {}
        }
    }
    Ok(())
}
