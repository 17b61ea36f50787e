//! The tiles: what is watched, and how much of it is not well.

use atalaya_api::level::Standing;
use atalaya_api::summary::Summary;
use leptos::prelude::*;

use super::frame::counts;
use super::severity::{SeverityShape, class_of, word_of_many};
use crate::erase::{Show, drawn, memo};
use crate::format::{Format, use_format};
use crate::prefs::{Prefs, use_prefs};

/// Now minus an hour ago.
fn change(summary: &Summary, standing: Standing) -> i64 {
    match standing {
        Standing::Critical => summary.change_1h.critical,
        Standing::Major => summary.change_1h.major,
        Standing::Unknown => summary.change_1h.unknown,
        Standing::Warning => summary.change_1h.warning,
        Standing::Ok | Standing::Pending | Standing::Paused => 0,
    }
}

/// "+2 in the last hour"; tracks.
fn change_words(prefs: Prefs, format: Format, change: i64) -> String {
    let count = format.count(change.unsigned_abs());
    match change {
        0 => said!(prefs, app.tiles.same).to_owned(),
        1.. => said!(prefs, app.tiles.change, change = format!("+{count}")),
        _ => said!(prefs, app.tiles.change, change = format!("−{count}")),
    }
}

/// Each tile is a link to its list. Unknown is there only when there is some.
#[component]
pub fn Tiles(#[prop(into)] summary: Signal<Summary>, #[prop(into)] stale: Signal<bool>) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let severity = move |standing: Standing| {
        let count = memo(move || {
            summary.with(|summary| {
                counts(summary).into_iter().find(|(other, _)| *other == standing).map_or(0, |(_, n)| n)
            })
        });
        let class = move || {
            if count.get() == 0 { "tile calm".to_owned() } else { format!("tile ink-{}", class_of(standing)) }
        };
        let href = format!("./?severity={}", class_of(standing));
        view! {
            <a class=class href=href>
                <span class="tile-number">{drawn(move || format.count(count.get()))}</span>
                <span class="tile-word"><SeverityShape of=standing />{drawn(move || word_of_many(prefs, standing, count.get()))}</span>
                <span class="tile-change">{drawn(move || change_words(prefs, format, summary.with(|summary| change(summary, standing))))}</span>
            </a>
        }
    };
    let some_unknown = memo(move || summary.with(|summary| summary.unknown > 0));
    view! {
        <div class="tiles" class:stale=stale>
            <a class="tile calm" href="configured">
                <span class="tile-number">{drawn(move || format.count(summary.with(|summary| summary.rules)))}</span>
                <span class="tile-word">{say!(prefs, app.tiles.watched)}</span>
                <span class="tile-change">
                    {drawn(move || said!(prefs, app.tiles.series, count = format.count(summary.with(|summary| summary.series))))}
                </span>
            </a>
            {severity(Standing::Critical)}
            {severity(Standing::Major)}
            <Show when=move || some_unknown.get()>{severity(Standing::Unknown)}</Show>
            {severity(Standing::Warning)}
        </div>
    }
}
