//! Receivers as the evaluator keeps them.

use atalaya_api::receiver::ReceiverDraft;

use super::time::Millis;

/// A receiver, without its secret; `receiver.version` grows with each edit, from 1.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceiverConfig {
    pub receiver: ReceiverDraft,
    pub updated_at: Millis,
    pub updated_by: String,
    pub deleted_at: Option<Millis>,
}
