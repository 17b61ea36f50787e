//! Form fields: label above, help below, error beside. The `name` is the id, the form name, and what
//! [`crate::api::Failure::field`] is asked with.

use crate::erase::{drawn, effect};
use leptos::html;
use leptos::prelude::*;

/// Label, help and error around an input whose id is `name`.
#[component]
fn Around(
    name: &'static str,
    label: TextProp,
    help: Option<TextProp>,
    error: Signal<Option<String>>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="field" class:wrong=move || error.with(Option::is_some)>
            <label for=name>{drawn(move || label.get())}</label>
            {children()}
            {help.map(|help| view! { <p class="help" id=format!("{name}-help")>{drawn(move || help.get())}</p> })}
            <p class="error" id=format!("{name}-error")>{drawn(move || error.get())}</p>
        </div>
    }
}

/// What describes the input for a screen reader: its help and its error.
fn described(name: &str, help: bool) -> String {
    if help { format!("{name}-help {name}-error") } else { format!("{name}-error") }
}

/// A line of text. Numbers too: `kind="text" inputmode="decimal"`, since a number input swallows what it cannot read.
///
/// ```ignore
/// <TextField name="critical" label=say!(prefs, pages.add.critical) value=critical unit="%" inputmode="decimal"
///     error=Signal::derive(move || failure.get().and_then(|f| f.field("critical")))/>
/// ```
#[component]
pub fn TextField(
    name: &'static str,
    #[prop(into)] label: TextProp,
    value: RwSignal<String>,
    #[prop(optional, into)] help: Option<TextProp>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    /// The input's type: `text`, `password`, `search`, `time`, `url`.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(optional)] inputmode: Option<&'static str>,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional)] required: bool,
    /// Takes the focus when it appears: the first thing to fill in of a page or a dialog.
    #[prop(optional)]
    focused: bool,
    #[prop(optional, into)] placeholder: Option<TextProp>,
    /// Stands behind the input.
    #[prop(optional, into)]
    unit: Option<TextProp>,
    /// Called with each change, after `value` has it.
    #[prop(optional, into)]
    typed: Option<Callback<String>>,
) -> impl IntoView {
    let has_help = help.is_some();
    let node = NodeRef::<html::Input>::new();
    effect(move || {
        if let Some(input) = node.get().filter(|_| focused) {
            // In a dialog that is not open yet this fails, and its opening heeds the attribute.
            let _ = input.focus();
        }
    });
    let input = move |event| {
        let text = event_target_value(&event);
        value.set(text.clone());
        if let Some(typed) = typed {
            typed.run(text);
        }
    };
    view! {
        <Around name label help error>
            <span class="input">
                <input
                    node_ref=node
                    autofocus=focused
                    id=name
                    name=name
                    type=kind
                    inputmode=inputmode
                    autocomplete=autocomplete.unwrap_or("off")
                    required=required
                    spellcheck="false"
                    autocapitalize="none"
                    placeholder=move || placeholder.as_ref().map(|text| text.get().to_string())
                    prop:value=value
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby=described(name, has_help)
                    on:input=input
                />
                {unit.map(|unit| view! { <span class="unit">{drawn(move || unit.get())}</span> })}
            </span>
        </Around>
    }
}

/// One of a few: `options` gives (value, words) and may track the language.
#[component]
pub fn SelectField(
    name: &'static str,
    #[prop(into)] label: TextProp,
    value: RwSignal<String>,
    #[prop(into)] options: Signal<Vec<(String, String)>>,
    #[prop(optional, into)] help: Option<TextProp>,
    #[prop(optional, into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let has_help = help.is_some();
    let choice = move |(key, words): (String, String)| {
        let mine = key.clone();
        view! { <option value=key selected=move || value.get() == mine>{words}</option> }
    };
    view! {
        <Around name label help error>
            <select
                id=name
                name=name
                prop:value=value
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=described(name, has_help)
                on:change=move |event| value.set(event_target_value(&event))
            >
                {drawn(move || options.get().into_iter().map(choice).collect_view())}
            </select>
        </Around>
    }
}

/// On or off.
#[component]
pub fn SwitchField(
    name: &'static str,
    #[prop(into)] label: TextProp,
    value: RwSignal<bool>,
    #[prop(optional, into)] help: Option<TextProp>,
) -> impl IntoView {
    let described_by = help.is_some().then(|| format!("{name}-help"));
    view! {
        <div class="field switch">
            <label for=name>
                <input
                    id=name
                    name=name
                    type="checkbox"
                    prop:checked=value
                    aria-describedby=described_by
                    on:change=move |event| value.set(event_target_checked(&event))
                />
                <span>{drawn(move || label.get())}</span>
            </label>
            {help.map(|help| view! { <p class="help" id=format!("{name}-help")>{drawn(move || help.get())}</p> })}
        </div>
    }
}
