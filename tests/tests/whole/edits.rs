//! What an operator does to a rule while its alarm stands.

use atalaya_tests::client::Client;
use atalaya_tests::feed::Feed;
use atalaya_tests::server::Server;
use serde_json::{Value, json};

use crate::stage::{cpu_rule, let_pass, post_rule, steps, text, until_active, until_alarm};

const SERIES: &str = "lab.router1.cpu";

/// A server, its administrator, a rule that stands critical, and its alarm.
struct Standing {
    _feed: Feed,
    _server: Server,
    admin: Client,
    rule: String,
    alarm: String,
}

impl Standing {
    fn start() -> Self {
        let server = Server::start();
        let admin = server.admin();
        let rule = format!("/api/v1/rules/{}", post_rule(&admin, &cpu_rule(SERIES)));
        let feed = Feed::start(server.carbon_port());
        feed.set(SERIES, 95.0);
        feed.set("lab.router2.cpu", 95.0);
        let alarm = text(&until_active(&admin, "95 raises an alarm", |_| true)["id"]);
        Standing { _feed: feed, _server: server, admin, rule, alarm }
    }

    fn patch(&self, part: &Value) {
        self.admin.patch(&self.rule, part).is(200);
    }

    fn closes(&self, reason: &str) {
        let closed = until_alarm(&self.admin, &self.alarm, reason, |alarm| !alarm["cleared_at"].is_null());
        assert_eq!(closed["reason"], reason);
    }

    /// The same alarm stands again: no other was raised.
    fn stands_again(&self) {
        let again =
            until_alarm(&self.admin, &self.alarm, "it stands again", |alarm| alarm["cleared_at"].is_null());
        assert_eq!((&again["reason"], &again["severity"]), (&json!("restored"), &json!("critical")));
        let_pass(&self.admin, 5.0);
        let all = crate::stage::alarms(&self.admin, "all");
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!(all[0]["cleared_at"], Value::Null);
    }
}

#[test]
fn a_paused_rule_closes_its_alarm_and_the_undo_brings_the_same_one_back() {
    let story = Standing::start();
    story.patch(&json!({"enabled": false}));
    story.closes("rule paused");
    let state = story.admin.get(&story.rule).is(200)["state"]["severity"].clone();
    assert_eq!(state, "paused");
    story.patch(&json!({"enabled": true}));
    story.stands_again();
    let seqs = story.admin.get(&format!("/api/v1/alarms/{}/transitions", story.alarm));
    let seqs: Vec<_> = seqs.items().iter().map(|step| step["seq"].clone()).collect();
    assert_eq!(seqs, [1, 2, 3], "raised, closed, restored: no gap");
}

#[test]
fn a_deleted_rule_closes_its_alarm_and_the_undo_brings_both_back() {
    let story = Standing::start();
    story.admin.delete(&story.rule).is(204);
    story.closes("rule deleted");
    assert_eq!(story.admin.get("/api/v1/rules").is(200)["total"], 0);
    story.admin.post(&format!("{}/restore", story.rule), &json!({})).is(200);
    story.stands_again();
}

#[test]
fn another_query_closes_the_alarm_and_raises_one_of_its_own() {
    let story = Standing::start();
    story.patch(&json!({"query": {"expr": "lab.router2.cpu"}}));
    story.closes("query changed");
    let other = until_active(&story.admin, "the other series is critical, too", |_| true);
    assert_eq!(other["series"], "lab.router2.cpu");
    assert_ne!(other["id"], story.alarm);
}

#[test]
fn other_thresholds_keep_the_alarm_and_judge_it_anew() {
    let story = Standing::start();
    // 95 lies below 110 - 10 %: no longer critical, still above the threshold for major.
    story.patch(&json!({"check": {"params": {"critical": 110}}}));
    let lowered =
        until_alarm(&story.admin, &story.alarm, "it is judged anew", |alarm| alarm["severity"] == "major");
    assert_eq!((&lowered["cleared_at"], &lowered["reason"]), (&Value::Null, &json!("checks to OK")));
    let expected = [(Value::Null, json!("critical")), (json!("critical"), json!("major"))];
    assert_eq!(steps(&story.admin, &story.alarm), expected);
}
