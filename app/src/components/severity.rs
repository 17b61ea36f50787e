//! Severity as shape, word and colour: never colour alone.

use atalaya_api::level::{Severity, Standing};
use leptos::prelude::*;

use crate::erase::drawn;
use crate::format::use_format;
use crate::prefs::{Prefs, use_prefs};

/// The class that gives a standing its ink and tint.
pub fn class_of(standing: Standing) -> &'static str {
    match standing {
        Standing::Critical => "critical",
        Standing::Major => "major",
        Standing::Unknown => "unknown",
        Standing::Warning => "warning",
        Standing::Ok => "ok",
        Standing::Pending | Standing::Paused => "resting",
    }
}

/// Its word; tracks the language.
pub fn word_of(prefs: Prefs, standing: Standing) -> &'static str {
    match standing {
        Standing::Critical => said!(prefs, app.severity.critical),
        Standing::Major => said!(prefs, app.severity.major),
        Standing::Unknown => said!(prefs, app.severity.unknown),
        Standing::Warning => said!(prefs, app.severity.warning),
        Standing::Ok => said!(prefs, app.severity.ok),
        Standing::Pending => said!(prefs, app.severity.pending),
        Standing::Paused => said!(prefs, app.severity.paused),
    }
}

/// Its word beside a count: Spanish needs a plural, "2 críticas"; tracks.
pub fn word_of_many(prefs: Prefs, standing: Standing, count: u64) -> &'static str {
    match standing {
        _ if count == 1 => word_of(prefs, standing),
        Standing::Critical => said!(prefs, app.severities.critical),
        Standing::Major => said!(prefs, app.severities.major),
        Standing::Unknown => said!(prefs, app.severities.unknown),
        Standing::Warning => said!(prefs, app.severities.warning),
        other => word_of(prefs, other),
    }
}

/// The outline of each shape in a 16 by 16 box.
fn outline(standing: Standing) -> &'static str {
    match standing {
        Standing::Critical => "M8 .8 14.4 4.4v7.2L8 15.2 1.6 11.6V4.4Z",
        Standing::Major => "M8 .6 15.4 8 8 15.4.6 8Z",
        Standing::Warning => "M8 1.4 15.4 14.6H.6Z",
        Standing::Unknown => "M5 5.2a3 3 0 1 1 4.7 2.5C8.5 8.5 8 9 8 10.2M8 13.2v.3",
        Standing::Ok => "M2.5 8.5 6.3 12.3 13.5 4.3",
        Standing::Pending => "M3 8h.2M8 8h.2M13 8h.2",
        Standing::Paused => "M5.5 3v10M10.5 3v10",
    }
}

fn filled(standing: Standing) -> bool {
    matches!(standing, Standing::Critical | Standing::Major | Standing::Warning)
}

/// The shape alone; its word must stand beside it.
#[component]
pub fn SeverityShape(#[prop(into)] of: Signal<Standing>) -> impl IntoView {
    view! {
        <svg class="shape" class:filled=move || filled(of.get()) viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d=move || outline(of.get()) />
        </svg>
    }
}

/// Shape and word in the severity's ink: `<SeverityMark of=standing(alarm.severity)/>`.
#[component]
pub fn SeverityMark(#[prop(into)] of: Signal<Standing>) -> impl IntoView {
    let prefs = use_prefs();
    view! {
        <span class=move || format!("mark {}", class_of(of.get()))>
            <SeverityShape of />
            <span class="word">{drawn(move || word_of(prefs, of.get()))}</span>
        </span>
    }
}

/// "⬢ 2 critical".
#[component]
pub fn SeverityCount(of: Standing, count: u64) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    view! {
        <span class=format!("mark {}", class_of(of))>
            <SeverityShape of />
            <span class="number">{drawn(move || format.count(count))}</span>
            <span class="word">{drawn(move || word_of_many(prefs, of, count))}</span>
        </span>
    }
}

/// How a severity stands among the other standings.
pub fn standing(severity: Severity) -> Standing {
    Standing::from(Some(severity))
}
