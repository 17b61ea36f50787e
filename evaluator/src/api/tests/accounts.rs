//! Logging in and out, the first account, users.

use atalaya_api::people::Role;
use axum::http::Method;
use serde_json::json;

use super::stage::{PASSWORD, START, Stage};
use crate::config::Config;
use crate::people::{accounts, setup};

#[tokio::test]
async fn a_login_sets_a_cookie_that_scripts_cannot_read_and_that_opens_the_rest() {
    let stage = Stage::new();
    stage.user("ana", Role::Operator);
    let login = json!({ "username": "ana", "password": PASSWORD });
    let answer = stage.post("/api/v1/session", &login).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let session = answer.json();
    assert_eq!((&session["username"], &session["role"]), (&json!("ana"), &json!("operator")));
    assert_eq!(session["expires_at"], START.plus(12 * 3_600_000).timestamp().to_string());
    let cookie = answer.header("set-cookie");
    for part in ["atalaya=", "; Path=/", "; HttpOnly", "; SameSite=Lax"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "over plain HTTP a browser would not send it back");
    let who = stage.get("/api/v1/session").cookie(&answer.cookie()).send().await;
    assert_eq!(who.json()["username"], "ana");
}

#[tokio::test]
async fn behind_a_trusted_proxy_with_tls_the_cookie_is_secure_and_bound_to_the_host() {
    let config =
        Config { trusted_proxies: vec!["127.0.0.1".parse().expect("a network")], ..Config::default() };
    let stage = Stage::with(config);
    stage.user("ana", Role::Viewer);
    let login = json!({ "username": "ana", "password": PASSWORD });
    let asked = stage.post("/api/v1/session", &login).header("x-forwarded-proto", "https");
    let answer = asked.header("x-forwarded-for", "198.51.100.7").send().await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-atalaya=") && cookie.ends_with("; Secure"), "{cookie}");
    assert_eq!(answer.json()["encrypted"], true);
}

