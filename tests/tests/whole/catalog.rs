//! Grafana's dashboards come in, whatever Grafana does; rules see when their dashboards change. Grafana itself is a stand-in.

use std::path::{Path, PathBuf};

use atalaya_tests::client::Client;
use atalaya_tests::grafana::{Grafana, Manner};
use atalaya_tests::paths;
use atalaya_tests::poll;
use atalaya_tests::server::Server;
use serde_json::{Value, json};

use crate::grafana::{count_targets, dashboards};
use crate::stage::{PATIENCE, cpu_rule, text};

/// With Grafana set up.
fn set_up(grafana: &Grafana) -> (Server, Client) {
    let server = Server::start();
    let admin = server.admin();
    let saved = admin.send("PUT", "/api/v1/catalog/grafana", Some(grafana.settings().to_string()));
    assert_eq!((saved.status, &saved.body["has_token"]), (200, &json!(true)), "{}", saved.body);
    assert!(!saved.body.to_string().contains("glsa"), "the token never comes out: {}", saved.body);
    (server, admin)
}

/// Loads, waits for the end, and gives what was told.
fn load(client: &Client) -> Value {
    client.post("/api/v1/catalog/import", &Value::Null).is(202);
    ended(client)
}

fn ended(client: &Client) -> Value {
    poll::until("the load ends", PATIENCE, || {
        let status = client.get("/api/v1/catalog/import").is(200).clone();
        (status["phase"] != "running").then_some(status)
    })
}

fn board(uid: &str, query: &str) -> Value {
    json!({"uid": uid, "title": format!("Board {uid}"), "schemaVersion": 39, "panels": [{"id": 1, "title": "Load",
        "type": "timeseries", "datasource": {"type": "graphite", "uid": "g1"}, "targets": [{"refId": "A", "target": query}]}],
        "templating": {"list": [{"name": "host", "type": "custom", "query": "r1,r2", "multi": true, "includeAll": true}]}})
}

fn titles(client: &Client) -> Vec<String> {
    let page = client.get("/api/v1/catalog/dashboards?limit=1000");
    page.items().iter().map(|item| text(&item["title"])).collect()
}

#[test]
fn every_dashboard_at_hand_is_loaded_and_none_is_lost() {
    let own = paths::root().join("tests/fixtures/grafana");
    let others = paths::root().join("../shared/data/grafana");
    let mut files = dashboards(&own);
    if others.exists() {
        files.extend(dashboards(&others));
    } else {
        println!("skipped: no ../shared; the fixtures of this project are loaded");
    }
    let grafana = Grafana::start();
    grafana.put_folder("f1", "Of the world", None);
    grafana.put_folder("f2", "Within", Some("f1"));
    let keys: Vec<(String, &PathBuf)> =
        files.iter().map(|file| (grafana.put_file(file, Some(("f2", "Within"))), file)).collect();
    let written: usize = keys.iter().map(|(_, file)| written_targets(file)).sum();
    let (_server, admin) = set_up(&grafana);

    let status = load(&admin);
    assert_eq!(status["phase"], "done", "{status}");
    println!(
        "{} dashboards, {} panels, {} targets, {} problems",
        status["dashboards"], status["panels"], status["targets"], status["problems_total"]
    );
    assert_eq!((&status["done"], &status["of"]), (&json!(files.len()), &json!(files.len())), "{status}");
    assert_eq!((&status["dashboards"], &status["added"]), (&json!(files.len()), &json!(files.len())));
    assert_eq!(status["targets"], json!(written));
    let mut shown = 0;
    for (key, file) in &keys {
        let board = admin.get(&format!("/api/v1/catalog/dashboards/{key}"));
        let board = board.is(200);
        let targets = board["panels"].as_array().expect("panels").iter();
        let targets = targets.map(|panel| panel["targets"].as_array().expect("targets").len()).sum::<usize>();
        assert_eq!(targets, written_targets(file), "{}", file.display());
        shown += targets;
    }
    assert_eq!(shown, written);
    let folders = admin.get("/api/v1/catalog/folders");
    assert_eq!(folders.items(), [json!({"name": "Of the world / Within", "dashboards": files.len()})]);

    let again = load(&admin);
    assert_eq!((&again["added"], &again["changed"], &again["removed"]), (&json!(0), &json!(0), &json!(0)));
}

