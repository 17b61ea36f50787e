//! What is kept in this browser; each change counts at once.

use leptos::prelude::*;

use crate::components::{SelectField, SwitchField};
use crate::erase::{derive, watch};
use crate::prefs::{Theme, use_prefs};

#[component]
pub fn ThisBrowser() -> impl IntoView {
    let prefs = use_prefs();
    let theme = RwSignal::new(prefs.theme.get_untracked().name().to_owned());
    watch(
        move || theme.get(),
        move |name| {
            let chosen = Theme::ALL.into_iter().find(|theme| theme.name() == name);
            prefs.theme.set(chosen.unwrap_or_default());
        },
    );
    // The banner changes it as well.
    watch(
        move || prefs.theme.get(),
        move |chosen| {
            if theme.with_untracked(|name| name != chosen.name()) {
                theme.set(chosen.name().to_owned());
            }
        },
    );
    let themes = derive(move || {
        let word = |theme: Theme| match theme {
            Theme::System => said!(prefs, pages.settings.theme_system),
            Theme::Light => said!(prefs, pages.settings.theme_light),
            Theme::Dark => said!(prefs, pages.settings.theme_dark),
        };
        Theme::ALL.map(|theme| (theme.name().to_owned(), word(theme).to_owned())).to_vec()
    });
    view! {
        <section class="card">

            <p class="help">{say!(prefs, pages.settings.display_help)}</p>
            <SelectField name="theme" label=say!(prefs, pages.settings.theme) value=theme options=themes />
            <SwitchField name="compact" label=say!(prefs, pages.settings.compact) value=prefs.compact />
            <SwitchField name="shortcuts" label=say!(prefs, pages.settings.shortcuts) value=prefs.shortcuts />
            <SwitchField name="sound" label=say!(prefs, pages.settings.sound) value=prefs.sound />
        </section>
    }
}
