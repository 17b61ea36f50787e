//! A metric kept elsewhere crosses its thresholds, and the alarm follows it: the same story whoever keeps it.

use atalaya_tests::client::Client;
use atalaya_tests::feed::Feed;
use atalaya_tests::graphite::Graphite;
use atalaya_tests::prometheus::{Exporter, Prometheus};
use atalaya_tests::server::Server;
use atalaya_tests::stage::{alarms, let_pass, post_rule, steps, text, until_active, until_alarm};
use serde_json::{Value, json};

use crate::{cpu_rule_on, post_source};

#[test]
fn a_metric_in_graphite_raises_escalates_eases_and_clears_its_alarm() {
    let Some(graphite) = Graphite::shared() else { return };
    let server = Server::start();
    let admin = server.admin();
    post_source(&admin, "graphite", &graphite.url(), "1s");
    let feed = Feed::start(graphite.line_port());
    let series = "fast.story.cpu";
    follows_its_metric(&admin, &cpu_rule_on("graphite", series), series, |value| feed.set(series, value));
}

#[test]
fn a_metric_in_prometheus_raises_escalates_eases_and_clears_its_alarm() {
    let exporter = Exporter::start();
    let Some(prometheus) = Prometheus::scraping(exporter.port()) else { return };
    let prometheus = prometheus.start();
    let server = Server::start();
    let admin = server.admin();
    post_source(&admin, "prometheus", &prometheus.url(), "0s");
    let rule = cpu_rule_on("prometheus", "max by (router) (lab_cpu)");
    let set = |value| exporter.set(r#"lab_cpu{router="router1"}"#, value);
    follows_its_metric(&admin, &rule, r#"{router="router1"}"#, set);
}

fn follows_its_metric(admin: &Client, rule: &Value, series: &str, set: impl Fn(f64)) {
    set(85.0);
    let rule = post_rule(admin, rule);

    let raised = until_active(admin, "85 raises an alarm", |_| true);
    assert_eq!((&raised["severity"], &raised["series"]), (&json!("major"), &json!(series)), "{raised}");
    assert_eq!(raised["rule"]["id"], json!(rule));
    assert_eq!((&raised["raised_value"], &raised["reason"]), (&json!(85.0), &json!("checks to alert")));
    let id = text(&raised["id"]);

    set(95.0);
    until_alarm(admin, &id, "95 makes it critical", |alarm| alarm["severity"] == "critical");

    set(85.0);
    until_alarm(admin, &id, "the alarm shows the latest value", |alarm| alarm["value"] == 85.0);
    let_pass(admin, 6.0);
    assert_eq!(steps(admin, &id).len(), 2, "85 leaves it critical, however long");

    set(75.0);
    until_alarm(admin, &id, "75 makes it major", |alarm| alarm["severity"] == "major");

    set(50.0);
    let cleared = until_alarm(admin, &id, "50 clears it", |alarm| !alarm["cleared_at"].is_null());
    assert_eq!((&cleared["value"], &cleared["worst"]), (&json!(75.0), &json!("critical")));
    assert_eq!(alarms(admin, "active"), [] as [Value; 0]);
    assert_eq!(alarms(admin, "history").len(), 1, "one alarm, however it changed");
    every_step_says_why(admin, &id);
}

/// Each step shows the evaluations it came from, and they judge the same again.
fn every_step_says_why(client: &Client, id: &str) {
    let answer = client.get(&format!("/api/v1/alarms/{id}/evidence"));
    let runs: Vec<Value> = answer
        .items()
        .iter()
        .map(|step| {
            assert_eq!(step["replays"], true, "{step}");
            let run = step["evaluations"].as_array().expect("a step comes from evaluations");
            assert!(
                run.iter().all(|one| one["times"].as_array().is_some_and(|times| !times.is_empty())),
                "{run:?}"
            );
            run.iter().map(|one| json!([one["level"], one["value"]])).collect()
        })
        .collect();
    let expected = [
        json!([["major", 85.0], ["major", 85.0], ["major", 85.0]]),
        json!([["critical", 95.0], ["critical", 95.0], ["critical", 95.0]]),
        json!([["major", 75.0], ["major", 75.0]]),
        json!([["ok", 50.0], ["ok", 50.0]]),
    ];
    assert_eq!(runs, expected);
}
