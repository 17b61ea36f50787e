//! The form of a metric: what an operator types, what is wrong with it, and the draft that is sent.

use std::sync::Arc;

use atalaya_api::rule::{CheckUse, NoData, Query, RuleDraft};
use atalaya_api::settings::RuleDefaults;
use atalaya_api::span::Span;
use serde_json::Value;

use super::hours::Days;
use super::number;
use super::params::Spec;
use super::query::{self, Pairs};
use super::settings::{count, margin};
use super::threshold::{LevelText, LevelTexts, Side, Stretch, ThresholdForm};
use super::wrong::{What, Wrong};

/// The check that is offered first.
pub const THRESHOLD: &str = "threshold";
const LONGEST_NAME: usize = 200;
const LONGEST_NOTE: usize = 4_000;

/// The part of the form that belongs to a check. Another check with a form of its own becomes a variant here.
#[derive(Clone, Debug, PartialEq)]
pub enum CheckForm {
    Threshold(ThresholdForm),
    Other(OtherForm),
}

/// A check whose form is made from its schema. Until that is known the params stay as they are.
#[derive(Clone, Debug, PartialEq)]
pub struct OtherForm {
    pub name: String,
    /// What is typed, in the params' shape.
    pub params: Value,
    pub spec: Option<Arc<Spec>>,
}

impl CheckForm {
    /// The form of a check by its name, over these params.
    pub fn of(name: &str, params: &Value, decimal: char) -> Self {
        let threshold = (name == THRESHOLD).then(|| ThresholdForm::from_params(params, decimal)).flatten();
        threshold.map_or_else(
            || CheckForm::Other(OtherForm { name: name.to_owned(), params: params.clone(), spec: None }),
            CheckForm::Threshold,
        )
    }

    pub fn name(&self) -> &str {
        match self {
            CheckForm::Threshold(_) => THRESHOLD,
            CheckForm::Other(other) => &other.name,
        }
    }

    /// The check and its params, or everything that is wrong with them.
    pub fn check_use(&self, decimal: char, margin: f64) -> Result<CheckUse, Vec<Wrong>> {
        let params = match self {
            CheckForm::Threshold(form) => form.params(decimal, margin)?,
            CheckForm::Other(OtherForm { params, spec: None, .. }) => params.clone(),
            CheckForm::Other(OtherForm { params, spec: Some(spec), .. }) => {
                spec.params(params, decimal, "check.params")?
            }
        };
        Ok(CheckUse { name: self.name().to_owned(), params })
    }
}

/// All that is typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    pub source: String,
    pub expr: String,
    pub unit: String,
    pub name: String,
    pub note: String,
    pub check: CheckForm,
    pub ok_margin: String,
    pub checks_to_alert: String,
    pub checks_to_ok: String,
    /// Empty: as often as the source has samples.
    pub interval: String,
    /// `24x7`, `daytime`, or a calendar's id.
    pub period: String,
    pub no_data: NoData,
}

impl Form {
    /// An empty form with the settings' defaults.
    pub fn new(defaults: &RuleDefaults, decimal: char) -> Self {
        Form {
            source: "local".to_owned(),
            expr: String::new(),
            unit: String::new(),
            name: String::new(),
            note: String::new(),
            check: CheckForm::Threshold(ThresholdForm::default()),
            ok_margin: number::to_text(defaults.ok_margin, decimal),
            checks_to_alert: defaults.checks_to_alert.to_string(),
            checks_to_ok: defaults.checks_to_ok.to_string(),
            interval: String::new(),
            period: defaults.period.clone(),
            no_data: NoData::default(),
        }
    }

    /// The form of a metric that is kept.
    pub fn of(draft: &RuleDraft, decimal: char) -> Self {
        Form {
            source: draft.query.source.clone(),
            expr: draft.query.expr.clone(),
            unit: draft.query.unit.clone().unwrap_or_default(),
            name: draft.name.clone(),
            note: draft.note.clone(),
            check: CheckForm::of(&draft.check.name, &draft.check.params, decimal),
            ok_margin: number::to_text(draft.ok_margin, decimal),
            checks_to_alert: draft.checks_to_alert.to_string(),
            checks_to_ok: draft.checks_to_ok.to_string(),
            interval: draft.interval.map_or(String::new(), |interval| interval.to_string()),
            period: draft.period.clone(),
            no_data: draft.no_data,
        }
    }

    /// The name, or what it will be if none is typed.
    pub fn name_or_series(&self) -> String {
        let name = self.name.trim();
        if name.is_empty() { self.expr.trim().to_owned() } else { name.to_owned() }
    }

