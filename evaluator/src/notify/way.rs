//! The ways to tell: one trait, whatever is at the far end.

mod alertmanager;
mod asking;
mod brief;
pub mod gsm7;
mod ovo;
mod program;
mod sms;

use std::time::Duration;

use crate::domain::{Message, Texts};

pub use alertmanager::{Alertmanager, Facing};
pub use brief::{Brief, TextOf};
pub use ovo::Ovo;
pub use sms::{Sms, fitting};

/// A receiver that can be told. Blocks; each receiver has a thread of its own.
pub trait Way: Send {
    /// Tells it, and gives back what the far end answered, as it did, at most 2,000 characters. A message that is sent again has the same
    /// key, and says so where the far end can use it.
    ///
    /// # Errors
    /// It was not taken, or nobody can tell whether it was.
    fn send(&self, message: &Message) -> Result<String, Failure>;

    /// How often what stands is to be said again so that the far end does not forget it; none: it does not forget.
    fn refresh_every(&self) -> Option<Duration> {
        None
    }
}

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It may be taken later: after this long, if the far end said so.
    Retryable { words: Texts, answer: String, after: Option<Duration> },
    /// It will never be taken as it is.
    Permanent { words: Texts, answer: String },
}

impl Failure {
    pub fn words(&self) -> &Texts {
        match self {
            Failure::Retryable { words, .. } | Failure::Permanent { words, .. } => words,
        }
    }

    /// What the far end answered; empty: nothing.
    pub fn answer(&self) -> &str {
        match self {
            Failure::Retryable { answer, .. } | Failure::Permanent { answer, .. } => answer,
        }
    }
}
