//! How many questions to sources elsewhere may wait for their answers at a time: each holds a thread, and a source that
//! hangs must not hold them all.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Over all sources and users.
const MOST: usize = 8;
/// To one source: the others stay open.
const MOST_OF_ONE: usize = 4;
/// Who waits for a turn holds a thread as well.
const MOST_WAITING: usize = 32;
const PATIENCE: Duration = Duration::from_secs(2);

/// The turns that there are.
pub struct Slots {
    turns: Mutex<Turns>,
    freed: Condvar,
    patience: Duration,
}

#[derive(Default)]
struct Turns {
    taken: HashMap<String, usize>,
    waiting: usize,
}

impl Turns {
    fn is_free(&self, source: &str) -> bool {
        let of_one = self.taken.get(source).copied().unwrap_or(0);
        of_one < MOST_OF_ONE && self.taken.values().sum::<usize>() < MOST
    }
}

/// A turn, given back when dropped.
pub struct Slot<'a> {
    slots: &'a Slots,
    source: String,
}

impl Default for Slots {
    fn default() -> Self {
        Slots { turns: Mutex::default(), freed: Condvar::new(), patience: PATIENCE }
    }
}

impl Slots {
    /// A turn to ask this source, after a short wait if need be. None: too many ask already.
    pub fn take(&self, source: &str) -> Option<Slot<'_>> {
        let mut turns = self.lock();
        if !turns.is_free(source) {
            if turns.waiting >= MOST_WAITING {
                return None;
            }
            turns.waiting += 1;
            let busy = |turns: &mut Turns| !turns.is_free(source);
            let waited = self.freed.wait_timeout_while(turns, self.patience, busy);
            turns = waited.unwrap_or_else(PoisonError::into_inner).0;
            turns.waiting -= 1;
        }
        if !turns.is_free(source) {
            return None;
        }
        *turns.taken.entry(source.to_owned()).or_default() += 1;
        Some(Slot { slots: self, source: source.to_owned() })
    }

    // Counts are right whenever the lock is free, whoever panicked.
    fn lock(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        let mut turns = self.slots.lock();
        if let Some(count) = turns.taken.get_mut(&self.source) {
            *count -= 1;
            if *count == 0 {
                turns.taken.remove(&self.source);
            }
        }
        drop(turns);
        self.slots.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn impatient() -> Slots {
        Slots { patience: Duration::ZERO, ..Slots::default() }
    }

    #[test]
    fn one_source_takes_half_of_the_turns_and_all_together_no_more_than_there_are() {
        let slots = impatient();
        let one: Vec<_> = (0..10).filter_map(|_| slots.take("one")).collect();
        assert_eq!(one.len(), MOST_OF_ONE);
        let two: Vec<_> = (0..10).filter_map(|_| slots.take("two")).collect();
        assert_eq!(two.len(), MOST - MOST_OF_ONE);
        assert!(slots.take("three").is_none());
        drop(one);
        assert!(slots.take("three").is_some());
        drop(two);
        assert!(slots.lock().taken.is_empty());
    }

    #[test]
    fn a_turn_that_comes_free_is_waited_for() {
        let slots = Slots { patience: Duration::from_secs(60), ..Slots::default() };
        let taken: Vec<_> = (0..MOST_OF_ONE).filter_map(|_| slots.take("one")).collect();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| slots.take("one").is_some());
            drop(taken);
            assert!(waiting.join().expect("it does not panic"));
        });
    }
}
