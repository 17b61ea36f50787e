//! Groups, what happens to accounts, tokens, sessions; what was deleted, and who did it.

use atalaya_api::people::Role;
use axum::http::Method;
use serde_json::{Value, json};

use super::stage::{Answer, PASSWORD, Stage, draft};
use crate::people::{Scope, accounts};

const OTHER: &str = "another good one";

async fn list(stage: &Stage, path: &str, token: &str) -> Vec<Value> {
    let answer = stage.get(path).token(token).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["items"].as_array().cloned().expect("a list")
}

/// The id of a user or group with this name.
async fn id(stage: &Stage, path: &str, name: &str) -> String {
    let token = stage.token(Role::Admin);
    let all = list(stage, path, &token).await;
    let found = all.iter().find(|one| one["username"] == name || one["name"] == name);
    found.unwrap_or_else(|| panic!("{name} in {all:?}"))["id"].as_str().expect("an id").to_owned()
}

async fn change(stage: &Stage, name: &str, body: &Value) -> Answer {
    let path = format!("/api/v1/users/{}", id(stage, "/api/v1/users", name).await);
    stage.ask(Method::PATCH, &path).by(Role::Admin).json(body).send().await
}

#[tokio::test]
async fn a_groups_role_counts_at_once_for_logins_and_tokens_alike() {
    let stage = Stage::new();
    stage.user("ana", Role::Viewer);
    let cookie = stage.login("ana").await;
    let made = stage.post("/api/v1/tokens", &json!({"name": "script"})).cookie(&cookie).send().await;
    let token = made.json()["token"].as_str().expect("it is shown once").to_owned();
    let may = async || {
        let by_cookie = stage.post("/api/v1/rules", &draft()).cookie(&cookie).send().await.status.as_u16();
        let by_token = stage.post("/api/v1/rules", &draft()).token(&token).send().await.status.as_u16();
        (by_cookie, by_token)
    };
    assert_eq!(may().await, (403, 403));
    let ana = id(&stage, "/api/v1/users", "ana").await;
    let group = json!({"name": "Guardia", "role": "operator", "members": [ana]});
    let made = stage.post("/api/v1/groups", &group).by(Role::Admin).send().await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(may().await, (201, 201));
    let who = stage.get("/api/v1/session").cookie(&cookie).send().await.json();
    assert_eq!(who["role"], "operator");
    let users = list(&stage, "/api/v1/users", &stage.token(Role::Admin)).await;
    let shown = users.iter().find(|user| user["username"] == "ana").expect("she is there");
    assert_eq!((&shown["role"], &shown["effective_role"]), (&json!("viewer"), &json!("operator")));
    assert_eq!(shown["groups"], json!([made.json()["id"]]));

    let path = format!("/api/v1/groups/{}", made.json()["id"].as_str().expect("an id"));
    assert_eq!(stage.ask(Method::DELETE, &path).by(Role::Admin).send().await.status, 204);
    assert_eq!(may().await, (403, 403));
}

#[tokio::test]
async fn what_is_wrong_with_a_group_is_said_field_by_field() {
    let stage = Stage::new();
    let nobody = "0198c0de-0000-7000-8000-000000000000";
    let group = json!({"name": " ", "role": "viewer", "members": [nobody, "x"]});
    let answer = stage.post("/api/v1/groups", &group).by(Role::Admin).send().await;
    assert!(answer.names("name").contains("1 to 60"));
    assert!(answer.names("members").contains(nobody));
    let group = json!({"name": "Noc", "role": "viewer"});
    assert_eq!(stage.post("/api/v1/groups", &group).by(Role::Admin).send().await.status, 201);
    let again = stage.post("/api/v1/groups", &json!({"name": "NOC", "role": "viewer"})).by(Role::Admin);
    assert_eq!(again.send().await.is_problem(409)["errors"][0]["field"], "name");
    let path = format!("/api/v1/groups/{nobody}");
    stage
        .ask(Method::PUT, &path)
        .by(Role::Admin)
        .json(&json!({"name": "x", "role": "viewer"}))
        .send()
        .await
        .is_problem(404);
    stage.ask(Method::DELETE, &path).by(Role::Admin).send().await.is_problem(404);
    let answer = change(&stage, "admin", &json!({"groups": [nobody]})).await;
    assert!(answer.names("groups").contains(nobody));
}

