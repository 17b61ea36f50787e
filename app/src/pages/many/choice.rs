//! What is chosen of a list that pages: some of what is on screen, or all that match.

use std::collections::BTreeMap;

use atalaya_api::bulk::Selection;
use atalaya_api::rule::Rule;
use leptos::prelude::*;

use crate::erase::{memo, watch};

/// What narrows a list, name by name as the API takes it.
pub type Filter = BTreeMap<String, String>;

/// What is chosen of a list.
#[derive(Clone, Copy)]
pub struct Choice {
    /// Ids, for the table.
    pub selected: RwSignal<Vec<String>>,
    /// All that match, on other pages too.
    pub all: RwSignal<bool>,
    /// What is on screen and can be chosen: ids and names, in its order.
    rows: Memo<Vec<(String, String)>>,
    /// How many match.
    total: Signal<u64>,
    /// What narrows the list, as of now: "the last day" begins later than when the list was opened.
    filter: Callback<(), Filter>,
}

/// Those that something is done to.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// Without ids all that match its filter. Alarms are selected as metrics are.
    pub select: Selection,
    /// How many the operator sees that it is.
    pub count: u64,
    /// Of the first of them.
    pub name: String,
}

impl Chosen {
    /// One of them.
    pub fn one(id: String, name: String) -> Self {
        Chosen { select: Selection { ids: vec![id], filter: None }, count: 1, name }
    }

    pub fn rule(rule: &Rule) -> Self {
        Chosen::one(rule.id.clone(), rule.draft.name.clone())
    }
}

impl Choice {
    /// `narrowed` says what narrows the list: when that changes, nothing is chosen any more. `filter` is the same as the API takes it.
    pub fn new(
        rows: impl Fn() -> Vec<(String, String)> + Send + Sync + 'static,
        total: Signal<u64>,
        narrowed: impl Fn() -> String + Send + Sync + 'static,
        filter: impl Fn() -> Filter + Send + Sync + 'static,
    ) -> Self {
        let choice = Choice {
            selected: RwSignal::new(Vec::new()),
            all: RwSignal::new(false),
            rows: memo(rows),
            total,
            filter: Callback::new(move |()| filter()),
        };
        choice.keep_all();
        let narrowed = memo(narrowed);
        watch(move || narrowed.get(), move |_| choice.choose_none());
        choice
    }

    /// How many match; tracks.
    pub fn total(self) -> u64 {
        self.total.get()
    }

    /// How many are chosen; tracks. Of single ones only what is on screen: what was selected on another page is not changed unseen.
    pub fn count(self) -> u64 {
        if self.all.get() { self.total() } else { self.on_screen().len() as u64 }
    }

    /// What is chosen now; tracks.
    pub fn now(self) -> Chosen {
        let names = self.on_screen();
        let name = names.first().map(|(_, name)| name.clone()).unwrap_or_default();
        let (ids, filter) = match self.all.get() {
            true => (Vec::new(), Some(self.filter.run(()))),
            false => (names.into_iter().map(|(id, _)| id).collect(), None),
        };
        Chosen { select: Selection { ids, filter }, count: self.count(), name }
    }

    fn on_screen(self) -> Vec<(String, String)> {
        self.rows.with(|rows| {
            self.selected
                .with(|selected| rows.iter().filter(|(id, _)| selected.contains(id)).cloned().collect())
        })
    }

    pub fn choose_all(self) {
        self.all.set(true);
        self.selected.set(self.keys());
    }

    pub fn choose_none(self) {
        let _ = self.all.try_set(false);
        let _ = self.selected.try_set(Vec::new());
    }

    fn keys(self) -> Vec<String> {
        self.rows.with_untracked(|rows| rows.iter().map(|(id, _)| id.clone()).collect())
    }

    /// While all that match are chosen, so are the rows of each page; taking one out ends that.
    fn keep_all(self) {
        watch(
            move || self.rows.track(),
            move |()| {
                if self.all.get_untracked() {
                    self.selected.set(self.keys());
                }
            },
        );
        watch(
            move || self.selected.get(),
            move |selected| {
                if self.all.get_untracked() && self.keys().iter().any(|key| !selected.contains(key)) {
                    self.all.set(false);
                }
            },
        );
    }
}
