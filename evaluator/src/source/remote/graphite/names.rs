//! What Grafana's variables ask of Graphite: nodes of paths, expanded paths, tags and their values.

use serde_json::Value;

use super::super::http::Form;

/// A variable's query, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The last nodes of the paths that match.
    Nodes(String),
    /// The whole paths.
    Paths(String),
    Tags(Vec<String>),
    TagValues {
        tag: String,
        exprs: Vec<String>,
    },
}

impl Ask {
    /// `expand(a.*)`, `tags(name=cpu)`, `tag_values(host, name=cpu)`, or a path with wildcards.
    pub fn of(query: &str) -> Self {
        let query = query.trim();
        if let Some(inside) = inside(query, "expand") {
            return Ask::Paths(inside.trim().to_owned());
        }
        if let Some(inside) = inside(query, "tags") {
            return Ask::Tags(arguments(inside));
        }
        let mut values = inside(query, "tag_values").map(arguments).unwrap_or_default();
        if values.is_empty() {
            return Ask::Nodes(query.to_owned());
        }
        Ask::TagValues { tag: values.remove(0), exprs: values }
    }

    /// Where it is asked, and with what.
    pub fn request(&self) -> (&'static str, Form) {
        let with_exprs = |form: Form, exprs: &[String]| {
            exprs.iter().fold(form.with("limit", "10000"), |form, expr| form.with("expr", expr))
        };
        match self {
            Ask::Nodes(pattern) => {
                ("/metrics/find", Form::default().with("query", pattern).with("format", "treejson"))
            }
            Ask::Paths(pattern) => {
                ("/metrics/expand", Form::default().with("query", pattern).with("leavesOnly", "0"))
            }
            Ask::Tags(exprs) => ("/tags/autoComplete/tags", with_exprs(Form::default(), exprs)),
            Ask::TagValues { tag, exprs } => {
                ("/tags/autoComplete/values", with_exprs(Form::default().with("tag", tag), exprs))
            }
        }
    }

    /// The names in an answer, each once, in their order. None: it is no such answer.
    pub fn read(&self, json: &Value) -> Option<Vec<String>> {
        let list = match self {
            Ask::Paths(_) => json.get("results")?.as_array()?,
            _ => json.as_array()?,
        };
        let mut names: Vec<String> = Vec::with_capacity(list.len());
        let mut seen = std::collections::HashSet::new();
        for one in list {
            let name = match self {
                Ask::Nodes(_) => one.get("text")?.as_str()?,
                _ => one.as_str()?,
            };
            if seen.insert(name) {
                names.push(name.to_owned());
            }
        }
        Some(names)
    }
}

/// What stands in the parentheses of a function that is the whole query.
fn inside<'a>(query: &'a str, function: &str) -> Option<&'a str> {
    query.strip_prefix(function)?.trim_start().strip_prefix('(')?.strip_suffix(')')
}

/// Separated by commas; one with commas in it stands in quotes.
fn arguments(inside: &str) -> Vec<String> {
    let (mut all, mut quote) = (vec![String::new()], None);
    for c in inside.chars() {
        let last = all.last_mut().expect("there is always a last one");
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, ',') => all.push(String::new()),
            _ => last.push(c),
        }
    }
    all.into_iter().map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_way_of_asking_is_known() {
        assert_eq!(Ask::of("net.*.if"), Ask::Nodes("net.*.if".into()));
        assert_eq!(Ask::of(" expand(net.*) "), Ask::Paths("net.*".into()));
        assert_eq!(Ask::of("tags()"), Ask::Tags(vec![]));
        assert_eq!(
            Ask::of("tag_values(host, name=cpu, 'dc=~a,b')"),
            Ask::TagValues { tag: "host".into(), exprs: vec!["name=cpu".into(), "dc=~a,b".into()] }
        );
        let (path, form) = Ask::of("tag_values(host, name=cpu)").request();
        assert_eq!(
            (path, form.as_str()),
            ("/tags/autoComplete/values", "tag=host&limit=10000&expr=name%3Dcpu")
        );
    }

    #[test]
    fn answers_are_nodes_or_lists() {
        let nodes = json!([{"text": "r1", "leaf": 0}, {"text": "r2"}, {"text": "r1"}]);
        assert_eq!(Ask::Nodes(String::new()).read(&nodes), Some(vec!["r1".into(), "r2".into()]));
        let paths = json!({"results": ["a.b"]});
        assert_eq!(Ask::Paths(String::new()).read(&paths), Some(vec!["a.b".into()]));
        assert_eq!(Ask::Tags(vec![]).read(&json!(["host"])), Some(vec!["host".into()]));
        assert_eq!(Ask::Tags(vec![]).read(&json!({"error": 1})), None);
    }
}