#[tokio::test]
async fn the_last_admin_stays_one_and_nobody_deletes_the_own_account() {
    let stage = Stage::new();
    let problem = change(&stage, "admin", &json!({"role": "operator"})).await.is_problem(409);
    assert!(problem["detail"].as_str().is_some_and(|words| words.contains("administrator")), "{problem}");
    stage.user("ana", Role::Admin);
    let own = format!("/api/v1/users/{}", id(&stage, "/api/v1/users", "admin").await);
    let problem = stage.ask(Method::DELETE, &own).by(Role::Admin).send().await.is_problem(409);
    assert!(problem["detail"].as_str().is_some_and(|words| words.contains("own account")), "{problem}");
    let cookie = stage.login("ana").await;
    assert_eq!(stage.ask(Method::DELETE, &own).cookie(&cookie).send().await.status, 204);
}

#[tokio::test]
async fn a_deleted_user_is_out_everywhere_at_once() {
    let stage = Stage::new();
    stage.user("ana", Role::Operator);
    let cookie = stage.login("ana").await;
    let made = stage.post("/api/v1/tokens", &json!({"name": "script"})).cookie(&cookie).send().await;
    let token = made.json()["token"].as_str().expect("it is shown once").to_owned();
    let path = format!("/api/v1/users/{}", id(&stage, "/api/v1/users", "ana").await);
    assert_eq!(stage.ask(Method::DELETE, &path).by(Role::Admin).send().await.status, 204);
    stage.get("/api/v1/session").cookie(&cookie).send().await.is_problem(401);
    stage.get("/api/v1/session").token(&token).send().await.is_problem(401);
    let login = json!({"username": "ana", "password": PASSWORD});
    stage.post("/api/v1/session", &login).send().await.is_problem(401);
    stage.ask(Method::DELETE, &path).by(Role::Admin).send().await.is_problem(404);
}

