//! What "Add" and "Edit" share besides views: the form as it stands, what is wrong with it, and what its chart shows.

use std::sync::Arc;

use atalaya_api::check::CheckView;
use atalaya_api::page::Page;
use atalaya_api::rule::{Notify, RuleDraft};
use atalaya_api::settings::Settings;
use atalaya_api::span::Span;
use leptos::prelude::*;

use super::data::{Data, Samples};
use super::fields::Fields;
use super::levels::Thresholds;
use crate::components::chart::{ChartData, Range};
use crate::dom;
use crate::erase::{effect, memo};
use crate::fetched::{Fetched, fetched};
use crate::logic::form::{CheckForm, Form, THRESHOLD};
use crate::logic::lines::lines;
use crate::logic::params::Spec;
use crate::logic::propose::{looks_like_percent, propose};
use crate::logic::threshold::{LevelTexts, Side};
use crate::logic::wrong::{What, Wrong};
use crate::pages::clock;
use crate::pages::faults::Faults;
use crate::pages::listing::after_rest;
use crate::pages::notify::Telling;
use crate::pages::wording::decimal;
use crate::prefs::{Prefs, use_prefs};

/// Typing rests this long before it is called wrong, ms.
const REST_MS: u64 = 500;
/// Other sources are asked at most this often where nothing else is said.
const USUAL_INTERVAL: Span = Span::MINUTE;

#[derive(Clone, Copy)]
pub struct Editor {
    pub fields: Fields,
    /// As it is typed.
    pub form: Memo<Form>,
    pub data: Data,
    pub picture: Memo<ChartData>,
    /// The installed checks.
    pub checks: Fetched<Page<CheckView>>,
    pub saving: RwSignal<bool>,
    pub faults: Faults,
    /// Whom it tells.
    pub telling: Telling,
    /// The zone that hours are told in, an IANA name.
    pub zone: StoredValue<String>,
    /// The metric as it was read; keeps what the form has no field for.
    pub base: RwSignal<Option<RuleDraft>>,
    /// What an empty name stands for; empty: the expression.
    pub usual_name: RwSignal<String>,
    /// There are several metrics, each with a name of its own.
    pub several: RwSignal<bool>,
    attempted: RwSignal<bool>,
    /// What was last tried to save: until something else is typed, what the server said of it stands.
    tried: StoredValue<Option<Form>>,
    /// The last proposal, and for which metric it was made.
    proposed: StoredValue<(LevelTexts, String)>,
    /// What is typed for the sides that are not shown: turning back loses nothing.
    kept: StoredValue<Vec<(Side, LevelTexts)>>,
    prefs: Prefs,
}

impl Editor {
    pub fn new(form: &Form, base: Option<RuleDraft>, settings: &Settings) -> Self {
        let (prefs, fields) = (use_prefs(), Fields::new(form));
        let zone = base
            .as_ref()
            .and_then(|base| base.time_zone.clone())
            .unwrap_or_else(|| settings.time_zone.clone());
        let zone = StoredValue::new(zone);
        let telling = base.as_ref().map_or_else(|| usual_notify(settings), |base| base.notify.clone());
        let form = memo(move || fields.form());
        let data = Data::new(fields);
        let picture = memo(move || form.with(|form| picture(form, data, decimal(prefs), &zone.get_value())));
        let editor = Editor {
            fields,
            form,
            data,
            picture,
            checks: fetched(|| Some("checks".to_owned())),
            saving: RwSignal::new(false),
            faults: Faults::new(),
            telling: Telling::new(&telling),
            zone,
            base: RwSignal::new(base),
            usual_name: RwSignal::new(String::new()),
            several: RwSignal::new(false),
            attempted: RwSignal::new(false),
            tried: StoredValue::default(),
            proposed: StoredValue::default(),
            kept: StoredValue::default(),
            prefs,
        };
        after_rest(move || form.get(), REST_MS, move |form| editor.judge(&form));
        Effect::watch(
            move || fields.threshold.side.get(),
            move |_, before, _| editor.turn(before.copied()),
            false,
        );
        effect(move || editor.propose_if_untouched());
        effect(move || fields.spec.set(editor.spec_of(&fields.check.get())));
        editor
    }

    /// What is wrong with a field, in words; tracks.
    pub fn error(self, field: impl Into<String>) -> Signal<Option<String>> {
        self.faults.of(field)
    }

    /// What the inputs of its threshold need.
    pub fn thresholds(self) -> Thresholds {
        Thresholds {
            fields: self.fields.threshold,
            unit: self.fields.unit,
            faults: self.faults,
            path: StoredValue::new("check.params".to_owned()),
            zone: self.zone,
        }
    }

    /// The form of a check other than the threshold, which has one of its own; tracks.
    fn spec_of(self, name: &str) -> Option<Arc<Spec>> {
        self.checks.state.with(|state| {
            let check = state.value()?.items.iter().find(|check| check.name == name && name != THRESHOLD)?;
            Some(Arc::new(Spec::of(&check.params_schema)))
        })
    }

    /// The draft to send; None after marking what is wrong and going to the first such field.
    pub fn attempt(self) -> Option<RuleDraft> {
        self.attempted.set(true);
        self.faults.failure.set(None);
        let form = self.form.get_untracked();
        let draft = self.draft(&form);
        self.tried.set_value(Some(form));
        match draft {
            Ok(draft) => Some(RuleDraft { notify: untrack(|| self.telling.get()), ..draft }),
            Err(wrongs) => {
                self.faults.mark(wrongs);
                None
            }
        }
    }

