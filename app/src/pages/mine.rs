//! One's own account: password, tokens, sessions.

use leptos::prelude::*;
use serde_json::json;

use super::access::{Sessions, Tokens};
use super::admin::role_word;
use super::faults::Faults;
use super::{Heading, ZoneNote};
use crate::account::use_account;
use crate::api::use_api;
use crate::components::notices::use_notices;
use crate::components::{Button, Kind, TextField};
use crate::erase::drawn;
use crate::logic::wrong::{What, Wrong};
use crate::prefs::use_prefs;

#[component]
pub fn MyAccountPage() -> impl IntoView {
    let (prefs, account) = (use_prefs(), use_account());
    let who = move || {
        account.who.with(|who| {
            who.session().map(|session| format!("{} · {}", session.username, role_word(prefs, session.role)))
        })
    };
    view! {
        <Heading text=say!(prefs, people.my_account)>
            <span class="muted">{drawn(who)}</span>
            <ZoneNote />
        </Heading>
        <Password />
        <section class="card">
            <h2>{say!(prefs, people.tokens)}</h2>
            <Tokens own=true />
        </section>
        <section class="card">
            <h2>{say!(prefs, people.sessions)}</h2>
            <Sessions own=true />
        </section>
    }
}

#[component]
fn Password() -> impl IntoView {
    let (prefs, api, notices) = (use_prefs(), use_api(), use_notices());
    let text = || RwSignal::new(String::new());
    let (current, new, again) = (text(), text(), text());
    let (faults, saving) = (Faults::new(), RwSignal::new(false));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        faults.clear();
        let (old, wanted) = (current.get_untracked(), new.get_untracked());
        if old.is_empty() {
            return faults.mark(vec![Wrong::new("current", What::Missing)]);
        }
        if wanted != again.get_untracked() {
            let words = untrack(|| said!(prefs, people.not_the_same).to_owned());
            return faults.mark(vec![Wrong::new("again", What::Server(words))]);
        }
        if saving.get_untracked() {
            return;
        }
        saving.set(true);
        leptos::task::spawn_local(async move {
            let answer = api.post("session/password", &json!({"current": old, "new": wanted})).await;
            let _ = saving.try_set(false);
            match answer {
                Ok(_) => {
                    for field in [current, new, again] {
                        let _ = field.try_set(String::new());
                    }
                    notices.tell(untrack(|| said!(prefs, people.password_changed)));
                }
                Err(failure) => faults.refused(&failure, ""),
            }
        });
    };
    view! {
        <form class="card" novalidate on:submit=submit>
            <h2>{say!(prefs, people.change_password)}</h2>
            <div class="row-of-fields wide-fields">
                <TextField
                    name="current"
                    kind="password"
                    autocomplete="current-password"
                    label=say!(prefs, people.current_password)
                    value=current
                    error=faults.of("current")
                />
                <TextField
                    name="new"
                    kind="password"
                    autocomplete="new-password"
                    label=say!(prefs, people.new_password)
                    value=new
                    help=say!(prefs, app.setup.password_help)
                    error=faults.of("new")
                />
                <TextField
                    name="again"
                    kind="password"
                    autocomplete="new-password"
                    label=say!(prefs, people.repeat_password)
                    value=again
                    error=faults.of("again")
                />
            </div>
            <p class="error" role="alert">{drawn(move || faults.failure.get())}</p>
            <Button kind=Kind::Primary submits=true disabled=saving press=|()| ()>{say!(prefs, people.change_password)}</Button>
        </form>
    }
}
