//! The telling on threads: one plans, and each receiver has one of its own, so that one that hangs holds up no other.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::planner::Stepped;
use super::{Conditions, Planner, Ports, Worker};
use crate::clock::{Clock, Now};
use crate::domain::ReceiverConfig;
use crate::store::{Result, Store, StoreError};

/// How long it waits at most until it looks again.
const LOOK: Duration = Duration::from_secs(1);
/// At a stop a message that is being sent has this long; it is sent again after the next start.
const FAREWELL: Duration = Duration::from_secs(5);
/// Between two tries to write down what became of it.
const PAUSE: Duration = Duration::from_millis(200);

enum Order {
    Look,
    Stop,
}

/// The running telling. Dropping it does not stop it; [`Notifier::stop`] does.
pub struct Notifier {
    orders: Sender<Order>,
    thread: JoinHandle<()>,
    conditions: Conditions,
}

impl Notifier {
    /// # Errors
    /// The store failed, or the system gives no thread.
    pub fn start(store: Arc<dyn Store>, clock: Arc<dyn Clock>, ports: Ports) -> Result<Self> {
        let planner = Planner::new(store.clone(), ports.clone(), clock.now())?;
        let conditions = Conditions::default();
        let (orders, inbox) = mpsc::channel();
        let crew = Crew { store, clock, ports, conditions: conditions.clone(), hired: BTreeMap::new() };
        let thread = std::thread::Builder::new()
            .name("telling".to_owned())
            .spawn(move || run(planner, crew, &inbox))
            .map_err(|error| StoreError::Backend(format!("cannot start the telling thread: {error}")))?;
        Ok(Notifier { orders, thread, conditions })
    }

    /// How the receivers do.
    pub fn conditions(&self) -> Conditions {
        self.conditions.clone()
    }

    /// Makes it look before its next second: something changed.
    pub fn waker(&self) -> impl Fn() + Send + Sync + Clone + 'static {
        let orders = self.orders.clone();
        // A thread that ended takes no orders; its end was logged.
        move || drop(orders.send(Order::Look))
    }

    /// Ends the threads. What is queued stays queued.
    pub fn stop(self) {
        // A thread that ended takes no orders; its end was logged.
        let _ended = self.orders.send(Order::Stop);
        if self.thread.join().is_err() {
            tracing::error!("the telling thread had panicked");
        }
    }
}

fn run(mut planner: Planner, mut crew: Crew, inbox: &Receiver<Order>) {
    let mut is_failing = false;
    loop {
        let stepped = stepped(&mut planner, crew.clock.now());
        crew.follow(planner.receivers());
        let wait = match &stepped {
            Ok(stepped) if stepped.is_behind => Duration::ZERO,
            _ => LOOK,
        };
        if stepped.as_ref().is_ok_and(|stepped| stepped.made > 0) {
            crew.wake();
        }
        match &stepped {
            Err(error) if !is_failing => {
                tracing::error!(%error, "who must be told cannot be read or written; tried again");
            }
            _ => {}
        }
        is_failing = stepped.is_err();
        match inbox.recv_timeout(wait) {
            Ok(order) => {
                if std::iter::once(order).chain(inbox.try_iter()).any(|order| matches!(order, Order::Stop)) {
                    return crew.dismiss();
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return crew.dismiss(),
        }
    }
}

/// A step that panics has failed like one whose store did, and the next one finds the planner as it is.
fn stepped(planner: &mut Planner, now: Now) -> Result<Stepped> {
    let step = AssertUnwindSafe(|| planner.step(now));
    catch_unwind(step)
        .unwrap_or_else(|_| Err(StoreError::Backend("planning broke off; the log says where".to_owned())))
}

/// The workers, each on a thread.
struct Crew {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ports: Ports,
    conditions: Conditions,
    hired: BTreeMap<String, Hired>,
}

struct Hired {
    basis: String,
    /// Wakes it; dropped, it ends after the message that it is sending.
    wake: Sender<()>,
    /// Disconnects when it has ended.
    ended: Receiver<()>,
}

impl Crew {
    /// There is a worker for each receiver, as the receiver is now.
    fn follow(&mut self, receivers: Vec<(ReceiverConfig, String)>) {
        self.hired.retain(|id, hired| {
            let has_ended = matches!(hired.ended.try_recv(), Err(TryRecvError::Disconnected));
            if has_ended {
                tracing::error!(receiver = id, "the thread of a receiver had panicked; it gets another");
            }
            !has_ended && receivers.iter().any(|(one, basis)| one.receiver.id == *id && hired.basis == *basis)
        });
        for (receiver, basis) in receivers {
            let id = &receiver.receiver.id;
            if self.hired.contains_key(id) {
                continue;
            }
            match self.hire(&receiver, basis) {
                Ok(hired) => drop(self.hired.insert(id.clone(), hired)),
                Err(error) => tracing::error!(%error, receiver = id, "no thread for a receiver; tried again"),
            }
        }
    }

    fn hire(&self, receiver: &ReceiverConfig, basis: String) -> std::io::Result<Hired> {
        let (wake, woken) = mpsc::channel();
        let (alive, ended) = mpsc::channel::<()>();
        let way = (self.ports.connect)(receiver);
        let (store, clock) = (self.store.clone(), self.clock.clone());
        let worker = Worker::new(receiver, way, store, clock, self.conditions.clone());
        let thread = std::thread::Builder::new().name(format!("tell {}", receiver.receiver.id));
        thread.spawn(move || {
            work(worker, &woken);
            drop(alive);
        })?;
        Ok(Hired { basis, wake, ended })
    }

    fn wake(&self) {
        for hired in self.hired.values() {
            // One that ended takes no orders; its end was logged.
            let _ended = hired.wake.send(());
        }
    }

    fn dismiss(self) {
        let began = self.clock.now().mono;
        let ended: Vec<_> = self.hired.into_values().map(|hired| hired.ended).collect();
        for one in ended {
            let left = FAREWELL.saturating_sub(self.clock.now().mono.saturating_sub(began));
            if one.recv_timeout(left) == Err(RecvTimeoutError::Timeout) {
                tracing::warn!("a message is still being sent while the server stops; it is sent again");
            }
        }
    }
}

fn work(mut worker: Worker, woken: &Receiver<()>) {
    loop {
        let wait = worker.step();
        match woken.recv_timeout(wait) {
            Ok(()) => woken.try_iter().for_each(drop),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return leave(&mut worker),
        }
    }
}

/// What became of the last message is written down, if that can be done at all.
fn leave(worker: &mut Worker) {
    for _ in 0..FAREWELL.as_millis() / PAUSE.as_millis() {
        if worker.settle().is_ok() {
            return;
        }
        std::thread::sleep(PAUSE);
    }
    tracing::warn!("what became of a message cannot be written; it is sent again after the next start");
}
