//! What the telling asks of the rest of the server. The wiring (`app.rs`) hands in the implementations.

use std::sync::Arc;

use atalaya_api::settings::Settings;

use super::Way;
use crate::domain::{Message, Millis, ReceiverConfig, Texts};
use crate::plan::quiet::{Quiet, Target};
use crate::store::{self, Store};

/// The receivers that are not deleted.
pub trait Receivers: Send + Sync {
    /// # Errors
    /// The store's.
    fn receivers(&self) -> store::Result<Vec<ReceiverConfig>>;
}

impl<F: Fn() -> store::Result<Vec<ReceiverConfig>> + Send + Sync> Receivers for F {
    fn receivers(&self) -> store::Result<Vec<ReceiverConfig>> {
        self()
    }
}

/// Mutes and maintenance, as far as the telling cares.
pub trait Quieting: Send + Sync {
    /// What keeps quiet around this instant.
    ///
    /// # Errors
    /// The store's.
    fn at(&self, now: Millis) -> store::Result<Box<dyn Hush>>;
}

/// Why nobody is told, and when that ended.
pub trait Hush {
    /// Until when, and why, nobody is told now; of several reasons the one that ends last.
    fn hush(&self, target: &Target<'_>, receiver: &str, now: Millis) -> Option<(Millis, Texts)>;
    /// When the latest that held for it ended, at or before `now`.
    fn last_end(&self, target: &Target<'_>, receiver: &str, now: Millis) -> Option<Millis>;
}

impl Hush for Quiet {
    fn hush(&self, target: &Target<'_>, receiver: &str, now: Millis) -> Option<(Millis, Texts)> {
        Quiet::hush(self, target, receiver, now).map(|hush| (hush.until, hush.why.words()))
    }

    fn last_end(&self, target: &Target<'_>, receiver: &str, now: Millis) -> Option<Millis> {
        Quiet::last_end(self, target, receiver, now)
    }
}

/// What the store keeps of it.
impl Quieting for Arc<dyn Store> {
    fn at(&self, now: Millis) -> store::Result<Box<dyn Hush>> {
        Ok(Box::new(Quiet::of(self.mutes(now)?, self.windows()?)))
    }
}

/// Nothing is ever muted.
pub struct Nothing;

impl Quieting for Nothing {
    fn at(&self, _now: Millis) -> store::Result<Box<dyn Hush>> {
        Ok(Box::new(Nothing))
    }
}

impl Hush for Nothing {
    fn hush(&self, _target: &Target<'_>, _receiver: &str, _now: Millis) -> Option<(Millis, Texts)> {
        None
    }

    fn last_end(&self, _target: &Target<'_>, _receiver: &str, _now: Millis) -> Option<Millis> {
        None
    }
}

/// How a receiver is reached; in words, why it cannot be.
pub type Connect = dyn Fn(&ReceiverConfig) -> Result<Box<dyn Way>, Texts> + Send + Sync;
/// How a message reads in one line, in a language.
pub type Title = dyn Fn(&Message, &str) -> String + Send + Sync;

/// All of them.
#[derive(Clone)]
pub struct Ports {
    pub receivers: Arc<dyn Receivers>,
    /// Asked again when the receiver or the settings changed.
    pub connect: Arc<Connect>,
    pub quieting: Arc<dyn Quieting>,
    pub settings: Arc<dyn Fn() -> store::Result<Settings> + Send + Sync>,
    pub title: Arc<Title>,
    /// Told how many messages could not be sent, each time that changes and once at start.
    pub dead: Arc<dyn Fn(u64) + Send + Sync>,
}
