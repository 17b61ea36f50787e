//! What the store knows of telling people: who was told what, and the messages on their way.

use std::collections::HashMap;
use std::sync::Arc;

use atalaya_api::delivery::{DeliveryKind, DeliveryState};
use atalaya_api::rule::Notify;

use super::{Actor, Page, Result, Slice};
use crate::domain::{AlarmId, AlarmRow, Message, Millis, Severity, Texts};
use crate::plan;

/// An alarm that somebody must look at, with all that the plan needs to know.
#[derive(Clone, Debug, PartialEq)]
pub struct DueAlarm {
    /// What stands for it within the telling.
    pub number: u64,
    /// How often it was marked; none: only its time has come.
    pub mark: Option<u64>,
    pub alarm: AlarmRow,
    /// When it changed last.
    pub changed_at: Millis,
    /// The latest; once it has cleared, the one that cleared it.
    pub value: Option<f64>,
    pub acknowledged: bool,
    /// None: it has no rule.
    pub rule: Option<Arc<RuleTerms>>,
    /// By receiver.
    pub told: Vec<(String, KnownTold)>,
}

/// What of an alarm's rule matters when it is told.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleTerms {
    pub name: String,
    pub notify: Notify,
    pub period: String,
    /// None: the setting's.
    pub time_zone: Option<String>,
    pub note: String,
    pub runbook_url: Option<String>,
}

/// What one receiver was told of an alarm, with what was written down about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KnownTold {
    pub told: plan::Told,
    pub why: Option<Texts>,
    pub look_at: Option<Millis>,
}

/// What one pass of the plan decided for one receiver.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReceiverPlan {
    pub receiver: String,
    pub messages: Vec<NewDelivery>,
    pub drops: Vec<(u64, Texts)>,
    pub told: Vec<ToldWrite>,
    /// The messages on their way that the plan saw, with the state they had: it holds as long as they have it.
    pub seen: Vec<(u64, plan::OpenState)>,
}

/// A message that is to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct NewDelivery {
    pub message: Message,
    pub title: String,
    /// Lower-case, what `q` searches.
    pub search: String,
    /// Of each alarm: its number, its place in the message's list, whether it repeats what was told.
    pub says: Vec<(u64, usize, bool)>,
}

/// What is written down for one alarm and the plan's receiver.
#[derive(Clone, Debug, PartialEq)]
pub struct ToldWrite {
    pub alarm: u64,
    /// It keeps no message that is on its way; one of the plan's takes its place if it speaks of the alarm.
    pub detach: bool,
    pub why: Option<Texts>,
    pub look_at: Option<Millis>,
}

/// A message taken up to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    pub delivery: u64,
    /// From 1, this one counted.
    pub attempt: u32,
    pub message: Message,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    Delivered {
        answer: String,
    },
    /// Tried again at this instant.
    Again {
        at: Millis,
        /// It may have arrived: whoever was told of a raise by it is told when that clears.
        maybe: bool,
        words: Texts,
        answer: String,
    },
    Dead {
        words: Texts,
        answer: String,
    },
}

/// A line of the list of deliveries.
#[derive(Clone, Debug, PartialEq)]
pub struct DeliveryRow {
    pub id: u64,
    pub key: String,
    pub receiver: String,
    /// The receiver's id when it is gone.
    pub receiver_name: String,
    pub kind: DeliveryKind,
    pub severity: Option<Severity>,
    pub title: String,
    pub state: DeliveryState,
    pub alarms: u64,
    /// The one, when it speaks of one.
    pub alarm: Option<AlarmId>,
    pub attempts: u32,
    pub created_at: Millis,
    pub next_at: Option<Millis>,
    pub done_at: Option<Millis>,
    pub answer: Option<String>,
    pub why: Option<Texts>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeliveryFilter {
    pub receiver: Option<String>,
    /// Any of these; empty: all.
    pub states: Vec<DeliveryState>,
    pub alarm: Option<AlarmId>,
    /// Every word must be in its title, the receiver's id, or the names of what it speaks of; case is ignored.
    pub q: Option<String>,
}

/// Who was told of an alarm, or why not.
#[derive(Clone, Debug, PartialEq)]
pub struct ToldRow {
    pub receiver: String,
    /// The receiver's id when it is gone.
    pub receiver_name: String,
    pub heard: plan::Heard,
    pub first_at: Option<Millis>,
    pub last_at: Option<Millis>,
    pub why: Option<Texts>,
    /// None: nobody knows.
    pub look_at: Option<Millis>,
}

/// How the messages for one receiver stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueRow {
    pub receiver: String,
    /// Waiting or being sent.
    pub queued: u64,
    pub oldest_at: Option<Millis>,
    pub dead: u64,
    pub last_delivered_at: Option<Millis>,
}

