//! A dashboard's variables.

use serde_json::Value;

use super::Problem;
use super::interpolate::{Choice, mentions};
use super::panel::Datasource;
use super::read::{flag, list, text};

/// What a variable's values are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VariableKind {
    /// Asked of a data source.
    #[default]
    Query,
    Custom,
    Interval,
    Datasource,
    Textbox,
    Constant,
    /// Filters that Grafana adds to queries by itself.
    Adhoc,
}

impl VariableKind {
    const ALL: [(&str, VariableKind); 7] = [
        ("query", VariableKind::Query),
        ("custom", VariableKind::Custom),
        ("interval", VariableKind::Interval),
        ("datasource", VariableKind::Datasource),
        ("textbox", VariableKind::Textbox),
        ("constant", VariableKind::Constant),
        ("adhoc", VariableKind::Adhoc),
    ];

    /// Whether there are values to choose from.
    pub fn has_values(self) -> bool {
        !matches!(self, VariableKind::Adhoc)
    }

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("query", |(name, _)| name)
    }
}

/// One variable.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variable {
    pub name: String,
    pub label: Option<String>,
    pub kind: VariableKind,
    /// For `query` what is asked; else the values as written.
    pub query: String,
    pub datasource: Datasource,
    /// Applied to each value of a query; its first group, or `text` and `value` by name, is what is taken.
    pub regex: Option<String>,
    /// Grafana's number for the order of the values; 0: as they came.
    pub sort: u64,
    pub multi: bool,
    pub include_all: bool,
    /// What "All" stands for, unformatted; none: every value.
    pub all_value: Option<String>,
    /// The values that the dashboard itself names, in their order.
    pub options: Vec<String>,
    /// What is chosen where the dashboard was saved.
    pub current: Option<Choice>,
}

/// What "All" is called inside.
pub const ALL: &str = "$__all";

pub(super) fn read(json: &Value, problems: &mut Vec<Problem>) -> Option<Variable> {
    let Some(name) = text(json, "name") else {
        problems.push(Problem::new(
            "dashboard",
            "has a variable without a name",
            "tiene una variable sin nombre",
        ));
        return None;
    };
    let told = text(json, "type").unwrap_or_default();
    let kind = VariableKind::ALL.iter().find(|(name, _)| *name == told).map(|(_, kind)| *kind);
    if kind.is_none() {
        problems.push(Problem::new(
            &name,
            format!("is a variable of the unknown kind {told:?}; its chosen value is used"),
            format!("es una variable de tipo desconocido, {told:?}; se usa el valor elegido"),
        ));
    }
    let query = query_of(json);
    if mentions(&query, &name) {
        problems.push(Problem::new(
            &name,
            "is a variable whose query refers to itself",
            "es una variable cuya consulta se refiere a sí misma",
        ));
    }
    let kind = kind.unwrap_or(VariableKind::Textbox);
    Some(Variable {
        label: text(json, "label"),
        datasource: Datasource::read(json.get("datasource")),
        regex: text(json, "regex"),
        sort: json.get("sort").and_then(Value::as_u64).unwrap_or(0),
        multi: flag(json, "multi"),
        include_all: flag(json, "includeAll"),
        all_value: text(json, "allValue"),
        options: options(json, kind, &query),
        current: current(json),
        name,
        kind,
        query,
    })
}

/// A text, or an object that holds it (newer Prometheus and Graphite editors).
fn query_of(json: &Value) -> String {
    let query = json.get("query");
    let text_of = |value: &Value| value.as_str().map(str::to_owned);
    let told = query.and_then(|query| {
        let told = text_of(query).or_else(|| text(query, "query")).or_else(|| text(query, "target"));
        told.or_else(|| text(query, "expr"))
    });
    told.or_else(|| text(json, "definition")).unwrap_or_default()
}

/// As listed; else as written, separated by commas (a backslash makes a comma one of the value).
fn options(json: &Value, kind: VariableKind, query: &str) -> Vec<String> {
    let listed: Vec<String> =
        list(json, "options").iter().filter_map(value_of).filter(|value| value != ALL).collect();
    if !listed.is_empty() {
        return listed;
    }
    match kind {
        VariableKind::Custom | VariableKind::Interval => written(query),
        VariableKind::Constant | VariableKind::Textbox if !query.is_empty() => vec![query.to_owned()],
        _ => Vec::new(),
    }
}

fn written(values: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut characters = values.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => all.last_mut().expect("there is always a last one").extend(characters.next()),
            ',' => all.push(String::new()),
            other => all.last_mut().expect("there is always a last one").push(other),
        }
    }
    // "name : value" shows the name and means the value.
    let value =
        |text: String| text.split_once(" : ").map_or(text.trim(), |(_, value)| value.trim()).to_owned();
    all.into_iter().map(value).filter(|value| !value.is_empty()).collect()
}

fn value_of(option: &Value) -> Option<String> {
    match option.get("value")? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Exported dashboards often have `{}` here.
fn current(json: &Value) -> Option<Choice> {
    match json.pointer("/current/value")? {
        Value::String(value) if value == ALL => Some(Choice::All),
        Value::String(value) => Some(Choice::One(value.clone())),
        Value::Number(value) => Some(Choice::One(value.to_string())),
        Value::Array(values) => {
            let values: Vec<String> = values.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            match values.as_slice() {
                [] => None,
                [only] if only == ALL => Some(Choice::All),
                _ => Some(Choice::Many(values)),
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn variable(json: Value) -> Variable {
        read(&json, &mut Vec::new()).expect("a variable")
    }

    #[test]
    fn values_as_written_are_taken_where_none_are_listed() {
        let custom = variable(json!({"name": "r", "type": "custom", "query": "1s, 15s,a\\,b, one : 1"}));
        assert_eq!(custom.options, ["1s", "15s", "a,b", "1"]);
        assert_eq!(variable(json!({"name": "c", "type": "constant", "query": "x,y"})).options, ["x,y"]);
    }

    #[test]
    fn a_query_is_a_text_or_an_object_that_holds_it() {
        let old = variable(json!({"name": "a", "type": "query", "query": "stats.*"}));
        let new = variable(
            json!({"name": "b", "type": "query", "query": {"query": "label_values(up, job)", "refId": "x"}}),
        );
        assert_eq!((old.query.as_str(), new.query.as_str()), ("stats.*", "label_values(up, job)"));
    }

    #[test]
    fn what_is_chosen_is_one_several_all_or_not_told() {
        let current =
            |value: Value| variable(json!({"name": "a", "type": "query", "current": value})).current;
        assert_eq!(current(json!({"value": "x"})), Some(Choice::One("x".to_owned())));
        assert_eq!(
            current(json!({"value": ["x", "y"]})),
            Some(Choice::Many(vec!["x".to_owned(), "y".to_owned()]))
        );
        assert_eq!(current(json!({"value": ["$__all"]})), Some(Choice::All));
        assert_eq!(current(json!({})), None);
    }

    #[test]
    fn a_variable_that_refers_to_itself_is_told() {
        let mut problems = Vec::new();
        read(&json!({"name": "a", "type": "query", "query": "x.[[a]].*"}), &mut problems);
        assert_eq!(problems.len(), 1);
    }
}
