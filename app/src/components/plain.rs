//! A short table of texts and buttons, of one type whatever its rows are of: cards on a narrow screen.

use leptos::prelude::*;

use crate::erase::{For, drawn};
use crate::prefs::use_prefs;

/// One row: drawn anew when its key changes.
pub struct PlainRow {
    key: String,
    draw: Box<dyn FnOnce() -> Vec<AnyView> + Send>,
}

impl PlainRow {
    /// `key` holds whatever the row shows, besides the language; `cells` draws one view per column.
    pub fn new(key: String, cells: impl FnOnce() -> Vec<AnyView> + Send + 'static) -> Self {
        PlainRow { key, draw: Box::new(cells) }
    }
}

/// A column's heading and its class, see [`super::Column::class`].
pub type Head = (fn(crate::prefs::Prefs) -> &'static str, &'static str);

/// `heads` are the columns from left to right; one of class `actions` has no heading to see.
#[component]
pub fn PlainTable(
    /// Read out, not shown.
    #[prop(into)]
    caption: TextProp,
    heads: &'static [Head],
    rows: Box<dyn Fn() -> Vec<PlainRow> + Send>,
) -> impl IntoView {
    let prefs = use_prefs();
    let title = caption.clone();
    let head = |(words, class): &'static Head| {
        view! { <th role="columnheader" scope="col" class=*class>{drawn(move || words(prefs))}</th> }
    };
    let row = move |PlainRow { draw, .. }: PlainRow| {
        let cell = |(cell, (words, class)): (AnyView, &'static Head)| {
            view! { <td role="cell" class=*class data-label=move || words(prefs)>{cell}</td> }
        };
        view! { <tr role="row">{draw().into_iter().zip(heads).map(cell).collect_view()}</tr> }.into_any()
    };
    let each = move || {
        // In another language each row is another one.
        prefs.language();
        rows()
    };
    view! {
        <div class="table-box" role="region" tabindex="0" aria-label=move || caption.get().to_string()>
            <table role="table" class="short" class:compact=prefs.compact>
                <caption class="unseen">{drawn(move || title.get())}</caption>
                <thead role="rowgroup">
                    <tr role="row">{heads.iter().map(head).collect_view()}</tr>
                </thead>
                <tbody role="rowgroup">
                    <For each key=move |row| format!("{} {}", prefs.language(), row.key) children=row />
                </tbody>
            </table>
        </div>
    }
}

/// A cell of text.
pub fn text(words: impl Into<String>) -> AnyView {
    words.into().into_any()
}
