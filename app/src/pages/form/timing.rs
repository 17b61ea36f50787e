//! How soon: counts and interval, and the sentence that says what they mean.

use leptos::prelude::*;

use super::editor::Editor;
use crate::components::{SelectField, TextField};
use crate::erase::{derive, drawn};
use crate::logic::form::Timing as Numbers;
use crate::pages::periods::use_periods;
use crate::pages::wording::{no_data_options, span_words};
use crate::prefs::{Prefs, use_prefs};

#[component]
pub fn Timing(editor: Editor) -> impl IntoView {
    let prefs = use_prefs();
    let fields = editor.fields;
    let interval_help = move || match editor.step() {
        Some(step) => said!(prefs, pages.form.interval_auto, step = span_words(step)).to_string(),
        None => said!(prefs, pages.form.interval_help).to_owned(),
    };
    let sentence = move || {
        let step = editor.step();
        editor.form.with(|form| form.timing(step)).map(|numbers| sentence(prefs, numbers))
    };
    let (no_data, periods) = (derive(move || no_data_options(prefs)), use_periods());
    view! {
        <fieldset class="step">
            <legend>{say!(prefs, pages.form.how_sure)}</legend>
            <div class="row-of-fields">
                <TextField
                    name="checks_to_alert"
                    label=say!(prefs, pages.form.to_alert)
                    value=fields.to_alert
                    inputmode="numeric"
                    help=say!(prefs, pages.form.to_alert_help)
                    error=editor.error("checks_to_alert")
                />
                <TextField
                    name="checks_to_ok"
                    label=say!(prefs, pages.form.to_ok)
                    value=fields.to_ok
                    inputmode="numeric"
                    help=say!(prefs, pages.form.to_ok_help)
                    error=editor.error("checks_to_ok")
                />
                <TextField
                    name="interval"
                    label=say!(prefs, pages.form.interval)
                    value=fields.interval
                    placeholder=move || editor.step().map(span_words).unwrap_or_default()
                    help=interval_help
                    error=editor.error("interval")
                />
            </div>
            <p class="sentence" aria-live="polite">{drawn(sentence)}</p>
            <SelectField name="no_data" label=say!(prefs, pages.form.no_data) value=fields.no_data options=no_data />
            <SelectField
                name="period"
                label=say!(prefs, tables.period.title)
                value=fields.period
                options=periods
                help=say!(prefs, tables.period.help)
                error=editor.error("period")
            />
        </fieldset>
    }
}

/// "Raised at most 30 s after the value crosses (3 checks, one every 10 s). Cleared …"; tracks the language.
fn sentence(prefs: Prefs, numbers: Numbers) -> String {
    let every = span_words(numbers.every);
    let raised = span_words(numbers.raised_within);
    let cleared = span_words(numbers.cleared_within);
    let (alert, ok) = (numbers.to_alert, numbers.to_ok);
    let raised = match alert {
        1 => said!(prefs, pages.form.raised_one, raised = raised, every = every).to_string(),
        _ => said!(prefs, pages.form.raised_many, raised = raised, count = alert, every = every).to_string(),
    };
    let cleared = match ok {
        1 => said!(prefs, pages.form.cleared_one, cleared = cleared).to_string(),
        _ => said!(prefs, pages.form.cleared_many, cleared = cleared, count = ok).to_string(),
    };
    format!("{raised} {cleared}")
}
