//! A Prometheus that answers as real ones do, on good days and bad.

use atalaya_api::source::{SourceKind, SourceSettings};
use atalaya_api::span::Span;

use crate::domain::{Millis, Secret, TroubleKind};
use crate::source::remote::http::stand_in::{StandIn, answer, json};
use crate::source::remote::{Answer, Fault, Query, Remote, Trouble, connect};

fn remote(server: &StandIn) -> std::sync::Arc<dyn Remote> {
    let settings = SourceSettings {
        kind: SourceKind::Prometheus,
        url: server.url.clone(),
        timeout: Span(2),
        max_answer_mib: 1,
        ..SourceSettings::default()
    };
    connect(&settings, &Secret::default()).expect("it can be used")
}

/// Three minutes in steps of one.
fn query(expr: &str) -> Query {
    let (after, upto) = (Millis(1_000_000), Millis(1_180_000));
    Query { expr: expr.into(), after, upto, interval_ms: 60_000, max_points: None }
}

fn fetch(bytes: Vec<u8>) -> Result<Answer, Fault> {
    remote(&StandIn::saying(bytes)).fetch(&query("up"))
}

/// One instant, asked as such.
fn instant(bytes: Vec<u8>) -> Result<Answer, Fault> {
    let query = Query { after: Millis(1_120_000), ..query("up") };
    remote(&StandIn::saying(bytes)).fetch(&query)
}

fn trouble(bytes: Vec<u8>) -> Trouble {
    match fetch(bytes) {
        Err(Fault::Source(trouble)) => trouble,
        other => panic!("the source is at fault: {other:?}"),
    }
}

