//! What is done with a receiver from the list: test, mute, edit, delete.

use atalaya_api::page::Page;
use atalaya_api::people::Role;
use atalaya_api::quiet::{Mute, MuteKind, MuteTarget};
use atalaya_api::receiver::{Receiver, ReceiverTest};
use leptos::prelude::*;
use serde_json::json;

use crate::account::use_account;
use crate::api::{Api, Failure, read, use_api};
use crate::base::encode;
use crate::components::notices::{Notices, use_notices};
use crate::components::{Button, Icon, Kind};
use crate::erase::{Show, drawn, memo};
use crate::pages::attend::{Attend, end_mutes};
use crate::pages::receiver::outcome;
use crate::pages::use_go;
use crate::prefs::{Prefs, use_prefs};

/// Id and name of a receiver.
pub type Named = (String, String);

/// What became of a test; none while it goes on.
type Outcome = Option<Result<ReceiverTest, Failure>>;

#[derive(Clone, Copy)]
pub struct Deeds {
    /// The latest test, by the receiver's id.
    latest: RwSignal<Option<(String, Outcome)>>,
    attend: Attend,
    refresh: Callback<()>,
    api: Api,
    prefs: Prefs,
    notices: Notices,
}

impl Deeds {
    pub fn new(refresh: Callback<()>, attend: Attend) -> Self {
        Deeds {
            latest: RwSignal::new(None),
            attend,
            refresh,
            api: use_api(),
            prefs: use_prefs(),
            notices: use_notices(),
        }
    }

    fn test(self, id: String) {
        self.latest.set(Some((id.clone(), None)));
        leptos::task::spawn_local(async move {
            let path = format!("receivers/{}/test", encode(&id));
            let answer = self.api.post(&path, &json!({})).await.and_then(read);
            let _ = self.latest.try_set(Some((id, Some(answer))));
            self.refresh.try_run(());
        });
    }

    fn remove(self, (id, name): Named) {
        let (api, prefs) = (self.api, self.prefs);
        leptos::task::spawn_local(async move {
            let path = format!("receivers/{}", encode(&id));
            match api.delete(&path).await {
                Ok(_) => {
                    let words = untrack(|| said!(prefs, tables.templates.removed, name = name).to_string());
                    let again = move || api.post(&format!("{path}/restore"), &json!({}));
                    self.notices.offer_undo_by(words, false, again, Some(self.refresh));
                }
                Err(failure) => self.notices.tell(untrack(|| failure.words(prefs))),
            }
            self.refresh.try_run(());
        });
    }

    /// Ends all that mutes it.
    fn unmute(self, (id, name): Named) {
        leptos::task::spawn_local(async move {
            let answer = self.end_mutes(&id).await;
            let words = untrack(|| match answer {
                Ok(()) => said!(self.prefs, telling.receivers.unmuted, name = name).to_string(),
                Err(failure) => failure.words(self.prefs),
            });
            self.notices.tell(words);
            self.refresh.try_run(());
        });
    }

    async fn end_mutes(self, receiver: &str) -> Result<(), Failure> {
        let mutes = self.api.get("mutes").await.and_then(read::<Page<Mute>>)?;
        let target = MuteTarget { kind: MuteKind::Receiver, id: receiver.to_owned() };
        let mine = mutes.items.into_iter().filter(|mute| mute.target == target);
        end_mutes(self.api, mine.map(|mute| mute.id).collect()).await.map(drop)
    }

    /// What became of the latest test, if it was of this receiver; tracks.
    pub fn outcome_of(self, id: &str) -> AnyView {
        let inside = match self.latest.get().filter(|(other, _)| other == id) {
            None => return ().into_any(),
            Some((_, None)) => {
                view! { <p class="loading">{said!(self.prefs, telling.receiver.testing)}</p> }.into_any()
            }
            Some((_, Some(result))) => outcome(result),
        };
        view! { <div class="tested" role="status">{inside}</div> }.into_any()
    }
}

/// Icon and word; muting for operators, the others for administrators.
#[component]
pub fn Actions(receiver: Memo<Option<Receiver>>, deeds: Deeds) -> impl IntoView {
    let (prefs, account, go) = (use_prefs(), use_account(), use_go());
    let named = memo(move || {
        receiver.with(|one| {
            one.as_ref().map(|one| (one.receiver.id.clone(), one.receiver.name.clone())).unwrap_or_default()
        })
    });
    let muted = memo(move || receiver.with(|one| one.as_ref().is_some_and(|one| one.muted_until.is_some())));
    let press = move |event: Press| {
        let one = named.get_untracked();
        match event {
            Press::Test => deeds.test(one.0),
            Press::Edit => go(&format!("settings/receivers/{}", encode(&one.0))),
            Press::Remove => deeds.remove(one),
            Press::Quiet if muted.get_untracked() => deeds.unmute(one),
            Press::Quiet => deeds.attend.mute_receiver(one.0, one.1),
        }
    };
    let press = Callback::new(press);
    let button = move |icon: &'static str, words: fn(Prefs) -> &'static str, what: Press| {
        let label = move || format!("{}: {}", words(prefs), named.with(|(_, name)| name.clone()));
        view! {
            <Button kind=Kind::Quiet icon=icon press=move |()| press.run(what) label=label>
                {drawn(move || words(prefs))}
            </Button>
        }
        .into_any()
    };
    // One button whose words change: it keeps the focus.
    let quiet_words = move || match muted.get() {
        true => said!(prefs, telling.receivers.unmute),
        false => said!(prefs, telling.receivers.mute),
    };
    let quiet_label = move || format!("{}: {}", quiet_words(), named.with(|(_, name)| name.clone()));
    let quiet_inside = move || {
        let icon = if muted.get() { "sound" } else { "silent" };
        view! { <Icon name=icon />{quiet_words()} }
    };
    view! {
        <span class="row-actions">
            <Show when=move || account.may(Role::Admin)>
                {button("play", |prefs| said!(prefs, pages.common.test), Press::Test)}
            </Show>
            <Show when=move || account.may(Role::Operator)>
                <Button kind=Kind::Quiet press=move |()| press.run(Press::Quiet) label=quiet_label>
                    {drawn(quiet_inside)}
                </Button>
            </Show>
            <Show when=move || account.may(Role::Admin)>
                {button("edit", |prefs| said!(prefs, pages.common.edit), Press::Edit)}
                {button("delete", |prefs| said!(prefs, pages.common.delete), Press::Remove)}
            </Show>
        </span>
    }
}

#[derive(Clone, Copy)]
enum Press {
    Test,
    /// Mutes it, or ends that.
    Quiet,
    Edit,
    Remove,
}
