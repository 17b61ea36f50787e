//! `kill -9` between the moment that a message is taken up and the one that it is sent: each message arrives, with one key, and none of what
//! was never committed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use atalaya::clock::{Clock, SystemClock};
use atalaya::domain::{
    AlarmContext, AlarmId, Message, Reason, ReceiverConfig, Severity, Subject, Texts, Transition,
};
use atalaya::notify::words::title;
use atalaya::notify::{ByHand, Failure, Nothing, Notifier, Ports, Way};
use atalaya::store::sqlite::SqliteStore;
use atalaya::store::{AlarmFilter, AlarmStore, CycleCommit, DeliveryFilter, EventStore, NotifyStore, Slice};
use atalaya_api::delivery::DeliveryState;
use atalaya_api::receiver::ReceiverDraft;
use atalaya_api::settings::Settings;
use atalaya_tests::dice::Dice;

use crate::tally::Tally;
use crate::times;

/// Names the data folder and the listener in the environment of the process that is to be killed.
const FOLDER: &str = "ATALAYA_TEST_TELLING";
const LISTENER: &str = "ATALAYA_TEST_LISTENER";
/// The test of the same binary that the killed process runs.
const TELLER: &str = "telling::a_process_that_tells_until_it_is_killed";
/// Alarms that one life of the process raises at most.
const ALARMS: u64 = 200;
/// Messages that were taken up in one life, at most, before it is killed.
const TAKEN: u64 = 30;

#[test]
fn kills_between_taking_up_and_sending_lose_no_message_and_invent_none() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let listener = Listener::start();
    let mut dice = Dice::new("telling");
    let mut tally = Tally::of("kill -9 while telling");
    for _ in 0..times(100, 4) {
        let began = Instant::now();
        live_and_be_killed(folder.path(), &listener, &mut dice);
        tally.add(began.elapsed());
    }
    let store = SqliteStore::open(&folder.path().join("atalaya.db"), Arc::new(SystemClock::new()));
    let store = store.expect("the store opens after the last kill");
    let ports = ports(listener.address.clone(), false);
    let mut telling = ByHand::new(store.clone(), Arc::new(SystemClock::new()), ports).expect("it answers");
    telling.step().expect("it answers");
    let lost = lost(&store, &listener.heard());
    tally.close(lost);
}

