//! Paging by the server's cursors: "12 of 4,048", rows per page, previous, next.

use leptos::prelude::*;

use super::{Button, Kind};
use crate::erase::{derive, drawn};
use crate::format::use_format;
use crate::prefs::use_prefs;

/// Rows per page that can be chosen.
const SIZES: [u16; 4] = [10, 25, 50, 100];

/// Where a list is: its page size and the cursors on the way to the present page.
#[derive(Clone, Copy)]
pub struct Paging {
    pub size: RwSignal<u16>,
    /// The cursors of the pages after the first, up to the present one.
    trail: RwSignal<Vec<String>>,
}

impl Paging {
    /// Starts on the first page with `size` rows (10 to 100).
    pub fn new(size: u16) -> Self {
        Paging { size: RwSignal::new(size), trail: RwSignal::new(Vec::new()) }
    }

    /// The query's part for this page: `limit=25` or `limit=25&cursor=…`; tracks.
    pub fn query(self) -> String {
        let limit = self.size.get();
        self.trail.with(|trail| match trail.last() {
            Some(cursor) => format!("limit={limit}&cursor={}", crate::base::encode(cursor)),
            None => format!("limit={limit}"),
        })
    }

    /// Back to the first page: after a filter or the order changed.
    pub fn restart(self) {
        if self.trail.with_untracked(|trail| !trail.is_empty()) {
            self.trail.set(Vec::new());
        }
    }

    /// How many rows lie before the present page; tracks.
    fn before(self) -> u64 {
        self.trail.with(|trail| trail.len() as u64) * u64::from(self.size.get())
    }
}

/// `shown` rows are on screen, `total` match, `next` is the cursor that came with them.
#[component]
pub fn Pager(
    paging: Paging,
    #[prop(into)] shown: Signal<usize>,
    #[prop(into)] total: Signal<u64>,
    #[prop(into)] next: Signal<Option<String>>,
) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let count = move || {
        let before = paging.before();
        let last = before + shown.get() as u64;
        let total = format.count(total.get());
        if before == 0 {
            said!(prefs, app.table.of, shown = format.count(last), total = total)
        } else {
            let range = format!("{}–{}", format.count(before + 1), format.count(last));
            said!(prefs, app.table.of, shown = range, total = total)
        }
    };
    let go_on = move |()| {
        if let Some(cursor) = next.get_untracked() {
            paging.trail.update(|trail| trail.push(cursor));
        }
    };
    let go_back = move |()| paging.trail.update(|trail| drop(trail.pop()));
    let first = derive(move || paging.trail.with(Vec::is_empty));
    let last = derive(move || next.with(Option::is_none));
    let resize = move |event| {
        if let Ok(size) = event_target_value(&event).parse() {
            paging.trail.set(Vec::new());
            paging.size.set(size);
        }
    };
    view! {
        <nav class="pager" aria-label=say!(prefs, app.table.pages)>
            <span class="pager-count number">{drawn(count)}</span>
            <label class="pager-size">
                <span>{say!(prefs, app.table.rows)}</span>
                <select prop:value=move || paging.size.get().to_string() on:change=resize>
                    {SIZES
                        .map(|size| view! { <option value=size.to_string() selected=move || paging.size.get() == size>{size.to_string()}</option> })
                        .collect_view()}
                </select>
            </label>
            <Button kind=Kind::Plain icon="left" disabled=first press=go_back>{say!(prefs, app.table.previous)}</Button>
            <Button kind=Kind::Plain icon="right" disabled=last press=go_on>{say!(prefs, app.table.next)}</Button>
        </nav>
    }
}
