//! When a message, or a receiver, is tried again. Pure: the dice come in as a value.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(300);
/// What a far end may ask for: beyond this nobody would be told for too long.
pub(super) const LONGEST_ASKED: Duration = Duration::from_secs(3_600);
/// Failures in a row after which a receiver is only probed.
const PATIENCE: u32 = 5;

/// The longest wait after so many failures in a row: 1 s, doubled with each, up to 5 min.
fn ceiling(failures: u32) -> Duration {
    FIRST.saturating_mul(1 << failures.saturating_sub(1).min(20)).min(LONGEST)
}

/// Full jitter: anywhere up to the ceiling, so that many that failed together do not come back together. `dice` is from 0 to 1; what the far end
/// asked for counts, if it did.
pub(super) fn wait(failures: u32, dice: f64, asked: Option<Duration>) -> Duration {
    match asked {
        Some(asked) => asked.min(LONGEST_ASKED),
        None => ceiling(failures).mul_f64(dice.clamp(0.0, 1.0)),
    }
}

/// Leaves a receiver alone that fails again and again: then one message is a probe, and all others wait for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Breaker {
    /// In a row.
    failures: u32,
    /// Monotonic.
    not_before: Duration,
}

impl Breaker {
    /// A message may be tried now.
    pub fn lets(&self, now: Duration) -> bool {
        now >= self.not_before
    }

    /// How long until one may be.
    pub fn left(&self, now: Duration) -> Duration {
        self.not_before.saturating_sub(now)
    }

    /// It fails, and is only probed.
    pub fn is_probing(&self) -> bool {
        self.failures >= PATIENCE
    }

    /// The next probe is the most severe message, even if that one is to wait longer. Every second probe is: a message that is never
    /// taken must not keep all others back.
    pub fn wants_worst(&self) -> bool {
        self.is_probing() && (self.failures - PATIENCE).is_multiple_of(2)
    }

    /// A message was not taken. The receiver is left alone when it asked for that, or has failed often in a row.
    pub fn failed(&mut self, now: Duration, dice: f64, asked: Option<Duration>) {
        self.failures = self.failures.saturating_add(1);
        if asked.is_some() {
            self.not_before = now + wait(self.failures, dice, asked);
        } else if self.failures >= PATIENCE {
            // Not less than half the ceiling: a probe that follows at once would be none.
            self.not_before = now + wait(self.failures, 0.5 + dice / 2.0, None);
        }
    }

    /// A message was taken.
    pub fn worked(&mut self) {
        *self = Breaker::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn waits_grow_from_a_second_to_five_minutes_and_are_spread() {
        let longest: Vec<u64> = (1..=11).map(|failures| wait(failures, 1.0, None).as_secs()).collect();
        assert_eq!(longest, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(wait(4, 0.0, None), Duration::ZERO);
        assert_eq!(wait(4, 0.25, None), seconds(2));
        assert_eq!(wait(u32::MAX, 1.0, None), LONGEST);
    }

    #[test]
    fn what_the_far_end_asks_for_counts_up_to_an_hour() {
        assert_eq!(wait(1, 0.0, Some(seconds(40))), seconds(40));
        assert_eq!(wait(1, 0.0, Some(seconds(1_000_000))), LONGEST_ASKED);
    }

    #[test]
    fn after_five_failures_in_a_row_there_is_one_probe_each_wait() {
        let mut breaker = Breaker::default();
        let mut now = seconds(100);
        for _ in 0..4 {
            breaker.failed(now, 1.0, None);
            assert!(breaker.lets(now), "others may be taken");
        }
        assert!(!breaker.is_probing() && !breaker.wants_worst());
        for (probe, ceiling) in [16, 32, 64, 128, 256, 300, 300].into_iter().enumerate() {
            breaker.failed(now, 0.0, None);
            assert!(!breaker.lets(now));
            assert!(breaker.is_probing() && breaker.wants_worst() == (probe % 2 == 0));
            assert_eq!(breaker.left(now), seconds(ceiling) / 2);
            now += breaker.left(now);
            assert!(breaker.lets(now), "the probe");
        }
        breaker.worked();
        breaker.failed(now, 1.0, None);
        assert!(breaker.lets(now));
    }

    #[test]
    fn a_receiver_that_asks_to_be_left_alone_is_at_once() {
        let mut breaker = Breaker::default();
        breaker.failed(seconds(10), 0.0, Some(seconds(30)));
        assert!(!breaker.lets(seconds(39)));
        assert!(breaker.lets(seconds(40)));
    }
}
