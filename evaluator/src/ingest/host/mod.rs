//! This host's own metrics, every 10 s: real data from the first minute.

mod probe;
mod readings;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::{Clock, Now};
use crate::source::local::{LocalStore, Sample};
use crate::source::{Input, Refusal, Refusals};
use probe::Probe;
use readings::samples;

/// Between two readings.
const EVERY: Duration = Duration::from_secs(10);
/// CPU and network are differences: the first sample comes this long after the start.
const FIRST: Duration = Duration::from_millis(500);

/// `[ingest.host]`: this host's own CPU, memory, disks and network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HostConfig {
    /// Whether to measure at all.
    pub enabled: bool,
}

impl Default for HostConfig {
    fn default() -> Self {
        HostConfig { enabled: true }
    }
}

/// The measuring thread; it ends when this is dropped.
pub struct HostSampler {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl HostSampler {
    /// Begins to measure; the first samples come half a second later.
    pub fn start(store: Arc<LocalStore>, input: Arc<Input>, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let (stop, stopped) = channel();
        input.open(None);
        let thread = std::thread::Builder::new()
            .name("host metrics".to_owned())
            .spawn(move || measure(&store, &input, &*clock, &stopped))?;
        Ok(HostSampler { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for HostSampler {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so itself.
            let _ = thread.join();
        }
    }
}

fn measure(store: &LocalStore, input: &Input, clock: &dyn Clock, stopped: &Receiver<()>) {
    let mut probe = Probe::new();
    store.announce_step(readings::prefix(probe.host()), EVERY.as_millis() as f64);
    let mut before = probe.read(clock.now().mono);
    let mut wait = FIRST;
    while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
        let now = clock.now();
        let readings = probe.read(now.mono);
        record(store, input, &samples(probe.host(), &readings, &before), now);
        before = readings;
        wait = EVERY.saturating_sub(clock.now().mono.saturating_sub(now.mono));
    }
}

/// Brings samples of one instant into the store.
fn record(store: &LocalStore, input: &Input, samples: &[(String, f64)], now: Now) {
    let mut refusals = Refusals::default();
    let mut batch = Vec::with_capacity(samples.len());
    for (name, value) in samples {
        match store.intern(name) {
            Ok(series) => batch.push(Sample { series, at: now.wall.0, value: *value }),
            Err(_) => refusals.add(Refusal::TooManySeries, name.as_bytes()),
        }
    }
    let appended = store.append(&batch, now.wall);
    if appended.accepted > 0 {
        input.accepted(appended.accepted, now.wall);
    }
    // The wall clock was set back: what is "now" lies behind what was measured before.
    refusals.add_many(Refusal::TooLate, appended.too_late);
    input.refused(&mut refusals);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use atalaya_api::span::Span;

    use super::HostSampler;
    use crate::clock::SystemClock;
    use crate::source::Input;
    use crate::source::local::{LocalConfig, LocalStore};

    #[test]
    fn this_host_has_data_within_seconds() {
        let store = Arc::new(LocalStore::in_memory(LocalConfig::default()));
        let input = Arc::new(Input::new("host"));
        let sampler =
            HostSampler::start(store.clone(), input.clone(), Arc::new(SystemClock::new())).expect("a thread");
        let tries = (0..2_000).find(|_| {
            std::thread::sleep(Duration::from_millis(5));
            input.samples() > 0
        });
        assert!(tries.is_some(), "samples within 10 s");
        drop(sampler);
        for glob in
            ["host.*.cpu.percent", "host.*.memory.percent", "host.*.memory.used_bytes", "host.*.load.1m"]
        {
            assert_eq!(store.search(glob, 10, None).expect("a glob").total, 1, "{glob}");
        }
        let step = store.step_of("host.*.memory.percent").expect("a glob");
        assert_eq!(step, Some(Span(10)), "known from the first sample on");
        assert!(store.search("host.*.disk.*.percent", 10, None).expect("a glob").total >= 1);
    }
}