    /// The interval that an empty field stands for, as the API proposes it: as often as the source has samples, and sources
    /// elsewhere at most once a minute; tracks.
    pub fn step(self) -> Option<Span> {
        let step = self.data.samples.with(|state| {
            let step = state.value()?.answer.series.first()?.step_ms / 1_000.0;
            // Steps are whole seconds from 1 s; what is not known is 0.
            (step >= 1.0).then_some(Span(step.min(86_400.0) as u32))
        });
        if self.fields.source.with(|source| source == "local") {
            return step;
        }
        // Over more than an hour a source elsewhere gives fewer samples than it has.
        let step = step.filter(|_| self.data.range.get() == Range::Hour);
        Some(step.map_or(USUAL_INTERVAL, |step| step.max(USUAL_INTERVAL)))
    }

    /// Levels that somebody else proposes, e.g. a panel in Grafana.
    pub fn offer(self, side: Side, levels: LevelTexts) {
        if self.fields.threshold.side.get_untracked() == side {
            return self.fields.threshold.levels.set(&levels);
        }
        // Turning takes what is kept for the new side.
        self.kept.update_value(|kept| {
            kept.retain(|(other, _)| *other != side);
            kept.push((side, levels));
        });
        self.fields.threshold.side.set(side);
    }

    /// Fills the levels from the data, whatever is typed.
    pub fn propose_anew(self) {
        let samples = self.data.samples.with_untracked(|state| state.value().cloned());
        if let Some(samples) = samples {
            self.put_proposal(&samples, self.fields.threshold.side.get_untracked());
        }
    }

    fn draft(self, form: &Form) -> Result<RuleDraft, Vec<Wrong>> {
        let base = self.base.get_untracked();
        form.draft(base.as_ref(), untrack(|| decimal(self.prefs)))
    }

    /// While nobody tried to save, what is still empty is not wrong yet.
    fn judge(self, form: &Form) {
        if self.tried.with_value(|tried| tried.as_ref() == Some(form)) {
            return;
        }
        let mut wrongs = self.draft(form).err().unwrap_or_default();
        if !self.attempted.get_untracked() {
            wrongs.retain(|wrong| !matches!(wrong.what, What::Missing | What::NoLevel | What::HalfRange));
        }
        if wrongs.is_empty() {
            self.faults.failure.set(None);
        }
        self.faults.wrongs.set(wrongs);
    }

    /// Another side: what was typed for it before, or else a proposal.
    fn turn(self, before: Option<Side>) {
        let (side, typed) =
            untrack(|| (self.fields.threshold.side.get(), self.fields.threshold.levels.texts()));
        let before = before.unwrap_or_default();
        let known = self.kept.try_update_value(|kept| {
            kept.retain(|(other, _)| *other != before);
            kept.push((before, typed));
            kept.iter().find(|(other, _)| *other == side).map(|(_, texts)| texts.clone())
        });
        match known.flatten() {
            Some(texts) => self.fields.threshold.levels.set(&texts),
            None => self.propose_anew(),
        }
    }

    /// Another metric: levels that nobody typed follow it.
    fn propose_if_untouched(self) {
        let samples = self.data.samples.with(|state| state.value().cloned());
        let Some(samples) = samples else { return };
        let levels = untrack(|| self.fields.threshold.levels.texts());
        let (last, expr) = self.proposed.get_value();
        let untouched = levels == LevelTexts::default() || levels == last;
        let is_shown = untrack(|| self.fields.expr.with(|now| *now == samples.expr));
        if untouched && expr != samples.expr && is_shown {
            self.put_proposal(&samples, self.fields.threshold.side.get_untracked());
        }
    }

    fn put_proposal(self, samples: &Samples, side: Side) {
        let series = &samples.answer.series;
        let values: Vec<f64> = series.iter().flat_map(|series| &series.values).map(|value| value.0).collect();
        let known = series.first().and_then(|series| series.unit.clone());
        let typed = self.fields.unit.get_untracked();
        let unit = Some(typed.clone()).filter(|unit| !unit.is_empty()).or(known);
        let percent = looks_like_percent(unit.as_deref(), &samples.expr, &values);
        let mark = untrack(|| decimal(self.prefs));
        let levels = LevelTexts::from_limits(&propose(&values, side, percent), mark);
        self.fields.threshold.levels.set(&levels);
        if typed.is_empty() {
            self.fields.unit.set(unit.unwrap_or_default());
        }
        self.proposed.set_value((levels, samples.expr.clone()));
    }
}

/// Whom a new metric tells before somebody says so.
pub fn usual_notify(settings: &Settings) -> Notify {
    Notify { sms: settings.defaults.sms, ovo: settings.defaults.ovo, receivers: Vec::new() }
}

/// The samples with the form's lines over them; tracks the samples.
fn picture(form: &Form, data: Data, decimal: char, zone: &str) -> ChartData {
    let samples = data.samples.with(|state| state.value().cloned());
    let to = samples.as_ref().map_or_else(dom::now_ms, |samples| samples.to);
    let from = samples.as_ref().map_or(to - data.range.get().millis(), |samples| samples.from);
    let lines = match &form.check {
        CheckForm::Threshold(form) => lines(form, decimal, from, to, |at| clock::minute_of_week(at, zone)),
        CheckForm::Other(_) => Vec::new(),
    };
    let series = samples.map(|samples| samples.answer.series).unwrap_or_default();
    ChartData { series, lines, marks: Vec::new(), from, to }
}