fn written_targets(file: &Path) -> usize {
    let json: Value = serde_json::from_slice(&std::fs::read(file).expect("it can be read")).expect("JSON");
    let mut count = 0;
    count_targets(&json, &mut count);
    count
}

#[test]
fn a_dashboard_that_cannot_be_read_stays_as_it_was_and_says_why() {
    let grafana = Grafana::start();
    for uid in ["a", "b"] {
        grafana.put(&board(uid, "lab.$host.cpu").to_string(), None);
    }
    let (_server, admin) = set_up(&grafana);
    load(&admin);
    let bad = [
        (Manner::Status(403), "Viewer"),
        (Manner::Status(404), "vanished"),
        (Manner::Status(500), "fails (500)"),
        (Manner::Page, "HTML page titled \"Sign in\""),
        (Manner::Half, "half of a document"),
        (Manner::Redirect, "sends elsewhere (302)"),
        (Manner::Other, "without what was asked for"),
    ];
    for (manner, words) in bad {
        grafana.behave("a", manner);
        let status = load(&admin);
        assert_eq!(
            (&status["phase"], &status["done"], &status["dashboards"]),
            (&json!("done"), &json!(2), &json!(1))
        );
        let told = text(&status["problems"][0]["words"]);
        assert!(
            told.contains(words) && status["problems"][0]["dashboard"] == "Board a",
            "{manner:?}: {told}"
        );
        let spanish = admin.clone().speaking("es").get("/api/v1/catalog/import");
        assert_ne!(text(&spanish.is(200)["problems"][0]["words"]), told);
        assert_eq!(titles(&admin), ["Board a", "Board b"], "{manner:?}");
        admin.get("/api/v1/catalog/dashboards/a").is(200);
    }
    grafana.behave("a", Manner::Well);
    grafana.remove("b");
    assert_eq!(load(&admin)["removed"], 1);
    assert_eq!(titles(&admin), ["Board a"]);
}

#[test]
fn a_dashboard_of_ten_megabytes_and_one_of_an_unknown_version_are_read() {
    let grafana = Grafana::start();
    let mut large = board("large", "lab.cpu");
    large["description"] = json!("x".repeat(10 << 20));
    let mut new = board("new", "lab.cpu");
    new["schemaVersion"] = json!(999);
    grafana.put(&large.to_string(), None);
    grafana.put(&new.to_string(), None);
    let (_server, admin) = set_up(&grafana);
    let status = load(&admin);
    assert_eq!((&status["dashboards"], &status["problems_total"]), (&json!(2), &json!(1)), "{status}");
    assert!(text(&status["problems"][0]["words"]).contains("schema version 999"));
}

#[test]
fn a_load_that_is_cancelled_leaves_the_catalog_as_it_was_and_what_was_read() {
    let grafana = Grafana::start();
    let keys: Vec<String> =
        (10..30).map(|n| grafana.put(&board(&format!("b{n}"), "lab.cpu").to_string(), None)).collect();
    let (_server, admin) = set_up(&grafana);
    load(&admin);
    keys.iter().for_each(|key| grafana.behave(key, Manner::Waits));
    admin.post("/api/v1/catalog/import", &Value::Null).is(202);
    let running = poll::until("a dashboard is being read", PATIENCE, || {
        let status = admin.get("/api/v1/catalog/import").is(200).clone();
        (!status["current"].is_null()).then_some(status)
    });
    assert_eq!((&running["phase"], &running["of"]), (&json!("running"), &json!(20)));
    let second = admin.post("/api/v1/catalog/import", &Value::Null);
    assert_eq!(second.status, 409, "{}", second.body);
    admin.delete("/api/v1/catalog/import").is(200);
    grafana.open();
    let status = ended(&admin);
    assert_eq!(status["phase"], "cancelled", "{status}");
    assert!(status["done"].as_u64() < Some(20), "{status}");
    assert_eq!(titles(&admin).len(), 20);
}

