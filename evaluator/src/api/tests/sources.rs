//! Sources elsewhere from adding to removing, and the rules on them.

use std::sync::Arc;

use atalaya_api::people::Role;
use axum::http::Method;
use serde_json::{Value, json};

use super::far::Far;
use super::stage::{Answer, Stage, draft};
use crate::api::registry::Registry;
use crate::api::router;
use crate::domain::Secret;
use crate::source::local::{LocalConfig, LocalStore};

/// A stage whose sources are the real registry over made-up servers.
fn stage() -> (Stage, Far) {
    let far = Far::default();
    let mut stage = Stage::new();
    let local = Arc::new(LocalStore::in_memory(LocalConfig::default()));
    stage.services.sources = Arc::new(Registry::new(local, far.remotes()));
    stage.router = router(stage.services.clone());
    (stage, far)
}

fn graphite() -> Value {
    json!({
        "id": "main", "kind": "graphite", "name": "Graphite of the core", "url": "http://graphite.example/x",
        "username": "ana", "password": "hush", "headers": { "X-Scope-OrgID": "7" }
    })
}

async fn post(stage: &Stage, body: &Value) -> Answer {
    stage.post("/api/v1/sources", body).by(Role::Admin).send().await
}

async fn added(stage: &Stage, changes: Value) -> Value {
    let mut body = graphite();
    merge(&mut body, changes);
    let answer = post(stage, &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

fn merge(body: &mut Value, changes: Value) {
    for (name, value) in changes.as_object().expect("an object") {
        body[name] = value.clone();
    }
}

async fn patch(stage: &Stage, body: Value) -> Answer {
    stage.ask(Method::PATCH, "/api/v1/sources/main").by(Role::Admin).json(&body).send().await
}

async fn one(stage: &Stage, role: Role) -> Value {
    stage.get("/api/v1/sources/main").by(role).send().await.json()
}

fn rule_on(source: &str, expr: &str) -> Value {
    let mut rule = draft();
    rule["query"] = json!({ "source": source, "expr": expr });
    rule["interval"] = Value::Null;
    rule
}

async fn post_rule(stage: &Stage, rule: &Value) -> Answer {
    stage.post("/api/v1/rules", rule).by(Role::Operator).send().await
}

#[tokio::test]
async fn a_source_is_added_connected_and_listed_and_its_secrets_never_come_out() {
    let (stage, far) = stage();
    let answer = post(&stage, &graphite()).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (201, "/api/v1/sources/main"));
    let source = answer.json();
    assert_eq!((&source["kind"], &source["version"]), (&json!("graphite"), &json!(1)));
    let settings = &source["settings"];
    assert_eq!((&settings["timeout"], &settings["concurrency"]), (&json!("10s"), &json!(4)));
    assert_eq!((&settings["has_password"], &settings["has_token"]), (&json!(true), &json!(false)));
    assert_eq!(far.last_secret(), Secret { password: Some("hush".to_owned()), token: None });
    assert_eq!(*far.watch.told.lock().expect("not poisoned"), ["main"]);

    let listed = stage.get("/api/v1/sources").by(Role::Admin).send().await;
    assert_eq!(listed.json()["items"][1], source);
    let audit = stage.get("/api/v1/audit").by(Role::Admin).send().await;
    assert!(audit.text.contains("source created"), "{}", audit.text);
    for text in [answer.text, listed.text, audit.text] {
        assert!(!text.contains("hush"), "{text}");
    }
}

#[tokio::test]
async fn headers_hold_their_tongue_before_those_who_cannot_set_them() {
    let (stage, _far) = stage();
    added(&stage, json!({})).await;
    assert_eq!(one(&stage, Role::Admin).await["settings"]["headers"]["X-Scope-OrgID"], "7");
    assert_eq!(one(&stage, Role::Operator).await["settings"]["headers"]["X-Scope-OrgID"], "…");
    let listed = stage.get("/api/v1/sources").by(Role::Viewer).send().await.json();
    assert_eq!(listed["items"][1]["settings"]["headers"]["X-Scope-OrgID"], "…");
}

#[tokio::test]
async fn every_wrong_field_of_a_source_is_named() {
    let (stage, _far) = stage();
    let cases = [
        ("id", json!({ "id": "Main" }), "a-z"),
        ("id", json!({ "id": "local" }), "Atalaya itself"),
        ("id", json!({ "id": "" }), "1 to 40"),
        ("name", json!({ "name": " " }), "1 to 200"),
        ("url", json!({ "url": "graphite.example" }), "http://"),
        ("url", json!({ "url": "ftp://graphite.example" }), "http://"),
        ("url", json!({ "url": "http://ana:hush@graphite.example" }), "user name"),
        ("url", json!({ "url": "http://graphite.example/?key=1" }), "?"),
        ("offset", json!({ "offset": "2h" }), "1h"),
        ("timeout", json!({ "timeout": "3m" }), "2m"),
        ("timeout", json!({ "timeout": "0s" }), "1s"),
        ("concurrency", json!({ "concurrency": 0 }), "32"),
        ("max_answer_mib", json!({ "max_answer_mib": 600 }), "512"),
        ("scrape_interval", json!({ "scrape_interval": "0s" }), "1s"),
        ("username", json!({ "username": null }), "password is set"),
        ("username", json!({ "username": "a:b" }), "colon"),
        ("token", json!({ "token": "x" }), "one way"),
        ("token", json!({ "token": "a b", "password": "", "username": null }), "spaces"),
        ("headers.a b", json!({ "headers": { "a b": "1" } }), "header"),
        ("headers.Authorization", json!({ "headers": { "Authorization": "Basic eA==" } }), "itself"),
        ("headers.X-A", json!({ "headers": { "X-A": "1\r\nX-B: 2" } }), "one line"),
        ("ca_pem", json!({ "ca_pem": "certificate" }), "PEM"),
        (
            "ca_pem",
            json!({ "ca_pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" }),
            "PEM",
        ),
        ("url", json!({ "url": "http://unusable.example" }), "cannot be used"),
        ("offest", json!({ "offest": "1m" }), "offset"),
    ];
    for (field, changes, part) in cases {
        let mut body = graphite();
        merge(&mut body, changes);
        let said = post(&stage, &body).await.names(field);
        assert!(said.contains(part), "{field}: {said}");
    }
    let mut body = graphite();
    merge(&mut body, json!({ "url": "x", "timeout": "1h" }));
    let problem =
        stage.post("/api/v1/sources", &body).by(Role::Admin).header("accept-language", "es").send().await;
    assert!(problem.names("url").contains("debe") && problem.names("timeout").contains("debe"));
    assert_eq!(stage.get("/api/v1/sources").by(Role::Viewer).send().await.json()["total"], 1);
}

#[tokio::test]
async fn a_patch_keeps_the_secret_that_it_leaves_out_and_empties_the_one_it_empties() {
    let (stage, far) = stage();
    added(&stage, json!({})).await;
    let changed = patch(&stage, json!({ "name": "Renamed", "offset": "2m", "version": 1 })).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let changed = changed.json();
    assert_eq!((&changed["name"], &changed["version"]), (&json!("Renamed"), &json!(2)));
    assert_eq!(changed["settings"]["has_password"], true);
    assert_eq!(far.last_secret().password.as_deref(), Some("hush"));

    let anew = patch(&stage, json!({ "password": "other" })).await;
    assert_eq!(anew.status, 200, "{}", anew.text);
    assert_eq!(far.last_secret().password.as_deref(), Some("other"));
    let emptied = patch(&stage, json!({ "password": null, "username": null, "token": "t" })).await;
    assert_eq!(emptied.status, 200, "{}", emptied.text);
    assert_eq!(far.last_secret(), Secret { password: None, token: Some("t".to_owned()) });
    let settings = &emptied.json()["settings"];
    assert_eq!((&settings["has_password"], &settings["has_token"]), (&json!(false), &json!(true)));
}

#[tokio::test]
async fn a_patch_of_an_old_version_or_of_the_id_is_refused() {
    let (stage, _far) = stage();
    added(&stage, json!({})).await;
    patch(&stage, json!({ "name": "mine", "version": 1 })).await;
    patch(&stage, json!({ "name": "theirs", "version": 1 })).await.is_problem(409);
    patch(&stage, json!({ "id": "other" })).await.names("id");
    patch(&stage, json!({ "timeout": "1h" })).await.names("timeout");
    assert_eq!(one(&stage, Role::Viewer).await["name"], "mine");
    let local = stage.ask(Method::PATCH, "/api/v1/sources/local").by(Role::Admin).text("{}").send().await;
    local.is_problem(409);
    let unknown = stage.ask(Method::PATCH, "/api/v1/sources/nowhere").by(Role::Admin).text("{}").send().await;
    unknown.is_problem(404);
}

#[tokio::test]
async fn a_secret_goes_to_no_other_server_than_the_one_it_was_entered_for() {
    let (stage, far) = stage();
    added(&stage, json!({})).await;
    for url in ["http://evil.example/x", "https://graphite.example/x", "http://graphite.example:81/x"] {
        let said = patch(&stage, json!({ "url": url })).await.names("password");
        assert!(said.contains("anew"), "{said}");
        let mut unsaved = graphite();
        merge(&mut unsaved, json!({ "url": url }));
        unsaved.as_object_mut().expect("an object").remove("password");
        stage.post("/api/v1/sources/test", &unsaved).by(Role::Admin).send().await.names("password");
    }
    let told: Vec<String> = far
        .connected
        .lock()
        .expect("not poisoned")
        .iter()
        .map(|(settings, _)| settings.url.clone())
        .collect();
    assert!(
        told.iter().all(|url| url == "http://graphite.example/x"),
        "nobody else was told anything: {told:?}"
    );
    let elsewhere = patch(&stage, json!({ "url": "http://new.example", "password": "new" })).await;
    assert_eq!(elsewhere.status, 200, "{}", elsewhere.text);
}

#[tokio::test]
async fn a_test_says_what_was_found_or_what_is_wrong() {
    let (stage, far) = stage();
    added(&stage, json!({})).await;
    let saved = stage.ask(Method::POST, "/api/v1/sources/main/test").by(Role::Admin).send().await.json();
    assert_eq!((&saved["ok"], &saved["version"]), (&json!(true), &json!("Graphite 1.1.10")), "{saved}");
    assert_eq!((&saved["clock_offset_s"], &saved["examples"]), (&json!(61), &json!(["a", "b", "c"])));
    let message = saved["message"].as_str().expect("words");
    assert!(message.contains("Graphite 1.1.10 answered") && message.contains("61 s"), "{message}");

    let mut unsaved = graphite();
    merge(&mut unsaved, json!({ "url": "http://graphite.example/other" }));
    unsaved.as_object_mut().expect("an object").remove("password");
    let test = stage.post("/api/v1/sources/test", &unsaved).by(Role::Admin).send().await;
    assert_eq!(test.json()["ok"], true, "{}", test.text);
    assert_eq!(far.last_secret().password.as_deref(), Some("hush"), "the saved one was used");

    let down = json!({ "id": "", "kind": "prometheus", "name": "", "url": "http://down.example" });
    let asked = stage.post("/api/v1/sources/test", &down).by(Role::Admin);
    let test = asked.header("accept-language", "es").send().await.json();
    assert_eq!((&test["ok"], &test["message"]), (&json!(false), &json!("no hay conexión")));
    let unusable = json!({ "id": "", "kind": "prometheus", "name": "", "url": "http://unusable.example" });
    let test = stage.post("/api/v1/sources/test", &unusable).by(Role::Admin).send().await.json();
    assert_eq!((&test["ok"], &test["message"]), (&json!(false), &json!("cannot be used")));
}

#[tokio::test]
async fn a_source_that_rules_use_is_not_removed_and_one_that_was_comes_back_with_its_secret() {
    let (stage, far) = stage();
    added(&stage, json!({})).await;
    let rule = post_rule(&stage, &rule_on("main", "a.b")).await.json();
    let remove = || stage.ask(Method::DELETE, "/api/v1/sources/main").by(Role::Admin).send();
    let problem = remove().await.is_problem(409);
    assert!(problem["detail"].as_str().is_some_and(|words| words.contains("use it: 1")), "{problem}");
    let using = stage.get("/api/v1/rules?source=main").by(Role::Viewer).send().await.json();
    assert_eq!(using["items"][0]["id"], rule["id"]);

    let place = format!("/api/v1/rules/{}", rule["id"].as_str().expect("an id"));
    stage.ask(Method::DELETE, &place).by(Role::Operator).send().await;
    assert_eq!(remove().await.status, 204);
    assert_eq!(remove().await.status, 204, "removing twice is no fault");
    stage.get("/api/v1/sources/main").by(Role::Viewer).send().await.is_problem(404);
    patch(&stage, json!({})).await.is_problem(409);
    post(&stage, &graphite()).await.is_problem(409);
    post_rule(&stage, &rule_on("main", "a.b")).await.names("query.source");
    let restore_rule = format!("{place}/restore");
    stage.ask(Method::POST, &restore_rule).by(Role::Operator).send().await.is_problem(409);

    let back = stage.ask(Method::POST, "/api/v1/sources/main/restore").by(Role::Admin).send().await;
    assert_eq!(back.status, 200, "{}", back.text);
    assert_eq!(far.last_secret().password.as_deref(), Some("hush"));
    assert_eq!(*far.watch.told.lock().expect("not poisoned"), ["main", "-main", "main"]);
    assert_eq!(stage.ask(Method::POST, &restore_rule).by(Role::Operator).send().await.status, 200);
}

#[tokio::test]
async fn a_source_whose_key_is_lost_says_so_until_its_secret_is_entered_anew() {
    let (stage, far) = stage();
    added(&stage, json!({})).await;
    std::fs::remove_file(stage.folder().join("secret.key")).expect("the key is there");
    let again = Far::default();
    let remotes = again.remotes();
    remotes.load(&*stage.services.store).expect("the store answers");
    let listed = &remotes.list("es")[0];
    assert!(listed.detail.as_ref().is_some_and(|words| words.contains("secret.key")), "{listed:?}");

    let test = stage.ask(Method::POST, "/api/v1/sources/main/test").by(Role::Admin).send().await.json();
    assert_eq!(test["ok"], false, "{test}");
    let renamed = patch(&stage, json!({ "name": "Renamed" })).await;
    assert_eq!(renamed.status, 200, "{}", renamed.text);
    assert_eq!(renamed.json()["settings"]["has_password"], true);
    assert_eq!(one(&stage, Role::Viewer).await["status"], "down");
    let anew = patch(&stage, json!({ "password": "new" })).await;
    assert_eq!((anew.status.as_u16(), &anew.json()["status"]), (200, &json!("ok")));
    assert_eq!(far.last_secret().password.as_deref(), Some("new"));
}

#[tokio::test]
async fn series_of_a_source_elsewhere_are_searched_and_drawn_with_its_warnings() {
    let (stage, _far) = stage();
    added(&stage, json!({})).await;
    let found = stage.get("/api/v1/sources/main/series?q=x.").by(Role::Operator).send().await.json();
    assert_eq!((&found["items"][0]["name"], &found["next"]), (&json!("x.a"), &Value::Null));
    let path =
        "/api/v1/sources/main/query?expr=a&from=2023-11-13T00:00:00Z&to=2023-11-14T00:00:00Z&max_points=50";
    let answer = stage.get(path).by(Role::Operator).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let answer = answer.json();
    assert_eq!((&answer["total"], &answer["warnings"]), (&json!(2), &json!(["half of it is missing"])));
    assert!(answer["series"][0]["times"].as_array().is_some_and(|times| (2..=50).contains(&times.len())));
    stage.get("/api/v1/sources/main/query?expr=bad(").by(Role::Operator).send().await.names("expr");
    added(&stage, json!({ "id": "other", "url": "http://down.example" })).await;
    stage.get("/api/v1/sources/other/query?expr=a").by(Role::Operator).send().await.is_problem(502);
}

#[tokio::test]
async fn strangers_learn_that_a_source_is_down_and_not_where_it_is() {
    let (stage, far) = stage();
    added(&stage, json!({})).await;
    far.goes_down("main");
    let told = stage.get("/readyz").send().await;
    assert!(told.text.contains("source main") && !told.text.contains("no connection"), "{}", told.text);
    let listed = stage.get("/api/v1/sources").by(Role::Viewer).send().await;
    assert!(listed.text.contains("no connection"), "{}", listed.text);
}

#[tokio::test]
async fn a_rule_is_paused_without_asking_its_source_and_started_again_only_if_it_can_be_asked() {
    let (stage, far) = stage();
    added(&stage, json!({})).await;
    far.goes_down("main");
    let rule = post_rule(&stage, &rule_on("main", "bad(")).await.json();
    far.watch.states.lock().expect("not poisoned").clear();
    let place = format!("/api/v1/rules/{}", rule["id"].as_str().expect("an id"));
    let change = |body: Value| stage.ask(Method::PATCH, &place).by(Role::Operator).json(&body).send();
    let paused = change(json!({ "enabled": false, "note": "it makes no sense" })).await;
    assert_eq!(paused.status, 200, "{}", paused.text);
    assert_eq!(paused.json()["effective_interval"], rule["effective_interval"]);
    change(json!({ "enabled": true })).await.names("query.expr");
    assert_eq!(change(json!({ "enabled": true, "query": { "expr": "good" } })).await.status, 200);
}

#[tokio::test]
async fn a_rule_elsewhere_follows_the_step_of_graphite_and_is_not_asked_more_often() {
    let (stage, far) = stage();
    added(&stage, json!({})).await;
    added(&stage, json!({ "id": "prom", "kind": "prometheus" })).await;
    added(&stage, json!({ "id": "gone", "url": "http://down.example" })).await;
    for (source, interval) in [("main", "5m"), ("prom", "1m"), ("gone", "1m")] {
        let made = post_rule(&stage, &rule_on(source, "a.b")).await;
        assert_eq!(made.status, 201, "{source}: {}", made.text);
        assert_eq!(made.json()["effective_interval"], interval, "{source}");
    }
    let mut quick = rule_on("main", "a.b");
    quick["interval"] = json!("1m");
    assert!(post_rule(&stage, &quick).await.names("interval").contains("5m"));
    quick["query"]["source"] = json!("prom");
    assert_eq!(post_rule(&stage, &quick).await.status, 201, "Prometheus has no step of its own");
    assert!(post_rule(&stage, &rule_on("main", "bad(")).await.names("query.expr").contains("cannot read"));
    let known = post_rule(&stage, &rule_on("elsewhere", "a")).await.names("query.source");
    assert!(known.contains("local, gone, main, prom"), "{known}");

    far.goes_down("main");
    let blind = post_rule(&stage, &rule_on("main", "bad(")).await;
    assert_eq!(blind.status, 201, "one that is down is not asked: {}", blind.text);
    let source = one(&stage, Role::Viewer).await;
    assert_eq!((&source["status"], &source["rules"]), (&json!("down"), &json!(3)));
    assert_eq!(source["detail"], "no connection");
}

#[test]
fn a_source_that_hangs_keeps_nobody_from_the_local_store() {
    let (stage, far) = stage();
    alone(async {
        added(&stage, json!({ "url": "http://hangs.example" })).await;
    });
    let token = stage.token(Role::Operator);
    let ask = |path: &str| alone(async { stage.get(path).token(&token).send().await.status.as_u16() });
    let far_away = "/api/v1/sources/main/query?expr=a";
    std::thread::scope(|scope| {
        let asked: Vec<_> = (0..4).map(|_| scope.spawn(|| ask(far_away))).collect();
        far.gate.wait_for(4);
        assert_eq!(ask(far_away), 503);
        assert_eq!(ask("/api/v1/sources/local/query?expr=a"), 200);
        far.gate.open();
        for one in asked {
            assert_eq!(one.join().expect("it is answered"), 200);
        }
    });
}

/// Runs it on this thread.
fn alone<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}
