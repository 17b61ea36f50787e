//! Receivers from making to deleting, what is said of wrong ones, and the settings that name them.

use atalaya_api::people::Role;
use axum::http::Method;
use serde_json::{Value, json};

use super::stage::{Answer, Stage, draft as rule};
use crate::source::remote::http::stand_in::{StandIn, answer};

const KEY: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";

fn hook(url: &str) -> Value {
    json!({ "id": "hook", "kind": "webhook", "name": "Hook", "webhook": { "url": url }, "secret": KEY })
}

fn mail() -> Value {
    json!({
        "id": "mail", "kind": "email", "name": "Guardia", "language": "es",
        "email": { "host": "127.0.0.1", "port": 1, "security": "none", "username": "ana",
            "from": "Atalaya <a@example.org>", "to": ["b@example.org"] },
        "secret": "hush-hush"
    })
}

fn sms() -> Value {
    json!({
        "id": "sms", "kind": "sms", "name": "SMS",
        "sms": { "url": "http://127.0.0.1:1/cgi-bin/sendsms", "username": "u", "numbers": ["+34 600-123.123"] }
    })
}

async fn post(stage: &Stage, path: &str, body: &Value) -> Answer {
    stage.post(&format!("/api/v1/receivers{path}"), body).by(Role::Admin).send().await
}

async fn put(stage: &Stage, id: &str, body: &Value) -> Answer {
    stage.ask(Method::PUT, &format!("/api/v1/receivers/{id}")).by(Role::Admin).json(body).send().await
}

async fn made(stage: &Stage, body: &Value) -> Value {
    let answer = post(stage, "", body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

async fn settings(stage: &Stage, change: impl FnOnce(&mut Value)) -> Answer {
    let mut settings = stage.get("/api/v1/settings").by(Role::Admin).send().await.json();
    change(&mut settings);
    stage.ask(Method::PUT, "/api/v1/settings").by(Role::Admin).json(&settings).send().await
}

#[tokio::test]
async fn a_receiver_is_kept_as_it_was_written_and_its_secret_never_comes_out() {
    let stage = Stage::new();
    let view = made(&stage, &mail()).await;
    assert_eq!(
        (&view["receiver"]["email"], &view["receiver"]["version"]),
        (&view["receiver"]["email"], &json!(1))
    );
    assert_eq!(
        (&view["receiver"]["has_secret"], &view["receiver"]["lowest"]),
        (&json!(true), &json!("warning"))
    );
    let mut body = view["receiver"].clone();
    body["name"] = json!("Another");
    let changed = put(&stage, "mail", &body).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["receiver"]["version"]), (200, &json!(2)));
    let secret = stage.services.store.receiver_secret("mail").expect("it is kept");
    assert_eq!(secret.password.as_deref(), Some("hush-hush"), "what is left out stays");
    put(&stage, "mail", &body).await.is_problem(409);
    (body["version"], body["secret"], body["email"]["username"]) = (json!(2), json!(""), json!(""));
    let emptied = put(&stage, "mail", &body).await;
    assert_eq!(emptied.json()["receiver"]["has_secret"], false, "{}", emptied.text);

    let audit = stage.get("/api/v1/audit").by(Role::Admin).send().await;
    let listed = stage.get("/api/v1/receivers").by(Role::Admin).send().await;
    for text in [audit.text, listed.text, view.to_string(), changed.text] {
        assert!(!text.contains("hush-hush"), "{text}");
    }
}

