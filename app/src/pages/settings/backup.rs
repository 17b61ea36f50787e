//! Backups: when and where, those that are there, and one at once.

use atalaya_api::backup::{BackupFile, BackupSettings, Backups};
use atalaya_api::people::Role;
use atalaya_api::settings::Settings;
use leptos::prelude::*;
use serde_json::json;

use super::part::{Part, change, keep};
use crate::account::use_account;
use crate::api::{read, use_api};
use crate::components::notices::use_notices;
use crate::components::{Button, Loaded, SwitchField, TextField};
use crate::erase::{Show, derive, drawn, effect, memo};
use crate::fetched::{Fetched, Load, fetched};
use crate::format::{Format, use_format};
use crate::logic::settings as rules;
use crate::pages::ZoneNote;
use crate::pages::listing::keep_fresh;
use crate::prefs::{Prefs, use_prefs};

pub fn backup(read: Settings, part: Part) -> AnyView {
    let prefs = use_prefs();
    let before = read.backup;
    let enabled = RwSignal::new(before.enabled);
    let text = |text: String| RwSignal::new(text);
    let (at, count, second) = (text(before.at), text(before.keep.to_string()), text(before.second_folder));
    let typed = move || {
        let mut wrongs = Vec::new();
        let at = keep(rules::time_of_day("backup.at", &at.get()), &mut wrongs).unwrap_or_default();
        let count = keep(rules::backups_kept("backup.keep", &count.get()), &mut wrongs).unwrap_or_default();
        let second_folder = second.get().trim().to_owned();
        let enabled = enabled.get();
        change(wrongs, move |settings| {
            settings.backup = BackupSettings { enabled, at, keep: count, second_folder };
        })
    };
    let zone = read.time_zone;
    let at_help = move || said!(prefs, telling.backup.at_help, zone = zone.clone()).to_string();
    let fields = view! {
        <SwitchField name="backup.enabled" label=say!(prefs, telling.backup.enabled) value=enabled />
        <TextField
            name="backup.at"
            label=say!(prefs, telling.backup.at)
            value=at
            help=at_help
            error=part.error("backup.at")
        />
        <TextField
            name="backup.keep"
            label=say!(prefs, telling.backup.keep)
            value=count
            inputmode="numeric"
            help=say!(prefs, telling.backup.keep_help)
            error=part.error("backup.keep")
        />
        <TextField
            name="backup.second_folder"
            label=say!(prefs, telling.backup.second)
            value=second
            help=say!(prefs, telling.backup.second_help)
            error=part.error("backup.second_folder")
        />
    };
    let card = part.card(move || said!(prefs, telling.backup.lead).to_owned(), typed, fields.into_any());
    view! {
        {card}
        <Made />
    }
    .into_any()
}

/// How it stands with them, for administrators; and "Back up now".
#[component]
fn Made() -> impl IntoView {
    let account = use_account();
    view! { <Show when=move || account.may(Role::Admin)><There /></Show> }
}

#[component]
fn There() -> impl IntoView {
    let prefs = use_prefs();
    let backups = fetched::<Backups>(|| Some("backups".to_owned()));
    keep_fresh(|_| false, move || backups.refresh());
    view! {
        <section class="card">
            <h2>{say!(prefs, telling.backup.list)}</h2>
            <p><ZoneNote /></p>
            <Loaded from=backups let:now>{standing(now, backups)}</Loaded>
        </section>
    }
}

