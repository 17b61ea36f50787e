//! What a template means for the rules that are linked to it. Pure: a template and a rule in, a rule out.
//!
//! A template is a number of *fields*, by the names that a rule's have: `checks_to_alert`, `notify.sms`, `labels.site`,
//! `check.params.critical`. A linked rule has each field's value from its set of the template, except for its *overrides*: the
//! fields that it has of its own. `check` stands for another check with all of its params.

use std::collections::{BTreeMap, BTreeSet};

use atalaya_api::rule::{CheckUse, RuleDraft, TemplateUse};
use atalaya_api::template::{AlarmSettings, Metric, TemplateDraft, TemplateSet};
use serde_json::{Map, Value, json};

/// The field that stands for another check than the template's.
pub const CHECK: &str = "check";
/// What a param's field starts with.
pub const PARAMS: &str = "check.params.";
/// Between a metric's name and its set's in a rule's name.
const BETWEEN: &str = " · ";
const LABELS: &str = "labels.";

/// Fields by their names; one that is not set is not there.
type Fields = BTreeMap<String, Value>;

/// The set with this name.
pub fn set<'a>(template: &'a TemplateDraft, name: &str) -> Option<&'a TemplateSet> {
    template.sets.iter().find(|set| set.name == name)
}

/// The rule that a set makes on a metric.
pub fn rule_on(id: &str, template: &TemplateDraft, set: &TemplateSet, metric: &Metric) -> RuleDraft {
    let name = match template.sets.len() {
        1 => metric.name.clone(),
        _ => with_set(&metric.name, &set.name),
    };
    let AlarmSettings {
        interval,
        checks_to_alert,
        checks_to_ok,
        ok_margin,
        period,
        no_data,
        time_zone,
        notify,
        labels,
        runbook_url,
    } = template.alarm.clone();
    RuleDraft {
        name,
        query: metric.query.clone(),
        check: set.check.clone(),
        interval,
        checks_to_alert,
        checks_to_ok,
        ok_margin,
        period,
        no_data,
        time_zone,
        notify,
        enabled: true,
        labels,
        note: String::new(),
        runbook_url,
        origin: metric.origin.clone(),
        template: Some(TemplateUse { id: id.to_owned(), set: set.name.clone(), overrides: Vec::new() }),
    }
}

/// A rule's name, of its metric's and its set's.
pub fn with_set(metric: &str, set: &str) -> String {
    format!("{metric}{BETWEEN}{set}")
}

/// A metric's name, of the rule's that a set made on it. None: it does not have the set's name in it.
pub fn without_set<'a>(rule: &'a str, set: &str) -> Option<&'a str> {
    rule.strip_suffix(set)?.strip_suffix(BETWEEN)
}

/// The fields in which a rule differs from its set, sorted.
pub fn differences(template: &TemplateDraft, set: &TemplateSet, rule: &RuleDraft) -> Vec<String> {
    let (theirs, own) = (fields(&of_template(template), &set.check), fields(&of_rule(rule), &rule.check));
    let mut different: BTreeSet<String> = differing(&theirs, &own).collect();
    if rule.check.name != set.check.name {
        different.retain(|field| !field.starts_with(PARAMS));
        different.insert(CHECK.to_owned());
    }
    different.into_iter().collect()
}

/// The overrides of a rule after an edit. `before`: as it was, when it was linked to the same set already: what it had of its own
/// then and did not touch stays its own, even where the template has come to the same value.
pub fn overrides(
    template: &TemplateDraft,
    set: &TemplateSet,
    rule: &RuleDraft,
    before: Option<&RuleDraft>,
) -> Vec<String> {
    let mut overrides: BTreeSet<String> = differences(template, set, rule).into_iter().collect();
    if let Some(before) = before
        && let Some(link) = &before.template
        && before.check.name == rule.check.name
    {
        let (was, is) = (fields(&of_rule(before), &before.check), fields(&of_rule(rule), &rule.check));
        let touched: BTreeSet<String> = differing(&was, &is).collect();
        overrides.extend(link.overrides.iter().filter(|field| !touched.contains(*field)).cloned());
    }
    overrides.into_iter().collect()
}

/// The rule as it follows its set: every field but its overrides.
pub fn followed(template: &TemplateDraft, set: &TemplateSet, rule: &RuleDraft) -> RuleDraft {
    let overrides = rule.template.as_ref().map(|link| link.overrides.as_slice()).unwrap_or_default();
    let is_own = |field: &str| overrides.iter().any(|one| one == field);
    let (alarm, own) = (of_template(template), of_rule(rule));
    let mut followed = own.clone();
    let names: BTreeSet<&String> = alarm.keys().chain(own.keys()).collect();
    for name in names.into_iter().filter(|name| !is_own(name)) {
        match alarm.get(name) {
            Some(value) => followed.insert(name.clone(), value.clone()),
            None => followed.remove(name),
        };
    }
    let check =
        if is_own(CHECK) { rule.check.clone() } else { followed_check(&set.check, &rule.check, is_own) };
    with_fields(rule, &followed, check)
}

