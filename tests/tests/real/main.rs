//! The whole with what surrounds it at people's: a real Graphite, a real Prometheus, an SMS gateway, a proxy. `cargo xtask test` installs them and says
//! where they are; without them these tests say that they are skipped.

// Takes longest, so its name lets it start first.
mod alertmanager;
mod blackout;
mod catalog;
mod clients;
mod components;
mod expected;
mod gateway;
mod interfaces;
mod nulls;
mod opcmsg;
mod proxy;
mod relay;
mod remote_write;
mod search;
mod story;
mod traps;
mod trend;

use atalaya::domain::{AlarmId, Message, Millis, RuleId, Said, Severity, Texts};
use atalaya_api::delivery::DeliveryKind;
use atalaya_tests::client::Client;
use serde_json::{Value, json};

/// Adds a source; rules name it by its kind.
fn post_source(client: &Client, kind: &str, url: &str, offset: &str) {
    let settings =
        json!({"id": kind, "kind": kind, "name": format!("The {kind}"), "url": url, "offset": offset});
    client.post("/api/v1/sources", &settings).is(201);
}

/// The rule of the design's section 6 on another source.
fn cpu_rule_on(source: &str, expr: &str) -> Value {
    let mut rule = atalaya_tests::stage::cpu_rule(expr);
    rule["query"]["source"] = json!(source);
    rule
}

/// What a source gives for an expression, of the last minute.
fn query(client: &Client, source: &str, expr: &str) -> Vec<Value> {
    let from = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(1);
    let path = format!("/api/v1/sources/{source}/query?expr={}&from={from:.0}", encoded(expr));
    client.get(&path).is(200)["series"].as_array().expect("series are a list").clone()
}

/// As a value in an address.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// What is said of one alarm that became so at this instant.
fn message(kind: DeliveryKind, subject: &str, severity: Option<Severity>, at: Millis) -> Message {
    let said = Said {
        alarm: AlarmId::from_bytes([7; 16]),
        seq: 1,
        subject: subject.to_owned(),
        rule: Some(RuleId::from_bytes([8; 16])),
        rule_name: "CPU".to_owned(),
        dashboard: Some("Núcleo".to_owned()),
        panel: None,
        unit: Some("%".to_owned()),
        severity,
        before: None,
        value: Some(95.5),
        raised_at: at,
        changed_at: at,
        message: Texts { en: "is above 90".to_owned(), es: "está por encima de 90".to_owned() },
        note: String::new(),
        runbook_url: Some("https://wiki.example/cpu".to_owned()),
    };
    Message { key: "key-1".to_owned(), kind, at, severity, alarms: vec![said] }
}
