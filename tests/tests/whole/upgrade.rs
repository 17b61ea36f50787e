//! A new version on the data of the one before: everything is there and goes on; on newer data it does not start.

use std::process::Output;

use atalaya_tests::feed::Feed;
use atalaya_tests::past::{self, PASSWORD, TOKEN};
use atalaya_tests::server::{Server, free_port, program};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::stage::{alarms, steps, text, until_alarm};

const HELD: &str = "lab.router1.cpu";

#[test]
fn rules_alarms_people_and_settings_of_schema_1_are_there_and_go_on() {
    let carbon = free_port();
    // Before the start: the alarm is of a series that never fell silent.
    let feed = Feed::start(carbon);
    feed.set(HELD, 95.0);
    let server = Server::builder().on(past::schema_1()).carbon_on(carbon).start();
    let admin = server.stranger().login("admin", PASSWORD);
    server.stranger().with_token(TOKEN).get("/api/v1/rules").is(200);
    server.stranger().login("eva", "a viewer's password").get("/api/v1/summary").is(200);

    let listed = admin.get("/api/v1/rules");
    let mut rules: Vec<String> = listed.items().iter().map(|rule| text(&rule["name"])).collect();
    rules.sort();
    assert_eq!(rules, ["CPU router1", "CPU router2", "CPU router3", "Paused", "Wildcard Ñ"]);
    assert_eq!(admin.get("/api/v1/rules?deleted=true").is(200)["total"], 1);
    let settings = admin.get("/api/v1/settings").is(200).clone();
    assert_eq!((&settings["language"], &settings["evidence_retention"]), (&json!("es"), &json!("60d")));
    let audit = admin.get("/api/v1/audit").is(200).to_string();
    assert!(audit.contains("token created") && audit.contains("rule deleted"), "{audit}");

    let past = alarms(&admin, "history");
    assert!(past.iter().any(|alarm| alarm["series"] == "lab.router2.cpu" && alarm["severity"] == "major"));
    let held =
        alarms(&admin, "active").into_iter().find(|alarm| alarm["series"] == HELD && alarm["seq"] == 1);
    let held = held.expect("the alarm is held");
    let id = text(&held["id"]);
    let evidence = admin.get(&format!("/api/v1/alarms/{id}/evidence"));
    assert_eq!(evidence.items()[0]["replays"], true, "{:?}", evidence.body);

    feed.set(HELD, 50.0);
    let cleared = until_alarm(&admin, &id, "50 clears it", |alarm| !alarm["cleared_at"].is_null());
    assert_eq!(cleared["raised_at"], held["raised_at"]);
    assert_eq!(steps(&admin, &id), [(Value::Null, json!("critical")), (json!("critical"), Value::Null)]);
    assert_eq!(past::copies(server.data()).len(), 1);
    assert!(server.log().contains("a copy of it as it was"), "{}", server.log());
}

#[test]
fn rules_alarms_and_sources_of_schema_2_are_there_and_can_be_changed_together() {
    let carbon = free_port();
    let feed = Feed::start(carbon);
    feed.set(HELD, 95.0);
    let server = Server::builder().on(past::schema_2()).carbon_on(carbon).start();
    let admin = server.stranger().login("admin", PASSWORD);
    server.stranger().with_token(past::TOKEN_2).get("/api/v1/rules").is(200);
    let held =
        alarms(&admin, "active").into_iter().find(|alarm| alarm["series"] == HELD && alarm["seq"] == 1);
    let id = text(&held.expect("the alarm is held")["id"]);
    let sources = admin.get("/api/v1/sources").is(200).clone();
    assert!(
        sources["items"].as_array().is_some_and(|all| all.iter().any(|one| one["id"] == "graphite")),
        "{sources}"
    );

    let all = json!({"select": {"filter": {"check": "threshold"}}, "expected_total": 4,
        "change": {"patch": {"notify": {"sms": true}}}});
    let done = admin.post("/api/v1/rules/bulk", &all).is(200).clone();
    assert_eq!((&done["total"], &done["changed"]), (&json!(4), &json!(4)));
    feed.set(HELD, 50.0);
    until_alarm(&admin, &id, "50 clears it", |alarm| !alarm["cleared_at"].is_null());
}

