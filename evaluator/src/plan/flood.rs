//! From statements to messages: what belongs together, and what a rate leaves room for.

use std::collections::BTreeMap;

use atalaya_api::delivery::DeliveryKind;

use super::{Case, Draft, Load, Outcome, Place, Plan, Quota, Statement, Terms, WayOn, words};
use crate::domain::{Millis, Severity};

/// What one message speaks of at most; a summary speaks of all.
pub const MOST_ALARMS: usize = 500;

type Due = (usize, Statement);

/// Puts the messages into the plan, and what has to wait into its outcomes.
pub(super) fn gather(
    terms: &Terms,
    cases: &[Case],
    due: Vec<Due>,
    load: &Load,
    now: Millis,
    plan: &mut Plan,
) {
    if due.is_empty() {
        return;
    }
    let mut messages = if terms.at_once { in_one(due) } else { grouped(cases, due) };
    messages.sort_by_key(|draft| std::cmp::Reverse((is_news(draft), draft.severity)));
    let Some(quota) = terms.rate else {
        return messages.into_iter().for_each(|draft| take(plan, cases, draft));
    };
    let room = Room::of(quota, load, plan);
    if !room.holds(&messages) {
        let gives_way = gives_way(load, plan, &messages[0]);
        if !gives_way.is_empty() {
            return make_way(plan, gives_way, messages, now);
        }
    }
    let (told, held) = room.share(messages);
    told.into_iter().for_each(|draft| take(plan, cases, draft));
    let free_at = load.oldest_sent.unwrap_or(now).plus(quota.per_ms).max(now.plus(1_000));
    for (place, _) in held.iter().flat_map(|draft| &draft.says) {
        let way = gone(cases, *place);
        plan.outcomes[*place] = Outcome { way, why: Some(words::rate(quota)), look_at: Some(free_at) };
    }
}

/// The message joins the plan.
fn take(plan: &mut Plan, cases: &[Case], draft: Draft) {
    let number = plan.messages.len();
    for (place, _) in &draft.says {
        let look_at = cases[*place].closes;
        plan.outcomes[*place] = Outcome { way: WayOn::Message(number), why: None, look_at };
    }
    plan.messages.push(draft);
}

/// A case whose statement has to wait keeps no message that says something else.
fn gone(cases: &[Case], place: usize) -> WayOn {
    if cases[place].told.open.is_some() { WayOn::None } else { WayOn::Stay }
}

fn in_one(mut due: Vec<Due>) -> Vec<Draft> {
    due.sort_by_key(|(_, statement)| std::cmp::Reverse(statement.severity));
    due.chunks(MOST_ALARMS).map(|some| draft(some.to_vec())).collect()
}

fn grouped(cases: &[Case], due: Vec<Due>) -> Vec<Draft> {
    let mut groups: BTreeMap<(&Place, Option<Severity>, bool), Vec<Due>> = BTreeMap::new();
    for one in due {
        let is_reminder = one.1.kind == DeliveryKind::Reminder;
        groups.entry((&cases[one.0].place, one.1.severity, is_reminder)).or_default().push(one);
    }
    let mut messages: Vec<Draft> = groups
        .into_values()
        .flat_map(|group| group.chunks(MOST_ALARMS).map(|some| draft(some.to_vec())).collect::<Vec<_>>())
        .collect();
    // In the order in which they came, not in that of their names.
    messages.sort_by_key(|draft| draft.says[0].0);
    messages
}

/// Of one or several cases, worst first.
fn draft(says: Vec<Due>) -> Draft {
    let kind = if let [(_, only)] = says[..] { only.kind } else { DeliveryKind::Group };
    Draft { kind, severity: worst(&says), says }
}

fn worst(says: &[Due]) -> Option<Severity> {
    says.iter().filter_map(|(_, statement)| statement.severity).max()
}

