//! Buttons.

use leptos::prelude::*;

use super::Icon;

/// What pressing it means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Plain,
    /// The one obvious next step of a view.
    Primary,
    /// Takes something away.
    Danger,
    /// Looks like text: in tables and beside other text.
    Quiet,
}

impl Kind {
    fn class(self) -> &'static str {
        match self {
            Kind::Plain => "button",
            Kind::Primary => "button primary",
            Kind::Danger => "button danger",
            Kind::Quiet => "button quiet",
        }
    }
}

/// `<Button kind=Kind::Primary icon="add" press=move |()| save()>{say!(prefs, …)}</Button>`
#[component]
pub fn Button(
    #[prop(optional)] kind: Kind,
    #[prop(optional)] icon: Option<&'static str>,
    #[prop(into)] press: Callback<()>,
    /// While true the button cannot be pressed but keeps its place and focus.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// It sends the form that it stands in; `press` is then called by the form's submit, not by the click.
    #[prop(optional)]
    submits: bool,
    /// For a button whose words do not suffice alone, e.g. "Edit" in a row.
    #[prop(optional, into)]
    label: Option<TextProp>,
    children: Children,
) -> impl IntoView {
    let click = move |_| {
        if !submits && !disabled.get_untracked() {
            press.run(());
        }
    };
    view! {
        <button
            class=kind.class()
            type=if submits { "submit" } else { "button" }
            aria-disabled=move || disabled.get().then_some("true")
            aria-label=move || label.as_ref().map(|label| label.get().to_string())
            on:click=click
        >
            {icon.map(|name| view! { <Icon name /> })}
            {children()}
        </button>
    }
}
