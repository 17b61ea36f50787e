//! Add or edit a source: one form, tried before it is saved.

mod fields;
mod tested;

use atalaya_api::people::Role;
use atalaya_api::source::{Source, SourceKind, SourceSettings};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::fields::{Fields, FormFields};
use self::tested::{Test, TestResult};
pub use self::tested::{ask_saved, outcome};
use super::faults::Faults;
use super::{Heading, SOURCE, use_go, use_id};
use crate::account::use_account;
use crate::api::{Api, read, use_api};
use crate::components::notices::{Notices, use_notices};
use crate::components::{Button, Empty, Kind, Loaded};
use crate::erase::{Show, drawn, memo};
use crate::fetched::{Load, fetched};
use crate::logic::query::encode;
use crate::logic::source::SourceForm;
use crate::prefs::use_prefs;

/// The address names the kind to begin with: `settings/add-source?kind=prometheus`.
#[component]
pub fn AddSourcePage() -> impl IntoView {
    let prefs = use_prefs();
    let query = use_query_map();
    let kind = query.with_untracked(|query| query.get("kind"));
    let kind = SourceKind::ALL.into_iter().find(|known| kind.as_deref() == Some(known.name()));
    let form = SourceForm { kind: kind.unwrap_or_default(), ..SourceForm::default() };
    let form = StoredValue::new(form);
    view! {
        <PageHead title=say!(prefs, pages.source.add_title) />
        <AdminsOnly>
            <Form form=form.get_value() kept=None />
        </AdminsOnly>
    }
}

#[component]
pub fn EditSourcePage() -> impl IntoView {
    let (prefs, id) = (use_prefs(), use_id(SOURCE));
    let source = fetched::<Source>(move || Some(format!("sources/{}", encode(&id.get()))));
    let gone = memo(move || {
        source.state.with(|state| matches!(state, Load::Failed(failure) if failure.status() == Some(404)))
    });
    view! {
        <PageHead title=say!(prefs, pages.source.edit_title) />
        <Show when=move || !gone.get() fallback=move || view! { <Empty title=say!(prefs, pages.source.gone) /> }>
            <Loaded from=source let:source>
                {
                    let read = source.get_untracked();
                    let settings = read.settings.unwrap_or_default();
                    let kept = Kept { version: read.version, settings: settings.clone() };
                    let form = StoredValue::new((SourceForm::of(&settings), kept));
                    view! {
                        <AdminsOnly>
                            {
                                let (form, kept) = form.get_value();
                                view! { <Form form kept=Some(kept) /> }
                            }
                        </AdminsOnly>
                    }
                }
            </Loaded>
        </Show>
    }
}

#[component]
fn PageHead(#[prop(into)] title: TextProp) -> impl IntoView {
    let prefs = use_prefs();
    view! {
        <Heading text=title>
            <a class="button" href="settings/sources">{say!(prefs, pages.source.back)}</a>
        </Heading>
    }
}

#[component]
fn AdminsOnly(children: ChildrenFn) -> impl IntoView {
    let (prefs, account) = (use_prefs(), use_account());
    view! {
        <Show
            when=move || account.may(Role::Admin)
            fallback=move || view! { <p class="note">{say!(prefs, pages.common.admins_only)}</p> }
        >
            {children()}
        </Show>
    }
}

/// The source as it was read.
#[derive(Clone, Debug, PartialEq)]
struct Kept {
    version: u64,
    settings: SourceSettings,
}

/// All that the form's parts share.
#[derive(Clone, Copy)]
struct Editor {
    fields: Fields,
    faults: Faults,
    kept: StoredValue<Option<Kept>>,
    /// As it was when the page opened.
    before: StoredValue<SourceForm>,
    saving: RwSignal<bool>,
    api: Api,
    notices: Notices,
}

impl Editor {
    fn is_new(self) -> bool {
        self.kept.with_value(Option::is_none)
    }

    fn save(self, done: Callback<String>) {
        if self.saving.get_untracked() {
            return;
        }
        self.faults.clear();
        let form = untrack(move || self.fields.form());
        let kept = self.kept.get_value();
        let body = match &kept {
            None => form.body(),
            Some(kept) => self.before.with_value(|before| form.patch(before, kept.version)),
        };
        let body = match body {
            Ok(body) => body,
            Err(wrongs) => return self.fields.mark(self.faults, wrongs),
        };
        let request = match &kept {
            None => self.api.post("sources", &body),
            Some(kept) => self.api.patch(&format!("sources/{}", encode(&kept.settings.id)), &body),
        };
        self.saving.set(true);
        leptos::task::spawn_local(async move {
            let answer = request.await.and_then(read::<Source>);
            let _ = self.saving.try_set(false);
            match answer {
                Ok(source) => {
                    self.tell(kept.is_none(), &source);
                    done.try_run(source.id);
                }
                Err(failure) => self.fields.refused(self.faults, &failure),
            }
        });
    }

    fn tell(self, is_new: bool, source: &Source) {
        let (prefs, name) = (self.faults.prefs, source.name.clone());
        let words = untrack(|| match is_new {
            true => said!(prefs, pages.sources.added, name = name).to_string(),
            false => said!(prefs, pages.sources.saved, name = name).to_string(),
        });
        self.notices.tell_on_next_page(words);
    }
}

#[component]
fn Form(form: SourceForm, kept: Option<Kept>) -> impl IntoView {
    let (prefs, go) = (use_prefs(), use_go());
    let editor = Editor {
        fields: Fields::new(&form, kept.is_none()),
        faults: Faults::new(),
        kept: StoredValue::new(kept),
        before: StoredValue::new(form),
        saving: RwSignal::new(false),
        api: use_api(),
        notices: use_notices(),
    };
    let test = Test::new(editor);
    let done = Callback::new(move |id: String| go(&format!("settings/sources?mark={id}")));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        editor.save(done);
    };
    let save_words = move || match editor.saving.get() {
        true => said!(prefs, pages.common.saving),
        false => said!(prefs, pages.common.save),
    };
    view! {
        <form class="card source-form" novalidate on:submit=submit>
            <FormFields editor />
            <TestResult test />
            <p class="error" role="alert">{drawn(move || editor.faults.failure.get())}</p>
            <div class="form-actions">
                <Button kind=Kind::Primary submits=true disabled=editor.saving press=|()| ()>{drawn(save_words)}</Button>
                <Button icon="play" disabled=test.running press=move |()| test.run()>{say!(prefs, pages.common.test)}</Button>
                <a class="button quiet" href="settings/sources">{say!(prefs, pages.common.cancel)}</a>
            </div>
        </form>
    }
}
