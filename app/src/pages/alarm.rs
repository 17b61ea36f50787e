//! One alarm: what happened, drawn and in words, and why.

mod evidence;

use atalaya_api::alarm::{Alarm, SubjectKind, TransitionView};
use atalaya_api::level::Standing;
use atalaya_api::page::Page;
use atalaya_api::rule::RuleChart;
use leptos::prelude::*;

use self::evidence::Evidence;
use super::attend::{Attend, AttendDialogs, AttendPanel, ToldList};
use super::listing::keep_fresh;
use super::wording::reason_words;
use super::{ALARM, Heading, use_id};
use crate::components::alarms::{place_of, title_of};
use crate::components::causes::page_of;
use crate::components::chart::ChartData;
use crate::components::severity::standing;
use crate::components::{Chart, Empty, Loaded, SeverityMark};
use crate::dom;
use crate::erase::{For, Show, derive, drawn, memo};
use crate::fetched::{Fetched, Load, fetched, fetched_at};
use crate::format::{duration, iso, ms, use_format};
use crate::live::{LiveEvent, use_live};
use crate::logic::around::around;
use crate::logic::query::encode;
use crate::prefs::{Prefs, use_prefs};

#[component]
pub fn AlarmPage() -> impl IntoView {
    let (prefs, id) = (use_prefs(), use_id(ALARM));
    let alarm = fetched::<Alarm>(move || Some(format!("alarms/{}", encode(&id.get()))));
    let steps =
        fetched::<Page<TransitionView>>(move || Some(format!("alarms/{}/transitions", encode(&id.get()))));
    let hears = move |event: &LiveEvent| {
        let mine = |other: &str| id.with_untracked(|id| id == other);
        match event {
            LiveEvent::Alarm(event) => mine(&event.alarm.id),
            other => *other == LiveEvent::Quiet,
        }
    };
    keep_fresh(hears, move || {
        alarm.refresh();
        steps.refresh();
    });
    let gone = memo(move || {
        alarm.state.with(|state| matches!(state, Load::Failed(failure) if failure.status() == Some(404)))
    });
    let attend = Attend::new(move || alarm.refresh());
    // Only what a check judged has evidence.
    let of_series = memo(move || alarm.value().is_none_or(|alarm| is_of_series(&alarm)));
    let unit = memo(move || alarm.value().and_then(|alarm| alarm.unit));
    let title = move || {
        alarm
            .value()
            .map_or_else(|| said!(prefs, pages.history.title).to_owned(), |alarm| title_of(prefs, &alarm))
    };
    view! {
        <Heading text=title>
            <a class="button" href="history">{say!(prefs, pages.alarm.back)}</a>
        </Heading>
        <Show
            when=move || !gone.get()
            fallback=move || view! { <Empty title=say!(prefs, pages.alarm.not_found) /> }
        >
            <Loaded from=alarm let:alarm>
                <section class="card">
                    <Facts alarm />
                    <AttendPanel alarm attend />
                    <Drawn alarm />
                </section>
                <section class="card">
                    <h2>{say!(prefs, quiet.told)}</h2>
                    <ToldList told=derive(move || alarm.with(|alarm| alarm.told.clone())) />
                </section>
            </Loaded>
            <AttendDialogs attend />
            <Steps steps unit />
            <Show when=move || of_series.get()>
                <Evidence id unit />
            </Show>
        </Show>
    }
}

fn is_of_series(alarm: &Alarm) -> bool {
    alarm.subject.kind == SubjectKind::Series
}

