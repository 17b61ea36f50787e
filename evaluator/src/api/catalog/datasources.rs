//! Grafana's data sources, and the sources that stand for them.

use atalaya_api::catalog::{Datasource, MatchDatasource};
use atalaya_api::page::Page;
use atalaya_api::source::SourceSettings;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::matching::{Matching, kind_of};
use super::settings::connect;
use crate::api::Services;
use crate::api::auth::Identity;
use crate::api::body::Body;
use crate::api::problem::{Fault, Kind, Language, clipped, words};
use crate::api::query::Params;
use crate::domain::{Secret, SourceConfig};
use crate::grafana::{Grafana, ORGANISATION};
use crate::store::{Actor, CatalogOrigin, DatasourceRow, StoreError};

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(change))
}

/// Grafana's data sources as they were loaded, and which source stands for each.
#[utoipa::path(get, path = "/api/v1/catalog/datasources", tag = "catalog",
    responses((status = 200, body = Page<Datasource>)))]
async fn list(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    params: Params,
) -> Result<Json<Page<Datasource>>, Fault> {
    params.finish()?;
    let items = services.blocking(move |services| {
        let matching = Matching::load(services)?;
        let grafana = connect(services).ok();
        let show = |row: &DatasourceRow| shown(row, &matching, grafana.as_ref(), language);
        Ok(matching.rows.iter().map(show).collect::<Vec<_>>())
    });
    let items = items.await?;
    Ok(Json(Page { total: items.len() as u64, items, next: None }))
}

fn shown(
    row: &DatasourceRow,
    matching: &Matching,
    grafana: Option<&Grafana>,
    language: Language,
) -> Datasource {
    let is_there = |id: &String| matching.sources.iter().any(|source| source.id == *id);
    let source = row.source.clone().filter(is_there);
    let proxy = grafana.map(|grafana| grafana.proxy_of(&row.uid));
    let suggested = matching.suggested(row, proxy.as_deref()).filter(|_| source.is_none());
    let detail = match (kind_of(&row.kind), &source, &suggested, &row.source) {
        (None, ..) => Some(words(
            format!("Atalaya asks Graphite and Prometheus; {} it does not.", row.kind),
            format!("Atalaya consulta Graphite y Prometheus; {} no.", row.kind),
        )),
        (_, None, _, Some(gone)) => Some(words(
            format!("The source {gone:?} that stood for it was removed."),
            format!("La fuente {gone:?} que lo representaba se quitó."),
        )),
        (Some(kind), None, None, None) => Some(words(
            format!(
                "No source of kind {} has its address: choose one, add one, or ask through Grafana.",
                kind.name()
            ),
            format!(
                "Ninguna fuente de tipo {} tiene su dirección: elija una, añádala o consulte a través de Grafana.",
                kind.name()
            ),
        )),
        _ => None,
    };
    Datasource {
        uid: row.uid.clone(),
        name: row.name.clone(),
        kind: row.kind.clone(),
        url: row.url.clone(),
        is_default: row.is_default,
        source,
        suggested,
        detail: detail.map(|detail| detail.in_language(language.tag()).to_owned()),
    }
}

/// Say which source stands for a data source, or make one that asks through Grafana.
#[utoipa::path(put, path = "/api/v1/catalog/datasources/{uid}", tag = "catalog", params(("uid" = String, Path)),
    request_body = MatchDatasource, responses((status = 200, body = Datasource), (status = 404), (status = 422)))]
async fn change(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Extension(language): Extension<Language>,
    Path(uid): Path<String>,
    Body(wanted): Body<MatchDatasource>,
) -> Result<Json<Datasource>, Fault> {
    let changed = services.blocking(move |services| {
        let by = identity.actor();
        let matching = Matching::load(services)?;
        let row = matching.rows.iter().find(|row| row.uid == uid).ok_or_else(|| no_datasource(&uid))?;
        let source = match wanted {
            MatchDatasource { proxy: true, source: None } => Some(proxied(services, row, &by)?),
            MatchDatasource { proxy: true, source: Some(_) } => {
                let (en, es) =
                    ("is either a source or Grafana's proxy", "es o una fuente o el proxy de Grafana");
                return Err(Fault::field("source", en, es));
            }
            MatchDatasource { proxy: false, source } => source,
        };
        if let Some(source) = &source
            && !wanted.proxy
        {
            check(&matching, row, source)?;
        }
        match services.store.match_datasource(&uid, source.as_deref(), &by) {
            Err(StoreError::NotFound) => return Err(no_datasource(&uid)),
            done => done?,
        }
        let matching = Matching::load(services)?;
        let row = matching.rows.iter().find(|row| row.uid == uid).ok_or_else(|| no_datasource(&uid))?;
        Ok(shown(row, &matching, connect(services).ok().as_ref(), language))
    });
    changed.await.map(Json)
}

