//! Which of our sources answers for each of Grafana's.

use atalaya_api::catalog::{Datasource, MatchDatasource};
use atalaya_api::page::Page;
use atalaya_api::people::Role;
use atalaya_api::source::Source;
use leptos::prelude::*;

use super::Catalog;
use crate::account::use_account;
use crate::api::use_api;
use crate::components::{Button, Kind, Loaded};
use crate::erase::{For, derive, drawn};
use crate::fetched::{Fetched, fetched};
use crate::logic::query::encode;
use crate::pages::sources::name_of;
use crate::prefs::{Prefs, use_prefs};
use crate::reading::value_of;

#[component]
pub fn Datasources(catalog: Catalog) -> impl IntoView {
    let prefs = use_prefs();
    let sources = fetched::<Page<Source>>(|| Some("sources".to_owned()));
    let refused = RwSignal::new(None::<(String, String)>);
    let api = use_api();
    let put = Callback::new(move |(uid, body): (String, MatchDatasource)| {
        let proxy = body.proxy;
        let answer = api.put(&format!("catalog/datasources/{}", encode(&uid)), &value_of(&body));
        refused.set(None);
        leptos::task::spawn_local(async move {
            if let Err(failure) = answer.await {
                let _ = refused.try_set(Some((uid, untrack(|| failure.words(prefs)))));
            }
            catalog.datasources.refresh();
            if proxy {
                sources.refresh();
            }
        });
    });
    view! {
        <Loaded from=catalog.datasources let:page>
            <section class="card" hidden=move || page.with(|page| page.items.is_empty())>
                <h2>{say!(prefs, pages.grafana.datasources)}</h2>
                <p class="help">{say!(prefs, pages.grafana.datasources_help)}</p>
                <ul class="steps datasources">
                    <For
                        each=move || page.with(|page| page.items.clone())
                        key=key_of
                        children=move |one| row(one, sources, put, refused)
                    />
                </ul>
            </section>
        </Loaded>
    }
}

/// Drawn anew when another source answers for it.
fn key_of(one: &Datasource) -> String {
    let of = |id: &Option<String>| id.clone().unwrap_or_default();
    format!("{} {} {}", one.uid, of(&one.source), of(&one.suggested))
}

/// What our source is called; tracks.
fn source_name(prefs: Prefs, sources: Fetched<Page<Source>>, id: &str) -> String {
    let found = |page: Page<Source>| page.items.into_iter().find(|source| source.id == id);
    sources.value().and_then(found).map_or_else(|| id.to_owned(), |source| name_of(prefs, &source))
}

fn row(
    one: Datasource,
    sources: Fetched<Page<Source>>,
    put: Callback<(String, MatchDatasource)>,
    refused: RwSignal<Option<(String, String)>>,
) -> AnyView {
    let (prefs, account) = (use_prefs(), use_account());
    let Datasource { uid, name, kind, url, is_default, source, suggested, detail } = one;
    let asked = matches!(kind.as_str(), "graphite" | "prometheus");
    let matched = source.is_some();
    let now = source.clone().unwrap_or_default();
    let offered = suggested.clone().filter(|_| !matched);
    let state = move || match (&source, &suggested) {
        (Some(id), _) => {
            said!(prefs, pages.grafana.matched, name = source_name(prefs, sources, id)).to_string()
        }
        (None, Some(id)) => {
            said!(prefs, pages.grafana.suggested, name = source_name(prefs, sources, id)).to_string()
        }
        (None, None) => detail.clone().unwrap_or_else(|| said!(prefs, pages.grafana.unmatched).to_owned()),
    };
    let failure = {
        let uid = uid.clone();
        move || refused.get().filter(|(other, _)| *other == uid).map(|(_, words)| words)
    };
    let send = Callback::new(move |(source, proxy): (Option<String>, bool)| {
        put.run((uid.clone(), MatchDatasource { source, proxy }));
    });
    let options = derive(move || {
        let items = sources.value().map(|page| page.items).unwrap_or_default();
        let ours = items.into_iter().filter(|source| source.settings.is_some());
        ours.map(|source| (source.id.clone(), name_of(prefs, &source))).collect::<Vec<_>>()
    });
    let choice = (now, name.clone());
    let actions = move || {
        let confirm = offered.clone().map(|id| {
            let press = move |()| send.run((Some(id.clone()), false));
            view! { <Button kind=Kind::Primary press>{say!(prefs, pages.grafana.confirm)}</Button> }
        });
        let through = move |()| send.run((None, true));
        let proxy = (asked && !matched)
            .then(|| view! { <Button press=through>{say!(prefs, pages.grafana.proxy)}</Button> });
        let any = asked && options.with(|options| !options.is_empty());
        let choose = any.then(|| source_select(choice.clone(), options, send));
        account
            .may(Role::Admin)
            .then(|| view! { <span class="row-actions">{confirm} {proxy} {choose}</span> })
    };
    view! {
        <li>
            <span class="datasource">
                <strong>{name}</strong> " "
                <span class="muted">
                    {kind} " " {is_default.then(|| view! { <span class="tag">{say!(prefs, pages.grafana.default)}</span> })}
                </span>
                <span class="help expr">{url}</span>
            </span>
            <span class="step-message">{drawn(state)}</span>
            {drawn(actions)}
            <p class="error" role="status">{drawn(failure)}</p>
        </li>
    }
    .into_any()
}

fn source_select(
    (now, name): (String, String),
    options: Signal<Vec<(String, String)>>,
    send: Callback<(Option<String>, bool)>,
) -> AnyView {
    let prefs = use_prefs();
    let label = move || said!(prefs, pages.grafana.choose_source, name = name.clone()).to_string();
    let option = move |(value, words): (String, String)| {
        let chosen = value == now;
        view! { <option value=value selected=chosen>{words}</option> }
    };
    let change = move |event| {
        let id = event_target_value(&event);
        send.run((Some(id).filter(|id| !id.is_empty()), false));
    };
    let none = move || (String::new(), said!(prefs, pages.grafana.no_source).to_owned());
    view! {
        <select aria-label=label on:change=change>
            {drawn(move || std::iter::once(none()).chain(options.get()).map(&option).collect_view())}
        </select>
    }
    .into_any()
}
