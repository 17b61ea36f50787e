//! The first account, tokens and passwords, from the command line as from outside.

use atalaya_tests::server::{PASSWORD, Server};
use serde_json::json;

use crate::stage::text;

#[test]
fn the_setup_link_of_the_first_start_works_once() {
    let mut server = Server::builder().without_admin().start();
    let stranger = server.stranger();
    assert_eq!(stranger.get("/api/v1/setup").is(200)["needed"], true);
    let link = server.log().split_whitespace().find(|word| word.contains("/setup?key=")).map(str::to_owned);
    let link = link.expect("the console shows the link");
    let (address, key) = link.split_once("/setup?key=").expect("the link carries a key");
    assert_eq!(address, server.base());

    let account = |key: &str, name: &str| json!({"key": key, "username": name, "password": PASSWORD});
    stranger.post("/api/v1/setup", &account("made-up", "mallory")).is_problem(403);
    let answer = stranger.post("/api/v1/setup", &account(key, "ana"));
    assert_eq!(answer.is(201)["role"], "admin");
    let ana = stranger.clone().with_cookie_of(&answer);
    assert_eq!(ana.get("/api/v1/session").is(200)["username"], "ana");
    stranger.post("/api/v1/setup", &account(key, "mallory")).is_problem(409);
    assert_eq!(ana.get("/api/v1/users").items().len(), 1);

    server.kill();
    server.restart();
    assert_eq!(server.log().matches("/setup?key=").count(), 1, "a start with users prints no link");
    ana.get("/api/v1/session").is(200);
}

#[test]
fn a_later_setup_link_replaces_the_printed_one() {
    let server = Server::builder().without_admin().start();
    let made = server.command(&["setup-link"]);
    assert!(made.status.success(), "{made:?}");
    let link = String::from_utf8(made.stdout).expect("a link is text");
    let (_, key) = link.trim().split_once("/setup?key=").expect("the link carries a key");
    let account = |key: &str| json!({"key": key, "username": "ana", "password": PASSWORD});
    let log = server.log();
    let (_, printed) = log.split_once("/setup?key=").expect("the console shows a link");
    let printed = printed.split_whitespace().next().expect("a key follows");
    server.stranger().post("/api/v1/setup", &account(printed)).is_problem(403);
    server.stranger().post("/api/v1/setup", &account(key)).is(201);
}

#[test]
fn a_token_made_beside_the_running_server_opens_the_api() {
    let server = Server::start();
    let made = server.command(&["token", "create", "--user", "admin"]);
    assert!(made.status.success(), "{made:?}");
    let token = String::from_utf8(made.stdout).expect("a token is text");
    let program = server.stranger().with_token(token.trim());
    program.get("/api/v1/rules").is(200);
    assert_eq!(program.get("/api/v1/session").is(200)["username"], "admin");
    let nobody = server.command(&["token", "create", "--user", "nobody"]);
    assert_eq!(nobody.status.code(), Some(1), "{nobody:?}");
}

#[test]
fn a_reset_password_ends_the_sessions_and_lets_in_with_the_new_one() {
    let server = Server::start();
    let admin = server.admin();
    admin.get("/api/v1/session").is(200);
    let reset = server.command(&["user", "reset-password", "admin"]);
    assert!(reset.status.success(), "{reset:?}");
    let password = text(&String::from_utf8(reset.stdout).expect("a password is text").trim().into());
    admin.get("/api/v1/session").is_problem(401);
    assert_eq!(server.stranger().try_login("admin", PASSWORD).status, 401);
    server.stranger().login("admin", &password).get("/api/v1/session").is(200);
}

#[test]
fn the_password_in_the_environment_makes_the_first_account_and_changes_none() {
    let mut server = Server::start();
    let reset = server.command(&["user", "reset-password", "admin"]);
    assert!(reset.status.success(), "{reset:?}");
    server.kill();
    server.restart();
    assert_eq!(server.stranger().try_login("admin", PASSWORD).status, 401);
    assert!(!server.log().contains(PASSWORD), "passwords do not stand in the log");
}
