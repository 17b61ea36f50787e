//! What the tests of the Wasm host share.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use atalaya::check::{Batch, Check, CompilerCommand, Host, HostLimits, Quarantine, Runner};
use atalaya::clock::Now;
use atalaya::domain::{Level, Millis, Outcome, RuleRecord, UnknownKind};

/// A built component: a built-in check or a guest for tests.
pub fn component(name: &str) -> Vec<u8> {
    let file = format!("{name}.wasm");
    let candidates = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .flat_map(|folder| ["checks", "guests"].map(|kind| folder.join("target").join(kind).join(&file)));
    let found = candidates.clone().find(|path| path.is_file());
    let found = found.unwrap_or_else(|| panic!("{file} is not built: run `cargo xtask build checks`"));
    std::fs::read(&found).unwrap_or_else(|error| panic!("{}: {error}", found.display()))
}

pub fn compiler() -> CompilerCommand {
    CompilerCommand::of(PathBuf::from(env!("CARGO_BIN_EXE_atalaya")))
}

/// A host whose artefacts stay for the next test run.
pub fn host_with(limits: HostLimits) -> Arc<Host> {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("check-cache");
    Host::new(limits, cache, compiler()).expect("the host starts")
}

/// The default limits, with less fuel so that what loops ends sooner, and few instances.
pub fn limits() -> HostLimits {
    HostLimits { fuel_per_series: 2_000_000, instances: 16, ..HostLimits::default() }
}

pub fn host() -> Arc<Host> {
    static HOST: LazyLock<Arc<Host>> = LazyLock::new(|| host_with(limits()));
    HOST.clone()
}

/// A check of its own for each test: conduct and counters are shared by all who hold a check.
pub fn load(name: &str) -> Arc<Check> {
    host().load(&component(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

pub fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"))
}

pub fn rule(params: &str) -> RuleRecord {
    RuleRecord {
        params: params.to_owned(),
        ok_margin: 0.0,
        interval_ms: 10_000.0,
        unit: "%".to_owned(),
        time_zone: "Europe/Madrid".to_owned(),
    }
}

pub const THRESHOLDS: &str = r#"{"direction":"above","warning":70,"major":80,"critical":90}"#;

pub fn how(how: &str) -> RuleRecord {
    rule(&format!(r#"{{"how":"{how}"}}"#))
}

pub fn at(seconds: u64) -> Now {
    Now { mono: Duration::from_secs(seconds), wall: Millis(1_700_000_000_000 + seconds as i64 * 1_000) }
}

/// One check on one thread, and the batch that is evaluated next.
pub struct Bench {
    pub check: Arc<Check>,
    pub runner: Runner,
    pub batch: Batch,
}

impl Bench {
    pub fn of(check: Arc<Check>) -> Self {
        Self::on(host(), check)
    }

    pub fn on(host: Arc<Host>, check: Arc<Check>) -> Self {
        Bench { check, runner: Runner::new(host), batch: Batch::default() }
    }

    /// A series with one sample.
    pub fn series(&mut self, record: &RuleRecord, value: f64) {
        self.series_with(record, value, Level::Ok, None);
    }

    pub fn series_with(&mut self, record: &RuleRecord, value: f64, held: Level, memory: Option<&[u8]>) {
        let now = 1_700_000_000_000.0;
        let id = self.runner.record(&self.check, record);
        self.batch.begin(id, now, 10_000.0, held, 0, memory);
        self.batch.push(now, value);
        self.batch.end_input();
        self.batch.finish_series();
    }

    /// Evaluates what was put in; the batch is empty again.
    pub fn evaluate(&mut self, now: Now) -> Result<Vec<Outcome>, Quarantine> {
        let mut out = Vec::new();
        let done = self.runner.evaluate(&self.check, &self.batch, now, &mut out);
        self.batch.clear();
        done.map(|()| out)
    }

    /// One series of a rule, evaluated by itself.
    pub fn once(&mut self, record: &RuleRecord, value: f64, now: Now) -> Outcome {
        self.series(record, value);
        let mut outcomes = self.evaluate(now).expect("the check is not in quarantine");
        outcomes.remove(0)
    }
}

pub fn kind(outcome: &Outcome) -> Option<UnknownKind> {
    outcome.as_ref().err().map(|unknown| unknown.kind)
}

pub fn level(outcome: &Outcome) -> Level {
    outcome.as_ref().map(|verdict| verdict.level).unwrap_or_else(|unknown| panic!("{unknown}"))
}
