//! What is done to some metrics, or to all that match: at once, in one request, undone with one press.

use atalaya_api::bulk::{Bulk, BulkChange, BulkDone};
use atalaya_api::page::Page;
use atalaya_api::rule::Rule;
use atalaya_api::template::Apply;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::choice::Chosen;
use crate::api::{Api, Failure, read, use_api};
use crate::components::notices::{Notices, use_notices};
use crate::fetched::Fetched;
use crate::prefs::{Prefs, use_prefs};
use crate::reading::value_of;

/// One kind of change to metrics.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    Pause,
    Resume,
    Delete,
    /// A merge patch.
    Change(Value),
    /// Take the dashboard's query.
    Follow,
    /// Keep the own query.
    Keep,
    /// Take these fields from the template again.
    Relink(Vec<String>),
    /// Be no longer linked to a template.
    Unlink,
}

impl Deed {
    fn change(&self) -> BulkChange {
        match self {
            Deed::Pause => BulkChange::Patch(json!({"enabled": false})),
            Deed::Resume => BulkChange::Patch(json!({"enabled": true})),
            Deed::Change(patch) => BulkChange::Patch(patch.clone()),
            Deed::Delete => BulkChange::Delete,
            Deed::Follow => BulkChange::Follow,
            Deed::Keep => BulkChange::Keep,
            Deed::Relink(fields) => BulkChange::Relink(fields.clone()),
            Deed::Unlink => BulkChange::Unlink,
        }
    }
}

/// What can be done, with all it needs; outlives the page through "Undo".
#[derive(Clone, Copy)]
pub struct Deeds {
    /// How many are being changed right now.
    pub busy: RwSignal<u64>,
    api: Api,
    prefs: Prefs,
    notices: Notices,
    refresh: Callback<()>,
}

impl Deeds {
    pub fn new(rules: Fetched<Page<Rule>>) -> Self {
        let refresh = Callback::new(move |()| rules.refresh());
        Deeds { busy: RwSignal::new(0), api: use_api(), prefs: use_prefs(), notices: use_notices(), refresh }
    }

    pub fn run(self, deed: Deed, targets: Chosen) {
        let bulk = Bulk { select: targets.select, expected_total: targets.count, change: deed.change() };
        let body = value_of(&bulk);
        let (count, name) = (targets.count, targets.name);
        self.send("rules/bulk".to_owned(), body, count, move |done| {
            self.words(&deed, done.total.max(1), &name)
        });
    }

    /// Makes a rule of each set of a template for each of the metrics.
    pub fn apply(self, template: &str, title: String, targets: Chosen) {
        let (count, select) = (targets.count, Some(targets.select));
        let body = value_of(&Apply { metrics: Vec::new(), select, expected_total: Some(count) });
        let path = format!("templates/{}/apply", crate::base::encode(template));
        self.send(path, body, count, move |done| {
            said!(self.prefs, tables.many.applied, name = title.clone(), count = done.total).to_string()
        });
    }

    fn send(self, path: String, body: Value, count: u64, words: impl Fn(&BulkDone) -> String + 'static) {
        if self.busy.get_untracked() > 0 {
            return;
        }
        self.busy.set(count);
        leptos::task::spawn_local(async move {
            let answer = self.api.post(&path, &body).await.and_then(read::<Value>);
            let _ = self.busy.try_set(0);
            match answer {
                Ok(answer) => {
                    let done = done_of(&answer);
                    self.tell_done(untrack(|| words(&done)), done.undo);
                }
                Err(failure) => self.notices.tell(failure_words(self.prefs, &failure)),
            }
            self.refresh.try_run(());
        });
    }

    fn tell_done(self, words: String, undo: Option<String>) {
        let (api, refresh) = (self.api, self.refresh);
        match undo {
            None => self.notices.tell(words),
            Some(undo) => {
                let path = format!("rules/bulk/{undo}/undo");
                self.notices.offer_undo_by(words, false, move || api.post(&path, &json!({})), Some(refresh));
            }
        }
    }

    fn words(self, deed: &Deed, count: u64, name: &str) -> String {
        let (prefs, name) = (self.prefs, name.to_owned());
        let text = match (deed, count) {
            (Deed::Pause, 1) => said!(prefs, pages.metrics.paused_one, name = name),
            (Deed::Pause, _) => said!(prefs, pages.metrics.paused_many, count = count),
            (Deed::Resume, 1) => said!(prefs, pages.metrics.resumed_one, name = name),
            (Deed::Resume, _) => said!(prefs, pages.metrics.resumed_many, count = count),
            (Deed::Delete, 1) => said!(prefs, pages.metrics.deleted_one, name = name),
            (Deed::Delete, _) => said!(prefs, pages.metrics.deleted_many, count = count),
            (Deed::Follow, 1) => said!(prefs, tables.many.followed_one, name = name),
            (Deed::Keep, 1) => said!(prefs, tables.many.kept_one, name = name),
            (Deed::Relink(_), 1) => said!(prefs, tables.many.relinked_one, name = name),
            (Deed::Change(_), 1) => said!(prefs, pages.metrics.saved, name = name),
            _ => said!(prefs, tables.many.changed_many, count = count),
        };
        text.to_string()
    }
}

/// What came of it: a change of many says so by numbers, an applied template by what was made.
fn done_of(answer: &Value) -> BulkDone {
    let number = |name: &str| answer.get(name).and_then(Value::as_u64);
    let made = answer.get("rules").and_then(Value::as_array).map(|rules| rules.len() as u64);
    BulkDone {
        total: number("total").or(made).unwrap_or(0),
        changed: number("changed").unwrap_or(0),
        undo: answer.get("undo").and_then(Value::as_str).map(str::to_owned),
        kept: Vec::new(),
    }
}

/// What the server refused, with the first of what it says about single metrics.
fn failure_words(prefs: Prefs, failure: &Failure) -> String {
    let words = untrack(|| failure.words(prefs));
    let first = match failure {
        Failure::Problem(problem) => problem.errors.first(),
        _ => None,
    };
    match first {
        Some(error) if !words.contains(&error.message) => format!("{words} {}", error.message),
        _ => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_of_it_is_read_of_a_change_and_of_an_applied_template() {
        let changed = done_of(&json!({"total": 190, "changed": 12, "undo": "u"}));
        assert_eq!(
            changed,
            BulkDone { total: 190, changed: 12, undo: Some("u".to_owned()), kept: Vec::new() }
        );
        let made = done_of(&json!({"rules": [{}, {}], "undo": null}));
        assert_eq!(made, BulkDone { total: 2, changed: 0, undo: None, kept: Vec::new() });
    }
}
