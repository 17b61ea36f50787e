//! Search, kinds, templates, states: what narrows a list of metrics.

use atalaya_api::check::CheckView;
use atalaya_api::level::Standing;
use atalaya_api::page::Page;
use atalaya_api::rule::{Query, Rule};
use atalaya_api::template::Template;
use leptos::prelude::*;

use crate::account::use_account;
use crate::components::severity::word_of;
use crate::components::{Button, Chip, Chips, Column, Empty, Kind, SelectField, TextField};
use crate::erase::{Show, derive, drawn, memo};
use crate::fetched::fetched;
use crate::pages::listing::Listing;
use crate::pages::periods::use_periods;
use crate::pages::use_go;
use crate::pages::wording::in_language;
use crate::prefs::{Prefs, use_prefs};

/// The states that can be asked for, the worst first, as the API calls them.
const STATES: [(&str, Standing); 6] = [
    ("critical", Standing::Critical),
    ("major", Standing::Major),
    ("unknown", Standing::Unknown),
    ("warning", Standing::Warning),
    ("ok", Standing::Ok),
    ("paused", Standing::Paused),
];

type Options = Vec<(String, String)>;

#[component]
pub fn Filters(listing: Listing) -> impl IntoView {
    let prefs = use_prefs();
    let checks = fetched::<Page<CheckView>>(|| Some("checks".to_owned()));
    let templates = fetched::<Page<Template>>(|| Some("templates?limit=100".to_owned()));
    let periods = use_periods();
    let kinds = derive(move || {
        let named = |check: &CheckView| (check.name.clone(), in_language(prefs, &check.title, &check.name));
        let known = checks
            .state
            .with(|state| state.value().map_or_else(Vec::new, |page| page.items.iter().map(named).collect()));
        any_or(prefs, known)
    });
    let by_template = derive(move || {
        let named = |template: &Template| (template.id.clone(), template.draft.name.clone());
        let known = templates
            .state
            .with(|state| state.value().map_or_else(Vec::new, |page| page.items.iter().map(named).collect()));
        any_or(prefs, known)
    });
    let by_period = derive(move || any_or(prefs, periods.get()));
    let states = STATES.map(|(name, state)| Chip::new(name, move || word_of(prefs, state).to_owned()));
    view! {
        <Narrowed label=say!(prefs, pages.history.dashboard) to=listing.filter("dashboard") />
        <Narrowed label=say!(prefs, pages.form.source) to=listing.source />
        <div class="filters">
            <TextField name="search" kind="search" label=say!(prefs, tables.many.search) value=listing.q />
            <SelectField name="by-check" label=say!(prefs, tables.many.kind) value=listing.filter("check") options=kinds />
            <SelectField name="by-template" label=say!(prefs, tables.many.template) value=listing.filter("template") options=by_template />
            <SelectField name="by-period" label=say!(prefs, tables.period.title) value=listing.filter("period") options=by_period />
        </div>
        <div class="filter-chips filters">
            <Chips label=say!(prefs, pages.metrics.state) chips=states.into() chosen=listing.state single=true />
            <div class="chips" role="group" aria-label=say!(prefs, tables.many.attention)>
                {toggle(say!(prefs, tables.many.short_filter), listing.filter("short_interval"))}
                {toggle(say!(prefs, tables.many.drift_filter), listing.filter("drift"))}
            </div>
        </div>
    }
}

fn any_or(prefs: Prefs, known: Options) -> Options {
    let any = (String::new(), said!(prefs, tables.many.any).to_owned());
    std::iter::once(any).chain(known).collect()
}

/// A filter that is `true` or not there.
fn toggle(label: impl Fn() -> &'static str + Send + 'static, filter: RwSignal<String>) -> impl IntoView {
    let on = move || filter.with(|text| !text.is_empty());
    let press = move |_| filter.set(if untrack(on) { String::new() } else { "true".to_owned() });
    view! {
        <button type="button" class="chip" aria-pressed=move || on().to_string() on:click=press>{drawn(label)}</button>
    }
}

/// "Dashboard: Core routers", with a way back to all.
#[component]
pub fn Narrowed(#[prop(into)] label: TextProp, to: RwSignal<String>) -> impl IntoView {
    let prefs = use_prefs();
    view! {
        <Show when=move || to.with(|to| !to.is_empty())>
            <p class="filter-line">
                <span>{let label = label.clone(); drawn(move || label.get())}": "<strong>{to}</strong></span>
                <Button kind=Kind::Quiet icon="close" press=move |()| to.set(String::new())>
                    {say!(prefs, app.alarm.show_all)}
                </Button>
            </p>
        </Show>
    }
}

/// Nothing to show: nothing there at all, or nothing that matches.
#[component]
pub fn NoRules(listing: Listing) -> impl IntoView {
    let (prefs, go, account) = (use_prefs(), use_go(), use_account());
    let filtered = memo(move || listing.settled.with(|state| state.is_filtered() || !state.state.is_empty()));
    let clear = move |()| {
        listing.clear();
        listing.state.set(Vec::new());
    };
    drawn(move || {
        if filtered.get() {
            return view! {
                <Empty title=say!(prefs, pages.common.nothing_matches)>
                    <Button press=clear>{say!(prefs, pages.common.clear_filters)}</Button>
                </Empty>
            }
            .into_any();
        }
        let go = go.clone();
        let add = account.may_configure().then(|| {
            view! {
                <Button kind=Kind::Primary icon="add" press=move |()| go("add")>
                    {say!(prefs, pages.metrics.empty_next)}
                </Button>
            }
        });
        view! { <Empty title=say!(prefs, pages.metrics.empty)>{add}</Empty> }.into_any()
    })
}

/// Dashboard or panel.
pub fn place_column(
    title: impl Into<TextProp>,
    sort: &'static str,
    get: fn(&Query) -> &Option<String>,
) -> Column<Rule> {
    let text = move |rule: Signal<Rule>| {
        drawn(move || rule.with(|rule| get(&rule.draft.query).clone().unwrap_or_else(|| "–".to_owned())))
    };
    Column::new(title, text).sorted_by(sort).class("place")
}

/// The dashboard, which pressed shows only its metrics.
pub fn place_cell(rule: Signal<Rule>, listing: Listing) -> impl IntoView {
    let prefs = use_prefs();
    let dashboard = memo(move || rule.with(|rule| rule.draft.query.dashboard.clone()));
    drawn(move || match dashboard.get() {
        None => "–".into_any(),
        Some(name) => {
            let (shown, filter) = (name.clone(), listing.filter("dashboard"));
            let label = said!(prefs, tables.many.only_dashboard, name = name.clone()).to_string();
            view! {
                <button type="button" class="cell-link" aria-label=label on:click=move |_| filter.set(name.clone())>
                    {shown}
                </button>
            }
            .into_any()
        }
    })
}
