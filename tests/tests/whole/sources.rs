//! A source elsewhere and its secret through restarts, a lost key, removal and return.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use atalaya_tests::poll;
use atalaya_tests::server::Server;
use serde_json::json;

use crate::stage::{PATIENCE, alarms, cpu_rule, text, until_active};

const PASSWORD: &str = "hush-hush-hush-1";
/// `ana:hush-hush-hush-1` in base64.
const LOGIN: &str = "authorization: basic YW5hOmh1c2gtaHVzaC1odXNoLTE=";

/// A server that answers every question with nothing, and remembers how it was asked.
struct Quiet {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Quiet {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
        let port = listener.local_addr().expect("a bound listener has an address").port();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let heard = asked.clone();
        // It ends with the process of the tests.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let heard = heard.clone();
                std::thread::spawn(move || answer(stream, &heard));
            }
        });
        Quiet { port, asked }
    }

    /// As if it had never been asked.
    fn forget(&self) {
        self.asked.lock().expect("not poisoned").clear();
    }

    /// Waits until it was asked with this in the request.
    fn until_asked_with(&self, what: &str) {
        poll::until(what, PATIENCE, || {
            let asked = self.asked.lock().expect("not poisoned");
            asked.iter().any(|head| head.contains(&what.to_lowercase())).then_some(())
        });
    }
}

fn answer(stream: TcpStream, heard: &Mutex<Vec<String>>) {
    let Ok(reading) = stream.try_clone() else { return };
    let (mut head, mut writing) = (String::new(), stream);
    for line in BufReader::new(reading).lines() {
        let Ok(line) = line else { return };
        if line.is_empty() {
            break;
        }
        head += &format!("{}\n", line.to_lowercase());
    }
    heard.lock().expect("not poisoned").push(head);
    let kind = "content-type: application/json\r\ncontent-length: 2\r\nconnection: close";
    let _sent = write!(writing, "HTTP/1.1 200 OK\r\n{kind}\r\n\r\n[]");
}

#[test]
fn a_secret_outlives_a_restart_is_in_no_file_and_without_its_key_only_its_source_is_down() {
    let far = Quiet::start();
    let mut server = Server::start();
    let admin = server.admin();
    let settings = json!({
        "id": "far", "kind": "graphite", "name": "Far away", "url": format!("http://127.0.0.1:{}", far.port),
        "username": "ana", "password": PASSWORD,
    });
    let made = admin.post("/api/v1/sources", &settings);
    assert_eq!(made.is(201)["settings"]["has_password"], true);
    assert!(!made.body.to_string().contains(PASSWORD));
    far.until_asked_with(LOGIN);

    server.stop();
    far.forget();
    server.restart();
    far.until_asked_with(LOGIN);
    for entry in std::fs::read_dir(server.data()).expect("the data folder can be read").flatten() {
        let Ok(bytes) = std::fs::read(entry.path()) else { continue };
        let found = bytes.windows(PASSWORD.len()).any(|part| part == PASSWORD.as_bytes());
        assert!(!found, "{} holds the password", entry.path().display());
    }

    server.stop();
    std::fs::remove_file(server.data().join("secret.key")).expect("the key is there");
    server.restart();
    let alarm = until_active(&admin, "a source without its secret is told of", |_| true);
    assert_eq!((&alarm["subject"]["kind"], &alarm["subject"]["name"]), (&json!("source"), &json!("far")));
    let source = admin.get("/api/v1/sources/far").is(200).clone();
    assert_eq!(source["status"], "down");
    assert!(text(&source["detail"]).contains("secret.key"), "{source}");
    admin.post("/api/v1/rules", &cpu_rule("lab.a")).is(201);

    far.forget();
    admin.patch("/api/v1/sources/far", &json!({"password": PASSWORD})).is(200);
    far.until_asked_with(LOGIN);
    poll::until("the alarm clears", PATIENCE, || {
        alarms(&admin, "active").iter().all(|alarm| alarm["subject"]["kind"] != "source").then_some(())
    });
}

#[test]
fn a_removed_source_is_asked_no_more_and_comes_back_as_it_was() {
    let far = Quiet::start();
    let mut server = Server::start();
    let admin = server.admin();
    let url = format!("http://127.0.0.1:{}", far.port);
    let settings = json!({"id": "far", "kind": "prometheus", "name": "Far", "url": url, "token": "t0k3n"});
    admin.post("/api/v1/sources", &settings).is(201);
    far.until_asked_with("authorization: bearer t0k3n");

    let mut rule = cpu_rule("up");
    rule["query"]["source"] = json!("far");
    rule["interval"] = json!("1m");
    let rule = text(&admin.post("/api/v1/rules", &rule).is(201)["id"]);
    let refused = admin.delete("/api/v1/sources/far");
    assert!(text(&refused.is_problem(409)["detail"]).contains('1'), "{}", refused.body);
    admin.patch(&format!("/api/v1/rules/{rule}"), &json!({"enabled": false})).is(200);
    assert_eq!(admin.delete("/api/v1/sources/far").status, 204);
    let enabled = admin.patch(&format!("/api/v1/rules/{rule}"), &json!({"enabled": true}));
    enabled.is_problem(422);
    assert!(enabled.names("query.source").contains("local"), "{}", enabled.body);

    server.stop();
    far.forget();
    server.restart();
    admin.get("/api/v1/sources/far").is_problem(404);
    admin.post("/api/v1/sources/far/restore", &json!({})).is(200);
    far.until_asked_with("authorization: bearer t0k3n");
    admin.patch(&format!("/api/v1/rules/{rule}"), &json!({"enabled": true})).is(200);
}