/// The alarm in numbers and words.
#[component]
fn Facts(alarm: Signal<Alarm>) -> impl IntoView {
    let (prefs, format, live) = (use_prefs(), use_format(), use_live());
    let words =
        move |value: Option<f64>| format.value(value, alarm.with(|alarm| alarm.unit.clone()).as_deref());
    let value = move || words(alarm.with(|alarm| alarm.value.map(|value| value.0)));
    let raised_value = move || words(alarm.with(|alarm| alarm.raised_value.map(|value| value.0)));
    let lasts = move || {
        let (start, end) = alarm.with(|alarm| (ms(alarm.raised_at), alarm.cleared_at.map(ms)));
        duration(end.unwrap_or_else(|| live.now.get()) - start)
    };
    let cleared = memo(move || alarm.with(|alarm| alarm.cleared_at));
    let rule = memo(move || alarm.with(|alarm| alarm.rule.clone()));
    let kind = memo(move || alarm.with(|alarm| alarm.subject.kind));
    let of_series = move || kind.get() == SubjectKind::Series;
    let about = move || match of_series() {
        true => said!(prefs, pages.alarm.metric),
        false => said!(prefs, pages.alarm.about),
    };
    let page = memo(move || alarm.with(|alarm| page_of(&alarm.subject)));
    let no_data = move || {
        let since = alarm.with(|alarm| alarm.no_data_since)?;
        Some(said!(prefs, pages.alarm.no_data, when = format.seconds(since)).to_string())
    };
    view! {
        <p class="alarm-head">
            <SeverityMark of=derive(move || standing(alarm.with(|alarm| alarm.severity))) />
            <span class="message">{drawn(move || alarm.with(|alarm| alarm.message.clone()))}</span>
        </p>
        <p class="note" hidden=move || no_data().is_none()>{drawn(no_data)}</p>
        <dl class="facts">
            <div>
                <dt>{say!(prefs, pages.alarm.raised)}</dt>
                <dd class="number">{drawn(move || format.seconds(alarm.with(|alarm| alarm.raised_at)))}</dd>
            </div>
            <div hidden=move || cleared.get().is_none()>
                <dt>{say!(prefs, pages.alarm.cleared)}</dt>
                <dd class="number">{drawn(move || cleared.get().map(|at| format.seconds(at)))}</dd>
            </div>
            <div>
                <dt>
                    {drawn(move || if cleared.get().is_some() { said!(prefs, pages.alarm.lasted) } else { said!(prefs, pages.alarm.lasts) })}
                </dt>
                <dd class="number">{drawn(lasts)}</dd>
            </div>
            <div hidden=move || !of_series()>
                <dt>
                    {drawn(move || if cleared.get().is_some() { said!(prefs, pages.alarm.value_last) } else { said!(prefs, pages.alarm.value_now) })}
                </dt>
                <dd class="number">{drawn(value)}</dd>
            </div>
            <div hidden=move || !of_series()>
                <dt>{say!(prefs, pages.alarm.value_raised)}</dt>
                <dd class="number">{drawn(raised_value)}</dd>
            </div>
            <div>
                <dt>{say!(prefs, pages.alarm.reason)}</dt>
                <dd>{drawn(move || alarm.with(|alarm| reason_words(prefs, &alarm.reason)))}</dd>
            </div>
            <div>
                <dt>{drawn(about)}</dt>
                <dd class:expr=of_series>{drawn(move || alarm.with(|alarm| place_of(prefs, alarm)))}</dd>
            </div>
            <div hidden=move || rule.get().is_none()>
                <dt>{say!(prefs, pages.alarm.configured)}</dt>
                <dd>
                    {drawn(move || rule.get().map(|rule| view! { <a href=format!("configured/{}", rule.id)>{rule.name}</a> }))}
                </dd>
            </div>
        </dl>
        {drawn(move || page.get().map(|href| view! { <a class="button" href=href>{say!(prefs, app.cause.look)}</a> }))}
    }
}

/// The chart around the alarm, with levels and marks.
#[component]
fn Drawn(alarm: Signal<Alarm>) -> impl IntoView {
    let prefs = use_prefs();
    let range = move || {
        let (start, end) = alarm.with(|alarm| (ms(alarm.raised_at), alarm.cleared_at.map(ms)));
        around(start, end, dom::now_ms())
    };
    let key = move || {
        alarm.with(|alarm| {
            let rule = alarm.rule.as_ref()?.id.clone();
            Some((rule, alarm.series.clone().unwrap_or_default(), alarm.cleared_at))
        })
    };
    let chart = fetched_at::<RuleChart, _>(key, move |(rule, series, _)| {
        let (from, to) = untrack(range);
        let series = if series.is_empty() { String::new() } else { format!("&series={}", encode(series)) };
        format!("rules/{}/chart?from={}&to={}&max_points=800{series}", encode(rule), iso(from), iso(to))
    });
    keep_fresh(
        |_| false,
        move || {
            if alarm.with_untracked(|alarm| alarm.cleared_at.is_none()) {
                chart.refresh();
            }
        },
    );
    let data = derive(move || {
        let (from, to) = range();
        let RuleChart { series, lines, marks } =
            chart.value().unwrap_or(RuleChart { series: Vec::new(), lines: Vec::new(), marks: Vec::new() });
        ChartData { series, lines, marks, from, to }
    });
    let title = derive(move || {
        said!(prefs, pages.alarm.chart, name = alarm.with(|alarm| title_of(prefs, alarm))).to_string()
    });
    let unit = derive(move || data.with(ChartData::unit));
    let has_rule = memo(move || alarm.with(|alarm| alarm.rule.is_some()));
    view! {
        <Show when=move || has_rule.get()>
            <Loaded from=chart let:_chart>
                <Chart title unit data />
            </Loaded>
        </Show>
    }
}

/// The transitions, oldest first.
#[component]
fn Steps(steps: Fetched<Page<TransitionView>>, unit: Memo<Option<String>>) -> impl IntoView {
    let prefs = use_prefs();
    view! {
        <section class="card">
            <h2>{say!(prefs, pages.alarm.steps)}</h2>
            <Loaded from=steps let:page>
                <ol class="steps">
                    <For
                        each=move || page.with(|page| page.items.clone())
                        key=|step| step.seq
                        children=move |step| view! { <li>{step_view(prefs, unit, step)}</li> }.into_any()
                    />
                </ol>
            </Loaded>
        </section>
    }
}

/// "14:02:11  OK → critical  checks to alert  95 %".
fn step_view(prefs: Prefs, unit: Memo<Option<String>>, step: TransitionView) -> impl IntoView {
    let format = use_format();
    let (before, after) = (Standing::from(step.before), Standing::from(step.after));
    let (at, value, reason, message) = (step.at, step.value, step.reason, step.message);
    view! {
        <span class="number step-time">{drawn(move || format.seconds(at))}</span>
        <span class="step-change">
            <SeverityMark of=before />
            <span aria-hidden="true">"→"</span>
            <SeverityMark of=after />
        </span>
        <span class="number">{drawn(move || value.map(|value| format.value(Some(value.0), unit.get().as_deref())))}</span>
        <span class="muted">{drawn(move || reason_words(prefs, &reason))}</span>
        <span class="step-message">{message}</span>
    }
}
