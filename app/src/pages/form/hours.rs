//! Other levels by time of day.

use leptos::prelude::*;

use super::fields::StretchFields;
use super::inputs::ShortField;
use super::levels::{LevelInputs, Thresholds};
use crate::components::{Button, Kind};
use crate::erase::{For, drawn};
use crate::logic::hours::Days;
use crate::logic::threshold::Stretch;
use crate::pages::faults::Faults;
use crate::prefs::{Prefs, use_prefs};

/// Folded away until it is wanted or filled.
#[component]
pub fn OtherHours(at: Thresholds) -> impl IntoView {
    let prefs = use_prefs();
    let (other, within) = (at.fields.other, at);
    let filled = other.with_untracked(|other| !other.is_empty());
    let add = move |()| {
        let levels = untrack(|| within.fields.levels.texts());
        let night =
            Stretch { from: "22:00".to_owned(), to: "06:00".to_owned(), levels, ..Stretch::default() };
        within.fields.add_stretch(&night);
    };
    // Paths name the position, which changes when an earlier row is removed.
    let numbered = move || other.get().into_iter().enumerate().collect::<Vec<_>>();
    view! {
        <details class="other-hours" prop:open=filled>
            <summary>{say!(prefs, pages.form.other)}</summary>
            <p class="help">
                {drawn(move || said!(prefs, pages.form.other_help, zone = within.zone.get_value()))}
            </p>
            <For
                each=numbered
                key=|(at, stretch)| format!("{at} {}", stretch.id)
                children=move |(at, stretch)| view! { <HoursRow within at stretch /> }.into_any()
            />
            <Button icon="add" press=add>{say!(prefs, pages.form.other_add)}</Button>
        </details>
    }
}

#[component]
fn HoursRow(within: Thresholds, at: usize, stretch: StretchFields) -> impl IntoView {
    let prefs = use_prefs();
    let path = within.path.with_value(|path| format!("{path}.other_levels[{at}]"));
    view! {
        <fieldset class="hours">
            <legend>{drawn(move || said!(prefs, pages.form.hours, number = at + 1))}</legend>
            <HoursWhen path=path.clone() days=stretch.days from=stretch.from to=stretch.to faults=within.faults />
            <LevelInputs at=within levels=stretch.levels path />
            <Button kind=Kind::Quiet icon="delete" press=move |()| within.fields.remove_stretch(stretch.id)>
                {say!(prefs, pages.form.other_remove)}
            </Button>
        </fieldset>
    }
}

/// From, until, and on which days: of other levels, or of a calendar. `path` is that of the errors.
#[component]
pub fn HoursWhen(
    path: String,
    days: RwSignal<[bool; 7]>,
    from: RwSignal<String>,
    to: RwSignal<String>,
    faults: Faults,
    /// What a calendar's paths put before `from` and `to`.
    #[prop(optional)]
    within: &'static str,
) -> impl IntoView {
    let prefs = use_prefs();
    let days_error = faults.of(format!("{path}.days"));
    let id = |name: &str| format!("{path}.{within}{name}");
    view! {
        <div class="hours-when">
            <ShortField
                id=id("from")
                label=say!(prefs, pages.form.other_from)
                value=from
                inputmode="text"
                error=faults.of(id("from"))
            />
            <ShortField
                id=id("to")
                label=say!(prefs, pages.form.other_to)
                value=to
                inputmode="text"
                error=faults.of(id("to"))
            />
            <div class="field" class:wrong=move || days_error.with(Option::is_some)>
                <span class="label">{say!(prefs, pages.form.days)}</span>
                <div class="chips" role="group" aria-label=say!(prefs, pages.form.days)>
                    {(0..7).map(|day| day_chip(prefs, days, day)).collect_view()}
                </div>
                <p class="error">{drawn(move || days_error.get())}</p>
            </div>
        </div>
    }
}

fn day_chip(prefs: Prefs, days: RwSignal<[bool; 7]>, day: usize) -> impl IntoView {
    let on = move || days.with(|days| days[day]);
    let toggle = move |_| days.update(|days| days[day] = !days[day]);
    view! {
        <button type="button" class="chip" aria-pressed=move || on().to_string() on:click=toggle>
            {drawn(move || day_word(prefs, Days::NAMES[day]))}
        </button>
    }
}

/// "Mon", "lun"; tracks.
pub fn day_word(prefs: Prefs, name: &str) -> &'static str {
    match name {
        "mon" => said!(prefs, pages.day.mon),
        "tue" => said!(prefs, pages.day.tue),
        "wed" => said!(prefs, pages.day.wed),
        "thu" => said!(prefs, pages.day.thu),
        "fri" => said!(prefs, pages.day.fri),
        "sat" => said!(prefs, pages.day.sat),
        _ => said!(prefs, pages.day.sun),
    }
}
