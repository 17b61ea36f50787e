//! Settings, in parts that are saved each by itself.

mod alarming;
mod browser;

use atalaya_api::people::Role;
use atalaya_api::settings::Settings;
use atalaya_api::span::Span;
use leptos::prelude::*;

use self::alarming::{Daytime, Defaults, Naming};
use self::browser::ThisBrowser;
use super::Heading;
use super::faults::Faults;
use crate::account::use_account;
use crate::api::{Api, Failure, read, use_api};
use crate::components::notices::{Notices, use_notices};
use crate::components::{Button, Icon, Kind, Loaded, SelectField, TextField};
use crate::erase::{Show, derive, drawn, memo};
use crate::fetched::{Fetched, fetched};
use crate::format::zone_name;
use crate::logic::settings as rules;
use crate::logic::wrong::{What, Wrong};
use crate::prefs::use_prefs;
use crate::reading::value_of;

#[component]
pub fn SettingsPage() -> impl IntoView {
    let (prefs, account) = (use_prefs(), use_account());
    let settings = fetched::<Settings>(|| Some("settings".to_owned()));
    view! {
        <Heading text=say!(prefs, pages.settings.title) />
        <div class="settings">
            {link_card("settings/sources", "source", say!(prefs, pages.settings.sources), say!(prefs, pages.settings.sources_help))}
            {link_card("settings/grafana", "dashboard", say!(prefs, pages.grafana.title), say!(prefs, pages.grafana.card_help))}
            {link_card("settings/calendars", "calendar", say!(prefs, tables.calendars.title), say!(prefs, tables.calendars.lead))}
            {link_card("quiet", "silent", say!(prefs, quiet.title), say!(prefs, quiet.lead))}
            {link_card("status", "metrics", say!(prefs, pages.settings.status), say!(prefs, pages.settings.status_help))}
            <ThisBrowser />
            <Show when=move || !account.may(Role::Admin)>
                <p class="note">{say!(prefs, pages.common.admins_only)}</p>
            </Show>
            <Loaded from=settings let:now>
                {
                    let read = now.get_untracked();
                    view! {
                        <Place read=read.clone() part=Part::new(settings) />
                        <Keep read=read.clone() part=Part::new(settings) />
                        <Heartbeat read=read.clone() part=Part::new(settings) />
                        <Defaults read=read.clone() part=Part::new(settings) />
                        <Daytime read=read.clone() part=Part::new(settings) />
                        <Naming read part=Part::new(settings) />
                    }
                }
            </Loaded>
        </div>
    }
}

/// The way to a page of its own.
fn link_card(
    href: &'static str,
    icon: &'static str,
    title: impl Fn() -> &'static str + Send + 'static,
    help: impl Fn() -> &'static str + Send + 'static,
) -> impl IntoView {
    view! {
        <a class="card link-card" href=href>
            <Icon name=icon />
            <span>
                <strong>{drawn(title)}</strong>
                <span class="help">{drawn(help)}</span>
            </span>
            <Icon name="right" />
        </a>
    }
}

/// One part with its own "Save": reads the settings anew, changes its own fields, writes.
#[derive(Clone, Copy)]
struct Part {
    faults: Faults,
    saving: RwSignal<bool>,
    settings: Fetched<Settings>,
    api: Api,
    notices: Notices,
}

impl Part {
    fn new(settings: Fetched<Settings>) -> Self {
        Part {
            faults: Faults::new(),
            saving: RwSignal::new(false),
            settings,
            api: use_api(),
            notices: use_notices(),
        }
    }

    fn error(self, field: &'static str) -> Signal<Option<String>> {
        self.faults.of(field)
    }

    /// Changes what this part is about in the settings as they are now, so that parts saved by two people at once join.
    fn save(self, change: impl FnOnce(&mut Settings) + 'static, wrongs: Vec<Wrong>) {
        self.faults.clear();
        match wrongs.is_empty() {
            true => self.send(Box::new(change)),
            false => self.faults.mark(wrongs),
        }
    }

    fn send(self, change: Box<dyn FnOnce(&mut Settings)>) {
        if self.saving.get_untracked() {
            return;
        }
        self.saving.set(true);
        leptos::task::spawn_local(async move {
            let answer = self.write(change).await;
            let _ = self.saving.try_set(false);
            match answer {
                Ok(()) => {
                    self.settings.refresh();
                    self.notices.tell(untrack(|| said!(self.faults.prefs, pages.common.saved)));
                }
                Err(failure) => self.faults.refused(&failure, "defaults."),
            }
        });
    }

    async fn write(self, change: Box<dyn FnOnce(&mut Settings)>) -> Result<(), Failure> {
        let mut settings = self.api.get("settings").await.and_then(read::<Settings>)?;
        change(&mut settings);
        self.api.put("settings", &value_of(&settings)).await.map(|_| ())
    }
}

/// Puts the first fault of a field aside and gives what could be read.
fn keep<T>(read: Result<T, Wrong>, wrongs: &mut Vec<Wrong>) -> Option<T> {
    read.map_err(|wrong| wrongs.push(wrong)).ok()
}

