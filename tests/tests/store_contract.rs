//! SQLite keeps every promise of the store, and some of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use atalaya::clock::{Clock, SystemClock};
use atalaya::domain::{
    AlarmContext, AlarmId, MaintenanceConfig, MaintenanceId, Millis, Mute, MuteId, Reason, RuleId, Severity,
    Subject, Texts, Transition,
};
use atalaya::store::sqlite::SqliteStore;
use atalaya::store::{self, CycleCommit, SettingsStore as _, Store, StoreError};
use atalaya_api::quiet::{MaintenanceDraft, MuteKind, MuteTarget};
use atalaya_tests::promises;

fn open(directory: &Path, clock: Arc<dyn Clock>) -> store::Result<Arc<dyn Store>> {
    Ok(SqliteStore::open(&directory.join("atalaya.db"), clock)?)
}

promises! { open =>
    a_receiver_is_read_back_as_it_was_written,
    a_change_of_a_receiver_with_an_old_version_is_refused_and_nothing_is_written,
    a_receivers_secret_stays_until_another_takes_its_place,
    a_receiver_that_rules_name_is_deleted_and_comes_back_with_its_secret,
    rules_are_counted_by_the_receivers_that_they_tell,
    secrets_of_receivers_are_neither_in_the_files_nor_in_the_audit,
    a_calendar_is_read_back_as_it_was_written,
    a_change_of_a_calendar_with_an_old_version_is_refused_and_nothing_is_written,
    a_calendar_that_rules_use_is_not_deleted_and_a_deleted_one_comes_back,
    an_acknowledgement_stays_until_it_is_taken_back_whatever_the_alarm_does,
    of_thousands_of_acknowledgements_each_has_its_line_of_the_audit_log,
    alarms_are_filtered_by_who_has_seen_them_and_by_what_is_muted,
    mutes_are_kept_until_four_hundred_days_after_their_end,
    a_mute_is_ended_once_and_the_audit_log_tells_both,
    what_can_be_muted_has_a_name,
    a_planned_window_is_read_back_changed_deleted_and_restored,
    a_window_that_is_changed_while_it_is_in_force_ends_for_what_it_no_longer_holds,
    a_history_comes_to_its_counts_hours_and_noisiest_metrics,
    hours_of_a_history_are_those_within_its_stretch,
    of_active_alarms_the_worst_is_asked_for_by_name,
    alarms_of_another_system_are_history_and_no_news,
    a_history_read_again_changes_only_what_ended_since,
    an_import_is_taken_back_and_nothing_else_is,
    a_rule_is_read_back_as_it_was_written,
    a_change_with_an_old_version_is_refused_and_nothing_is_written,
    a_rule_that_is_not_there_cannot_be_changed,
    of_two_changes_at_once_one_wins,
    a_deleted_rule_is_kept_apart_and_can_be_restored,
    each_change_of_a_rule_is_an_event,
    rules_are_found_by_every_word_whatever_its_case,
    rules_are_filtered_by_place_label_and_severity,
    rules_sort_by_the_worst_severity_they_hold,
    rules_are_found_by_the_source_they_ask,
    many_rules_are_written_in_order_each_with_its_audit_and_event,
    of_many_rules_none_is_written_when_one_has_moved,
    rules_are_filtered_by_check_template_period_and_pause,
    rules_are_filtered_by_sets_that_are_known_elsewhere,
    by_state_paused_rules_come_first_and_what_is_held_last_whatever_came_when,
    a_template_is_read_back_as_it_was_written,
    a_template_and_its_rules_change_together_or_not_at_all,
    templates_are_listed_by_name_the_deleted_apart_and_a_name_is_free_again,
    a_source_is_read_back_as_it_was_written,
    a_change_of_a_source_with_an_old_version_is_refused_and_nothing_is_written,
    a_secret_stays_until_another_takes_its_place,
    a_deleted_source_is_kept_apart_and_can_be_restored_with_its_secret,
    a_source_that_enabled_rules_use_is_not_deleted,
    secrets_are_neither_in_the_files_nor_in_the_audit,
    without_the_key_only_the_secrets_are_lost,
    an_alarm_is_raised_changed_and_cleared_by_its_transitions,
    a_second_occurrence_is_another_alarm,
    a_commit_written_twice_changes_nothing,
    a_commit_that_fails_leaves_nothing_behind,
    states_are_read_back_as_they_were,
    transitions_of_an_alarm_are_read_back_oldest_first,
    a_value_that_is_not_a_number_is_kept_as_one,
    transitions_of_a_rule_are_the_latest_between_two_instants,
    a_cause_is_told_with_its_number_and_the_alarm_it_holds,
    an_alarm_that_is_reopened_is_the_same_alarm,
    alarms_are_filtered_by_state_severity_place_rule_and_time,
    counts_follow_the_alarms_held,
    counts_at_an_instant_are_those_held_then,
    the_last_clear_is_known,
    events_have_no_gap_and_follow_commit_order,
    events_resume_after_an_id,
    who_missed_pruned_events_is_told,
    a_record_is_found_by_its_hash,
    old_evidence_goes_and_the_transition_stays,
    a_record_named_by_a_run_in_progress_is_kept,
    pages_of_alarms_put_together_are_the_whole_sorted_list,
    pages_of_rules_put_together_are_the_whole_sorted_list,
    a_cursor_of_another_list_is_refused,
    a_row_that_goes_between_two_pages_moves_no_other,
    a_user_name_is_taken_whatever_its_case,
    of_many_first_users_one_is_made,
    a_password_is_changed_and_the_audit_says_so_without_it,
    a_session_is_found_by_its_hash_until_it_ends,
    sessions_end_together_and_when_they_expire,
    a_session_begins_only_with_the_password_that_counts,
    a_token_is_found_by_its_hash,
    somebody_may_do_what_the_highest_of_its_own_role_and_its_groups_allows,
    a_groups_name_is_taken_whatever_its_case,
    the_last_admin_stays_one_however_it_is_tried,
    people_and_groups_are_in_the_audit_log_with_before_and_after,
    sessions_and_tokens_are_listed_of_one_user_or_of_all_and_revoked,
    the_sessions_and_tokens_of_a_deleted_user_end,
    when_somebody_was_last_here_is_known,
    what_was_deleted_is_listed_newest_first_until_it_is_gone_for_good,
    a_rule_that_is_gone_takes_its_states_and_leaves_its_alarms,
    what_a_deleted_rule_needs_to_come_back_stays_as_long_as_the_rule,
    a_setting_is_kept,
    the_last_heartbeat_is_kept_without_an_entry_in_the_audit_log,
    audit_holds_before_and_after,
    the_audit_log_pages_from_the_newest_back,
    the_audit_log_is_filtered_by_words_who_and_time,
    a_component_is_kept,
    a_dashboard_is_read_back_as_it_was_loaded,
    dashboards_are_found_by_words_folder_and_order,
    grafanas_token_goes_in_and_stays_until_another_takes_its_place,
    what_stands_for_a_data_source_outlives_a_load,
    a_difference_counts_until_the_rule_follows_or_keeps,
    each_transition_marks_its_alarm_until_it_was_looked_at,
    an_alarm_that_changes_while_it_is_planned_is_looked_at_again,
    an_edit_of_a_rule_marks_its_active_alarms,
    whoever_waits_is_looked_at_when_the_time_comes_or_all_are_looked_at,
    messages_are_taken_up_most_severe_first_and_what_was_delivered_is_known,
    a_message_that_failed_waits_for_its_time_and_is_the_same_again,
    what_was_being_sent_is_sent_again_after_a_restart_with_the_same_key,
    a_raise_that_may_have_arrived_is_known_to_until_one_is_delivered,
    what_waits_longer_is_tried_early_by_a_probe_or_when_the_receiver_is_back,
    what_is_told_again_is_taken_up_after_news_and_yields,
    a_plan_that_was_overtaken_writes_nothing,
    a_dropped_message_lets_go_of_all_that_it_spoke_of,
    what_could_not_be_sent_is_sent_again_or_given_up_and_the_audit_says_so,
    what_waits_for_too_long_is_given_up,
    deliveries_are_listed_newest_first_and_found_by_receiver_state_alarm_and_words,
    old_deliveries_go_and_what_stands_in_the_way_stays,
    what_was_committed_is_there_after_the_process_was_killed,
    a_process_that_writes_until_it_is_killed,
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock::new())
}

