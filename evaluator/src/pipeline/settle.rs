//! From outcomes to what is stored: the state machine's steps, transitions with their evidence and words.

use crate::check::RecordId;
use crate::clock::Now;
use crate::domain::{AlarmId, Evaluated, Millis, Outcome, Reason, Texts, Transition, UnknownKind};
use crate::state::{self, Change, Changes, RunStart, SeriesState};
use crate::store::CycleCommit;
use crate::window;

use super::roster::{Roster, Watched, Watching};
use super::rounds::{Seen, batch_of};
use super::{Pipeline, words};

/// After a start a series that was silent has this long to come back before it may be given up, ms.
const RETURN_MS: i64 = 15 * 60_000;

/// A transition whose words the check is still to be asked for.
struct Unexplained {
    transition: usize,
    check: usize,
    record: RecordId,
    evaluated: Evaluated,
    memory: Option<Box<[u8]>>,
}

impl Pipeline {
    pub(super) fn settle(&mut self, now: Now, commit: &mut CycleCommit) {
        let mut unexplained = Vec::new();
        {
            let mut roster = self.shared.roster();
            let judged = self.rounds.iter().flat_map(|round| round.seen());
            let unjudged = self.unjudged.iter().map(|one| one.seen());
            for seen in judged.chain(unjudged) {
                roster.totals.evaluations += 1;
                unexplained.extend(self.settle_one(&mut roster, &seen, now, commit));
            }
            roster.totals.checked_at = Some(now.wall);
        }
        for one in unexplained {
            commit.transitions[one.transition].message = self.explain(&one);
        }
    }

    fn settle_one(
        &self,
        roster: &mut Roster,
        seen: &Seen<'_>,
        now: Now,
        commit: &mut CycleCommit,
    ) -> Option<Unexplained> {
        let watched = roster.at_mut(seen.row.place)?;
        let place = seen.row.series as usize;
        let instant = seen.row.at;
        watched.series[place].show(seen.outcome, instant, seen.newest());
        if !watched.series[place].was_seen() || !self.runs_count(watched, now) || self.is_excused(seen) {
            return None;
        }
        let before = watched.series[place].state;
        let memory = watched.series[place].memory.clone();
        let (after, changes) = state::step(&before, seen.outcome, instant, &watched.policy);
        keep_evidence(watched, place, &before, seen);
        watched.series[place].take_memory(seen.outcome);
        watched.series[place].state = after;
        let made = commit.transitions.len();
        write(watched, place, &changes, Some(seen.outcome), instant, commit);
        if after.differs(&before) {
            commit.states.push(watched.row(&watched.series[place], instant));
        }
        self.give_up_if_gone(watched, place, seen.outcome, (instant, now), commit);
        let explainable = changes.iter().position(|change| is_said_by_check(change.reason, seen.outcome))?;
        Some(Unexplained {
            transition: made + explainable,
            check: watched.check?,
            record: watched.record?,
            evaluated: seen.evaluated(),
            memory,
        })
    }

    /// After the clock was set samples seem to be missing that are not: the clock's own alarm speaks for that.
    fn is_excused(&self, seen: &Seen<'_>) -> bool {
        let lacks_data =
            seen.outcome.as_ref().is_err_and(|unknown| unknown.kind == UnknownKind::NotEnoughData);
        lacks_data && self.clock_unsure_until.is_some()
    }

    /// No run counts before one full window after the start: the samples before it may not all have come. A source
    /// elsewhere has them whether we were there or not.
    fn runs_count(&self, watched: &Watched, now: Now) -> bool {
        if watched.is_elsewhere {
            return true;
        }
        let running = now.mono.saturating_sub(self.start.mono).as_millis() as i64;
        state::counts(Millis(0), Millis(running), window::length(&watched.inputs))
    }

    /// A series without samples for longer than `forget_after`: its alarms close, and it waits for a sample. After a start
    /// each gets a while to come back first.
    fn give_up_if_gone(
        &self,
        watched: &mut Watched,
        place: usize,
        outcome: &Outcome,
        (instant, now): (Millis, Now),
        commit: &mut CycleCommit,
    ) {
        let lacks_data = outcome.as_ref().is_err_and(|unknown| unknown.kind == UnknownKind::NotEnoughData);
        let silent = watched.series[place].seen_at.map_or(0, |seen| instant.since(seen));
        let watched_for = now.mono.saturating_sub(self.start.mono).as_millis() as i64;
        if lacks_data && silent >= self.forget_after_ms && watched_for >= RETURN_MS.min(self.forget_after_ms)
        {
            close_series(watched, place, Reason::SeriesGone, instant, commit);
            watched.series[place].gone = true;
        }
    }