#[tokio::test]
async fn a_deleted_receiver_comes_back_and_rules_that_name_it_are_left_alone() {
    let stage = Stage::new();
    made(&stage, &mail()).await;
    let mut named = rule();
    named["notify"]["receivers"] =
        json!([{ "id": "mail", "from": "major" }, { "id": "noc", "from": "warning" }]);
    let saved = stage.post("/api/v1/rules", &named).by(Role::Operator).send().await;
    assert_eq!(saved.status, 201, "{}", saved.text);
    let id = saved.json()["id"].as_str().expect("an id").to_owned();
    let one = stage.get("/api/v1/receivers/mail").by(Role::Viewer).send().await.json();
    assert_eq!(one["rules"], 1);

    let gone = stage.ask(Method::DELETE, "/api/v1/receivers/mail").by(Role::Admin).send().await;
    assert_eq!(gone.status, 204);
    stage.get("/api/v1/receivers/mail").by(Role::Viewer).send().await.is_problem(404);
    post(&stage, "", &mail()).await.is_problem(409);
    let path = format!("/api/v1/rules/{id}");
    let patch = |body: Value| stage.ask(Method::PATCH, &path).by(Role::Operator).json(&body).send();
    assert_eq!(patch(json!({ "note": "another" })).await.status, 200, "an edit of something else");
    let other = stage.post("/api/v1/rules", &named).by(Role::Operator).send().await;
    assert!(other.names("notify.receivers[0].id").contains("noc"), "{}", other.text);

    let back = post(&stage, "/mail/restore", &json!({})).await;
    assert_eq!((back.status.as_u16(), &back.json()["receiver"]["has_secret"]), (200, &json!(true)));
}

#[tokio::test]
async fn a_receiver_that_there_is_not_is_named_with_the_one_that_was_meant() {
    let stage = Stage::new();
    made(&stage, &mail()).await;
    let mut named = rule();
    named["notify"]["receivers"] =
        json!([{ "id": "noc", "from": "major" }, { "id": "mial", "from": "major" }]);
    let refused = stage.post("/api/v1/rules", &named).by(Role::Operator).send().await;
    assert!(refused.names("notify.receivers[1].id").contains("did you mean mail?"), "{}", refused.text);
}

#[tokio::test]
async fn every_wrong_field_of_a_receiver_is_named() {
    let stage = Stage::new();
    let cases: &[(&str, Value, &str)] = &[
        ("/id", json!("Mail"), "id"),
        ("/id", json!("test"), "id"),
        ("/name", json!(" "), "name"),
        ("/kind", json!("webhook"), "email"),
        ("/kind", json!("webhook"), "webhook"),
        ("/remind_every", json!("1m"), "remind_every"),
        ("/rate", json!({ "messages": 0, "per": "1m" }), "rate.messages"),
        ("/rate", json!({ "messages": 1, "per": "2d" }), "rate.per"),
        ("/language", json!("fr"), "language"),
        ("/words", json!({ "title": "", "text": "{{ nmae }}" }), "words.text"),
        ("/words", json!({ "title": "{% if", "text": "" }), "words.title"),
        ("/email/host", json!("http://mail"), "email.host"),
        ("/email/host", json!("169.254.169.254"), "email.host"),
        ("/email/port", json!(0), "email.port"),
        ("/email/from", json!("nobody"), "email.from"),
        ("/email/to", json!([]), "email.to"),
        ("/email/to", json!(["b@example.org", "x\r\nBcc: y@example.org"]), "email.to[1]"),
        ("/email/username", json!(""), "email.username"),
        ("/email/ca_pem", json!("hello"), "email.ca_pem"),
    ];
    for (pointer, value, field) in cases {
        let mut body = mail();
        let (parent, last) = pointer.rsplit_once('/').expect("a pointer");
        body.pointer_mut(parent).expect("it is there")[last] = value.clone();
        let answer = post(&stage, "", &body).await;
        assert!(!answer.names(field).is_empty(), "{pointer}");
        let spanish = stage.post("/api/v1/receivers", &body).by(Role::Admin).header("accept-language", "es");
        assert_ne!(spanish.send().await.names(field), answer.names(field), "{pointer}");
    }
    let mut body = hook("ftp://x");
    body["secret"] = json!("hush");
    post(&stage, "", &body).await.names("webhook.url");
    body["webhook"]["url"] = json!("http://127.0.0.1:1");
    let said = post(&stage, "", &body).await.names("secret");
    assert!(said.contains("whsec_") && !said.contains("hush"), "{said}");
    let mut body = sms();
    body["sms"]["numbers"] = json!(["600 LUIS"]);
    body["sms"]["lists"] = json!(["nobody"]);
    let answer = post(&stage, "", &body).await;
    assert!(answer.names("sms.numbers[0]").contains("600 LUIS"), "{}", answer.text);
    answer.names("sms.lists[0]");
}

