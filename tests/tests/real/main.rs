//! The whole with what surrounds it at people's: a real Graphite, a real Prometheus. `cargo xtask test` installs them and says
//! where they are; without them these tests say that they are skipped.

// Takes longest, so its name lets it start first.
mod blackout;
mod catalog;
mod clients;
mod components;
mod expected;
mod interfaces;
mod nulls;
mod relay;
mod remote_write;
mod search;
mod story;
mod traps;
mod trend;

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
