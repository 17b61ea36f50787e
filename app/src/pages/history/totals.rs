//! What a stretch of time comes to: counts, hours in alarm, the noisiest metrics; and who was told, in a cell.

use atalaya_api::alarm::{Alarm, HistorySummary, Noisy};
use atalaya_api::delivery::Told;
use atalaya_api::level::Standing;
use atalaya_api::page::Page;
use leptos::prelude::*;

use crate::components::severity::{SeverityCount, class_of};
use crate::components::{Button, Kind};
use crate::dom;
use crate::erase::{For, Show, drawn, memo};
use crate::fetched::Fetched;
use crate::format::{Format, duration, use_format};
use crate::pages::attend::told_words;
use crate::pages::listing::Listing;
use crate::prefs::{Prefs, use_prefs};

/// Milliseconds of an hour.
const HOUR_MS: f64 = 3_600_000.0;
/// A row has room for so many receivers.
const LINES: usize = 3;

/// Everything that is counted is a filter.
#[component]
pub fn Totals(listing: Listing, summary: Signal<HistorySummary>) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let some = memo(move || summary.with(|summary| summary.total > 0));
    let counts = move || {
        let now = summary.get();
        let severities = [
            (Standing::Critical, now.critical),
            (Standing::Major, now.major),
            (Standing::Unknown, now.unknown),
            (Standing::Warning, now.warning),
        ];
        let count = move |(of, count): (Standing, u64)| {
            let name = class_of(of).to_owned();
            // What is counted is the worst that each reached.
            let only = move |_| {
                listing.severities.set(vec![name.clone()]);
                listing.filter("by").set("worst".to_owned());
            };
            view! {
                <button type="button" class="count" on:click=only><SeverityCount of count /></button>
            }
        };
        severities.into_iter().filter(|(_, count)| *count > 0).map(count).collect_view()
    };
    let total = move || {
        let (total, hours, sum) = summary.with(|now| (now.total, now.hours_in_alarm, now.alarm_hours));
        let (hours, sum) = (duration(hours * HOUR_MS), duration(sum * HOUR_MS));
        said!(prefs, quiet.totals, count = format.count(total), hours = hours, sum = sum).to_string()
    };
    let most = memo(move || {
        summary.with(|summary| summary.noisiest.iter().map(|noisy| noisy.alarms).max().unwrap_or(1))
    });
    view! {
        <Show when=move || some.get()>
            <section class="totals">
                <div class="totals-counts">{drawn(counts)}</div>
                <p class="number">{drawn(total)}</p>
                <details class="noisiest" open=!dom::is_narrow()>
                    <summary>{say!(prefs, quiet.noisiest)}</summary>
                    <ol>
                        <For
                            each=move || summary.with(|summary| summary.noisiest.clone())
                            key=|noisy| format!("{:?} {} {} {}", noisy.rule, noisy.name, noisy.alarms, noisy.hours)
                            children=move |noisy| noisy_line(prefs, format, listing, noisy, most.get_untracked())
                        />
                    </ol>
                </details>
            </section>
        </Show>
    }
}

/// "12 alarms · 3 h 05 min  CPU router1  Core": pressed, only its alarms are shown.
fn noisy_line(prefs: Prefs, format: Format, listing: Listing, noisy: Noisy, most: u64) -> AnyView {
    let Noisy { rule, name, dashboard, alarms, hours } = noisy;
    let share = format!("{}%", alarms * 100 / most.max(1));
    let count = move || match alarms {
        1 => said!(prefs, quiet.alarm_one).to_owned(),
        alarms => said!(prefs, quiet.alarm_count, count = format.count(alarms)).to_string(),
    };
    let searched = name.clone();
    let only = move |_| match &rule {
        Some(rule) => listing.filter("rule").set(rule.clone()),
        None => listing.q.set(searched.clone()),
    };
    view! {
        <li>
            <button type="button" class="pick" on:click=only>
                <span>{name} " " <span class="row-place">{dashboard}</span></span>
                <span class="number">{drawn(count)} " · " {duration(hours * HOUR_MS)}</span>
                <span class="share" aria-hidden="true"><span style:width=share></span></span>
            </button>
        </li>
    }
    .into_any()
}

/// That severities are the worst that each alarm reached, with a way back to all.
#[component]
pub fn ByWorst(listing: Listing) -> impl IntoView {
    let (prefs, by) = (use_prefs(), listing.filter("by"));
    let all = move |()| {
        by.set(String::new());
        listing.severities.set(Vec::new());
    };
    view! {
        <Show when=move || by.with(|by| !by.is_empty())>
            <p class="filter-line">
                <span>{say!(prefs, pages.history.by_worst)}</span>
                <Button kind=Kind::Quiet icon="close" press=all>{say!(prefs, app.alarm.show_all)}</Button>
            </p>
        </Show>
    }
}

/// "Metric: CPU router1", with a way back to all.
#[component]
pub fn OneMetric(listing: Listing, alarms: Fetched<Page<Alarm>>) -> impl IntoView {
    let prefs = use_prefs();
    let rule = listing.filter("rule");
    let name = move || {
        let found = alarms.state.with(|state| {
            let mut rules = state.value()?.items.iter().filter_map(|alarm| alarm.rule.as_ref());
            rules.find(|other| rule.with(|rule| *rule == other.id)).map(|rule| rule.name.clone())
        });
        found.unwrap_or_else(|| rule.get())
    };
    view! {
        <Show when=move || rule.with(|rule| !rule.is_empty())>
            <p class="filter-line">
                <span>{say!(prefs, pages.history.metric)}": "<strong>{drawn(name)}</strong></span>
                <Button kind=Kind::Quiet icon="close" press=move |()| rule.set(String::new())>
                    {say!(prefs, app.alarm.show_all)}
                </Button>
            </p>
        </Show>
    }
}

/// Who was told when, and who was not, and why.
#[component]
pub fn ToldCell(#[prop(into)] alarm: Signal<Alarm>) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let told = memo(move || alarm.with(|alarm| alarm.told.clone()));
    let line = move |told: &Told| {
        let words = format!("{} {}", told.receiver_name, told_words(prefs, format, told));
        view! { <span class="row-told">{words}<span class="row-place">{told.why_not.clone()}</span></span> }
    };
    drawn(move || {
        told.with(|told| {
            let rest = told.len().saturating_sub(LINES);
            let lines = told.iter().take(LINES).map(line).collect_view();
            view! { {lines} {(rest > 0).then(|| format!("+{rest}"))} }
        })
    })
}
