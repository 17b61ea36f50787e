//! Templates: applied, followed, overridden, deleted and restored.

use atalaya_api::people::Role;
use axum::http::Method;
use serde_json::{Value, json};

use super::stage::{Answer, Stage};

fn load(critical: u32) -> Value {
    json!({"name": "load", "check": {"name": "threshold", "params": {"direction": "above", "warning": 70, "critical": critical}}})
}

fn template(sets: Value) -> Value {
    json!({"name": "Interfaces", "sets": sets, "alarm": {"checks_to_alert": 5, "interval": "10s"}})
}

async fn made(stage: &Stage, body: &Value) -> Value {
    let answer = stage.post("/api/v1/templates", body).by(Role::Operator).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

fn place(template: &Value) -> String {
    format!("/api/v1/templates/{}", template["id"].as_str().expect("an id"))
}

async fn saved(stage: &Stage, template: &Value, body: &Value) -> Answer {
    stage.ask(Method::PUT, &place(template)).by(Role::Operator).json(body).send().await
}

async fn applied(stage: &Stage, template: &Value, count: usize) -> Value {
    let metric = |n: usize| json!({"name": format!("router{n}"), "query": {"source": "local", "expr": format!("lab.router{n}.cpu")}});
    let metrics: Vec<Value> = (1..=count).map(metric).collect();
    let path = format!("{}/apply", place(template));
    let answer = stage.post(&path, &json!({ "metrics": metrics })).by(Role::Operator).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

async fn rules(stage: &Stage, query: &str) -> Vec<Value> {
    let page = stage.get(&format!("/api/v1/rules?{query}")).by(Role::Viewer).send().await;
    page.json()["items"].as_array().expect("items").clone()
}

fn names(rules: &[Value]) -> Vec<&str> {
    rules.iter().map(|rule| rule["name"].as_str().expect("a name")).collect()
}

async fn patched(stage: &Stage, rule: &Value, patch: Value) -> Value {
    let path = format!("/api/v1/rules/{}", rule["id"].as_str().expect("an id"));
    let answer = stage.ask(Method::PATCH, &path).by(Role::Operator).json(&patch).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

async fn deleted(stage: &Stage, template: &Value, rules: &str) -> Answer {
    stage.ask(Method::DELETE, &format!("{}{rules}", place(template))).by(Role::Operator).send().await
}

async fn restored(stage: &Stage, template: &Value) -> Answer {
    stage.ask(Method::POST, &format!("{}/restore", place(template))).by(Role::Operator).send().await
}

#[tokio::test]
async fn k_sets_on_m_metrics_make_k_times_m_rules_and_a_linked_metric_keeps_its_own() {
    let stage = Stage::new();
    let mut errors = load(95);
    errors["name"] = json!("errors");
    let one = made(&stage, &template(json!([load(90), errors]))).await;
    let first = applied(&stage, &one, 2).await;
    assert_eq!(first["rules"].as_array().map(Vec::len), Some(4));
    let listed = rules(&stage, "").await;
    assert_eq!(names(&listed), ["router1 · errors", "router1 · load", "router2 · errors", "router2 · load"]);
    assert_eq!(listed[0]["check"]["params"]["critical"], 95);
    assert_eq!((&listed[0]["checks_to_alert"], &listed[0]["effective_interval"]), (&json!(5), &json!("10s")));
    assert_eq!(listed[0]["template"], json!({"id": one["id"], "set": "errors", "overrides": []}));
    assert_eq!(applied(&stage, &one, 3).await["rules"].as_array().map(Vec::len), Some(2));
    let kept = stage.get(&place(&one)).by(Role::Viewer).send().await.json();
    assert_eq!(kept["rules"], 6);
    let id = one["id"].as_str().expect("an id");
    assert_eq!(rules(&stage, &format!("template={id}")).await.len(), 6);
}

#[tokio::test]
async fn it_is_applied_to_the_metrics_of_selected_rules() {
    let stage = Stage::new();
    let one = made(&stage, &template(json!([load(90)]))).await;
    stage.post("/api/v1/rules", &super::stage::draft()).by(Role::Operator).send().await;
    let path = format!("{}/apply", place(&one));
    let body = json!({"select": {"filter": {"q": "cpu"}}, "expected_total": 1});
    let answer = stage.post(&path, &body).by(Role::Operator).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(names(&rules(&stage, "").await), ["CPU router1", "CPU router1 · load"]);
    stage
        .post(&path, &json!({"select": {"filter": {}}, "expected_total": 1}))
        .by(Role::Operator)
        .send()
        .await
        .is_problem(409);
    stage
        .post(&path, &json!({"select": {"filter": {}}}))
        .by(Role::Operator)
        .send()
        .await
        .names("expected_total");
    stage.post(&path, &json!({})).by(Role::Operator).send().await.names("metrics");
}

#[tokio::test]
async fn linked_rules_follow_but_for_what_is_their_own() {
    let stage = Stage::new();
    let one = made(&stage, &template(json!([load(90)]))).await;
    applied(&stage, &one, 3).await;
    let listed = rules(&stage, "").await;
    let own =
        patched(&stage, &listed[0], json!({"check": {"params": {"critical": 99}}, "note": "mine"})).await;
    assert_eq!(own["template"]["overrides"], json!(["check.params.critical"]));

    let mut wanted = template(json!([load(80)]));
    wanted["alarm"]["checks_to_ok"] = json!(4);
    let path = format!("{}/impact", place(&one));
    let impact = stage.post(&path, &wanted).by(Role::Operator).send().await.json();
    assert_eq!(
        (&impact["rules"], &impact["changed"], &impact["created"], &impact["deleted"]),
        (&json!(3), &json!(3), &json!(0), &json!(0))
    );
    assert_eq!(
        impact["overridden"],
        json!([{"id": own["id"], "name": "router1", "fields": ["check.params.critical"]}])
    );
    assert_eq!(rules(&stage, "").await[1]["check"]["params"]["critical"], 90, "nothing was written");

    wanted["version"] = json!(1);
    let answer = saved(&stage, &one, &wanted).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["version"]), (200, &json!(2)), "{}", answer.text);
    let listed = rules(&stage, "").await;
    let critical: Vec<_> = listed.iter().map(|rule| rule["check"]["params"]["critical"].clone()).collect();
    assert_eq!(critical, [json!(99), json!(80), json!(80)]);
    assert!(listed.iter().all(|rule| rule["checks_to_ok"] == 4));
    saved(&stage, &one, &wanted).await.is_problem(409);

    let same = patched(&stage, &listed[0], json!({"check": {"params": {"critical": 80}}})).await;
    assert_eq!(same["template"]["overrides"], json!([]), "what equals the template again is none");
    patched(&stage, &listed[1], json!({"ok_margin": 3, "checks_to_ok": 9})).await;
    let relink = json!({"select": {"ids": [listed[1]["id"]]}, "expected_total": 1, "change": {"relink": ["ok_margin"]}});
    stage.post("/api/v1/rules/bulk", &relink).by(Role::Operator).send().await;
    let relinked = &rules(&stage, "").await[1];
    assert_eq!((&relinked["ok_margin"], &relinked["checks_to_ok"]), (&json!(10.0), &json!(9)));
    assert_eq!(relinked["template"]["overrides"], json!(["checks_to_ok"]));
    let unlink = json!({"select": {"filter": {}}, "expected_total": 3, "change": "unlink"});
    stage.post("/api/v1/rules/bulk", &unlink).by(Role::Operator).send().await;
    assert!(rules(&stage, "").await.iter().all(|rule| rule["template"].is_null()));
}

#[tokio::test]
async fn a_bulk_change_of_linked_rules_is_their_own() {
    let stage = Stage::new();
    let one = made(&stage, &template(json!([load(90)]))).await;
    applied(&stage, &one, 2).await;
    let patch = json!({"select": {"filter": {}}, "expected_total": 2, "change": {"patch": {"period": "24x7", "notify": {"sms": true}}}});
    stage.post("/api/v1/rules/bulk", &patch).by(Role::Operator).send().await;
    assert!(
        rules(&stage, "").await.iter().all(|rule| rule["template"]["overrides"] == json!(["notify.sms"]))
    );
}

#[tokio::test]
async fn sets_are_renamed_added_and_removed_with_their_rules() {
    let stage = Stage::new();
    let mut errors = load(95);
    errors["name"] = json!("errors");
    let one = made(&stage, &template(json!([load(90), errors]))).await;
    applied(&stage, &one, 2).await;
    let before = rules(&stage, "q=load").await;

    let mut renamed = load(90);
    (renamed["name"], renamed["was"]) = (json!("traffic"), json!("load"));
    let mut new = load(75);
    new["name"] = json!("idle");
    let wanted = template(json!([renamed, new]));
    let impact =
        stage.post(&format!("{}/impact", place(&one)), &wanted).by(Role::Operator).send().await.json();
    assert_eq!(
        (&impact["created"], &impact["deleted"], &impact["changed"]),
        (&json!(2), &json!(2), &json!(2)),
        "{impact}"
    );
    let answer = saved(&stage, &one, &wanted).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.json()["draft"]["sets"][0].get("was").is_none());
    let listed = rules(&stage, "").await;
    assert_eq!(
        names(&listed),
        ["router1 · idle", "router1 · traffic", "router2 · idle", "router2 · traffic"]
    );
    assert_eq!((&listed[1]["id"], &listed[1]["template"]["set"]), (&before[0]["id"], &json!("traffic")));

    let mut back = load(95);
    back["name"] = json!("errors");
    let mut traffic = load(90);
    traffic["name"] = json!("traffic");
    saved(&stage, &one, &template(json!([traffic, back]))).await;
    let errors = rules(&stage, "q=errors").await;
    assert_eq!(errors.len(), 2);
    assert!(errors.iter().all(|rule| rule["version"] == 3), "they are those that were deleted: {errors:?}");
}

