//! Servers of tests, which answer with the bytes they are told to.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// Method and path with query.
    pub line: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Heard {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    /// The value of a form's field, decoded.
    pub fn field(&self, name: &str) -> Option<String> {
        let query = self.line.split_once('?').map_or("", |(_, query)| query);
        let text = if self.body.is_empty() { query } else { &self.body };
        let pair = text.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")))?;
        Some(decode(pair))
    }
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex = [rest.next(), rest.next()].map(|digit| digit.expect("two digits follow a %"));
            let hex = str::from_utf8(&hex).expect("digits").to_owned();
            bytes.push(u8::from_str_radix(&hex, 16).expect("digits"));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// A server on a port of its own, as long as the test lasts.
pub struct StandIn {
    pub url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    connections: Arc<Mutex<usize>>,
}

impl StandIn {
    /// Each answer is the bytes that the script gives for a request; none: the connection is reset.
    pub fn new(script: impl Fn(&Heard) -> Vec<u8> + Send + Sync + 'static) -> Self {
        StandIn::talking(move |heard, stream| {
            let bytes = script(heard);
            // Whoever asks may have enough of it.
            let _gone = stream.write_all(&bytes);
            !bytes.is_empty()
        })
    }

    /// The script writes by itself, and says whether the connection goes on.
    pub fn talking(script: impl Fn(&Heard, &mut TcpStream) -> bool + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let (heard, connections) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(0)));
        let (script, listened, counted) = (Arc::new(script), heard.clone(), connections.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                *counted.lock().expect("nobody panics") += 1;
                let (script, listened) = (script.clone(), listened.clone());
                std::thread::spawn(move || converse(stream, &*script, &listened));
            }
        });
        StandIn { url, heard, connections }
    }

    /// The same answer to everything.
    pub fn saying(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        StandIn::new(move |_| answer.clone())
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().expect("nobody panics while it listens").clone()
    }

    pub fn connections(&self) -> usize {
        *self.connections.lock().expect("nobody panics while it counts")
    }
}

fn converse(
    stream: std::io::Result<TcpStream>,
    script: &dyn Fn(&Heard, &mut TcpStream) -> bool,
    listened: &Mutex<Vec<Heard>>,
) {
    let Ok(mut stream) = stream else { return };
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    while let Some(heard) = hear(&mut reader) {
        listened.lock().expect("nobody panics while it listens").push(heard.clone());
        if !script(&heard, &mut stream) {
            return;
        }
    }
}

fn hear(reader: &mut impl BufRead) -> Option<Heard> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, value)| value.parse().expect("a length"))];
    reader.read_exact(&mut body).ok()?;
    let line = line.rsplit_once(' ').map_or(line.as_str(), |(line, _)| line).to_owned();
    Some(Heard { line, headers, body: String::from_utf8(body).expect("UTF-8") })
}

/// A whole answer.
pub fn answer(status: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len()).into_bytes();
    for header in headers {
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

/// A good answer in JSON.
pub fn json(body: &str) -> Vec<u8> {
    answer("200 OK", &["content-type: application/json"], body)
}

#[test]
fn the_stand_in_hears_what_is_asked() {
    let server = StandIn::saying(json("[]"));
    let mut answer = ureq::post(format!("{}/render", server.url)).send("a=%2B1&b=2").expect("it answers");
    assert_eq!(answer.body_mut().read_to_string().expect("it has a body"), "[]");
    let heard = &server.heard()[0];
    assert_eq!((heard.line.as_str(), heard.field("a").as_deref()), ("POST /render", Some("+1")));
}
