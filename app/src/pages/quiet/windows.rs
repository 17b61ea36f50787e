//! The maintenance windows that are planned, and how each stands now.

use atalaya_api::page::Page;
use atalaya_api::quiet::{Maintenance, MaintenanceDraft, Weekly};
use leptos::prelude::*;
use serde_json::json;

use crate::account::use_account;
use crate::api::use_api;
use crate::base::encode;
use crate::components::notices::use_notices;
use crate::components::{Button, Empty, Kind, Loaded};
use crate::erase::{For, Show, drawn, memo};
use crate::fetched::fetched;
use crate::format::{Format, use_format};
use crate::live::LiveEvent;
use crate::pages::form::day_word;
use crate::pages::listing::keep_fresh;
use crate::pages::use_go;
use crate::prefs::{Prefs, use_prefs};

/// The days of the week as [`day_word`] knows them.
pub const DAYS: [&str; 7] = crate::logic::hours::Days::NAMES;

#[component]
pub fn Windows() -> impl IntoView {
    let prefs = use_prefs();
    let windows = fetched::<Page<Maintenance>>(|| Some("maintenance".to_owned()));
    keep_fresh(|event| *event == LiveEvent::Quiet, move || windows.refresh());
    let refresh = Callback::new(move |()| windows.refresh());
    let none = memo(move || windows.value().is_some_and(|page| page.items.is_empty()));
    view! {
        <h2 class="section-head">{say!(prefs, quiet.windows)}</h2>
        <Loaded from=windows let:page>
            <Show when=move || !none.get() fallback=move || view! { <Empty title=say!(prefs, quiet.windows_none) /> }>
                <div class="cards">
                    <For
                        each=move || page.with(|page| page.items.clone())
                        key=|window| format!("{} {} {:?} {:?}", window.id, window.maintenance.version, window.until, window.next)
                        children=move |window| view! { <Card window refresh /> }.into_any()
                    />
                </div>
            </Show>
        </Loaded>
    }
}

#[component]
fn Card(window: Maintenance, refresh: Callback<()>) -> impl IntoView {
    let (prefs, format, account) = (use_prefs(), use_format(), use_account());
    let (id, name) = (window.id.clone(), window.maintenance.name.clone());
    let actions = move || {
        let (id, name) = (id.clone(), name.clone());
        account.may_configure().then(|| view! { <Actions id name refresh /> })
    };
    let (title, holds) = (window.maintenance.name.clone(), window.until.is_some());
    let (standing, draft) = (window.clone(), window.maintenance);
    let shown = draft.clone();
    view! {
        <section class="card">
            <div class="card-head">
                <h3>{title}</h3>
                {drawn(actions)}
            </div>
            <p class=if holds { "holds-now" } else { "closed-now" }>{drawn(move || stands(prefs, format, &standing))}</p>
            <p>{drawn(move || when_words(prefs, format, &draft))}</p>
            <p class="muted">{drawn(move || scope_words(prefs, format, &shown))}</p>
        </section>
    }
}

/// "Holds now, until 06:00"; tracks.
fn stands(prefs: Prefs, format: Format, window: &Maintenance) -> String {
    match (window.until, window.next) {
        (Some(at), _) => said!(prefs, quiet.holds_until, time = format.time(at)).to_string(),
        (None, Some(at)) => said!(prefs, quiet.holds_next, time = format.time(at)).to_string(),
        (None, None) => said!(prefs, quiet.over).to_owned(),
    }
}

/// "28 Nov 22:00 – 29 Nov 06:00", or the hours of each week; tracks.
fn when_words(prefs: Prefs, format: Format, draft: &MaintenanceDraft) -> String {
    match (&draft.once, &draft.weekly) {
        (Some(once), _) => {
            format!("{} – {} {}", format.time(once.from), format.time(once.to), format.zone())
        }
        (None, Some(weekly)) => weekly_words(prefs, weekly),
        (None, None) => String::new(),
    }
}

fn weekly_words(prefs: Prefs, weekly: &Weekly) -> String {
    let day = |day: &u8| DAYS.get(usize::from(*day).wrapping_sub(1)).map(|name| day_word(prefs, name));
    let range = |range: &atalaya_api::calendar::WeekRange| {
        let days: Vec<_> = range.days.iter().filter_map(day).collect();
        format!("{} {}–{}", days.join(", "), range.hours.from, range.hours.to)
    };
    let hours: Vec<_> = weekly.week.iter().map(range).collect();
    format!("{} ({})", hours.join("; "), weekly.time_zone)
}

/// What it mutes; tracks.
fn scope_words(prefs: Prefs, format: Format, draft: &MaintenanceDraft) -> String {
    if draft.everything {
        return said!(prefs, quiet.everything).to_owned();
    }
    let metrics = match draft.rules.len() as u64 {
        0 => None,
        count => Some(said!(prefs, quiet.metrics_count, count = format.count(count)).to_string()),
    };
    draft.dashboards.iter().cloned().chain(metrics).collect::<Vec<_>>().join(" · ")
}

#[component]
fn Actions(id: String, name: String, refresh: Callback<()>) -> impl IntoView {
    let (prefs, go, api, notices) = (use_prefs(), use_go(), use_api(), use_notices());
    let path = format!("maintenance/{}", encode(&id));
    let page = format!("quiet/{}", encode(&id));
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
