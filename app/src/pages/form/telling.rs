//! Who is told.

use leptos::prelude::*;

use super::editor::Editor;
use crate::pages::notify::use_receivers;
use crate::prefs::use_prefs;

#[component]
pub fn TellingStep(editor: Editor) -> impl IntoView {
    let prefs = use_prefs();
    view! {
        <fieldset class="step">
            <legend>{say!(prefs, pages.add.telling)}</legend>
            {editor.telling.fields(use_receivers())}
        </fieldset>
    }
}
