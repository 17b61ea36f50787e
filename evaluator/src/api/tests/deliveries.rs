//! What was sent to whom, and what could not be.

use std::sync::Arc;

use atalaya_api::people::Role;
use atalaya_api::receiver::ReceiverDraft;
use atalaya_api::settings::Settings;
use atalaya_api::span::Span;
use axum::http::Method;
use serde_json::{Value, json};

use super::stage::{Life, START, Stage, draft};
use crate::domain::{Message, ReceiverConfig, Rule, RuleId, Severity, Texts};
use crate::notify::words::title;
use crate::notify::{ByHand, Failure, Nothing, Ports, Way};
use crate::people::system;

/// A receiver that refuses whatever it gets.
struct Refuses;

impl Way for Refuses {
    fn send(&self, _message: &Message) -> Result<String, Failure> {
        let words =
            Texts { en: "the gateway refuses it".to_owned(), es: "la pasarela lo rechaza".to_owned() };
        Err(Failure::Permanent { words, answer: "400 bad number".to_owned() })
    }
}

fn telling(stage: &Stage) -> ByHand {
    let noc = ReceiverDraft { id: "noc".to_owned(), version: 1, ..ReceiverDraft::default() };
    let noc =
        ReceiverConfig { receiver: noc, updated_at: START, updated_by: String::new(), deleted_at: None };
    let ports = Ports {
        receivers: Arc::new(move || Ok(vec![noc.clone()])),
        connect: Arc::new(|_| Ok(Box::new(Refuses))),
        quieting: Arc::new(Nothing),
        settings: Arc::new(|| Ok(Settings::default())),
        title: Arc::new(title),
        dead: Arc::new(|_| ()),
    };
    ByHand::new(stage.services.store.clone(), stage.clock.clone(), ports).expect("the store answers")
}

/// An alarm that nobody could be told of; its life.
fn untold(stage: &Stage) -> Life {
    let rule = Rule {
        id: RuleId::from_bytes([7; 16]),
        version: 1,
        draft: serde_json::from_value(draft()).expect("a rule"),
        interval: Span::SECOND,
        time_zone: "Europe/Madrid".to_owned(),
        created_at: START,
        updated_at: START,
        updated_by: "test".to_owned(),
        deleted_at: None,
    };
    stage.services.store.create_rule(&rule, &system()).expect("the store takes it");
    let mut life = Life::of("lab.router1.cpu");
    life.goes(stage, Some(Severity::Critical), None);
    telling(stage).step().expect("the store answers");
    life
}

async fn asked(stage: &Stage, path: &str) -> Value {
    let answer = stage.get(path).by(Role::Viewer).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn what_could_not_be_sent_is_listed_with_why_and_sent_again_or_given_up_by_an_operator() {
    let stage = Stage::new();
    let life = untold(&stage);
    let page = asked(&stage, "/api/v1/deliveries?state=dead&receiver=noc").await;
    let dead = &page["items"][0];
    assert_eq!(
        (&page["total"], &dead["state"], &dead["kind"]),
        (&json!(1), &json!("dead"), &json!("raised"))
    );
    assert_eq!(dead["answer"], "the gateway refuses it: 400 bad number");
    assert_eq!((&dead["alarm"], &dead["alarms"]), (&json!(life.alarm()), &json!(1)));
    assert_eq!(dead["title"], "Critical · CPU router1 · lab.router1.cpu · 95 %");
    let path = format!("/api/v1/deliveries/{}", dead["id"].as_str().expect("an id"));
    let again = || stage.ask(Method::POST, &format!("{path}/retry"));
    again().by(Role::Viewer).send().await.is_problem(403);
    assert_eq!(again().by(Role::Operator).send().await.json()["state"], "queued");
    again().by(Role::Operator).send().await.is_problem(409);
    telling(&stage).step().expect("the store answers");
    let all = stage.post("/api/v1/deliveries/retry", &json!({ "receiver": "noc" }));
    assert_eq!(all.by(Role::Operator).send().await.json(), json!({ "deliveries": 1 }));
    telling(&stage).step().expect("the store answers");
    let gone = || stage.ask(Method::DELETE, &path).by(Role::Operator);
    assert_eq!(gone().send().await.status, 204);
    gone().send().await.is_problem(409);
    assert_eq!(asked(&stage, "/api/v1/deliveries?state=dead").await["total"], 0);
    let known = |query: &str| format!("/api/v1/deliveries?alarm={}&q={query}", life.alarm());
    assert_eq!(asked(&stage, &known("router1")).await["items"][0]["state"], "dropped");
    assert_eq!(asked(&stage, &known("router2")).await["total"], 0);
}

#[tokio::test]
async fn a_filter_that_is_none_is_named() {
    let stage = Stage::new();
    for (query, field) in [("state=lost", "state"), ("alarm=x", "alarm"), ("reciever=noc", "reciever")] {
        let answer = stage.get(&format!("/api/v1/deliveries?{query}")).by(Role::Viewer).send().await;
        answer.names(field);
    }
    let retry = stage.post("/api/v1/deliveries/77/retry", &json!({})).by(Role::Operator).send().await;
    retry.is_problem(404);
}

#[tokio::test]
async fn an_alarm_says_who_was_told_and_why_not_in_the_language_that_was_asked_for() {
    let stage = Stage::new();
    let life = untold(&stage);
    let path = format!("/api/v1/alarms/{}", life.alarm());
    let told = asked(&stage, &format!("{path}/told")).await;
    let row = &told["items"][0];
    assert_eq!(
        (&told["total"], &row["receiver"], &row["first_at"]),
        (&json!(1), &json!("noc"), &Value::Null)
    );
    assert_eq!(row["why_not"], "could not be sent: the gateway refuses it");
    assert_eq!(row["again_at"], Value::Null);
    let spanish = stage.get(&path).by(Role::Viewer).header("accept-language", "es").send().await.json();
    assert_eq!(spanish["told"][0]["why_not"], "no se pudo enviar: la pasarela lo rechaza");
    assert_eq!(asked(&stage, "/api/v1/alarms").await["items"][0]["told"], json!([]));
    assert_eq!(asked(&stage, "/api/v1/alarms?told=true").await["items"][0]["told"], told["items"]);
}

#[tokio::test]
async fn the_queues_are_among_the_metrics() {
    let stage = Stage::new();
    untold(&stage);
    let page = stage.get("/metrics").send().await.text;
    for line in
        ["atalaya_deliveries_dead{receiver=\"noc\"} 1", "atalaya_deliveries_queued{receiver=\"noc\"} 0"]
    {
        assert!(page.contains(line), "{line} in\n{page}");
    }
}
