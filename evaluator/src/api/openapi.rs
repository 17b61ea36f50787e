//! `/api/v1/openapi.json`: the API described, generated from the handlers.

use std::sync::Arc;

use atalaya_api::problem::Problem;
use axum::Extension;
use axum::http::header;
use axum::response::IntoResponse;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::permissions::{self, Need};
use super::{
    Services, acknowledge, alarm_export, alarm_summary, alarms, audit, backups, bulk, calendars, catalog,
    checks, deleted, deliveries, events, groups, history, machines, maintenance, metrics, mutes, receivers,
    remote_write, rule_export, rule_import, rules, session, sessions, settings, setup, source_edit, sources,
    status, summary, templates, tokens, users,
};

#[derive(OpenApi)]
#[openapi(
    info(title = "Atalaya", description = "Watches metrics and tells people in time."),
    components(schemas(Problem, atalaya_api::event::RuleEvent, atalaya_api::event::StatusEvent, atalaya_api::event::ResetEvent, atalaya_api::event::QuietEvent)),
    tags((name = "alarms"), (name = "rules"), (name = "templates"), (name = "sources"), (name = "catalog"), (name = "checks"), (name = "settings"), (name = "receivers"), (name = "telling"),
        (name = "people"), (name = "machines"))
)]
struct Frame;

/// All endpoints, with their documentation.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::with_openapi(Frame::openapi())
        .merge(setup::routes())
        .merge(session::routes())
        .merge(users::routes())
        .merge(groups::routes())
        .merge(tokens::routes())
        .merge(sessions::routes())
        .merge(deleted::routes())
        .merge(summary::routes())
        .merge(events::routes())
        .merge(alarms::routes())
        .merge(alarm_summary::routes())
        .merge(alarm_export::routes())
        .merge(acknowledge::routes())
        .merge(mutes::routes())
        .merge(maintenance::routes())
        .merge(history::routes())
        .merge(deliveries::routes())
        .merge(rules::routes())
        .merge(rule_export::routes())
        .merge(rule_import::routes())
        .merge(bulk::routes())
        .merge(templates::routes())
        .merge(sources::routes())
        .merge(remote_write::routes())
        .merge(source_edit::routes())
        .merge(catalog::routes())
        .merge(checks::routes())
        .merge(settings::routes())
        .merge(backups::routes())
        .merge(calendars::routes())
        .merge(receivers::routes())
        .merge(audit::routes())
        .merge(machines::routes())
        .merge(status::routes())
        .merge(metrics::routes())
        .routes(routes!(document))
}

/// The document as it is served.
#[derive(Clone)]
pub struct Document(Arc<str>);

impl Document {
    /// Completes what was generated from the handlers: who may call each endpoint, how to log in, problem documents.
    pub fn of(mut document: utoipa::openapi::OpenApi, base_path: &str) -> Self {
        let intro = document.info.description.clone().unwrap_or_default();
        document.info.description =
            Some(format!("{intro}\n\nWho may do what:\n\n{}", permissions::published()));
        if !base_path.is_empty() {
            document.servers = Some(vec![utoipa::openapi::Server::new(base_path)]);
        }
        let components = document.components.get_or_insert_default();
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("atalaya")));
        components.add_security_scheme("session", cookie);
        components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
        let mut json = serde_json::to_value(&document).expect("an OpenAPI document is JSON");
        say_who(&mut json);
        Document(json.to_string().into())
    }
}

/// Writes to each operation what it needs, and that errors are problem documents.
fn say_who(document: &mut serde_json::Value) {
    let Some(paths) = document["paths"].as_object_mut() else { return };
    for (path, operations) in paths {
        let Some(operations) = operations.as_object_mut() else { continue };
        for (method, operation) in operations {
            let method = axum::http::Method::from_bytes(method.to_uppercase().as_bytes()).unwrap_or_default();
            let Some(need) = permissions::need(&method, path) else { continue };
            operation["x-needs"] = need.words().into();
            if need != Need::Nothing {
                operation["security"] = serde_json::json!([{ "session": [] }, { "token": [] }]);
            }
            operation["responses"]["default"] = serde_json::json!({
                "description": "what went wrong",
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } }
            });
        }
    }
}

/// This document.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "machines", responses((status = 200, content_type = "application/json")))]
async fn document(Extension(Document(text)): Extension<Document>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], text.to_string())
}
