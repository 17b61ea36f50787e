//! Alarm history: what is active, what has cleared, each with its story.

use atalaya_api::alarm::Alarm;
use atalaya_api::page::Page;
use leptos::prelude::*;

use super::listing::{Listing, keep_fresh};
use super::metrics::severity_chips;
use super::wording::reason_words;
use super::{Heading, clock, use_go};
use crate::account::use_account;
use crate::components::alarms::{place_of, title_of};
use crate::components::severity::standing;
use crate::components::{
    Button, Chip, Chips, Column, Empty, Icon, Loaded, Pager, SeverityMark, Sort, Table, TextField,
};
use crate::dom;
use crate::erase::{Show, derive, drawn, memo, watch};
use crate::fetched::{Fetched, fetched_at};
use crate::format::{duration, iso, ms, use_format};
use crate::live::{LiveEvent, use_live};
use crate::logic::list::{self, ListState};
use crate::prefs::{Prefs, use_prefs};

const SORTS: &[&str] = &["severity", "raised_at", "cleared_at", "subject", "dashboard"];

#[component]
pub fn HistoryPage() -> impl IntoView {
    let prefs = use_prefs();
    let (format, account) = (use_format(), use_account());
    let listing = Listing::new(Sort::down("raised_at"), SORTS);
    // "The last hour" is another instant at each reading, and still the same list.
    let key = move || Some((listing.settled.get(), listing.sort_query(), listing.paging.query()));
    let alarms = fetched_at::<Page<Alarm>, _>(key, |(state, sort, paging)| request(state, sort, paging));
    keep_fresh(|event| matches!(event, LiveEvent::Alarm(_)), move || alarms.refresh());
    view! {
        <Heading text=say!(prefs, pages.history.title)>
            <Show when=move || account.may_configure()>
                <a class="button quiet" href="import-history"><Icon name="up" />{say!(prefs, tables.moving.import_history)}</a>
            </Show>
            <span class="muted">{drawn(move || said!(prefs, pages.common.time_zone_is, zone = format.zone()))}</span>
        </Heading>
        <Filters listing />
        <Alarms listing alarms />
    }
}

/// The path of one page of the list.
fn request(state: &ListState, sort: &str, paging: &str) -> String {
    let (from, to) = match list::seconds_of(&state.range) {
        Some(seconds) => (iso(dom::now_ms() - f64::from(seconds) * 1_000.0), String::new()),
        None => (
            clock::start_of_day(&state.from, 0).unwrap_or_default(),
            // "To" is a whole day: up to the start of the next one.
            clock::start_of_day(&state.to, 1).unwrap_or_default(),
        ),
    };
    let shown = if state.state.is_empty() { "all" } else { &state.state };
    let state = ListState { state: shown.to_owned(), sort: sort.to_owned(), ..state.clone() };
    let filters = state.to_request(&from, &to);
    format!("alarms?{paging}&{}", filters.trim_start_matches('?'))
}

#[component]
fn Filters(listing: Listing) -> impl IntoView {
    let prefs = use_prefs();
    let states = vec![
        Chip::new("active", move || said!(prefs, pages.history.active)),
        Chip::new("history", move || said!(prefs, pages.history.history)),
    ];
    let ranges: Vec<Chip> =
        list::RANGES.iter().map(|(name, _)| Chip::new(name, move || range_words(name))).collect();
    // A range and two days say different things: the latest choice counts.
    watch(
        move || listing.range.get(),
        move |range| {
            if !range.is_empty() {
                listing.from.set(String::new());
                listing.to.set(String::new());
            }
        },
    );
    let by_days = Callback::new(move |_: String| listing.range.set(Vec::new()));
    view! {
        <div class="filters">
            <TextField name="search" kind="search" label=say!(prefs, pages.history.search) value=listing.q />
            <div class="filter-chips">
                <Chips label=say!(prefs, pages.history.show) chips=states chosen=listing.state single=true />
                <Chips
                    label=say!(prefs, pages.common.severity)
                    chips=severity_chips(prefs)
                    chosen=listing.severities
                />
                <Chips label=say!(prefs, pages.history.range) chips=ranges chosen=listing.range single=true />
            </div>
            <div class="filter-dates">
                <TextField
                    name="from"
                    kind="date"
                    label=say!(prefs, pages.history.from)
                    value=listing.from
                    typed=by_days
                    error=derive(move || from_error(prefs, listing))
                />
                <TextField name="to" kind="date" label=say!(prefs, pages.history.to) value=listing.to typed=by_days />
            </div>
        </div>
    }
}

/// The same in both languages.
fn range_words(name: &str) -> &'static str {
    match name {
        "1h" => "1 h",
        "24h" => "24 h",
        "7d" => "7 d",
        _ => "30 d",
    }
}

