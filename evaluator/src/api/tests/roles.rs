//! Who may do what.

use std::collections::BTreeSet;

use atalaya_api::people::Role;
use axum::http::Method;

use super::stage::Stage;
use crate::api::permissions::{self, Need};
use crate::people::{Scope, accounts};

fn filled(path: &str) -> String {
    let id = "0198c0de-0000-7000-8000-000000000000";
    path.replace("sources/{id}", "sources/local").replace("{id}", id).replace("{name}", "threshold")
}

fn method(name: &str) -> Method {
    name.parse().expect("a method")
}

#[tokio::test]
async fn whoever_is_not_logged_in_gets_401_everywhere_but_where_the_table_says_otherwise() {
    let stage = Stage::new();
    for (name, path, need) in permissions::rows() {
        let answer = stage.ask(method(name), &filled(path)).text("{}").send().await;
        if need == Need::Nothing {
            assert_ne!(answer.status, 401, "{name} {path}");
        } else {
            let problem = answer.is_problem(401);
            assert_eq!(problem["type"], "/problems/login-needed", "{name} {path}");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
}

#[tokio::test]
async fn each_role_may_do_what_the_table_says_and_nothing_more() {
    let stage = Stage::new();
    for role in [Role::Viewer, Role::Operator, Role::Admin] {
        let token = stage.token(role);
        for (name, path, need) in permissions::rows() {
            let Need::Role(least) = need else { continue };
            let answer = stage.ask(method(name), &filled(path)).token(&token).text("{}").response().await;
            if role < least {
                assert_eq!(answer.status(), 403, "{role:?} {name} {path}");
            } else {
                assert!(![401, 403].contains(&answer.status().as_u16()), "{role:?} {name} {path}");
            }
        }
    }
}

#[tokio::test]
async fn a_token_that_brings_samples_may_do_nothing_else() {
    let stage = Stage::new();
    stage.token(Role::Admin);
    let store = &*stage.services.store;
    let by = crate::people::system();
    let token = accounts::create_token(store, "admin", Scope::Ingest, None, super::stage::START, &by);
    let token = token.expect("the user is there");
    for (name, path, need) in permissions::rows() {
        let answer = stage.ask(method(name), &filled(path)).token(token.text()).text("{}").response().await;
        match need {
            Need::Role(_) => assert_eq!(answer.status(), 403, "{name} {path}"),
            Need::Ingest => assert_eq!(answer.status(), 415, "{name} {path}"),
            Need::Nothing => {}
        }
    }
    for (role, status) in [(Role::Viewer, 403), (Role::Operator, 415)] {
        let answer = stage.ask(Method::POST, "/api/v1/write").by(role).send().await;
        answer.is_problem(status);
    }
}

#[tokio::test]
async fn a_refusal_says_which_role_it_takes() {
    let stage = Stage::new();
    let answer = stage.post("/api/v1/rules", &super::stage::draft()).by(Role::Viewer).send().await;
    let problem = answer.is_problem(403);
    assert!(problem["detail"].as_str().is_some_and(|words| words.contains("operator")), "{problem}");
}

#[tokio::test]
async fn every_endpoint_stands_in_the_published_table_and_the_other_way_round() {
    let stage = Stage::new();
    let document = stage.get("/api/v1/openapi.json").send().await.json();
    let mut described = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for method in operations.as_object().expect("operations").keys() {
            described.insert((method.to_uppercase(), path.clone()));
        }
    }
    let table: BTreeSet<_> =
        permissions::rows().map(|(name, path, _)| (name.to_owned(), path.to_owned())).collect();
    assert_eq!(described, table);
}

#[tokio::test]
async fn a_token_that_is_unknown_expired_or_of_another_kind_is_nobody() {
    let stage = Stage::new();
    let unknown = crate::people::Secret::token(Scope::All);
    stage.get("/api/v1/summary").token(unknown.text()).send().await.is_problem(401);
    stage.get("/api/v1/summary").header("authorization", "Basic YTpi").send().await.is_problem(401);
    stage.token(Role::Viewer);
    let by = crate::people::system();
    let (store, now) = (&*stage.services.store, super::stage::START);
    let token =
        crate::people::accounts::create_token(store, "viewer", Scope::All, Some(now.plus(60_000)), now, &by);
    let token = token.expect("the user is there");
    assert_eq!(stage.get("/api/v1/summary").token(token.text()).send().await.status, 200);
    stage.advance(60);
    stage.get("/api/v1/summary").token(token.text()).send().await.is_problem(401);
}
