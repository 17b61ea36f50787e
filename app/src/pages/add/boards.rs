//! The first step: which dashboard.

use atalaya_api::catalog::{DashboardItem, Folder};
use atalaya_api::page::Page;
use leptos::prelude::*;

use super::steps::Steps;
use crate::components::{Button, Empty, Kind, SelectField, TextField};
use crate::erase::{For, Show, derive, drawn, memo};
use crate::fetched::fetched;
use crate::format::use_format;
use crate::logic::query;
use crate::pages::listing::after_rest;
use crate::prefs::use_prefs;

/// Typing rests this long before the server is asked, ms.
const REST_MS: u64 = 200;
/// As many as are read rather than scrolled.
const MOST: u32 = 50;

#[component]
pub fn BoardStep(steps: Steps) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let (q, asked, folder) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    after_rest(move || q.get(), REST_MS, move |text| asked.set(text));
    let list = fetched::<Page<DashboardItem>>(move || {
        let pairs =
            [("q", asked.get().trim().to_owned()), ("folder", folder.get()), ("limit", MOST.to_string())];
        Some(format!("catalog/dashboards{}", query::write(&pairs)))
    });
    // What was found before stays until the next answer: no flicker while typing.
    let found = Memo::new(move |before: Option<&Option<Page<DashboardItem>>>| {
        list.value().or_else(|| before.cloned().flatten())
    });
    let items = move || found.with(|page| page.as_ref().map(|page| page.items.clone()).unwrap_or_default());
    let count = move || {
        let page = found.get()?;
        let (shown, total) = (format.count(page.items.len() as u64), format.count(page.total));
        Some(said!(prefs, pages.form.hits, shown = shown, total = total).to_string())
    };
    let none = memo(move || found.with(|page| page.as_ref().is_some_and(|page| page.items.is_empty())));
    let failure = move || list.state.with(|state| state.failure().map(|failure| failure.words(prefs)));
    let had_one = steps.reopened.get_untracked().is_some();
    view! {
        <section class="step" aria-label=say!(prefs, pages.add.dashboard)>
            <h2>{say!(prefs, pages.add.which_dashboard)}</h2>
            <div class="filters">
                <TextField
                    name="dashboard-search"
                    kind="search"
                    focused=true
                    label=say!(prefs, pages.add.search_dashboard)
                    value=q
                />
                <Folders folder />
                <Show when=move || had_one>
                    <Button kind=Kind::Quiet icon="close" press=move |()| steps.reopened.set(None)>
                        {say!(prefs, pages.common.cancel)}
                    </Button>
                </Show>
            </div>
            <p class="error" role="status">{drawn(failure)}</p>
            <ul class="picks">
                <For each=items key=|item| item.uid.clone() children=move |item| board(steps, item) />
            </ul>
            <p class="help number" role="status">{drawn(count)}</p>
            <Show when=move || none.get()>
                <Empty title=say!(prefs, pages.common.nothing_matches)>
                    <p>
                        {say!(prefs, pages.add.no_dashboard)} " "
                        <a href="settings/grafana">{say!(prefs, pages.add.to_grafana)}</a>
                    </p>
                </Empty>
            </Show>
        </section>
    }
}

/// Only where there are some.
#[component]
fn Folders(folder: RwSignal<String>) -> impl IntoView {
    let prefs = use_prefs();
    let folders = fetched::<Page<Folder>>(|| Some("catalog/folders".to_owned()));
    let names = memo(move || folders.value().map(|page| page.items).unwrap_or_default());
    let options = derive(move || {
        let all = (String::new(), said!(prefs, pages.add.all_folders).to_owned());
        let one = |folder: Folder| match folder.name {
            Some(name) => (name.clone(), name),
            None => ("-".to_owned(), said!(prefs, pages.add.no_folder).to_owned()),
        };
        std::iter::once(all).chain(names.get().into_iter().map(one)).collect::<Vec<_>>()
    });
    view! {
        <Show when=move || names.with(|names| names.len() > 1)>
            <SelectField name="folder" label=say!(prefs, pages.add.folder) value=folder options />
        </Show>
    }
}

fn board(steps: Steps, item: DashboardItem) -> AnyView {
    let (prefs, format) = (use_prefs(), use_format());
    let DashboardItem { uid, title, folder, panels, targets, rules, .. } = item;
    let facts = move || {
        let (panels, targets) = (format.count(panels), format.count(targets));
        let facts = said!(prefs, pages.add.board_facts, panels = panels, metrics = targets).to_string();
        match rules {
            0 => facts,
            rules => {
                let rules = format.count(rules);
                format!("{facts} · {}", said!(prefs, pages.add.watched, count = rules))
            }
        }
    };
    view! {
        <li>
            <button type="button" class="pick" on:click=move |_| steps.choose_dashboard(&uid)>
                <span><strong>{title}</strong> " " <span class="muted">{folder}</span></span>
                <span class="muted number">{drawn(facts)}</span>
            </button>
        </li>
    }
    .into_any()
}
