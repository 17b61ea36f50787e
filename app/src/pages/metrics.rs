//! Configured metrics: what is watched, with what levels, and how it stands.

mod cells;
mod deeds;

use atalaya_api::level::{Severity, Standing};
use atalaya_api::page::Page;
use atalaya_api::rule::Rule;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::cells::{LevelsCell, StateCell};
pub use self::cells::{LevelsShort, shown_of, side_word};
use self::deeds::{Deeds, Target};
use super::listing::{Listing, keep_fresh};
use super::wording::span_words;
use super::{Heading, use_go};
use crate::account::use_account;
use crate::components::severity::word_of;
use crate::components::{
    Button, Chip, Chips, Column, Dialog, Empty, Kind, Loaded, Pager, Sort, Table, TextField,
};
use crate::erase::{Show, derive, drawn, memo};
use crate::fetched::{Fetched, fetched};
use crate::format::use_format;
use crate::live::{LiveEvent, use_live};
use crate::logic::list::ASK_ABOVE;
use crate::logic::query;
use crate::prefs::{Prefs, use_prefs};

const SORTS: &[&str] = &["name", "severity", "updated_at", "created_at"];

#[component]
pub fn MetricsPage() -> impl IntoView {
    let (prefs, account, go) = (use_prefs(), use_account(), use_go());
    let listing = Listing::new(Sort::up("name"), SORTS);
    let rules = fetched::<Page<Rule>>(move || {
        let filters = listing.settled.with(|state| state.to_request("", ""));
        let filters = filters.trim_start_matches('?').to_owned();
        let sort = listing.sort_query();
        let paging = listing.paging.query();
        Some(format!("rules?{paging}&sort={sort}&{filters}").trim_end_matches('&').to_owned())
    });
    keep_fresh(|event| matches!(event, LiveEvent::Alarm(_) | LiveEvent::Rule(_)), move || rules.refresh());
    let add = move |()| go("add");
    view! {
        <Heading text=say!(prefs, pages.metrics.title)>
            <Show when=move || account.may_configure()>
                <Button kind=Kind::Primary icon="add" press=add.clone()>{say!(prefs, pages.metrics.add)}</Button>
            </Show>
        </Heading>
        <Filters listing />
        <Rules listing rules />
    }
}

/// Search and severity chips.
#[component]
fn Filters(listing: Listing) -> impl IntoView {
    let prefs = use_prefs();
    let source = listing.source;
    view! {
        <Show when=move || source.with(|source| !source.is_empty())>
            <p class="filter-line">
                <span>{drawn(move || said!(prefs, pages.form.in_source, source = source.get()).to_string())}</span>
                <Button kind=Kind::Quiet icon="close" press=move |()| source.set(String::new())>{say!(prefs, app.alarm.show_all)}</Button>
            </p>
        </Show>
        <div class="filters">
            <TextField name="search" kind="search" label=say!(prefs, pages.metrics.search) value=listing.q />
            <Chips label=say!(prefs, pages.common.severity) chips=severity_chips(prefs) chosen=listing.severities single=true />
        </div>
    }
}

/// One chip per severity, the worst first.
pub fn severity_chips(prefs: Prefs) -> Vec<Chip> {
    let chip = |severity: Severity| {
        Chip::new(severity.name(), move || word_of(prefs, Standing::from(Some(severity))).to_owned())
    };
    Severity::ALL.map(chip).into()
}

#[component]
fn Rules(listing: Listing, rules: Fetched<Page<Rule>>) -> impl IntoView {
    let (prefs, go) = (use_prefs(), use_go());
    let deeds = Deeds::new(rules);
    let selected = RwSignal::new(Vec::<String>::new());
    let marked = use_marked();
    view! {
        <Loaded from=rules let:page>
            {
                let go = go.clone();
                let rows = with_marked(page, marked);
                let total = derive(move || page.with(|page| page.total));
                let next = derive(move || page.with(|page| page.next.clone()));
                let shown = derive(move || page.with(|page| page.items.len()));
                let none = memo(move || rows.with(Vec::is_empty));
                let open = Callback::new(move |id: String| go(&format!("configured/{id}")));
                view! {
                    <Show when=move || !none.get() fallback=move || view! { <NoRules listing /> }>
                        <BulkBar rows selected deeds />
                        <Table
                            caption=say!(prefs, pages.metrics.list)
                            rows=rows
                            key=|rule: &Rule| rule.id.clone()
                            name=|rule: &Rule| rule.draft.name.clone()
                            columns=columns(prefs, deeds)
                            sort=listing.sort
                            selected=selected
                            current=marked.id
                            open=open
                        />
                        <Pager paging=listing.paging shown total next />
                    </Show>
                }
            }
        </Loaded>
    }
}

