//! A real carbon-relay passes on what it takes, pickled.

use atalaya_tests::feed::Feed;
use atalaya_tests::graphite::Graphite;
use atalaya_tests::server::{Server, free_port};
use atalaya_tests::stage::{cpu_rule, post_rule, text, until_active, until_alarm};
use serde_json::json;

const SERIES: &str = "lab.relay.cpu";

#[test]
fn what_a_carbon_relay_passes_on_is_judged() {
    let Some(graphite) = Graphite::shared() else { return };
    let pickles = free_port();
    let server = Server::builder()
        .env("ATALAYA_INGEST__CARBON_PICKLE__ENABLED", "true")
        .env("ATALAYA_INGEST__CARBON_PICKLE__LISTEN", &format!("127.0.0.1:{pickles}"))
        .start();
    let admin = server.admin();
    let (_relay, lines) = graphite.relay_to(pickles);
    let feed = Feed::start(lines);
    feed.set(SERIES, 95.0);
    post_rule(&admin, &cpu_rule(SERIES));

    let raised = until_active(&admin, "95 raises an alarm", |alarm| alarm["series"] == SERIES);
    assert_eq!((&raised["severity"], &raised["value"]), (&json!("critical"), &json!(95.0)));
    feed.set(SERIES, 50.0);
    until_alarm(&admin, &text(&raised["id"]), "50 clears it", |alarm| !alarm["cleared_at"].is_null());

    let sources = admin.get("/api/v1/sources");
    let inputs = sources.items()[0]["inputs"].as_array().expect("inputs are a list");
    let door = inputs.iter().find(|input| input["name"] == "carbon pickle").expect("the door is listed");
    assert!(
        door["samples"].as_u64().is_some_and(|count| count > 0) && door["refused"] == json!([]),
        "{door}"
    );
}
