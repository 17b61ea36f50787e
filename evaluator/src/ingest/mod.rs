//! The doors of the local store: what brings samples in.

mod book;
pub mod carbon;
pub mod host;
pub mod prometheus;

use serde::{Deserialize, Serialize};

/// `[ingest]`: the doors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IngestConfig {
    pub carbon: carbon::CarbonConfig,
    pub carbon_pickle: carbon::PickleConfig,
    pub host: host::HostConfig,
}
