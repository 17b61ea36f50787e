//! `/api/v1/templates`: sets of checks with params and alarm settings, applied to many metrics.

use std::rc::Rc;

use atalaya_api::bulk::Made;
use atalaya_api::page::Page;
use atalaya_api::template::{Apply, Impact, Template as WireTemplate, TemplateDraft};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::{Extension, Json};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::{Millis, Template, TemplateId};
use crate::store::TemplateFilter;

use super::Services;
use super::auth::Identity;
use super::body::{Body, shaped};
use super::bulk::{made, selected, turn};
use super::changes::Changes;
use super::patch::take_version;
use super::problem::{Fault, Kind};
use super::query::Params;
use super::template_check::check;
use super::template_edit::{self, Wanted};

/// Metrics that one request applies a template to by name.
const MOST_METRICS: usize = 1_000;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(one, save, delete))
        .routes(routes!(restore))
        .routes(routes!(impact))
        .routes(routes!(apply))
}

/// Why a template was not changed.
#[derive(Debug, thiserror::Error)]
enum TemplateError {
    #[error("there is no such template")]
    Missing,
    #[error("it is deleted")]
    Deleted,
    #[error("the version moved to {now}")]
    Moved { now: u64 },
    #[error("{rules} rules are linked, and what becomes of them was not said")]
    Linked { rules: u64 },
}

impl From<TemplateError> for Fault {
    fn from(error: TemplateError) -> Self {
        match error {
            TemplateError::Missing => {
                Fault::not_found("There is no such template.", "No existe esa plantilla.")
            }
            TemplateError::Deleted => Fault::new(
                Kind::Conflict,
                "The template is deleted; restore it first.",
                "La plantilla está borrada; restáurela antes.",
            ),
            TemplateError::Moved { now } => Fault::new(
                Kind::Conflict,
                format!("Somebody else changed it in the meantime: its version is {now} now."),
                format!("Alguien la cambió entretanto: su versión es ahora {now}."),
            ),
            TemplateError::Linked { rules } => Fault::field(
                "rules",
                format!("must be keep or delete: {rules} metrics are linked to the template"),
                format!("debe ser keep o delete: {rules} métricas están vinculadas a la plantilla"),
            ),
        }
    }
}

/// Templates by name, as a page.
#[utoipa::path(get, path = "/api/v1/templates", tag = "templates",
    params(("q" = Option<String>, Query, description = "every word must be in the name"),
        ("deleted" = Option<bool>, Query, description = "true: the deleted ones"),
        ("limit" = Option<u32>, Query, description = "1 to 1000, default 100"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<WireTemplate>), (status = 422)))]
async fn list(
    State(services): State<Services>,
    mut params: Params,
) -> Result<Json<Page<WireTemplate>>, Fault> {
    let filter = TemplateFilter { q: params.text("q"), deleted: params.flag("deleted") };
    let slice = params.slice();
    params.finish()?;
    let page = services.blocking(move |services| {
        let Page { items, next, total } = services.store.templates(&filter, &slice)?;
        let items = items.into_iter().map(|one| shown(services, one)).collect::<Result<_, _>>()?;
        Ok(Page { items, next, total })
    });
    page.await.map(Json)
}

/// Make a template. It has no rules until it is applied.
#[utoipa::path(post, path = "/api/v1/templates", tag = "templates", request_body = TemplateDraft,
    responses((status = 201, body = WireTemplate), (status = 409, description = "the name is taken"), (status = 422)))]
async fn create(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Body(draft): Body<TemplateDraft>,
) -> Result<(StatusCode, HeaderMap, Json<WireTemplate>), Fault> {
    let created = services.blocking(move |services| {
        let _turn = turn(services);
        let (now, by) = (services.now().wall, identity.actor());
        let mut changes = Changes::new(services, by.clone());
        let draft = check(&mut changes.memo, draft)?;
        let template = Template {
            id: TemplateId::generate(),
            version: 1,
            draft: template_edit::as_kept(draft),
            created_at: now,
            updated_at: now,
            updated_by: by.name,
            deleted_at: None,
            released: Vec::new(),
        };
        changes.carry_out_for(None, &template)?;
        shown(services, template)
    });
    let created = created.await?;
    let place = format!("{}/api/v1/templates/{}", services.config.base_path, created.id);
    let place = HeaderValue::from_str(&place).expect("a checked path and a UUID are plain ASCII");
    Ok((StatusCode::CREATED, HeaderMap::from_iter([(header::LOCATION, place)]), Json(created)))
}

