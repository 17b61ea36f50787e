//! One alarm for one cause: what is wrong with a source, a check or the system itself, however many rules hang
//! on it.

use std::sync::Arc;

use ahash::AHashMap;

use super::words;
use crate::domain::{AlarmContext, AlarmId, Millis, Reason, Severity, Subject, Transition};
use crate::store::{AlarmStore, Result};

/// What is known of one cause.
#[derive(Clone, Copy, Debug, Default)]
struct Cause {
    seq: u64,
    standing: Option<(AlarmId, Severity)>,
}

/// The causes that were ever told of, by subject.
#[derive(Default)]
pub struct Causes {
    known: AHashMap<String, Cause>,
}

impl Causes {
    /// Remembers what the store knows of a subject; before its first change.
    ///
    /// # Errors
    /// The store failed.
    pub fn recall(&mut self, subject: &Subject, store: &dyn AlarmStore) -> Result<()> {
        let key = subject.key();
        if !self.known.contains_key(&key) {
            let (seq, alarm) = store.cause_state(&key)?;
            let standing =
                alarm.filter(|alarm| alarm.cleared_at.is_none()).map(|alarm| (alarm.id, alarm.severity));
            self.known.insert(key, Cause { seq, standing });
        }
        Ok(())
    }

    /// The cause stands at this severity, or no longer (none): the transition, if that is news.
    pub fn set(
        &mut self,
        subject: &Subject,
        after: Option<Severity>,
        reason: Reason,
        now: Millis,
    ) -> Option<Transition> {
        let key = subject.key();
        let cause = self.known.entry(key.clone()).or_default();
        let before = cause.standing.map(|(_, severity)| severity);
        if before == after {
            return None;
        }
        cause.seq += 1;
        let alarm = cause.standing.map_or_else(|| AlarmId::raised_by(&key, cause.seq), |(alarm, _)| alarm);
        cause.standing = after.map(|severity| (alarm, severity));
        Some(Transition {
            subject: subject.clone(),
            alarm,
            seq: cause.seq,
            at: now,
            before,
            after,
            reason,
            value: None,
            message: words::of_reason(reason),
            evidence: None,
            context: Arc::new(AlarmContext::default()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check() -> Subject {
        Subject::Check { name: "trend".into() }
    }

    #[test]
    fn a_cause_raises_one_alarm_however_often_it_is_told() {
        let mut causes = Causes::default();
        let mut tell = || causes.set(&check(), Some(Severity::Major), Reason::CheckFailing, Millis(1));
        let raised = tell().expect("the first time is news");
        assert_eq!((raised.seq, raised.before, raised.after), (1, None, Some(Severity::Major)));
        assert_eq!(tell(), None);
    }

    #[test]
    fn it_clears_the_alarm_it_raised_and_the_next_one_is_another() {
        let mut causes = Causes::default();
        let mut set = |after| causes.set(&check(), after, Reason::CheckFailing, Millis(1)).expect("news");
        let raised = set(Some(Severity::Major));
        let cleared = set(None);
        let again = set(Some(Severity::Major));
        assert_eq!((cleared.alarm, cleared.seq), (raised.alarm, 2));
        assert_ne!(again.alarm, raised.alarm);
    }
}
