//! Who is told: the receivers to choose from, and what a metric keeps of them.

use atalaya_api::level::Level;
use atalaya_api::page::Page;
use atalaya_api::people::Role;
use atalaya_api::receiver::{Receiver, ReceiverKind};
use atalaya_api::rule::{Notify, ReceiverUse};
use leptos::prelude::*;

use super::wording::level_word;
use crate::account::use_account;
use crate::components::SwitchField;
use crate::erase::drawn;
use crate::fetched::{Fetched, fetched};
use crate::logic::telling::{LEVELS, level_of};
use crate::prefs::{Prefs, use_prefs};

pub type Receivers = Fetched<Page<Receiver>>;

/// Those that are set up.
pub fn use_receivers() -> Receivers {
    fetched::<Page<Receiver>>(|| Some("receivers".to_owned()))
}

/// What a kind is called; tracks the language.
pub fn kind_word(prefs: Prefs, kind: ReceiverKind) -> &'static str {
    match kind {
        ReceiverKind::Email => said!(prefs, telling.kind.email),
        ReceiverKind::Sms => "SMS",
        ReceiverKind::Ovo => "OVO",
        ReceiverKind::Webhook => "Webhook",
        ReceiverKind::Alertmanager => "Alertmanager",
    }
}

/// Says so while there is no receiver at all, with the way to the first.
pub fn nobody_yet(receivers: Receivers) -> AnyView {
    let (prefs, account) = (use_prefs(), use_account());
    let none = move || receivers.state.with(|state| state.value().is_some_and(|page| page.items.is_empty()));
    let way = move || {
        account.may(Role::Admin).then(|| {
            view! { <a href="settings/receivers">{said!(prefs, telling.receivers.first)}</a> }
        })
    };
    drawn(move || {
        none().then(|| view! { <p class="note">{said!(prefs, telling.notify.nobody)} " " {way()}</p> })
    })
    .into_any()
}

/// A checkbox for each of these, by its id and name.
pub fn picks(all: Vec<(String, String)>, chosen: RwSignal<Vec<String>>) -> AnyView {
    let one = move |(id, name): (String, String)| {
        let id = StoredValue::new(id);
        let on = move || chosen.with(|chosen| id.with_value(|id| chosen.contains(id)));
        let toggle = move |event| {
            let now = event_target_checked(&event);
            chosen.update(|chosen| {
                chosen.retain(|other| id.with_value(|id| other != id));
                if now {
                    chosen.push(id.get_value());
                }
            });
        };
        view! {
            <label class="choice">
                <input type="checkbox" prop:checked=on on:change=toggle />
                <span>{name}</span>
            </label>
        }
    };
    view! { <div class="choices">{all.into_iter().map(one).collect_view()}</div> }.into_any()
}

/// What a metric keeps of whom it tells; made in a stable owner (the page), copied into views.
#[derive(Clone, Copy)]
pub struct Telling {
    pub sms: RwSignal<bool>,
    pub ovo: RwSignal<bool>,
    /// Each from its severity on.
    pub receivers: RwSignal<Vec<ReceiverUse>>,
}

impl Telling {
    pub fn new(notify: &Notify) -> Self {
        Telling {
            sms: RwSignal::new(notify.sms),
            ovo: RwSignal::new(notify.ovo),
            receivers: RwSignal::new(notify.receivers.clone()),
        }
    }

    pub fn set(self, notify: &Notify) {
        self.sms.set(notify.sms);
        self.ovo.set(notify.ovo);
        self.receivers.set(notify.receivers.clone());
    }

    /// Tracks.
    pub fn get(self) -> Notify {
        Notify { sms: self.sms.get(), ovo: self.ovo.get(), receivers: self.receivers.get() }
    }

