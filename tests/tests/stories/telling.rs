//! Whoever is to be told is told, once, in order, when it is allowed.

use std::time::Duration;

use atalaya::domain::{AlarmRow, Millis};
use atalaya::store::{Actor, DeliveryFilter, NotifyStore, Slice, ToldRow};
use atalaya_api::calendar::WeekRange;
use atalaya_api::delivery::DeliveryState;
use atalaya_api::receiver::ReceiverKind;
use atalaya_api::span::Span;
use atalaya_tests::post::{Manner, busy, partly, refused};
use atalaya_tests::story::Story;
use serde_json::json;

/// With a receiver `noc` that every rule of the story tells.
fn story(start: &str) -> Story {
    let mut story = Story::at(start.parse().expect("an instant"));
    story.post.receiver("noc", |_| ());
    story.tell();
    story
}

fn rule(story: &mut Story) {
    story.rule(json!({ "notify": { "receivers": [{ "id": "noc" }] } }));
}

fn noon() -> Story {
    let mut story = story("2026-11-16T12:00:00Z");
    rule(&mut story);
    story
}

/// At night, with a rule that tells by SMS in daytime.
fn night() -> Story {
    let mut story = story("2026-11-17T01:59:45Z");
    story.post.receiver("phones", |receiver| receiver.kind = ReceiverKind::Sms);
    story.rule(json!({ "notify": { "sms": true }, "period": "daytime", "time_zone": "Europe/Madrid" }));
    story
}

fn told(story: &Story, alarm: &AlarmRow) -> Vec<ToldRow> {
    let mut told = story.store.told(&[alarm.id]).expect("the store answers");
    told.remove(&alarm.id).unwrap_or_default()
}

fn why(row: &ToldRow) -> &str {
    row.why.as_ref().map_or("", |why| &why.en)
}

fn deliveries(story: &Story, states: &[DeliveryState]) -> Vec<u64> {
    let filter = DeliveryFilter { states: states.to_vec(), ..DeliveryFilter::default() };
    let all = Slice { limit: 10_000, cursor: None };
    let page = story.store.deliveries(&filter, &all).expect("the store answers");
    page.items.iter().map(|delivery| delivery.id).collect()
}

/// The server stands still for a while; then a second passes.
fn sleep_until(story: &mut Story, at: &str) {
    let at = Millis::from(at.parse::<jiff::Timestamp>().expect("an instant"));
    let now = atalaya::clock::Clock::now(&*story.clock).wall;
    story.clock.advance(Duration::from_millis(at.since(now) as u64 - 1_000));
    story.seconds(1);
}

#[test]
fn raised_at_three_in_the_night_it_is_seen_at_once_and_told_once_when_daytime_begins() {
    let mut story = night();
    story.hold("lab.cpu", 95.0, 20);
    assert_eq!(story.active(), ["critical lab.cpu"]);
    assert_eq!(story.post.heard("phones"), [""; 0]);
    let alarm = &story.alarms(true)[0];
    let row = &told(&story, alarm)[0];
    assert_eq!((row.receiver.as_str(), why(row), row.first_at), ("phones", "daytime begins 08:00", None));
    let opens = "2026-11-17T07:00:00Z";
    assert_eq!(row.look_at.map(|at| at.to_string()).as_deref(), Some(opens));
    sleep_until(&mut story, "2026-11-17T06:59:59Z");
    assert_eq!(story.post.heard("phones"), [""; 0]);
    story.seconds(1);
    assert_eq!(story.post.heard("phones"), ["raised critical lab.cpu"]);
    story.seconds(60);
    assert_eq!(story.post.heard("phones").len(), 1);
    let row = &told(&story, alarm)[0];
    assert_eq!(row.first_at.map(|at| at.to_string()).as_deref(), Some(opens));
    assert_eq!((why(row), row.look_at), ("", None));
}

