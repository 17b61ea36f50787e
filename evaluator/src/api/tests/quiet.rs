//! Acknowledging, muting, planned maintenance, and what a history comes to.

use atalaya_api::people::Role;
use axum::http::Method;
use serde_json::{Value, json};

use super::stage::{Answer, Life, START, Stage, draft};
use crate::domain::Severity;

async fn get(stage: &Stage, path: &str) -> Value {
    let answer = stage.get(&format!("/api/v1/{path}")).by(Role::Viewer).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

async fn send(stage: &Stage, method: Method, path: &str, body: &Value) -> Answer {
    stage.ask(method, &format!("/api/v1/{path}")).by(Role::Operator).json(body).send().await
}

async fn post(stage: &Stage, path: &str, body: &Value) -> Answer {
    send(stage, Method::POST, path, body).await
}

async fn done(stage: &Stage, path: &str, body: &Value) -> Value {
    let answer = post(stage, path, body).await;
    assert!(answer.status.is_success(), "{}", answer.text);
    answer.json()
}

/// Alarms that stand, a major one each.
fn standing(stage: &Stage, series: &[&str]) -> Vec<String> {
    let raise = |series: &&str| {
        let mut life = Life::of(series);
        life.goes(stage, Some(Severity::Major), None);
        life.alarm()
    };
    series.iter().map(raise).collect()
}

/// What the operator did, newest first.
async fn audit(stage: &Stage) -> Vec<Value> {
    let audit = stage.get("/api/v1/audit").by(Role::Admin).send().await.json();
    let all = audit["items"].as_array().expect("a list").clone();
    all.into_iter().filter(|row| row["by"] == "operator").collect()
}

fn minutes(count: i64) -> String {
    START.plus(count * 60_000).timestamp().to_string()
}

#[tokio::test]
async fn alarms_are_acknowledged_by_filter_when_they_are_as_many_as_were_seen() {
    let stage = Stage::new();
    let ids = standing(&stage, &["lab.a", "lab.b"]);
    let all = |expected: u64| json!({"select": {"filter": {"dashboard": "Core"}}, "expected_total": expected, "note": " On it "});
    let moved = post(&stage, "alarms/ack", &all(1)).await.is_problem(409);
    assert!(moved["detail"].as_str().is_some_and(|detail| detail.contains("2 alarms now, not 1")), "{moved}");
    let answer = done(&stage, "alarms/ack", &all(2)).await;
    assert_eq!((&answer["total"], &answer["changed"]), (&json!(2), &json!(2)));
    let alarm = get(&stage, &format!("alarms/{}", ids[0])).await;
    assert_eq!(alarm["acknowledged"], json!({"by": "operator", "at": minutes(0), "note": "On it"}));
    assert_eq!(done(&stage, "alarms/ack", &all(2)).await["changed"], 0, "they were seen already");

    let undo = json!({"select": {"ids": [ids[1]]}, "expected_total": 1});
    assert_eq!(done(&stage, "alarms/unack", &undo).await["ids"], json!([ids[1]]));
    for (seen, id) in [("true", &ids[0]), ("false", &ids[1])] {
        let page = get(&stage, &format!("alarms?acknowledged={seen}")).await;
        assert_eq!((&page["total"], &page["items"][0]["id"]), (&json!(1), &json!(id)));
    }
    let last = audit(&stage).await.remove(0);
    assert_eq!((&last["what"], &last["before"]["note"]), (&json!("alarm unacknowledged"), &json!("On it")));
}

#[tokio::test]
async fn a_wrong_selection_or_note_is_told_by_its_field() {
    let stage = Stage::new();
    let ack = |part: Value| {
        let mut body = json!({"select": {"filter": {}}, "expected_total": 0});
        body.as_object_mut().expect("an object").extend(part.as_object().expect("an object").clone());
        body
    };
    for (part, field) in [
        (json!({"select": {}}), "select"),
        (json!({"select": {"filter": {"severity": "bad"}}}), "select.filter.severity"),
        (json!({"select": {"filter": {"limit": "5"}}}), "select.filter.limit"),
        (json!({"expected_total": 20_001}), "expected_total"),
        (json!({"note": "x".repeat(1_001)}), "note"),
    ] {
        post(&stage, "alarms/ack", &ack(part)).await.names(field);
    }
    let viewer = stage.post("/api/v1/alarms/ack", &ack(json!({}))).by(Role::Viewer).send().await;
    viewer.is_problem(403);
    done(&stage, "alarms/ack", &ack(json!({}))).await;
}

#[tokio::test]
async fn a_muted_alarm_says_until_when_and_is_told_apart() {
    let stage = Stage::new();
    let ids = standing(&stage, &["lab.a", "lab.b"]);
    let one = json!({"targets": [{"kind": "alarm", "id": ids[0]}], "for": "1h", "reason": "Known"});
    let made = done(&stage, "mutes", &one).await;
    assert_eq!((&made["total"], &made["changed"]), (&json!(1), &json!(1)), "{made}");
    assert_eq!(get(&stage, &format!("alarms/{}", ids[0])).await["muted_until"], minutes(60));
    assert_eq!(get(&stage, &format!("alarms/{}", ids[1])).await["muted_until"], Value::Null);
    for (muted, id) in [("true", &ids[0]), ("false", &ids[1])] {
        let page = get(&stage, &format!("alarms?muted={muted}")).await;
        assert_eq!((&page["total"], &page["items"][0]["id"]), (&json!(1), &json!(id)));
    }
    let mutes = get(&stage, "mutes").await;
    let expected = json!({"id": made["ids"][0], "target": {"kind": "alarm", "id": ids[0]}, "name": "lab.a",
        "from": minutes(0), "until": minutes(60), "reason": "Known", "by": "operator"});
    assert_eq!(mutes["items"], json!([expected]));
    assert_eq!(done(&stage, "mutes", &one).await["changed"], 0, "it is muted for as long already");

    stage.advance(60 * 60);
    assert_eq!(get(&stage, "mutes").await["total"], 0, "its time is over");
    assert_eq!(get(&stage, &format!("alarms/{}", ids[0])).await["muted_until"], Value::Null);
    assert_eq!(get(&stage, "alarms?muted=true").await["total"], 0);
}

#[tokio::test]
async fn a_mute_is_ended_early_and_ending_it_again_changes_nothing() {
    let stage = Stage::new();
    let ids = standing(&stage, &["lab.a"]);
    let select =
        json!({"select": {"filter": {}}, "expected_total": 1, "what": "dashboard", "until": minutes(480)});
    let made = done(&stage, "alarms/mute", &select).await;
    assert_eq!(get(&stage, "mutes").await["items"][0]["target"], json!({"kind": "dashboard", "id": "Core"}));
    assert_eq!(get(&stage, &format!("alarms/{}", ids[0])).await["muted_until"], minutes(480));
    let mute = format!("mutes/{}", made["ids"][0].as_str().expect("an id"));
    for _ in 0..2 {
        assert_eq!(send(&stage, Method::DELETE, &mute, &json!({})).await.status, 204);
        assert_eq!(get(&stage, "mutes").await["total"], 0);
    }
    assert_eq!(get(&stage, &format!("alarms/{}", ids[0])).await["muted_until"], Value::Null);
    let id = "0198c0de-0000-7000-8000-000000000000";
    send(&stage, Method::DELETE, &format!("mutes/{id}"), &json!({})).await.is_problem(404);
    let what: Vec<_> = audit(&stage).await.iter().map(|row| row["what"].clone()).collect();
    assert_eq!(what, ["mute ended", "dashboard muted"]);
}

#[tokio::test]
async fn alarms_are_muted_with_what_they_hang_on() {
    let stage = Stage::new();
    standing(&stage, &["lab.a", "lab.b"]);
    let by = |what: &str| json!({"select": {"filter": {}}, "expected_total": 2, "what": what, "for": "8h"});
    let rule = done(&stage, "alarms/mute", &by("rule")).await;
    assert_eq!((&rule["total"], &rule["changed"]), (&json!(2), &json!(1)), "both are of one rule");
    assert_eq!(get(&stage, "mutes").await["items"][0]["name"], "CPU router1");
    assert_eq!(done(&stage, "alarms/mute", &by("alarm")).await["changed"], 2);
    post(&stage, "alarms/mute", &by("receiver")).await.names("what");
    let fewer = json!({"select": {"filter": {}}, "expected_total": 1, "what": "rule", "for": "8h"});
    post(&stage, "alarms/mute", &fewer).await.is_problem(409);
    import(&stage).await;
    let all =
        json!({"select": {"filter": {"state": "all"}}, "expected_total": 5, "what": "alarm", "for": "9h"});
    let all = done(&stage, "alarms/mute", &all).await;
    assert_eq!(
        (&all["total"], &all["changed"]),
        (&json!(2), &json!(2)),
        "those that are cleared do not count"
    );
}

#[tokio::test]
async fn a_mute_without_a_sensible_end_or_target_is_refused_by_its_field() {
    let stage = Stage::new();
    let ids = standing(&stage, &["lab.a"]);
    let target = json!([{"kind": "alarm", "id": ids[0]}]);
    for (body, field) in [
        (json!({"targets": target}), "until"),
        (json!({"targets": target, "for": "1h", "until": minutes(60)}), "until"),
        (json!({"targets": target, "until": minutes(0)}), "until"),
        (json!({"targets": target, "until": minutes(400 * 24 * 60 + 1)}), "until"),
        (json!({"targets": target, "for": "30s"}), "for"),
        (json!({"targets": target, "for": "401d"}), "for"),
        (json!({"targets": target, "for": "1h", "reason": "x".repeat(1_001)}), "reason"),
        (json!({"targets": [], "for": "1h"}), "targets"),
        (json!({"targets": [{"kind": "receiver", "id": "nobody"}], "for": "1h"}), "targets[0].id"),
        (json!({"targets": [{"kind": "rule", "id": "x"}], "for": "1h"}), "targets[0].id"),
        (json!({"targets": [{"kind": "dashboard", "id": "Edge"}], "for": "1h"}), "targets[0].id"),
        (json!({"targets": target, "for": "1h", "reson": ""}), "reson"),
    ] {
        let answer = post(&stage, "mutes", &body).await;
        assert_eq!(answer.status, 422, "{body}");
        answer.names(field);
    }
    assert_eq!(get(&stage, "mutes").await["total"], 0);
}

fn planned(part: Value) -> Value {
    let mut body =
        json!({"name": "Upgrade", "everything": true, "once": {"from": minutes(10), "to": minutes(70)}});
    body.as_object_mut().expect("an object").extend(part.as_object().expect("an object").clone());
    body
}

#[tokio::test]
async fn a_planned_maintenance_says_when_it_begins_and_until_when_it_lasts() {
    let stage = Stage::new();
    let ids = standing(&stage, &["lab.a"]);
    let made = done(&stage, "maintenance", &planned(json!({}))).await;
    assert_eq!((&made["until"], &made["next"]), (&Value::Null, &json!(minutes(10))), "{made}");
    // It starts on Tuesday, 14 November 2023, at 23:13 in Madrid.
    let weekly = json!({"once": null, "everything": false, "dashboards": ["Core"], "name": "Nightly",
        "weekly": {"week": [{"days": [2], "hours": {"from": "22:00", "to": "02:00"}}], "time_zone": "Europe/Madrid"}});
    let weekly = done(&stage, "maintenance", &planned(weekly)).await;
    assert_eq!(weekly["until"], "2023-11-15T01:00:00Z", "{weekly}");
    assert_eq!(weekly["next"], "2023-11-21T21:00:00Z");
    assert_eq!(get(&stage, &format!("alarms/{}", ids[0])).await["muted_until"], "2023-11-15T01:00:00Z");

    stage.advance(600);
    let list = get(&stage, "maintenance").await;
    assert_eq!((&list["total"], &list["items"][0]["until"]), (&json!(2), &json!(minutes(70))), "{list}");
    stage.advance(3_600);
    let list = get(&stage, "maintenance").await;
    assert_eq!(list["items"][1]["maintenance"]["name"], "Upgrade", "what is over comes last: {list}");
    assert_eq!((&list["items"][1]["until"], &list["items"][1]["next"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn a_planned_maintenance_is_changed_deleted_and_comes_back() {
    let stage = Stage::new();
    standing(&stage, &["lab.a"]);
    let made = done(&stage, "maintenance", &planned(json!({}))).await;
    let path = format!("maintenance/{}", made["id"].as_str().expect("an id"));
    let changed = send(&stage, Method::PUT, &path, &planned(json!({"name": "Other", "version": 1}))).await;
    assert_eq!(changed.json()["maintenance"]["version"], 2, "{}", changed.text);
    send(&stage, Method::PUT, &path, &planned(json!({"version": 1}))).await.is_problem(409);
    assert_eq!(send(&stage, Method::DELETE, &path, &json!({})).await.status, 204);
    assert_eq!(get(&stage, "maintenance").await["total"], 0);
    assert_eq!(get(&stage, "maintenance?deleted=true").await["total"], 1);
    send(&stage, Method::PUT, &path, &planned(json!({}))).await.is_problem(409);
    let back = done(&stage, &format!("{path}/restore"), &json!({})).await;
    assert_eq!((&back["deleted_at"], &back["maintenance"]["name"]), (&Value::Null, &json!("Other")));
    let viewer = stage.ask(Method::DELETE, &format!("/api/v1/{path}")).by(Role::Viewer).send().await;
    viewer.is_problem(403);
}

#[tokio::test]
async fn a_maintenance_that_makes_no_sense_is_refused_by_its_field() {
    let stage = Stage::new();
    let week = |zone: &str, days: Value| json!({"week": [{"days": days, "hours": {"from": "22:00", "to": "02:00"}}], "time_zone": zone});
    for (part, field) in [
        (json!({"name": " "}), "name"),
        (json!({"everything": false}), "everything"),
        (json!({"dashboards": ["Core"]}), "everything"),
        (json!({"everything": false, "rules": ["x"]}), "rules[0]"),
        (json!({"everything": false, "dashboards": ["Edge"]}), "dashboards[0]"),
        (json!({"once": null}), "once"),
        (json!({"weekly": week("UTC", json!([1]))}), "once"),
        (json!({"once": {"from": minutes(70), "to": minutes(10)}}), "once.to"),
        (json!({"once": {"from": minutes(-70), "to": minutes(-10)}}), "once.to"),
        (json!({"once": null, "weekly": week("Europe/Madird", json!([1]))}), "weekly.time_zone"),
        (json!({"once": null, "weekly": week("UTC", json!([8]))}), "weekly.week[0].days"),
    ] {
        post(&stage, "maintenance", &planned(part)).await.names(field);
    }
    assert_eq!(get(&stage, "maintenance").await["total"], 0);
}

#[tokio::test]
async fn a_rule_is_muted_and_planned_for_by_its_id() {
    let stage = Stage::new();
    let rule = done(&stage, "rules", &draft()).await["id"].clone();
    let mute = json!({"targets": [{"kind": "rule", "id": rule}], "for": "1h"});
    done(&stage, "mutes", &mute).await;
    assert_eq!(get(&stage, "mutes").await["items"][0]["name"], "CPU router1");
    let made = done(&stage, "maintenance", &planned(json!({"everything": false, "rules": [rule]}))).await;
    assert_eq!(made["maintenance"]["rules"], json!([rule]));
    let path = format!("/api/v1/rules/{}", rule.as_str().expect("an id"));
    assert_eq!(stage.ask(Method::DELETE, &path).by(Role::Operator).send().await.status, 204);
    post(&stage, "mutes", &mute).await.names("targets[0].id");
    let path = format!("maintenance/{}", made["id"].as_str().expect("an id"));
    let renamed = planned(json!({"name": "Other", "everything": false, "rules": [rule]}));
    assert_eq!(send(&stage, Method::PUT, &path, &renamed).await.status, 200, "what it named may be gone");
}

/// `=x` warning for an hour, and `a` critical for half an hour, twice.
const HISTORY: &str = "Dashboard;Panel;Métrica;Último dato;Estado;Inicio de alarma;Fin de alarma\n\
    Red;+P;=cmd|calc;-5;Warning;01/07/2022 10:00;01/07/2022 11:00\n\
    Red;P;a;95,5;Critica;01/07/2022 10:30;01/07/2022 11:00\n\
    Red;P;a;96;Critica;01/07/2022 12:00;01/07/2022 12:30\n";

async fn import(stage: &Stage) {
    let ask = stage.ask(Method::POST, "/api/v1/alarms/import?time_zone=UTC").by(Role::Operator);
    let answer = ask.text(HISTORY).send().await;
    assert_eq!(answer.json()["created"], 3, "{}", answer.text);
}

#[tokio::test]
async fn a_history_comes_to_its_counts_and_hours_and_names_the_noisiest() {
    let stage = Stage::new();
    import(&stage).await;
    let all = get(&stage, "alarms/summary").await;
    let expected = json!({"total": 3, "critical": 2, "major": 0, "unknown": 0, "warning": 1,
        "hours_in_alarm": 1.5, "alarm_hours": 2.0, "noisiest": [
            {"rule": null, "name": "a", "dashboard": "Red", "alarms": 2, "hours": 1.0},
            {"rule": null, "name": "=cmd|calc", "dashboard": "Red", "alarms": 1, "hours": 1.0}]});
    assert_eq!(all, expected);
    let part =
        get(&stage, "alarms/summary?from=2022-07-01T10:45:00Z&to=2022-07-01T10:50:00Z&severity=critical")
            .await;
    assert_eq!((&part["total"], &part["hours_in_alarm"]), (&json!(1), &json!(5.0 / 60.0)));
    assert_eq!(get(&stage, "alarms/summary?state=active").await["total"], 0);
    stage.get("/api/v1/alarms/summary?limit=5").by(Role::Viewer).send().await.names("limit");
}

#[tokio::test]
async fn an_exported_history_has_a_row_an_alarm_and_no_formula() {
    let stage = Stage::new();
    import(&stage).await;
    let alarms = get(&stage, "alarms?state=all&q=calc").await;
    let id = alarms["items"][0]["id"].clone();
    let ack = json!({"select": {"ids": [id]}, "expected_total": 1, "note": "@SUM(A1), \"quoted\"\nand more"});
    done(&stage, "alarms/ack", &ack).await;
    let path = "/api/v1/alarms/export?from=2022-07-01T00:00:00Z&to=2022-07-02T00:00:00Z&sort=raised_at&time_zone=Europe/Madrid";
    let answer = stage.get(path).by(Role::Viewer).header("accept-language", "es").send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let name = "attachment; filename=\"alarms-20220701T000000Z-20220702T000000Z.csv\"";
    assert_eq!(answer.header("content-disposition"), name);
    let text = answer.text.strip_prefix('\u{feff}').expect("spreadsheets see UTF-8");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let heading = reader.headers().expect("a heading").clone();
    assert_eq!(
        (&heading[0], &heading[2], &heading[8], &heading[14]),
        ("Dashboard", "Métrica", "Inicio de alarma", "Avisado")
    );
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), 3);
    let first: Vec<&str> = rows[0].iter().take(14).collect();
    let expected = [
        "Red",
        "'+P",
        "'=cmd|calc",
        "'=cmd|calc",
        "warning",
        "warning",
        "-5",
        "",
        "2022-07-01T12:00:00+02:00",
        "2022-07-01T13:00:00+02:00",
        "1:00:00",
        "operator",
        "2023-11-14T23:13:20+01:00",
        "'@SUM(A1), \"quoted\"\nand more",
    ];
    assert_eq!(first, expected);
    assert_eq!((&rows[1][4], &rows[1][6], &rows[1][10]), ("crítica", "95.5", "0:30:00"));
    for (language, heading) in [("es", "Métrica"), ("en", "Metric")] {
        let path = format!("/api/v1/alarms/export?language={language}");
        let answer = stage.get(&path).by(Role::Viewer).header("accept-language", "fr").send().await;
        assert!(answer.text.contains(&format!("Panel,{heading},")), "{}", answer.text);
    }
    stage.get("/api/v1/alarms/export?language=fr").by(Role::Viewer).send().await.names("language");
    stage.get("/api/v1/alarms/export?time_zone=Mars").by(Role::Viewer).send().await.names("time_zone");
}

#[tokio::test]
async fn a_long_history_is_exported_in_pages_each_alarm_once() {
    let stage = Stage::new();
    let row = |n: u32| {
        format!("Red;P;m{n};1;Mayor;01/07/2022 10:{:02}:{:02};02/07/2022 10:00\n", n / 60 % 60, n % 60)
    };
    let heading = HISTORY.lines().next().expect("a heading");
    let file = format!("{heading}\n{}", (0..4_500).map(row).collect::<String>());
    let ask = stage.ask(Method::POST, "/api/v1/alarms/import?time_zone=UTC").by(Role::Operator).text(file);
    assert_eq!(ask.send().await.json()["created"], 4_500);
    let answer = stage.get("/api/v1/alarms/export").by(Role::Viewer).send().await;
    assert!(answer.header("content-disposition").contains("alarms-until-2023"), "{:?}", answer.headers);
    let mut reader = csv::Reader::from_reader(answer.text.as_bytes());
    let names: std::collections::BTreeSet<String> =
        reader.records().map(|row| row.expect("a row")[2].to_owned()).collect();
    assert_eq!(names.len(), 4_500);
}
