//! What keeps it quiet, from outside: acknowledged, muted, planned; and the history.

use atalaya_tests::client::Client;
use atalaya_tests::events::Listener;
use atalaya_tests::feed::Feed;
use atalaya_tests::poll;
use atalaya_tests::server::{PASSWORD, Server};
use serde_json::{Value, json};

use crate::stage::{PATIENCE, cpu_rule, post_rule, text, until_active};

const SERIES: &str = "lab.router1.cpu";

/// A server with an alarm that stands, its administrator, and an operator beside them.
struct Standing {
    _feed: Feed,
    server: Server,
    admin: Client,
    operator: Client,
    rule: String,
    alarm: String,
}

impl Standing {
    fn start() -> Self {
        let server = Server::start();
        let admin = server.admin();
        let rule = post_rule(&admin, &cpu_rule(SERIES));
        let feed = Feed::start(server.carbon_port());
        feed.set(SERIES, 95.0);
        let alarm = text(&until_active(&admin, "95 raises an alarm", |_| true)["id"]);
        let operator = somebody(&server, &admin, "olga", "operator");
        Standing { _feed: feed, server, admin, operator, rule, alarm }
    }

    fn alarm(&self) -> Value {
        self.admin.get(&format!("/api/v1/alarms/{}", self.alarm)).is(200).clone()
    }
}

fn somebody(server: &Server, admin: &Client, name: &str, role: &str) -> Client {
    let user = json!({"username": name, "password": PASSWORD, "role": role});
    admin.post("/api/v1/users", &user).is(201);
    server.stranger().login(name, PASSWORD)
}

fn audit(admin: &Client) -> Vec<(String, String)> {
    let line = |row: &Value| (text(&row["what"]), text(&row["by"]));
    admin.get("/api/v1/audit").items().iter().map(line).collect()
}

#[test]
fn what_one_acknowledges_with_a_note_another_sees() {
    let story = Standing::start();
    let listener = Listener::start(&story.admin, None).expect("the server answers");
    let ack = |expected: u64| json!({"select": {"filter": {"q": "router1"}}, "expected_total": expected, "note": "On it"});
    story.operator.post("/api/v1/alarms/ack", &ack(5)).is_problem(409);
    let done = story.operator.post("/api/v1/alarms/ack", &ack(1)).is(200).clone();
    assert_eq!(done["ids"], json!([story.alarm]));
    poll::until("the other session hears of it", PATIENCE, || {
        listener.named("quiet").into_iter().find(|event| event.data["what"] == "acknowledged")
    });
    let seen = story.alarm()["acknowledged"].clone();
    assert_eq!((&seen["by"], &seen["note"]), (&json!("olga"), &json!("On it")));
    let undo = json!({"select": {"ids": done["ids"]}, "expected_total": 1});
    story.operator.post("/api/v1/alarms/unack", &undo).is(200);
    assert_eq!(story.alarm()["acknowledged"], Value::Null);
    let expected =
        ["alarm unacknowledged", "alarm acknowledged"].map(|what| (what.to_owned(), "olga".to_owned()));
    assert_eq!(audit(&story.admin)[..2], expected);

    let viewer = somebody(&story.server, &story.admin, "vera", "viewer");
    viewer.post("/api/v1/alarms/ack", &ack(1)).is_problem(403);
    viewer.post("/api/v1/mutes", &json!({})).is_problem(403);
    viewer.post("/api/v1/maintenance", &json!({})).is_problem(403);
    viewer.get("/api/v1/mutes").is(200);
}

#[test]
fn a_mute_of_an_hour_is_listed_outlives_a_restart_and_is_ended_early() {
    let mut story = Standing::start();
    let mute = json!({"targets": [{"kind": "rule", "id": story.rule}], "for": "1h", "reason": "Obras"});
    let done = story.operator.post("/api/v1/mutes", &mute).is(201).clone();
    let until = story.alarm()["muted_until"].clone();
    assert!(until.is_string(), "{until}");
    story.server.kill();
    story.server.restart();
    let listed = story.admin.get("/api/v1/mutes").is(200)["items"][0].clone();
    assert_eq!(
        (&listed["until"], &listed["by"], &listed["reason"]),
        (&until, &json!("olga"), &json!("Obras"))
    );
    assert_eq!(story.admin.get("/api/v1/alarms?muted=true").is(200)["total"], 1);
    story.operator.delete(&format!("/api/v1/mutes/{}", text(&done["ids"][0]))).is(204);
    assert_eq!(story.admin.get("/api/v1/mutes").is(200)["total"], 0);
    assert_eq!(story.alarm()["muted_until"], Value::Null);
    let expected = ["mute ended", "rule muted"].map(|what| (what.to_owned(), "olga".to_owned()));
    assert_eq!(audit(&story.admin)[..2], expected);
}

