//! A real Graphite: carbon-cache takes samples and keeps them, graphite-web answers for them.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use crate::poll;
use crate::process::Process;
use crate::server::free_port;
use crate::skip;

const PATIENCE: Duration = Duration::from_secs(60);
/// Somebody else may get a free port first.
const TRIES: usize = 3;

/// The bucket of series below `junos.`, s.
pub const JUNOS_STEP: i64 = 5;

/// A running Graphite of two processes in a temporary folder. Series below `fast.` have a bucket a second for ten minutes, below
/// `ten.` one in ten seconds for two hours, below `junos.` one in [`JUNOS_STEP`] seconds for an hour, all others one a minute for a day.
pub struct Graphite {
    // In this order they are dropped: first the processes, then what they write to.
    web: Web,
    carbon: Process,
    ports: Ports,
    place: Place,
    _folder: tempfile::TempDir,
}

/// Where a Graphite is installed, and where it keeps everything.
#[derive(Clone)]
struct Place {
    python: PathBuf,
    venv: PathBuf,
    root: PathBuf,
}

#[derive(Clone, Copy)]
struct Ports {
    lines: u16,
    pickles: u16,
    queries: u16,
}

/// One graphite-web. It can be stopped and started again on the same address.
pub struct Web {
    port: u16,
    process: Option<Process>,
    place: Place,
}

impl Graphite {
    /// The one that the tests of a binary share as long as one of them has it. None where `GRAPHITE_VENV` says of no
    /// installation; then the test says that it is skipped.
    pub fn shared() -> Option<Arc<Graphite>> {
        static SHARED: Mutex<Weak<Graphite>> = Mutex::new(Weak::new());
        let venv = skip::component("GRAPHITE_VENV")?;
        // A start that panicked leaves nothing behind.
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        let graphite = shared.upgrade().unwrap_or_else(|| Arc::new(Graphite::start(&venv)));
        *shared = Arc::downgrade(&graphite);
        Some(graphite)
    }

    /// Starts one from the installation in this folder.
    ///
    /// # Panics
    /// It does not start.
    pub fn start(venv: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().to_owned();
        let place = Place { python: venv.join("bin/python"), venv: venv.to_owned(), root };
        let (carbon, ports) = place.start_carbon();
        place.write_settings(ports);
        place.make_database();
        let web = Web::start(&place);
        Graphite { web, carbon, ports, place, _folder: folder }
    }

    /// Where graphite-web answers.
    pub fn url(&self) -> String {
        self.web.url()
    }

    /// Where carbon takes lines.
    pub fn line_port(&self) -> u16 {
        self.ports.lines
    }

    /// Where carbon takes pickles.
    pub fn pickle_port(&self) -> u16 {
        self.ports.pickles
    }

    /// A further graphite-web for the same samples: to be stopped without taking it away from others.
    pub fn another_web(&self) -> Web {
        Web::start(&self.place)
    }

    /// A carbon-relay that sends what it takes on to this pickle port on this machine, and the port where it takes lines.
    ///
    /// # Panics
    /// It does not start.
    pub fn relay_to(&self, pickle_port: u16) -> (Process, u16) {
        self.place.start_relay(pickle_port)
    }

    /// The CPU time of its two processes.
    pub fn cpu(&self) -> Duration {
        self.carbon.cpu() + self.web.process.as_ref().map_or(Duration::ZERO, Process::cpu)
    }
}