fn words(answer: store::Result<Arc<dyn Store>>) -> Result<String> {
    match answer {
        Ok(_) => anyhow::bail!("it was opened"),
        Err(StoreError::Backend(words)) => Ok(words),
        Err(other) => anyhow::bail!("{other}"),
    }
}

#[test]
fn two_servers_cannot_share_a_data_directory() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let first = open(directory.path(), clock())?;
    let words = words(open(directory.path(), clock()))?;
    let us = format!("process {}", std::process::id());
    ensure!(words.contains("another Atalaya") && words.contains(&us), "{words}");
    drop(first);
    open(directory.path(), clock())?;
    Ok(())
}

#[test]
fn a_command_writes_beside_a_running_server() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let server = open(directory.path(), clock())?;
    let command = SqliteStore::open_beside_server(&directory.path().join("atalaya.db"), clock())?;
    let by = store::Actor { name: "system".to_owned() };
    command.put_setting("a", &1.into(), &by)?;
    ensure!(server.setting("a")? == Some(1.into()));
    server.put_setting("a", &2.into(), &by)?;
    ensure!(command.setting("a")? == Some(2.into()));
    Ok(())
}

#[test]
fn a_newer_schema_is_refused_with_words() -> Result<()> {
    let directory = tempfile::tempdir()?;
    drop(open(directory.path(), clock())?);
    let file = directory.path().join("atalaya.db");
    let newer = "INSERT INTO refinery_schema_history SELECT 99, 'later', applied_on, checksum \
                 FROM refinery_schema_history WHERE version = 1";
    rusqlite::Connection::open(&file)?.execute(newer, [])?;
    let words = words(open(directory.path(), clock()))?;
    ensure!(words.contains("newer Atalaya") && words.contains("99"), "{words}");
    Ok(())
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("atalaya.db");
    let letter = "Dear reader, this is a letter and not a database. ".repeat(100);
    fs::write(&file, &letter)?;
    words(open(directory.path(), clock()))?;
    ensure!(fs::read_to_string(&file)? == letter);
    Ok(())
}

