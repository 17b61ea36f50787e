//! The one thread that writes, with group commit: jobs that wait together become durable together.
//!
//! Making a commit durable costs milliseconds, writing a row microseconds. So the thread runs whatever is queued in
//! one transaction, each job within a savepoint (a job that fails undoes only itself), and answers the callers
//! after the commit.

use std::os::unix::fs::MetadataExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

use super::super::{Result, StoreError, StoreHealth};
use super::words;
use crate::clock::Clock;

/// A group is committed when it has changed this many rows ...
const GROUP_ROWS: u64 = 1_000;
/// ... or has taken this long, even if more is waiting.
const GROUP_TIME: Duration = Duration::from_millis(50);

/// Handed the connection within a transaction, or the words of why there is none.
type Job = Box<dyn FnOnce(std::result::Result<&Connection, &str>) -> Ran + Send>;

/// Where the open file should be. SQLite goes on writing into a file that was deleted, and nobody ever finds it again.
#[derive(Clone)]
struct Place {
    path: PathBuf,
    /// Device and inode.
    file: (u64, u64),
}

impl Place {
    fn of(path: &Path) -> Result<Self> {
        let file = identity(path).map_err(|error| {
            StoreError::Backend(format!("{} cannot be looked at: {error}", path.display()))
        })?;
        Ok(Place { path: path.to_owned(), file })
    }

    /// What is wrong with it.
    fn trouble(&self) -> Option<String> {
        let is_there = identity(&self.path).is_ok_and(|file| file == self.file);
        let path = self.path.display();
        (!is_there).then(|| {
            format!("{path} was moved, deleted or replaced while the server runs: put it back, or start the server again")
        })
    }
}

fn identity(path: &Path) -> std::io::Result<(u64, u64)> {
    std::fs::metadata(path).map(|data| (data.dev(), data.ino()))
}

/// Whether something could be done, or the words of why not.
type Done<'a> = std::result::Result<(), &'a str>;

/// What a job left to do when its group is committed, or could not be.
struct Ran {
    /// It failed: what it wrote must be undone.
    failed: bool,
    /// It failed because of the store and not of the caller.
    trouble: Option<String>,
    answer: Box<dyn FnOnce(Done<'_>)>,
}

/// The handle to the writing thread. Dropping it waits until all that is queued is written.
pub(super) struct Writer {
    /// None only while being dropped.
    queue: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    health: Arc<Mutex<StoreHealth>>,
    place: Place,
}

impl Writer {
    /// `path` is the connection's file.
    pub(super) fn start(connection: Connection, path: &Path, clock: Arc<dyn Clock>) -> Result<Self> {
        let (queue, jobs) = mpsc::channel();
        let health = Arc::<Mutex<StoreHealth>>::default();
        let place = Place::of(path)?;
        let group = Groups { connection, place: place.clone(), clock, health: health.clone() };
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || group.run(&jobs))
            .map_err(|error| StoreError::Backend(format!("cannot start the writer thread: {error}")))?;
        Ok(Writer { queue: Some(queue), thread: Some(thread), health, place })
    }

    /// Runs `job` and returns when what it wrote is durable.
    pub(super) fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = mpsc::sync_channel(1);
        let job: Job = Box::new(move |connection| {
            let result = connection.map_err(|words| StoreError::Backend(words.to_owned())).and_then(job);
            let trouble = match &result {
                Err(StoreError::Backend(words)) => Some(words.clone()),
                _ => None,
            };
            let failed = result.is_err();
            let answer = Box::new(move |committed: Done<'_>| {
                let committed = committed.map_err(|words| StoreError::Backend(words.to_owned()));
                // A caller that is gone does not want to know.
                let _ = answer.send(committed.and(result));
            });
            Ran { failed, trouble, answer }
        });
        let stopped = || StoreError::Backend("the write was given up; see the log".to_owned());
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(job).map_err(|_| stopped())?;
        answered.recv().map_err(|_| stopped())?
    }

    pub(super) fn health(&self) -> StoreHealth {
        let mut health = lock(&self.health).clone();
        health.trouble = health.trouble.or_else(|| self.place.trouble());
        health
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's writer thread had panicked");
        }
    }
}

