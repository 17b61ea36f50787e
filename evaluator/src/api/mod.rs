//! The HTTP API under `/api/v1`, the live events, and the pages for machines.
//!
//! One file per group of endpoints: the handlers with their OpenAPI documentation, and the errors that only they
//! have. Adding an endpoint: write the handler with `#[utoipa::path]`, put it into the file's `routes()`, and say in
//! `permissions.rs` who may call it; an endpoint that the table does not name is closed to everybody, and a test
//! says so. Errors are [`problem::Fault`]s.

pub mod ports;
pub mod registry;
pub mod remotes;

mod acknowledge;
mod alarm_export;
mod alarm_filter;
mod alarm_summary;
mod alarms;
mod audit;
mod auth;
mod backups;
mod body;
mod bulk;
mod calendars;
mod catalog;
mod changes;
mod checks;
mod client;
mod deleted;
mod deliveries;
mod events;
mod faults;
mod groups;
mod history;
mod hub;
mod import_read;
mod machines;
mod maintenance;
mod metrics;
mod mutes;
mod openapi;
mod patch;
mod permissions;
mod phones;
mod problem;
mod query;
mod quieting;
mod receiver_check;
mod receiver_secret;
mod receiver_test;
mod receiver_view;
mod receivers;
mod remote_write;
mod rule_check;
mod rule_export;
mod rule_import;
mod rule_link;
mod rule_list;
mod rule_memo;
mod rules;
mod secrets;
mod server;
mod session;
mod sessions;
mod settings;
mod setup;
mod slots;
mod source_check;
mod source_edit;
mod sources;
mod status;
mod summary;
mod template_check;
mod template_edit;
mod templates;
#[cfg(test)]
mod tests;
mod tokens;
mod undos;
mod users;
mod view;
mod watch;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::backup::{Backups, Places};
use crate::clock::{Clock, Now};
use crate::config::Config;
use crate::domain::Millis;
use crate::ingest::prometheus::RemoteWrite;
use crate::notify::Conditions;
use crate::people::{Attempts, Passwords};
use crate::store::Store;
use crate::ui::Ui;

use ports::{Checks, Evaluation, Sources};
use undos::Undos;

pub use deleted::KEPT_MS as DELETED_KEPT_MS;
pub use hub::EventHub;
pub use problem::Fault;
pub use remote_write::{REMOTE_WRITE, RemoteWriteDoor};
pub use server::{ServeError, check_tls, serve};
pub use settings::load as load_settings;

/// All that the API works with.
#[derive(Clone)]
pub struct Services {
    pub store: Arc<dyn Store>,
    pub evaluation: Arc<dyn Evaluation>,
    pub checks: Arc<dyn Checks>,
    pub sources: Arc<dyn Sources>,
    pub remote_write: RemoteWriteDoor,
    pub clock: Arc<dyn Clock>,
    pub config: Arc<Config>,
    pub events: EventHub,
    pub ui: Ui,
    pub passwords: Passwords,
    pub attempts: Arc<Mutex<Attempts>>,
    pub recent: summary::Recent,
    /// The load of Grafana that runs, or the last one.
    pub imports: Arc<catalog::Imports>,
    /// How many test messages may be under way.
    pub tests: Arc<slots::Slots>,
    /// What was done to many rules and can be taken back.
    pub undos: Arc<Undos>,
    /// Held by whoever changes many rules, templates or rules that are linked to one: templates and their rules are read and written
    /// by one at a time.
    pub changing: Arc<Mutex<()>>,
    /// What keeps it quiet, as it was last written.
    pub quiet: Arc<quieting::Known>,
    pub backups: Backups,
    /// How the receivers do.
    pub conditions: Conditions,
    /// Makes the telling look at once: something was changed that it tells of.
    pub tell: Arc<dyn Fn() + Send + Sync>,
    /// When the server started.
    pub started: Millis,
    /// The same by the monotonic clock.
    pub started_mono: Duration,
}

impl Services {
    /// With the parts that need no choice made.
    pub fn new(
        store: Arc<dyn Store>,
        (evaluation, checks, sources): (Arc<dyn Evaluation>, Arc<dyn Checks>, Arc<dyn Sources>),
        remote_write: Arc<RemoteWrite>,
        clock: Arc<dyn Clock>,
        config: Arc<Config>,
        events: EventHub,
        ui: Ui,
    ) -> Self {
        let now = clock.now();
        Services {
            started: now.wall,
            started_mono: now.mono,
            backups: Backups::new(Places::of(&config)),
            store,
            evaluation,
            checks,
            sources,
            remote_write: RemoteWriteDoor::new(remote_write),
            clock,
            config,
            events,
            ui,
            passwords: Passwords::new(),
            attempts: Arc::default(),
            recent: Arc::default(),
            imports: Arc::default(),
            tests: Arc::default(),
            undos: Arc::default(),
            changing: Arc::default(),
            quiet: Arc::default(),
            conditions: Conditions::default(),
            tell: Arc::new(|| ()),
        }
    }

    /// With the running telling: how the receivers do, and what wakes it.
    pub fn telling(self, conditions: Conditions, tell: impl Fn() + Send + Sync + 'static) -> Self {
        Services { conditions, tell: Arc::new(tell), ..self }
    }

    pub fn now(&self) -> Now {
        self.clock.now()
    }

    /// Does what blocks (the store, the sources) off the async threads.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Services) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let services = self.clone();
        match tokio::task::spawn_blocking(move || work(&services)).await {
            Ok(result) => result,
            Err(error) => {
                tracing::error!(%error, "a request failed");
                Err(Fault::internal())
            }
        }
    }
}

/// Everything that is served: API, machines' pages, the app.
pub fn router(services: Services) -> Router {
    let guard = from_fn_with_state(services.clone(), auth::guard);
    let (api, document) = openapi::routes().split_for_parts();
    let api = api
        .route_layer(guard)
        .layer(DefaultBodyLimit::max(body::LARGEST))
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, value("no-store")))
        .layer(axum::Extension(openapi::Document::of(document, &services.config.base_path)))
        .fallback(crate::ui::serve)
        .with_state(services.clone());
    let base = services.config.base_path.clone();
    let routes = match base.as_str() {
        "" => api,
        // A nested router has no address that ends with the base path's slash.
        base => Router::new()
            .route(&format!("{base}/"), axum::routing::get(crate::ui::serve))
            .with_state(services.clone())
            .nest(base, api),
    };
    dressed(routes, services)
}

/// What every answer goes through, innermost first.
fn dressed(routes: Router, services: Services) -> Router {
    let mut routes = routes
        .layer(CsrfLayer::new())
        .layer(CatchPanicLayer::custom(|_panic: Box<dyn std::any::Any + Send>| {
            axum::response::IntoResponse::into_response(Fault::internal())
        }))
        .layer(from_fn_with_state(services, client::identify))
        .layer(from_fn(body::take_in))
        .layer(from_fn(problem::speak));
    for (name, text) in SECURITY {
        routes =
            routes.layer(SetResponseHeaderLayer::if_not_present(HeaderName::from_static(name), value(text)));
    }
    routes
}

/// Scripts and styles of our own only, shown in no other page, addresses told to nobody.
const SECURITY: [(&str, &str); 5] = [
    (
        "content-security-policy",
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("x-frame-options", "DENY"),
];

fn value(text: &'static str) -> HeaderValue {
    HeaderValue::from_static(text)
}
