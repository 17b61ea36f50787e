//! What new metrics start with, when the daytime is, and how metrics of a dashboard are shown.

use atalaya_api::settings::{MetricNames, Settings};
use leptos::prelude::*;

use super::part::{Part, change, keep};
use crate::components::{SelectField, SwitchField, TextField};
use crate::erase::derive;
use crate::logic::form::{no_data_name, no_data_of};
use crate::logic::number::to_text;
use crate::logic::settings as rules;
use crate::pages::periods::use_periods;
use crate::pages::week::{Week, WeekFields};
use crate::pages::wording::{decimal, no_data_options};
use crate::prefs::use_prefs;

pub fn defaults(read: Settings, part: Part) -> AnyView {
    let (prefs, periods) = (use_prefs(), use_periods());
    let mark = untrack(|| decimal(prefs));
    let defaults = read.defaults;
    let alert = RwSignal::new(defaults.checks_to_alert.to_string());
    let ok = RwSignal::new(defaults.checks_to_ok.to_string());
    let margin = RwSignal::new(to_text(defaults.ok_margin, mark));
    let period = RwSignal::new(defaults.period);
    let no_data = RwSignal::new(no_data_name(defaults.no_data).to_owned());
    let (sms, ovo) = (RwSignal::new(defaults.sms), RwSignal::new(defaults.ovo));
    let typed = move || {
        let mut wrongs = Vec::new();
        let to_alert = keep(rules::count("checks_to_alert", &alert.get()), &mut wrongs);
        let to_ok = keep(rules::count("checks_to_ok", &ok.get()), &mut wrongs);
        let percent = keep(rules::margin("ok_margin", &margin.get(), decimal(prefs)), &mut wrongs);
        let (period, no_data, sms, ovo) = (period.get(), no_data_of(&no_data.get()), sms.get(), ovo.get());
        change(wrongs, move |settings| {
            let defaults = &mut settings.defaults;
            defaults.checks_to_alert = to_alert.unwrap_or(defaults.checks_to_alert);
            defaults.checks_to_ok = to_ok.unwrap_or(defaults.checks_to_ok);
            defaults.ok_margin = percent.unwrap_or(defaults.ok_margin);
            (defaults.period, defaults.no_data, defaults.sms, defaults.ovo) = (period, no_data, sms, ovo);
        })
    };
    let fields = view! {
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
            name="no_data"
            label=say!(prefs, pages.form.no_data)
            value=no_data
            options=derive(move || no_data_options(prefs))
        />
        <SelectField
            name="period"
            label=say!(prefs, tables.period.title)
            value=period
            options=periods
            help=say!(prefs, tables.period.help)
            error=part.error("period")
        />
        <SwitchField name="sms" label=say!(prefs, pages.add.sms) value=sms />
        <SwitchField name="ovo" label=say!(prefs, pages.add.ovo) value=ovo />
    };
    part.card(String::new, typed, fields.into_any())
}

/// When `daytime` is.
pub fn daytime(read: Settings, part: Part) -> AnyView {
    let prefs = use_prefs();
    let week = Week::new(&read.daytime);
    let typed = move || {
        let ranges = week.ranges();
        change(Vec::new(), move |settings| settings.daytime = ranges)
    };
    let zone = read.time_zone;
    let help = move || said!(prefs, tables.period.daytime_help, zone = zone.clone()).to_string();
    part.card(help, typed, view! { <WeekFields week path="daytime" faults=part.faults /> }.into_any())
}

/// How metrics of a dashboard are named, and whether rows are shown.
pub fn naming(read: Settings, part: Part) -> AnyView {
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
    let typed = move || {
        let (names, rows) = (names.get(), rows.get());
        change(Vec::new(), move |settings| {
            settings.metric_names = match names.as_str() {
                "full" => MetricNames::Full,
                "wildcard" => MetricNames::Wildcard,
                _ => MetricNames::Alias,
            };
            settings.show_rows = rows;
        })
    };
    let fields = view! {
        <SelectField
            name="metric_names"
            label=say!(prefs, tables.naming.names)
            value=names
            options
            help=say!(prefs, tables.naming.help)
        />
        <SwitchField name="show_rows" label=say!(prefs, tables.naming.rows) value=rows />
    };
    part.card(String::new, typed, fields.into_any())
}
