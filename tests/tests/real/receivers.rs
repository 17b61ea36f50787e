//! From the API to a phone and a mailbox: what an administrator saves and tries.

use atalaya_tests::client::Client;
use atalaya_tests::kannel::{self, Kannel};
use atalaya_tests::opcmsg::Opcmsg;
use atalaya_tests::poll;
use atalaya_tests::server::Server;
use atalaya_tests::smtp::{Mode, Smtp};
use atalaya_tests::stage::PATIENCE;
use serde_json::{Value, json};

/// Saves a receiver and sends it a test message; what is said of that.
fn tried(admin: &Client, receiver: &Value) -> Value {
    admin.post("/api/v1/receivers", receiver).is(201);
    let id = receiver["id"].as_str().expect("it has one");
    admin.post(&format!("/api/v1/receivers/{id}/test"), &json!({})).is(200).clone()
}

#[test]
fn a_test_message_reaches_a_phone_a_mailbox_and_the_operations_agent() {
    let (Some(kannel), Some(smtp)) = (Kannel::start(), Smtp::guarded(Mode::Starttls, "atalaya", "s3cret"))
    else {
        return;
    };
    let opcmsg = Opcmsg::new();
    let server = Server::builder().env("ATALAYA_NOTIFY__OPCMSG", &opcmsg.path().to_string_lossy()).start();
    let admin = server.admin();

    let sms = json!({"id": "duty", "kind": "sms", "name": "Guardia", "secret": kannel::PASSWORD,
        "sms": {"url": kannel.url(), "username": kannel::USERNAME, "numbers": ["+34600123123"]}});
    let told = tried(&admin, &sms);
    assert_eq!((&told["ok"], &told["answer"]), (&json!(true), &json!("0: Accepted for delivery")), "{told}");
    let text = poll::until("the phone got it", PATIENCE, || kannel.texts().into_iter().next());
    assert!(text.text.contains("Atalaya"), "{text:?}");

    let mail = json!({"id": "noc", "kind": "email", "name": "NOC", "secret": "s3cret",
        "email": {"host": "localhost", "port": smtp.port, "username": "atalaya", "from": "atalaya@example.org",
            "to": ["noc@example.org"], "ca_pem": smtp.certificate()}});
    let told = tried(&admin, &mail);
    assert_eq!(told["ok"], true, "{told}");
    assert_eq!(smtp.mails()[0].to, ["noc@example.org"]);

    let ovo = json!({"id": "ovo", "kind": "ovo", "name": "OVO", "ovo": {"application": "Atalaya"}});
    let told = tried(&admin, &ovo);
    assert_eq!(told["ok"], true, "{told}");
    assert_eq!(opcmsg.calls()[0][1..3], ["application=Atalaya", "object=Atalaya"]);

    opcmsg.set_broken(true);
    let told = admin.post("/api/v1/receivers/ovo/test", &json!({})).is(200).clone();
    assert_eq!(told["ok"], false);
    assert!(told["answer"].as_str().is_some_and(|answer| answer.contains("not running")), "{told}");
}

#[test]
fn the_gateway_s_refusal_is_shown_as_it_was_said_without_the_password() {
    let Some(kannel) = Kannel::start() else { return };
    let server = Server::start();
    let sms = json!({"id": "duty", "kind": "sms", "name": "Guardia", "secret": "wr0ng",
        "sms": {"url": kannel.url(), "username": kannel::USERNAME, "numbers": ["+34600123123"]}});
    let told = tried(&server.admin(), &sms);
    assert_eq!((&told["ok"], &told["answer"]), (&json!(false), &json!("Authorization failed for sendsms")));
    assert!(!told.to_string().contains("wr0ng") && !server.log().contains("wr0ng"), "{told}");
}
