//! The real server as a child process, with a data folder of its own.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::client::Client;
use crate::paths;
use crate::poll;

pub const PASSWORD: &str = "correct horse battery staple";

/// A running server. Killed when dropped.
pub struct Server {
    child: Child,
    pub data: tempfile::TempDir,
    pub port: u16,
    pub carbon_port: u16,
    env: Vec<(String, String)>,
}

/// A server to be started.
pub struct Builder {
    data: tempfile::TempDir,
    env: Vec<(String, String)>,
}

impl Builder {
    /// Sets a key of the configuration by its environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Puts a component into the folder of the operator's own checks.
    pub fn with_check(self, file: &str, wasm: &[u8]) -> Self {
        let folder = self.data.path().join("checks");
        std::fs::create_dir_all(&folder).expect("the data folder can be written to");
        std::fs::write(folder.join(file), wasm).expect("the data folder can be written to");
        self
    }

    pub fn start(self) -> Server {
        let (port, carbon_port) = (free_port(), free_port());
        let mut server = Server {
            child: spawn(self.data.path(), port, carbon_port, &self.env),
            data: self.data,
            port,
            carbon_port,
            env: self.env,
        };
        server.wait_until_ready();
        server
    }
}

/// A port that nobody listens on now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    listener.local_addr().expect("a bound listener has an address").port()
}

fn spawn(data: &Path, port: u16, carbon_port: u16, env: &[(String, String)]) -> Child {
    let log =
        std::fs::File::options().create(true).append(true).open(data.join("server.log")).expect("a log file");
    Command::new(paths::server())
        .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"])
        .arg(data)
        .env("ATALAYA_ADMIN_PASSWORD", PASSWORD)
        .env("ATALAYA_INGEST__CARBON__LISTEN", format!("127.0.0.1:{carbon_port}"))
        .envs(env.iter().cloned())
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a file handle can be doubled"))
        .stderr(log)
        .spawn()
        .expect("the server's program can be started")
}

impl Server {
    pub fn builder() -> Builder {
        Builder { data: tempfile::tempdir().expect("a temporary folder"), env: Vec::new() }
    }

    pub fn start() -> Server {
        Server::builder().start()
    }

    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Logged in as the first administrator.
    pub fn admin(&self) -> Client {
        Client::login(&self.base(), "admin", PASSWORD)
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.data.path().join("server.log")).unwrap_or_default()
    }

    /// As `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().expect("the server runs until it is killed");
        self.child.wait().expect("a killed child can be waited for");
    }

    /// Starts again on the same data and ports.
    pub fn restart(&mut self) {
        self.child = spawn(self.data.path(), self.port, self.carbon_port, &self.env);
        self.wait_until_ready();
    }

    fn wait_until_ready(&mut self) {
        let client = Client::stranger(&self.base());
        poll::until("the server is ready", Duration::from_secs(60), || {
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("the server ended with {status}:\n{}", self.log());
            }
            client.try_send("GET", "/readyz", None).ok().filter(|answer| answer.status == 200)
        });
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- the server's log ---\n{}", self.log());
        }
    }
}
