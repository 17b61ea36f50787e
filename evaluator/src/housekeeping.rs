//! What is done now and then: settings take effect, what has outlived its retention goes.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use atalaya_api::settings::Settings;

use crate::api::{DELETED_KEPT_MS, load_settings};
use crate::clock::{Clock, Trust};
use crate::domain::Millis;
use crate::evaluating::Evaluating;
use crate::pipeline::{SystemCause, Watchtower};
use crate::room::Room;
use crate::source::local::LocalStore;
use crate::store::Store;
use crate::telling::Teller;

/// How soon a changed setting takes effect.
const LOOK: Duration = Duration::from_secs(5);
/// How often things are tidied up.
const TIDY: Duration = Duration::from_secs(600);
/// How long messages that were delivered or dropped are kept, ms.
const DELIVERIES_MS: i64 = 30 * 86_400_000;
/// Events kept for clients that come back.
const EVENTS: u64 = 100_000;

/// The thread that tidies up; it ends when this is dropped.
pub struct Housekeeping {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Housekeeping {
    /// # Errors
    /// The system gives no thread.
    pub fn start(
        store: Arc<dyn Store>,
        local: Arc<LocalStore>,
        evaluating: Arc<Evaluating>,
        clock: Arc<dyn Clock>,
        disk: Disk,
        teller: Teller,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new().name("housekeeping".to_owned());
        let thread = thread
            .spawn(move || keep(&*store, &Subjects { local, evaluating, teller }, &*clock, disk, &stopped))?;
        Ok(Housekeeping { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Housekeeping {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so itself.
            let _ended = thread.join();
        }
    }
}

/// Who is told of settings.
struct Subjects {
    local: Arc<LocalStore>,
    evaluating: Arc<Evaluating>,
    teller: Teller,
}

impl Subjects {
    fn apply(&self, settings: &Settings) {
        self.local.set_retention(settings.sample_retention.millis());
        self.evaluating.set_forget_after(settings.forget_after.millis());
        self.teller.set_address(&settings.heartbeat_url);
    }
}

fn keep(store: &dyn Store, subjects: &Subjects, clock: &dyn Clock, mut disk: Disk, stopped: &Receiver<()>) {
    let mut applied = None;
    let mut tidied: Option<Duration> = None;
    let mut trust = Trust::new(clock.now());
    loop {
        disk.look();
        if let Ok(settings) = load_settings(store) {
            if applied.as_ref() != Some(&settings) {
                subjects.apply(&settings);
            }
            let now = clock.now();
            let trusted = trust.look(now);
            if tidied.is_none_or(|last| now.mono.saturating_sub(last) >= TIDY) {
                tidy(store, &settings, now.wall, trusted);
                tidied = Some(now.mono);
            }
            applied = Some(settings);
        }
        if stopped.recv_timeout(LOOK) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

/// The disk of the data, looked at now and then.
pub struct Disk {
    pub folder: PathBuf,
    pub watchtower: Watchtower,
    /// Whether it was told that little room is left.
    pub told: bool,
}

impl Disk {
    fn look(&mut self) {
        // A folder that is gone shows in the store, which cannot write then.
        let Ok(room) = Room::of(&self.folder) else { return };
        let trouble = room.trouble(self.told);
        self.told = trouble.is_some();
        self.watchtower.report(SystemCause::Disk, trouble);
    }
}

/// Nothing goes for its age while the clock may be wrong.
fn tidy(store: &dyn Store, settings: &Settings, now: Millis, trusted: bool) {
    let by_age = || {
        store.prune_evidence(now.plus(-settings.evidence_retention.millis()))?;
        store.prune_mutes(now)?;
        let gone = store.purge_deleted(now.plus(-DELETED_KEPT_MS))?;
        if gone > 0 {
            tracing::info!("{gone} rules and other things that were deleted 30 days ago are gone for good");
        }
        store.prune_deliveries(now.plus(-DELIVERIES_MS))?;
        store.prune_sessions(now)
    };
    let aged = if trusted { by_age() } else { Ok(()) };
    let done = aged.and_then(|()| store.prune_events(EVENTS));
    if let Err(error) = done {
        tracing::warn!(%error, "what has outlived its retention could not be deleted; tried again later");
    }
}
