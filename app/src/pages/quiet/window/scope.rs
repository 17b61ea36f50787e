//! What a window mutes: everything, or dashboards and metrics that are searched for.

use atalaya_api::page::Page;
use atalaya_api::rule::Rule;
use leptos::prelude::*;

use crate::api::{read, use_api};
use crate::base::encode;
use crate::components::{Icon, SwitchField, TextField};
use crate::erase::{For, Show, drawn, memo};
use crate::fetched::fetched;
use crate::pages::faults::Faults;
use crate::pages::listing::after_rest;
use crate::prefs::{Prefs, use_prefs};

/// Typing rests this long before it is searched, ms.
const REST_MS: u64 = 250;
/// How many metrics a search looks at.
const FOUND: usize = 20;

/// One dashboard or metric.
#[derive(Clone, Debug, PartialEq)]
struct Item {
    dashboard: bool,
    /// The dashboard's name, the metric's id.
    id: String,
    name: String,
}

impl Item {
    fn key(&self) -> String {
        format!("{} {} {}", self.dashboard, self.id, self.name)
    }
}

/// What is chosen, as signals.
#[derive(Clone, Copy)]
pub struct Scope {
    everything: RwSignal<bool>,
    items: RwSignal<Vec<Item>>,
}

impl Scope {
    /// The names of metrics are asked for.
    pub fn new(everything: bool, dashboards: Vec<String>, rules: Vec<String>) -> Self {
        let board = |name: String| Item { dashboard: true, id: name.clone(), name };
        let metric = |id: &String| Item { dashboard: false, id: id.clone(), name: id.clone() };
        let items = dashboards.into_iter().map(board).chain(rules.iter().map(metric)).collect();
        let scope = Scope { everything: RwSignal::new(everything), items: RwSignal::new(items) };
        let api = use_api();
        leptos::task::spawn_local(async move {
            for id in rules {
                if let Ok(rule) = api.get(&format!("rules/{}", encode(&id))).await.and_then(read::<Rule>) {
                    let name = |items: &mut Vec<Item>| {
                        let mine = items.iter_mut().find(|item| !item.dashboard && item.id == id);
                        if let Some(item) = mine {
                            item.name = rule.draft.name;
                        }
                    };
                    let _ = scope.items.try_update(name);
                }
            }
        });
        scope
    }

    /// Everything, or these dashboards and metrics; tracks.
    pub fn chosen(self) -> (bool, Vec<String>, Vec<String>) {
        if self.everything.get() {
            return (true, Vec::new(), Vec::new());
        }
        let (boards, metrics): (Vec<Item>, Vec<Item>) =
            self.items.get().into_iter().partition(|item| item.dashboard);
        let ids = |items: Vec<Item>| items.into_iter().map(|item| item.id).collect();
        (false, ids(boards), ids(metrics))
    }
}

#[component]
pub fn ScopeFields(scope: Scope, faults: Faults) -> impl IntoView {
    let prefs = use_prefs();
    let (typed, asked) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    after_rest(move || typed.get(), REST_MS, move |text| asked.set(text));
    let rules = fetched::<Page<Rule>>(move || {
        let text = asked.with(|text| encode(text.trim()));
        (!text.is_empty()).then(|| format!("rules?limit={FOUND}&sort=name&q={text}"))
    });
    let found = memo(move || {
        let chosen = scope.items.get();
        let all = rules.value().map_or_else(Vec::new, |page| items_of(&page.items));
        all.into_iter().filter(|item| !chosen.contains(item)).collect::<Vec<_>>()
    });
    let searching = move || asked.with(|text| !text.trim().is_empty());
    let nothing = memo(move || searching() && rules.value().is_some() && found.with(Vec::is_empty));
    let error = faults.of("scope");
    let add = move |item: Item| {
        view! {
            <button type="button" class="pick" on:click=move |_| scope.items.update(|items| items.push(item.clone()))>
                <span>{item.name.clone()}</span>
                <span class="muted">{drawn(move || kind_word(prefs, item.dashboard))}</span>
            </button>
        }
    };
    view! {
        <SwitchField name="everything" label=say!(prefs, quiet.everything) value=scope.everything />
        <Show when=move || !scope.everything.get()>
            <Chosen scope />
            <TextField name="scope" kind="search" label=say!(prefs, quiet.scope_search) value=typed error />
            <Show when=move || searching()>
                <div class="picks">
                    <For each=move || found.get() key=Item::key children=move |item| add(item).into_any() />
                </div>
            </Show>
            <Show when=move || nothing.get()>
                <p class="muted">{say!(prefs, pages.common.nothing_matches)}</p>
            </Show>
        </Show>
    }
}

/// The dashboards of the metrics, each once, then the metrics.
fn items_of(rules: &[Rule]) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for name in rules.iter().filter_map(|rule| rule.draft.query.dashboard.as_ref()) {
        let item = Item { dashboard: true, id: name.clone(), name: name.clone() };
        if !items.contains(&item) {
            items.push(item);
        }
    }
    items.extend(rules.iter().map(|rule| Item {
        dashboard: false,
        id: rule.id.clone(),
        name: rule.draft.name.clone(),
    }));
    items
}

fn kind_word(prefs: Prefs, dashboard: bool) -> &'static str {
    if dashboard { said!(prefs, quiet.of_dashboard) } else { said!(prefs, quiet.of_rule) }
}

/// What is chosen, each with a way to take it out.
#[component]
fn Chosen(scope: Scope) -> impl IntoView {
    let prefs = use_prefs();
    let chip = move |item: Item| {
        let name = item.name.clone();
        let label = move || said!(prefs, quiet.take_out, name = name.clone()).to_string();
        let (shown, dashboard) = (item.name.clone(), item.dashboard);
        let remove = move |_| scope.items.update(|items| items.retain(|other| *other != item));
        view! {
            <button type="button" class="chip" aria-label=label on:click=remove>
                <span class="muted">{drawn(move || kind_word(prefs, dashboard))}": "</span>{shown}<Icon name="close" />
            </button>
        }
        .into_any()
    };
    view! {
        <div class="chips chosen-items">
            <For each=move || scope.items.get() key=Item::key children=chip />
        </div>
    }
}
