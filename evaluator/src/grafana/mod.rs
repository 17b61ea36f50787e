//! Grafana, asked over its HTTP API: what dashboards there are, and what they hold.
//!
//! The interface: <https://grafana.com/docs/grafana/latest/developers/http_api/>. Nothing is written there. Whoever went out goes the one
//! way of `source::remote::http`; what is wrong with an answer is a sentence in both languages. Here is only how Grafana is asked:
//! what is done with the answers is `api::catalog`'s.

mod client;
mod failure;
mod folders;
mod found;
#[cfg(test)]
mod tests;

pub use client::{AT_A_TIME, Grafana, ORGANISATION, address};
pub use failure::Failure;
pub use folders::Folders;
pub use found::{Found, FoundDatasource};