#[tokio::test]
async fn a_template_that_its_rules_cannot_follow_is_refused_with_their_names() {
    let stage = Stage::new();
    let one = made(&stage, &template(json!([load(90)]))).await;
    applied(&stage, &one, 2).await;
    patched(&stage, &rules(&stage, "").await[0], json!({"check": {"params": {"critical": 75}}})).await;
    let mut wanted = template(json!([load(90)]));
    wanted["sets"][0]["check"]["params"]["warning"] = json!(80);
    let answer = saved(&stage, &one, &wanted).await;
    assert!(answer.names("check.params.critical").starts_with("router1: "), "{}", answer.text);
    let impact =
        stage.post(&format!("{}/impact", place(&one)), &wanted).by(Role::Operator).send().await.json();
    assert_eq!((&impact["changed"], impact["refused"].as_array().map(Vec::len)), (&json!(1), Some(1)));
    assert_eq!(rules(&stage, "").await[1]["check"]["params"]["warning"], 70, "nothing was changed");
}

#[tokio::test]
async fn deleting_asks_what_becomes_of_the_rules_and_restoring_brings_them_back() {
    for how in ["keep", "delete"] {
        let stage = Stage::new();
        let one = made(&stage, &template(json!([load(90)]))).await;
        applied(&stage, &one, 2).await;
        patched(&stage, &rules(&stage, "").await[0], json!({"ok_margin": 3})).await;
        let before = rules(&stage, "").await;
        deleted(&stage, &one, "").await.names("rules");
        deleted(&stage, &one, "?rules=both").await.names("rules");
        assert_eq!(deleted(&stage, &one, &format!("?rules={how}")).await.status, 204);
        let left = rules(&stage, "").await;
        match how {
            "keep" => assert!(left.len() == 2 && left.iter().all(|rule| rule["template"].is_null())),
            _ => assert!(left.is_empty()),
        }
        saved(&stage, &one, &template(json!([load(1)]))).await.is_problem(409);
        let listed = stage.get("/api/v1/templates").by(Role::Viewer).send().await.json();
        assert_eq!(listed["total"], 0);
        let back = restored(&stage, &one).await;
        assert_eq!((back.status.as_u16(), &back.json()["rules"]), (200, &json!(2)), "{}", back.text);
        let after = rules(&stage, "").await;
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(
                (&before["id"], &before["template"], &before["check"]),
                (&after["id"], &after["template"], &after["check"]),
                "{how}"
            );
        }
    }
}

