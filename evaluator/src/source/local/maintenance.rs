//! The thread that keeps the store tidy.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::LocalStore;
use crate::clock::{Clock, Trust};

/// How often memory is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// The maintaining thread; when this is dropped everything is sealed and it ends.
pub struct Maintenance {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl LocalStore {
    /// Seals, merges, forgets and trims from now on.
    pub fn start_maintenance(self: &Arc<Self>, clock: Arc<dyn Clock>) -> io::Result<Maintenance> {
        let (stop, stopped) = channel();
        let store = self.clone();
        let thread = std::thread::Builder::new()
            .name("local store".to_owned())
            .spawn(move || keep_tidy(&store, &*clock, &stopped))?;
        Ok(Maintenance { stop: Some(stop), thread: Some(thread) })
    }

    fn crowded(&self) -> bool {
        self.hot_samples() > self.config.max_hot_samples
    }
}

fn keep_tidy(store: &LocalStore, clock: &dyn Clock, stopped: &Receiver<()>) {
    let every = Duration::from_secs(store.config.seal_every.seconds().max(1).into());
    let mut last = clock.now().mono;
    let mut trust = Trust::new(clock.now());
    while stopped.recv_timeout(LOOK.min(every)) == Err(RecvTimeoutError::Timeout) {
        let now = clock.now();
        let trusted = trust.look(now);
        store.turns.look(now.wall);
        if now.mono.saturating_sub(last) >= every || store.crowded() {
            store.keep_tidy(now.wall, trusted);
            last = now.mono;
        }
    }
    store.close(clock.now().wall);
}

impl Drop for Maintenance {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so itself.
            let _ = thread.join();
        }
    }
}
