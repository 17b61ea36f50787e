//! Mail servers of tests, which answer with the bytes they are told to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig, ServerConnection, StreamOwned};

/// What is answered to a command; to `""`, the connection itself; to `"\u{4}"`, a whole message. Nothing: silence for `"\u{4}"`, else the
/// connection ends.
pub type Script = Box<dyn Fn(&str) -> Vec<u8> + Send + Sync>;

/// A good server.
pub fn says(heard: &str) -> Vec<u8> {
    let answer = match heard.split(' ').next().unwrap_or_default() {
        "" => "220 mail.example.org ESMTP\r\n",
        "EHLO" => "250-mail.example.org\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN\r\n",
        "AUTH" => "235 2.7.0 welcome\r\n",
        "DATA" => "354 go on\r\n",
        "\u{4}" => "250 2.0.0 Ok: queued as 4F2\r\n",
        "QUIT" => "221 bye\r\n",
        _ => "250 Ok\r\n",
    };
    answer.as_bytes().to_vec()
}

/// As long as the test lasts.
pub struct StandIn {
    pub port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

/// An authority, with the certificate of `localhost`.
pub struct Authority {
    pub certificate: CertificateDer<'static>,
    pub pem: String,
    server: Arc<ServerConfig>,
}

pub fn authority() -> Authority {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider knows them")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .expect("they belong together");
    Authority { certificate, pem: made.cert.pem(), server: Arc::new(server) }
}

impl Authority {
    /// Whoever trusts it and nobody else.
    pub fn client(&self) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).expect("it is a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.expect("the provider knows them").with_root_certificates(roots);
        Arc::new(builder.with_no_client_auth())
    }
}

impl StandIn {
    pub fn new(script: Script) -> Self {
        StandIn::serving(move |stream, heard| {
            converse(stream, &script, heard);
        })
    }

    /// Its answer to the introduction goes on, a piece at a time.
    pub fn dripping(piece: &'static [u8]) -> Self {
        StandIn::serving(move |mut stream, _| {
            let mut written = stream.write_all(b"220 me\r\n");
            while written.is_ok() {
                std::thread::sleep(Duration::from_millis(10));
                written = stream.write_all(piece);
            }
        })
    }

    pub fn within_tls(authority: &Authority) -> Self {
        let config = authority.server.clone();
        StandIn::serving(move |stream, heard| {
            let connection = ServerConnection::new(config.clone()).expect("a good configuration");
            converse(StreamOwned::new(connection, stream), &says, heard);
        })
    }

    pub fn starting_tls(authority: &Authority) -> Self {
        let config = authority.server.clone();
        StandIn::serving(move |stream, heard| {
            let offers = |command: &str| match command.split(' ').next() {
                Some("EHLO") => b"250-me\r\n250 STARTTLS\r\n".to_vec(),
                Some("STARTTLS") => b"220 go\r\n".to_vec(),
                _ => says(command),
            };
            let plain = stream.try_clone().expect("a second handle");
            if converse(plain, &offers, heard) {
                let connection = ServerConnection::new(config.clone()).expect("a good configuration");
                let silent = |command: &str| if command.is_empty() { b" ".to_vec() } else { says(command) };
                converse(StreamOwned::new(connection, stream), &silent, heard);
            }
        })
    }

    fn serving(serve: impl Fn(TcpStream, &Mutex<Vec<String>>) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let (serve, listened) = (Arc::new(serve), heard.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (serve, listened) = (serve.clone(), listened.clone());
                std::thread::spawn(move || serve(stream, &listened));
            }
        });
        StandIn { port, heard }
    }

    /// The commands, and each message without its stuffing, in the order in which they came.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("nobody panics while it listens").clone()
    }
}

/// True: TLS begins.
fn converse(stream: impl Read + Write, script: &dyn Fn(&str) -> Vec<u8>, heard: &Mutex<Vec<String>>) -> bool {
    // One byte at a time: what follows STARTTLS belongs to TLS.
    let mut stream = BufReader::with_capacity(1, stream);
    let greeting = script("");
    if greeting != b" " && (greeting.is_empty() || stream.get_mut().write_all(&greeting).is_err()) {
        return false;
    }
    let mut command = String::new();
    while stream.read_line(&mut command).is_ok_and(|read| read > 0) {
        let said = std::mem::take(&mut command).trim_end().to_owned();
        heard.lock().expect("nobody panics while it listens").push(said.clone());
        let mut answer = script(&said);
        let is_asked = said == "DATA" && answer.starts_with(b"354");
        if stream.get_mut().write_all(&answer).is_err() || answer.is_empty() {
            return false;
        }
        if said == "STARTTLS" && answer == b"220 go\r\n" {
            return true;
        }
        if is_asked {
            let Some(message) = message(&mut stream) else { return false };
            heard.lock().expect("nobody panics while it listens").push(message);
            answer = script("\u{4}");
            if stream.get_mut().write_all(&answer).is_err() {
                return false;
            }
        }
    }
    false
}

fn message(stream: &mut impl BufRead) -> Option<String> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok().filter(|read| *read > 0)?;
        match line.trim_end_matches(['\r', '\n']) {
            "." => return Some(lines.join("\n")),
            line => lines.push(line.strip_prefix('.').unwrap_or(line).to_owned()),
        }
    }
}