/// Telling people. One plan at a time is made; several may claim and settle meanwhile.
pub trait NotifyStore: Send + Sync {
    /// Alarms that changed, and those whose time has come, worst first, at most `limit`.
    fn due(&self, now: Millis, limit: u32) -> Result<Vec<DueAlarm>>;

    /// What is on its way to a receiver, and what was delivered after `since` and by `now`.
    fn load(&self, receiver: &str, since: Millis, now: Millis) -> Result<plan::Load>;

    /// Writes down what was planned, and that these alarms (number and mark) were looked at, unless they were marked again
    /// since. False: a message that the plan saw has moved on; nothing was written, plan again.
    fn plan_done(&self, plans: &[ReceiverPlan], looked_at: &[(u64, u64)]) -> Result<bool>;

    /// Takes up the most severe message for a receiver whose time has come, news before what is told again; with `early` whether its
    /// time has come or not. None: there is none.
    fn claim(&self, receiver: &str, early: bool) -> Result<Option<Claimed>>;

    /// A receiver is there again: what waits for it may be tried at once.
    fn hurry(&self, receiver: &str) -> Result<()>;

    /// When the next message for a receiver may be tried.
    fn next_try(&self, receiver: &str) -> Result<Option<Millis>>;

    /// Writes down what became of a message, and what its receiver thereby knows. One that is not being sent is left alone.
    fn settle(&self, delivery: u64, settled: &Settled) -> Result<()>;

    /// At start: whatever was being sent when the server ended is sent again, with the same key. How many.
    fn release(&self) -> Result<u64>;

    /// Every alarm that may have to be told is looked at again: active ones, and those that wait for something.
    fn look_again(&self) -> Result<()>;

    /// Messages that wait since before this are given up. How many.
    fn expire(&self, older_than: Millis, words: &Texts) -> Result<u64>;

    /// Newest first.
    fn deliveries(&self, filter: &DeliveryFilter, slice: &Slice) -> Result<Page<DeliveryRow>>;
    fn delivery(&self, id: u64) -> Result<Option<DeliveryRow>>;

    /// Sends a dead message again, or one that somebody gave up and that is still in the way, or drops it when what it said is no longer so.
    /// False: it is neither.
    fn retry(&self, id: u64, by: &Actor) -> Result<bool>;
    /// All dead ones of a receiver: what they said is planned anew, as its rate has room. How many.
    fn retry_all(&self, receiver: &str, by: &Actor) -> Result<u64>;
    /// Gives a dead message up: it is not told any more. False: it is not dead.
    fn give_up(&self, id: u64, by: &Actor) -> Result<bool>;

    /// Who was told of these alarms; who was not told of anything and need not be is not in it.
    fn told(&self, alarms: &[AlarmId]) -> Result<HashMap<AlarmId, Vec<ToldRow>>>;

    /// The active alarms that a receiver was told of, with the severity it heard, after this number, at most `limit`.
    fn told_standing(&self, receiver: &str, after: u64, limit: u32) -> Result<Vec<(DueAlarm, Severity)>>;

    /// Each receiver that has or had messages.
    fn queues(&self) -> Result<Vec<QueueRow>>;
    /// Messages that could not be sent, of all receivers.
    fn dead_letters(&self) -> Result<u64>;

    /// Deletes deliveries that ended before this. How many.
    fn prune_deliveries(&self, older_than: Millis) -> Result<u64>;
}
