//! Who watches the watcher.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use atalaya_tests::client::Client;
use atalaya_tests::poll;
use atalaya_tests::server::{Server, free_port};
use serde_json::{Value, json};

use crate::stage::{PATIENCE, text};

fn set_address(admin: &Client, address: &str) {
    let mut settings = admin.get("/api/v1/settings").is(200).clone();
    settings["heartbeat_url"] = json!(address);
    admin.send("PUT", "/api/v1/settings", Some(settings.to_string())).is(200);
}

/// Waits for one request, answers it, and gives its first line.
fn heard(listener: &TcpListener) -> String {
    let (mut stream, _) = poll::until("somebody connects", PATIENCE, || listener.accept().ok());
    stream.set_nonblocking(false).expect("a socket can be told to wait");
    let mut bytes = [0; 2_048];
    let count = stream.read(&mut bytes).expect("a request");
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        .expect("it listens");
    String::from_utf8_lossy(&bytes[..count]).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_listener_outside_hears_the_heartbeat_and_the_status_says_whether_it_does() {
    let server = Server::start();
    let admin = server.admin();
    let beating = poll::until("the heart beats", PATIENCE, || {
        let status = admin.get("/api/v1/status").is(200).clone();
        status["heartbeat"]["last_at"].is_string().then_some(status)
    });
    assert_eq!((&beating["ready"], &beating["heartbeat"]["told"]), (&Value::from(true), &Value::from(false)));

    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    listener.set_nonblocking(true).expect("a socket can be told not to wait");
    let port = listener.local_addr().expect("a bound listener has an address").port();
    set_address(&admin, &format!("http://127.0.0.1:{port}/ping/k3y?by=atalaya"));
    assert!(heard(&listener).starts_with("GET /ping/k3y?by=atalaya HTTP/1.1"));
    poll::until("it is said", PATIENCE, || {
        let status = admin.get("/api/v1/status").is(200).clone();
        status["heartbeat"]["told_at"].is_string().then_some(())
    });

    set_address(&admin, &format!("http://127.0.0.1:{}/k3y", free_port()));
    let told = poll::until("it is said", PATIENCE, || {
        let status = admin.get("/api/v1/status").is(200).clone();
        status["heartbeat"]["trouble"].as_str().map(str::to_owned)
    });
    assert!(!told.contains("k3y"), "{told}");
    let metrics = text(server.stranger().get("/metrics").is(200));
    assert!(metrics.contains("atalaya_heartbeat_failures_total"), "{metrics}");
    admin.get("/readyz").is(200);
}
