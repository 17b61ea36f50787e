//! Alarm history: what is active, what has cleared, each with its story; what a stretch of time comes to.

mod totals;

use atalaya_api::alarm::{Alarm, HistorySummary};
use atalaya_api::page::Page;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use self::totals::{ByWorst, OneMetric, ToldCell, Totals};
use super::attend::{Attend, AttendDialogs, AttendTools};
use super::listing::{Listing, keep_fresh};
use super::many::{Bar, Choice, Narrowed};
use super::metrics::severity_chips;
use super::wording::reason_words;
use super::{Heading, ZoneNote, clock, use_go};
use crate::account::use_account;
use crate::api::use_api;
use crate::components::alarms::{QuietMarks, place_of, title_of};
use crate::components::severity::standing;
use crate::components::{
    Button, Chip, Chips, Column, Empty, Icon, Loaded, Pager, SeverityMark, Sort, Table, TextField,
};
use crate::erase::{Show, derive, drawn, memo};
use crate::fetched::{Fetched, fetched_at};
use crate::format::{duration, ms, use_format, zone_name};
use crate::live::{LiveEvent, use_live};
use crate::logic::list::{self, ListState};
use crate::logic::query;
use crate::prefs::{Prefs, use_prefs};

const SORTS: &[&str] = &["severity", "raised_at", "cleared_at", "subject", "dashboard"];

#[component]
pub fn HistoryPage() -> impl IntoView {
    let prefs = use_prefs();
    let (account, api) = (use_account(), use_api());
    let listing = Listing::new(Sort::down("raised_at"), SORTS);
    with_times(listing);
    // "The last hour" is another instant at each reading, and still the same list.
    let key = move || Some((listing.settled.get(), listing.sort_query(), listing.paging.query()));
    let alarms = fetched_at::<Page<Alarm>, _>(key, |(state, sort, paging)| {
        format!("alarms?told=true&{paging}&sort={sort}&{}", filters_of(state))
    });
    let summed =
        move || Some(listing.settled.with(|state| ListState { sort: String::new(), ..state.clone() }));
    let summary =
        fetched_at::<HistorySummary, _>(summed, |state| format!("alarms/summary?{}", filters_of(state)));
    let refresh = move || {
        alarms.refresh();
        summary.refresh();
    };
    keep_fresh(|event| matches!(event, LiveEvent::Alarm(_) | LiveEvent::Quiet), refresh);
    let attend = Attend::new(refresh);
    // The browser saves it: not a page of the app. "The last day" is the day before the press, as the list has it.
    let file = move || {
        let filters = listing.settled.with(filters_of);
        let style = query::write(&[("time_zone", zone_name()), ("language", prefs.language().to_owned())]);
        api.address(&format!("alarms/export?{filters}&{}", style.trim_start_matches('?')))
    };
    let renew = move |event: web_sys::MouseEvent| {
        let link = event.current_target().and_then(|link| link.dyn_into::<web_sys::Element>().ok());
        if let Some(link) = link {
            // Only a malformed attribute name is refused.
            let _ = link.set_attribute("href", &untrack(file));
        }
    };
    view! {
        <Heading text=say!(prefs, pages.history.title)>
            <a class="button quiet" href=file download="atalaya-alarms.csv" rel="external" on:click=renew>
                <Icon name="down" />
                {drawn(move || said!(prefs, tables.moving.export, format = "CSV").to_string())}
            </a>
            <Show when=move || account.may_configure()>
                <a class="button quiet" href="import-history"><Icon name="up" />{say!(prefs, tables.moving.import_history)}</a>
            </Show>
            <ZoneNote />
        </Heading>
        <Filters listing />
        <Loaded from=summary let:summary><Totals listing summary /></Loaded>
        <Narrowed label=say!(prefs, pages.history.dashboard) to=listing.filter("dashboard") />
        <ByWorst listing />
        <OneMetric listing alarms />
        <Alarms listing alarms attend />
        <AttendDialogs attend />
    }
}

/// Days in the address are shown as the times that they mean.
fn with_times(listing: Listing) {
    for (field, time) in [(listing.from, "00:00"), (listing.to, "23:59")] {
        if field.with_untracked(|text| list::day(text).is_some()) {
            field.update(|text| *text = format!("{text}T{time}"));
        }
    }
}

