//! What new metrics start with, when the daytime is, and how metrics of a dashboard are shown.

use atalaya_api::settings::{MetricNames, Settings};
use leptos::prelude::*;

use super::{Part, SavePart, keep};
use crate::components::{SelectField, SwitchField, TextField};
use crate::erase::{derive, drawn};
use crate::logic::number::to_text;
use crate::logic::settings as rules;
use crate::pages::periods::use_periods;
use crate::pages::week::{Week, WeekFields};
use crate::pages::wording::decimal;
use crate::prefs::use_prefs;

#[component]
pub fn Defaults(read: Settings, part: Part) -> impl IntoView {
    let (prefs, periods) = (use_prefs(), use_periods());
    let mark = untrack(|| decimal(prefs));
    let defaults = read.defaults;
    let alert = RwSignal::new(defaults.checks_to_alert.to_string());
    let ok = RwSignal::new(defaults.checks_to_ok.to_string());
    let margin = RwSignal::new(to_text(defaults.ok_margin, mark));
    let period = RwSignal::new(defaults.period);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let mut wrongs = Vec::new();
        let to_alert = keep(rules::count("checks_to_alert", &alert.get_untracked()), &mut wrongs);
        let to_ok = keep(rules::count("checks_to_ok", &ok.get_untracked()), &mut wrongs);
        let mark = untrack(|| decimal(prefs));
        let percent = keep(rules::margin("ok_margin", &margin.get_untracked(), mark), &mut wrongs);
        let period = period.get_untracked();
        let change = move |settings: &mut Settings| {
            let defaults = &mut settings.defaults;
            defaults.checks_to_alert = to_alert.unwrap_or(defaults.checks_to_alert);
            defaults.checks_to_ok = to_ok.unwrap_or(defaults.checks_to_ok);
            defaults.ok_margin = percent.unwrap_or(defaults.ok_margin);
            defaults.period = period;
        };
        part.save(change, wrongs);
    };
    view! {
        <form class="card" novalidate on:submit=submit>
            <h2>{say!(prefs, pages.settings.defaults)}</h2>
            <TextField
                name="checks_to_alert"
                label=say!(prefs, pages.form.to_alert)
                value=alert
                inputmode="numeric"
                help=say!(prefs, pages.form.to_alert_help)
                error=part.error("checks_to_alert")
            />
            <TextField
                name="checks_to_ok"
                label=say!(prefs, pages.form.to_ok)
                value=ok
                inputmode="numeric"
                help=say!(prefs, pages.form.to_ok_help)
                error=part.error("checks_to_ok")
            />
            <TextField
                name="ok_margin"
                label=say!(prefs, pages.form.margin)
                value=margin
                unit=|| "%"
                inputmode="decimal"
                help=say!(prefs, pages.form.margin_help)
                error=part.error("ok_margin")
            />
            <SelectField
                name="period"
                label=say!(prefs, tables.period.title)
                value=period
                options=periods
                help=say!(prefs, tables.period.help)
                error=part.error("period")
            />
            <SavePart part />
        </form>
    }
}

/// When `daytime` is.
#[component]
pub fn Daytime(read: Settings, part: Part) -> impl IntoView {
    let prefs = use_prefs();
    let week = Week::new(&read.daytime);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let ranges = untrack(|| week.ranges());
        part.save(move |settings| settings.daytime = ranges, Vec::new());
    };
    let zone = read.time_zone;
    view! {
        <form class="card" novalidate on:submit=submit>
            <h2>{say!(prefs, tables.period.daytime)}</h2>
            <p class="help">{drawn(move || said!(prefs, tables.period.daytime_help, zone = zone.clone()).to_string())}</p>
            <WeekFields week path="daytime" faults=part.faults />
            <SavePart part />
        </form>
    }
}

/// How metrics of a dashboard are named, and whether rows are shown.
#[component]
pub fn Naming(read: Settings, part: Part) -> impl IntoView {
    let prefs = use_prefs();
    let name = |names: MetricNames| match names {
        MetricNames::Alias => "alias",
        MetricNames::Full => "full",
        MetricNames::Wildcard => "wildcard",
    };
    let (names, rows) = (RwSignal::new(name(read.metric_names).to_owned()), RwSignal::new(read.show_rows));
    let options = derive(move || {
        let option = |value: &str, words: &str| (value.to_owned(), words.to_owned());
        vec![
            option("alias", said!(prefs, tables.naming.alias)),
            option("full", said!(prefs, tables.naming.full)),
            option("wildcard", said!(prefs, tables.naming.wildcard)),
        ]
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let (names, rows) = (names.get_untracked(), rows.get_untracked());
        let change = move |settings: &mut Settings| {
            settings.metric_names = match names.as_str() {
                "full" => MetricNames::Full,
                "wildcard" => MetricNames::Wildcard,
                _ => MetricNames::Alias,
            };
            settings.show_rows = rows;
        };
        part.save(change, Vec::new());
    };
    view! {
        <form class="card" novalidate on:submit=submit>
            <h2>{say!(prefs, tables.naming.title)}</h2>
            <SelectField
                name="metric_names"
                label=say!(prefs, tables.naming.names)
                value=names
                options
                help=say!(prefs, tables.naming.help)
            />
            <SwitchField name="show_rows" label=say!(prefs, tables.naming.rows) value=rows />
            <SavePart part />
        </form>
    }
}
