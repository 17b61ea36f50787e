//! `/api/v1/sources` and the chart of a rule: the data.

use atalaya_api::page::Page;
use atalaya_api::rule::RuleChart;
use atalaya_api::source::{QueryAnswer, SeriesHit, Source};
use axum::extract::{Path, State};
use axum::{Extension, Json};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::{Level, Millis, Rule};
use crate::source::LOCAL;
use crate::store::StoreError;

use super::auth::Identity;
use super::ports::Range;
use super::problem::{Fault, Language};
use super::query::Params;
use super::source_edit::discreet;
use super::{Services, rules, view};

const HOUR_MS: i64 = 3_600_000;
const LONGEST_RANGE_MS: i64 = 400 * 24 * HOUR_MS;
/// Most series in one answer.
const MOST_SERIES: usize = 100;
/// Most transitions marked in a chart.
const MOST_MARKS: u32 = 1_000;
/// Among how many series of a rule one is looked for.
const SEARCHED: usize = 10_000;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(series))
        .routes(routes!(query))
        .routes(routes!(chart))
}

/// The configured sources and how they are.
#[utoipa::path(get, path = "/api/v1/sources", tag = "sources", responses((status = 200, body = Page<Source>)))]
async fn list(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Extension(language): Extension<Language>,
    params: Params,
) -> Result<Json<Page<Source>>, Fault> {
    params.finish()?;
    let items = services.blocking(move |services| {
        let mut items = services.sources.list(language.tag());
        count_local_rules(services, &mut items);
        Ok(items.into_iter().map(|source| discreet(source, &identity)).collect::<Vec<_>>())
    });
    let items = items.await?;
    Ok(Json(Page { total: items.len() as u64, items, next: None }))
}

/// On the built-in store hang all rules that hang on no other source.
fn count_local_rules(services: &Services, items: &mut [Source]) {
    let elsewhere: u64 = items.iter().map(|source| source.rules).sum();
    let all = services.evaluation.totals().rules;
    if let Some(local) = items.iter_mut().find(|source| source.id == LOCAL) {
        local.rules = all.saturating_sub(elsewhere);
    }
}

/// Names of series, by pattern or by text.
#[utoipa::path(get, path = "/api/v1/sources/{id}/series", tag = "sources",
    params(("id" = String, Path), ("q" = Option<String>, Query, description = "a pattern (`lab.*.cpu`) or words"),
        ("limit" = Option<u32>, Query, description = "1 to 1000, default 100"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<SeriesHit>), (status = 404), (status = 422)))]
async fn series(
    State(services): State<Services>,
    Path(id): Path<String>,
    mut params: Params,
) -> Result<Json<Page<SeriesHit>>, Fault> {
    let q = params.text("q").unwrap_or_default();
    let slice = params.slice();
    params.finish()?;
    let after = slice.cursor.as_deref().map(read_cursor).transpose()?;
    let limit = slice.limit as usize;
    let page = services.blocking(move |services| {
        let page = services.sources.search(&id, &q, limit, after.as_deref());
        page.map_err(|error| renamed(error.into(), "q"))
    });
    let page = page.await?;
    Ok(Json(Page { next: page.next.as_deref().map(write_cursor), ..page }))
}

/// A source says `expr` is at fault; here the parameter has another name.
fn renamed(mut fault: Fault, name: &str) -> Fault {
    for field in fault.fields.iter_mut().filter(|field| field.field == "expr") {
        field.field = name.to_owned();
    }
    fault
}

fn write_cursor(name: &str) -> String {
    URL_SAFE_NO_PAD.encode(name)
}

fn read_cursor(cursor: &str) -> Result<String, Fault> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let name = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    name.ok_or_else(|| StoreError::BadCursor.into())
}

/// Samples of what an expression gives.
#[utoipa::path(get, path = "/api/v1/sources/{id}/query", tag = "sources",
    params(("id" = String, Path), ("expr" = String, Query),
        ("from" = Option<String>, Query, description = "default: an hour before `to`"),
        ("to" = Option<String>, Query, description = "default: now"),
        ("max_points" = Option<u32>, Query, description = "of each series, 2 to 10000, default 500; extremes are kept")),
    responses((status = 200, body = QueryAnswer), (status = 404), (status = 422), (status = 502)))]
