//! The one table: semantic, sortable by its header's buttons, walked with `j k x`, cards on a narrow screen.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use crate::keys::{self, InTable};
use crate::prefs::use_prefs;

/// The order of a list, as the API's `sort` takes it: a key, with `-` before it for descending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    pub key: &'static str,
    pub descending: bool,
}

impl Sort {
    pub fn up(key: &'static str) -> Self {
        Sort { key, descending: false }
    }

    pub fn down(key: &'static str) -> Self {
        Sort { key, descending: true }
    }

    /// `name` or `-name`.
    pub fn query(&self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.key)
    }

    /// Pressing a header: another column starts ascending, the same one turns around.
    pub fn pressed(&self, key: &'static str) -> Self {
        Sort { key, descending: self.key == key && !self.descending }
    }

    /// The value of `aria-sort` for a column.
    fn aria(&self, key: &str) -> &'static str {
        match (self.key == key, self.descending) {
            (false, _) => "none",
            (true, false) => "ascending",
            (true, true) => "descending",
        }
    }
}

type Cell<T> = Arc<dyn Fn(Signal<T>) -> AnyView + Send + Sync>;

/// One column.
pub struct Column<T: Send + Sync + 'static> {
    title: TextProp,
    sort: Option<&'static str>,
    class: &'static str,
    cell: Cell<T>,
}

impl<T: Send + Sync + 'static> Clone for Column<T> {
    fn clone(&self) -> Self {
        Column { title: self.title.clone(), sort: self.sort, class: self.class, cell: self.cell.clone() }
    }
}

impl<T: Send + Sync + 'static> Column<T> {
    /// `cell` is called once per row with a signal of the row, so that a refresh changes texts, not elements.
    pub fn new<V: IntoView + 'static>(
        title: impl Into<TextProp>,
        cell: impl Fn(Signal<T>) -> V + Send + Sync + 'static,
    ) -> Self {
        let cell: Cell<T> = Arc::new(move |row| cell(row).into_any());
        Column { title: title.into(), sort: None, class: "", cell }
    }

    /// Its header is a button that sorts by this key of the API.
    pub fn sorted_by(mut self, key: &'static str) -> Self {
        self.sort = Some(key);
        self
    }

    /// `numeric` (right-aligned, tabular), `wide` (takes what is left), `actions`, `code`.
    pub fn class(mut self, class: &'static str) -> Self {
        self.class = class;
        self
    }
}

/// What a table is made of besides its rows. `T` needs `PartialEq` so that only rows that changed are drawn.
///
/// ```ignore
/// <Table caption=say!(prefs, pages.metrics.title) rows=rows key=|rule: &Rule| rule.id.clone() columns=columns
///     sort=sort selected=selected open=Callback::new(move |id| go(&id))/>
/// ```
#[component]
pub fn Table<T>(
    /// Read out, not shown.
    #[prop(into)]
    caption: TextProp,
    #[prop(into)] rows: Signal<Vec<T>>,
    key: fn(&T) -> String,
    columns: Vec<Column<T>>,
    #[prop(optional)] sort: Option<RwSignal<Sort>>,
    /// The keys of the selected rows; with it, rows have a checkbox and `x` works.
    #[prop(optional)]
    selected: Option<RwSignal<Vec<String>>>,
    /// What the checkbox of a row is called, e.g. the row's name.
    #[prop(optional)]
    name: Option<fn(&T) -> String>,
    /// The row whose details are shown elsewhere.
    #[prop(optional, into)]
    current: Signal<Option<String>>,
    /// Called with the key upon a click on a row, or Enter.
    #[prop(optional, into)]
    open: Option<Callback<String>>,
    /// A class per row, e.g. `cleared` or `fresh`.
    #[prop(optional)]
    row_class: Option<fn(&T) -> &'static str>,
    /// Told while the pointer or the focus is inside, so that rows stay where they are.
    #[prop(optional)]
    busy: Option<RwSignal<bool>>,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let prefs = use_prefs();
    let body = NodeRef::<html::Tbody>::new();
    let keys = Memo::new(move |_| rows.with(|rows| rows.iter().map(key).collect::<Vec<_>>()));
    let shown = StoredValue::new(columns.clone());
    let (hovered, focused) = (RwSignal::new(false), RwSignal::new(false));
    Effect::new(move |_| {
        if let Some(busy) = busy {
            busy.set(hovered.get() || focused.get());
        }
    });
    let toggle = move |id: &str| {
        if let Some(selected) = selected {
            selected.update(|selected| toggle_in(selected, id));
        }
    };
    let act = move |event: KeyboardEvent| {
        let Some(at) = focused_row(&event) else { return };
        let modified = event.ctrl_key() || event.alt_key() || event.meta_key();
        let all = keys.get_untracked();
        let Some(action) =
            keys::in_table(&event.key(), modified, prefs.shortcuts.get_untracked(), at, all.len())
        else {
            return;
        };
        event.prevent_default();
        match (action, all.get(at), open) {
            (InTable::Go(to), ..) => focus_row(body, to),
            (InTable::Toggle, Some(id), _) => toggle(id),
            (InTable::Open, Some(id), Some(open)) => open.run(id.clone()),
            _ => {}
        }
    };
    // One row is in the order of the tab key: the one that was there last, else the first.
    let stop = RwSignal::new(None::<String>);
    let tab_stop = Memo::new(move |_| {
        keys.with(|keys| stop.get().filter(|stop| keys.contains(stop)).or_else(|| keys.first().cloned()))
    });
    let row = move |id: String| {
        let find = {
            let id = id.clone();
            move |before: Option<&Option<T>>| {
                let now = rows.with(|rows| rows.iter().find(|row| key(row) == id).cloned());
                now.or_else(|| before.cloned().flatten())
            }
        };
        let found = Memo::new(find);
        let row = Signal::derive(move || found.get().expect("a row is made for a key that is in the rows"));
        let ids = StoredValue::new(id);
        let is_selected = move || {
            selected.is_some_and(|selected| ids.with_value(|id| selected.with(|all| all.contains(id))))
        };
        let is_current = move || ids.with_value(|id| current.with(|current| current.as_ref() == Some(id)));
        let is_stop = move || ids.with_value(|id| tab_stop.with(|stop| stop.as_ref() == Some(id)));
        let click = move |event: web_sys::MouseEvent| {
            if let Some(open) = open.filter(|_| !hit_control(&event)) {
                open.run(ids.get_value());
            }
        };
        let cells = shown.with_value(|columns| {
            let cell = |column: &Column<T>| {
                let title = column.title.clone();
                view! {
                    <td role="cell" class=column.class data-label=move || title.get().to_string()>
                        {(column.cell)(row)}
                    </td>
                }
            };
            columns.iter().map(cell).collect_view()
        });
        let pick = selected.map(|_| {
            let label = move || name.map_or_else(|| ids.get_value(), |name| row.with(name));
            view! {
                <td role="cell" class="pick">
                    <input
                        type="checkbox"
                        aria-label=label
                        prop:checked=is_selected
                        on:change=move |_| ids.with_value(|id| toggle(id))
                    />
                </td>
            }
        });
        view! {
            <tr
                role="row"
                tabindex=move || if is_stop() { "0" } else { "-1" }
                on:focus=move |_| stop.set(Some(ids.get_value()))
                class=move || row_class.map(|class| row.with(class))
                class:openable=open.is_some()
                class:selected=is_selected
                aria-current=move || is_current().then_some("true")
                on:click=click
            >
                {pick}
                {cells}
            </tr>
        }
    };
    let headers = columns.into_iter().map(|column| header(column, sort)).collect_view();
    let caption_text = caption.clone();
    view! {
        <div
            class="table-box"
            role="region"
            tabindex="0"
            aria-label=move || caption_text.get().to_string()
            on:pointerenter=move |_| hovered.set(true)
            on:pointerleave=move |_| hovered.set(false)
            on:focusin=move |_| focused.set(true)
            on:focusout=move |_| focused.set(false)
        >
            <table role="table" class:compact=prefs.compact>
                <caption class="unseen">{move || caption.get()}</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        {selected.map(|selected| pick_all(selected, keys))}
                        {headers}
                    </tr>
                </thead>
                <tbody role="rowgroup" node_ref=body on:keydown=act>
                    <For each=move || keys.get() key=|id| id.clone() children=row />
                </tbody>
            </table>
        </div>
    }
}

