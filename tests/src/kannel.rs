//! A real SMS gateway: Kannel's bearerbox and smsbox, and at their far end a network whose phones only write down what they get.

use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::poll;
use crate::process::Process;
use crate::server::free_port;
use crate::unpacked::Unpacked;

pub const USERNAME: &str = "atalaya";
pub const PASSWORD: &str = "s3cret";

const PATIENCE: Duration = Duration::from_secs(60);
/// Somebody else may get a free port first.
const TRIES: usize = 3;

/// Who the network's own greeting comes from; the gateway answers it, which is no text of a test's.
const GREETER: &str = "600";

/// A running gateway in a temporary folder.
pub struct Kannel {
    // In this order they are dropped: whoever connects first, then what it writes to.
    network: Process,
    smsbox: Process,
    bearerbox: Process,
    port: u16,
    _folder: tempfile::TempDir,
}

/// A text that a phone got.
#[derive(Clone, Debug, PartialEq)]
pub struct Sms {
    pub from: String,
    pub to: String,
    pub text: String,
    /// It came as UCS-2 instead of GSM-7.
    pub unicode: bool,
}

impl Kannel {
    /// None where `KANNEL_ROOT` says of no folder; then the test says that it is skipped.
    ///
    /// # Panics
    /// It does not start.
    pub fn start() -> Option<Self> {
        let programs = Unpacked::of("KANNEL_ROOT")?;
        let started = (0..TRIES).find_map(|_| Kannel::try_start(&programs));
        Some(started.expect("Kannel starts on one of three sets of ports"))
    }

    fn try_start(programs: &Unpacked) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let ports: [u16; 4] = std::array::from_fn(|_| free_port());
        let [admin, boxes, network_port, port] = ports;
        let config = folder.path().join("kannel.conf");
        std::fs::write(&config, configuration(ports)).expect("the temporary folder can be written to");
        let start = |program: &str, log: &str| {
            let mut command = programs.command(program);
            command.arg(&config).current_dir(folder.path());
            Process::start(command, &folder.path().join(log))
        };
        let mut bearerbox = start("usr/sbin/bearerbox", "bearerbox.log");
        for port in [admin, boxes, network_port] {
            until_open(&mut bearerbox, port)?;
        }
        let network =
            Process::start(phones(programs, network_port, folder.path()), &folder.path().join("network.log"));
        let mut smsbox = start("usr/sbin/smsbox", "smsbox.log");
        until_open(&mut smsbox, port)?;
        let kannel = Kannel { network, smsbox, bearerbox, port, _folder: folder };
        kannel.wait_until_ready(admin);
        Some(kannel)
    }

    /// Where texts are taken.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/cgi-bin/sendsms", self.port)
    }

    /// What phones got so far, in order.
    pub fn texts(&self) -> Vec<Sms> {
        self.network.said().lines().filter_map(text_in).filter(|sms| sms.to != GREETER).collect()
    }

    /// Both boxes' words so far.
    pub fn said(&self) -> String {
        format!("{}\n{}", self.bearerbox.said(), self.smsbox.said())
    }

    /// Texts that come before the network and the smsbox have found the bearerbox would only be queued.
    fn wait_until_ready(&self, admin: u16) {
        poll::until("Kannel's network is there", PATIENCE, || {
            let url = format!("http://127.0.0.1:{admin}/status.txt?password={PASSWORD}");
            let status = ureq::get(url).call().ok()?.body_mut().read_to_string().ok()?;
            (status.contains("(online") && status.contains("smsbox")).then_some(())
        });
    }
}

/// None: it ended, for want of its port.
fn until_open(process: &mut Process, port: u16) -> Option<()> {
    poll::until("Kannel listens", PATIENCE, || {
        if process.ended().is_some() {
            return Some(None);
        }
        TcpStream::connect(("127.0.0.1", port)).ok().map(|_| Some(()))
    })
}

/// Kannel's `fakesmsc`, which sends one text by itself and prints what it gets.
fn phones(programs: &Unpacked, port: u16, folder: &Path) -> Command {
    let mut command = programs.command("usr/lib/kannel/test/fakesmsc");
    let greeting = format!("{GREETER} 601 text hello");
    command.args(["-H", "127.0.0.1", "-r", &port.to_string(), "-m", "1", &greeting]).current_dir(folder);
    command
}

fn configuration([admin, boxes, network, sendsms]: [u16; 4]) -> String {
    format!(
        "group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = {PASSWORD}
smsbox-port = {boxes}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1

group = smsc
smsc = fake
smsc-id = phones
port = {network}
our-host = 127.0.0.1
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {boxes}
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1

group = sendsms-user
username = {USERNAME}
password = {PASSWORD}
default-sender = 1000
user-allow-ip = 127.0.0.1
max-messages = 10
"
    )
}

/// `… Got message 2: <1000 +34600123123 text hola>`
fn text_in(line: &str) -> Option<Sms> {
    let (_, rest) = line.split_once(": Got message ")?;
    let inside = rest.split_once(": <")?.1.strip_suffix('>')?;
    let mut words = inside.splitn(4, ' ');
    let [from, to, kind, text] = [words.next()?, words.next()?, words.next()?, words.next()?];
    let unicode = kind == "ucs-2";
    let text = if unicode { utf16(text)? } else { text.to_owned() };
    Some(Sms { from: from.to_owned(), to: to.to_owned(), text, unicode })
}

/// UTF-16 in network order, as an address would hold it.
fn utf16(encoded: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let hex = [rest.next()?, rest.next()?];
                bytes.push(u8::from_str_radix(str::from_utf8(&hex).ok()?, 16).ok()?);
            }
            byte => bytes.push(byte),
        }
    }
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    String::from_utf16(&units).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_phone_got_is_read_from_the_network_s_log() {
        let line =
            "2026-01-01 10:00:00 [1] [0] DEBUG: Got message 4: <1000 600222 ucs-2 %00c%00r%00%ED%00+e%E5>";
        let sms = text_in(line).expect("it is a text");
        assert_eq!((sms.to.as_str(), sms.text.as_str(), sms.unicode), ("600222", "crí 日", true));
        let line = "2026-01-01 10:00:00 [1] [0] DEBUG: Got message 2: <1000 +34600 text a > b>";
        assert_eq!(text_in(line).expect("it is a text").text, "a > b");
        assert_eq!(text_in("2026-01-01 10:00:00 [1] [0] INFO: fakesmsc starting"), None);
    }
}
