//! Stops that come at a bad moment: in the middle of a run, under load.

use std::sync::Arc;
use std::time::{Duration, Instant};

use atalaya::clock::SystemClock;
use atalaya::store::AlarmStore;
use atalaya::store::sqlite::SqliteStore;
use atalaya_tests::dice::Dice;
use atalaya_tests::events::Follower;
use atalaya_tests::feed::Feed;
use atalaya_tests::poll;
use atalaya_tests::server::Server;
use atalaya_tests::stage::{PATIENCE, alarms, cpu_rule, post_rule, steps, text, until_active};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::books::{Books, Seen};
use crate::flips::{self, Flipper, by_second};
use crate::tally::Tally;
use crate::times;

const SERIES: &str = "lab.router1.cpu";

#[test]
fn a_kill_after_two_of_three_criticals_and_the_third_raises_with_the_whole_run_as_evidence() {
    let mut tally = Tally::of("kill -9 in the middle of a run");
    for _ in 0..times(5, 1) {
        let mut server = Server::start();
        let admin = server.admin();
        let mut rule = cpu_rule(SERIES);
        rule["interval"] = json!("5s");
        rule["check"]["params"]["look_back"] = json!(1);
        post_rule(&admin, &rule);
        let feed = Feed::start(server.carbon_port());
        feed.set(SERIES, 95.0);
        poll::until("two criticals are counted", PATIENCE, || (criticals(&server) == 2).then_some(()));
        server.kill();
        let killed = (Instant::now(), Timestamp::now());
        assert_eq!(criticals(&server), 2, "the run is on disk");
        server.restart();
        let raised = until_active(&admin, "the third one raises", |_| true);
        tally.add(killed.0.elapsed());
        let id = text(&raised["id"]);
        assert_eq!(steps(&admin, &id), [(Value::Null, json!("critical"))]);
        let evidence = admin.get(&format!("/api/v1/alarms/{id}/evidence")).items()[0].clone();
        let run = evidence["evaluations"].as_array().expect("a raise has evidence");
        let before = run.iter().filter(|one| instant(&one["at"]) < killed.1).count();
        assert_eq!((run.len(), before), (3, 2), "{evidence}");
        assert_eq!(evidence["replays"], true, "{evidence}");
        assert_eq!(alarms(&admin, "all").len(), 1);
    }
    tally.close(0);
}

/// How many criticals in a row are stored for the only series.
fn criticals(server: &Server) -> u8 {
    let path = server.data().join("atalaya.db");
    let store = SqliteStore::open_beside_server(&path, Arc::new(SystemClock::new())).expect("it opens");
    let mut found = 0;
    store.each_state(&mut |row| found = row.state.at_least[2]).expect("it can be read");
    found
}

fn instant(value: &Value) -> Timestamp {
    text(value).parse().expect("an instant")
}

#[test]
fn a_stop_under_load_writes_everything_that_was_decided() {
    const RULES: usize = 250;
    let mut dice = Dice::new("stops");
    let mut server = Server::start();
    let admin = server.admin();
    let live = Follower::start(&admin).expect("the stream opens");
    let _flipper = Flipper::start(server.carbon_port(), flips::rules(&admin, RULES));
    let (mut lost, mut tally) = (0, Tally::of("SIGTERM under load"));
    for _ in 0..times(40, 3) {
        let before = live.count();
        poll::until("alarms rise and clear", PATIENCE, || (live.count() >= before + 2 * RULES).then_some(()));
        std::thread::sleep(dice.within(Duration::from_secs(1)));
        // The cycle of this instant was decided: it must be on disk, however soon the stop comes.
        let decided = text(&admin.get("/api/v1/summary").is(200)["checked_at"])[..19].to_owned();
        server.stop();
        let stopped = Instant::now();
        server.restart();
        poll::until("what was decided is told", PATIENCE, || {
            let seconds = by_second(&live.after(before));
            seconds.last_key_value().is_some_and(|(second, _)| *second > decided).then_some(())
        });
        tally.add(stopped.elapsed());
        lost += RULES - by_second(&live.after(before)).get(&decided).copied().unwrap_or(0).min(RULES);
    }
    let mut seen = Seen::default();
    seen.add(&live.after(0));
    lost += seen.lost_of_all(&Books::open(server.data()));
    tally.close(lost);
}
