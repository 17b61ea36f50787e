//! What is typed and not saved is not lost without a question: neither by a link nor by closing the page.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, MouseEvent};

use crate::prefs::{Prefs, use_prefs};

/// Whether a form holds something that is not saved. Whatever is typed into it says so: `on:input=move |_| unsaved.note()`.
#[derive(Clone, Copy)]
pub struct Unsaved(StoredValue<bool>);

impl Unsaved {
    /// Guards until the calling view goes away.
    pub fn guard() -> Self {
        let (unsaved, prefs) = (Unsaved(StoredValue::new(false)), use_prefs());
        // Before the router sees the click.
        hear("click", move |event| {
            if unsaved.is_there() && leaves(event) && !unsaved.may_go(prefs) {
                event.prevent_default();
                event.stop_propagation();
            }
        });
        // The browser asks in its own words.
        hear("beforeunload", move |event| {
            if unsaved.is_there() {
                event.prevent_default();
            }
        });
        unsaved
    }

    pub fn note(self) {
        let _ = self.0.try_set_value(true);
    }

    /// All is saved.
    pub fn forget(self) {
        let _ = self.0.try_set_value(false);
    }

    fn is_there(self) -> bool {
        self.0.try_get_value().unwrap_or(false)
    }

    fn may_go(self, prefs: Prefs) -> bool {
        let words = untrack(|| said!(prefs, pages.common.unsaved));
        // A browser that shows no dialogs lets go.
        window().confirm_with_message(words).unwrap_or(true)
    }
}

/// Whether a click leads to another page in this tab.
fn leaves(event: &Event) -> bool {
    let Some(mouse) = event.dyn_ref::<MouseEvent>() else { return false };
    if mouse.ctrl_key() || mouse.meta_key() || mouse.shift_key() || mouse.alt_key() {
        return false;
    }
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let link = target.and_then(|target| target.closest("a[href]").ok().flatten());
    link.is_some_and(|link| !link.has_attribute("target") && !link.has_attribute("download"))
}

/// Hears an event of the window before anything else does, until the calling view goes away.
fn hear(name: &'static str, act: impl Fn(&Event) + 'static) {
    let handler = Closure::<dyn FnMut(Event)>::new(move |event: Event| act(&event));
    // Only a handler that is no function is refused.
    let _ = window().add_event_listener_with_callback_and_bool(name, handler.as_ref().unchecked_ref(), true);
    let handler = StoredValue::new_local(handler);
    on_cleanup(move || {
        let _ = handler.try_with_value(|handler| {
            window().remove_event_listener_with_callback_and_bool(
                name,
                handler.as_ref().unchecked_ref(),
                true,
            )
        });
    });
}
