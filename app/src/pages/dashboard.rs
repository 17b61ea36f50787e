//! The dashboard: tiles, the active alarms, the chart of one of them.

use atalaya_api::alarm::Alarm;
use atalaya_api::level::{Severity, Standing};
use atalaya_api::page::Page;
use atalaya_api::rule::RuleChart;
use atalaya_api::summary::Summary;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::Heading;
use super::attend::{Attend, AttendDialogs, AttendPanel, AttendTools, QuietLink, ToldList};
use super::many::{Bar, Choice};
use super::trial::Trial;
use crate::account::use_account;
use crate::base::encode;
use crate::board::{Board, MOST};
use crate::components::alarms::{AlarmTable, AlarmWords, title_of};
use crate::components::causes::{Causes, page_of};
use crate::components::chart::{ChartData, Range, RangePicker};
use crate::components::frame::active;
use crate::components::severity::{SeverityMark, standing};
use crate::components::tiles::Tiles;
use crate::components::{Chart, Icon, Loaded};
use crate::dom;
use crate::erase::{Show, derive, drawn, effect, memo, watch};
use crate::fetched::{Fetched, Load, fetched, fetched_at};
use crate::format::{iso, use_format};
use crate::live::{LiveEvent, use_live};
use crate::prefs::{Prefs, use_prefs};

/// The list's values are read anew at most so often, ms.
const REFRESH_MS: f64 = 5_000.0;

#[component]
pub fn DashboardPage() -> impl IntoView {
    let prefs = use_prefs();
    view! {
        <Heading text=say!(prefs, app.menu.dashboard)><QuietLink /></Heading>
        <DashboardView />
    }
}

/// The same on the dashboard and on the wall, where nothing can be done.
#[component]
pub fn DashboardView(#[prop(optional)] wall: bool) -> impl IntoView {
    let live = use_live();
    let summary = fetched::<Summary>(|| Some("summary".to_owned()));
    // Asked for once; from then on the stream says it each second.
    live.listen(move |event| {
        if let LiveEvent::Status(status) = event {
            summary.state.set(Load::Ready(status.summary.clone()));
        }
    });
    view! {
        <Loaded from=summary let:summary>
            <Causes summary />
            <Tiles summary=summary stale=derive(move || !live.is_fresh()) />
            <Trial summary=summary />
            <Active summary=summary wall />
        </Loaded>
    }
}

/// What the list needs to know of the address.
#[derive(Clone, Copy)]
struct Address {
    /// Only this severity.
    severity: Memo<Option<Severity>>,
    /// The alarm whose chart is shown.
    alarm: Memo<Option<String>>,
}

impl Address {
    fn read() -> Self {
        let query = use_query_map();
        let severity = move |_: Option<&_>| {
            let name = query.with(|query| query.get("severity"))?;
            Severity::ALL.into_iter().find(|severity| severity.name() == name)
        };
        Address { severity: Memo::new(severity), alarm: memo(move || query.with(|query| query.get("alarm"))) }
    }

    /// The path of the API's list; tracks.
    fn list(self) -> String {
        let filter = self.severity.get().map(|severity| format!("&severity={}", severity.name()));
        format!("alarms?state=active&sort=severity&limit={MOST}{}", filter.unwrap_or_default())
    }

    /// The query of the page with another alarm; everything else stays.
    fn with_alarm(self, id: &str) -> String {
        let filter = self.severity.get_untracked().map(|severity| format!("severity={}&", severity.name()));
        format!("?{}alarm={}", filter.unwrap_or_default(), encode(id))
    }
}

/// List and chart, or the quiet page.
#[component]
fn Active(#[prop(into)] summary: Signal<Summary>, wall: bool) -> impl IntoView {
    let (prefs, account, address) = (use_prefs(), use_account(), Address::read());
    let list = fetched::<Page<Alarm>>(move || Some(address.list()));
    let board = RwSignal::new(Board::default());
    let busy = RwSignal::new(false);
    let choice = choice_of(prefs, address, list, board);
    let attend = Attend::new(move || list.refresh());
    // Somebody points at the list, moves in it, has chosen a row or selected some.
    let held = move || {
        let selected = choice.selected.with_untracked(|selected| !selected.is_empty());
        busy.get_untracked() || selected || address.alarm.with_untracked(Option::is_some)
    };
    let can_do = memo(move || !wall && account.may_configure());
    keep_fresh(address, list, board, held);
    let nothing = memo(move || {
        let nothing = summary.with(active) == 0 && address.severity.with(Option::is_none);
        nothing && board.with(|board| board.rows().is_empty() && board.waiting().is_none())
    });
    view! {
        <Loaded from=list let:page>
            <Show when=move || !nothing.get() fallback=move || view! { <Quiet summary /> }>
                <Filter address />
                <Both
                    address
                    board
                    busy
                    more=derive(move || page.with(|page| page.total))
                    choice
                    attend
                    can_do=can_do.get()
                />
            </Show>
            <AttendDialogs attend />
        </Loaded>
    }
}

