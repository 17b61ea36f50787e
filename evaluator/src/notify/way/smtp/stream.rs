//! A connection with one timeout over all of it, from the name on, and an end to what it takes in.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use crate::clock::Meter;
use crate::domain::Texts;
use crate::source::remote::http::forbidden;

use super::End;

/// Bytes that are taken in over a whole conversation.
const MOST_HEARD: usize = 1 << 20;

/// Plain, or within TLS.
pub enum Stream {
    Plain(Timed),
    Tls(Box<StreamOwned<ClientConnection, Timed>>),
}

/// A connection that ends when its time is over.
pub struct Timed {
    tcp: TcpStream,
    meter: Meter,
    limit: Duration,
    heard: usize,
}

/// Connects to a host, by the first of its addresses that may be reached and answers.
pub fn open(host: &str, port: u16, limit: Duration) -> std::result::Result<Stream, End> {
    let meter = Meter::start();
    let found = look_up(host, port, limit)?;
    let allowed: Vec<SocketAddr> =
        found.iter().copied().filter(|address| forbidden(address.ip()).is_none()).collect();
    if allowed.is_empty() {
        return Err(nowhere(&found));
    }
    let mut last = Error::from(ErrorKind::HostUnreachable);
    for (place, address) in allowed.iter().enumerate() {
        match TcpStream::connect_timeout(address, share(left(&meter, limit)?, allowed.len() - place)) {
            Ok(tcp) => return Ok(Stream::Plain(Timed { tcp, meter, limit, heard: 0 })),
            Err(error) => last = error,
        }
    }
    Err(last.into())
}

/// The addresses of a host. Whoever resolves the name may take his time; nobody waits longer than `limit` for it.
fn look_up(host: &str, port: u16, limit: Duration) -> std::result::Result<Vec<SocketAddr>, End> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    let (sender, answers) = channel();
    let name = host.to_owned();
    let thread = std::thread::Builder::new().name("look-up".to_owned());
    thread.spawn(move || {
        let found = (name.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
        // Nobody may be waiting any more.
        let _late = sender.send(found);
    })?;
    match answers.recv_timeout(limit) {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(_)) => Err(super::unfit(
            "is not found: no machine has this name",
            "no se encuentra: ninguna máquina tiene ese nombre",
        )),
        Err(_) => Err(Error::from(ErrorKind::TimedOut).into()),
    }
}

fn nowhere(found: &[SocketAddr]) -> End {
    let first = found.first().map(SocketAddr::ip);
    match first.and_then(|ip| Some((ip, forbidden(ip)?))) {
        Some((ip, (en, es))) => End::Unfit(Texts {
            en: format!("is never asked: it leads to {ip}, {en}"),
            es: format!("no se pregunta nunca: lleva a {ip}, {es}"),
        }),
        None => super::unfit(
            "is not found: no machine has this name",
            "no se encuentra: ninguna máquina tiene ese nombre",
        ),
    }
}

/// Of the time; an error when there is none.
fn left(meter: &Meter, limit: Duration) -> Result<Duration> {
    match limit.saturating_sub(meter.read().0) {
        Duration::ZERO => Err(ErrorKind::TimedOut.into()),
        left => Ok(left),
    }
}

/// Of the time that is left, what one of so many addresses may take: one that is dead leaves the others theirs.
fn share(left: Duration, addresses: usize) -> Duration {
    // Nothing at all is no timeout.
    (left / u32::try_from(addresses).unwrap_or(u32::MAX).max(1)).max(Duration::from_millis(1))
}

impl Stream {
    /// TLS over it; the certificate is judged when something is said.
    pub fn secured(self, tls: &Arc<ClientConfig>, host: &str) -> Result<Stream> {
        let Stream::Plain(plain) = self else { return Ok(self) };
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(bare).map_err(Error::other)?;
        let connection = ClientConnection::new(tls.clone(), name).map_err(Error::other)?;
        Ok(Stream::Tls(Box::new(StreamOwned::new(connection, plain))))
    }

    pub fn put(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Stream::Plain(plain) => plain.write_all(bytes),
            Stream::Tls(tls) => tls.write_all(bytes).and_then(|()| tls.flush()),
        }
    }

    pub fn get(&mut self, into: &mut [u8]) -> Result<usize> {
        match self {
            Stream::Plain(plain) => plain.read(into),
            Stream::Tls(tls) => tls.read(into),
        }
    }

    /// How we introduce ourselves: by the address that the other side sees, or would (RFC 5321, 4.1.3).
    pub fn own_name(&self) -> Result<String> {
        let tcp = match self {
            Stream::Plain(plain) => &plain.tcp,
            Stream::Tls(tls) => &tls.sock.tcp,
        };
        Ok(match tcp.local_addr()?.ip() {
            IpAddr::V4(ip) => format!("[{ip}]"),
            IpAddr::V6(ip) => format!("[IPv6:{ip}]"),
        })
    }
}

impl Read for Timed {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        if self.heard > MOST_HEARD {
            return Err(Error::other("it talks without end"));
        }
        self.tcp.set_read_timeout(Some(left(&self.meter, self.limit)?))?;
        let got = self.tcp.read(into)?;
        self.heard += got;
        Ok(got)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.tcp.set_write_timeout(Some(left(&self.meter, self.limit)?))?;
        self.tcp.write(bytes)
    }

    fn flush(&mut self) -> Result<()> {
        self.tcp.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_address_leaves_the_others_their_time() {
        let seconds = Duration::from_secs;
        assert_eq!((share(seconds(30), 2), share(seconds(15), 1)), (seconds(15), seconds(15)));
        assert_eq!((share(seconds(30), 3), share(seconds(20), 2)), (seconds(10), seconds(10)));
        assert_eq!(share(Duration::from_nanos(1), 2), Duration::from_millis(1));
    }
}
