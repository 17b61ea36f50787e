//! Who must be told what. Pure: what was told, what is due, and the instant come in as values.
//!
//! Each (alarm, receiver) knows what was *told*. One sentence rules: whenever telling is allowed, if what was told differs from what is due, one
//! message states the present. What follows from it, each sentence a test:
//! - Allowed: the receiver is enabled, the rule's period is open, nothing mutes it, and the receiver's rate leaves room. What still waits when the
//!   period closes is dropped, and due again when it opens.
//! - A raise is told from the receiver's lowest severity and the rule's own on. Whoever was told is told of changes and of the clear, whatever the
//!   severity, unless the receiver does not want them.
//! - Whoever was not told of a raise is told of nothing when it clears. Of whom nobody can tell whether the raise arrived is told of the clear.
//! - While it stands it is told again: every so often until somebody acknowledges it, and when a mute ended.
//! - One (alarm, receiver) has at most one message on its way. One that waits and says what is no longer due is dropped. One that could not be sent
//!   stands in the way of the same statement until somebody sends it again.
//! - Alarms of one panel, or else of one rule, that become due together with the same severity make one message; an Alertmanager gets all in one.
//! - Of what a rate leaves no room for, the most severe goes first, the rest as one summary. The last message of a rate is kept for what is critical.
//!   What is told again comes after what is new, so that reminders never keep news waiting.

mod decide;
mod flood;
pub mod quiet;
mod route;
pub mod words;

use atalaya_api::delivery::DeliveryKind;

use crate::domain::{AlarmId, Millis, RuleId, Severity, Sha256, Texts};

pub use decide::NEVER;
pub use flood::MOST_ALARMS;
pub use route::{Route, routes};

/// What a receiver heard of an alarm last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Heard {
    #[default]
    Nothing,
    Standing(Severity),
    Cleared,
}

/// What one receiver was told of one alarm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub heard: Heard,
    /// When it was told last.
    pub last_at: Option<Millis>,
    /// How often it was told again of what it knew.
    pub reminders: u32,
    /// It may know that it stands, from a message of which nobody could tell whether it arrived.
    pub maybe: bool,
    /// The message on its way, or the one that could not be sent.
    pub open: Option<Open>,
}

/// A message that is on its way, as far as one alarm is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    pub delivery: u64,
    pub state: OpenState,
    /// What it states of the alarm; none: cleared.
    pub says: Option<Severity>,
    /// What went wrong when it was tried last.
    pub trouble: Option<Texts>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OpenState {
    Queued,
    Sending,
    Dead,
}

/// A receiver, as far as the plan cares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    pub id: String,
    pub enabled: bool,
    pub lowest: Severity,
    pub changes: bool,
    pub clears: bool,
    pub remind_every_ms: Option<i64>,
    pub rate: Option<Quota>,
    /// All that is due makes one message, as an Alertmanager wants it.
    pub at_once: bool,
}

/// At most so many messages in this many ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    pub messages: u32,
    pub per_ms: i64,
}

/// One alarm for one receiver, as things are now.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    pub alarm: AlarmId,
    /// Of its last transition.
    pub seq: u64,
    /// None: cleared.
    pub present: Option<Severity>,
    /// The severity held; once cleared, the last one held.
    pub held: Severity,
    pub acknowledged: bool,
    pub place: Place,
    /// From which severity on the rule tells this receiver; none: it does not, or does not any more.
    pub from: Option<Severity>,
    /// The rule's period is closed.
    pub closed: Option<Closed>,
    /// When it closes, if it is open: what still waits then is not sent.
    pub closes: Option<Millis>,
    /// Somebody muted it, until when and why.
    pub hush: Option<(Millis, Texts)>,
    /// When the latest mute that held for it ended.
    pub hush_ended: Option<Millis>,
    pub told: Told,
    /// What was written down before of why it is not told.
    pub why: Option<Texts>,
}

/// Alarms of one place that become due together make one message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    Panel(String, String),
    Rule(RuleId),
    /// Of its own: a source, a check, the system.
    Alone(AlarmId),
}

/// A period that is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// None: not within the next 400 days.
    pub opens: Option<Millis>,
    pub words: Texts,
}

/// What is on its way to a receiver, and what was sent within its rate's time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Waiting, and not yet taken up.
    pub queued: Vec<Waiting>,
    /// Taken up and perhaps sent.
    pub sending: u32,
    /// Delivered within the time of the rate.
    pub sent: u32,
    /// The first of those.
    pub oldest_sent: Option<Millis>,
    /// So many alarms may become due again with what yields: more would not be planned together, and would make each other yield for good.
    pub room: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub delivery: u64,
    /// The worst that it states; none: cleared.
    pub severity: Option<Severity>,
    /// A summary, or nothing but what was told before: it is planned anew together with what becomes due.
    pub yields: bool,
    /// How many it speaks of.
    pub alarms: usize,
}

/// What is to be said of one alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    pub kind: DeliveryKind,
    /// None: cleared.
    pub severity: Option<Severity>,
}

/// What follows for a receiver.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub messages: Vec<Draft>,
    /// Waiting messages that are not to be sent, and why.
    pub drops: Vec<(u64, Texts)>,
    /// One for each case, in order.
    pub outcomes: Vec<Outcome>,
}

/// A message to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub kind: DeliveryKind,
    /// The worst that it states; none: all of it cleared.
    pub severity: Option<Severity>,
    /// The cases it speaks of, worst first, and what it says of each.
    pub says: Vec<(usize, Statement)>,
}

/// What is to be written down for a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub way: WayOn,
    /// Why the receiver is not told of what is so now.
    pub why: Option<Texts>,
    /// When that may be otherwise; [`NEVER`]: when somebody changes something.
    pub look_at: Option<Millis>,
}

/// What becomes of the message that is on its way for a case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WayOn {
    /// It stays, if there is one.
    #[default]
    Stay,
    /// There is none any more.
    None,
    /// It is this one of the plan's.
    Message(usize),
}

/// What a receiver must be told, of these alarms. At most one message of a plan speaks of each alarm.
pub fn plan(terms: &Terms, cases: &[Case], load: &Load, now: Millis) -> Plan {
    let mut plan = Plan::default();
    let mut due = Vec::new();
    for (place, case) in cases.iter().enumerate() {
        let decided = decide::decide(case, terms, now);
        if let Some(drop) = decided.drop
            && plan.drops.iter().all(|(known, _)| *known != drop.0)
        {
            plan.drops.push(drop);
        }
        due.extend(decided.say.map(|statement| (place, statement)));
        plan.outcomes.push(decided.outcome);
    }
    flood::gather(terms, cases, due, load, now, &mut plan);
    plan
}

/// The key of a message: the same each time that the same is said. Of each alarm its id, its `seq`, when it changed and how often it was told
/// again. Without the instant, a store that was restored from a backup would count on and use the keys of messages that its receivers know.
pub fn key(
    receiver: &str,
    kind: DeliveryKind,
    says: impl IntoIterator<Item = (AlarmId, u64, Millis, u32)>,
) -> String {
    let mut text = format!("{receiver}\n{kind:?}\n");
    for (alarm, seq, Millis(changed_at), reminders) in says {
        text.push_str(&format!("{alarm} {seq} {changed_at} {reminders}\n"));
    }
    Sha256::of(text.as_bytes()).to_string()
}

#[cfg(test)]
mod tests;
