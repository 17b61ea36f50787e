//! Filter chips above a table.

use crate::erase::drawn;
use leptos::prelude::*;

/// One filter that is on or off.
#[derive(Clone)]
pub struct Chip {
    /// Its stable name, e.g. `critical`.
    pub key: &'static str,
    pub label: TextProp,
}

impl Chip {
    pub fn new(key: &'static str, label: impl Into<TextProp>) -> Self {
        Chip { key, label: label.into() }
    }
}

/// A row of filters; `chosen` holds the keys that are on. With none on, nothing is filtered.
#[component]
pub fn Chips(
    /// Says what is filtered, for those who do not see it.
    #[prop(into)]
    label: TextProp,
    chips: Vec<Chip>,
    chosen: RwSignal<Vec<String>>,
    /// Choosing one takes the others away.
    #[prop(optional)]
    single: bool,
) -> impl IntoView {
    let toggle = move |key: &'static str| {
        chosen.update(|chosen| {
            if let Some(at) = chosen.iter().position(|other| other == key) {
                chosen.remove(at);
            } else {
                if single {
                    chosen.clear();
                }
                chosen.push(key.to_owned());
            }
        });
    };
    let chip = move |Chip { key, label }: Chip| {
        let on = move || chosen.with(|chosen| chosen.iter().any(|other| other == key));
        view! {
            <button type="button" class="chip" aria-pressed=move || on().to_string() on:click=move |_| toggle(key)>
                {drawn(move || label.get())}
            </button>
        }
    };
    view! {
        <div class="chips" role="group" aria-label=move || label.get().to_string()>
            {chips.into_iter().map(chip).collect_view()}
        </div>
    }
}