#[component]
fn SavePart(part: Part) -> impl IntoView {
    let (prefs, account) = (use_prefs(), use_account());
    let words = move || match part.saving.get() {
        true => said!(prefs, pages.common.saving),
        false => said!(prefs, pages.common.save),
    };
    view! {
        <p class="error" role="alert">{drawn(move || part.faults.failure.get())}</p>
        <Show when=move || account.may(Role::Admin)>
            <Button kind=Kind::Primary submits=true disabled=part.saving press=|()| ()>{drawn(words)}</Button>
        </Show>
    }
}

#[component]
fn Place(read: Settings, part: Part) -> impl IntoView {
    let prefs = use_prefs();
    let (zone, language) = (RwSignal::new(read.time_zone), RwSignal::new(read.language));
    let mine = zone_name();
    let other_zone = {
        let mine = mine.clone();
        memo(move || zone.with(|zone| !mine.is_empty() && *zone != mine))
    };
    let languages = derive(move || {
        let option = |value: &str, words: &str| (value.to_owned(), words.to_owned());
        vec![
            option("es", said!(prefs, pages.settings.spanish)),
            option("en", said!(prefs, pages.settings.english)),
        ]
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let (zone, language) = (zone.get_untracked().trim().to_owned(), language.get_untracked());
        let missing = zone.is_empty().then(|| Wrong::new("time_zone", What::Missing));
        let change = move |settings: &mut Settings| {
            settings.time_zone = zone;
            settings.language = language;
        };
        part.save(change, missing.into_iter().collect());
    };
    let label = StoredValue::new(mine);
    view! {
        <form class="card" novalidate on:submit=submit>
            <h2>{say!(prefs, pages.settings.place)}</h2>
            <p class="help">{say!(prefs, pages.settings.place_help)}</p>
            <TextField
                name="time_zone"
                label=say!(prefs, pages.settings.time_zone)
                value=zone
                help=say!(prefs, pages.settings.time_zone_help)
                error=part.error("time_zone")
            />
            <Show when=move || other_zone.get()>
                <Button kind=Kind::Quiet press=move |()| zone.set(label.get_value())>
                    {drawn(move || said!(prefs, pages.settings.use_mine, zone = label.get_value()))}
                </Button>
            </Show>
            <SelectField name="language" label=say!(prefs, pages.settings.language) value=language options=languages />
            <SavePart part />
        </form>
    }
}

#[component]
fn Keep(read: Settings, part: Part) -> impl IntoView {
    let prefs = use_prefs();
    let text = |span: Span| RwSignal::new(span.to_string());
    let (samples, evidence, forget) =
        (text(read.sample_retention), text(read.evidence_retention), text(read.forget_after));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let mut wrongs = Vec::new();
        let kept = keep(rules::sample_retention(&samples.get_untracked()), &mut wrongs);
        let explained = keep(rules::evidence_retention(&evidence.get_untracked()), &mut wrongs);
        let forgotten = keep(rules::forget_after(&forget.get_untracked()), &mut wrongs);
        let change = move |settings: &mut Settings| {
            settings.sample_retention = kept.unwrap_or(settings.sample_retention);
            settings.evidence_retention = explained.unwrap_or(settings.evidence_retention);
            settings.forget_after = forgotten.unwrap_or(settings.forget_after);
        };
        part.save(change, wrongs);
    };
    view! {
        <form class="card" novalidate on:submit=submit>
            <h2>{say!(prefs, pages.settings.keep)}</h2>
            <TextField
                name="sample_retention"
                label=say!(prefs, pages.settings.samples)
                value=samples
                help=say!(prefs, pages.settings.samples_help)
                error=part.error("sample_retention")
            />
            <TextField
                name="evidence_retention"
                label=say!(prefs, pages.settings.evidence)
                value=evidence
                help=say!(prefs, pages.settings.evidence_help)
                error=part.error("evidence_retention")
            />
            <TextField
                name="forget_after"
                label=say!(prefs, pages.settings.forget)
                value=forget
                help=say!(prefs, pages.settings.forget_help)
                error=part.error("forget_after")
            />
            <SavePart part />
        </form>
    }
}

/// Who is told each minute that Atalaya still lives.
#[component]
fn Heartbeat(read: Settings, part: Part) -> impl IntoView {
    let prefs = use_prefs();
    let url = RwSignal::new(read.heartbeat_url);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let url = url.get_untracked().trim().to_owned();
        part.save(move |settings| settings.heartbeat_url = url, Vec::new());
    };
    view! {
        <form class="card" novalidate on:submit=submit>
            <h2>{say!(prefs, pages.settings.heartbeat)}</h2>
            <TextField
                name="heartbeat_url"
                kind="url"
                label=say!(prefs, pages.settings.heartbeat_url)
                value=url
                help=say!(prefs, pages.settings.heartbeat_help)
                error=part.error("heartbeat_url")
            />
            <SavePart part />
        </form>
    }
}
