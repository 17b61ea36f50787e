//! When the threshold alerts: the side, the three levels, the margin, other hours.

use atalaya_api::level::Level;
use leptos::prelude::*;

use super::editor::Editor;
use super::fields::{LevelFields, ThresholdFields};
use super::hours::OtherHours;
use super::inputs::ShortField;
use crate::components::severity::{SeverityShape, class_of};
use crate::components::{Button, Kind, TextField};
use crate::erase::{drawn, memo};
use crate::format::{Format, use_format};
use crate::logic::form::{CheckForm, Form};
use crate::logic::settings::margin;
use crate::logic::threshold::{Limit, Side, moved};
use crate::pages::faults::Faults;
use crate::pages::metrics::side_word;
use crate::pages::wording::{decimal, level_standing, level_word};
use crate::prefs::{Prefs, use_prefs};

/// What the inputs of a threshold need: of a metric, or of a template.
#[derive(Clone, Copy)]
pub struct Thresholds {
    pub fields: ThresholdFields,
    pub unit: RwSignal<String>,
    pub faults: Faults,
    /// Of its params, as the API names them.
    pub path: StoredValue<String>,
    /// The zone that hours are told in, an IANA name.
    pub zone: StoredValue<String>,
}

/// Side, levels, and between them what stands in `children`.
#[component]
pub fn ThresholdInputs(at: Thresholds, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    let prefs = use_prefs();
    view! {
        <SidePicker at />
        <LevelInputs at levels=at.fields.levels path=at.path.get_value() />
        <p class="help">{say!(prefs, pages.form.levels_help)}</p>
        {children.map(|children| children())}
        <OtherHours at />
    }
}

#[component]
pub fn Levels(editor: Editor) -> impl IntoView {
    let prefs = use_prefs();
    view! {
        <ThresholdInputs at=editor.thresholds()>
            <Button kind=Kind::Quiet icon="metrics" press=move |()| editor.propose_anew()>
                {say!(prefs, pages.form.propose)}
            </Button>
            <Margin editor />
        </ThresholdInputs>
    }
}

/// The OK margin, and what it means for the lowest level where that can be said.
#[component]
pub fn Margin(editor: Editor) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let recovery = move || editor.form.with(|form| recovery_words(prefs, format, form));
    view! {
        <TextField
            name="ok_margin"
            label=say!(prefs, pages.form.margin)
            value=editor.fields.margin
            unit=|| "%"
            inputmode="decimal"
            help=move || match recovery() {
                Some(words) => words,
                None => said!(prefs, pages.form.margin_help).to_owned(),
            }
            error=editor.error("ok_margin")
        />
    }
}

/// Above, below, inside, outside.
#[component]
fn SidePicker(at: Thresholds) -> impl IntoView {
    let (prefs, side) = (use_prefs(), at.fields.side);
    let name = at.path.with_value(|path| format!("{path}.direction"));
    let label = format!("{name}-label");
    let labelled = label.clone();
    let choice = move |choice: Side| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name=name.clone()
                    value=choice.name()
                    prop:checked=move || side.get() == choice
                    on:change=move |_| side.set(choice)
                />
                <span>{drawn(move || side_word(prefs, choice))}</span>
            </label>
        }
    };
    view! {
        <div class="field" role="radiogroup" aria-labelledby=labelled>
            <span class="label" id=label>{say!(prefs, pages.form.direction)}</span>
            <div class="choices">{Side::ALL.map(choice).collect_view()}</div>
        </div>
    }
}

/// The three levels' numbers, worst first as everywhere; one or two fields each.
#[component]
pub fn LevelInputs(at: Thresholds, levels: LevelFields, path: String) -> impl IntoView {
    let path = StoredValue::new(path);
    let rows = move |range: bool| {
        let row = move |level: Level| {
            let id = path.with_value(|path| format!("{path}.{}", level.name()));
            level_row(at, levels, level, range, id)
        };
        Level::ALARMING.into_iter().rev().map(row).collect_view()
    };
    let range = memo(move || at.fields.side.get().is_range());
    view! { <div class="levels">{drawn(move || rows(range.get()))}</div> }
}

fn level_row(at: Thresholds, levels: LevelFields, level: Level, range: bool, id: String) -> impl IntoView {
    let prefs = use_prefs();
    let standing = level_standing(level);
    let word = move || level_word(prefs, level);
    let low_label = move || match range {
        true => said!(prefs, pages.form.low_end, level = word()).to_string(),
        false => word().to_owned(),
    };
    let high_label = move || said!(prefs, pages.form.high_end, level = word()).to_string();
    let high = range.then(|| {
        view! {
            <span class="and">{say!(prefs, pages.form.and)}</span>
            <ShortField
                id=format!("{id}.high")
                label=high_label
                value=levels.high(level)
                unit=at.unit
                placeholder=say!(prefs, pages.common.optional)
                unlabelled=true
            />
        }
    });
    view! {
        <div class=format!("level-row {}", class_of(standing))>
            <span class="mark" aria-hidden="true">
                <SeverityShape of=standing />
                <span class="word">{drawn(word)}</span>
            </span>
            <ShortField
                id=id.clone()
                label=low_label
                value=levels.low(level)
                error=at.faults.of(id.clone())
                unit=at.unit
                placeholder=say!(prefs, pages.common.optional)
                unlabelled=true
            />
            {high}
        </div>
    }
}

/// What the margin means for the lowest level, in numbers; None while they cannot be read. Tracks the language.
fn recovery_words(prefs: Prefs, format: Format, form: &Form) -> Option<String> {
    let CheckForm::Threshold(threshold) = &form.check else { return None };
    let mark = decimal(prefs);
    let margin = margin("", &form.ok_margin, mark).ok()?;
    let lowest = threshold.levels.readable(threshold.side, mark).into_iter().flatten().next()?;
    let unit = Some(form.unit.as_str());
    let words = |value: f64| format.value(Some(value), unit);
    Some(match (threshold.side, lowest) {
        (Side::Above, Limit::One(at)) => {
            said!(prefs, pages.form.margin_above, at = words(at), ok = words(moved(at, true, margin)))
                .to_string()
        }
        (_, Limit::One(at)) => {
            said!(prefs, pages.form.margin_below, at = words(at), ok = words(moved(at, false, margin)))
                .to_string()
        }
        (Side::Inside, Limit::Range(low, high)) => {
            let (low, high) = (words(moved(low, true, margin)), words(moved(high, false, margin)));
            said!(prefs, pages.form.margin_inside, low = low, high = high).to_string()
        }
        (_, Limit::Range(low, high)) => {
            let (low, high) = (words(moved(low, false, margin)), words(moved(high, true, margin)));
            said!(prefs, pages.form.margin_outside, low = low, high = high).to_string()
        }
    })
}
