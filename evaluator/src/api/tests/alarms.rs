//! Alarms as they stand, as they stood, and why.

use atalaya_api::people::Role;
use serde_json::{Value, json};

use super::stage::{Life, Stage};
use crate::api::ports::LiveSeries;
use crate::domain::{Evaluated, Level, RuleRecord, Run, Severity, Sha256, Verdict};
use crate::store::CycleCommit;

async fn listed(stage: &Stage, query: &str) -> Value {
    let answer = stage.get(&format!("/api/v1/alarms?{query}")).by(Role::Viewer).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn an_active_alarm_has_the_shape_of_the_design_and_its_live_value() {
    let stage = Stage::new();
    let mut life = Life::of("lab.router1.cpu");
    life.goes(&stage, Some(Severity::Critical), None);
    let live = LiveSeries { value: Some(85.0), no_data_since: Some(super::stage::START), level: None };
    *stage.evaluation.live.lock().expect("not poisoned") = Some(live);
    let page = listed(&stage, "state=active").await;
    assert_eq!((&page["total"], &page["next"]), (&json!(1), &Value::Null));
    let alarm = &page["items"][0];
    let at = super::stage::START.timestamp().to_string();
    let wanted = json!({
        "id": life.alarm(), "series": "lab.router1.cpu", "dashboard": "Core", "panel": null, "unit": "%",
        "severity": "critical", "worst": "critical", "value": 85.0, "raised_value": 95.0, "raised_at": at,
        "cleared_at": null, "acknowledged": null, "muted_until": null, "reason": "checks to alert",
        "message": "above 90", "seq": 1, "no_data_since": at,
    });
    for (name, value) in wanted.as_object().expect("an object") {
        assert_eq!(&alarm[name], value, "{name}");
    }
    assert_eq!(alarm["subject"]["kind"], "series");
    assert_eq!(alarm["subject"]["name"], "lab.router1.cpu");
    assert_eq!(alarm["rule"]["name"], "CPU router1");
    assert_eq!(
        stage.get(&format!("/api/v1/alarms/{}", life.alarm())).by(Role::Viewer).send().await.json(),
        *alarm
    );
}

#[tokio::test]
async fn a_cleared_alarm_stands_in_the_history_with_start_end_and_its_last_value_in_alarm() {
    let stage = Stage::new();
    let mut life = Life::of("lab.router1.cpu");
    life.goes(&stage, Some(Severity::Critical), None);
    stage.advance(60);
    life.goes(&stage, None, None);
    *stage.evaluation.live.lock().expect("not poisoned") =
        Some(LiveSeries { value: Some(1.0), ..LiveSeries::default() });
    assert_eq!(listed(&stage, "state=active").await["total"], 0);
    let alarm = &listed(&stage, "state=history").await["items"][0];
    assert_eq!((&alarm["value"], &alarm["worst"]), (&json!(95.0), &json!("critical")));
    assert_eq!(alarm["cleared_at"], super::stage::START.plus(60_000).timestamp().to_string());
    let path = format!("/api/v1/alarms/{}/transitions", life.alarm());
    let steps = stage.get(&path).by(Role::Viewer).header("accept-language", "es").send().await.json();
    assert_eq!(steps["total"], 2);
    assert_eq!(
        (&steps["items"][1]["before"], &steps["items"][1]["after"]),
        (&json!("critical"), &Value::Null)
    );
    assert_eq!(steps["items"][0]["message"], "por encima de 90");
}

#[tokio::test]
async fn alarms_are_filtered_sorted_and_paged() {
    let stage = Stage::new();
    let severities = [Severity::Warning, Severity::Critical, Severity::Major, Severity::Unknown];
    for (n, severity) in severities.into_iter().enumerate() {
        Life::of(&format!("lab.router{n}.cpu")).goes(&stage, Some(severity), None);
        stage.advance(60);
    }
    let series = async |query: &str| {
        let page = listed(&stage, query).await;
        let items = page["items"].as_array().expect("items").clone();
        items.iter().map(|alarm| alarm["severity"].as_str().expect("a word").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(series("").await, ["critical", "major", "unknown", "warning"], "the worst first");
    assert_eq!(series("severity=critical,warning").await, ["critical", "warning"]);
    assert_eq!(series("q=router2").await, ["major"]);
    assert_eq!(series("dashboard=Core&limit=1").await, ["critical"]);
    assert_eq!(series("dashboard=Edge").await, [""; 0]);
    assert_eq!(series("sort=raised_at").await, ["warning", "critical", "major", "unknown"]);
    assert_eq!(series("sort=-raised_at").await, ["unknown", "major", "critical", "warning"]);
    let to = super::stage::START.plus(60_000).timestamp();
    assert_eq!(series(&format!("to={to}")).await, ["warning"]);
    let first = listed(&stage, "limit=3").await;
    let next = first["next"].as_str().expect("there is more");
    assert_eq!(series(&format!("limit=3&cursor={next}")).await, ["warning"]);
}

#[tokio::test]
async fn evidence_shows_what_each_evaluation_saw_and_that_it_judges_the_same_again() {
    let stage = Stage::new();
    let record = RuleRecord {
        params: r#"{"critical":90}"#.to_owned(),
        ok_margin: 10.0,
        interval_ms: 1_000.0,
        unit: "%".to_owned(),
        time_zone: "UTC".to_owned(),
    };
    let hash = Sha256::of(record.canonical_json().as_bytes());
    let evaluated = Evaluated {
        now: super::stage::START.as_f64(),
        held: Level::Ok,
        minute: 0,
        step: 1_000.0,
        outcome: Ok(Verdict { level: Level::Critical, value: Some(95.0), memory: None }),
        times: vec![super::stage::START.as_f64()],
        values: vec![95.0],
        ends: vec![1],
    };
    let run =
        Run { check: Sha256([0xab; 32]), record: hash, first_memory: None, evaluations: vec![evaluated] };
    let records = CycleCommit { records: vec![(hash, record)], ..CycleCommit::default() };
    stage.services.store.commit(&records).expect("the store works");
    let mut life = Life::of("lab.router1.cpu");
    life.goes(&stage, Some(Severity::Critical), Some(&run));
    let path = format!("/api/v1/alarms/{}/evidence", life.alarm());
    let evidence = stage.get(&path).by(Role::Viewer).send().await.json();
    let one = &evidence["items"][0];
    assert_eq!((&one["check"], &one["replays"]), (&json!("threshold"), &json!(true)));
    assert_eq!(one["evaluations"][0]["values"], json!([95.0]));
    assert_eq!(one["evaluations"][0]["level"], "critical");
    assert_eq!(one["transition"]["seq"], 1);
}

#[tokio::test]
async fn the_summary_counts_active_alarms_and_what_changed_within_the_hour() {
    let stage = Stage::new();
    let mut old = Life::of("lab.old");
    old.goes(&stage, Some(Severity::Major), None);
    stage.advance(2 * 3_600);
    let mut new = Life::of("lab.new");
    new.goes(&stage, Some(Severity::Critical), None);
    let summary = stage.get("/api/v1/summary").by(Role::Viewer).send().await.json();
    assert_eq!(
        (&summary["critical"], &summary["major"], &summary["warning"]),
        (&json!(1), &json!(1), &json!(0))
    );
    assert_eq!((&summary["change_1h"]["critical"], &summary["change_1h"]["major"]), (&json!(1), &json!(0)));
    assert_eq!(summary["quiet_since"], Value::Null);
    stage.advance(60);
    old.goes(&stage, None, None);
    new.goes(&stage, None, None);
    let summary = stage.get("/api/v1/summary").by(Role::Viewer).send().await.json();
    assert_eq!(summary["quiet_since"], stage.services.now().wall.timestamp().to_string());
}
