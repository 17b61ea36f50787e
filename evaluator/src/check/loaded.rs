//! A check that was loaded: what all threads share of it.

use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::clock::Now;
use crate::domain::{Sha256, Unknown};

use super::bindings::CheckPluginPre;
use super::conduct::{Conduct, Health, Quarantine, QuarantineReason};
use super::descriptor::Descriptor;
use super::instance::Limiter;
use super::limits::HostLimits;
use super::stats::{AuditPlan, Stats, Tally};

const HAS_FAILED: u8 = 1;
const THROTTLED: u8 = 2;
const QUARANTINED: u8 = 4;

/// A component that was compiled, found to be a check, and described.
pub struct Check {
    pub sha256: Sha256,
    /// Bytes of the component.
    pub size: usize,
    pub descriptor: Descriptor,
    pub(super) pre: CheckPluginPre<Limiter>,
    pub(super) limits: Arc<HostLimits>,
    pub(super) tally: Tally,
    pub(super) audits: AuditPlan,
    conduct: Mutex<Conduct>,
    /// What of the conduct is asked for each batch, to be read without the lock.
    flags: AtomicU8,
    /// Times it was released from quarantine: what runners remember from before is void.
    releases: AtomicU32,
}

impl Check {
    pub(super) fn new(
        sha256: Sha256,
        size: usize,
        descriptor: Descriptor,
        pre: CheckPluginPre<Limiter>,
        limits: Arc<HostLimits>,
    ) -> Self {
        let (seed, _) = sha256.0.split_first_chunk().expect("a sha256 is longer than 8 bytes");
        Check {
            sha256,
            size,
            descriptor,
            pre,
            limits,
            tally: Tally::default(),
            audits: AuditPlan::new(u64::from_le_bytes(*seed)),
            conduct: Mutex::default(),
            flags: AtomicU8::new(0),
            releases: AtomicU32::new(0),
        }
    }

    /// How it stands. A quarantined check is not run: read this before a batch is built.
    pub fn health(&self) -> Health {
        self.conduct().health()
    }

    pub fn stats(&self) -> Stats {
        self.tally.read()
    }

    /// Why it is not run; none if it is.
    pub fn quarantined(&self) -> Option<Quarantine> {
        if !self.has(QUARANTINED) {
            return None;
        }
        self.conduct().quarantine.clone()
    }

    /// Puts it in quarantine: what was found before a restart still holds.
    pub fn quarantine(&self, why: Quarantine) {
        self.change(|conduct| {
            conduct.quarantine.get_or_insert(why);
        });
    }

    /// An operator trusts it again: it starts anew, with audits from the first evaluation. False: it was not in quarantine.
    pub fn release(&self) -> bool {
        let was = self.change(std::mem::take).quarantine.is_some();
        self.audits.restart();
        self.releases.fetch_add(1, Ordering::Relaxed);
        was
    }

    pub(super) fn releases(&self) -> u32 {
        self.releases.load(Ordering::Relaxed)
    }

    pub(super) fn is_quarantined(&self) -> bool {
        self.has(QUARANTINED)
    }

    pub(super) fn is_throttled(&self) -> bool {
        self.has(THROTTLED)
    }

    pub(super) fn behaved(&self) {
        if self.has(HAS_FAILED | THROTTLED) {
            self.change(Conduct::behaved);
        }
    }

    pub(super) fn failed(&self, why: &Unknown, now: Now) {
        self.change(|conduct| conduct.failed(why, now, &self.limits));
    }

    pub(super) fn claim_probe(&self, now: Now) -> bool {
        self.conduct().claim_probe(now, &self.limits)
    }

    pub(super) fn probe_failed(&self, now: Now) {
        self.change(|conduct| conduct.probe_failed(now, &self.limits));
    }

    pub(super) fn found_impure(&self, words: String, now: Now) {
        self.quarantine(Quarantine { reason: QuarantineReason::Impure, since: now.wall, words });
    }

    fn conduct(&self) -> MutexGuard<'_, Conduct> {
        self.conduct.lock().expect("nothing panics while it holds a check's conduct")
    }

    fn has(&self, flags: u8) -> bool {
        self.flags.load(Ordering::Relaxed) & flags != 0
    }

    fn change<T>(&self, change: impl FnOnce(&mut Conduct) -> T) -> T {
        let mut conduct = self.conduct();
        let result = change(&mut conduct);
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        let flags = flag(conduct.has_failed(), HAS_FAILED)
            | flag(conduct.is_throttled(), THROTTLED)
            | flag(conduct.quarantine.is_some(), QUARANTINED);
        self.flags.store(flags, Ordering::Relaxed);
        result
    }
}
