//! A dashboard's variables answered by a real Graphite, asked through Grafana's proxy: Grafana itself is a stand-in.

use atalaya_tests::feed::Feed;
use atalaya_tests::grafana::Grafana;
use atalaya_tests::graphite::Graphite;
use atalaya_tests::poll;
use atalaya_tests::server::Server;
use atalaya_tests::stage::{PATIENCE, cpu_rule, text, until_active};
use serde_json::{Value, json};

/// Routers with their links, the links' names depending on the router that is chosen.
fn board() -> Value {
    let variable = |name: &str, query: &str, more: Value| {
        let mut variable = json!({"name": name, "type": "query", "query": query, "datasource": {"type": "graphite", "uid": "g1"},
            "current": {}, "options": [], "multi": true, "includeAll": true});
        variable.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        variable
    };
    json!({"uid": "routers", "title": "Routers", "schemaVersion": 39,
        "panels": [{"id": 4, "title": "CPU", "type": "timeseries", "datasource": {"type": "graphite", "uid": "g1"},
            "fieldConfig": {"defaults": {"unit": "percent"}}, "targets": [
                {"refId": "A", "target": "fast.catalog.$router.cpu", "hide": true},
                {"refId": "B", "target": "aliasByNode(#A, 2)"},
                {"refId": "C", "target": "fast.catalog.$router.$link"}]}],
        "templating": {"list": [
            variable("router", "fast.catalog.*", json!({"regex": "/^r\\d+$/", "sort": 7})),
            variable("link", "expand(fast.catalog.$router.if*)", json!({"regex": "/([^.]+)$/"})),
            variable("tag", "tag_values(none)", json!({}))]}})
}

#[test]
fn all_is_what_graphite_has_now_and_what_joins_leaves_the_alarms_of_the_others_alone() {
    let Some(graphite) = Graphite::shared() else { return };
    let grafana = Grafana::start();
    grafana.put_datasource("g1", "The graphs", "graphite", &graphite.url(), true);
    grafana.put(&board().to_string(), None);
    let server = Server::start();
    let admin = server.admin();
    let feed = Feed::start(graphite.line_port());
    for (series, value) in [("r1.cpu", 95.0), ("r2.cpu", 50.0), ("r2.if7", 1.0), ("other.cpu", 1.0)] {
        feed.set(&format!("fast.catalog.{series}"), value);
    }
    assert_eq!(
        admin.send("PUT", "/api/v1/catalog/grafana", Some(grafana.settings().to_string())).status,
        200
    );
    let load = || {
        admin.post("/api/v1/catalog/import", &Value::Null).is(202);
        poll::until("the load ends", PATIENCE, || {
            let status = admin.get("/api/v1/catalog/import").is(200).clone();
            (status["phase"] != "running").then_some(status)
        })
    };
    assert_eq!(load()["phase"], "done");
    let matched =
        admin.send("PUT", "/api/v1/catalog/datasources/g1", Some(json!({"proxy": true}).to_string()));
    assert_eq!(
        (matched.status, &matched.body["source"]),
        (200, &json!("grafana-the-graphs")),
        "{}",
        matched.body
    );
    let sources = admin.get("/api/v1/sources");
    let made = sources
        .items()
        .iter()
        .find(|source| source["id"] == "grafana-the-graphs")
        .expect("it is one like any other");
    assert_eq!(made["settings"]["url"], format!("{}/api/datasources/proxy/uid/g1", grafana.url()));
    let offset = json!({"offset": "1s"});
    admin.patch("/api/v1/sources/grafana-the-graphs", &offset).is(200);

    let values = |asked: Value| {
        let answer = admin.post("/api/v1/catalog/dashboards/routers/values", &asked);
        answer.is(200)["values"].clone()
    };
    let routers = poll::until("Graphite knows both routers", PATIENCE, || {
        let routers = values(json!({"variable": "router"}));
        (routers == json!(["r1", "r2"])).then_some(routers)
    });
    assert_eq!(routers, json!(["r1", "r2"]));
    poll::until("Graphite knows the link", PATIENCE, || {
        (values(json!({"variable": "link", "chosen": {"router": ["r2"]}})) == json!(["if7"])).then_some(())
    });
    assert_eq!(values(json!({"variable": "link", "chosen": {"router": ["r1"]}})), json!([]));

    let asked = json!({"panel": 4, "ref_ids": ["B"], "chosen": {"router": ["$__all"]}});
    let metric = admin.post("/api/v1/catalog/dashboards/routers/metrics", &asked).is(200)[0].clone();
    assert_eq!(metric["expr"], "aliasByNode(fast.catalog.{r1,r2}.cpu, 2)", "{metric}");
    assert_eq!(
        (&metric["unit"], &metric["origin"]["variables"]["router"]),
        (&json!("%"), &json!(["$__all"]))
    );
    let mut rule = cpu_rule("");
    rule["query"]["source"] = metric["source"].clone();
    rule["query"]["expr"] = metric["expr"].clone();
    rule["origin"] = metric["origin"].clone();
    let rule = text(&admin.post("/api/v1/rules", &rule).is(201)["id"]);
    let raised = until_active(&admin, "r1 raises an alarm", |alarm| alarm["series"] == "r1");

    feed.set("fast.catalog.r3.cpu", 95.0);
    poll::until("Graphite knows the third router", PATIENCE, || {
        (values(json!({"variable": "router"})) == json!(["r1", "r2", "r3"])).then_some(())
    });
    let status = load();
    let joined = json!([{"rule": rule, "rule_name": "CPU router1", "variable": "router", "joined": ["r3"], "left": []}]);
    assert_eq!(status["joined"], joined, "{status}");
    let changed = admin.get(&format!("/api/v1/rules/{rule}")).is(200).clone();
    assert_eq!(changed["query"]["expr"], "aliasByNode(fast.catalog.{r1,r2,r3}.cpu, 2)");
    assert_eq!((&changed["updated_by"], &changed["drift"]), (&json!("system"), &Value::Null));
    until_active(&admin, "r3 raises an alarm", |alarm| alarm["series"] == "r3");
    let still = until_active(&admin, "r1's alarm stays", |alarm| alarm["series"] == "r1");
    assert_eq!(still["id"], raised["id"]);
    assert_eq!(load()["joined"], json!([]), "nothing joined since");
}
