use atalaya_api::alarm::{Alarm, EvidenceView, HistorySummary};
use atalaya_api::audit::AuditEntry;
use atalaya_api::backup::Backups;
use atalaya_api::bulk::ImportReport;
use atalaya_api::calendar::{CalendarPreview, CalendarView};
use atalaya_api::check::CheckView;
use atalaya_api::delivery::Delivery;
use atalaya_api::event::StatusEvent;
use atalaya_api::level::{Severity, Standing};
use atalaya_api::people::{Deleted, Group, Session, SessionView, SetupState, Token, User};
use atalaya_api::problem::Problem;
use atalaya_api::quiet::{AlarmsDone, Maintenance, Mute};
use atalaya_api::receiver::{MessagePreview, Receiver, ReceiverDraft, ReceiverKind, ReceiverTest};
use atalaya_api::rule::{Rule, RuleChart, RuleDraft};
use atalaya_api::settings::Settings;
use atalaya_api::source::{QueryAnswer, SeriesData, SeriesHit, Source, SourceTest};
use atalaya_api::status::Status;
use atalaya_api::template::{Impact, Template};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::*;

const AT: &str = "2026-11-21T14:02:11.5Z";

/// Reads as serde does, and comes back as it was written.
fn same<T: Read + Serialize + DeserializeOwned + PartialEq + fmt::Debug>(value: Value) {
    let text = value.to_string();
    let ours: T = from_text(&text).unwrap_or_else(|fault| panic!("{fault}: {text}"));
    assert_eq!(ours, serde_json::from_str(&text).expect("serde reads it"), "{text}");
    let written = value_of(&ours);
    assert_eq!(from_value::<T>(written).as_ref(), Ok(&ours), "{text}");
}

fn alarm() -> Value {
    json!({"id": "a", "subject": {"kind": "source", "id": "g", "name": "Graphite"}, "rule": {"id": "1", "name": "CPU"},
        "series": "a.b", "dashboard": null, "panel": null, "unit": "%", "severity": "critical", "worst": "major", "value": "Infinity",
        "raised_value": 95, "raised_at": AT, "cleared_at": null, "acknowledged": {"by": "ana", "at": AT, "note": ""},
        "muted_until": null, "reason": "source unreachable", "message": "m", "seq": 3, "no_data_since": AT})
}

fn transition() -> Value {
    json!({"alarm": "a", "series": null, "seq": 3, "at": AT, "before": null, "after": "unknown", "reason": "r", "value": -1.5,
        "message": "m"})
}

fn summary() -> Value {
    json!({"rules": 1, "series": 2, "warning": 3, "major": 4, "critical": 5, "unknown": 6,
        "change_1h": {"warning": -1, "major": 0, "critical": 2, "unknown": 0}, "checked_at": AT, "quiet_since": null, "causes": [cause()]})
}

fn cause() -> Value {
    json!({"subject": {"kind": "system", "id": "disk", "name": "disk"}, "severity": "major", "since": AT, "reason": "disk full",
        "message": {"en": "full", "es": "lleno"}})
}

fn draft() -> Value {
    json!({"name": "a", "query": {"source": "s", "expr": "x", "unit": "%"}, "check": {"name": "threshold",
        "params": {"warning": 70, "at": [1.5, null, "x", {"y": true}]}}, "interval": "10s", "labels": {"a": "b"},
        "notify": {"sms": true, "receivers": [{"id": "r", "from": "major"}]}, "ok_margin": 2.5, "no_data": "keep",
        "checks_to_alert": 5, "checks_to_ok": 4, "period": "daytime", "time_zone": "Europe/Madrid", "enabled": false, "note": "n",
        "runbook_url": "https://example.org/", "template": {"id": "t", "set": "s", "overrides": ["ok_margin"]},
        "origin": {"dashboard": "d", "panel": 2, "ref_id": "A", "query": "a.$x", "variables": {"x": ["$__all"]}}})
}

fn settings_of_source() -> Value {
    json!({"id": "p", "kind": "prometheus", "name": "P", "url": "http://p", "offset": "0s", "timeout": "30s", "concurrency": 8,
        "max_answer_mib": 300, "scrape_interval": "1m", "username": "ana", "has_password": true, "has_token": false,
        "headers": {"X": "y"}, "ca_pem": "-"})
}

