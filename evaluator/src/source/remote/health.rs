//! What the answers of a source say about it. Pure: time comes in as a value of the monotonic clock.
//!
//! One question that fails may be at fault itself: too heavy, or answered with nonsense that only it brings about. The
//! source is at fault when a question that costs nothing fails as well, or when several different questions fail
//! one after the other with no good answer between them.

use std::time::Duration;

use ahash::AHashSet;

use super::Trouble;

/// Different questions that must fail in a row before the source is to blame.
const DISTINCT: usize = 3;
/// Failures in a row, a probe among them, that say the same.
const STRIKES: u32 = 2;
/// A source that nobody asks is probed this often.
const IDLE: Duration = Duration::from_secs(60);
/// After the first failing probe the second comes this soon.
const SECOND_LOOK: Duration = Duration::from_secs(2);
/// While it is down: the shortest and the longest wait between two tries.
const RETRY: (Duration, Duration) = (Duration::from_secs(3), Duration::from_secs(30));

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Well,
    /// Something failed and nothing was answered since.
    Suspect,
    /// A probe failed.
    Silent,
    /// Probes are answered, questions are not.
    Useless,
}

/// What just became of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    None,
    Down,
    Up,
}

/// How a source is.
#[derive(Debug)]
pub struct Health {
    standing: Standing,
    strikes: u32,
    /// The different questions that failed since the last good answer.
    failing: AHashSet<u64>,
    trouble: Option<Trouble>,
    probing: bool,
    probe_at: Duration,
    /// While it is down: until the next question is let through.
    trial_at: Duration,
    retry: Duration,
}

impl Health {
    /// Of a source that was never asked: the first probe is due at once.
    pub fn new(now: Duration) -> Self {
        Health {
            standing: Standing::Well,
            strikes: 0,
            failing: AHashSet::new(),
            trouble: None,
            probing: false,
            probe_at: now,
            trial_at: now,
            retry: RETRY.0,
        }
    }

    pub fn is_down(&self) -> bool {
        matches!(self.standing, Standing::Silent | Standing::Useless)
    }

    /// What is wrong, from the first failure on.
    pub fn trouble(&self) -> Option<&Trouble> {
        self.trouble.as_ref()
    }

    /// A question was answered.
    pub fn answered(&mut self, now: Duration) -> Turn {
        let turn = if self.is_down() { Turn::Up } else { Turn::None };
        *self = Health { probing: self.probing, probe_at: now + IDLE, ..Health::new(now) };
        turn
    }

    /// A question failed, and not for its own sake as far as its reply tells. `question` tells it from others.
    pub fn failed(&mut self, question: u64, trouble: Trouble, now: Duration) -> Turn {
        self.failing.insert(question);
        let pause = trouble.retry_after.unwrap_or_default();
        self.strike(trouble);
        match self.standing {
            Standing::Silent | Standing::Useless => Turn::None,
            Standing::Well | Standing::Suspect if self.failing.len() >= DISTINCT => {
                self.go_down(Standing::Useless, pause, now)
            }
            Standing::Well | Standing::Suspect => {
                self.standing = Standing::Suspect;
                self.probe_at = self.probe_at.min(now + pause);
                Turn::None
            }
        }
    }

    /// The answer to a probe.
    pub fn probed(&mut self, result: Result<(), Trouble>, now: Duration) -> Turn {
        self.probing = false;
        match (result, self.standing) {
            (Ok(()), Standing::Well | Standing::Silent) => self.answered(now),
            // It answers, which says nothing about the questions that failed.
            (Ok(()), Standing::Suspect) => {
                self.probe_at = now + IDLE;
                Turn::None
            }
            (Ok(()), Standing::Useless) => {
                self.wait_longer(Duration::ZERO, now);
                Turn::None
            }
            (Err(trouble), _) => self.probe_failed(trouble, now),
        }
    }

    fn probe_failed(&mut self, trouble: Trouble, now: Duration) -> Turn {
        let pause = trouble.retry_after.unwrap_or_default();
        self.strike(trouble);
        if self.is_down() {
            self.standing = Standing::Silent;
            self.wait_longer(pause, now);
            return Turn::None;
        }
        if self.strikes >= STRIKES {
            return self.go_down(Standing::Silent, pause, now);
        }
        self.standing = Standing::Suspect;
        self.probe_at = now + SECOND_LOOK.max(pause);
        Turn::None
    }

    fn strike(&mut self, trouble: Trouble) {
        self.strikes += 1;
        self.trouble = Some(trouble);
    }

    fn go_down(&mut self, standing: Standing, pause: Duration, now: Duration) -> Turn {
        self.standing = standing;
        self.retry = RETRY.0;
        self.wait(pause, now);
        Turn::Down
    }

