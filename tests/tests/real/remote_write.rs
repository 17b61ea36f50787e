//! A real Prometheus writes its samples into the local store.

use atalaya_tests::prometheus::{Exporter, Prometheus};
use atalaya_tests::server::Server;
use atalaya_tests::stage::{cpu_rule, post_rule, steps, text, until_active, until_alarm};
use jiff::Timestamp;
use serde_json::{Value, json};

#[test]
fn what_prometheus_writes_is_judged_and_a_target_that_dies_is_unknown_at_once() {
    let exporter = Exporter::start();
    let Some(prometheus) = Prometheus::scraping(exporter.port()) else { return };
    let server = Server::start();
    let admin = server.admin();
    let address = format!("{}/api/v1/ingest/prometheus/write", server.base());
    exporter.set(r#"lab_cpu{router="router1"}"#, 95.0);
    let _prometheus = prometheus.writing_to(&address, &ingest_token(&server)).start();

    let series = format!(r#"lab_cpu{{instance="127.0.0.1:{}",job="lab",router="router1"}}"#, exporter.port());
    let mut rule = cpu_rule(&series);
    // Three intervals are looked at: without the marker the last sample would count for 15 s more.
    rule["interval"] = json!("5s");
    rule["checks_to_alert"] = json!(1);
    post_rule(&admin, &rule);
    let raised = until_active(&admin, "95 raises an alarm", |alarm| alarm["severity"] == "critical");
    assert_eq!((&raised["series"], &raised["value"]), (&json!(series), &json!(95.0)));
    let id = text(&raised["id"]);

    exporter.die();
    let died = Timestamp::now();
    let unknown = until_active(&admin, "a second alarm says unknown", |alarm| alarm["severity"] == "unknown");
    assert_eq!(unknown["series"], json!(series));
    let held = until_alarm(&admin, &id, "it says no data since", |alarm| alarm["no_data_since"].is_string());
    assert_eq!((&held["severity"], &held["cleared_at"]), (&json!("critical"), &Value::Null));
    assert_eq!(steps(&admin, &id).len(), 1, "nothing was cleared");
    let told: Timestamp = text(&unknown["raised_at"]).parse().expect("a time in RFC 3339");
    assert!(told.duration_since(died).as_secs() < 13, "died at {died}, unknown at {told}");
}

/// A token that opens the door for samples and no other.
fn ingest_token(server: &Server) -> String {
    let made = server.command(&["token", "create", "--user", "admin", "--scope", "ingest"]);
    assert!(made.status.success(), "{made:?}");
    let token = String::from_utf8(made.stdout).expect("a token is text").trim().to_owned();
    server.stranger().with_token(&token).get("/api/v1/summary").is_problem(403);
    token
}
