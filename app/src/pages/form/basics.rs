//! Name, unit, note.

use leptos::prelude::*;

use super::editor::Editor;
use super::inputs::NoteField;
use crate::components::TextField;
use crate::erase::Show;
use crate::prefs::use_prefs;

#[component]
pub fn Basics(editor: Editor) -> impl IntoView {
    let prefs = use_prefs();
    let fields = editor.fields;
    let usual = move || {
        let name = editor.usual_name.get();
        if name.is_empty() { fields.expr.get() } else { name }
    };
    view! {
        <fieldset class="step">
            <legend>{say!(prefs, pages.form.label)}</legend>
            <div class="row-of-fields">
                <Show when=move || !editor.several.get()>
                    <TextField
                        name="name"
                        label=say!(prefs, pages.form.name)
                        value=fields.name
                        placeholder=usual
                        help=say!(prefs, pages.form.name_help)
                        error=editor.error("name")
                    />
                </Show>
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
