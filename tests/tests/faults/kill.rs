//! `kill -9` at random times during hundreds of transitions a second: nothing that was visible is gone, no gap in seq.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use atalaya_tests::client::Client;
use atalaya_tests::dice::Dice;
use atalaya_tests::events::{Event, Follower};
use atalaya_tests::poll;
use atalaya_tests::server::Server;
use atalaya_tests::stage::PATIENCE;
use jiff::Timestamp;
use serde_json::Value;

use crate::books::{Books, Seen, assert_whole};
use crate::flips::{self, Flipper, by_second, until_next_second};
use crate::tally::Tally;
use crate::times;

/// A good deal more than 200, each changing once a second.
const RULES: usize = 300;

#[test]
fn kills_at_random_times_during_two_hundred_transitions_a_second_lose_nothing_that_was_visible() {
    let mut dice = Dice::new("kills");
    // Samples are written each second too, so that kills meet samples.db at work.
    let mut server = Server::builder().env("ATALAYA_LOCAL__SEAL_EVERY", "1s").start();
    let admin = server.admin();
    let live = Follower::start(&admin).expect("the stream opens");
    let lists = Lists::start(&admin);
    let _flipper = Flipper::start(server.carbon_port(), flips::rules(&admin, RULES));
    let (mut seen, mut taken, mut lost, mut tally) = (Seen::default(), 0, 0, Tally::of("kill -9 under load"));
    for round in 0..times(200, 8) {
        until_a_burst(&live);
        std::thread::sleep(a_moment(&mut dice));
        server.kill();
        let killed = (Instant::now(), Timestamp::now());
        server.restart();
        poll::until("alarms change again", PATIENCE, || is_after(live.last()?, killed.1).then_some(()));
        tally.add(killed.0.elapsed());
        seen.add(&take(&live, &mut taken));
        seen.add_list(&lists.take());
        let books = Books::open(server.data());
        lost += seen.lost(&books);
        assert_eq!(books.gaps(), [""; 0], "in round {round}");
        if round % 20 == 0 {
            assert_whole(server.data());
        }
    }
    drop(lists);
    seen.add(&take(&live, &mut taken));
    lost += seen.lost_of_all(&Books::open(server.data()));
    assert_whole(server.data());
    assert_eq!(live.resets(), 0);
    let fastest = by_second(&live.after(0)).into_values().max().unwrap_or(0);
    println!("{} transitions seen, up to {fastest} a second", seen.count());
    assert!(fastest >= 200, "at most {fastest} transitions in a second");
    tally.close(lost);
}

/// What came since the last time.
fn take(live: &Follower, taken: &mut usize) -> Vec<Event> {
    let news = live.after(*taken);
    *taken += news.len();
    news
}

/// Whether an event tells of what was decided after an instant.
fn is_after(event: Event, instant: Timestamp) -> bool {
    let at = event.data["transition"]["at"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
    at.is_some_and(|at| at > instant)
}

fn until_a_burst(live: &Follower) {
    let before = live.count();
    poll::until("alarms rise and clear", PATIENCE, || (live.count() >= before + RULES).then_some(()));
}

/// Anywhere within a second, or shortly after its beginning, when what was decided is being written.
fn a_moment(dice: &mut Dice) -> Duration {
    match dice.below(2) {
        0 => dice.within(Duration::from_secs(1)),
        _ => until_next_second() + dice.within(Duration::from_millis(150)),
    }
}

/// Reads the list of active alarms again and again, as an open page does; a server that is gone answers nothing.
struct Lists {
    seen: Arc<Mutex<Vec<Value>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Lists {
    fn start(client: &Client) -> Self {
        let (seen, stop) = (Arc::<Mutex<Vec<Value>>>::default(), Arc::<AtomicBool>::default());
        let (log, stopped, client) = (seen.clone(), stop.clone(), client.clone());
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                let answer = client.try_send("GET", "/api/v1/alarms?state=active&limit=200", None);
                if let Some(answer) = answer.ok().filter(|answer| answer.status == 200) {
                    log.lock().expect("nobody panics with it").extend_from_slice(answer.items());
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        Lists { seen, stop, thread: Some(thread) }
    }

    fn take(&self) -> Vec<Value> {
        std::mem::take(&mut self.seen.lock().expect("nobody panics with it"))
    }
}

impl Drop for Lists {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}
