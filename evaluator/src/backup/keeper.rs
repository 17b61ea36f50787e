//! The thread that makes backups at their time, and when somebody asks for one.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use atalaya_api::settings::Settings;
use jiff::tz::TimeZone;
use serde_json::json;

use super::{BackupError, Found, Made, Places, Wish, folder, make, when};
use crate::clock::{Clock, Now};
use crate::domain::{Millis, Severity, Texts};
use crate::people::system;
use crate::store::{Actor, Store};

/// How often it is looked whether one is due.
const LOOK: Duration = Duration::from_secs(5);
/// How long after the start one that was missed is made: first the server is to be up.
const SOON: Duration = Duration::from_secs(60);
/// How long after a failure it is tried again.
const AGAIN: Duration = Duration::from_secs(3_600);

/// How it stands with the backups, and the bell to ask for one.
#[derive(Clone)]
pub struct Backups(Arc<Inner>);

struct Inner {
    places: Places,
    state: Mutex<State>,
    bell: Condvar,
    stop: AtomicBool,
}

#[derive(Default)]
struct State {
    /// Who asked for one.
    asked: Option<Actor>,
    running: bool,
    trouble: Option<Texts>,
    next_at: Option<Millis>,
}

/// How it stands with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub folder: PathBuf,
    /// The newest first.
    pub items: Vec<Found>,
    pub running: bool,
    pub verified_at: Option<Millis>,
    pub next_at: Option<Millis>,
    /// Why the last try failed.
    pub trouble: Option<Texts>,
}

impl Backups {
    pub fn new(places: Places) -> Self {
        let (state, bell, stop) = Default::default();
        Backups(Arc::new(Inner { places, state, bell, stop }))
    }

    /// Asks for one. False: one is being made, or somebody else asked.
    pub fn ask(&self, by: Actor) -> bool {
        let mut state = self.state();
        let free = !state.running && state.asked.is_none();
        if free {
            state.asked = Some(by);
            self.0.bell.notify_all();
        }
        free
    }

    /// Blocks: it looks into the folder.
    pub fn status(&self) -> Status {
        let folder = self.0.places.backups.clone();
        let items = folder::list(&folder);
        let verified_at = self.verified_at();
        let state = self.state();
        Status {
            folder,
            items,
            running: state.running || state.asked.is_some(),
            verified_at,
            next_at: state.next_at,
            trouble: state.trouble.clone(),
        }
    }

    /// When the newest backup was made. Blocks.
    pub fn verified_at(&self) -> Option<Millis> {
        folder::verified_at(&self.0.places.backups)
    }

    /// The folder where they are.
    pub fn folder(&self) -> &std::path::Path {
        &self.0.places.backups
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stopping(&self) -> bool {
        self.0.stop.load(Ordering::Relaxed)
    }

    /// Who asked for one; waits for it a while.
    fn wait(&self) -> Option<Actor> {
        let quiet = |state: &mut State| state.asked.is_none() && !self.stopping();
        let waited = self.0.bell.wait_timeout_while(self.state(), LOOK, quiet);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.running = state.asked.is_some();
        state.asked.take()
    }
}

/// The thread. When this is dropped it ends, and what it was making is given up.
pub struct Keeper {
    backups: Backups,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// `settings` reads those in force; `report` is told how it went: none when all is well.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(
        backups: Backups,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        settings: impl Fn(&dyn Store) -> Option<Settings> + Send + 'static,
        report: impl Fn(Option<(Severity, Texts)>) + Send + 'static,
    ) -> std::io::Result<Self> {
        let mut round =
            Round { backups: backups.clone(), store, clock, report: Box::new(report), plan: Plan::default() };
        let thread = std::thread::Builder::new().name("backup".to_owned()).spawn(move || {
            round.plan = Plan::starting(round.clock.now());
            while !round.backups.stopping() {
                round.look(&settings);
            }
        })?;
        Ok(Keeper { backups, thread: Some(thread) })
    }
}

impl Keeper {
    /// Tells the thread to end, and does not wait for it: whoever stops other threads does so meanwhile.
    pub fn tell_to_end(&self) {
        self.backups.0.stop.store(true, Ordering::Relaxed);
        self.backups.0.bell.notify_all();
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.tell_to_end();
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so itself.
            let _ended = thread.join();
        }
    }
}

/// When the next one is made. Pure.
#[derive(Debug, Default)]
struct Plan {
    /// The wall clock at the last look: what fell due since is due now.
    looked: Millis,
    /// By the monotonic clock, not before: one that was missed, or failed.
    not_before: Duration,
}

impl Plan {
    fn starting(now: Now) -> Self {
        Plan { looked: now.wall, not_before: now.mono + SOON }
    }

    /// Whether one is due by itself, and when the next one will be.
    fn look(
        &mut self,
        settings: &Settings,
        last: Option<Millis>,
        installed: Option<Millis>,
        now: Now,
    ) -> (bool, Option<Millis>) {
        let looked = std::mem::replace(&mut self.looked, now.wall);
        let at = when::time_of_day(&settings.backup.at).filter(|_| settings.backup.enabled);
        let Some(at) = at else { return (false, None) };
        let zone = TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC);
        let is_time = when::next_at(at, &zone, looked) <= now.wall;
        let is_late = now.mono >= self.not_before && when::is_overdue(last, installed, now.wall);
        (is_time || is_late, Some(when::next_at(at, &zone, now.wall)))
    }

    fn failed(&mut self, now: Now) {
        self.not_before = now.mono + AGAIN;
    }
}

