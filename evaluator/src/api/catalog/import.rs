//! One load of Grafana at a time: started, watched, cancelled.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use atalaya_api::catalog::{CatalogProblem, ImportPhase, ImportStatus};
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::load;
use super::settings::connect;
use crate::api::Services;
use crate::api::auth::Identity;
use crate::api::problem::{Fault, Kind, Language, words};
use crate::api::query::Params;
use crate::domain::{Millis, Texts};

/// Problems that are told of one load.
const MOST_PROBLEMS: usize = 1_000;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(status, start, cancel))
}

/// The load that runs, or the last one since the start.
#[utoipa::path(get, path = "/api/v1/catalog/import", tag = "catalog", responses((status = 200, body = ImportStatus)))]
async fn status(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    params: Params,
) -> Result<Json<ImportStatus>, Fault> {
    params.finish()?;
    Ok(Json(services.imports.view(language)))
}

/// Load what Grafana has. It goes on by itself; `GET` says how far it is.
#[utoipa::path(post, path = "/api/v1/catalog/import", tag = "catalog",
    responses((status = 202, body = ImportStatus), (status = 409, description = "one runs already, or no Grafana is set up")))]
async fn start(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Extension(language): Extension<Language>,
) -> Result<(StatusCode, Json<ImportStatus>), Fault> {
    let started = services.blocking(move |services| {
        let grafana = connect(services)?;
        let run = services.imports.clone().start(services.now().wall)?;
        let (services, by) = (services.clone(), identity.actor());
        let status = services.imports.view(language);
        let thread = std::thread::Builder::new().name("grafana".to_owned());
        let spawned = thread.spawn(move || load::run(&services, &grafana, run, &by));
        spawned.map_err(|error| {
            tracing::error!(%error, "a load cannot be started");
            Fault::internal()
        })?;
        Ok(status)
    });
    Ok((StatusCode::ACCEPTED, Json(started.await?)))
}

/// Cancel the load that runs: what was read stays, the rest is as it was.
#[utoipa::path(delete, path = "/api/v1/catalog/import", tag = "catalog", responses((status = 200, body = ImportStatus)))]
async fn cancel(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    params: Params,
) -> Result<Json<ImportStatus>, Fault> {
    params.finish()?;
    services.imports.cancel();
    Ok(Json(services.imports.view(language)))
}

/// A problem in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub dashboard: String,
    pub place: String,
    pub words: Texts,
}

impl Told {
    pub fn new(dashboard: &str, place: &str, words: Texts) -> Self {
        Told { dashboard: dashboard.to_owned(), place: place.to_owned(), words }
    }

    pub fn view(&self, language: Language) -> CatalogProblem {
        CatalogProblem {
            dashboard: self.dashboard.clone(),
            place: self.place.clone(),
            words: self.words.in_language(language.tag()).to_owned(),
        }
    }
}

/// How the load stands that runs, or that ran last.
#[derive(Default)]
pub struct Imports {
    state: Mutex<Progress>,
    cancelled: AtomicBool,
}

/// As it is told, but for what is told in two languages.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    pub status: ImportStatus,
    pub error: Option<Texts>,
    /// Dashboards that could not be read, and what else went wrong with the load.
    pub failures: Vec<Told>,
    /// What was not understood of those that were read.
    pub problems: Vec<Told>,
}

impl Progress {
    pub fn view(&self, language: Language) -> ImportStatus {
        let all = self.failures.iter().chain(&self.problems);
        ImportStatus {
            error: self.error.as_ref().map(|words| words.in_language(language.tag()).to_owned()),
            problems: all.take(MOST_PROBLEMS).map(|told| told.view(language)).collect(),
            problems_total: (self.failures.len() + self.problems.len()) as u64,
            ..self.status.clone()
        }
    }
}

/// The right to be the load that runs. Whoever drops it without an end has failed.
pub struct Run {
    imports: Arc<Imports>,
}

impl Imports {
    fn start(self: Arc<Self>, now: Millis) -> Result<Run, Fault> {
        let mut progress = self.lock();
        if progress.status.phase == ImportPhase::Running {
            return Err(Fault::new(
                Kind::Conflict,
                "A load is running already; wait for it, or cancel it.",
                "Ya hay una carga en marcha; espérela o cancélela.",
            ));
        }
        *progress = Progress::default();
        progress.status.phase = ImportPhase::Running;
        progress.status.started_at = Some(now.timestamp());
        drop(progress);
        self.cancelled.store(false, Ordering::SeqCst);
        Ok(Run { imports: self })
    }

    /// The load that runs, if any, ends with what it is reading.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
    }

    fn view(&self, language: Language) -> ImportStatus {
        self.lock().view(language)
    }

    // Fields are right whenever the lock is free, whoever panicked.
    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Run {
    pub fn is_cancelled(&self) -> bool {
        self.imports.cancelled.load(Ordering::SeqCst)
    }

    /// Changes what is told.
    pub fn tell(&self, change: impl FnOnce(&mut Progress)) {
        change(&mut self.imports.lock());
    }

    /// What is told now.
    pub fn progress(&self) -> Progress {
        self.imports.lock().clone()
    }

    /// The end, and why, if it failed.
    pub fn end(self, now: Millis, error: Option<Texts>) {
        let is_cancelled = self.is_cancelled();
        self.tell(|progress| {
            progress.status.phase = match (&error, is_cancelled) {
                (Some(_), _) => ImportPhase::Failed,
                (None, true) => ImportPhase::Cancelled,
                (None, false) => ImportPhase::Done,
            };
            progress.status.ended_at = Some(now.timestamp());
            progress.status.current = None;
            progress.error = error;
        });
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.tell(|progress| {
            if progress.status.phase == ImportPhase::Running {
                progress.status.phase = ImportPhase::Failed;
                progress.status.current = None;
                progress.error = Some(words(
                    "Something failed inside the server; its log says what.",
                    "Algo falló dentro del servidor; su registro dice qué.",
                ));
            }
        });
    }
}