/// What can be selected: the active alarms on screen, or all that match.
fn choice_of(prefs: Prefs, address: Address, list: Fetched<Page<Alarm>>, board: RwSignal<Board>) -> Choice {
    let rows = move || {
        board.with(|board| {
            let active = board.rows().iter().filter(|alarm| alarm.cleared_at.is_none());
            active.map(|alarm| (alarm.id.clone(), title_of(prefs, alarm))).collect()
        })
    };
    let total = derive(move || list.state.with(|state| state.value().map_or(0, |page| page.total)));
    let severity = move || address.severity.get().map(|severity| severity.name().to_owned());
    Choice::new(
        rows,
        total,
        move || severity().unwrap_or_default(),
        move || {
            let only = severity().map(|severity| ("severity".to_owned(), severity));
            only.into_iter().chain([("state".to_owned(), "active".to_owned())]).collect()
        },
    )
}

/// Feeds the board: by each event at once, by the list every few seconds, and forgets what was cleared long enough.
fn keep_fresh(
    address: Address,
    list: Fetched<Page<Alarm>>,
    board: RwSignal<Board>,
    held: impl Fn() -> bool + Copy + Send + Sync + 'static,
) {
    let live = use_live();
    watch(move || address.severity.get(), move |_| board.set(Board::default()));
    effect(move || {
        if let Some(page) = list.value() {
            board.update(|board| board.take_list(page.items, held()));
        }
    });
    let last = StoredValue::new(live.server_now());
    live.listen(move |event| match event {
        // Many at once may be muted one by one: they are read together, with the next status.
        LiveEvent::Quiet => last.set_value(0.0),
        LiveEvent::Alarm(event)
            if address.severity.get_untracked().is_none_or(|only| only == event.alarm.severity) =>
        {
            board.update(|board| board.take_change(event.alarm.clone(), held()));
        }
        LiveEvent::Status(_) => {
            let now = live.server_now();
            board.maybe_update(|board| board.forget(now));
            if now - last.get_value() >= REFRESH_MS {
                last.set_value(now);
                list.refresh();
            }
        }
        LiveEvent::Reset | LiveEvent::Rule(_) => list.refresh(),
        LiveEvent::Alarm(_) => {}
    });
}

/// Says that only one severity is shown, and shows all again.
#[component]
fn Filter(address: Address) -> impl IntoView {
    let prefs = use_prefs();
    move || {
        address.severity.get().map(|severity| {
            view! {
                <p class="filter-line">
                    <span>{say!(prefs, app.alarm.only)}</span>
                    <SeverityMark of=standing(severity) />
                    <a class="button quiet" href="./"><Icon name="close" />{say!(prefs, app.alarm.show_all)}</a>
                </p>
            }
        })
    }
}

/// The list, and the chart of the chosen alarm or the first.
#[component]
fn Both(
    address: Address,
    board: RwSignal<Board>,
    busy: RwSignal<bool>,
    /// How many match in all.
    more: Signal<u64>,
    choice: Choice,
    attend: Attend,
    /// Whoever looks may acknowledge and mute.
    can_do: bool,
) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let chosen = memo(move || {
        let wanted = address.alarm.get();
        board.with(|board| wanted.and_then(|id| board.find(&id)).or_else(|| board.rows().first()).cloned())
    });
    let current = derive(move || chosen.with(|alarm| alarm.as_ref().map(|alarm| alarm.id.clone())));
    let navigate = StoredValue::new_local(use_navigate());
    let show = move |query: String| {
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate.with_value(|navigate| navigate(&query, options));
    };
    let details = NodeRef::<leptos::html::Section>::new();
    let open = move |id: String| {
        show(address.with_alarm(&id));
        // On a narrow screen the chart is below the list.
        if let Some(details) = details.get_untracked().filter(|_| dom::is_narrow()) {
            details.scroll_into_view();
        }
    };
    let settle = move |()| board.update(Board::settle);
    let rest = memo(move || board.with(|board| (more.get() as usize).saturating_sub(board.rows().len())));
    view! {
        <div class="both">
            <section class="both-list" aria-label=say!(prefs, app.alarm.active)>
                {can_do.then(|| {
                    let tools: ChildrenFn = std::sync::Arc::new(move || view! { <AttendTools attend choice /> }.into_any());
                    view! { <Bar choice busy=attend.busy tools=Some(tools) /> }
                })}
                <AlarmTable board current open busy settle selected=can_do.then_some(choice.selected) />
                <Show when=move || { rest.get() > 0 }>
                    <p class="muted">{drawn(move || said!(prefs, app.alarm.rest, count = format.count(rest.get() as u64)))}</p>
                </Show>
            </section>
            <section class="both-chart" node_ref=details aria-label=say!(prefs, app.chart.of_alarm)>
                <Show when=move || chosen.with(Option::is_some)>
                    <Detail alarm=chosen attend can_do />
                </Show>
            </section>
        </div>
    }
}