#[test]
fn only_the_owner_may_read_what_is_stored() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let data = directory.path().join("deep/data");
    let store = open(&data, clock())?;
    store.put_setting("a", &1.into(), &store::Actor { name: "system".to_owned() })?;
    let mode = |path: &Path| -> Result<u32> { Ok(fs::metadata(path)?.permissions().mode() & 0o777) };
    ensure!(mode(&data)? == 0o700);
    for entry in fs::read_dir(&data)? {
        let path = entry?.path();
        ensure!(mode(&path)? == 0o600, "{} is {:o}", path.display(), mode(&path)?);
    }
    Ok(())
}

#[test]
fn a_write_that_fails_is_trouble_until_one_succeeds() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let store = open(directory.path(), clock())?;
    let by = store::Actor { name: "system".to_owned() };
    let file = directory.path().join("atalaya.db");
    let other = rusqlite::Connection::open(&file)?;
    other.execute_batch(
        "CREATE TRIGGER full BEFORE INSERT ON settings BEGIN SELECT RAISE(ABORT, 'no'); END",
    )?;
    ensure!(store.put_setting("a", &1.into(), &by).is_err());
    let trouble = store.health().trouble.context("there is trouble")?;
    ensure!(trouble.contains("no"), "{trouble}");
    other.execute_batch("DROP TRIGGER full")?;
    store.put_setting("a", &1.into(), &by)?;
    let health = store.health();
    ensure!(health.trouble.is_none() && health.commits == 2, "{health:?}");
    Ok(())
}

