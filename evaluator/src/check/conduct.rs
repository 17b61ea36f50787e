//! How a check behaves over time: throttled when it only fails, quarantined when it cannot be trusted. Pure.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Now;
use crate::domain::{Millis, Unknown};

use super::limits::HostLimits;

/// How a check stands. Read it before a batch is built.
#[derive(Clone, Debug, PartialEq)]
pub enum Health {
    Ok,
    /// All its rules fail; one is probed now and then, the others repeat their last failure.
    Throttled {
        reason: Unknown,
    },
    /// It is not run. Its rules keep what they hold and raise no unknown of their own.
    Quarantined(Quarantine),
}

/// Why a check is not run, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    pub reason: QuarantineReason,
    pub since: Millis,
    /// What was seen.
    pub words: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum QuarantineReason {
    /// The same series got another answer alone in a fresh instance.
    Impure,
    /// It failed for all rules, and again at each probe.
    Failing,
}

/// What the host remembers of a check's behaviour.
#[derive(Debug, Default)]
pub(super) struct Conduct {
    failed_in_row: u32,
    throttle: Option<Throttle>,
    pub(super) quarantine: Option<Quarantine>,
}

#[derive(Debug)]
struct Throttle {
    reason: Unknown,
    next_probe: Duration,
    failed_probes: u32,
}

impl Conduct {
    /// Some rule was evaluated as it should be: whatever fails, it is not the check as a whole.
    pub(super) fn behaved(&mut self) {
        self.failed_in_row = 0;
        self.throttle = None;
    }

    /// A rule failed alone in a fresh instance.
    pub(super) fn failed(&mut self, why: &Unknown, now: Now, limits: &HostLimits) {
        self.failed_in_row = self.failed_in_row.saturating_add(1);
        if let Some(throttle) = &mut self.throttle {
            throttle.reason = why.clone();
        } else if self.failed_in_row >= limits.failures_to_throttle {
            let next_probe = now.mono + Duration::from_millis(limits.probe_every_ms);
            self.throttle = Some(Throttle { reason: why.clone(), next_probe, failed_probes: 0 });
        }
    }

    /// Whether a rule that failed before may try again now; if so, the next one may only after a while.
    pub(super) fn claim_probe(&mut self, now: Now, limits: &HostLimits) -> bool {
        let Some(throttle) = self.throttle.as_mut().filter(|throttle| now.mono >= throttle.next_probe) else {
            return false;
        };
        throttle.next_probe = now.mono + Duration::from_millis(limits.probe_every_ms);
        true
    }

    /// A claimed probe failed once more.
    pub(super) fn probe_failed(&mut self, now: Now, limits: &HostLimits) {
        let Some(throttle) = &mut self.throttle else { return };
        throttle.failed_probes += 1;
        if throttle.failed_probes >= limits.probes_to_quarantine && self.quarantine.is_none() {
            let words = throttle.reason.to_string();
            self.quarantine = Some(Quarantine { reason: QuarantineReason::Failing, since: now.wall, words });
        }
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failed_in_row > 0
    }

    pub(super) fn is_throttled(&self) -> bool {
        self.throttle.is_some()
    }

    pub(super) fn health(&self) -> Health {
        match (&self.quarantine, &self.throttle) {
            (Some(quarantine), _) => Health::Quarantined(quarantine.clone()),
            (None, Some(throttle)) => Health::Throttled { reason: throttle.reason.clone() },
            (None, None) => Health::Ok,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::UnknownKind;

    fn at(seconds: u64) -> Now {
        Now { mono: Duration::from_secs(seconds), wall: Millis(seconds as i64 * 1000) }
    }

    fn fail(conduct: &mut Conduct, times: u32) {
        for _ in 0..times {
            conduct.failed(&Unknown::of(UnknownKind::OutOfFuel), at(0), &HostLimits::default());
        }
    }

    #[test]
    fn eight_failures_and_not_one_success_throttle_a_check() {
        let mut conduct = Conduct::default();
        fail(&mut conduct, 7);
        conduct.behaved();
        fail(&mut conduct, 7);
        assert_eq!(conduct.health(), Health::Ok);
        fail(&mut conduct, 1);
        assert_eq!(conduct.health(), Health::Throttled { reason: Unknown::of(UnknownKind::OutOfFuel) });
    }

    #[test]
    fn a_throttled_check_may_try_once_a_minute_and_recovers_with_one_success() {
        let limits = HostLimits::default();
        let mut conduct = Conduct::default();
        fail(&mut conduct, 8);
        let tries: Vec<u64> = (0..200).filter(|second| conduct.claim_probe(at(*second), &limits)).collect();
        assert_eq!(tries, [60, 120, 180]);
        conduct.behaved();
        assert_eq!(conduct.health(), Health::Ok);
    }

    #[test]
    fn ten_failed_probes_end_in_quarantine_and_no_success_lifts_it() {
        let limits = HostLimits::default();
        let mut conduct = Conduct::default();
        fail(&mut conduct, 8);
        (0..9).for_each(|_| conduct.probe_failed(at(600), &limits));
        assert!(matches!(conduct.health(), Health::Throttled { .. }));
        conduct.probe_failed(at(660), &limits);
        conduct.behaved();
        let Health::Quarantined(quarantine) = conduct.health() else { panic!("{conduct:?}") };
        assert_eq!((quarantine.reason, quarantine.since), (QuarantineReason::Failing, Millis(660_000)));
        assert_eq!(quarantine.words, "out of fuel");
    }
}
