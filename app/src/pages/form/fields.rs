//! The form's fields as signals, one each, so that typing in one leaves the others alone.

use std::sync::Arc;

use atalaya_api::level::Level;
use leptos::prelude::*;
use serde_json::{Map, Value};

use crate::logic::form::{CheckForm, Form, OtherForm, THRESHOLD, no_data_name, no_data_of, no_params};
use crate::logic::hours::Days;
use crate::logic::params::Spec;
use crate::logic::threshold::{LevelText, LevelTexts, Side, Stretch, ThresholdForm, place};

/// The two ends of each level, lowest level first.
#[derive(Clone, Copy)]
pub struct LevelFields([[RwSignal<String>; 2]; 3]);

impl LevelFields {
    fn new(texts: &LevelTexts) -> Self {
        let ends = |text: &LevelText| [RwSignal::new(text.low.clone()), RwSignal::new(text.high.clone())];
        LevelFields([ends(&texts.0[0]), ends(&texts.0[1]), ends(&texts.0[2])])
    }

    /// The number, or the lower end of the range.
    pub fn low(self, level: Level) -> RwSignal<String> {
        self.0[place(level)][0]
    }

    pub fn high(self, level: Level) -> RwSignal<String> {
        self.0[place(level)][1]
    }

    /// Tracks.
    pub fn texts(self) -> LevelTexts {
        LevelTexts(self.0.map(|[low, high]| LevelText { low: low.get(), high: high.get() }))
    }

    pub fn set(self, texts: &LevelTexts) {
        for ([low, high], text) in self.0.into_iter().zip(&texts.0) {
            low.set(text.low.clone());
            high.set(text.high.clone());
        }
    }
}

/// Other levels for some hours.
#[derive(Clone, Copy)]
pub struct StretchFields {
    /// Distinguishes the rows while some are added and removed.
    pub id: u64,
    pub days: RwSignal<[bool; 7]>,
    pub from: RwSignal<String>,
    pub to: RwSignal<String>,
    pub levels: LevelFields,
}

impl StretchFields {
    fn new(id: u64, stretch: &Stretch) -> Self {
        StretchFields {
            id,
            days: RwSignal::new(stretch.days.0),
            from: RwSignal::new(stretch.from.clone()),
            to: RwSignal::new(stretch.to.clone()),
            levels: LevelFields::new(&stretch.levels),
        }
    }

    fn stretch(self) -> Stretch {
        Stretch {
            days: Days(self.days.get()),
            from: self.from.get(),
            to: self.to.get(),
            levels: self.levels.texts(),
        }
    }
}

/// The fields of a threshold: of a metric, or of a template.
#[derive(Clone, Copy)]
pub struct ThresholdFields {
    pub side: RwSignal<Side>,
    pub levels: LevelFields,
    pub other: RwSignal<Vec<StretchFields>>,
    /// Params that have no field.
    rest: RwSignal<Map<String, Value>>,
    next_id: StoredValue<u64>,
}

impl ThresholdFields {
    pub fn new(threshold: &ThresholdForm) -> Self {
        let fields = ThresholdFields {
            side: RwSignal::new(threshold.side),
            levels: LevelFields::new(&threshold.levels),
            other: RwSignal::new(Vec::new()),
            rest: RwSignal::new(threshold.rest.clone()),
            next_id: StoredValue::new(0),
        };
        threshold.other.iter().for_each(|stretch| fields.add_stretch(stretch));
        fields
    }

    pub fn set(self, threshold: &ThresholdForm) {
        self.rest.set(threshold.rest.clone());
        self.side.set(threshold.side);
        self.levels.set(&threshold.levels);
        self.other.set(Vec::new());
        threshold.other.iter().for_each(|stretch| self.add_stretch(stretch));
    }

    /// What is typed; tracks.
    pub fn form(self) -> ThresholdForm {
        ThresholdForm {
            side: self.side.get(),
            levels: self.levels.texts(),
            other: self.other.with(|other| other.iter().map(|stretch| stretch.stretch()).collect()),
            rest: self.rest.get(),
        }
    }

    pub fn add_stretch(self, stretch: &Stretch) {
        let id = self.next_id.with_value(|id| id + 1);
        self.next_id.set_value(id);
        let fields = StretchFields::new(id, stretch);
        self.other.update(|other| other.push(fields));
    }

    pub fn remove_stretch(self, id: u64) {
        self.other.update(|other| other.retain(|stretch| stretch.id != id));
    }
}

