//! A check that looks back: the pieces of history it wants are asked of a real Graphite.

use std::io::Write;
use std::net::TcpStream;

use atalaya_tests::feed::Feed;
use atalaya_tests::graphite::Graphite;
use atalaya_tests::server::Server;
use atalaya_tests::stage::{post_rule, text, until_active, until_alarm};
use serde_json::json;

use crate::{cpu_rule_on, post_source};

#[test]
fn a_rise_against_the_minute_before_is_told_from_what_graphite_kept() {
    let Some(graphite) = Graphite::shared() else { return };
    let series = "fast.trend.cpu";
    keep(graphite.line_port(), series, 100.0, 150);
    let server = Server::start();
    let admin = server.admin();
    post_source(&admin, "graphite", &graphite.url(), "1s");
    let feed = Feed::start(graphite.line_port());
    feed.set(series, 150.0);
    let mut rule = cpu_rule_on("graphite", series);
    let params =
        json!({"direction": "rising", "window": 1, "aggregate": "last", "major": 20, "critical": 40});
    rule["check"] = json!({"name": "trend", "params": params});
    post_rule(&admin, &rule);

    let raised =
        until_active(&admin, "half as much again raises an alarm", |alarm| alarm["rule"].is_object());
    assert_eq!(
        (&raised["severity"], &raised["raised_value"]),
        (&json!("critical"), &json!(50.0)),
        "{raised}"
    );
    let id = text(&raised["id"]);
    feed.set(series, 100.0);
    until_alarm(&admin, &id, "as before clears it", |alarm| !alarm["cleared_at"].is_null());

    let answer = admin.get(&format!("/api/v1/alarms/{id}/evidence"));
    assert!(answer.items().len() >= 2, "{answer:?}");
    for step in answer.items() {
        assert_eq!(step["replays"], true, "{step}");
    }
}

/// What an agent sent in the last `seconds`: this value, each second.
fn keep(port: u16, series: &str, value: f64, seconds: i64) {
    let now = jiff::Timestamp::now().as_second();
    let lines: String = (1..=seconds).rev().map(|ago| format!("{series} {value} {}\n", now - ago)).collect();
    let mut line = TcpStream::connect(("127.0.0.1", port)).expect("Graphite takes lines");
    line.write_all(lines.as_bytes()).expect("Graphite reads what it is sent");
}
