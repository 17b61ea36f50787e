//! Disks that are full, cannot be written, or lose the file: not ready, says why, recovers by itself, loses nothing.

use std::path::Path;
use std::time::{Duration, Instant};

use atalaya_tests::client::Client;
use atalaya_tests::events::Follower;
use atalaya_tests::poll;
use atalaya_tests::server::{Server, program};
use atalaya_tests::small_disk::{self, Filler};
use atalaya_tests::stage::{PATIENCE, let_pass, metric, text};
use serde_json::Value;

use crate::books::{Books, Seen, assert_whole};
use crate::flips::{self, Flipper, by_second};
use crate::tally::Tally;
use crate::times;

const RULES: usize = 100;
const ROOM_MIB: u32 = 64;

/// A server on a small disk, under load, and somebody who watches it.
struct Stage {
    server: Server,
    admin: Client,
    live: Follower,
    _flipper: Flipper,
}

impl Stage {
    fn on(disk: &Path) -> Self {
        let server = Server::builder().within(disk).env("ATALAYA_LOCAL__SEAL_EVERY", "2s").start();
        let admin = server.admin();
        let live = Follower::start(&admin).expect("the stream opens");
        let _flipper = Flipper::start(server.carbon_port(), flips::rules(&admin, RULES));
        let stage = Stage { server, admin, live, _flipper };
        stage.until_a_burst();
        stage
    }

    fn until_a_burst(&self) {
        let before = self.live.count();
        poll::until("alarms change", PATIENCE, || (self.live.count() >= before + RULES).then_some(()));
    }

    /// Waits until it is not ready, and gives what it says of its store.
    fn until_not_ready(&self) -> String {
        poll::until("it is not ready", PATIENCE, || {
            let answer = self.admin.get("/readyz");
            let parts = answer.body["parts"].as_array().cloned().unwrap_or_default();
            let store = parts.into_iter().find(|part| part["name"] == "store" && part["ok"] == false)?;
            (answer.status == 503).then(|| text(&store["detail"]))
        })
    }

    fn until_ready(&self) {
        poll::until("it is ready", PATIENCE, || (self.admin.get("/readyz").status == 200).then_some(()));
    }

    fn causes(&self) -> Vec<String> {
        let summary = self.admin.get("/api/v1/summary").is(200).clone();
        summary["causes"].as_array().into_iter().flatten().map(|cause| text(&cause["reason"])).collect()
    }

    fn until_causes(&self, wanted: &[&str]) {
        poll::until("the summary names the causes", PATIENCE, || {
            let causes = self.causes();
            let named = wanted.iter().all(|cause| causes.iter().any(|found| found == cause));
            (named && (!wanted.is_empty() || causes.is_empty())).then_some(())
        });
    }

    /// It goes on judging in time, and whoever asks gets an answer.
    fn goes_on(&self) {
        let_pass(&self.admin, (3 * RULES) as f64);
        let late = metric(&self.admin, "atalaya_lateness_seconds");
        assert!(late < 10.0, "{late} s late");
        for path in ["/api/v1/alarms?state=active", "/api/v1/rules", "/api/v1/sources", "/healthz"] {
            self.admin.get(path).is(200);
        }
    }

    /// How much of what came over the stream is not stored. What is decided and then dropped leaves a gap in the numbers.
    fn lost(&self) -> usize {
        let books = Books::open(self.server.data());
        let mut seen = Seen::default();
        seen.add(&self.live.after(0));
        assert_eq!(books.gaps(), [""; 0]);
        assert_whole(self.server.data());
        seen.lost_of_all(&books)
    }
}

#[test]
fn while_the_disk_is_full_it_is_not_ready_and_goes_on_and_then_writes_all_that_was_decided() {
    let name =
        "disk::while_the_disk_is_full_it_is_not_ready_and_goes_on_and_then_writes_all_that_was_decided";
    small_disk::with_mib(ROOM_MIB, name, |disk| {
        let (stage, mut tally) = (Stage::on(disk), Tally::of("disk full"));
        for _ in 0..times(10, 1) {
            let filler = Filler::fill(disk);
            let why = stage.until_not_ready();
            assert!(why.contains("full"), "{why}");
            stage.until_causes(&["store failing", "disk full"]);
            stage.goes_on();
            samples_wait_and_it_is_said(&stage);
            let visible = stage.live.count();
            drop(filler);
            let room = Instant::now();
            stage.until_ready();
            poll::until("what waited is told", PATIENCE, || (stage.live.count() > visible).then_some(()));
            tally.add(room.elapsed());
            stage.until_causes(&[]);
            stage.until_a_burst();
        }
        tally.close(stage.lost());
    });
}

