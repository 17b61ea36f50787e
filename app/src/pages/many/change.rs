//! What is changed in many metrics at once: each field is left as it is unless something is filled in.

use atalaya_api::rule::ReceiverUse;
use leptos::prelude::*;

use super::{Deed, Many};
use crate::components::{Button, Kind, SelectField, TextField};
use crate::erase::{Show, derive, drawn, memo};
use crate::format::use_format;
use crate::logic::many::ManyText;
use crate::pages::faults::Faults;
use crate::pages::notify::{receiver_rows, use_receivers};
use crate::pages::periods::use_periods;
use crate::pages::wording::{decimal, no_data_options};
use crate::prefs::{Prefs, use_prefs};

/// The fields as signals.
#[derive(Clone, Copy)]
struct Fields {
    sms: RwSignal<String>,
    ovo: RwSignal<String>,
    /// Empty: those that are told stay.
    receivers: RwSignal<String>,
    told: RwSignal<Vec<ReceiverUse>>,
    to_alert: RwSignal<String>,
    to_ok: RwSignal<String>,
    margin: RwSignal<String>,
    period: RwSignal<String>,
    no_data: RwSignal<String>,
    interval: RwSignal<String>,
}

impl Fields {
    fn new() -> Self {
        let text = || RwSignal::new(String::new());
        Fields {
            sms: text(),
            ovo: text(),
            receivers: text(),
            told: RwSignal::new(Vec::new()),
            to_alert: text(),
            to_ok: text(),
            margin: text(),
            period: text(),
            no_data: text(),
            interval: text(),
        }
    }

    /// Tracks.
    fn text(self) -> ManyText {
        ManyText {
            sms: self.sms.get(),
            ovo: self.ovo.get(),
            told: self.chosen().then(|| self.told.get()),
            to_alert: self.to_alert.get(),
            to_ok: self.to_ok.get(),
            margin: self.margin.get(),
            period: self.period.get(),
            no_data: self.no_data.get(),
            interval: self.interval.get(),
        }
    }

    /// Other receivers are chosen; tracks.
    fn chosen(self) -> bool {
        self.receivers.with(|receivers| !receivers.is_empty())
    }

    fn clear(self) {
        self.told.set(Vec::new());
        let all = [
            self.sms,
            self.ovo,
            self.receivers,
            self.to_alert,
            self.to_ok,
            self.margin,
            self.period,
            self.no_data,
            self.interval,
        ];
        all.into_iter().for_each(|field| field.set(String::new()));
    }
}

/// The fields and "Apply to 190"; `done` is called once the change is on its way.
#[component]
pub fn ChangeFields(many: Many, #[prop(optional, into)] done: Option<Callback<()>>) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let (fields, faults) = (Fields::new(), Faults::new());
    let count = memo(move || many.count());
    let nothing = memo(move || fields.text() == ManyText::default());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        faults.clear();
        match untrack(|| fields.text().patch(decimal(prefs))) {
            Err(wrongs) => faults.mark(wrongs),
            Ok(patch) if nothing.get_untracked() || count.get_untracked() == 0 => drop(patch),
            Ok(patch) => {
                many.deeds.run(Deed::Change(patch), many.take());
                fields.clear();
                if let Some(done) = done {
                    done.run(());
                }
            }
        }
    };
    let missing = move || match (count.get(), nothing.get()) {
        (0, _) => said!(prefs, tables.many.choose_first),
        (_, true) => said!(prefs, tables.many.fill_first),
        _ => "",
    };
    let words = move || said!(prefs, tables.many.apply_to, count = format.count(count.get())).to_string();
    view! {
        <form class="change-many" novalidate on:submit=submit>
            <Inputs fields faults />
            <div class="form-actions">
                <Button
                    kind=Kind::Primary
                    submits=true
                    disabled=derive(move || count.get() == 0 || nothing.get())
                    press=|()| ()
                >
                    {drawn(words)}
                </Button>
                <span class="muted">{drawn(missing)}</span>
                <Show when=move || !nothing.get()>
                    <Button kind=Kind::Quiet press=move |()| fields.clear()>{say!(prefs, tables.many.as_they_are)}</Button>
                </Show>
                <span class="error" role="alert">{drawn(move || faults.failure.get())}</span>
            </div>
        </form>
    }
}

#[component]
fn Inputs(fields: Fields, faults: Faults) -> impl IntoView {
    let prefs = use_prefs();
    let periods = use_periods();
    let yes_no = derive(move || {
        as_is_or(
            prefs,
            vec![
                ("yes".to_owned(), said!(prefs, tables.many.yes).to_owned()),
                ("no".to_owned(), said!(prefs, tables.many.no).to_owned()),
            ],
        )
    });
    let these = derive(move || {
        as_is_or(prefs, vec![("these".to_owned(), said!(prefs, telling.notify.these).to_owned())])
    });
    let as_is = move || said!(prefs, tables.many.as_is);
    let number = move |name: &'static str,
                       label: fn(Prefs) -> &'static str,
                       value,
                       mode: &'static str,
                       unit: &'static str| {
        view! {
            <TextField
                name
                label=move || label(prefs)
                value
                inputmode=mode
                unit=move || unit
                placeholder=as_is
                error=faults.of(name)
            />
        }
    };
    view! {
        <div class="row-of-fields">
            <SelectField name="sms" label=say!(prefs, tables.alarm_settings.sms) value=fields.sms options=yes_no />
            <SelectField name="ovo" label=say!(prefs, tables.alarm_settings.ovo) value=fields.ovo options=yes_no />
            <SelectField
                name="receivers"
                label=say!(prefs, tables.alarm_settings.receivers)
                value=fields.receivers
                options=these
            />
            {number("checks_to_alert", |prefs| said!(prefs, pages.form.to_alert), fields.to_alert, "numeric", "")}
            {number("checks_to_ok", |prefs| said!(prefs, pages.form.to_ok), fields.to_ok, "numeric", "")}
            <SelectField
                name="period"
                label=say!(prefs, tables.period.title)
                value=fields.period
                options=derive(move || as_is_or(prefs, periods.get()))
                error=faults.of("period")
            />
            {number("ok_margin", |prefs| said!(prefs, pages.form.margin), fields.margin, "decimal", "%")}
            <SelectField
                name="no_data"
                label=say!(prefs, pages.form.no_data)
                value=fields.no_data
                options=derive(move || as_is_or(prefs, no_data_options(prefs)))
            />
            {number("interval", |prefs| said!(prefs, pages.form.interval), fields.interval, "text", "")}
        </div>
        <Show when=move || fields.chosen()>{receiver_rows(use_receivers(), fields.told)}</Show>
    }
}

fn as_is_or(prefs: Prefs, options: Vec<(String, String)>) -> Vec<(String, String)> {
    std::iter::once((String::new(), said!(prefs, tables.many.as_is).to_owned())).chain(options).collect()
}
