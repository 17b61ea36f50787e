//! Receivers: whom Atalaya tells, and how each one does.

mod deeds;

use atalaya_api::level::Standing;
use atalaya_api::people::Role;
use atalaya_api::receiver::{Receiver, ReceiverKind};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::deeds::{Actions, Deeds};
use super::attend::{Attend, AttendDialogs};
use super::listing::keep_fresh;
use super::notify::{kind_word, use_receivers};
use super::settings::to_settings;
use super::{Heading, ZoneNote};
use crate::account::use_account;
use crate::base::encode;
use crate::components::severity::{SeverityShape, class_of, standing, word_of};
use crate::components::{Icon, Loaded};
use crate::erase::{For, Show, derive, drawn, memo};
use crate::format::{Format, use_format};
use crate::live::LiveEvent;
use crate::prefs::{Prefs, use_prefs};

#[component]
pub fn ReceiversPage() -> impl IntoView {
    let (prefs, account, receivers) = (use_prefs(), use_account(), use_receivers());
    keep_fresh(|event| *event == LiveEvent::Quiet, move || receivers.refresh());
    let attend = Attend::new(move || receivers.refresh());
    let deeds = Deeds::new(Callback::new(move |()| receivers.refresh()), attend);
    let may = memo(move || account.may(Role::Admin));
    // Until there is one, the page itself says what to do.
    let some = memo(move || receivers.value().is_some_and(|page| !page.items.is_empty()));
    view! {
        <Heading text=say!(prefs, telling.receivers.title)>
            <Show when=move || may.get() && some.get()>
                <a class="button primary" href="settings/add-receiver"><Icon name="add" />{say!(prefs, telling.receivers.add)}</a>
            </Show>
            {to_settings()}
            <ZoneNote />
        </Heading>
        <p class="lead">
            {say!(prefs, telling.receivers.lead)} " " <a href="deliveries">{say!(prefs, telling.receivers.to_deliveries)}</a>
        </p>
        <Show when=move || !may.get()>
            <p class="note">{say!(prefs, pages.common.admins_only)}</p>
        </Show>
        <Loaded from=receivers let:page>
            <Show when=move || !some.get()>
                <FirstReceiver />
            </Show>
            <For
                each=move || page.with(|page| page.items.iter().map(|one| one.receiver.id.clone()).collect())
                key=|id| id.clone()
                children=move |id| {
                    let receiver = derive(move || {
                        page.with(|page| page.items.iter().find(|one| one.receiver.id == id).cloned())
                    });
                    view! { <Card receiver deeds /> }.into_any()
                }
            />
        </Loaded>
        <AttendDialogs attend />
    }
}

/// Nobody is told yet: what to do.
#[component]
fn FirstReceiver() -> impl IntoView {
    let (prefs, account) = (use_prefs(), use_account());
    let add = move |kind: ReceiverKind| {
        let href = format!("settings/add-receiver?kind={}", kind.name());
        view! { <a class="button" href=href><Icon name="add" />{kind_word(prefs, kind)}</a> }
    };
    view! {
        <section class="card first-source">
            <h2>{say!(prefs, telling.receivers.empty)}</h2>
            <p>{say!(prefs, telling.receivers.empty_next)}</p>
            <Show when=move || account.may(Role::Admin)>
                <div class="row">{drawn(move || ReceiverKind::ALL.map(add).collect_view())}</div>
            </Show>
        </section>
    }
}

