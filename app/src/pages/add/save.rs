//! Saving: one metric, several at once, or a template applied to them; with one "Undo" for all.

use atalaya_api::bulk::{Made, ManyRules};
use atalaya_api::rule::{Rule, RuleDraft};
use atalaya_api::template::{Apply, Metric};
use leptos::prelude::*;
use serde_json::json;

use super::steps::Steps;
use super::templates::Templates;
use crate::api::{Api, Failure, read, use_api};
use crate::components::notices::{Notices, use_notices};
use crate::format::{Format, use_format};
use crate::logic::query::encode;
use crate::logic::wizard::{Way, drafts, metric_of, without_place};
use crate::pages::form::Editor;
use crate::prefs::{Prefs, use_prefs};
use crate::reading::value_of;

/// So many of the new rows are marked on the list; an address has its limits.
const MARKED: usize = 20;

#[derive(Clone, Copy)]
pub struct Saving {
    editor: Editor,
    steps: Steps,
    templates: Templates,
    api: Api,
    notices: Notices,
    format: Format,
    prefs: Prefs,
}

impl Saving {
    pub fn new(editor: Editor, steps: Steps, templates: Templates) -> Self {
        Saving {
            editor,
            steps,
            templates,
            api: use_api(),
            notices: use_notices(),
            format: use_format(),
            prefs: use_prefs(),
        }
    }

    /// What is sent, or none after saying what is wrong.
    fn request(self) -> Option<Request> {
        let template = self.templates.chosen.get_untracked();
        if !template.is_empty() {
            return Some(Request::Apply(template, self.metrics()?));
        }
        let form = self.editor.attempt()?;
        if self.steps.way.get_untracked() == Way::Source {
            return Some(Request::One(Box::new(form)));
        }
        let picked = self.picked()?;
        let typed = self.editor.fields.name.get_untracked();
        let dashboard = self.steps.dashboard.state.with_untracked(|state| state.value().cloned())?;
        let mut all = drafts(&form, &typed, &picked, &dashboard);
        match all.len() {
            1 => all.pop().map(|draft| Request::One(Box::new(draft))),
            _ => Some(Request::Many(all)),
        }
    }

    /// All that were chosen; while one of them cannot be watched nothing is saved, and the page says why.
    fn picked(self) -> Option<Vec<atalaya_api::catalog::CatalogMetric>> {
        let picked = self.steps.picked.get_untracked();
        let wanted = self.steps.chosen.with_untracked(|chosen| chosen.refs.len());
        if picked.is_empty() || picked.len() < wanted {
            let words = untrack(|| said!(self.prefs, pages.add.not_all).to_owned());
            self.editor.faults.failure.set(Some(words));
            return None;
        }
        Some(picked)
    }

    fn metrics(self) -> Option<Vec<Metric>> {
        if self.steps.way.get_untracked() == Way::Dashboard {
            let picked = self.picked()?;
            let dashboard = self.steps.dashboard.state.with_untracked(|state| state.value().cloned())?;
            return Some(picked.iter().map(|metric| metric_of(metric, &dashboard)).collect());
        }
        let form = self.editor.form.get_untracked();
        let unit = Some(form.unit.trim().to_owned()).filter(|unit| !unit.is_empty());
        let query = atalaya_api::rule::Query {
            source: form.source.clone(),
            expr: form.expr.trim().to_owned(),
            unit,
            dashboard: None,
            panel: None,
        };
        Some(vec![Metric { name: form.name_or_series(), query, origin: None }])
    }

    async fn send(self, request: Request) -> Result<Made, Failure> {
        match request {
            Request::One(draft) => {
                let rule = self.api.post("rules", &value_of(&*draft)).await.and_then(read::<Rule>)?;
                Ok(Made { rules: vec![rule], undo: None })
            }
            Request::Many(rules) => {
                self.api.post("rules/many", &value_of(&ManyRules { rules })).await.and_then(read)
            }
            Request::Apply(template, metrics) => {
                let body = value_of(&Apply { metrics, ..Apply::default() });
                let path = format!("templates/{}/apply", encode(&template));
                self.api.post(&path, &body).await.and_then(read)
            }
        }
    }

    /// The same of what was made, with "Undo" on the list that follows.
    fn tell(self, made: &Made) {
        let api = self.api;
        let (undo, rules) = (made.undo.clone(), made.rules.as_slice());
        if let ([one], None) = (rules, &undo) {
            return tell_added(self.notices, api, self.prefs, one);
        }
        let count = self.format.count(rules.len() as u64);
        let words = untrack(|| match rules {
            [one] => said!(self.prefs, pages.metrics.added, name = one.draft.name.clone()).to_string(),
            _ => said!(self.prefs, pages.add.added_many, count = count).to_string(),
        });
        match undo.map(|undo| format!("rules/bulk/{}/undo", encode(&undo))) {
            Some(path) => self.notices.offer_undo_by(words, true, move || api.post(&path, &json!({})), None),
            None => self.notices.tell_on_next_page(words),
        }
    }
}

/// Says that it is watched now, with "Undo" on the list that follows.
pub fn tell_added(notices: Notices, api: Api, prefs: Prefs, rule: &Rule) {
    let words = untrack(|| said!(prefs, pages.metrics.added, name = rule.draft.name.clone()).to_string());
    let path = format!("rules/{}", rule.id);
    notices.offer_undo_by(words, true, move || api.delete(&path), None);
}

/// What "Save" asks for.
enum Request {
    One(Box<RuleDraft>),
    /// All or none.
    Many(Vec<RuleDraft>),
    /// A template's id.
    Apply(String, Vec<Metric>),
}

/// Saves; `done` gets the ids of what was made, for the list to mark.
pub fn save(saving: Saving, done: Callback<String>) {
    let editor = saving.editor;
    if editor.saving.get_untracked() {
        return;
    }
    let Some(request) = saving.request() else { return };
    editor.saving.set(true);
    leptos::task::spawn_local(async move {
        let answer = saving.send(request).await;
        let _ = editor.saving.try_set(false);
        match answer {
            Ok(made) => {
                saving.tell(&made);
                let ids: Vec<&str> = made.rules.iter().take(MARKED).map(|rule| rule.id.as_str()).collect();
                done.try_run(ids.join(","));
            }
            Err(failure) => editor.faults.refused(&at_fields(failure), ""),
        }
    });
}

/// All metrics share the form's fields: a fault of one is shown there.
fn at_fields(failure: Failure) -> Failure {
    match failure {
        Failure::Problem(mut problem) => {
            let mut seen = Vec::<String>::new();
            problem.errors.retain_mut(|error| {
                error.field = without_place(&error.field).to_owned();
                let is_new = !seen.contains(&error.field);
                seen.push(error.field.clone());
                is_new
            });
            Failure::Problem(problem)
        }
        other => other,
    }
}
