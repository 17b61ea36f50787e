//! One panel: where its data comes from, its targets, and what it says about good and bad values.

use serde_json::Value;

use super::Problem;
use super::graphite::{self, ReferenceError};
use super::read::{flag, list, number, text};
use super::threshold::{self, Threshold};
use crate::domain::Texts;

/// A panel that shows something; rows are not panels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    pub id: Option<i64>,
    pub title: String,
    /// The title of the row it stands in.
    pub row: Option<String>,
    /// `graph`, `timeseries`, `stat`, ...
    pub kind: String,
    pub datasource: Datasource,
    /// In Grafana's words, e.g. `percent`, `bytes`.
    pub unit: Option<String>,
    pub thresholds: Vec<Threshold>,
    /// The name of the variable it is repeated for.
    pub repeat: Option<String>,
    /// The uid of the library panel it stands for, whose model is kept elsewhere.
    pub library: Option<String>,
    pub targets: Vec<Target>,
}

/// Which data source is asked, as the dashboard names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Datasource {
    /// `graphite`, `prometheus`, ...; none: not told, it is looked up by its name.
    pub kind: Option<String>,
    /// Its name or uid; may be `${variable}`. None: the default one.
    pub reference: Option<String>,
}

impl Datasource {
    /// A string (the name), an object (type, uid), or nothing (the default).
    pub(super) fn read(value: Option<&Value>) -> Self {
        match value {
            Some(Value::String(name)) => Datasource { kind: None, reference: Some(name.clone()) },
            Some(object @ Value::Object(_)) => {
                Datasource { kind: text(object, "type"), reference: text(object, "uid") }
            }
            _ => Datasource::default(),
        }
    }

    /// The dashboards' word for the default one.
    pub fn is_default(&self) -> bool {
        self.reference.as_deref().is_none_or(|name| name.is_empty() || name == "default")
    }

    fn is_told(&self) -> bool {
        *self != Datasource::default()
    }
}

/// One query of a panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    pub ref_id: String,
    pub datasource: Datasource,
    /// `graphite`, `prometheus`, `elasticsearch`, ...; none: nothing tells.
    pub datasource_type: Option<String>,
    /// With references to other targets resolved and variables as written. None: it has no text of its own, e.g. CloudWatch's.
    pub query: Option<String>,
    pub hidden: bool,
    /// How series are named, e.g. `{{instance}}`.
    pub legend: Option<String>,
    /// Why it cannot be asked as it is.
    pub trouble: Option<Texts>,
}

/// Reads a panel that is no row.
pub(super) fn read(panel: &Value, row: Option<&str>, problems: &mut Vec<Problem>) -> Panel {
    let datasource = Datasource::read(panel.get("datasource"));
    let library = panel.get("libraryPanel").and_then(|library| text(library, "uid"));
    let title = text(panel, "title").unwrap_or_default();
    let kind = text(panel, "type").unwrap_or_default();
    let place = if title.is_empty() {
        format!("panel {}", number(panel, "id").unwrap_or(0.0))
    } else {
        title.clone()
    };
    if library.is_some() && list(panel, "targets").is_empty() {
        problems.push(Problem::new(
            &place,
            "is a library panel: its queries are kept apart from the dashboard",
            "es un panel de biblioteca: sus consultas se guardan aparte del panel de control",
        ));
    }
    Panel {
        id: panel.get("id").and_then(Value::as_i64),
        row: row.filter(|row| !row.is_empty()).map(str::to_owned),
        unit: unit(panel),
        thresholds: threshold::read(panel),
        repeat: text(panel, "repeat"),
        targets: targets(panel, &datasource, &place, problems),
        title,
        kind,
        datasource,
        library,
    }
}

/// Newer panels say it in their field options, older ones on the left axis or as the format of their single number.
fn unit(panel: &Value) -> Option<String> {
    let field = panel.pointer("/fieldConfig/defaults/unit");
    let axis = panel.pointer("/yaxes/0/format").or_else(|| panel.pointer("/y_formats/0"));
    let single = panel.get("format");
    let told = field.or(axis).or(single)?.as_str()?;
    (!["none", "short", ""].contains(&told)).then(|| told.to_owned())
}

/// A target as written, before references are resolved.
struct Written<'a> {
    target: &'a Value,
    ref_id: String,
    datasource: Datasource,
    kind: Option<String>,
}

