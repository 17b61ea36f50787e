//! The search for a metric: a combobox with a list of suggestions (ARIA APG), a pattern allowed.

use atalaya_api::page::Page;
use atalaya_api::source::{SeriesHit, Source};
use leptos::html;
use leptos::prelude::*;

use super::editor::Editor;
use crate::components::{Button, Kind, SelectField};
use crate::dom;
use crate::erase::{Show, derive, drawn, effect, memo};
use crate::fetched::{Fetched, fetched};
use crate::format::use_format;
use crate::logic::query::encode;
use crate::logic::suggest::{Choice, Key, Move, Suggestions, split};
use crate::pages::listing::after_rest;
use crate::pages::sources::name_of;
use crate::prefs::use_prefs;

/// Typing rests this long before the source is asked, ms.
const REST_MS: u64 = 150;
/// As many as fit into a list that is read rather than scrolled.
const MOST: u32 = 30;

/// `choose` gets a metric's name or a pattern; `close` is called when nothing else is wanted.
#[component]
pub fn SeriesSearch(
    editor: Editor,
    choose: Callback<String>,
    #[prop(into)] close: Callback<()>,
) -> impl IntoView {
    let prefs = use_prefs();
    let text = RwSignal::new(editor.fields.expr.get_untracked());
    let asked = RwSignal::new(text.get_untracked());
    after_rest(move || text.get(), REST_MS, move |text| asked.set(text));
    let local = memo(move || editor.fields.source.with(|source| source == "local"));
    let hits = fetched::<Page<SeriesHit>>(move || {
        let (source, typed) = (editor.fields.source.get(), asked.get());
        let q = if local.get() { typed.as_str() } else { split(&typed).1 };
        Some(format!("sources/{}/series?q={}&limit={MOST}", encode(&source), encode(q.trim())))
    });
    let sources = fetched::<Page<Source>>(|| Some("sources".to_owned()));
    let kind = memo(move || {
        let id = editor.fields.source.get();
        let items = sources.value().map(|page| page.items).unwrap_or_default();
        items.into_iter().find(|source| source.id == id).map(|source| source.kind).unwrap_or_default()
    });
    let had_one = editor.fields.expr.with_untracked(|expr| !expr.is_empty());
    view! {
        <div class="step search-step">
            <Sources editor sources />
            <Combobox text hits local kind choose close />
            <Show when=move || had_one>
                <Button kind=Kind::Quiet icon="close" press=move |()| close.run(())>{say!(prefs, pages.common.cancel)}</Button>
            </Show>
        </div>
    }
}

/// Which source to search in, where there is more than one.
#[component]
fn Sources(editor: Editor, sources: Fetched<Page<Source>>) -> impl IntoView {
    let prefs = use_prefs();
    let options = derive(move || {
        let items = sources.value().map(|page| page.items).unwrap_or_default();
        items.into_iter().map(|source| (source.id.clone(), name_of(prefs, &source))).collect::<Vec<_>>()
    });
    view! {
        <Show when=move || options.with(|options| options.len() > 1)>
            <SelectField name="query.source" label=say!(prefs, pages.form.source) value=editor.fields.source options />
        </Show>
    }
}

#[component]
fn Combobox(
    text: RwSignal<String>,
    hits: Fetched<Page<SeriesHit>>,
    /// In the built-in store, which knows names and patterns only.
    local: Memo<bool>,
    /// Of the source.
    kind: Memo<String>,
    choose: Callback<String>,
    close: Callback<()>,
) -> impl IntoView {
    let prefs = use_prefs();
    let help = move || match kind.get().as_str() {
        "graphite" => said!(prefs, pages.form.search_graphite),
        "prometheus" => said!(prefs, pages.form.search_prometheus),
        _ => said!(prefs, pages.form.search_help),
    };
    let input = NodeRef::<html::Input>::new();
    let (open, active) = (RwSignal::new(false), RwSignal::new(None::<usize>));
    // What was found before stays until the next answer: no flicker while typing.
    let found = Memo::new(move |before: Option<&Page<SeriesHit>>| {
        let now = hits.state.with(|state| state.value().cloned());
        now.or_else(|| before.cloned()).unwrap_or(Page { items: Vec::new(), next: None, total: 0 })
    });
    let suggestions = memo(move || {
        text.with(|text| {
            found.with(|page| match local.get() {
                true => Suggestions::new(text, &page.items),
                false => Suggestions::of_language(text, &page.items),
            })
        })
    });
    let pick = move |choice: Choice| match choice {
        Choice::Take(expr) | Choice::Expression(expr) => {
            open.set(false);
            choose.run(expr);
        }
        Choice::Open(prefix) => {
            text.set(prefix);
            active.set(None);
            dom::focus("#series-search");
        }
    };
    let key = move |event: web_sys::KeyboardEvent| {
        let Some(key) = Key::from_name(&event.key()) else { return };
        let step =
            suggestions.with_untracked(|all| all.pressed(key, open.get_untracked(), active.get_untracked()));
        if step != Move::Nothing {
            event.prevent_default();
        }
        match step {
            Move::Nothing => {}
            Move::To(at) => {
                open.set(true);
                active.set(Some(at));
                show_option(at);
            }
            Move::Fold => open.set(false),
            Move::Leave => close.run(()),
            Move::Pick(choice) => pick(choice),
        }
    };
    effect(move || {
        // The page's first step: typing can start at once.
        if let Some(input) = input.get() {
            let _ = input.focus();
        }
    });
    let options = move || {
        let all = suggestions.get();
        let option = |(at, choice): (usize, Choice)| option(at, choice, found, active, pick);
        all.choices.into_iter().enumerate().map(option).collect_view()
    };
    let expanded = move || open.get() && suggestions.with(|all| !all.choices.is_empty());
    view! {
        <div class="field combobox">
            <label for="series-search">{say!(prefs, pages.form.search)}</label>
            <span class="input">
                <input
                    id="series-search"
                    node_ref=input
                    type="text"
                    role="combobox"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    aria-autocomplete="list"
                    aria-controls="series-list"
                    aria-expanded=move || expanded().to_string()
                    aria-activedescendant=move || active.get().filter(|_| expanded()).map(option_id)
                    aria-describedby="series-search-help"
                    prop:value=text
                    on:input=move |event| {
                        text.set(event_target_value(&event));
                        active.set(None);
                        open.set(true);
                    }
                    on:focus=move |_| open.set(true)
                    on:click=move |_| open.set(true)
                    on:blur=move |_| open.set(false)
                    on:keydown=key
                />
            </span>
            <p class="help" id="series-search-help">{drawn(help)}</p>
            <ul id="series-list" class="suggestions" role="listbox" aria-label=say!(prefs, pages.form.search) hidden=move || !expanded()>
                {drawn(options)}
            </ul>
            <Count text hits found local />
        </div>
    }
}

