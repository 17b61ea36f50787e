//! Settings in one place: a list of parts with an address each. A part is saved by itself.

mod alarming;
mod backup;
mod browser;
mod part;
mod phones;
mod place;
mod system;

use atalaya_api::people::Role;
use atalaya_api::settings::Settings;
use leptos::prelude::*;

use self::part::Part;
use super::{Heading, use_id, use_path};
use crate::account::use_account;
use crate::components::{Icon, Loaded};
use crate::erase::{Show, drawn, memo};
use crate::fetched::fetched;
use crate::prefs::{Prefs, use_prefs};

/// The folder of the parts.
pub const SETTINGS: &str = "settings";

/// The parts in the order of the list, under what they are about. Those with a page of their own are in it, too.
const GROUPS: [(&str, &[&str]); 4] = [
    ("data", &["grafana", "sources", "naming"]),
    ("telling", &["receivers", "deliveries", "quiet", "phones", "system", "daytime", "calendars"]),
    ("alarms", &["defaults", "keep"]),
    ("atalaya", &["backup", "place", "heartbeat", "status", "browser"]),
];

/// Those that [`SettingsPage`] shows.
const HERE: [&str; 9] =
    ["naming", "phones", "system", "daytime", "defaults", "keep", "backup", "place", "heartbeat"];
/// What needs no server; shown where the address names no part, too.
const BROWSER: &str = "browser";

/// Whether the address names a part of this page.
pub fn is_part(name: &str) -> bool {
    name == BROWSER || HERE.contains(&name)
}

/// What a part is called; tracks the language.
fn title(prefs: Prefs, part: &str) -> &'static str {
    match part {
        "grafana" => said!(prefs, pages.grafana.title),
        "sources" => said!(prefs, pages.settings.sources),
        "naming" => said!(prefs, tables.naming.title),
        "receivers" => said!(prefs, telling.receivers.title),
        "deliveries" => said!(prefs, telling.deliveries.title),
        "quiet" => said!(prefs, quiet.title),
        "phones" => said!(prefs, telling.phones.title),
        "system" => said!(prefs, telling.system.title),
        "daytime" => said!(prefs, tables.period.daytime),
        "calendars" => said!(prefs, tables.calendars.title),
        "defaults" => said!(prefs, pages.settings.defaults),
        "keep" => said!(prefs, pages.settings.keep),
        "backup" => said!(prefs, telling.backup.title),
        "place" => said!(prefs, pages.settings.place),
        "heartbeat" => said!(prefs, pages.settings.heartbeat),
        "status" => said!(prefs, pages.settings.status),
        BROWSER => said!(prefs, pages.settings.display),
        "data" => said!(prefs, telling.settings.data),
        "telling" => said!(prefs, telling.settings.telling),
        "alarms" => said!(prefs, telling.settings.alarms),
        "atalaya" => said!(prefs, telling.settings.atalaya),
        _ => said!(prefs, pages.settings.title),
    }
}

/// Where a part is.
fn address(part: &str) -> String {
    match part {
        "deliveries" | "quiet" | "status" => part.to_owned(),
        part => format!("{SETTINGS}/{part}"),
    }
}

/// A page with the list of all parts beside it; on a narrow screen the list is a page of its own.
pub fn framed(page: AnyView) -> AnyView {
    let path = use_path();
    let bare = memo(move || path.with(|path| path == SETTINGS));
    view! {
        <div class="settings-frame" class:bare=bare>
            <Parts />
            <div class="settings-page">{page}</div>
        </div>
    }
    .into_any()
}

#[component]
fn Parts() -> impl IntoView {
    let (prefs, path) = (use_prefs(), use_path());
    let link = move |part: &'static str| {
        let here = address(part);
        let is_here = move || path.with(|path| *path == here).then_some("page");
        view! {
            <li>
                <a href=address(part) aria-current=is_here>
                    <span>{drawn(move || title(prefs, part))}</span>
                    <Icon name="right" />
                </a>
            </li>
        }
    };
    let group = move |(name, parts): (&'static str, &'static [&'static str])| {
        view! {
            <p class="settings-group">{drawn(move || title(prefs, name))}</p>
            <ul>{parts.iter().map(|part| link(part)).collect_view()}</ul>
        }
    };
    view! {
        <nav class="settings-parts" aria-label=say!(prefs, telling.settings.parts)>
            {GROUPS.map(group).collect_view()}
        </nav>
    }
}

/// The way back to the list, where it is not beside the page.
pub fn to_settings() -> AnyView {
    let prefs = use_prefs();
    view! { <a class="button to-settings" href=SETTINGS>{say!(prefs, app.menu.settings)}</a> }.into_any()
}

#[component]
pub fn SettingsPage() -> impl IntoView {
    let (prefs, path) = (use_prefs(), use_path());
    let named = use_id(SETTINGS);
    let bare = memo(move || path.with(|path| path == SETTINGS));
    let name = memo(move || if bare.get() { String::new() } else { named.get() });
    view! {
        <Heading text=move || name.with(|name| title(prefs, name))>
            {drawn(move || (!bare.get()).then(to_settings))}
        </Heading>
        <div class="settings-part">
            {drawn(move || name.with(|name| match HERE.into_iter().find(|part| part == name) {
                Some(part) => view! { <OfServer part /> }.into_any(),
                None => view! { <browser::ThisBrowser /> }.into_any(),
            }))}
        </div>
    }
}

/// A part that the server keeps; each is read anew when it is opened, so that it shows what others saved meanwhile.
#[component]
fn OfServer(part: &'static str) -> impl IntoView {
    let (prefs, account) = (use_prefs(), use_account());
    let settings = fetched::<Settings>(|| Some("settings".to_owned()));
    view! {
        <Show when=move || !account.may(Role::Admin)>
            <p class="note">{say!(prefs, pages.common.admins_only)}</p>
        </Show>
        <Loaded from=settings let:now>
            {
                let (read, saved) = (now.get_untracked(), Part::new(settings));
                match part {
                    "naming" => alarming::naming(read, saved),
                    "phones" => phones::lists(read, saved),
                    "system" => system::system(read, saved),
                    "daytime" => alarming::daytime(read, saved),
                    "defaults" => alarming::defaults(read, saved),
                    "keep" => place::keep(read, saved),
                    "backup" => backup::backup(read, saved),
                    "place" => place::place(read, saved),
                    _ => place::heartbeat(read, saved),
                }
            }
        </Loaded>
    }
}

#[cfg(test)]
mod tests {
    use super::{GROUPS, HERE, is_part};

    #[test]
    fn every_part_is_in_the_list() {
        let listed: Vec<&str> = GROUPS.iter().flat_map(|(_, parts)| parts.iter().copied()).collect();
        assert!(HERE.iter().all(|part| listed.contains(part)));
        assert!(is_part("browser") && is_part("phones") && !is_part("sources") && !is_part(""));
    }
}
