//! A server that speaks as Graphite does, as long as it is told to, and that can be told to behave as badly as servers do.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::server::free_port;

/// How it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// As Graphite does: a value each second, and a last bucket that is still empty.
    Well,
    /// After half a minute.
    Late,
    /// Promises a body and closes in its middle.
    Half,
    /// A body of 1 GiB that looks like an answer for a long while.
    Huge,
    /// 200, JSON by its type, and noise.
    Garbage,
    /// 200 and a picture: what Graphite draws when nobody says which format.
    Picture,
    /// 200 and a page: what a proxy shows whom it wants to log in.
    Page,
    /// The connection is reset when the question is there.
    Reset,
    /// 429: too many questions, come back in five seconds.
    TooMany,
    /// Nobody listens.
    Refused,
    /// One byte at a time, five a second.
    Drip,
    /// Headers that do not end.
    Headers,
}

impl Manner {
    /// All but the good one.
    pub const BAD: [Manner; 11] = [
        Manner::Late,
        Manner::Half,
        Manner::Huge,
        Manner::Garbage,
        Manner::Picture,
        Manner::Page,
        Manner::Reset,
        Manner::TooMany,
        Manner::Refused,
        Manner::Drip,
        Manner::Headers,
    ];
}

/// The server. It ends when it is dropped.
pub struct BadSource {
    port: u16,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    manner: Mutex<Manner>,
    /// What an expression gives; 50 what is not said.
    values: Mutex<BTreeMap<String, f64>>,
    asked: AtomicU64,
    stopped: AtomicBool,
}

impl BadSource {
    /// Answers well, on a port that nobody else uses.
    pub fn start() -> Self {
        let shared = Arc::new(Shared {
            manner: Mutex::new(Manner::Well),
            values: Mutex::default(),
            asked: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
        });
        let (port, server) = (free_port(), shared.clone());
        let thread = std::thread::spawn(move || server.serve(port));
        BadSource { port, shared, thread: Some(thread) }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn behave(&self, manner: Manner) {
        *lock(&self.shared.manner) = manner;
    }

    /// From now on this expression gives this value.
    pub fn set(&self, expr: &str, value: f64) {
        lock(&self.shared.values).insert(expr.to_owned(), value);
    }

    /// How many questions came so far.
    pub fn asked(&self) -> u64 {
        self.shared.asked.load(Ordering::Relaxed)
    }
}

impl Drop for BadSource {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl Shared {
    fn manner(&self) -> Manner {
        *lock(&self.manner)
    }

