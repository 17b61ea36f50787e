//! What the stories have in common.

use std::time::Duration;

use crate::client::Client;
use crate::poll;
use serde_json::{Value, json};

/// The tests share a machine with builds: what takes seconds alone may take this long.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// The rule of the design's section 6, on a series of its own.
pub fn cpu_rule(series: &str) -> Value {
    json!({
        "name": "CPU router1",
        "query": {"source": "local", "expr": series, "unit": "%", "dashboard": null, "panel": null},
        "check": {"name": "threshold",
            "params": {"direction": "above", "warning": 70, "major": 80, "critical": 90}},
        "interval": "1s", "checks_to_alert": 3, "checks_to_ok": 2, "ok_margin": 10, "period": "24x7",
        "no_data": "alarm", "time_zone": "Europe/Madrid",
        "notify": {"sms": false, "ovo": false, "receivers": []},
        "enabled": true, "labels": {}, "note": "", "runbook_url": null,
    })
}

/// Makes a rule; its id.
pub fn post_rule(client: &Client, rule: &Value) -> String {
    text(&client.post("/api/v1/rules", rule).is(201)["id"])
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}

/// The alarms of this state: `active`, `history` or `all`.
pub fn alarms(client: &Client, state: &str) -> Vec<Value> {
    client.get(&format!("/api/v1/alarms?state={state}")).items().to_vec()
}

/// Waits until one active alarm fits.
pub fn until_active(client: &Client, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
    poll::until(what, PATIENCE, || alarms(client, "active").into_iter().find(&fits))
}

/// Waits until an alarm as it is now fits.
pub fn until_alarm(client: &Client, id: &str, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let path = format!("/api/v1/alarms/{id}");
    poll::until(what, PATIENCE, || Some(client.get(&path).is(200).clone()).filter(&fits))
}

/// The value of one of Atalaya's own metrics that has no labels.
pub fn metric(client: &Client, name: &str) -> f64 {
    let page = text(client.get("/metrics").is(200));
    let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{name} is not told:\n{page}"))
}

/// How many evaluations were made since the start.
pub fn evaluations(client: &Client) -> f64 {
    metric(client, "atalaya_evaluations_total")
}

/// Lets so many more evaluations happen, however long they take.
pub fn let_pass(client: &Client, count: f64) {
    let before = evaluations(client);
    poll::until("evaluations go on", PATIENCE, || (evaluations(client) >= before + count).then_some(()));
}

/// The steps of an alarm's life: severity before and after.
pub fn steps(client: &Client, alarm: &str) -> Vec<(Value, Value)> {
    let answer = client.get(&format!("/api/v1/alarms/{alarm}/transitions"));
    answer.items().iter().map(|step| (step["before"].clone(), step["after"].clone())).collect()
}
