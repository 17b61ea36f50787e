//! The doors of the local store: what brings samples in.

pub mod carbon;
pub mod host;

use serde::{Deserialize, Serialize};

/// `[ingest]`: the doors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IngestConfig {
    pub carbon: carbon::CarbonConfig,
    pub host: host::HostConfig,
}
