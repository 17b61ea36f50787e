//! What an administrator does with a source from the list: test, edit, remove.

use atalaya_api::people::Role;
use atalaya_api::source::{Source, SourceTest};
use leptos::prelude::*;
use serde_json::json;

use crate::account::use_account;
use crate::api::{Api, Failure, read, use_api};
use crate::components::notices::{Notices, use_notices};
use crate::components::{Button, Kind};
use crate::erase::Show;
use crate::logic::query::encode;
use crate::pages::source::{ask_saved, outcome};
use crate::pages::use_go;
use crate::prefs::{Prefs, use_prefs};

/// What became of the latest deed on a source; a list is long, one of them is enough.
#[derive(Clone, Debug, PartialEq)]
enum Outcome {
    Testing,
    Tested(Result<SourceTest, Failure>),
    /// In words, why it stays.
    Refused(String),
}

#[derive(Clone, Copy)]
pub struct Deeds {
    latest: RwSignal<Option<(String, Outcome)>>,
    refresh: Callback<()>,
    api: Api,
    prefs: Prefs,
    notices: Notices,
}

impl Deeds {
    pub fn new(refresh: Callback<()>) -> Self {
        let latest = RwSignal::new(None);
        Deeds { latest, refresh, api: use_api(), prefs: use_prefs(), notices: use_notices() }
    }

    fn put(self, id: String, outcome: Outcome) {
        let _ = self.latest.try_set(Some((id, outcome)));
    }

    fn test(self, id: String) {
        self.put(id.clone(), Outcome::Testing);
        leptos::task::spawn_local(async move {
            let answer = ask_saved(self.api, &id).await.and_then(read);
            self.put(id, Outcome::Tested(answer));
            self.refresh.try_run(());
        });
    }

    fn remove(self, id: String, name: String) {
        let (api, prefs) = (self.api, self.prefs);
        leptos::task::spawn_local(async move {
            let path = format!("sources/{}", encode(&id));
            match api.delete(&path).await {
                Ok(_) => {
                    let words = untrack(|| said!(prefs, pages.sources.removed, name = name).to_string());
                    let restore = format!("{path}/restore");
                    let again = move || api.post(&restore, &json!({}));
                    self.notices.offer_undo_by(words, false, again, Some(self.refresh));
                }
                Err(failure) => self.put(id, Outcome::Refused(untrack(|| failure.words(prefs)))),
            }
            self.refresh.try_run(());
        });
    }

    /// What became of the latest deed, if it was on this source; tracks.
    pub fn outcome_of(self, id: &str) -> AnyView {
        let prefs = self.prefs;
        let latest = self.latest.get().filter(|(other, _)| other == id);
        let inside = match latest.map(|(_, outcome)| outcome) {
            None => return ().into_any(),
            Some(Outcome::Testing) => {
                view! { <p class="loading">{said!(prefs, pages.common.testing)}</p> }.into_any()
            }
            Some(Outcome::Tested(result)) => outcome(result),
            Some(Outcome::Refused(words)) => {
                let href = format!("configured?source={}", encode(id));
                view! {
                    <div class="trouble">
                        <p><strong>{words}</strong></p>
                        <p><a href=href>{said!(prefs, pages.sources.used_by)}</a></p>
                    </div>
                }
                .into_any()
            }
        };
        view! { <div class="tested" role="status">{inside}</div> }.into_any()
    }
}

/// Test, edit, remove: icon and word; for administrators, and not for the built-in store.
#[component]
pub fn Actions(source: Memo<Option<Source>>, deeds: Deeds) -> impl IntoView {
    let (prefs, account, go) = (use_prefs(), use_account(), use_go());
    let go = StoredValue::new(go);
    let with = move |get: fn(&Source) -> &String| {
        source.with(|source| source.as_ref().map(|source| get(source).clone()).unwrap_or_default())
    };
    let (id, name) = (move || with(|source| &source.id), move || with(|source| &source.name));
    let elsewhere =
        move || source.with(|source| source.as_ref().is_some_and(|source| source.settings.is_some()));
    let edit = move |()| go.with_value(|go| go(&format!("settings/sources/{}", encode(&untrack(id)))));
    view! {
        <Show when=move || account.may(Role::Admin) && elsewhere()>
            <span class="row-actions">
                <Button
                    kind=Kind::Quiet
                    icon="play"
                    press=move |()| deeds.test(untrack(id))
                    label=move || said!(prefs, pages.sources.test_this, name = name()).to_string()
                >
                    {say!(prefs, pages.common.test)}
                </Button>
                <Button
                    kind=Kind::Quiet
                    icon="edit"
                    press=edit
                    label=move || said!(prefs, pages.sources.edit_this, name = name()).to_string()
                >
                    {say!(prefs, pages.common.edit)}
                </Button>
                <Button
                    kind=Kind::Quiet
                    icon="delete"
                    press=move |()| deeds.remove(untrack(id), untrack(name))
                    label=move || said!(prefs, pages.sources.remove_this, name = name()).to_string()
                >
                    {say!(prefs, pages.common.remove)}
                </Button>
            </span>
        </Show>
    }
}
