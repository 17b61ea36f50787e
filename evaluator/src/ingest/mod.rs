//! The doors of the local store: what brings samples in.

pub mod carbon;
pub mod host;
