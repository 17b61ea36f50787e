//! The menu: at the side, or at the foot of a narrow screen with "More".

use atalaya_api::people::Role;
use leptos::prelude::*;

use super::frame::{LanguageSwitch, ThemeSwitch};
use super::{Dialog, Icon};
use crate::account::use_account;
use crate::erase::{drawn, watch};
use crate::prefs::{Prefs, use_prefs};

/// A page of the menu.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    Dashboard,
    Add,
    Metrics,
    Templates,
    AlarmSettings,
    History,
    Checks,
    Settings,
    Admin,
    Help,
}

impl Entry {
    const ALL: [Entry; 10] = [
        Entry::Dashboard,
        Entry::Add,
        Entry::Metrics,
        Entry::Templates,
        Entry::AlarmSettings,
        Entry::History,
        Entry::Checks,
        Entry::Settings,
        Entry::Admin,
        Entry::Help,
    ];
    /// What has its own place on a narrow screen; the rest is behind "More".
    const NARROW: [Entry; 3] = [Entry::Dashboard, Entry::Metrics, Entry::History];

    /// Relative to the page's base; `./` is the base itself.
    fn href(self) -> &'static str {
        match self {
            Entry::Dashboard => "./",
            Entry::Add => "add",
            Entry::Metrics => "configured",
            Entry::Templates => "templates",
            Entry::AlarmSettings => "alarm-settings",
            Entry::History => "history",
            Entry::Checks => "checks",
            Entry::Settings => "settings",
            Entry::Admin => "admin",
            Entry::Help => "help",
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Entry::Dashboard => "dashboard",
            Entry::Metrics => "metrics",
            Entry::Admin => "people",
            other => other.href(),
        }
    }

    fn words(self, prefs: Prefs) -> &'static str {
        match self {
            Entry::Dashboard => said!(prefs, app.menu.dashboard),
            Entry::Add => said!(prefs, app.menu.add),
            Entry::Metrics => said!(prefs, app.menu.metrics),
            Entry::Templates => said!(prefs, tables.menu.templates),
            Entry::AlarmSettings => said!(prefs, tables.menu.alarm_settings),
            Entry::History => said!(prefs, app.menu.history),
            Entry::Checks => said!(prefs, app.menu.checks),
            Entry::Settings => said!(prefs, app.menu.settings),
            Entry::Admin => said!(prefs, people.title),
            Entry::Help => said!(prefs, app.banner.help),
        }
    }

    /// The words for the bar at the foot, where four share 390 px.
    fn short_words(self, prefs: Prefs) -> &'static str {
        match self {
            Entry::Metrics => said!(prefs, app.menu.metrics_short),
            Entry::History => said!(prefs, app.menu.history_short),
            other => other.words(prefs),
        }
    }

    /// The page itself, or one below it.
    fn holds(self, path: &str) -> bool {
        let first = path.split('/').next().unwrap_or("");
        match self {
            Entry::Dashboard => first.is_empty(),
            Entry::Settings => matches!(first, "settings" | "status" | "quiet" | "deliveries"),
            Entry::Metrics => matches!(first, "configured" | "clone" | "import"),
            Entry::History => matches!(first, "history" | "import-history"),
            other => first == other.href(),
        }
    }
}

fn link(entry: Entry, prefs: Prefs, path: Memo<String>, short: bool) -> AnyView {
    let account = use_account();
    let words = move || if short { entry.short_words(prefs) } else { entry.words(prefs) };
    view! {
        <a
            class="menu-link"
            href=entry.href()
            // Administration is the administrators'.
            hidden=move || entry == Entry::Admin && !account.may(Role::Admin)
            aria-current=move || path.with(|path| entry.holds(path)).then_some("page")
        >
            <Icon name=entry.icon() />
            <span>{drawn(words)}</span>
        </a>
    }
    .into_any()
}

/// Both forms are in the page; the styles show the one that fits.
#[component]
pub fn Menu() -> impl IntoView {
    let prefs = use_prefs();
    let path = crate::pages::use_path();
    let more = RwSignal::new(false);
    watch(move || path.get(), move |_| more.set(false));
    let behind = Entry::ALL.into_iter().filter(|entry| !Entry::NARROW.contains(entry));
    let behind = StoredValue::new(behind.collect::<Vec<_>>());
    view! {
        <nav class="menu" aria-label=say!(prefs, app.menu.title)>
            {Entry::ALL.map(|entry| link(entry, prefs, path, false)).collect_view()}
        </nav>
        <nav class="foot-menu" aria-label=say!(prefs, app.menu.title)>
            {Entry::NARROW.map(|entry| link(entry, prefs, path, true)).collect_view()}
            <button type="button" class="menu-link" aria-haspopup="dialog" on:click=move |_| more.set(true)>
                <Icon name="more" />
                <span>{say!(prefs, app.menu.more)}</span>
            </button>
        </nav>
        <Dialog open=more title=say!(prefs, app.menu.more)>
            <p class="more-switches">
                <LanguageSwitch />
                <ThemeSwitch />
            </p>
            <div class="more-menu">
                {behind.get_value().into_iter().map(|entry| link(entry, prefs, path, false)).collect_view()}
            </div>
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::Entry;

    #[test]
    fn a_page_below_an_entry_belongs_to_it() {
        assert!(Entry::Metrics.holds("configured/123"));
        assert!(Entry::Dashboard.holds(""));
        assert!(!Entry::Dashboard.holds("configured"));
    }
}
