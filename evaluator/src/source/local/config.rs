//! What may be configured of the local store.

use atalaya_api::span::Span;
use serde::{Deserialize, Serialize};

/// `[local]`: the built-in store of samples that arrive by themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LocalConfig {
    /// Most series; a sample of a further one is refused and counted. 1 to 100,000,000.
    pub max_series: u32,
    /// Most samples held in memory, 12 bytes each. Beyond it the oldest leave memory first.
    pub max_hot_samples: u64,
    /// Samples this young always stay in memory.
    pub hot: Span,
    /// And at least this many of each series, however old.
    pub hot_samples: u32,
    /// Samples older than this are written to `samples.db`, this often; a crash loses at most twice as much.
    pub seal_every: Span,
    /// How long samples are kept, at most 40 days; the Settings page may change it.
    pub retention: Span,
    /// A sample may arrive this long after a newer one of its series.
    pub late: Span,
}

impl Default for LocalConfig {
    fn default() -> Self {
        LocalConfig {
            max_series: 2_000_000,
            max_hot_samples: 64_000_000,
            hot: Span(600),
            hot_samples: 64,
            seal_every: Span(120),
            retention: Span(7 * 86_400),
            late: Span(3_600),
        }
    }
}
