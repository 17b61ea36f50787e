//! Receivers of the real server: made, changed, tested against a listener on this machine, and their secrets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use atalaya_tests::client::{Answer, Client};
use atalaya_tests::server::Server;
use serde_json::{Value, json};

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
    let heard = far.heard();
    // `\0ana\0hush-hush-hush-1` in base64.
    assert_eq!(heard.matches("AUTH PLAIN AGFuYQBodXNoLWh1c2gtaHVzaC0x").count(), 2, "{heard}");
    assert!(heard.contains("RCPT TO:<guardia@example.org>"), "{heard}");
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
    let mut rule = crate::stage::cpu_rule("lab.a");
    rule["notify"] = json!({"sms": false, "ovo": false, "receivers": [{"id": "nobody", "from": "major"}]});
    admin.post("/api/v1/rules", &rule).names("notify.receivers[0].id");
}