#[test]
fn alarms_and_summaries_read_as_serde_reads_them() {
    same::<Alarm>(alarm());
    same::<StatusEvent>(json!({"at": AT, "summary": summary()}));
    same::<EvidenceView>(
        json!({"transition": transition(), "check": "threshold", "check_sha256": "00", "params": {"a": 1},
        "evaluations": [{"at": AT, "held": "ok", "level": null, "value": null, "reason": "trapped", "times": [1, 2.5],
        "values": ["-Infinity", 3]}], "replays": true}),
    );
    let changed: atalaya_api::event::AlarmEvent =
        from_value(json!({"alarm": alarm(), "transition": transition()})).expect("an event");
    assert_eq!(changed.transition.after, Some(Severity::Unknown));
}

#[test]
fn rules_and_their_drafts_read_as_serde_reads_them() {
    same::<RuleDraft>(draft());
    same::<RuleDraft>(
        json!({"name": "a", "query": {"source": "s", "expr": "x"}, "check": {"name": "threshold"}}),
    );
    let mut rule = draft();
    let own = json!({"id": "1", "version": 7, "effective_interval": "10s", "check_sha256": "00", "created_at": AT, "updated_at": AT,
        "updated_by": "admin", "state": {"severity": "major", "series": 2, "value": 1, "checked_at": AT, "no_data_since": null,
        "reason": null, "step": "1m", "unit": "%"}, "drift": {"before": "a", "now": "b", "expr": null}});
    rule.as_object_mut().expect("an object").extend(own.as_object().expect("an object").clone());
    same::<Rule>(rule);
    same::<RuleChart>(
        json!({"series": [], "lines": [{"level": "warning", "value": 3, "direction": "below", "start": 1, "end": 2}],
        "marks": [transition()]}),
    );
}

#[test]
fn sources_read_as_serde_reads_them() {
    same::<Source>(
        json!({"id": "p", "kind": "prometheus", "name": "P", "status": "down", "detail": "d", "series": 1, "rules": 2,
        "last_answer": {"at": AT, "took_ms": 12}, "inputs": [], "settings": settings_of_source(), "version": 3}),
    );
    same::<Source>(
        json!({"id": "local", "kind": "local", "name": "L", "status": "ok", "detail": null, "series": 1, "inputs": [
        {"name": "carbon", "address": "a", "status": "degraded", "detail": null, "samples": 9, "last_sample_at": AT,
        "refused": [{"reason": "too old", "count": 2, "example": "x"}]}]}),
    );
    same::<SourceTest>(
        json!({"ok": true, "message": "m", "took_ms": 3, "version": "v", "clock_offset_s": -40, "examples": ["a"]}),
    );
    same::<SeriesHit>(json!({"name": "a", "leaf": false, "last_value": 1, "last_at": AT, "step": "10s"}));
    same::<QueryAnswer>(
        json!({"series": [{"name": "s", "unit": null, "step_ms": 10, "times": [1], "values": [2]}], "total": 1,
        "warnings": ["w"]}),
    );
}

#[test]
fn the_rest_reads_as_serde_reads_it() {
    same::<Settings>(value_of(&Settings { heartbeat_url: "http://b".to_owned(), ..Settings::default() }));
    same::<Session>(json!({"username": "ana", "role": "operator", "expires_at": AT, "encrypted": true}));
    same::<CheckView>(
        json!({"name": "threshold", "version": "1.0.0", "sha256": "00", "built_in": true, "title": {"es": "t"},
        "summary": {}, "params_schema": {"type": "object"}, "rules": 1, "status": "throttled", "detail": null, "quarantined_at": null,
        "evaluations": 5, "failures": {"trapped": 2}, "cpu_seconds": 0.5}),
    );
    same::<Problem>(
        json!({"type": "/p", "title": "t", "status": 422, "detail": "d", "errors": [{"field": "f", "message": "m"}]}),
    );
    same::<Status>(json!({"version": "0.1", "started_at": AT, "ready": false, "parts": [
        {"name": "store", "ok": false, "needed": true, "detail": "d"}], "causes": [cause()], "evaluation": {"rules": 1, "series": 2,
        "evaluations": 3, "lateness_seconds": 0.25, "overdue_rules": 4, "questions_open": 5, "cpu_seconds": 1.5, "checked_at": AT},
        "store": {"commits": 1, "last_commit_seconds": 0.01, "commit_seconds": 2, "waiting_transitions": 3, "disk_free_bytes": 4,
        "disk_total_bytes": null}, "events": {"streams": 1, "lag_seconds": 0.5},
        "heartbeat": {"last_at": AT, "told": true, "told_at": null, "trouble": "t"}}));
}

