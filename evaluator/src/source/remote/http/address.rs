//! Which addresses may be reached.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use crate::clock::Meter;

/// Where clouds tell a machine its secrets: AWS, Azure and others share the first, then Alibaba, Oracle and Azure's own.
const METADATA_V4: [Ipv4Addr; 4] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(168, 63, 129, 16),
];

/// The same over IPv6: AWS and Google.
const METADATA_V6: [Ipv6Addr; 2] = [
    Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254),
    Ipv6Addr::new(0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254),
];

/// A name's addresses are asked for again after this long.
const REMEMBERED: Duration = Duration::from_secs(5);

/// Why nobody is sent to this address, in English and Spanish; None: it may be reached. Private and loopback addresses may,
/// because people monitor private networks.
pub fn forbidden(ip: IpAddr) -> Option<(&'static str, &'static str)> {
    match ip.to_canonical() {
        IpAddr::V4(ip) => forbidden_v4(ip),
        IpAddr::V6(ip) => forbidden_v6(ip),
    }
}

fn forbidden_v4(ip: Ipv4Addr) -> Option<(&'static str, &'static str)> {
    if METADATA_V4.contains(&ip) {
        Some(METADATA)
    } else if ip.is_link_local() {
        Some(LINK_LOCAL)
    } else if ip.octets()[0] == 0 {
        Some(UNSPECIFIED)
    } else if ip.is_multicast() || ip.is_broadcast() {
        Some(MULTICAST)
    } else {
        None
    }
}

fn forbidden_v6(ip: Ipv6Addr) -> Option<(&'static str, &'static str)> {
    if METADATA_V6.contains(&ip) {
        Some(METADATA)
    } else if ip.is_unicast_link_local() {
        Some(LINK_LOCAL)
    } else if ip.is_unspecified() {
        Some(UNSPECIFIED)
    } else if ip.is_multicast() {
        Some(MULTICAST)
    } else {
        embedded_v4(ip).and_then(forbidden_v4)
    }
}

const METADATA: (&str, &str) =
    ("where a cloud keeps the secrets of its machines", "donde una nube guarda los secretos de sus máquinas");
const LINK_LOCAL: (&str, &str) = ("a link-local address", "una dirección de enlace local");
const UNSPECIFIED: (&str, &str) = ("no address of a machine", "no es la dirección de ninguna máquina");
const MULTICAST: (&str, &str) = ("an address of many machines", "una dirección de muchas máquinas");

/// The IPv4 address to which translators pass on: NAT64 (RFC 6052, `64:ff9b::/96`) and 6to4 (RFC 3056, `2002::/16`).
fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let part = |index: usize| {
        let [a, b] = ip.segments()[index].to_be_bytes();
        let [c, d] = ip.segments()[index + 1].to_be_bytes();
        Ipv4Addr::new(a, b, c, d)
    };
    match ip.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => Some(part(6)),
        [0x2002, ..] => Some(part(1)),
        _ => None,
    }
}

/// Every address of the name is one that is never reached.
#[derive(Debug, thiserror::Error)]
#[error("{ip} is {}", .why.0)]
pub struct Forbidden {
    pub ip: IpAddr,
    pub why: (&'static str, &'static str),
}

/// Resolves names, and lets through only addresses that may be reached.
#[derive(Default)]
pub struct Guarded {
    system: DefaultResolver,
    known: Mutex<Option<Known>>,
}

/// What a name led to a moment ago: a cycle asks the same server hundreds of times.
struct Known {
    name: String,
    addresses: Vec<SocketAddr>,
    since: Meter,
}

impl fmt::Debug for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guarded")
    }
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = match literal(uri) {
            Some(address) => vec![address],
            None => self.look_up(uri, config, timeout)?,
        };
        let mut allowed = self.empty();
        found.iter().filter(|address| forbidden(address.ip()).is_none()).for_each(|one| allowed.push(*one));
        if allowed.is_empty() {
            return Err(refusal(&found));
        }
        Ok(allowed)
    }
}

impl Guarded {
    fn look_up(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<Vec<SocketAddr>, ureq::Error> {
        let name = format!("{}:{:?}", uri.host().unwrap_or_default(), port(uri));
        if let Some(addresses) = self.remembered(&name) {
            return Ok(addresses);
        }
        let found = self.system.resolve(uri, config, timeout).map_err(|error| match error {
            ureq::Error::Io(_) => ureq::Error::HostNotFound,
            other => other,
        })?;
        let addresses = found.to_vec();
        let known = Known { name, addresses: addresses.clone(), since: Meter::start() };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
        Ok(addresses)
    }

    fn remembered(&self, name: &str) -> Option<Vec<SocketAddr>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.as_ref().filter(|known| known.name == name)?;
        (known.since.read().0 < REMEMBERED).then(|| known.addresses.clone())
    }
}

fn refusal(found: &[SocketAddr]) -> ureq::Error {
    let first = found.first().map(SocketAddr::ip);
    match first.and_then(|ip| Some(Forbidden { ip, why: forbidden(ip)? })) {
        Some(forbidden) => ureq::Error::Other(Box::new(forbidden)),
        None => ureq::Error::HostNotFound,
    }
}

/// The address itself, where no name stands.
pub fn literal(uri: &Uri) -> Option<SocketAddr> {
    let host = uri.host()?;
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    Some(SocketAddr::new(bare.parse().ok()?, port(uri)?))
}

fn port(uri: &Uri) -> Option<u16> {
    let usual = match uri.scheme_str() {
        Some("http") => Some(80),
        Some("https") => Some(443),
        _ => None,
    };
    uri.port_u16().or(usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_forbidden(ip: &str) -> bool {
        forbidden(ip.parse().expect("an address")).is_some()
    }

    #[test]
    fn private_networks_and_the_machine_itself_may_be_asked() {
        for ip in ["127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "8.8.8.8"] {
            assert!(!is_forbidden(ip), "{ip}");
        }
        for ip in ["::1", "fd00::1", "2001:db8::1", "::ffff:10.0.0.1", "64:ff9b::808:808"] {
            assert!(!is_forbidden(ip), "{ip}");
        }
    }

    #[test]
    fn nobody_is_sent_to_metadata_link_local_or_no_machine_at_all() {
        for ip in ["169.254.169.254", "169.254.1.1", "100.100.100.200", "0.0.0.0", "0.1.2.3"] {
            assert!(is_forbidden(ip), "{ip}");
        }
        for ip in ["224.0.0.1", "255.255.255.255", "fe80::1", "febf::1", "ff02::1", "::", "fd00:ec2::254"] {
            assert!(is_forbidden(ip), "{ip}");
        }
    }

    #[test]
    fn an_address_in_disguise_is_seen_through() {
        for ip in ["::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "::ffff:0.0.0.0"] {
            assert!(is_forbidden(ip), "{ip}");
        }
    }
}
