//! Configure alarms: the same metrics by how they alarm and whom they tell, changed in place or many together.

use atalaya_api::rule::{ReceiverUse, Rule};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::Heading;
use super::many::{ChangeFields, Chosen, Deed, Deeds, Filters, Many, ManyTable, place_cell, place_column};
use super::metrics::Linked;
use super::notify::{Receivers, receiver_rows, use_receivers};
use super::periods::{period_word, use_periods};
use super::wording::{decimal, level_word, wrong_words};
use crate::account::use_account;
use crate::components::notices::use_notices;
use crate::components::{Button, Column, Dialog, Kind, Sort};
use crate::erase::{Show, drawn, memo};
use crate::format::use_format;
use crate::logic::form::no_data_name;
use crate::logic::many::told_value;
use crate::logic::number::to_text;
use crate::logic::settings::{count, margin};
use crate::logic::wrong::Wrong;
use crate::prefs::{Prefs, use_prefs};

#[component]
pub fn AlarmSettingsPage() -> impl IntoView {
    let (prefs, account) = (use_prefs(), use_account());
    let many = Many::new(Sort::up("dashboard"));
    provide_context(Periods(use_periods()));
    let choosing = Choosing::new(many.deeds);
    provide_context(choosing);
    view! {
        <Heading text=say!(prefs, tables.menu.alarm_settings) />
        <p class="lead">{say!(prefs, tables.alarm_settings.lead)}</p>
        <Filters listing=many.listing />
        <Show when=move || account.may_configure()>
            <section class="card together">
                <h2>{say!(prefs, tables.alarm_settings.together)}</h2>
                <ChangeFields many />
            </section>
        </Show>
        <ManyTable
            many
            caption=say!(prefs, tables.menu.alarm_settings)
            columns=columns(prefs, many, account.may_configure())
        />
        <ChooseReceivers choosing />
    }
}

/// A cell that changes its metric: the name of what it shows, and how.
#[derive(Clone, Copy)]
struct Cell {
    rule: Signal<Rule>,
    deeds: Deeds,
    /// Viewers see the words only.
    may: bool,
    title: fn(Prefs) -> &'static str,
}

impl Cell {
    fn change(self, patch: Value) {
        self.deeds.run(Deed::Change(patch), self.rule.with_untracked(Chosen::rule));
    }

    /// "Checks to alert of CPU router1"; tracks.
    fn label(self, prefs: Prefs) -> String {
        let name = self.rule.with(|rule| rule.draft.name.clone());
        said!(prefs, tables.alarm_settings.of, what = (self.title)(prefs), name = name).to_string()
    }
}

fn columns(prefs: Prefs, many: Many, may: bool) -> Vec<Column<Rule>> {
    let deeds = many.deeds;
    let cell = move |title: fn(Prefs) -> &'static str| move |rule| Cell { rule, deeds, may, title };
    let column = move |title: fn(Prefs) -> &'static str, draw: fn(Cell) -> AnyView| {
        let cell = cell(title);
        Column::new(move || title(prefs), move |rule| draw(cell(rule))).class("labelled")
    };
    vec![
        Column::new(say!(prefs, pages.history.dashboard), move |rule| place_cell(rule, many.listing))
            .sorted_by("dashboard")
            .class("place"),
        place_column(say!(prefs, tables.many.panel), "panel", |query| &query.panel),
        Column::new(say!(prefs, pages.history.metric), move |rule: Signal<Rule>| {
            let href = move || rule.with(|rule| format!("configured/{}", rule.id));
            view! {
                <a class="row-title" href=href>{drawn(move || rule.with(|rule| rule.draft.name.clone()))}</a>
                <Linked rule deeds may_configure=may />
            }
        })
        .sorted_by("name")
        .class("wide"),
        column(
            |prefs| said!(prefs, tables.alarm_settings.sms),
            |cell| switch(cell, |rule| rule.draft.notify.sms, "sms"),
        ),
        column(
            |prefs| said!(prefs, tables.alarm_settings.ovo),
            |cell| switch(cell, |rule| rule.draft.notify.ovo, "ovo"),
        ),
        column(|prefs| said!(prefs, tables.alarm_settings.receivers), receivers),
        column(
            |prefs| said!(prefs, pages.form.to_alert),
            |cell| number(cell, "checks_to_alert", "", |rule, _| rule.draft.checks_to_alert.to_string()),
        ),
        column(
            |prefs| said!(prefs, pages.form.to_ok),
            |cell| number(cell, "checks_to_ok", "", |rule, _| rule.draft.checks_to_ok.to_string()),
        ),
        column(|prefs| said!(prefs, tables.period.title), period),
        column(
            |prefs| said!(prefs, pages.form.margin),
            |cell| number(cell, "ok_margin", "%", |rule, mark| to_text(rule.draft.ok_margin, mark)),
        ),
        column(|prefs| said!(prefs, pages.form.no_data), no_data),
    ]
}