#[test]
fn templates_calendars_and_reports_read_as_serde_reads_them() {
    same::<Template>(
        json!({"id": "t", "version": 2, "draft": {"name": "T", "note": "n", "sets": [{"name": "s",
        "check": {"name": "threshold", "params": {"warning": 1}}}], "alarm": {"interval": "10s", "period": "daytime",
        "notify": {"ovo": true}}}, "rules": 3, "created_at": AT, "updated_at": AT, "updated_by": "ana", "deleted_at": null}),
    );
    same::<Impact>(
        json!({"rules": 12, "changed": 10, "created": 1, "deleted": 2, "overridden": [{"id": "1", "name": "a",
        "fields": ["ok_margin"]}], "refused": ["b: no"]}),
    );
    same::<CalendarView>(json!({"calendar": {"id": "night", "name": "Night", "time_zone": "Europe/Madrid",
        "week": [{"days": [1, 7], "hours": {"from": "22:00", "to": "06:00"}}], "holidays": [{"date": "01-06", "name": "x"}],
        "exceptions": [{"date": "2027-12-24", "name": "", "hours": []}], "version": 4}, "built_in": false, "rules": 1,
        "open": true, "changes_at": AT}));
    same::<CalendarPreview>(json!({"open": false, "ranges": [{"from": AT, "to": AT}]}));
    same::<ImportReport>(
        json!({"read": 4, "created": 1, "updated": 1, "unchanged": 1, "refused": [{"line": 3, "text": "a;b",
        "errors": [{"field": "expr", "message": "m"}]}], "refused_total": 1, "notes": ["n"], "undo": "u"}),
    );
}

#[test]
fn receivers_deliveries_and_backups_read_as_serde_reads_them() {
    let ways = [
        json!({"host": "m", "port": 465, "security": "tls", "username": "u", "from": "a@x", "to": ["b@x"], "ca_pem": "-"}),
        json!({"url": "http://g", "username": "u", "from": "1", "smsc": "s", "numbers": ["1"], "lists": ["l"], "unicode": true}),
        json!({"application": "a", "object": "o", "msg_group": "g", "node": "n"}),
        json!({"url": "http://h", "ca_pem": "-"}),
        json!({"url": "http://a", "username": "u", "ca_pem": "-"}),
    ];
    for (kind, way) in ReceiverKind::ALL.into_iter().zip(ways) {
        let draft = json!({"id": "r", "kind": kind.name(), "name": "R", "enabled": false, "lowest": "major", "changes": false,
            "clears": false, "remind_every": "1h", "rate": {"messages": 10, "per": "1m"}, "language": "es",
            "words": {"title": "t", "text": "x"}, kind.name(): way, "has_secret": true, "version": 3});
        same::<Receiver>(
            json!({"receiver": draft, "updated_at": AT, "updated_by": "ana", "deleted_at": null, "rules": 4,
            "system": true, "muted_until": AT, "queued": 5, "oldest_queued_at": AT, "dead": 6, "last_delivered_at": AT,
            "trouble": "t", "paused_until": AT}),
        );
    }
    same::<ReceiverDraft>(
        json!({"id": "r", "kind": "ovo", "name": "R", "ovo": {"application": "a"}, "secret": "s"}),
    );
    same::<ReceiverTest>(json!({"ok": false, "message": "m", "answer": "250 ok", "took_ms": 12}));
    same::<MessagePreview>(
        json!({"messages": [{"of": "raised", "title": "t", "text": "x", "parts": 2, "unicode": true}]}),
    );
    same::<Delivery>(
        json!({"id": "1", "key": "k", "receiver": "r", "receiver_name": "R", "kind": "group", "severity": "critical",
        "title": "t", "state": "dead", "alarms": 7, "alarm": "a", "attempts": 3, "created_at": AT, "next_at": AT, "done_at": AT,
        "answer": "503"}),
    );
    same::<Backups>(
        json!({"folder": "/b", "items": [{"name": "n", "made_at": AT, "bytes": 1, "with_key": true}],
        "running": true, "verified_at": AT, "next_at": AT, "trouble": "t"}),
    );
}

