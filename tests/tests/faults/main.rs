//! What goes wrong around Atalaya, done to it: crashes, full disks, clocks that are set, sources that answer nonsense.
//!
//! The usual run is short; `cargo xtask test --suite faults` sets `ATALAYA_FAULTS=full` for the long one.

mod books;
mod clock;
mod disk;
mod flips;
mod kill;
mod restart;
mod sources;
mod tally;
mod telling;
mod webhook;

/// Whether this is the long run.
fn is_full() -> bool {
    std::env::var("ATALAYA_FAULTS").is_ok_and(|set| set == "full")
}

/// How often something is done: in the long run, or else in the usual one.
fn times(full: usize, usual: usize) -> usize {
    if is_full() { full } else { usual }
}