/// Yes or no.
fn switch(cell: Cell, get: fn(&Rule) -> bool, field: &'static str) -> AnyView {
    let prefs = use_prefs();
    let on = memo(move || cell.rule.with(get));
    if !cell.may {
        let word =
            move || if on.get() { said!(prefs, tables.many.yes) } else { said!(prefs, tables.many.no) };
        return drawn(word).into_any();
    }
    let change = move |event| {
        let now = event_target_checked(&event);
        cell.change(json!({"notify": {field: now}}));
    };
    view! {
        <label class="cell-switch">
            <input type="checkbox" aria-label=move || cell.label(prefs) prop:checked=on on:change=change />
            <span aria-hidden="true">
                {drawn(move || if on.get() { said!(prefs, tables.many.yes) } else { said!(prefs, tables.many.no) })}
            </span>
        </label>
    }
    .into_any()
}

/// Those that are told, each from its lowest severity on.
fn receivers(cell: Cell) -> AnyView {
    let (prefs, choosing) = (use_prefs(), expect_context::<Choosing>());
    let words = move || {
        cell.rule.with(|rule| {
            let told = &rule.draft.notify.receivers;
            let one = |told: &ReceiverUse| {
                format!("{} ({})", choosing.name_of(&told.id), level_word(prefs, told.from))
            };
            if told.is_empty() {
                "–".to_owned()
            } else {
                told.iter().map(one).collect::<Vec<_>>().join(", ")
            }
        })
    };
    let press = move |()| choosing.ask(&cell.rule.get_untracked());
    let change = cell.may.then(|| {
        view! {
            <Button kind=Kind::Quiet icon="edit" press=press label=move || cell.label(prefs)>
                {say!(prefs, pages.common.change)}
            </Button>
        }
    });
    view! {
        {drawn(words)} " " {change}
    }
    .into_any()
}

/// A number that counts once Enter is pressed or the field is left; what is no such number is put back, and said.
fn number(cell: Cell, field: &'static str, unit: &'static str, get: fn(&Rule, char) -> String) -> AnyView {
    let (prefs, format, notices) = (use_prefs(), use_format(), use_notices());
    let shown = memo(move || cell.rule.with(|rule| get(rule, decimal(prefs))));
    let with_unit = move || format!("{}\u{a0}{unit}", shown.get());
    if !cell.may {
        return drawn(with_unit).into_any();
    }
    let change = move |event: web_sys::Event| {
        let typed = event_target_value(&event);
        match read(field, &typed, untrack(|| decimal(prefs))) {
            Ok(patch) if typed.trim() != shown.get_untracked() => cell.change(patch),
            Ok(_) => {}
            Err(wrong) => {
                let words =
                    untrack(|| format!("{}: {}", cell.label(prefs), wrong_words(prefs, format, &wrong.what)));
                notices.tell(words);
                put_back(&event, &shown.get_untracked());
            }
        }
    };
    view! {
        <span class="input cell-number">
            <input
                type="text"
                inputmode="decimal"
                autocomplete="off"
                aria-label=move || cell.label(prefs)
                prop:value=shown
                on:change=change
            />
            <span class="unit">{unit}</span>
        </span>
    }
    .into_any()
}

fn read(field: &'static str, text: &str, decimal: char) -> Result<Value, Wrong> {
    match field {
        "ok_margin" => margin(field, text, decimal).map(|percent| json!({field: percent})),
        _ => count(field, text).map(|count| json!({field: count})),
    }
}

fn put_back(event: &web_sys::Event, text: &str) {
    use wasm_bindgen::JsCast;
    let input = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
    if let Some(input) = input {
        input.set_value(text);
    }
}

