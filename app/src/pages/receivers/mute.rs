//! For how long a receiver is told nothing, and why.

use leptos::prelude::*;
use serde_json::{Value, json};

use super::deeds::Deeds;
use crate::components::{Button, Dialog, Kind, SelectField, TextField};
use crate::erase::{Show, derive, drawn, effect};
use crate::pages::clock;
use crate::prefs::{Prefs, use_prefs};

/// Lengths on offer; the last is a time that is typed.
const LENGTHS: [&str; 5] = ["1h", "8h", "24h", "7d", "until"];

/// Asked while `deeds.muting` names a receiver.
#[component]
pub fn MuteDialog(deeds: Deeds) -> impl IntoView {
    let prefs = use_prefs();
    let open = RwSignal::new(false);
    effect(move || open.set(deeds.muting.with(Option::is_some)));
    effect(move || {
        // Closed by its own button, or by Escape.
        if !open.get() && deeds.muting.with_untracked(Option::is_some) {
            deeds.muting.set(None);
        }
    });
    let title = move || {
        let name = deeds.muting.get().map(|(_, name)| name).unwrap_or_default();
        said!(prefs, telling.mute.title, name = name).to_string()
    };
    view! {
        <Dialog open title=title>
            <Form deeds />
        </Dialog>
    }
}

#[component]
fn Form(deeds: Deeds) -> impl IntoView {
    let prefs = use_prefs();
    let (length, until) = (RwSignal::new("1h".to_owned()), RwSignal::new(String::new()));
    let (reason, wrong) = (RwSignal::new(String::new()), RwSignal::new(None));
    let by_time = move || length.with(|length| length == "until");
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Some(named) = deeds.muting.get_untracked() else { return };
        match untrack(|| body(&length.get(), &until.get(), &reason.get())) {
            None => wrong.set(Some(untrack(|| said!(prefs, telling.mute.no_time).to_owned()))),
            Some(body) => {
                deeds.mute(named, body);
                deeds.muting.set(None);
            }
        }
    };
    view! {
        <form novalidate on:submit=submit>
            <SelectField
                name="mute-for"
                label=say!(prefs, telling.mute.length)
                value=length
                options=derive(move || LENGTHS.map(|length| (length.to_owned(), length_words(prefs, length))).to_vec())
            />
            <Show when=by_time>
                <TextField
                    name="mute-until"
                    kind="datetime-local"
                    label=say!(prefs, telling.mute.until)
                    value=until
                    error=wrong
                />
            </Show>
            <TextField name="mute-reason" label=say!(prefs, telling.mute.reason) value=reason />
            <p class="help">{say!(prefs, telling.mute.help)}</p>
            <div class="dialog-actions">
                <Button kind=Kind::Quiet press=move |()| deeds.muting.set(None)>{say!(prefs, pages.common.cancel)}</Button>
                <Button kind=Kind::Primary submits=true press=|()| ()>{drawn(say!(prefs, telling.receivers.mute))}</Button>
            </div>
        </form>
    }
}

/// In words; tracks the language.
fn length_words(prefs: Prefs, length: &str) -> String {
    match length {
        "until" => said!(prefs, telling.mute.until_time).to_owned(),
        "7d" => "7\u{a0}d".to_owned(),
        hours => format!("{}\u{a0}h", hours.trim_end_matches('h')),
    }
}

/// None without a time.
fn body(length: &str, until: &str, reason: &str) -> Option<Value> {
    let reason = reason.trim();
    match length {
        "until" => clock::instant(until).map(|until| json!({"until": until, "reason": reason})),
        length => Some(json!({"for": length, "reason": reason})),
    }
}
