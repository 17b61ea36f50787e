//! What keeps it quiet, kept ready: every alarm that is shown asks for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::plan::quiet::Quiet;
use crate::store::{Store, StoreError};

use super::Services;
use super::problem::Fault;

/// How long it is kept ready: mutes that have ended go out of it.
const KEPT: Duration = Duration::from_secs(600);

/// As it was last read from the store.
#[derive(Default)]
pub struct Known {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How often it changed: what was read before a change is not kept after it.
    changes: u64,
    /// With when it was read, by the monotonic clock.
    read: Option<(Duration, Arc<Quiet>)>,
}

impl Known {
    /// As it is now. What cannot be read counts as nothing: a list is shown whether or not this can be told.
    pub fn now(&self, services: &Services) -> Arc<Quiet> {
        let now = services.now();
        let changes = {
            let state = self.state();
            match &state.read {
                Some((at, quiet)) if now.mono.saturating_sub(*at) < KEPT => return quiet.clone(),
                _ => state.changes,
            }
        };
        let quiet = match load(&*services.store, now.wall) {
            Ok(quiet) => Arc::new(quiet),
            Err(error) => {
                tracing::warn!(%error, "what is muted could not be read");
                return Arc::default();
            }
        };
        let mut state = self.state();
        if state.changes == changes {
            state.read = Some((now.mono, quiet.clone()));
        }
        quiet
    }

    /// It was changed and told as an event: the lists that are open hear of it.
    ///
    /// # Errors
    /// The store's.
    pub fn changed(&self, services: &Services) -> Result<(), Fault> {
        {
            let mut state = self.state();
            state.changes += 1;
            state.read = None;
        }
        services.events.committed(services.store.last_event()?);
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All mutes and windows. Blocks.
///
/// # Errors
/// The store's.
pub fn load(store: &dyn Store, now: crate::domain::Millis) -> Result<Quiet, StoreError> {
    Ok(Quiet::of(store.mutes(now)?, store.windows()?))
}