/// One alarm: in words, and its chart.
#[component]
fn Detail(alarm: Memo<Option<Alarm>>, attend: Attend, can_do: bool) -> impl IntoView {
    let (prefs, live) = (use_prefs(), use_live());
    // Keeps the last one while the view goes away.
    let shown =
        Memo::new(move |before: Option<&Option<Alarm>>| alarm.get().or_else(|| before.cloned().flatten()));
    let alarm = derive(move || shown.get().expect("made only when there is an alarm"));
    let rule = memo(move || alarm.read().rule.as_ref().map(|rule| rule.id.clone()));
    let page = memo(move || page_of(&alarm.read().subject));
    let id = memo(move || alarm.read().id.clone());
    // Who was told is not in the list: it is asked for of the one alarm.
    let whole = fetched::<Alarm>(move || Some(format!("alarms/{}", encode(&id.get()))));
    live.listen(move |event| match event {
        LiveEvent::Alarm(event) if id.with_untracked(|id| *id == event.alarm.id) => whole.refresh(),
        LiveEvent::Reset | LiveEvent::Quiet => whole.refresh(),
        _ => {}
    });
    let told = derive(move || whole.value().map(|alarm| alarm.told).unwrap_or_default());
    view! {
        <AlarmWords alarm />
        <AttendPanel alarm attend can_do />
        <Show when=move || rule.with(Option::is_some)>
            <AlarmChart alarm />
        </Show>
        {drawn(move || {
            rule.get().map(|id| {
                view! { <a class="button" href=format!("configured/{id}")><Icon name="edit" />{say!(prefs, app.alarm.edit_metric)}</a> }
            })
        })}
        {drawn(move || page.get().map(|href| view! { <a class="button" href=href>{say!(prefs, app.cause.look)}</a> }))}
        <Show when=move || whole.state.with(|state| state.value().is_some())>
            <h3>{say!(prefs, quiet.told)}</h3>
            <ToldList told />
        </Show>
    }
}

/// The chart of the alarm's series with its levels and marks.
#[component]
fn AlarmChart(#[prop(into)] alarm: Signal<Alarm>) -> impl IntoView {
    let (prefs, live) = (use_prefs(), use_live());
    let range = RwSignal::new(Range::default());
    let key = move || {
        let alarm = alarm.read();
        Some((alarm.rule.as_ref()?.id.clone(), alarm.series.clone(), range.get()))
    };
    let asked = StoredValue::new(0.0);
    let chart = fetched_at::<RuleChart, _>(key, move |(rule, series, range)| {
        let to = live.server_now();
        asked.set_value(to);
        let series = series.as_ref().map(|series| format!("series={}&", encode(series))).unwrap_or_default();
        format!(
            "rules/{rule}/chart?{series}from={}&to={}",
            encode(&iso(to - range.millis())),
            encode(&iso(to))
        )
    });
    live.listen(move |event| {
        let due = match event {
            // A point more is worth a request when it can be seen: a seven-hundredth of the width.
            LiveEvent::Status(_) => {
                live.server_now() - asked.get_value()
                    >= (range.get_untracked().millis() / 700.0).max(REFRESH_MS)
            }
            LiveEvent::Alarm(event) => event.alarm.id == alarm.read_untracked().id,
            LiveEvent::Reset => true,
            LiveEvent::Quiet | LiveEvent::Rule(_) => false,
        };
        if due {
            chart.refresh();
        }
    });
    let title = derive(move || title_of(prefs, &alarm.read()));
    view! {
        <RangePicker range />
        <Loaded from=chart let:chart>
            <Chart
                title
                unit=derive(move || chart.with(|chart| chart.series.first().and_then(|series| series.unit.clone())))
                data=derive(move || {
                    let (RuleChart { series, lines, marks }, to) = (chart.get(), asked.get_value());
                    ChartData { series, lines, marks, from: to - range.get().millis(), to }
                })
            />
        </Loaded>
    }
}

/// Nothing is active: since when, how much is watched, when the last check ran. Not quiet while a cause stands.
#[component]
fn Quiet(#[prop(into)] summary: Signal<Summary>) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let since = move || {
        let at = summary.with(|summary| summary.quiet_since)?;
        Some(said!(prefs, app.quiet.since, time = format.time(at), zone = format.zone()))
    };
    let watched =
        move || said!(prefs, app.quiet.watched, count = format.count(summary.with(|summary| summary.rules)));
    let checked = move || {
        let at = summary.with(|summary| summary.checked_at)?;
        Some(said!(prefs, app.quiet.checked, time = format.seconds(at)))
    };
    let title = move || {
        summary.with(|summary| match (summary.causes.is_empty(), summary.rules) {
            (false, _) => Some(said!(prefs, app.cause.no_alarm)),
            (true, 0) => Some(said!(prefs, app.quiet.no_metrics)),
            (true, _) => None,
        })
    };
    let quiet = memo(move || summary.with(|summary| summary.rules > 0 && summary.causes.is_empty()));
    view! {
        <section class="quiet">
            <Show when=move || quiet.get() fallback=move || view! { <h2>{drawn(title)}</h2> }>
                <h2><SeverityMark of=Standing::Ok /> <span>{say!(prefs, app.quiet.title)}</span></h2>
                <p class="number">{drawn(since)}</p>
                <p class="number">{drawn(watched)}</p>
                <p class="number">{drawn(checked)}</p>
            </Show>
        </section>
    }
}