fn data(kind: &str, result: &str) -> Vec<u8> {
    json(&format!(r#"{{"status":"success","data":{{"resultType":"{kind}","result":{result}}}}}"#))
}

#[test]
fn a_range_is_asked_for_in_the_rule_s_step_and_ends_at_the_instant() {
    let server = StandIn::saying(data("matrix", "[]"));
    assert_eq!(remote(&server).fetch(&query("rate(x[$__rate_interval])")), Ok(Answer::default()));
    let heard = &server.heard()[0];
    assert_eq!(heard.line, "POST /api/v1/query_range");
    let field = |name| heard.field(name).expect("it is asked");
    assert_eq!(field("query"), "rate(x[75s])");
    assert_eq!(
        (field("start"), field("end"), field("step")),
        ("1060.000".into(), "1180.000".into(), "60.000".into())
    );
}

#[test]
fn columns_are_read_with_what_json_has_no_numbers_for() {
    let result = r#"[{"metric":{"__name__":"up","job":"a"},"values":[[1000,"7"],[1060,"1.5"],[1120,"+Inf"],[1180.0,"NaN"],[1240,"2"]]},
        {"metric":{},"values":[[1120,"-Inf"]]}]"#;
    let answer = fetch(data("matrix", result)).expect("an answer");
    let first = &answer.series[0];
    assert_eq!((&*first.name, first.step_ms), (r#"up{job="a"}"#, 60_000.0));
    assert_eq!(first.times, [1_060_000.0, 1_120_000.0, 1_180_000.0], "after the start, up to the end");
    assert_eq!(first.values[..2], [1.5, f64::INFINITY]);
    assert!(first.values[2].is_nan());
    assert_eq!((&*answer.series[1].name, answer.series[1].values[0]), ("{}", f64::NEG_INFINITY));
}

#[test]
fn one_instant_is_asked_for_as_such() {
    let server = StandIn::saying(data("vector", r#"[{"metric":{"__name__":"up"},"value":[1180,"1"]}]"#));
    let query = Query { after: Millis(1_120_000), ..query("up") };
    let answer = remote(&server).fetch(&query).expect("an answer");
    assert_eq!(
        (answer.series[0].times.as_slice(), answer.series[0].values.as_slice()),
        (&[1_180_000.0][..], &[1.0][..])
    );
    let heard = &server.heard()[0];
    assert_eq!(
        (heard.line.as_str(), heard.field("time").as_deref()),
        ("POST /api/v1/query", Some("1180.000"))
    );
}

#[test]
fn a_scalar_is_a_series_named_as_the_expression() {
    let answer = instant(data("scalar", r#"[1180,"4.5"]"#)).expect("an answer");
    assert_eq!((&*answer.series[0].name, answer.series[0].values[0]), ("up", 4.5));
}

#[test]
fn a_text_is_no_number() {
    let Err(Fault::Query(words)) = instant(data("string", r#"[1180,"4.5"]"#)) else { panic!("no number") };
    assert!(words.contains("text"), "{words}");
}

#[test]
fn raw_samples_have_a_step_that_nobody_knows() {
    let answer =
        instant(data("matrix", r#"[{"metric":{},"values":[[1130,"1"],[1175,"2"]]}]"#)).expect("an answer");
    assert_eq!((answer.series[0].step_ms, answer.series[0].values.len()), (0.0, 2));
}

#[test]
fn the_order_of_an_answer_s_fields_does_not_matter() {
    let body = r#"{"data":{"result":[1180,"4.5"],"resultType":"scalar"},"status":"success"}"#;
    assert_eq!(instant(json(body)).expect("an answer").series[0].values, [4.5]);
}

#[test]
fn native_histograms_are_left_out_with_a_warning() {
    let result = r#"[{"metric":{"a":"1"},"histograms":[[1060,{"count":"1","buckets":[[0,"1","2","3"]]}]]},{"metric":{},"values":[[1060,"1"]]}]"#;
    let answer = fetch(data("matrix", result)).expect("an answer");
    assert_eq!((answer.series.len(), answer.warnings.len()), (1, 1));
}

#[test]
fn warnings_and_notes_are_kept() {
    let body = r#"{"status":"success","data":{"resultType":"matrix","result":[]},"warnings":["one store is away"],"infos":["not a counter"]}"#;
    assert_eq!(fetch(json(body)).expect("an answer").warnings, ["one store is away", "not a counter"]);
}

#[test]
fn a_bad_expression_is_the_query_s_fault_in_prometheus_words() {
    let words = "invalid parameter \"query\": 1:4: parse error: unclosed left parenthesis";
    let error =
        |kind: &str| serde_json::json!({"status": "error", "errorType": kind, "error": words}).to_string();
    let json_type = ["content-type: application/json"];
    for (status, kind) in
        [("400 Bad Request", "bad_data"), ("422 Unprocessable Entity", "execution"), ("422 U", "422")]
    {
        assert_eq!(fetch(answer(status, &json_type, error(kind))), Err(Fault::Query(words.to_owned())));
    }
    assert_eq!(fetch(json(&error("bad_data"))), Err(Fault::Query(words.to_owned())));
}

#[test]
fn a_question_that_takes_prometheus_too_long_is_slow() {
    let body =
        r#"{"status":"error","errorType":"timeout","error":"query timed out in expression evaluation"}"#;
    let trouble = trouble(answer("503 Service Unavailable", &["content-type: application/json"], body));
    assert_eq!(trouble.kind, TroubleKind::Slow);
    assert!(trouble.words.en.contains("query timed out"), "{trouble:?}");
}

#[test]
fn a_prometheus_that_starts_or_fails_is_the_source_s_fault() {
    assert_eq!(
        trouble(answer("503 Service Unavailable", &[], "Service Unavailable")).kind,
        TroubleKind::Overloaded
    );
    let body = r#"{"status":"error","errorType":"internal","error":"disk"}"#;
    assert_eq!(
        trouble(answer("500 Oh", &["content-type: application/json"], body)).kind,
        TroubleKind::Failing
    );
    assert_eq!(trouble(answer("404 Not Found", &[], "404 page not found")).kind, TroubleKind::Nonsense);
    let body = r#"{"status":"error","errorType":"bad_data","error":"no org id"}"#;
    assert_eq!(trouble(answer("401 Unauthorized", &[], body)).kind, TroubleKind::Refused);
    assert_eq!(
        trouble(answer("400 Bad Request", &[], "Client sent an HTTP request to an HTTPS server.")).kind,
        TroubleKind::Nonsense
    );
}

#[test]
fn pages_pictures_and_halves_are_nonsense() {
    let page = answer("200 OK", &["content-type: text/html"], "<html><title>Prometheus</title></html>");
    assert!(trouble(page).words.en.contains("an HTML page titled \"Prometheus\""));
    assert!(trouble(answer("200 OK", &["content-type: image/png"], "png")).words.en.contains("an image"));
    assert!(
        trouble(json(r#"{"status":"success","data":{"resultType":"matr"#))
            .words
            .en
            .contains("half of a document")
    );
    assert_eq!(trouble(json("[]")).kind, TroubleKind::Nonsense);
    assert_eq!(trouble(json("{}")).kind, TroubleKind::Nonsense);
}

#[test]
fn nobody_is_asked_when_the_ends_are_swapped() {
    let server = StandIn::saying(data("matrix", "[]"));
    let swapped = Query { after: Millis(2_000_000), ..query("up") };
    assert_eq!(remote(&server).fetch(&swapped), Ok(Answer::default()));
    assert_eq!(server.heard(), []);
}

#[test]
fn a_probe_tells_the_version_and_needs_none() {
    let server = StandIn::new(|heard| match heard.line.as_str() {
        "POST /api/v1/query" => data("scalar", r#"[1180,"1"]"#),
        _ => json(r#"{"status":"success","data":{"version":"2.42.0","revision":"x"}}"#),
    });
    assert_eq!(remote(&server).probe().expect("it answers").version.as_deref(), Some("Prometheus 2.42.0"));
    let server = StandIn::new(|heard| match heard.line.as_str() {
        "POST /api/v1/query" => data("scalar", r#"[1180,"1"]"#),
        _ => answer("404 Not Found", &[], "404 page not found"),
    });
    assert_eq!(remote(&server).probe().expect("it answers").version, None);
}

#[test]
fn a_search_finds_metrics_and_the_series_of_the_one_that_is_named() {
    let server = StandIn::new(|heard| match heard.line.starts_with("GET /api/v1/series?") {
        true => {
            json(r#"{"status":"success","data":[{"__name__":"up","job":"b"},{"job":"a","__name__":"up"}]}"#)
        }
        false => json(r#"{"status":"success","data":["up","startup_seconds"]}"#),
    });
    let hits = remote(&server).search("up", 3).expect("it answers");
    let names: Vec<_> = hits.iter().map(|hit| hit.name.as_str()).collect();
    assert_eq!(names, ["startup_seconds", "up", r#"up{job="a"}"#]);
    assert_eq!(server.heard()[0].field("limit").as_deref(), Some("3"));
}
