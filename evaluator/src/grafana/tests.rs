//! How Grafana is asked, and what is said when it does not answer as it should.

use atalaya_api::catalog::GrafanaSettings;

use super::*;
use crate::source::remote::http::stand_in::StandIn;

fn json(body: &str) -> Vec<u8> {
    answer("200 OK", "application/json", body)
}

fn answer(status: &str, kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

fn grafana(server: &StandIn) -> Grafana {
    let settings =
        GrafanaSettings { url: server.url.clone(), organisation: Some(7), ..GrafanaSettings::default() };
    Grafana::new(&settings, Some("s3cret-token")).expect("it can be used")
}

#[test]
fn who_asks_shows_the_token_and_names_the_organisation() {
    let server = StandIn::new(|heard| {
        let known = heard.header("authorization") == Some("Bearer s3cret-token");
        assert!(known && heard.header("x-grafana-org-id") == Some("7"), "{heard:?}");
        json("[]")
    });
    assert_eq!(grafana(&server).search(|_| true), Ok(vec![]));
}

#[test]
fn pages_are_read_to_the_last_and_nothing_twice() {
    let server = StandIn::new(|heard| {
        let page: usize = heard.field("page").expect("a page").parse().expect("a number");
        let count = if page < 3 { 5_000 } else { 1 };
        let items = (0..count).map(|at| format!(r#"{{"uid":"{page}-{at}","title":"t","type":"dash-db"}}"#));
        json(&format!("[{}]", items.collect::<Vec<_>>().join(",")))
    });
    assert_eq!(grafana(&server).search(|_| true).expect("a list").len(), 10_001);
}

#[test]
fn a_grafana_that_knows_no_pages_ends_after_the_first() {
    let page =
        (0..5_000).map(|at| format!(r#"{{"uri":"db/d{at}","title":"t"}}"#)).collect::<Vec<_>>().join(",");
    let server = StandIn::new(move |_| json(&format!("[{page}]")));
    let found = grafana(&server).search(|_| true).expect("a list");
    assert_eq!((found.len(), found[7].key()), (5_000, "d7"));
}

#[test]
fn without_a_uid_a_dashboard_is_asked_for_by_its_name_in_addresses() {
    let server = StandIn::new(|heard| {
        assert_eq!(heard.line, "GET /api/dashboards/db/my-board");
        json(r#"{"dashboard": {"rows": []}, "meta": {}}"#)
    });
    let found = Found { slug: Some("my-board".to_owned()), ..Found::default() };
    grafana(&server).dashboard(&found).expect("a dashboard");
}

#[test]
fn every_bad_answer_is_a_sentence_in_both_languages() {
    let bad = [
        (answer("401 Unauthorized", "application/json", "{}"), "token", true),
        (answer("403 Forbidden", "application/json", "{}"), "Viewer", false),
        (answer("404 Not Found", "application/json", "{}"), "not there", false),
        (answer("200 OK", "text/html", "<html><title>Log in</title>"), "HTML page titled \"Log in\"", false),
        (json(r#"{"dashboard": {"panels": ["#), "half of a document", false),
        (json("[1, 2]"), "without what was asked for", false),
        (
            b"HTTP/1.1 302 Found\r\nlocation: /login\r\ncontent-length: 0\r\n\r\n".to_vec(),
            "sends elsewhere",
            false,
        ),
        (answer("500 Oops", "text/plain", "boom"), "fails (500)", false),
    ];
    for (bytes, words, of_all) in bad {
        let server = StandIn::new(move |_| bytes.clone());
        let found = Found { uid: Some("x".to_owned()), ..Found::default() };
        let failure = grafana(&server).dashboard(&found).expect_err(words);
        let told = failure.words();
        assert!(told.en.contains(words) && !told.es.is_empty() && told.es != told.en, "{told:?}");
        assert!(!told.en.contains("s3cret"), "{told:?}");
        assert_eq!(failure.is_of_all(), of_all, "{words}");
    }
}

#[test]
fn folders_within_folders_are_told_with_those_around_them() {
    let server = StandIn::new(|heard| match heard.field("parentUid").as_deref() {
        None => json(r#"[{"uid":"a","title":"Net"},{"uid":"b","title":"Sys"}]"#),
        Some("a") => json(r#"[{"uid":"c","title":"Core"}]"#),
        Some("c") => answer("500 Oops", "text/plain", ""),
        // An old one gives the first level whatever it is asked.
        Some(_) => json(r#"[{"uid":"a","title":"Net"},{"uid":"b","title":"Sys"}]"#),
    });
    let folders = Folders::read(&grafana(&server), || false).expect("folders");
    assert_eq!((folders.path("c"), folders.path("b")), (Some("Net / Core"), Some("Sys")));
}

#[test]
fn a_machine_and_a_port_are_an_address() {
    assert_eq!(address(" 10.0.0.5:3000 "), "http://10.0.0.5:3000");
    assert_eq!(address("https://g/x"), "https://g/x");
    let settings = GrafanaSettings { url: "http://g:3000/grafana/".to_owned(), ..GrafanaSettings::default() };
    let grafana = Grafana::new(&settings, None).expect("it can be used");
    assert_eq!(grafana.address_of("/grafana/d/x/y"), "http://g:3000/grafana/d/x/y");
    assert_eq!(grafana.proxy_of("P 1"), "http://g:3000/grafana/api/datasources/proxy/uid/P%201");
}
