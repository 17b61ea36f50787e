//! A Graphite that answers as real ones do on a bad day.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use atalaya_api::source::{SourceKind, SourceSettings};
use atalaya_api::span::Span;

use crate::domain::{Millis, Secret, TroubleKind};
use crate::source::remote::http::stand_in::{Heard, StandIn, answer, json};
use crate::source::remote::{Answer, Fault, Greeting, Query, Remote, Trouble, connect};

fn settings(server: &StandIn) -> SourceSettings {
    SourceSettings {
        kind: SourceKind::Graphite,
        url: format!("{}/graphite/", server.url),
        timeout: Span(1),
        max_answer_mib: 1,
        ..SourceSettings::default()
    }
}

fn remote(server: &StandIn) -> Arc<dyn Remote> {
    connect(&settings(server), &Secret::default()).expect("it can be used")
}

fn query() -> Query {
    let (after, upto) = (Millis(1_000_000), Millis(1_600_000));
    Query { expr: "lab.*.cpu".into(), after, upto, interval_ms: 60_000, max_points: None }
}

fn fetch(bytes: Vec<u8>) -> Result<Answer, Fault> {
    remote(&StandIn::saying(bytes)).fetch(&query())
}

fn trouble(bytes: Vec<u8>) -> Trouble {
    match fetch(bytes) {
        Err(Fault::Source(trouble)) => trouble,
        other => panic!("the source is at fault: {other:?}"),
    }
}

