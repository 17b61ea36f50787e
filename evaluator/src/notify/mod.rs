//! Telling people. One direction, as the rest: what changed → who must be told what ([`crate::plan`], pure) → deliveries, kept in the store →
//! one queue a receiver → the way it is told.
//!
//! [`Planner`] and [`Worker`] take one step at a time; [`Notifier`] runs them on threads, [`ByHand`] on a clock that somebody moves.
//!
//! Adding a way: a module in `way` with a type that implements [`Way`], its settings in `api/src/receiver.rs`, its line in `way::connect`.

mod backoff;
mod by_hand;
mod conditions;
mod ground;
mod message;
mod planner;
mod ports;
pub mod samples;
mod settings;
mod threads;
pub mod way;
pub mod words;
mod worker;

pub use by_hand::ByHand;
pub use conditions::{Condition, Conditions};
pub use planner::{Planner, Stepped};
pub use ports::{Connect, Hush, Nothing, Ports, Quieting, Receivers, Title};
pub use settings::NotifyConfig;
pub use threads::Notifier;
pub use way::{Around, Failure, Way, connect};
pub use worker::Worker;
