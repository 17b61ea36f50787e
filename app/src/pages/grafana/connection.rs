//! Address, token and the rest; tried before it is saved.

use atalaya_api::catalog::{GrafanaSettings, GrafanaTest};
use leptos::prelude::*;

use crate::api::{Api, Failure, read, use_api};
use crate::components::notices::{Notices, use_notices};
use crate::components::{Button, Kind, TextField};
use crate::erase::{Show, drawn, watch};
use crate::fetched::Fetched;
use crate::logic::grafana::GrafanaForm;
use crate::pages::faults::Faults;
use crate::pages::form::NoteField;
use crate::prefs::use_prefs;
use crate::reading::value_of;

#[derive(Clone, Copy)]
struct Editor {
    url: RwSignal<String>,
    token: RwSignal<String>,
    drop_token: RwSignal<bool>,
    organisation: RwSignal<String>,
    ca: RwSignal<String>,
    timeout: RwSignal<String>,
    faults: Faults,
    busy: RwSignal<bool>,
    /// Of the latest test: whether it works, in words.
    tested: RwSignal<Option<(bool, String)>>,
    more: RwSignal<bool>,
    settings: Fetched<GrafanaSettings>,
    api: Api,
    notices: Notices,
}

impl Editor {
    fn new(read: &GrafanaSettings, settings: Fetched<GrafanaSettings>) -> Self {
        let form = GrafanaForm::of(read);
        let editor = Editor {
            url: RwSignal::new(form.url),
            token: RwSignal::new(form.token),
            drop_token: RwSignal::new(false),
            organisation: RwSignal::new(form.organisation),
            ca: RwSignal::new(form.ca),
            timeout: RwSignal::new(form.timeout),
            faults: Faults::new(),
            busy: RwSignal::new(false),
            tested: RwSignal::new(None),
            more: RwSignal::new(false),
            settings,
            api: use_api(),
            notices: use_notices(),
        };
        // What was found says nothing about what is typed now.
        watch(
            move || editor.form(),
            move |_| {
                editor.tested.set(None);
                editor.faults.clear();
            },
        );
        editor
    }

    /// Tracks.
    fn form(self) -> GrafanaForm {
        GrafanaForm {
            url: self.url.get(),
            token: self.token.get(),
            drop_token: self.drop_token.get(),
            organisation: self.organisation.get(),
            ca: self.ca.get(),
            timeout: self.timeout.get(),
        }
    }

    /// What is typed, or none after marking what is wrong.
    fn body(self) -> Option<GrafanaSettings> {
        if self.busy.get_untracked() {
            return None;
        }
        self.faults.clear();
        match untrack(|| self.form()).settings() {
            Ok(settings) => Some(settings),
            Err(wrongs) => {
                self.more.set(true);
                self.faults.mark(wrongs);
                None
            }
        }
    }

    fn test(self) {
        let Some(body) = self.body() else { return };
        self.busy.set(true);
        self.tested.set(None);
        leptos::task::spawn_local(async move {
            let answer =
                self.api.post("catalog/grafana/test", &value_of(&body)).await.and_then(read::<GrafanaTest>);
            let _ = self.busy.try_set(false);
            match answer {
                Ok(test) => drop(self.tested.try_set(Some((test.ok, test.message)))),
                Err(failure) => self.refused(&failure),
            }
        });
    }

    fn save(self) {
        let Some(body) = self.body() else { return };
        self.busy.set(true);
        leptos::task::spawn_local(async move {
            let answer = self.api.put("catalog/grafana", &value_of(&body)).await;
            let _ = self.busy.try_set(false);
            match answer {
                Ok(_) => {
                    self.notices.tell(untrack(|| said!(self.faults.prefs, pages.common.saved)));
                    let _ = self.token.try_set(String::new());
                    let _ = self.drop_token.try_set(false);
                    self.settings.refresh();
                }
                Err(failure) => self.refused(&failure),
            }
        });
    }

