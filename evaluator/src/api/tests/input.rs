//! Wrong input is told with its field and what would be right.

use atalaya_api::people::Role;
use axum::http::Method;
use serde_json::{Value, json};

use super::stage::{Answer, Stage, draft};

async fn posted(stage: &Stage, body: &Value) -> Answer {
    stage.post("/api/v1/rules", body).by(Role::Operator).send().await
}

/// The draft with one part replaced; `null` takes it away.
fn with(path: &str, value: Value) -> Value {
    let mut body = draft();
    let mut part = &mut body;
    for step in path.split('.') {
        part = &mut part[step];
    }
    *part = value;
    body
}

#[tokio::test]
async fn malformed_json_is_told_with_line_and_column() {
    let stage = Stage::new();
    let answer =
        stage.ask(Method::POST, "/api/v1/rules").by(Role::Operator).text("{\n  \"name\": }").send().await;
    let problem = answer.is_problem(400);
    assert_eq!(problem["type"], "/problems/malformed-json");
    assert!(problem["detail"].as_str().is_some_and(|words| words.contains("line 2, column 11")), "{problem}");
}

#[tokio::test]
async fn every_wrong_field_of_a_rule_is_named_with_what_would_be_right() {
    let stage = Stage::new();
    let cases = [
        ("name", json!(""), "name", "1 to 200"),
        ("name", json!("x".repeat(201)), "name", "1 to 200"),
        ("name", json!("two\nlines"), "name", "one line"),
        ("name", json!(7), "name", "text"),
        ("query.source", json!("graphite"), "query.source", "there are: local"),
        ("query.expr", json!("lab.[cpu"), "query.expr", "bracket"),
        ("query.expr", json!(" "), "query.expr", "must name a series"),
        ("query.exp", json!("a"), "query.exp", "did you mean expr?"),
        ("check.name", json!("treshold"), "check.name", "there are: threshold"),
        ("check.params.critical", json!(60), "check.params.critical", "at least warning"),
        ("interval", json!("0s"), "interval", "\"1s\" to \"24h\""),
        ("interval", json!("25h"), "interval", "\"1s\" to \"24h\""),
        ("interval", json!("often"), "interval", "a duration such as"),
        ("checks_to_alert", json!(0), "checks_to_alert", "1 to 100"),
        ("checks_to_ok", json!(101), "checks_to_ok", "1 to 100"),
        ("checks_to_alrt", json!(3), "checks_to_alrt", "did you mean checks_to_alert?"),
        ("ok_margin", json!(-1), "ok_margin", "0 to 100"),
        ("ok_margin", json!("ten"), "ok_margin", "a number"),
        ("period", json!("daytme"), "period", "did you mean daytime?"),
        ("no_data", json!("ignore"), "no_data", "alarm, keep, ok"),
        ("time_zone", json!("Europe/Madird"), "time_zone", "Europe/Madrid"),
        ("labels", json!({ "": "x" }), "labels.", "characters"),
        ("runbook_url", json!("javascript:alert(1)"), "runbook_url", "https://"),
        ("notify.receivers", json!([{ "from": "major" }]), "notify.receivers[0].id", "missing"),
        ("note", json!("x".repeat(4_001)), "note", "at most 4000"),
    ];
    for (path, value, field, part) in cases {
        let message = posted(&stage, &with(path, value.clone())).await.names(field);
        assert!(message.contains(part), "{path} = {value}: {message}");
    }
}

#[tokio::test]
async fn all_faults_are_told_at_once() {
    let stage = Stage::new();
    let mut body = with("interval", json!("0s"));
    body["checks_to_alert"] = json!(0);
    body["check"]["params"]["critical"] = json!(1);
    let answer = posted(&stage, &body).await;
    for field in ["interval", "checks_to_alert", "check.params.critical"] {
        answer.names(field);
    }
}

#[tokio::test]
async fn the_language_of_the_browser_is_spoken() {
    let stage = Stage::new();
    let asked = stage.post("/api/v1/rules", &with("interval", json!("0s"))).by(Role::Operator);
    let answer = asked.header("accept-language", "es-CO,es;q=0.9,en;q=0.8").send().await;
    assert_eq!(answer.names("interval"), "debe ser de \"1s\" a \"24h\"");
    assert_eq!(answer.json()["title"], "Hay un campo incorrecto");
    let answer = stage.get("/api/v1/alarms").header("accept-language", "es").send().await;
    assert_eq!(answer.is_problem(401)["title"], "Hay que iniciar sesión");
}