/// The row that was just made or saved, named by the address as `mark`.
#[derive(Clone, Copy)]
struct Marked {
    id: Signal<Option<String>>,
    rule: Fetched<Rule>,
}

fn use_marked() -> Marked {
    let map = use_query_map();
    let id = derive(move || map.with(|map| map.get("mark")));
    let rule = fetched(move || id.get().map(|id| format!("rules/{}", query::encode(&id))));
    // Once deleted it must leave the list, which would show what was read before.
    use_live().listen(move |event| {
        if matches!(event, LiveEvent::Rule(event) if id.with_untracked(|id| id.as_ref() == Some(&event.id))) {
            rule.refresh();
        }
    });
    Marked { id, rule }
}

/// The page's rows, the marked one first, wherever its place in the list would be.
fn with_marked(page: Signal<Page<Rule>>, marked: Marked) -> Signal<Vec<Rule>> {
    derive(move || {
        let mut rows = page.with(|page| page.items.clone());
        let Some(id) = marked.id.get() else { return rows };
        let on_page = rows.iter().position(|row| row.id == id).map(|at| rows.remove(at));
        let read = || marked.rule.value().filter(|rule| rule.id == id && rule.deleted_at.is_none());
        if let Some(rule) = on_page.or_else(read) {
            rows.insert(0, rule);
        }
        rows
    })
}

