//! A dashboard's JSON, whatever its age, becomes a [`Dashboard`].

use std::collections::HashSet;

use serde_json::Value;

use super::library::with_libraries;
use super::panel::{self, Panel};
use super::variable;
use super::{Dashboard, Input, Problem};
use crate::domain::Texts;

/// The newest schema version that is known to be read as it is meant.
const NEWEST_KNOWN: u64 = 42;
/// Rows within rows do not exist; whoever writes them gets this far.
const DEEPEST: usize = 4;

/// Reads a dashboard: as the API gives it (`{"dashboard": …, "meta": …}`), or as it is exported.
///
/// # Errors
/// It is no dashboard; says what would be one.
pub fn read(json: &Value) -> Result<Dashboard, Texts> {
    let (model, meta) = match json.get("dashboard") {
        Some(model @ Value::Object(_)) => (model, json.get("meta")),
        _ => (json, None),
    };
    if model.get("elements").or_else(|| model.pointer("/spec/elements")).is_some_and(Value::is_object) {
        return Err(refused(
            "is in Grafana's new format (v2): export it as the classic model, or load it from Grafana",
            "está en el formato nuevo de Grafana (v2): expórtelo con el modelo clásico o cárguelo de Grafana",
        ));
    }
    let is_list = |field: &str| model.get(field).is_some_and(Value::is_array);
    if !is_list("panels") && !is_list("rows") {
        return Err(refused(
            "has neither panels nor rows: it is not a dashboard of Grafana",
            "no tiene ni paneles ni filas: no es un panel de control de Grafana",
        ));
    }
    let whole = with_libraries(model, json);
    let model = &whole;
    let mut dashboard = Dashboard {
        uid: text(model, "uid"),
        title: text(model, "title").unwrap_or_default(),
        folder: meta.and_then(|meta| text(meta, "folderTitle")),
        tags: list(model, "tags").iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        schema_version: model.get("schemaVersion").and_then(Value::as_u64),
        inputs: list(model, "__inputs").iter().filter_map(input).collect(),
        ..Dashboard::default()
    };
    if let Some(version) = dashboard.schema_version.filter(|version| *version > NEWEST_KNOWN) {
        dashboard.problems.push(Problem::new(
            "dashboard",
            format!("has schema version {version}; up to {NEWEST_KNOWN} is known, the rest is read as far as it goes"),
            format!("tiene la versión de esquema {version}; se conoce hasta la {NEWEST_KNOWN} y el resto se lee hasta donde llega"),
        ));
    }
    let variables = model.pointer("/templating/list").and_then(Value::as_array);
    for one in variables.into_iter().flatten() {
        dashboard.variables.extend(variable::read(one, &mut dashboard.problems));
    }
    for row in list(model, "rows") {
        let title = text(row, "title");
        read_panels(list(row, "panels"), title.as_deref(), 0, &mut dashboard);
    }
    read_panels(list(model, "panels"), None, 0, &mut dashboard);
    number_panels(&mut dashboard);
    Ok(dashboard)
}

fn refused(en: &str, es: &str) -> Texts {
    Texts { en: en.to_owned(), es: es.to_owned() }
}

fn input(json: &Value) -> Option<Input> {
    let is_datasource = text(json, "type").as_deref() == Some("datasource");
    Some(Input {
        name: text(json, "name")?,
        datasource: text(json, "pluginId").filter(|_| is_datasource),
        value: text(json, "value").filter(|_| !is_datasource),
    })
}

/// Panels are told apart by their numbers: those that have none, or one that is taken, get one that is free.
fn number_panels(dashboard: &mut Dashboard) {
    let mut taken = HashSet::new();
    let unnumbered: Vec<usize> = (0..dashboard.panels.len())
        .filter(|at| dashboard.panels[*at].id.is_none_or(|id| !taken.insert(id)))
        .collect();
    let mut next = 1;
    for at in unnumbered {
        while !taken.insert(next) {
            next += 1;
        }
        dashboard.panels[at].id = Some(next);
    }
}

/// Panels in their order; a row panel without panels of its own holds those that follow it.
fn read_panels(panels: &[Value], row: Option<&str>, depth: usize, into: &mut Dashboard) {
    let mut row = row.map(str::to_owned);
    for one in panels {
        if !one.is_object() {
            into.problems.push(Problem::new(
                "dashboard",
                "has a panel that is no object",
                "tiene un panel que no es un objeto",
            ));
        } else if text(one, "type").as_deref() == Some("row") {
            let title = text(one, "title");
            if depth < DEEPEST {
                read_panels(list(one, "panels"), title.as_deref(), depth + 1, into);
            } else {
                into.problems.push(Problem::new(
                    title.unwrap_or_default(),
                    "is a row within too many rows",
                    "es una fila dentro de demasiadas filas",
                ));
                continue;
            }
            row = title;
        } else {
            let panel: Panel = panel::read(one, row.as_deref(), &mut into.problems);
            into.panels.push(panel);
        }
    }
}