/// A process raises alarms and tells of them until it has taken up some messages, and is killed around the sending of the last.
fn live_and_be_killed(folder: &Path, listener: &Listener, dice: &mut Dice) {
    let mut child = Command::new(std::env::current_exe().expect("the test's own program"))
        .args(["--exact", TELLER, "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .env(LISTENER, &listener.address)
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts once more");
    let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let wanted = 1 + dice.below(TAKEN) as usize;
    let taken = lines.map_while(Result::ok).filter(|line| line.starts_with("taken ")).take(wanted).count();
    if dice.below(2) == 1 {
        std::thread::sleep(dice.within(Duration::from_millis(3)));
    }
    child.kill().expect("it is ours");
    child.wait().expect("it is ours");
    assert_eq!(taken, wanted, "the process ended by itself");
}

/// How many alarms nobody was told of, or not with one key; what arrived must be of what was committed.
fn lost(store: &SqliteStore, heard: &[(AlarmId, String)]) -> usize {
    let all = Slice { limit: 1_000_000, cursor: None };
    let alarms = store.alarms(&AlarmFilter::default(), &all).expect("the store answers").items;
    let committed: BTreeSet<AlarmId> = alarms.iter().map(|alarm| alarm.id).collect();
    let mut keys = BTreeMap::<AlarmId, BTreeSet<&str>>::new();
    for (alarm, key) in heard {
        assert!(committed.contains(alarm), "told of an alarm that was never committed");
        keys.entry(*alarm).or_default().insert(key);
    }
    let deliveries = store.deliveries(&DeliveryFilter::default(), &all).expect("the store answers").items;
    let kept: BTreeSet<&str> = deliveries.iter().map(|delivery| delivery.key.as_str()).collect();
    assert!(keys.values().flatten().all(|key| kept.contains(key)), "a key that nobody planned");
    assert!(deliveries.iter().all(|delivery| delivery.state == DeliveryState::Delivered));
    let repeated = heard.len() - keys.len();
    println!("{} alarms, {} messages, {repeated} of them more than once", committed.len(), heard.len());
    committed.iter().filter(|alarm| keys.get(alarm).is_none_or(|keys| keys.len() != 1)).count()
}

/// Does nothing unless [`live_and_be_killed`] started this process.
#[test]
fn a_process_that_tells_until_it_is_killed() {
    let (Some(folder), Ok(address)) = (std::env::var_os(FOLDER), std::env::var(LISTENER)) else { return };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let store = SqliteStore::open(&Path::new(&folder).join("atalaya.db"), clock.clone()).expect("it opens");
    let notifier = Notifier::start(store.clone(), clock.clone(), ports(address, true)).expect("it starts");
    let wake = notifier.waker();
    let before = store.last_event().expect("it answers");
    for n in before..before + ALARMS {
        let commit = CycleCommit { transitions: vec![raised(n, &*clock)], ..CycleCommit::default() };
        store.commit(&commit).expect("it is written");
        wake();
    }
    loop {
        std::thread::park();
    }
}

/// The alarm of source number `n`.
fn raised(n: u64, clock: &dyn Clock) -> Transition {
    let subject = Subject::Source { id: format!("source {n}").into() };
    Transition {
        alarm: AlarmId::raised_by(&subject.key(), 1),
        subject,
        seq: 1,
        at: clock.now().wall,
        before: None,
        after: Some(Severity::Major),
        reason: Reason::ChecksToAlert,
        value: None,
        message: Texts::default(),
        evidence: None,
        context: Arc::new(AlarmContext::default()),
    }
}

/// One receiver, told of whatever has no rule by a line over TCP.
fn ports(address: String, says_so: bool) -> Ports {
    let draft = ReceiverDraft { id: "noc".to_owned(), ..ReceiverDraft::default() };
    let updated_at = atalaya::domain::Millis(0);
    let receiver =
        ReceiverConfig { receiver: draft, updated_at, updated_by: String::new(), deleted_at: None };
    let settings = Settings { system_receivers: vec!["noc".to_owned()], ..Settings::default() };
    Ports {
        receivers: Arc::new(move || Ok(vec![receiver.clone()])),
        connect: Arc::new(move |_| Ok(Box::new(Line { address: address.clone(), says_so }))),
        quieting: Arc::new(Nothing),
        settings: Arc::new(move || Ok(settings.clone())),
        title: Arc::new(title),
        dead: Arc::new(|_| ()),
    }
}

struct Line {
    address: String,
    says_so: bool,
}

impl Way for Line {
    fn send(&self, message: &Message) -> Result<String, Failure> {
        if self.says_so {
            // The harness of the tests may have left its line unfinished.
            let mut out = std::io::stdout().lock();
            let _told = write!(out, "\ntaken {}\n", message.key).and_then(|()| out.flush());
        }
        let said = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect(&self.address)?;
            let lines = message.alarms.iter().map(|said| format!("{} {}\n", said.alarm, message.key));
            stream.write_all(lines.collect::<String>().as_bytes())?;
            stream.shutdown(std::net::Shutdown::Write)?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        said().map_err(|error| Failure::Retryable {
            words: Texts { en: error.to_string(), es: error.to_string() },
            answer: String::new(),
            after: None,
        })
    }
}

/// Writes down whatever arrives.
struct Listener {
    address: String,
    heard: Arc<Mutex<Vec<(AlarmId, String)>>>,
}

impl Listener {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound").to_string();
        let heard = Arc::<Mutex<Vec<(AlarmId, String)>>>::default();
        let log = heard.clone();
        // It ends with the test's process.
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let mut text = String::new();
                let _whole = stream.read_to_string(&mut text);
                // Half a line is of whoever was killed while writing it.
                let lines = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
                let pair = |line: &str| {
                    let (alarm, key) = line.split_once(' ')?;
                    Some((alarm.parse().ok()?, key.to_owned()))
                };
                log.lock().expect("nobody panics with it").extend(lines.filter_map(pair));
                // Whoever was killed does not read it.
                let _gone = stream.write_all(b"thank you");
            }
        });
        Listener { address, heard }
    }

    fn heard(&self) -> Vec<(AlarmId, String)> {
        self.heard.lock().expect("nobody panics with it").clone()
    }
}