fn targets(panel: &Value, own: &Datasource, place: &str, problems: &mut Vec<Problem>) -> Vec<Target> {
    let written = written(panel, own);
    let letters: Vec<(String, String)> =
        written.iter().filter_map(|one| Some((one.ref_id.clone(), text(one.target, "target")?))).collect();
    let target = |one: Written<'_>| {
        let (query, unresolved) = match query(&one, &letters) {
            Ok(query) => (query, None),
            Err(error) => (text(one.target, "target"), Some(error.words())),
        };
        let trouble = unresolved.or_else(|| trouble(&one, query.is_some()));
        problems
            .extend(trouble.clone().map(|words| Problem { place: format!("{place} {}", one.ref_id), words }));
        Target {
            hidden: flag(one.target, "hide"),
            legend: text(one.target, "legendFormat").or_else(|| text(one.target, "alias")),
            datasource_type: one.kind,
            datasource: one.datasource,
            ref_id: one.ref_id,
            query,
            trouble,
        }
    };
    written.into_iter().map(target).collect()
}

/// Why a target cannot be watched.
fn trouble(one: &Written<'_>, has_query: bool) -> Option<Texts> {
    let (en, es) = match one.kind.as_deref() {
        Some("graphite" | "prometheus") | None if has_query => return None,
        Some("graphite" | "prometheus") | None => ("is empty".to_owned(), "está vacío".to_owned()),
        Some(kind) => (
            format!("asks {kind}, which is no source of Atalaya's"),
            format!("consulta {kind}, que no es una fuente de Atalaya"),
        ),
    };
    Some(Texts { en, es })
}

/// Targets of old dashboards have no letter: they get the next free one, as Grafana gives it.
fn written<'a>(panel: &'a Value, own: &Datasource) -> Vec<Written<'a>> {
    let all = list(panel, "targets");
    let mut taken: Vec<String> = all.iter().filter_map(|target| text(target, "refId")).collect();
    let mut written = Vec::with_capacity(all.len());
    for target in all {
        let ref_id = text(target, "refId").unwrap_or_else(|| {
            let letters = ('A'..='Z').map(String::from);
            let free = letters.into_iter().find(|letter| !taken.contains(letter));
            let free = free.unwrap_or_else(|| format!("A{}", taken.len()));
            taken.push(free.clone());
            free
        });
        let mut datasource = Datasource::read(target.get("datasource"));
        if !datasource.is_told() {
            datasource = own.clone();
        }
        let named = || datasource.reference.as_deref().and_then(kind_by_name).map(str::to_owned);
        let told = datasource.kind.clone().or_else(|| own.kind.clone());
        let kind = told.or_else(named).or_else(|| kind_of(target));
        written.push(Written { target, ref_id, datasource, kind });
    }
    written
}

/// A data source that is told by its name alone often bears its kind in it: "Graphite", "prod-prometheus".
fn kind_by_name(name: &str) -> Option<&'static str> {
    const KINDS: [&str; 7] =
        ["graphite", "prometheus", "elasticsearch", "cloudwatch", "influxdb", "loki", "mysql"];
    let name = name.to_lowercase();
    KINDS.into_iter().find(|kind| name.contains(kind))
}

/// What the target itself tells: each kind of data source has fields of its own, and a panel whose data source was changed keeps
/// those of the old one beside them.
fn kind_of(target: &Value) -> Option<String> {
    let has = |field: &str| target.get(field).is_some();
    let kind = match () {
        () if has("expr") => "prometheus".to_owned(),
        () if text(target, "target").or_else(|| text(target, "targetFull")).is_some() => {
            "graphite".to_owned()
        }
        () if has("bucketAggs") => "elasticsearch".to_owned(),
        () if has("dimensions") || has("namespace") => "cloudwatch".to_owned(),
        () if text(target, "dsType").is_some() => text(target, "dsType")?,
        () if has("rawSql") => "sql".to_owned(),
        () if has("target") => "graphite".to_owned(),
        () => return None,
    };
    Some(kind)
}

/// The expression that would be asked, as far as the target has one.
fn query(one: &Written<'_>, letters: &[(String, String)]) -> Result<Option<String>, ReferenceError> {
    match one.kind.as_deref() {
        Some("prometheus" | "loki") => Ok(text(one.target, "expr")),
        Some("graphite") | None => match text(one.target, "targetFull") {
            Some(full) => Ok(Some(full)),
            None => graphite::resolve(&one.ref_id, letters),
        },
        Some(_) => Ok(text(one.target, "query").or_else(|| text(one.target, "rawSql"))),
    }
}
