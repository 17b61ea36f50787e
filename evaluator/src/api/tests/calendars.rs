//! Calendars from making to deleting, and the periods of rules.

use atalaya_api::people::Role;
use axum::http::Method;
use serde_json::{Value, json};

use super::stage::{Answer, Stage, draft};

/// Open on weekdays; the stage begins on a Tuesday at 22:13:20Z, 23:13:20 in Madrid.
fn office() -> Value {
    json!({
        "id": "office", "name": "Horas de oficina", "time_zone": "Europe/Madrid",
        "week": [{ "days": [1, 2, 3, 4, 5], "hours": { "from": "08:00", "to": "15:00" } }],
        "holidays": [{ "date": "01-06", "name": "Reyes" }],
        "exceptions": [{ "date": "2023-11-15", "name": "", "hours": [{ "from": "10:00", "to": "11:00" }] }]
    })
}

async fn put(stage: &Stage, body: &Value) -> Answer {
    stage.ask(Method::PUT, "/api/v1/calendars/office").by(Role::Admin).json(body).send().await
}

async fn made(stage: &Stage) -> Value {
    let answer = stage.post("/api/v1/calendars", &office()).by(Role::Admin).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.header("location"), "/api/v1/calendars/office");
    answer.json()
}

#[tokio::test]
async fn a_calendar_is_kept_as_it_was_written_and_says_how_it_stands() {
    let stage = Stage::new();
    let view = made(&stage).await;
    for (name, value) in office().as_object().expect("an object") {
        assert_eq!(&view["calendar"][name], value, "{name}");
    }
    assert_eq!((&view["open"], &view["changes_at"]), (&json!(false), &json!("2023-11-15T09:00:00Z")));
    let listed = stage.get("/api/v1/calendars").by(Role::Viewer).send().await.json();
    let ids: Vec<&str> = listed["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|one| one["calendar"]["id"].as_str().expect("an id"))
        .collect();
    assert_eq!(ids, ["24x7", "daytime", "office"]);
    let (always, daytime) = (&listed["items"][0], &listed["items"][1]);
    assert_eq!(
        (&always["open"], &always["changes_at"], &always["built_in"]),
        (&json!(true), &Value::Null, &json!(true))
    );
    assert_eq!((&daytime["open"], &daytime["changes_at"]), (&json!(false), &json!("2023-11-15T08:00:00Z")));
}

#[tokio::test]
async fn a_change_of_an_old_version_is_refused() {
    let stage = Stage::new();
    let mut body = made(&stage).await["calendar"].clone();
    body["name"] = json!("Oficina");
    let changed = put(&stage, &body).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["calendar"]["version"]), (200, &json!(2)));
    body["name"] = json!("Another");
    put(&stage, &body).await.is_problem(409);
    body["id"] = json!("other");
    put(&stage, &body).await.names("id");
    stage.post("/api/v1/calendars", &office()).by(Role::Admin).send().await.is_problem(409);
}

#[tokio::test]
async fn every_wrong_field_of_a_calendar_is_named() {
    let stage = Stage::new();
    let mut body = office();
    body["id"] = json!("24x7");
    body["name"] = json!(" ");
    body["time_zone"] = json!("Europe/Madird");
    body["week"][0]["hours"]["to"] = json!("25:00");
    let answer = stage.post("/api/v1/calendars", &body).by(Role::Admin).send().await;
    for field in ["id", "name", "week[0].hours.to"] {
        answer.names(field);
    }
    assert!(answer.names("time_zone").contains("Europe/Madrid"));
    let never = json!({ "id": "never", "name": "Never", "time_zone": "UTC", "week": [] });
    let never = stage.post("/api/v1/calendars", &never).by(Role::Admin).send().await;
    assert!(never.names("week").contains("not open at any time"));
}

#[tokio::test]
async fn a_preview_shows_when_it_would_be_open_and_keeps_nothing() {
    let stage = Stage::new();
    let mut body = office();
    body["id"] = json!("");
    let preview = stage.post("/api/v1/calendars/preview", &body).by(Role::Admin).send().await.json();
    assert_eq!(preview["open"], false);
    assert_eq!(preview["ranges"][0], json!({ "from": "2023-11-15T09:00:00Z", "to": "2023-11-15T10:00:00Z" }));
    assert_eq!(preview["ranges"].as_array().map(Vec::len), Some(10));
    assert_eq!(stage.get("/api/v1/calendars").by(Role::Viewer).send().await.json()["total"], 2);
}

