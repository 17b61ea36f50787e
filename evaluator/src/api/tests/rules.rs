//! Rules from making to deleting, and their charts.

use atalaya_api::event::RuleAction;
use atalaya_api::people::Role;
use axum::http::Method;
use serde_json::{Value, json};

use super::stage::{Stage, draft};
use crate::api::ports::LiveSeries;

async fn made(stage: &Stage, body: &Value) -> Value {
    let answer = stage.post("/api/v1/rules", body).by(Role::Operator).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let rule = answer.json();
    assert_eq!(answer.header("location"), format!("/api/v1/rules/{}", rule["id"].as_str().expect("an id")));
    rule
}

fn place(rule: &Value) -> String {
    format!("/api/v1/rules/{}", rule["id"].as_str().expect("an id"))
}

async fn patched(stage: &Stage, rule: &Value, patch: Value) -> super::stage::Answer {
    stage.ask(Method::PATCH, &place(rule)).by(Role::Operator).json(&patch).send().await
}

#[tokio::test]
async fn the_rule_of_the_design_is_kept_as_it_was_written() {
    let stage = Stage::new();
    let rule = made(&stage, &draft()).await;
    for (name, value) in draft().as_object().expect("an object") {
        let same = match (rule[name].as_f64(), value.as_f64()) {
            (Some(got), Some(wanted)) => got == wanted,
            _ => &rule[name] == value,
        };
        assert!(same, "{name}: {} instead of {value}", rule[name]);
    }
    assert_eq!((&rule["version"], &rule["updated_by"]), (&json!(1), &json!("operator")));
    assert_eq!(rule["effective_interval"], "1s");
    assert_eq!(stage.get(&place(&rule)).by(Role::Viewer).send().await.json(), rule);
    let told = stage.evaluation.told.lock().expect("not poisoned").clone();
    assert_eq!(told.iter().map(|(_, action)| *action).collect::<Vec<_>>(), [RuleAction::Created]);
}

