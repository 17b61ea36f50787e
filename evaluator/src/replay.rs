//! Judging stored evidence again: the same check, told the same, must say the same to the bit.

use std::sync::Arc;

use crate::check::{Check, Runner};
use crate::clock::Now;
use crate::domain::{Level, Outcome, Reason, RuleRecord, Run, Severity, Verdict};
use crate::pipeline::batch_of;

/// Whether every evaluation of the run, made anew, gives the outcome that was stored.
///
/// A lack of data is the host's own answer and needs no check; a limit that was hit is hit again.
pub fn agrees(runner: &mut Runner, check: &Arc<Check>, record: &RuleRecord, run: &Run, now: Now) -> bool {
    let id = runner.record(check, record);
    let fewest = runner.prepared(id).map_or(0, |prepared| prepared.fewest as usize);
    let mut memory = run.first_memory.clone();
    let mut outcomes = Vec::with_capacity(1);
    let same = run.evaluations.iter().all(|evaluated| {
        if evaluated.values.len() < fewest {
            return evaluated.outcome.is_err();
        }
        outcomes.clear();
        runner.evaluate_alone(check, &batch_of(evaluated, id, memory.as_deref()), now, &mut outcomes);
        if let Some(Ok(Verdict { memory: Some(left), .. })) = outcomes.first() {
            memory = Some(left.clone());
        }
        outcomes.first().is_some_and(|again| same_outcome(again, &evaluated.outcome))
    });
    runner.release(id);
    same
}

/// Equal to the bit, where NaN equals NaN; of failures the kind counts, not the words.
fn same_outcome(a: &Outcome, b: &Outcome) -> bool {
    match (a, b) {
        (Ok(a), Ok(b)) => {
            a.level == b.level
                && a.memory == b.memory
                && a.value.map(f64::to_bits) == b.value.map(f64::to_bits)
        }
        (Err(a), Err(b)) => a.kind == b.kind,
        _ => false,
    }
}

/// The severity that a run leads to by the state machine's rules, whatever the counts: a raise goes to the
/// lowest of its verdicts, a recovery to the highest. None for reasons that are no verdict's.
pub fn leads_to(run: &Run, reason: Reason) -> Option<Option<Severity>> {
    let levels =
        run.evaluations.iter().filter_map(|one| one.outcome.as_ref().ok()).map(|verdict| verdict.level);
    let level: Level = match reason {
        Reason::ChecksToAlert => levels.min()?,
        Reason::ChecksToOk => levels.max()?,
        Reason::Unknown(_) => return Some(Some(Severity::Unknown)),
        Reason::DataBack => return Some(None),
        _ => return None,
    };
    Some(Severity::from_level(level))
}
