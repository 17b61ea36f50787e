//! The frame around each page: banner, menu, one column of content.

use atalaya_api::level::Standing;
use atalaya_api::summary::Summary;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::Icon;
use super::announce::LiveRegions;
use super::help::HelpDialog;
use super::icon::Logo;
use super::login::LoginOver;
use super::menu::Menu;
use super::notices::NoticeBar;
use super::severity::SeverityCount;
use crate::account::{Who, use_account};
use crate::api::use_api;
use crate::dom;
use crate::erase::{Show, derive, drawn, memo};
use crate::format::{duration, ms, use_format};
use crate::i18n::Locale;
use crate::keys::{self, Anywhere};
use crate::live::{Connection, use_live};
use crate::prefs::{Theme, use_prefs};

/// Severities in the order of every list, with their count in a summary.
pub fn counts(summary: &Summary) -> [(Standing, u64); 4] {
    [
        (Standing::Critical, summary.critical),
        (Standing::Major, summary.major),
        (Standing::Unknown, summary.unknown),
        (Standing::Warning, summary.warning),
    ]
}

/// Active alarms of all severities.
pub fn active(summary: &Summary) -> u64 {
    counts(summary).into_iter().map(|(_, count)| count).sum()
}

/// `<Frame>page</Frame>`; with `bare` only the page: for the screen on a wall, login and setup.
#[component]
pub fn Frame(#[prop(into)] bare: Signal<bool>, children: Children) -> impl IntoView {
    let prefs = use_prefs();
    let help = RwSignal::new(false);
    let main = NodeRef::<html::Main>::new();
    listen_for_keys(help);
    // A fragment link would be resolved against the base, so the skip link is a button.
    let skip = move |_| {
        if let Some(main) = main.get_untracked() {
            // The element is in the page while its skip link is.
            let _ = main.focus();
        }
    };
    view! {
        <button type="button" class="skip" on:click=skip>{say!(prefs, app.skip)}</button>
        <Show when=move || !bare.get()>
            <Banner help />
        </Show>
        <div class="body" class:bare=bare>
            <Show when=move || !bare.get()>
                <Menu />
            </Show>
            <main id="content" tabindex="-1" node_ref=main>{children()}</main>
        </div>
        <NoticeBar />
        <HelpDialog open=help />
        <LoginOver />
        <LiveRegions />
    }
}

/// `/` goes to the page's search field, `?` opens the help; both rest in fields and when switched off.
fn listen_for_keys(help: RwSignal<bool>) {
    let prefs = use_prefs();
    let listening = window_event_listener(leptos::ev::keydown, move |event| {
        let modified = event.ctrl_key() || event.alt_key() || event.meta_key();
        if !prefs.shortcuts.get_untracked() {
            return;
        }
        match keys::anywhere(&event.key(), modified, dom::typing()) {
            Some(Anywhere::Search) => dom::focus("main input[type=search]"),
            Some(Anywhere::Help) => help.set(true),
            None => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || listening.remove());
}

#[component]
fn Banner(help: RwSignal<bool>) -> impl IntoView {
    let (prefs, account, live) = (use_prefs(), use_account(), use_live());
    let open_wire = move || account.who.with(|who| who.session().is_some_and(|session| !session.encrypted));
    let lost = move || !live.is_fresh();
    view! {
        <header class="banner" class:lost=lost>
            <a class="brand" href="./">
                <Logo />
                <span>"Atalaya " <small>{env!("CARGO_PKG_VERSION")}</small></span>
            </a>
            <LiveState />
            <Counts />
            <span class="banner-gap"></span>
            <Show when=open_wire>
                <span class="open-wire"><Icon name="lock-open" />{say!(prefs, app.banner.not_encrypted)}</span>
            </Show>
            <LanguageSwitch />
            <ThemeSwitch />
            <button type="button" class="button quiet" on:click=move |_| help.set(true)>{say!(prefs, app.banner.help)}</button>
            <UserMenu />
        </header>
    }
}

/// "● live · checked 4 s ago", or what the page shows is from when.
#[component]
pub fn LiveState() -> impl IntoView {
    let (prefs, live, format) = (use_prefs(), use_live(), use_format());
    let checked = move || {
        let at = live.summary.with(|summary| summary.as_ref()?.checked_at).map(ms)?;
        Some(said!(prefs, app.banner.checked, ago = duration(live.now.get() - at)).to_string())
    };
    let words = move || match live.connection.get() {
        Connection::Connecting => said!(prefs, app.banner.connecting).to_owned(),
        Connection::Live => match checked() {
            Some(checked) => format!("{} · {checked}", said!(prefs, app.banner.live)),
            None => said!(prefs, app.banner.live).to_owned(),
        },
        Connection::Lost { data_from: Some(at) } => {
            said!(prefs, app.banner.lost_since, time = format.seconds_ms(at)).to_string()
        }
        Connection::Lost { data_from: None } => said!(prefs, app.banner.lost).to_owned(),
    };
    let class = move || match live.connection.get() {
        Connection::Connecting => "live-state connecting",
        Connection::Live => "live-state live",
        Connection::Lost { .. } => "live-state lost",
    };
    view! {
        <span class=class>
            <span class="dot" aria-hidden="true"></span>
            <span class="number">{drawn(words)}</span>
        </span>
    }
}

/// "⬢ 2 critical ◆ 5 major …": only what is above zero; each a link to its list.
#[component]
fn Counts() -> impl IntoView {
    let live = use_live();
    let shown = memo(move || {
        let all = counts(&live.summary.get().unwrap_or_default());
        all.into_iter().filter(|(_, count)| *count > 0).collect::<Vec<_>>()
    });
    let one = move |(standing, count): (Standing, u64)| {
        let href = format!("./?severity={}", super::severity::class_of(standing));
        view! {
            <a class="count" href=href>
                <SeverityCount of=standing count=count />
            </a>
        }
    };
    view! {
        <span class="counts" class:stale=move || !live.is_fresh()>
            {drawn(move || shown.get().into_iter().map(one).collect_view())}
        </span>
    }
}

/// ES and EN, the present one pressed.
#[component]
pub fn LanguageSwitch() -> impl IntoView {
    let prefs = use_prefs();
    let choice = move |locale: Locale, word: &'static str, name: &'static str, tag: &'static str| {
        view! {
            <button
                type="button"
                class="segment"
                lang=tag
                aria-label=name
                aria-pressed=move || (prefs.locale.get() == locale).to_string()
                on:click=move |_| prefs.locale.set(locale)
            >
                {word}
            </button>
        }
    };
    view! {
        <span class="segments" role="group" aria-label=say!(prefs, app.banner.language)>
            {choice(Locale::es, "ES", "ES, español", "es")}
            {choice(Locale::en, "EN", "EN, English", "en")}
        </span>
    }
}

/// System, light, dark: one press goes on to the next.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let prefs = use_prefs();
    let words = move || match prefs.theme.get() {
        Theme::System => said!(prefs, app.banner.theme_system),
        Theme::Light => said!(prefs, app.banner.theme_light),
        Theme::Dark => said!(prefs, app.banner.theme_dark),
    };
    let next = move |_| {
        prefs.theme.update(|theme| {
            *theme = match theme {
                Theme::System => Theme::Light,
                Theme::Light => Theme::Dark,
                Theme::Dark => Theme::System,
            };
        });
    };
    view! {
        <button type="button" class="button quiet theme" aria-label=words title=words on:click=next>
            <Icon name="theme" />
        </button>
    }
}

