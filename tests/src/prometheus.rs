//! A real Prometheus, and what it scrapes.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::poll;
use crate::process::Process;
use crate::server::free_port;
use crate::skip;

const PATIENCE: Duration = Duration::from_secs(60);
/// Somebody else may get a free port first.
const TRIES: usize = 3;

/// A running Prometheus in a temporary folder. It scrapes its one target, job `lab`, each second.
pub struct Prometheus {
    // In this order they are dropped: first the process, then what it writes to.
    process: Process,
    port: u16,
    _folder: tempfile::TempDir,
}

/// A Prometheus to be started.
pub struct Builder {
    program: PathBuf,
    config: String,
}

impl Prometheus {
    /// One that scrapes this port on this machine. None where `PROMETHEUS_BIN` says of no program; then the test says that it is
    /// skipped.
    pub fn scraping(port: u16) -> Option<Builder> {
        let program = skip::component("PROMETHEUS_BIN")?;
        let config = format!(
            "global:
  scrape_interval: 1s
  scrape_timeout: 1s
scrape_configs:
  - job_name: lab
    static_configs:
      - targets: ['127.0.0.1:{port}']
"
        );
        Some(Builder { program, config })
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The CPU time that it used.
    pub fn cpu(&self) -> Duration {
        self.process.cpu()
    }
}

impl Builder {
    /// Every sample goes on to this address, with this bearer token.
    pub fn writing_to(mut self, url: &str, token: &str) -> Self {
        self.config += &format!(
            "remote_write:
  - url: {url}
    authorization:
      credentials: {token}
    queue_config:
      batch_send_deadline: 200ms
"
        );
        self
    }

    /// # Panics
    /// It does not start.
    pub fn start(self) -> Prometheus {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let config = folder.path().join("prometheus.yml");
        std::fs::write(&config, &self.config).expect("the temporary folder can be written to");
        let start = || {
            let port = free_port();
            let mut command = Command::new(&self.program);
            command.arg(format!("--config.file={}", config.display()));
            command.arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()));
            command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
            // One core is enough, and leaves the other to what is tested.
            command.current_dir(folder.path()).env("GOMAXPROCS", "1");
            (Process::start(command, &folder.path().join("prometheus.log")), port)
        };
        let (mut process, mut port) = start();
        let mut further = TRIES;
        poll::until("Prometheus is ready", PATIENCE, || {
            if process.ended().is_some() {
                further -= 1;
                assert!(further > 0, "Prometheus ended:\n{}", process.said());
                (process, port) = start();
            }
            ureq::get(format!("http://127.0.0.1:{port}/-/ready")).call().ok()
        });
        Prometheus { process, port, _folder: folder }
    }
}

/// A program that tells its metrics in Prometheus' text format, as many as were set.
pub struct Exporter {
    port: u16,
    metrics: Arc<Mutex<Metrics>>,
}

/// None once it is gone: whoever connects is turned away.
type Metrics = Option<BTreeMap<String, f64>>;

impl Exporter {
    /// # Panics
    /// Loopback has no free port.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
        let port = listener.local_addr().expect("a bound listener has an address").port();
        let metrics = Arc::new(Mutex::new(Some(BTreeMap::new())));
        let told = metrics.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(page) = lock(&told).as_ref().map(page) else { return };
                // Prometheus asks again in a second.
                let _gone = tell(stream, &page);
            }
        });
        Exporter { port, metrics }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on this metric, e.g. `lab_cpu{router="a"}`, has this value.
    pub fn set(&self, metric: &str, value: f64) {
        if let Some(metrics) = lock(&self.metrics).as_mut() {
            metrics.insert(metric.to_owned(), value);
        }
    }

    /// From now on this metric is not told any more.
    pub fn silence(&self, metric: &str) {
        if let Some(metrics) = lock(&self.metrics).as_mut() {
            metrics.remove(metric);
        }
    }

    /// From now on nobody is told anything, as when the program has died.
    pub fn die(&self) {
        *lock(&self.metrics) = None;
        // Wakes the thread that accepts; its listener goes with it.
        let _woken = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        self.die();
    }
}

/// Replaced as a whole: what a panicking thread leaves behind can be read.
fn lock(metrics: &Mutex<Metrics>) -> MutexGuard<'_, Metrics> {
    metrics.lock().unwrap_or_else(PoisonError::into_inner)
}

fn page(metrics: &BTreeMap<String, f64>) -> String {
    metrics.iter().map(|(name, value)| format!("{name} {value}\n")).collect()
}

/// Reads the head of a request and answers it with the page.
fn tell(mut stream: TcpStream, page: &str) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    for line in BufReader::new(stream.try_clone()?).lines() {
        if line?.is_empty() {
            break;
        }
    }
    let length = page.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain; version=0.0.4\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all((head + page).as_bytes())
}