    /// The draft to send, or everything that is wrong. `base` keeps what this form has no field for.
    pub fn draft(&self, base: Option<&RuleDraft>, decimal: char) -> Result<RuleDraft, Vec<Wrong>> {
        let mut wrongs = Vec::new();
        if self.expr.trim().is_empty() {
            wrongs.push(Wrong::new("query.expr", What::Missing));
        }
        too_long("name", &self.name, LONGEST_NAME, &mut wrongs);
        too_long("note", &self.note, LONGEST_NOTE, &mut wrongs);
        let margin = keep(margin("ok_margin", &self.ok_margin, decimal), &mut wrongs);
        let alert = keep(count("checks_to_alert", &self.checks_to_alert), &mut wrongs);
        let ok = keep(count("checks_to_ok", &self.checks_to_ok), &mut wrongs);
        let interval = keep(interval(&self.interval), &mut wrongs);
        let check = match self.check.check_use(decimal, margin.unwrap_or(0.0)) {
            Ok(check) => Some(check),
            Err(more) => {
                wrongs.extend(more);
                None
            }
        };
        match (check, margin, alert, ok, interval) {
            (Some(check), Some(margin), Some(alert), Some(ok), Some(interval)) if wrongs.is_empty() => {
                let mut draft = self.with_base(base, check);
                draft.ok_margin = margin;
                draft.checks_to_alert = alert;
                draft.checks_to_ok = ok;
                draft.interval = interval;
                Ok(draft)
            }
            _ => Err(wrongs),
        }
    }

    fn with_base(&self, base: Option<&RuleDraft>, check: CheckUse) -> RuleDraft {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let same_query = base.filter(|base| base.query.expr == self.expr.trim());
        let query = Query {
            source: self.source.clone(),
            expr: self.expr.trim().to_owned(),
            unit: some(&self.unit),
            // Another query is no longer what that panel shows.
            dashboard: same_query.and_then(|base| base.query.dashboard.clone()),
            panel: same_query.and_then(|base| base.query.panel.clone()),
        };
        let fresh = RuleDraft {
            name: self.name_or_series(),
            query,
            check,
            interval: None,
            checks_to_alert: 3,
            checks_to_ok: 2,
            ok_margin: 10.0,
            period: self.period.clone(),
            no_data: self.no_data,
            time_zone: None,
            notify: Default::default(),
            enabled: true,
            labels: Default::default(),
            note: self.note.trim().to_owned(),
            runbook_url: None,
            origin: None,
            template: None,
        };
        match base {
            None => fresh,
            Some(base) => RuleDraft {
                time_zone: base.time_zone.clone(),
                notify: base.notify.clone(),
                enabled: base.enabled,
                labels: base.labels.clone(),
                runbook_url: base.runbook_url.clone(),
                origin: base.origin.clone().filter(|_| same_query.is_some()),
                template: base.template.clone(),
                ..fresh
            },
        }
    }
}

/// What the numbers mean in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    pub every: Span,
    pub to_alert: u8,
    pub to_ok: u8,
    /// From crossing to raised: the first check comes at most one interval after it.
    pub raised_within: Span,
    /// From recovering to cleared.
    pub cleared_within: Span,
}

impl Form {
    /// None while a number is missing. `step` is the interval that an empty field stands for.
    pub fn timing(&self, step: Option<Span>) -> Option<Timing> {
        let every = interval(&self.interval).ok()?.or(step)?;
        let to_alert = count("", &self.checks_to_alert).ok()?;
        let to_ok = count("", &self.checks_to_ok).ok()?;
        let times = |count: u8| Span(every.0.saturating_mul(u32::from(count)));
        Some(Timing { every, to_alert, to_ok, raised_within: times(to_alert), cleared_within: times(to_ok) })
    }
}

/// Reads an interval of 1 s to 24 h; empty for none, a bare number is seconds.
pub fn interval(text: &str) -> Result<Option<Span>, Wrong> {
    span(text, 1, 86_400, "1s", "24h").map_err(|what| Wrong::new("interval", what))
}

/// Reads a duration of `least` to `most` seconds, called `min` and `max`; empty for none, a bare number is seconds.
pub fn span(
    text: &str,
    least: u32,
    most: u32,
    min: &'static str,
    max: &'static str,
) -> Result<Option<Span>, What> {
    let text = text.trim().to_ascii_lowercase().replace(' ', "");
    if text.is_empty() {
        return Ok(None);
    }
    let text = text.replace("min", "m").replace("seg", "s");
    let span = text.parse::<u32>().map(Span).or_else(|_| text.parse::<Span>());
    let span = span.ok().filter(|span| (least..=most).contains(&span.0));
    span.map(Some).ok_or(What::SpanBetween { min, max })
}

fn keep<T>(read: Result<T, Wrong>, wrongs: &mut Vec<Wrong>) -> Option<T> {
    read.map_err(|wrong| wrongs.push(wrong)).ok()
}

fn too_long(field: &str, text: &str, max: usize, wrongs: &mut Vec<Wrong>) {
    if text.trim().chars().count() > max {
        wrongs.push(Wrong::new(field, What::TooLong { max }));
    }
}