/// How many were found, or what to do when none was; read out.
#[component]
fn Count(
    text: RwSignal<String>,
    hits: Fetched<Page<SeriesHit>>,
    found: Memo<Page<SeriesHit>>,
    local: Memo<bool>,
) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let failure = move || hits.state.with(|state| state.failure().map(|failure| failure.words(prefs)));
    let none = memo(move || {
        let read = hits.state.with(|state| state.value().is_some());
        local.get()
            && read
            && found.with(|page| page.items.is_empty())
            && text.with(|text| !text.trim().is_empty())
    });
    let count = move || {
        let (shown, total) = found.with(|page| (page.items.len() as u64, page.total));
        let shown = format.count(shown);
        (total > 0)
            .then(|| said!(prefs, pages.form.hits, shown = shown, total = format.count(total)).to_string())
    };
    view! {
        <p class="help number" role="status">
            {drawn(move || failure().or_else(count))}
            <Show when=move || none.get()>
                {say!(prefs, pages.form.no_hits)} " "
                <a href="settings/sources">{say!(prefs, pages.form.no_hits_next)}</a>
            </Show>
        </p>
    }
}

fn option_id(at: usize) -> String {
    format!("series-option-{at}")
}

fn show_option(at: usize) {
    request_animation_frame(move || {
        if let Some(element) = document().get_element_by_id(&option_id(at)) {
            element.scroll_into_view_with_bool(false);
        }
    });
}

fn option(
    at: usize,
    choice: Choice,
    found: Memo<Page<SeriesHit>>,
    active: RwSignal<Option<usize>>,
    pick: impl Fn(Choice) + Copy + 'static,
) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let hit = match &choice {
        Choice::Take(name) => {
            found.with_untracked(|page| page.items.iter().find(|hit| hit.name == *name).cloned())
        }
        Choice::Open(_) | Choice::Expression(_) => None,
    };
    let (name, detail) = match (&choice, hit) {
        (Choice::Take(name), Some(hit)) => {
            let value = hit.last_value.map(|value| value.0);
            let last = match hit.last_at {
                Some(at) => format!("{} · {}", format.value(value, None), format.time(at)),
                None => said!(prefs, pages.form.no_samples).to_owned(),
            };
            (name.clone(), last)
        }
        (Choice::Take(pattern), None) => {
            (said!(prefs, pages.form.use_pattern, pattern = pattern.clone()).to_string(), String::new())
        }
        (Choice::Expression(expr), _) => {
            (said!(prefs, pages.form.use_expression, expr = expr.clone()).to_string(), String::new())
        }
        (Choice::Open(text), _) if !text.ends_with('.') => (text.clone(), String::new()),
        (Choice::Open(prefix), _) => (format!("{prefix}…"), said!(prefs, pages.form.branch).to_owned()),
    };
    let chosen = choice.clone();
    // Pressing must not take the focus from the field, which would fold the list before the click arrives.
    let hold = |event: web_sys::MouseEvent| event.prevent_default();
    view! {
        <li
            id=option_id(at)
            role="option"
            aria-selected=move || (active.get() == Some(at)).to_string()
            on:mousedown=hold
            on:click=move |_| pick(chosen.clone())
        >
            <span class="expr">{name}</span>
            <span class="muted number">{detail}</span>
        </li>
    }
}