/// The set's check; of its params those of the rule's own.
fn followed_check(theirs: &CheckUse, own: &CheckUse, is_own: impl Fn(&str) -> bool) -> CheckUse {
    let mut params = theirs.params.clone();
    // Params of another check mean nothing to this one.
    if theirs.name == own.name
        && let (Some(params), Some(own)) = (params.as_object_mut(), own.params.as_object())
    {
        let names: BTreeSet<String> = params.keys().chain(own.keys()).cloned().collect();
        for name in names.into_iter().filter(|name| is_own(&format!("{PARAMS}{name}"))) {
            match own.get(&name) {
                Some(value) => params.insert(name, value.clone()),
                None => params.remove(&name),
            };
        }
    }
    CheckUse { name: theirs.name.clone(), params }
}

/// The fields of the alarm settings and those of the check's params.
fn fields(alarm: &Fields, check: &CheckUse) -> Fields {
    let mut fields = alarm.clone();
    match &check.params {
        Value::Object(params) => {
            fields.extend(params.iter().map(|(name, value)| (format!("{PARAMS}{name}"), value.clone())));
        }
        other => {
            fields.insert("check.params".to_owned(), other.clone());
        }
    }
    fields.retain(|_, value| !value.is_null());
    fields
}

fn differing<'a>(one: &'a Fields, other: &'a Fields) -> impl Iterator<Item = String> + 'a {
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let differs = |name: &&String| !same(one.get(*name), other.get(*name));
    names.into_iter().filter(differs).cloned()
}

/// 70 is 70.0, within lists and objects too.
fn same(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        (Some(Value::Number(one)), Some(Value::Number(other))) => {
            one == other || one.as_f64() == other.as_f64()
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(Some(one), Some(other)))
        }
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            one.len() == other.len() && one.iter().all(|(name, one)| same(Some(one), other.get(name)))
        }
        (one, other) => one == other,
    }
}

fn of_template(template: &TemplateDraft) -> Fields {
    fields_of(&template.alarm)
}

fn of_rule(rule: &RuleDraft) -> Fields {
    fields_of(&AlarmSettings {
        interval: rule.interval,
        checks_to_alert: rule.checks_to_alert,
        checks_to_ok: rule.checks_to_ok,
        ok_margin: rule.ok_margin,
        period: rule.period.clone(),
        no_data: rule.no_data,
        time_zone: rule.time_zone.clone(),
        notify: rule.notify.clone(),
        labels: rule.labels.clone(),
        runbook_url: rule.runbook_url.clone(),
    })
}

fn fields_of(alarm: &AlarmSettings) -> Fields {
    let mut fields = Fields::new();
    for (name, value) in members(&json!(alarm)) {
        match (name.as_str(), value) {
            ("notify", Value::Object(parts)) => {
                fields.extend(parts.into_iter().map(|(part, value)| (format!("notify.{part}"), value)));
            }
            ("labels", Value::Object(labels)) => {
                fields.extend(labels.into_iter().map(|(label, value)| (format!("{LABELS}{label}"), value)));
            }
            (_, Value::Null) => {}
            (_, value) => {
                fields.insert(name, value);
            }
        }
    }
    fields
}

fn members(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// The inverse of [`fields_of`], into a rule.
fn with_fields(rule: &RuleDraft, fields: &Fields, check: CheckUse) -> RuleDraft {
    let (mut alarm, mut notify, mut labels) = (Map::new(), Map::new(), Map::new());
    for (name, value) in fields {
        let (members, name) = match (name.strip_prefix("notify."), name.strip_prefix(LABELS)) {
            (Some(part), _) => (&mut notify, part),
            (_, Some(label)) => (&mut labels, label),
            _ => (&mut alarm, name.as_str()),
        };
        members.insert(name.to_owned(), value.clone());
    }
    alarm.insert("notify".to_owned(), Value::Object(notify));
    alarm.insert("labels".to_owned(), Value::Object(labels));
    let alarm: AlarmSettings =
        serde_json::from_value(Value::Object(alarm)).expect("fields of two alarm settings make a third");
    RuleDraft {
        check,
        interval: alarm.interval,
        checks_to_alert: alarm.checks_to_alert,
        checks_to_ok: alarm.checks_to_ok,
        ok_margin: alarm.ok_margin,
        period: alarm.period,
        no_data: alarm.no_data,
        time_zone: alarm.time_zone,
        notify: alarm.notify,
        labels: alarm.labels,
        runbook_url: alarm.runbook_url,
        ..rule.clone()
    }
}

#[cfg(test)]
mod tests;
