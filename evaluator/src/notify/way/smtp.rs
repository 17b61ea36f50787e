//! One conversation with a mail server (RFC 5321): a message, to all its recipients.
//!
//! A conversation of our own rather than a library's: one timeout holds from the name to the last word, an answer has an end, the address
//! that was checked is the one that is connected to, and one recipient that is refused keeps the others from nothing.

mod stream;

use std::sync::Arc;
use std::time::Duration;

use atalaya_api::receiver::MailSecurity;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rustls::ClientConfig;

use super::Failure;
use crate::domain::Texts;
use crate::notify::words::{cut, line};
use crate::source::remote::http::{Quoter, of_connection};

use stream::{Stream, open};

/// Characters of an answer that are kept.
const LONGEST_ANSWER: usize = 2_000;
/// Of one line of it, bytes, and lines of one answer.
const LONGEST_LINE: usize = 2_048;
const MOST_LINES: usize = 100;

/// A mail server, and how it is spoken to.
pub struct Server {
    pub host: String,
    pub port: u16,
    pub security: MailSecurity,
    /// None where there is no TLS.
    pub tls: Option<Arc<ClientConfig>>,
    /// User name and password.
    pub login: Option<(String, String)>,
}

/// What is sent, in lines that end with CRLF.
pub struct Letter<'a> {
    pub from: &'a str,
    pub to: &'a [String],
    pub bytes: &'a [u8],
}

/// What became of a message that was taken for somebody.
#[derive(Debug)]
pub struct Handed {
    /// To the message, and what was said of those whom it was refused for.
    pub answer: String,
    /// Whom it was refused for only now, in their order, and what is to be said of that.
    pub later: Option<(Vec<String>, Texts)>,
}

/// An answer of the server.
#[derive(Clone, Debug)]
struct Reply {
    code: u16,
    /// Its lines, without the code.
    lines: Vec<String>,
}

impl Reply {
    fn text(&self) -> String {
        format!("{} {}", self.code, self.lines.join(" "))
    }

    fn is_good(&self) -> bool {
        (200..400).contains(&self.code)
    }

    fn is_final(&self) -> bool {
        (500..600).contains(&self.code)
    }
}

/// Where a conversation ends.
enum End {
    Lost(std::io::Error),
    /// After the whole message was handed over.
    Unclear(std::io::Error),
    /// What was refused, in English and Spanish.
    Refused(Reply, (&'static str, &'static str)),
    /// Whatever it is, another time it may be otherwise.
    Unfit(Texts),
}

impl From<std::io::Error> for End {
    fn from(error: std::io::Error) -> Self {
        End::Lost(error)
    }
}

const GREETING: (&str, &str) = ("the conversation", "la conversación");
const TLS: (&str, &str) = ("TLS", "TLS");
const LOGIN: (&str, &str) = ("the login", "la identificación");
const SENDER: (&str, &str) = ("the sender", "el remitente");
const RECIPIENTS: (&str, &str) = ("every recipient", "todos los destinatarios");
const SOME: (&str, &str) = ("some of the recipients", "a algunos de los destinatarios");
const MESSAGE: (&str, &str) = ("the message", "el mensaje");

impl Server {
    /// Sends a message; gives back what became of it, and which recipients were refused.
    ///
    /// # Errors
    /// It was not taken for any recipient, or nobody can tell whether it was. All within `limit`.
    pub fn deliver(&self, letter: &Letter<'_>, limit: Duration) -> Result<Handed, Failure> {
        let shown = format!("{}:{}", self.host, self.port);
        let quoter = self.quoter();
        match self.converse(letter, limit) {
            Ok((reply, refused)) => Ok(handed(&shown, &reply, refused, &quoter)),
            Err(End::Lost(error)) => {
                Err(retryable(of_connection(&shown, limit, error, &quoter).words, String::new()))
            }
            Err(End::Unclear(error)) => {
                let words = of_connection(&shown, limit, error, &quoter).words;
                Err(Failure::Unclear { words, answer: String::new() })
            }
            Err(End::Unfit(Texts { en, es })) => {
                let words = Texts { en: format!("{shown} {en}"), es: format!("{shown} {es}") };
                Err(retryable(words, String::new()))
            }
            Err(End::Refused(reply, what)) => Err(refused(&shown, &reply, what, &quoter)),
        }
    }

    /// Hides the password, in each form in which it is sent.
    fn quoter(&self) -> Quoter {
        let forms = self.login.iter().flat_map(|(name, password)| {
            [password.clone(), BASE64.encode(password), BASE64.encode(format!("\0{name}\0{password}"))]
        });
        Quoter::hiding(forms)
    }