#[tokio::test]
async fn a_body_over_one_mebibyte_is_refused() {
    let stage = Stage::new();
    let body = with("note", json!("x".repeat(1024 * 1024)));
    posted(&stage, &body).await.is_problem(413);
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let stage = Stage::new();
    let cases = [
        ("/api/v1/alarms?limit=0", "limit", "1 to 1000"),
        ("/api/v1/alarms?limit=many", "limit", "1 to 1000"),
        ("/api/v1/alarms?state=open", "state", "active, history, all"),
        ("/api/v1/alarms?severity=critical,grave", "severity", "critical, major, unknown, warning"),
        ("/api/v1/alarms?sort=colour", "sort", "severity"),
        ("/api/v1/alarms?from=yesterday", "from", "2026-01-31T08:00:00Z"),
        ("/api/v1/alarms?rule=7", "rule", "id"),
        ("/api/v1/alarms?serverity=critical", "serverity", "did you mean severity?"),
        ("/api/v1/alarms?cursor=made-up", "cursor", "next"),
        ("/api/v1/rules?cursor=made-up", "cursor", "next"),
        ("/api/v1/rules?sort=-colour", "sort", "name"),
        ("/api/v1/rules?label=team", "label", "name:value"),
        ("/api/v1/sources/local/series?q=lab.%5B", "q", "bracket"),
        ("/api/v1/sources/local/series?cursor=%25", "cursor", "next"),
        ("/api/v1/sources/local/query", "expr", "missing"),
        ("/api/v1/sources/local/query?expr=a&max_points=1", "max_points", "2 to 10000"),
        (
            "/api/v1/sources/local/query?expr=a&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
            "from",
            "before",
        ),
        ("/api/v1/sources/local/query?expr=a&from=2020-01-02T00:00:00Z", "from", "400 days"),
        ("/api/v1/events?last_event_id=x", "last_event_id", "id of an event"),
        ("/api/v1/summary?x=1", "x", "there are none"),
    ];
    for (path, field, part) in cases {
        let message = stage.get(path).by(Role::Operator).send().await.names(field);
        assert!(message.contains(part), "{path}: {message}");
    }
}

#[tokio::test]
async fn an_unknown_route_and_a_wrong_method_are_problems_too() {
    let stage = Stage::new();
    let problem = stage.get("/api/v1/rulez").by(Role::Admin).send().await.is_problem(404);
    assert!(problem["detail"].as_str().is_some_and(|words| words.contains("/api/v1/rulez")), "{problem}");
    let answer = stage.ask(Method::PUT, "/api/v1/rules").by(Role::Admin).text("{}").send().await;
    let problem = answer.is_problem(405);
    let mut allowed: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "POST"]);
    assert!(problem["detail"].as_str().is_some_and(|words| words.contains("PUT /api/v1/rules")), "{problem}");
}

#[tokio::test]
async fn what_is_not_there_is_404_whatever_its_name_looks_like() {
    let stage = Stage::new();
    let paths = [
        "/api/v1/rules/0198c0de-0000-7000-8000-000000000000",
        "/api/v1/rules/not-an-id",
        "/api/v1/rules/not-an-id/chart",
        "/api/v1/alarms/%00",
        "/api/v1/alarms/not-an-id/evidence",
        "/api/v1/checks/nothing",
        "/api/v1/sources/nothing/series",
    ];
    for path in paths {
        stage.get(path).by(Role::Operator).send().await.is_problem(404);
    }
}

#[tokio::test]
async fn the_address_of_the_heartbeat_is_for_administrators() {
    let stage = Stage::new();
    let mut settings = stage.get("/api/v1/settings").by(Role::Admin).send().await.json();
    settings["heartbeat_url"] = json!("https://hc.example/ping/a-key");
    let saved = stage.ask(Method::PUT, "/api/v1/settings").by(Role::Admin).json(&settings).send().await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    for (role, seen) in
        [(Role::Viewer, ""), (Role::Operator, ""), (Role::Admin, "https://hc.example/ping/a-key")]
    {
        let settings = stage.get("/api/v1/settings").by(role).send().await.json();
        assert_eq!(settings["heartbeat_url"], seen, "{role:?}");
    }
}

#[tokio::test]
async fn wrong_settings_are_named_and_right_ones_are_kept_and_audited() {
    let stage = Stage::new();
    let mut settings = stage.get("/api/v1/settings").by(Role::Viewer).send().await.json();
    assert_eq!(settings["time_zone"], "UTC");
    let cases = [
        ("time_zone", json!("Mars/Base"), "time_zone"),
        ("language", json!("fr"), "language"),
        ("sample_retention", json!("1m"), "sample_retention"),
        ("heartbeat_url", json!("http://169.254.169.254/latest"), "heartbeat_url"),
        ("heartbeat_url", json!("hc.example/ping"), "heartbeat_url"),
        ("forget_after", json!("soon"), "forget_after"),
        (
            "defaults",
            json!({ "checks_to_alert": 0, "checks_to_ok": 2, "ok_margin": 10, "period": "24x7" }),
            "defaults.checks_to_alert",
        ),
    ];
    for (name, value, field) in cases {
        let mut wrong = settings.clone();
        wrong[name] = value;
        stage.ask(Method::PUT, "/api/v1/settings").by(Role::Admin).json(&wrong).send().await.names(field);
    }
    settings["time_zone"] = json!("America/Bogota");
    let saved = stage.ask(Method::PUT, "/api/v1/settings").by(Role::Admin).json(&settings).send().await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    assert_eq!(stage.get("/api/v1/settings").by(Role::Viewer).send().await.json(), settings);
    let mut rule = draft();
    rule["time_zone"] = Value::Null;
    assert_eq!(posted(&stage, &rule).await.status, 201);
    let audit = stage.get("/api/v1/audit?limit=50").by(Role::Admin).send().await.json();
    let by_admin = audit["items"].as_array().expect("items").iter().any(|entry| entry["by"] == "admin");
    assert!(by_admin, "{audit}");
}