/// The name, and behind it: the own account, the screen for a wall, the sound, log out.
#[component]
fn UserMenu() -> impl IntoView {
    let (prefs, account, api) = (use_prefs(), use_account(), use_api());
    let node = NodeRef::<html::Details>::new();
    let close = move || {
        if let Some(details) = node.try_get_untracked().flatten() {
            details.set_open(false);
        }
    };
    // A menu that stays open would hide what lies behind it.
    let left = move |event: web_sys::FocusEvent| {
        let to = event.related_target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        // The focus is lost, too, when the menu itself goes away.
        if node.try_get_untracked().flatten().is_some_and(|details| !details.contains(to.as_ref())) {
            close();
        }
    };
    let escape = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" {
            close();
        }
    };
    let name = move || account.who.with(|who| who.session().map(|session| session.username.clone()));
    let leave = move |_| {
        leptos::task::spawn_local(async move {
            // Whatever the server answers, this browser shows nothing more.
            let _ = api.delete("session").await;
            account.who.set(Who::Out);
        });
    };
    let switch_sound = move |_| {
        prefs.sound.update(|on| *on = !*on);
        // Heard at once, so that one knows it; a browser allows it only upon a click like this one.
        if prefs.sound.get_untracked() {
            crate::alert::beep();
        }
    };
    let sound_icon = derive(move || if prefs.sound.get() { "sound" } else { "silent" });
    let sound_words = move || {
        if prefs.sound.get() { said!(prefs, app.user.sound_on) } else { said!(prefs, app.user.sound_off) }
    };
    view! {
        <details class="user-menu" node_ref=node on:focusout=left on:keydown=escape>
            <summary class="button quiet"><Icon name="user" />{drawn(name)}<span class="caret" aria-hidden="true">" ▾"</span></summary>
            <div class="popup">
                <button type="button" class="menu-link" on:click=switch_sound>
                    <Icon name=sound_icon /><span>{drawn(sound_words)}</span>
                </button>
                <a class="menu-link" href="account"><Icon name="user" /><span>{say!(prefs, people.my_account)}</span></a>
                <a class="menu-link" href="wall"><Icon name="wall" /><span>{say!(prefs, app.user.wall)}</span></a>
                <button type="button" class="menu-link" on:click=leave><Icon name="right" /><span>{say!(prefs, app.user.leave)}</span></button>
            </div>
        </details>
    }
}
