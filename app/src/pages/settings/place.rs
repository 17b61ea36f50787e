//! Time zone and language, how long things are kept, who hears the sign of life.

use atalaya_api::settings::Settings;
use atalaya_api::span::Span;
use leptos::prelude::*;

use super::part::{Part, change, keep as kept};
use crate::components::{Button, Kind, SelectField, TextField};
use crate::erase::{Show, derive, drawn, memo};
use crate::format::zone_name;
use crate::logic::settings as rules;
use crate::logic::wrong::{What, Wrong};
use crate::pages::wording::language_options;
use crate::prefs::use_prefs;

pub fn place(read: Settings, part: Part) -> AnyView {
    let prefs = use_prefs();
    let (zone, language) = (RwSignal::new(read.time_zone), RwSignal::new(read.language));
    let mine = StoredValue::new(zone_name());
    let other_zone = memo(move || zone.with(|zone| mine.with_value(|mine| !mine.is_empty() && zone != mine)));
    let typed = move || {
        let (zone, language) = (zone.get().trim().to_owned(), language.get());
        let missing = zone.is_empty().then(|| Wrong::new("time_zone", What::Missing));
        change(missing.into_iter().collect(), move |settings| {
            settings.time_zone = zone;
            settings.language = language;
        })
    };
    let fields = view! {
        <TextField
            name="time_zone"
            label=say!(prefs, pages.settings.time_zone)
            value=zone
            help=say!(prefs, pages.settings.time_zone_help)
            error=part.error("time_zone")
        />
        <Show when=move || other_zone.get()>
            <Button kind=Kind::Quiet press=move |()| zone.set(mine.get_value())>
                {drawn(move || said!(prefs, pages.settings.use_mine, zone = mine.get_value()))}
            </Button>
        </Show>
        <SelectField
            name="language"
            label=say!(prefs, pages.settings.language)
            value=language
            options=derive(move || language_options(prefs))
        />
    };
    part.card(move || said!(prefs, pages.settings.place_help).to_owned(), typed, fields.into_any())
}

pub fn keep(read: Settings, part: Part) -> AnyView {
    let prefs = use_prefs();
    let text = |span: Span| RwSignal::new(span.to_string());
    let (samples, evidence, forget) =
        (text(read.sample_retention), text(read.evidence_retention), text(read.forget_after));
    let typed = move || {
        let mut wrongs = Vec::new();
        let samples = kept(rules::sample_retention(&samples.get()), &mut wrongs);
        let evidence = kept(rules::evidence_retention(&evidence.get()), &mut wrongs);
        let forget = kept(rules::forget_after(&forget.get()), &mut wrongs);
        change(wrongs, move |settings| {
            settings.sample_retention = samples.unwrap_or(settings.sample_retention);
            settings.evidence_retention = evidence.unwrap_or(settings.evidence_retention);
            settings.forget_after = forget.unwrap_or(settings.forget_after);
        })
    };
    let fields = view! {
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
    };
    part.card(String::new, typed, fields.into_any())
}

/// Who is told each minute that Atalaya still lives.
pub fn heartbeat(read: Settings, part: Part) -> AnyView {
    let prefs = use_prefs();
    let url = RwSignal::new(read.heartbeat_url);
    let typed = move || {
        let url = url.get().trim().to_owned();
        change(Vec::new(), move |settings| settings.heartbeat_url = url)
    };
    let fields = view! {
        <TextField
            name="heartbeat_url"
            kind="url"
            label=say!(prefs, pages.settings.heartbeat_url)
            value=url
            help=say!(prefs, pages.settings.heartbeat_help)
            error=part.error("heartbeat_url")
        />
    };
    part.card(String::new, typed, fields.into_any())
}
