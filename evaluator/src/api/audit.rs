//! `/api/v1/audit`: who did what.

use atalaya_api::audit::AuditEntry;
use atalaya_api::page::Page;
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Services;
use super::problem::Fault;
use super::query::Params;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The audit log, newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "people",
    params(("limit" = Option<u32>, Query, description = "1 to 1000, default 100"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<AuditEntry>), (status = 422)))]
async fn list(State(services): State<Services>, mut params: Params) -> Result<Json<Page<AuditEntry>>, Fault> {
    let slice = params.slice();
    params.finish()?;
    let page = services.blocking(move |services| Ok(services.store.audit(&slice)?)).await?;
    Ok(Json(page.map(|row| AuditEntry {
        at: row.at.timestamp(),
        by: row.by,
        what: row.what,
        subject: row.subject,
        before: row.before,
        after: row.after,
    })))
}
