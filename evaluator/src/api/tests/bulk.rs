//! Many rules at once: all or none, and back again.

use atalaya_api::event::RuleAction;
use atalaya_api::level::Standing;
use atalaya_api::people::Role;
use axum::http::Method;
use serde_json::{Value, json};

use super::stage::{Answer, Stage, draft};

async fn many(stage: &Stage, names: &[&str]) -> Value {
    let rule = |name: &&str| {
        let mut body = draft();
        body["name"] = json!(name);
        body
    };
    let rules: Vec<Value> = names.iter().map(rule).collect();
    let made = stage.post("/api/v1/rules/many", &json!({ "rules": rules })).by(Role::Operator).send().await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json()
}

async fn bulk(stage: &Stage, body: Value) -> Answer {
    stage.post("/api/v1/rules/bulk", &body).by(Role::Operator).send().await
}

async fn undo(stage: &Stage, done: &Value) -> Answer {
    let path = format!("/api/v1/rules/bulk/{}/undo", done["undo"].as_str().expect("it can be undone"));
    stage.ask(Method::POST, &path).by(Role::Operator).send().await
}

async fn listed(stage: &Stage, query: &str) -> Vec<Value> {
    let page = stage.get(&format!("/api/v1/rules?{query}")).by(Role::Viewer).send().await;
    assert_eq!(page.status, 200, "{}", page.text);
    page.json()["items"].as_array().expect("items").clone()
}

async fn names(stage: &Stage, query: &str) -> Vec<String> {
    let rules = listed(stage, query).await;
    rules.iter().map(|rule| rule["name"].as_str().expect("a name").to_owned()).collect()
}

fn ids(made: &Value) -> Vec<Value> {
    made["rules"].as_array().expect("rules").iter().map(|rule| rule["id"].clone()).collect()
}

#[tokio::test]
async fn many_rules_are_made_together_and_taken_back_in_one_go() {
    let stage = Stage::new();
    let made = many(&stage, &["a", "b", "c"]).await;
    assert_eq!(names(&stage, "").await, ["a", "b", "c"]);
    let told = stage.evaluation.told.lock().expect("not poisoned").clone();
    assert_eq!(told.iter().map(|(_, action)| *action).collect::<Vec<_>>(), [RuleAction::Created; 3]);
    let undone = undo(&stage, &made).await.json();
    assert_eq!((&undone["total"], &undone["changed"]), (&json!(3), &json!(3)));
    assert!(names(&stage, "").await.is_empty());
    undo(&stage, &made).await.is_problem(404);
    assert_eq!(undo(&stage, &undone).await.json()["changed"], 3, "an undo can be undone");
    assert_eq!(names(&stage, "").await, ["a", "b", "c"]);
}

#[tokio::test]
async fn of_many_rules_none_is_made_when_one_is_wrong_and_its_field_is_named() {
    let stage = Stage::new();
    let mut wrong = draft();
    wrong["check"]["params"]["critical"] = json!(1);
    wrong["query"]["source"] = json!("nowhere");
    let body = json!({ "rules": [draft(), wrong] });
    let answer = stage.post("/api/v1/rules/many", &body).by(Role::Operator).send().await;
    answer.names("rules[1].check.params.critical");
    answer.names("rules[1].query.source");
    assert!(names(&stage, "").await.is_empty());
    let none = stage.post("/api/v1/rules/many", &json!({ "rules": [] })).by(Role::Operator).send().await;
    none.names("rules");
    stage.post("/api/v1/rules/many", &body).by(Role::Viewer).send().await.is_problem(403);
}

#[tokio::test]
async fn all_that_match_are_changed_together_and_each_is_audited() {
    let stage = Stage::new();
    many(&stage, &["load a", "load b", "memory"]).await;
    let patch = json!({"select": {"filter": {"q": "load"}}, "expected_total": 2,
        "change": {"patch": {"checks_to_alert": 5, "notify": {"sms": true}}}});
    let done = bulk(&stage, patch.clone()).await.json();
    assert_eq!((&done["total"], &done["changed"]), (&json!(2), &json!(2)));
    for rule in listed(&stage, "q=load").await {
        assert_eq!((&rule["checks_to_alert"], &rule["version"]), (&json!(5), &json!(2)));
        assert_eq!(rule["notify"]["receivers"][0]["id"], "noc", "what the patch does not name stays");
    }
    assert_eq!(listed(&stage, "q=memory").await[0]["version"], 1);
    let audit = stage.get("/api/v1/audit").by(Role::Admin).send().await.json();
    let entries = audit["items"].as_array().expect("items");
    let entry = entries.iter().find(|entry| entry["what"] == "rule updated").expect("it is audited");
    assert_eq!((&entry["what"], &entry["by"]), (&json!("rule updated"), &json!("operator")));
    assert_eq!(
        (&entry["before"]["rule"]["checks_to_alert"], &entry["after"]["rule"]["checks_to_alert"]),
        (&json!(3), &json!(5))
    );

    let again = bulk(&stage, patch).await.json();
    assert_eq!((&again["total"], &again["changed"], &again["undo"]), (&json!(2), &json!(0), &Value::Null));
    undo(&stage, &done).await;
    assert!(listed(&stage, "q=load").await.iter().all(|rule| rule["checks_to_alert"] == 3));
}

