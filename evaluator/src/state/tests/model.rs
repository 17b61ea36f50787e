//! The state machine against a model that is slow and plain: it keeps every verdict since the runs were last
//! emptied and reads the design's sentences off the list.

use proptest::prelude::*;

use super::*;
use crate::domain::Severity;

/// What happens to a series, in one second.
#[derive(Clone, Copy, Debug)]
enum Second {
    Known(Level),
    Unknown,
    /// The evaluator stood still this many seconds.
    Gap(i64),
    Edited,
}

#[derive(Default)]
struct Model {
    /// Known verdicts since the runs were emptied.
    known: Vec<Level>,
    /// The outcomes since then, true = known: for runs of unknown and of known ones.
    outcomes: Vec<bool>,
    /// Outcomes since unknown was raised.
    since_unknown: Vec<bool>,
    held: Level,
    unknown_raised: bool,
}

impl Model {
    fn empty(&mut self) {
        self.known.clear();
        self.outcomes.clear();
        self.since_unknown.clear();
    }

    fn last(list: &[Level], count: u8) -> Option<&[Level]> {
        list.len().checked_sub(usize::from(count)).map(|start| &list[start..])
    }

    fn all_last(list: &[bool], count: u8, wanted: bool) -> bool {
        list.len() >= usize::from(count)
            && list[list.len() - usize::from(count)..].iter().all(|one| *one == wanted)
    }

    fn judge(&mut self, verdict: Option<Level>, policy: &Policy) {
        self.outcomes.push(verdict.is_some());
        self.since_unknown.push(verdict.is_some());
        match verdict {
            Some(level) => self.judge_known(level, policy),
            None => self.judge_unknown(policy),
        }
    }

    fn judge_known(&mut self, level: Level, policy: &Policy) {
        self.known.push(level);
        if self.unknown_raised && Self::all_last(&self.since_unknown, policy.checks_to_ok, true) {
            self.unknown_raised = false;
        }
        let raised =
            Self::last(&self.known, policy.checks_to_alert).and_then(|run| run.iter().min().copied());
        let fallen = Self::last(&self.known, policy.checks_to_ok).and_then(|run| run.iter().max().copied());
        if let Some(level) = raised.filter(|level| *level > self.held) {
            self.held = level;
        } else if let Some(level) = fallen.filter(|level| *level < self.held) {
            self.held = level;
        }
    }

    fn judge_unknown(&mut self, policy: &Policy) {
        if !Self::all_last(&self.outcomes, policy.checks_to_alert, false) {
            return;
        }
        match policy.no_data {
            NoData::Alarm if !self.unknown_raised => {
                self.unknown_raised = true;
                self.since_unknown.clear();
            }
            NoData::Ok if self.held > Level::Ok => {
                self.held = Level::Ok;
                self.known.clear();
            }
            _ => {}
        }
    }
}

fn seconds() -> impl Strategy<Value = Vec<Second>> {
    let level = prop::sample::select(Level::ALL.to_vec());
    let second = prop_oneof![
        12 => level.prop_map(Second::Known),
        4 => Just(Second::Unknown),
        1 => (2i64..5).prop_map(Second::Gap),
        1 => Just(Second::Edited),
    ];
    prop::collection::vec(second, 0..120)
}

fn policies() -> impl Strategy<Value = Policy> {
    let no_data = prop::sample::select(vec![NoData::Alarm, NoData::Keep, NoData::Ok]);
    (1u8..6, 1u8..6, no_data).prop_map(|(checks_to_alert, checks_to_ok, no_data)| Policy {
        checks_to_alert,
        checks_to_ok,
        no_data,
        interval_ms: SECOND,
    })
}

proptest! {
    #[test]
    fn the_counters_decide_as_the_whole_list_of_verdicts_would(policy in policies(), seconds in seconds()) {
        let (mut series, mut model) = (Series::new(policy), Model::default());
        let (mut told, mut told_unknown, mut seq) = (None, None, 0);
        for second in seconds {
            let outcome = match second {
                Second::Known(level) => known(level),
                Second::Unknown => unknown(),
                Second::Edited => {
                    series.state.empty_runs();
                    model.empty();
                    continue;
                }
                Second::Gap(seconds) => {
                    series.now = series.now.plus(seconds * SECOND);
                    if series.state.evaluated_at.is_some() {
                        model.empty();
                    }
                    continue;
                }
            };
            model.judge(outcome.as_ref().ok().map(|verdict| verdict.level), &policy);
            for change in series.judge(outcome).iter() {
                let standing = if change.kind == crate::state::Kind::Level { &mut told } else { &mut told_unknown };
                prop_assert_eq!(change.before, *standing, "each change starts where the last one ended");
                prop_assert_ne!(change.before, change.after);
                *standing = change.after;
                seq += 1;
                prop_assert_eq!(change.seq, seq);
            }
            prop_assert_eq!(series.state.held, model.held);
            prop_assert_eq!(series.state.unknown_raised, model.unknown_raised);
            prop_assert_eq!(told, Severity::from_level(model.held));
            prop_assert_eq!(told_unknown.is_some(), model.unknown_raised);
        }
    }
}
