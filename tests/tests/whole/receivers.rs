//! Receivers of the real server: made, changed, tested against a listener on this machine, and their secrets.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use atalaya_tests::client::{Answer, Client};
use atalaya_tests::feed::Feed;
use atalaya_tests::poll;
use atalaya_tests::server::Server;
use serde_json::{Value, json};

use crate::stage::{PATIENCE, cpu_rule, post_rule, text};

const KEY: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";
const PASSWORD: &str = "hush-hush-hush-1";

/// What is listened to by HTTP or by SMTP, and remembered.
struct Listener {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Listener {
    fn start(talk: fn(TcpStream) -> Option<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
        let port = listener.local_addr().expect("a bound listener has an address").port();
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let hearing = heard.clone();
        // It ends with the process of the tests.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let said = talk(stream);
                hearing.lock().expect("not poisoned").extend(said);
            }
        });
        Listener { port, heard }
    }

    fn heard(&self) -> String {
        self.heard.lock().expect("not poisoned").join("\n")
    }

    /// The bodies of requests, in the order in which they came.
    fn bodies(&self) -> Vec<Value> {
        let heard = self.heard.lock().expect("not poisoned");
        let bodies = heard.iter().filter_map(|one| one.split_once("\n\n").map(|(_, body)| body));
        bodies.map(|body| serde_json::from_str(body).expect("a webhook's body is JSON")).collect()
    }
}

/// Takes one request.
fn web(stream: TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
        head += &line;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut writing = stream;
    write!(writing, "HTTP/1.1 202 Accepted\r\ncontent-length: 6\r\nconnection: close\r\n\r\nthanks").ok()?;
    Some(format!("{head}\n{}", String::from_utf8_lossy(&body)))
}

/// Takes one mail.
fn mail(stream: TcpStream) -> Option<String> {
    let mut writing = stream.try_clone().ok()?;
    let (mut heard, mut in_message) = (String::new(), false);
    writing.write_all(b"220 here\r\n").ok()?;
    for line in BufReader::new(stream).lines() {
        let line = line.ok()?;
        heard += &format!("{line}\n");
        let answer = match line.split(' ').next() {
            Some(".") if in_message => "250 queued as 7\r\n",
            _ if in_message => continue,
            Some("EHLO") => "250-here\r\n250 AUTH PLAIN\r\n",
            Some("AUTH") => "235 in\r\n",
            Some("DATA") => "354 go\r\n",
            Some("QUIT") => break,
            _ => "250 ok\r\n",
        };
        in_message = answer.starts_with("354");
        writing.write_all(answer.as_bytes()).ok()?;
    }
    Some(heard)
}

fn put(admin: &Client, path: &str, body: &Value) -> Answer {
    admin.send("PUT", path, Some(body.to_string()))
}

fn hook(port: u16) -> Value {
    json!({
        "id": "hook", "kind": "webhook", "name": "Hook", "secret": KEY,
        "webhook": {"url": format!("http://127.0.0.1:{port}/in")},
    })
}

#[test]
fn a_webhook_is_made_tested_changed_deleted_and_restored() {
    let far = Listener::start(web);
    let server = Server::start();
    let admin = server.admin();
    let made = admin.post("/api/v1/receivers", &hook(far.port));
    assert_eq!((&made.is(201)["receiver"]["has_secret"], &made.body["system"]), (&json!(true), &json!(true)));
    let test = admin.post("/api/v1/receivers/hook/test", &json!({})).is(200).clone();
    assert_eq!((&test["ok"], &test["answer"]), (&json!(true), &json!("202 thanks")));
    let heard = far.heard();
    assert!(heard.contains("webhook-signature: v1,") && heard.contains("\"type\":\"test\""), "{heard}");

    let mut draft = made.body["receiver"].clone();
    draft["name"] = json!("Another");
    assert_eq!(put(&admin, "/api/v1/receivers/hook", &draft).is(200)["receiver"]["version"], 2);
    put(&admin, "/api/v1/receivers/hook", &draft).is_problem(409);
    assert_eq!(admin.delete("/api/v1/receivers/hook").status, 204);
    admin.get("/api/v1/receivers/hook").is_problem(404);
    admin.post("/api/v1/receivers/hook/restore", &json!({})).is(200);
    assert_eq!(admin.get("/api/v1/receivers").items()[0]["receiver"]["name"], "Another");
}

