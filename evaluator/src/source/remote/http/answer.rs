//! What came back.

use std::io::{ErrorKind, Read};
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use jiff::fmt::rfc2822::DateTimeParser;
use ureq::http::{self, HeaderMap, HeaderName, header};

use crate::domain::{Millis, Texts};

use super::quote;
use super::trouble::broke_off;

/// Of an answer that is no document, this much is read to say what it is.
const GLIMPSE: usize = 64 * 1024;

/// An answer with its body, decompressed. What is not meant for programs (an error, a page, a picture) may be cut short.
#[derive(Clone, Debug)]
pub struct Received {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Why there is no whole body.
#[derive(Debug)]
pub enum Cut {
    TooLarge,
    /// The connection was lost after `had` of `of` bytes, where that is known.
    Off {
        had: usize,
        of: Option<u64>,
    },
    /// Whole, packed, and it cannot be unpacked.
    Corrupt,
    Failed(ureq::Error),
}

/// What an answer is that should have been something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    Nothing,
    Image(String),
    /// With its title.
    Page(Option<String>),
    /// It ends in the middle, after this many bytes.
    Half(usize),
    /// With its type and beginning.
    Other(String, String),
}

impl Received {
    /// Reads the body, at most `cap` bytes of it. `glimpse`: whatever becomes of the rest, what could be read will do.
    pub fn read(answer: http::Response<ureq::Body>, cap: usize, glimpse: bool) -> Result<Self, Cut> {
        let (parts, mut body) = answer.into_parts();
        let mut received =
            Received { status: parts.status.as_u16(), headers: parts.headers, body: Vec::new() };
        let announced = body.content_length();
        let mut wire = Wire { body: body.as_reader(), failure: None };
        if glimpse || received.is_for_people() {
            // What can be had is enough to say what it is.
            let enough = if glimpse { cap } else { GLIMPSE };
            let _broken = received.take(&mut wire, enough);
            received.body.truncate(enough);
            return Ok(received);
        }
        if announced.is_some_and(|length| length > cap as u64) {
            return Err(Cut::TooLarge);
        }
        if let Err(error) = received.take(&mut wire, cap) {
            return Err(received.cut(&error, wire.failure, announced));
        }
        if received.body.len() > cap { Err(Cut::TooLarge) } else { Ok(received) }
    }

    /// Takes in the body, unpacked if it is packed.
    fn take(&mut self, wire: &mut impl Read, cap: usize) -> std::io::Result<()> {
        if self.header(header::CONTENT_ENCODING).eq_ignore_ascii_case("gzip") {
            fill(&mut self.body, &mut MultiGzDecoder::new(wire), cap)
        } else {
            fill(&mut self.body, wire, cap)
        }
    }

    /// `error`: of the unpacking, unless the wire has a `failure` of its own.
    fn cut(&self, error: &std::io::Error, failure: Option<ureq::Error>, of: Option<u64>) -> Cut {
        let is_off = match &failure {
            Some(failure) => broke_off(failure),
            None => error.kind() == ErrorKind::UnexpectedEof && self.ends_with_its_connection(),
        };
        match failure {
            _ if is_off => Cut::Off { had: self.body.len(), of },
            Some(failure) => Cut::Failed(failure),
            None => Cut::Corrupt,
        }
    }

    fn is_for_people(&self) -> bool {
        let kind = self.content_type();
        let media = ["image/", "audio/", "video/", "text/html"].iter().any(|one| kind.starts_with(one));
        media || !self.is_good()
    }

    pub fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Nothing but the end of the connection told where its body ends (RFC 9112, 6.3), so that a server that died looks
    /// like one that had said everything.
    pub fn ends_with_its_connection(&self) -> bool {
        !self.headers.contains_key(header::CONTENT_LENGTH)
            && !self.headers.contains_key(header::TRANSFER_ENCODING)
    }

