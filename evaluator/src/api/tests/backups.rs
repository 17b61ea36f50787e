//! Backups on demand, and their settings.

use atalaya_api::people::Role;
use axum::http::Method;
use serde_json::{Value, json};

use super::stage::Stage;
use crate::config::Config;

async fn save(stage: &Stage, change: impl FnOnce(&mut Value)) -> super::stage::Answer {
    let mut settings = stage.get("/api/v1/settings").by(Role::Admin).send().await.json();
    change(&mut settings);
    stage.ask(Method::PUT, "/api/v1/settings").by(Role::Admin).json(&settings).send().await
}

#[tokio::test]
async fn one_backup_is_asked_for_at_a_time() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let stage = Stage::with(Config { data: folder.path().to_owned(), ..Config::default() });
    let shown = stage.get("/api/v1/backups").by(Role::Admin).send().await.json();
    assert_eq!((&shown["items"], &shown["running"]), (&json!([]), &json!(false)));
    assert_eq!(shown["folder"], folder.path().join("backups").display().to_string());
    let asked = stage.ask(Method::POST, "/api/v1/backups").by(Role::Admin).send().await;
    assert_eq!((asked.status.as_u16(), &asked.json()["running"]), (202, &json!(true)));
    stage.ask(Method::POST, "/api/v1/backups").by(Role::Admin).send().await.is_problem(409);
}

#[tokio::test]
async fn what_is_wrong_with_the_settings_of_backups_is_said_field_by_field() {
    let stage = Stage::new();
    let answer = save(&stage, |settings| {
        settings["backup"] = json!({"enabled": true, "at": "24:00", "keep": 0, "second_folder": "backups"});
    });
    let answer = answer.await;
    assert!(answer.names("backup.at").contains("such as 00:00"));
    assert!(answer.names("backup.keep").contains("1 to 1000"));
    assert!(answer.names("backup.second_folder").contains("whole path"));
    let gone = stage.folder().join("gone").display().to_string();
    let answer = save(&stage, |settings| settings["backup"]["second_folder"] = json!(gone)).await;
    assert!(answer.names("backup.second_folder").contains("is there"));
    let here = stage.folder().display().to_string();
    let answer = save(&stage, |settings| settings["backup"]["second_folder"] = json!(here)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn a_second_folder_that_is_away_now_keeps_no_other_setting_from_being_saved() {
    let stage = Stage::new();
    let second = tempfile::tempdir().expect("a temporary folder");
    let path = second.path().display().to_string();
    let saved = save(&stage, |settings| settings["backup"]["second_folder"] = json!(path)).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    drop(second);
    let saved = save(&stage, |settings| settings["language"] = json!("es")).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
}
