//! How Atalaya itself is: ready or not and why, and its own numbers in plain words.

use atalaya_api::Timestamp;
use atalaya_api::level::Standing;
use atalaya_api::status::{Part, Status};
use atalaya_api::summary::Summary;
use leptos::prelude::*;

use super::Heading;
use super::listing::keep_fresh;
use crate::components::Loaded;
use crate::components::causes::Causes;
use crate::components::severity::{SeverityShape, class_of};
use crate::erase::{derive, drawn, memo};
use crate::fetched::fetched;
use crate::format::{Format, duration, ms, use_format};
use crate::live::use_live;
use crate::prefs::{Prefs, use_prefs};

#[component]
pub fn StatusPage() -> impl IntoView {
    let prefs = use_prefs();
    let status = fetched::<Status>(|| Some("status".to_owned()));
    keep_fresh(|_| false, move || status.refresh());
    view! {
        <Heading text=say!(prefs, pages.status.title)>
            <a class="button" href="settings">{say!(prefs, pages.sources.back)}</a>
        </Heading>
        <Loaded from=status let:status>
            <Ready status />
            <Causes summary=derive(move || Summary { causes: status.with(|status| status.causes.clone()), ..Summary::default() }) />
            <div class="settings">
                {drawn(move || status.with(|status| groups(status).into_iter().map(group_card).collect_view()))}
            </div>
            <Parts status />
        </Loaded>
    }
}

/// Ready, or what keeps it from being ready.
#[component]
fn Ready(status: Signal<Status>) -> impl IntoView {
    let (prefs, live) = (use_prefs(), use_live());
    let ready = memo(move || status.with(|status| status.ready));
    let standing = derive(move || if ready.get() { Standing::Ok } else { Standing::Critical });
    let word = move || {
        if ready.get() { said!(prefs, pages.status.ready) } else { said!(prefs, pages.status.not_ready) }
    };
    let help = move || match ready.get() {
        true => said!(prefs, pages.status.ready_help),
        false => said!(prefs, pages.status.not_ready_help),
    };
    let faults = move || {
        status.with(|status| {
            let bad = status.parts.iter().filter(|part| part.needed && !part.ok);
            bad.map(|part| view! { <li><strong>{part.name.clone()}</strong> ": " {part.detail.clone()}</li> })
                .collect_view()
        })
    };
    let up = move || {
        let (version, start) = status.with(|status| (status.version.clone(), ms(status.started_at)));
        said!(prefs, pages.status.up, version = version, time = duration(live.now.get() - start)).to_string()
    };
    view! {
        <section class="card ready">
            <h2 class=move || format!("mark {}", class_of(standing.get()))>
                <SeverityShape of=standing />
                <span class="word">{drawn(word)}</span>
            </h2>
            <p>{drawn(help)}</p>
            <ul hidden=ready>{drawn(faults)}</ul>
            <p class="muted number">{drawn(up)}</p>
        </section>
    }
}

/// One number: its name, itself, and what it means.
type Line = (&'static str, String, String);

/// The numbers in groups; tracks the language.
fn groups(status: &Status) -> Vec<(&'static str, Vec<Line>)> {
    let (prefs, format) = (use_prefs(), use_format());
    vec![
        (said!(prefs, pages.status.checking), checking(prefs, format, status)),
        (said!(prefs, pages.status.storing), storing(prefs, format, status)),
        (said!(prefs, pages.status.telling), telling(prefs, format, status)),
        (said!(prefs, pages.status.life), life(prefs, format, status)),
    ]
}

fn group_card((title, lines): (&'static str, Vec<Line>)) -> impl IntoView {
    let line = |(name, value, help): Line| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd><strong class="number">{value}</strong><span class="help">{help}</span></dd>
            </div>
        }
    };
    view! {
        <section class="card">
            <h2>{title}</h2>
            <dl class="numbers">{lines.into_iter().map(line).collect_view()}</dl>
        </section>
    }
}

fn checking(prefs: Prefs, format: Format, status: &Status) -> Vec<Line> {
    let now = &status.evaluation;
    let watched =
        said!(prefs, pages.status.per, count = format.count(now.rules), total = format.count(now.series));
    let made = said!(prefs, pages.status.evaluations_help, cpu = duration(now.cpu_seconds * 1_000.0));
    vec![
        (said!(prefs, pages.status.rules), watched.to_string(), said!(prefs, pages.status.rules_help).into()),
        line_of(
            said!(prefs, pages.status.checked),
            instant(prefs, format, now.checked_at),
            said!(prefs, pages.status.checked_help),
        ),
        line_of(
            said!(prefs, pages.status.lateness),
            seconds(format, now.lateness_seconds),
            said!(prefs, pages.status.lateness_help),
        ),
        line_of(
            said!(prefs, pages.status.overdue),
            format.count(now.overdue_rules),
            said!(prefs, pages.status.overdue_help),
        ),
        line_of(
            said!(prefs, pages.status.questions),
            format.count(now.questions_open),
            said!(prefs, pages.status.questions_help),
        ),
        (said!(prefs, pages.status.evaluations), format.count(now.evaluations), made.to_string()),
    ]
}