#[test]
fn what_clears_before_daytime_begins_is_told_to_nobody_and_says_so() {
    let mut story = night();
    story.hold("lab.cpu", 95.0, 20);
    story.hold("lab.cpu", 10.0, 5);
    let alarm = &story.alarms(false)[0];
    let wanted = "cleared before it could be told: daytime begins 08:00";
    assert_eq!(why(&told(&story, alarm)[0]), wanted);
    sleep_until(&mut story, "2026-11-17T07:00:30Z");
    assert_eq!(story.post.heard("phones"), [""; 0]);
    assert_eq!(why(&told(&story, alarm)[0]), wanted);
    assert_eq!(deliveries(&story, &[]), [0; 0]);
}

#[test]
fn what_still_waits_when_daytime_ends_is_told_when_it_begins_again() {
    let mut story = story("2026-11-16T18:49:45Z");
    let until_eight = json!([{ "days": [1, 2, 3, 4, 5], "hours": { "from": "08:00", "to": "20:00" } }]);
    let until_eight: Vec<WeekRange> = serde_json::from_value(until_eight).expect("hours of a week");
    story.post.settings(|settings| settings.daytime = until_eight);
    story.post.receiver("phones", |receiver| receiver.kind = ReceiverKind::Sms);
    story.rule(json!({ "notify": { "sms": true }, "period": "daytime", "time_zone": "Europe/Madrid" }));
    story.post.behave("phones", Some(busy()));
    story.hold("lab.cpu", 95.0, 600);
    assert!(!story.post.letters().is_empty(), "it was tried");
    story.seconds(20);
    story.post.behave("phones", None);
    story.seconds(400);
    assert_eq!(story.post.heard("phones"), [""; 0], "not at night");
    let row = &told(&story, &story.alarms(true)[0])[0];
    assert_eq!(why(row), "daytime begins 2026-11-17 08:00");
    sleep_until(&mut story, "2026-11-17T07:00:00Z");
    assert_eq!(story.post.heard("phones"), ["raised critical lab.cpu"]);
}

#[test]
fn a_raise_a_change_and_the_clear_are_told_in_order() {
    let mut story = noon();
    story.hold("lab.cpu", 85.0, 5);
    story.hold("lab.cpu", 95.0, 5);
    story.hold("lab.cpu", 10.0, 5);
    let wanted = ["raised major lab.cpu", "changed critical lab.cpu", "cleared cleared lab.cpu"];
    assert_eq!(story.post.heard("noc"), wanted);
    let letters = story.post.letters();
    let before: Vec<_> = letters.iter().map(|letter| letter.message.alarms[0].before).collect();
    assert_eq!(before[0], None);
    assert_eq!(before[2], letters[1].message.severity);
    // With the value that cleared it: "OK … 95 %" would puzzle whoever reads it.
    let values: Vec<_> = letters.iter().map(|letter| letter.message.alarms[0].value).collect();
    assert_eq!(values, [Some(85.0), Some(95.0), Some(10.0)]);
    let row = &told(&story, &story.alarms(false)[0])[0];
    assert!(row.first_at < row.last_at && why(row).is_empty(), "{row:?}");
}

#[test]
fn one_mailbox_that_is_full_holds_up_no_other_message_and_the_clear_is_told() {
    let mut story = noon();
    story.rule(json!({ "name": "Memory", "query": { "expr": "lab.memory" }, "notify": { "receivers": [{ "id": "noc" }] } }));
    story.post.behave("noc", Some(partly()));
    story.hold("lab.cpu", 95.0, 120);
    let tries = story.post.letters().len();
    assert!(tries > 5, "{tries} tries");
    story.hold("lab.memory", 95.0, 5);
    let letters = story.post.letters();
    let latest: Vec<&str> =
        letters[tries..].iter().map(|one| one.message.alarms[0].subject.as_str()).collect();
    assert!(latest.contains(&"lab.memory"), "{latest:?}");
    story.post.behave("noc", None);
    story.hold("lab.memory", 10.0, 400);
    let heard = story.post.heard("noc");
    assert!(heard.contains(&"cleared cleared lab.memory".to_owned()), "{heard:?}");
}

