//! When to alert: the kind of alarm, and the form of its check.

use leptos::prelude::*;

use super::editor::Editor;
use super::levels::{Levels, Margin};
use super::params::ParamsForm;
use crate::erase::{derive, drawn, memo};
use crate::logic::form::THRESHOLD;
use crate::logic::params::put_in_order;
use crate::prefs::use_prefs;

#[component]
pub fn Alarm(editor: Editor) -> impl IntoView {
    let prefs = use_prefs();
    let is_threshold = memo(move || editor.fields.check.with(|name| name == THRESHOLD));
    let form = move || match is_threshold.get() {
        true => view! { <Levels editor /> }.into_any(),
        false => view! { <Other editor /> }.into_any(),
    };
    view! {
        <fieldset class="step">
            <legend>{say!(prefs, pages.form.when)}</legend>
            <KindPicker editor />
            {drawn(form)}
        </fieldset>
    }
}

/// One of the installed checks; below it what that one does.
#[component]
fn KindPicker(editor: Editor) -> impl IntoView {
    let prefs = use_prefs();
    let (chosen, checks) = (editor.fields.check, editor.checks);
    let kinds = memo(move || {
        let title = |name: &String, title: Option<&String>| (name.clone(), title.unwrap_or(name).clone());
        let mut kinds: Vec<(String, String)> = checks.state.with(|state| {
            let installed = state.value().into_iter().flat_map(|page| &page.items);
            installed.map(|check| title(&check.name, check.title.get(prefs.language()))).collect()
        });
        put_in_order(&mut kinds);
        let current = chosen.get();
        if kinds.iter().all(|(name, _)| *name != current) {
            kinds.insert(0, (current.clone(), current));
        }
        kinds
    });
    let summary = move || {
        checks.state.with(|state| {
            let check = state.value()?.items.iter().find(|check| chosen.with(|name| check.name == *name))?;
            check.summary.get(prefs.language()).cloned()
        })
    };
    let option = move |(name, title): (String, String)| {
        let mine = name.clone();
        view! { <option value=name selected=move || chosen.with(|name| *name == mine)>{title}</option> }
    };
    view! {
        <div class="field">
            <label for="check.name">{say!(prefs, pages.form.kind)}</label>
            <select
                id="check.name"
                name="check.name"
                aria-describedby="check.name-help"
                on:change=move |event| editor.fields.choose_check(event_target_value(&event))
            >
                {drawn(move || kinds.get().into_iter().map(option).collect_view())}
            </select>
            <p class="help" id="check.name-help">{drawn(summary)}</p>
        </div>
    }
}

/// The form that the check's schema describes, or a word that it is not known.
#[component]
fn Other(editor: Editor) -> impl IntoView {
    let prefs = use_prefs();
    let fields = editor.fields;
    let unit = derive(move || fields.unit.get());
    let form = move || match fields.spec.get() {
        Some(spec) => view! { <ParamsForm spec value=fields.params faults=editor.faults unit /> }.into_any(),
        None => {
            let words = move || said!(prefs, pages.form.other_check, name = fields.check.get()).to_string();
            view! { <p class="note">{drawn(words)}</p> }.into_any()
        }
    };
    view! {
        {drawn(form)}
        <Margin editor />
    }
}
