//! Texts in the operator's language.
//!
//! `locales/LANGUAGE/app.json` holds the frame, the components and the dashboard, `pages.json` the other pages. Both macros
//! take the preferences and a key with its namespace, and any arguments: `say!(prefs, app.table.of, shown = 12, total = 40)`.

/// A closure that gives the text in the present language: for a view or an attribute, follows the language switch.
macro_rules! say {
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