#[tokio::test]
async fn beyond_loopback_without_tls_the_session_says_that_it_is_not_encrypted() {
    let config =
        Config { trusted_proxies: vec!["127.0.0.1".parse().expect("a network")], ..Config::default() };
    let stage = Stage::with(config);
    stage.user("ana", Role::Viewer);
    let login = json!({ "username": "ana", "password": PASSWORD });
    let asked = stage.post("/api/v1/session", &login).header("x-forwarded-for", "198.51.100.7");
    assert_eq!(asked.send().await.json()["encrypted"], false);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_answer() {
    let stage = Stage::new();
    stage.user("ana", Role::Viewer);
    let mut answers = Vec::new();
    for name in ["ana", "nobody"] {
        let login = json!({ "username": name, "password": "not the password" });
        answers.push(stage.post("/api/v1/session", &login).send().await.is_problem(401));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn after_five_wrong_passwords_one_has_to_wait() {
    let stage = Stage::new();
    stage.user("ana", Role::Viewer);
    let wrong = json!({ "username": "ana", "password": "not the password" });
    for _ in 0..5 {
        stage.post("/api/v1/session", &wrong).send().await.is_problem(401);
    }
    let right = json!({ "username": "ana", "password": PASSWORD });
    let refused = stage.post("/api/v1/session", &right).send().await;
    refused.is_problem(429);
    assert_eq!(refused.header("retry-after"), "30");
    stage.advance(30);
    assert_eq!(stage.post("/api/v1/session", &right).send().await.status, 200);
}

#[tokio::test]
async fn a_session_ends_when_it_is_left_idle_and_when_its_time_is_up() {
    let stage = Stage::new();
    stage.user("ana", Role::Viewer);
    let cookie = stage.login("ana").await;
    stage.advance(11 * 3_600);
    assert_eq!(stage.get("/api/v1/summary").cookie(&cookie).send().await.status, 200);
    stage.advance(11 * 3_600);
    assert_eq!(stage.get("/api/v1/summary").cookie(&cookie).send().await.status, 200, "it was used");
    stage.advance(12 * 3_600);
    stage.get("/api/v1/summary").cookie(&cookie).send().await.is_problem(401);

    let cookie = stage.login("ana").await;
    for _ in 0..(7 * 24 / 8) {
        stage.advance(8 * 3_600);
        stage.get("/api/v1/summary").cookie(&cookie).send().await;
    }
    stage.get("/api/v1/summary").cookie(&cookie).send().await.is_problem(401);
}

#[tokio::test]
async fn logging_out_ends_the_session_on_the_server_and_logging_in_ends_the_one_before() {
    let stage = Stage::new();
    stage.user("ana", Role::Viewer);
    let first = stage.login("ana").await;
    let login = json!({ "username": "ana", "password": PASSWORD });
    let second = stage.post("/api/v1/session", &login).cookie(&first).send().await.cookie();
    assert_ne!(first, second);
    stage.get("/api/v1/session").cookie(&first).send().await.is_problem(401);
    let out = stage.ask(Method::DELETE, "/api/v1/session").cookie(&second).send().await;
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    stage.get("/api/v1/session").cookie(&second).send().await.is_problem(401);
}

#[tokio::test]
async fn a_new_password_ends_all_sessions() {
    let stage = Stage::new();
    stage.user("ana", Role::Viewer);
    let cookie = stage.login("ana").await;
    let by = crate::people::system();
    accounts::reset_password(&*stage.services.store, "ana", "another password", &by).expect("ana is there");
    stage.get("/api/v1/session").cookie(&cookie).send().await.is_problem(401);
}

#[tokio::test]
async fn another_sites_page_can_change_nothing() {
    let stage = Stage::new();
    stage.user("ana", Role::Admin);
    let cookie = stage.login("ana").await;
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let asked = stage.ask(Method::DELETE, "/api/v1/session").cookie(&cookie).header(name, value);
        let problem = asked.send().await.is_problem(403);
        assert_eq!(problem["type"], "/problems/cross-site");
    }
    let own =
        stage.ask(Method::DELETE, "/api/v1/session").cookie(&cookie).header("sec-fetch-site", "same-origin");
    assert_eq!(own.send().await.status, 204);
}

#[tokio::test]
async fn the_setup_link_makes_the_first_account_once() {
    let stage = Stage::new();
    assert_eq!(stage.get("/api/v1/setup").send().await.json(), json!({ "needed": true }));
    let store = &*stage.services.store;
    let old =
        setup::setup_link(store, "http://127.0.0.1:8420").expect("the store works").expect("no users yet");
    let link =
        setup::setup_link(store, "http://127.0.0.1:8420/").expect("the store works").expect("no users yet");
    let key = link.strip_prefix("http://127.0.0.1:8420/setup?key=").expect("a link to the setup page");
    let body = |key: &str, password: &str| json!({ "key": key, "username": "ana", "password": password });

    let stale = old.rsplit('=').next().expect("a key");
    stage.post("/api/v1/setup", &body(stale, PASSWORD)).send().await.is_problem(403);
    stage.post("/api/v1/setup", &body("guess", PASSWORD)).send().await.is_problem(403);
    let short = stage.post("/api/v1/setup", &body(key, "short")).send().await;
    assert!(short.names("password").contains("at least 8"));

    let made = stage.post("/api/v1/setup", &body(key, PASSWORD)).send().await;
    assert_eq!((made.status.as_u16(), &made.json()["role"]), (201, &json!("admin")));
    assert_eq!(stage.get("/api/v1/session").cookie(&made.cookie()).send().await.status, 200);
    assert_eq!(stage.get("/api/v1/setup").send().await.json(), json!({ "needed": false }));
    stage.post("/api/v1/setup", &body(key, PASSWORD)).send().await.is_problem(409);
    assert_eq!(setup::setup_link(store, "http://127.0.0.1:8420").expect("the store works"), None);
}

#[tokio::test]
async fn with_a_password_in_the_environment_the_user_admin_is_made_once() {
    let stage = Stage::new();
    let store = &*stage.services.store;
    assert!(accounts::first_admin(store, PASSWORD, START).expect("the store works"));
    assert!(!accounts::first_admin(store, "another", START).expect("the store works"));
    stage.login("admin").await;
}

#[tokio::test]
async fn an_admin_makes_users_and_a_taken_name_is_said() {
    let stage = Stage::new();
    let token = stage.token(Role::Admin);
    let body = json!({ "username": "luis", "password": PASSWORD, "role": "viewer" });
    let made = stage.post("/api/v1/users", &body).token(&token).send().await;
    assert_eq!((made.status.as_u16(), &made.json()["role"]), (201, &json!("viewer")));
    assert!(!made.text.contains("argon2"), "no hash leaves the server");
    stage.login("luis").await;
    let taken = json!({ "username": "LUIS", "password": PASSWORD, "role": "viewer" });
    let problem = stage.post("/api/v1/users", &taken).token(&token).send().await.is_problem(409);
    assert_eq!(problem["errors"][0]["field"], "username");
    let list = stage.get("/api/v1/users").token(&token).send().await.json();
    assert_eq!((&list["total"], &list["items"][1]["username"]), (&json!(2), &json!("luis")));
}