fn samples_wait_and_it_is_said(stage: &Stage) {
    poll::until("the local store says that it cannot write", PATIENCE, || {
        let sources = stage.admin.get("/api/v1/sources");
        let local = sources.items().iter().find(|source| source["id"] == "local")?.clone();
        let detail = local["detail"].as_str()?.to_owned();
        (local["status"] == "degraded" && detail.contains("samples.db")).then_some(())
    });
}

#[test]
fn a_kill_and_a_stop_while_the_disk_is_full_lose_nothing_that_was_visible_or_could_be_written() {
    let name =
        "disk::a_kill_and_a_stop_while_the_disk_is_full_lose_nothing_that_was_visible_or_could_be_written";
    small_disk::with_mib(ROOM_MIB, name, |disk| {
        let mut stage = Stage::on(disk);
        let mut tally = Tally::of("kill -9, then SIGTERM, while the disk is full");
        let filler = Filler::fill(disk);
        stage.until_not_ready();
        stage.server.kill();
        drop(filler);
        let killed = Instant::now();
        stage.server.restart();
        stage.until_a_burst();
        tally.add(killed.elapsed());

        let filler = Filler::fill(disk);
        stage.until_not_ready();
        let decided = text(&stage.admin.get("/api/v1/summary").is(200)["checked_at"])[..19].to_owned();
        let room = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_secs(2));
            drop(filler);
        });
        stage.server.stop();
        let stopped = Instant::now();
        room.join().expect("nothing panics in it");
        stage.server.restart();
        poll::until("what was decided before the stop is told", PATIENCE, || {
            by_second(&stage.live.after(0)).contains_key(&decided).then_some(())
        });
        tally.add(stopped.elapsed());
        stage.until_a_burst();
        let lost = RULES - by_second(&stage.live.after(0))[&decided].min(RULES);
        tally.close(lost + stage.lost());
    });
}

#[test]
fn a_start_on_a_disk_that_cannot_be_written_says_so_and_names_the_place() {
    let name = "disk::a_start_on_a_disk_that_cannot_be_written_says_so_and_names_the_place";
    small_disk::with_mib(ROOM_MIB, name, |disk| {
        let mut server = Server::builder().within(disk).start();
        let data = server.data().to_owned();
        server.stop();
        small_disk::make_read_only(disk);
        let output = program().args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&data).output();
        let output = output.expect("the server's program can be started");
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && words.contains("Read-only"), "{words}");
        assert!(words.contains(&*data.to_string_lossy()), "it names the place: {words}");
    });
}

#[test]
fn a_database_that_is_moved_away_is_said_and_what_was_decided_meanwhile_is_written_when_it_is_back() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (stage, mut tally) = (Stage::on(folder.path()), Tally::of("database file moved away"));
    let (path, aside) = (stage.server.data().join("atalaya.db"), folder.path().join("aside"));
    std::fs::rename(&path, &aside).expect("it is there");
    let why = stage.until_not_ready();
    assert!(why.contains("moved, deleted or replaced") && why.contains("atalaya.db"), "{why}");
    stage.until_causes(&["store failing"]);
    stage.goes_on();
    std::fs::rename(&aside, &path).expect("it is there");
    let back = Instant::now();
    stage.until_ready();
    stage.until_a_burst();
    tally.add(back.elapsed());
    stage.until_causes(&[]);
    let told = poll::until("its alarm is in the history", PATIENCE, || {
        let history = stage.admin.get("/api/v1/alarms?state=history&limit=1000");
        let system = history.items().iter().filter(|alarm| alarm["subject"]["kind"] == "system");
        Some(system.cloned().collect::<Vec<Value>>()).filter(|told| !told.is_empty())
    });
    assert_eq!(told.len(), 1, "one alarm for it: {told:?}");
    tally.close(stage.lost());
}
