//! `/api/v1/deleted`: what was deleted and can be brought back.

use atalaya_api::page::Page;
use atalaya_api::people::Deleted;
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::store::DeletedRow;

use super::Services;
use super::problem::Fault;
use super::query::Params;

/// How long what was deleted can be brought back, ms: 30 days.
pub const KEPT_MS: i64 = 30 * 86_400_000;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(list))
}

/// What was deleted within 30 days, newest first. `POST /api/v1/{rules,templates,...}/{id}/restore` brings it back.
#[utoipa::path(get, path = "/api/v1/deleted", tag = "people",
    params(("limit" = Option<u32>, Query, description = "1 to 1000, default 100"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<Deleted>), (status = 422)))]
async fn list(State(services): State<Services>, mut params: Params) -> Result<Json<Page<Deleted>>, Fault> {
    let slice = params.slice();
    params.finish()?;
    let oldest = services.now().wall.plus(-KEPT_MS);
    let page = services.blocking(move |services| Ok(services.store.deleted(oldest, &slice)?)).await?;
    Ok(Json(page.map(view)))
}

fn view(row: DeletedRow) -> Deleted {
    Deleted {
        kind: row.kind,
        id: row.id,
        name: row.name,
        deleted_at: row.deleted_at.timestamp(),
        by: row.by,
        gone_at: row.deleted_at.plus(KEPT_MS).timestamp(),
    }
}
