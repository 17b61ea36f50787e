//! A native modal dialog: the browser keeps the focus inside and gives it back.

use leptos::html;
use leptos::prelude::*;

use super::Icon;
use crate::erase::{Show, effect};
use crate::prefs::use_prefs;

/// `<Dialog open title=say!(…)>…</Dialog>`: shown while `open` is true; Escape and the close button set it to false.
#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: TextProp,
    /// False: it stays until what it asks for is done, e.g. the login.
    #[prop(default = true)]
    closable: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let prefs = use_prefs();
    let node = NodeRef::<html::Dialog>::new();
    effect(move || {
        let (Some(dialog), open) = (node.get(), open.get()) else { return };
        if open && !dialog.open() {
            // Fails only outside of a document, where nothing can be shown.
            let _ = dialog.show_modal();
        } else if !open && dialog.open() {
            dialog.close();
        }
    });
    let heading = title.clone();
    // A dialog that is taken away closes, too.
    let closed = move |_| {
        let _ = open.try_set(false);
    };
    let cancel = move |event: web_sys::Event| {
        if !closable {
            event.prevent_default();
        }
    };
    view! {
        <dialog node_ref=node aria-label=move || title.get().to_string() on:cancel=cancel on:close=closed>
            <Show when=move || open.get()>
                <header class="dialog-head">
                    <h2>{let heading = heading.clone(); move || heading.get()}</h2>
                    <Show when=move || closable>
                        <button
                            type="button"
                            class="button quiet"
                            aria-label=say!(prefs, app.close)
                            on:click=move |_| open.set(false)
                        >
                            <Icon name="close" />
                        </button>
                    </Show>
                </header>
                {children()}
            </Show>
        </dialog>
    }
}
