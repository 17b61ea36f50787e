//! What Grafana's variables ask of Prometheus.

use super::names::is_metric;

/// A variable's query, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    LabelNames {
        of: Option<String>,
    },
    LabelValues {
        label: String,
        of: Option<String>,
    },
    /// Metrics whose names match.
    Metrics(String),
    /// Each series of an expression with its value and time.
    Result(String),
    /// Each series of a selector.
    Series(String),
}

impl Ask {
    pub fn of(query: &str) -> Self {
        let query = query.trim();
        let text = |inside: &str| Some(inside.trim().to_owned()).filter(|inside| !inside.is_empty());
        if let Some(inside) = inside(query, "label_names") {
            return Ask::LabelNames { of: text(inside) };
        }
        if let Some(inside) = inside(query, "label_values") {
            // The label comes last; a selector before it may hold commas.
            let (of, label) = inside.rsplit_once(',').map_or((None, inside), |(of, label)| (text(of), label));
            if is_metric(label.trim()) {
                return Ask::LabelValues { label: label.trim().to_owned(), of };
            }
        }
        if let Some(inside) = inside(query, "metrics") {
            return Ask::Metrics(inside.trim().to_owned());
        }
        match inside(query, "query_result") {
            Some(inside) => Ask::Result(inside.trim().to_owned()),
            None => Ask::Series(query.to_owned()),
        }
    }
}

/// What stands in the parentheses of a function that is the whole query.
fn inside<'a>(query: &'a str, function: &str) -> Option<&'a str> {
    query.strip_prefix(function)?.trim_start().strip_prefix('(')?.strip_suffix(')')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_asking_is_known() {
        let values = |label: &str, of: Option<&str>| Ask::LabelValues {
            label: label.to_owned(),
            of: of.map(str::to_owned),
        };
        for (query, ask) in [
            ("label_values(job)", values("job", None)),
            ("label_values(up{a=\"x\",b=\"y\"}, instance)", values("instance", Some("up{a=\"x\",b=\"y\"}"))),
            ("label_names()", Ask::LabelNames { of: None }),
            ("label_names(up)", Ask::LabelNames { of: Some("up".into()) }),
            ("metrics(node_.*)", Ask::Metrics("node_.*".into())),
            ("query_result(topk(5, sum(up) by (job)))", Ask::Result("topk(5, sum(up) by (job))".into())),
            ("up{job=\"node\"}", Ask::Series("up{job=\"node\"}".into())),
        ] {
            assert_eq!(Ask::of(query), ask, "{query}");
        }
    }
}
