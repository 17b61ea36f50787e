//! CPU of taking samples in, as carbon lines, pickled batches and Prometheus' remote-write, and of reading windows back. Run it with `cargo bench --profile dev -p atalaya --bench ingest`.

use std::hint::black_box;
use std::sync::Arc;

use atalaya::domain::Millis;
use atalaya::ingest::carbon::{Heard, Intake, PickleIntake};
use atalaya::ingest::prometheus::RemoteWrite;
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
        measure_pickle(series);
        measure_remote_write(series);
    }
}

/// As carbon's relays do: this many in a batch.
const BATCH: u32 = 500;
/// As Prometheus does: this many samples in a request.
const REQUEST: u32 = 2_000;

fn measure_pickle(series: u32) {
    let store = Arc::new(LocalStore::in_memory(LocalConfig::default()));
    let mut intake = PickleIntake::new(store, Arc::new(Input::new("carbon pickle")));
    let rounds: Vec<Vec<Vec<u8>>> = (0..ROUNDS / 4).map(|round| batches(series, round)).collect();
    let mut take = |batches: &[Vec<u8>], round: i64| {
        for batch in batches {
            assert_eq!(intake.take(batch, START.plus(round * STEP_MS)), Heard::Something);
        }
    };
    take(&rounds[0], 0);
    let known = cpu_seconds(|| (0..).zip(&rounds).skip(1).for_each(|(round, batches)| take(batches, round)));
    tell("pickle", series, known);
}

fn measure_remote_write(series: u32) {
    let store = Arc::new(LocalStore::in_memory(LocalConfig::default()));
    let door = RemoteWrite::new(store, Arc::new(Input::new("prometheus")));
    let rounds: Vec<Vec<Vec<u8>>> = (0..ROUNDS / 4).map(|round| requests(series, round)).collect();
    let take = |requests: &[Vec<u8>], round: i64| {
        for request in requests {
            let refused = door.take(request, START.plus(round * STEP_MS)).expect("it can be unpacked");
            assert!(refused.is_empty());
        }
    };
    take(&rounds[0], 0);
    let known =
        cpu_seconds(|| (0..).zip(&rounds).skip(1).for_each(|(round, requests)| take(requests, round)));
    tell("remote-write", series, known);
}

fn tell(what: &str, series: u32, seconds: f64) {
    let samples = f64::from(series) * (ROUNDS / 4 - 1) as f64;
    println!(
        "{what}, {series} series: {:.2} million samples/s of one core ({:.0} ns a sample)",
        samples / seconds / 1e6,
        seconds / samples * 1e9
    );
}

/// Batches as Python 3 pickles them with protocol 2.
fn batches(series: u32, round: i64) -> Vec<Vec<u8>> {
    let at = (START.plus(round * STEP_MS).0 / 1_000) as i32;
    let datum = |n: u32| {
        let name = format!("lab.site{}.router{n}.cpu.percent", n % 50);
        let length = (name.len() as u32).to_le_bytes();
        let value = f64::from(n % 97).to_be_bytes();
        [
            b"X",
            &length[..],
            name.as_bytes(),
            b"q\x01J",
            &at.to_le_bytes(),
            b"G",
            &value,
            b"\x86q\x02\x86q\x03",
        ]
        .concat()
    };
    let batch = |first: u32| {
        let data = (first..series.min(first + BATCH)).flat_map(datum);
        let pickle: Vec<u8> = b"\x80\x02]q\x00(".iter().copied().chain(data).chain(*b"e.").collect();
        [&(pickle.len() as u32).to_be_bytes(), &pickle[..]].concat()
    };
    (0..series).step_by(BATCH as usize).map(batch).collect()
}

fn requests(series: u32, round: i64) -> Vec<Vec<u8>> {
    let one = |n: u32| {
        let site = format!("s{}", n % 50);
        let instance = format!("router{n}.example:9100");
        let labels =
            [("__name__", "node_cpu_percent"), ("instance", &instance), ("job", "node"), ("site", &site)];
        let labels = labels.iter().flat_map(|(name, value)| {
            field(1, &[field(1, name.as_bytes()), field(2, value.as_bytes())].concat())
        });
        let mut sample = vec![0x09];
        sample.extend(f64::from(n % 97).to_le_bytes());
        sample.push(0x10);
        varint(START.plus(round * STEP_MS).0 as u64, &mut sample);
        field(1, &labels.chain(field(2, &sample)).collect::<Vec<u8>>())
    };
    let pack = |first: u32| {
        let request: Vec<u8> = (first..series.min(first + REQUEST)).flat_map(one).collect();
        snap::raw::Encoder::new().compress_vec(&request).expect("it is small")
    };
    (0..series).step_by(REQUEST as usize).map(pack).collect()
}

/// Of protobuf, with a length.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    varint(bytes.len() as u64, &mut field);
    field.extend(bytes);
    field
}

fn varint(mut number: u64, to: &mut Vec<u8>) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
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