#[tokio::test]
async fn a_calendar_that_rules_use_is_deleted_when_they_have_another_period() {
    let stage = Stage::new();
    made(&stage).await;
    let mut rule = draft();
    rule["period"] = json!("office");
    let rule = stage.post("/api/v1/rules", &rule).by(Role::Operator).send().await.json();
    let calendar = "/api/v1/calendars/office";
    assert_eq!(stage.get(calendar).by(Role::Viewer).send().await.json()["rules"], 1);
    let delete = || stage.ask(Method::DELETE, calendar).by(Role::Admin).send();
    let refused = delete().await.is_problem(409);
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("use it: 1")), "{refused}");

    let place = format!("/api/v1/rules/{}", rule["id"].as_str().expect("an id"));
    let moved = stage
        .ask(Method::PATCH, &place)
        .by(Role::Operator)
        .json(&json!({ "period": "daytime" }))
        .send()
        .await;
    assert_eq!(moved.status, 200, "{}", moved.text);
    assert_eq!(delete().await.status, 204);
    stage.get(calendar).by(Role::Viewer).send().await.is_problem(404);
    let gone =
        stage.ask(Method::PATCH, &place).by(Role::Operator).json(&json!({ "period": "office" })).send().await;
    gone.names("period");
    let back = stage.ask(Method::POST, &format!("{calendar}/restore")).by(Role::Admin).send().await;
    assert_eq!((back.status.as_u16(), &back.json()["calendar"]["name"]), (200, &json!("Horas de oficina")));
}

#[tokio::test]
async fn a_deleted_rule_comes_back_only_with_its_calendar() {
    let stage = Stage::new();
    made(&stage).await;
    let mut rule = draft();
    rule["period"] = json!("office");
    let rule = stage.post("/api/v1/rules", &rule).by(Role::Operator).send().await.json();
    let place = format!("/api/v1/rules/{}", rule["id"].as_str().expect("an id"));
    let (delete, restore) = (Method::DELETE, Method::POST);
    let ask =
        async |method: &Method, path: &str| stage.ask(method.clone(), path).by(Role::Admin).send().await;
    let undo = json!({"select": {"ids": [rule["id"]]}, "expected_total": 1, "change": "delete"});
    let gone = stage.post("/api/v1/rules/bulk", &undo).by(Role::Operator).send().await.json();
    assert_eq!(ask(&delete, "/api/v1/calendars/office").await.status, 204);

    let back = format!("{place}/restore");
    let refused = ask(&restore, &back).await.is_problem(409);
    assert!(
        refused["detail"].as_str().is_some_and(|words| words.contains("\"office\" was deleted")),
        "{refused}"
    );
    let many = json!({"select": {"ids": [rule["id"]]}, "expected_total": 1, "change": "restore"});
    let many = stage.post("/api/v1/rules/bulk", &many).by(Role::Operator).send().await;
    assert!(many.text.contains("there is no period"), "{}", many.text);
    let undone = format!("/api/v1/rules/bulk/{}/undo", gone["undo"].as_str().expect("it can be undone"));
    let undone = stage.post(&undone, &json!({})).by(Role::Operator).send().await;
    assert_eq!(undone.json()["kept"], json!(["CPU router1"]), "{}", undone.text);

    assert_eq!(ask(&restore, "/api/v1/calendars/office/restore").await.status, 200);
    assert_eq!(ask(&restore, &back).await.status, 200);
}

#[tokio::test]
async fn a_period_that_is_none_is_told_with_the_nearest() {
    let stage = Stage::new();
    made(&stage).await;
    let mut rule = draft();
    rule["period"] = json!("ofice");
    let refused = stage.post("/api/v1/rules", &rule).by(Role::Operator).send().await;
    assert!(refused.names("period").contains("did you mean office?"));
}

#[tokio::test]
async fn what_is_built_in_and_what_new_rules_get_stays() {
    let stage = Stage::new();
    made(&stage).await;
    stage.ask(Method::DELETE, "/api/v1/calendars/daytime").by(Role::Admin).send().await.is_problem(409);
    let mut settings = stage.get("/api/v1/settings").by(Role::Admin).send().await.json();
    settings["defaults"]["period"] = json!("office");
    let saved = stage.ask(Method::PUT, "/api/v1/settings").by(Role::Admin).json(&settings).send().await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    stage.ask(Method::DELETE, "/api/v1/calendars/office").by(Role::Admin).send().await.is_problem(409);
}

#[tokio::test]
async fn the_hours_of_daytime_are_looked_at_when_they_are_saved() {
    let stage = Stage::new();
    let mut settings = stage.get("/api/v1/settings").by(Role::Admin).send().await.json();
    settings["daytime"] = json!([{ "days": [1], "hours": { "from": "8", "to": "20:00" } }]);
    let save = async |settings: &Value| {
        stage.ask(Method::PUT, "/api/v1/settings").by(Role::Admin).json(settings).send().await
    };
    save(&settings).await.names("daytime[0].hours.from");
    settings["daytime"] = json!([]);
    save(&settings).await.names("daytime");
}