fn lock(health: &Mutex<StoreHealth>) -> MutexGuard<'_, StoreHealth> {
    health.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The thread's side.
struct Groups {
    connection: Connection,
    place: Place,
    clock: Arc<dyn Clock>,
    health: Arc<Mutex<StoreHealth>>,
}

impl Groups {
    fn run(self, jobs: &Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            self.run_group(first, jobs);
        }
    }

    fn run_group(&self, first: Job, jobs: &Receiver<Job>) {
        let started = self.clock.now().mono;
        let mut ran = Vec::new();
        let committed = match self.begin() {
            Ok(()) => self.run_jobs(first, jobs, started, &mut ran).and_then(|()| self.commit()),
            Err(words) => {
                ran.push(first(Err(&words)));
                Err(words)
            }
        };
        self.note(&committed, &ran, self.clock.now().mono.saturating_sub(started));
        for one in ran {
            (one.answer)(committed.as_ref().copied().map_err(String::as_str));
        }
    }

    /// Runs the first job and what else is waiting, up to the bounds of a group.
    fn run_jobs(
        &self,
        first: Job,
        jobs: &Receiver<Job>,
        started: Duration,
        ran: &mut Vec<Ran>,
    ) -> std::result::Result<(), String> {
        let changed = self.connection.total_changes();
        let mut next = Some(first);
        while let Some(job) = next {
            self.run_job(job, ran)?;
            let full = self.connection.total_changes() - changed >= GROUP_ROWS
                || self.clock.now().mono.saturating_sub(started) >= GROUP_TIME;
            next = if full { None } else { jobs.try_recv().ok() };
        }
        Ok(())
    }

    /// Runs one job within a savepoint. An error is the end of the whole group.
    fn run_job(&self, job: Job, ran: &mut Vec<Ran>) -> std::result::Result<(), String> {
        self.connection.execute_batch("SAVEPOINT job").map_err(|error| words(&error))?;
        let outcome = catch_unwind(AssertUnwindSafe(|| job(Ok(&self.connection))));
        // The caller of a job that panicked learns it from the answer that never comes.
        let failed = outcome.as_ref().map_or(true, |one| one.failed);
        let trouble = outcome.as_ref().ok().and_then(|one| one.trouble.clone());
        ran.extend(outcome);
        if self.connection.is_autocommit() {
            // SQLite itself rolls everything back when the disk is full or fails.
            return Err(trouble.unwrap_or_else(|| "the transaction was rolled back".to_owned()));
        }
        let end = if failed { "ROLLBACK TO job; RELEASE job" } else { "RELEASE job" };
        self.connection.execute_batch(end).map_err(|error| words(&error))
    }

    fn begin(&self) -> std::result::Result<(), String> {
        if let Some(words) = self.place.trouble() {
            return Err(words);
        }
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(|error| words(&error))
    }

    fn commit(&self) -> std::result::Result<(), String> {
        self.connection.execute_batch("COMMIT").map_err(|error| words(&error))
    }

    /// Leaves no transaction open behind a failed group, and keeps the books.
    fn note(&self, committed: &std::result::Result<(), String>, ran: &[Ran], took: Duration) {
        if committed.is_err() && !self.connection.is_autocommit() {
            // If even this fails the next BEGIN says so.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        let mut health = lock(&self.health);
        let was_well = health.trouble.is_none();
        health.commits += 1;
        health.last_commit_seconds = took.as_secs_f64();
        health.commit_seconds += took.as_secs_f64();
        if committed.is_ok() && ran.iter().any(|one| !one.failed) {
            health.trouble = None;
        }
        let trouble = ran.iter().find_map(|one| one.trouble.clone());
        if let Some(words) = committed.as_ref().err().cloned().or(trouble) {
            if was_well {
                tracing::error!("the store cannot write: {words}");
            }
            health.trouble = Some(words);
        }
    }
}