#[component]
fn Card(receiver: Signal<Option<Receiver>>, deeds: Deeds) -> impl IntoView {
    let (prefs, format, marked) = (use_prefs(), use_format(), use_query_map());
    // Keeps the last one while the view goes away.
    let receiver = Memo::new(move |before: Option<&Option<Receiver>>| {
        receiver.get().or_else(|| before.cloned().flatten())
    });
    let with = move |draw: fn(Prefs, Format, &Receiver) -> AnyView| {
        drawn(move || receiver.with(|receiver| receiver.as_ref().map(|one| draw(prefs, format, one))))
    };
    let id = memo(move || {
        receiver.with(|one| one.as_ref().map(|one| one.receiver.id.clone()).unwrap_or_default())
    });
    let is_marked = move || marked.with(|map| map.get("mark").is_some_and(|mark| id.with(|id| *id == mark)));
    view! {
        <section class="card source" class:marked=is_marked>
            <header class="card-head">{with(head)}<Actions receiver deeds /></header>
            {with(trouble)}
            {with(facts)}
            {drawn(move || id.with(|id| deeds.outcome_of(id)))}
        </section>
    }
}

fn head(prefs: Prefs, _: Format, one: &Receiver) -> AnyView {
    let (state, word) = match one {
        one if !one.receiver.enabled => (Standing::Paused, said!(prefs, telling.receivers.off)),
        one if one.muted_until.is_some() => (Standing::Paused, said!(prefs, telling.receivers.muted)),
        one if one.trouble.is_some() || one.dead > 0 => {
            (Standing::Major, said!(prefs, telling.receivers.unwell))
        }
        _ => (Standing::Ok, said!(prefs, telling.receivers.well)),
    };
    let name = one.receiver.name.clone();
    view! {
        <h2>{name}</h2>
        <span class=format!("mark {}", class_of(state))>
            <SeverityShape of=state />
            <span class="word">{word}</span>
        </span>
        <span class="muted">{kind_word(prefs, one.receiver.kind)}</span>
    }
    .into_any()
}

/// What it said last when it did not take a message, and when it is tried again.
fn trouble(prefs: Prefs, format: Format, one: &Receiver) -> AnyView {
    let Some(words) = one.trouble.clone() else { return ().into_any() };
    let again = one
        .paused_until
        .map(|at| said!(prefs, telling.receivers.paused, when = format.seconds(at)).to_string());
    view! { <div class="trouble"><p><strong>{words}</strong></p><p>{again}</p></div> }.into_any()
}

fn facts(prefs: Prefs, format: Format, one: &Receiver) -> AnyView {
    let deliveries = format!("deliveries?receiver={}", encode(&one.receiver.id));
    let dead = format!("{deliveries}&state=dead");
    let waiting = format!("{deliveries}&state=queued");
    let queued = match one.oldest_queued_at.filter(|_| one.queued > 0) {
        Some(at) => {
            let (count, when) = (format.count(one.queued), format.time(at));
            said!(prefs, telling.receivers.queued_since, count = count, when = when).to_string()
        }
        None => format.count(one.queued),
    };
    let last = one
        .last_delivered_at
        .map_or_else(|| said!(prefs, telling.receivers.never).to_owned(), |at| format.time(at));
    let muted = one.muted_until.map(|at| {
        view! { <div><dt>{said!(prefs, telling.receivers.muted_until)}</dt><dd class="number">{format.time(at)}</dd></div> }
    });
    let from = word_of(prefs, standing(one.receiver.lowest));
    let from = said!(prefs, telling.notify.from, level = from).to_string();
    let system = one.system.then(|| said!(prefs, telling.receivers.system));
    view! {
        <dl class="facts">
            <div><dt>{said!(prefs, telling.receivers.what)}</dt><dd>{from} <span class="why">{system}</span></dd></div>
            <div><dt>{said!(prefs, telling.receivers.rules)}</dt><dd class="number">{format.count(one.rules)}</dd></div>
            <div><dt>{said!(prefs, telling.receivers.queued)}</dt><dd class="number"><a href=waiting>{queued}</a></dd></div>
            <div><dt>{said!(prefs, telling.receivers.dead)}</dt><dd class="number"><a href=dead>{format.count(one.dead)}</a></dd></div>
            <div><dt>{said!(prefs, telling.receivers.last)}</dt><dd class="number">{last}</dd></div>
            {muted}
        </dl>
    }
    .into_any()
}
