//! The one table: semantic, sortable by its header's buttons, walked with `j k x`, cards on a narrow screen.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;

use super::table_row::{Look, Walk};
use crate::erase::{For, drawn, memo};
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
    pub(super) title: TextProp,
    sort: Option<&'static str>,
    pub(super) class: &'static str,
    pub(super) cell: Cell<T>,
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
    let keys = memo(move || rows.with(|rows| rows.iter().map(key).collect::<Vec<_>>()));
    let body = NodeRef::<html::Tbody>::new();
    let walk = Walk { keys, body, singles: prefs.shortcuts, selected, open };
    let headers = columns.iter().map(|column| header(column, sort)).collect_view();
    let look = Look {
        rows,
        key,
        columns: StoredValue::new(columns),
        name,
        current,
        row_class,
        walk,
        stop: RwSignal::new(None),
    };
    let hold = Hold { busy, hovered: StoredValue::new(false), focused: StoredValue::new(false) };
    let caption_text = caption.clone();
    view! {
        <div
            class="table-box"
            role="region"
            tabindex="0"
            aria-label=move || caption_text.get().to_string()
            on:pointerenter=move |_| hold.hover(true)
            on:pointerleave=move |_| hold.hover(false)
            on:focusin=move |_| hold.focus(true)
            on:focusout=move |_| hold.focus(false)
        >
            <table role="table" class:compact=prefs.compact>
                <caption class="unseen">{drawn(move || caption.get())}</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        {selected.map(|selected| pick_all(selected, keys))}
                        {headers}
                    </tr>
                </thead>
                <tbody role="rowgroup" node_ref=body on:keydown=move |event| walk.act(&event)>
                    <For each=move || keys.get() key=|id| id.clone() children=move |id| look.row(id).into_any() />
                </tbody>
            </table>
        </div>
    }
}

/// Whether somebody is at the table.
#[derive(Clone, Copy)]
struct Hold {
    busy: Option<RwSignal<bool>>,
    hovered: StoredValue<bool>,
    focused: StoredValue<bool>,
}

impl Hold {
    fn hover(self, on: bool) {
        self.tell(self.hovered, on);
    }

    fn focus(self, on: bool) {
        self.tell(self.focused, on);
    }

    /// The pointer and the focus leave, too, when the table itself goes away: then there is nobody left to tell.
    fn tell(self, what: StoredValue<bool>, on: bool) {
        let _ = what.try_set_value(on);
        let (Some(hovered), Some(focused)) = (self.hovered.try_get_value(), self.focused.try_get_value())
        else {
            return;
        };
        if let Some(busy) = self.busy {
            let _ = busy.try_set(hovered || focused);
        }
    }
}

fn header<T: Send + Sync + 'static>(column: &Column<T>, sort: Option<RwSignal<Sort>>) -> AnyView {
    let (key, class, text) = (column.sort, column.class, column.title.clone());
    match (key, sort) {
        (Some(key), Some(sort)) => view! {
            <th role="columnheader" scope="col" class=class aria-sort=move || sort.with(|sort| sort.aria(key))>
                <button type="button" class="sort" on:click=move |_| sort.update(|sort| *sort = sort.pressed(key))>
                    {drawn(move || text.get())} <span class="sort-mark" aria-hidden="true"></span>
                </button>
            </th>
        }
        .into_any(),
        _ => view! { <th role="columnheader" scope="col" class=class>{drawn(move || text.get())}</th> }.into_any(),
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

#[cfg(test)]
mod tests {
    use super::Sort;

    #[test]
    fn pressing_a_header_again_turns_the_order_around() {
        let sort = Sort::up("name").pressed("name");
        assert_eq!(sort.query(), "-name");
        assert_eq!(sort.pressed("severity").query(), "severity");
        assert_eq!(sort.aria("name"), "descending");
    }
}
