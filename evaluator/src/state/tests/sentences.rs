use super::*;
use crate::domain::Level::{Critical, Major, Ok as Fine, Warning};
use crate::domain::{Reason, Severity};
use crate::state::{Change, Kind, UNDO_MS, close, counts, reopen};

fn only(changes: Changes) -> Change {
    let all: Vec<_> = changes.iter().copied().collect();
    assert_eq!(all.len(), 1, "{all:?}");
    all[0]
}

// --- Runs

#[test]
fn an_unknown_verdict_neither_advances_nor_resets_a_run() {
    let mut series = Series::new(policy(3, 2));
    series.judge_all(&[Critical, Critical]);
    assert!(series.judge(unknown()).is_empty());
    assert_eq!(series.state.held, Fine);
    assert_eq!(only(series.judge(known(Critical))).after, Some(Severity::Critical));
}

#[test]
fn a_gap_of_more_than_two_intervals_empties_the_runs_and_keeps_what_is_held() {
    let mut series = Series::new(policy(3, 2));
    series.judge_all(&[Major, Major, Major, Critical, Critical]);
    series.now = series.now.plus(2 * SECOND);
    assert!(series.judge(known(Critical)).is_empty());
    assert_eq!(series.state.held, Major);
    assert_eq!(series.judge_all(&[Critical, Critical]), [Major, Critical]);
}

#[test]
fn a_gap_of_two_intervals_keeps_the_runs() {
    let mut series = Series::new(policy(3, 2));
    series.judge_all(&[Critical, Critical]);
    series.now = series.now.plus(SECOND);
    assert_eq!(only(series.judge(known(Critical))).after, Some(Severity::Critical));
}

#[test]
fn two_intervals_are_not_more_than_two_for_being_some_milliseconds_late() {
    let mut series = Series::new(policy(3, 2));
    series.judge_all(&[Critical, Critical]);
    series.now = series.now.plus(SECOND + 40);
    assert_eq!(only(series.judge(known(Critical))).after, Some(Severity::Critical));
}

#[test]
fn a_clock_that_goes_back_by_more_than_an_interval_empties_the_runs() {
    let mut series = Series::new(policy(3, 2));
    series.judge_all(&[Critical, Critical]);
    series.now = series.now.plus(-3_600 * SECOND);
    assert!(series.judge(known(Critical)).is_empty());
    assert_eq!(series.judge_all(&[Critical, Critical]), [Fine, Critical]);
}

// --- Raise

#[test]
fn an_alarm_is_raised_at_the_highest_level_that_every_verdict_of_the_run_reached() {
    let mut series = Series::new(policy(3, 2));
    assert_eq!(series.judge_all(&[Warning, Critical, Critical]), [Fine, Fine, Warning]);
}

#[test]
fn one_more_critical_escalates_it() {
    let mut series = Series::new(policy(3, 2));
    series.judge_all(&[Warning, Critical, Critical]);
    let change = only(series.judge(known(Critical)));
    assert_eq!((change.before, change.after), (Some(Severity::Warning), Some(Severity::Critical)));
    assert_eq!(change.reason, Reason::ChecksToAlert);
}

#[test]
fn with_one_check_to_alert_the_first_verdict_raises() {
    let mut series = Series::new(policy(1, 1));
    assert_eq!(series.judge_all(&[Major, Fine, Critical]), [Major, Fine, Critical]);
}

// --- Escalate, de-escalate, clear

#[test]
fn escalating_counts_verdicts_above_the_held_level() {
    let mut series = Series::new(policy(2, 2));
    assert_eq!(
        series.judge_all(&[Warning, Warning, Critical, Warning, Critical, Critical]),
        [Fine, Warning, Warning, Warning, Warning, Critical]
    );
}

#[test]
fn when_the_last_verdicts_are_all_below_the_held_level_it_falls_to_the_highest_of_them() {
    let mut series = Series::new(policy(1, 3));
    assert_eq!(series.judge_all(&[Critical, Fine, Warning, Fine]), [Critical, Critical, Critical, Warning],);
}

#[test]
fn it_clears_when_the_last_verdicts_are_all_ok() {
    let mut series = Series::new(policy(3, 2));
    series.judge_all(&[Critical, Critical, Critical, Fine]);
    let change = only(series.judge(known(Fine)));
    assert_eq!((change.before, change.after), (Some(Severity::Critical), None));
    assert_eq!(change.reason, Reason::ChecksToOk);
}

#[test]
fn one_verdict_at_the_held_level_starts_the_recovery_anew() {
    let mut series = Series::new(policy(1, 2));
    assert_eq!(series.judge_all(&[Major, Fine, Major, Fine, Fine]), [Major, Major, Major, Major, Fine]);
}

// --- Unknown

