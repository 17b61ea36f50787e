//! Clocks that are set back.
//!
//! What was measured before lies in the future then. It must not keep out what comes now, nor be taken for new when its
//! time comes: each group of series lets go of it before it is used again.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::domain::Millis;

/// Threads read the clock at slightly different moments: so much is no turn, ms.
const TOLERANCE: i64 = 1_000;

/// The turns of the clock so far.
#[derive(Debug)]
pub struct Turns {
    /// The latest instant that was seen since the last turn.
    latest: AtomicI64,
    /// How many turns there were.
    count: AtomicU64,
    last: Mutex<Turn>,
}

/// The clock was set back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// From 1 on.
    pub number: u64,
    /// What it showed then, ms.
    pub now: i64,
}

impl Default for Turns {
    fn default() -> Self {
        Turns { latest: AtomicI64::new(i64::MIN), count: AtomicU64::new(0), last: Mutex::default() }
    }
}

impl Turns {
    /// Sees what the clock shows.
    pub fn look(&self, now: Millis) {
        if now.0 >= self.latest.fetch_max(now.0, Ordering::Relaxed).saturating_sub(TOLERANCE) {
            return;
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have seen it first.
        if now.0 < self.latest.load(Ordering::Relaxed).saturating_sub(TOLERANCE) {
            self.latest.store(now.0, Ordering::Relaxed);
            *last = Turn { number: last.number + 1, now: now.0 };
            self.count.store(last.number, Ordering::Release);
        }
    }

    /// The turn to follow for whoever has followed this one.
    pub fn after(&self, followed: u64) -> Option<Turn> {
        if self.count.load(Ordering::Acquire) == followed {
            return None;
        }
        Some(*self.last.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::{Turn, Turns};
    use crate::domain::Millis;

    #[test]
    fn only_a_clock_that_goes_back_by_more_than_a_moment_turns() {
        let turns = Turns::default();
        [10_000, 12_000, 11_000, 50_000].into_iter().for_each(|now| turns.look(Millis(now)));
        assert_eq!(turns.after(0), None);
        turns.look(Millis(20_000));
        assert_eq!(turns.after(0), Some(Turn { number: 1, now: 20_000 }));
        turns.look(Millis(20_500));
        assert_eq!(turns.after(1), None);
        turns.look(Millis(1_000));
        assert_eq!(turns.after(1), Some(Turn { number: 2, now: 1_000 }));
    }
}