impl Place {
    /// The venv's Python on this Graphite's settings.
    fn python(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.python);
        command.args(args).current_dir(&self.root);
        command.env("GRAPHITE_ROOT", &self.root).env("PYTHONPATH", self.root.join("conf"));
        command.env("DJANGO_SETTINGS_MODULE", "graphite.settings");
        command.env("GRAPHITE_SETTINGS_MODULE", "local_settings");
        command
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.root.join(file);
        let folder = path.parent().expect("a file lies in a folder");
        std::fs::create_dir_all(folder).expect("the temporary folder can be written to");
        std::fs::write(&path, text).expect("the temporary folder can be written to");
    }

    fn start_carbon(&self) -> (Process, Ports) {
        self.write("conf/storage-schemas.conf", SCHEMAS);
        self.write("conf/storage-aggregation.conf", "");
        let start = || {
            let ports = Ports { lines: free_port(), pickles: free_port(), queries: free_port() };
            let Ports { lines, pickles, queries } = ports;
            self.write("conf/carbon.conf", &carbon_conf(&self.root, lines, pickles, queries));
            (self.carbon("carbon-cache.py", "cache"), ports)
        };
        let listens = |ports: Ports| is_open(ports.lines) && is_open(ports.pickles) && is_open(ports.queries);
        start_listening("carbon-cache", start, listens)
    }

    fn start_relay(&self, pickle_port: u16) -> (Process, u16) {
        let to = format!("127.0.0.1:{pickle_port}:atalaya");
        self.write("relay/relay-rules.conf", &format!("[default]\ndefault = true\ndestinations = {to}\n"));
        self.write("relay/storage-schemas.conf", SCHEMAS);
        let start = || {
            let ports = (free_port(), free_port());
            self.write("relay/carbon.conf", &relay_conf(&self.root, ports, pickle_port));
            (self.carbon("carbon-relay.py", "relay"), ports)
        };
        let (relay, ports) = start_listening("carbon-relay", start, |(lines, _)| is_open(lines));
        (relay, ports.0)
    }

    fn carbon(&self, program: &str, kind: &str) -> Process {
        let program = self.venv.join("bin").join(program);
        let folder = if kind == "relay" { "relay" } else { "conf" };
        let config = format!("--config={}/{folder}/carbon.conf", self.root.display());
        let command = self.python(&[&program.to_string_lossy(), &config, "--nodaemon", "start"]);
        Process::start(command, &self.root.join(format!("carbon-{kind}.log")))
    }

    fn write_settings(&self, ports: Ports) {
        self.write("conf/local_settings.py", &local_settings(&self.root, ports.queries));
        for folder in ["storage/log/webapp", "storage/whisper"] {
            let made = std::fs::create_dir_all(self.root.join(folder));
            made.expect("the temporary folder can be written to");
        }
    }

    fn make_database(&self) {
        let output = self.python(&["-m", "django", "migrate", "--run-syncdb"]).output();
        let output = output.expect("the venv has a Python");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Web {
    fn start(place: &Place) -> Self {
        let start = || {
            let port = free_port();
            (Web::spawn(place, port), port)
        };
        let (process, port) = start_listening("graphite-web", start, answers);
        Web { port, process: Some(process), place: place.clone() }
    }

    fn spawn(place: &Place, port: u16) -> Process {
        let port_arg = port.to_string();
        let args = ["-m", "waitress", "--host", "127.0.0.1", "--port", &port_arg, "--threads", "4"];
        let mut command = place.python(&args);
        command.arg("graphite.wsgi:application");
        Process::start(command, &place.root.join(format!("web-{port}.log")))
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on nobody answers there.
    pub fn stop(&mut self) {
        self.process = None;
    }

    /// Answers again where it did before.
    ///
    /// # Panics
    /// It does not.
    pub fn start_again(&mut self) {
        let start = || (Web::spawn(&self.place, self.port), self.port);
        let (process, _) = start_listening("graphite-web", start, answers);
        self.process = Some(process);
    }
}

/// Starts it, on other ports when somebody else was there first, and waits until it listens.
fn start_listening<P: Copy>(
    what: &str,
    start: impl Fn() -> (Process, P),
    listens: impl Fn(P) -> bool,
) -> (Process, P) {
    let (mut process, mut ports) = start();
    let mut further = TRIES;
    poll::until(what, PATIENCE, || {
        if process.ended().is_some() {
            further -= 1;
            assert!(further > 0, "{what} ended:\n{}", process.said());
            (process, ports) = start();
        }
        listens(ports).then_some(())
    });
    (process, ports)
}

pub(crate) fn is_open(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// It has loaded everything: the first answer takes a second.
fn answers(port: u16) -> bool {
    is_open(port) && ureq::get(format!("http://127.0.0.1:{port}/render?format=json")).call().is_ok()
}

const SCHEMAS: &str = "\
[fast]
pattern = ^fast\\.
retentions = 1s:10m
[ten]
pattern = ^ten\\.
retentions = 10s:2h
[junos]
pattern = ^junos\\.
retentions = 5s:1h
[default]
pattern = .*
retentions = 60s:1d
";

fn carbon_conf(root: &Path, lines: u16, pickles: u16, queries: u16) -> String {
    let root = root.display();
    format!(
        "[cache]
STORAGE_DIR = {root}/storage
LOCAL_DATA_DIR = {root}/storage/whisper
CONF_DIR = {root}/conf
LOG_DIR = {root}/storage/log/carbon
PID_DIR = {root}/storage
USER =
MAX_CREATES_PER_MINUTE = inf
MAX_UPDATES_PER_SECOND = inf
LOG_UPDATES = False
LOG_CACHE_HITS = False
LOG_CACHE_QUEUE_SORTS = False
ENABLE_TAGS = False
CARBON_METRIC_INTERVAL = 0
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = {lines}
PICKLE_RECEIVER_INTERFACE = 127.0.0.1
PICKLE_RECEIVER_PORT = {pickles}
CACHE_QUERY_INTERFACE = 127.0.0.1
CACHE_QUERY_PORT = {queries}
"
    )
}

fn relay_conf(root: &Path, (lines, pickles): (u16, u16), destination: u16) -> String {
    let root = root.display();
    format!(
        "[relay]
STORAGE_DIR = {root}/relay
CONF_DIR = {root}/relay
LOG_DIR = {root}/relay/log
PID_DIR = {root}/relay
USER =
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = {lines}
PICKLE_RECEIVER_INTERFACE = 127.0.0.1
PICKLE_RECEIVER_PORT = {pickles}
RELAY_METHOD = rules
DESTINATIONS = 127.0.0.1:{destination}:atalaya
DESTINATION_PROTOCOL = pickle
CARBON_METRIC_INTERVAL = 0
"
    )
}

fn local_settings(root: &Path, queries: u16) -> String {
    let root = root.display();
    format!(
        "SECRET_KEY = 'for tests only'
GRAPHITE_ROOT = '{root}'
CONF_DIR = '{root}/conf'
STORAGE_DIR = '{root}/storage'
WHISPER_DIR = '{root}/storage/whisper'
STANDARD_DIRS = ['{root}/storage/whisper']
INDEX_FILE = '{root}/storage/index'
LOG_DIR = '{root}/storage/log/webapp'
CARBONLINK_HOSTS = ['127.0.0.1:{queries}:a']
ALLOWED_HOSTS = ['*']
TIME_ZONE = 'UTC'
DATABASES = {{'default': {{'ENGINE': 'django.db.backends.sqlite3', 'NAME': '{root}/storage/graphite.db'}}}}
"
    )
}
