//! `GET /api/v1/rules/export`: all rules that match, as a file.

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::Rule;
use crate::moving::{self, cell};
use crate::store::{Page, RuleFilter, Slice};

use super::problem::Fault;
use super::query::Params;
use super::{Services, rule_list};

/// Rules read at once.
const PAGE: u32 = 500;
/// Pages that wait for a slow reader.
const WAITING: usize = 2;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(export))
}

/// A file's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Yaml,
}

pub const FORMATS: [(&str, Format); 2] = [("csv", Format::Csv), ("yaml", Format::Yaml)];

impl Format {
    fn heading(self) -> Vec<u8> {
        match self {
            Format::Csv => cell::heading(),
            Format::Yaml => Vec::new(),
        }
    }

    fn rules(self, rules: &[Rule]) -> Result<Vec<u8>, Fault> {
        let named = rules.iter().map(|rule| (rule.id.to_string(), &rule.draft));
        match self {
            Format::Csv => Ok(cell::rows(named)),
            Format::Yaml => moving::yaml(named).map(String::into_bytes).map_err(|error| {
                tracing::error!(%error, "rules cannot be written as YAML");
                Fault::internal()
            }),
        }
    }

    fn headers(self) -> [(header::HeaderName, &'static str); 2] {
        let (kind, name) = match self {
            Format::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"rules.csv\""),
            Format::Yaml => ("application/yaml; charset=utf-8", "attachment; filename=\"rules.yaml\""),
        };
        [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)]
    }
}

/// All rules that match, as a file that `rules/import` takes. The filter and the order are those of `GET /api/v1/rules`.
#[utoipa::path(get, path = "/api/v1/rules/export", tag = "rules",
    params(("format" = Option<String>, Query, description = "csv (default) or yaml")),
    responses((status = 200, content_type = "text/csv", description = "or application/yaml"), (status = 422)))]
async fn export(State(services): State<Services>, mut params: Params) -> Result<Response, Fault> {
    let format = params.choice("format", &FORMATS).unwrap_or(Format::Csv);
    let asked = rule_list::read_filter(params)?;
    let filter = services.blocking(move |services| Ok(asked.filter(services))).await?;
    // The first page is there before the answer begins: what fails by then is told as it should be.
    let first = page(&services, filter.clone(), None).await?;
    let (pages, body) = mpsc::channel(WAITING);
    tokio::spawn(send(services, format, filter, first, pages));
    Ok((format.headers(), Body::from_stream(ReceiverStream::new(body))).into_response())
}

async fn page(services: &Services, filter: RuleFilter, cursor: Option<String>) -> Result<Page<Rule>, Fault> {
    let slice = Slice { limit: PAGE, cursor };
    services.blocking(move |services| Ok(services.store.rules(&filter, &slice)?)).await
}

/// Sends page after page. An answer that breaks off in the middle is one that failed.
async fn send(
    services: Services,
    format: Format,
    filter: RuleFilter,
    first: Page<Rule>,
    pages: mpsc::Sender<Result<Vec<u8>, std::io::Error>>,
) {
    let mut page_now = Ok(first);
    let mut bytes = format.heading();
    loop {
        let written = page_now.and_then(|page| Ok((format.rules(&page.items)?, page.next)));
        let (some, next) = match written {
            Ok(written) => written,
            Err(_) => {
                // Whoever reads may be gone.
                drop(pages.send(Err(std::io::Error::other("the export failed; the log says why"))).await);
                return;
            }
        };
        bytes.extend(some);
        if pages.send(Ok(std::mem::take(&mut bytes))).await.is_err() || next.is_none() {
            return;
        }
        page_now = page(&services, filter.clone(), next).await;
    }
}