#[tokio::test]
async fn what_is_left_out_has_its_default_and_the_interval_follows_the_series() {
    let stage = Stage::new();
    let check = json!({ "name": "threshold", "params": { "warning": 1 } });
    let known =
        json!({ "name": "a", "query": { "source": "local", "expr": "lab.router1.cpu" }, "check": check });
    let rule = made(&stage, &known).await;
    assert_eq!(rule["effective_interval"], "10s");
    assert_eq!((&rule["checks_to_alert"], &rule["checks_to_ok"]), (&json!(3), &json!(2)));
    assert_eq!(
        (&rule["ok_margin"], &rule["period"], &rule["no_data"]),
        (&json!(10.0), &json!("24x7"), &json!("alarm"))
    );
    let unknown = json!({ "name": "b", "query": { "source": "local", "expr": "lab.*" }, "check": check });
    assert_eq!(made(&stage, &unknown).await["effective_interval"], "5m");
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_null_takes_away() {
    let stage = Stage::new();
    let rule = made(&stage, &draft()).await;
    let patch = json!({ "note": "core", "check": { "params": { "warning": null } }, "version": 1 });
    let changed = patched(&stage, &rule, patch).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let changed = changed.json();
    assert_eq!((&changed["note"], &changed["version"]), (&json!("core"), &json!(2)));
    assert_eq!(changed["check"]["params"], json!({ "direction": "above", "major": 80, "critical": 90 }));
    assert_eq!(changed["name"], rule["name"]);
}

#[tokio::test]
async fn a_patch_of_an_old_version_is_refused() {
    let stage = Stage::new();
    let rule = made(&stage, &draft()).await;
    patched(&stage, &rule, json!({ "note": "mine", "version": 1 })).await;
    patched(&stage, &rule, json!({ "note": "theirs", "version": 1 })).await.is_problem(409);
    assert_eq!(stage.get(&place(&rule)).by(Role::Viewer).send().await.json()["note"], "mine");
}

#[tokio::test]
async fn a_wrong_patch_is_told_as_a_wrong_rule_is() {
    let stage = Stage::new();
    let rule = made(&stage, &draft()).await;
    patched(&stage, &rule, json!({ "intervall": "5m" })).await.names("intervall");
    patched(&stage, &rule, json!({ "name": null })).await.names("name");
    patched(&stage, &rule, json!({ "check": { "params": { "critical": 1 } } }))
        .await
        .names("check.params.critical");
    patched(&stage, &rule, json!({ "version": "one" })).await.names("version");
    patched(&stage, &rule, json!([])).await.names("body");
}

#[tokio::test]
async fn a_deleted_rule_can_be_restored() {
    let stage = Stage::new();
    let rule = made(&stage, &draft()).await;
    let gone = stage.ask(Method::DELETE, &place(&rule)).by(Role::Operator).send().await;
    assert_eq!(gone.status, 204);
    let again = stage.ask(Method::DELETE, &place(&rule)).by(Role::Operator).send().await;
    assert_eq!(again.status, 204, "deleting twice is no fault");
    assert_eq!(stage.get("/api/v1/rules").by(Role::Viewer).send().await.json()["total"], 0);
    let deleted = stage.get("/api/v1/rules?deleted=true").by(Role::Viewer).send().await.json();
    assert_eq!(deleted["total"], 1);
    patched(&stage, &rule, json!({ "note": "x" })).await.is_problem(409);
    let restore = format!("{}/restore", place(&rule));
    let back = stage.ask(Method::POST, &restore).by(Role::Operator).send().await.json();
    assert_eq!((&back["deleted_at"], &back["version"]), (&Value::Null, &json!(3)));
    let told = stage.evaluation.told.lock().expect("not poisoned").clone();
    let actions: Vec<RuleAction> = told.into_iter().map(|(_, action)| action).collect();
    assert_eq!(actions, [RuleAction::Created, RuleAction::Deleted, RuleAction::Restored]);
}

#[tokio::test]
async fn the_list_is_searched_sorted_and_paged() {
    let stage = Stage::new();
    for name in ["memory", "CPU b", "CPU a"] {
        let mut body = draft();
        body["name"] = json!(name);
        made(&stage, &body).await;
        stage.advance(1);
    }
    let names = async |query: &str| {
        let page = stage.get(&format!("/api/v1/rules?{query}")).by(Role::Viewer).send().await.json();
        let items = page["items"].as_array().expect("items").clone();
        let names: Vec<String> =
            items.iter().map(|rule| rule["name"].as_str().expect("a name").to_owned()).collect();
        (names, page["next"].clone(), page["total"].clone())
    };
    assert_eq!(names("").await.0, ["CPU a", "CPU b", "memory"]);
    assert_eq!(names("sort=-updated").await.0, ["CPU a", "CPU b", "memory"]);
    assert_eq!(names("sort=updated").await.0, ["memory", "CPU b", "CPU a"]);
    assert_eq!(names("q=memory").await.0, ["memory"]);
    let (first, next, total) = names("limit=2").await;
    assert_eq!((first.len(), &total), (2, &json!(3)));
    let next = next.as_str().expect("there is more").to_owned();
    assert_eq!(names(&format!("limit=2&cursor={next}")).await.0, ["memory"]);
}

#[tokio::test]
async fn a_viewer_sees_a_rules_chart_and_only_the_rules_own_series() {
    let stage = Stage::new();
    let rule = made(&stage, &draft()).await;
    let chart = stage.get(&format!("{}/chart", place(&rule))).by(Role::Viewer).send().await;
    assert_eq!(chart.status, 200, "{}", chart.text);
    let chart = chart.json();
    assert_eq!(chart["series"][0]["name"], "lab.router1.cpu");
    assert_eq!(chart["series"][0]["values"], json!(["Infinity"]));
    assert_eq!(chart["lines"][0]["level"], "warning");
    let other = format!("{}/chart?series=secret.metric", place(&rule));
    let other_chart = stage.get(&other).by(Role::Viewer).send().await.json();
    assert_eq!(other_chart["series"], json!([]), "a series of no rule is not shown");
    *stage.evaluation.live.lock().expect("not poisoned") = Some(LiveSeries::default());
    let own =
        stage.get(&format!("{}/chart?series=lab.router2.cpu", place(&rule))).by(Role::Viewer).send().await;
    assert_eq!(own.json()["series"][0]["name"], "lab.router2.cpu");
}

#[tokio::test]
async fn series_are_searched_page_by_page() {
    let stage = Stage::new();
    let first =
        stage.get("/api/v1/sources/local/series?q=lab&limit=2").by(Role::Operator).send().await.json();
    assert_eq!((first["items"].as_array().map(Vec::len), &first["total"]), (Some(2), &json!(3)));
    let next = first["next"].as_str().expect("there is more");
    let path = format!("/api/v1/sources/local/series?q=lab&limit=2&cursor={next}");
    let second = stage.get(&path).by(Role::Operator).send().await.json();
    assert_eq!((&second["items"][0]["name"], &second["next"]), (&json!("lab.router3.cpu"), &Value::Null));
}

#[tokio::test]
async fn params_are_validated_without_saving() {
    let stage = Stage::new();
    let body = json!({ "params": { "warning": 5, "critical": 1 } });
    let answer =
        stage.post("/api/v1/checks/threshold/validate", &body).by(Role::Operator).send().await.json();
    assert_eq!(answer["errors"][0]["field"], "critical");
    stage.post("/api/v1/checks/nothing/validate", &body).by(Role::Operator).send().await.is_problem(404);
    let listed = stage.get("/api/v1/checks").by(Role::Viewer).send().await.json();
    assert_eq!((&listed["items"][0]["name"], &listed["items"][0]["rules"]), (&json!("threshold"), &json!(0)));
    let release = stage.ask(Method::POST, "/api/v1/checks/threshold/release").by(Role::Admin);
    release.send().await.is_problem(409);
}

#[tokio::test]
async fn a_vanished_series_is_forgotten_only_where_it_is_watched() {
    let stage = Stage::new();
    let rule = made(&stage, &draft()).await;
    let forget = format!("{}/forget", place(&rule));
    let known = stage.post(&forget, &json!({ "series": "lab.gone" })).by(Role::Operator).send().await;
    assert_eq!(known.status, 204, "{}", known.text);
    let unknown = stage.post(&forget, &json!({ "series": "lab.other" })).by(Role::Operator).send().await;
    assert_eq!(unknown.status, 422);
    assert_eq!(unknown.json()["errors"][0]["field"], "series");
}
