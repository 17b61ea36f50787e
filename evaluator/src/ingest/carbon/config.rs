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