    fn serve(self: &Arc<Self>, port: u16) {
        let mut listener = None;
        while !self.stopped.load(Ordering::Relaxed) {
            if self.manner() == Manner::Refused {
                listener = None;
            } else if listener.is_none() {
                listener = listen(port);
            }
            match listener.as_ref().and_then(|listener| listener.accept().ok()) {
                Some((stream, _)) => {
                    let shared = self.clone();
                    // Whoever asks may go before the answer is there: nothing to complain of.
                    std::thread::spawn(move || drop(shared.answer(stream)));
                }
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        }
    }

    fn answer(&self, stream: TcpStream) -> std::io::Result<()> {
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        self.asked.fetch_add(1, Ordering::Relaxed);
        let manner = self.manner();
        if manner == Manner::Reset {
            // Closed with the question unread: the system answers with a reset.
            stream.peek(&mut [0])?;
            return Ok(());
        }
        let asked = Asked::read(&stream)?;
        let mut out = stream;
        match manner {
            Manner::Well | Manner::Refused | Manner::Reset => self.well(&mut out, &asked),
            Manner::Late => {
                self.wait(Duration::from_secs(30));
                self.well(&mut out, &asked)
            }
            Manner::Half => {
                write!(
                    out,
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
                )?;
                out.write_all(b"[{\"target\": \"lab.cpu\", \"datapoints\": [[50.0, 17")
            }
            Manner::Huge => huge(&mut out),
            Manner::Garbage => {
                let noise: Vec<u8> =
                    (0..5_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
                whole(&mut out, "200 OK", "application/json", &noise)
            }
            Manner::Picture => {
                whole(&mut out, "200 OK", "image/png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01J\0\0\0\xfa")
            }
            Manner::Page => whole(
                &mut out,
                "200 OK",
                "text/html",
                b"<!DOCTYPE html><html><body><h1>Log in</h1></body></html>",
            ),
            Manner::TooMany => {
                let head = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close";
                write!(out, "{head}\r\n\r\n")
            }
            Manner::Drip => self.drip(&mut out),
            Manner::Headers => self.headers(&mut out),
        }
    }

    fn well(&self, out: &mut TcpStream, asked: &Asked) -> std::io::Result<()> {
        let body = match asked.path.as_str() {
            "/version/" => "\"1.1.10\"".to_owned(),
            "/metrics/find" => "{\"metrics\": []}".to_owned(),
            _ => self.render(asked),
        };
        whole(out, "200 OK", "application/json", body.as_bytes())
    }

    /// A bucket a second, of which the newest is still empty.
    fn render(&self, asked: &Asked) -> String {
        let target = asked.field("target");
        let value = lock(&self.values).get(&target).copied().unwrap_or(50.0);
        let (from, until) = (asked.field("from").parse::<i64>(), asked.field("until").parse::<i64>());
        let (Ok(from), Ok(until)) = (from, until) else { return "[]".to_owned() };
        let mut points: Vec<String> = (from + 1..until).map(|at| format!("[{value:?}, {at}]")).collect();
        points.push(format!("[null, {until}]"));
        format!("[{{\"target\": \"{target}\", \"tags\": {{}}, \"datapoints\": [{}]}}]", points.join(", "))
    }

    fn drip(&self, out: &mut TcpStream) -> std::io::Result<()> {
        write!(out, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")?;
        while self.manner() == Manner::Drip {
            out.write_all(b"[")?;
            self.wait(Duration::from_millis(200));
        }
        Ok(())
    }

    fn headers(&self, out: &mut TcpStream) -> std::io::Result<()> {
        write!(out, "HTTP/1.1 200 OK\r\n")?;
        for n in 0.. {
            if self.manner() != Manner::Headers || self.stopped.load(Ordering::Relaxed) {
                break;
            }
            write!(out, "X-Header-{n}: {}\r\n", "x".repeat(200))?;
        }
        Ok(())
    }

    fn wait(&self, long: Duration) {
        let step = Duration::from_millis(50);
        let mut left = long;
        while !left.is_zero() && !self.stopped.load(Ordering::Relaxed) {
            std::thread::sleep(step.min(left));
            left = left.saturating_sub(step);
        }
    }
}

fn listen(port: u16) -> Option<TcpListener> {
    let listener = TcpListener::bind(("127.0.0.1", port)).ok()?;
    listener.set_nonblocking(true).ok().map(|()| listener)
}

fn whole(out: &mut TcpStream, status: &str, kind: &str, body: &[u8]) -> std::io::Result<()> {
    let length = body.len();
    write!(
        out,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    out.write_all(body)
}

fn huge(out: &mut TcpStream) -> std::io::Result<()> {
    const CHUNK: usize = 1 << 20;
    write!(
        out,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        CHUNK * 1_024
    )?;
    out.write_all(b"[{\"target\": \"lab.cpu\", \"datapoints\": [")?;
    let chunk = b"[50.0, 1770000000],".repeat(CHUNK / 19);
    (0..1_024).try_for_each(|_| out.write_all(&chunk))
}

/// What was asked for.
struct Asked {
    path: String,
    fields: BTreeMap<String, String>,
}

impl Asked {
    fn read(stream: &TcpStream) -> std::io::Result<Self> {
        let mut lines = BufReader::new(stream);
        let mut line = String::new();
        lines.read_line(&mut line)?;
        let address = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut length = 0;
        loop {
            line.clear();
            if lines.read_line(&mut line)? == 0 || line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        lines.read_exact(&mut body)?;
        let (path, query) = address.split_once('?').unwrap_or((&address, ""));
        let body = String::from_utf8_lossy(&body).into_owned();
        let pairs = query.split('&').chain(body.split('&')).filter_map(|pair| pair.split_once('='));
        let fields = pairs.map(|(name, value)| (name.to_owned(), plain(value))).collect();
        Ok(Asked { path: path.to_owned(), fields })
    }

    fn field(&self, name: &str) -> String {
        self.fields.get(name).cloned().unwrap_or_default()
    }
}

/// Undoes the escapes of a form.
fn plain(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits: String = rest.by_ref().take(2).map(char::from).collect();
                u8::from_str_radix(&digits, 16).unwrap_or(b'?')
            }
            byte => byte,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
