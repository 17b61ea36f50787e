//! The first account, made with the one-time link that the console prints.

use atalaya_api::people::{Session, Setup, SetupState};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::login::Door;
use super::use_go;
use crate::account::{Account, Who, use_account};
use crate::api::{Api, Failure, use_api};
use crate::components::{Button, Empty, Kind, TextField};
use crate::erase::drawn;
use crate::fetched::fetched;
use crate::prefs::use_prefs;

/// With a key in the address the form; without it, where the link is to be found.
#[component]
pub fn SetupPage() -> impl IntoView {
    let prefs = use_prefs();
    let query = use_query_map();
    let state = fetched::<SetupState>(|| Some("setup".to_owned()));
    let done = Memo::new(move |_| state.value().is_some_and(|state| !state.needed));
    let key = Memo::new(move |_| query.with(|query| query.get("key")));
    view! {
        <Door title=say!(prefs, app.setup.title)>
            {drawn(move || match (done.get(), key.get()) {
                (true, _) => view! { <AlreadyDone /> }.into_any(),
                (false, Some(key)) => view! { <SetupForm key_of_link=key /> }.into_any(),
                (false, None) => view! { <p>{say!(prefs, app.setup.no_key)}</p><p><code>"atalaya setup-link"</code></p> }.into_any(),
            })}
        </Door>
    }
}

#[component]
fn AlreadyDone() -> impl IntoView {
    let prefs = use_prefs();
    view! {
        <Empty title=say!(prefs, app.setup.done)>
            <a class="button primary" href="login">{say!(prefs, app.login.title)}</a>
        </Empty>
    }
}

#[component]
fn SetupForm(key_of_link: String) -> impl IntoView {
    let (prefs, api, account) = (use_prefs(), use_api(), use_account());
    let go = use_go();
    let username = RwSignal::new("admin".to_owned());
    let password = RwSignal::new(String::new());
    let failure = RwSignal::new(None::<Failure>);
    let busy = RwSignal::new(false);
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let (username, password) = (username.get_untracked(), password.get_untracked());
        let setup = Setup { key: key_of_link.clone(), username, password };
        let go = go.clone();
        leptos::task::spawn_local(async move {
            let answer = create(api, account, setup).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(()) => go(""),
                Err(error) => drop(failure.try_set(Some(error))),
            }
        });
    };
    let error_of = move |name: &'static str| {
        Signal::derive(move || {
            failure.with(|failure| failure.as_ref().and_then(|failure| failure.field(name)))
        })
    };
    // What is said beside a field is not said twice.
    let words = move || {
        let failure = failure.get()?;
        let beside = failure.field("username").or_else(|| failure.field("password"));
        beside.is_none().then(|| failure.words(prefs))
    };
    view! {
        <form class="login" on:submit=send>
            <TextField name="username" label=say!(prefs, app.login.username) value=username autocomplete="username" required=true error=error_of("username") />
            <TextField
                name="password"
                label=say!(prefs, app.login.password)
                help=say!(prefs, app.setup.password_help)
                value=password
                kind="password"
                autocomplete="new-password"
                focused=true
                required=true
                error=error_of("password")
            />
            <p class="error" role="alert">{drawn(words)}</p>
            <Button kind=Kind::Primary submits=true disabled=busy press=|()| {}>{say!(prefs, app.setup.create)}</Button>
        </form>
    }
}

/// Makes the account; the server logs it in with the same answer, or leaves that to us.
async fn create(api: Api, account: Account, setup: Setup) -> Result<(), Failure> {
    api.post::<serde_json::Value>("setup", &setup).await?;
    let session = match api.get::<Session>("session").await {
        Err(Failure::LoginNeeded) => {
            let login = atalaya_api::people::Login { username: setup.username, password: setup.password };
            api.post::<Session>("session", &login).await?
        }
        other => other?,
    };
    account.who.set(Who::In(session));
    Ok(())
}
