//! One receiver's queue: a message is taken up, sent, and what became of it is written down.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use atalaya_api::delivery::DeliveryKind;

use super::backoff::{self, Breaker};
use super::{Conditions, Failure, Way, message};
use crate::clock::{Clock, Now};
use crate::domain::{Message, Millis, ReceiverConfig, Texts};
use crate::plan::{self, MOST_ALARMS};
use crate::store::{Result, Settled, Store};

/// How long it waits at most until it looks again.
const LOOK: Duration = Duration::from_secs(1);

/// Sends what waits for one receiver, one message after the other.
pub struct Worker {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    conditions: Conditions,
    id: String,
    way: std::result::Result<Box<dyn Way>, Texts>,
    breaker: Breaker,
    /// What became of a message and could not be written down yet: nothing else is sent before.
    unsettled: Option<(u64, Settled)>,
    /// When what stands was last said again (monotonic).
    refreshed: Option<Duration>,
}

impl Worker {
    /// `way`: how it is reached, or why it cannot be; then its messages wait.
    pub fn new(
        receiver: &ReceiverConfig,
        way: std::result::Result<Box<dyn Way>, Texts>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        conditions: Conditions,
    ) -> Self {
        let id = receiver.receiver.id.clone();
        let (breaker, unsettled, refreshed) = (Breaker::default(), None, None);
        // Seen before there is anything to send; what was wrong with an earlier form of it says nothing of this one.
        conditions.note(&id, |one| one.trouble = way.as_ref().err().cloned());
        Worker { store, clock, conditions, id, way, breaker, unsettled, refreshed }
    }

    /// Sends at most one message. How long until there may be another; nothing: at once.
    pub fn step(&mut self) -> Duration {
        self.try_step().unwrap_or_else(|error| {
            tracing::warn!(%error, receiver = self.id, "what waits for a receiver cannot be read or written; tried again");
            LOOK
        })
    }

    fn try_step(&mut self) -> Result<Duration> {
        self.settle()?;
        let now = self.clock.now();
        if !self.breaker.lets(now.mono) {
            return Ok(self.breaker.left(now.mono).min(LOOK));
        }
        self.refresh(now)?;
        let early = self.breaker.wants_worst();
        let Some(claimed) = self.store.claim(&self.id, early)? else { return Ok(LOOK) };
        let sent = self.send(&claimed.message);
        let was_probing = self.breaker.is_probing();
        let settled = self.judge(sent, claimed.attempt);
        self.unsettled = Some((claimed.delivery, settled));
        self.settle()?;
        self.is_back(was_probing)?;
        Ok(Duration::ZERO)
    }

    /// Writes down what became of the last message, if that could not be done yet.
    ///
    /// # Errors
    /// The store failed: what was being sent is sent again after the next start.
    pub fn settle(&mut self) -> Result<()> {
        if let Some((delivery, settled)) = &self.unsettled {
            self.store.settle(*delivery, settled)?;
            self.unsettled = None;
        }
        Ok(())
    }

    /// A way that panics has failed, and the next message finds it as it is.
    fn send(&self, message: &Message) -> std::result::Result<String, Failure> {
        let way = self.way.as_ref().map_err(|words| retryable(words.clone()))?;
        catch_unwind(AssertUnwindSafe(|| way.send(message))).unwrap_or_else(|_| {
            Err(retryable(Texts {
                en: "sending broke off; the log says where".to_owned(),
                es: "el envío se interrumpió; el registro dice dónde".to_owned(),
            }))
        })
    }

