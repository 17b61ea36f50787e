//! Library panels: a dashboard holds only their uid, their model is kept apart.

use serde_json::Value;

use super::read::{list, text};

/// The uids of the library panels whose model is not in the dashboard itself, each once.
pub fn library_panels(json: &Value) -> Vec<String> {
    let model = json.get("dashboard").filter(|model| model.is_object()).unwrap_or(json);
    let mut uids = Vec::new();
    each_panel(model, &mut |panel| {
        if let Some(uid) = missing(panel)
            && !uids.contains(&uid)
        {
            uids.push(uid);
        }
    });
    uids
}

/// The dashboard with the models of its library panels in place: those that were loaded with it (`library` of the frame), or that
/// an export brings along (`__elements`). The panel's own id and place stay.
pub fn with_libraries(model: &Value, frame: &Value) -> Value {
    let mut model = model.clone();
    let exported = model.get("__elements").cloned().unwrap_or_default();
    let find = |uid: &str| {
        let loaded = frame.get("library").and_then(|all| all.get(uid));
        loaded
            .or_else(|| exported.get(uid).and_then(|element| element.get("model")))
            .filter(|one| one.is_object())
    };
    for field in ["panels", "rows"] {
        if let Some(panels) = model.get_mut(field) {
            fill(panels, &find);
        }
    }
    model
}

fn fill<'a>(panels: &mut Value, find: &impl Fn(&str) -> Option<&'a Value>) {
    for panel in panels.as_array_mut().into_iter().flatten() {
        if let Some(inner) = panel.get_mut("panels") {
            fill(inner, find);
        }
        let found = missing(panel).and_then(|uid| find(&uid)).and_then(Value::as_object);
        let (Some(found), Some(own)) = (found, panel.as_object_mut()) else { continue };
        for (name, value) in found {
            own.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
}

/// Of a panel that has no targets of its own.
fn missing(panel: &Value) -> Option<String> {
    let uid = panel.get("libraryPanel").and_then(|library| text(library, "uid"))?;
    list(panel, "targets").is_empty().then_some(uid)
}

fn each_panel(model: &Value, visit: &mut impl FnMut(&Value)) {
    for panel in list(model, "panels").iter().chain(list(model, "rows")) {
        visit(panel);
        each_panel(panel, visit);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::read::read;
    use super::*;

    fn frame(library: Value) -> Value {
        let shared = json!({"id": 7, "gridPos": {"x": 1}, "libraryPanel": {"uid": "lib", "name": "Shared"}});
        json!({"dashboard": {"title": "T", "panels": [{"type": "row", "panels": [shared]}]}, "library": library})
    }

    #[test]
    fn a_library_panel_is_read_where_its_model_is_at_hand() {
        let model =
            json!({"id": 99, "type": "graph", "title": "Load", "targets": [{"refId": "A", "target": "a.b"}]});
        let with = frame(json!({"lib": model}));
        assert_eq!(library_panels(&with), ["lib"]);
        let dashboard = read(&with).expect("a dashboard");
        let panel = &dashboard.panels[0];
        assert_eq!((panel.id, panel.title.as_str(), panel.targets.len()), (Some(7), "Load", 1));
        assert_eq!(dashboard.problems, []);
    }

    #[test]
    fn an_export_brings_its_library_panels_along() {
        let export = json!({"panels": [{"id": 1, "libraryPanel": {"uid": "lib"}}],
            "__elements": {"lib": {"model": {"targets": [{"refId": "A", "expr": "up"}]}}}});
        let dashboard = read(&export).expect("a dashboard");
        assert_eq!(dashboard.panels[0].targets[0].query.as_deref(), Some("up"));
    }

    #[test]
    fn one_whose_model_is_nowhere_is_told() {
        let dashboard = read(&frame(json!({}))).expect("a dashboard");
        assert!(dashboard.problems[0].words.en.contains("library panel"), "{:?}", dashboard.problems);
    }
}