#[tokio::test]
async fn a_secret_goes_to_no_other_server_than_the_one_it_was_entered_for() {
    let stage = Stage::new();
    let mut body = made(&stage, &mail()).await["receiver"].clone();
    body["email"]["host"] = json!("mail.evil.example");
    assert!(put(&stage, "mail", &body).await.names("secret").contains("another server"));
    assert!(post(&stage, "/test", &body).await.names("secret").contains("another server"));
    body["secret"] = json!("another");
    assert_eq!(put(&stage, "mail", &body).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_shows_what_the_far_end_answered() {
    let stage = Stage::new();
    let far = StandIn::new(|heard| match heard.line.as_str() {
        "POST /good" => answer("200 OK", &[], "thanks"),
        _ => answer("403 Forbidden", &[], "not you"),
    });
    made(&stage, &hook(&format!("{}/good", far.url))).await;
    let test = post(&stage, "/hook/test", &json!({})).await.json();
    assert_eq!((&test["ok"], &test["answer"]), (&json!(true), &json!("200 thanks")));
    let heard = &far.heard()[0];
    assert!(
        heard.header("webhook-signature").is_some() && heard.body.contains("\"type\":\"test\""),
        "{heard:?}"
    );

    // Not saved yet: its own secret is used.
    let mut body = hook(&format!("{}/bad", far.url));
    body.as_object_mut().expect("an object").remove("secret");
    let test = post(&stage, "/test", &body).await.json();
    assert_eq!((&test["ok"], &test["answer"]), (&json!(false), &json!("not you")));
    assert!(test["message"].as_str().is_some_and(|said| said.contains("403")), "{test}");
    assert!(far.heard()[1].header("webhook-signature").is_some());
    let test = post(&stage, "/test", &mail()).await.json();
    assert_eq!(test["ok"], false);
    assert!(test["message"].as_str().is_some_and(|said| said.contains("nothing listens there")), "{test}");
    post(&stage, "/nobody/test", &json!({})).await.is_problem(404);
}

#[tokio::test]
async fn a_preview_shows_the_words_of_each_message_and_what_is_wrong_with_a_template() {
    let stage = Stage::new();
    let shown = post(&stage, "/preview", &mail()).await.json();
    let of: Vec<&str> =
        shown["messages"].as_array().expect("messages").iter().filter_map(|one| one["of"].as_str()).collect();
    assert_eq!(of, ["raised", "cleared", "group", "summary"]);
    assert_eq!(shown["messages"][0]["title"], "Crítica · CPU router1 · lab.router1.cpu · 95,5 %");
    assert_eq!(shown["messages"][2]["title"], "7 Mayor · Nbr. Disconnected eNodeB · AND000, AND001 +5");
    assert_eq!(shown["messages"][3]["title"], "1 crítica, 12 mayor, 986 warning");

    let mut text = sms();
    text["language"] = json!("es");
    let shown = post(&stage, "/preview", &text).await.json();
    assert_eq!(
        (&shown["messages"][0]["parts"], &shown["messages"][0]["unicode"]),
        (&json!(1), &json!(false))
    );
    assert!(shown["messages"][0]["text"].as_str().is_some_and(|text| !text.contains('Í')), "{shown}");
    text["words"] = json!({ "title": "", "text": "{{ severity }}\n{{ alarms[0].subjct }}" });
    assert!(post(&stage, "/preview", &text).await.names("words.text").starts_with("line 2: "));
    // What else is missing in the form is nobody's business yet.
    let bare = json!({ "id": "", "kind": "sms", "name": "" });
    assert_eq!(post(&stage, "/preview", &bare).await.status, 200);
}

#[tokio::test]
async fn the_first_receiver_is_told_of_the_systems_alarms() {
    let stage = Stage::new();
    let gone = stage.ask(Method::DELETE, "/api/v1/receivers/noc").by(Role::Admin).send().await;
    assert_eq!(gone.status, 204);
    assert_eq!(made(&stage, &mail()).await["system"], true);
    assert_eq!(made(&stage, &hook("http://127.0.0.1:1")).await["system"], false);
    let saved = settings(&stage, |settings| settings["system_receivers"] = json!(["hook"])).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    let gone = stage.ask(Method::DELETE, "/api/v1/receivers/hook").by(Role::Admin).send().await;
    assert_eq!(gone.status, 204);
    assert_eq!(settings(&stage, |settings| settings["show_rows"] = json!(false)).await.status, 200);
    let refused = settings(&stage, |settings| settings["system_receivers"] = json!(["mail", "noc"])).await;
    refused.names("system_receivers[1]");
}

#[tokio::test]
async fn whoever_may_not_change_a_webhook_does_not_see_its_path() {
    let stage = Stage::new();
    made(&stage, &hook("https://hooks.example.org/services/T0/s3cret")).await;
    let seen = stage.get("/api/v1/receivers/hook").by(Role::Operator).send().await.json();
    assert_eq!(seen["receiver"]["webhook"]["url"], "https://hooks.example.org/…");
    let seen = stage.get("/api/v1/receivers/hook").by(Role::Admin).send().await.json();
    assert_eq!(seen["receiver"]["webhook"]["url"], "https://hooks.example.org/services/T0/s3cret");
}

#[tokio::test]
async fn phone_lists_are_kept_as_they_are_dialled_and_stay_while_they_are_named() {
    let stage = Stage::new();
    let lists = json!([{ "name": " Guardia ", "numbers": ["+34 600-123.123", "217"] }]);
    let saved = settings(&stage, |settings| settings["phone_lists"] = lists).await.json();
    assert_eq!(saved["phone_lists"], json!([{ "name": "Guardia", "numbers": ["+34600123123", "217"] }]));
    let wrong = json!([{ "name": "Guardia", "numbers": ["6OO 123 123"] }]);
    let said =
        settings(&stage, |settings| settings["phone_lists"] = wrong).await.names("phone_lists[0].numbers[0]");
    assert!(said.contains("Guardia") && said.contains("6OO 123 123"), "{said}");

    let mut body = sms();
    body["sms"]["lists"] = json!(["Guardia"]);
    let view = made(&stage, &body).await;
    assert_eq!(view["receiver"]["sms"]["numbers"], json!(["+34600123123"]));
    let refused = settings(&stage, |settings| settings["phone_lists"] = json!([])).await;
    assert!(refused.names("phone_lists").contains("Guardia"), "{}", refused.text);
}

#[tokio::test]
async fn the_address_for_links_is_one() {
    let stage = Stage::new();
    for wrong in ["atalaya.example.org", "https://", "https://a b", "https://a?x", "https://u:p@a", "ftp://a"]
    {
        settings(&stage, |settings| settings["public_url"] = json!(wrong)).await.names("public_url");
    }
    let saved =
        settings(&stage, |settings| settings["public_url"] = json!("https://atalaya.example.org/x/")).await;
    assert_eq!(saved.json()["public_url"], "https://atalaya.example.org/x");
}

#[tokio::test]
async fn a_receiver_comes_back_only_when_what_it_names_is_still_there() {
    let stage = Stage::new();
    let list = json!([{ "name": "Guardia", "numbers": ["600123123"] }]);
    let kept = settings(&stage, |settings| settings["phone_lists"] = list.clone()).await;
    assert_eq!(kept.status, 200, "{}", kept.text);
    let mut body = sms();
    body["sms"]["lists"] = json!(["Guardia"]);
    made(&stage, &body).await;
    let gone = stage.ask(Method::DELETE, "/api/v1/receivers/sms").by(Role::Admin).send().await;
    assert_eq!(gone.status, 204);
    let emptied = settings(&stage, |settings| settings["phone_lists"] = json!([])).await;
    assert_eq!(emptied.status, 200, "{}", emptied.text);
    let refused = post(&stage, "/sms/restore", &json!({})).await;
    assert!(refused.is_problem(422)["errors"].to_string().contains("Guardia"), "{}", refused.text);
    settings(&stage, |settings| settings["phone_lists"] = list).await;
    assert_eq!(post(&stage, "/sms/restore", &json!({})).await.status, 200);
}