/// One template; deleted ones too.
#[utoipa::path(get, path = "/api/v1/templates/{id}", tag = "templates", params(("id" = String, Path)),
    responses((status = 200, body = WireTemplate), (status = 404)))]
async fn one(
    State(services): State<Services>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<WireTemplate>, Fault> {
    params.finish()?;
    services.blocking(move |services| shown(services, found(services, &id)?)).await.map(Json)
}

/// Replace a template. The rules that are linked to it follow in the same step, but for the values that they have of their own; metrics
/// get rules of new sets, rules of sets that are gone are deleted, and come back with the set. With `version` it is refused when somebody
/// else was faster.
#[utoipa::path(put, path = "/api/v1/templates/{id}", tag = "templates", params(("id" = String, Path)),
    request_body(content = TemplateDraft, description = "and `version`"),
    responses((status = 200, body = WireTemplate), (status = 404), (status = 409, description = "its version moved, or the name is taken"),
        (status = 422, description = "names what is wrong, and the rules that cannot follow")))]
async fn save(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    Body(body): Body<Value>,
) -> Result<Json<WireTemplate>, Fault> {
    let saved = services.blocking(move |services| {
        let _turn = turn(services);
        let before = in_use(services, &id)?;
        let (body, expected) = take_version(body)?;
        if expected.is_some_and(|expected| expected != before.version) {
            return Err(TemplateError::Moved { now: before.version }.into());
        }
        let mut changes = Changes::new(services, identity.actor());
        let wanted = check(&mut changes.memo, shaped(body)?)?;
        template_edit::save(&mut changes, &before, &wanted)?;
        let after = Template { draft: template_edit::as_kept(wanted), ..before.clone() };
        stored(services, changes, before, after, &identity)
    });
    saved.await.map(Json)
}

/// What saving this would do; nothing is written.
#[utoipa::path(post, path = "/api/v1/templates/{id}/impact", tag = "templates", params(("id" = String, Path)),
    request_body = TemplateDraft, responses((status = 200, body = Impact), (status = 404), (status = 422)))]
async fn impact(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    Body(draft): Body<TemplateDraft>,
) -> Result<Json<Impact>, Fault> {
    let impact = services.blocking(move |services| {
        let before = in_use(services, &id)?;
        let mut changes = Changes::new(services, identity.actor());
        let wanted = check(&mut changes.memo, draft)?;
        template_edit::save(&mut changes, &before, &wanted)
    });
    impact.await.map(Json)
}

/// Apply a template to metrics: each of its sets makes a rule on each, all or none. A metric that is linked to a set already keeps that rule.
#[utoipa::path(post, path = "/api/v1/templates/{id}/apply", tag = "templates", params(("id" = String, Path)),
    request_body = Apply, responses((status = 201, body = Made), (status = 404),
        (status = 409, description = "other rules are selected by now"), (status = 422)))]
async fn apply(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    Body(wanted): Body<Apply>,
) -> Result<(StatusCode, Json<Made>), Fault> {
    let applied = services.blocking(move |services| {
        let _turn = turn(services);
        let template = in_use(services, &id)?;
        let metrics = metrics(services, wanted, template.id)?;
        let mut changes = Changes::new(services, identity.actor());
        changes.memo.ask_ahead(metrics.iter().map(|wanted| &wanted.metric.query));
        template_edit::apply(&mut changes, &template, metrics)?;
        Ok(made(services, changes.carry_out()?))
    });
    Ok((StatusCode::CREATED, Json(applied.await?)))
}

fn metrics(services: &Services, wanted: Apply, id: TemplateId) -> Result<Vec<Wanted>, Fault> {
    let Apply { metrics, select, expected_total } = wanted;
    if metrics.len() > MOST_METRICS {
        let (en, es) =
            (format!("must be at most {MOST_METRICS}"), format!("deben ser como mucho {MOST_METRICS}"));
        return Err(Fault::field("metrics", en, es));
    }
    let named = |(place, metric)| Wanted { metric, field: Some(format!("metrics[{place}].")) };
    let mut all: Vec<Wanted> = metrics.into_iter().enumerate().map(named).collect();
    if let Some(select) = select {
        let Some(expected) = expected_total else {
            return Err(Fault::field("expected_total", "is missing", "falta"));
        };
        all.extend(template_edit::metrics_of(&selected(services, select, expected, false)?, id));
    }
    if all.is_empty() {
        let (en, es) = (
            "must name metrics, or rules in select",
            "debe indicar métricas, o métricas configuradas en select",
        );
        return Err(Fault::field("metrics", en, es));
    }
    Ok(all)
}

