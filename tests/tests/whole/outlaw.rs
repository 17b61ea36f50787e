//! A check that loops for ever hurts nobody but itself.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use atalaya_tests::client::Client;
use atalaya_tests::feed::Feed;
use atalaya_tests::paths;
use atalaya_tests::poll;
use atalaya_tests::server::Server;
use serde_json::{Value, json};

use crate::stage::{PATIENCE, alarms, cpu_rule, evaluations, metric, post_rule, until_active};

const OTHERS: usize = 1_000;

#[test]
fn a_rule_whose_check_loops_for_ever_is_unknown_while_a_thousand_others_stay_on_time() {
    let server = Server::builder()
        .with_check("misbehaves.wasm", &paths::guest("misbehaves"))
        .env("ATALAYA_CHECKS__PROBE_EVERY_MS", "2000")
        .env("ATALAYA_CHECKS__PROBES_TO_QUARANTINE", "5")
        .start();
    let admin = server.admin();
    let feed = Feed::start(server.carbon_port());
    let others: BTreeSet<String> = (0..OTHERS)
        .map(|n| {
            let series = format!("lab.host{n}.cpu");
            feed.set(&series, 50.0);
            post_rule(&admin, &cpu_rule(&series))
        })
        .collect();
    let outlaw = post_rule(&admin, &loops_for_ever("lab.host0.cpu"));

    let alarm = until_active(&admin, "the looping rule is unknown", |alarm| alarm["severity"] == "unknown");
    assert_eq!((&alarm["reason"], &alarm["rule"]["id"]), (&json!("out of fuel"), &json!(outlaw)));
    let state = admin.get(&format!("/api/v1/rules/{outlaw}")).is(200)["state"].clone();
    assert_eq!((&state["severity"], &state["reason"]), (&json!("unknown"), &json!("out of fuel")));
    all_are_evaluated_on_time(&admin, &others);

    poll::until("the check is throttled", PATIENCE, || {
        let status = status_of(&admin, "misbehaves");
        assert_ne!(status, "quarantined", "it is throttled before");
        (status == "throttled").then_some(())
    });
    let cause = until_active(&admin, "one alarm for the check", |alarm| alarm["subject"]["kind"] == "check");
    assert_eq!((&cause["subject"]["name"], &cause["severity"]), (&json!("misbehaves"), &json!("major")));
    assert_eq!((&cause["reason"], &cause["rule"]), (&json!("check failing"), &Value::Null));
    assert_eq!(status_of(&admin, "misbehaves"), "quarantined");
    assert_eq!(status_of(&admin, "threshold"), "ok");
    assert_eq!(alarms(&admin, "active").len(), 2, "what was held is kept, and the check's own alarm");
    all_are_evaluated_on_time(&admin, &others);
}

fn loops_for_ever(series: &str) -> Value {
    let mut rule = cpu_rule(series);
    rule["name"] = json!("loops for ever");
    rule["check"] = json!({"name": "misbehaves", "params": {"how": "loop"}});
    rule
}

/// Several times all of them are evaluated, about once a second each as they should be, and none of them late.
/// The machine may be busy with other things, too: the measure is seconds where a stalled cycle would take minutes.
fn all_are_evaluated_on_time(client: &Client, rules: &BTreeSet<String>) {
    let (start, before) = (Instant::now(), evaluations(client));
    let mut last = checked_at(client, rules);
    for _ in 0..3 {
        last = poll::until("all rules were evaluated once more", Duration::from_secs(30), || {
            let now = checked_at(client, rules);
            let anew = now.iter().zip(&last).all(|(now, last)| now.is_some() && now != last);
            anew.then_some(now)
        });
        let late = metric(client, "atalaya_lateness_seconds");
        assert!(late <= 5.0, "{late} s late");
    }
    let (made, passed) = (evaluations(client) - before, start.elapsed().as_secs_f64());
    let rate = made / passed;
    assert!(rate >= 0.5 * OTHERS as f64, "{made} evaluations in {passed:.1} s");
    assert_eq!(metric(client, "atalaya_overdue_rules"), 0.0);
}

/// When each of the rules was last evaluated, in the order of their ids.
fn checked_at(client: &Client, rules: &BTreeSet<String>) -> Vec<Option<String>> {
    let mut found = std::collections::BTreeMap::new();
    let mut path = "/api/v1/rules?limit=1000".to_owned();
    loop {
        let page = client.get(&path);
        for rule in page.items() {
            let at = rule["state"]["checked_at"].as_str().map(str::to_owned);
            found.insert(rule["id"].as_str().unwrap_or_default().to_owned(), at);
        }
        let Some(next) = page.body["next"].as_str() else { break };
        path = format!("/api/v1/rules?limit=1000&cursor={next}");
    }
    rules.iter().map(|id| found.remove(id).flatten()).collect()
}

fn status_of(client: &Client, check: &str) -> String {
    let checks = client.get("/api/v1/checks");
    let found = checks.items().iter().find(|one| one["name"] == check);
    found.and_then(|one| one["status"].as_str()).unwrap_or_else(|| panic!("{check}: {checks:?}")).to_owned()
}
