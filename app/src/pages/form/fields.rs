//! The form's fields as signals, one each, so that typing in one leaves the others alone.

use atalaya_api::level::Level;
use leptos::prelude::*;
use serde_json::{Map, Value};

use crate::logic::form::{CheckForm, Form, no_data_name, no_data_of};
use crate::logic::hours::Days;
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
    next_id: StoredValue<u64>,
}

impl ThresholdFields {
    pub fn new(threshold: &ThresholdForm) -> Self {
        let fields = ThresholdFields {
            side: RwSignal::new(threshold.side),
            levels: LevelFields::new(&threshold.levels),
            other: RwSignal::new(Vec::new()),
            next_id: StoredValue::new(0),
        };
        threshold.other.iter().for_each(|stretch| fields.add_stretch(stretch));
        fields
    }

    pub fn set(self, threshold: &ThresholdForm) {
        self.side.set(threshold.side);
        self.levels.set(&threshold.levels);
        self.other.set(Vec::new());
        threshold.other.iter().for_each(|stretch| self.add_stretch(stretch));
    }

    /// What is typed, besides the params that have no field; tracks.
    pub fn form(self, rest: Map<String, Value>) -> ThresholdForm {
        ThresholdForm {
            side: self.side.get(),
            levels: self.levels.texts(),
            other: self.other.with(|other| other.iter().map(|stretch| stretch.stretch()).collect()),
            rest,
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
    /// What belongs to the check besides what stands in `threshold`.
    pub check: RwSignal<CheckForm>,
    pub threshold: ThresholdFields,
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
            check: RwSignal::new(form.check.clone()),
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
        self.check.set(form.check.clone());
        self.threshold.set(&threshold_of(form));
    }

    /// What is typed; tracks.
    pub fn form(self) -> Form {
        let check = match self.check.get() {
            CheckForm::Threshold(threshold) => CheckForm::Threshold(self.threshold.form(threshold.rest)),
            other => other,
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
}

fn threshold_of(form: &Form) -> ThresholdForm {
    match &form.check {
        CheckForm::Threshold(threshold) => threshold.clone(),
        CheckForm::Other { .. } => ThresholdForm::default(),
    }
}