    /// What becomes of a message, and how the receiver does.
    fn judge(&mut self, sent: std::result::Result<String, Failure>, attempt: u32) -> Settled {
        let failure = match sent {
            Ok(answer) => {
                self.breaker.worked();
                self.note(|one| (one.delivered, one.trouble) = (one.delivered + 1, None));
                return Settled::Delivered { answer };
            }
            Err(failure) => failure,
        };
        let (words, answer) = (failure.words().clone(), failure.answer().to_owned());
        tracing::warn!(receiver = self.id, attempt, "a message was not taken: {}", words.en);
        let maybe = matches!(failure, Failure::Unclear { .. } | Failure::Partly { .. });
        let after = if let Failure::Retryable { after, .. } = &failure { *after } else { None };
        match failure {
            Failure::Retryable { .. } | Failure::Unclear { .. } => {
                let wait = self.failed(&words, attempt, after);
                Settled::Again { at: self.after(wait), maybe, words, answer }
            }
            // One mailbox that is full keeps nobody else from anything.
            Failure::Partly { .. } => {
                self.breaker.worked();
                let trouble = words.clone();
                self.note(|one| (one.failed, one.trouble) = (one.failed + 1, Some(trouble)));
                Settled::Again { at: self.after(backoff::wait(attempt, dice(), None)), maybe, words, answer }
            }
            Failure::Permanent { .. } => {
                let trouble = words.clone();
                self.note(|one| {
                    one.failed += 1;
                    one.dead += 1;
                    one.trouble = Some(trouble);
                });
                Settled::Dead { words, answer }
            }
        }
    }

    /// A try failed that may succeed later. How long the message waits.
    fn failed(&mut self, words: &Texts, attempt: u32, after: Option<Duration>) -> Duration {
        self.breaker.failed(self.clock.now().mono, dice(), after);
        let trouble = words.clone();
        self.note(|one| (one.failed, one.trouble) = (one.failed + 1, Some(trouble)));
        backoff::wait(attempt, dice(), after)
    }

    /// What waits for a receiver that takes messages again need not wait longer.
    fn is_back(&self, was_probing: bool) -> Result<()> {
        if was_probing && !self.breaker.is_probing() { self.store.hurry(&self.id) } else { Ok(()) }
    }

    fn after(&self, wait: Duration) -> Millis {
        self.clock.now().wall.plus(wait.as_millis() as i64)
    }

    fn note(&self, change: impl FnOnce(&mut super::Condition)) {
        let now = self.clock.now();
        let left = self.breaker.left(now.mono);
        let paused = (!left.is_zero()).then(|| now.wall.plus(left.as_millis() as i64));
        self.conditions.note(&self.id, |one| {
            change(one);
            one.paused_until = paused;
        });
    }

    /// Says again what stands and was told, where the far end would forget it.
    fn refresh(&mut self, now: Now) -> Result<()> {
        let every = self.way.as_ref().ok().and_then(|way| way.refresh_every());
        let is_due =
            |every: &Duration| self.refreshed.is_none_or(|last| now.mono.saturating_sub(last) >= *every);
        if every.filter(is_due).is_none() {
            return Ok(());
        }
        self.refreshed = Some(now.mono);
        let mut after = 0;
        loop {
            let standing = self.store.told_standing(&self.id, after, MOST_ALARMS as u32)?;
            let Some((last, _)) = standing.last() else { return Ok(()) };
            after = last.number;
            let says = standing.iter().map(|(due, _)| (due.alarm.id, due.alarm.seq, due.changed_at, 0));
            let said = standing.iter().map(|(due, heard)| message::said(due, Some(*heard), Some(*heard)));
            let message = Message {
                key: plan::key(&self.id, DeliveryKind::Reminder, says),
                kind: DeliveryKind::Reminder,
                at: now.wall,
                severity: standing.iter().map(|(_, heard)| *heard).max(),
                alarms: said.collect(),
            };
            if let Err(failure) = self.send(&message) {
                self.failed(failure.words(), 1, None);
                return Ok(());
            }
            let was_probing = self.breaker.is_probing();
            self.breaker.worked();
            self.is_back(was_probing)?;
            self.note(|one| one.trouble = None);
        }
    }
}

fn retryable(words: Texts) -> Failure {
    Failure::Retryable { words, answer: String::new(), after: None }
}

/// From 0 to 1. A system without randomness waits as long as it may.
fn dice() -> f64 {
    let mut bytes = [0; 4];
    match getrandom::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 1.0,
    }
}