#[test]
fn unknown_verdicts_in_a_row_raise_a_second_alarm_beside_what_is_held() {
    let mut series = Series::new(policy(3, 2));
    series.judge_all(&[Major, Major, Major]);
    assert!(series.judge(unknown()).is_empty());
    assert!(series.judge(unknown()).is_empty());
    let change = only(series.judge(unknown()));
    assert_eq!((change.kind, change.after), (Kind::Unknown, Some(Severity::Unknown)));
    assert_eq!(change.reason, Reason::Unknown(UnknownKind::NotEnoughData));
    assert_eq!(series.state.held, Major);
}

#[test]
fn the_unknown_alarm_is_cleared_by_known_verdicts_of_any_level() {
    let mut series = Series::new(policy(1, 2));
    series.judge_all(&[Major]);
    series.judge(unknown());
    assert!(series.judge(known(Major)).is_empty());
    let change = only(series.judge(known(Major)));
    assert_eq!((change.kind, change.after, change.reason), (Kind::Unknown, None, Reason::DataBack));
    assert_eq!(series.state.held, Major);
}

#[test]
fn a_policy_of_keep_marks_and_changes_nothing() {
    let mut series = Series::new(Policy { no_data: NoData::Keep, ..policy(1, 1) });
    series.judge_all(&[Critical]);
    for _ in 0..10 {
        assert!(series.judge(unknown()).is_empty());
    }
    assert_eq!(series.state.held, Critical);
    assert_eq!(series.state.unknown_run, 1);
}

#[test]
fn a_policy_of_ok_clears_what_is_held_and_counts_anew() {
    let mut series = Series::new(Policy { no_data: NoData::Ok, ..policy(2, 2) });
    series.judge_all(&[Critical, Critical]);
    assert!(series.judge(unknown()).is_empty());
    let change = only(series.judge(unknown()));
    assert_eq!((change.after, change.reason), (None, Reason::NoDataIsOk));
    assert!(series.judge(known(Critical)).is_empty());
    assert_eq!(only(series.judge(known(Critical))).after, Some(Severity::Critical));
}

#[test]
fn no_run_counts_before_one_full_window_after_the_start() {
    assert!(!counts(Millis(0), Millis(2_999), 3_000.0));
    assert!(counts(Millis(0), Millis(3_000), 3_000.0));
}

// --- Edits

#[test]
fn emptied_runs_keep_what_is_held_and_it_is_judged_anew() {
    let mut series = Series::new(policy(3, 2));
    series.judge_all(&[Critical, Critical, Critical, Fine]);
    series.state.empty_runs();
    assert_eq!(series.judge_all(&[Fine, Fine]), [Critical, Fine]);
}

#[test]
fn closing_ends_both_alarms_with_its_reason() {
    let mut series = Series::new(policy(1, 2));
    series.judge_all(&[Major]);
    series.judge(unknown());
    let (state, changes) = close(&series.state, Reason::RulePaused, series.now);
    let closed: Vec<_> = changes.iter().map(|change| (change.kind, change.after, change.reason)).collect();
    assert_eq!(closed, [(Kind::Level, None, Reason::RulePaused), (Kind::Unknown, None, Reason::RulePaused)]);
    assert_eq!((state.held, state.unknown_raised), (Fine, false));
}

#[test]
fn an_undo_brings_the_same_alarm_back() {
    let mut series = Series::new(policy(1, 1));
    let raised = only(series.judge(known(Major)));
    let (closed, _) = close(&series.state, Reason::RuleDeleted, series.now);
    let (state, changes) = reopen(&closed, series.now.plus(60 * SECOND));
    let change = only(changes);
    assert_eq!((change.before, change.after, change.reason), (None, Some(Severity::Major), Reason::Restored));
    assert_eq!(change.raised_seq, raised.raised_seq);
    assert_eq!(state.held, Major);
    assert!(reopen(&state, series.now).1.is_empty(), "an undo is done once");
}

#[test]
fn an_undo_that_comes_after_a_quarter_of_an_hour_starts_afresh() {
    let mut series = Series::new(policy(1, 1));
    series.judge(known(Major));
    let (closed, _) = close(&series.state, Reason::RulePaused, series.now);
    let (state, changes) = reopen(&closed, series.now.plus(UNDO_MS + 1));
    assert!(changes.is_empty());
    assert_eq!((state.held, state.closed_held), (Fine, Fine));
}

#[test]
fn seq_has_no_gap_and_never_resets() {
    let mut series = Series::new(policy(1, 1));
    let mut seqs = Vec::new();
    for level in [Warning, Critical, Fine, Major] {
        seqs.extend(series.judge(known(level)).iter().map(|change| change.seq));
    }
    series.state.empty_runs();
    let (state, changes) = close(&series.state, Reason::QueryChanged, series.now);
    seqs.extend(changes.iter().map(|change| change.seq));
    series.state = state;
    seqs.extend(series.judge(known(Warning)).iter().map(|change| change.seq));
    assert_eq!(seqs, [1, 2, 3, 4, 5, 6]);
}
