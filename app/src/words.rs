//! Texts in the operator's language.
//!
//! `locales/LANGUAGE/app.json` holds the frame, the components and the dashboard, `pages.json` and `tables.json` the other pages, `telling.json`
//! who is told and how. Both macros
//! take the preferences and a key with its namespace, and any arguments: `say!(prefs, app.table.of, shown = 12, total = 40)`.

use leptos::prelude::{Get, RwSignal};

use crate::i18n::Locale;

/// A closure that gives the text in the present language: for a view or an attribute, follows the language switch.
macro_rules! say {
    // Texts without arguments, nearly all of them, share one type: see "Why views are erased" in main.rs.
    ($prefs:expr, $($key:ident).+) => {
        $crate::words::in_language($prefs.locale, |locale| leptos_i18n::td_string!(locale, $($key).+))
    };
    ($prefs:expr, $($key:tt)+) => {{
        let locale = $prefs.locale;
        move || leptos_i18n::td_string!(locale.get(), $($key)+)
    }};
}

/// The text in the present language, now; tracks the language where signals are tracked.
macro_rules! said {
    ($prefs:expr, $($key:tt)+) => {
        leptos_i18n::td_string!($prefs.locale.get(), $($key)+)
    };
}

/// What [`say!`] makes of a text in each language.
pub fn in_language(
    locale: RwSignal<Locale>,
    text: fn(Locale) -> &'static str,
) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
    move || text(locale.get())
}
