//! The login form: a page of its own, or over a page whose login ended.

use atalaya_api::people::{Login, Session};
use leptos::prelude::*;

use super::{Button, Dialog, Kind, TextField};
use crate::account::{Who, use_account};
use crate::api::{Failure, use_api};
use crate::erase::drawn;
use crate::prefs::use_prefs;

/// Asks for name and password; after it `Account` says who is in.
#[component]
pub fn LoginForm(
    /// The name of a login that ended.
    #[prop(optional, into)]
    username: String,
) -> impl IntoView {
    let (prefs, api, account) = (use_prefs(), use_api(), use_account());
    let name_known = !username.is_empty();
    let username = RwSignal::new(username);
    let password = RwSignal::new(String::new());
    let failure = RwSignal::new(None::<Failure>);
    let busy = RwSignal::new(false);
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let login = Login { username: username.get_untracked(), password: password.get_untracked() };
        leptos::task::spawn_local(async move {
            let answer = api.post::<Session>("session", &login).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(session) => account.who.set(Who::In(session)),
                Err(error) => drop(failure.try_set(Some(error))),
            }
        });
    };
    // A 401 of this very form means that name or password is wrong, not that a login is needed.
    let words = move || match failure.get() {
        Some(Failure::LoginNeeded) => said!(prefs, app.login.wrong).to_owned(),
        Some(other) => other.words(prefs),
        None => String::new(),
    };
    view! {
        <form class="login" on:submit=send>
            <TextField name="username" label=say!(prefs, app.login.username) value=username autocomplete="username" focused=!name_known required=true />
            <TextField
                name="password"
                label=say!(prefs, app.login.password)
                value=password
                kind="password"
                autocomplete="current-password"
                focused=name_known
                required=true
            />
            <p class="error" role="alert">{drawn(words)}</p>
            <Button kind=Kind::Primary submits=true disabled=busy press=|()| {}>{say!(prefs, app.login.enter)}</Button>
        </form>
    }
}

/// Stands over the stale page while the login is expired.
#[component]
pub fn LoginOver() -> impl IntoView {
    let (prefs, account) = (use_prefs(), use_account());
    let open = RwSignal::new(false);
    let expired = Memo::new(move |_| account.who.with(|who| matches!(who, Who::Expired(_))));
    Effect::watch(move || expired.get(), move |expired, _, _| open.set(*expired), true);
    let name =
        move || account.who.with_untracked(|who| who.session().map(|session| session.username.clone()));
    view! {
        <Dialog open title=say!(prefs, app.login.expired) closable=false>
            <p>{say!(prefs, app.login.expired_help)}</p>
            <LoginForm username=name().unwrap_or_default() />
        </Dialog>
    }
}