    fn refused(self, failure: &Failure) {
        if ["organisation", "ca_pem", "timeout_s"].iter().any(|field| failure.field(field).is_some()) {
            let _ = self.more.try_set(true);
        }
        self.faults.refused(failure, "");
    }
}

#[component]
pub fn Connection(read: GrafanaSettings, settings: Fetched<GrafanaSettings>) -> impl IntoView {
    let prefs = use_prefs();
    let editor = Editor::new(&read, settings);
    let has_token = move || settings.state.with(|state| state.value().is_some_and(|kept| kept.has_token));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        editor.save();
    };
    let toggled = move |event: web_sys::Event| {
        let details: web_sys::HtmlDetailsElement = event_target(&event);
        editor.more.set(details.open());
    };
    let tested = move || {
        editor.tested.get().map(|(ok, words)| {
            view! { <div class=if ok { "found" } else { "trouble" }><p>{words}</p></div> }
        })
    };
    let asking = move || editor.busy.get().then(|| said!(prefs, pages.common.testing));
    view! {
        <form class="card" novalidate on:submit=submit>
            <h2>{say!(prefs, pages.grafana.connection)}</h2>
            <TextField
                name="url"
                kind="url"
                label=say!(prefs, pages.source.url)
                help=say!(prefs, pages.grafana.url_help)
                value=editor.url
                error=editor.faults.of("url")
            />
            <TextField
                name="token"
                kind="password"
                label=say!(prefs, pages.source.token)
                help=say!(prefs, pages.grafana.token_help)
                value=editor.token
                error=editor.faults.of("token")
            />
            <Show when=has_token>
                <KeptToken dropped=editor.drop_token />
            </Show>
            <details class="more" prop:open=editor.more on:toggle=toggled>
                <summary>{say!(prefs, pages.grafana.more)}</summary>
                <div class="row-of-fields">
                    <TextField
                        name="organisation"
                        label=say!(prefs, pages.grafana.organisation)
                        help=say!(prefs, pages.grafana.organisation_help)
                        inputmode="numeric"
                        value=editor.organisation
                        error=editor.faults.of("organisation")
                    />
                    <TextField
                        name="timeout_s"
                        label=say!(prefs, pages.source.timeout)
                        help=say!(prefs, pages.source.timeout_help)
                        inputmode="numeric"
                        placeholder=|| "30"
                        unit=|| "s"
                        value=editor.timeout
                        error=editor.faults.of("timeout_s")
                    />
                </div>
                <NoteField
                    name="ca_pem"
                    label=say!(prefs, pages.source.ca)
                    help=say!(prefs, pages.source.ca_help)
                    value=editor.ca
                    error=editor.faults.of("ca_pem")
                />
            </details>
            <p class="error" role="alert">{drawn(move || editor.faults.failure.get())}</p>
            <div class="tested" role="status">{drawn(asking)}{drawn(tested)}</div>
            <div class="form-actions">
                <Button kind=Kind::Primary submits=true disabled=editor.busy press=|()| ()>{say!(prefs, pages.common.save)}</Button>
                <Button icon="play" disabled=editor.busy press=move |()| editor.test()>{say!(prefs, pages.common.test)}</Button>
            </div>
        </form>
    }
}

/// It is never shown again: kept, replaced by what is typed, or removed.
#[component]
fn KeptToken(dropped: RwSignal<bool>) -> impl IntoView {
    let prefs = use_prefs();
    let words = move || match dropped.get() {
        false => said!(prefs, pages.source.secret_set),
        true => said!(prefs, pages.source.secret_gone),
    };
    let turn = move || match dropped.get() {
        false => said!(prefs, pages.source.secret_remove),
        true => said!(prefs, pages.source.secret_keep),
    };
    view! {
        <p class="kept-secret" role="status">
            <span class="help">{drawn(words)}</span>
            <Button kind=Kind::Quiet press=move |()| dropped.update(|dropped| *dropped = !*dropped)>{drawn(turn)}</Button>
        </p>
    }
}
