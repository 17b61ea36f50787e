//! `kill -9` of a server while it tells a webhook: each message arrives, with one key for one thing said, and none of what was never committed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use atalaya_tests::dice::Dice;
use atalaya_tests::poll;
use atalaya_tests::server::Server;
use atalaya_tests::stage::{PATIENCE, post_rule};
use serde_json::{Value, json};

use crate::books::{Books, Step};
use crate::flips::{Flipper, rule};
use crate::tally::Tally;
use crate::times;

/// Each changes once a second, and each change is a message.
const RULES: usize = 30;
/// Messages that arrive in one life of the server, at most, before it is killed around the sending of the next.
const TAKEN: u64 = 40;
/// How long the far end takes to answer, so that kills meet messages that arrived and are not settled.
const SLOW: Duration = Duration::from_millis(2);

#[test]
fn kills_of_a_server_that_tells_a_webhook_lose_no_message_and_invent_none() {
    let hook = Hook::start();
    let mut server = Server::start();
    let admin = server.admin();
    let receiver = json!({
        "id": "hook", "kind": "webhook", "name": "Hook",
        "webhook": {"url": format!("http://127.0.0.1:{}/in", hook.port)},
    });
    admin.post("/api/v1/receivers", &receiver).is(201);
    let series: Vec<String> = (0..RULES).map(|n| format!("lab.told{n}")).collect();
    for series in &series {
        let mut rule = rule(series);
        rule["notify"] = json!({"receivers": [{"id": "hook"}]});
        post_rule(&admin, &rule);
    }
    let flipper = Flipper::start(server.carbon_port(), series);
    let (mut dice, mut tally) = (Dice::new("webhook"), Tally::of("kill -9 while a webhook is told"));
    for _ in 0..times(100, 4) {
        hook.wait_for(1 + dice.below(TAKEN));
        if dice.below(2) == 1 {
            std::thread::sleep(dice.within(2 * SLOW));
        }
        server.kill();
        let killed = Instant::now();
        hook.forget();
        server.restart();
        hook.wait_for(1);
        tally.add(killed.elapsed());
    }
    drop(flipper);
    let books = Books::open(server.data());
    poll::until("everybody knows what is so", PATIENCE, || {
        (books.untold() == 0 && books.messages().1 == 0).then_some(())
    });
    tally.close(lost(&books, &hook.heard()));
}

/// How many messages are said to be delivered and never arrived; what arrived must be of what was committed.
fn lost(books: &Books, heard: &[Heard]) -> usize {
    let steps: BTreeSet<(String, u64, Option<String>)> =
        books.steps_after(0).into_values().map(|step| (step.alarm, step.seq, step.after)).collect();
    let planned = books.messages().0;
    let mut keys = BTreeMap::<&str, &[Said]>::new();
    for message in heard {
        assert!(planned.contains(&message.key), "a key that nobody planned");
        assert!(message.says.iter().all(|said| steps.contains(said)), "never committed: {message:?}");
        let said = keys.entry(&message.key).or_insert(&message.says);
        assert_eq!(*said, message.says, "one key for two things");
    }
    println!("{} messages planned, {} arrived, {} times in all", planned.len(), keys.len(), heard.len());
    books.delivered().iter().filter(|key| !keys.contains_key(key.as_str())).count()
}

/// An alarm, its number, and how it stands; none: cleared.
type Said = (String, u64, Option<String>);

#[derive(Clone, Debug)]
struct Heard {
    key: String,
    says: Vec<Said>,
}

/// A webhook's far end that writes down whatever arrives whole, and then takes its time to answer.
struct Hook {
    port: u16,
    heard: Arc<Mutex<Vec<Heard>>>,
    arrivals: Receiver<()>,
}

impl Hook {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let heard = Arc::<Mutex<Vec<Heard>>>::default();
        let (log, (arrived, arrivals)) = (heard.clone(), channel());
        // It ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // Half a message is of a server that was killed while writing it.
                let _half = take(stream, &log, &arrived);
            }
        });
        Hook { port, heard, arrivals }
    }

    /// Waits for so many messages more.
    fn wait_for(&self, count: u64) {
        for _ in 0..count {
            self.arrivals.recv_timeout(PATIENCE).expect("it goes on telling");
        }
    }

    /// What arrived until now is not waited for.
    fn forget(&self) {
        self.arrivals.try_iter().for_each(drop);
    }

    fn heard(&self) -> Vec<Heard> {
        self.heard.lock().expect("nobody panics with it").clone()
    }
}

/// Takes one message; none: it is not whole.
fn take(mut stream: TcpStream, log: &Mutex<Vec<Heard>>, arrived: &Sender<()>) -> Option<()> {
    let mut reading = BufReader::new(stream.try_clone().ok()?);
    let (mut key, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reading.read_line(&mut line).ok()?;
        if line.trim_end().is_empty() {
            break;
        }
        let (name, value) = line.split_once(": ").unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "webhook-id" => value.trim_end().clone_into(&mut key),
            "content-length" => length = value.trim_end().parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reading.read_exact(&mut body).ok()?;
    let body: Value = serde_json::from_slice(&body).ok()?;
    let says = body["data"]["alarms"].as_array()?.iter().map(Step::latest).collect();
    log.lock().expect("nobody panics with it").push(Heard { key, says });
    arrived.send(()).ok()?;
    std::thread::sleep(SLOW);
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok").ok()
}