/// A text that is not empty.
pub(super) fn text(value: &Value, field: &str) -> Option<String> {
    value.get(field)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

pub(super) fn flag(value: &Value, field: &str) -> bool {
    value.get(field).and_then(Value::as_bool).unwrap_or(false)
}

/// A number, or a text that is one.
pub(super) fn number(value: &Value, field: &str) -> Option<f64> {
    let value = value.get(field)?;
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

pub(super) fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn titles(json: &Value) -> Vec<String> {
        let place = |panel: &Panel| format!("{}/{}", panel.row.as_deref().unwrap_or("-"), panel.title);
        read(json).expect("a dashboard").panels.iter().map(place).collect()
    }

    #[test]
    fn rows_of_old_are_read() {
        let old = json!({"rows": [{"title": "CPU", "panels": [{"title": "a", "type": "graph"}]},
                                   {"title": "", "panels": [{"title": "b", "type": "graph"}]}]});
        assert_eq!(titles(&old), ["CPU/a", "-/b"]);
    }

    #[test]
    fn a_row_panel_holds_its_own_panels_or_those_that_follow() {
        let new = json!({"panels": [
            {"title": "top", "type": "stat"},
            {"title": "Collapsed", "type": "row", "collapsed": true, "panels": [{"title": "in", "type": "stat"}]},
            {"title": "Expanded", "type": "row", "panels": []},
            {"title": "below", "type": "stat"}]});
        assert_eq!(titles(&new), ["-/top", "Collapsed/in", "Expanded/below"]);
    }

    #[test]
    fn the_apis_answer_tells_the_folder() {
        let answer =
            json!({"dashboard": {"uid": "x", "title": "T", "panels": []}, "meta": {"folderTitle": "Net"}});
        let dashboard = read(&answer).expect("a dashboard");
        assert_eq!((dashboard.uid.as_deref(), dashboard.folder.as_deref()), (Some("x"), Some("Net")));
    }

    #[test]
    fn targets_without_a_letter_get_the_next_free_one() {
        let panel = json!({"rows": [{"panels": [{"title": "p", "targets": [
            {"target": "a"}, {"target": "b", "refId": "A"}, {"target": "sum(#A)"}]}]}]});
        let dashboard = read(&panel).expect("a dashboard");
        let letters: Vec<_> =
            dashboard.panels[0].targets.iter().map(|target| target.ref_id.as_str()).collect();
        assert_eq!(letters, ["B", "A", "C"]);
        assert_eq!(dashboard.panels[0].targets[2].query.as_deref(), Some("sum(b)"));
    }

    #[test]
    fn target_full_wins_and_hidden_targets_feed_references() {
        let panel = json!({"panels": [{"title": "p", "type": "graph", "targets": [
            {"refId": "A", "target": "a.b", "hide": true}, {"refId": "B", "target": "sum(#A)"},
            {"refId": "C", "target": "x(#A)", "targetFull": "full(a.b)"}]}]});
        let dashboard = read(&panel).expect("a dashboard");
        let queries: Vec<_> = dashboard.panels[0].targets.iter().map(|t| t.query.as_deref()).collect();
        assert_eq!(queries, [Some("a.b"), Some("sum(a.b)"), Some("full(a.b)")]);
        assert!(dashboard.panels[0].targets[0].hidden);
    }

    #[test]
    fn what_cannot_be_asked_is_told_and_kept() {
        let panel = json!({"panels": [{"title": "Logs", "type": "graph", "targets": [{"refId": "A", "bucketAggs": []}]},
                                       {"title": "Shared", "libraryPanel": {"uid": "lib1"}}]});
        let dashboard = read(&panel).expect("a dashboard");
        assert_eq!(dashboard.panels.len(), 2);
        let told: Vec<_> = dashboard.problems.iter().map(|problem| problem.place.as_str()).collect();
        assert_eq!(told, ["Logs A", "Shared"]);
    }

    #[test]
    fn what_another_data_source_left_behind_misleads_nobody() {
        let target = json!({"refId": "A", "target": "a.b", "bucketAggs": [], "dsType": "elasticsearch"});
        let panels = json!({"panels": [{"title": "p", "datasource": "Graphite", "targets": [target]},
                                        {"title": "q", "datasource": null, "targets": [target]}]});
        let dashboard = read(&panels).expect("a dashboard");
        for panel in &dashboard.panels {
            assert_eq!(panel.targets[0].datasource_type.as_deref(), Some("graphite"), "{}", panel.title);
            assert_eq!(panel.targets[0].query.as_deref(), Some("a.b"));
        }
        assert_eq!(dashboard.problems, []);
    }

    #[test]
    fn what_is_no_dashboard_is_refused_in_words() {
        for (json, words) in [(json!([1]), "neither"), (json!({"spec": {"elements": {}}}), "v2")] {
            assert!(read(&json).expect_err("no dashboard").en.contains(words));
        }
    }

    #[test]
    fn units_and_thresholds_are_found_where_each_age_keeps_them() {
        let panels = json!({"panels": [
            {"type": "timeseries", "fieldConfig": {"defaults": {"unit": "percent", "thresholds": {"steps": [
                {"color": "green", "value": null}, {"color": "red", "value": 80}]}}}},
            {"type": "graph", "yaxes": [{"format": "bps"}], "thresholds": [{"value": 5, "colorMode": "critical"}]},
            {"type": "singlestat", "format": "ms", "thresholds": "50,80"}]});
        let dashboard = read(&panels).expect("a dashboard");
        let units: Vec<_> = dashboard.panels.iter().map(|panel| panel.unit.as_deref()).collect();
        assert_eq!(units, [Some("percent"), Some("bps"), Some("ms")]);
        let values: Vec<Vec<f64>> =
            dashboard.panels.iter().map(|panel| panel.thresholds.iter().map(|t| t.value).collect()).collect();
        assert_eq!(values, [vec![80.0], vec![5.0], vec![50.0, 80.0]]);
    }
}
