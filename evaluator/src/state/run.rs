//! Keeps the evaluations that a coming transition will rest on, so that its evidence holds what was really seen.

use crate::domain::{Evaluated, Run, Sha256};

use super::{Policy, SeriesState};

/// Whether an evaluation is part of a run: it speaks against what stands, or ends a lack of data.
///
/// A steady series has none, so it keeps nothing.
pub fn is_part_of_run(
    before: &SeriesState,
    evaluated_level: Option<crate::domain::Level>,
    policy: &Policy,
) -> bool {
    match evaluated_level {
        Some(level) => level != before.held || before.unknown_raised,
        None => before.unknown_run < policy.checks_to_alert,
    }
}

/// Adds an evaluation to the run and forgets those that no transition can rest on any more: the last n and m
/// known ones and the last n unknown ones are enough.
pub fn remember(run: &mut Option<Box<Run>>, start: RunStart<'_>, evaluated: Evaluated, policy: &Policy) {
    let run = run.get_or_insert_with(|| {
        Box::new(Run {
            check: start.check,
            record: start.record,
            first_memory: start.memory.map(<[u8]>::to_vec),
            evaluations: Vec::new(),
        })
    });
    run.evaluations.push(evaluated);
    trim(run, policy);
}

/// What a run that begins now begins with.
#[derive(Clone, Copy, Debug)]
pub struct RunStart<'a> {
    pub check: Sha256,
    pub record: Sha256,
    /// The check's memory before the evaluation.
    pub memory: Option<&'a [u8]>,
}

/// Where the last `count` evaluations that are known (or unknown) begin.
fn first_of_last(run: &Run, known: bool, count: u8) -> usize {
    let places = run.evaluations.iter().enumerate().rev().filter(|(_, one)| one.outcome.is_ok() == known);
    places.take(usize::from(count)).last().map_or(0, |(place, _)| place)
}

fn trim(run: &mut Run, policy: &Policy) {
    let known = run.evaluations.iter().filter(|one| one.outcome.is_ok()).count();
    let wanted = policy.checks_to_alert.max(policy.checks_to_ok);
    if known > usize::from(wanted) {
        let first = first_of_last(run, true, wanted);
        *run = from(run, first);
    }
}

/// The run from one evaluation on, with the memory that this one had.
fn from(run: &Run, first: usize) -> Run {
    let mut memories =
        run.evaluations[..first].iter().filter_map(|one| one.outcome.as_ref().ok()?.memory.as_ref());
    let first_memory = memories.next_back().or(run.first_memory.as_ref()).cloned();
    Run { check: run.check, record: run.record, first_memory, evaluations: run.evaluations[first..].to_vec() }
}

/// The part of a run that decided a transition: the last `count` evaluations of its kind, and what lies between.
pub fn deciding(run: &Run, known: bool, count: u8) -> Run {
    from(run, first_of_last(run, known, count))
}

#[cfg(test)]
mod tests {
    use atalaya_api::rule::NoData;

    use super::*;
    use crate::domain::{Level, Unknown, UnknownKind, Verdict};

    const POLICY: Policy =
        Policy { checks_to_alert: 3, checks_to_ok: 2, no_data: NoData::Alarm, interval_ms: 1_000 };
    const START: RunStart<'_> = RunStart { check: Sha256([1; 32]), record: Sha256([2; 32]), memory: None };

    fn evaluated(now: f64, level: Option<Level>, memory: Option<u8>) -> Evaluated {
        let outcome = match level {
            Some(level) => Ok(Verdict { level, value: None, memory: memory.map(|byte| vec![byte]) }),
            None => Err(Unknown::of(UnknownKind::Trapped)),
        };
        Evaluated {
            now,
            held: Level::Ok,
            minute: 0,
            step: 0.0,
            outcome,
            times: vec![],
            values: vec![],
            ends: vec![0],
        }
    }

    #[test]
    fn a_run_that_leads_nowhere_stays_short() {
        let mut run = None;
        for second in 0..1_000 {
            let level = (second % 3 > 0).then_some(Level::Critical);
            remember(&mut run, START, evaluated(f64::from(second), level, None), &POLICY);
        }
        assert!(run.expect("something was remembered").evaluations.len() <= 10);
    }

    #[test]
    fn the_deciding_part_begins_with_the_memory_its_first_evaluation_had() {
        let mut run = None;
        for second in 0..5 {
            remember(
                &mut run,
                START,
                evaluated(f64::from(second), Some(Level::Major), Some(second as u8)),
                &POLICY,
            );
        }
        let part = deciding(&run.expect("something was remembered"), true, 2);
        assert_eq!(part.evaluations.iter().map(|one| one.now).collect::<Vec<_>>(), [3.0, 4.0]);
        assert_eq!(part.first_memory, Some(vec![2]));
    }
}
