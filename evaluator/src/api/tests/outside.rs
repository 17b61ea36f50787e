//! What the world around sees: headers, base path, the app's addresses, TLS.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use atalaya_api::people::Role;
use axum::http::Method;
use serde_json::json;

use super::stage::{PASSWORD, Stage};
use crate::api::serve;
use crate::config::{Config, Tls};

#[tokio::test]
async fn every_answer_carries_the_headers_that_keep_other_pages_out() {
    let stage = Stage::new();
    for path in ["/", "/api/v1/setup", "/api/v1/alarms", "/missing.png"] {
        let answer = stage.get(path).send().await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval'"), "{path}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"),
            "{path}: {policy}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
    }
}

#[tokio::test]
async fn every_address_of_the_app_gives_its_page_and_without_the_app_one_that_says_how_to_build_it() {
    let stage = Stage::new();
    for path in ["/", "/alarms", "/metrics/new"] {
        let answer = stage.get(path).header("accept", "text/html").send().await;
        assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-cache"), "{path}");
        assert!(answer.text.contains("cargo xtask"), "{path}");
    }
    let dotted = stage.get("/alarms/lab.router1.cpu").header("accept", "text/html").send().await;
    assert_eq!(dotted.status, 200);
    stage.get("/missing.png").send().await.is_problem(404);
    stage.ask(Method::POST, "/alarms").send().await.is_problem(404);
    stage.get("/api/v2/alarms").header("accept", "text/html").send().await.is_problem(404);
}

#[tokio::test]
async fn below_a_base_path_everything_has_it_and_the_cookie_too() {
    let stage = Stage::with(Config { base_path: "/atalaya".to_owned(), ..Config::default() });
    stage.user("ana", Role::Viewer);
    let login = json!({ "username": "ana", "password": PASSWORD });
    let answer = stage.post("/atalaya/api/v1/session", &login).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.header("set-cookie").contains("; Path=/atalaya;"), "{}", answer.header("set-cookie"));
    let alarms = stage.get("/atalaya/api/v1/alarms").cookie(&answer.cookie()).send().await;
    assert_eq!(alarms.status, 200, "{}", alarms.text);
    stage.get("/atalaya/api/v1/users").cookie(&answer.cookie()).send().await.is_problem(403);
    for path in ["/atalaya", "/atalaya/", "/atalaya/alarms"] {
        assert_eq!(stage.get(path).header("accept", "text/html").send().await.status, 200, "{path}");
    }
    stage.get("/api/v1/alarms").cookie(&answer.cookie()).send().await.is_problem(404);
    let document = stage.get("/atalaya/api/v1/openapi.json").send().await.json();
    assert_eq!(document["servers"][0]["url"], "/atalaya");
}

#[tokio::test]
async fn it_serves_until_it_is_told_to_stop_also_with_a_stream_open() {
    let stage = Stage::new();
    let token = stage.token(Role::Viewer);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let events = stage.services.events.clone();
    let shutdown = async move {
        stopped.await.expect("the test says when");
        events.close();
    };
    let server = tokio::spawn(serve(listener, stage.router.clone(), None, shutdown));
    let reading = tokio::task::spawn_blocking(move || {
        let mut connection = TcpStream::connect(address).expect("it listens");
        let request =
            format!("GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n");
        connection.write_all(request.as_bytes()).expect("it reads");
        let mut text = [0; 12];
        connection.read_exact(&mut text).expect("it answers");
        (String::from_utf8_lossy(&text).into_owned(), connection)
    });
    let (status, mut connection) = reading.await.expect("no panic");
    assert_eq!(status, "HTTP/1.1 200");
    stop.send(()).expect("it is waiting");
    server.await.expect("no panic").expect("it served");
    let mut rest = Vec::new();
    connection.read_to_end(&mut rest).expect("the stream ended");
}

#[tokio::test]
async fn tls_files_that_are_missing_or_wrong_are_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let told = || crate::api::check_tls(Tls { cert: &cert, key: &key }).expect_err("it is wrong").to_string();
    assert!(told().starts_with(&format!("tls_cert: {}: cannot be read", cert.display())), "{}", told());
    std::fs::write(&cert, "not PEM").expect("it can be written");
    assert!(told().starts_with(&format!("tls_key: {}: cannot be read", key.display())), "{}", told());
    std::fs::write(&key, "not PEM").expect("it can be written");
    assert!(told().contains("there is no certificate in PEM format"), "{}", told());
}
