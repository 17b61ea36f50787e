//! Name, unit, note.

use leptos::prelude::*;

use super::editor::Editor;
use super::inputs::NoteField;
use crate::components::TextField;
use crate::prefs::use_prefs;

#[component]
pub fn Basics(editor: Editor) -> impl IntoView {
    let prefs = use_prefs();
    let fields = editor.fields;
    view! {
        <fieldset class="step">
            <legend>{say!(prefs, pages.form.label)}</legend>
            <div class="row-of-fields">
                <TextField
                    name="name"
                    label=say!(prefs, pages.form.name)
                    value=fields.name
                    placeholder=move || fields.expr.get()
                    help=say!(prefs, pages.form.name_help)
                    error=editor.error("name")
                />
                <TextField
                    name="query.unit"
                    label=say!(prefs, pages.form.unit)
                    value=fields.unit
                    help=say!(prefs, pages.form.unit_help)
                    error=editor.error("query.unit")
                />
            </div>
            <NoteField
                name="note"
                label=say!(prefs, pages.form.note)
                help=say!(prefs, pages.form.note_help)
                value=fields.note
                error=editor.error("note")
            />
        </fieldset>
    }
}
