//! Which source stands for which of Grafana's data sources.

use atalaya_api::source::{SourceKind, SourceSettings};

use crate::api::Services;
use crate::api::problem::{Fault, words};
use crate::catalog::{Dashboard, Datasource, Target, VariableKind, mentioned};
use crate::domain::Texts;
use crate::store::{CatalogOrigin, DatasourceRow};

/// What data sources and sources there are.
pub struct Matching {
    pub rows: Vec<DatasourceRow>,
    pub sources: Vec<SourceSettings>,
}

/// A source that can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub source: String,
    pub kind: SourceKind,
}

/// Grafana's word for the kinds that Atalaya asks.
pub fn kind_of(name: &str) -> Option<SourceKind> {
    if let Some(kind) = SourceKind::ALL.into_iter().find(|kind| kind.name() == name) {
        return Some(kind);
    }
    // Amazon's and Azure's managed ones, VictoriaMetrics'.
    let speaks_promql = name.contains("prometheus") || name.starts_with("victoriametrics-metrics");
    speaks_promql.then_some(SourceKind::Prometheus)
}

impl Matching {
    /// As things stand. Blocks.
    ///
    /// # Errors
    /// The store's.
    pub fn load(services: &Services) -> Result<Self, Fault> {
        let sources = services.store.sources()?.into_iter().map(|source| source.settings);
        Ok(Matching { rows: services.store.datasources()?, sources: sources.collect() })
    }

    /// The source that stands for what a target or a variable names. `named`: its reference, variables filled in.
    ///
    /// # Errors
    /// There is none, and what to do.
    pub fn source(&self, datasource: &Datasource, named: Option<&str>) -> Result<Asked, Texts> {
        let row = self.row(datasource, named)?;
        let Some(kind) = kind_of(&row.kind) else {
            return Err(not_asked(&row.kind));
        };
        let source = row.source.as_ref().ok_or_else(|| unmatched(&row.name))?;
        if self.sources.iter().any(|one| one.id == *source) {
            return Ok(Asked { source: source.clone(), kind });
        }
        Err(words(
            format!(
                "the source {source:?}, which stands for its data source {:?}, is not there any more",
                row.name
            ),
            format!("la fuente {source:?}, que representa su origen de datos {:?}, ya no existe", row.name),
        ))
    }

    fn row(&self, datasource: &Datasource, named: Option<&str>) -> Result<&DatasourceRow, Texts> {
        let told = datasource.kind.as_deref();
        if named.is_none() || datasource.is_default() {
            let fits = |row: &&DatasourceRow| row.is_default && told.is_none_or(|kind| row.kind == kind);
            let default = self.rows.iter().find(fits).or_else(|| self.only(told));
            return default.ok_or_else(|| {
                words(
                    "it names no data source, and which one is the default is not known",
                    "no nombra ningún origen de datos, y no se sabe cuál es el predeterminado",
                )
            });
        }
        let name = named.unwrap_or_default();
        if name.starts_with("-- ") {
            return Err(words(
                format!("its data source {name:?} exists only inside Grafana"),
                format!("su origen de datos {name:?} solo existe dentro de Grafana"),
            ));
        }
        let bare = inside(name);
        let found = self
            .rows
            .iter()
            .find(|row| row.uid == bare)
            .or_else(|| self.rows.iter().find(|row| row.name == bare));
        found.ok_or_else(|| match told.filter(|kind| kind_of(kind).is_none()) {
            Some(kind) => not_asked(kind),
            None => words(
                format!("its data source {bare:?} is not known: load Grafana again, or check its name there"),
                format!("no se conoce su origen de datos {bare:?}: cargue Grafana de nuevo o compruebe allí su nombre"),
            ),
        })
    }

    /// The data source of this kind, when there is only one.
    fn only(&self, kind: Option<&str>) -> Option<&DatasourceRow> {
        let mut fitting = self.rows.iter().filter(|row| kind.is_none_or(|kind| row.kind == kind));
        fitting.next().filter(|_| fitting.next().is_none())
    }

    /// Those that a variable of kind `datasource` offers: by name, the default one first.
    pub fn of_kind(&self, kind: &str) -> Vec<&DatasourceRow> {
        let mut rows: Vec<_> = self.rows.iter().filter(|row| row.kind == kind).collect();
        rows.sort_by_key(|row| !row.is_default);
        rows
    }

    /// What fits by kind and address, or is the only one of its kind on both sides.
    pub fn suggested(&self, row: &DatasourceRow, proxy: Option<&str>) -> Option<String> {
        let kind = kind_of(&row.kind)?;
        let fitting: Vec<_> = self.sources.iter().filter(|source| source.kind == kind).collect();
        let at =
            |url: &str| fitting.iter().find(|source| same_place(&source.url, url)).map(|one| one.id.clone());
        let lonely = || {
            let rivals = self.rows.iter().filter(|other| kind_of(&other.kind) == Some(kind)).count();
            (fitting.len() == 1 && rivals == 1).then(|| fitting[0].id.clone())
        };
        proxy.and_then(at).or_else(|| at(&row.url)).or_else(lonely)
    }
}

fn not_asked(kind: &str) -> Texts {
    words(
        format!("asks {kind}, which is no source of Atalaya's"),
        format!("consulta {kind}, que no es una fuente de Atalaya"),
    )
}

