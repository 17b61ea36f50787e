//! The pages for machines, and the description of the API.

use atalaya_api::people::Role;
use axum::http::Method;
use serde_json::json;

use super::stage::{Life, Stage};
use crate::api::ports::{Pulse, Totals};
use crate::api::problem::words;
use crate::clock::Clock;
use crate::domain::Severity;
use crate::pipeline::{Missed, Told};

#[tokio::test]
async fn a_healthy_server_is_ready_and_a_taken_port_does_not_change_that() {
    let stage = Stage::new();
    assert_eq!(stage.get("/healthz").send().await.text, "ok\n");
    *stage.sources.port_taken.lock().expect("not poisoned") = true;
    let answer = stage.get("/readyz").send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let parts = answer.json()["parts"].clone();
    let carbon = parts.as_array().expect("parts").iter().find(|part| part["name"] == "input carbon").cloned();
    let wanted =
        json!({ "name": "input carbon", "ok": false, "needed": false, "detail": "port 2003 is taken" });
    assert_eq!(carbon, Some(wanted));
}

#[tokio::test]
async fn a_server_that_cannot_keep_up_or_has_no_local_store_is_not_ready_and_says_why() {
    let stage = Stage::new();
    *stage.evaluation.totals.lock().expect("not poisoned") =
        Totals { lateness_seconds: 31.0, overdue: 12, ..Totals::default() };
    let answer = stage.get("/readyz").send().await;
    assert_eq!(answer.status, 503);
    assert!(answer.text.contains("31.0 s late, 12 rules overdue"), "{}", answer.text);
    *stage.evaluation.totals.lock().expect("not poisoned") = Totals::default();
    *stage.sources.down.lock().expect("not poisoned") = true;
    let answer = stage.get("/readyz").send().await;
    assert_eq!((answer.status.as_u16(), &answer.json()["ready"]), (503, &json!(false)));
}

#[tokio::test]
async fn a_server_whose_heart_stands_still_is_not_ready_and_says_why() {
    let stage = Stage::new();
    let heartbeat = |answer: &super::stage::Answer| {
        let parts = answer.json()["parts"].as_array().cloned().expect("parts");
        parts.into_iter().find(|part| part["name"] == "heartbeat").expect("the heartbeat is a part")
    };
    let young = stage.get("/readyz").send().await;
    assert_eq!((young.status.as_u16(), &heartbeat(&young)["detail"]), (200, &json!("no beat yet")));
    stage.advance(100);
    stage.evaluation.pulse.lock().expect("not poisoned").last = Some(stage.clock.now());
    stage.advance(150);
    assert_eq!(stage.get("/readyz").send().await.status, 200);
    stage.evaluation.pulse.lock().expect("not poisoned").missed = Some(Missed::Quarantined);
    stage.advance(1);
    // Nobody told: the evaluation may be stuck.
    let still = stage.get("/readyz").send().await;
    assert_eq!(still.status, 503);
    let detail = heartbeat(&still)["detail"].clone();
    assert_eq!(detail, "last beat 151 s ago: the check threshold is quarantined");
}

