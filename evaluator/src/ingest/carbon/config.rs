use std::net::{Ipv4Addr, SocketAddr};

use atalaya_api::span::Span;
use serde::{Deserialize, Serialize};

/// `[ingest.carbon]`: carbon plaintext lines over TCP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CarbonConfig {
    /// Whether to listen at all.
    pub enabled: bool,
    /// Address and port. The protocol knows no login: who reaches this address can write samples.
    pub listen: SocketAddr,
    /// Most connections at a time; further ones are closed at once and counted. Each takes up to 68 KiB.
    pub max_connections: usize,
    /// A connection that brings no whole line for this long is closed.
    pub idle_timeout: Span,
}

impl Default for CarbonConfig {
    fn default() -> Self {
        CarbonConfig {
            enabled: true,
            listen: (Ipv4Addr::LOCALHOST, 2003).into(),
            max_connections: 512,
            idle_timeout: Span(600),
        }
    }
}

/// `[ingest.carbon_pickle]`: batches as carbon's relays send them, pickled, over TCP. Closed unless it is wanted: few send this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PickleConfig {
    /// Whether to listen at all.
    pub enabled: bool,
    /// Address and port. The protocol knows no login: who reaches this address can write samples.
    pub listen: SocketAddr,
    /// Most connections at a time; further ones are closed at once and counted. Each takes up to 1.1 MiB.
    pub max_connections: usize,
    /// A connection that brings no whole batch for this long is closed.
    pub idle_timeout: Span,
}

impl Default for PickleConfig {
    fn default() -> Self {
        PickleConfig {
            enabled: false,
            listen: (Ipv4Addr::LOCALHOST, 2004).into(),
            max_connections: 64,
            idle_timeout: Span(600),
        }
    }
}

/// What the listener needs to know, whichever protocol it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Door {
    /// As the log names it.
    pub name: &'static str,
    pub listen: SocketAddr,
    pub max_connections: usize,
    pub idle_timeout: Span,
}

impl From<&CarbonConfig> for Door {
    fn from(config: &CarbonConfig) -> Self {
        let CarbonConfig { listen, max_connections, idle_timeout, .. } = *config;
        Door { name: "carbon lines", listen, max_connections, idle_timeout }
    }
}

impl From<&PickleConfig> for Door {
    fn from(config: &PickleConfig) -> Self {
        let PickleConfig { listen, max_connections, idle_timeout, .. } = *config;
        Door { name: "carbon pickles", listen, max_connections, idle_timeout }
    }
}