impl Form {
    /// The address that resumes this form, `?expr=…&above=70,80,90&…`; only what differs from `usual`.
    pub fn to_query(&self, usual: &Form) -> String {
        let unless = |text: &String, same: &String| if text == same { String::new() } else { text.clone() };
        let mut pairs = vec![
            ("source", unless(&self.source, &usual.source)),
            ("expr", self.expr.clone()),
            ("name", self.name.clone()),
            ("unit", self.unit.clone()),
        ];
        match &self.check {
            CheckForm::Threshold(form) => {
                let untouched = form.levels == LevelTexts::default() && form.side == Side::default();
                pairs.push((
                    form.side.name(),
                    if untouched { String::new() } else { levels_text(&form.levels) },
                ));
                pairs.extend(form.other.iter().map(|stretch| ("at", stretch_text(stretch))));
            }
            CheckForm::Other(form) => {
                pairs.extend([("check", form.name.clone()), ("params", form.params.to_string())]);
            }
        }
        pairs.extend([
            ("margin", unless(&self.ok_margin, &usual.ok_margin)),
            ("alert", unless(&self.checks_to_alert, &usual.checks_to_alert)),
            ("ok", unless(&self.checks_to_ok, &usual.checks_to_ok)),
            ("every", self.interval.clone()),
            ("period", unless(&self.period, &usual.period)),
            ("no_data", no_data_text(self.no_data)),
            ("note", self.note.clone()),
        ]);
        query::write(&pairs)
    }

    /// Reads such an address over `usual`.
    pub fn from_query(text: &str, usual: &Form) -> Self {
        let pairs = query::parse(text);
        let or = |name: &str, usual: &String| query::get(&pairs, name).map_or(usual.clone(), str::to_owned);
        Form {
            source: or("source", &usual.source),
            expr: or("expr", &usual.expr),
            unit: or("unit", &usual.unit),
            name: or("name", &usual.name),
            note: or("note", &usual.note),
            check: check_of(&pairs).unwrap_or_else(|| usual.check.clone()),
            ok_margin: or("margin", &usual.ok_margin),
            checks_to_alert: or("alert", &usual.checks_to_alert),
            checks_to_ok: or("ok", &usual.checks_to_ok),
            interval: or("every", &usual.interval),
            period: or("period", &usual.period),
            no_data: query::get(&pairs, "no_data").map_or(usual.no_data, no_data_of),
        }
    }
}

fn check_of(pairs: &Pairs) -> Option<CheckForm> {
    if let Some(name) = query::get(pairs, "check").filter(|name| *name != THRESHOLD) {
        let params = query::get(pairs, "params").and_then(|text| serde_json::from_str(text).ok());
        let params = params.unwrap_or_else(no_params);
        return Some(CheckForm::Other(OtherForm { name: name.to_owned(), params, spec: None }));
    }
    threshold_of(pairs).map(CheckForm::Threshold)
}

/// A check of which nothing is typed yet.
pub fn no_params() -> Value {
    Value::Object(Default::default())
}

fn threshold_of(pairs: &Pairs) -> Option<ThresholdForm> {
    let (side, levels) =
        pairs.iter().find_map(|(name, value)| Some((Side::from_name(name)?, levels_of(value))))?;
    let other = pairs.iter().filter(|(name, _)| name == "at").map(|(_, value)| stretch_of(value)).collect();
    Some(ThresholdForm { side, levels, other, ..ThresholdForm::default() })
}

/// `70;80;90`, ranges as `10~90;5~95;`. Texts as typed: commas are decimal marks.
fn levels_text(levels: &LevelTexts) -> String {
    let one = |level: &LevelText| match level.high.is_empty() {
        true => level.low.clone(),
        false => format!("{}~{}", level.low, level.high),
    };
    levels.0.iter().map(one).collect::<Vec<_>>().join(";")
}

fn levels_of(text: &str) -> LevelTexts {
    let mut parts = text.split(';').map(|part| {
        let (low, high) = part.split_once('~').unwrap_or((part, ""));
        LevelText { low: low.to_owned(), high: high.to_owned() }
    });
    LevelTexts([(); 3].map(|()| parts.next().unwrap_or_default()))
}

fn stretch_text(stretch: &Stretch) -> String {
    let days: String = stretch.days.0.iter().map(|on| if *on { '1' } else { '0' }).collect();
    let days = if stretch.days.every() { "" } else { &days };
    format!("{days};{};{};{}", stretch.from, stretch.to, levels_text(&stretch.levels))
}

fn stretch_of(text: &str) -> Stretch {
    let mut parts = text.splitn(4, ';');
    let mut next = || parts.next().unwrap_or_default();
    let days = next();
    let on = |at| days.is_empty() || days.as_bytes().get(at) == Some(&b'1');
    Stretch {
        days: Days([0, 1, 2, 3, 4, 5, 6].map(on)),
        from: next().to_owned(),
        to: next().to_owned(),
        levels: levels_of(next()),
    }
}

fn no_data_text(no_data: NoData) -> String {
    match no_data {
        NoData::Alarm => String::new(),
        NoData::Keep => "keep".to_owned(),
        NoData::Ok => "ok".to_owned(),
    }
}

/// The policy of a name; what is no name is the default.
pub fn no_data_of(name: &str) -> NoData {
    match name {
        "keep" => NoData::Keep,
        "ok" => NoData::Ok,
        _ => NoData::Alarm,
    }
}

/// The name of a policy, as the API has it.
pub fn no_data_name(no_data: NoData) -> &'static str {
    match no_data {
        NoData::Alarm => "alarm",
        NoData::Keep => "keep",
        NoData::Ok => "ok",
    }
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
