//! What is changed in many metrics at once, as it is typed.

use atalaya_api::rule::ReceiverUse;
use serde_json::{Map, Value, json};

use super::form::interval;
use super::settings::{count, margin};
use super::wrong::Wrong;

/// What is typed or chosen; an empty one leaves the metrics as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManyText {
    /// `yes` or `no`.
    pub sms: String,
    pub ovo: String,
    /// Exactly these receivers are told; none: those that are.
    pub told: Option<Vec<ReceiverUse>>,
    pub to_alert: String,
    pub to_ok: String,
    pub margin: String,
    pub period: String,
    /// `alarm`, `keep` or `ok`.
    pub no_data: String,
    pub interval: String,
}

impl ManyText {
    /// The merge patch for each metric, an empty one where nothing is to change; or all that is wrong.
    pub fn patch(&self, decimal: char) -> Result<Value, Vec<Wrong>> {
        let mut wrongs = Vec::new();
        let mut patch = Map::new();
        let mut put = |name: &str, read: Result<Value, Wrong>| match read {
            Ok(value) => drop(patch.insert(name.to_owned(), value)),
            Err(wrong) => wrongs.push(wrong),
        };
        let typed = |text: &String| !text.trim().is_empty();
        if typed(&self.to_alert) {
            put("checks_to_alert", count("checks_to_alert", &self.to_alert).map(|count| json!(count)));
        }
        if typed(&self.to_ok) {
            put("checks_to_ok", count("checks_to_ok", &self.to_ok).map(|count| json!(count)));
        }
        if typed(&self.margin) {
            put("ok_margin", margin("ok_margin", &self.margin, decimal).map(|percent| json!(percent)));
        }
        if typed(&self.interval) {
            let read = interval(&self.interval);
            put("interval", read.map(|span| span.map_or(Value::Null, |span| json!(span.to_string()))));
        }
        for (name, text) in [("period", &self.period), ("no_data", &self.no_data)] {
            if typed(text) {
                put(name, Ok(json!(text)));
            }
        }
        let mut notify: Map<String, Value> = [("sms", &self.sms), ("ovo", &self.ovo)]
            .into_iter()
            .filter(|(_, text)| typed(text))
            .map(|(name, text)| (name.to_owned(), json!(text == "yes")))
            .collect();
        if let Some(told) = &self.told {
            notify.insert("receivers".to_owned(), told_value(told));
        }
        if !notify.is_empty() {
            put("notify", Ok(Value::Object(notify)));
        }
        if wrongs.is_empty() { Ok(Value::Object(patch)) } else { Err(wrongs) }
    }
}

/// As the API takes it.
pub fn told_value(told: &[ReceiverUse]) -> Value {
    told.iter().map(|used| json!({"id": used.id, "from": used.from.name()})).collect()
}

#[cfg(test)]
mod tests {
    use atalaya_api::level::Level;

    use super::*;
    use crate::logic::wrong::What;

    #[test]
    fn only_what_is_filled_in_is_changed() {
        assert_eq!(ManyText::default().patch(','), Ok(json!({})));
        let text = ManyText {
            sms: "yes".to_owned(),
            ovo: "no".to_owned(),
            to_alert: " 5 ".to_owned(),
            margin: "2,5 %".to_owned(),
            period: "daytime".to_owned(),
            interval: "5 min".to_owned(),
            ..ManyText::default()
        };
        assert_eq!(
            text.patch(','),
            Ok(
                json!({"notify": {"sms": true, "ovo": false}, "checks_to_alert": 5, "ok_margin": 2.5, "period": "daytime",
                "interval": "5m"})
            )
        );
    }

    #[test]
    fn the_receivers_of_many_become_exactly_those_that_are_chosen() {
        let used = ReceiverUse { id: "noc".to_owned(), from: Level::Major };
        let text = ManyText { told: Some(vec![used]), ..ManyText::default() };
        assert_eq!(text.patch('.'), Ok(json!({"notify": {"receivers": [{"id": "noc", "from": "major"}]}})));
        let nobody = ManyText { told: Some(Vec::new()), ..ManyText::default() };
        assert_eq!(nobody.patch('.'), Ok(json!({"notify": {"receivers": []}})));
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let text = ManyText { to_alert: "0".to_owned(), margin: "many".to_owned(), ..ManyText::default() };
        let wrongs = text.patch('.').unwrap_err();
        assert_eq!(wrongs[0], Wrong::new("checks_to_alert", What::WholeBetween { min: 1, max: 100 }));
        assert_eq!(wrongs[1].field, "ok_margin");
    }
}
