//! What a check costs and how it fares, and which of its evaluations are repeated.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use crate::domain::{Outcome, UnknownKind};

use super::limits::HostLimits;

/// A check's counters since the start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stats {
    pub evaluations: u64,
    /// Evaluations without a verdict, in the order of [`UnknownKind::ALL`].
    pub failures: [u64; UnknownKind::ALL.len()],
    /// CPU time of the evaluating threads, audits and failed attempts too.
    pub cpu: Duration,
    /// Elapsed time of the evaluating threads.
    pub wall: Duration,
    /// Instances made.
    pub instances: u64,
    /// Evaluations that were repeated alone.
    pub audits: u64,
}

/// The counters as threads share them.
#[derive(Default)]
pub(super) struct Tally {
    evaluations: AtomicU64,
    failures: [AtomicU64; UnknownKind::ALL.len()],
    cpu_nanos: AtomicU64,
    wall_nanos: AtomicU64,
    pub(super) instances: AtomicU64,
    pub(super) audits: AtomicU64,
}

impl Tally {
    pub(super) fn add(&self, outcomes: &[Outcome], (wall, cpu): (Duration, Duration)) {
        self.evaluations.fetch_add(outcomes.len() as u64, Relaxed);
        for unknown in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
            self.failures[unknown.kind as usize].fetch_add(1, Relaxed);
        }
        self.cpu_nanos.fetch_add(cpu.as_nanos() as u64, Relaxed);
        self.wall_nanos.fetch_add(wall.as_nanos() as u64, Relaxed);
    }

    pub(super) fn read(&self) -> Stats {
        Stats {
            evaluations: self.evaluations.load(Relaxed),
            failures: std::array::from_fn(|kind| self.failures[kind].load(Relaxed)),
            cpu: Duration::from_nanos(self.cpu_nanos.load(Relaxed)),
            wall: Duration::from_nanos(self.wall_nanos.load(Relaxed)),
            instances: self.instances.load(Relaxed),
            audits: self.audits.load(Relaxed),
        }
    }
}

/// Which evaluations are repeated: the first so many, then one in so many at a place that no guest can foresee. (At every
/// 1,024th exactly, the audit would always see the first row of a batch of 256.)
pub(super) struct AuditPlan {
    evaluated: AtomicU64,
    next: AtomicU64,
    seed: u64,
}

impl AuditPlan {
    pub(super) fn new(seed: u64) -> Self {
        AuditPlan { evaluated: AtomicU64::new(0), next: AtomicU64::new(0), seed }
    }

    /// Everything from the first on again.
    pub(super) fn restart(&self) {
        self.evaluated.store(0, Relaxed);
        self.next.store(0, Relaxed);
    }

    /// Rows to repeat of the `rows` that were just evaluated: the first so many, or one from the middle, or none.
    pub(super) fn rows(&self, rows: usize, limits: &HostLimits) -> std::ops::Range<usize> {
        let before = self.evaluated.fetch_add(rows as u64, Relaxed);
        if before < limits.audit_first {
            let left = usize::try_from(limits.audit_first - before).unwrap_or(usize::MAX);
            return 0..rows.min(left);
        }
        let next = self.next.load(Relaxed);
        if next >= before + rows as u64 {
            return 0..0;
        }
        let row = (next.max(before) - before) as usize;
        let spread = limits.audit_every.saturating_mul(2).max(2) - 1;
        self.next.store(before + row as u64 + 1 + mix(self.seed ^ next) % spread, Relaxed);
        // The very first place was not drawn.
        let row = if next == 0 { mix(self.seed) as usize % rows } else { row };
        row..row + 1
    }
}

/// splitmix64's finisher (Steele, Lea, Flood 2014).
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_hundred_are_repeated_and_then_about_one_in_a_thousand() {
        let (limits, plan) = (HostLimits::default(), AuditPlan::new(7));
        assert_eq!(plan.rows(64, &limits), 0..64);
        assert_eq!(plan.rows(64, &limits), 0..36);
        let mut rows = Vec::new();
        for _ in 0..4_000 {
            rows.extend(plan.rows(256, &limits));
        }
        assert!((800..1_200).contains(&rows.len()), "{} of 1,024,000", rows.len());
        let late = rows.iter().filter(|row| **row >= 128).count();
        assert!((300..700).contains(&late), "{late} in the second half of their batch");
    }
}
