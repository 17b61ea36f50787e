//! Add or edit a receiver: one form, tried and previewed before it is saved.

mod fields;
mod preview;
mod tested;
mod words;

use atalaya_api::people::Role;
use atalaya_api::receiver::{Receiver, ReceiverDraft, ReceiverKind};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::fields::{Fields, FormFields};
use self::preview::Preview;
pub use self::tested::outcome;
use self::tested::{Test, TestResult};
use super::faults::Faults;
use super::unsaved::Unsaved;
use super::{Heading, RECEIVER, use_go, use_id};
use crate::account::use_account;
use crate::api::{Api, Failure, read, use_api};
use crate::base::encode;
use crate::components::notices::{Notices, use_notices};
use crate::components::{Button, Empty, Kind, Loaded};
use crate::erase::{Show, drawn, memo};
use crate::fetched::{Load, fetched};
use crate::logic::receiver::ReceiverForm;
use crate::logic::wrong::Wrong;
use crate::prefs::use_prefs;

/// The address names the kind to begin with: `settings/add-receiver?kind=sms`.
#[component]
pub fn AddReceiverPage() -> impl IntoView {
    let (prefs, query) = (use_prefs(), use_query_map());
    let kind = query.with_untracked(|query| query.get("kind"));
    let kind = ReceiverKind::ALL.into_iter().find(|known| kind.as_deref() == Some(known.name()));
    let draft = ReceiverDraft { kind: kind.unwrap_or_default(), ..ReceiverDraft::default() };
    view! {
        <PageHead title=say!(prefs, telling.receiver.add_title) />
        {for_admins(draft)}
    }
}

#[component]
pub fn EditReceiverPage() -> impl IntoView {
    let (prefs, id) = (use_prefs(), use_id(RECEIVER));
    let receiver = fetched::<Receiver>(move || Some(format!("receivers/{}", encode(&id.get()))));
    let gone = memo(move || {
        receiver.state.with(|state| match state {
            Load::Failed(failure) => failure.status() == Some(404),
            state => state.value().is_some_and(|receiver| receiver.deleted_at.is_some()),
        })
    });
    view! {
        <PageHead title=say!(prefs, telling.receiver.edit_title) />
        <Show when=move || !gone.get() fallback=move || view! { <Empty title=say!(prefs, telling.receiver.gone) /> }>
            <Loaded from=receiver let:receiver>{for_admins(receiver.get_untracked().receiver)}</Loaded>
        </Show>
    }
}

#[component]
fn PageHead(#[prop(into)] title: TextProp) -> impl IntoView {
    let prefs = use_prefs();
    view! {
        <Heading text=title>
            <a class="button" href=RECEIVER>{say!(prefs, telling.receivers.title)}</a>
        </Heading>
    }
}

fn for_admins(draft: ReceiverDraft) -> AnyView {
    let (prefs, account) = (use_prefs(), use_account());
    let draft = StoredValue::new(draft);
    view! {
        <Show
            when=move || account.may(Role::Admin)
            fallback=move || view! { <p class="note">{say!(prefs, pages.common.admins_only)}</p> }
        >
            {form(draft.get_value())}
        </Show>
    }
    .into_any()
}

/// All that the form's parts share.
#[derive(Clone, Copy)]
struct Editor {
    fields: Fields,
    faults: Faults,
    /// As it was when the page opened.
    before: StoredValue<ReceiverForm>,
    /// The server keeps a secret of it.
    has_secret: bool,
    saving: RwSignal<bool>,
    api: Api,
    notices: Notices,
}

impl Editor {
    fn is_new(self) -> bool {
        self.before.with_value(|before| before.version == 0)
    }

    fn id(self) -> String {
        self.before.with_value(|before| before.text(crate::logic::receiver::Text::Id).to_owned())
    }

    fn mark(self, wrongs: Vec<Wrong>) {
        self.fields.unfold(|field| wrongs.iter().any(|wrong| wrong.field == field));
        self.faults.mark(wrongs);
    }

    /// What the server refused; what it says of `email.host` stands at the field `host`.
    fn refused(self, failure: &Failure) {
        self.fields.unfold(|field| failure.field(field).is_some());
        // The page may have been left meanwhile.
        if let Some(kind) = self.fields.kind.try_get_untracked() {
            self.faults.refused(failure, &format!("{}.", kind.name()));
        }
    }

    fn save(self, done: Callback<String>) {
        if self.saving.get_untracked() {
            return;
        }
        self.faults.clear();
        let body = match untrack(move || self.fields.form()).body() {
            Ok(body) => body,
            Err(wrongs) => return self.mark(wrongs),
        };
        let request = match self.is_new() {
            true => self.api.post("receivers", &body),
            false => self.api.put(&format!("receivers/{}", encode(&self.id())), &body),
        };
        self.saving.set(true);
        leptos::task::spawn_local(async move {
            let answer = request.await.and_then(read::<Receiver>);
            let _ = self.saving.try_set(false);
            match answer {
                Ok(receiver) => {
                    let (prefs, name) = (self.faults.prefs, receiver.receiver.name);
                    let words = untrack(|| said!(prefs, telling.receiver.saved, name = name).to_string());
                    self.notices.tell_on_next_page(words);
                    done.try_run(receiver.receiver.id);
                }
                Err(failure) => self.refused(&failure),
            }
        });
    }
}

fn form(draft: ReceiverDraft) -> AnyView {
    let (prefs, go, unsaved) = (use_prefs(), use_go(), Unsaved::guard());
    let form = ReceiverForm::of(&draft);
    let editor = Editor {
        fields: Fields::new(&form),
        faults: Faults::new(),
        before: StoredValue::new(form),
        has_secret: draft.has_secret,
        saving: RwSignal::new(false),
        api: use_api(),
        notices: use_notices(),
    };
    let test = Test::new(editor);
    let done = Callback::new(move |id: String| go(&format!("{RECEIVER}?mark={id}")));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        editor.save(done);
    };
    let save_words = move || match editor.saving.get() {
        true => said!(prefs, pages.common.saving),
        false => said!(prefs, pages.common.save),
    };
    view! {
        <form class="receiver-form" novalidate on:submit=submit on:input=move |_| unsaved.note()>
            <div class="card">
                <FormFields editor />
                <TestResult test />
                <p class="error" role="alert">{drawn(move || editor.faults.failure.get())}</p>
                <div class="form-actions">
                    <Button kind=Kind::Primary submits=true disabled=editor.saving press=|()| ()>{drawn(save_words)}</Button>
                    <Button icon="play" disabled=test.running press=move |()| test.run()>{say!(prefs, telling.receiver.test)}</Button>
                    <a class="button quiet" href=RECEIVER>{say!(prefs, pages.common.cancel)}</a>
                </div>
            </div>
            <Preview editor />
        </form>
    }
    .into_any()
}
