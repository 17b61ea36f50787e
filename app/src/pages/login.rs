//! Log in.

use leptos::prelude::*;

use super::use_go;
use crate::account::{Who, use_account};
use crate::components::frame::{LanguageSwitch, ThemeSwitch};
use crate::components::icon::Logo;
use crate::components::login::LoginForm;
use crate::erase::{drawn, effect};
use crate::prefs::use_prefs;

/// The login with the brand above it; somebody who is in goes on to the dashboard.
#[component]
pub fn LoginPage() -> impl IntoView {
    let (prefs, account) = (use_prefs(), use_account());
    let go = use_go();
    let path = super::use_path();
    effect(move || {
        if account.who.with(|who| matches!(who, Who::In(_))) && path.get_untracked() == "login" {
            go("");
        }
    });
    view! {
        <Door title=say!(prefs, app.login.title)>
            <LoginForm />
        </Door>
    }
}

/// The plain page before there is anything to see: brand, heading, form, language and theme.
#[component]
pub fn Door(#[prop(into)] title: TextProp, children: Children) -> impl IntoView {
    view! {
        <section class="door">
            <p class="brand"><Logo /><span>"Atalaya"</span></p>
            <h1>{drawn(move || title.get())}</h1>
            {children()}
            <p class="door-foot"><LanguageSwitch /><ThemeSwitch /></p>
        </section>
    }
}