    fn converse(&self, letter: &Letter<'_>, limit: Duration) -> Result<Taken, End> {
        let mut talk = Talk { stream: open(&self.host, self.port, limit)?, buffer: Vec::new() };
        if let (MailSecurity::Tls, Some(tls)) = (self.security, &self.tls) {
            talk.stream = talk.stream.secured(tls, &self.host)?;
        }
        good(talk.reply()?, GREETING)?;
        let mut offers = talk.hello()?;
        if let (MailSecurity::Starttls, Some(tls)) = (self.security, &self.tls) {
            talk.start_tls(&offers)?;
            talk.stream = talk.stream.secured(tls, &self.host)?;
            offers = talk.hello()?;
        }
        if let Some((name, password)) = &self.login {
            talk.log_in(&offers, name, password)?;
        }
        let taken = talk.hand_over(letter)?;
        // Whatever it says to that: it has the message.
        let _polite = talk.stream.put(b"QUIT\r\n");
        Ok(taken)
    }
}

/// The answer to a message, and each recipient that was refused, with what was said of it.
type Taken = (Reply, Vec<(String, Reply)>);

/// A conversation that goes on.
struct Talk {
    stream: Stream,
    /// Heard, and not read yet.
    buffer: Vec<u8>,
}

impl Talk {
    /// What it offers.
    fn hello(&mut self) -> Result<Vec<String>, End> {
        let name = self.stream.own_name()?;
        let reply = self.ask(&format!("EHLO {name}"))?;
        if !reply.is_final() {
            return Ok(good(reply, GREETING)?.lines);
        }
        // An old server, which offers nothing (RFC 5321, 3.2).
        good(self.ask(&format!("HELO {name}"))?, GREETING)?;
        Ok(Vec::new())
    }

    fn start_tls(&mut self, offers: &[String]) -> Result<(), End> {
        if !offers.iter().any(|offer| offer.trim().eq_ignore_ascii_case("STARTTLS")) {
            return Err(unfit(
                "offers no STARTTLS, without which nothing is sent: choose TLS or none, if that is meant",
                "no ofrece STARTTLS, y sin él no se envía nada: elija TLS o ninguno, si es lo que se quiere",
            ));
        }
        good(self.ask("STARTTLS")?, TLS)?;
        if self.buffer.is_empty() {
            return Ok(());
        }
        // Whoever stands between could have put it there (CVE-2011-0411).
        Err(unfit("went on talking before TLS began", "siguió hablando antes de que empezara TLS"))
    }

    fn log_in(&mut self, offers: &[String], name: &str, password: &str) -> Result<(), End> {
        let known = |way: &str| {
            let offered = offers.iter().map(|offer| offer.to_ascii_uppercase());
            offered
                .filter(|offer| offer.starts_with("AUTH"))
                .any(|offer| offer[4..].split([' ', '=']).any(|one| one == way))
        };
        let reply = if known("PLAIN") {
            self.ask(&format!("AUTH PLAIN {}", BASE64.encode(format!("\0{name}\0{password}"))))?
        } else if known("LOGIN") {
            let mut reply = self.ask("AUTH LOGIN")?;
            for secret in [name, password] {
                if reply.code == 334 {
                    reply = self.ask(&BASE64.encode(secret))?;
                }
            }
            reply
        } else {
            return Err(unfit(
                "offers no login by name and password (PLAIN or LOGIN) this way: is the encryption the right one?",
                "no ofrece identificarse con usuario y contraseña (PLAIN o LOGIN) de este modo: ¿es el cifrado adecuado?",
            ));
        };
        if reply.code == 235 { Ok(()) } else { Err(End::Refused(reply, LOGIN)) }
    }

    /// To those that it takes; whom it refuses is told with the answer.
    fn hand_over(&mut self, letter: &Letter<'_>) -> Result<Taken, End> {
        good(self.ask(&format!("MAIL FROM:<{}>", letter.from))?, SENDER)?;
        let (mut taken, mut refused) = (0, Vec::new());
        for to in letter.to {
            let reply = self.ask(&format!("RCPT TO:<{to}>"))?;
            if reply.is_good() { taken += 1 } else { refused.push((to.clone(), reply)) }
        }
        if taken == 0 {
            // If one may be taken later, the message is not given up.
            let later = refused.iter().position(|(_, reply)| !reply.is_final()).unwrap_or(0);
            return match refused.into_iter().nth(later) {
                Some((_, reply)) => Err(End::Refused(reply, RECIPIENTS)),
                None => Err(unfit("is asked for no recipient", "no tiene destinatarios")),
            };
        }
        let reply = self.ask("DATA")?;
        if reply.code != 354 {
            return Err(End::Refused(reply, MESSAGE));
        }
        self.stream.put(&stuffed(letter.bytes))?;
        let reply = self.reply().map_err(|end| match end {
            End::Lost(error) => End::Unclear(error),
            other => other,
        })?;
        Ok((good(reply, MESSAGE)?, refused))
    }

