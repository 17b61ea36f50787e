//! Where samples come from.
//!
//! A *source* has series, each with samples. Whatever its kind it can be searched, drawn and asked for the usual
//! distance between samples. The built-in one, [`local`], holds samples that arrive by themselves through
//! its [`Input`]s. Nothing here reads a clock: instants come in as values.

mod glob;
mod input;
pub mod local;
pub mod promname;
pub mod remote;
mod series;
mod stale;
mod thin;

pub use glob::{Glob, GlobError};
pub use input::{Input, Refusal, Refusals};
pub use series::{SeriesSource, Windows};
pub use stale::{is_stale, stale_marker};
pub use thin::thin;

/// The id of the built-in source.
pub const LOCAL: &str = "local";

/// The unit of what Atalaya measures itself, known from the name; None for names of others.
pub fn unit_of(series: &str) -> Option<&'static str> {
    let measure = series.strip_prefix("host.")?;
    match measure.rsplit('.').next()? {
        "percent" => Some("%"),
        "used_bytes" | "free_bytes" => Some("B"),
        "received_bytes_per_second" | "sent_bytes_per_second" => Some("B/s"),
        _ => None,
    }
}
