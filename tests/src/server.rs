//! The real server as a child process, with a data folder of its own.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use crate::client::Client;
use crate::paths;
use crate::poll;

pub const PASSWORD: &str = "correct horse battery staple";

/// A running server. Killed when dropped.
pub struct Server {
    child: Child,
    pub port: u16,
    setup: Builder,
}

/// A server to be started.
pub struct Builder {
    data: tempfile::TempDir,
    carbon_port: u16,
    base_path: &'static str,
    /// Its certificate, PEM.
    certificate: Option<String>,
    env: Vec<(String, String)>,
}

impl Builder {
    /// Sets a key of the configuration by its environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With its data folder in this one.
    pub fn within(mut self, folder: &Path) -> Self {
        self.data = tempfile::tempdir_in(folder).expect("the folder can be written to");
        self
    }

    /// Without the password that makes the user `admin`.
    pub fn without_admin(mut self) -> Self {
        self.env.retain(|(name, _)| name != "ATALAYA_ADMIN_PASSWORD");
        self
    }

    /// Carbon lines on this port instead of a free one.
    pub fn carbon_on(mut self, port: u16) -> Self {
        self.carbon_port = port;
        self
    }

    /// Served below this path.
    pub fn below(mut self, base_path: &'static str) -> Self {
        self.base_path = base_path;
        self.env("ATALAYA_BASE_PATH", base_path)
    }

    /// Served with a certificate of its own.
    pub fn encrypted(mut self) -> Self {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]);
        let made = made.expect("an address can have a certificate");
        let (cert, key) = (self.data.path().join("cert.pem"), self.data.path().join("key.pem"));
        std::fs::write(&cert, made.cert.pem()).expect("the data folder can be written to");
        std::fs::write(&key, made.signing_key.serialize_pem()).expect("the data folder can be written to");
        self.certificate = Some(made.cert.pem());
        self.env("ATALAYA_TLS_CERT", &cert.to_string_lossy()).env("ATALAYA_TLS_KEY", &key.to_string_lossy())
    }

    /// Puts a component into the folder of the operator's own checks.
    pub fn with_check(self, file: &str, wasm: &[u8]) -> Self {
        let folder = self.data.path().join("checks");
        std::fs::create_dir_all(&folder).expect("the data folder can be written to");
        std::fs::write(folder.join(file), wasm).expect("the data folder can be written to");
        self
    }

    /// On a data folder that something has been put into.
    pub fn on(self, data: tempfile::TempDir) -> Self {
        Builder { data, ..self }
    }

    pub fn start(self) -> Server {
        let port = free_port();
        let mut server = Server { child: self.spawn(port), port, setup: self };
        server.wait_until_ready();
        server
    }

    fn spawn(&self, port: u16) -> Child {
        let log = std::fs::File::options().create(true).append(true).open(log_of(self.data.path()));
        let log = log.expect("the data folder can be written to");
        program()
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"])
            .arg(self.data.path())
            .env("ATALAYA_INGEST__CARBON__LISTEN", format!("127.0.0.1:{}", self.carbon_port))
            .envs(self.env.iter().cloned())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file handle can be doubled"))
            .stderr(log)
            .spawn()
            .expect("the server's program can be started")
    }
}

/// A port that nobody listens on now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    listener.local_addr().expect("a bound listener has an address").port()
}

/// The server's program; what whoever runs the tests set for a server of their own does not reach it.
pub fn program() -> Command {
    let mut command = Command::new(paths::server());
    let theirs = std::env::vars_os().map(|(name, _)| name);
    for name in theirs.filter(|name| name.to_string_lossy().starts_with("ATALAYA_")) {
        command.env_remove(name);
    }
    command
}

fn log_of(data: &Path) -> std::path::PathBuf {
    data.join("server.log")
}

impl Server {
    /// With the user `admin` and its [`PASSWORD`].
    pub fn builder() -> Builder {
        let builder = Builder {
            data: tempfile::tempdir().expect("a temporary folder"),
            carbon_port: free_port(),
            base_path: "",
            certificate: None,
            env: Vec::new(),
        };
        builder.env("ATALAYA_ADMIN_PASSWORD", PASSWORD)
    }

    pub fn start() -> Server {
        Server::builder().start()
    }

    pub fn base(&self) -> String {
        format!("{}{}", self.origin(), self.setup.base_path)
    }

    fn origin(&self) -> String {
        let scheme = if self.setup.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    pub fn carbon_port(&self) -> u16 {
        self.setup.carbon_port
    }

    /// Its data folder.
    pub fn data(&self) -> &Path {
        self.setup.data.path()
    }

    /// Nobody yet.
    pub fn stranger(&self) -> Client {
        self.client_of(&self.base())
    }

    /// Nobody yet, who asks beyond the base path.
    pub fn outsider(&self) -> Client {
        self.client_of(&self.origin())
    }

    fn client_of(&self, base: &str) -> Client {
        match &self.setup.certificate {
            Some(certificate) => Client::trusting(base, certificate),
            None => Client::stranger(base),
        }
    }

    /// Logged in as the first administrator.
    pub fn admin(&self) -> Client {
        self.stranger().login("admin", PASSWORD)
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(log_of(self.data())).unwrap_or_default()
    }

    /// A further command on the same data.
    pub fn command(&self, args: &[&str]) -> Output {
        let output = program().args(args).arg("--data").arg(self.data()).output();
        output.expect("the server's program can be started")
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// As `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().expect("the server runs until it is killed");
        self.child.wait().expect("a killed child can be waited for");
    }

    /// Asks it to stop, as a service manager does, and waits until it has.
    ///
    /// # Panics
    /// It does not stop, or not as it should.
    pub fn stop(&mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(asked.expect("there is a kill command").success());
        let ended = poll::until("the server stops", Duration::from_secs(60), || {
            self.child.try_wait().expect("a child can be waited for")
        });
        assert!(ended.success(), "it ended with {ended}:\n{}", self.log());
    }

    /// Starts again on the same data and ports.
    pub fn restart(&mut self) {
        self.child = self.setup.spawn(self.port);
        self.wait_until_ready();
    }

    fn wait_until_ready(&mut self) {
        let mut client = self.stranger();
        let mut further_ports = 3;
        poll::until("the server is ready", Duration::from_secs(90), || {
            if let Ok(Some(status)) = self.child.try_wait() {
                // Somebody else may get a free port first.
                let taken = self.log().contains("cannot be listened on");
                assert!(taken && further_ports > 0, "the server ended with {status}:\n{}", self.log());
                further_ports -= 1;
                self.port = free_port();
                self.child = self.setup.spawn(self.port);
                client = self.stranger();
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
