//! What the operator prefers, kept in this browser.

use leptos::prelude::*;

use crate::dom;
use crate::erase::watch;
use crate::i18n::Locale;

/// Follow the system, or one of the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    /// As stored, and as the attribute `data-theme` that the styles know.
    pub fn name(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }
}

/// The preferences, in context; each is kept in local storage as it changes.
#[derive(Clone, Copy)]
pub struct Prefs {
    pub locale: RwSignal<Locale>,
    pub theme: RwSignal<Theme>,
    /// Single-key shortcuts (`j k x / ?`) are on.
    pub shortcuts: RwSignal<bool>,
    /// Table rows of 34 px instead of 44 px.
    pub compact: RwSignal<bool>,
    /// A sound for each new critical alarm.
    pub sound: RwSignal<bool>,
}

impl Prefs {
    /// Reads what is kept, else what the browser says, and provides it as context.
    pub fn provide() -> Self {
        let locale = kept("language").and_then(|name| locale_of(&name));
        let prefs = Prefs {
            locale: RwSignal::new(locale.unwrap_or_else(|| choose_locale(&dom::browser_languages()))),
            theme: RwSignal::new(kept("theme").and_then(|name| Theme::from_name(&name)).unwrap_or_default()),
            shortcuts: RwSignal::new(kept("shortcuts").as_deref() != Some("off")),
            compact: RwSignal::new(kept("compact").as_deref() == Some("on")),
            sound: RwSignal::new(kept("sound").as_deref() == Some("on")),
        };
        prefs.keep_changes();
        provide_context(prefs);
        prefs
    }

    fn keep_changes(self) {
        watch(move || self.locale.get(), |locale| keep("language", language_of(*locale)));
        watch(move || self.theme.get(), |theme| keep("theme", theme.name()));
        for (name, signal) in
            [("shortcuts", self.shortcuts), ("compact", self.compact), ("sound", self.sound)]
        {
            watch(move || signal.get(), move |on| keep(name, if *on { "on" } else { "off" }));
        }
    }

    /// The language's tag, `en` or `es`; tracks.
    pub fn language(self) -> &'static str {
        language_of(self.locale.get())
    }
}

/// The preferences from context; the app provides them at its root.
pub fn use_prefs() -> Prefs {
    expect_context()
}

pub fn language_of(locale: Locale) -> &'static str {
    match locale {
        Locale::en => "en",
        Locale::es => "es",
    }
}

fn locale_of(tag: &str) -> Option<Locale> {
    match tag.split('-').next() {
        Some("es") => Some(Locale::es),
        Some("en") => Some(Locale::en),
        _ => None,
    }
}

/// The first preferred language that we speak, else English.
fn choose_locale(preferred: &[String]) -> Locale {
    preferred.iter().find_map(|tag| locale_of(tag)).unwrap_or(Locale::en)
}

fn kept(name: &str) -> Option<String> {
    dom::storage()?.get_item(&format!("atalaya.{name}")).ok().flatten()
}

fn keep(name: &str, value: &str) {
    if let Some(storage) = dom::storage() {
        // A full or forbidden storage only means that the choice is not remembered.
        let _ = storage.set_item(&format!("atalaya.{name}"), value);
    }
}

#[cfg(test)]
mod tests {
    use super::{Locale, choose_locale};

    #[test]
    fn the_first_language_we_speak_wins() {
        let choose =
            |tags: &[&str]| choose_locale(&tags.iter().map(|&tag| tag.to_owned()).collect::<Vec<_>>());
        assert!(choose(&["fr-FR", "es-CO", "en"]) == Locale::es);
        assert!(choose(&["en-GB", "es"]) == Locale::en);
        assert!(choose(&["de"]) == Locale::en);
        assert!(choose(&[]) == Locale::en);
    }
}
