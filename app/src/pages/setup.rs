//! The first account, made with the one-time link that the console prints.

use atalaya_api::people::SetupState;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::login::Door;
use super::use_go;
use crate::components::Empty;
use crate::components::login::LoginForm;
use crate::erase::{drawn, memo};
use crate::fetched::fetched;
use crate::prefs::use_prefs;

/// With a key in the address the form; without it, where the link is to be found.
#[component]
pub fn SetupPage() -> impl IntoView {
    let prefs = use_prefs();
    let go = use_go();
    let done_with = Callback::new(move |()| go(""));
    let query = use_query_map();
    let state = fetched::<SetupState>(|| Some("setup".to_owned()));
    let done = memo(move || state.value().is_some_and(|state| !state.needed));
    let key = memo(move || query.with(|query| query.get("key")));
    view! {
        <Door title=say!(prefs, app.setup.title)>
            {drawn(move || match (done.get(), key.get()) {
                (true, _) => view! { <AlreadyDone /> }.into_any(),
                (false, Some(key)) => view! { <LoginForm username="admin" key_of_link=key done=done_with /> }.into_any(),
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