/// One of a few, which counts at once.
fn choice(
    cell: Cell,
    field: &'static str,
    now: Memo<String>,
    options: impl Fn() -> Vec<(String, String)> + Send + 'static,
) -> AnyView {
    let prefs = use_prefs();
    let option = move |(value, words): (String, String)| {
        let mine = value.clone();
        view! { <option value=value selected=move || now.get() == mine>{words}</option> }
    };
    let change = move |event| {
        let chosen = event_target_value(&event);
        cell.change(json!({field: chosen}));
    };
    view! {
        <select class="cell-choice" aria-label=move || cell.label(prefs) prop:value=now on:change=change>
            {drawn(move || options().into_iter().map(option).collect_view())}
        </select>
    }
    .into_any()
}

fn period(cell: Cell) -> AnyView {
    let prefs = use_prefs();
    let now = memo(move || cell.rule.with(|rule| rule.draft.period.clone()));
    if !cell.may {
        return drawn(move || period_word(prefs, &now.get())).into_any();
    }
    let periods = expect_context::<Periods>().0;
    choice(cell, "period", now, move || periods.get())
}

fn no_data(cell: Cell) -> AnyView {
    let prefs = use_prefs();
    let words = move || {
        vec![
            ("alarm".to_owned(), said!(prefs, tables.alarm_settings.no_data_alarm).to_owned()),
            ("keep".to_owned(), said!(prefs, tables.alarm_settings.no_data_keep).to_owned()),
            ("ok".to_owned(), said!(prefs, tables.alarm_settings.no_data_ok).to_owned()),
        ]
    };
    let now = memo(move || cell.rule.with(|rule| no_data_name(rule.draft.no_data).to_owned()));
    if !cell.may {
        let word = move || words().into_iter().find(|(name, _)| *name == now.get()).map(|(_, word)| word);
        return drawn(word).into_any();
    }
    choice(cell, "no_data", now, words)
}

/// The receivers of one metric, while they are chosen in a dialog.
#[derive(Clone, Copy)]
struct Choosing {
    known: Receivers,
    of: RwSignal<Option<Chosen>>,
    told: RwSignal<Vec<ReceiverUse>>,
    open: RwSignal<bool>,
    deeds: Deeds,
}

impl Choosing {
    fn new(deeds: Deeds) -> Self {
        Choosing {
            known: use_receivers(),
            of: RwSignal::new(None),
            told: RwSignal::new(Vec::new()),
            open: RwSignal::new(false),
            deeds,
        }
    }

    fn ask(self, rule: &Rule) {
        self.told.set(rule.draft.notify.receivers.clone());
        self.of.set(Some(Chosen::rule(rule)));
        self.open.set(true);
    }

    fn save(self) {
        self.open.set(false);
        if let Some(targets) = self.of.get_untracked() {
            let told = self.told.with_untracked(|told| told_value(told));
            self.deeds.run(Deed::Change(json!({"notify": {"receivers": told}})), targets);
        }
    }

    /// What people call it; tracks.
    fn name_of(self, id: &str) -> String {
        self.known.state.with(|state| {
            let all = state.value().map_or(&[][..], |page| page.items.as_slice());
            let found = all.iter().find(|one| one.receiver.id == id);
            found.map_or_else(|| id.to_owned(), |one| one.receiver.name.clone())
        })
    }
}

#[component]
fn ChooseReceivers(choosing: Choosing) -> impl IntoView {
    let prefs = use_prefs();
    let title = move || {
        let name = choosing.of.get().map(|of| of.name).unwrap_or_default();
        said!(prefs, telling.notify.whom, name = name).to_string()
    };
    view! {
        <Dialog open=choosing.open title=title>
            {receiver_rows(choosing.known, choosing.told)}
            <div class="dialog-actions">
                <Button kind=Kind::Quiet press=move |()| choosing.open.set(false)>{say!(prefs, pages.common.cancel)}</Button>
                <Button kind=Kind::Primary press=move |()| choosing.save()>{say!(prefs, pages.common.save)}</Button>
            </div>
        </Dialog>
    }
}

/// The periods on offer, asked for once for all rows.
#[derive(Clone, Copy)]
struct Periods(Signal<Vec<(String, String)>>);
