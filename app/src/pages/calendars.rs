//! Calendars: when metrics may tell people, and how each stands now.

use atalaya_api::calendar::CalendarView;
use atalaya_api::page::Page;
use atalaya_api::people::Role;
use leptos::prelude::*;
use serde_json::json;

use super::listing::keep_fresh;
use super::periods::period_word;
use super::settings::to_settings;
use super::{Heading, use_go};
use crate::account::use_account;
use crate::api::use_api;
use crate::base::encode;
use crate::components::notices::use_notices;
use crate::components::{Button, Kind, Loaded};
use crate::erase::{For, Show, drawn};
use crate::fetched::fetched;
use crate::format::{Format, use_format};
use crate::prefs::{Prefs, use_prefs};

#[component]
pub fn CalendarsPage() -> impl IntoView {
    let (prefs, account, go) = (use_prefs(), use_account(), use_go());
    let calendars = fetched::<Page<CalendarView>>(|| Some("calendars".to_owned()));
    keep_fresh(|_| false, move || calendars.refresh());
    let refresh = Callback::new(move |()| calendars.refresh());
    let add = Callback::new(move |()| go("settings/calendars/new"));
    view! {
        <Heading text=say!(prefs, tables.calendars.title)>
            {to_settings()}
            <Show when=move || account.may(Role::Admin)>
                <Button kind=Kind::Primary icon="add" press=add>{say!(prefs, tables.calendars.add)}</Button>
            </Show>
        </Heading>
        <p class="lead">{say!(prefs, tables.calendars.lead)}</p>
        <Loaded from=calendars let:page>
            <div class="cards">
                <For
                    each=move || page.with(|page| page.items.clone())
                    key=|view| format!("{} {} {:?} {}", view.calendar.id, view.calendar.version, view.changes_at, view.rules)
                    children=move |view| view! { <Card view refresh /> }.into_any()
                />
            </div>
        </Loaded>
    }
}

#[component]
fn Card(view: CalendarView, refresh: Callback<()>) -> impl IntoView {
    let (prefs, format, account) = (use_prefs(), use_format(), use_account());
    let id = view.calendar.id.clone();
    let (name, shown) = (view.calendar.name.clone(), view.clone());
    let title = move || match shown.built_in {
        true => period_word(prefs, &shown.calendar.id),
        false => shown.calendar.name.clone(),
    };
    let (rules, zone, open) = (view.rules, view.calendar.time_zone.clone(), view.open);
    let used = format!("configured?period={}", encode(&id));
    let count = move || said!(prefs, tables.calendars.used, count = format.count(rules)).to_string();
    let users = (rules > 0).then(|| view! { <a href=used>{drawn(count)}</a> });
    let built_in = view.built_in;
    let actions = move || {
        let (id, name) = (id.clone(), name.clone());
        (!built_in && account.may(Role::Admin)).then(|| view! { <Actions id name refresh /> })
    };
    let daytime = (built_in && view.calendar.id == "daytime").then(|| {
        view! { <a href="settings/daytime">{say!(prefs, tables.calendars.change_daytime)}</a> }
    });
    view! {
        <section class="card">
            <div class="card-head">
                <h2>{drawn(title)}</h2>
                {drawn(actions)}
            </div>
            <p class=if open { "open-now" } else { "closed-now" }>{drawn(move || stands(prefs, format, &view))}</p>
            <p class="muted">{zone}</p>
            <p class="filter-line">{users} {daytime}</p>
        </section>
    }
}

/// "Open now, closes at 22:00"; tracks.
fn stands(prefs: Prefs, format: Format, view: &CalendarView) -> String {
    let when = view.changes_at.map(|at| format.time(at));
    match (view.open, when) {
        (true, Some(when)) => said!(prefs, tables.calendars.open_until, when = when).to_string(),
        (true, None) => said!(prefs, tables.calendars.open_always).to_owned(),
        (false, Some(when)) => said!(prefs, tables.calendars.closed_until, when = when).to_string(),
        (false, None) => said!(prefs, tables.calendars.closed_always).to_owned(),
    }
}

#[component]
fn Actions(id: String, name: String, refresh: Callback<()>) -> impl IntoView {
    let (prefs, go, api, notices) = (use_prefs(), use_go(), use_api(), use_notices());
    let path = format!("calendars/{}", encode(&id));
    let page = format!("settings/{path}");
    let (edit_name, remove_name) = (name.clone(), name.clone());
    let remove = move |()| {
        let (path, name) = (path.clone(), name.clone());
        leptos::task::spawn_local(async move {
            match api.delete(&path).await {
                Ok(_) => {
                    let words = untrack(|| said!(prefs, tables.templates.removed, name = name).to_string());
                    let restore = move || api.post(&format!("{path}/restore"), &json!({}));
                    notices.offer_undo_by(words, false, restore, Some(refresh));
                }
                Err(failure) => notices.tell(untrack(|| failure.words(prefs))),
            }
            refresh.try_run(());
        });
    };
    view! {
        <span class="row-actions">
            <Button
                kind=Kind::Quiet
                icon="edit"
                press=move |()| go(&page)
                label=move || said!(prefs, pages.metrics.edit_this, name = edit_name.clone()).to_string()
            >
                {say!(prefs, pages.common.edit)}
            </Button>
            <Button
                kind=Kind::Quiet
                icon="delete"
                press=remove
                label=move || said!(prefs, pages.metrics.delete_this, name = remove_name.clone()).to_string()
            >
                {say!(prefs, pages.common.delete)}
            </Button>
        </span>
    }
}
