//! A backup holds what it must, is made beside everything else, and put back on an empty machine gives the same.

use std::path::{Path, PathBuf};
use std::process::Output;

use atalaya_tests::client::Client;
use atalaya_tests::feed::Feed;
use atalaya_tests::poll;
use atalaya_tests::server::{PASSWORD, Server, program};
use serde_json::{Value, json};

use crate::stage::{PATIENCE, alarms, cpu_rule, metric, post_rule, text, until_active, until_alarm};

const HELD: &str = "lab.router1.cpu";
const PAST: &str = "lab.router2.cpu";

/// Asks for a backup and waits until it is done; how it stands then.
fn backed_up(admin: &Client) -> Value {
    assert_eq!(admin.post("/api/v1/backups", &json!({})).is(202)["running"], true);
    poll::until("the backup is done", PATIENCE, || {
        Some(admin.get("/api/v1/backups").is(200).clone()).filter(|shown| shown["running"] == false)
    })
}

fn newest(shown: &Value) -> PathBuf {
    Path::new(&text(&shown["folder"])).join(text(&shown["items"][0]["name"]))
}

fn restore(file: &Path, data: &Path, more: &[&str]) -> Output {
    let output = program().arg("restore").arg(file).arg("--data").arg(data).args(more).output();
    output.expect("the server's program can be started")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Without what changes by itself.
fn lasting(mut items: Vec<Value>, changing: &[&str]) -> Vec<Value> {
    for item in items.iter_mut().filter_map(Value::as_object_mut) {
        item.retain(|name, _| !changing.contains(&&**name));
    }
    items
}

/// Everything of a server that outlives it, as the API tells it.
fn told(admin: &Client) -> Vec<(String, Vec<Value>)> {
    let list = |path: &str, changing: &[&str]| {
        (path.to_owned(), lasting(admin.get(path).items().to_vec(), changing))
    };
    let mut all = vec![
        list("/api/v1/alarms?state=history&sort=raised", &[]),
        list("/api/v1/templates", &[]),
        list("/api/v1/calendars", &[]),
        list("/api/v1/groups", &[]),
        list("/api/v1/users", &["last_seen_at"]),
        list("/api/v1/tokens", &["used_at"]),
        list("/api/v1/deleted", &[]),
        list("/api/v1/alarms?state=active", &["value", "message", "reason"]),
    ];
    let settings = admin.get("/api/v1/settings").is(200).clone();
    all.push(("settings".to_owned(), vec![settings]));
    for rule in admin.get("/api/v1/rules?sort=created").items() {
        let one = admin.get(&format!("/api/v1/rules/{}", text(&rule["id"]))).is(200).clone();
        let kept = [
            "id",
            "version",
            "name",
            "query",
            "check",
            "interval",
            "checks_to_alert",
            "checks_to_ok",
            "ok_margin",
            "period",
            "notify",
            "labels",
            "note",
            "template",
            "enabled",
            "created_at",
            "updated_at",
        ];
        let kept: serde_json::Map<String, Value> =
            kept.iter().map(|name| ((*name).to_owned(), one[*name].clone())).collect();
        all.push((text(&one["name"]), vec![Value::Object(kept)]));
    }
    for alarm in alarms(admin, "all") {
        let path = format!("/api/v1/alarms/{}", text(&alarm["id"]));
        for part in ["transitions", "evidence"] {
            let path = format!("{path}/{part}");
            all.push((path.clone(), admin.get(&path).items().to_vec()));
        }
    }
    all
}

#[test]
fn a_backup_restored_on_an_empty_folder_gives_the_same_rules_alarms_and_history() {
    let server = Server::builder().with_check("broken.wasm", b"not one that loads").start();
    let feed = Feed::start(server.carbon_port());
    feed.set(HELD, 95.0);
    feed.set(PAST, 85.0);
    let admin = server.admin();
    post_rule(&admin, &cpu_rule(HELD));
    let mut second = cpu_rule(PAST);
    second["name"] = json!("CPU router2 Ñ");
    post_rule(&admin, &second);
    second["name"] = json!("Deleted");
    let gone = post_rule(&admin, &second);
    admin.delete(&format!("/api/v1/rules/{gone}"));
    let template = json!({"name": "Carga", "sets": [{"name": "cpu", "check": {"name": "threshold",
        "params": {"direction": "above", "critical": 90}}}], "alarm": {"checks_to_alert": 3}});
    admin.post("/api/v1/templates", &template).is(201);
    let calendar = json!({"id": "mornings", "name": "Mañanas", "time_zone": "Europe/Madrid",
        "week": [{"days": [1, 2], "hours": {"from": "08:00", "to": "15:00"}}]});
    admin.post("/api/v1/calendars", &calendar).is(201);
    let source = json!({"id": "far", "kind": "graphite", "name": "Far Ñ", "url": "http://127.0.0.1:1", "token": "hush"});
    admin.post("/api/v1/sources", &source).is(201);
    admin.post("/api/v1/users", &json!({"username": "eva", "password": PASSWORD, "role": "viewer"})).is(201);
    let token = text(&admin.post("/api/v1/tokens", &json!({"name": "script"})).is(201)["token"]);
    let eva = admin.get("/api/v1/users").items().iter().find(|user| user["username"] == "eva").cloned();
    let eva = eva.expect("she is there");
    admin
        .post("/api/v1/groups", &json!({"name": "Guardia", "role": "operator", "members": [eva["id"]]}))
        .is(201);
    let past = text(&until_active(&admin, "85 raises it", |alarm| alarm["series"] == PAST)["id"]);
    feed.set(PAST, 50.0);
    until_alarm(&admin, &past, "50 clears it", |alarm| !alarm["cleared_at"].is_null());
    until_active(&admin, "95 raises it", |alarm| alarm["series"] == HELD);
    until_active(&admin, "nobody answers there", |alarm| alarm["subject"]["kind"] == "source");

    let shown = backed_up(&admin);
    assert!(shown["trouble"].is_null() && shown["verified_at"].is_string(), "{shown}");
    assert!(metric(&admin, "atalaya_backup_age_seconds") >= 0.0);
    let ours = told(&admin);
    let file = newest(&shown);
    let refused = restore(&file, server.data(), &["--force"]);
    assert!(!refused.status.success() && said(&refused).contains("another Atalaya"), "{refused:?}");

    let data = tempfile::tempdir().expect("a temporary folder");
    let done = restore(&file, data.path(), &[]);
    assert!(done.status.success(), "{done:?}");
    for part in ["2 rules", "2 users", "samples are not in a backup", "type them again", "source Far Ñ"] {
        assert!(said(&done).contains(part), "{part}: {}", said(&done));
    }
    let again = restore(&file, data.path(), &[]);
    assert_eq!(again.status.code(), Some(1));
    assert!(said(&again).contains("--force"), "{}", said(&again));
    assert!(data.path().join("checks/broken.wasm").exists());

    let other = Server::builder().without_admin().on(data).start();
    let admin = other.stranger().login("admin", PASSWORD);
    other.stranger().with_token(&token).get("/api/v1/rules").is(200);
    for ((what, ours), (path, theirs)) in ours.into_iter().zip(told(&admin)) {
        assert_eq!(what, path);
        assert_eq!(ours, theirs, "{what}");
    }
}

#[test]
fn a_backup_is_made_beside_a_running_server_from_the_command_line() {
    let server = Server::start();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let to = folder.path().join("deep/copies");
    let made = server.command(&["backup", "--with-key", "--to", &to.to_string_lossy()]);
    assert!(made.status.success(), "{made:?}");
    let file = PathBuf::from(String::from_utf8_lossy(&made.stdout).trim());
    assert!(file.starts_with(&to) && file.is_file(), "{made:?}");
    assert_eq!(server.admin().get("/api/v1/backups").items().len(), 0, "elsewhere");
    let here = server.command(&["backup"]);
    assert!(here.status.success(), "{here:?}");
    let audit = server.admin().get("/api/v1/audit?q=backup").items().to_vec();
    assert_eq!(audit.iter().filter(|one| one["by"] == "command line").count(), 2, "{audit:?}");
    assert_eq!(server.admin().get("/api/v1/backups").items().len(), 1);
    let nowhere = program().args(["backup", "--data"]).arg(folder.path().join("none")).output();
    let nowhere = nowhere.expect("the server's program can be started");
    assert!(nowhere.status.code() == Some(1) && said(&nowhere).contains("there is no store"), "{nowhere:?}");
}

#[test]
fn a_backup_that_fails_is_an_alarm_of_the_system_until_the_next_good_one() {
    let server = Server::start();
    let admin = server.admin();
    let obstacle = server.data().join("backups");
    std::fs::write(&obstacle, "no folder").expect("the data folder can be written to");
    let shown = backed_up(&admin);
    assert!(text(&shown["trouble"]).contains("backups"), "{shown}");
    let alarm = until_active(&admin, "it fails", |alarm| alarm["subject"]["kind"] == "system");
    assert_eq!(alarm["severity"], "major", "{alarm}");
    std::fs::remove_file(&obstacle).expect("it is there");
    let shown = backed_up(&admin);
    assert!(
        shown["trouble"].is_null() && shown["items"].as_array().is_some_and(|all| all.len() == 1),
        "{shown}"
    );
    until_alarm(&admin, &text(&alarm["id"]), "it is over", |alarm| !alarm["cleared_at"].is_null());
}