fn standing(now: Signal<Backups>, backups: Fetched<Backups>) -> AnyView {
    let (prefs, format, api, notices) = (use_prefs(), use_format(), use_api(), use_notices());
    // When the last one was verified before this one was asked for.
    let asked = RwSignal::new(None);
    let running = memo(move || asked.with(Option::is_some) || now.with(|now| now.running));
    let start = move |()| {
        let before = now.with_untracked(|now| now.verified_at);
        leptos::task::spawn_local(async move {
            match api.post("backups", &json!({})).await.and_then(read::<Backups>) {
                // Its answer says that one is being made: what stood there of an earlier try is no longer so.
                Ok(there) => {
                    let _ = backups.state.try_set(Load::Ready(there));
                    let _ = asked.try_set(Some(before));
                }
                Err(failure) => notices.tell(untrack(|| failure.words(prefs))),
            }
            backups.refresh();
        });
    };
    // It is made beside everything else; what became of it is seen once it is there, or in trouble.
    effect(move || {
        let Some(before) = asked.get() else { return };
        let (running, verified, trouble) =
            now.with(|now| (now.running, now.verified_at, now.trouble.is_some()));
        if !running && verified != before {
            asked.set(None);
            notices.tell(untrack(|| said!(prefs, telling.backup.done)));
        } else if !running && trouble {
            asked.set(None);
        }
    });
    let progress = move || {
        running.get().then(|| {
            view! {
                <progress aria-hidden="true"></progress>
                <span>{said!(prefs, telling.backup.running)}</span>
            }
        })
    };
    let trouble = move || {
        let trouble = now.with(|now| now.trouble.clone()).filter(|_| !running.get());
        trouble.map(|words| {
            view! {
                <div class="trouble">
                    <p><strong>{said!(prefs, telling.backup.failed)}</strong></p>
                    <p>{words}</p>
                </div>
            }
        })
    };
    let facts = move || now.with(|now| facts(prefs, format, now));
    let files = derive(move || now.with(|now| now.items.clone()));
    view! {
        {drawn(trouble)}
        {drawn(facts)}
        <div class="form-actions">
            <Button icon="down" disabled=running press=start>{say!(prefs, telling.backup.now)}</Button>
            <span class="busy" role="status">{drawn(progress)}</span>
        </div>
        {drawn(move || list(prefs, format, files.get()))}
    }
    .into_any()
}

/// Where they are, when the last was verified, when the next is made; tracks the language.
fn facts(prefs: Prefs, format: Format, now: &Backups) -> AnyView {
    let verified =
        now.verified_at.map_or_else(|| said!(prefs, telling.backup.never).to_owned(), |at| format.time(at));
    let next =
        now.next_at.map_or_else(|| said!(prefs, telling.backup.not_planned).to_owned(), |at| format.time(at));
    let folder = now.folder.clone();
    view! {
        <dl class="facts">
            <div><dt>{said!(prefs, telling.backup.verified)}</dt><dd class="number">{verified}</dd></div>
            <div><dt>{said!(prefs, telling.backup.next)}</dt><dd class="number">{next}</dd></div>
            <div class="wide"><dt>{said!(prefs, telling.backup.folder)}</dt><dd><code>{folder}</code></dd></div>
        </dl>
    }
    .into_any()
}

fn list(prefs: Prefs, format: Format, files: Vec<BackupFile>) -> AnyView {
    if files.is_empty() {
        return view! { <p class="muted">{said!(prefs, telling.backup.empty)}</p> }.into_any();
    }
    let row = move |file: BackupFile| {
        let key = if file.with_key { said!(prefs, telling.backup.with_key) } else { "" };
        view! {
            <tr>
                <td class="number">{format.time(file.made_at)}</td>
                <td class="numeric number">{format.value(Some(file.bytes as f64), Some("B"))}</td>
                <td><code>{file.name}</code> " " {key}</td>
            </tr>
        }
    };
    let list = said!(prefs, telling.backup.list);
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label=list>
            <table class="plain">
                <thead>
                    <tr>
                        <th scope="col">{said!(prefs, telling.backup.made)}</th>
                        <th scope="col" class="numeric">{said!(prefs, telling.backup.size)}</th>
                        <th scope="col">{said!(prefs, telling.backup.file)}</th>
                    </tr>
                </thead>
                <tbody>{files.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
