//! Tells an address of each heartbeat, so that somebody outside notices when there are none.
//!
//! On a thread of its own: an address that hangs holds up nothing else. It ends when nobody can tell it anything any more.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use crate::clock::{Clock, Now};
use crate::domain::{Severity, Texts, TroubleKind};
use crate::pipeline::{BEAT_EVERY, Missed, Pulse, SystemCause, Told, Watchtower};
use crate::source::remote::http::{Outgoing, Reach, Request, checked, hidden, said};

/// Between two looks at the heart.
const LOOK: Duration = Duration::from_secs(5);
/// The first wait after a failure; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_secs(2);
/// For how long an address may fail until that is an alarm.
const PATIENCE: Duration = Duration::from_secs(300);

/// The way to the thread that tells.
#[derive(Clone)]
pub struct Teller(Sender<Note>);

enum Note {
    Beat,
    Address(String),
}

impl Teller {
    /// Starts with no address to tell.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(watchtower: Watchtower, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let (notes, inbox) = mpsc::channel();
        let thread = std::thread::Builder::new().name("heartbeat".to_owned());
        thread.spawn(move || run(&watchtower, &*clock, &inbox))?;
        Ok(Teller(notes))
    }

    /// A heartbeat was written down.
    pub fn beat(&self) {
        self.note(Note::Beat);
    }

    /// Who is told from now on; empty: nobody.
    pub fn set_address(&self, address: &str) {
        self.note(Note::Address(address.to_owned()));
    }

    fn note(&self, note: Note) {
        // The thread ends after this.
        let _sent = self.0.send(note);
    }
}

