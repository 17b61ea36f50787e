//! One cell: what stands in it for a rule, and what it makes of one.

use std::borrow::Cow;
use std::collections::HashMap;

use atalaya_api::rule::{NoData, RuleDraft};
use serde_json::{Map, Value};

use super::column::Column;
use super::{list, number, plain};
use crate::domain::Wrong;

/// Params with a column of their own.
const OWN: [(Column, &str); 4] = [
    (Column::Direction, "direction"),
    (Column::Warning, "warning"),
    (Column::Major, "major"),
    (Column::Critical, "critical"),
];

/// What cells are read against.
#[derive(Clone, Debug)]
pub struct Ground {
    /// A new rule with nothing written in it: what an empty cell means.
    pub usual: RuleDraft,
    /// Calendars by their name and id, in plain letters.
    pub periods: HashMap<String, String>,
}

/// With an apostrophe before it when a spreadsheet would take it for a formula.
pub fn guarded(text: &str) -> Cow<'_, str> {
    if is_formula(text) && text.parse::<f64>().is_err() {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The inverse of [`guarded`].
pub fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(text)
}

fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])
}

/// What a column holds for a rule; empty where it has nothing. The rule's id is the caller's.
pub fn written(draft: &RuleDraft, column: Column) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let json = |value: &Option<Value>| value.as_ref().map(Value::to_string).unwrap_or_default();
    let query = &draft.query;
    match column {
        Column::Id => String::new(),
        Column::Name => draft.name.clone(),
        Column::Source => query.source.clone(),
        Column::Expr => query.expr.clone(),
        Column::Unit => text(&query.unit),
        Column::Dashboard => text(&query.dashboard),
        Column::Panel => text(&query.panel),
        Column::Check => draft.check.name.clone(),
        Column::Direction | Column::Warning | Column::Major | Column::Critical => {
            match own_param(draft, column) {
                Some(Value::String(word)) => word.clone(),
                Some(value) => value.to_string(),
                None => String::new(),
            }
        }
        Column::Params => other_params(draft),
        Column::Interval => draft.interval.map(|span| span.to_string()).unwrap_or_default(),
        Column::ChecksToAlert => draft.checks_to_alert.to_string(),
        Column::ChecksToOk => draft.checks_to_ok.to_string(),
        Column::OkMargin => draft.ok_margin.to_string(),
        Column::Period => draft.period.clone(),
        Column::NoData => no_data_name(draft.no_data).to_owned(),
        Column::TimeZone => text(&draft.time_zone),
        Column::Sms => draft.notify.sms.to_string(),
        Column::Ovo => draft.notify.ovo.to_string(),
        Column::Receivers => list::receivers(&draft.notify.receivers),
        Column::Enabled => draft.enabled.to_string(),
        Column::Labels => list::labels(&draft.labels),
        Column::Note => draft.note.clone(),
        Column::RunbookUrl => text(&draft.runbook_url),
        Column::Template => json(&draft.template.as_ref().and_then(|one| serde_json::to_value(one).ok())),
        Column::Origin => json(&draft.origin.as_ref().and_then(|one| serde_json::to_value(one).ok())),
    }
}

