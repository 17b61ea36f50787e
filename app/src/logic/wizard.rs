//! Adding metrics of a dashboard, step by step: what is chosen so far, what is still to choose, the rules that come of it, and
//! the address that resumes it.

use std::collections::BTreeMap;

use atalaya_api::catalog::{CatalogMetric, Dashboard, Panel, Target, Variable};
use atalaya_api::rule::RuleDraft;
use atalaya_api::template::Metric;

use super::query::{self, Pairs};

/// All of a variable's values, whatever joins later; as Grafana writes it.
pub const ALL: &str = "$__all";

/// Where metrics are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    Dashboard,
    #[default]
    Source,
}

/// What is chosen one after the other; each folds into a line once it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Dashboard,
    Panel,
    Metrics,
    /// Values and settings, beside the chart.
    Values,
}

/// What is chosen of the catalog.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// The dashboard's uid; empty: none yet.
    pub dashboard: String,
    /// The panel's number within it.
    pub panel: Option<i64>,
    /// The letters of targets, in the panel's order.
    pub refs: Vec<String>,
    /// What the operator chose for variables; the others are as the dashboard was saved.
    pub variables: BTreeMap<String, Vec<String>>,
}

impl Chosen {
    /// The first step that lacks something.
    pub fn step(&self) -> Step {
        match self {
            Chosen { dashboard, .. } if dashboard.is_empty() => Step::Dashboard,
            Chosen { panel: None, .. } => Step::Panel,
            Chosen { refs, .. } if refs.is_empty() => Step::Metrics,
            _ => Step::Values,
        }
    }

    /// Another dashboard has other panels and variables; the same one keeps all.
    pub fn choose_dashboard(&mut self, uid: &str) {
        if self.dashboard != uid {
            *self = Chosen { dashboard: uid.to_owned(), ..Chosen::default() };
        }
    }

    /// Another panel has other targets. One that can be watched in one way only needs no further choice.
    pub fn choose_panel(&mut self, panel: &Panel) {
        if self.panel == Some(panel.id) {
            return;
        }
        self.panel = Some(panel.id);
        let mut watchable = panel.targets.iter().filter(|target| is_watchable(target));
        self.refs = match (watchable.next(), watchable.next()) {
            (Some(only), None) => vec![only.ref_id.clone()],
            _ => Vec::new(),
        };
    }

    /// Chosen or not, in the panel's order.
    pub fn toggle(&mut self, ref_id: &str, panel: &Panel) {
        let keep = |target: &&Target| self.refs.contains(&target.ref_id) != (target.ref_id == ref_id);
        self.refs = panel.targets.iter().filter(keep).map(|target| target.ref_id.clone()).collect();
    }

    /// What is chosen for a variable: by the operator, or where the dashboard was saved.
    pub fn of<'a>(&'a self, variable: &'a Variable) -> &'a [String] {
        self.variables.get(&variable.name).map_or(variable.current.as_slice(), Vec::as_slice)
    }

    /// The names and values that the server is asked with.
    pub fn all(&self, dashboard: &Dashboard) -> BTreeMap<String, Vec<String>> {
        let named = |variable: &Variable| (variable.name.clone(), self.of(variable).to_vec());
        dashboard.variables.iter().map(named).collect()
    }

    /// One more or less of a variable's values; where only one may be chosen, that one. "All" stands alone.
    pub fn pick(&mut self, variable: &Variable, value: &str) {
        let before = self.of(variable);
        let now = match (variable.multi && value != ALL, before.iter().any(|one| one == value)) {
            (false, _) => vec![value.to_owned()],
            (true, false) => {
                let others = before.iter().filter(|one| *one != ALL).cloned();
                others.chain([value.to_owned()]).collect()
            }
            (true, true) => before.iter().filter(|one| *one != value).cloned().collect(),
        };
        self.variables.insert(variable.name.clone(), now);
    }
}

/// It has a query that a source of ours can answer.
pub fn is_watchable(target: &Target) -> bool {
    target.problem.is_none() && target.query.is_some()
}

/// The variables that a panel's targets mention, in the dashboard's order; those that cannot be chosen are left out.
pub fn variables_of(dashboard: &Dashboard, panel: &Panel) -> Vec<Variable> {
    let mentioned =
        |variable: &Variable| panel.targets.iter().any(|target| target.variables.contains(&variable.name));
    let choosable = |variable: &Variable| !matches!(variable.kind.as_str(), "constant" | "adhoc");
    dashboard.variables.iter().filter(|one| mentioned(one) && choosable(one)).cloned().collect()
}