/// Delete a template; `restore` brings it back. `rules` says what becomes of those that are linked: `keep` leaves them as they are, without
/// it; `delete` takes them with it.
#[utoipa::path(delete, path = "/api/v1/templates/{id}", tag = "templates",
    params(("id" = String, Path), ("rules" = Option<String>, Query, description = "keep or delete; needed when there are any")),
    responses((status = 204), (status = 404), (status = 422)))]
async fn delete(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    mut params: Params,
) -> Result<StatusCode, Fault> {
    let delete_rules = params.choice("rules", &[("keep", false), ("delete", true)]);
    params.finish()?;
    let done = services.blocking(move |services| {
        let _turn = turn(services);
        let before = found(services, &id)?;
        if before.deleted_at.is_some() {
            return Ok(StatusCode::NO_CONTENT);
        }
        let mut changes = Changes::new(services, identity.actor());
        let mut after = Template { deleted_at: Some(changes.now()), ..before.clone() };
        match (delete_rules, services.store.rules_of_template(before.id)?) {
            (_, 0) => {}
            (None, rules) => return Err(TemplateError::Linked { rules }.into()),
            (Some(true), _) => template_edit::delete(&mut changes, before.id)?,
            (Some(false), _) => after.released = template_edit::release(&mut changes, before.id)?,
        }
        stored(services, changes, before, after, &identity)?;
        Ok(StatusCode::NO_CONTENT)
    });
    done.await
}

/// Bring a deleted template back, with the rules that went with it; those that stayed are linked again.
#[utoipa::path(post, path = "/api/v1/templates/{id}/restore", tag = "templates", params(("id" = String, Path)),
    responses((status = 200, body = WireTemplate), (status = 404), (status = 409, description = "its name is taken by now")))]
async fn restore(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
) -> Result<Json<WireTemplate>, Fault> {
    let restored = services.blocking(move |services| {
        let _turn = turn(services);
        let before = found(services, &id)?;
        if before.deleted_at.is_none() {
            return shown(services, before);
        }
        let after = Template { deleted_at: None, released: Vec::new(), ..before.clone() };
        let mut changes = Changes::new(services, identity.actor());
        changes.memo.put_template(Rc::new(after.clone()));
        template_edit::restore(&mut changes, &before)?;
        stored(services, changes, before, after, &identity)
    });
    restored.await.map(Json)
}

fn found(services: &Services, id: &str) -> Result<Template, Fault> {
    let template = match id.parse::<TemplateId>() {
        Ok(id) => services.store.template(id)?,
        Err(_) => None,
    };
    template.ok_or_else(|| TemplateError::Missing.into())
}

fn in_use(services: &Services, id: &str) -> Result<Template, Fault> {
    let template = found(services, id)?;
    if template.deleted_at.is_some() { Err(TemplateError::Deleted.into()) } else { Ok(template) }
}

/// Stores a changed template as its next version, with what it does to rules.
fn stored(
    services: &Services,
    changes: Changes<'_>,
    before: Template,
    mut after: Template,
    identity: &Identity,
) -> Result<WireTemplate, Fault> {
    after.version = before.version + 1;
    after.updated_at = services.now().wall;
    after.updated_by = identity.actor().name;
    changes.carry_out_for(Some(&before), &after)?;
    shown(services, after)
}

fn shown(services: &Services, template: Template) -> Result<WireTemplate, Fault> {
    Ok(WireTemplate {
        rules: services.store.rules_of_template(template.id)?,
        id: template.id.to_string(),
        version: template.version,
        draft: template.draft,
        created_at: template.created_at.timestamp(),
        updated_at: template.updated_at.timestamp(),
        updated_by: template.updated_by,
        deleted_at: template.deleted_at.map(Millis::timestamp),
    })
}
