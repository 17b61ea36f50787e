//! The form of a template: what is typed, what is wrong with it, and the draft that is sent.

use atalaya_api::rule::Notify;
use atalaya_api::template::{AlarmSettings, TemplateDraft, TemplateSet};

use super::form::{CheckForm, interval, no_data_of};
use super::number;
use super::settings::{count, margin};
use super::wrong::{What, Wrong};

/// One check with its params.
#[derive(Clone, Debug, PartialEq)]
pub struct SetText {
    pub name: String,
    /// What it was called when it was read: renamed, its metrics stay its own.
    pub was: Option<String>,
    pub check: CheckForm,
}

/// All that is typed.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateText {
    pub name: String,
    pub note: String,
    pub sets: Vec<SetText>,
    pub interval: String,
    pub to_alert: String,
    pub to_ok: String,
    pub margin: String,
    pub period: String,
    /// `alarm`, `keep` or `ok`.
    pub no_data: String,
    pub notify: Notify,
}

impl SetText {
    pub fn of(set: &TemplateSet, decimal: char) -> Self {
        SetText {
            name: set.name.clone(),
            was: Some(set.name.clone()),
            check: CheckForm::of(&set.check.name, &set.check.params, decimal),
        }
    }

    /// Its paths begin with `sets[at]`.
    fn set(&self, at: usize, decimal: char, margin: f64, wrongs: &mut Vec<Wrong>) -> Option<TemplateSet> {
        let prefix = format!("sets[{at}]");
        let name = self.name.trim().to_owned();
        if name.is_empty() {
            wrongs.push(Wrong::new(format!("{prefix}.name"), What::Missing));
        }
        match self.check.check_use(decimal, margin) {
            Ok(check) => {
                let was = self.was.clone().filter(|was| *was != name);
                Some(TemplateSet { name, was, check })
            }
            Err(more) => {
                let within = |wrong: Wrong| Wrong { field: format!("{prefix}.{}", wrong.field), ..wrong };
                wrongs.extend(more.into_iter().map(within));
                None
            }
        }
    }
}

impl TemplateText {
    pub fn of(draft: &TemplateDraft, decimal: char) -> Self {
        let alarm = &draft.alarm;
        TemplateText {
            name: draft.name.clone(),
            note: draft.note.clone(),
            sets: draft.sets.iter().map(|set| SetText::of(set, decimal)).collect(),
            interval: alarm.interval.map_or(String::new(), |interval| interval.to_string()),
            to_alert: alarm.checks_to_alert.to_string(),
            to_ok: alarm.checks_to_ok.to_string(),
            margin: number::to_text(alarm.ok_margin, decimal),
            period: alarm.period.clone(),
            no_data: super::form::no_data_name(alarm.no_data).to_owned(),
            notify: alarm.notify.clone(),
        }
    }

    /// The draft to send, or everything that is wrong. `base` keeps what this form has no field for.
    pub fn draft(&self, base: &AlarmSettings, decimal: char) -> Result<TemplateDraft, Vec<Wrong>> {
        let mut wrongs = Vec::new();
        if self.name.trim().is_empty() {
            wrongs.push(Wrong::new("name", What::Missing));
        }
        let alarm = self.alarm(base, decimal, &mut wrongs);
        let margin = alarm.ok_margin;
        let numbered = self.sets.iter().enumerate();
        let sets = numbered.filter_map(|(at, set)| set.set(at, decimal, margin, &mut wrongs)).collect();
        let draft = TemplateDraft {
            name: self.name.trim().to_owned(),
            note: self.note.trim().to_owned(),
            sets,
            alarm,
        };
        if wrongs.is_empty() { Ok(draft) } else { Err(wrongs) }
    }

    fn alarm(&self, base: &AlarmSettings, decimal: char, wrongs: &mut Vec<Wrong>) -> AlarmSettings {
        let mut alarm = base.clone();
        let mut bad =
            |field: &str, wrong: Wrong| wrongs.push(Wrong { field: format!("alarm.{field}"), ..wrong });
        match count("", &self.to_alert) {
            Ok(count) => alarm.checks_to_alert = count,
            Err(wrong) => bad("checks_to_alert", wrong),
        }
        match count("", &self.to_ok) {
            Ok(count) => alarm.checks_to_ok = count,
            Err(wrong) => bad("checks_to_ok", wrong),
        }
        match margin("", &self.margin, decimal) {
            Ok(percent) => alarm.ok_margin = percent,
            Err(wrong) => bad("ok_margin", wrong),
        }
        match interval(&self.interval) {
            Ok(interval) => alarm.interval = interval,
            Err(wrong) => bad("interval", wrong),
        }
        alarm.period.clone_from(&self.period);
        alarm.no_data = no_data_of(&self.no_data);
        alarm.notify = self.notify.clone();
        alarm
    }
}

/// What puts back `before` after `sent` was saved over it: a set that was renamed says so on its way back, too.
pub fn way_back(before: &TemplateDraft, sent: &TemplateDraft) -> TemplateDraft {
    let mut back = before.clone();
    for set in &mut back.sets {
        let renamed = sent.sets.iter().find(|sent| sent.was.as_ref() == Some(&set.name));
        set.was = renamed.map(|sent| sent.name.clone());
    }
    back
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::logic::threshold::ThresholdForm;

    fn template() -> TemplateDraft {
        serde_json::from_value(json!({"name": "Routers", "note": "n", "sets": [
            {"name": "Level", "check": {"name": "threshold", "params": {"direction": "above", "warning": 70.0}}},
            {"name": "Trend", "check": {"name": "trend", "params": {"window": "1h"}}}],
            "alarm": {"checks_to_alert": 5, "period": "daytime", "labels": {"team": "core"}, "notify": {"sms": true}}}))
        .expect("a template")
    }

    #[test]
    fn a_template_that_is_only_looked_at_stays_as_it_is() {
        let draft = template();
        assert_eq!(TemplateText::of(&draft, ',').draft(&draft.alarm, ','), Ok(draft));
    }

    #[test]
    fn a_renamed_set_says_what_it_was() {
        let draft = template();
        let mut text = TemplateText::of(&draft, '.');
        text.sets[0].name = "Levels".to_owned();
        let sent = text.draft(&draft.alarm, '.').expect("nothing is wrong");
        assert_eq!(sent.sets[0].was.as_deref(), Some("Level"));
        assert_eq!(sent.sets[1].was, None);
        let back = way_back(&draft, &sent);
        assert_eq!((back.sets[0].name.as_str(), back.sets[0].was.as_deref()), ("Level", Some("Levels")));
        assert_eq!(back.sets[1].was, None);
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_by_its_set() {
        let mut text = TemplateText::of(&template(), '.');
        text.name = " ".to_owned();
        text.margin = "200".to_owned();
        text.sets[1].name.clear();
        text.sets[0].check = CheckForm::Threshold(ThresholdForm::default());
        let wrongs = text.draft(&AlarmSettings::default(), '.').unwrap_err();
        let fields: Vec<_> = wrongs.iter().map(|wrong| wrong.field.as_str()).collect();
        assert_eq!(fields[..2], ["name", "alarm.ok_margin"]);
        assert!(fields[2].starts_with("sets[0].check.params."), "{fields:?}");
        assert_eq!(fields.last(), Some(&"sets[1].name"));
    }
}