/// Nothing to show: nothing there at all, or nothing that matches.
#[component]
fn NoRules(listing: Listing) -> impl IntoView {
    let (prefs, go, account) = (use_prefs(), use_go(), use_account());
    let filtered = memo(move || listing.settled.with(|state| state.is_filtered()));
    move || {
        if filtered.get() {
            return view! {
                <Empty title=say!(prefs, pages.common.nothing_matches)>
                    <Button press=move |()| listing.clear()>{say!(prefs, pages.common.clear_filters)}</Button>
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
    }
}

fn columns(prefs: Prefs, deeds: Deeds) -> Vec<Column<Rule>> {
    let format = use_format();
    let may_configure = use_account().may_configure();
    let mut columns = vec![
        Column::new(say!(prefs, pages.metrics.name), move |rule: Signal<Rule>| {
            let href = move || rule.with(|rule| format!("configured/{}", rule.id));
            // A metric without a name of its own is not told twice.
            let expr = move || {
                let named = |rule: &Rule| rule.draft.name != rule.draft.query.expr;
                rule.with(|rule| named(rule).then(|| rule.draft.query.expr.clone()))
            };
            view! {
                <a class="row-title" href=href>{drawn(move || rule.with(|rule| rule.draft.name.clone()))}</a>
                <span class="row-place expr">{drawn(expr)}</span>
            }
        })
        .sorted_by("name")
        .class("wide"),
        Column::new(say!(prefs, pages.metrics.state), move |rule| view! { <StateCell rule /> })
            .sorted_by("severity"),
        Column::new(say!(prefs, pages.metrics.value), move |rule: Signal<Rule>| {
            move || {
                rule.with(|rule| {
                    let value = rule.state.value.map(|value| value.0);
                    format.value(value, rule.draft.query.unit.as_deref())
                })
            }
        })
        .class("numeric"),
        Column::new(say!(prefs, pages.metrics.thresholds), move |rule| view! { <LevelsCell rule /> }),
        Column::new(say!(prefs, pages.metrics.checked), move |rule: Signal<Rule>| {
            let checked = move || rule.with(|rule| rule.state.checked_at).map(|at| format.seconds(at));
            let every = move || {
                let interval = rule.with(|rule| span_words(rule.effective_interval));
                said!(prefs, pages.metrics.every, interval = interval).to_string()
            };
            view! {
                <span class="number">{drawn(checked)}</span>
                <span class="row-place">{drawn(every)}</span>
            }
        })
        .class("numeric labelled"),
    ];
    if may_configure {
        let actions = move |rule| view! { <Actions rule deeds /> };
        columns.push(Column::new(say!(prefs, pages.metrics.actions), actions).class("actions"));
    }
    columns
}

/// Edit, pause or resume, delete: icon and word.
#[component]
fn Actions(rule: Signal<Rule>, deeds: Deeds) -> impl IntoView {
    let (prefs, go) = (use_prefs(), use_go());
    let name = move || rule.with(|rule| rule.draft.name.clone());
    let target = move || rule.with_untracked(Target::of);
    let edit = move |()| go(&format!("configured/{}", rule.with_untracked(|rule| rule.id.clone())));
    let enabled = memo(move || rule.with(|rule| rule.draft.enabled));
    view! {
        <div class="row-actions">
            <Button kind=Kind::Quiet icon="edit" press=edit label=move || said!(prefs, pages.metrics.edit_this, name = name()).to_string()>
                {say!(prefs, pages.common.edit)}
            </Button>
            {drawn(move || if enabled.get() {
                view! {
                    <Button
                        kind=Kind::Quiet
                        icon="pause"
                        press=move |()| deeds.enable(vec![target()], false)
                        label=move || said!(prefs, pages.metrics.pause_this, name = name()).to_string()
                    >
                        {say!(prefs, pages.common.pause)}
                    </Button>
                }.into_any()
            } else {
                view! {
                    <Button
                        kind=Kind::Quiet
                        icon="play"
                        press=move |()| deeds.enable(vec![target()], true)
                        label=move || said!(prefs, pages.metrics.resume_this, name = name()).to_string()
                    >
                        {say!(prefs, pages.common.resume)}
                    </Button>
                }.into_any()
            })}
            <Button
                kind=Kind::Quiet
                icon="delete"
                press=move |()| deeds.delete(vec![target()])
                label=move || said!(prefs, pages.metrics.delete_this, name = name()).to_string()
            >
                {say!(prefs, pages.common.delete)}
            </Button>
        </div>
    }
}

/// What can be done with the selected rows; above ten, deleting asks.
#[component]
fn BulkBar(rows: Signal<Vec<Rule>>, selected: RwSignal<Vec<String>>, deeds: Deeds) -> impl IntoView {
    let (prefs, format, account) = (use_prefs(), use_format(), use_account());
    let asking = RwSignal::new(false);
    // Only what is on screen: what was selected on another page is not changed unseen.
    let targets = memo(move || {
        rows.with(|rows| {
            let chosen = rows.iter().filter(|rule| selected.with(|selected| selected.contains(&rule.id)));
            chosen.map(Target::of).collect::<Vec<_>>()
        })
    });
    let count = move || format.count(targets.with(Vec::len) as u64);
    let take = move || {
        let taken = targets.get_untracked();
        selected.set(Vec::new());
        taken
    };
    let delete = move |()| match targets.with_untracked(Vec::len) {
        0 => {}
        many if many > ASK_ABOVE => asking.set(true),
        _ => deeds.delete(take()),
    };
    let confirm = move |()| {
        asking.set(false);
        deeds.delete(take());
    };
    view! {
        <Show when=move || account.may_configure() && targets.with(|targets| !targets.is_empty())>
            <div class="bulk" role="group" aria-label=move || said!(prefs, pages.metrics.selected, count = count()).to_string()>
                <span class="number">{drawn(move || said!(prefs, pages.metrics.selected, count = count()))}</span>
                <Button icon="pause" press=move |()| deeds.enable(take(), false)>{say!(prefs, pages.common.pause)}</Button>
                <Button icon="play" press=move |()| deeds.enable(take(), true)>{say!(prefs, pages.common.resume)}</Button>
                <Button kind=Kind::Danger icon="delete" press=delete>{say!(prefs, pages.common.delete)}</Button>
                <Button kind=Kind::Quiet press=move |()| selected.set(Vec::new())>{say!(prefs, pages.metrics.select_none)}</Button>
            </div>
        </Show>
        <Dialog open=asking title=move || said!(prefs, pages.metrics.delete_title, count = count()).to_string()>
            <p>{say!(prefs, pages.metrics.delete_body)}</p>
            <div class="dialog-actions">
                <Button press=move |()| asking.set(false)>{say!(prefs, pages.common.cancel)}</Button>
                <Button kind=Kind::Danger icon="delete" press=confirm>{say!(prefs, pages.common.delete)}</Button>
            </div>
        </Dialog>
    }
}
