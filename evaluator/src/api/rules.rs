//! `/api/v1/rules`: what is watched, and how.

use atalaya_api::event::RuleAction;
use atalaya_api::rule::{ForgetSeries, Rule as WireRule, RuleDraft};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::{Extension, Json};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::{Rule, RuleId};
use crate::store::Actor;

use super::auth::Identity;
use super::body::{Body, shaped};
use super::bulk::turn;
use super::patch::{merge, take_version};
use super::problem::{Fault, Kind, clipped};
use super::query::Params;
use super::rule_memo::Memo;
use super::{Services, calendars, rule_check, rule_link, rule_list, view};

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .routes(routes!(rule_list::list, create))
        .routes(routes!(one, change, delete))
        .routes(routes!(restore))
        .routes(routes!(forget))
}

/// Why a rule was not changed.
#[derive(Debug, thiserror::Error)]
enum RuleError {
    #[error("there is no such rule")]
    Missing,
    #[error("it is deleted")]
    Deleted,
    #[error("the version moved to {now}")]
    Moved { now: u64 },
    #[error("its source {id} is not there any more")]
    SourceGone { id: String },
    #[error("its calendar {id} is not there any more")]
    PeriodGone { id: String },
}

impl From<RuleError> for Fault {
    fn from(error: RuleError) -> Self {
        match error {
            RuleError::Missing => {
                Fault::not_found("There is no such rule.", "No existe esa métrica configurada.")
            }
            RuleError::Deleted => Fault::new(
                Kind::Conflict,
                "The rule is deleted; restore it first.",
                "La métrica está borrada; restáurela antes.",
            ),
            RuleError::Moved { now } => Fault::new(
                Kind::Conflict,
                format!("Somebody else changed it in the meantime: its version is {now} now."),
                format!("Alguien la cambió entretanto: su versión es ahora {now}."),
            ),
            RuleError::SourceGone { id } => Fault::new(
                Kind::Conflict,
                format!("Its source {id:?} was removed; restore that first."),
                format!("Su fuente {id:?} se quitó; restáurela antes."),
            ),
            RuleError::PeriodGone { id } => Fault::new(
                Kind::Conflict,
                format!("Its calendar {id:?} was deleted; restore that first."),
                format!("Su calendario {id:?} se borró; restáurelo antes."),
            ),
        }
    }
}

/// Make a rule.
#[utoipa::path(post, path = "/api/v1/rules", tag = "rules", request_body = RuleDraft,
    responses((status = 201, body = WireRule), (status = 422, description = "names the fields at fault")))]
async fn create(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Body(draft): Body<RuleDraft>,
) -> Result<(StatusCode, HeaderMap, Json<WireRule>), Fault> {
    let rule = services.blocking(move |services| {
        let _turn = draft.template.is_some().then(|| turn(services));
        let mut draft = draft;
        rule_link::settle(&mut Memo::new(services), &mut draft, None)?;
        let (interval, time_zone) = rule_check::check(services, &draft, None)?;
        let now = services.now().wall;
        let by = identity.actor();
        let rule = Rule {
            id: RuleId::generate(),
            version: 1,
            draft,
            interval,
            time_zone,
            created_at: now,
            updated_at: now,
            updated_by: by.name.clone(),
            deleted_at: None,
        };
        services.store.create_rule(&rule, &by)?;
        taken_up(services, rule, RuleAction::Created)
    });
    let rule = rule.await?;
    let place = format!("{}/api/v1/rules/{}", services.config.base_path, rule.id);
    let place = HeaderValue::from_str(&place).expect("a checked path and a UUID are plain ASCII");
    Ok((StatusCode::CREATED, HeaderMap::from_iter([(header::LOCATION, place)]), Json(rule)))
}

/// One rule; deleted ones too.
#[utoipa::path(get, path = "/api/v1/rules/{id}", tag = "rules", params(("id" = String, Path)),
    responses((status = 200, body = WireRule), (status = 404)))]
async fn one(
    State(services): State<Services>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<WireRule>, Fault> {
    params.finish()?;
    let rule = services.blocking(move |services| {
        let rule = found(services, &id)?;
        Ok(view::rule(services, rule, &view::check_hashes(services)))
    });
    rule.await.map(Json)
}

/// Change a rule: a JSON merge patch (RFC 7396) of what `POST` takes. With `version` it is refused when somebody else
/// was faster.
#[utoipa::path(patch, path = "/api/v1/rules/{id}", tag = "rules", params(("id" = String, Path)),
    request_body(content = RuleDraft, description = "any part of it, and `version`"),
    responses((status = 200, body = WireRule), (status = 404), (status = 409, description = "its version moved"), (status = 422)))]
