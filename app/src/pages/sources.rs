//! Sources: where samples come from, how each one is, and for the built-in store through which door they arrive.

mod deeds;
mod doors;

use atalaya_api::level::Standing;
use atalaya_api::page::Page;
use atalaya_api::people::Role;
use atalaya_api::source::{Source, SourceStatus};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::deeds::{Actions, Deeds};
use self::doors::InputBlock;
use super::Heading;
use super::listing::keep_fresh;
use super::settings::to_settings;
use crate::account::use_account;
use crate::components::causes::source_down;
use crate::components::severity::{SeverityShape, class_of};
use crate::components::{Icon, Loaded};
use crate::erase::{For, Show, derive, drawn, memo};
use crate::fetched::fetched;
use crate::format::use_format;
use crate::live::use_live;
use crate::prefs::{Prefs, use_prefs};

#[component]
pub fn SourcesPage() -> impl IntoView {
    let (prefs, account) = (use_prefs(), use_account());
    let sources = fetched::<Page<Source>>(|| Some("sources".to_owned()));
    keep_fresh(|_| false, move || sources.refresh());
    let deeds = Deeds::new(Callback::new(move |()| sources.refresh()));
    let may = memo(move || account.may(Role::Admin));
    // Until there is one, the page itself says what to do.
    let some = memo(move || sources.value().is_some_and(|page| !page.items.iter().all(is_local)));
    view! {
        <Heading text=say!(prefs, pages.sources.title)>
            <Show when=move || may.get() && some.get()>{add_button("")}</Show>
            {to_settings()}
        </Heading>
        <Loaded from=sources let:page>
            <Show when=move || may.get() && !some.get()>
                <FirstSource />
            </Show>
            <Show when=move || !may.get()>
                <p class="note">{say!(prefs, pages.common.admins_only)}</p>
            </Show>
            <For
                each=move || page.with(|page| ordered(&page.items))
                key=|id| id.clone()
                children=move |id| {
                    let source = derive(move || {
                        page.with(|page| page.items.iter().find(|source| source.id == id).cloned())
                    });
                    view! { <SourceCard source deeds /> }.into_any()
                }
            />
        </Loaded>
    }
}

fn is_local(source: &Source) -> bool {
    source.kind == "local"
}

/// Ids in the order of the page: what is down, then what is not all well, then the others; the built-in store last, since its
/// doors take the most room.
fn ordered(items: &[Source]) -> Vec<String> {
    let rank = |source: &Source| match source.status {
        _ if is_local(source) => 3,
        SourceStatus::Down => 0,
        SourceStatus::Degraded => 1,
        SourceStatus::Ok => 2,
    };
    // A sort would be compiled in for this alone.
    let of_rank = |wanted: u8| items.iter().filter(move |source| rank(source) == wanted);
    (0..=3).flat_map(of_rank).map(|source| source.id.clone()).collect()
}

fn add_button(kind: &'static str) -> AnyView {
    let prefs = use_prefs();
    let href = if kind.is_empty() { String::new() } else { format!("?kind={kind}") };
    let words = move || match kind {
        "" => said!(prefs, pages.common.add),
        kind => kind_words(prefs, kind),
    };
    view! { <a class="button primary" href=format!("settings/add-source{href}")><Icon name="add" />{drawn(words)}</a> }
        .into_any()
}

/// Only the built-in store is there: what to do next.
#[component]
fn FirstSource() -> impl IntoView {
    let prefs = use_prefs();
    view! {
        <section class="card first-source">
            <h2>{say!(prefs, pages.sources.first_title)}</h2>
            <p>{say!(prefs, pages.sources.first)}</p>
            <div class="row">{add_button("graphite")}{add_button("prometheus")}</div>
        </section>
    }
}

fn kind_words(prefs: Prefs, kind: &str) -> &'static str {
    match kind {
        "graphite" => said!(prefs, pages.sources.graphite),
        "prometheus" => said!(prefs, pages.sources.prometheus),
        _ => said!(prefs, pages.sources.local),
    }
}

/// What people call it; tracks the language.
pub fn name_of(prefs: Prefs, source: &Source) -> String {
    if is_local(source) { said!(prefs, pages.sources.local).to_owned() } else { source.name.clone() }
}

