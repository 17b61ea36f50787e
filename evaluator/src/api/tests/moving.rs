//! Rules leave and come back as files, and a history is taken over.

use atalaya_api::people::Role;
use axum::http::Method;
use serde_json::{Value, json};

use super::stage::{Answer, Stage, draft};
use crate::clock::{Clock as _, SystemClock};

async fn made(stage: &Stage, name: &str) -> Value {
    let mut body = draft();
    body["name"] = json!(name);
    let answer = stage.post("/api/v1/rules", &body).by(Role::Operator).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

async fn exported(stage: &Stage, query: &str) -> String {
    let answer = stage.get(&format!("/api/v1/rules/export?{query}")).by(Role::Viewer).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.text
}

async fn import(stage: &Stage, query: &str, file: impl Into<Vec<u8>>) -> Answer {
    let ask = stage.ask(Method::POST, &format!("/api/v1/rules/import?{query}")).by(Role::Operator);
    ask.bytes(file.into()).send().await
}

async fn report(stage: &Stage, query: &str, file: impl Into<Vec<u8>>) -> Value {
    let answer = import(stage, query, file).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

/// Created, updated, unchanged, refused.
fn counts(report: &Value) -> [u64; 4] {
    ["created", "updated", "unchanged", "refused_total"].map(|name| report[name].as_u64().expect("a count"))
}

async fn rules(stage: &Stage, query: &str) -> Vec<Value> {
    let page = stage.get(&format!("/api/v1/rules?{query}")).by(Role::Viewer).send().await.json();
    page["items"].as_array().expect("items").clone()
}

#[tokio::test]
async fn what_was_exported_and_is_imported_again_changes_nothing() {
    let stage = Stage::new();
    for name in ["=CPU, \"a\"", "CPU b", "Ñandú; c"] {
        made(&stage, name).await;
    }
    for format in ["csv", "yaml"] {
        let file = exported(&stage, &format!("format={format}")).await;
        let report = report(&stage, &format!("format={format}"), file).await;
        assert_eq!((counts(&report), &report["undo"]), ([0, 0, 3, 0], &Value::Null), "{format}: {report}");
    }
}

#[tokio::test]
async fn rules_move_to_another_atalaya_with_their_ids() {
    let (here, there) = (Stage::new(), Stage::new());
    made(&here, "CPU a").await;
    made(&here, "CPU b").await;
    for format in ["csv", "yaml"] {
        let file = exported(&here, &format!("format={format}&q=a")).await;
        let done = report(&there, &format!("format={format}"), file).await;
        let expected = if format == "csv" { [2, 0, 0, 0] } else { [0, 0, 2, 0] };
        assert_eq!(counts(&done), expected, "{done}");
    }
    let pick = |rule: &Value| {
        (rule["id"].clone(), rule["name"].clone(), rule["check"].clone(), rule["notify"].clone())
    };
    let (ours, theirs) = (rules(&here, "").await, rules(&there, "").await);
    assert_eq!(ours.iter().map(pick).collect::<Vec<_>>(), theirs.iter().map(pick).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_export_holds_what_the_filter_matches() {
    let stage = Stage::new();
    made(&stage, "memory").await;
    made(&stage, "CPU").await;
    let file = exported(&stage, "q=memory").await;
    assert!(file.contains("memory") && !file.contains("CPU,"), "{file}");
    assert_eq!(file.lines().count(), 2);
    let none = exported(&stage, "q=nothing&format=yaml").await;
    assert_eq!(none, "");
    stage.get("/api/v1/rules/export?format=xls").by(Role::Viewer).send().await.names("format");
}

const GRALARMAS: &str = "Dashboard;Panel;Métrica;Warning;Mayor;Crítica;Envío SMS;Envío OVO;Checks alerta;Checks OK;Periodo alerta;Margen OK (%)\n\
    Red;Tráfico;lab.router1.cpu;70,5;80;90;Sí;No;4;1;24x7;10 %\n\
    Red;Tráfico;lab.router2.cpu;70;80;60;Sí;No;4;1;24x7;10\n\
    Red;Tráfico;lab.router1.cpu;70;80;90;Sí;No;4;1;Diurno;5\n\
    Red;Tráfico;lab.router3.cpu;70;80;90;quizás;No;400;1;nocturno;5\n\
    Red;Tráfico\n";

#[tokio::test]
async fn lines_that_make_no_rule_are_told_and_the_others_are_taken() {
    let stage = Stage::new();
    let dry = report(&stage, "source=local&dry_run=true", GRALARMAS).await;
    assert_eq!(
        (counts(&dry), dry["read"].as_u64(), &dry["undo"]),
        ([1, 0, 0, 4], Some(5), &Value::Null),
        "{dry}"
    );
    assert_eq!(rules(&stage, "").await.len(), 0, "nothing was written");

    let done = report(&stage, "source=local", GRALARMAS).await;
    assert_eq!(counts(&done), counts(&dry));
    let told: Vec<(u64, Vec<&str>)> = done["refused"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            let errors = one["errors"].as_array().expect("errors").iter();
            (
                one["line"].as_u64().expect("a line"),
                errors.map(|error| error["field"].as_str().expect("a field")).collect(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (3, vec!["check.params.critical"]),
            (4, vec!["name"]),
            (5, vec!["checks_to_alert", "notify.sms"]),
            (6, vec!["line"])
        ]
    );
    assert!(
        done["refused"][0]["text"]
            .as_str()
            .is_some_and(|text| text.starts_with("Red | Tráfico | lab.router2.cpu"))
    );
    let kept = rules(&stage, "").await;
    assert_eq!(
        (kept.len(), &kept[0]["name"], &kept[0]["query"]["panel"]),
        (1, &json!("lab.router1.cpu"), &json!("Tráfico"))
    );
    assert_eq!(
        kept[0]["check"]["params"],
        json!({ "direction": "above", "warning": 70.5, "major": 80, "critical": 90 })
    );

    let undo = format!("/api/v1/rules/bulk/{}/undo", done["undo"].as_str().expect("it can be undone"));
    assert_eq!(stage.post(&undo, &json!({})).by(Role::Operator).send().await.status, 200);
    assert_eq!(rules(&stage, "").await.len(), 0);
}

#[tokio::test]
async fn a_file_changes_what_its_columns_name_and_nothing_else() {
    let stage = Stage::new();
    let rule = made(&stage, "CPU").await;
    let id = rule["id"].as_str().expect("an id");
    let done = report(&stage, "", format!("id,critical,checks ok\n{id},95,7\n")).await;
    assert_eq!(counts(&done), [0, 1, 0, 0], "{done}");
    let now = &rules(&stage, "").await[0];
    assert_eq!(
        now["check"]["params"],
        json!({ "direction": "above", "warning": 70, "major": 80, "critical": 95 })
    );
    assert_eq!(
        (&now["checks_to_ok"], &now["version"], &now["notify"]),
        (&json!(7), &json!(2), &rule["notify"])
    );

    let file = exported(&stage, "").await;
    stage.ask(Method::DELETE, &format!("/api/v1/rules/{id}")).by(Role::Operator).send().await;
    let back = report(&stage, "", file).await;
    assert_eq!(counts(&back), [0, 1, 0, 0], "a deleted rule comes back");
    assert_eq!(rules(&stage, "").await.len(), 1);
}

#[tokio::test]
async fn without_an_id_a_rule_is_known_by_name_source_expression_and_check() {
    let stage = Stage::new();
    made(&stage, "CPU").await;
    let file = "name,source,expr,warning\nCPU,local,lab.router1.cpu,75\nOther,local,lab.router1.cpu,60\n";
    let done = report(&stage, "", file).await;
    assert_eq!(counts(&done), [1, 1, 0, 0], "{done}");
    made(&stage, "CPU").await;
    let refused = report(&stage, "", file).await;
    assert_eq!(
        (counts(&refused), &refused["refused"][0]["errors"][0]["field"]),
        ([0, 0, 1, 1], &json!("id"))
    );
}

#[tokio::test]
async fn a_file_that_is_none_is_refused_in_words() {
    let stage = Stage::new();
    for (query, file, part) in [
        ("", &b""[..], "empty"),
        ("", b"PK\x03\x04\0", "no text file"),
        ("", b"Dashboard;Metrca\na;b\n", "Did you mean \"Metrca\""),
        ("format=yaml", b"a: [", "no YAML list"),
    ] {
        let said = import(&stage, query, file).await.names("file");
        assert!(said.contains(part), "{said}");
    }
    let unknown = report(&stage, "", "expr,colour,warning\nlab.x,red,1\n").await;
    assert!(unknown["notes"][0].as_str().is_some_and(|note| note.contains("\"colour\"")), "{unknown}");
    assert_eq!(
        unknown["refused"][0]["errors"][0]["field"], "query.source",
        "there is no Graphite to be meant"
    );
    let wrong = report(&stage, "format=yaml", "- name: a\n  quer: 1\n- 7\n").await;
    assert_eq!((counts(&wrong), &wrong["refused"][1]["line"]), ([0, 0, 0, 2], &json!(3)), "{wrong}");
}

#[tokio::test]
async fn more_than_fifty_thousand_lines_are_refused() {
    let stage = Stage::new();
    let file = format!("expr\n{}", "lab.x\n".repeat(50_001));
    assert!(import(&stage, "source=local", file).await.names("file").contains("50000 rows"));
}

/// What is measured is printed (`--nocapture`).
#[tokio::test]
async fn fifty_thousand_lines_are_taken_in_one_go_and_a_second_time_change_nothing() {
    let (stage, clock) = (Stage::new(), SystemClock::new());
    let row =
        |n: u32| format!("CPU {n};local;lab.router{n}.cpu;{};80;90;Sí;24x7;Red {};Panel\n", n % 70, n % 100);
    let file: String = std::iter::once(
        "Nombre;Fuente;Métrica;Warning;Mayor;Crítica;Envío SMS;Periodo alerta;Dashboard;Panel\n".to_owned(),
    )
    .chain((0..50_000).map(row))
    .collect();
    for counted in [[50_000, 0, 0, 0], [0, 0, 50_000, 0]] {
        let started = clock.now().mono;
        let done = report(&stage, "", file.clone()).await;
        println!("{counted:?}: {:?}", clock.now().mono - started);
        assert_eq!(counts(&done), counted, "{done}");
    }
    assert_eq!(rules(&stage, "q=router49999").await.len(), 1);
    assert_eq!(stage.evaluation.told.lock().expect("not poisoned").len(), 50_000);
}

const HISTORY: &str = "Dashboard;Panel;Métrica;Último dato;Estado;Inicio de alarma;Fin de alarma\n\
    Red;Tráfico;a.b;95,3;Crítica;01/07/2022 10:00;01/07/2022 10:30\n\
    Red;Tráfico;a.b;71;Warning;02/07/2022 10:00;\n\
    Red;Tráfico;a.c;71;Regular;02/07/2022 10:00;\n";

async fn taken(stage: &Stage, query: &str, file: &str) -> Value {
    let ask = stage.ask(Method::POST, &format!("/api/v1/alarms/import?{query}")).by(Role::Operator);
    let answer = ask.text(file).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn a_history_is_taken_over_once_and_can_be_taken_back() {
    let stage = Stage::new();
    let dry = taken(&stage, "dry_run=true", HISTORY).await;
    assert_eq!((counts(&dry), &dry["undo"]), ([2, 0, 0, 1], &Value::Null), "{dry}");
    let history = "/api/v1/alarms?state=history";
    assert_eq!(stage.get(history).by(Role::Viewer).send().await.json()["total"], 0);

    let done = taken(&stage, "time_zone=Europe/Madrid", HISTORY).await;
    assert_eq!(counts(&done), [2, 0, 0, 1], "{done}");
    assert!(
        done["notes"][0].as_str().is_some_and(|note| note.starts_with("Alarms without an end: 1.")),
        "{done}"
    );
    let page = stage.get(history).by(Role::Viewer).send().await.json();
    let one = &page["items"][1];
    assert_eq!(
        (&one["series"], &one["rule"], &one["severity"]),
        (&json!("a.b"), &Value::Null, &json!("critical"))
    );
    assert_eq!(
        (&one["raised_at"], &one["cleared_at"]),
        (&json!("2022-07-01T08:00:00Z"), &json!("2022-07-01T08:30:00Z"))
    );
    assert_eq!(
        (&one["reason"], &one["value"], &one["subject"]["kind"]),
        (&json!("imported"), &json!(95.3), &json!("series"))
    );
    let place = format!("/api/v1/alarms/{}", one["id"].as_str().expect("an id"));
    assert_eq!(&stage.get(&place).by(Role::Viewer).send().await.json(), one);
    assert_eq!(stage.services.store.last_event().expect("the store works"), 0, "it is nobody's news");

    assert_eq!(counts(&taken(&stage, "time_zone=Europe/Madrid", HISTORY).await), [0, 0, 2, 1]);
    let ended = HISTORY.replacen("Warning;02/07/2022 10:00;", "Warning;02/07/2022 10:00;03/07/2022 09:00", 1);
    assert_eq!(counts(&taken(&stage, "time_zone=Europe/Madrid", &ended).await), [0, 1, 1, 1]);

    let undo = format!("/api/v1/alarms/import/{}", done["undo"].as_str().expect("it can be undone"));
    let undone = stage.ask(Method::DELETE, &undo).by(Role::Operator).send().await;
    assert_eq!((undone.status.as_u16(), &undone.json()["changed"]), (200, &json!(2)));
    assert_eq!(stage.get(history).by(Role::Viewer).send().await.json()["total"], 0);
    stage.ask(Method::DELETE, &undo).by(Role::Operator).send().await.is_problem(404);
}

#[tokio::test]
async fn a_history_of_4048_rows_is_paged() {
    let stage = Stage::new();
    let row = |n: u32| {
        let (day, hour, minute) = (1 + n / 288 % 28, n / 12 % 24, n * 5 % 60);
        let (day, time) = (format!("{day:02}/{:02}/2022", 1 + n / 2_000), format!("{hour:02}:{minute:02}"));
        format!("Red {};Panel;junos.R{n}.x;1,5;Mayor;{day} {time};{day} {time}:30\n", n % 7)
    };
    let file: String = std::iter::once(HISTORY.lines().next().expect("headings").to_owned() + "\n")
        .chain((0..4_048).map(row))
        .collect();
    let done = taken(&stage, "", &file).await;
    assert_eq!(counts(&done), [4_048, 0, 0, 0], "{}", done["refused"][0]);
    let (mut seen, mut cursor) = (0, String::new());
    loop {
        let path = format!("/api/v1/alarms?state=history&limit=500&cursor={cursor}");
        let page = stage.get(&path).by(Role::Viewer).send().await.json();
        assert_eq!(page["total"], 4_048);
        seen += page["items"].as_array().map_or(0, Vec::len);
        let Some(next) = page["next"].as_str() else { break };
        cursor = next.to_owned();
    }
    assert_eq!(seen, 4_048);
    let found =
        stage.get("/api/v1/alarms?state=history&q=junos.r4047.x").by(Role::Viewer).send().await.json();
    assert_eq!(found["total"], 1);
}