#[test]
fn a_mail_arrives_with_its_login_and_the_password_is_in_no_file_and_no_answer() {
    let far = Listener::start(mail);
    let mut server = Server::start();
    let admin = server.admin();
    let receiver = json!({
        "id": "mail", "kind": "email", "name": "Guardia", "language": "es", "secret": PASSWORD,
        "email": {"host": "127.0.0.1", "port": far.port, "security": "none", "username": "ana",
            "from": "Atalaya <atalaya@example.org>", "to": ["guardia@example.org"]},
    });
    let unsaved = admin.post("/api/v1/receivers/test", &receiver).is(200).clone();
    assert_eq!((&unsaved["ok"], &unsaved["answer"]), (&json!(true), &json!("250 queued as 7")));
    let made = admin.post("/api/v1/receivers", &receiver);
    made.is(201);
    server.stop();
    server.restart();
    let admin = server.admin();
    assert_eq!(admin.post("/api/v1/receivers/mail/test", &json!({})).is(200)["ok"], true);
    // What is heard is known when the conversation is over, which the server does not wait for.
    let heard = poll::until("both mails were heard", PATIENCE, || {
        Some(far.heard()).filter(|heard| heard.matches("RCPT TO:<guardia@example.org>").count() == 2)
    });
    // `\0ana\0hush-hush-hush-1` in base64.
    assert_eq!(heard.matches("AUTH PLAIN AGFuYQBodXNoLWh1c2gtaHVzaC0x").count(), 2, "{heard}");
    assert!(
        heard.contains("Mensaje de prueba de Atalaya") && heard.contains("Auto-Submitted: auto-generated"),
        "{heard}"
    );

    for path in ["/api/v1/receivers", "/api/v1/receivers/mail", "/api/v1/audit"] {
        assert!(!admin.get(path).is(200).to_string().contains(PASSWORD), "{path}");
    }
    assert!(!made.body.to_string().contains(PASSWORD) && !server.log().contains(PASSWORD));
    for entry in std::fs::read_dir(server.data()).expect("the data folder can be read").flatten() {
        let Ok(bytes) = std::fs::read(entry.path()) else { continue };
        let found = bytes.windows(PASSWORD.len()).any(|part| part == PASSWORD.as_bytes());
        assert!(!found, "{} holds the password", entry.path().display());
    }
}

#[test]
fn what_is_wrong_with_a_receiver_is_said_at_its_field() {
    let server = Server::start();
    let admin = server.admin();
    let mut wrong = hook(1);
    wrong["id"] = json!("Hook");
    wrong["webhook"]["url"] = json!("http://169.254.169.254/latest");
    wrong["words"] = json!({"title": "{{ nmae }}", "text": ""});
    let refused = admin.post("/api/v1/receivers", &wrong);
    refused.names("id");
    assert!(refused.names("webhook.url").contains("never asked"), "{}", refused.body);
    assert!(refused.names("words.title").contains("did you mean name?"), "{}", refused.body);
    let mut rule = cpu_rule("lab.a");
    rule["notify"] = json!({"sms": false, "ovo": false, "receivers": [{"id": "nobody", "from": "major"}]});
    admin.post("/api/v1/rules", &rule).names("notify.receivers[0].id");
}

const PANELS: usize = 20;
const SERIES: usize = 50;