fn run(watchtower: &Watchtower, clock: &dyn Clock, inbox: &Receiver<Note>) {
    let mut telling = Telling::default();
    loop {
        match inbox.recv_timeout(telling.wait(clock.now())) {
            Ok(note) => telling.hear(note, clock.now()),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        telling.tell(clock);
        watchtower.set_told(telling.told());
        watchtower.report(SystemCause::Heartbeat, telling.trouble(&watchtower.pulse(), clock.now()));
    }
}

/// What is told to whom, and how that went.
#[derive(Default)]
struct Telling {
    address: Option<Address>,
    told: Told,
    /// The beat that is still to be told of (monotonic).
    owed: Option<Duration>,
    /// Not before this, after a failure.
    again_at: Duration,
    wait: Duration,
    failing_since: Option<Duration>,
    /// When a beat last came.
    beaten: Option<Duration>,
}

struct Address {
    text: String,
    /// What of it may be shown: it may hold a key.
    shown: String,
    line: Outgoing,
}

impl Address {
    /// None where it is empty, or was saved by a version that checked it less.
    fn of(text: String) -> Option<Self> {
        let (_, shown) = checked(&text, "heartbeat_url").ok()?;
        let line = Outgoing::new(&Reach { hidden: hidden(&text), ..Reach::default() }).ok()?;
        Some(Address { text, shown, line })
    }
}

impl Telling {
    fn hear(&mut self, note: Note, now: Now) {
        match note {
            Note::Beat => {
                self.beaten = Some(now.mono);
                self.owed = Some(now.mono);
                (self.again_at, self.wait) = (now.mono, FIRST_WAIT);
            }
            Note::Address(text) if self.address.as_ref().is_some_and(|known| known.text == text) => {}
            Note::Address(text) => {
                let owed = self.beaten.filter(|beat| now.mono.saturating_sub(*beat) <= BEAT_EVERY);
                let (address, beaten) = (Address::of(text), self.beaten);
                *self = Telling { address, owed, beaten, wait: FIRST_WAIT, ..Telling::default() };
            }
        }
    }

    /// Until there is something to do.
    fn wait(&self, now: Now) -> Duration {
        match (&self.address, self.owed) {
            (Some(_), Some(_)) => self.again_at.saturating_sub(now.mono).min(LOOK),
            _ => LOOK,
        }
    }

    /// Tells of the latest beat if that is still to be done; the next one speaks for one that is older.
    fn tell(&mut self, clock: &dyn Clock) {
        let now = clock.now().mono;
        self.owed = self.owed.filter(|beat| now.saturating_sub(*beat) < BEAT_EVERY);
        let Some(address) = self.address.as_ref().filter(|_| self.owed.is_some() && now >= self.again_at)
        else {
            return;
        };
        match ask(address) {
            Ok(()) => {
                self.told = Told { at: Some(clock.now().wall), trouble: None, failures: self.told.failures };
                (self.owed, self.failing_since) = (None, None);
            }
            Err(words) => {
                tracing::warn!("the heartbeat was not taken: {}", words.en);
                self.told.failures += 1;
                self.told.trouble = Some(words);
                self.failing_since = self.failing_since.or(Some(now));
                self.again_at = clock.now().mono + self.wait;
                self.wait *= 2;
            }
        }
    }

    fn told(&self) -> Option<Told> {
        self.address.as_ref().map(|_| self.told.clone())
    }

    /// What is to be an alarm.
    fn trouble(&self, pulse: &Pulse, now: Now) -> Option<(Severity, Texts)> {
        let untold = self.failing_since.is_some_and(|since| now.mono.saturating_sub(since) >= PATIENCE);
        let words = match (&self.told.trouble, pulse.missed) {
            // A check in quarantine has an alarm of its own.
            (_, Some(missed))
                if missed != Missed::Quarantined && !Pulse::beats(pulse.age(now.mono), now.mono) =>
            {
                Texts {
                    en: format!("the heartbeat stands still: {missed}"),
                    es: format!("el latido se ha parado: {}", missed.spanish()),
                }
            }
            (Some(trouble), _) if untold => Texts {
                en: format!("nobody hears the heartbeat: {}", trouble.en),
                es: format!("nadie oye el latido: {}", trouble.es),
            },
            _ => return None,
        };
        Some((Severity::Major, words))
    }
}

fn ask(address: &Address) -> Result<(), Texts> {
    let Address { text, shown, line } = address;
    let answer = line.send(&Request::get(text, shown)).map_err(|trouble| trouble.words)?;
    if answer.is_good() {
        return Ok(());
    }
    let code = answer.status;
    let known = answer.trouble(shown, line.quoter());
    let other = || {
        let (en, es) = (format!("refuses it ({code})"), format!("lo rechaza ({code})"));
        said(TroubleKind::Refused, shown, en, es)
    };
    Err(known.unwrap_or_else(other).words)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU16, Ordering};

    use super::*;
    use crate::clock::ManualClock;
    use crate::domain::Millis;
    use crate::source::remote::http::stand_in::{StandIn, answer};

    struct Stage {
        clock: ManualClock,
        telling: Telling,
        listener: StandIn,
        status: Arc<AtomicU16>,
    }

    fn stage() -> Stage {
        let status = Arc::new(AtomicU16::new(200));
        let answered = status.clone();
        let listener = StandIn::new(move |_| {
            let status = answered.load(Ordering::Relaxed);
            format!("HTTP/1.1 {status} x\r\nContent-Length: 2\r\n\r\nok").into_bytes()
        });
        let clock = ManualClock::at(Millis(1_800_000_000_000));
        let mut telling = Telling::default();
        telling.hear(Note::Address(format!("{}/ping/s3cret?a=1", listener.url)), clock.now());
        Stage { clock, telling, listener, status }
    }

    impl Stage {
        fn beat(&mut self) {
            self.telling.hear(Note::Beat, self.clock.now());
            self.telling.tell(&self.clock);
        }

        /// A second at a time, as the thread would.
        fn pass(&mut self, seconds: u64) {
            for _ in 0..seconds {
                self.clock.advance(Duration::from_secs(1));
                self.telling.tell(&self.clock);
            }
        }

        fn trouble(&self) -> Option<String> {
            self.telling.trouble(&Pulse::default(), self.clock.now()).map(|(_, words)| words.en)
        }
    }

    #[test]
    fn each_beat_is_told_once_at_the_whole_address() {
        let mut stage = stage();
        for _ in 0..3 {
            stage.beat();
            stage.pass(60);
        }
        let heard = stage.listener.heard();
        assert_eq!(heard.len(), 3);
        assert!(heard[0].line.starts_with("GET /ping/s3cret?a=1"), "{:?}", heard[0]);
        let told = stage.telling.told().expect("there is an address");
        assert_eq!((told.failures, told.trouble), (0, None));
        assert_eq!(told.at, Some(Millis(1_800_000_120_000)));
    }

    #[test]
    fn an_address_that_fails_is_asked_again_within_the_minute_and_less_and_less() {
        let mut stage = stage();
        stage.status.store(500, Ordering::Relaxed);
        stage.beat();
        stage.pass(59);
        // At once, then after 2, 6, 14 and 30 s.
        assert_eq!(stage.listener.heard().len(), 5);
        let told = stage.telling.told().expect("there is an address");
        assert_eq!(told.failures, 5);
        let words = told.trouble.expect("it fails").en;
        assert!(words.contains("500") && !words.contains("s3cret"), "{words}");
        stage.status.store(200, Ordering::Relaxed);
        stage.beat();
        assert_eq!(stage.telling.told().expect("there is an address").trouble, None);
    }

    #[test]
    fn an_address_that_moved_is_told_without_the_key_in_its_path() {
        let clock = ManualClock::at(Millis(1_800_000_000_000));
        let listener = StandIn::new(|heard| {
            let path = heard.line.trim_start_matches("GET ").split('?').next().unwrap_or_default();
            answer("301 Moved", &[&format!("location: https://hc.example{path}")], "")
        });
        let mut telling = Telling::default();
        telling.hear(Note::Address(format!("{}/ping/s3cret?a=1", listener.url)), clock.now());
        telling.hear(Note::Beat, clock.now());
        telling.tell(&clock);
        let words = telling.told().expect("there is an address").trouble.expect("it moved").en;
        assert!(words.contains("\"https://hc.example…\"") && !words.contains("s3cret"), "{words}");
    }

    #[test]
    fn after_five_minutes_of_failing_it_is_an_alarm_until_it_is_heard_again() {
        let mut stage = stage();
        stage.status.store(404, Ordering::Relaxed);
        for _ in 0..5 {
            stage.beat();
            assert_eq!(stage.trouble(), None);
            stage.pass(60);
        }
        assert!(stage.trouble().is_some_and(|words| words.starts_with("nobody hears the heartbeat")));
        stage.status.store(204, Ordering::Relaxed);
        stage.beat();
        assert_eq!(stage.trouble(), None);
    }

    #[test]
    fn a_new_address_is_told_at_once_while_the_heart_beats_and_an_empty_one_never() {
        let mut stage = stage();
        stage.beat();
        stage.pass(30);
        let (url, now) = (stage.listener.url.clone(), stage.clock.now());
        stage.telling.hear(Note::Address(format!("{url}/other")), now);
        stage.telling.tell(&stage.clock);
        assert_eq!(stage.listener.heard().len(), 2);
        stage.telling.hear(Note::Address(String::new()), now);
        stage.beat();
        assert_eq!((stage.listener.heard().len(), stage.telling.told()), (2, None));
    }

    #[test]
    fn a_heart_that_stands_still_is_an_alarm_unless_its_cause_has_one() {
        let mut stage = stage();
        stage.pass(200);
        let now = stage.clock.now();
        let missing = |missed| Pulse { missed: Some(missed), ..Pulse::default() };
        let words = stage.telling.trouble(&missing(Missed::Sample), now).map(|(_, words)| words.en);
        let wanted = "the heartbeat stands still: the local store did not take the sample";
        assert_eq!(words.as_deref(), Some(wanted));
        assert_eq!(stage.telling.trouble(&missing(Missed::Quarantined), now), None);
    }
}