async fn change(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    Body(patch): Body<Value>,
) -> Result<Json<WireRule>, Fault> {
    let rule = services.blocking(move |services| {
        let (patch, expected) = take_version(patch)?;
        let is_linked = found(services, &id)?.draft.template.is_some() || patch.get("template").is_some();
        let _turn = is_linked.then(|| turn(services));
        let before = found(services, &id)?;
        if before.deleted_at.is_some() {
            return Err(RuleError::Deleted.into());
        }
        if expected.is_some_and(|expected| expected != before.version) {
            return Err(RuleError::Moved { now: before.version }.into());
        }
        let mut value = serde_json::to_value(&before.draft).map_err(|_| Fault::internal())?;
        merge(&mut value, patch);
        let mut draft: RuleDraft = shaped(value)?;
        rule_link::settle(&mut Memo::new(services), &mut draft, Some(&before.draft))?;
        let (interval, time_zone) = rule_check::check(services, &draft, Some(&before))?;
        let after = Rule { draft, interval, time_zone, ..before };
        stored(services, after, RuleAction::Updated, &identity.actor())
    });
    rule.await.map(Json)
}

/// Delete a rule; `restore` brings it back.
#[utoipa::path(delete, path = "/api/v1/rules/{id}", tag = "rules", params(("id" = String, Path)),
    responses((status = 204), (status = 404)))]
async fn delete(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
) -> Result<StatusCode, Fault> {
    let done = services.blocking(move |services| {
        let before = found(services, &id)?;
        if before.deleted_at.is_none() {
            let after = Rule { deleted_at: Some(services.now().wall), ..before };
            stored(services, after, RuleAction::Deleted, &identity.actor())?;
        }
        Ok(StatusCode::NO_CONTENT)
    });
    done.await
}

/// Bring a deleted rule back.
#[utoipa::path(post, path = "/api/v1/rules/{id}/restore", tag = "rules", params(("id" = String, Path)),
    responses((status = 200, body = WireRule), (status = 404), (status = 409, description = "its source or calendar is deleted")))]
async fn restore(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
) -> Result<Json<WireRule>, Fault> {
    let rule = services.blocking(move |services| {
        let before = found(services, &id)?;
        if before.deleted_at.is_none() {
            return Ok(view::rule(services, before, &view::check_hashes(services)));
        }
        let source = &before.draft.query.source;
        if before.draft.enabled && !services.sources.list("en").iter().any(|one| one.id == *source) {
            return Err(RuleError::SourceGone { id: clipped(source) }.into());
        }
        let _turn = turn(services);
        let mut draft = before.draft.clone();
        let mut memo = Memo::new(services);
        rule_link::settle_again(&mut memo, &mut draft)?;
        // A template may have given it another one.
        if calendars::unknown_period("period", &draft.period, memo.periods()?).is_some() {
            return Err(RuleError::PeriodGone { id: clipped(&draft.period) }.into());
        }
        let after = Rule { deleted_at: None, draft, ..before };
        stored(services, after, RuleAction::Restored, &identity.actor())
    });
    rule.await.map(Json)
}

/// Give up a vanished series at once: its alarms close, and it is watched again when a sample comes.
#[utoipa::path(post, path = "/api/v1/rules/{id}/forget", tag = "rules", params(("id" = String, Path)),
    request_body = ForgetSeries, responses((status = 204), (status = 404), (status = 422)))]
async fn forget(
    State(services): State<Services>,
    Path(id): Path<String>,
    Body(wanted): Body<ForgetSeries>,
) -> Result<StatusCode, Fault> {
    let done = services.blocking(move |services| {
        let rule = found(services, &id)?;
        if !services.evaluation.forget(rule.id, &wanted.series) {
            return Err(Fault::field(
                "series",
                "the rule watches no series of this name",
                "la métrica no vigila ninguna serie con ese nombre",
            ));
        }
        Ok(StatusCode::NO_CONTENT)
    });
    done.await
}

/// The rule with this id. Blocks.
///
/// # Errors
/// 404, or the store's.
pub fn found(services: &Services, id: &str) -> Result<Rule, Fault> {
    let rule = match id.parse::<RuleId>() {
        Ok(id) => services.store.rule(id)?,
        Err(_) => None,
    };
    rule.ok_or_else(|| RuleError::Missing.into())
}

/// Stores a changed rule as its next version. Blocks.
///
/// # Errors
/// The store's.
pub fn stored(
    services: &Services,
    mut rule: Rule,
    action: RuleAction,
    by: &Actor,
) -> Result<WireRule, Fault> {
    let expected = rule.version;
    rule.version += 1;
    rule.updated_at = services.now().wall;
    rule.updated_by = by.name.clone();
    services.store.change_rule(&rule, expected, action, by)?;
    taken_up(services, rule, action)
}

/// Tells those who must know of a stored change.
fn taken_up(services: &Services, rule: Rule, action: RuleAction) -> Result<WireRule, Fault> {
    services.evaluation.rules_changed(vec![(rule.clone(), action)]);
    services.events.committed(services.store.last_event()?);
    Ok(view::rule(services, rule, &view::check_hashes(services)))
}