    fn ask(&mut self, command: &str) -> Result<Reply, End> {
        self.stream.put(format!("{command}\r\n").as_bytes())?;
        self.reply()
    }

    fn reply(&mut self) -> Result<Reply, End> {
        let mut lines = Vec::new();
        while lines.len() < MOST_LINES {
            let said = self.line()?;
            let code = said
                .get(..3)
                .and_then(|code| code.parse::<u16>().ok())
                .filter(|code| (200..600).contains(code));
            let rest = said.get(3..).unwrap_or_default();
            let (Some(code), true) = (code, rest.is_empty() || rest.starts_with([' ', '-'])) else {
                let said = cut(&line(&said), 60);
                return Err(unfit(
                    &format!("does not answer as a mail server does: \"{said}\""),
                    &format!("no responde como un servidor de correo: «{said}»"),
                ));
            };
            lines.push(line(rest.get(1..).unwrap_or_default()));
            if !rest.starts_with('-') {
                return Ok(Reply { code, lines });
            }
        }
        Err(endless())
    }

    fn line(&mut self) -> Result<String, End> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(line.trim_ascii_end()).into_owned());
            }
            if self.buffer.len() > LONGEST_LINE {
                return Err(endless());
            }
            let mut piece = [0; 1_024];
            let got = self.stream.get(&mut piece)?;
            if got == 0 {
                return Err(End::Lost(std::io::ErrorKind::UnexpectedEof.into()));
            }
            self.buffer.extend_from_slice(&piece[..got]);
        }
    }
}

fn good(reply: Reply, what: (&'static str, &'static str)) -> Result<Reply, End> {
    if (200..300).contains(&reply.code) { Ok(reply) } else { Err(End::Refused(reply, what)) }
}

fn unfit(en: &str, es: &str) -> End {
    End::Unfit(Texts { en: en.to_owned(), es: es.to_owned() })
}

fn endless() -> End {
    unfit("talks without end", "habla sin fin")
}

/// A line that begins with a dot gets another (RFC 5321, 4.5.2), and the end is marked.
fn stuffed(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 64);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    if !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}

fn handed(shown: &str, reply: &Reply, refused: Vec<(String, Reply)>, quoter: &Quoter) -> Handed {
    let mut answer = reply.text();
    for (to, reply) in &refused {
        answer += &format!("; {to}: {}", reply.text());
    }
    let later: Vec<_> = refused.into_iter().filter(|(_, reply)| !reply.is_final()).collect();
    let words = later.first().map(|(_, reply)| not_now(shown, &quoter.text(&reply.text()), SOME));
    let to = later.into_iter().map(|(to, _)| to).collect();
    Handed { answer: cut(&quoter.hide(&answer), LONGEST_ANSWER), later: words.map(|words| (to, words)) }
}

fn not_now(shown: &str, said: &str, (en, es): (&str, &str)) -> Texts {
    Texts {
        en: format!("{shown} does not take {en} now ({said})"),
        es: format!("{shown} no acepta {es} ahora ({said})"),
    }
}

fn refused(shown: &str, reply: &Reply, what: (&str, &str), quoter: &Quoter) -> Failure {
    let said = quoter.text(&reply.text());
    let answer = cut(&quoter.hide(&reply.text()), LONGEST_ANSWER);
    if what == LOGIN || matches!(reply.code, 530 | 534 | 535 | 538) {
        // The message is good; whoever mends the login gets it.
        let words = Texts {
            en: format!("{shown} refuses the login: is the user name or the password wrong? ({said})"),
            es: format!("{shown} rechaza la identificación: ¿está mal el usuario o la contraseña? ({said})"),
        };
        return retryable(words, answer);
    }
    if reply.is_final() {
        let (en, es) = what;
        let words = Texts {
            en: format!("{shown} refuses {en} ({said})"),
            es: format!("{shown} rechaza {es} ({said})"),
        };
        return Failure::Permanent { words, answer };
    }
    retryable(not_now(shown, &said, what), answer)
}

fn retryable(words: Texts, answer: String) -> Failure {
    Failure::Retryable { words, answer, after: None }
}

#[cfg(test)]
pub mod stand_in;
#[cfg(test)]
mod tests;
