//! The rows of the one table, and walking them with the keys.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent, MouseEvent};

use super::Column;
use crate::erase::derive;
use crate::keys::{self, InTable};

/// The keys of the table's rows and what pressing one does.
#[derive(Clone, Copy)]
pub(super) struct Walk {
    pub keys: Memo<Vec<String>>,
    pub body: NodeRef<html::Tbody>,
    /// Single keys are on.
    pub singles: RwSignal<bool>,
    pub selected: Option<RwSignal<Vec<String>>>,
    pub open: Option<Callback<String>>,
}

impl Walk {
    pub fn act(self, event: &KeyboardEvent) {
        let Some(at) = focused_row(event) else { return };
        let modified = event.ctrl_key() || event.alt_key() || event.meta_key();
        let all = self.keys.get_untracked();
        let singles = self.singles.get_untracked();
        let Some(action) = keys::in_table(&event.key(), modified, singles, at, all.len()) else { return };
        event.prevent_default();
        match (action, all.get(at)) {
            (InTable::Go(to), _) => self.focus(to),
            (InTable::Toggle, Some(id)) => self.toggle(id),
            (InTable::Open, Some(id)) => self.open(id),
            (_, None) => {}
        }
    }

    fn toggle(self, id: &str) {
        if let Some(selected) = self.selected {
            selected.update(|selected| toggle_in(selected, id));
        }
    }

    fn open(self, id: &str) {
        if let Some(open) = self.open {
            open.run(id.to_owned());
        }
    }

    fn focus(self, at: usize) {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        let row = self.body.get_untracked().and_then(|body| body.children().item(at));
        if let Some(row) = row.and_then(|row| row.dyn_into::<HtmlElement>().ok()) {
            // A row that just went away cannot take the focus; it stays where it is.
            let _ = row.focus();
        }
    }
}

/// What the rows are made of.
pub(super) struct Look<T: Send + Sync + 'static> {
    pub rows: Signal<Vec<T>>,
    pub key: fn(&T) -> String,
    pub columns: StoredValue<Vec<Column<T>>>,
    pub name: Option<fn(&T) -> String>,
    /// Their keys, with commas between.
    pub current: Signal<Option<String>>,
    pub row_class: Option<fn(&T) -> &'static str>,
    pub walk: Walk,
    /// The row that was focused last.
    pub stop: RwSignal<Option<String>>,
}

impl<T: Send + Sync + 'static> Clone for Look<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Look<T> {}

impl<T: Clone + PartialEq + Send + Sync + 'static> Look<T> {
    /// One row, made once for its key; what it shows follows the data.
    pub fn row(self, id: String) -> impl IntoView {
        let row = self.data_of(id.clone());
        let Walk { selected, open, .. } = self.walk;
        let id = StoredValue::new(id);
        let is = move |other: Option<&String>| id.with_value(|id| other == Some(id));
        let among = move |all: &Option<String>| {
            all.as_ref().is_some_and(|all| id.with_value(|id| all.split(',').any(|one| one == id)))
        };
        let is_current = move || self.current.with(among);
        let is_selected =
            derive(move || selected.is_some_and(|all| id.with_value(|id| all.with(|all| all.contains(id)))));
        let click = move |event: MouseEvent| {
            if !hit_control(&event) {
                self.walk.open(&id.get_value());
            }
        };
        view! {
            <tr
                role="row"
                tabindex=move || if self.tab_stop(is) { "0" } else { "-1" }
                on:focus=move |_| self.stop.set(Some(id.get_value()))
                class=move || self.row_class.map(|class| row.with(class))
                class:openable=open.is_some()
                class:selected=is_selected
                aria-current=move || is_current().then_some("true")
                on:click=click
            >
                {selected.map(|_| self.pick(row, id, is_selected))}
                {self.cells(row)}
            </tr>
        }
    }

    fn data_of(self, id: String) -> Signal<T> {
        let found = Memo::new(move |before: Option<&Option<T>>| {
            let now = self.rows.with(|rows| rows.iter().find(|row| (self.key)(row) == id).cloned());
            // A row that is about to go shows its last state.
            now.or_else(|| before.cloned().flatten())
        });
        derive(move || found.get().expect("a row is made for a key that is in the rows"))
    }

    /// One row is in the order of the tab key: the one that was there last, else the first.
    fn tab_stop(self, is: impl Fn(Option<&String>) -> bool) -> bool {
        self.walk.keys.with(|keys| {
            self.stop
                .with(|stop| is(stop.as_ref().filter(|stop| keys.contains(stop)).or_else(|| keys.first())))
        })
    }

    fn cells(self, row: Signal<T>) -> impl IntoView {
        let cell = |column: &Column<T>| {
            let title = column.title.clone();
            view! {
                <td role="cell" class=column.class data-label=move || title.get().to_string()>
                    {(column.cell)(row)}
                </td>
            }
        };
        self.columns.with_value(|columns| columns.iter().map(cell).collect_view())
    }

    fn pick(self, row: Signal<T>, id: StoredValue<String>, checked: Signal<bool>) -> impl IntoView {
        let label = move || self.name.map_or_else(|| id.get_value(), |name| row.with(name));
        let toggle = move |_| self.walk.toggle(&id.get_value());
        view! {
            <td role="cell" class="pick">
                <input type="checkbox" aria-label=label prop:checked=checked on:change=toggle />
            </td>
        }
    }
}

/// Adds what is not in, takes away what is.
fn toggle_in(selected: &mut Vec<String>, id: &str) {
    match selected.iter().position(|other| other == id) {
        Some(at) => drop(selected.remove(at)),
        None => selected.push(id.to_owned()),
    }
}

/// The index of the row that itself has the focus; controls inside of a row keep their own keys.
fn focused_row(event: &KeyboardEvent) -> Option<usize> {
    let target: HtmlElement = event.target()?.dyn_into().ok()?;
    if target.tag_name() != "TR" {
        return None;
    }
    let mut at = 0;
    let mut before = target.previous_element_sibling();
    while let Some(sibling) = before {
        at += 1;
        before = sibling.previous_element_sibling();
    }
    Some(at)
}

/// A click on a link, a button or a field within a row is not a click on the row.
fn hit_control(event: &MouseEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target
        .and_then(|target| target.closest("a, button, input, select, label, details").ok().flatten())
        .is_some()
}

#[cfg(test)]
mod tests {
    use super::toggle_in;

    #[test]
    fn selecting_twice_is_not_selecting() {
        let mut selected = vec!["a".to_owned()];
        toggle_in(&mut selected, "b");
        toggle_in(&mut selected, "a");
        assert_eq!(selected, ["b"]);
    }
}
