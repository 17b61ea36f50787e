//! What the lists of configured metrics share: reading them, choosing some or all that match, changing those together.

mod bar;
mod change;
mod choice;
mod deeds;
mod filters;

use atalaya_api::page::Page;
use atalaya_api::rule::Rule;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

pub use self::bar::Bar;
pub use self::change::ChangeFields;
pub use self::choice::{Choice, Chosen};
pub use self::deeds::{Deed, Deeds};
pub use self::filters::{Filters, Narrowed, NoRules, place_cell, place_column};

use super::listing::{Listing, keep_fresh};
use crate::components::{Column, Loaded, Pager, Sort, Table};
use crate::erase::{Show, derive, memo};
use crate::fetched::{Fetched, fetched};
use crate::live::{LiveEvent, use_live};
use crate::logic::list::ListState;
use crate::logic::query;

/// What the API sorts metrics by.
const SORTS: &[&str] =
    &["name", "severity", "state", "dashboard", "panel", "metric", "check", "updated_at", "created_at"];

/// A list of metrics with what is chosen of it.
#[derive(Clone, Copy)]
pub struct Many {
    pub listing: Listing,
    pub deeds: Deeds,
    pub choice: Choice,
    rules: Fetched<Page<Rule>>,
    /// The page's rows, the marked ones first.
    rows: Signal<Vec<Rule>>,
    marked: Signal<Option<String>>,
}

impl Many {
    pub fn new(usual_sort: Sort) -> Self {
        let listing = Listing::new(usual_sort, SORTS);
        let rules = fetched::<Page<Rule>>(move || {
            let filters = listing.settled.with(|state| {
                let unordered = ListState { sort: String::new(), ..state.clone() };
                unordered.to_request("", "")
            });
            let (paging, sort) = (listing.paging.query(), listing.sort_query());
            let path = format!("rules?{paging}&sort={sort}&{}", filters.trim_start_matches('?'));
            Some(path.trim_end_matches('&').to_owned())
        });
        keep_fresh(
            |event| matches!(event, LiveEvent::Alarm(_) | LiveEvent::Rule(_)),
            move || rules.refresh(),
        );
        let marked = use_marked();
        let rows = with_marked(rules, marked);
        let names = move || {
            rows.with(|rows| rows.iter().map(|rule| (rule.id.clone(), rule.draft.name.clone())).collect())
        };
        let total = derive(move || rules.state.with(|state| state.value().map_or(0, |page| page.total)));
        let filter = move || listing.settled.with(ListState::filter);
        let narrowed = move || format!("{:?}", filter());
        Many {
            listing,
            deeds: Deeds::new(rules),
            choice: Choice::new(names, total, narrowed, filter),
            rules,
            rows,
            marked: marked.id,
        }
    }

    /// How many are chosen; tracks.
    pub fn count(self) -> u64 {
        self.choice.count()
    }

    /// What is chosen now, which then is chosen no more.
    pub fn take(self) -> Chosen {
        let chosen = untrack(|| self.choice.now());
        self.choice.choose_none();
        chosen
    }
}

/// The rows that were just made or saved, named by the address as `mark`, with commas between.
#[derive(Clone, Copy)]
struct Marked {
    /// All of them.
    id: Signal<Option<String>>,
    /// The first.
    rule: Fetched<Rule>,
}

fn use_marked() -> Marked {
    let map = use_query_map();
    let id = derive(move || map.with(|map| map.get("mark")));
    let first = move |ids: String| ids.split(',').next().map(|id| format!("rules/{}", query::encode(id)));
    let rule = fetched(move || id.get().and_then(first));
    // Once deleted it must leave the list, which would show what was read before.
    use_live().listen(move |event| {
        if matches!(event, LiveEvent::Rule(event) if id.with_untracked(|ids| ids.as_ref().is_some_and(|ids| ids.starts_with(&event.id)))) {
            rule.refresh();
        }
    });
    Marked { id, rule }
}

/// The page's rows, the marked ones first, wherever their places in the list would be.
fn with_marked(rules: Fetched<Page<Rule>>, marked: Marked) -> Signal<Vec<Rule>> {
    derive(move || {
        let mut rows =
            rules.state.with(|state| state.value().map_or_else(Vec::new, |page| page.items.clone()));
        let Some(ids) = marked.id.get() else { return rows };
        let mut first = Vec::new();
        for id in ids.split(',') {
            let on_page = rows.iter().position(|row| row.id == id).map(|at| rows.remove(at));
            let read = || marked.rule.value().filter(|rule| rule.id == id && rule.deleted_at.is_none());
            first.extend(on_page.or_else(read));
        }
        first.append(&mut rows);
        first
    })
}

/// The list with its states, what can be done with those chosen (`tools`), and its pages.
#[component]
pub fn ManyTable(
    many: Many,
    #[prop(into)] caption: TextProp,
    columns: Vec<Column<Rule>>,
    /// Called with the id upon a click on a row.
    #[prop(optional, into)]
    open: Option<Callback<String>>,
    /// Stands in the bar while some are chosen.
    #[prop(optional)]
    children: Option<ChildrenFn>,
) -> impl IntoView {
    let tools = StoredValue::new(children);
    let columns = StoredValue::new(columns);
    let caption = StoredValue::new(caption);
    view! {
        <Loaded from=many.rules let:page>
            {
                let total = derive(move || page.with(|page| page.total));
                let next = derive(move || page.with(|page| page.next.clone()));
                let shown = derive(move || page.with(|page| page.items.len()));
                let none = memo(move || many.rows.with(Vec::is_empty));
                view! {
                    <Show when=move || !none.get() fallback=move || view! { <NoRules listing=many.listing /> }>
                        <Bar choice=many.choice busy=many.deeds.busy tools=tools.get_value() />
                        <Table
                            caption=caption.get_value()
                            rows=many.rows
                            key=|rule: &Rule| rule.id.clone()
                            name=|rule: &Rule| rule.draft.name.clone()
                            columns=columns.get_value()
                            sort=many.listing.sort
                            selected=many.choice.selected
                            current=many.marked
                            nostrip:open=open
                        />
                        <Pager paging=many.listing.paging shown total next />
                    </Show>
                }
            }
        </Loaded>
    }
}
