//! The load itself: everything that Grafana shows is read and kept, one dashboard after the other, a few at a time.
//!
//! Nothing is lost: a dashboard that cannot be read stays as it was loaded last, and only those that a whole search no longer finds are
//! removed.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value, json};

use super::import::{Run, Told};
use super::kept::{Became, Loaded};
use super::{drift, matching};
use crate::api::Services;
use crate::api::problem::{Fault, words};
use crate::catalog::library_panels;
use crate::domain::Texts;
use crate::grafana::{AT_A_TIME, Failure, Folders, Found, FoundDatasource, Grafana};
use crate::store::{Actor, CatalogOrigin, DashboardHead, DatasourceRow};

/// After so many failures in a row that are of everything nothing more is asked.
const MOST_FAILURES: usize = AT_A_TIME;

/// Why a load ends before its time.
enum Stop {
    Grafana(Texts),
    Store(Fault),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Stop::Grafana(failure.words().clone())
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Stop::Store(fault)
    }
}

impl From<crate::store::StoreError> for Stop {
    fn from(error: crate::store::StoreError) -> Self {
        Stop::Store(error.into())
    }
}

/// Loads everything, and says how far it is. Blocks until the end.
pub fn run(services: &Services, grafana: &Grafana, run: Run, by: &Actor) {
    let error = match load(services, grafana, &run) {
        Ok(()) => None,
        Err(Stop::Grafana(words)) => Some(words),
        Err(Stop::Store(fault)) => Some(fault.detail),
    };
    if let Some(error) = &error {
        tracing::warn!("Grafana could not be loaded: {}", error.en);
    }
    let status = run.progress().status;
    let summary = json!({
        "read": status.done, "of": status.of, "added": status.added, "changed": status.changed,
        "removed": status.removed, "cancelled": run.is_cancelled(), "error": error.as_ref().map(|words| &words.en),
    });
    if let Err(error) = services.store.audit_load("catalog loaded", "grafana", &summary, by) {
        tracing::error!(%error, "the audit log does not hold that Grafana was loaded");
    }
    run.end(services.now().wall, error);
}

fn load(services: &Services, grafana: &Grafana, run: &Run) -> Result<(), Stop> {
    let found = grafana.search(|so_far| {
        run.tell(|progress| progress.status.of = so_far as u64);
        !run.is_cancelled()
    })?;
    if run.is_cancelled() {
        return Ok(());
    }
    run.tell(|progress| progress.status.of = found.len() as u64);
    let knows_datasources = load_datasources(services, grafana, run)?;
    // A search tells the folder that a dashboard is in; those around it are a nicety.
    let folders = Folders::read(grafana, || run.is_cancelled()).unwrap_or_default();
    let loader =
        Loader { services, grafana, run, folders: &folders, knows_datasources, library: Mutex::default() };
    loader.read_all(&found)?;
    if run.is_cancelled() {
        return Ok(());
    }
    remove_gone(services, run, &found)?;
    let compared = drift::compare_all(services, || run.is_cancelled())?;
    run.tell(|progress| {
        progress.status.drifted = compared.drifted;
        progress.status.joined = compared.joined;
        progress.failures.extend(compared.problems);
    });
    Ok(())
}

/// Whether Grafana told them: a token of a viewer's may not be allowed to see them.
fn load_datasources(services: &Services, grafana: &Grafana, run: &Run) -> Result<bool, Stop> {
    let found = match grafana.datasources() {
        Ok(found) => found,
        Err(failure) if failure.is_of_all() => return Err(failure.into()),
        Err(failure) => {
            let why = failure.words();
            let told = words(
                format!(
                    "the data sources cannot be listed, those that the dashboards name are used: {}",
                    why.en
                ),
                format!(
                    "no se pueden listar los orígenes de datos, se usan los que nombran los paneles: {}",
                    why.es
                ),
            );
            run.tell(|progress| progress.failures.push(Told::new("Grafana", "datasources", told)));
            return Ok(false);
        }
    };
    let rows: Vec<DatasourceRow> = found.into_iter().map(row).collect();
    services.store.put_datasources(&rows, CatalogOrigin::Grafana)?;
    Ok(true)
}

fn row(found: FoundDatasource) -> DatasourceRow {
    let FoundDatasource { uid, name, kind, url, is_default } = found;
    DatasourceRow { uid, name, kind, url, is_default, origin: CatalogOrigin::Grafana, source: None }
}

fn remove_gone(services: &Services, run: &Run, found: &[Found]) -> Result<(), Stop> {
    let there: HashSet<&str> = found.iter().map(Found::key).collect();
    for uid in services.store.dashboards_of(CatalogOrigin::Grafana)? {
        if !there.contains(uid.as_str()) && services.store.remove_dashboard(&uid, None)? {
            run.tell(|progress| progress.status.removed += 1);
        }
    }
    Ok(())
}

/// Reads dashboards, a few at a time.
struct Loader<'a> {
    services: &'a Services,
    grafana: &'a Grafana,
    run: &'a Run,
    folders: &'a Folders,
    knows_datasources: bool,
    /// Models of library panels, each asked for once.
    library: Mutex<BTreeMap<String, Result<Value, Texts>>>,
}