/// A reminder tells nothing new.
fn is_news(draft: &Draft) -> bool {
    draft.says.iter().any(|(_, statement)| statement.kind != DeliveryKind::Reminder)
}

fn is_critical(draft: &Draft) -> bool {
    draft.severity == Some(Severity::Critical) && is_news(draft)
}

/// What a rate leaves.
struct Room {
    free: usize,
    /// Of those, for what is critical only.
    kept: usize,
}

impl Room {
    fn of(quota: Quota, load: &Load, plan: &Plan) -> Self {
        let waiting = left(load, plan).count() as u32;
        let used = load.sent.saturating_add(load.sending).saturating_add(waiting);
        // With one message in all there is none to keep.
        Room { free: quota.messages.saturating_sub(used) as usize, kept: usize::from(quota.messages > 1) }
    }

    fn holds(&self, messages: &[Draft]) -> bool {
        let is_all_critical = messages.iter().all(is_critical);
        messages.len() <= if is_all_critical { self.free } else { self.free.saturating_sub(self.kept) }
    }

    /// What is told, the most severe first, with one summary of what would not fit; and what has to wait.
    fn share(&self, mut messages: Vec<Draft>) -> (Vec<Draft>, Vec<Draft>) {
        let criticals = messages.iter().filter(|draft| is_critical(draft)).count();
        if criticals > self.free {
            return fit(messages, self.free);
        }
        let lower = messages.split_off(criticals);
        let usable = (self.free - criticals).saturating_sub(self.kept);
        let (told, held) = fit(lower, usable);
        messages.extend(told);
        (messages, held)
    }
}

/// The first ones, and one summary for the rest.
fn fit(mut messages: Vec<Draft>, room: usize) -> (Vec<Draft>, Vec<Draft>) {
    if messages.len() <= room {
        return (messages, Vec::new());
    }
    if room == 0 {
        return (Vec::new(), messages);
    }
    let rest = messages.split_off(room - 1);
    let mut says: Vec<Due> = rest.into_iter().flat_map(|draft| draft.says).collect();
    says.sort_by_key(|(_, statement)| std::cmp::Reverse(statement.severity));
    messages.push(Draft { kind: DeliveryKind::Summary, severity: worst(&says), says });
    (messages, Vec::new())
}

/// What waits and is not dropped by the plan.
fn left<'a>(load: &'a Load, plan: &'a Plan) -> impl Iterator<Item = &'a super::Waiting> {
    let dropped = |delivery| plan.drops.iter().any(|(drop, _)| *drop == delivery);
    load.queued.iter().filter(move |waiting| !dropped(waiting.delivery))
}

/// Waiting messages that are planned anew, together with what is due: what is less severe than news, what is told again, and a
/// summary, which then speaks of all, as far as there is room for them in one pass.
fn gives_way(load: &Load, plan: &Plan, first: &Draft) -> Vec<u64> {
    let is_less = |waiting: &super::Waiting| is_news(first) && waiting.severity < first.severity;
    let mut room = load.room;
    let mut has_room = |waiting: &super::Waiting| {
        let fits = waiting.alarms <= room;
        room -= if fits { waiting.alarms } else { 0 };
        fits
    };
    let some = left(load, plan).filter(|waiting| is_less(waiting) || waiting.yields && has_room(waiting));
    some.map(|waiting| waiting.delivery).collect()
}

/// Nothing is told now: what gives way becomes due again, and everything is planned together at once.
fn make_way(plan: &mut Plan, gives_way: Vec<u64>, messages: Vec<Draft>, now: Millis) {
    plan.drops.extend(gives_way.into_iter().map(|delivery| (delivery, words::joined())));
    for (place, _) in messages.iter().flat_map(|draft| &draft.says) {
        let way =
            if plan.outcomes[*place].way == WayOn::Stay { WayOn::None } else { plan.outcomes[*place].way };
        plan.outcomes[*place] = Outcome { way, why: None, look_at: Some(now) };
    }
}
