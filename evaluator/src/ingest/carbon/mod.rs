//! Carbon's protocols over TCP: plaintext, `path value timestamp\n`, and pickled batches.
//!
//! Whatever a client sends is answered by counting, never by failing: bad lines and batches are skipped, each connection has
//! bounded memory.

mod config;
mod frames;
mod intake;
mod line;
mod pickle;
mod server;
#[cfg(test)]
mod tests;

pub use config::{CarbonConfig, PickleConfig};
pub use frames::PickleIntake;
pub use intake::Intake;
pub use server::{Heard, run, run_pickle};

/// The longest line, bytes without its end.
pub const LONGEST_LINE: usize = 4_096;
/// The longest name of a series, bytes.
pub const LONGEST_NAME: usize = 1_024;
/// The largest pickled batch, bytes: carbon's own limit (`MAX_LENGTH` of its pickle receiver).
pub const LARGEST_FRAME: usize = 1 << 20;