/// "From" must not lie after "to"; tracks.
fn from_error(prefs: Prefs, listing: Listing) -> Option<String> {
    let days = (list::day(&listing.from.get()), list::day(&listing.to.get()));
    match days {
        (Some(from), Some(to)) if from > to => Some(said!(prefs, pages.history.from_after_to).to_owned()),
        _ => None,
    }
}

#[component]
fn Alarms(listing: Listing, alarms: Fetched<Page<Alarm>>) -> impl IntoView {
    let (prefs, go) = (use_prefs(), use_go());
    view! {
        <Loaded from=alarms let:page>
            {
                let go = go.clone();
                let rows = derive(move || page.with(|page| page.items.clone()));
                let total = derive(move || page.with(|page| page.total));
                let next = derive(move || page.with(|page| page.next.clone()));
                let shown = derive(move || page.with(|page| page.items.len()));
                let none = memo(move || shown.get() == 0);
                let open = Callback::new(move |id: String| go(&format!("history/{id}")));
                view! {
                    <Show when=move || !none.get() fallback=move || view! { <NoAlarms listing /> }>
                        <Table
                            caption=say!(prefs, pages.history.list)
                            rows=rows
                            key=|alarm: &Alarm| alarm.id.clone()
                            columns=columns(prefs)
                            sort=listing.sort
                            open=open
                        />
                        <Pager paging=listing.paging shown total next />
                    </Show>
                }
            }
        </Loaded>
    }
}

/// Nothing to show is good news, unless filters hide it.
#[component]
fn NoAlarms(listing: Listing) -> impl IntoView {
    let prefs = use_prefs();
    move || {
        let state = listing.settled.get();
        if state.is_filtered() {
            return view! {
                <Empty title=say!(prefs, pages.common.nothing_matches)>
                    <Button press=move |()| listing.clear()>{say!(prefs, pages.common.clear_filters)}</Button>
                </Empty>
            }
            .into_any();
        }
        let words = move || match state.state.as_str() {
            "active" => said!(prefs, pages.history.empty_active),
            "history" => said!(prefs, pages.history.empty_history),
            _ => said!(prefs, pages.history.empty_all),
        };
        view! { <Empty title=words /> }.into_any()
    }
}

fn columns(prefs: Prefs) -> Vec<Column<Alarm>> {
    let (format, live) = (use_format(), use_live());
    let end = move |alarm: Signal<Alarm>| {
        move || {
            let cleared = alarm.with(|alarm| alarm.cleared_at);
            cleared.map_or_else(|| said!(prefs, pages.history.still).to_owned(), |at| format.seconds(at))
        }
    };
    let lasted = move |alarm: Signal<Alarm>| {
        move || {
            let (start, end) = alarm.with(|alarm| (ms(alarm.raised_at), alarm.cleared_at.map(ms)));
            duration(end.unwrap_or_else(|| live.now.get()) - start)
        }
    };
    vec![
        Column::new(say!(prefs, pages.history.severity), move |alarm: Signal<Alarm>| {
            view! { <SeverityMark of=derive(move || standing(alarm.with(|alarm| alarm.severity))) /> }
        })
        .sorted_by("severity"),
        Column::new(say!(prefs, pages.history.metric), move |alarm: Signal<Alarm>| {
            let href = move || alarm.with(|alarm| format!("history/{}", alarm.id));
            let title = move || alarm.with(|alarm| title_of(prefs, alarm));
            let series =
                move || alarm.with(|alarm| alarm.series.clone().unwrap_or_else(|| place_of(prefs, alarm)));
            view! {
                <a class="row-title" href=href>{drawn(title)}</a>
                <span class="row-place expr">{drawn(series)}</span>
            }
        })
        .sorted_by("subject")
        .class("wide"),
        Column::new(say!(prefs, pages.history.dashboard), move |alarm: Signal<Alarm>| {
            move || alarm.with(|alarm| alarm.dashboard.clone().unwrap_or_else(|| "–".to_owned()))
        })
        .sorted_by("dashboard"),
        Column::new(say!(prefs, pages.history.value), move |alarm: Signal<Alarm>| {
            move || alarm.with(|alarm| format.value(alarm.value.map(|value| value.0), alarm.unit.as_deref()))
        })
        .class("numeric"),
        Column::new(say!(prefs, pages.history.start), move |alarm: Signal<Alarm>| {
            move || format.seconds(alarm.with(|alarm| alarm.raised_at))
        })
        .sorted_by("raised_at")
        .class("numeric labelled"),
        Column::new(say!(prefs, pages.history.end), end).sorted_by("cleared_at").class("numeric labelled"),
        Column::new(say!(prefs, pages.history.duration), lasted).class("numeric labelled"),
        Column::new(say!(prefs, pages.history.reason), move |alarm: Signal<Alarm>| {
            move || alarm.with(|alarm| reason_words(prefs, &alarm.reason))
        })
        .class("reason"),
    ]
}
