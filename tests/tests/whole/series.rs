//! Which series a rule watches: patterns, what comes later, what is gone, and this host's own.

use atalaya_tests::feed::Feed;
use atalaya_tests::paths;
use atalaya_tests::poll;
use atalaya_tests::server::Server;
use serde_json::{Value, json};

use crate::stage::{PATIENCE, alarms, cpu_rule, let_pass, post_rule, steps, text, until_active, until_alarm};

#[test]
fn a_rule_for_a_pattern_watches_each_series_by_itself_and_those_that_come_later() {
    let server = Server::start();
    let admin = server.admin();
    let rule = post_rule(&admin, &cpu_rule("lab.*.cpu"));
    let state = || admin.get(&format!("/api/v1/rules/{rule}")).is(200)["state"].clone();
    let feed = Feed::start(server.carbon_port());
    feed.set("lab.router1.cpu", 95.0);
    feed.set("lab.router2.cpu", 50.0);
    feed.set("lab.router1.disk", 99.0);
    until_active(&admin, "router1 is critical", |alarm| alarm["series"] == "lab.router1.cpu");
    assert_eq!(state()["series"], 2);

    feed.set("lab.router3.cpu", 85.0);
    let later = until_active(&admin, "router3 is major", |alarm| alarm["series"] == "lab.router3.cpu");
    assert_eq!((&later["severity"], &later["seq"]), (&json!("major"), &json!(1)));
    let_pass(&admin, 9.0);
    assert_eq!((alarms(&admin, "active").len(), &state()["series"]), (2, &json!(3)));
    assert_eq!(state()["severity"], "critical", "the worst of its series");
}

#[test]
fn a_rule_for_a_series_that_nobody_has_seen_is_pending_and_raises_nothing() {
    let server = Server::start();
    let admin = server.admin();
    let watched = post_rule(&admin, &cpu_rule("lab.seen"));
    let pending = post_rule(&admin, &cpu_rule("lab.never.seen"));
    let feed = Feed::start(server.carbon_port());
    feed.set("lab.seen", 50.0);
    let severity =
        |rule: &str| admin.get(&format!("/api/v1/rules/{rule}")).is(200)["state"]["severity"].clone();
    poll::until("the seen one is well", PATIENCE, || (severity(&watched) == "ok").then_some(()));
    let_pass(&admin, 10.0);
    assert_eq!(severity(&pending), "pending");
    assert_eq!(alarms(&admin, "all"), [] as [Value; 0]);
}

#[test]
fn a_series_that_vanished_closes_its_alarm_after_forget_after() {
    let server = Server::start();
    let admin = server.admin();
    let mut settings = admin.get("/api/v1/settings").is(200).clone();
    settings["forget_after"] = json!("1m");
    admin.send("PUT", "/api/v1/settings", Some(settings.to_string())).is(200);
    post_rule(&admin, &cpu_rule("lab.leaves"));
    let feed = Feed::start(server.carbon_port());
    feed.set("lab.leaves", 95.0);
    let id = text(&until_active(&admin, "95 raises an alarm", |_| true)["id"]);
    feed.silence("lab.leaves");
    let unknown = text(&until_active(&admin, "it is unknown", |alarm| alarm["severity"] == "unknown")["id"]);
    for alarm in [&id, &unknown] {
        let gone = until_alarm(&admin, alarm, "it closes", |alarm| !alarm["cleared_at"].is_null());
        assert_eq!(gone["reason"], "series gone", "{gone}");
    }

    feed.set("lab.leaves", 95.0);
    let again = until_active(&admin, "it is back and raises an alarm", |_| true);
    assert_ne!(again["id"], id);
    assert_eq!((&again["severity"], &again["seq"]), (&json!("critical"), &json!(5)), "seq never resets");
}

#[test]
fn a_fresh_start_knows_this_host_and_an_alarm_on_it_is_one_rule_away() {
    let server = Server::start();
    let admin = server.admin();
    let series = poll::until("the host's memory is measured", PATIENCE, || {
        let hits = admin.get("/api/v1/sources/local/series?q=host.*.memory.percent");
        let leaf = hits.items().iter().find(|hit| hit["leaf"] == true && hit["last_value"].is_number());
        leaf.map(|hit| text(&hit["name"]))
    });
    let rule = json!({
        "name": "first", "query": {"source": "local", "expr": series},
        "check": {"name": "threshold", "params": {"direction": "above", "warning": -1}},
        "checks_to_alert": 1,
    });
    let made = admin.post("/api/v1/rules", &rule);
    assert_eq!(made.is(201)["effective_interval"], "10s", "the series' own step: {}", made.body);
    let alarm = until_active(&admin, "the first alarm", |_| true);
    assert_eq!((&alarm["severity"], &alarm["series"]), (&json!("warning"), &json!(series)));
}

#[test]
fn a_check_with_a_memory_is_judged_again_with_what_it_remembered() {
    let mut server = Server::builder().with_check("counts.wasm", &paths::guest("counts")).start();
    let admin = server.admin();
    let mut rule = cpu_rule("lab.counted");
    rule["check"] = json!({"name": "counts", "params": {"limit": 5}});
    post_rule(&admin, &rule);
    let feed = Feed::start(server.carbon_port());
    feed.set("lab.counted", 9.0);
    let raised = until_active(&admin, "the third in a row is critical", |_| true);
    let id = text(&raised["id"]);
    server.kill();
    server.restart();
    feed.set("lab.counted", 1.0);
    until_alarm(&admin, &id, "the count starts anew", |alarm| !alarm["cleared_at"].is_null());
    assert_eq!(steps(&admin, &id), [(Value::Null, json!("critical")), (json!("critical"), Value::Null)]);
    for step in admin.get(&format!("/api/v1/alarms/{id}/evidence")).items() {
        assert_eq!(step["replays"], true, "{step}");
    }
}
