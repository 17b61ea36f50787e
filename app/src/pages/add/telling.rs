//! By what people are told: kept with the metric.

use atalaya_api::rule::RuleDraft;
use leptos::prelude::*;

use super::steps::Steps;
use super::templates::Templates;
use crate::components::SwitchField;
use crate::erase::{Show, drawn};
use crate::format::use_format;
use crate::logic::query::{self, Pairs};
use crate::prefs::use_prefs;

/// Made in a stable owner (the page), copied into views.
#[derive(Clone, Copy)]
pub struct Telling {
    sms: RwSignal<bool>,
    ovo: RwSignal<bool>,
}

impl Telling {
    pub fn new(pairs: &Pairs) -> Self {
        let on = |name: &str| RwSignal::new(query::get(pairs, name) == Some("1"));
        Telling { sms: on("sms"), ovo: on("ovo") }
    }

    /// For the address; tracks.
    pub fn pairs(self) -> Pairs {
        let on = |name: &str, is: bool| (name.to_owned(), if is { "1".to_owned() } else { String::new() });
        vec![on("sms", self.sms.get()), on("ovo", self.ovo.get())]
    }

    pub fn put(self, draft: &mut RuleDraft) {
        draft.notify.sms = self.sms.get_untracked();
        draft.notify.ovo = self.ovo.get_untracked();
    }
}

#[component]
pub fn TellingFields(telling: Telling, templates: Templates, steps: Steps) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let several = move || {
        let count = steps.picked.with(Vec::len);
        (count > 1 && steps.editor.several.get())
            .then(|| said!(prefs, pages.add.for_all, count = format.count(count as u64)).to_string())
    };
    view! {
        <Show when=move || templates.chosen.with(String::is_empty)>
            <fieldset class="step">
                <legend>{say!(prefs, pages.add.telling)}</legend>
                <SwitchField name="notify.sms" label=say!(prefs, pages.add.sms) value=telling.sms />
                <SwitchField name="notify.ovo" label=say!(prefs, pages.add.ovo) value=telling.ovo />
                <p class="help">{say!(prefs, pages.add.receivers_later)}</p>
            </fieldset>
        </Show>
        <p class="sentence" aria-live="polite" hidden=move || several().is_none()>{drawn(several)}</p>
    }
}