/// Rules on 20 panels of 50 series each, of which one is critical and all others are a warning.
fn flood(server: &Server, admin: &Client) -> Feed {
    for panel in 0..PANELS {
        let mut rule = cpu_rule(&format!("lab.flood.{panel:02}.*"));
        rule["name"] = json!(format!("Flood {panel}"));
        rule["query"]["dashboard"] = json!("Routers");
        rule["query"]["panel"] = json!(format!("Panel {panel}"));
        (rule["checks_to_alert"], rule["no_data"]) = (json!(1), json!("keep"));
        rule["notify"]["receivers"] = json!([{"id": "noc", "from": "warning"}]);
        post_rule(admin, &rule);
    }
    let feed = Feed::start(server.carbon_port());
    for (panel, series) in (0..PANELS).flat_map(|panel| (0..SERIES).map(move |series| (panel, series))) {
        let value = if (panel, series) == (7, 31) { 95.0 } else { 75.0 };
        feed.set(&format!("lab.flood.{panel:02}.router{series:02}"), value);
    }
    feed
}

#[test]
fn of_a_thousand_alarms_told_at_once_the_critical_comes_first_one_summary_tells_the_rest_and_none_is_lost() {
    let (system, noc) = (Listener::start(web), Listener::start(web));
    let server = Server::start();
    let admin = server.admin();
    // The first one is told of Atalaya's own troubles; a busy machine may have some.
    admin.post("/api/v1/receivers", &hook(system.port)).is(201);
    let mut limited = hook(noc.port);
    (limited["id"], limited["name"]) = (json!("noc"), json!("NOC"));
    limited["rate"] = json!({"messages": 10, "per": "1m"});
    admin.post("/api/v1/receivers", &limited).is(201);
    // Until all of them stand, however long that takes here: then they are told at once.
    let mute = json!({"targets": [{"kind": "receiver", "id": "noc"}], "for": "1h", "reason": ""});
    let mute = text(&admin.post("/api/v1/mutes", &mute).is(201)["ids"][0]);
    let _feed = flood(&server, &admin);
    let stand = |severity: &str| admin.get("/api/v1/summary").is(200)[severity].as_u64();
    poll::until("all of them stand", PATIENCE, || {
        ((stand("warning"), stand("critical")) == (Some(999), Some(1))).then_some(())
    });
    assert_eq!(noc.bodies(), [] as [Value; 0]);
    admin.delete(&format!("/api/v1/mutes/{mute}")).is(204);

    let sent = poll::until("all of them were told", PATIENCE, || {
        let sent = admin.get("/api/v1/deliveries?receiver=noc&state=delivered&limit=1000").items().to_vec();
        let told: u64 = sent.iter().filter_map(|one| one["alarms"].as_u64()).sum();
        (told >= 1_000).then_some(sent)
    });
    let heard = poll::until("what was sent was heard", PATIENCE, || {
        Some(noc.bodies()).filter(|heard| heard.len() >= sent.len())
    });
    assert_eq!(
        (&heard[0]["type"], &heard[0]["data"]["severity"]),
        (&json!("alarm.raised"), &json!("critical"))
    );
    assert_eq!(heard[0]["data"]["alarms"][0]["series"], "lab.flood.07.router31");
    let summaries = heard.iter().filter(|body| body["type"] == "alarm.summary").count();
    assert_eq!((summaries, heard.len() <= 10), (1, true), "{} messages", heard.len());
    let alarms = || heard.iter().flat_map(|body| body["data"]["alarms"].as_array().expect("a list"));
    let ids: BTreeSet<String> = alarms().map(|alarm| text(&alarm["id"])).collect();
    assert_eq!((alarms().count(), ids.len()), (1_000, 1_000), "each in one message");

    let all = admin.get("/api/v1/deliveries?receiver=noc&limit=1000").items().to_vec();
    assert_eq!((all.len(), sent.len()), (heard.len(), heard.len()), "{all:?}");
    let sorted = |mut counts: Vec<u64>| {
        counts.sort_unstable();
        counts
    };
    let listed = all.iter().filter_map(|one| one["alarms"].as_u64()).collect();
    let told = heard.iter().filter_map(|body| body["data"]["count"].as_u64()).collect();
    assert_eq!(sorted(listed), sorted(told));
    assert!(all.iter().all(|one| one["state"] == "delivered"), "{all:?}");
}
