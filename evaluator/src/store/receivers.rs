//! Receivers, which rules and the settings name.

use std::collections::HashMap;

use super::{Actor, Result};
use crate::domain::{ReceiverConfig, Secret};

/// The configured ways to tell people. Secrets are encrypted with a key that lies beside the store, never in it.
pub trait ReceiverStore: Send + Sync {
    /// Writes a new receiver and its audit entry. `Taken("the receiver's id")` when there is one, deleted or not.
    fn create_receiver(&self, receiver: &ReceiverConfig, secret: &Secret, by: &Actor) -> Result<()>;

    /// Replaces the receiver whose version is `expected`; `receiver.receiver.version` is the new one. Writes audit (before and
    /// after, without secrets) in the same transaction. Deleting and restoring are changes of `deleted_at`; one that rules name may
    /// be deleted: they pass it over. `secret`: what takes the place of the stored one; none: it stays.
    fn change_receiver(
        &self,
        receiver: &ReceiverConfig,
        secret: Option<&Secret>,
        expected: u64,
        by: &Actor,
    ) -> Result<()>;

    /// Deleted ones too.
    fn receiver(&self, id: &str) -> Result<Option<ReceiverConfig>>;

    /// Every receiver that is not deleted, by id.
    fn receivers(&self) -> Result<Vec<ReceiverConfig>>;

    /// Those that are deleted, by id.
    fn removed_receivers(&self) -> Result<Vec<ReceiverConfig>>;

    /// The secret; `Secret` when it cannot be read any more and must be entered anew.
    fn receiver_secret(&self, id: &str) -> Result<Secret>;

    /// How many rules name each receiver, or tell all of its kind; of those that are not deleted. One that none tells is left out.
    fn rules_by_receiver(&self) -> Result<HashMap<String, u64>>;
}