/// Puts what a cell says into a rule. One that already says so stays as it is, to the last bit.
///
/// # Errors
/// What would be right.
pub fn set(draft: &mut RuleDraft, column: Column, cell: &str, ground: &Ground) -> Result<(), Wrong> {
    let cell = unguarded(cell);
    if written(draft, column) == cell {
        return Ok(());
    }
    let usual = &ground.usual;
    let optional = |cell: &str| (!cell.is_empty()).then(|| cell.to_owned());
    let word = cell.trim();
    match column {
        Column::Id => {}
        Column::Name => cell.clone_into(&mut draft.name),
        Column::Source if word.is_empty() => draft.query.source.clone_from(&usual.query.source),
        Column::Source => word.clone_into(&mut draft.query.source),
        Column::Expr => cell.clone_into(&mut draft.query.expr),
        Column::Unit => draft.query.unit = optional(cell),
        Column::Dashboard => draft.query.dashboard = optional(cell),
        Column::Panel => draft.query.panel = optional(cell),
        Column::Check => draft.check.name = check_named(word, usual),
        Column::Direction | Column::Warning | Column::Major | Column::Critical => {
            set_param(draft, column, word)?
        }
        Column::Params => set_params(draft, word)?,
        Column::Interval if word.is_empty() => draft.interval = None,
        Column::Interval => {
            draft.interval = Some(word.parse().map_err(|_| {
                wrong(
                    column,
                    "must be a duration such as 30s, 5m or 1h",
                    "debe ser una duración como 30s, 5m o 1h",
                )
            })?);
        }
        Column::ChecksToAlert => draft.checks_to_alert = count(column, word, usual.checks_to_alert)?,
        Column::ChecksToOk => draft.checks_to_ok = count(column, word, usual.checks_to_ok)?,
        Column::OkMargin => draft.ok_margin = percent(word, usual.ok_margin)?,
        Column::Period => draft.period = period(word, ground),
        Column::NoData => draft.no_data = no_data(word)?,
        Column::TimeZone => draft.time_zone = optional(word),
        Column::Sms => draft.notify.sms = yes(column, word, usual.notify.sms)?,
        Column::Ovo => draft.notify.ovo = yes(column, word, usual.notify.ovo)?,
        Column::Enabled => draft.enabled = yes(column, word, usual.enabled)?,
        Column::Receivers => {
            draft.notify.receivers = list::read_receivers(cell).ok_or_else(|| {
                let (en, es) = (
                    "must be receivers as in noc:major; sms:warning",
                    "deben ser destinos como noc:major; sms:warning",
                );
                wrong(column, en, es)
            })?;
        }
        Column::Labels => {
            draft.labels = list::read_labels(cell).ok_or_else(|| {
                let (en, es) = (
                    "must be labels as in site=north; team=core",
                    "deben ser etiquetas como sede=norte; equipo=red",
                );
                wrong(column, en, es)
            })?;
        }
        Column::Note => cell.clone_into(&mut draft.note),
        Column::RunbookUrl => draft.runbook_url = optional(word),
        Column::Template => draft.template = json(column, word)?,
        Column::Origin => draft.origin = json(column, word)?,
    }
    Ok(())
}

/// What follows from the rest where a file says nothing: the name is the metric's, and thresholds that fall are below.
pub fn complete(draft: &mut RuleDraft) {
    if draft.name.trim().is_empty() {
        draft.name = draft.query.expr.trim().chars().filter(|c| !c.is_control()).take(200).collect();
    }
    if draft.check.name == "threshold" && own_param(draft, Column::Direction).is_none() {
        let level = |column| own_param(draft, column).and_then(Value::as_f64);
        let levels: Vec<f64> =
            [Column::Warning, Column::Major, Column::Critical].into_iter().filter_map(level).collect();
        let falls = levels.first().zip(levels.last()).is_some_and(|(first, last)| first > last);
        if let (false, Value::Object(params)) = (levels.is_empty(), &mut draft.check.params) {
            params.insert("direction".to_owned(), if falls { "below" } else { "above" }.into());
        }
    }
}

fn wrong(column: Column, en: impl Into<String>, es: impl Into<String>) -> Wrong {
    Wrong::new(column.field(), en, es)
}

fn own_name(column: Column) -> &'static str {
    OWN.iter().find(|(own, _)| *own == column).map_or("", |(_, name)| name)
}

/// A param that its column can hold as it is.
fn own_param(draft: &RuleDraft, column: Column) -> Option<&Value> {
    let value = draft.check.params.get(own_name(column))?;
    let fits = match column {
        Column::Direction => value
            .as_str()
            .is_some_and(|word| !word.is_empty() && word.trim() == word && direction(word) == word),
        _ => value.is_number(),
    };
    fits.then_some(value)
}

