//! What an entry of the audit log changed: its values before and after, side by side.

use serde_json::Value;

/// One value that is not what it was; none: it was not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where it is, e.g. `check.params.warning`; empty: the whole.
    pub path: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// What differs, in the order of the names; lists are compared as a whole.
pub fn differences(before: Option<&Value>, after: Option<&Value>) -> Vec<Difference> {
    let mut found = Vec::new();
    collect("", before, after, &mut found);
    found
}

/// What some entries keep the thing itself under, beside its version.
const WITHIN: [&str; 7] = ["rule", "template", "source", "calendar", "receiver", "maintenance", "draft"];

/// What the subject is called, where its values say so.
pub fn name_of<'a>(before: Option<&'a Value>, after: Option<&'a Value>) -> Option<&'a str> {
    let named = |value: &'a Value| {
        let inside = WITHIN.iter().filter_map(|name| value.get(*name));
        std::iter::once(value).chain(inside).find_map(|thing| thing.get("name")?.as_str())
    };
    after.and_then(named).or_else(|| before.and_then(named))
}

fn collect(path: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    // What is null says as little as what is not there.
    let there = |value: Option<&Value>| value.is_some_and(|value| !value.is_null());
    let names = names_of(before, after);
    if names.is_empty() {
        if before != after && (there(before) || there(after)) {
            let text = |value: Option<&Value>| value.filter(|value| !value.is_null()).map(text_of);
            found.push(Difference { path: path.to_owned(), before: text(before), after: text(after) });
        }
        return;
    }
    for name in names {
        let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let member = |value: Option<&Value>| value.and_then(|value| value.get(&name)).cloned();
        collect(&inner, member(before).as_ref(), member(after).as_ref(), found);
    }
}

/// The members to compare one by one: none where one of the two is something else than an object.
fn names_of(before: Option<&Value>, after: Option<&Value>) -> Vec<String> {
    let mut names = Vec::new();
    for value in [before, after].into_iter().flatten() {
        match value {
            Value::Object(members) => names.extend(members.keys().cloned()),
            Value::Null => {}
            _ => return Vec::new(),
        }
    }
    names.sort();
    names.dedup();
    names
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lines(before: Option<Value>, after: Option<Value>) -> Vec<String> {
        let found = differences(before.as_ref(), after.as_ref());
        let text = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        found
            .into_iter()
            .map(|one| format!("{}: {} > {}", one.path, text(one.before), text(one.after)))
            .collect()
    }

    #[test]
    fn a_change_shows_only_what_differs_by_its_path() {
        let before =
            json!({"name": "CPU", "interval": "10s", "check": {"params": {"warning": 70, "major": 80}}});
        let after =
            json!({"name": "CPU", "interval": "30s", "check": {"params": {"warning": 75, "critical": 90}}});
        assert_eq!(
            lines(Some(before), Some(after)),
            [
                "check.params.critical: - > 90",
                "check.params.major: 80 > -",
                "check.params.warning: 70 > 75",
                "interval: 10s > 30s"
            ]
        );
    }

    #[test]
    fn what_was_made_or_deleted_shows_all_of_it_on_one_side() {
        assert_eq!(
            lines(None, Some(json!({"role": "admin", "groups": ["a", "b"]}))),
            [r#"groups: - > ["a","b"]"#, "role: - > admin"]
        );
        assert_eq!(lines(Some(json!("es")), Some(json!("en"))), [": es > en"]);
        assert_eq!(lines(Some(json!({"at": null})), Some(json!({}))), Vec::<String>::new());
        assert_eq!(lines(None, None), Vec::<String>::new());
    }

    #[test]
    fn an_object_that_became_something_else_is_shown_whole() {
        assert_eq!(lines(Some(json!({"x": {"y": 1}})), Some(json!({"x": 2}))), [r#"x: {"y":1} > 2"#]);
    }

    #[test]
    fn the_subject_is_called_what_it_is_called_now() {
        let (before, after) = (json!({"name": "old"}), json!({"name": "new"}));
        assert_eq!(name_of(Some(&before), Some(&after)), Some("new"));
        assert_eq!(name_of(Some(&before), None), Some("old"));
        assert_eq!(
            name_of(
                None,
                Some(&json!({"version": 2, "rule": {"name": "inner", "check": {"name": "trend"}}}))
            ),
            Some("inner")
        );
        assert_eq!(name_of(None, None), None);
    }
}