#[test]
fn who_is_not_let_in_is_told_and_the_catalog_stays() {
    let grafana = Grafana::start();
    grafana.put(&board("a", "lab.cpu").to_string(), None);
    let (_server, admin) = set_up(&grafana);
    load(&admin);
    let tested = admin.post("/api/v1/catalog/grafana/test", &grafana.settings());
    assert!(
        text(&tested.is(200)["message"]).contains("Grafana 10.4.1 answers: 1 dashboard of \"Main Org.\"")
    );
    let mut wrong = grafana.settings();
    wrong["token"] = json!("glsa_wrong");
    let tested = admin.post("/api/v1/catalog/grafana/test", &wrong);
    assert_eq!(tested.is(200)["ok"], false);
    admin.send("PUT", "/api/v1/catalog/grafana", Some(wrong.to_string()));
    let status = load(&admin);
    assert_eq!(status["phase"], "failed");
    assert!(text(&status["error"]).contains("does not accept the token (401)"), "{status}");
    assert_eq!(titles(&admin), ["Board a"]);
    let moved = json!({"url": "http://127.0.0.1:1"}).to_string();
    let moved = admin.send("PUT", "/api/v1/catalog/grafana", Some(moved));
    assert_eq!((moved.status, &moved.body["errors"][0]["field"]), (422, &json!("token")), "{}", moved.body);
}

#[test]
fn a_rule_sees_that_its_dashboard_changed_and_follows_or_keeps() {
    let grafana = Grafana::start();
    // Nobody answers there: what needs no values of a source needs no source that answers.
    grafana.put_datasource("g1", "Graphite", "graphite", "http://127.0.0.1:1", true);
    let own = board("a", "alias(lab.$host.cpu, 'CPU $host')");
    grafana.put(&own.to_string(), None);
    let (_server, admin) = set_up(&grafana);
    load(&admin);
    let source = json!({"id": "graphite", "kind": "graphite", "name": "G", "url": "http://localhost:1/"});
    admin.post("/api/v1/sources", &source).is(201);
    let datasources = admin.get("/api/v1/catalog/datasources");
    assert_eq!(datasources.items()[0]["suggested"], "graphite");
    let asked = json!({"panel": 1, "ref_ids": ["A"], "chosen": {"host": ["r1"]}});
    let metrics =
        |asked: &Value| admin.post("/api/v1/catalog/dashboards/a/metrics", asked).is(200)[0].clone();
    assert!(text(&metrics(&asked)["problem"]).contains("no source stands for"), "not before it is confirmed");
    let matched = json!({"source": "graphite"}).to_string();
    let matched = admin.send("PUT", "/api/v1/catalog/datasources/g1", Some(matched));
    assert_eq!((matched.status, &matched.body["source"]), (200, &json!("graphite")), "{}", matched.body);

    let metric = metrics(&asked);
    assert_eq!(
        (&metric["name"], &metric["expr"]),
        (&json!("A: CPU r1"), &json!("alias(lab.r1.cpu, 'CPU r1')"))
    );
    let mut rule = cpu_rule("");
    rule["query"]["source"] = metric["source"].clone();
    rule["query"]["expr"] = metric["expr"].clone();
    rule["origin"] = metric["origin"].clone();
    let id = text(&admin.post("/api/v1/rules", &rule).is(201)["id"]);
    assert_eq!(metrics(&asked)["configured"], json!(["threshold"]));
    let path = format!("/api/v1/rules/{id}");
    assert_eq!(load(&admin)["drifted"], 0);
    assert!(admin.get(&path).is(200)["drift"].is_null());

    grafana.put(&board("a", "lab.$host.load").to_string(), None);
    assert_eq!(load(&admin)["drifted"], 1);
    let drift = json!({"before": "alias(lab.$host.cpu, 'CPU $host')", "now": "lab.$host.load", "expr": "lab.r1.load"});
    assert_eq!(admin.get(&path).is(200)["drift"], drift);
    let kept = admin.post(&format!("{path}/keep"), &Value::Null).is(200).clone();
    assert_eq!((&kept["drift"], &kept["query"]["expr"]), (&Value::Null, &metric["expr"]));
    assert_eq!(load(&admin)["drifted"], 0, "what was kept is not told again");

    grafana.put(&board("a", "lab.$host.mem").to_string(), None);
    assert_eq!(load(&admin)["drifted"], 1, "what changed since is");
    let followed = admin.post(&format!("{path}/follow"), &Value::Null).is(200).clone();
    assert_eq!((&followed["drift"], &followed["query"]["expr"]), (&Value::Null, &json!("lab.r1.mem")));
    assert_eq!(followed["query"]["dashboard"], "Board a");

    grafana.remove("a");
    assert_eq!(load(&admin)["drifted"], 1);
    assert!(admin.get(&path).is(200)["drift"]["now"].is_null());
    assert_eq!(admin.post(&format!("{path}/follow"), &Value::Null).status, 404);
    admin.post(&format!("{path}/keep"), &Value::Null).is(200);
    assert!(admin.get(&path).is(200)["drift"].is_null());
}