    /// Lower case, without parameters; empty when none is said.
    pub fn content_type(&self) -> String {
        let whole = self.header(header::CONTENT_TYPE);
        whole.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// Empty when it is not there or no text.
    pub fn header(&self, name: HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Its clock (RFC 9110, 6.6.1).
    pub fn date(&self) -> Option<Millis> {
        instant(self.header(header::DATE))
    }

    /// How long it wants to be left alone (RFC 9110, 10.2.3), by its own clock where it names an instant; at most `longest`.
    pub fn retry_after(&self, longest: Duration) -> Option<Duration> {
        let text = self.header(header::RETRY_AFTER).trim();
        let wait = match text.parse::<u64>() {
            Ok(seconds) => Duration::from_secs(seconds),
            Err(_) => Duration::from_millis(instant(text)?.since(self.date()?).max(0).unsigned_abs()),
        };
        Some(wait.min(longest))
    }

    /// What it is, seeing that it is no document. `half`: it ends in the middle.
    pub fn came(&self, half: bool) -> Came {
        let kind = self.content_type();
        if kind.starts_with("image/") {
            Came::Image(kind)
        } else if self.body.trim_ascii().is_empty() {
            Came::Nothing
        } else if kind == "text/html" || quote::is_page(&self.body) {
            Came::Page(quote::title(&self.body))
        } else if half {
            Came::Half(self.body.len())
        } else {
            let kind = if kind.is_empty() { "no content type".to_owned() } else { kind };
            Came::Other(kind, quote::plain(&self.body, 60))
        }
    }
}

impl Came {
    pub fn words(&self) -> Texts {
        let (en, es) = match self {
            Came::Nothing => ("an empty answer".to_owned(), "una respuesta vacía".to_owned()),
            Came::Image(kind) => (format!("an image ({kind})"), format!("una imagen ({kind})")),
            Came::Page(None) => ("an HTML page".to_owned(), "una página HTML".to_owned()),
            Came::Page(Some(title)) => {
                (format!("an HTML page titled \"{title}\""), format!("una página HTML titulada «{title}»"))
            }
            Came::Half(bytes) => (
                format!("half of a document, which ends in the middle after {bytes} bytes"),
                format!("medio documento, que acaba a la mitad tras {bytes} bytes"),
            ),
            Came::Other(kind, start) => (
                format!("something that is no JSON ({kind}), beginning \"{start}\""),
                format!("algo que no es JSON ({kind}) y que empieza «{start}»"),
            ),
        };
        Texts { en, es }
    }
}

/// A body on its way in. Whoever unpacks it has errors of his own: those of the connection are kept apart, because they tell who is
/// at fault.
struct Wire<R> {
    body: R,
    failure: Option<ureq::Error>,
}

impl<R: Read> Read for Wire<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.body.read(into).map_err(|error| {
            self.failure = Some(error.into());
            ErrorKind::BrokenPipe.into()
        })
    }
}

/// Until the end or one byte beyond `cap`, never holding more than that.
fn fill(into: &mut Vec<u8>, from: &mut impl Read, cap: usize) -> std::io::Result<()> {
    loop {
        let had = into.len();
        let piece = had.clamp(16 * 1024, 8 << 20).min(cap + 1 - had);
        into.reserve_exact(piece);
        let got = from.by_ref().take(piece as u64).read_to_end(into)?;
        if got < piece || into.len() > cap {
            return Ok(());
        }
    }
}

fn instant(text: &str) -> Option<Millis> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    PARSER.parse_timestamp(text).ok().map(Millis::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGEST: Duration = Duration::from_secs(300);

    fn with(headers: &[(&'static str, &str)]) -> Received {
        let pairs = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().expect("a header's value")));
        Received { status: 429, headers: pairs.collect(), body: Vec::new() }
    }

    #[test]
    fn a_wait_is_told_in_seconds_or_as_an_instant_of_its_own_clock() {
        let asks = |headers: &[(&'static str, &str)]| with(headers).retry_after(LONGEST);
        assert_eq!(asks(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
        let dated =
            [("date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT")];
        assert_eq!(asks(&dated), Some(Duration::from_secs(30)));
        assert_eq!(asks(&dated[1..]), None, "without its clock it says nothing");
        assert_eq!(asks(&[("retry-after", "soon")]), None);
    }

    #[test]
    fn nobody_waits_longer_than_he_means_to() {
        assert_eq!(with(&[("retry-after", "86400")]).retry_after(LONGEST), Some(LONGEST));
    }

    #[test]
    fn no_more_than_the_cap_and_one_byte_is_held() {
        for cap in [0, 1, 100, 16 * 1024, 16 * 1024 + 1, 100_000] {
            let mut into = Vec::new();
            fill(&mut into, &mut std::io::repeat(b'x'), cap).expect("it reads");
            assert_eq!(into.len(), cap + 1);
            assert!(into.capacity() <= cap + 33, "{} for {cap}", into.capacity());
        }
    }

    #[test]
    fn a_short_body_is_read_whole() {
        let mut into = Vec::new();
        fill(&mut into, &mut &[b'x'; 40_000][..], 100_000).expect("it reads");
        assert_eq!(into.len(), 40_000);
    }
}
