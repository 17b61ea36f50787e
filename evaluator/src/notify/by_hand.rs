//! The telling without threads: for stories, on a clock that somebody moves.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Conditions, Planner, Ports, Worker};
use crate::clock::Clock;
use crate::store::{Result, Store};

/// Turns of one step: planned, sent, planned again.
const TURNS: u32 = 50;
/// Messages that one receiver is sent in a turn.
const MESSAGES: u32 = 2_000;

/// The planner and a worker for each receiver, which take steps when they are told to.
pub struct ByHand {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ports: Ports,
    planner: Planner,
    workers: BTreeMap<String, (String, Worker)>,
    pub conditions: Conditions,
}

impl ByHand {
    /// # Errors
    /// The store failed.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, ports: Ports) -> Result<Self> {
        let planner = Planner::new(store.clone(), ports.clone(), clock.now())?;
        let (workers, conditions) = Default::default();
        Ok(ByHand { store, clock, ports, planner, workers, conditions })
    }

    /// Plans and sends until there is nothing to do at this instant.
    ///
    /// # Errors
    /// The store failed.
    pub fn step(&mut self) -> Result<()> {
        for _ in 0..TURNS {
            self.plan()?;
            let mut is_quiet = true;
            for (_, worker) in self.workers.values_mut() {
                for sent in 0..MESSAGES {
                    if !worker.step().is_zero() {
                        is_quiet &= sent == 0;
                        break;
                    }
                }
            }
            if is_quiet {
                break;
            }
        }
        Ok(())
    }

    /// Plans only: nothing is sent.
    ///
    /// # Errors
    /// The store failed.
    pub fn plan(&mut self) -> Result<()> {
        while self.planner.step(self.clock.now())?.is_behind {}
        let receivers = self.planner.receivers();
        self.workers.retain(|id, (basis, _)| {
            receivers.iter().any(|(one, wanted)| one.receiver.id == *id && basis == wanted)
        });
        for (receiver, basis) in receivers {
            self.workers.entry(receiver.receiver.id.clone()).or_insert_with(|| {
                let way = (self.ports.connect)(&receiver);
                let (store, clock) = (self.store.clone(), self.clock.clone());
                (basis, Worker::new(&receiver, way, store, clock, self.conditions.clone()))
            });
        }
        Ok(())
    }
}
