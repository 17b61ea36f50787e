//! What was done to many rules, kept for a while so that it can be taken back in one go. In memory: a server that starts again has
//! nothing to undo.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use base64::Engine as _;

use crate::domain::{Rule, RuleId};

/// As long as an undo brings alarms back.
const KEPT: Duration = Duration::from_secs(15 * 60);
/// Rules over all of them: the oldest go first.
const MOST_RULES: usize = 100_000;

/// One rule of a change.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub id: RuleId,
    /// The version that the change made: another one by now is somebody else's.
    pub version: u64,
    /// None: it was made.
    pub before: Option<Rule>,
}

struct Kept {
    id: String,
    at: Duration,
    steps: Vec<Step>,
}

/// All of them, oldest first.
#[derive(Default)]
pub struct Undos(Mutex<VecDeque<Kept>>);

impl Undos {
    /// Keeps a change, at this monotonic instant; the name to take it back by. None: nothing was changed.
    pub fn keep(&self, steps: Vec<Step>, now: Duration) -> Option<String> {
        if steps.is_empty() {
            return None;
        }
        let mut all = self.lock();
        forget_old(&mut all, now);
        while !all.is_empty()
            && all.iter().map(|one| one.steps.len()).sum::<usize>() + steps.len() > MOST_RULES
        {
            all.pop_front();
        }
        let id = name_of(&steps);
        all.push_back(Kept { id: id.clone(), at: now, steps });
        Some(id)
    }

    /// Takes a change out. None: it was taken back already, or it is too long ago.
    pub fn take(&self, id: &str, now: Duration) -> Option<Vec<Step>> {
        let mut all = self.lock();
        forget_old(&mut all, now);
        let place = all.iter().position(|one| one.id == id)?;
        all.remove(place).map(|kept| kept.steps)
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn forget_old(all: &mut VecDeque<Kept>, now: Duration) {
    all.retain(|one| now.saturating_sub(one.at) < KEPT);
}

/// No two changes make the same versions of the same rules.
fn name_of(steps: &[Step]) -> String {
    use sha2::Digest as _;
    let mut hash = sha2::Sha256::new();
    for step in steps {
        hash.update(step.id.as_bytes());
        hash.update(step.version.to_le_bytes());
    }
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&hash.finalize()[..12])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(count: usize) -> Vec<Step> {
        let step = |_| Step { id: RuleId::generate(), version: 1, before: None };
        (0..count).map(step).collect()
    }

    #[test]
    fn a_change_is_taken_back_once_and_within_fifteen_minutes() {
        let (undos, minute) = (Undos::default(), Duration::from_secs(60));
        assert_eq!(undos.keep(Vec::new(), minute), None);
        let (first, second) = (steps(2), steps(1));
        let one = undos.keep(first.clone(), minute).expect("it can be undone");
        let two = undos.keep(second, minute * 2).expect("it can be undone");
        assert_ne!(one, two);
        assert_eq!(undos.take("another", minute * 3), None);
        assert_eq!(undos.take(&one, minute * 15), Some(first));
        assert_eq!(undos.take(&one, minute * 15), None);
        assert_eq!(undos.take(&two, minute * 17), None);
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let undos = Undos::default();
        let first = undos.keep(steps(MOST_RULES / 2), Duration::ZERO).expect("it can be undone");
        let second = undos.keep(steps(MOST_RULES / 2 + 1), Duration::ZERO).expect("it can be undone");
        assert_eq!(undos.take(&first, Duration::ZERO), None);
        assert!(undos.take(&second, Duration::ZERO).is_some());
    }
}
