//! One alarm for one cause: what is wrong with a source, a check or the system itself, however many rules hang
//! on it.

use std::sync::Arc;

use ahash::AHashMap;

use super::words;
use crate::domain::{AlarmContext, AlarmId, Millis, Reason, Severity, Subject, Texts, Transition};
use crate::store::{AlarmStore, Result};

/// What is known of one cause.
#[derive(Clone, Debug, Default)]
struct Cause {
    seq: u64,
    standing: Option<(AlarmId, Severity)>,
    told: Option<Standing>,
}

/// A cause that stands, for whoever looks.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    pub subject: Subject,
    pub severity: Severity,
    pub since: Millis,
    pub reason: Reason,
    pub message: Texts,
}

/// What is to be told of a cause: how bad it is, and why. Without words of its own the reason's are told.
#[derive(Clone, Debug, PartialEq)]
pub struct Tidings {
    pub severity: Severity,
    pub reason: Reason,
    pub words: Option<Texts>,
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
            let alarm = alarm.filter(|alarm| alarm.cleared_at.is_none());
            let standing = alarm.as_ref().map(|alarm| (alarm.id, alarm.severity));
            let told = alarm.map(|alarm| Standing {
                subject: subject.clone(),
                severity: alarm.severity,
                since: alarm.raised_at,
                reason: alarm.reason,
                message: alarm.message,
            });
            self.known.insert(key, Cause { seq, standing, told });
        }
        Ok(())
    }

    /// The cause stands: the transition, if that is news.
    pub fn stands(&mut self, subject: &Subject, tidings: Tidings, now: Millis) -> Option<Transition> {
        let Tidings { severity, reason, words } = tidings;
        let message = words.unwrap_or_else(|| words::of_reason(reason));
        let cause = self.known.entry(subject.key()).or_default();
        let since = cause.told.as_ref().map_or(now, |told| told.since);
        let told = Standing { subject: subject.clone(), severity, since, reason, message: message.clone() };
        cause.told = Some(told);
        self.set(subject, Some(severity), reason, message, now)
    }

    /// The cause is over: the transition, if that is news.
    pub fn over(&mut self, subject: &Subject, reason: Reason, now: Millis) -> Option<Transition> {
        if let Some(cause) = self.known.get_mut(&subject.key()) {
            cause.told = None;
        }
        self.set(subject, None, reason, words::of_reason(reason), now)
    }

    /// What stands now, worst first.
    pub fn standing(&self) -> Vec<Standing> {
        let mut all: Vec<Standing> = self.known.values().filter_map(|cause| cause.told.clone()).collect();
        all.sort_by(|a, b| {
            (b.severity, a.since, a.subject.key()).cmp(&(a.severity, b.since, b.subject.key()))
        });
        all
    }

    fn set(
        &mut self,
        subject: &Subject,
        after: Option<Severity>,
        reason: Reason,
        message: Texts,
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
            message,
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

    fn failing() -> Tidings {
        Tidings { severity: Severity::Major, reason: Reason::CheckFailing, words: None }
    }

    #[test]
    fn a_cause_raises_one_alarm_however_often_it_is_told() {
        let mut causes = Causes::default();
        let mut tell = || causes.stands(&check(), failing(), Millis(1));
        let raised = tell().expect("the first time is news");
        assert_eq!((raised.seq, raised.before, raised.after), (1, None, Some(Severity::Major)));
        assert_eq!(tell(), None);
    }

    #[test]
    fn it_clears_the_alarm_it_raised_and_the_next_one_is_another() {
        let mut causes = Causes::default();
        let raised = causes.stands(&check(), failing(), Millis(1)).expect("news");
        assert_eq!(causes.standing().len(), 1);
        let cleared = causes.over(&check(), Reason::CheckReleased, Millis(2)).expect("news");
        assert_eq!(causes.standing(), []);
        let again = causes.stands(&check(), failing(), Millis(3)).expect("news");
        assert_eq!((cleared.alarm, cleared.seq), (raised.alarm, 2));
        assert_ne!(again.alarm, raised.alarm);
    }
}