/// Empties the outbox; how many alarms somebody had to look at.
fn woken(file: &Path) -> Result<usize> {
    Ok(rusqlite::Connection::open(file)?.execute("DELETE FROM outbox", [])?)
}

#[test]
fn whatever_becomes_quiet_or_no_longer_is_wakes_whoever_plans_who_is_told() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let store = open(directory.path(), clock())?;
    let file = directory.path().join("atalaya.db");
    let by = store::Actor { name: "ana".to_owned() };
    let (one, two) = (RuleId::generate(), RuleId::generate());
    let alarms = [(one, "a"), (one, "b"), (two, "c")].map(|(rule, series)| raise(rule, series));
    let transitions = alarms.to_vec();
    store.commit(&CycleCommit { transitions, ..CycleCommit::default() })?;
    woken(&file)?;

    store.acknowledge(&[alarms[0].alarm, alarms[1].alarm], "", &by)?;
    ensure!(woken(&file)? == 2);
    store.acknowledge(&[alarms[0].alarm], "", &by)?;
    ensure!(woken(&file)? == 0, "nothing changed");
    store.unacknowledge(&[alarms[0].alarm], &by)?;
    ensure!(woken(&file)? == 1);
    for (kind, id, count) in [
        (MuteKind::Alarm, alarms[2].alarm.to_string(), 1),
        (MuteKind::Rule, one.to_string(), 2),
        (MuteKind::Dashboard, "Core".to_owned(), 3),
        (MuteKind::Dashboard, "Edge".to_owned(), 0),
        (MuteKind::Receiver, "noc".to_owned(), 3),
    ] {
        let mute = Mute {
            id: MuteId::generate(),
            target: MuteTarget { kind, id },
            name: String::new(),
            from: Millis(0),
            until: Millis(i64::MAX),
            reason: String::new(),
            by: "ana".to_owned(),
        };
        store.mute(std::slice::from_ref(&mute), &by)?;
        ensure!(woken(&file)? == count, "{:?}", mute.target);
        store.end_mute(mute.id, &by)?;
        ensure!(woken(&file)? == count, "at the end of {:?}", mute.target);
    }
    let planned =
        MaintenanceDraft { rules: vec![two.to_string()], version: 1, ..MaintenanceDraft::default() };
    let window = MaintenanceConfig {
        id: MaintenanceId::generate(),
        maintenance: planned,
        since: Millis(0),
        updated_at: Millis(0),
        updated_by: "ana".to_owned(),
        deleted_at: None,
    };
    store.create_maintenance(&window, &by)?;
    ensure!(woken(&file)? == 1);
    let elsewhere =
        MaintenanceDraft { rules: vec![one.to_string()], version: 2, ..MaintenanceDraft::default() };
    store.change_maintenance(&MaintenanceConfig { maintenance: elsewhere, ..window }, 1, &by)?;
    ensure!(woken(&file)? == 3, "what it held for, and what it holds for now");
    Ok(())
}

fn raise(rule: RuleId, series: &str) -> Transition {
    let subject = Subject::Series { rule, series: series.into() };
    Transition {
        alarm: AlarmId::raised_by(&subject.key(), 1),
        subject,
        seq: 1,
        at: Millis(1_700_000_000_000),
        before: None,
        after: Some(Severity::Major),
        reason: Reason::ChecksToAlert,
        value: None,
        message: Texts::default(),
        evidence: None,
        context: Arc::new(AlarmContext { dashboard: Some("Core".to_owned()), ..AlarmContext::default() }),
    }
}