    fn explain(&mut self, one: &Unexplained) -> Texts {
        let check = self.checks[one.check].clone();
        let batch = batch_of(&one.evaluated, one.record, one.memory.as_deref());
        let draw = (one.evaluated.now, one.evaluated.now);
        let mut ask = |language| self.runner.explain(&check, &batch, language, draw).map(|said| said.message);
        match (ask("en"), ask("es")) {
            (Ok(en), Ok(es)) => Texts { en, es },
            (Err(unknown), _) | (_, Err(unknown)) => words::of_unknown(&unknown),
        }
    }
}

/// A verdict, or what the check itself finds missing: it says so in both languages.
fn is_said_by_check(reason: Reason, outcome: &Outcome) -> bool {
    match reason {
        Reason::ChecksToAlert | Reason::ChecksToOk => true,
        Reason::Unknown(UnknownKind::NotEnoughData) => {
            outcome.as_ref().is_err_and(|unknown| unknown.words.is_some())
        }
        _ => false,
    }
}

/// Closes a series' alarms for a reason that is not a verdict.
pub fn close_series(
    watched: &mut Watched,
    place: usize,
    reason: Reason,
    now: Millis,
    commit: &mut CycleCommit,
) {
    let (after, changes) = state::close(&watched.series[place].state, reason, now);
    watched.series[place].run = None;
    take_over(watched, place, after, &changes, now, commit);
}

/// Brings back what an undo brings back.
pub fn reopen_series(watched: &mut Watched, place: usize, now: Millis, commit: &mut CycleCommit) {
    let (after, changes) = state::reopen(&watched.series[place].state, now);
    take_over(watched, place, after, &changes, now, commit);
}

fn take_over(
    watched: &mut Watched,
    place: usize,
    after: SeriesState,
    changes: &Changes,
    now: Millis,
    commit: &mut CycleCommit,
) {
    let before = std::mem::replace(&mut watched.series[place].state, after);
    write(watched, place, changes, None, now, commit);
    if after.differs(&before) {
        commit.states.push(watched.row(&watched.series[place], now));
    }
}

fn keep_evidence(watched: &mut Watched, place: usize, before: &SeriesState, seen: &Seen<'_>) {
    let level = seen.outcome.as_ref().ok().map(|verdict| verdict.level);
    let (check, record, policy) = (watched.check_hash, watched.record_hash, watched.policy);
    let series = &mut watched.series[place];
    if state::is_part_of_run(before, level, &policy) {
        let start = RunStart { check, record, memory: series.memory.as_deref() };
        state::remember(&mut series.run, start, seen.evaluated(), &policy);
    } else if level.is_some() {
        series.run = None;
    }
}

/// Turns the state machine's changes into transitions.
fn write(
    watched: &Watched,
    place: usize,
    changes: &Changes,
    outcome: Option<&Outcome>,
    at: Millis,
    commit: &mut CycleCommit,
) {
    let series = &watched.series[place];
    for change in changes.iter() {
        let subject = watched.subject(series);
        let message = match outcome {
            Some(Err(unknown)) => words::of_unknown(unknown),
            _ => words::of_reason(change.reason),
        };
        commit.transitions.push(Transition {
            alarm: AlarmId::raised_by(&subject.key(), change.raised_seq),
            subject,
            seq: change.seq,
            at,
            before: change.before,
            after: change.after,
            reason: change.reason,
            value: series.value,
            message,
            evidence: outcome.and_then(|_| evidence(watched, series, change)),
            context: watched.context.clone(),
        });
        commit.records.extend(outcome.map(|_| (watched.record_hash, watched.stored_record.as_ref().clone())));
    }
}

fn evidence(watched: &Watched, series: &Watching, change: &Change) -> Option<Vec<u8>> {
    let run = series.run.as_ref()?;
    let (known, count) = match change.reason {
        Reason::ChecksToAlert => (true, watched.policy.checks_to_alert),
        Reason::ChecksToOk | Reason::DataBack => (true, watched.policy.checks_to_ok),
        _ => (false, watched.policy.checks_to_alert),
    };
    Some(state::deciding(run, known, count).encode())
}
