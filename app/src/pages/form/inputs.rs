//! Fields whose names are made at run time, and a text of several lines. They look like [`crate::components::field`].

use crate::erase::drawn;
use leptos::prelude::*;

/// A short text, e.g. a number of a level. `id` is the path that the API uses for the field.
#[component]
pub fn ShortField(
    #[prop(into)] id: String,
    #[prop(into)] label: TextProp,
    value: RwSignal<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(default = "decimal")] inputmode: &'static str,
    #[prop(optional, into)] placeholder: Option<TextProp>,
    /// Stands behind the input.
    #[prop(optional, into)]
    unit: Signal<String>,
    /// Marks the field of a level with its ink.
    #[prop(optional)]
    class: &'static str,
    /// The label is read out but not shown, where what stands around says it.
    #[prop(optional)]
    unlabelled: bool,
) -> impl IntoView {
    let error_id = format!("{id}-error");
    let described_by = error_id.clone();
    let label_id = id.clone();
    view! {
        <div class=format!("field short {class}") class:wrong=move || error.with(Option::is_some)>
            <label for=label_id class:unseen=unlabelled>{drawn(move || label.get())}</label>
            <span class="input">
                <input
                    id=id.clone()
                    name=id
                    type="text"
                    inputmode=inputmode
                    autocomplete="off"
                    spellcheck="false"
                    placeholder=move || placeholder.as_ref().map(|text| text.get().to_string())
                    prop:value=value
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby=described_by
                    on:input=move |event| value.set(event_target_value(&event))
                />
                <span class="unit">{unit}</span>
            </span>
            <p class="error" id=error_id>{drawn(move || error.get())}</p>
        </div>
    }
}

/// Several lines of text.
#[component]
pub fn NoteField(
    #[prop(into)] name: String,
    #[prop(into)] label: TextProp,
    #[prop(into)] help: TextProp,
    value: RwSignal<String>,
    #[prop(into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let (help_id, error_id) = (format!("{name}-help"), format!("{name}-error"));
    let described_by = format!("{help_id} {error_id}");
    view! {
        <div class="field" class:wrong=move || error.with(Option::is_some)>
            <label for=name.clone()>{drawn(move || label.get())}</label>
            <span class="input">
                <textarea
                    id=name.clone()
                    name=name
                    rows="3"
                    prop:value=value
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby=described_by
                    on:input=move |event| value.set(event_target_value(&event))
                ></textarea>
            </span>
            <p class="help" id=help_id>{drawn(move || help.get())}</p>
            <p class="error" id=error_id>{drawn(move || error.get())}</p>
        </div>
    }
}