fn unmatched(name: &str) -> Texts {
    words(
        format!(
            "no source stands for its data source {name:?} yet: an administrator matches it under the catalog's data sources"
        ),
        format!(
            "ninguna fuente representa todavía su origen de datos {name:?}: un administrador la asigna en los orígenes de datos del catálogo"
        ),
    )
}

/// `${DS_PROMETHEUS}` names what an export left open.
fn inside(name: &str) -> &str {
    name.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or(name)
}

/// One server may be named in several ways.
fn same_place(a: &str, b: &str) -> bool {
    let plain = |url: &str| {
        let url = url.trim().trim_end_matches('/').to_lowercase();
        let url = url.replace("://localhost", "://127.0.0.1");
        url.strip_suffix(":80").map(str::to_owned).unwrap_or(url)
    };
    !a.is_empty() && plain(a) == plain(b)
}

/// The data sources that a dashboard names, for one that came without a Grafana to tell them.
pub fn named_in(dashboard: &Dashboard) -> Vec<DatasourceRow> {
    let mut rows: Vec<DatasourceRow> = Vec::new();
    let targets = dashboard.panels.iter().flat_map(|panel| &panel.targets);
    let targets = targets.map(|target: &Target| (&target.datasource, target.datasource_type.as_deref()));
    let queries = dashboard.variables.iter().filter(|variable| variable.kind == VariableKind::Query);
    let queries = queries.map(|variable| (&variable.datasource, variable.datasource.kind.as_deref()));
    for (datasource, kind) in targets.chain(queries) {
        if let Some(row) = named(dashboard, datasource, kind).filter(|row| kind_of(&row.kind).is_some())
            && !rows.iter().any(|known| known.uid == row.uid)
        {
            rows.push(row);
        }
    }
    rows
}

fn named(dashboard: &Dashboard, datasource: &Datasource, kind: Option<&str>) -> Option<DatasourceRow> {
    let row = |uid: &str, kind: &str, is_default| DatasourceRow {
        uid: uid.to_owned(),
        name: uid.to_owned(),
        kind: kind.to_owned(),
        is_default,
        origin: CatalogOrigin::File,
        ..DatasourceRow::default()
    };
    let default = |kind: &str| row(&format!("default-{kind}"), kind, true);
    let Some(reference) = datasource.reference.as_deref().filter(|_| !datasource.is_default()) else {
        return Some(default(kind?));
    };
    let Some(name) = mentioned(reference).into_iter().next() else {
        return (!reference.starts_with("-- ")).then(|| kind.map(|kind| row(reference, kind, false)))?;
    };
    let variable =
        dashboard.variables.iter().find(|one| one.name == name && one.kind == VariableKind::Datasource);
    if let Some(variable) = variable {
        return Some(default(&variable.query));
    }
    let input = dashboard.inputs.iter().find(|input| input.name == name);
    let kind = input.and_then(|input| input.datasource.as_deref()).or(kind)?;
    Some(row(&name, kind, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matching() -> Matching {
        let row = |uid: &str, kind: &str, url: &str, is_default, source: Option<&str>| DatasourceRow {
            uid: uid.to_owned(),
            name: format!("The {uid}"),
            kind: kind.to_owned(),
            url: url.to_owned(),
            is_default,
            source: source.map(str::to_owned),
            ..DatasourceRow::default()
        };
        let source = |id: &str, kind, url: &str| SourceSettings {
            id: id.to_owned(),
            kind,
            url: url.to_owned(),
            ..SourceSettings::default()
        };
        Matching {
            rows: vec![
                row("g1", "graphite", "http://localhost:8080/", true, Some("graphite")),
                row("p1", "prometheus", "http://prom:9090", false, None),
                row("e1", "elasticsearch", "http://es", false, None),
            ],
            sources: vec![
                source("graphite", SourceKind::Graphite, "http://127.0.0.1:8080"),
                source("prom", SourceKind::Prometheus, "http://10.0.0.9:9090"),
            ],
        }
    }

    fn ask(kind: Option<&str>, reference: Option<&str>) -> Result<String, String> {
        let datasource =
            Datasource { kind: kind.map(str::to_owned), reference: reference.map(str::to_owned) };
        let asked = matching().source(&datasource, reference);
        asked.map(|asked| asked.source).map_err(|words| words.en)
    }

    #[test]
    fn a_data_source_is_found_by_uid_name_or_as_the_default() {
        for reference in [Some("g1"), Some("The g1"), Some("default"), None] {
            assert_eq!(ask(None, reference), Ok("graphite".to_owned()));
        }
    }

    #[test]
    fn what_stands_for_nothing_says_what_to_do() {
        assert!(ask(None, Some("p1")).expect_err("not confirmed").contains("matches it"));
        assert!(ask(None, Some("e1")).expect_err("no source").contains("elasticsearch"));
        assert!(ask(None, Some("zz")).expect_err("unknown").contains("not known"));
        assert!(
            ask(Some("datasource"), Some("-- Mixed --"))
                .expect_err("Grafana's own")
                .contains("inside Grafana")
        );
    }

    #[test]
    fn a_source_is_suggested_by_kind_and_address_or_when_there_is_no_other() {
        let matching = matching();
        assert_eq!(matching.suggested(&matching.rows[0], None).as_deref(), Some("graphite"));
        assert_eq!(matching.suggested(&matching.rows[1], None).as_deref(), Some("prom"));
        assert_eq!(matching.suggested(&matching.rows[2], None), None);
    }
}