#[test]
fn maintenance_is_planned_once_and_weekly_and_says_until_when_and_when_next() {
    let story = Standing::start();
    let week = json!([{"days": [1, 2, 3, 4, 5, 6, 7], "hours": {"from": "00:00", "to": "24:00"}}]);
    let weekly =
        json!({"name": "Always", "everything": true, "weekly": {"week": week, "time_zone": "Europe/Madrid"}});
    let made = story.operator.post("/api/v1/maintenance", &weekly).is(201).clone();
    assert!(made["until"].is_string() && story.alarm()["muted_until"].is_string(), "{made}");
    let path = format!("/api/v1/maintenance/{}", text(&made["id"]));
    story.operator.delete(&path).is(204);
    assert_eq!(story.alarm()["muted_until"], Value::Null, "deleting ends it");
    story.operator.post(&format!("{path}/restore"), &json!({})).is(200);
    assert!(story.alarm()["muted_until"].is_string());

    let once = |year: i32| json!({"from": format!("{year}-01-01T00:00:00Z"), "to": format!("{year}-01-01T06:00:00Z")});
    let plan =
        |year| json!({"name": "New year", "everything": false, "rules": [story.rule], "once": once(year)});
    let made = story.operator.post("/api/v1/maintenance", &plan(2999)).is(201).clone();
    assert_eq!((&made["until"], &made["next"]), (&Value::Null, &json!("2999-01-01T00:00:00Z")));
    story.operator.post("/api/v1/maintenance", &plan(1999)).names("once.to");
    let list = story.admin.get("/api/v1/maintenance").items().to_vec();
    let names: Vec<_> = list.iter().map(|one| text(&one["maintenance"]["name"])).collect();
    assert_eq!(names, ["Always", "New year"], "what is in force comes first");
}

const HEADING: &str = "Dashboard;Panel;Métrica;Último dato;Estado;Inicio de alarma;Fin de alarma\n";

#[test]
fn a_history_is_summed_up_and_exported_without_a_formula() {
    let server = Server::start();
    let admin = server.admin();
    // Each hour of a day an alarm of half an hour: of `noisy` in two of three.
    let row = |hour: u32| {
        let metric = if hour.is_multiple_of(3) { "=HYPERLINK(\"x\")" } else { "noisy" };
        let state = if hour.is_multiple_of(2) { "Critica" } else { "Mayor" };
        format!(
            "Red;P;{};95;{state};01/07/2022 {hour:02}:00;01/07/2022 {hour:02}:30\n",
            metric.replace('"', "'")
        )
    };
    let file = format!("{HEADING}{}", (0..24).map(row).collect::<String>());
    let done = admin.send("POST", "/api/v1/alarms/import?time_zone=UTC", Some(file));
    assert_eq!(done.is(200)["created"], 24);
    let range = "from=2022-07-01T06:15:00Z&to=2022-07-01T18:15:00Z";
    let sum = admin.get(&format!("/api/v1/alarms/summary?{range}")).is(200).clone();
    // From 06:00 to 18:00, the first and the last cut by a quarter of an hour.
    assert_eq!((&sum["total"], &sum["critical"], &sum["major"]), (&json!(13), &json!(7), &json!(6)), "{sum}");
    assert_eq!((&sum["hours_in_alarm"], &sum["alarm_hours"]), (&json!(6.0), &json!(6.0)));
    let noisy = &sum["noisiest"][0];
    assert_eq!(
        (&noisy["name"], &noisy["alarms"], &noisy["hours"]),
        (&json!("noisy"), &json!(8), &json!(4.0))
    );
    let csv = text(admin.get(&format!("/api/v1/alarms/export?{range}")).is(200));
    assert_eq!(csv.lines().count(), 1 + 13, "{csv}");
    assert!(csv.contains("'=HYPERLINK") && !csv.contains(",=HYPERLINK"), "{csv}");
}