#[test]
fn one_target_is_asked_for_by_post_with_absolute_instants() {
    let server = StandIn::saying(json(r#"[{"target":"lab.r1.cpu","datapoints":[[95,1200],[96,1260]]}]"#));
    let answer = remote(&server).fetch(&query()).expect("an answer");
    assert_eq!(answer.series[0].values, [95.0, 96.0]);
    let heard = &server.heard()[0];
    assert_eq!(heard.line, "POST /graphite/render");
    let field = |name| heard.field(name).expect("it is asked");
    assert_eq!(
        (field("target"), field("from"), field("until")),
        ("lab.*.cpu".into(), "1000".into(), "1600".into())
    );
    assert_eq!((field("format"), field("noCache")), ("json".into(), "1".into()));
}

#[test]
fn an_empty_list_is_an_answer_without_series() {
    assert_eq!(fetch(json("[]")), Ok(Answer::default()));
}

#[test]
fn nobody_is_asked_when_the_ends_are_swapped() {
    let server = StandIn::saying(json("[]"));
    let swapped = Query { after: Millis(1_600_000), upto: Millis(1_000_000), ..query() };
    assert_eq!(remote(&server).fetch(&swapped), Ok(Answer::default()));
    assert_eq!(server.heard(), []);
}

#[test]
fn a_picture_is_nonsense() {
    let trouble = trouble(answer("200 OK", &["content-type: image/png"], b"\x89PNG\r\n\x1a\n"));
    assert_eq!(trouble.kind, TroubleKind::Nonsense);
    assert!(trouble.words.en.ends_with("/graphite/render answered with an image (image/png)"), "{trouble:?}");
    assert!(trouble.words.es.contains("una imagen (image/png)"), "{trouble:?}");
}

#[test]
fn a_page_is_nonsense_and_its_title_is_named_whatever_its_type() {
    let page = "<html><head><title>Log in</title></head></html>";
    for kind in ["content-type: text/html; charset=utf-8", "content-type: application/json"] {
        let trouble = trouble(answer("200 OK", &[kind], page));
        assert_eq!(trouble.kind, TroubleKind::Nonsense);
        assert!(trouble.words.en.contains("an HTML page titled \"Log in\""), "{trouble:?}");
    }
}

#[test]
fn garbage_half_a_document_and_nothing_at_all_are_nonsense() {
    let trouble_of = |body: &str| trouble(json(body));
    assert_eq!(trouble_of("[{\"target\": \"a\", \"datapoints\": [[1, 60").kind, TroubleKind::Nonsense);
    assert!(trouble_of("[{\"target\": \"a\"").words.en.contains("half of a document"));
    assert!(trouble_of("").words.en.contains("an empty answer"));
    assert!(trouble_of("\u{1}\u{2}zzz").words.en.contains("no JSON (application/json), beginning \"zzz\""));
    assert_eq!(trouble_of("{\"status\":\"success\"}").kind, TroubleKind::Nonsense);
}

/// One document, packed or not, its end told by its length, by a last chunk, and by the end of the connection.
fn framed(document: &str) -> Vec<Vec<u8>> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(document.as_bytes()).expect("memory");
    let packed = packed.finish().expect("memory");
    let bodies = [("", document.as_bytes()), ("Content-Encoding: gzip\r\n", &packed)];
    bodies.into_iter().flat_map(|(encoding, body)| framings(encoding, body)).collect()
}

fn framings(encoding: &str, body: &[u8]) -> [Vec<u8>; 3] {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{encoding}");
    let chunk = |bytes: &[u8]| [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
    let (start, end) = body.split_at(body.len() / 2);
    let chunks = [chunk(start), chunk(end), b"0\r\n\r\n".to_vec()].concat();
    [
        [format!("{head}Content-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat(),
        [format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes(), &chunks].concat(),
        [format!("{head}Connection: close\r\n\r\n").as_bytes(), body].concat(),
    ]
}

#[test]
fn a_graphite_that_dies_while_it_answers_is_unreachable_wherever_its_answer_ends() {
    for whole in framed(r#"[{"target": "a", "tags": {}, "datapoints": [[1.5, 1200], [null, 1260]]}]"#) {
        let cut = Arc::new(AtomicUsize::new(0));
        let (script, answered) = (cut.clone(), whole.clone());
        let server = StandIn::talking(move |_, stream| {
            let _gone = stream.write_all(&answered[..script.load(Ordering::Relaxed)]);
            false
        });
        let remote = remote(&server);
        for end in 0..whole.len() {
            cut.store(end, Ordering::Relaxed);
            let Err(Fault::Source(trouble)) = remote.fetch(&query()) else { continue };
            let sent = whole[..end].escape_ascii();
            assert_eq!(trouble.kind, TroubleKind::Unreachable, "{trouble:?} after {sent}");
        }
    }
}

#[test]
fn what_graphite_says_of_a_bad_target_is_the_query_s_fault() {
    let body = "Invalid target: unknown function &quot;nope&quot;";
    let bytes = answer("400 Bad Request", &["content-type: text/html; charset=utf-8"], body);
    assert_eq!(fetch(bytes), Err(Fault::Query("Invalid target: unknown function \"nope\"".into())));
}

#[test]
fn a_page_with_a_400_is_not_graphite_s_word() {
    let page = "<html><head><title>400 Bad Request</title></head></html>";
    assert_eq!(
        trouble(answer("400 Bad Request", &["content-type: text/html"], page)).kind,
        TroubleKind::Nonsense
    );
}

#[test]
fn a_failing_graphite_fails_with_its_page_s_title() {
    let page = "<!DOCTYPE html><html><head><title>Internal Server Error</title></head><body><pre>Traceback</pre></body></html>";
    let trouble = trouble(answer("500 Internal Server Error", &["content-type: text/html"], page));
    assert_eq!(trouble.kind, TroubleKind::Failing);
    assert!(trouble.words.en.ends_with("fails (500): Internal Server Error"), "{trouble:?}");
}

#[test]
fn a_wrong_path_is_nonsense_that_says_so() {
    let trouble = trouble(answer("404 Not Found", &[], "nope"));
    assert_eq!(trouble.kind, TroubleKind::Nonsense);
    assert!(trouble.words.en.contains("another path"), "{trouble:?}");
}

#[test]
fn the_step_may_change_between_requests() {
    let server = StandIn::new(|heard| match heard.field("maxDataPoints") {
        None => json(r#"[{"target":"a","datapoints":[[1,1200],[1,1260]]}]"#),
        Some(_) => json(r#"[{"target":"a","datapoints":[[1,1200],[1,1500]]}]"#),
    });
    let remote = remote(&server);
    assert_eq!(remote.fetch(&query()).expect("an answer").series[0].step_ms, 60_000.0);
    let drawn = remote.fetch(&Query { max_points: Some(2), ..query() }).expect("an answer");
    assert_eq!(drawn.series[0].step_ms, 300_000.0);
}

#[test]
fn an_answer_that_does_not_come_is_slow() {
    let server = StandIn::talking(|_, _| {
        std::thread::park_timeout(Duration::from_secs(30));
        false
    });
    let Err(Fault::Source(trouble)) = remote(&server).fetch(&query()) else { panic!("no answer in time") };
    assert_eq!(trouble.kind, TroubleKind::Slow);
    assert!(trouble.words.en.ends_with("within 1 s"), "{trouble:?}");
}

#[test]
fn an_answer_beyond_the_limit_is_too_large() {
    let body = format!("[{}]", " ".repeat(1 << 20));
    assert_eq!(trouble(json(&body)).kind, TroubleKind::TooLarge);
}

#[test]
fn no_secret_is_in_the_words() {
    let server =
        StandIn::new(|heard| answer("500 Oh", &[], heard.header("authorization").unwrap_or_default()));
    let secret = Secret { password: None, token: Some("s3cret-token".into()) };
    let remote = connect(&settings(&server), &secret).expect("it can be used");
    let Err(Fault::Source(trouble)) = remote.fetch(&query()) else { panic!("it fails") };
    assert!(trouble.words.en.ends_with("fails (500): Bearer …"), "{trouble:?}");
}

fn greets(heard: &Heard) -> Vec<u8> {
    if heard.line.ends_with("/version/") {
        return answer("200 OK", &[], "1.1.10\n");
    }
    assert_eq!(heard.field("target").as_deref(), Some("constantLine(0)"));
    let headers = ["content-type: application/json", "date: Sun, 06 Nov 1994 08:49:37 GMT"];
    answer("200 OK", &headers, r#"[{"target":"0","datapoints":[[0,1],[0,2]]}]"#)
}

#[test]
fn a_probe_tells_the_version_and_the_clock() {
    let greeting = remote(&StandIn::new(greets)).probe().expect("it answers");
    let clock = Some(Millis(784_111_777_000));
    assert_eq!(greeting, Greeting { version: Some("Graphite 1.1.10".into()), clock });
}

#[test]
fn a_probe_does_not_need_a_version() {
    let server = StandIn::new(|heard| match heard.line.ends_with("/version/") {
        true => answer("200 OK", &["content-type: text/html"], "<html><title>Welcome</title></html>"),
        false => json("[]"),
    });
    assert_eq!(remote(&server).probe(), Ok(Greeting::default()));
}

#[test]
fn a_probe_sees_what_a_rule_would_see() {
    let server = StandIn::saying(answer("200 OK", &["content-type: text/html"], "<html>hi</html>"));
    let Err(Fault::Source(trouble)) = remote(&server).probe() else { panic!("no Graphite") };
    assert_eq!(trouble.kind, TroubleKind::Nonsense);
    let bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[";
    let server = StandIn::talking(|_, stream| stream.write_all(bytes).is_err());
    let Err(Fault::Source(trouble)) = remote(&server).probe() else { panic!("half an answer") };
    assert_eq!(trouble.kind, TroubleKind::Unreachable);
}

#[test]
fn a_search_goes_down_until_it_finds_something() {
    let server = StandIn::new(|heard| match heard.field("query").as_deref() {
        Some("*.*[cC][pP][uU]*") => json(
            r#"{"metrics":[{"path":"lab.cpu","name":"cpu","is_leaf":"1"},{"path":"app.CPUs.","is_leaf":"0"}]}"#,
        ),
        _ => json(r#"{"metrics":[]}"#),
    });
    let hits = remote(&server).search("cpu", 10).expect("it answers");
    let names: Vec<_> = hits.iter().map(|hit| (hit.name.as_str(), hit.leaf)).collect();
    assert_eq!(names, [("app.CPUs", false), ("lab.cpu", true)]);
    assert_eq!(server.heard().len(), 2);
    assert!(server.heard()[0].line.starts_with("GET /graphite/metrics/find?query="));
}
