//! The checks this server has: the built-in ones, and those in the data directory's `checks` folder.
//!
//! Adding a check: put its component (`*.wasm`) into the folder and start again. It is compiled in a child
//! process, asked who it is, and refused with words if it imports anything or answers nonsense.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use atalaya_api::check::{CheckStatus, CheckView};
use atalaya_api::level::Level;
use atalaya_api::problem::FieldError;
use atalaya_api::rule::Line;
use jiff::tz::TimeZone;

use crate::api::ports::Checks;
use crate::check::{self, Check, Health, Host, NotPrepared, Runner};
use crate::clock::Clock;
use crate::domain::{Evaluated, Millis, Outcome, RuleRecord, Run, Unknown, UnknownKind};
use crate::pipeline::batch_of;
use crate::replay;
use crate::store::ComponentStore;
use crate::window;

/// All checks, and a sandbox of their own for questions that are no evaluation.
pub struct Installed {
    checks: Vec<Arc<Check>>,
    built_in: usize,
    host: Arc<Host>,
    runner: Mutex<Runner>,
    clock: Arc<dyn Clock>,
}

impl Installed {
    /// Loads the built-in checks and those in `folder`; one that is refused is logged and left out.
    ///
    /// # Errors
    /// A built-in check does not load, or the store failed.
    pub fn load(
        host: &Arc<Host>,
        folder: &Path,
        store: &dyn ComponentStore,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Arc<Self>> {
        let mut checks = Vec::new();
        for wasm in check::built_in() {
            let check = host.load(wasm)?;
            store.keep_component(check.sha256, wasm)?;
            checks.push(check);
        }
        let built_in = checks.len();
        for (file, wasm) in components_in(folder)? {
            match host.load(&wasm) {
                Ok(check) if has_name(&checks, &check) => {
                    tracing::error!(
                        file,
                        check = check.descriptor.name,
                        "left out: a check of this name is installed"
                    );
                }
                Ok(check) => {
                    store.keep_component(check.sha256, &wasm)?;
                    checks.push(check);
                }
                Err(error) => tracing::error!(file, %error, "left out: the check does not load"),
            }
        }
        Ok(Arc::new(Installed {
            checks,
            built_in,
            host: host.clone(),
            runner: Mutex::new(Runner::new(host.clone())),
            clock,
        }))
    }

    pub fn checks(&self) -> &[Arc<Check>] {
        &self.checks
    }

    /// For an evaluating thread.
    pub fn runner_of_its_own(&self) -> Runner {
        Runner::new(self.host.clone())
    }

    fn named(&self, name: &str) -> Option<&Arc<Check>> {
        self.checks.iter().find(|check| check.descriptor.name == name)
    }

    fn runner(&self) -> MutexGuard<'_, Runner> {
        self.runner.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn has_name(checks: &[Arc<Check>], check: &Check) -> bool {
    checks.iter().any(|other| other.descriptor.name == check.descriptor.name)
}

/// The `*.wasm` files of a folder by name; none when the folder is missing.
fn components_in(folder: &Path) -> std::io::Result<BTreeMap<String, Vec<u8>>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(error),
    };
    let mut found = BTreeMap::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            found.insert(path.display().to_string(), std::fs::read(&path)?);
        }
    }
    Ok(found)
}

fn view(check: &Check, built_in: bool) -> CheckView {
    let descriptor = &check.descriptor;
    let stats = check.stats();
    let quarantine = check.quarantined();
    let (status, detail) = match check.health() {
        Health::Ok => (CheckStatus::Ok, None),
        Health::Throttled { reason } => (CheckStatus::Throttled, Some(reason.to_string())),
        Health::Quarantined(quarantine) => (CheckStatus::Quarantined, Some(quarantine.words)),
    };
    CheckView {
        name: descriptor.name.clone(),
        version: descriptor.version.to_string(),
        sha256: check.sha256.to_string(),
        built_in,
        title: descriptor.title.iter().cloned().collect(),
        summary: descriptor.summary.iter().cloned().collect(),
        params_schema: descriptor.params_schema.clone(),
        rules: 0,
        status,
        detail,
        quarantined_at: quarantine.map(|quarantine| quarantine.since.timestamp()),
        evaluations: stats.evaluations,
        failures: UnknownKind::ALL
            .into_iter()
            .zip(stats.failures)
            .filter(|(_, count)| *count > 0)
            .map(|(kind, count)| (kind.name().to_owned(), count))
            .collect(),
        cpu_seconds: stats.cpu.as_secs_f64(),
    }
}

impl Checks for Installed {
    fn list(&self) -> Vec<CheckView> {
        self.checks.iter().enumerate().map(|(place, check)| view(check, place < self.built_in)).collect()
    }

    fn validate(&self, name: &str, record: &RuleRecord, language: &str) -> Option<Vec<FieldError>> {
        let check = self.named(name)?;
        Some(match self.runner().validate(check, record) {
            Ok(_) => Vec::new(),
            Err(NotPrepared::Refused(error)) => vec![error.in_language(language)],
            Err(broken @ NotPrepared::Broken(_)) => vec![FieldError::new("", broken.unknown().to_string())],
        })
    }

    fn lines(&self, name: &str, record: &RuleRecord, held: Level, from: Millis, to: Millis) -> Vec<Line> {
        let Some(check) = self.named(name) else { return Vec::new() };
        let mut runner = self.runner();
        let id = runner.record(check, record);
        let inputs = runner.prepared(id).map_or(1, |prepared| prepared.inputs.len());
        let zone = TimeZone::get(&record.time_zone).unwrap_or(TimeZone::UTC);
        let asked = without_samples(to, window::minute_of_week(to, &zone), held, inputs);
        let draw = (from.as_f64(), to.as_f64());
        let lines = runner.explain(check, &batch_of(&asked, id, None), "en", draw).map(|said| said.lines);
        runner.release(id);
        lines.unwrap_or_default()
    }

    fn replays(&self, run: &Run, record: &RuleRecord) -> Option<bool> {
        let check = self.checks.iter().find(|check| check.sha256 == run.check)?;
        Some(replay::agrees(&mut self.runner(), check, record, run, self.clock.now()))
    }

    fn release(&self, name: &str) -> bool {
        self.named(name).is_some_and(|check| check.release())
    }
}

fn without_samples(now: Millis, minute: u16, held: Level, inputs: usize) -> Evaluated {
    let outcome: Outcome = Err(Unknown::of(UnknownKind::NotEnoughData));
    let (times, values) = (Vec::new(), Vec::new());
    Evaluated { now: now.as_f64(), held, minute, step: 0.0, outcome, times, values, ends: vec![0; inputs] }
}
