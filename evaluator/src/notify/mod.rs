//! Telling people. One direction, as the rest: what changed → who must be told what ([`crate::plan`], pure) → deliveries, kept in the store →
//! one queue a receiver → the way it is told.
//!
//! Adding a way: a module in `way` with a type that implements [`Way`], its settings in `api/src/receiver.rs`, its line in `way::connect`.

pub mod samples;
mod settings;
pub mod way;
pub mod words;

pub use settings::NotifyConfig;
pub use way::{Around, Failure, Way, connect};
