//! A real nginx in front of Atalaya, set up as the installation guide has it.

use std::net::TcpStream;
use std::time::Duration;

use crate::paths;
use crate::poll;
use crate::process::Process;
use crate::server::free_port;
use crate::unpacked::Unpacked;

const PATIENCE: Duration = Duration::from_secs(60);
/// Somebody else may get a free port first.
const TRIES: usize = 3;

/// A running nginx with a certificate of its own, in a temporary folder.
pub struct Nginx {
    // In this order they are dropped: first the process, then what it writes to.
    _process: Process,
    port: u16,
    certificate: String,
    _folder: tempfile::TempDir,
}

impl Nginx {
    /// In front of this port, with `packaging/nginx.conf`. None where `NGINX_ROOT` says of no folder; then the test says that it is
    /// skipped.
    ///
    /// # Panics
    /// It does not start.
    pub fn in_front_of(upstream: u16) -> Option<Self> {
        let programs = Unpacked::of("NGINX_ROOT")?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("the temporary folder can be written to");
        };
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]);
        let made = made.expect("an address can have a certificate");
        write("fullchain.pem", &made.cert.pem());
        write("privkey.pem", &made.signing_key.serialize_pem());
        let start = || {
            let port = free_port();
            write("nginx.conf", &configuration(port, upstream));
            let mut command = programs.command("usr/sbin/nginx");
            // Both with a slash at the end: paths of the configuration are relative to them.
            let place = format!("{}/", folder.path().display());
            command.args(["-p", &place, "-c", &format!("{place}nginx.conf"), "-e", "stderr"]);
            (Process::start(command, &folder.path().join("nginx.log")), port)
        };
        let (mut process, mut port) = start();
        let mut further = TRIES;
        poll::until("nginx listens", PATIENCE, || {
            if process.ended().is_some() {
                further -= 1;
                assert!(further > 0, "nginx ended:\n{}", process.said());
                (process, port) = start();
            }
            TcpStream::connect(("127.0.0.1", port)).ok()
        });
        Some(Nginx { _process: process, port, certificate: made.cert.pem(), _folder: folder })
    }

    /// Its address, without a path.
    pub fn origin(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// What to believe in, PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }
}

/// The guide's server, moved to where the test is; one process, so that there is one to end. Buffers are so large that what is held
/// back does not come.
fn configuration(port: u16, upstream: u16) -> String {
    let guide = std::fs::read_to_string(paths::root().join("packaging/nginx.conf"));
    let mut server = guide.expect("the project has it");
    for (there, here) in [
        ("listen 443 ssl http2;", format!("listen 127.0.0.1:{port} ssl http2;")),
        ("http://127.0.0.1:8420;", format!("http://127.0.0.1:{upstream};")),
        ("/etc/ssl/monitor.example/", String::new()),
    ] {
        assert!(server.contains(there), "the guide's server says {there}");
        server = server.replace(there, &here);
    }
    let own = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {name};\n"));
    format!(
        "daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {{}}
http {{
access_log off;
proxy_buffer_size 1m;
proxy_buffers 4 1m;
proxy_busy_buffers_size 2m;
ssl_buffer_size 1m;
{}
{server}
}}
",
        own.concat()
    )
}
