//! Names are suggested while somebody types, and a source is tested before it is saved.

use atalaya_tests::client::Client;
use atalaya_tests::feed::Feed;
use atalaya_tests::graphite::Graphite;
use atalaya_tests::poll;
use atalaya_tests::prometheus::{Exporter, Prometheus};
use atalaya_tests::server::Server;
use atalaya_tests::stage::PATIENCE;
use serde_json::{Value, json};

use crate::{cpu_rule_on, encoded, post_source, query};

#[test]
fn graphites_names_are_found_by_pattern_and_by_words() {
    let Some(graphite) = Graphite::shared() else { return };
    let server = Server::start();
    let admin = server.admin();
    post_source(&admin, "graphite", &graphite.url(), "1s");
    let feed = Feed::start(graphite.line_port());
    ["one", "two"].iter().for_each(|name| feed.set(&format!("fast.search.{name}.cpu"), 1.5));
    feed.set("fast.search.one.memory", 2.5);

    until_found(&admin, "graphite", "fast.search.*.cpu", &["fast.search.one.cpu", "fast.search.two.cpu"]);
    until_found(&admin, "graphite", "fast.search.one", &["fast.search.one"]);
    until_found(&admin, "graphite", "fast.search.", &["fast.search.one", "fast.search.two"]);
    let series = query(&admin, "graphite", "fast.search.*.cpu");
    assert_eq!(names(&series), ["fast.search.one.cpu", "fast.search.two.cpu"]);
    assert!(series.iter().all(|one| one["step_ms"] == 1000.0 && ends_in(one, 1.5)), "{series:?}");
}

#[test]
fn prometheus_names_are_found_by_words() {
    let exporter = Exporter::start();
    let Some(prometheus) = Prometheus::scraping(exporter.port()) else { return };
    let prometheus = prometheus.start();
    let server = Server::start();
    let admin = server.admin();
    post_source(&admin, "prometheus", &prometheus.url(), "0s");
    exporter.set(r#"lab_search_cpu{router="router1"}"#, 1.5);
    exporter.set("lab_search_memory", f64::INFINITY);

    until_found(&admin, "prometheus", "lab_search", &["lab_search_cpu", "lab_search_memory"]);
    until_found(&admin, "prometheus", "search memory", &["lab_search_memory"]);
    let series = query(&admin, "prometheus", r#"lab_search_cpu{router=~"router.+"}"#);
    assert!(series.len() == 1 && ends_in(&series[0], 1.5), "{series:?}");
    let series = query(&admin, "prometheus", "lab_search_memory");
    assert!(series.len() == 1 && ends_in(&series[0], f64::INFINITY), "{series:?}");
}

#[test]
fn a_test_tells_which_server_answers_or_what_is_wrong() {
    let Some(graphite) = Graphite::shared() else { return };
    let server = Server::start();
    let admin = server.admin();
    let test = |kind: &str, url: &str| {
        let settings = json!({"id": "new", "kind": kind, "name": "New", "url": url});
        admin.post("/api/v1/sources/test", &settings).is(200).clone()
    };
    let right = test("graphite", &graphite.url());
    assert_eq!(right["ok"], true, "{right}");
    assert!(right["version"].as_str().is_some_and(|version| version.contains("1.1.10")), "{right}");

    let other_kind = test("prometheus", &graphite.url());
    assert_eq!(other_kind["ok"], false, "a Graphite is no Prometheus: {other_kind}");
    let nobody = test("graphite", "http://127.0.0.1:1");
    assert_eq!(nobody["ok"], false, "{nobody}");
}

#[test]
fn a_metric_that_its_source_cannot_answer_is_refused_in_the_sources_own_words() {
    let exporter = Exporter::start();
    let (Some(graphite), Some(prometheus)) = (Graphite::shared(), Prometheus::scraping(exporter.port()))
    else {
        return;
    };
    let prometheus = prometheus.start();
    let server = Server::start();
    let admin = server.admin();
    post_source(&admin, "graphite", &graphite.url(), "1s");
    post_source(&admin, "prometheus", &prometheus.url(), "0s");

    let refused = |source: &str, expr: &str| {
        let answer = admin.post("/api/v1/rules", &cpu_rule_on(source, expr));
        answer.is_problem(422);
        answer
    };
    let words = refused("graphite", "noSuchFunction(lab.cpu)").names("query.expr").to_owned();
    assert!(words.contains("noSuchFunction"), "{words}");
    let words = refused("prometheus", "lab_cpu{").names("query.expr").to_owned();
    assert!(words.contains("parse error"), "{words}");

    let feed = Feed::start(graphite.line_port());
    feed.set("ten.search.cpu", 50.0);
    poll::until("a second bucket of ten seconds", PATIENCE, || {
        let series = query(&admin, "graphite", "ten.search.cpu");
        series.first().is_some_and(|one| one["step_ms"] == 10_000.0).then_some(())
    });
    let words = refused("graphite", "ten.search.cpu").names("interval").to_owned();
    assert!(words.contains("10s"), "each second there is nothing new: {words}");
}

/// Waits until a search gives exactly these names: a new series is known after a moment.
fn until_found(client: &Client, source: &str, q: &str, expected: &[&str]) {
    let path = format!("/api/v1/sources/{source}/series?q={}", encoded(q));
    let mut found = Vec::new();
    let what = format!("{q} finds {expected:?}");
    let deadline = std::time::Instant::now() + PATIENCE;
    poll::until(&what, PATIENCE * 2, || {
        found = names(client.get(&path).items());
        assert!(std::time::Instant::now() < deadline, "{what}, not {found:?}");
        (found == expected).then_some(())
    });
}

fn names(items: &[Value]) -> Vec<String> {
    items.iter().map(|item| item["name"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Whether the last sample that is there has this value.
fn ends_in(series: &Value, value: f64) -> bool {
    let values = series["values"].as_array().cloned().unwrap_or_default();
    let last = values.iter().rev().find(|value| !value.is_null());
    let expected = if value.is_infinite() { json!("Infinity") } else { json!(value) };
    last == Some(&expected)
}
