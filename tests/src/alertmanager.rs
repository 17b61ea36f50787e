//! A real Alertmanager, which tells nobody and only shows what it was told.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::poll;
use crate::process::Process;
use crate::server::free_port;
use crate::unpacked::Unpacked;

pub const USERNAME: &str = "atalaya";
pub const PASSWORD: &str = "s3cret";
/// The password by bcrypt, as its configuration wants it.
const HASH: &str = "$2b$04$abcdefghijklmnopqrstuuLZYjhNQAOdpbzt4WxWlUHjv1wsyH5DG";

const PATIENCE: Duration = Duration::from_secs(60);
/// Somebody else may get a free port first.
const TRIES: usize = 3;

/// Its flags that name files, below its folder.
const FILES: [(&str, &str); 3] =
    [("config.file", "alertmanager.yml"), ("web.config.file", "web.yml"), ("storage.path", "data")];

/// A running Alertmanager in a temporary folder; it wants name and password.
pub struct Alertmanager {
    // In this order they are dropped: first the process, then what it writes to.
    _process: Process,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Alertmanager {
    /// None where `ALERTMANAGER_ROOT` says of no folder; then the test says that it is skipped.
    ///
    /// # Panics
    /// It does not start.
    pub fn start() -> Option<Self> {
        let programs = Unpacked::of("ALERTMANAGER_ROOT")?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let write = |name: &str, text: String| {
            std::fs::write(folder.path().join(name), text).expect("the temporary folder can be written to");
        };
        write("alertmanager.yml", "route:\n  receiver: nobody\nreceivers:\n  - name: nobody\n".to_owned());
        write("web.yml", format!("basic_auth_users:\n  {USERNAME}: {HASH}\n"));
        let start = || {
            let port = free_port();
            let mut command: Command = programs.command("usr/bin/prometheus-alertmanager");
            for (flag, name) in FILES {
                command.arg(format!("--{flag}={}", folder.path().join(name).display()));
            }
            // Alone: it would look for others on a port of its own.
            command.args(["--cluster.listen-address=", &format!("--web.listen-address=127.0.0.1:{port}")]);
            command.env("GOMAXPROCS", "1");
            (Process::start(command, &folder.path().join("alertmanager.log")), port)
        };
        let (mut process, mut port) = start();
        let mut further = TRIES;
        poll::until("Alertmanager is ready", PATIENCE, || {
            if process.ended().is_some() {
                further -= 1;
                assert!(further > 0, "Alertmanager ended:\n{}", process.said());
                (process, port) = start();
            }
            get(port, "/-/ready")
        });
        Some(Alertmanager { _process: process, port, _folder: folder })
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What stands now, by its API.
    ///
    /// # Panics
    /// It does not answer.
    pub fn alerts(&self) -> Vec<Value> {
        let text = get(self.port, "/api/v2/alerts").expect("Alertmanager answers");
        serde_json::from_str(&text).expect("it answers in JSON")
    }

    /// Tells it of an alert as somebody else would.
    ///
    /// # Panics
    /// It refuses it.
    pub fn post(&self, alerts: &Value) {
        let request = ureq::post(format!("{}/api/v2/alerts", self.url()));
        let request = request.header("authorization", BASIC).header("content-type", "application/json");
        request.send(alerts.to_string()).expect("Alertmanager takes it");
    }
}

/// Name and password as they are sent.
const BASIC: &str = "Basic YXRhbGF5YTpzM2NyZXQ=";

fn get(port: u16, path: &str) -> Option<String> {
    let request = ureq::get(format!("http://127.0.0.1:{port}{path}")).header("authorization", BASIC);
    request.call().ok()?.body_mut().read_to_string().ok()
}
