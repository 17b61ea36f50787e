//! A restart is no event: what stood stands, and goes on as if nothing had been.

use atalaya_tests::events::Listener;
use atalaya_tests::feed::Feed;
use atalaya_tests::server::Server;
use serde_json::{Value, json};

use crate::stage::{alarms, cpu_rule, let_pass, post_rule, steps, text, until_active, until_alarm};

const SERIES: &str = "lab.router1.cpu";

#[test]
fn an_alarm_stands_through_a_stop_and_a_kill_and_clears_when_its_value_does() {
    let mut server = Server::start();
    let admin = server.admin();
    post_rule(&admin, &cpu_rule(SERIES));
    let feed = Feed::start(server.carbon_port());
    feed.set(SERIES, 95.0);
    let raised = until_active(&admin, "95 raises an alarm", |_| true);
    let id = text(&raised["id"]);

    let live = Listener::start(&admin, None).expect("the stream opens");
    server.stop();
    live.finish();
    server.restart();
    let_pass(&admin, 6.0);
    server.kill();
    server.restart();
    let_pass(&admin, 6.0);
    let active = alarms(&admin, "active");
    assert_eq!(active.len(), 1, "no second one, and none of severity unknown: {active:?}");
    assert_eq!((&active[0]["id"], &active[0]["raised_at"]), (&raised["id"], &raised["raised_at"]));

    feed.set(SERIES, 50.0);
    let cleared = until_alarm(&admin, &id, "50 clears it", |alarm| !alarm["cleared_at"].is_null());
    assert_eq!(cleared["seq"], 2);
    assert_eq!(steps(&admin, &id), [(Value::Null, json!("critical")), (json!("critical"), Value::Null)]);
}