fn storing(prefs: Prefs, format: Format, status: &Status) -> Vec<Line> {
    let store = &status.store;
    // A count that large is not exact in f64, and an average needs no digit of it.
    let average = store.commit_seconds / (store.commits.max(1) as f64);
    let commit = said!(prefs, pages.status.commit_help, average = seconds(format, average));
    let bytes = |bytes: Option<u64>| format.value(bytes.map(|bytes| bytes as f64), Some("B"));
    let disk = said!(prefs, pages.status.disk_help, total = bytes(store.disk_total_bytes));
    vec![
        (said!(prefs, pages.status.commit), seconds(format, store.last_commit_seconds), commit.to_string()),
        line_of(
            said!(prefs, pages.status.waiting),
            format.count(store.waiting_transitions),
            said!(prefs, pages.status.waiting_help),
        ),
        (said!(prefs, pages.status.disk), bytes(store.disk_free_bytes), disk.to_string()),
    ]
}

fn telling(prefs: Prefs, format: Format, status: &Status) -> Vec<Line> {
    vec![
        line_of(
            said!(prefs, pages.status.lag),
            seconds(format, status.events.lag_seconds),
            said!(prefs, pages.status.lag_help),
        ),
        line_of(
            said!(prefs, pages.status.streams),
            format.count(status.events.streams),
            said!(prefs, pages.status.streams_help),
        ),
    ]
}

fn life(prefs: Prefs, format: Format, status: &Status) -> Vec<Line> {
    let beat = &status.heartbeat;
    let told = match beat.told {
        true => (instant(prefs, format, beat.told_at), said!(prefs, pages.status.told_help)),
        false => {
            (said!(prefs, pages.status.told_nobody).to_owned(), said!(prefs, pages.status.told_nobody_help))
        }
    };
    vec![
        line_of(
            said!(prefs, pages.status.beat),
            instant(prefs, format, beat.last_at),
            said!(prefs, pages.status.beat_help),
        ),
        (said!(prefs, pages.status.told), told.0, beat.trouble.clone().unwrap_or_else(|| told.1.to_owned())),
    ]
}

fn line_of(name: &'static str, value: String, help: &'static str) -> Line {
    (name, value, help.to_owned())
}

fn instant(prefs: Prefs, format: Format, at: Option<Timestamp>) -> String {
    at.map_or_else(|| said!(prefs, pages.status.never).to_owned(), |at| format.seconds(at))
}

/// "3.2 ms", "12 s".
fn seconds(format: Format, seconds: f64) -> String {
    match seconds {
        short if short < 1.0 => format.value(Some((short * 10_000.0).round() / 10.0), Some("ms")),
        long => format.value(Some((long * 10.0).round() / 10.0), Some("s")),
    }
}

/// Every part of the server with how it is.
#[component]
fn Parts(status: Signal<Status>) -> impl IntoView {
    let prefs = use_prefs();
    let rows =
        move || status.with(|status| status.parts.iter().map(|part| part_row(prefs, part)).collect_view());
    view! {
        <section class="card">
            <div class="table-box" tabindex="0" role="region" aria-label=say!(prefs, pages.status.parts)>
                <table class="plain">
                    <caption>{say!(prefs, pages.status.parts)}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{say!(prefs, pages.status.part)}</th>
                            <th scope="col">{say!(prefs, pages.status.state)}</th>
                            <th scope="col">{say!(prefs, pages.status.detail)}</th>
                        </tr>
                    </thead>
                    <tbody>{drawn(rows)}</tbody>
                </table>
            </div>
        </section>
    }
}

fn part_row(prefs: Prefs, part: &Part) -> impl IntoView + use<> {
    let (standing, word) = match (part.ok, part.needed) {
        (true, _) => (Standing::Ok, said!(prefs, pages.status.well)),
        (false, true) => (Standing::Critical, said!(prefs, pages.status.unwell)),
        (false, false) => (Standing::Major, said!(prefs, pages.status.degraded)),
    };
    view! {
        <tr>
            <td><code>{part.name.clone()}</code></td>
            <td>
                <span class=format!("mark {}", class_of(standing))>
                    <SeverityShape of=standing />
                    <span class="word">{word}</span>
                </span>
            </td>
            <td>{part.detail.clone()}</td>
        </tr>
    }
}