/// Told how it went: none when all is well.
type Report = Box<dyn Fn(Option<(Severity, Texts)>) + Send>;

struct Round {
    backups: Backups,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    report: Report,
    plan: Plan,
}

impl Round {
    fn look(&mut self, settings: &impl Fn(&dyn Store) -> Option<Settings>) {
        let asked = self.backups.wait();
        if self.backups.stopping() {
            return;
        }
        let Some(settings) = settings(&*self.store) else { return self.backups.state().running = false };
        let (is_due, next_at) =
            self.plan.look(&settings, self.backups.verified_at(), self.installed(), self.clock.now());
        self.backups.state().next_at = next_at;
        if asked.is_some() || is_due {
            self.backups.state().running = true;
            self.make(&settings, asked.unwrap_or_else(system));
            self.backups.state().running = false;
        } else if !settings.backup.enabled {
            // Nobody wants any: none can fail.
            (self.report)(None);
        }
    }

    /// When the first account was made.
    fn installed(&self) -> Option<Millis> {
        self.store.users().ok()?.iter().map(|user| user.created_at).min()
    }

    fn make(&mut self, settings: &Settings, by: Actor) {
        let second = Some(&settings.backup.second_folder).filter(|folder| !folder.is_empty());
        let wish = Wish {
            folder: None,
            with_key: false,
            keep: Some(settings.backup.keep.into()),
            second: second.map(PathBuf::from),
        };
        let inner = &self.backups.0;
        let trouble = match make(&inner.places, &wish, self.clock.now().wall, &inner.stop) {
            Ok(made) => {
                tracing::info!("the backup {} was made and verified", made.file.display());
                self.note(&made, &by);
                if matches!(made.trouble, Some(BackupError::Stopping)) {
                    return;
                }
                made.trouble
            }
            Err(BackupError::Stopping) => return,
            // From the command line: nothing is wrong.
            Err(error @ BackupError::Busy) => {
                tracing::info!("no backup was made: {error}");
                return self.plan.failed(self.clock.now());
            }
            Err(error) => {
                self.plan.failed(self.clock.now());
                Some(error)
            }
        };
        if let Some(error) = &trouble {
            tracing::error!("the backup failed: {error}");
        }
        let texts = trouble.map(|error| error.texts());
        (self.report)(texts.clone().map(|texts| (Severity::Major, texts)));
        self.backups.state().trouble = texts;
    }

    fn note(&self, made: &Made, by: &Actor) {
        let after = json!({"bytes": made.bytes, "with_key": made.with_key});
        if let Err(error) = self.store.note("backup made", &made.name(), &after, by) {
            tracing::warn!(%error, "that a backup was made could not be written to the audit log");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Millis {
        text.parse::<jiff::Timestamp>().expect("an instant").into()
    }

    fn now(wall: Millis, mono: u64) -> Now {
        Now { wall, mono: Duration::from_secs(mono) }
    }

    #[test]
    fn one_is_due_when_its_time_has_passed_since_the_last_look_and_then_no_more() {
        let settings = Settings::default();
        let mut plan = Plan::starting(now(instant("2026-01-31T23:59:58Z"), 0));
        let after = now(instant("2026-02-01T00:00:03Z"), 5);
        let next = Some(instant("2026-02-02T00:00:00Z"));
        assert_eq!(plan.look(&settings, None, None, after), (true, next));
        assert_eq!(plan.look(&settings, None, None, now(after.wall.plus(5_000), 10)), (false, next));
        let mut off = Settings::default();
        off.backup.enabled = false;
        assert_eq!(plan.look(&off, None, None, now(instant("2026-02-02T00:00:03Z"), 15)), (false, None));
    }

    #[test]
    fn one_that_was_missed_is_made_soon_after_the_start_and_a_failed_one_tried_again_after_an_hour() {
        let settings = Settings::default();
        let start = instant("2026-01-31T12:00:00Z");
        let last = Some(start.plus(-86_400_001));
        let mut plan = Plan::starting(now(start, 0));
        let mut due = |mono: u64, failed: bool| {
            let now = now(start.plus(mono as i64 * 1_000), mono);
            let (due, _) = plan.look(&settings, last, None, now);
            if failed {
                plan.failed(now);
            }
            due
        };
        assert!(!due(5, false));
        assert!(due(60, true));
        assert!(!due(65, false));
        assert!(due(60 + 3_600, false));
    }

    #[test]
    fn a_clock_that_is_set_back_makes_none_by_itself() {
        let settings = Settings::default();
        let late = instant("2026-02-01T00:00:03Z");
        let mut plan = Plan::starting(now(late, 0));
        assert!(!plan.look(&settings, Some(late), None, now(late.plus(-3_600_000), 5)).0);
    }
}
