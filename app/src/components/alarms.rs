//! The list of active alarms, and one alarm in words.

use atalaya_api::alarm::{Alarm, SubjectKind};
use atalaya_api::level::Severity;
use leptos::prelude::*;

use super::causes::{kind_words, name_words};
use super::severity::{SeverityMark, standing};
use super::{Column, Icon, Table};
use crate::board::Board;
use crate::erase::{derive, drawn, memo};
use crate::format::{Format, duration, ms, use_format};
use crate::live::use_live;
use crate::prefs::{Prefs, use_prefs};

/// What an alarm is about, in the operator's words: the metric's name, else the subject's; tracks.
pub fn title_of(prefs: Prefs, alarm: &Alarm) -> String {
    alarm.rule.as_ref().map_or_else(|| name_words(prefs, &alarm.subject), |rule| rule.name.clone())
}

/// Where it belongs: dashboard and series, or what kind of thing it is about; tracks.
pub fn place_of(prefs: Prefs, alarm: &Alarm) -> String {
    if alarm.subject.kind != SubjectKind::Series {
        return kind_words(prefs, alarm.subject.kind).to_owned();
    }
    let parts = [alarm.dashboard.as_deref(), alarm.panel.as_deref(), alarm.series.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// "03:10 · 12 min", or "cleared 03:12"; tracks.
fn since(prefs: Prefs, format: Format, alarm: &Alarm, now: f64) -> String {
    match alarm.cleared_at {
        Some(at) => said!(prefs, app.alarm.cleared_at, time = format.time(at)),
        None => format!("{} · {}", format.time(alarm.raised_at), duration(now - ms(alarm.raised_at))),
    }
}

/// The same where no header names the zone.
fn since_in_zone(prefs: Prefs, format: Format, alarm: &Alarm, now: f64) -> String {
    let zone = format.zone();
    match alarm.cleared_at {
        Some(_) => format!("{} {zone}", since(prefs, format, alarm, now)),
        None => format!("{} {zone} · {}", format.time(alarm.raised_at), duration(now - ms(alarm.raised_at))),
    }
}

fn row_class(alarm: &Alarm) -> &'static str {
    if alarm.cleared_at.is_some() { "cleared" } else { "active" }
}

/// The active alarms with what waits above them. `busy` is told while the pointer or the focus is inside.
#[component]
pub fn AlarmTable(
    board: RwSignal<Board>,
    #[prop(into)] current: Signal<Option<String>>,
    #[prop(into)] open: Callback<String>,
    busy: RwSignal<bool>,
    #[prop(into)] settle: Callback<()>,
    /// The ids of the selected rows, where something can be done with them.
    selected: Option<RwSignal<Vec<String>>>,
) -> impl IntoView {
    let (prefs, format, live) = (use_prefs(), use_format(), use_live());
    let rows = derive(move || board.with(|board| board.rows().to_vec()));
    let severity = move |alarm: Signal<Alarm>| {
        view! { <SeverityMark of=derive(move || standing(alarm.read().severity)) /> }
    };
    let metric = move |alarm: Signal<Alarm>| {
        view! {
            <span class="row-title">{drawn(move || title_of(prefs, &alarm.read()))}</span>
            <span class="row-place">{drawn(move || place_of(prefs, &alarm.read()))}</span>
            <QuietMarks alarm />
        }
    };
    let value = move |alarm: Signal<Alarm>| {
        move || {
            let alarm = alarm.read();
            format.value(alarm.value.map(|value| value.0), alarm.unit.as_deref())
        }
    };
    let since = move |alarm: Signal<Alarm>| {
        view! {
            <span class="row-title number">{drawn(move || since(prefs, format, &alarm.read(), live.now.get()))}</span>
            <span class="row-place">{drawn(move || no_data(prefs, format, &alarm.read()))}</span>
        }
    };
    let since_title = move || format!("{} ({})", said!(prefs, app.alarm.since), format.zone());
    let columns = vec![
        Column::new(say!(prefs, app.alarm.severity), severity),
        Column::new(say!(prefs, app.alarm.metric), metric).class("wide"),
        Column::new(say!(prefs, app.alarm.value), value).class("numeric"),
        Column::new(since_title, since).class("since"),
    ];
    view! {
        <Waiting board settle />
        <Table
            caption=say!(prefs, app.alarm.active)
            rows=rows
            key=|alarm: &Alarm| alarm.id.clone()
            columns=columns
            nostrip:selected=selected
            name=|alarm: &Alarm| alarm.rule.as_ref().map_or_else(|| alarm.subject.name.clone(), |rule| rule.name.clone())
            current=current
            open=open
            row_class=row_class
            busy=busy
        />
    }
}

/// Who has seen it, and until when nobody is told: only what is so.
#[component]
pub fn QuietMarks(#[prop(into)] alarm: Signal<Alarm>) -> impl IntoView {
    let (prefs, format, live) = (use_prefs(), use_format(), use_live());
    let seen = move || {
        let seen = alarm.with(|alarm| alarm.acknowledged.clone())?;
        Some(said!(prefs, quiet.acked_by, name = seen.by, time = format.time(seen.at)).to_string())
    };
    // A memo: the clock ticks each second.
    let muted = memo(move || alarm.with(|alarm| alarm.muted_until).filter(|at| ms(*at) > live.now.get()));
    let muted =
        move || muted.get().map(|at| said!(prefs, quiet.muted_until, time = format.time(at)).to_string());
    let mark = |icon: &'static str, words: String| {
        view! { <span class="row-quiet"><Icon name=icon />{words}</span> }
    };
    view! {
        {drawn(move || seen().map(|words| mark("seen", words)))}
        {drawn(move || muted().map(|words| mark("silent", words)))}
    }
}

