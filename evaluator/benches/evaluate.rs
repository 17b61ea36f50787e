//! CPU of one evaluation: window, sandbox and state, with limits and audit on, beside the same check called
//! natively over the same windows. Run it with `cargo xtask bench evaluate`.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use atalaya::check::{CompilerCommand, Host, HostLimits, Runner, built_in};
use atalaya::clock::{Clock, ManualClock};
use atalaya::domain::{Millis, Rule, RuleId};
use atalaya::pipeline::{Edit, Pipeline};
use atalaya::source::local::{LocalConfig, LocalStore, Sample, SeriesId};
use atalaya_check::{Batch, Level, Rule as Record, Slots};
use check_threshold::Threshold;
use rustix::time::{ClockId, clock_gettime};

const START: Millis = Millis(1_800_000_000_000);
const RULES: u32 = 10_000;
const SAMPLES: i64 = 12;
/// Cycles that are measured, after one that warms up.
const CYCLES: u32 = 50;
const PARAMS: &str = r#"{"direction":"above","warning":70,"major":80,"critical":90,"look_back":12}"#;

fn main() {
    let local = Arc::new(LocalStore::in_memory(LocalConfig::default()));
    (0..SAMPLES).for_each(|second| feed(&local, START.plus(second * 1_000)));
    let whole = pipeline(&local);
    let native = native(&local);
    println!("one evaluation (threshold, {SAMPLES} samples, {RULES} rules of one series each):");
    println!("  window + sandbox + state  {:.3} µs of CPU (budget 0.3)", whole * 1e6);
    println!("  window + native call      {:.3} µs of CPU", native * 1e6);
    println!("  ratio                     {:.1}x", whole / native);
}

fn name(number: u32) -> String {
    format!("lab.router{number}.cpu")
}

/// A sample of each series; all are well, and no two cycles see the same values.
fn feed(local: &LocalStore, at: Millis) {
    let samples: Vec<Sample> = (0..RULES)
        .map(|number| {
            let series = local.intern(&name(number)).expect("there is room");
            Sample { series, at: at.0, value: f64::from((number + at.0 as u32 / 1_000) % 60) }
        })
        .collect();
    local.append(&samples, at);
}

/// Seconds of CPU per evaluation of the whole pipeline.
fn pipeline(local: &Arc<LocalStore>) -> f64 {
    let clock = ManualClock::at(START.plus((SAMPLES - 1) * 1_000));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let compiler = CompilerCommand::of(env!("CARGO_BIN_EXE_atalaya").into());
    let host =
        Host::new(HostLimits::default(), folder.path().to_owned(), compiler).expect("the engine starts");
    let checks = built_in().iter().map(|wasm| host.load(wasm).expect("a built-in check loads")).collect();
    let mut pipeline = Pipeline::new(local.clone(), checks, Runner::new(host), clock.now());
    let watchtower = pipeline.watchtower();
    (0..RULES).for_each(|number| watchtower.edit(Edit::Rule(Box::new(rule(number)))));
    let mut spent = 0.0;
    for cycle in 0..=CYCLES + SAMPLES as u32 {
        clock.advance(Duration::from_secs(1));
        feed(local, clock.now().wall);
        let before = cpu_seconds();
        let commit = pipeline.tick(clock.now());
        // No run counts in the first window after the start: those cycles leave the state machine out.
        if cycle > SAMPLES as u32 {
            spent += cpu_seconds() - before;
        }
        assert!(commit.transitions.is_empty(), "all series are well");
    }
    spent / f64::from(RULES * CYCLES)
}

fn rule(number: u32) -> Rule {
    let draft = serde_json::json!({
        "name": "CPU", "query": {"source": "local", "expr": name(number), "unit": "%"},
        "check": {"name": "threshold", "params": serde_json::from_str::<serde_json::Value>(PARAMS).expect("JSON")},
        "interval": "1s"
    });
    let draft: atalaya_api::rule::RuleDraft = serde_json::from_value(draft).expect("the API's shape");
    Rule {
        id: RuleId::generate(),
        version: 1,
        interval: atalaya_api::span::Span::SECOND,
        time_zone: "UTC".to_owned(),
        draft,
        created_at: START,
        updated_at: START,
        updated_by: String::new(),
        deleted_at: None,
    }
}

/// Seconds of CPU per evaluation of the same windows by the same check, called without a sandbox.
fn native(local: &LocalStore) -> f64 {
    let mut slots = Slots::<Threshold>::default();
    let record = Record { ok_margin: 10.0, interval: 1_000.0, unit: "%".to_owned(), ..Record::default() };
    slots.prepare(0, PARAMS, record).expect("the params are right");
    // Where the pipeline's last cycle left off: the same windows.
    let now = START.plus((2 * SAMPLES + i64::from(CYCLES)) * 1_000).as_f64();
    let before = cpu_seconds();
    for _ in 0..CYCLES {
        let (mut times, mut values, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        let mut reader = local.reader();
        for series in 0..RULES {
            reader.window(SeriesId(series), now - 12_000.0, now, &mut times, &mut values);
            ends.push(times.len() as u32);
        }
        let rows = RULES as usize;
        let batch = Batch {
            slots: &vec![0; rows],
            nows: &vec![now; rows],
            ends: &ends,
            times: &times,
            values: &values,
            steps: &vec![1_000.0; rows],
            held: &vec![Level::Ok; rows],
            minutes: &vec![0; rows],
            memories: &[],
        };
        black_box(slots.evaluate(&batch, |outcome| outcome));
    }
    (cpu_seconds() - before) / f64::from(RULES * CYCLES)
}

fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
