//! The one shape of a part: a card with its fields and its own "Save".

use atalaya_api::people::Role;
use atalaya_api::settings::Settings;
use leptos::prelude::*;

use crate::account::use_account;
use crate::api::{Api, Failure, read, use_api};
use crate::components::notices::{Notices, use_notices};
use crate::components::{Button, Kind};
use crate::erase::{Show, drawn};
use crate::fetched::Fetched;
use crate::logic::wrong::Wrong;
use crate::pages::faults::Faults;
use crate::pages::unsaved::Unsaved;
use crate::prefs::use_prefs;
use crate::reading::value_of;

/// What saving a part needs.
#[derive(Clone, Copy)]
pub struct Part {
    pub faults: Faults,
    saving: RwSignal<bool>,
    unsaved: Unsaved,
    settings: Fetched<Settings>,
    api: Api,
    notices: Notices,
}

/// A change of the settings as they are now.
type Change = Box<dyn FnOnce(&mut Settings)>;

impl Part {
    pub fn new(settings: Fetched<Settings>) -> Self {
        Part {
            faults: Faults::new(),
            saving: RwSignal::new(false),
            unsaved: Unsaved::guard(),
            settings,
            api: use_api(),
            notices: use_notices(),
        }
    }

    pub fn error(self, field: &'static str) -> Signal<Option<String>> {
        self.faults.of(field)
    }

    /// The part's card. `typed` gives what is to be changed, or all that is wrong with it.
    pub fn card(
        self,
        help: impl Fn() -> String + Send + 'static,
        typed: impl Fn() -> Result<Change, Vec<Wrong>> + 'static,
        fields: AnyView,
    ) -> AnyView {
        self.boxed_card(Box::new(help), Box::new(typed), fields)
    }

    fn boxed_card(
        self,
        help: Box<dyn Fn() -> String + Send>,
        typed: Box<dyn Fn() -> Result<Change, Vec<Wrong>>>,
        fields: AnyView,
    ) -> AnyView {
        let (prefs, account) = (use_prefs(), use_account());
        let submit = move |event: web_sys::SubmitEvent| {
            event.prevent_default();
            self.faults.clear();
            match untrack(&typed) {
                Ok(change) => self.send(change),
                Err(wrongs) => self.faults.mark(wrongs),
            }
        };
        let words = move || match self.saving.get() {
            true => said!(prefs, pages.common.saving),
            false => said!(prefs, pages.common.save),
        };
        view! {
            <form class="card" novalidate on:submit=submit on:input=move |_| self.unsaved.note()>
                <p class="help lead">{drawn(help)}</p>
                {fields}
                <p class="error" role="alert">{drawn(move || self.faults.failure.get())}</p>
                <Show when=move || account.may(Role::Admin)>
                    <Button kind=Kind::Primary submits=true disabled=self.saving press=|()| ()>{drawn(words)}</Button>
                </Show>
            </form>
        }
        .into_any()
    }

    /// Changes what this part is about in the settings as they are now, so that parts saved by two people at once join.
    fn send(self, change: Change) {
        if self.saving.get_untracked() {
            return;
        }
        self.saving.set(true);
        leptos::task::spawn_local(async move {
            let answer = self.write(change).await;
            let _ = self.saving.try_set(false);
            match answer {
                Ok(()) => {
                    self.unsaved.forget();
                    self.settings.refresh();
                    self.notices.tell(untrack(|| said!(self.faults.prefs, pages.common.saved)));
                }
                Err(failure) => self.faults.refused(&failure, "defaults."),
            }
        });
    }

    async fn write(self, change: Change) -> Result<(), Failure> {
        let mut settings = self.api.get("settings").await.and_then(read::<Settings>)?;
        change(&mut settings);
        self.api.put("settings", &value_of(&settings)).await.map(|_| ())
    }
}

/// Puts the fault of a field aside and gives what could be read.
pub fn keep<T>(read: Result<T, Wrong>, wrongs: &mut Vec<Wrong>) -> Option<T> {
    read.map_err(|wrong| wrongs.push(wrong)).ok()
}

/// The change, unless something is wrong.
pub fn change(
    wrongs: Vec<Wrong>,
    change: impl FnOnce(&mut Settings) + 'static,
) -> Result<Change, Vec<Wrong>> {
    if wrongs.is_empty() { Ok(Box::new(change)) } else { Err(wrongs) }
}