/// What narrows the list, as the API takes it.
fn filters_of(state: &ListState) -> String {
    let range = state.history_range();
    let (from, to) = match range.is_empty() {
        true => (clock::instant(&state.from), clock::end(&state.to)),
        false => (clock::start_of_range(range), None),
    };
    let filters = ListState { sort: String::new(), ..all_states(state) };
    let text = filters.to_request(&from.unwrap_or_default(), &to.unwrap_or_default());
    text.trim_start_matches('?').to_owned()
}

/// The same for a request that names what narrows the list one by one.
fn filter_of(state: &ListState) -> std::collections::BTreeMap<String, String> {
    query::parse(&filters_of(state)).into_iter().collect()
}

/// The history has everything where nothing is said.
fn all_states(state: &ListState) -> ListState {
    let shown = if state.state.is_empty() { "all" } else { &state.state };
    ListState { state: shown.to_owned(), ..state.clone() }
}

#[component]
fn Filters(listing: Listing) -> impl IntoView {
    let prefs = use_prefs();
    let states = vec![
        Chip::new("active", move || said!(prefs, pages.history.active)),
        Chip::new("history", move || said!(prefs, pages.history.history)),
    ];
    // A range and a stretch of one's own say different things: the latest choice counts.
    let own = Callback::new(move |_: String| listing.range.set(Vec::new()));
    view! {
        <div class="filters">
            <TextField name="search" kind="search" label=say!(prefs, pages.history.search) value=listing.q />
            <div class="filter-dates times">
                <TextField
                    name="from"
                    kind="datetime-local"
                    label=say!(prefs, pages.history.from)
                    value=listing.from
                    typed=own
                    error=derive(move || from_error(prefs, listing))
                />
                <TextField
                    name="to"
                    kind="datetime-local"
                    label=say!(prefs, pages.history.to)
                    value=listing.to
                    typed=own
                />
            </div>
            <div class="filter-chips">
                <Ranges listing />
                <Chips label=say!(prefs, pages.history.show) chips=states chosen=listing.state single=true />
                <Chips
                    label=say!(prefs, pages.common.severity)
                    chips=severity_chips(prefs)
                    chosen=listing.severities
                />
            </div>
        </div>
    }
}

/// The stretches of time on offer; one of them is always on, unless a stretch of one's own is typed.
#[component]
fn Ranges(listing: Listing) -> impl IntoView {
    let prefs = use_prefs();
    let now = memo(move || listing.now().history_range().to_owned());
    let chip = move |range: &'static str| {
        let press = move |_| listing.choose_range(range);
        view! {
            <button type="button" class="chip" aria-pressed=move || now.with(|now| now == range).to_string() on:click=press>
                {drawn(move || range_words(prefs, range))}
            </button>
        }
    };
    view! {
        <div class="chips" role="group" aria-label=say!(prefs, pages.history.range)>
            {list::RANGES.map(chip).collect_view()}
        </div>
    }
}

/// Tracks.
fn range_words(prefs: Prefs, name: &str) -> &'static str {
    match name {
        "yesterday" => said!(prefs, quiet.since_yesterday),
        "friday" => said!(prefs, quiet.since_friday),
        "24h" => "24 h",
        "7d" => "7 d",
        "30d" => "30 d",
        _ => said!(prefs, quiet.all_time),
    }
}

/// "From" must not lie after "to"; tracks.
fn from_error(prefs: Prefs, listing: Listing) -> Option<String> {
    let times = (clock::instant(&listing.from.get()), clock::end(&listing.to.get()));
    match times {
        (Some(from), Some(to)) if from > to => Some(said!(prefs, pages.history.from_after_to).to_owned()),
        _ => None,
    }
}

