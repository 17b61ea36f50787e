//! Ports, configuration, encryption, a path of its own.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use atalaya_tests::client::Client;
use atalaya_tests::feed::Feed;
use atalaya_tests::poll;
use atalaya_tests::server::{PASSWORD, Server, program};
use serde_json::Value;

use crate::stage::{PATIENCE, text};

#[test]
fn a_taken_carbon_port_is_said_everywhere_and_used_when_it_is_free() {
    let holder = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    let port = holder.local_addr().expect("a bound listener has an address").port();
    let server = Server::builder().carbon_on(port).start();
    let admin = server.admin();
    let words = format!("port {port} is taken");
    let told = poll::until("the sources page says it", PATIENCE, || {
        let sources = admin.get("/api/v1/sources");
        sources.items().first().filter(|source| source["status"] == "degraded").cloned()
    });
    assert!(text(&told["detail"]).contains(&words), "{told}");
    let ready = admin.get("/readyz").is(200).clone();
    assert_eq!(ready["ready"], true, "everything else works");
    let part = part_named(&ready, "input carbon");
    assert_eq!((&part["ok"], &part["detail"]), (&Value::from(false), &Value::from(words.as_str())));
    assert!(server.log().contains(&words), "{}", server.log());

    drop(holder);
    let feed = Feed::start(port);
    feed.set("lab.late", 1.0);
    poll::until("the port is used", PATIENCE, || {
        part_named(admin.get("/readyz").is(200), "input carbon")["ok"].as_bool().filter(|ok| *ok)
    });
    poll::until("samples arrive", PATIENCE, || {
        let hits = admin.get("/api/v1/sources/local/series?q=lab.late");
        (!hits.items().is_empty()).then_some(())
    });
}

fn part_named(ready: &Value, name: &str) -> Value {
    let parts = ready["parts"].as_array().expect("readiness has parts");
    let part = parts.iter().find(|part| part["name"] == name);
    part.unwrap_or_else(|| panic!("no part {name}: {ready}")).clone()
}

#[test]
fn an_unknown_configuration_key_is_refused_with_the_nearest_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = folder.path().join("atalaya.toml");
    std::fs::write(&config, "[ingest.carbon]\nlisen = \"127.0.0.1:2003\"\n").expect("it can be written");
    let refused = |command: &mut std::process::Command| {
        let output = command.current_dir(folder.path()).output().expect("the program starts");
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        String::from_utf8(output.stderr).expect("words are text")
    };
    let of_file = refused(program().args(["serve", "--config"]).arg(&config));
    assert!(of_file.contains("ingest.carbon.lisen") && of_file.contains("did you mean"), "{of_file}");
    assert!(of_file.contains("listen"), "{of_file}");
    let mut command = program();
    command.args(["serve", "--data"]).arg(folder.path().join("data")).env("ATALAYA_LISEN", "127.0.0.1:0");
    std::fs::remove_file(&config).expect("it was written");
    let of_variable = refused(&mut command);
    assert!(
        of_variable.contains("ATALAYA_LISEN") && of_variable.contains("did you mean listen"),
        "{of_variable}"
    );
    assert!(!folder.path().join("data").exists(), "nothing was made");
}

#[test]
fn a_server_with_a_certificate_speaks_tls_and_its_cookie_belongs_to_the_host_alone() {
    let server = Server::builder().encrypted().start();
    let answer = server.stranger().try_login("admin", PASSWORD);
    assert_eq!(answer.is(200)["encrypted"], true);
    let cookie = answer.header("set-cookie").to_owned();
    assert!(cookie.starts_with("__Host-atalaya="), "{cookie}");
    let parts: Vec<&str> = cookie.split("; ").collect();
    for part in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(parts.contains(&part), "{part} in {cookie}");
    }
    server.stranger().with_cookie_of(&answer).get("/api/v1/rules").is(200);
    let plain = Client::stranger(&format!("http://127.0.0.1:{}", server.port));
    assert!(plain.try_send("GET", "/healthz", None).map_or(true, |answer| answer.status >= 400));
}

#[test]
fn below_a_base_path_everything_is_there_and_nothing_beside_it() {
    let server = Server::builder().encrypted().below("/atalaya").start();
    let answer = server.stranger().try_login("admin", PASSWORD);
    answer.is(200);
    let cookie = answer.header("set-cookie").to_owned();
    assert!(cookie.starts_with("__Secure-atalaya=") && cookie.contains("; Path=/atalaya;"), "{cookie}");
    assert!(cookie.ends_with("; Secure") || cookie.contains("; Secure;"), "{cookie}");
    let admin = server.stranger().with_cookie_of(&answer);
    let made = admin.post("/api/v1/rules", &crate::stage::cpu_rule("lab.a"));
    made.is(201);
    assert!(made.header("location").starts_with("/atalaya/api/v1/rules/"), "{:?}", made.headers);

    for address in ["/", "/alarms", "/setup"] {
        let page = text(server.stranger().get(address).is(200));
        assert!(page.contains("<base href=\"/atalaya/\">"), "{address}: {page}");
    }
    let outsider = server.outsider();
    outsider.get("/api/v1/rules").is_problem(404);
    let moved = outsider.get("/atalaya");
    match moved.status {
        200 => assert!(text(&moved.body).contains("<base href=\"/atalaya/\">")),
        status => assert!((301..=308).contains(&status) && moved.header("location").ends_with("/atalaya/")),
    }
}

#[test]
fn over_plain_http_the_cookie_has_no_prefix_and_the_page_starts_at_the_root() {
    let server = Server::start();
    let answer = server.stranger().try_login("admin", PASSWORD);
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("atalaya=") && !cookie.contains("Secure"), "{cookie}");
    let page = server.stranger().get("/");
    assert!(page.header("content-type").starts_with("text/html"), "{:?}", page.headers);
    assert!(text(page.is(200)).contains("<base href=\"/\">"));
}

#[test]
fn a_body_that_nobody_asked_for_and_that_comes_late_costs_no_connection() {
    let server = Server::start();
    let address = server.base().replace("http://", "");
    let mut connection = TcpStream::connect(&address).expect("the server listens");
    let mut write = |text: String| connection.write_all(text.as_bytes()).expect("the connection stands");
    let refused = format!("DELETE /api/v1/session HTTP/1.1\r\nHost: {address}\r\nContent-Length: 4\r\n\r\n");
    write(refused);
    // Time enough for an answer that does not wait for the body.
    for _ in 0..20 {
        server.stranger().get("/healthz").is(200);
    }
    write("null".to_owned());
    write(format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"));
    let mut answers = String::new();
    connection.read_to_string(&mut answers).expect("both are answered");
    assert_eq!(answers.matches("HTTP/1.1 ").count(), 2, "{answers}");
    assert!(answers.starts_with("HTTP/1.1 401 ") && answers.contains("HTTP/1.1 200 OK"), "{answers}");
}