#[tokio::test]
async fn a_selection_that_moved_is_refused() {
    let stage = Stage::new();
    let made = many(&stage, &["a", "b"]).await;
    let with =
        |select: Value, total: u32| json!({"select": select, "expected_total": total, "change": "delete"});
    bulk(&stage, with(json!({"filter": {}}), 1)).await.is_problem(409);
    let mut some = ids(&made);
    some.push(json!("01a200d6-9c7e-73cd-866c-2a5032e0e140"));
    bulk(&stage, with(json!({"ids": some}), 3)).await.is_problem(409);
    bulk(&stage, with(json!({}), 0)).await.names("select");
    bulk(&stage, with(json!({"filter": {"dashbord": "x"}}), 0)).await.names("select.filter.dashbord");
    bulk(&stage, with(json!({"filter": {}}), 4_000_000)).await.names("expected_total");
    assert_eq!(names(&stage, "").await, ["a", "b"]);
}

#[tokio::test]
async fn what_stands_in_the_way_of_a_change_is_told_with_the_rules_name_and_nothing_is_changed() {
    let stage = Stage::new();
    many(&stage, &["a", "b"]).await;
    let change =
        |patch: Value| json!({"select": {"filter": {}}, "expected_total": 2, "change": {"patch": patch}});
    let answer = bulk(&stage, change(json!({"check": {"params": {"critical": 1}}}))).await;
    assert!(answer.names("check.params.critical").starts_with("a: must be"), "{}", answer.text);
    assert!(answer.text.contains("b: must be"), "{}", answer.text);
    bulk(&stage, change(json!({"name": "same"}))).await.names("change.patch.name");
    bulk(&stage, change(json!({"query": {"unit": "B"}}))).await.names("change.patch.query");
    bulk(&stage, change(json!({"intervall": "5m"}))).await.names("intervall");
    bulk(&stage, change(json!(7))).await.names("change.patch");
    assert!(listed(&stage, "").await.iter().all(|rule| rule["version"] == 1));
}

#[tokio::test]
async fn many_are_deleted_and_restored_and_one_that_somebody_changed_since_stays() {
    let stage = Stage::new();
    let made = many(&stage, &["a", "b", "c"]).await;
    let delete = json!({"select": {"ids": ids(&made)}, "expected_total": 3, "change": "delete"});
    let done = bulk(&stage, delete).await.json();
    assert!(names(&stage, "").await.is_empty());
    let restore = json!({"select": {"ids": ids(&made)[..1]}, "expected_total": 1, "change": "restore"});
    assert_eq!(bulk(&stage, restore).await.json()["changed"], 1);
    let undone = undo(&stage, &done).await.json();
    assert_eq!(
        (&undone["total"], &undone["changed"], &undone["kept"]),
        (&json!(3), &json!(2), &json!(["a"]))
    );
    assert_eq!(names(&stage, "").await, ["a", "b", "c"]);
    stage.advance(15 * 60);
    undo(&stage, &undone).await.is_problem(404);
}

#[tokio::test]
async fn when_one_of_many_is_gone_for_good_the_others_get_back_their_own() {
    let stage = Stage::new();
    let made = many(&stage, &["a", "b", "c"]).await;
    let change =
        json!({"select": {"ids": ids(&made)}, "change": {"patch": {"enabled": false}}, "expected_total": 3});
    let done = bulk(&stage, change).await.json();
    let path = format!("/api/v1/rules/{}", ids(&made)[0].as_str().expect("an id"));
    let deleted = stage.ask(Method::DELETE, &path).by(Role::Operator).send().await;
    assert!(deleted.status.is_success(), "{}", deleted.text);
    stage.services.store.purge_deleted(stage.services.now().wall).expect("the store works");
    let undone = undo(&stage, &done).await.json();
    assert_eq!((&undone["total"], &undone["changed"]), (&json!(3), &json!(2)));
    assert_eq!(undone["kept"], json!(["a"]));
    assert_eq!(names(&stage, "").await, ["b", "c"]);
    assert!(listed(&stage, "").await.iter().all(|rule| rule["enabled"] == true));
}

#[tokio::test]
async fn the_list_is_filtered_by_check_period_state_and_short_intervals() {
    let stage = Stage::new();
    let made = many(&stage, &["a", "b", "c"]).await;
    let id = |at: usize| ids(&made)[at].as_str().expect("an id").parse().expect("an id");
    *stage.evaluation.standing.lock().expect("not poisoned") =
        vec![(id(0), Standing::Critical), (id(1), Standing::Ok)];
    *stage.evaluation.too_fast.lock().expect("not poisoned") = vec![id(1), id(2)];
    let pause = json!({"select": {"ids": [ids(&made)[2]]}, "expected_total": 1, "change": {"patch": {"enabled": false}}});
    assert_eq!(bulk(&stage, pause).await.status, 200);
    assert_eq!(names(&stage, "state=critical").await, ["a"]);
    assert_eq!(names(&stage, "state=ok").await, ["b"]);
    assert_eq!(names(&stage, "state=paused").await, ["c"]);
    assert_eq!(names(&stage, "short_interval=true&state=ok").await, ["b"]);
    assert_eq!(names(&stage, "check=threshold&period=24x7&sort=-metric").await.len(), 3);
    assert!(names(&stage, "drift=true").await.is_empty());
    assert_eq!(names(&stage, "sort=state").await, ["c", "a", "b"]);
    stage.get("/api/v1/rules?state=fine").by(Role::Viewer).send().await.names("state");
}
