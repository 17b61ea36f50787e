//! Graphite's newest bucket is there before it is filled, and says null.

use std::time::Duration;

use atalaya_tests::client::Client;
use atalaya_tests::feed::Feed;
use atalaya_tests::graphite::Graphite;
use atalaya_tests::poll;
use atalaya_tests::server::Server;
use atalaya_tests::stage::{PATIENCE, alarms, let_pass, post_rule, text, until_active};
use serde_json::{Value, json};

use crate::{cpu_rule_on, post_source, query};

const SERIES: &str = "fast.nulls.sessions";

/// vmalert 1.79 read the null as 0 and fired.
#[test]
fn a_bucket_that_is_not_filled_yet_is_not_a_zero() {
    let Some(graphite) = Graphite::shared() else { return };
    let server = Server::start();
    let admin = server.admin();
    // No offset: each window ends with the bucket of this second.
    post_source(&admin, "graphite", &graphite.url(), "0s");
    // One bucket in three is filled: mostly, the newest is null.
    let feed = Feed::every(graphite.line_port(), Duration::from_secs(3));
    feed.set(SERIES, 50.0);
    poll::until("the newest bucket is null, in Graphite's own words", PATIENCE, || {
        newest_is_null(&graphite.url()).then_some(())
    });

    let never = post_rule(&admin, &below(5));
    let always = post_rule(&admin, &below(60));
    let raised = until_active(&admin, "50 is below 60", |alarm| alarm["rule"]["id"] == always.as_str());
    assert_eq!((&raised["severity"], &raised["value"]), (&json!("critical"), &json!(50.0)));
    // Each of the two rules many times, most of them on a null.
    let_pass(&admin, 30.0);

    let all = alarms(&admin, "all");
    assert!(all.iter().all(|alarm| alarm["rule"]["id"] != never.as_str()), "50 is not below 5: {all:?}");
    for value in seen(&admin, &text(&raised["id"])).into_iter().chain(asked(&admin)) {
        assert!(value == 50.0 || value.is_null(), "50 or nothing was there, never {value}");
    }
}

fn below(threshold: u32) -> Value {
    let mut rule = cpu_rule_on("graphite", SERIES);
    rule["name"] = json!(format!("Fewer than {threshold} sessions"));
    let (warning, major) = (threshold + 2, threshold + 1);
    rule["check"]["params"] =
        json!({"direction": "below", "warning": warning, "major": major, "critical": threshold});
    rule["ok_margin"] = json!(0);
    // Two of three windows of three seconds may miss the one sample by a moment.
    rule["no_data"] = json!("keep");
    rule
}

fn newest_is_null(url: &str) -> bool {
    let url = format!("{url}/render?target={SERIES}&from=-10s&format=json");
    let text = ureq::get(url).call().ok().and_then(|mut answer| answer.body_mut().read_to_string().ok());
    let answer: Value = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let points = answer[0]["datapoints"].as_array().cloned().unwrap_or_default();
    points.iter().any(|point| point[0] == 50.0) && points.last().is_some_and(|point| point[0].is_null())
}

/// The values in the windows that raised an alarm.
fn seen(client: &Client, alarm: &str) -> Vec<Value> {
    let evidence = client.get(&format!("/api/v1/alarms/{alarm}/evidence"));
    let runs = evidence.items().iter().flat_map(|step| step["evaluations"].as_array().into_iter().flatten());
    let values: Vec<Value> =
        runs.flat_map(|one| one["values"].as_array().cloned().unwrap_or_default()).collect();
    assert!(values.iter().any(Value::is_null), "a null was among them: {values:?}");
    values
}

/// The values that a chart would show.
fn asked(client: &Client) -> Vec<Value> {
    let series = query(client, "graphite", SERIES);
    series.iter().flat_map(|one| one["values"].as_array().cloned().unwrap_or_default()).collect()
}
