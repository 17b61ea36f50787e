//! The form for name and password: the login, a page of its own or over a page whose login ended, and the first account.

use atalaya_api::people::Session;
use leptos::prelude::*;
use serde_json::json;

use super::{Button, Dialog, Kind, TextField};
use crate::account::{Account, Who, use_account};
use crate::api::{Api, Failure, read, use_api};
use crate::erase::{derive, drawn, memo};
use crate::prefs::use_prefs;

/// Asks for name and password; after it `Account` says who is in.
#[component]
pub fn LoginForm(
    /// The name of a login that ended.
    #[prop(optional, into)]
    username: String,
    /// The key of the one-time link: makes the first account instead.
    #[prop(optional)]
    key_of_link: Option<String>,
    /// Called once somebody is in.
    #[prop(optional, into)]
    done: Option<Callback<()>>,
) -> impl IntoView {
    let (prefs, api, account) = (use_prefs(), use_api(), use_account());
    let name_known = !username.is_empty();
    let is_setup = key_of_link.is_some();
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
        let (username, password) = (username.get_untracked(), password.get_untracked());
        let key = key_of_link.clone();
        leptos::task::spawn_local(async move {
            let answer = enter(api, account, key, username, password).await;
            let _ = busy.try_set(false);
            match (answer, done) {
                (Ok(()), Some(done)) => drop(done.try_run(())),
                (Ok(()), None) => {}
                (Err(error), _) => drop(failure.try_set(Some(error))),
            }
        });
    };
    let error_of = move |name: &'static str| {
        derive(move || failure.with(|failure| failure.as_ref().and_then(|failure| failure.field(name))))
    };
    let (wrong_name, wrong_password) = (error_of("username"), error_of("password"));
    let words = move || match failure.get() {
        // A 401 of this very form means that name or password is wrong, not that a login is needed.
        Some(Failure::LoginNeeded) => said!(prefs, app.login.wrong).to_owned(),
        // What is said beside a field is not said twice.
        Some(other) if wrong_name.get().or_else(|| wrong_password.get()).is_none() => other.words(prefs),
        _ => String::new(),
    };
    let help = move || if is_setup { said!(prefs, app.setup.password_help) } else { "" };
    let enter_words =
        move || if is_setup { said!(prefs, app.setup.create) } else { said!(prefs, app.login.enter) };
    view! {
        <form class="login" on:submit=send>
            <TextField name="username" label=say!(prefs, app.login.username) value=username autocomplete="username" focused=!name_known required=true error=wrong_name />
            <TextField
                name="password"
                label=say!(prefs, app.login.password)
                help=help
                value=password
                kind="password"
                autocomplete=if is_setup { "new-password" } else { "current-password" }
                focused=name_known
                required=true
                error=wrong_password
            />
            <p class="error" role="alert">{drawn(words)}</p>
            <Button kind=Kind::Primary submits=true disabled=busy press=|()| {}>{drawn(enter_words)}</Button>
        </form>
    }
}

/// Logs in; with a key makes the account first, which the server may log in by the same answer.
async fn enter(
    api: Api,
    account: Account,
    key: Option<String>,
    username: String,
    password: String,
) -> Result<(), Failure> {
    let mut known = Err(Failure::LoginNeeded);
    if let Some(key) = key {
        api.post("setup", &json!({"key": key, "username": username, "password": password})).await?;
        known = api.get("session").await;
    }
    let login = json!({"username": username, "password": password});
    let session = match known {
        Err(Failure::LoginNeeded) => api.post("session", &login).await?,
        other => other?,
    };
    account.who.set(Who::In(read::<Session>(session)?));
    Ok(())
}

/// Stands over the stale page while the login is expired.
#[component]
pub fn LoginOver() -> impl IntoView {
    let (prefs, account) = (use_prefs(), use_account());
    let open = RwSignal::new(false);
    let expired = memo(move || account.who.with(|who| matches!(who, Who::Expired(_))));
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