    fn wait_longer(&mut self, pause: Duration, now: Duration) {
        self.retry = (self.retry * 3 / 2).min(RETRY.1);
        self.wait(pause, now);
    }

    fn wait(&mut self, pause: Duration, now: Duration) {
        let wait = self.retry.max(pause);
        self.probe_at = now + wait;
        self.trial_at = now + wait;
    }

    /// Whether a question may be asked now. While the source is down one is let through now and then, to try.
    pub fn may_ask(&mut self, now: Duration) -> bool {
        if !self.is_down() {
            return true;
        }
        let may = now >= self.trial_at;
        if may {
            self.trial_at = now + self.retry;
        }
        may
    }

    /// Whether a probe is to be sent now; it counts as sent.
    pub fn wants_probe(&mut self, now: Duration) -> bool {
        let wants = !self.probing && now >= self.probe_at;
        self.probing |= wants;
        wants
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Texts, TroubleKind};

    fn trouble() -> Trouble {
        Trouble { kind: TroubleKind::Slow, words: Texts::default(), retry_after: None, handed_over: false }
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn healthy() -> Health {
        let mut health = Health::new(at(0));
        assert!(health.wants_probe(at(0)), "a new source is probed at once");
        assert_eq!(health.probed(Ok(()), at(0)), Turn::None);
        health
    }

    #[test]
    fn a_failing_question_and_a_failing_probe_bring_the_source_down() {
        let mut health = healthy();
        assert_eq!(health.failed(1, trouble(), at(10)), Turn::None);
        assert!(health.wants_probe(at(10)), "suspicion is looked into at once");
        assert_eq!(health.probed(Err(trouble()), at(11)), Turn::Down);
        assert_eq!(health.failed(2, trouble(), at(12)), Turn::None, "it is told once");
    }

    #[test]
    fn one_lost_probe_is_no_outage() {
        let mut health = healthy();
        assert!(health.wants_probe(at(60)));
        assert_eq!(health.probed(Err(trouble()), at(60)), Turn::None);
        assert!(!health.wants_probe(at(61)));
        assert!(health.wants_probe(at(62)));
        assert_eq!(health.probed(Err(trouble()), at(62)), Turn::Down);
    }

    #[test]
    fn one_heavy_question_does_not_condemn_a_source_that_answers_others() {
        let mut health = healthy();
        for round in 1..20 {
            assert_eq!(health.failed(7, trouble(), at(round * 10)), Turn::None);
            assert_eq!(health.answered(at(round * 10 + 1)), Turn::None);
        }
    }

    #[test]
    fn a_source_that_answers_probes_and_no_question_is_down_until_a_question_is_answered() {
        let mut health = healthy();
        assert_eq!(health.failed(1, trouble(), at(1)), Turn::None);
        assert_eq!(health.probed(Ok(()), at(1)), Turn::None);
        assert_eq!(health.failed(2, trouble(), at(2)), Turn::None);
        assert_eq!(health.failed(2, trouble(), at(2)), Turn::None, "the same question proves nothing new");
        assert_eq!(health.failed(3, trouble(), at(3)), Turn::Down);
        assert_eq!(health.probed(Ok(()), at(7)), Turn::None);
        assert!(health.is_down());
        assert_eq!(health.answered(at(9)), Turn::Up);
    }

    #[test]
    fn while_it_is_down_one_question_is_let_through_now_and_then() {
        let mut health = healthy();
        health.failed(1, trouble(), at(0));
        health.probed(Err(trouble()), at(0));
        let asked = (0..60).filter(|second| health.may_ask(at(*second))).count();
        assert!((2..=20).contains(&asked), "{asked} questions in a minute");
    }

    #[test]
    fn it_waits_as_long_as_the_source_asks_for() {
        let mut health = healthy();
        let busy = Trouble { retry_after: Some(at(120)), ..trouble() };
        health.failed(1, busy.clone(), at(0));
        assert!(!health.wants_probe(at(59)), "not even probed, but for the usual look after a minute");
        assert!(health.wants_probe(at(60)));
        assert_eq!(health.probed(Err(busy), at(60)), Turn::Down);
        assert!(!health.may_ask(at(179)) && !health.wants_probe(at(179)));
        assert!(health.may_ask(at(180)) && health.wants_probe(at(180)));
    }

    #[test]
    fn a_silent_source_is_back_with_its_first_answer() {
        let mut health = healthy();
        health.failed(1, trouble(), at(0));
        health.probed(Err(trouble()), at(0));
        assert!(health.wants_probe(at(3)));
        assert_eq!(health.probed(Ok(()), at(3)), Turn::Up);
        assert!(health.may_ask(at(3)));
    }
}