#[tokio::test]
async fn a_template_without_parameters_or_with_wrong_ones_is_refused_in_clear_words() {
    let stage = Stage::new();
    let create = async |body: Value| stage.post("/api/v1/templates", &body).by(Role::Operator).send().await;
    let words = create(template(json!([]))).await.names("sets");
    assert!(words.contains("without parameters"), "{words}");
    create(template(json!([load(1)]))).await.names("sets[0].check.params.critical");
    create(template(json!([load(90), load(91)]))).await.names("sets[1].name");
    create(template(json!([{"name": "x", "check": {"name": "none"}}]))).await.names("sets[0].check.name");
    let mut wrong = template(json!([load(90)]));
    wrong["name"] = json!(" ");
    wrong["alarm"]["checks_to_alert"] = json!(0);
    wrong["alarm"]["time_zone"] = json!("Europe/Madird");
    let answer = create(wrong).await;
    for field in ["name", "alarm.checks_to_alert", "alarm.time_zone"] {
        answer.names(field);
    }
    made(&stage, &template(json!([load(90)]))).await;
    create(template(json!([load(90)]))).await.is_problem(409);
    stage
        .post("/api/v1/templates", &template(json!([load(90)])))
        .by(Role::Viewer)
        .send()
        .await
        .is_problem(403);
}

#[tokio::test]
async fn a_rule_is_linked_by_hand_only_to_what_is_there() {
    let stage = Stage::new();
    let one = made(&stage, &template(json!([load(90)]))).await;
    let mut rule = super::stage::draft();
    rule["template"] = json!({"id": "nothing", "set": "load"});
    stage.post("/api/v1/rules", &rule).by(Role::Operator).send().await.names("template.id");
    rule["template"] = json!({"id": one["id"], "set": "laod"});
    stage.post("/api/v1/rules", &rule).by(Role::Operator).send().await.names("template.set");
    rule["template"] = json!({"id": one["id"], "set": "load", "overrides": ["anything"]});
    let linked = stage.post("/api/v1/rules", &rule).by(Role::Operator).send().await.json();
    let own = linked["template"]["overrides"].as_array().expect("overrides").clone();
    assert!(own.contains(&json!("check.params.major")) && own.contains(&json!("checks_to_alert")), "{own:?}");
    assert!(!own.contains(&json!("anything")) && !own.contains(&json!("check.params.critical")), "{own:?}");
}