    /// The switches for SMS and OVO, then the receivers.
    pub fn fields(self, known: Receivers) -> AnyView {
        let prefs = use_prefs();
        view! {
            <SwitchField name="notify.sms" label=say!(prefs, pages.add.sms) value=self.sms />
            {none_of(known, ReceiverKind::Sms, self.sms)}
            <SwitchField name="notify.ovo" label=say!(prefs, pages.add.ovo) value=self.ovo />
            {none_of(known, ReceiverKind::Ovo, self.ovo)}
            {receiver_rows(known, self.receivers)}
        }
        .into_any()
    }
}

/// A switch is on and nobody would hear of it.
fn none_of(known: Receivers, kind: ReceiverKind, on: RwSignal<bool>) -> AnyView {
    let prefs = use_prefs();
    let some = move |page: &Page<Receiver>| {
        page.items.iter().any(|one| one.receiver.kind == kind && one.receiver.enabled)
    };
    let none = move || on.get() && known.state.with(|state| state.value().is_some_and(|page| !some(page)));
    drawn(move || {
        none().then(|| {
            let words = said!(prefs, telling.notify.none_of, kind = kind_word(prefs, kind)).to_string();
            view! { <p class="note">{words} " " <a href="settings/receivers">{said!(prefs, telling.receivers.title)}</a></p> }
        })
    })
    .into_any()
}

/// Each receiver with the severity from which on it is told.
pub fn receiver_rows(known: Receivers, chosen: RwSignal<Vec<ReceiverUse>>) -> AnyView {
    let prefs = use_prefs();
    let rows = move || {
        known.value().map(|page| {
            let named: Vec<(String, String)> = page
                .items
                .iter()
                .map(|one| {
                    let kind = kind_word(prefs, one.receiver.kind);
                    (one.receiver.id.clone(), format!("{} ({kind})", one.receiver.name))
                })
                .collect();
            let used =
                chosen.with_untracked(|chosen| chosen.iter().map(|used| used.id.clone()).collect::<Vec<_>>());
            let all = with_gone(prefs, named, &used);
            all.into_iter().map(|(id, name)| row(prefs, id, name, chosen)).collect_view()
        })
    };
    view! {
        <div class="told-rows">{drawn(rows)}</div>
        {nobody_yet(known)}
    }
    .into_any()
}

/// The receivers by id and name, and after them those that are used and were deleted meanwhile: they can still be taken out.
pub fn with_gone(prefs: Prefs, mut named: Vec<(String, String)>, used: &[String]) -> Vec<(String, String)> {
    let gone = used.iter().filter(|id| named.iter().all(|(other, _)| other != *id));
    let name = |id: &String| said!(prefs, telling.notify.gone, id = id.clone()).to_string();
    let gone: Vec<_> = gone.map(|id| (id.clone(), name(id))).collect();
    named.extend(gone);
    named
}

fn row(prefs: Prefs, id: String, name: String, chosen: RwSignal<Vec<ReceiverUse>>) -> AnyView {
    let id = StoredValue::new(id);
    let now = move || {
        chosen.with(|chosen| {
            let used = id.with_value(|id| chosen.iter().find(|used| used.id == *id));
            used.map_or("", |used| used.from.name())
        })
    };
    let change = move |event| {
        let from = level_of(&event_target_value(&event));
        chosen.update(|chosen| {
            let place = id.with_value(|id| chosen.iter().position(|used| used.id == *id));
            match (place, from) {
                (Some(at), Some(from)) => chosen[at].from = from,
                (Some(at), None) => drop(chosen.remove(at)),
                (None, Some(from)) => chosen.push(ReceiverUse { id: id.get_value(), from }),
                (None, None) => {}
            }
        });
    };
    let option = move |level: Level| {
        let words = said!(prefs, telling.notify.from, level = level_word(prefs, level)).to_string();
        view! { <option value=level.name() selected=move || now() == level.name()>{words}</option> }
    };
    view! {
        <label class="told-row">
            <span>{name}</span>
            <select prop:value=now on:change=change>
                <option value="" selected=move || now().is_empty()>{said!(prefs, telling.notify.not)}</option>
                {LEVELS.map(option).collect_view()}
            </select>
        </label>
    }
    .into_any()
}
