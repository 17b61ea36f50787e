//! The two threads that turn samples into stored alarms: one evaluates each second, one writes what was decided.
//! Writing never holds up evaluating.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::clock::Clock;
use crate::domain::{Severity, Texts};
use crate::pipeline::{Pipeline, SystemCause, Watchtower};
use crate::store::{CycleCommit, Store, StoreError};

/// Between two tries to write.
const RETRY: Duration = Duration::from_millis(500);

/// Guests and the host's own frames above them share this stack.
const STACK_BYTES: usize = 4 << 20;

/// The running threads. Dropping it does not stop them; [`Evaluating::stop`] does.
pub struct Evaluating {
    orders: Sender<Order>,
    evaluator: JoinHandle<()>,
    writer: JoinHandle<()>,
}

/// What the evaluating thread is told between cycles.
enum Order {
    /// A source elsewhere has answered.
    Look,
    Stop,
    ForgetAfter(i64),
}

impl Evaluating {
    /// Starts both threads. `committed` is told the last event's id after each commit that made one, `beaten` of each
    /// heartbeat that was written.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(
        pipeline: Pipeline,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        committed: impl Fn(u64) + Send + 'static,
        beaten: impl Fn() + Send + 'static,
    ) -> std::io::Result<Self> {
        let watchtower = pipeline.watchtower();
        let (orders, inbox) = mpsc::channel();
        let (decided, to_write) = mpsc::channel();
        let writer = std::thread::Builder::new().name("writer".to_owned());
        let time = clock.clone();
        let writer = writer.spawn(move || {
            let told = Listeners { committed: &committed, beaten: &beaten };
            Writer { store: &*store, watchtower, clock: &*time, told }.run(&to_write);
        })?;
        let evaluator = std::thread::Builder::new().name("evaluator".to_owned()).stack_size(STACK_BYTES);
        let evaluator = evaluator.spawn(move || evaluate(pipeline, &*clock, &inbox, &decided))?;
        Ok(Evaluating { orders, evaluator, writer })
    }

    /// Wakes the evaluating thread before its next second: something it asked for is there.
    pub fn waker(&self) -> impl Fn() + Send + 'static {
        let orders = self.orders.clone();
        // A thread that ended takes no orders; its end was logged.
        move || drop(orders.send(Order::Look))
    }

    /// After how many ms a vanished series is given up.
    pub fn set_forget_after(&self, ms: i64) {
        // A thread that ended takes no orders; its end was logged.
        let _ended = self.orders.send(Order::ForgetAfter(ms));
    }

    /// Ends the current cycle, writes what it decided, and returns.
    pub fn stop(self) {
        // A thread that ended takes no orders; its end was logged.
        let _ended = self.orders.send(Order::Stop);
        for thread in [self.evaluator, self.writer] {
            if thread.join().is_err() {
                tracing::error!("a thread of the evaluation had panicked");
            }
        }
    }
}

fn evaluate(mut pipeline: Pipeline, clock: &dyn Clock, inbox: &Receiver<Order>, decided: &Sender<Decided>) {
    let watchtower = pipeline.watchtower();
    loop {
        let now = clock.now();
        let commit = pipeline.tick(now);
        if !commit.is_empty() && decided.send(Decided { commit, began: now.mono }).is_err() {
            tracing::error!("the writing thread is gone; the evaluation stops");
            return;
        }
        watchtower.set_cpu_seconds(thread_cpu_seconds());
        match inbox.recv_timeout(pipeline.until_next_slot(clock.now())) {
            Ok(order) => {
                for order in std::iter::once(order).chain(inbox.try_iter()) {
                    match order {
                        Order::ForgetAfter(ms) => pipeline.set_forget_after(ms),
                        Order::Look => {}
                        Order::Stop => return,
                    }
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// CPU time of the calling thread, seconds.
fn thread_cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// What a cycle decided, and when it began (monotonic).
#[derive(Default)]
struct Decided {
    commit: CycleCommit,
    began: Duration,
}

/// Who is told of what was written.
struct Listeners<'a> {
    committed: &'a dyn Fn(u64),
    beaten: &'a dyn Fn(),
}

/// Writes what was decided.
struct Writer<'a> {
    store: &'a dyn Store,
    watchtower: Watchtower,
    clock: &'a dyn Clock,
    told: Listeners<'a>,
}

impl Writer<'_> {
    /// Writes commits in order. One that fails is tried again until it succeeds, together with what came after it:
    /// nothing that was decided is lost while the disk is full.
    fn run(&self, to_write: &Receiver<Decided>) {
        let mut pending = Decided::default();
        let mut failures = 0;
        while collect(to_write, &mut pending, failures > 0) {
            match self.store.commit(&pending.commit) {
                Ok(last_event) => {
                    self.written(last_event, &pending);
                    pending = Decided::default();
                    failures = 0;
                    self.watchtower.report(SystemCause::Store, None);
                }
                Err(error) => {
                    failures += 1;
                    self.tell(failures, &error);
                }
            }
            self.watchtower.set_waiting(pending.commit.transitions.len());
        }
        self.write_at_last(&pending);
    }

    /// The server stops: what could not be written so far is tried for a few seconds more, and what is lost is said.
    fn write_at_last(&self, pending: &Decided) {
        const TRIES: u32 = 20;
        for _ in 0..TRIES {
            if pending.commit.is_empty() {
                return;
            }
            if let Ok(last_event) = self.store.commit(&pending.commit) {
                return self.written(last_event, pending);
            }
            std::thread::sleep(RETRY);
        }
        tracing::error!(
            transitions = pending.commit.transitions.len(),
            "the server stops, and what was decided is lost: it could not be written"
        );
    }

    /// Only now it happened.
    fn written(&self, last_event: Option<u64>, written: &Decided) {
        if let Some(event) = last_event {
            (self.told.committed)(event);
            let lag = self.clock.now().mono.saturating_sub(written.began);
            self.watchtower.set_event_lag(lag.as_secs_f64());
        }
        if written.commit.heartbeat.is_some() {
            self.watchtower.beaten(self.clock.now());
            (self.told.beaten)();
        }
    }

    /// The second failure in a row is no accident.
    fn tell(&self, failures: u32, error: &StoreError) {
        if failures == 1 {
            tracing::error!(%error, "what was decided cannot be written; it is kept and tried again");
        }
        if failures == 2 {
            let words = Texts {
                en: format!("what is decided cannot be written down: {error}"),
                es: format!("no se puede guardar lo que se decide: {error}"),
            };
            self.watchtower.report(SystemCause::Store, Some((Severity::Critical, words)));
        }
    }
}

/// Waits for something to write and takes all there is. False: there will be nothing more.
fn collect(to_write: &Receiver<Decided>, pending: &mut Decided, again: bool) -> bool {
    let first =
        if again { to_write.recv_timeout(RETRY) } else { to_write.recv().map_err(RecvTimeoutError::from) };
    match first {
        Ok(decided) => pending.take(decided),
        Err(RecvTimeoutError::Timeout) => {}
        Err(RecvTimeoutError::Disconnected) => return false,
    }
    to_write.try_iter().for_each(|decided| pending.take(decided));
    true
}

impl Decided {
    /// What came after; the beginning of the first counts.
    fn take(&mut self, later: Decided) {
        if self.commit.is_empty() {
            self.began = later.began;
        }
        self.commit.extend(later.commit);
    }
}