#[component]
fn Alarms(listing: Listing, alarms: Fetched<Page<Alarm>>, attend: Attend) -> impl IntoView {
    let (prefs, go, account) = (use_prefs(), use_go(), use_account());
    let rows =
        move || alarms.state.with(|state| state.value().map(|page| page.items.clone()).unwrap_or_default());
    let names = move || rows().iter().map(|alarm| (alarm.id.clone(), title_of(prefs, alarm))).collect();
    let total = derive(move || alarms.state.with(|state| state.value().map_or(0, |page| page.total)));
    let narrowed =
        move || listing.settled.with(|state| ListState { sort: String::new(), ..state.clone() }.to_query());
    let choice = Choice::new(names, total, narrowed, move || listing.settled.with(filter_of));
    let tools: ChildrenFn = std::sync::Arc::new(move || view! { <AttendTools attend choice /> }.into_any());
    let tools = StoredValue::new(tools);
    let can_do = account.may_configure();
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
                        <Bar choice busy=attend.busy tools=Some(tools.get_value()) />
                        <Table
                            caption=say!(prefs, pages.history.list)
                            rows=rows
                            key=|alarm: &Alarm| alarm.id.clone()
                            columns=columns(prefs)
                            sort=listing.sort
                            nostrip:selected=can_do.then_some(choice.selected)
                            name=|alarm: &Alarm| alarm.rule.as_ref().map_or_else(|| alarm.subject.name.clone(), |rule| rule.name.clone())
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
        if state.is_filtered_within() {
            return view! {
                <Empty title=say!(prefs, pages.common.nothing_matches)>
                    <Button press=move |()| listing.clear()>{say!(prefs, pages.common.clear_filters)}</Button>
                </Empty>
            }
            .into_any();
        }
        if state.history_range() != list::ALL_TIME {
            return view! {
                <Empty title=say!(prefs, pages.history.empty_stretch)>
                    <Button press=move |()| listing.choose_range(list::ALL_TIME)>{say!(prefs, quiet.all_time)}</Button>
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
        let at = move || {
            let cleared = alarm.with(|alarm| alarm.cleared_at);
            cleared.map_or_else(|| said!(prefs, pages.history.still).to_owned(), |at| format.seconds(at))
        };
        view! {
            {drawn(at)}
            <span class="row-place">{drawn(move || alarm.with(|alarm| reason_words(prefs, &alarm.reason)))}</span>
        }
    };
    let lasted = move |alarm: Signal<Alarm>| {
        move || {
            let (start, end) = alarm.with(|alarm| (ms(alarm.raised_at), alarm.cleared_at.map(ms)));
            duration(end.unwrap_or_else(|| live.now.get()) - start)
        }
    };
    let metric = move |alarm: Signal<Alarm>| {
        let href = move || alarm.with(|alarm| format!("history/{}", alarm.id));
        let title = move || alarm.with(|alarm| title_of(prefs, alarm));
        let series =
            move || alarm.with(|alarm| alarm.series.clone().unwrap_or_else(|| place_of(prefs, alarm)));
        view! {
            <a class="row-title" href=href>{drawn(title)}</a>
            <span class="row-place expr">{drawn(series)}</span>
        }
    };
    let place = move |alarm: Signal<Alarm>| {
        let dashboard = move || alarm.with(|alarm| alarm.dashboard.clone().unwrap_or_else(|| "–".to_owned()));
        view! {
            {drawn(dashboard)}
            <span class="row-place">{drawn(move || alarm.with(|alarm| alarm.panel.clone()))}</span>
        }
    };
    let value = move |alarm: Signal<Alarm>| {
        move || alarm.with(|alarm| format.value(alarm.value.map(|value| value.0), alarm.unit.as_deref()))
    };
    vec![
        Column::new(say!(prefs, pages.history.severity), move |alarm: Signal<Alarm>| {
            view! { <SeverityMark of=derive(move || standing(alarm.with(|alarm| alarm.severity))) /> }
        })
        .sorted_by("severity"),
        Column::new(say!(prefs, pages.history.metric), metric).sorted_by("subject").class("wide"),
        Column::new(say!(prefs, pages.history.dashboard), place).sorted_by("dashboard").class("place"),
        Column::new(say!(prefs, pages.history.value), value).class("numeric"),
        Column::new(say!(prefs, pages.history.start), move |alarm: Signal<Alarm>| {
            move || format.seconds(alarm.with(|alarm| alarm.raised_at))
        })
        .sorted_by("raised_at")
        .class("numeric labelled"),
        Column::new(say!(prefs, pages.history.end), end).sorted_by("cleared_at").class("numeric labelled"),
        Column::new(say!(prefs, pages.history.duration), lasted).class("numeric labelled"),
        Column::new(say!(prefs, quiet.told), move |alarm: Signal<Alarm>| view! { <ToldCell alarm /> })
            .class("told-cell"),
        Column::new(say!(prefs, quiet.seen), move |alarm: Signal<Alarm>| view! { <QuietMarks alarm /> }),
    ]
}