impl Loader<'_> {
    fn read_all(&self, found: &[Found]) -> Result<(), Stop> {
        let (next, in_a_row) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let stop: Mutex<Option<Stop>> = Mutex::default();
        let is_stopped = || stop.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        std::thread::scope(|scope| {
            for _ in 0..AT_A_TIME {
                scope.spawn(|| {
                    while !self.run.is_cancelled() && !is_stopped() {
                        let Some(one) = found.get(next.fetch_add(1, Ordering::SeqCst)) else { break };
                        if let Err(why) = self.read(one, &in_a_row) {
                            *stop.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
                        }
                    }
                });
            }
        });
        stop.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    /// One dashboard; what is wrong with it alone is told and ends nothing.
    fn read(&self, found: &Found, in_a_row: &AtomicUsize) -> Result<(), Stop> {
        self.run.tell(|progress| progress.status.current = Some(found.title.clone()));
        match self.grafana.dashboard(found) {
            Ok(frame) => {
                in_a_row.store(0, Ordering::SeqCst);
                self.take(found, frame)?;
            }
            Err(failure) => {
                let failures = in_a_row.fetch_add(1, Ordering::SeqCst) + 1;
                if failure.is_of_all() && failures >= MOST_FAILURES {
                    return Err(failure.into());
                }
                if !failure.is_of_all() {
                    in_a_row.store(0, Ordering::SeqCst);
                }
                self.fail(found, missed(&failure));
            }
        }
        self.run.tell(|progress| progress.status.done += 1);
        Ok(())
    }

    fn fail(&self, found: &Found, words: Texts) {
        self.run.tell(|progress| progress.failures.push(Told::new(&found.title, "dashboard", words)));
    }

    fn take(&self, found: &Found, mut frame: Value) -> Result<(), Stop> {
        let library = self.library_of(found, &frame)?;
        if let Some(members) = frame.as_object_mut().filter(|_| !library.is_empty()) {
            members.insert("library".to_owned(), Value::Object(library));
        }
        let loaded = match Loaded::read(frame, self.head(found)) {
            Ok(loaded) => loaded,
            Err(words) => {
                self.fail(found, words);
                return Ok(());
            }
        };
        let became = loaded.keep(self.services)?;
        if !self.knows_datasources {
            let named = matching::named_in(&loaded.dashboard);
            self.services.store.put_datasources(&named, CatalogOrigin::File)?;
        }
        self.run.tell(|progress| count(progress, &loaded, became));
        Ok(())
    }

    fn head(&self, found: &Found) -> DashboardHead {
        let path = found.folder_uid.as_deref().and_then(|uid| self.folders.path(uid)).map(str::to_owned);
        DashboardHead {
            uid: found.key().to_owned(),
            title: found.title.clone(),
            folder: path.or_else(|| found.folder_title.clone()),
            origin: CatalogOrigin::Grafana,
            url: found.url.as_deref().map(|url| self.grafana.address_of(url)),
            loaded_at: self.services.now().wall,
            ..DashboardHead::default()
        }
    }

    /// The models of a dashboard's library panels; one that cannot be had now is as it was loaded last.
    fn library_of(&self, found: &Found, frame: &Value) -> Result<Map<String, Value>, Stop> {
        let mut models = Map::new();
        for uid in library_panels(frame) {
            match self.library_panel(&uid) {
                Ok(model) => {
                    models.insert(uid, model);
                }
                Err(why) => {
                    self.run.tell(|progress| {
                        progress.failures.push(Told::new(&found.title, "library panel", why))
                    });
                    if let Some(model) = self.last_known(found, &uid)? {
                        models.insert(uid, model);
                    }
                }
            }
        }
        Ok(models)
    }

    fn library_panel(&self, uid: &str) -> Result<Value, Texts> {
        let known = self.library.lock().unwrap_or_else(PoisonError::into_inner).get(uid).cloned();
        if let Some(known) = known {
            return known;
        }
        let asked = self.grafana.library_panel(uid).map_err(|failure| failure.words().clone());
        let mut library = self.library.lock().unwrap_or_else(PoisonError::into_inner);
        library.insert(uid.to_owned(), asked.clone());
        asked
    }

    fn last_known(&self, found: &Found, uid: &str) -> Result<Option<Value>, Stop> {
        let Some(row) = self.services.store.dashboard(found.key())? else { return Ok(None) };
        let frame: Value = serde_json::from_str(&row.frame).unwrap_or_default();
        Ok(frame.get("library").and_then(|library| library.get(uid)).cloned())
    }
}

/// Why a dashboard was not read, and what became of it.
fn missed(failure: &Failure) -> Texts {
    match failure {
        Failure::Missing(_) => words(
            "vanished while Grafana was being loaded (404); it stays as it was loaded last",
            "desapareció mientras se cargaba Grafana (404); queda como se cargó la última vez",
        ),
        other => {
            let why = other.words();
            words(
                format!("could not be read and stays as it was loaded last: {}", why.en),
                format!("no se pudo leer y queda como se cargó la última vez: {}", why.es),
            )
        }
    }
}

/// What a dashboard adds to what is told.
pub fn count(progress: &mut super::import::Progress, loaded: &Loaded, became: Became) {
    let (status, head) = (&mut progress.status, &loaded.row.head);
    status.dashboards += 1;
    status.panels += head.panels;
    status.targets += head.targets;
    match became {
        Became::Added => status.added += 1,
        Became::Changed => status.changed += 1,
        Became::Same => {}
    }
    let told =
        |problem: &crate::catalog::Problem| Told::new(&head.title, &problem.place, problem.words.clone());
    progress.problems.extend(loaded.dashboard.problems.iter().map(told));
}
