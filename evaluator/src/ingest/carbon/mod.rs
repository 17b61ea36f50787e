//! Carbon's plaintext protocol, `path value timestamp\n`, over TCP.
//!
//! Whatever a client sends is answered by counting, never by failing: bad lines are skipped, each connection has bounded memory.

mod config;
mod intake;
mod line;
mod server;
#[cfg(test)]
mod tests;

pub use config::CarbonConfig;
pub use intake::Intake;
pub use server::run;

/// The longest line, bytes without its end.
pub const LONGEST_LINE: usize = 4_096;
/// The longest name of a series, bytes.
pub const LONGEST_NAME: usize = 1_024;