#[test]
fn exported_files_are_put_in_with_what_they_leave_open() {
    let server = Server::start();
    let admin = server.admin();
    let export = json!({"title": "Exported", "__inputs": [{"name": "DS_P", "type": "datasource", "pluginId": "prometheus"},
        {"name": "VAR_JOB", "type": "constant", "value": "node"}],
        "panels": [{"id": 1, "title": "Up", "datasource": {"type": "prometheus", "uid": "${DS_P}"},
            "targets": [{"refId": "A", "expr": "up{job=\"${VAR_JOB}\"}"}]}]});
    let files = json!([{"name": "a.json", "text": export.to_string()}, {"name": "b.json", "text": "{\"panels\": ["},
        {"name": "c.json", "text": "{\"kind\": 1}"}]);
    let status = admin.post("/api/v1/catalog/files", &files).is(200).clone();
    assert_eq!((&status["added"], &status["problems_total"]), (&json!(1), &json!(2)), "{status}");
    assert_eq!(
        (&status["problems"][0]["dashboard"], &status["problems"][1]["dashboard"]),
        (&json!("b.json"), &json!("c.json"))
    );
    let uid = text(&admin.get("/api/v1/catalog/dashboards").items()[0]["uid"]);
    let source = json!({"id": "prom", "kind": "prometheus", "name": "P", "url": "http://127.0.0.1:1"});
    admin.post("/api/v1/sources", &source).is(201);
    let datasources = admin.get("/api/v1/catalog/datasources");
    assert_eq!(
        (&datasources.items()[0]["uid"], &datasources.items()[0]["suggested"]),
        (&json!("DS_P"), &json!("prom"))
    );
    let matched = json!({"source": "prom"}).to_string();
    assert_eq!(admin.send("PUT", "/api/v1/catalog/datasources/DS_P", Some(matched)).status, 200);
    let asked = json!({"panel": 1, "ref_ids": []});
    let metrics = admin.post(&format!("/api/v1/catalog/dashboards/{uid}/metrics"), &asked);
    assert_eq!(metrics.is(200)[0]["expr"], "up{job=\"node\"}");
    admin.delete(&format!("/api/v1/catalog/dashboards/{uid}")).is(204);
    assert_eq!(admin.get(&format!("/api/v1/catalog/dashboards/{uid}")).status, 404);
}

#[test]
fn variables_that_refer_to_each_other_are_told() {
    let server = Server::start();
    let admin = server.admin();
    let variable =
        |name: &str, query: &str| json!({"name": name, "type": "query", "query": query, "datasource": "G"});
    let mut circle = board("circle", "lab.$a");
    circle["panels"][0]["datasource"] = json!("G");
    circle["templating"]["list"] = json!([variable("a", "lab.$b.*"), variable("b", "lab.$a.*")]);
    circle["panels"][0]["datasource"] = json!({"type": "graphite", "uid": "G"});
    let files = json!([{"name": "a.json", "text": circle.to_string()}]);
    admin.post("/api/v1/catalog/files", &files).is(200);
    let source = json!({"id": "graphite", "kind": "graphite", "name": "G", "url": "http://127.0.0.1:1"});
    admin.post("/api/v1/sources", &source).is(201);
    let matched = json!({"source": "graphite"}).to_string();
    assert_eq!(admin.send("PUT", "/api/v1/catalog/datasources/G", Some(matched)).status, 200);
    let values = admin.post("/api/v1/catalog/dashboards/circle/values", &json!({"variable": "a"}));
    assert_eq!(values.status, 422, "{}", values.body);
    assert!(text(&values.body["errors"][0]["message"]).contains("$a → $b → $a"), "{}", values.body);
}
