//! Other levels by time of day.

use leptos::prelude::*;

use super::editor::Editor;
use super::fields::StretchFields;
use super::inputs::ShortField;
use super::levels::LevelInputs;
use crate::components::{Button, Kind};
use crate::erase::{For, drawn};
use crate::logic::hours::Days;
use crate::logic::threshold::Stretch;
use crate::prefs::{Prefs, use_prefs};

/// Folded away until it is wanted or filled.
#[component]
pub fn OtherHours(editor: Editor) -> impl IntoView {
    let prefs = use_prefs();
    let other = editor.fields.other;
    let filled = other.with_untracked(|other| !other.is_empty());
    let add = move |()| {
        let levels = untrack(|| editor.fields.levels.texts());
        let night =
            Stretch { from: "22:00".to_owned(), to: "06:00".to_owned(), levels, ..Stretch::default() };
        editor.fields.add_stretch(&night);
    };
    // Paths name the position, which changes when an earlier row is removed.
    let numbered = move || other.get().into_iter().enumerate().collect::<Vec<_>>();
    view! {
        <details class="other-hours" prop:open=filled>
            <summary>{say!(prefs, pages.form.other)}</summary>
            <p class="help">
                {drawn(move || said!(prefs, pages.form.other_help, zone = editor.zone.get_value()))}
            </p>
            <For
                each=numbered
                key=|(at, stretch)| format!("{at} {}", stretch.id)
                children=move |(at, stretch)| view! { <HoursRow editor at stretch /> }.into_any()
            />
            <Button icon="add" press=add>{say!(prefs, pages.form.other_add)}</Button>
        </details>
    }
}

#[component]
fn HoursRow(editor: Editor, at: usize, stretch: StretchFields) -> impl IntoView {
    let prefs = use_prefs();
    let path = format!("check.params.other_levels[{at}]");
    let days_error = editor.error(format!("{path}.days"));
    let id = |name: &str| format!("{path}.{name}");
    view! {
        <fieldset class="hours">
            <legend>{drawn(move || said!(prefs, pages.form.hours, number = at + 1))}</legend>
            <div class="hours-when">
                <ShortField
                    id=id("from")
                    label=say!(prefs, pages.form.other_from)
                    value=stretch.from
                    inputmode="text"
                    error=editor.error(id("from"))
                />
                <ShortField
                    id=id("to")
                    label=say!(prefs, pages.form.other_to)
                    value=stretch.to
                    inputmode="text"
                    error=editor.error(id("to"))
                />
                <div class="field" class:wrong=move || days_error.with(Option::is_some)>
                    <span class="label">{say!(prefs, pages.form.days)}</span>
                    <div class="chips" role="group" aria-label=say!(prefs, pages.form.days)>
                        {(0..7).map(|day| day_chip(prefs, stretch, day)).collect_view()}
                    </div>
                    <p class="error">{drawn(move || days_error.get())}</p>
                </div>
            </div>
            <LevelInputs editor levels=stretch.levels path />
            <Button kind=Kind::Quiet icon="delete" press=move |()| editor.fields.remove_stretch(stretch.id)>
                {say!(prefs, pages.form.other_remove)}
            </Button>
        </fieldset>
    }
}

fn day_chip(prefs: Prefs, stretch: StretchFields, day: usize) -> impl IntoView {
    let on = move || stretch.days.with(|days| days[day]);
    let toggle = move |_| stretch.days.update(|days| days[day] = !days[day]);
    view! {
        <button type="button" class="chip" aria-pressed=move || on().to_string() on:click=toggle>
            {drawn(move || day_word(prefs, Days::NAMES[day]))}
        </button>
    }
}

/// "Mon", "lun"; tracks.
fn day_word(prefs: Prefs, name: &str) -> &'static str {
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
