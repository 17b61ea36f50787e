//! CPU of taking carbon lines in and of reading windows back. Run it with `cargo bench --profile dev -p atalaya --bench ingest`.

use std::hint::black_box;
use std::sync::Arc;

use atalaya::domain::Millis;
use atalaya::ingest::carbon::Intake;
use atalaya::source::Input;
use atalaya::source::local::{LocalConfig, LocalStore, SeriesId};
use rustix::time::{ClockId, clock_gettime};

const START: Millis = Millis(1_800_000_000_000);
/// Samples a series; the last 12 are read back.
const ROUNDS: i64 = 40;
const STEP_MS: i64 = 10_000;
/// What a connection reads at a time.
const CHUNK: usize = 64 * 1_024;
/// Windows are read this often.
const CYCLES: usize = 20;

fn main() {
    for series in [10_000, 100_000] {
        measure(series);
    }
}

fn measure(series: u32) {
    let store = Arc::new(LocalStore::in_memory(LocalConfig::default()));
    let mut intake = Intake::new(store.clone(), Arc::new(Input::new("carbon")));
    let rounds: Vec<Vec<u8>> = (0..ROUNDS).map(|round| lines(series, round)).collect();
    // The first round makes the series.
    let new = cpu_seconds(|| take(&mut intake, &rounds[0], 0));
    let known = cpu_seconds(|| {
        for (round, lines) in (0..).zip(&rounds).skip(1) {
            take(&mut intake, lines, round);
        }
    });
    let samples = f64::from(series) * (ROUNDS - 1) as f64;
    println!(
        "ingest, {series} series: {:.2} million samples/s of one core ({:.0} ns a line; {:.0} ns a line of a new series)",
        samples / known / 1e6,
        known / samples * 1e9,
        new / f64::from(series) * 1e9,
    );
    let windows = cpu_seconds(|| (0..CYCLES).for_each(|_| read(&store, series)));
    println!(
        "window, {series} series: {:.1} ns for 12 samples",
        windows / (f64::from(series) * CYCLES as f64) * 1e9
    );
}

fn lines(series: u32, round: i64) -> Vec<u8> {
    let at = START.plus(round * STEP_MS).0 / 1_000;
    let line = |n: u32| format!("lab.site{}.router{n}.cpu.percent {}.{} {at}\n", n % 50, n % 97, round % 10);
    (0..series).flat_map(|n| line(n).into_bytes()).collect()
}

fn take(intake: &mut Intake, lines: &[u8], round: i64) {
    for chunk in lines.chunks(CHUNK) {
        intake.take(chunk, START.plus(round * STEP_MS));
    }
}

/// As a cycle does: 256 windows to a batch.
fn read(store: &LocalStore, series: u32) {
    let (mut times, mut values) = (Vec::new(), Vec::new());
    let newest = START.plus((ROUNDS - 1) * STEP_MS).as_f64();
    let oldest = newest - (12 * STEP_MS) as f64;
    let mut next = 0;
    while next < series {
        let mut reader = store.reader();
        let end = series.min(next + 256);
        (next..end).for_each(|id| reader.window(SeriesId(id), oldest, newest, &mut times, &mut values));
        assert_eq!(times.len(), (end - next) as usize * 12);
        black_box((&times, &values));
        times.clear();
        values.clear();
        next = end;
    }
}

/// CPU time of this process while `work` runs.
fn cpu_seconds(work: impl FnOnce()) -> f64 {
    let now = || {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
    };
    let before = now();
    work();
    now() - before
}
