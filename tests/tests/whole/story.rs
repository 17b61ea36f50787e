//! A metric crosses its threshold, a sandboxed check says so, an operator sees it.

use atalaya_tests::client::Client;
use atalaya_tests::events::Listener;
use atalaya_tests::feed::Feed;
use atalaya_tests::server::Server;
use serde_json::{Value, json};

use crate::stage::{alarms, cpu_rule, let_pass, post_rule, steps, text, until_active, until_alarm};

const SERIES: &str = "lab.router1.cpu";

#[test]
fn a_metric_crosses_its_thresholds_and_the_alarm_follows_it_from_raised_to_cleared() {
    let server = Server::start();
    let admin = server.admin();
    let live = Listener::start(&admin, None).expect("the stream opens");
    let rule = post_rule(&admin, &cpu_rule(SERIES));
    let feed = Feed::start(server.carbon_port());

    feed.set(SERIES, 95.0);
    let raised = until_active(&admin, "95 raises an alarm", |_| true);
    stands_as_designed(&raised, &rule);
    tiles_are(&admin, (0, 0, 1));
    let id = text(&raised["id"]);

    feed.set(SERIES, 85.0);
    until_alarm(&admin, &id, "the alarm shows the latest value", |alarm| alarm["value"] == 85.0);
    let_pass(&admin, 8.0);
    assert_eq!(steps(&admin, &id).len(), 1, "85 leaves it critical, however long");
    assert_eq!(alarms(&admin, "active").len(), 1);

    feed.set(SERIES, 75.0);
    until_alarm(&admin, &id, "75 makes it major", |alarm| alarm["severity"] == "major");
    tiles_are(&admin, (0, 1, 0));

    feed.set(SERIES, 50.0);
    let cleared = until_alarm(&admin, &id, "50 clears it", |alarm| !alarm["cleared_at"].is_null());
    tiles_are(&admin, (0, 0, 0));
    stands_in_the_history(&admin, &cleared);
    every_step_was_shown_live(&live, &id);
    every_step_says_why(&admin, &id);
}

/// The shape that other programs rely on.
fn stands_as_designed(alarm: &Value, rule: &str) {
    assert_eq!(alarm["subject"]["kind"], "series", "{alarm}");
    assert_eq!(alarm["subject"]["name"], SERIES);
    assert_eq!(alarm["rule"], json!({"id": rule, "name": "CPU router1"}));
    assert_eq!((&alarm["series"], &alarm["unit"]), (&json!(SERIES), &json!("%")));
    assert_eq!((&alarm["severity"], &alarm["worst"]), (&json!("critical"), &json!("critical")));
    assert_eq!((&alarm["value"], &alarm["raised_value"]), (&json!(95.0), &json!(95.0)));
    assert_eq!((&alarm["cleared_at"], &alarm["acknowledged"]), (&Value::Null, &Value::Null));
    assert_eq!((&alarm["reason"], &alarm["seq"]), (&json!("checks to alert"), &json!(1)));
    assert!(!text(&alarm["message"]).is_empty(), "the check says it in words");
}

fn tiles_are(client: &Client, (warning, major, critical): (u64, u64, u64)) {
    let summary = client.get("/api/v1/summary").is(200).clone();
    let found = ["rules", "series", "warning", "major", "critical", "unknown"].map(|tile| &summary[tile]);
    let [one, none] = [1, 0].map(Value::from);
    assert_eq!(found, [&one, &one, &warning.into(), &major.into(), &critical.into(), &none], "{summary}");
}

fn stands_in_the_history(client: &Client, cleared: &Value) {
    assert_eq!(alarms(client, "active"), [] as [Value; 0]);
    let history = alarms(client, "history");
    assert_eq!(history.len(), 1, "one alarm, however it changed: {history:?}");
    assert_eq!(history[0]["id"], cleared["id"]);
    // RFC 3339 in UTC: the texts sort as the times do down to the second, and these are seconds apart.
    let [start, end] = ["raised_at", "cleared_at"].map(|name| text(&history[0][name]));
    assert!(start[..19] < end[..19], "{start} to {end}");
    assert_eq!(history[0]["value"], 75.0, "the last value in alarm");
}

fn every_step_was_shown_live(live: &Listener, id: &str) {
    let shown = atalaya_tests::poll::until("the stream shows the last step", crate::stage::PATIENCE, || {
        Some(live.named("alarm")).filter(|events| events.len() >= 3)
    });
    let ids: Vec<u64> = shown.iter().map(|event| event.id.expect("it comes from a committed row")).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    let steps: Vec<Value> = shown
        .iter()
        .map(|event| {
            assert_eq!(event.data["transition"]["alarm"], id);
            let step = &event.data["transition"];
            json!([step["seq"], step["before"], step["after"]])
        })
        .collect();
    let expected = [json!([1, null, "critical"]), json!([2, "critical", "major"]), json!([3, "major", null])];
    assert_eq!(steps, expected);
}

/// Each step shows the evaluations it came from, and they judge the same again.
fn every_step_says_why(client: &Client, id: &str) {
    let answer = client.get(&format!("/api/v1/alarms/{id}/evidence"));
    let runs: Vec<Value> = answer
        .items()
        .iter()
        .map(|step| {
            assert_eq!(step["replays"], true, "{step}");
            assert_eq!(step["params"]["critical"], 90, "{step}");
            let run = step["evaluations"].as_array().expect("a step comes from evaluations");
            run.iter().map(|one| json!([one["level"], one["value"]])).collect()
        })
        .collect();
    let expected = [
        json!([["critical", 95.0], ["critical", 95.0], ["critical", 95.0]]),
        json!([["major", 75.0], ["major", 75.0]]),
        json!([["ok", 50.0], ["ok", 50.0]]),
    ];
    assert_eq!(runs, expected);
}

#[test]
fn eighty_seven_for_ever_after_eighty_five_never_becomes_critical() {
    let server = Server::start();
    let admin = server.admin();
    post_rule(&admin, &cpu_rule(SERIES));
    let feed = Feed::start(server.carbon_port());

    feed.set(SERIES, 85.0);
    let raised = until_active(&admin, "85 raises an alarm", |_| true);
    assert_eq!(raised["severity"], "major");
    let id = text(&raised["id"]);

    feed.set(SERIES, 87.0);
    until_alarm(&admin, &id, "the alarm shows the latest value", |alarm| alarm["value"] == 87.0);
    let_pass(&admin, 10.0);
    assert_eq!(steps(&admin, &id), [(Value::Null, json!("major"))]);
}
