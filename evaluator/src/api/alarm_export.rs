//! `/api/v1/alarms/export`: alarms as a file.

use atalaya_api::alarm::Alarm;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::Millis;
use crate::moving::alarms::Style;
use crate::store::{AlarmFilter, Slice};

use super::alarm_filter::Asked;
use super::problem::{Fault, Language};
use super::query::Params;
use super::{Services, alarms, rule_check};

/// Alarms read at once.
const PAGE: u32 = 2_000;
/// Pages that wait for a slow reader.
const WAITING: usize = 2;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(export))
}

/// All alarms that match, as CSV. Filters and order are those of `GET /api/v1/alarms`; without `state` it is all of them.
#[utoipa::path(get, path = "/api/v1/alarms/export", tag = "alarms",
    params(("from" = Option<String>, Query), ("to" = Option<String>, Query), ("state" = Option<String>, Query),
        ("time_zone" = Option<String>, Query, description = "of the times in it; left out: UTC"),
        ("language" = Option<String>, Query, description = "`en` or `es`; left out: that of `Accept-Language`")),
    responses((status = 200, content_type = "text/csv"), (status = 422)))]
async fn export(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    mut params: Params,
) -> Result<Response, Fault> {
    let asked = Asked::read(&mut params, None);
    let zone = params.text("time_zone");
    // A link that is followed to a file cannot say it in another way.
    let known = [("en", Language::En), ("es", Language::Es)];
    let language = params.choice("language", &known).unwrap_or(language);
    params.finish()?;
    let zone = zone.map(|zone| TimeZone::get(&zone).map_err(|_| wrong_zone(&zone))).transpose()?;
    let filter = services.blocking(move |services| Ok(asked.filter(services))).await?;
    let now = services.now().wall;
    let name = file_name(&filter, now);
    let file = File { style: Style { spanish: language == Language::Es, zone }, filter, language, now };
    // The first page is there before the answer begins: what fails by then is told as it should be.
    let first = file.page(&services, None).await?;
    let (pages, body) = mpsc::channel(WAITING);
    tokio::spawn(file.send(services, first, pages));
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, Body::from_stream(ReceiverStream::new(body))).into_response())
}

fn wrong_zone(zone: &str) -> Fault {
    Fault::invalid(rule_check::check_zone("time_zone", zone).into_iter().collect())
}

/// `alarms-20260101T000000Z-20260108T000000Z.csv`; without a beginning: `alarms-until-…`.
fn file_name(filter: &AlarmFilter, now: Millis) -> String {
    let written = |at: Millis| at.timestamp().strftime("%Y%m%dT%H%M%SZ").to_string();
    let from = filter.from.map_or("until".to_owned(), written);
    let to = written(filter.to.map_or(now, |to| to.min(now)));
    format!("alarms-{from}-{to}.csv")
}

/// A file in the making.
struct File {
    style: Style,
    filter: AlarmFilter,
    language: Language,
    now: Millis,
}

impl File {
    /// Some alarms, and the cursor of the next ones. They are not counted: each page would look at all of them.
    async fn page(
        &self,
        services: &Services,
        cursor: Option<String>,
    ) -> Result<(Vec<Alarm>, Option<String>), Fault> {
        let (filter, language) = (self.filter.clone(), self.language);
        services
            .blocking(move |services| {
                let slice = Slice { limit: PAGE, cursor };
                let (rows, next) = services.store.some_alarms(&filter, &slice)?;
                Ok((alarms::with_told_of(services, rows, language)?, next))
            })
            .await
    }

    /// Sends page after page. An answer that breaks off in the middle is one that failed.
    async fn send(
        self,
        services: Services,
        first: (Vec<Alarm>, Option<String>),
        pages: mpsc::Sender<Result<Vec<u8>, std::io::Error>>,
    ) {
        let mut page = Ok(first);
        let mut bytes = self.style.heading();
        loop {
            let Ok((items, next)) = page else {
                let failed = std::io::Error::other("the export failed; the log says why");
                // Whoever reads may be gone.
                drop(pages.send(Err(failed)).await);
                return;
            };
            bytes.extend(self.style.rows(items.iter(), self.now.timestamp()));
            if pages.send(Ok(std::mem::take(&mut bytes))).await.is_err() || next.is_none() {
                return;
            }
            page = self.page(&services, next).await;
        }
    }
}