/// The panels that match and have something to watch, by row, in reading order; `rows` false: all in one.
pub fn by_row(panels: &[Panel], q: &str, rows: bool) -> Vec<(Option<String>, Vec<Panel>)> {
    let mut groups: Vec<(Option<String>, Vec<Panel>)> = Vec::new();
    for panel in panels.iter().filter(|panel| !panel.targets.is_empty()) {
        let row = panel.row.clone().filter(|_| rows);
        if !matches(q, &[&panel.title, panel.row.as_deref().unwrap_or_default()]) {
            continue;
        }
        match groups.last_mut() {
            Some((last, of_row)) if *last == row => of_row.push(panel.clone()),
            _ => groups.push((row, vec![panel.clone()])),
        }
    }
    groups
}

/// Each word of `q` is in one of the texts, whatever its case.
pub fn matches(q: &str, texts: &[&str]) -> bool {
    let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
    q.to_lowercase().split_whitespace().all(|word| texts.iter().any(|text| text.contains(word)))
}

/// What to send for each metric: the form's draft with the metric's own query, origin and place. A name that was typed is
/// for one metric only.
pub fn drafts(
    form: &RuleDraft,
    typed_name: &str,
    metrics: &[CatalogMetric],
    dashboard: &Dashboard,
) -> Vec<RuleDraft> {
    let one = |metric: &CatalogMetric| {
        let mut draft = form.clone();
        let Metric { name, query, origin } = metric_of(metric, dashboard);
        draft.name =
            if metrics.len() == 1 && !typed_name.trim().is_empty() { form.name.clone() } else { name };
        draft.query = query;
        draft.query.unit = form.query.unit.clone().or(metric.unit.clone());
        draft.origin = origin;
        draft
    };
    metrics.iter().map(one).collect()
}

/// A metric as templates take it.
pub fn metric_of(metric: &CatalogMetric, dashboard: &Dashboard) -> Metric {
    let panel = metric.origin.as_ref().map(|origin| origin.panel);
    let title = dashboard.panels.iter().find(|one| Some(one.id) == panel).map(|one| one.title.clone());
    Metric {
        name: metric.name.clone(),
        query: atalaya_api::rule::Query {
            source: metric.source.clone().unwrap_or_default(),
            expr: metric.expr.clone().unwrap_or_default(),
            unit: metric.unit.clone(),
            dashboard: Some(dashboard.title.clone()),
            panel: title.filter(|title| !title.is_empty()),
        },
        origin: metric.origin.clone(),
    }
}

impl Chosen {
    /// The pairs of the address: `dashboard=uid&panel=2&refs=A,B&var-host=web1`, the variables as Grafana writes them.
    pub fn to_pairs(&self) -> Pairs {
        let pair = |name: &str, value: String| (name.to_owned(), value);
        let mut pairs = vec![
            pair("dashboard", self.dashboard.clone()),
            pair("panel", self.panel.map(|panel| panel.to_string()).unwrap_or_default()),
            pair("refs", self.refs.join(",")),
        ];
        for (name, values) in &self.variables {
            pairs.extend(values.iter().map(|value| (format!("var-{name}"), value.clone())));
        }
        pairs
    }

    /// Reads such an address.
    pub fn from_pairs(pairs: &Pairs) -> Self {
        let get = |name: &str| query::get(pairs, name).unwrap_or_default();
        let mut variables = BTreeMap::<String, Vec<String>>::new();
        for (name, value) in pairs {
            if let Some(name) = name.strip_prefix("var-") {
                variables.entry(name.to_owned()).or_default().push(value.clone());
            }
        }
        let refs = get("refs").split(',').filter(|one| !one.is_empty()).map(str::to_owned).collect();
        Chosen { dashboard: get("dashboard").to_owned(), panel: get("panel").parse().ok(), refs, variables }
    }
}

/// `check.params.major` of `rules[3].check.params.major`.
pub fn without_place(field: &str) -> &str {
    let after = field.split_once("].").map(|(_, after)| after);
    after.filter(|_| field.starts_with("rules[") || field.starts_with("metrics[")).unwrap_or(field)
}

/// Which way an address goes; none: it does not say.
pub fn way_of(pairs: &Pairs) -> Option<Way> {
    let has = |name: &str| query::get(pairs, name).is_some_and(|value| !value.is_empty());
    match query::get(pairs, "from") {
        Some("dashboard") => Some(Way::Dashboard),
        Some("source") => Some(Way::Source),
        _ if has("dashboard") => Some(Way::Dashboard),
        _ if has("expr") => Some(Way::Source),
        _ => None,
    }
}

#[cfg(test)]
#[path = "wizard_tests.rs"]
mod tests;
