//! The words that the app and the evaluator say to each other: plain data, no I/O, builds for wasm32.
//!
//! Times travel as RFC 3339 in UTC, durations as `"5m"`, severities as the words of the design.
//! A float that JSON cannot hold travels as `"Infinity"` or `"-Infinity"`.

pub mod alarm;
pub mod audit;
pub mod backup;
pub mod bulk;
pub mod calendar;
pub mod catalog;
pub mod check;
pub mod delivery;
pub mod event;
pub mod float;
pub mod level;
pub mod page;
pub mod people;
pub mod problem;
pub mod quiet;
pub mod receiver;
pub mod rule;
mod rule_read;
pub mod settings;
pub mod source;
pub mod span;
pub mod status;
pub mod summary;
pub mod template;
#[cfg(any(test, not(feature = "jiff")))]
pub mod time;

#[cfg(feature = "jiff")]
pub use jiff::Timestamp;
#[cfg(not(feature = "jiff"))]
pub use time::Timestamp;
