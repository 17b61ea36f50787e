//! A source that falls silent: marked, told of, and nothing is cleared.

use atalaya_tests::feed::Feed;
use atalaya_tests::poll;
use atalaya_tests::server::Server;
use serde_json::{Value, json};

use crate::stage::{PATIENCE, alarms, cpu_rule, let_pass, post_rule, steps, text, until_active, until_alarm};

const SERIES: &str = "lab.router1.cpu";

#[test]
fn a_silent_source_is_marked_and_told_beside_what_stands_and_clears_nothing() {
    let server = Server::start();
    let admin = server.admin();
    let rule = post_rule(&admin, &cpu_rule(SERIES));
    let feed = Feed::start(server.carbon_port());
    feed.set(SERIES, 95.0);
    let id = text(&until_active(&admin, "95 raises an alarm", |_| true)["id"]);

    feed.silence(SERIES);
    let silent =
        until_alarm(&admin, &id, "it says no data since", |alarm| alarm["no_data_since"].is_string());
    assert_eq!((&silent["severity"], &silent["cleared_at"]), (&json!("critical"), &Value::Null));
    let unknown = until_active(&admin, "a second alarm says unknown", |alarm| alarm["severity"] == "unknown");
    assert_eq!((&unknown["reason"], &unknown["series"]), (&json!("not enough data"), &json!(SERIES)));
    assert_ne!(unknown["id"], id);
    let state = admin.get(&format!("/api/v1/rules/{rule}")).is(200)["state"].clone();
    assert_eq!(state["reason"], "not enough data", "{state}");

    let_pass(&admin, 5.0);
    assert_eq!(alarms(&admin, "active").len(), 2, "both stand for as long as it lasts");
    assert_eq!(steps(&admin, &id).len(), 1, "nothing was cleared");

    feed.set(SERIES, 95.0);
    let back =
        until_alarm(&admin, &text(&unknown["id"]), "data are back", |alarm| !alarm["cleared_at"].is_null());
    assert_eq!(back["reason"], "data back");
    let held =
        until_alarm(&admin, &id, "no data is no longer said", |alarm| alarm["no_data_since"].is_null());
    assert_eq!((&held["severity"], &held["cleared_at"]), (&json!("critical"), &Value::Null));
}

#[test]
fn with_keep_a_silent_source_is_marked_only_and_with_ok_it_clears() {
    let server = Server::start();
    let admin = server.admin();
    let feed = Feed::start(server.carbon_port());
    let ids = ["keep", "ok"].map(|policy| {
        let series = format!("lab.{policy}");
        let mut rule = cpu_rule(&series);
        rule["no_data"] = json!(policy);
        post_rule(&admin, &rule);
        feed.set(&series, 95.0);
        series
    });
    let raised = ids.map(|series| {
        text(&until_active(&admin, "95 raises an alarm", |alarm| alarm["series"] == series.as_str())["id"])
    });

    ["lab.keep", "lab.ok"].iter().for_each(|series| feed.silence(series));
    let cleared = until_alarm(&admin, &raised[1], "no data is OK", |alarm| !alarm["cleared_at"].is_null());
    assert_eq!(cleared["reason"], "no data is OK");
    let kept = poll::until("it says no data since", PATIENCE, || {
        alarms(&admin, "active").into_iter().find(|alarm| alarm["no_data_since"].is_string())
    });
    assert_eq!((&kept["id"], &kept["severity"]), (&json!(raised[0]), &json!("critical")));
    let_pass(&admin, 10.0);
    assert_eq!(alarms(&admin, "active").len(), 1, "no alarm of severity unknown beside it");
}
