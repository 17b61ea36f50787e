//! What is told of a backup that is put back, and what is not sent after it.

use atalaya_api::delivery::{DeliveryKind, DeliveryState};

use super::*;
use crate::domain::Message;
use crate::store::{DeliveryFilter, DeliveryRow, NewDelivery, NotifyStore, ReceiverPlan};

#[test]
fn without_the_key_it_is_said_whose_secrets_must_be_typed_again() {
    let stage = Stage::new();
    let (_folder, places) = empty();
    let done = restore(&stage.made().file, &places, false, START, &system()).expect("the folder is empty");
    let shut: Vec<(&str, &str)> = done.shut.iter().map(|shut| (shut.kind, &*shut.name)).collect();
    assert_eq!(shut, [("source", "Far Ñ")]);
}

#[test]
fn what_is_there_is_overwritten_only_by_force_and_moved_aside_then() {
    let stage = Stage::new();
    let made = stage.made();
    let (_folder, places) = empty();
    restore(&made.file, &places, false, START, &system()).expect("the folder is empty");
    fs::write(&places.key, "another key").expect("the folder can be written to");
    let refused = restore(&made.file, &places, false, START, &system()).expect_err("there is data");
    assert!(
        matches!(refused, RestoreError::NotEmpty(_)) && refused.to_string().contains("--force"),
        "{refused}"
    );
    let done = restore(&made.file, &places, true, START, &system()).expect("by force");
    let before = done.before.expect("there was something");
    assert_eq!(files(&before), ["atalaya.db", "checks"]);
    assert_eq!(fs::read_to_string(&places.key).expect("it stays"), "another key");
}

#[test]
fn nothing_is_put_back_while_a_server_runs() {
    let stage = Stage::new();
    let made = stage.made();
    let refused =
        restore(&made.file, &stage.places(), true, START, &system()).expect_err("the store is open");
    assert!(refused.to_string().contains("another Atalaya"), "{refused}");
}

#[test]
fn what_was_on_its_way_is_not_sent_after_it_is_put_back_and_the_audit_log_says_where_all_comes_from() {
    let stage = Stage::new();
    let message = |key: &str| Message {
        key: key.to_owned(),
        kind: DeliveryKind::Raised,
        at: START,
        severity: Some(Severity::Major),
        alarms: Vec::new(),
    };
    let new = |key: &str| NewDelivery {
        title: key.to_owned(),
        search: key.to_owned(),
        says: Vec::new(),
        message: message(key),
    };
    let messages = vec![new("sending"), new("queued")];
    let plan = ReceiverPlan { receiver: "noc".to_owned(), messages, ..ReceiverPlan::default() };
    assert!(stage.store.plan_done(&[plan], &[]).expect("it is written"));
    stage.store.claim("noc", false).expect("it can be taken up").expect("there are two");
    let made = stage.made();
    let (_folder, places) = empty();
    let done =
        restore(&made.file, &places, false, START.plus(9_000), &system()).expect("the folder is empty");
    assert_eq!(done.given_up, 2);
    let store = SqliteStore::open(&places.store, stage.clock.clone()).expect("a store");
    assert!(store.claim("noc", false).expect("it is read").is_none(), "nothing is sent");
    let first = Slice { limit: 9, cursor: None };
    let rows = store.deliveries(&DeliveryFilter::default(), &first).expect("they are read").items;
    let state = |row: &DeliveryRow| (row.state, row.done_at);
    assert_eq!(
        rows.iter().map(state).collect::<Vec<_>>(),
        [(DeliveryState::Dead, Some(START.plus(9_000))); 2]
    );
    let why = rows[0].why.as_ref().expect("words");
    assert!(why.en.contains("2023-11-14T22:13:21Z") && why.es.contains("copia de seguridad"), "{why:?}");
    let audit = store.audit(&first).expect("the audit log").items;
    assert_eq!((&*audit[0].what, &audit[0].subject), ("backup restored", &made.name()));
    let after = serde_json::json!({"made_at": "2023-11-14T22:13:21Z", "messages_given_up": 2});
    assert_eq!(audit[0].after, Some(after));
}
