//! A real SMTP server (aiosmtpd), with STARTTLS, TLS and logins, and its bad days.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;

use crate::poll;
use crate::process::Process;
use crate::server::free_port;
use crate::skip;

const PATIENCE: Duration = Duration::from_secs(60);
/// Somebody else may get a free port first.
const TRIES: usize = 3;

/// Python's program.
const PROGRAM: &str = include_str!("smtp_server.py");

/// How it behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Plain,
    /// Nothing is taken before the connection is encrypted.
    Starttls,
    /// Encrypted from the first byte.
    Tls,
    /// Connections are taken, and nothing is ever said.
    Hang,
    /// Each recipient is refused for good.
    Refuse,
    /// Each recipient is refused for now.
    Later,
}

/// A running server in a temporary folder.
pub struct Smtp {
    // In this order they are dropped: first the process, then what it writes to.
    process: Process,
    pub port: u16,
    certificate: String,
    _folder: tempfile::TempDir,
}

/// A message that it took.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    /// Head and body as they came.
    pub data: String,
    pub encrypted: bool,
    /// Who had logged in.
    pub user: Option<String>,
}

impl Smtp {
    /// A server for `localhost`. None where `SMTP_VENV` says of no folder; then the test says that it is skipped.
    pub fn start(mode: Mode) -> Option<Self> {
        Smtp::with(mode, &[])
    }

    /// One that takes nothing from whoever has not logged in.
    pub fn guarded(mode: Mode, username: &str, password: &str) -> Option<Self> {
        Smtp::with(mode, &[username, password])
    }

    /// # Panics
    /// It does not start.
    fn with(mode: Mode, login: &[&str]) -> Option<Self> {
        let venv = skip::component("SMTP_VENV")?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]);
        let made = made.expect("a name can have a certificate");
        let write = |name: &str, text: &str| -> PathBuf {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("the temporary folder can be written to");
            path
        };
        let program = write("smtp_server.py", PROGRAM);
        let certificate = write("cert.pem", &made.cert.pem());
        let key = write("key.pem", &made.signing_key.serialize_pem());
        let start = || {
            let port = free_port();
            let mut command = Command::new(venv.join("bin/python"));
            command
                .arg(&program)
                .args([&port.to_string(), mode.name()])
                .args([&certificate, &key])
                .args(login);
            (Process::start(command, &folder.path().join("smtp.log")), port)
        };
        let (mut process, mut port) = start();
        let mut further = TRIES;
        poll::until("the SMTP server listens", PATIENCE, || {
            if process.ended().is_some() {
                further -= 1;
                assert!(further > 0, "the SMTP server ended:\n{}", process.said());
                (process, port) = start();
            }
            TcpStream::connect(("127.0.0.1", port)).ok()
        });
        Some(Smtp { process, port, certificate: made.cert.pem(), _folder: folder })
    }

    /// What to believe in, PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// What it took so far, in order.
    pub fn mails(&self) -> Vec<Mail> {
        self.process.said().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

impl Mode {
    fn name(self) -> &'static str {
        match self {
            Mode::Plain => "plain",
            Mode::Starttls => "starttls",
            Mode::Tls => "tls",
            Mode::Hang => "hang",
            Mode::Refuse => "refuse",
            Mode::Later => "later",
        }
    }
}