#[test]
fn what_schema_3_held_is_there_and_people_are_put_into_groups() {
    let carbon = free_port();
    let feed = Feed::start(carbon);
    feed.set(HELD, 95.0);
    let server = Server::builder().on(past::schema_3()).carbon_on(carbon).start();
    let admin = server.stranger().login("admin", PASSWORD);
    server.stranger().with_token(past::TOKEN_3).get("/api/v1/rules").is(200);
    let listed = admin.get("/api/v1/rules");
    let mut rules: Vec<String> = listed.items().iter().map(|rule| text(&rule["name"])).collect();
    rules.sort();
    assert_eq!(rules, ["CPU router1", "CPU router2", "CPU router6", "Ingress", "Paused"]);
    let template = admin.get("/api/v1/templates").items()[0].clone();
    let linked = listed.items().iter().find(|rule| rule["name"] == "CPU router6").expect("it is listed");
    assert_eq!((&linked["template"]["id"], &linked["period"]), (&template["id"], &json!("mornings")));

    let mut deleted: Vec<(String, String)> = admin
        .get("/api/v1/deleted")
        .items()
        .iter()
        .map(|one| (text(&one["kind"]), text(&one["name"])))
        .collect();
    deleted.sort();
    let wanted = [("calendar", "Old"), ("rule", "Deleted")];
    assert_eq!(deleted, wanted.map(|(kind, name)| (kind.to_owned(), name.to_owned())));
    assert_eq!(
        admin.get("/api/v1/audit?q=router6").items().len(),
        1,
        "what was written then is found by its name"
    );

    let users = admin.get("/api/v1/users");
    let eva = users.items().iter().find(|user| user["username"] == "eva").expect("she is there");
    assert_eq!((&eva["effective_role"], &eva["groups"]), (&json!("viewer"), &json!([])));
    let group = json!({"name": "Guardia", "role": "operator", "members": [eva["id"]]});
    admin.post("/api/v1/groups", &group).is(201);
    let eva = server.stranger().login("eva", "a viewer's password");
    assert_eq!(eva.get("/api/v1/session").is(200)["role"], "operator");

    let held =
        alarms(&admin, "active").into_iter().find(|alarm| alarm["series"] == HELD && alarm["seq"] == 1);
    let id = text(&held.expect("the alarm is held")["id"]);
    feed.set(HELD, 50.0);
    until_alarm(&admin, &id, "50 clears it", |alarm| !alarm["cleared_at"].is_null());
}

fn refused(data: &TempDir) -> String {
    let listen = format!("127.0.0.1:{}", free_port());
    let ended: Output = program()
        .args(["serve", "--listen", &listen, "--data"])
        .arg(data.path())
        .env("ATALAYA_INGEST__CARBON__ENABLED", "false")
        .output()
        .expect("the server's program can be started");
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(1), "{said}");
    let last = said.lines().last().unwrap_or_default().to_owned();
    assert!(last.starts_with("atalaya: "), "one line for the operator: {said}");
    last
}

#[test]
fn a_store_of_a_newer_version_is_refused_with_words_and_left_alone() {
    let data = past::schema_1();
    let store = past::store_of(data.path());
    past::make_newer(&store);
    let before = std::fs::read(&store).expect("it is there");
    let said = refused(&data);
    assert!(said.contains("newer Atalaya") && said.contains("install that version"), "{said}");
    assert!(std::fs::read(&store).expect("it is there") == before, "nothing was changed");
    assert!(past::copies(data.path()).is_empty());
}

#[test]
fn samples_of_a_newer_version_are_refused_before_anything_is_changed() {
    let data = past::schema_1();
    let samples = rusqlite::Connection::open(data.path().join("samples.db")).expect("it can be made");
    samples.pragma_update(None, "user_version", 99).expect("it can be written to");
    drop(samples);
    let said = refused(&data);
    assert!(said.contains("samples.db") && said.contains("newer Atalaya"), "{said}");
    assert_eq!(past::schema(&past::store_of(data.path())), 1);
}

#[test]
fn a_copy_that_cannot_be_made_stops_the_start_and_says_what_to_do() {
    let data = past::schema_1();
    std::fs::write(data.path().join("backups"), "no folder").expect("it can be written");
    let said = refused(&data);
    assert!(said.contains("Nothing was changed") && said.contains("make room"), "{said}");
    assert_eq!(past::schema(&past::store_of(data.path())), 1);
}
