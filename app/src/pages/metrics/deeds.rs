//! Pause, resume, delete: done at once, undone with one press.

use atalaya_api::page::Page;
use atalaya_api::rule::Rule;
use leptos::prelude::*;
use serde_json::json;

use crate::api::{Api, Failure, use_api};
use crate::components::notices::{Notices, use_notices};
use crate::fetched::Fetched;
use crate::prefs::{Prefs, use_prefs};

/// A rule that something is done to.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    pub id: String,
    pub name: String,
}

impl Target {
    pub fn of(rule: &Rule) -> Self {
        Target { id: rule.id.clone(), name: rule.draft.name.clone() }
    }
}

/// What can be done, with all it needs; outlives the page through "Undo".
#[derive(Clone, Copy)]
pub struct Deeds {
    api: Api,
    prefs: Prefs,
    notices: Notices,
    rules: Fetched<Page<Rule>>,
}

/// One kind of change to rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Pause,
    Resume,
    Delete,
    Restore,
}

impl Deed {
    fn opposite(self) -> Self {
        match self {
            Deed::Pause => Deed::Resume,
            Deed::Resume => Deed::Pause,
            Deed::Delete => Deed::Restore,
            Deed::Restore => Deed::Delete,
        }
    }
}

impl Deeds {
    pub fn new(rules: Fetched<Page<Rule>>) -> Self {
        Deeds { api: use_api(), prefs: use_prefs(), notices: use_notices(), rules }
    }

    pub fn delete(self, targets: Vec<Target>) {
        self.start(Deed::Delete, targets);
    }

    pub fn enable(self, targets: Vec<Target>, enabled: bool) {
        self.start(if enabled { Deed::Resume } else { Deed::Pause }, targets);
    }

    fn start(self, deed: Deed, targets: Vec<Target>) {
        leptos::task::spawn_local(async move {
            let (done, failure) = self.run(deed, &targets).await;
            if let Some(failure) = failure {
                self.tell_failure(targets.len() - done.len(), targets.len(), &failure);
            }
            if !done.is_empty() {
                let words = untrack(|| self.words(deed, &done));
                self.notices.offer_undo(words, move || self.undo(deed, done.clone()));
            }
        });
    }

    fn undo(self, deed: Deed, targets: Vec<Target>) {
        leptos::task::spawn_local(async move {
            let (done, failure) = self.run(deed.opposite(), &targets).await;
            match failure {
                Some(failure) => self.tell_failure(targets.len() - done.len(), targets.len(), &failure),
                None => self.notices.tell(untrack(|| said!(self.prefs, pages.common.undone))),
            }
        });
    }

    /// Does it to all; gives those that it was done to, and the first failure.
    async fn run(self, deed: Deed, targets: &[Target]) -> (Vec<Target>, Option<Failure>) {
        let mut done = Vec::new();
        let mut failure = None;
        for target in targets {
            match self.one(deed, &target.id).await {
                Ok(()) => done.push(target.clone()),
                Err(why) => failure = failure.or(Some(why)),
            }
        }
        self.rules.refresh();
        (done, failure)
    }

    async fn one(self, deed: Deed, id: &str) -> Result<(), Failure> {
        let path = format!("rules/{id}");
        let answer = match deed {
            Deed::Pause => self.api.patch(&path, &json!({"enabled": false})).await,
            Deed::Resume => self.api.patch(&path, &json!({"enabled": true})).await,
            Deed::Delete => self.api.delete(&path).await,
            Deed::Restore => self.api.post(&format!("{path}/restore"), &json!({})).await,
        };
        answer.map(|_| ())
    }

    fn tell_failure(self, failed: usize, count: usize, failure: &Failure) {
        let words = untrack(|| {
            let why = failure.words(self.prefs);
            said!(self.prefs, pages.metrics.some_failed, failed = failed, count = count, why = why)
                .to_string()
        });
        self.notices.tell(words);
    }

    fn words(self, deed: Deed, done: &[Target]) -> String {
        let (prefs, count) = (self.prefs, done.len());
        let name = done.first().map(|target| target.name.clone()).unwrap_or_default();
        let text = match (deed, count) {
            (Deed::Pause, 1) => said!(prefs, pages.metrics.paused_one, name = name),
            (Deed::Pause, _) => said!(prefs, pages.metrics.paused_many, count = count),
            (Deed::Resume | Deed::Restore, 1) => said!(prefs, pages.metrics.resumed_one, name = name),
            (Deed::Resume | Deed::Restore, _) => said!(prefs, pages.metrics.resumed_many, count = count),
            (Deed::Delete, 1) => said!(prefs, pages.metrics.deleted_one, name = name),
            (Deed::Delete, _) => said!(prefs, pages.metrics.deleted_many, count = count),
        };
        text.to_string()
    }
}
