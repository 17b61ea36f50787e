//! `/api/v1/audit`: who did what.

use atalaya_api::audit::AuditEntry;
use atalaya_api::page::Page;
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::store::AuditFilter;

use super::Services;
use super::problem::Fault;
use super::query::Params;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The audit log, newest first. `before` and `after` are what it was then, without what lets in.
#[utoipa::path(get, path = "/api/v1/audit", tag = "people",
    params(("q" = Option<String>, Query, description = "every word must be in who, what, the subject or its name"),
        ("by" = Option<String>, Query, description = "a user's name"),
        ("from" = Option<String>, Query, description = "at or after this time"),
        ("to" = Option<String>, Query, description = "before this time"),
        ("limit" = Option<u32>, Query, description = "1 to 1000, default 100"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<AuditEntry>), (status = 422)))]
async fn list(State(services): State<Services>, mut params: Params) -> Result<Json<Page<AuditEntry>>, Fault> {
    let filter = AuditFilter {
        q: params.text("q"),
        by: params.text("by"),
        from: params.time("from"),
        to: params.time("to"),
    };
    let slice = params.slice();
    params.finish()?;
    let page = services.blocking(move |services| Ok(services.store.audit_of(&filter, &slice)?)).await?;
    Ok(Json(page.map(|row| AuditEntry {
        at: row.at.timestamp(),
        by: row.by,
        what: row.what,
        subject: row.subject,
        before: row.before,
        after: row.after,
    })))
}
