//! Reading a [`Rule`]: serde's `flatten` reads all fields into a buffer and from there again, with a copy of every nested
//! type's reader for the buffer. This has the fields side by side, as they are on the wire.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::Timestamp;
use crate::rule::{
    self, CheckUse, Drift, NoData, Notify, Origin, Query, Rule, RuleDraft, RuleState, TemplateUse,
};
use crate::span::Span;

/// The fields of [`Rule`] and of the [`RuleDraft`] in it.
#[derive(Deserialize)]
pub(crate) struct FlatRule {
    id: String,
    version: u64,
    name: String,
    query: Query,
    check: CheckUse,
    #[serde(default)]
    interval: Option<Span>,
    #[serde(default = "rule::default_checks_to_alert")]
    checks_to_alert: u8,
    #[serde(default = "rule::default_checks_to_ok")]
    checks_to_ok: u8,
    #[serde(default = "rule::default_ok_margin")]
    ok_margin: f64,
    #[serde(default = "rule::default_period")]
    period: String,
    #[serde(default)]
    no_data: NoData,
    #[serde(default)]
    time_zone: Option<String>,
    #[serde(default)]
    notify: Notify,
    #[serde(default = "rule::yes")]
    enabled: bool,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    note: String,
    #[serde(default)]
    runbook_url: Option<String>,
    #[serde(default)]
    origin: Option<Origin>,
    #[serde(default)]
    template: Option<TemplateUse>,
    effective_interval: Span,
    check_sha256: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    updated_by: String,
    #[serde(default)]
    deleted_at: Option<Timestamp>,
    #[serde(default)]
    drift: Option<Drift>,
    state: RuleState,
}

impl From<FlatRule> for Rule {
    fn from(flat: FlatRule) -> Self {
        let draft = RuleDraft {
            name: flat.name,
            query: flat.query,
            check: flat.check,
            interval: flat.interval,
            checks_to_alert: flat.checks_to_alert,
            checks_to_ok: flat.checks_to_ok,
            ok_margin: flat.ok_margin,
            period: flat.period,
            no_data: flat.no_data,
            time_zone: flat.time_zone,
            notify: flat.notify,
            enabled: flat.enabled,
            labels: flat.labels,
            note: flat.note,
            runbook_url: flat.runbook_url,
            origin: flat.origin,
            template: flat.template,
        };
        Rule {
            id: flat.id,
            version: flat.version,
            draft,
            effective_interval: flat.effective_interval,
            check_sha256: flat.check_sha256,
            created_at: flat.created_at,
            updated_at: flat.updated_at,
            updated_by: flat.updated_by,
            deleted_at: flat.deleted_at,
            drift: flat.drift,
            state: flat.state,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rule_that_was_written_is_read_as_it_was() {
        let draft = json!({
            "name": "a", "query": {"source": "local", "expr": "x"}, "check": {"name": "threshold"}, "interval": "10s",
            "checks_to_alert": 5, "checks_to_ok": 4, "ok_margin": 2.5, "period": "daytime", "no_data": "keep",
            "time_zone": "Europe/Madrid", "notify": {"sms": true}, "enabled": false, "labels": {"site": "north"},
            "note": "n", "runbook_url": "https://example.org/",
            "origin": {"dashboard": "d", "panel": 2, "ref_id": "A", "query": "a.$x", "variables": {"x": ["$__all"]}},
            "template": {"id": "t", "set": "s", "overrides": ["ok_margin"]}
        });
        let rule = Rule {
            id: "1".to_owned(),
            version: 7,
            draft: serde_json::from_value(draft).expect("a draft"),
            effective_interval: Span(10),
            check_sha256: "00".to_owned(),
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::from_second(1).expect("an instant"),
            updated_by: "admin".to_owned(),
            deleted_at: Some(Timestamp::from_second(2).expect("an instant")),
            drift: Some(Drift { before: "a.$x".to_owned(), now: Some("b.$x".to_owned()), expr: None }),
            state: RuleState::default(),
        };
        let text = serde_json::to_string(&rule).expect("a rule can be written");
        assert_eq!(serde_json::from_str::<Rule>(&text).expect("what was written can be read"), rule);
    }

    #[test]
    fn what_is_left_out_of_a_rule_is_what_is_left_out_of_a_draft() {
        let draft =
            json!({"name": "a", "query": {"source": "s", "expr": "x"}, "check": {"name": "threshold"}});
        let mut rule = draft.clone();
        let kept = json!({"id": "1", "version": 1, "effective_interval": "5m", "check_sha256": "00", "state": RuleState::default(),
            "created_at": "2026-11-21T14:02:11Z", "updated_at": "2026-11-21T14:02:11Z", "updated_by": "admin"});
        rule.as_object_mut().expect("an object").extend(kept.as_object().expect("an object").clone());
        let rule: Rule = serde_json::from_value(rule).expect("a rule");
        assert_eq!(rule.draft, serde_json::from_value(draft).expect("a draft"));
    }
}
