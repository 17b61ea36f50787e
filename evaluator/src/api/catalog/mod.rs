//! `/api/v1/catalog`: Grafana's dashboards, and what rules are made from.
//!
//! `settings` says how Grafana is reached, `import` and `load` bring in what it has, `matching` knows which source stands for which of
//! its data sources, `resolve` fills variables in, `metrics` makes of a target what a rule watches, `drift` compares rules with
//! their dashboards and keeps "All" what it says.

mod dashboards;
mod datasources;
mod drift;
mod files;
mod import;
mod kept;
mod load;
mod matching;
mod metrics;
mod resolve;
mod settings;

use utoipa_axum::router::OpenApiRouter;

use super::Services;
use super::problem::{Fault, clipped};

pub use drift::{follow, keep};
pub use import::Imports;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .merge(settings::routes())
        .merge(datasources::routes())
        .merge(import::routes())
        .merge(files::routes())
        .merge(dashboards::routes())
        .merge(metrics::routes())
        .merge(drift::routes())
}

/// There is no such dashboard in the catalog.
fn no_dashboard(uid: &str) -> Fault {
    let uid = clipped(uid);
    Fault::not_found(
        format!("There is no dashboard {uid:?} in the catalog; load Grafana again."),
        format!("No hay ningún panel de control {uid:?} en el catálogo; cargue Grafana de nuevo."),
    )
}