#[test]
fn quiet_and_the_historys_sums_read_as_serde_reads_them() {
    let told = |severity: Value, why: Value| {
        json!({"receiver": "noc", "receiver_name": "NOC", "first_at": AT, "last_at": AT, "severity": severity,
            "why_not": why, "again_at": null})
    };
    let mut alarm = alarm();
    alarm["told"] = json!([told(json!("major"), Value::Null), told(Value::Null, json!("muted"))]);
    alarm["muted_until"] = json!(AT);
    same::<Alarm>(alarm);
    same::<AlarmsDone>(json!({"total": 3, "changed": 2, "ids": ["a", "b"]}));
    for kind in ["alarm", "rule", "dashboard", "receiver"] {
        same::<Mute>(
            json!({"id": "m", "target": {"kind": kind, "id": "x"}, "name": "X", "from": AT, "until": AT,
            "reason": "r", "by": "ana"}),
        );
    }
    let window = |draft: Value| {
        json!({"id": "w", "maintenance": draft, "until": AT, "next": null, "updated_at": AT, "updated_by": "ana",
            "deleted_at": null})
    };
    same::<Maintenance>(window(
        json!({"name": "W", "everything": true, "once": {"from": AT, "to": AT}, "version": 2}),
    ));
    same::<Maintenance>(window(
        json!({"name": "W", "dashboards": ["Core"], "rules": ["1"], "weekly": {"week": [
        {"days": [7], "hours": {"from": "22:00", "to": "06:00"}}], "time_zone": "Europe/Madrid"}}),
    ));
    same::<HistorySummary>(json!({"total": 9, "critical": 1, "major": 2, "unknown": 3, "warning": 3,
        "hours_in_alarm": 1.5, "alarm_hours": 4.25, "noisiest": [{"rule": null, "name": "CPU", "dashboard": "Core",
        "alarms": 7, "hours": 2}]}));
}

#[test]
fn people_read_as_serde_reads_them() {
    same::<User>(
        json!({"id": "u", "username": "ana", "role": "viewer", "groups": ["g"], "effective_role": "operator",
        "created_at": AT, "last_seen_at": AT}),
    );
    same::<User>(json!({"id": "u", "username": "ana", "role": "admin", "created_at": AT}));
    same::<Group>(json!({"id": "g", "name": "NOC", "role": "operator", "members": ["u"]}));
    for scope in ["api", "ingest"] {
        same::<Token>(json!({"id": "t", "name": "T", "prefix": "atl_a1", "scope": scope, "username": "ana",
            "created_at": AT, "used_at": null, "expires_at": AT, "token": "secret"}));
    }
    same::<SessionView>(
        json!({"id": "s", "username": "ana", "current": true, "created_at": AT, "used_at": AT,
        "expires_at": AT}),
    );
    for kind in ["rule", "template", "calendar", "source", "receiver", "maintenance"] {
        same::<Deleted>(
            json!({"kind": kind, "id": "x", "name": "X", "deleted_at": AT, "by": "ana", "gone_at": AT}),
        );
    }
    same::<AuditEntry>(
        json!({"at": AT, "by": "ana", "what": "rule updated", "subject": "1", "before": {"a": 1},
        "after": null}),
    );
}

#[test]
fn a_bucket_without_a_value_is_not_a_number() {
    let text = r#"{"name":"s","unit":"%","step_ms":1,"times":[1],"values":[null]}"#;
    assert!(from_text::<SeriesData>(text).is_ok_and(|series| series.values[0].0.is_nan()));
}

#[test]
fn the_first_fault_is_named() {
    assert_eq!(from_text::<Alarm>("{}").unwrap_err(), Misread("id"));
    let mut wrong = alarm();
    wrong["subject"]["kind"] = json!("ghost");
    wrong["seq"] = json!("three");
    assert_eq!(from_value::<Alarm>(wrong).unwrap_err(), Misread("kind"));
    assert_eq!(from_text::<Alarm>("<html>").unwrap_err(), Misread("JSON"));
}

#[test]
fn another_type_or_word_is_refused() {
    assert_eq!(from_text::<Standing>("\"critical\""), Ok(Standing::Critical));
    for text in ["\"dreadful\"", "3", "null", "[]", "{}"] {
        assert!(from_text::<Severity>(text).is_err(), "{text}");
    }
    assert!(from_text::<u8>("300").is_err() && from_text::<u8>("\"3\"").is_err());
    assert_eq!(from_text::<Option<u8>>(""), Ok(None));
}

#[test]
fn a_newer_servers_fields_are_passed_over() {
    assert_eq!(from_text(r#"{"needed":true,"new":{"a":[1]}}"#), Ok(SetupState { needed: true }));
}
