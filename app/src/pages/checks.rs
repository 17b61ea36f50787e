//! Check types: which are installed, which version, how they do.

use atalaya_api::check::{CheckStatus, CheckView};
use atalaya_api::level::Standing;
use atalaya_api::page::Page;
use leptos::prelude::*;

use super::Heading;
use super::listing::keep_fresh;
use super::wording::reason_words;
use crate::components::severity::{SeverityShape, class_of};
use crate::components::{Column, Empty, Loaded, Table};
use crate::erase::{Show, derive, drawn, memo};
use crate::fetched::fetched;
use crate::format::{duration, use_format};
use crate::prefs::{Prefs, use_prefs};

/// Characters of a hash that tell two versions apart.
const SHORT_HASH: usize = 12;

#[component]
pub fn ChecksPage() -> impl IntoView {
    let prefs = use_prefs();
    let checks = fetched::<Page<CheckView>>(|| Some("checks".to_owned()));
    keep_fresh(|_| false, move || checks.refresh());
    view! {
        <Heading text=say!(prefs, pages.checks.title) />
        <p class="lead">{say!(prefs, pages.checks.intro)}</p>
        <Loaded from=checks let:page>
            {
                let rows = derive(move || page.with(|page| page.items.clone()));
                let none = memo(move || rows.with(Vec::is_empty));
                view! {
                    <Show
                        when=move || !none.get()
                        fallback=move || view! { <Empty title=say!(prefs, pages.checks.empty) /> }
                    >
                        <Table
                            caption=say!(prefs, pages.checks.list)
                            rows=rows
                            key=|check: &CheckView| check.sha256.clone()
                            columns=columns(prefs)
                        />
                    </Show>
                }
            }
        </Loaded>
    }
}

fn columns(prefs: Prefs) -> Vec<Column<CheckView>> {
    let format = use_format();
    let count = move |get: fn(&CheckView) -> u64| {
        move |check: Signal<CheckView>| move || format.count(check.with(get))
    };
    vec![
        Column::new(say!(prefs, pages.checks.name), move |check: Signal<CheckView>| {
            view! { <NameCell check /> }
        })
        .class("wide"),
        Column::new(say!(prefs, pages.checks.status), move |check: Signal<CheckView>| {
            view! { <StatusCell check /> }
        }),
        Column::new(say!(prefs, pages.checks.version), move |check: Signal<CheckView>| {
            view! { <VersionCell check /> }
        })
        .class("nowrap"),
        Column::new(say!(prefs, pages.checks.rules), count(|check| check.rules)).class("numeric labelled"),
        Column::new(say!(prefs, pages.checks.evaluations), count(|check| check.evaluations))
            .class("numeric labelled"),
        Column::new(say!(prefs, pages.checks.cpu), move |check: Signal<CheckView>| {
            move || duration(check.with(|check| check.cpu_seconds) * 1_000.0)
        })
        .class("numeric labelled"),
        Column::new(say!(prefs, pages.checks.failures), move |check: Signal<CheckView>| {
            view! { <FailuresCell check /> }
        }),
    ]
}

/// Title in the operator's language, and what it does.
#[component]
fn NameCell(check: Signal<CheckView>) -> impl IntoView {
    let prefs = use_prefs();
    let title = move || check.with(|check| check.title.get(prefs.language()).unwrap_or(&check.name).clone());
    let summary = move || check.with(|check| check.summary.get(prefs.language()).cloned());
    view! {
        <span class="row-title">{drawn(title)}</span>
        <span class="row-place">{drawn(summary)}</span>
    }
}

/// Version and the start of its hash.
#[component]
fn VersionCell(check: Signal<CheckView>) -> impl IntoView {
    let prefs = use_prefs();
    let version = move || check.with(|check| check.version.clone());
    let whole = move || check.with(|check| check.sha256.clone());
    let short = move || check.with(|check| check.sha256.chars().take(SHORT_HASH).collect::<String>());
    let built_in = move || check.with(|check| check.built_in).then(|| said!(prefs, pages.checks.built_in));
    view! {
        <span class="number">{drawn(version)}</span> " " <span class="muted">{drawn(built_in)}</span>
        <code class="row-place" title=whole>
            <span class="unseen">{say!(prefs, pages.checks.identity_help)}</span>
            {drawn(short)}
        </code>
    }
}

/// How it does, in words; the shape is that of an alarm as grave.
#[component]
fn StatusCell(check: Signal<CheckView>) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let standing = derive(move || match check.with(|check| check.status) {
        CheckStatus::Ok => Standing::Ok,
        CheckStatus::Throttled => Standing::Major,
        CheckStatus::Quarantined => Standing::Critical,
    });
    let word = move || match check.with(|check| check.status) {
        CheckStatus::Ok => said!(prefs, pages.checks.ok),
        CheckStatus::Throttled => said!(prefs, pages.checks.throttled),
        CheckStatus::Quarantined => said!(prefs, pages.checks.quarantined),
    };
    let help = move || match check.with(|check| (check.status, check.quarantined_at)) {
        (CheckStatus::Throttled, _) => Some(said!(prefs, pages.checks.throttled_help).to_owned()),
        (CheckStatus::Quarantined, Some(at)) => {
            Some(said!(prefs, pages.checks.quarantined_help, when = format.time(at)).to_string())
        }
        _ => None,
    };
    view! {
        <span class=move || format!("mark {}", class_of(standing.get()))>
            <SeverityShape of=standing />
            <span class="word">{drawn(word)}</span>
        </span>
        <span class="why">{drawn(help)}</span>
        <span class="why">{drawn(move || check.with(|check| check.detail.clone()))}</span>
    }
}

/// Failures by reason.
#[component]
fn FailuresCell(check: Signal<CheckView>) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let words = move || {
        let failures = check.with(|check| check.failures.clone());
        let some: Vec<String> = failures
            .iter()
            .filter(|(_, count)| **count > 0)
            .map(|(reason, count)| format!("{}: {}", reason_words(prefs, reason), format.count(*count)))
            .collect();
        if some.is_empty() { said!(prefs, pages.checks.none).to_owned() } else { some.join(", ") }
    };
    view! { <span class="number">{drawn(words)}</span> }
}
