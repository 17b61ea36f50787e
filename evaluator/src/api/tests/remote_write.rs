//! Samples that Prometheus sends.

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::stage::{Answer, Asked, START, Stage};
use crate::api::REMOTE_WRITE;
use crate::ingest::prometheus::tests::body_at;
use crate::ingest::prometheus::{LARGEST_BODY, LARGEST_REQUEST};
use crate::people::{Scope, accounts, system};

const UP: &[(&str, &str)] = &[("__name__", "up"), ("job", "a")];

fn token(stage: &Stage) -> String {
    stage.token(atalaya_api::people::Role::Viewer);
    let token =
        accounts::create_token(&*stage.services.store, "viewer", Scope::Ingest, None, START, &system());
    token.expect("the user is there").text().to_owned()
}

fn asked<'a>(stage: &'a Stage, path: &str) -> Asked<'a> {
    let asked = stage.ask(Method::POST, path).header("content-encoding", "snappy");
    asked.header("content-type", "application/x-protobuf")
}

async fn send(stage: &Stage, body: Vec<u8>) -> Answer {
    asked(stage, REMOTE_WRITE).token(&token(stage)).bytes(body).send().await
}

#[tokio::test]
async fn samples_are_taken_at_both_addresses_with_a_token_however_it_is_shown() {
    let stage = Stage::new();
    let token = token(&stage);
    let basic = format!("Basic {}", STANDARD.encode(format!("prometheus:{token}")));
    for (path, credentials, at) in [
        (REMOTE_WRITE, format!("Bearer {token}"), 0),
        ("/api/v1/write", format!("Bearer {token}"), 1),
        (REMOTE_WRITE, basic.clone(), 2),
    ] {
        let body = body_at(START, &[(UP, &[(at, 1.0)])]);
        let answer = asked(&stage, path).header("authorization", &credentials).bytes(body).send().await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (204, ""));
    }
    let id = stage.local.lookup(br#"up{job="a"}"#).expect("it is known");
    assert_eq!(stage.local.reader().last(id), Some((START.plus(2), 1.0)));
    let elsewhere = stage.get("/api/v1/summary").header("authorization", &basic).send().await;
    elsewhere.is_problem(401);
    asked(&stage, REMOTE_WRITE).header("authorization", "Basic YTpi").send().await.is_problem(401);
    asked(&stage, REMOTE_WRITE).send().await.is_problem(401);
}

#[tokio::test]
async fn what_is_wrong_is_said_with_400_and_the_rest_is_stored() {
    let stage = Stage::new();
    let body = body_at(START, &[(UP, &[(0, 1.0), (700_000, 2.0)]), (&[("job", "a")], &[(0, 1.0)])]);
    let problem = send(&stage, body).await.is_problem(400);
    let detail = problem["detail"].as_str().expect("words");
    assert_eq!(problem["type"], "/problems/bad-samples");
    assert!(detail.contains(r#"1 more than 10 minutes ahead of this clock (up{job="a"})"#), "{detail}");
    assert!(detail.contains("1 without __name__"), "{detail}");
    let id = stage.local.lookup(br#"up{job="a"}"#).expect("it is known");
    assert_eq!(stage.local.reader().last(id), Some((START, 1.0)));
}

#[tokio::test]
async fn what_is_not_remote_write_1_is_refused_with_what_would_be_right() {
    let stage = Stage::new();
    let token = token(&stage);
    for (kind, encoding, words) in [
        ("application/json", "snappy", "Content-Type must be application/x-protobuf"),
        ("application/x-protobuf;proto=io.prometheus.write.v2.Request", "snappy", "protobuf_message"),
        ("application/x-protobuf", "gzip", "Content-Encoding must be snappy"),
        ("application/x-protobuf", "", "Content-Encoding must be snappy"),
    ] {
        let asked = stage.ask(Method::POST, REMOTE_WRITE).token(&token).header("content-type", kind);
        let problem = asked.header("content-encoding", encoding).send().await.is_problem(415);
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains(words)), "{problem}");
    }
    let named = asked(&stage, REMOTE_WRITE).token(&token).bytes("nonsense").send().await;
    named.is_problem(400);
    let with_name = stage.ask(Method::POST, REMOTE_WRITE).token(&token).header("content-encoding", "snappy");
    let with_name = with_name.header("content-type", "application/x-protobuf;proto=prometheus.WriteRequest");
    let answer = with_name.bytes(body_at(START, &[(UP, &[(0, 1.0)])])).send().await;
    assert_eq!(answer.status, 204);
}

#[tokio::test]
async fn a_request_that_is_too_large_as_it_comes_or_unpacked_is_refused() {
    let stage = Stage::new();
    send(&stage, vec![0; LARGEST_BODY + 1]).await.is_problem(413);
    let zeros = snap::raw::Encoder::new().compress_vec(&vec![0; LARGEST_REQUEST + 1]);
    let zeros = zeros.expect("it can be packed");
    assert!(zeros.len() < LARGEST_BODY);
    send(&stage, zeros).await.is_problem(413);
    // 2 MiB is more than other endpoints take.
    let samples: Vec<(i64, f64)> = (0..200_000).map(|at| (at, at as f64 * 1.000_1)).collect();
    let body = body_at(START, &[(UP, &samples)]);
    assert!(body.len() > 1 << 21, "{}", body.len());
    assert_eq!(send(&stage, body).await.status, 204);
}
