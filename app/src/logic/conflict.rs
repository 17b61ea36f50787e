//! Edits as JSON merge patches (RFC 7396), and what two people changed at once.

use atalaya_api::rule::RuleDraft;
use serde_json::{Map, Value};

use crate::reading;

/// The merge patch that turns `before` into `after`: objects are compared member by member, all else is replaced.
pub fn merge_patch(before: &Value, after: &Value) -> Value {
    let (Value::Object(before), Value::Object(after)) = (before, after) else { return after.clone() };
    let mut patch = Map::new();
    for (name, value) in after {
        match before.get(name) {
            Some(old) if old == value => {}
            Some(old) if old.is_object() && value.is_object() => {
                patch.insert(name.clone(), merge_patch(old, value));
            }
            _ => {
                patch.insert(name.clone(), value.clone());
            }
        }
    }
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        patch.insert(name.clone(), Value::Null);
    }
    Value::Object(patch)
}

/// The patch between two drafts. Params are replaced member by member, too: a level that was emptied becomes null.
pub fn draft_patch(before: &RuleDraft, after: &RuleDraft) -> Value {
    merge_patch(&json(before), &json(after))
}

/// The paths that differ, e.g. `interval`, `check.params.warning`.
pub fn changed(before: &RuleDraft, after: &RuleDraft) -> Vec<String> {
    let mut paths = Vec::new();
    collect("", &json(before), &json(after), &mut paths);
    paths
}

/// What `theirs` and `mine` both changed since `base`, and not to the same.
pub fn clashes(base: &RuleDraft, theirs: &RuleDraft, mine: &RuleDraft) -> Vec<String> {
    let between = changed(theirs, mine);
    let by_me = changed(base, mine);
    let by_them = changed(base, theirs);
    between.into_iter().filter(|path| by_me.contains(path) && by_them.contains(path)).collect()
}

/// `theirs` with what `mine` changed since `base`. None where that is no draft any more, which only params of two
/// different checks could bring about.
pub fn merged(base: &RuleDraft, theirs: &RuleDraft, mine: &RuleDraft) -> Option<RuleDraft> {
    let mut value = json(theirs);
    apply(&mut value, &draft_patch(base, mine));
    reading::from_value(value).ok()
}

/// Applies a merge patch.
fn apply(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(members) = target else { return };
    for (name, value) in patch {
        if value.is_null() && !is_nullable(name) {
            members.remove(name);
        } else {
            apply(members.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

/// Members of a draft that may be null: leaving them out means the same.
fn is_nullable(name: &str) -> bool {
    matches!(
        name,
        "unit" | "dashboard" | "panel" | "interval" | "time_zone" | "runbook_url" | "origin" | "template"
    )
}

fn collect(prefix: &str, before: &Value, after: &Value, paths: &mut Vec<String>) {
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        if before != after {
            paths.push(prefix.to_owned());
        }
        return;
    };
    for name in old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))) {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let none = Value::Null;
        collect(&path, old.get(name).unwrap_or(&none), new.get(name).unwrap_or(&none), paths);
    }
}

fn json(draft: &RuleDraft) -> Value {
    reading::value_of(draft)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn draft(params: Value, interval: &str) -> RuleDraft {
        serde_json::from_value(json!({
            "name": "CPU", "query": {"source": "local", "expr": "a.b"},
            "check": {"name": "threshold", "params": params}, "interval": interval
        }))
        .expect("a draft")
    }

    #[test]
    fn a_patch_names_only_what_changed() {
        let before = draft(json!({"warning": 70, "major": 80}), "10s");
        let after = draft(json!({"warning": 75}), "10s");
        assert_eq!(
            draft_patch(&before, &after),
            json!({"check": {"params": {"warning": 75, "major": null}}})
        );
    }

    #[test]
    fn two_edits_of_different_fields_are_joined() {
        let base = draft(json!({"warning": 70, "major": 80}), "10s");
        let theirs = draft(json!({"warning": 70, "major": 80}), "30s");
        let mine = draft(json!({"warning": 75}), "10s");
        assert_eq!(clashes(&base, &theirs, &mine), Vec::<String>::new());
        assert_eq!(merged(&base, &theirs, &mine), Some(draft(json!({"warning": 75}), "30s")));
    }

    #[test]
    fn two_edits_of_the_same_field_clash() {
        let base = draft(json!({"warning": 70}), "10s");
        let theirs = draft(json!({"warning": 80}), "10s");
        let mine = draft(json!({"warning": 75}), "10s");
        assert_eq!(clashes(&base, &theirs, &mine), ["check.params.warning"]);
        assert_eq!(clashes(&base, &theirs, &theirs), Vec::<String>::new());
    }
}