async fn query(
    State(services): State<Services>,
    Path(id): Path<String>,
    mut params: Params,
) -> Result<Json<QueryAnswer>, Fault> {
    let expr = params.needed("expr");
    let range = read_range(&mut params, services.now().wall);
    params.finish()?;
    let answer =
        services.blocking(move |services| Ok(services.sources.query(&id, &expr, range, MOST_SERIES)?));
    answer.await.map(Json)
}

fn read_range(params: &mut Params, now: Millis) -> Range {
    let to = params.time("to").unwrap_or(now);
    let from = params.time("from").unwrap_or(to.plus(-HOUR_MS));
    let max_points = params.number("max_points", 2..=10_000, 500) as usize;
    if to.since(from) <= 0 {
        params.wrong("from", "must be before `to`", "debe ser anterior a `to`");
    } else if to.since(from) > LONGEST_RANGE_MS {
        let (en, es) =
            ("must be at most 400 days before `to`", "debe ser como mucho 400 días anterior a `to`");
        params.wrong("from", en, es);
    }
    Range { from, to, max_points }
}

/// What a rule watches: its series, the check's lines, its transitions. For viewers, too: it shows nothing but
/// what the rule was made for.
#[utoipa::path(get, path = "/api/v1/rules/{id}/chart", tag = "rules",
    params(("id" = String, Path), ("series" = Option<String>, Query, description = "only this one"),
        ("from" = Option<String>, Query, description = "default: an hour before `to`"),
        ("to" = Option<String>, Query, description = "default: now"),
        ("max_points" = Option<u32>, Query, description = "of each series, 2 to 10000, default 500")),
    responses((status = 200, body = RuleChart), (status = 404), (status = 422), (status = 502)))]
async fn chart(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    Path(id): Path<String>,
    mut params: Params,
) -> Result<Json<RuleChart>, Fault> {
    let series = params.text("series");
    let range = read_range(&mut params, services.now().wall);
    params.finish()?;
    services.blocking(move |services| draw(services, &id, series.as_deref(), range, language)).await.map(Json)
}

fn draw(
    services: &Services,
    id: &str,
    series: Option<&str>,
    range: Range,
    language: Language,
) -> Result<RuleChart, Fault> {
    let rule = rules::found(services, id)?;
    let mut answer = match series {
        Some(series) => one_series(services, &rule, series, range)?,
        None => {
            services.sources.query(&rule.draft.query.source, &rule.draft.query.expr, range, MOST_SERIES)?
        }
    };
    for series in &mut answer.series {
        series.unit = series.unit.take().or_else(|| rule.draft.query.unit.clone());
    }
    let marks = services.store.transitions_of_rule(rule.id, range.from, range.to, MOST_MARKS)?;
    let marks = marks.iter().map(|row| view::transition(&row.transition, language));
    let marks = marks.filter(|mark| series.is_none() || mark.series.as_deref() == series).collect();
    let lines =
        services.checks.lines(&rule.draft.check.name, &rule.record(), Level::Ok, range.from, range.to);
    Ok(RuleChart { series: answer.series, lines, marks })
}

/// One of the rule's own series. The local store is asked for it by name; of another source the rule's whole
/// expression is asked, because a name is no expression there.
fn one_series(services: &Services, rule: &Rule, series: &str, range: Range) -> Result<QueryAnswer, Fault> {
    let query = &rule.draft.query;
    let is_live = query.source == LOCAL && services.evaluation.live(rule.id, series).is_some();
    if is_live {
        return Ok(services.sources.query(&query.source, series, range, 1)?);
    }
    let mut answer = services.sources.query(&query.source, &query.expr, range, SEARCHED)?;
    answer.series.retain(|data| data.name == series);
    answer.total = answer.series.len() as u64;
    Ok(answer)
}
