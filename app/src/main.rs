//! The single-page app: draws what the evaluator knows, keeps no state of its own beyond the operator's preferences.
//!
//! # Why views are erased
//!
//! Leptos compiles each closure in a view, and each component with generic arguments, into code of its own; a browser waits for
//! every byte of it. So whatever many views have in common has one type here:
//!
//! - `{drawn(move || …)}` and not `{move || …}` for a part that follows signals, named closures included ([`erase`]).
//!   Attributes need nothing, Leptos erases those.
//! - [`erase::Show`] and [`erase::For`] and not Leptos' own: import them by name, the prelude has the others.
//! - [`erase::memo`], [`erase::derive`], [`erase::effect`] and [`erase::watch`] and not the ones of the prelude, unless the value
//!   before is needed.
//! - Answers are read by [`reading`], not by serde.
//! - `say!` for texts ([`words`]); `Signal<T>`, `Callback<T>` and `TextProp` as arguments of components, no generic closures.
//! - Where something must be generic ([`fetched`], [`components::Loaded`]), only a thin shell is.
//!
//! Pages that nobody needs at first lie in parts of their own ([`late`]). `cargo xtask build` prints what the app weighs.

#[macro_use]
mod words;

mod account;
mod alert;
mod api;
mod app;
mod base;
mod board;
mod components;
mod dom;
mod erase;
mod fetched;
mod format;
mod keys;
mod late;
mod live;
mod logic;
mod pages;
mod prefs;
mod reading;
mod upload;

// The module `i18n`, generated from `locales/` by build.rs with every key checked at compile time.
include!(concat!(env!("OUT_DIR"), "/i18n.rs"));

/// Mounts into the page's element `atalaya`, or into its body.
fn main() {
    let Some(element) = dom::mount_point() else { return };
    std::panic::set_hook(Box::new(|panic| {
        leptos::logging::error!("{panic}");
        dom::say_stopped();
    }));
    leptos::mount::mount_to(element, app::App).forget();
}