#[test]
fn a_receiver_that_fails_and_comes_back_gets_the_present_once_with_one_key_for_all_tries() {
    let mut story = noon();
    story.post.behave("noc", Some(busy()));
    story.hold("lab.cpu", 85.0, 60);
    let tries = story.post.letters();
    assert!(tries.len() > 2, "{} tries", tries.len());
    assert!(tries.iter().all(|letter| letter.message.key == tries[0].message.key));
    let row = &told(&story, &story.alarms(true)[0])[0];
    assert_eq!(why(row), "tried again soon: busy");
    // What it said is no longer so: the present takes its place.
    story.hold("lab.cpu", 95.0, 5);
    assert_eq!(deliveries(&story, &[DeliveryState::Dropped]).len(), 1);
    story.post.behave("noc", None);
    story.seconds(400);
    assert_eq!(story.post.heard("noc"), ["raised critical lab.cpu"]);
    assert_eq!(deliveries(&story, &[DeliveryState::Delivered]).len(), 1);
}

#[test]
fn what_was_not_told_while_a_receiver_failed_and_is_over_is_never_told() {
    let mut story = noon();
    story.post.behave("noc", Some(busy()));
    story.hold("lab.cpu", 85.0, 20);
    story.hold("lab.cpu", 10.0, 5);
    story.post.behave("noc", None);
    story.seconds(400);
    assert_eq!(story.post.heard("noc"), [""; 0]);
    let row = &told(&story, &story.alarms(false)[0])[0];
    assert_eq!(why(row), "cleared before it could be told: busy");
}

#[test]
fn a_way_that_panics_holds_up_neither_its_receiver_nor_others() {
    let mut story = noon();
    story.post.receiver("ops", |_| ());
    story.rule(json!({ "query": { "expr": "lab.disk" }, "notify": { "receivers": [{ "id": "ops" }, { "id": "noc" }] } }));
    story.post.behave("noc", Some(Manner::Panics));
    story.hold("lab.disk", 95.0, 5);
    assert_eq!(story.post.heard("ops"), ["raised critical lab.disk"]);
    story.post.behave("noc", None);
    story.seconds(400);
    assert_eq!(story.post.heard("noc"), ["raised critical lab.disk"]);
}

#[test]
fn what_stands_is_told_again_every_so_often() {
    let mut story = noon();
    story.post.receiver("noc", |receiver| receiver.remind_every = Some(Span(300)));
    story.hold("lab.cpu", 95.0, 10);
    story.seconds(650);
    let reminder = "reminder critical lab.cpu";
    assert_eq!(story.post.heard("noc"), ["raised critical lab.cpu", reminder, reminder]);
    let letters = story.post.letters();
    assert_ne!(letters[1].message.key, letters[2].message.key);
    story.hold("lab.cpu", 10.0, 5);
    story.seconds(650);
    assert_eq!(story.post.heard("noc").len(), 4);
}

#[test]
fn a_mute_keeps_quiet_and_what_still_stands_at_its_end_is_told_again() {
    let mut story = noon();
    story.hold("lab.cpu", 95.0, 10);
    let until = atalaya::clock::Clock::now(&*story.clock).wall.plus(60_000);
    story.post.mute(until);
    story.store.look_again().expect("the store answers");
    story.seconds(59);
    assert_eq!(story.post.heard("noc").len(), 1);
    assert_eq!(why(&told(&story, &story.alarms(true)[0])[0]), "muted by ana");
    story.seconds(5);
    assert_eq!(story.post.heard("noc"), ["raised critical lab.cpu", "reminder critical lab.cpu"]);
    story.seconds(60);
    assert_eq!(story.post.heard("noc").len(), 2);
}

#[test]
fn a_restart_keeps_the_queue_and_its_keys() {
    let mut story = noon();
    story.post.behave("noc", Some(busy()));
    story.hold("lab.cpu", 95.0, 10);
    let key = story.post.letters()[0].message.key.clone();
    story.restart_after(Duration::from_secs(60));
    story.post.behave("noc", None);
    story.seconds(400);
    assert_eq!(story.post.heard("noc"), ["raised critical lab.cpu"]);
    assert_eq!(story.post.letters().last().map(|letter| letter.message.key.clone()), Some(key));
}

