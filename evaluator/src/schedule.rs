//! What is due. Pure: seconds come in, rules come out.
//!
//! A rule is due once per interval, in the slot that its identity gives it: spread over the interval, so that
//! thousands of rules with one interval do not start at the same instant.

use std::collections::BTreeMap;

use crate::domain::RuleId;

/// A rule's place in the roster, and which edit of it this is: an entry of an earlier edit is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub place: u32,
    pub edit: u32,
}

/// The coming slots, each a second wide.
#[derive(Debug, Default)]
pub struct Schedule {
    slots: BTreeMap<u64, Vec<Entry>>,
}

/// How often, and in which slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// Seconds, at least 1.
    pub interval: u32,
    /// Seconds, below `interval`.
    pub phase: u32,
}

impl Rhythm {
    /// A rule's own: `hash(rule) mod interval`.
    pub fn of(rule: RuleId, interval: u32) -> Self {
        let interval = interval.max(1);
        Rhythm { interval, phase: (stable_hash(rule.as_bytes()) % u64::from(interval)) as u32 }
    }

    /// That of all rules which ask a source elsewhere for the same.
    pub fn of_query(source: &str, expr: &str, interval: u32) -> Self {
        let interval = interval.max(1);
        let text = format!("{source}\n{expr}");
        Rhythm { interval, phase: (stable_hash(text.as_bytes()) % u64::from(interval)) as u32 }
    }

    /// The first slot after `second`.
    pub fn next_after(self, second: u64) -> u64 {
        let (interval, phase) = (u64::from(self.interval), u64::from(self.phase));
        let in_cycle = (second + interval - phase % interval) % interval;
        second + interval - in_cycle
    }
}

/// FNV-1a, 64 bit (Fowler, Noll, Vo; draft-eastlake-fnv): the same on every machine and in every version, so
/// that a rule keeps its slot.
fn stable_hash(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

impl Schedule {
    /// Due in the first slot of this rhythm after `second`.
    pub fn add(&mut self, entry: Entry, rhythm: Rhythm, second: u64) {
        self.slots.entry(rhythm.next_after(second)).or_default().push(entry);
    }

    /// Takes out the earliest slot that is due at `second`: its second, and who is in it. Those who are still
    /// wanted are added again, after `second`: what was missed while the evaluator stood still is not made up.
    pub fn take_due(&mut self, second: u64) -> Option<(u64, Vec<Entry>)> {
        let first = self.slots.first_entry().filter(|slot| *slot.key() <= second)?;
        Some(first.remove_entry())
    }

    /// How many entries are due and not taken out yet.
    pub fn overdue(&self, second: u64) -> usize {
        self.slots.range(..=second).map(|(_, entries)| entries.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(place: u32) -> Entry {
        Entry { place, edit: 0 }
    }

    fn rule(number: u128) -> RuleId {
        RuleId(uuid::Uuid::from_u128(number))
    }

    proptest! {
        #[test]
        fn a_rule_is_due_once_per_interval_and_always_in_its_slot(
            interval in 1u32..86_400, number: u128, start in 0u64..4_000_000_000
        ) {
            let rhythm = Rhythm::of(rule(number), interval);
            let first = rhythm.next_after(start);
            prop_assert!(first > start && first <= start + u64::from(interval));
            prop_assert_eq!(first % u64::from(interval), u64::from(rhythm.phase));
            prop_assert_eq!(rhythm.next_after(first), first + u64::from(interval));
        }
    }

    #[test]
    fn rules_of_one_interval_are_spread_over_it() {
        let mut slots = vec![0; 300];
        for number in 0..30_000 {
            slots[Rhythm::of(rule(number), 300).phase as usize] += 1;
        }
        let (least, most) = (slots.iter().min().copied(), slots.iter().max().copied());
        assert!(least > Some(50) && most < Some(170), "{least:?} to {most:?} rules a slot");
    }

    #[test]
    fn slots_that_were_missed_are_not_made_up() {
        let mut schedule = Schedule::default();
        let rhythm = Rhythm { interval: 1, phase: 0 };
        schedule.add(entry(7), rhythm, 100);
        let mut evaluations = 0;
        while let Some((_, due)) = schedule.take_due(500) {
            evaluations += due.len();
            due.into_iter().for_each(|entry| schedule.add(entry, rhythm, 500));
        }
        assert_eq!(evaluations, 1);
        assert_eq!(schedule.take_due(501), Some((501, vec![entry(7)])));
    }

    #[test]
    fn nothing_is_due_before_its_slot() {
        let mut schedule = Schedule::default();
        schedule.add(entry(1), Rhythm { interval: 10, phase: 3 }, 100);
        assert_eq!(schedule.overdue(102), 0);
        assert_eq!(schedule.take_due(102), None);
        assert_eq!(schedule.overdue(103), 1);
        assert_eq!(schedule.take_due(103), Some((103, vec![entry(1)])));
    }
}
