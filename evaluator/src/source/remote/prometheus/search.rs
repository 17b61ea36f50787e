//! Finding names: metrics by words or wildcards, series of one metric or of a selector.

use atalaya_api::source::SeriesHit;

use super::names::{is_metric, quoted};

/// A search as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// A selector, whole: `up{job="node"}`.
    Selector(String),
    /// A selector in the making: `up{jo`. The metric's series are what it can become.
    Metric(String),
    /// Metrics whose names hold all of these, whatever their case.
    Words(Vec<String>),
    /// Metrics whose whole name is like this: `*` and `?`.
    Pattern(String),
}

impl Search {
    pub fn of(q: &str) -> Self {
        let q = q.trim();
        match q.split_once('{') {
            Some(_) if q.ends_with('}') => Search::Selector(q.to_owned()),
            Some((metric, _)) if is_metric(metric.trim()) => Search::Metric(metric.trim().to_owned()),
            None if q.contains(['*', '?']) && !q.contains(char::is_whitespace) => {
                Search::Pattern(q.to_owned())
            }
            _ => Search::Words(q.replace('{', " ").split_whitespace().map(str::to_owned).collect()),
        }
    }

    /// The selector of the metrics that are looked for by name. None: series are looked for.
    pub fn names(&self) -> Option<String> {
        let matching = match self {
            Search::Selector(_) | Search::Metric(_) => return None,
            Search::Pattern(pattern) => vec![wildcards(pattern)],
            Search::Words(words) if words.is_empty() => vec![".+".to_owned()],
            Search::Words(words) => {
                words.iter().map(|word| format!("(?i).*{}.*", regex::escape(word))).collect()
            }
        };
        let matchers: Vec<String> =
            matching.iter().map(|regex| format!("__name__=~{}", quoted(regex))).collect();
        Some(format!("{{{}}}", matchers.join(",")))
    }

    /// The selector of the series that are listed beside the metrics that were found: those of the one that is named in full.
    pub fn series(&self, names: &[String]) -> Option<String> {
        match self {
            Search::Selector(selector) => Some(selector.clone()),
            Search::Metric(metric) => Some(metric.clone()),
            Search::Words(words) => match words.as_slice() {
                [word] if names.contains(word) => Some(format!("{{__name__={}}}", quoted(word))),
                _ => None,
            },
            Search::Pattern(_) => None,
        }
    }
}

/// Anchored on both sides, as all of Prometheus' are.
fn wildcards(pattern: &str) -> String {
    regex::escape(pattern).replace("\\*", ".*").replace("\\?", ".")
}

pub fn hit(name: String) -> SeriesHit {
    SeriesHit { name, leaf: true, last_value: None, last_at: None, step: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_parts_of_names_in_any_case() {
        let search = Search::of("node cpu.");
        assert_eq!(
            search.names().as_deref(),
            Some(r#"{__name__=~"(?i).*node.*",__name__=~"(?i).*cpu\\..*"}"#)
        );
        assert_eq!(search.series(&["node_cpu".into()]), None);
        assert_eq!(Search::of("").names().as_deref(), Some(r#"{__name__=~".+"}"#));
    }

    #[test]
    fn a_whole_name_shows_its_series_too() {
        assert_eq!(
            Search::of("up").series(&["up".into(), "up2".into()]).as_deref(),
            Some(r#"{__name__="up"}"#)
        );
        assert_eq!(Search::of("up").series(&["up2".into()]), None);
    }

    #[test]
    fn wildcards_are_of_whole_names() {
        assert_eq!(Search::of("node_*_to?al").names().as_deref(), Some(r#"{__name__=~"node_.*_to.al"}"#));
    }

    #[test]
    fn a_selector_lists_series_whole_or_in_the_making() {
        let whole = r#"up{job="node"}"#;
        assert_eq!(Search::of(whole).series(&[]).as_deref(), Some(whole));
        assert_eq!(Search::of(r#"up{job="no"#).series(&[]).as_deref(), Some("up"));
        assert_eq!(Search::of("up{").names(), None);
    }
}