#[tokio::test]
async fn the_status_says_how_everything_is() {
    let stage = Stage::new();
    *stage.evaluation.totals.lock().expect("not poisoned") = Totals {
        rules: 3,
        questions_open: 2,
        waiting_transitions: 5,
        event_lag_seconds: 0.5,
        ..Totals::default()
    };
    *stage.evaluation.pulse.lock().expect("not poisoned") = Pulse {
        last: Some(stage.clock.now()),
        missed: None,
        told: Some(Told { at: None, failures: 4, trouble: Some(words("it does not answer", "no responde")) }),
    };
    let status = stage.get("/api/v1/status").by(Role::Viewer).send().await.json();
    assert_eq!((&status["ready"], &status["started_at"]), (&json!(true), &json!("2023-11-14T22:13:20Z")));
    assert_eq!(status["parts"][0]["name"], "store");
    assert_eq!(
        (&status["evaluation"]["rules"], &status["evaluation"]["questions_open"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(status["store"]["waiting_transitions"], 5);
    assert_eq!(status["events"], json!({ "streams": 0, "lag_seconds": 0.5 }));
    let heartbeat = json!({ "last_at": "2023-11-14T22:13:20Z", "told": true, "told_at": null, "trouble": "it does not answer" });
    assert_eq!(status["heartbeat"], heartbeat);
    stage.advance(7);
    let metrics = stage.get("/metrics").send().await.text;
    for line in [
        "atalaya_heartbeat_age_seconds 7.0",
        "atalaya_heartbeat_failures_total 4.0",
        "atalaya_waiting_transitions 5.0",
        "atalaya_event_lag_seconds 0.5",
        "atalaya_questions_open 2.0",
        "atalaya_causes 0.0",
        "atalaya_source_up{source=\"far\"} 1.0",
        "atalaya_source_answers_total{source=\"far\"} 5.0",
        "atalaya_source_faults_total{source=\"far\"} 2.0",
        "atalaya_source_seconds_total{source=\"far\"} 1.5",
    ] {
        assert!(metrics.lines().any(|one| one == line), "{line} in {metrics}");
    }
}

#[tokio::test]
async fn metrics_say_how_atalaya_itself_is() {
    let stage = Stage::new();
    Life::of("lab.router1.cpu").goes(&stage, Some(Severity::Critical), None);
    *stage.evaluation.totals.lock().expect("not poisoned") =
        Totals { rules: 3, evaluations: 42, lateness_seconds: 0.25, ..Totals::default() };
    let answer = stage.get("/metrics").send().await;
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    for line in [
        "atalaya_rules 3.0",
        "atalaya_evaluations_total 42.0",
        "atalaya_lateness_seconds 0.25",
        "atalaya_active_alarms{severity=\"critical\"} 1.0",
        "atalaya_samples_total{source=\"local\",input=\"carbon\"} 12.0",
        "atalaya_check_failures_total{check=\"threshold\",reason=\"out of fuel\"} 2.0",
        "atalaya_store_writable 1.0",
        "atalaya_event_streams 0.0",
        concat!("atalaya_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
    ] {
        assert!(answer.text.lines().any(|one| one == line), "{line} in {}", answer.text);
    }
}

#[tokio::test]
async fn the_description_of_the_api_holds_together() {
    let stage = Stage::new();
    let document = stage.get("/api/v1/openapi.json").send().await.json();
    assert!(
        document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")),
        "{}",
        document["openapi"]
    );
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 50, "schemas are referred to");
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("references stay within the document");
        assert!(document.pointer(pointer).is_some(), "{reference} is there");
    }
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            assert!(operation["x-needs"].is_string(), "{method} {path} says who may");
            assert!(operation["summary"].is_string(), "{method} {path} says what it does");
            let placeholders = path.matches('{').count();
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let in_path = parameters.iter().filter(|one| one["in"] == "path").count();
            assert_eq!(in_path, placeholders, "{method} {path} describes its path");
        }
    }
    let intro = document["info"]["description"].as_str().expect("a description");
    assert!(intro.contains("| `POST /api/v1/rules` | operator |"), "the table is published");
}

fn collect(value: &serde_json::Value, into: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (name, value) in members {
                match value.as_str() {
                    Some(text) if name == "$ref" => into.push(text.to_owned()),
                    _ => collect(value, into),
                }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
        _ => {}
    }
}

#[tokio::test]
async fn nothing_of_the_api_is_kept_by_browsers_or_proxies() {
    let stage = Stage::new();
    for path in ["/api/v1/setup", "/readyz", "/api/v1/openapi.json"] {
        assert_eq!(stage.get(path).send().await.header("cache-control"), "no-store", "{path}");
    }
    assert_eq!(stage.ask(Method::HEAD, "/healthz").send().await.status, 200);
}
