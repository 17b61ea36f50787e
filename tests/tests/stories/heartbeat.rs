//! Who watches the watcher: a beat each minute, through everything that raises alarms.

use std::time::Duration;

use atalaya::check::{Quarantine, QuarantineReason};
use atalaya::clock::Clock;
use atalaya::pipeline::Missed;
use atalaya::store::{HEARTBEAT, SettingsStore};
use atalaya_tests::poll;
use atalaya_tests::story::Story;
use serde_json::json;

const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn the_heart_beats_each_minute_and_nobody_counts_its_rule() {
    let mut story = Story::new();
    let rule = story.rule(json!({}));
    story.hold("lab.cpu", 10.0, 600);
    let apart: Vec<i64> = story.beats.windows(2).map(|pair| pair[1].since(pair[0])).collect();
    assert_eq!(apart, [60_000; 10]);
    let totals = story.watchtower().totals();
    assert_eq!((totals.rules, totals.series), (1, 1));
    assert!(story.told(rule).is_empty() && story.alarms(true).is_empty() && story.alarms(false).is_empty());
    let last = story.beats.last().map(|at| json!(at.0));
    assert_eq!(story.store.setting(HEARTBEAT).expect("the store answers"), last);
    assert_eq!(story.watchtower().pulse().age(story.clock.now().mono), Some(Duration::from_secs(9)));
}

#[test]
fn the_heart_stands_still_while_its_check_is_quarantined() {
    let mut story = Story::new();
    let check = story.installed.checks().iter().find(|check| check.descriptor.name == "threshold").cloned();
    let check = check.expect("it is built in");
    check.quarantine(Quarantine {
        reason: QuarantineReason::Failing,
        since: story.clock.now().wall,
        words: "by the test".to_owned(),
    });
    let before = story.beats.len();
    story.seconds(300);
    assert_eq!(story.beats.len(), before);
    assert_eq!(story.watchtower().pulse().missed, Some(Missed::Quarantined));
    assert!(check.release());
    story.seconds(120);
    assert_eq!((story.beats.len(), story.watchtower().pulse().missed), (before + 2, None));
}

#[test]
fn the_heart_goes_on_after_a_clock_that_was_set_and_after_a_restart() {
    let mut story = Story::new();
    for step_ms in [-1_800_000, 1_800_000, 3_600_000, -3_000_000] {
        story.clock.step_wall(step_ms);
        let before = story.beats.len();
        story.seconds(180);
        assert_eq!(story.beats.len(), before + 3, "{step_ms}");
    }
    let before = story.beats.len();
    story.restart_after(Duration::from_secs(3));
    story.seconds(121);
    assert_eq!(story.beats.len(), before + 3, "one at once, and one each minute");
}

#[test]
fn a_beat_that_cannot_be_written_down_is_none() {
    let story = Story::new().run();
    story.advance(60);
    story.beats.recv_timeout(PATIENCE).expect("a beat");
    let beside = rusqlite::Connection::open(story.folder.path().join("atalaya.db")).expect("it is there");
    let full = "CREATE TRIGGER full BEFORE INSERT ON settings BEGIN SELECT RAISE(ABORT, 'no room'); END";
    beside.execute_batch(full).expect("a trigger");
    let last = story.watchtower.pulse().last;
    story.advance(60);
    poll::until("the store fails", PATIENCE, || {
        story.advance(1);
        let causes = story.watchtower.causes();
        causes.iter().any(|cause| cause.subject.name() == "store").then_some(())
    });
    assert_eq!((story.beats.try_recv().is_err(), story.watchtower.pulse().last), (true, last));
    beside.execute_batch("DROP TRIGGER full").expect("it was there");
    story.beats.recv_timeout(PATIENCE).expect("the beat that waited");
    assert_ne!(story.watchtower.pulse().last, last);
    story.evaluating.stop();
}
