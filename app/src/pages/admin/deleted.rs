//! What was deleted in the last 30 days, and can come back.

use atalaya_api::page::Page;
use atalaya_api::people::{Deleted as Gone, DeletedKind};
use leptos::prelude::*;
use serde_json::json;

use crate::api::use_api;
use crate::base::encode;
use crate::components::notices::use_notices;
use crate::components::plain::{Head, text};
use crate::components::{Button, Empty, Kind, Loaded, Pager, Paging, PlainRow, PlainTable};
use crate::erase::{Show, derive, memo};
use crate::fetched::fetched;
use crate::format::use_format;
use crate::prefs::{Prefs, use_prefs};

const HEADS: &[Head] = &[
    (|prefs| said!(prefs, pages.form.name), "wide"),
    (|prefs| said!(prefs, people.deleted_at), "labelled"),
    (|prefs| said!(prefs, quiet.by), "labelled"),
    (|prefs| said!(prefs, people.gone_at), "labelled"),
    (|prefs| said!(prefs, pages.metrics.actions), "actions"),
];

/// What it is, and the folder of the API that it belongs to; tracks.
fn kind_of(prefs: Prefs, kind: DeletedKind) -> (&'static str, &'static str) {
    match kind {
        DeletedKind::Rule => (said!(prefs, quiet.of_rule), "rules"),
        DeletedKind::Template => (said!(prefs, people.template), "templates"),
        DeletedKind::Calendar => (said!(prefs, people.calendar), "calendars"),
        DeletedKind::Source => (said!(prefs, app.alarm.of_source), "sources"),
        DeletedKind::Receiver => (said!(prefs, quiet.of_receiver), "receivers"),
        DeletedKind::Maintenance => (said!(prefs, people.maintenance), "maintenance"),
    }
}

#[component]
pub fn Deleted() -> impl IntoView {
    let (prefs, format, api, notices) = (use_prefs(), use_format(), use_api(), use_notices());
    let paging = Paging::new(25);
    let gone = fetched::<Page<Gone>>(move || Some(format!("deleted?{}", paging.query())));
    let restore = move |path: String, name: String| {
        leptos::task::spawn_local(async move {
            match api.post(&format!("{path}/restore"), &json!({})).await {
                Ok(_) => {
                    let words = untrack(|| said!(prefs, people.restored, name = name).to_string());
                    let refresh = Callback::new(move |()| gone.refresh());
                    notices.offer_undo_by(words, false, move || api.delete(&path), Some(refresh));
                }
                Err(failure) => notices.tell(untrack(|| failure.words(prefs))),
            }
            gone.refresh();
        });
    };
    let row = move |one: Gone| {
        PlainRow::new(format!("{:?} {} {}", one.kind, one.id, one.deleted_at), move || {
            let (kind, folder) = kind_of(prefs, one.kind);
            let (path, name) = (format!("{folder}/{}", encode(&one.id)), one.name.clone());
            let label = said!(prefs, people.restore_this, name = one.name.clone()).to_string();
            let button = view! {
                <Button kind=Kind::Quiet icon="undo" press=move |()| restore(path.clone(), name.clone()) label>
                    {say!(prefs, people.restore)}
                </Button>
            };
            let title =
                view! { <span class="row-title">{one.name}</span> <span class="row-place">{kind}</span> };
            vec![
                title.into_any(),
                text(format.time(one.deleted_at)),
                text(one.by),
                text(format.time(one.gone_at)),
                button.into_any(),
            ]
        })
    };
    let none = memo(move || gone.value().is_some_and(|page| page.total == 0));
    view! {
        <p class="lead">{say!(prefs, people.deleted_lead)}</p>
        <Loaded from=gone let:page>
            <Show when=move || !none.get() fallback=move || view! { <Empty title=say!(prefs, people.deleted_none) /> }>
                <PlainTable
                    caption=say!(prefs, people.deleted)
                    heads=HEADS
                    rows=Box::new(move || page.with(|page| page.items.iter().cloned().map(row).collect()))
                />
                <Pager
                    paging
                    shown=derive(move || page.with(|page| page.items.len()))
                    total=derive(move || page.with(|page| page.total))
                    next=derive(move || page.with(|page| page.next.clone()))
                />
            </Show>
        </Loaded>
    }
}