/// The params without a column of their own, as JSON.
fn other_params(draft: &RuleDraft) -> String {
    let Value::Object(params) = &draft.check.params else { return draft.check.params.to_string() };
    let has_column =
        |name: &str| OWN.iter().any(|(column, own)| *own == name && own_param(draft, *column).is_some());
    let others: Map<String, Value> = params
        .iter()
        .filter(|(name, _)| !has_column(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if others.is_empty() { String::new() } else { Value::Object(others).to_string() }
}

fn set_params(draft: &mut RuleDraft, word: &str) -> Result<(), Wrong> {
    let others: Map<String, Value> = match word {
        "" => Map::new(),
        word => serde_json::from_str(word).map_err(|error| {
            let why = error.to_string();
            wrong(
                Column::Params,
                format!("must be a JSON object: {why}"),
                format!("debe ser un objeto JSON: {why}"),
            )
        })?,
    };
    let own = |column: &(Column, &str)| {
        own_param(draft, column.0).map(|value| (column.1.to_owned(), value.clone()))
    };
    let mut params: Map<String, Value> = OWN.iter().filter_map(own).collect();
    params.extend(others);
    draft.check.params = Value::Object(params);
    Ok(())
}

fn set_param(draft: &mut RuleDraft, column: Column, word: &str) -> Result<(), Wrong> {
    let Value::Object(params) = &mut draft.check.params else { return Ok(()) };
    let name = own_name(column);
    if word.is_empty() {
        params.remove(name);
        return Ok(());
    }
    let value = match column {
        Column::Direction => Value::String(direction(word)),
        _ => number::number(word).map(Value::Number).ok_or_else(|| {
            wrong(column, "must be a number such as 70 or 70.5", "debe ser un número como 70 o 70,5")
        })?,
    };
    params.insert(name.to_owned(), value);
    Ok(())
}

fn direction(word: &str) -> String {
    let known = match plain(word).as_str() {
        "porencima" | "mayor" | "mayorque" | "encima" | "superior" => "above",
        "pordebajo" | "menor" | "menorque" | "debajo" | "inferior" => "below",
        "dentro" | "dentrodeunrango" => "inside",
        "fuera" | "fueradeunrango" => "outside",
        "" if word == ">" => "above",
        "" if word == "<" => "below",
        _ => word,
    };
    known.to_owned()
}

fn check_named(word: &str, usual: &RuleDraft) -> String {
    match plain(word).as_str() {
        "" => usual.check.name.clone(),
        "umbral" | "umbrales" => "threshold".to_owned(),
        "tendencia" => "trend".to_owned(),
        _ => word.to_owned(),
    }
}

fn period(word: &str, ground: &Ground) -> String {
    if ground.periods.values().any(|id| id == word) {
        return word.to_owned();
    }
    match plain(word).as_str() {
        "" => ground.usual.period.clone(),
        "24x7" | "siempre" => "24x7".to_owned(),
        "diurno" | "periododiurno" | "horariodiurno" | "daytime" => "daytime".to_owned(),
        name => ground.periods.get(name).cloned().unwrap_or_else(|| word.to_owned()),
    }
}

fn no_data_name(no_data: NoData) -> &'static str {
    match no_data {
        NoData::Alarm => "alarm",
        NoData::Keep => "keep",
        NoData::Ok => "ok",
    }
}

fn no_data(word: &str) -> Result<NoData, Wrong> {
    match plain(word).as_str() {
        "" | "alarm" | "alarma" | "alarmar" => Ok(NoData::Alarm),
        "keep" | "mantener" => Ok(NoData::Keep),
        "ok" => Ok(NoData::Ok),
        _ => Err(wrong(Column::NoData, "must be alarm, keep or ok", "debe ser alarm, keep u ok")),
    }
}

fn count(column: Column, word: &str, usual: u8) -> Result<u8, Wrong> {
    if word.is_empty() {
        return Ok(usual);
    }
    word.parse().map_err(|_| {
        wrong(column, "must be a whole number from 1 to 100", "debe ser un número entero de 1 a 100")
    })
}

fn percent(word: &str, usual: f64) -> Result<f64, Wrong> {
    if word.is_empty() {
        return Ok(usual);
    }
    number::number(word).and_then(|number| number.as_f64()).ok_or_else(|| {
        let (en, es) = ("must be a percentage from 0 to 100", "debe ser un porcentaje de 0 a 100");
        wrong(Column::OkMargin, en, es)
    })
}

fn yes(column: Column, word: &str, usual: bool) -> Result<bool, Wrong> {
    if word.is_empty() {
        return Ok(usual);
    }
    number::yes_or_no(word).ok_or_else(|| wrong(column, "must be yes or no", "debe ser sí o no"))
}

fn json<T: serde::de::DeserializeOwned>(column: Column, word: &str) -> Result<Option<T>, Wrong> {
    if word.is_empty() {
        return Ok(None);
    }
    serde_json::from_str(word).map(Some).map_err(|error| {
        let why = error.to_string();
        wrong(
            column,
            format!("must be as it was exported: {why}"),
            format!("debe estar como se exportó: {why}"),
        )
    })
}

/// The line of headings. With a byte order mark: spreadsheets take the file for UTF-8 by it.
pub fn heading() -> Vec<u8> {
    let mut bytes = b"\xEF\xBB\xBF".to_vec();
    bytes.extend(lines([Column::all().map(|column| column.heading().to_owned()).collect()].into_iter()));
    bytes
}

/// Rules with their ids, a row each.
pub fn rows<'a>(rules: impl Iterator<Item = (String, &'a RuleDraft)>) -> Vec<u8> {
    let row = |(id, draft): (String, &RuleDraft)| {
        let cell = |column| {
            if column == Column::Id { id.clone() } else { guarded(&written(draft, column)).into_owned() }
        };
        Column::all().map(cell).collect()
    };
    lines(rules.map(row))
}

pub(super) fn lines(rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(&row).expect("memory takes every row, and all are as wide");
    }
    writer.into_inner().expect("memory is flushed")
}