fn no_data(prefs: Prefs, format: Format, alarm: &Alarm) -> Option<String> {
    let since = alarm.no_data_since?;
    Some(said!(prefs, app.alarm.no_data_since, time = format.time(since)))
}

/// "3 new ↑": rows do not move under pointer, focus or selection.
#[component]
fn Waiting(board: RwSignal<Board>, #[prop(into)] settle: Callback<()>) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let waiting = memo(move || board.with(Board::waiting));
    let words = move |count: usize| said!(prefs, app.alarm.newer, count = format.count(count as u64));
    move || {
        waiting.get().map(|(count, worst): (usize, Severity)| {
            view! {
                <button type="button" class="button waiting" on:click=move |_| settle.run(())>
                    <SeverityMark of=standing(worst) />
                    <span>{words(count)}</span>
                    <Icon name="up" />
                </button>
            }
        })
    }
}

/// One alarm in words: what, since when, the value, what the check said.
#[component]
pub fn AlarmWords(#[prop(into)] alarm: Signal<Alarm>) -> impl IntoView {
    let (prefs, format, live) = (use_prefs(), use_format(), use_live());
    let value = move || {
        let alarm = alarm.read();
        // Only a series has a value; its absence is worth a sign, other things never had one.
        (alarm.subject.kind == SubjectKind::Series)
            .then(|| format.value(alarm.value.map(|value| value.0), alarm.unit.as_deref()))
    };
    view! {
        <div class="alarm-words" class:cleared=move || alarm.read().cleared_at.is_some()>
            <h2>
                <SeverityMark of=derive(move || standing(alarm.read().severity)) />
                <span>{drawn(move || title_of(prefs, &alarm.read()))}</span>
            </h2>
            <p class="row-place">{drawn(move || place_of(prefs, &alarm.read()))}</p>
            <p>
                <strong class="number big-value">{drawn(value)}</strong>
                <span class="number">{drawn(move || since_in_zone(prefs, format, &alarm.read(), live.now.get()))}</span>
            </p>
            <p class="check-said">{drawn(move || alarm.read().message.clone())}</p>
            <p class="ink-unknown">{drawn(move || no_data(prefs, format, &alarm.read()))}</p>
        </div>
    }
}