#[test]
fn what_is_refused_is_dead_until_somebody_sends_it_again() {
    let mut story = noon();
    story.post.behave("noc", Some(refused()));
    story.hold("lab.cpu", 95.0, 60);
    assert_eq!((story.post.letters().len(), story.post.dead()), (1, 1));
    assert_eq!(why(&told(&story, &story.alarms(true)[0])[0]), "could not be sent: refused");
    let dead = deliveries(&story, &[DeliveryState::Dead]);
    story.post.behave("noc", None);
    let ana = Actor { name: "ana".to_owned() };
    assert!(story.store.retry(dead[0], &ana).expect("the store answers"));
    story.seconds(2);
    assert_eq!(story.post.heard("noc"), ["raised critical lab.cpu"]);
    assert_eq!(story.post.dead(), 0);
    let keys: Vec<_> = story.post.letters().into_iter().map(|letter| letter.message.key).collect();
    assert_eq!(keys[0], keys[1]);
}

#[test]
fn what_was_given_up_is_not_told_but_what_comes_after_is() {
    let mut story = noon();
    story.post.behave("noc", Some(refused()));
    story.hold("lab.cpu", 85.0, 10);
    let dead = deliveries(&story, &[DeliveryState::Dead]);
    let ana = Actor { name: "ana".to_owned() };
    assert!(story.store.give_up(dead[0], &ana).expect("the store answers"));
    story.post.behave("noc", None);
    story.seconds(60);
    assert_eq!((story.post.heard("noc").len(), story.post.dead()), (0, 0));
    assert_eq!(why(&told(&story, &story.alarms(true)[0])[0]), "could not be sent: given up by ana");
    story.hold("lab.cpu", 95.0, 5);
    assert_eq!(story.post.heard("noc"), ["raised critical lab.cpu"]);
}

#[test]
fn a_receiver_that_is_added_to_a_rule_is_told_of_what_stands_and_a_deleted_one_of_nothing() {
    let mut story = story("2026-11-16T12:00:00Z");
    let rule = story.rule(json!({}));
    story.hold("lab.cpu", 95.0, 10);
    assert_eq!(story.post.heard("noc"), [""; 0]);
    story.edit(rule, |rule| {
        let noc = json!({ "receivers": [{ "id": "noc" }] });
        rule.draft.notify = serde_json::from_value(noc).expect("the shape of the API");
    });
    story.seconds(2);
    assert_eq!(story.post.heard("noc"), ["raised critical lab.cpu"]);
    story.post.delete("noc");
    story.seconds(2);
    assert_eq!(why(&told(&story, &story.alarms(true)[0])[0]), "the receiver was deleted");
    story.hold("lab.cpu", 10.0, 5);
    assert_eq!(story.post.heard("noc").len(), 1);
}

#[test]
fn a_receiver_that_is_brought_back_hears_what_cleared_meanwhile() {
    let mut story = noon();
    story.hold("lab.cpu", 95.0, 5);
    story.post.delete("noc");
    story.hold("lab.cpu", 10.0, 5);
    assert_eq!(story.post.heard("noc"), ["raised critical lab.cpu"]);
    story.post.receiver("noc", |_| ());
    story.seconds(2);
    assert_eq!(story.post.heard("noc"), ["raised critical lab.cpu", "cleared cleared lab.cpu"]);
}

#[test]
fn alarms_of_the_system_go_to_the_receivers_of_the_settings() {
    let mut story = noon();
    story.post.receiver("boss", |_| ());
    story.post.settings(|settings| settings.system_receivers = vec!["boss".to_owned()]);
    story.clock.step_wall(60_000);
    story.seconds(2);
    assert_eq!(story.post.heard("boss"), ["raised warning clock"]);
    assert_eq!(story.post.heard("noc"), [""; 0]);
}
