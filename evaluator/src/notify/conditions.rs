//! How the receivers do, for whoever looks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::{Millis, Texts};

/// How one receiver does, since the server started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    pub delivered: u64,
    /// Tries that failed.
    pub failed: u64,
    /// Messages that were given up.
    pub dead: u64,
    /// What went wrong last; none since a message was taken.
    pub trouble: Option<Texts>,
    /// It is left alone until then.
    pub paused_until: Option<Millis>,
}

/// Those of all receivers, by id. Cheap to clone.
#[derive(Clone, Default)]
pub struct Conditions(Arc<Mutex<BTreeMap<String, Condition>>>);

impl Conditions {
    pub fn of(&self, receiver: &str) -> Condition {
        self.lock().get(receiver).cloned().unwrap_or_default()
    }

    pub fn all(&self) -> Vec<(String, Condition)> {
        self.lock().iter().map(|(receiver, one)| (receiver.clone(), one.clone())).collect()
    }

    pub(super) fn note(&self, receiver: &str, change: impl FnOnce(&mut Condition)) {
        change(self.lock().entry(receiver.to_owned()).or_default());
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Condition>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
