//! What was found in a dashboard, for people and for programs.

use std::fmt;

use serde::Serialize;

use super::{Dashboard, Panel, Target};

/// One file's report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    pub title: String,
    pub uid: Option<String>,
    pub schema_version: Option<u64>,
    pub panels: Vec<PanelReport>,
    pub targets: Vec<TargetReport>,
    pub variables: Vec<VariableReport>,
    pub problems: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PanelReport {
    pub id: Option<i64>,
    pub title: String,
    pub row: Option<String>,
    #[serde(rename = "type")]
    pub kind: String,
    pub unit: Option<String>,
    pub thresholds: Vec<f64>,
    pub repeat: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TargetReport {
    /// Its panel's title.
    pub panel: String,
    pub ref_id: String,
    pub datasource_type: Option<String>,
    /// With references resolved, variables as written.
    pub query: Option<String>,
    pub hidden: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VariableReport {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub query: String,
    pub options: Vec<String>,
    pub multi: bool,
    pub include_all: bool,
    pub all_value: Option<String>,
}

/// What there is to say of a dashboard.
pub fn report(dashboard: &Dashboard) -> Report {
    let panel = |panel: &Panel| PanelReport {
        id: panel.id,
        title: panel.title.clone(),
        row: panel.row.clone(),
        kind: panel.kind.clone(),
        unit: panel.unit.clone(),
        thresholds: panel.thresholds.iter().map(|threshold| threshold.value).collect(),
        repeat: panel.repeat.clone(),
    };
    let target = |panel: &Panel, target: &Target| TargetReport {
        panel: panel.title.clone(),
        ref_id: target.ref_id.clone(),
        datasource_type: target.datasource_type.clone(),
        query: target.query.clone(),
        hidden: target.hidden,
    };
    let targets = dashboard.panels.iter().flat_map(|one| one.targets.iter().map(move |t| target(one, t)));
    let variables = dashboard.variables.iter().map(|variable| VariableReport {
        name: variable.name.clone(),
        kind: variable.kind.name(),
        query: variable.query.clone(),
        options: variable.options.clone(),
        multi: variable.multi,
        include_all: variable.include_all,
        all_value: variable.all_value.clone(),
    });
    Report {
        title: dashboard.title.clone(),
        uid: dashboard.uid.clone(),
        schema_version: dashboard.schema_version,
        panels: dashboard.panels.iter().map(panel).collect(),
        targets: targets.collect(),
        variables: variables.collect(),
        problems: dashboard
            .problems
            .iter()
            .map(|problem| format!("{}: {}", problem.place, problem.words.en))
            .collect(),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { title, panels, targets, variables, problems, .. } = self;
        writeln!(
            f,
            "{title}: {} panels, {} targets, {} variables, {} problems",
            panels.len(),
            targets.len(),
            variables.len(),
            problems.len()
        )?;
        for target in targets {
            let kind = target.datasource_type.as_deref().unwrap_or("?");
            let query = target.query.as_deref().unwrap_or("-").replace(['\n', '\r'], " ");
            let hidden = if target.hidden { " (hidden)" } else { "" };
            writeln!(f, "  {} / {} [{kind}]{hidden} {query}", target.panel, target.ref_id)?;
        }
        for variable in variables {
            writeln!(
                f,
                "  ${} [{}] {}",
                variable.name,
                variable.kind,
                variable.query.replace(['\n', '\r'], " ")
            )?;
        }
        for problem in problems {
            writeln!(f, "  ! {problem}")?;
        }
        Ok(())
    }
}
