//! Who may not is told so, and what is wrong is named.

use atalaya_tests::client::Client;
use atalaya_tests::server::Server;
use serde_json::json;

use crate::stage::cpu_rule;

fn viewer(server: &Server) -> Client {
    let password = "a viewer's password";
    let wanted = json!({"username": "eva", "password": password, "role": "viewer"});
    server.admin().post("/api/v1/users", &wanted).is(201);
    server.stranger().login("eva", password)
}

#[test]
fn calls_without_a_login_are_refused_and_a_viewer_reads_but_does_not_write() {
    let server = Server::start();
    let stranger = server.stranger();
    for path in ["rules", "alarms", "summary", "sources", "checks", "settings", "events", "session"] {
        stranger.get(&format!("/api/v1/{path}")).is_problem(401);
    }
    stranger.post("/api/v1/rules", &cpu_rule("lab.a")).is_problem(401);
    stranger.clone().with_token("made-up").get("/api/v1/rules").is_problem(401);
    assert_eq!(stranger.try_login("admin", "a wrong password").status, 401);
    stranger.get("/healthz").is(200);

    let viewer = viewer(&server);
    viewer.get("/api/v1/alarms").is(200);
    viewer.post("/api/v1/rules", &cpu_rule("lab.a")).is_problem(403);
    let rule = server.admin().post("/api/v1/rules", &cpu_rule("lab.a")).is(201)["id"].clone();
    let path = format!("/api/v1/rules/{}", rule.as_str().expect("an id"));
    viewer.patch(&path, &json!({"name": "mine"})).is_problem(403);
    viewer.delete(&path).is_problem(403);
    viewer.get(&path).is(200);
}

#[test]
fn malformed_json_and_wrong_thresholds_are_told_with_place_and_field() {
    let server = Server::start();
    let admin = server.admin();
    let answer = admin.send("POST", "/api/v1/rules", Some("{\n  \"name\": }".to_owned()));
    let problem = answer.is_problem(400);
    assert!(problem["detail"].as_str().is_some_and(|words| words.contains("line 2, column 11")), "{problem}");

    let mut rule = cpu_rule("lab.a");
    rule["check"]["params"]["critical"] = json!(75);
    let answer = admin.post("/api/v1/rules", &rule);
    answer.is_problem(422);
    let english = answer.names("check.params.critical").to_owned();
    let answer = admin.clone().speaking("es").post("/api/v1/rules", &rule);
    answer.is_problem(422);
    let spanish = answer.names("check.params.critical");
    assert_ne!(spanish, english);
    assert!(spanish.contains("debe"), "{spanish}");

    let mut rule = cpu_rule("lab.a");
    rule["checks_to_alrt"] = json!(3);
    let answer = admin.post("/api/v1/rules", &rule);
    answer.is_problem(422);
    assert!(answer.names("checks_to_alrt").contains("checks_to_alert"), "{}", answer.body);
    assert_eq!(admin.get("/api/v1/rules").is(200)["total"], 0, "nothing was saved");
}