/// One source; the built-in one with its doors.
#[component]
fn SourceCard(source: Signal<Option<Source>>, deeds: Deeds) -> impl IntoView {
    let (prefs, format, live) = (use_prefs(), use_format(), use_live());
    let marked = use_query_map();
    // Keeps the last one while the view goes away.
    let source =
        Memo::new(move |before: Option<&Option<Source>>| source.get().or_else(|| before.cloned().flatten()));
    let with = move |get: fn(Prefs, &Source) -> String| {
        source.with(|source| source.as_ref().map(|source| get(prefs, source)).unwrap_or_default())
    };
    let status = derive(move || {
        source.with(|source| source.as_ref().map_or(SourceStatus::Ok, |source| source.status))
    });
    let local = memo(move || source.with(|source| source.as_ref().is_some_and(is_local)));
    let kind = move || with(|prefs, source| kind_words(prefs, &source.kind).to_owned());
    let id = memo(move || with(|_, source| source.id.clone()));
    let since = move || {
        let since = id.with(|id| source_down(live, id)).filter(|_| status.get() != SourceStatus::Ok)?;
        Some(said!(prefs, pages.sources.since, time = format.time(since)).to_string())
    };
    let detail = move || source.with(|source| source.as_ref().and_then(|source| source.detail.clone()));
    let inputs =
        move || source.with(|source| source.as_ref().map_or_else(Vec::new, |source| source.inputs.clone()));
    let names = move || inputs().into_iter().map(|input| input.name).collect::<Vec<_>>();
    let is_marked = move || marked.with(|map| map.get("mark").is_some_and(|mark| id.with(|id| *id == mark)));
    view! {
        <section class="card source" class:marked=is_marked>
            <header class="card-head">
                <h2>{drawn(move || with(name_of))}</h2>
                <StatusMark status />
                <span class="muted number">{drawn(since)}</span>
                <span class="muted" hidden=local>{drawn(kind)}</span>
                <Actions source deeds />
            </header>
            <p class="trouble" hidden=move || detail().is_none()>{drawn(detail)}</p>
            <Facts source local />
            {drawn(move || id.with(|id| deeds.outcome_of(id)))}
            <For
                each=names
                key=|name| name.clone()
                children=move |name| {
                    let input = derive(move || inputs().into_iter().find(|input| input.name == name));
                    view! { <InputBlock input /> }.into_any()
                }
            />
        </section>
    }
}

/// What there is to say of it in numbers.
#[component]
fn Facts(source: Memo<Option<Source>>, local: Memo<bool>) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let count = move |get: fn(&Source) -> u64| {
        source.with(|source| source.as_ref().map(|source| format.count(get(source))))
    };
    let answer = move || {
        source.with(|source| match source.as_ref().and_then(|source| source.last_answer.as_ref()) {
            Some(answer) => {
                // Milliseconds of a question fit a float.
                let took = format.value(Some(answer.took_ms as f64), Some("ms"));
                said!(prefs, pages.sources.took, time = format.seconds(answer.at), took = took).to_string()
            }
            None => said!(prefs, pages.sources.never).to_owned(),
        })
    };
    let url = memo(move || source.with(|source| Some(source.as_ref()?.settings.as_ref()?.url.clone())));
    let metrics = move || {
        source.with(|source| source.as_ref().map(|source| format!("configured?source={}", source.id)))
    };
    view! {
        <dl class="facts">
            <div hidden=move || !local.get()>
                <dt>{say!(prefs, pages.sources.series)}</dt>
                <dd class="number">{drawn(move || count(|source| source.series))}</dd>
            </div>
            <div hidden=local>
                <dt>{say!(prefs, pages.sources.url)}</dt>
                <dd><code>{drawn(move || url.get())}</code></dd>
            </div>
            <div hidden=local>
                <dt>{say!(prefs, pages.sources.metrics_use)}</dt>
                <dd class="number"><a href=metrics>{drawn(move || count(|source| source.rules))}</a></dd>
            </div>
            <div hidden=local>
                <dt>{say!(prefs, pages.sources.last_answer)}</dt>
                <dd class="number">{drawn(answer)}</dd>
            </div>
        </dl>
    }
}

#[component]
fn StatusMark(status: Signal<SourceStatus>) -> impl IntoView {
    let prefs = use_prefs();
    let standing = derive(move || match status.get() {
        SourceStatus::Ok => Standing::Ok,
        SourceStatus::Degraded => Standing::Major,
        SourceStatus::Down => Standing::Critical,
    });
    let word = move || match status.get() {
        SourceStatus::Ok => said!(prefs, pages.sources.ok),
        SourceStatus::Degraded => said!(prefs, pages.sources.degraded),
        SourceStatus::Down => said!(prefs, pages.sources.down),
    };
    view! {
        <span class=move || format!("mark {}", class_of(standing.get()))>
            <SeverityShape of=standing />
            <span class="word">{drawn(word)}</span>
        </span>
    }
}