fn no_datasource(uid: &str) -> Fault {
    let uid = clipped(uid);
    Fault::not_found(
        format!("The catalog has no data source {uid:?}; load Grafana again."),
        format!("El catálogo no tiene ningún origen de datos {uid:?}; cargue Grafana de nuevo."),
    )
}

/// Whether a source can stand for a data source.
fn check(matching: &Matching, row: &DatasourceRow, source: &str) -> Result<(), Fault> {
    let wanted = kind_of(&row.kind);
    let fitting: Vec<&str> =
        matching.sources.iter().filter(|one| Some(one.kind) == wanted).map(|one| one.id.as_str()).collect();
    if fitting.contains(&source) {
        return Ok(());
    }
    let (source, kind, all) = (clipped(source), &row.kind, fitting.join(", "));
    Err(Fault::field(
        "source",
        format!("must be a source of kind {kind}, not {source:?}; there are: {all}"),
        format!("debe ser una fuente de tipo {kind}, no {source:?}; existen: {all}"),
    ))
}

/// The source that asks through Grafana, made unless it is there. It is a source like any other.
fn proxied(services: &Services, row: &DatasourceRow, by: &Actor) -> Result<String, Fault> {
    let Some(kind) = kind_of(&row.kind) else {
        return Err(Fault::field(
            "proxy",
            format!("Atalaya asks Graphite and Prometheus; {} it does not", row.kind),
            format!("Atalaya consulta Graphite y Prometheus; {} no", row.kind),
        ));
    };
    if row.origin == CatalogOrigin::File {
        let (en, es) = (
            "this data source came with a file: no Grafana is known that has it",
            "este origen de datos vino con un fichero: no se conoce ningún Grafana que lo tenga",
        );
        return Err(Fault::field("proxy", en, es));
    }
    let url = connect(services)?.proxy_of(&row.uid);
    let known = services.store.sources()?.into_iter().find(|one| one.settings.url == url);
    if let Some(known) = known {
        return Ok(known.settings.id);
    }
    let grafana = services.store.grafana()?;
    let token = services.store.grafana_token()?;
    let organisation = grafana.organisation.map(|number| (ORGANISATION.to_owned(), number.to_string()));
    let settings = SourceSettings {
        id: free_id(services, &row.name)?,
        kind,
        name: format!("{} (Grafana)", row.name).chars().take(100).collect(),
        url,
        has_token: token.is_some(),
        headers: organisation.into_iter().collect(),
        ca_pem: grafana.ca_pem,
        ..SourceSettings::default()
    };
    let secret = Secret { password: None, token };
    let usable = services.sources.usable(&settings, &secret);
    usable.map_err(|unusable| Fault::field("proxy", unusable.words.en, unusable.words.es))?;
    let now = services.now().wall;
    let source = SourceConfig {
        version: 1,
        settings,
        created_at: now,
        updated_at: now,
        updated_by: by.name.clone(),
        deleted_at: None,
    };
    services.store.create_source(&source, &secret, by)?;
    services.sources.stored(&source, Ok(secret));
    Ok(source.settings.id)
}

/// An id that no source ever had: of the data source's name.
fn free_id(services: &Services, name: &str) -> Result<String, Fault> {
    let plain: String = name
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' })
        .collect();
    let parts: Vec<&str> = plain.split('-').filter(|part| !part.is_empty()).collect();
    let base: String = format!("grafana-{}", parts.join("-")).chars().take(34).collect();
    let base = base.trim_end_matches('-');
    for number in 1..1_000 {
        let id = if number == 1 { base.to_owned() } else { format!("{base}-{number}") };
        if services.store.source(&id)?.is_none() {
            return Ok(id);
        }
    }
    Err(Fault::new(
        Kind::Conflict,
        "There are too many sources of this name.",
        "Hay demasiadas fuentes con ese nombre.",
    ))
}
