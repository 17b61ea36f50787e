//! graphite-web stops with two hundred rules on it, and starts again; in between, Atalaya is killed.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use atalaya_tests::client::Client;
use atalaya_tests::feed::Feed;
use atalaya_tests::graphite::Graphite;
use atalaya_tests::poll;
use atalaya_tests::server::Server;
use atalaya_tests::stage::{PATIENCE, alarms, let_pass, steps, text, until_active, until_alarm};
use serde_json::{Value, json};

use crate::{cpu_rule_on, post_source};

const RULES: usize = 200;
/// So many of them hold an alarm when the outage comes; some of each policy.
const HOLDING: usize = 12;
const POLICIES: [&str; 3] = ["alarm", "keep", "ok"];
/// Longer than any rule takes from its first unknown verdict to what its policy says.
const OUTAGE: Duration = Duration::from_secs(16);

#[test]
fn an_outage_of_graphite_is_one_alarm_of_the_source_and_nothing_to_its_rules() {
    let Some(graphite) = Graphite::shared() else { return };
    let mut web = graphite.another_web();
    let mut server = Server::start();
    let admin = server.admin();
    post_source(&admin, "graphite", &web.url(), "1s");
    let feed = Feed::start(graphite.line_port());
    (0..RULES).for_each(|number| feed.set(&series(number), if number < HOLDING { 95.0 } else { 50.0 }));
    make_rules(&admin);
    let before = poll::until("those above their threshold hold an alarm", PATIENCE, || {
        Some(alarms(&admin, "active")).filter(|active| active.len() == HOLDING)
    });
    let_pass(&admin, RULES as f64);
    assert_eq!(states(&alarms(&admin, "active")), states(&before), "all has settled");

    web.stop();
    let cause = until_told(&admin);
    let noticed = Instant::now();
    poll::until("the outage lasts", PATIENCE, || {
        is_told(&admin, &states(&before));
        (noticed.elapsed() >= OUTAGE).then_some(())
    });
    server.kill();
    server.restart();
    let admin = server.admin();
    is_told(&admin, &states(&before));

    web.start_again();
    let cleared = until_alarm(&admin, &cause, "the source is back", |alarm| !alarm["cleared_at"].is_null());
    assert_eq!(cleared["reason"], "source back");
    assert_eq!(admin.get("/api/v1/summary").is(200)["causes"], json!([]));
    // Twice round, in which every rule has been judged anew.
    let_pass(&admin, 2.0 * RULES as f64);
    nothing_happened_to_the_rules(&admin, &before, &cause);

    feed.set(&series(RULES - 1), 95.0);
    until_active(&admin, "judging goes on", |alarm| alarm["series"] == series(RULES - 1).as_str());
}

fn series(number: usize) -> String {
    format!("fast.outage.router{number}.cpu")
}

fn make_rules(admin: &Client) {
    for number in 0..RULES {
        let mut rule = cpu_rule_on("graphite", &series(number));
        rule["name"] = json!(format!("CPU of router {number}"));
        rule["no_data"] = json!(POLICIES[number % POLICIES.len()]);
        rule["interval"] = json!("5s");
        rule["checks_to_alert"] = json!(2);
        admin.post("/api/v1/rules", &rule).is(201);
    }
}

/// What may not change: which alarms stand, and how.
fn states(alarms: &[Value]) -> BTreeSet<String> {
    let of_series = alarms.iter().filter(|alarm| alarm["subject"]["kind"] == "series");
    let state = |alarm: &Value| {
        json!([alarm["id"], alarm["severity"], alarm["seq"], alarm["cleared_at"]]).to_string()
    };
    of_series.map(state).collect()
}

/// Waits until the source has its alarm; its id.
fn until_told(admin: &Client) -> String {
    let found = poll::until("the source has an alarm", PATIENCE, || {
        alarms(admin, "active").into_iter().find(|alarm| alarm["subject"]["kind"] == "source")
    });
    assert_eq!(found["subject"]["name"], "graphite", "{found}");
    let (reason, severity) = (&found["reason"], &found["severity"]);
    assert_eq!((reason, severity), (&json!("source unreachable"), &json!("critical")), "{found}");
    assert_eq!((&found["rule"], &found["series"]), (&Value::Null, &Value::Null));
    assert!(!text(&found["message"]).is_empty(), "it says in words what is wrong");
    text(&found["id"])
}

/// The dashboard says that the source is down, and all else is as it was.
fn is_told(admin: &Client, before: &BTreeSet<String>) {
    let summary = admin.get("/api/v1/summary").is(200).clone();
    let causes = summary["causes"].as_array().expect("causes are a list").clone();
    assert_eq!(causes.len(), 1, "{summary}");
    assert_eq!(causes[0]["subject"]["name"], "graphite", "{summary}");
    assert_eq!(summary["unknown"], 0, "{summary}");
    assert_eq!(summary["critical"], HOLDING + 1, "{summary}");
    let active = alarms(admin, "active");
    assert_eq!(active.len(), HOLDING + 1, "{active:?}");
    assert_eq!(&states(&active), before);
}

fn nothing_happened_to_the_rules(admin: &Client, before: &[Value], cause: &str) {
    assert_eq!(states(&alarms(admin, "active")), states(before));
    let history: Vec<String> = alarms(admin, "history").iter().map(|alarm| text(&alarm["id"])).collect();
    assert_eq!(history, [cause], "one alarm came and went");
    for alarm in before {
        let id = text(&alarm["id"]);
        assert_eq!(steps(admin, &id), [(Value::Null, json!("critical"))], "only what raised it");
    }
}
