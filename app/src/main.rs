//! The single-page app: draws what the evaluator knows, keeps no state of its own beyond the operator's preferences.

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
mod live;
mod logic;
mod pages;
mod prefs;

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
