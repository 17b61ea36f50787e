//! The HTTP API under `/api/v1`, the live events, and the pages for machines.

pub mod ports;
pub mod registry;
