use atalaya_api::rule::NoData;

use crate::domain::{Level, Millis, Outcome, Reason, Severity, UnknownKind};

use super::{Change, Changes, Kind, Policy, SeriesState};

/// Takes in one evaluation's outcome at its instant: the state after it, and what changed.
pub fn step(before: &SeriesState, outcome: &Outcome, now: Millis, policy: &Policy) -> (SeriesState, Changes) {
    let mut state = *before;
    let mut changes = Changes::default();
    if runs_are_stale(before.evaluated_at, now, policy.interval_ms) {
        state.empty_runs();
    }
    state.evaluated_at = Some(now);
    match outcome {
        Ok(verdict) => {
            count_known(&mut state, verdict.level, policy);
            clear_unknown(&mut state, policy, &mut changes);
            move_level(&mut state, policy, &mut changes);
        }
        Err(unknown) => {
            count_unknown(&mut state, policy);
            apply_no_data(&mut state, unknown.kind, policy, &mut changes);
        }
    }
    (state, changes)
}

/// Slots are this wide: within one, evaluations come when they come, ms.
const SLOT_MS: i64 = 1_000;

/// A gap of more than two intervals, or a clock that went back by more than one: what was counted before it
/// says nothing about what comes after.
fn runs_are_stale(evaluated_at: Option<Millis>, now: Millis, interval_ms: i64) -> bool {
    evaluated_at.is_some_and(|before| {
        let elapsed = now.since(before);
        elapsed >= 2 * interval_ms + SLOT_MS || elapsed < -interval_ms
    })
}

fn count_known(state: &mut SeriesState, level: Level, policy: &Policy) {
    for (run, at_least) in state.at_least.iter_mut().zip(Level::ALARMING) {
        *run = if level >= at_least { (*run + 1).min(policy.checks_to_alert) } else { 0 };
    }
    for (run, at_most) in state.at_most.iter_mut().zip(Level::ALL) {
        *run = if level <= at_most { (*run + 1).min(policy.checks_to_ok) } else { 0 };
    }
    state.unknown_run = 0;
    if state.unknown_raised {
        state.known_run = (state.known_run + 1).min(policy.checks_to_ok);
    }
}

fn count_unknown(state: &mut SeriesState, policy: &Policy) {
    state.unknown_run = (state.unknown_run + 1).min(policy.checks_to_alert);
    state.known_run = 0;
}

fn clear_unknown(state: &mut SeriesState, policy: &Policy, changes: &mut Changes) {
    if state.unknown_raised && state.known_run >= policy.checks_to_ok {
        changes.push(state.change_unknown(false, Reason::DataBack));
    }
}

/// Raises or escalates to the highest level that checks to alert reached; else lowers or clears to the highest
/// of the last checks-to-OK verdicts, when all of them are below what is held.
fn move_level(state: &mut SeriesState, policy: &Policy, changes: &mut Changes) {
    let reached = |(run, _): &(u8, Level)| *run >= policy.checks_to_alert;
    let up = state.at_least.into_iter().zip(Level::ALARMING).rfind(reached).map(|(_, level)| level);
    if let Some(level) = up.filter(|level| *level > state.held) {
        changes.push(state.change_level(level, Reason::ChecksToAlert));
        return;
    }
    let settled = |(run, _): &(u8, Level)| *run >= policy.checks_to_ok;
    let down = state.at_most.into_iter().zip(Level::ALL).find(settled).map(|(_, level)| level);
    if let Some(level) = down.filter(|level| *level < state.held) {
        changes.push(state.change_level(level, Reason::ChecksToOk));
    }
}

fn apply_no_data(state: &mut SeriesState, kind: UnknownKind, policy: &Policy, changes: &mut Changes) {
    if state.unknown_run < policy.checks_to_alert {
        return;
    }
    match policy.no_data {
        NoData::Alarm if !state.unknown_raised => {
            changes.push(state.change_unknown(true, Reason::Unknown(kind)))
        }
        NoData::Ok if state.held > Level::Ok => {
            changes.push(state.change_level(Level::Ok, Reason::NoDataIsOk));
            // What was counted led to the alarm that is now closed; it must not raise the next one at once.
            state.empty_levels();
        }
        NoData::Alarm | NoData::Ok | NoData::Keep => {}
    }
}

impl SeriesState {
    fn change_level(&mut self, level: Level, reason: Reason) -> Change {
        let before = Severity::from_level(self.held);
        self.seq += 1;
        if before.is_none() {
            self.held_since_seq = self.seq;
        }
        self.held = level;
        let after = Severity::from_level(level);
        Change { kind: Kind::Level, seq: self.seq, raised_seq: self.held_since_seq, before, after, reason }
    }

    fn change_unknown(&mut self, raised: bool, reason: Reason) -> Change {
        self.seq += 1;
        if raised {
            self.unknown_since_seq = self.seq;
        }
        self.unknown_raised = raised;
        self.known_run = 0;
        let (before, after) =
            if raised { (None, Some(Severity::Unknown)) } else { (Some(Severity::Unknown), None) };
        Change {
            kind: Kind::Unknown,
            seq: self.seq,
            raised_seq: self.unknown_since_seq,
            before,
            after,
            reason,
        }
    }

    fn empty_levels(&mut self) {
        self.at_least = [0; 3];
        self.at_most = [0; 3];
    }
}

/// Closes both alarms for a reason that is not a verdict: the rule was paused or deleted, its query changed,
/// the series is gone. What was held is remembered, so that an undo can bring it back.
pub fn close(before: &SeriesState, reason: Reason, now: Millis) -> (SeriesState, Changes) {
    let mut state = *before;
    let mut changes = Changes::default();
    state.closed_held = state.held;
    state.closed_unknown = state.unknown_raised;
    state.closed_at = Some(now);
    if state.held > Level::Ok {
        changes.push(state.change_level(Level::Ok, reason));
    }
    if state.unknown_raised {
        changes.push(state.change_unknown(false, reason));
    }
    state.empty_runs();
    (state, changes)
}

/// For how long after a close an undo brings the same alarms back; later the series starts afresh.
pub const UNDO_MS: i64 = 15 * 60_000;

/// Undoes a [`close`] of at most [`UNDO_MS`] ago: the same alarms stand again.
pub fn reopen(before: &SeriesState, now: Millis) -> (SeriesState, Changes) {
    let mut state = SeriesState { closed_held: Level::Ok, closed_unknown: false, closed_at: None, ..*before };
    state.empty_runs();
    let mut changes = Changes::default();
    if before.closed_at.is_none_or(|closed| now.since(closed) > UNDO_MS) {
        return (state, changes);
    }
    if let Some(severity) = Severity::from_level(before.closed_held).filter(|_| state.held == Level::Ok) {
        state.seq += 1;
        state.held = before.closed_held;
        changes.push(reopened(Kind::Level, state.seq, state.held_since_seq, severity));
    }
    if before.closed_unknown && !state.unknown_raised {
        state.seq += 1;
        state.unknown_raised = true;
        changes.push(reopened(Kind::Unknown, state.seq, state.unknown_since_seq, Severity::Unknown));
    }
    (state, changes)
}

fn reopened(kind: Kind, seq: u64, raised_seq: u64, severity: Severity) -> Change {
    Change { kind, seq, raised_seq, before: None, after: Some(severity), reason: Reason::Restored }
}

/// Whether an evaluation may count at all: not before one full window after the start.
pub fn counts(started: Millis, now: Millis, window_ms: f64) -> bool {
    now.since(started) as f64 >= window_ms
}