#[tokio::test]
async fn a_password_that_an_admin_sets_ends_the_users_sessions() {
    let stage = Stage::new();
    stage.user("ana", Role::Operator);
    let cookie = stage.login("ana").await;
    assert!(
        change(&stage, "ana", &json!({"password": "short"})).await.names("password").contains("at least 8")
    );
    let answer = change(&stage, "ana", &json!({"password": OTHER})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(!answer.text.contains("argon2"), "no hash leaves the server");
    stage.get("/api/v1/session").cookie(&cookie).send().await.is_problem(401);
    let login = json!({"username": "ana", "password": OTHER});
    assert_eq!(stage.post("/api/v1/session", &login).send().await.status, 200);
}

#[tokio::test]
async fn whoever_knows_the_own_password_changes_it_and_only_other_sessions_end() {
    let stage = Stage::new();
    stage.user("ana", Role::Viewer);
    let (here, elsewhere) = (stage.login("ana").await, stage.login("ana").await);
    let body = |current: &str, new: &str| json!({"current": current, "new": new});
    let ask = async |body: Value| stage.post("/api/v1/session/password", &body).cookie(&here).send().await;
    assert!(ask(body("wrong", OTHER)).await.names("current").contains("not your password"));
    assert!(ask(body(PASSWORD, "short")).await.names("new").contains("at least 8"));
    assert_eq!(ask(body(PASSWORD, OTHER)).await.status, 204);
    assert_eq!(stage.get("/api/v1/session").cookie(&here).send().await.status, 200);
    stage.get("/api/v1/session").cookie(&elsewhere).send().await.is_problem(401);
    for _ in 0..5 {
        ask(body("guess", OTHER)).await.is_problem(422);
    }
    let answer = ask(body("guess", OTHER)).await;
    answer.is_problem(429);
    assert!(!answer.header("retry-after").is_empty());
    let login = json!({"username": "ana", "password": OTHER});
    stage.post("/api/v1/session", &login).send().await.is_problem(429);
}

#[tokio::test]
async fn a_token_is_shown_once_opens_what_its_scope_says_and_ends_when_it_is_revoked() {
    let stage = Stage::new();
    stage.user("ana", Role::Operator);
    let cookie = stage.login("ana").await;
    let make = async |body: Value| stage.post("/api/v1/tokens", &body).cookie(&cookie).send().await;
    let wrong = make(json!({"name": "", "lasting": "1h"})).await;
    assert!(wrong.names("name").contains("1 to 60") && wrong.names("lasting").contains("\"1d\""));
    let made = make(json!({"name": "Prometheus", "scope": "ingest", "lasting": "30d"})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let (made, text) = (made.json(), made.json()["token"].as_str().expect("it is shown once").to_owned());
    assert!(text.starts_with("atain_") && text.starts_with(made["prefix"].as_str().expect("a prefix")));
    stage.get("/api/v1/rules").token(&text).send().await.is_problem(403);
    assert_eq!(stage.post("/api/v1/write", &json!({})).token(&text).send().await.status, 415);

    let listed = stage.get("/api/v1/tokens").cookie(&cookie).send().await;
    assert!(!listed.text.contains(&text), "never again");
    let one = &listed.json()["items"][0];
    assert_eq!(
        (&one["name"], &one["scope"], &one["username"]),
        (&json!("Prometheus"), &json!("ingest"), &json!("ana"))
    );
    assert!(one["used_at"].is_string() && one["expires_at"].is_string() && one["token"].is_null(), "{one}");

    let path = format!("/api/v1/tokens/{}", made["id"].as_str().expect("an id"));
    stage.ask(Method::DELETE, &path).by(Role::Operator).send().await.is_problem(404);
    assert!(
        list(&stage, "/api/v1/tokens", &stage.token(Role::Admin)).await.contains(one),
        "an admin sees all"
    );
    assert_eq!(stage.ask(Method::DELETE, &path).by(Role::Admin).send().await.status, 204);
    stage.post("/api/v1/write", &json!({})).token(&text).send().await.is_problem(401);
}

#[tokio::test]
async fn only_who_may_bring_samples_makes_a_token_that_brings_them() {
    let stage = Stage::new();
    let body = json!({"name": "Prometheus", "scope": "ingest"});
    let make = async |role| stage.post("/api/v1/tokens", &body).by(role).send().await;
    let problem = make(Role::Viewer).await.is_problem(403);
    assert!(problem["detail"].as_str().is_some_and(|words| words.contains("operator")), "{problem}");
    assert_eq!(make(Role::Operator).await.status, 201);
}

#[tokio::test]
async fn a_token_that_a_token_makes_ends_with_it_at_the_latest() {
    let stage = Stage::new();
    stage.token(Role::Viewer);
    let (store, by) = (&*stage.services.store, crate::people::system());
    let end = super::stage::START.plus(10 * 86_400_000);
    let token = accounts::create_token(store, "viewer", Scope::All, Some(end), super::stage::START, &by);
    let token = token.expect("the user is there");
    for lasting in [json!(null), json!("30d")] {
        let body = json!({"name": "child", "lasting": lasting});
        let made = stage.post("/api/v1/tokens", &body).token(token.text()).send().await;
        assert_eq!(made.json()["expires_at"], json!(end.timestamp()), "{}", made.text);
    }
    let short = json!({"name": "child", "lasting": "1d"});
    let made = stage.post("/api/v1/tokens", &short).token(token.text()).send().await;
    assert_eq!(made.json()["expires_at"], json!(super::stage::START.plus(86_400_000).timestamp()));
}

#[tokio::test]
async fn nobody_has_more_than_a_hundred_tokens_that_are_good() {
    let stage = Stage::new();
    stage.user("ana", Role::Viewer);
    let cookie = stage.login("ana").await;
    let make = async || {
        let body = json!({"name": "script", "lasting": "1d"});
        stage.post("/api/v1/tokens", &body).cookie(&cookie).send().await
    };
    for _ in 0..100 {
        assert_eq!(make().await.status, 201);
    }
    let problem = make().await.is_problem(409);
    assert!(problem["detail"].as_str().is_some_and(|words| words.contains("100 tokens")), "{problem}");
    stage.advance(86_400);
    let cookie = stage.login("ana").await;
    let body = json!({"name": "script"});
    assert_eq!(stage.post("/api/v1/tokens", &body).cookie(&cookie).send().await.status, 201, "they ended");
}

#[tokio::test]
async fn sessions_are_listed_without_what_opens_them_and_can_be_ended() {
    let stage = Stage::new();
    stage.user("ana", Role::Viewer);
    stage.user("blas", Role::Viewer);
    let (here, there) = (stage.login("ana").await, stage.login("ana").await);
    let foreign = stage.login("blas").await;
    let seen = stage.get("/api/v1/sessions").cookie(&here).send().await;
    let items = seen.json()["items"].as_array().cloned().expect("a list");
    assert_eq!(items.len(), 2, "one's own only: {items:?}");
    let secret = here.split_once('=').expect("a cookie").1;
    assert!(
        !seen.text.contains(secret) && !seen.text.contains(&crate::people::secret::hash(secret).to_string())
    );
    let other = items.iter().find(|one| one["current"] == false).expect("the other one");
    let path = format!("/api/v1/sessions/{}", other["id"].as_str().expect("an id"));
    stage.ask(Method::DELETE, &path).cookie(&foreign).send().await.is_problem(404);
    assert_eq!(stage.ask(Method::DELETE, &path).cookie(&here).send().await.status, 204);
    stage.get("/api/v1/session").cookie(&there).send().await.is_problem(401);
    assert_eq!(stage.get("/api/v1/session").cookie(&here).send().await.status, 200);
    let all = list(&stage, "/api/v1/sessions", &stage.token(Role::Admin)).await;
    assert_eq!(all.len(), 2, "an admin sees everybody's: {all:?}");
    stage.advance(12 * 3_600);
    assert_eq!(list(&stage, "/api/v1/sessions", &stage.token(Role::Admin)).await.len(), 0, "they are over");
}

#[tokio::test]
async fn what_was_deleted_is_listed_for_thirty_days_with_who_did_it_and_comes_back() {
    let stage = Stage::new();
    let made = stage.post("/api/v1/rules", &draft()).by(Role::Operator).send().await.json();
    let path = format!("/api/v1/rules/{}", made["id"].as_str().expect("an id"));
    let gone = stage.ask(Method::DELETE, &path).by(Role::Operator).send().await;
    assert!(gone.status.is_success(), "{}", gone.text);
    let token = stage.token(Role::Admin);
    let one = list(&stage, "/api/v1/deleted", &token).await.remove(0);
    assert_eq!((&one["kind"], &one["id"], &one["by"]), (&json!("rule"), &made["id"], &json!("operator")));
    assert_eq!(one["name"], "CPU router1");
    let back = stage.ask(Method::POST, &format!("{path}/restore")).by(Role::Operator).send().await;
    assert!(back.status.is_success(), "{}", back.text);
    assert_eq!(list(&stage, "/api/v1/deleted", &token).await.len(), 0);
    stage.ask(Method::DELETE, &path).by(Role::Operator).send().await;
    stage.advance(30 * 86_400);
    assert_eq!(list(&stage, "/api/v1/deleted", &token).await.len(), 0, "after thirty days");
}

#[tokio::test]
async fn the_audit_log_is_filtered_by_words_who_and_time() {
    let stage = Stage::new();
    stage.post("/api/v1/rules", &draft()).by(Role::Operator).send().await;
    let admin = stage.token(Role::Admin);
    let found = list(&stage, "/api/v1/audit?q=router1&by=operator", &admin).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((&found[0]["what"], &found[0]["before"]), (&json!("rule created"), &Value::Null));
    assert_eq!(found[0]["after"]["rule"]["name"], "CPU router1");
    let now = stage.services.now().wall.timestamp().to_string();
    assert_eq!(list(&stage, &format!("/api/v1/audit?q=router1&to={now}"), &admin).await.len(), 0);
    assert_eq!(list(&stage, &format!("/api/v1/audit?q=router1&from={now}"), &admin).await.len(), 1);
    stage.get("/api/v1/audit?from=yesterday").token(&admin).send().await.names("from");
}
