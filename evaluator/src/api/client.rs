//! Where a request comes from, and whether it came encrypted; a trusted proxy's word counts.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;

use crate::config::{Cidr, Config};

use super::Services;

/// The other end of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    pub address: IpAddr,
    pub https: bool,
}

impl Client {
    /// Whether nobody in between can listen.
    pub fn is_private(self) -> bool {
        self.https || self.address.is_loopback()
    }
}

/// Finds out who the other end is and hands it on.
pub async fn identify(State(services): State<Services>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let client = seen_through(peer, request.headers(), &services.config);
    request.extensions_mut().insert(client);
    next.run(request).await
}

fn seen_through(peer: IpAddr, headers: &HeaderMap, config: &Config) -> Client {
    let peer = peer.to_canonical();
    let direct = Client { address: peer, https: config.tls().is_some() };
    if !trusted(peer, &config.trusted_proxies) {
        return direct;
    }
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let https = said("x-forwarded-proto").map(|proto| last(proto).eq_ignore_ascii_case("https"));
    let address = said("x-forwarded-for").and_then(|list| first_stranger(list, &config.trusted_proxies));
    Client { address: address.unwrap_or(peer), https: https.unwrap_or(direct.https) }
}

/// From the right, the first address that is no proxy of ours: what stands left of it, a client may have made up.
fn first_stranger(list: &str, proxies: &[Cidr]) -> Option<IpAddr> {
    let addresses = list.rsplit(',').map(|text| text.trim().parse::<IpAddr>());
    let mut known = None;
    for address in addresses {
        let Ok(address) = address else { return known };
        known = Some(address.to_canonical());
        if !trusted(address.to_canonical(), proxies) {
            break;
        }
    }
    known
}

fn last(list: &str) -> &str {
    list.rsplit(',').next().unwrap_or_default().trim()
}

fn trusted(address: IpAddr, proxies: &[Cidr]) -> bool {
    proxies.iter().any(|proxy| proxy.contains(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded_for: &str, proto: &str) -> Client {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded_for.parse().expect("a header"));
        headers.insert("x-forwarded-proto", proto.parse().expect("a header"));
        let config =
            Config { trusted_proxies: vec!["10.0.0.0/8".parse().expect("a network")], ..Config::default() };
        seen_through(peer.parse().expect("an address"), &headers, &config)
    }

    #[test]
    fn a_strangers_headers_are_not_believed() {
        let client = seen("192.0.2.9", "127.0.0.1", "https");
        assert_eq!(client, Client { address: "192.0.2.9".parse().expect("an address"), https: false });
    }

    #[test]
    fn a_trusted_proxy_says_who_is_behind_it_and_what_stands_left_of_that_is_ignored() {
        let client = seen("10.0.0.1", "127.0.0.1, 198.51.100.7, 10.0.0.2", "https");
        assert_eq!(client, Client { address: "198.51.100.7".parse().expect("an address"), https: true });
    }

    #[test]
    fn an_unreadable_entry_ends_the_search() {
        assert_eq!(
            seen("10.0.0.1", "198.51.100.7, unknown", "http").address,
            "10.0.0.1".parse::<IpAddr>().expect("an address")
        );
    }
}