/// All fields; made in a stable owner (the page), copied into views.
#[derive(Clone, Copy)]
pub struct Fields {
    pub source: RwSignal<String>,
    pub expr: RwSignal<String>,
    pub unit: RwSignal<String>,
    pub name: RwSignal<String>,
    pub note: RwSignal<String>,
    pub margin: RwSignal<String>,
    pub to_alert: RwSignal<String>,
    pub to_ok: RwSignal<String>,
    pub interval: RwSignal<String>,
    /// `24x7`, `daytime`, or a calendar's id.
    pub period: RwSignal<String>,
    /// `alarm`, `keep` or `ok`.
    pub no_data: RwSignal<String>,
    /// The name of the check.
    pub check: RwSignal<String>,
    /// What is typed for a check other than the threshold.
    pub params: RwSignal<Value>,
    /// That check's form, once it is known.
    pub spec: RwSignal<Option<Arc<Spec>>>,
    pub threshold: ThresholdFields,
    /// What is typed for the checks that are not shown: turning back loses nothing.
    kept: StoredValue<Vec<(String, Value)>>,
}

impl Fields {
    pub fn new(form: &Form) -> Self {
        let text = |text: &String| RwSignal::new(text.clone());
        Fields {
            source: text(&form.source),
            expr: text(&form.expr),
            unit: text(&form.unit),
            name: text(&form.name),
            note: text(&form.note),
            margin: text(&form.ok_margin),
            to_alert: text(&form.checks_to_alert),
            to_ok: text(&form.checks_to_ok),
            interval: text(&form.interval),
            period: text(&form.period),
            no_data: RwSignal::new(no_data_name(form.no_data).to_owned()),
            check: RwSignal::new(form.check.name().to_owned()),
            params: RwSignal::new(params_of(form)),
            spec: RwSignal::new(None),
            kept: StoredValue::default(),
            threshold: ThresholdFields::new(&threshold_of(form)),
        }
    }

    /// Fills all fields anew.
    pub fn set(self, form: &Form) {
        self.source.set(form.source.clone());
        self.expr.set(form.expr.clone());
        self.unit.set(form.unit.clone());
        self.name.set(form.name.clone());
        self.note.set(form.note.clone());
        self.margin.set(form.ok_margin.clone());
        self.to_alert.set(form.checks_to_alert.clone());
        self.to_ok.set(form.checks_to_ok.clone());
        self.interval.set(form.interval.clone());
        self.period.set(form.period.clone());
        self.no_data.set(no_data_name(form.no_data).to_owned());
        self.check.set(form.check.name().to_owned());
        self.params.set(params_of(form));
        self.threshold.set(&threshold_of(form));
    }

    /// What is typed; tracks.
    pub fn form(self) -> Form {
        let name = self.check.get();
        let check = match name == THRESHOLD {
            true => CheckForm::Threshold(self.threshold.form()),
            false => CheckForm::Other(OtherForm { name, params: self.params.get(), spec: self.spec.get() }),
        };
        Form {
            source: self.source.get(),
            expr: self.expr.get(),
            unit: self.unit.get(),
            name: self.name.get(),
            note: self.note.get(),
            check,
            ok_margin: self.margin.get(),
            checks_to_alert: self.to_alert.get(),
            checks_to_ok: self.to_ok.get(),
            interval: self.interval.get(),
            period: self.period.get(),
            no_data: no_data_of(&self.no_data.get()),
        }
    }

    /// Another metric: its unit is not the one before's.
    pub fn choose(self, expr: String) {
        if self.expr.with_untracked(|before| *before != expr) {
            self.unit.set(String::new());
            self.expr.set(expr);
        }
    }

    /// Another check: what was typed for it before is there again.
    pub fn choose_check(self, name: String) {
        let before = (self.check.get_untracked(), self.params.get_untracked());
        let known = self.kept.try_update_value(|kept| {
            kept.retain(|(other, _)| *other != before.0);
            kept.push(before);
            kept.iter().find(|(other, _)| *other == name).map(|(_, params)| params.clone())
        });
        self.params.set(known.flatten().unwrap_or_else(no_params));
        self.check.set(name);
    }
}

fn threshold_of(form: &Form) -> ThresholdForm {
    match &form.check {
        CheckForm::Threshold(threshold) => threshold.clone(),
        CheckForm::Other(_) => ThresholdForm::default(),
    }
}

fn params_of(form: &Form) -> Value {
    match &form.check {
        CheckForm::Threshold(_) => no_params(),
        CheckForm::Other(other) => other.params.clone(),
    }
}
