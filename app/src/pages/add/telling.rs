//! When and by what people are told: kept with the metric.

use atalaya_api::rule::RuleDraft;
use atalaya_api::settings::Settings;
use leptos::prelude::*;

use super::steps::Steps;
use super::templates::Templates;
use crate::components::{SelectField, SwitchField};
use crate::erase::{Show, derive, drawn};
use crate::format::use_format;
use crate::logic::query::{self, Pairs};
use crate::pages::periods::use_periods;
use crate::prefs::use_prefs;

/// Made in a stable owner (the page), copied into views.
#[derive(Clone, Copy)]
pub struct Telling {
    sms: RwSignal<bool>,
    ovo: RwSignal<bool>,
    /// `24x7`, `daytime`, or a calendar's id.
    period: RwSignal<String>,
    usual_period: StoredValue<String>,
}

impl Telling {
    pub fn new(pairs: &Pairs, settings: &Settings) -> Self {
        let on = |name: &str| RwSignal::new(query::get(pairs, name) == Some("1"));
        let usual = settings.defaults.period.clone();
        Telling {
            sms: on("sms"),
            ovo: on("ovo"),
            period: RwSignal::new(query::get(pairs, "period").unwrap_or(&usual).to_owned()),
            usual_period: StoredValue::new(usual),
        }
    }

    /// For the address; tracks.
    pub fn pairs(self) -> Pairs {
        let on = |name: &str, is: bool| (name.to_owned(), if is { "1".to_owned() } else { String::new() });
        let period = self.period.get();
        let usual = self.usual_period.with_value(|usual| *usual == period);
        let period = if usual { String::new() } else { period };
        vec![on("sms", self.sms.get()), on("ovo", self.ovo.get()), ("period".to_owned(), period)]
    }

    pub fn put(self, draft: &mut RuleDraft) {
        draft.notify.sms = self.sms.get_untracked();
        draft.notify.ovo = self.ovo.get_untracked();
        draft.period = self.period.get_untracked();
    }
}

#[component]
pub fn TellingFields(telling: Telling, templates: Templates, steps: Steps) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let known = use_periods();
    let periods = derive(move || {
        let (mut all, now) = (known.get(), telling.period.get());
        if !all.iter().any(|(value, _)| *value == now) {
            all.push((now.clone(), now));
        }
        all
    });
    let several = move || {
        let count = steps.picked.with(Vec::len);
        (count > 1 && steps.editor.several.get())
            .then(|| said!(prefs, pages.add.for_all, count = format.count(count as u64)).to_string())
    };
    view! {
        <Show when=move || templates.chosen.with(String::is_empty)>
            <fieldset class="step">
                <legend>{say!(prefs, pages.add.telling)}</legend>
                <SelectField
                    name="period"
                    label=say!(prefs, pages.add.period)
                    help=say!(prefs, pages.add.period_help)
                    value=telling.period
                    options=periods
                />
                <SwitchField name="notify.sms" label=say!(prefs, pages.add.sms) value=telling.sms />
                <SwitchField name="notify.ovo" label=say!(prefs, pages.add.ovo) value=telling.ovo />
                <p class="help">{say!(prefs, pages.add.receivers_later)}</p>
            </fieldset>
        </Show>
        <p class="sentence" aria-live="polite" hidden=move || several().is_none()>{drawn(several)}</p>
    }
}