fn header<T: Send + Sync + 'static>(column: Column<T>, sort: Option<RwSignal<Sort>>) -> impl IntoView {
    let Column { title, sort: key, class, .. } = column;
    let text = title.clone();
    match (key, sort) {
        (Some(key), Some(sort)) => view! {
            <th role="columnheader" scope="col" class=class aria-sort=move || sort.with(|sort| sort.aria(key))>
                <button type="button" class="sort" on:click=move |_| sort.update(|sort| *sort = sort.pressed(key))>
                    {move || text.get()} <span class="sort-mark" aria-hidden="true"></span>
                </button>
            </th>
        }
        .into_any(),
        _ => view! { <th role="columnheader" scope="col" class=class>{move || text.get()}</th> }.into_any(),
    }
}

/// The checkbox in the header: all rows of this page, or none.
fn pick_all(selected: RwSignal<Vec<String>>, keys: Memo<Vec<String>>) -> impl IntoView {
    let prefs = use_prefs();
    let all = move || {
        keys.with(|keys| {
            !keys.is_empty() && selected.with(|selected| keys.iter().all(|key| selected.contains(key)))
        })
    };
    let toggle = move |_| {
        let every = keys.get_untracked();
        let had_all = untrack(all);
        selected.update(|selected| {
            selected.retain(|key| !every.contains(key));
            if !had_all {
                selected.extend(every);
            }
        });
    };
    view! {
        <th role="columnheader" scope="col" class="pick">
            <input type="checkbox" aria-label=say!(prefs, app.table.select_page) prop:checked=all on:change=toggle />
        </th>
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

fn focus_row(body: NodeRef<html::Tbody>, at: usize) {
    let row =
        body.get_untracked().and_then(|body| body.children().item(u32::try_from(at).unwrap_or(u32::MAX)));
    if let Some(row) = row.and_then(|row| row.dyn_into::<HtmlElement>().ok()) {
        // A row that just went away cannot take the focus; it stays where it is.
        let _ = row.focus();
    }
}

/// A click on a link, a button or a field within a row is not a click on the row.
fn hit_control(event: &web_sys::MouseEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.and_then(|target| target.closest("a, button, input, select, label").ok().flatten()).is_some()
}

#[cfg(test)]
mod tests {
    use super::{Sort, toggle_in};

    #[test]
    fn pressing_a_header_again_turns_the_order_around() {
        let sort = Sort::up("name").pressed("name");
        assert_eq!(sort.query(), "-name");
        assert_eq!(sort.pressed("severity").query(), "severity");
        assert_eq!(sort.aria("name"), "descending");
    }

    #[test]
    fn selecting_twice_is_not_selecting() {
        let mut selected = vec!["a".to_owned()];
        toggle_in(&mut selected, "b");
        toggle_in(&mut selected, "a");
        assert_eq!(selected, ["b"]);
    }
}
