//! Mail: text and HTML, by SMTP.

mod html;
mod left;

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use atalaya_api::delivery::DeliveryKind;
use atalaya_api::receiver::{EmailWay, MailSecurity, ReceiverDraft, ReceiverKind};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message as Mail, MultiPart, SinglePart};
use rustls::ClientConfig;

use super::smtp::{Handed, Letter, Server};
use super::{Failure, Way, missing};
use crate::domain::{Message, Secret, Sha256, Texts, Wrong};
use crate::notify::words::{Wording, line};
use crate::source::remote::http::roots;

use left::Left;

/// From the server's name to its last word.
const LIMIT: Duration = Duration::from_secs(30);
/// Alarms whose mails one mail is put with.
const THREADS: usize = 20;

/// A mail server that sends to some people.
pub struct Email {
    server: Server,
    from: Mailbox,
    to: Vec<Mailbox>,
    addresses: Vec<String>,
    wording: Wording,
    limit: Duration,
    left: Left,
}

impl Email {
    /// # Errors
    /// A setting cannot be used.
    pub fn new(draft: &ReceiverDraft, secret: &Secret, wording: Wording) -> Result<Self, Wrong> {
        let way = draft.email.as_ref().ok_or_else(|| missing(ReceiverKind::Email))?;
        let to = way.to.iter().enumerate().map(|(place, to)| address(to, &format!("email.to[{place}]")));
        let to = to.collect::<Result<Vec<_>, _>>()?;
        let username = way.username.trim();
        let password = secret.password.clone().unwrap_or_default();
        Ok(Email {
            server: Server {
                host: way.host.trim().to_owned(),
                port: way.port,
                security: way.security,
                tls: if way.security == MailSecurity::None { None } else { Some(tls(way)?) },
                login: (!username.is_empty()).then(|| (username.to_owned(), password)),
            },
            from: address(&way.from, "email.from")?,
            addresses: to.iter().map(|to| to.email.to_string()).collect(),
            to,
            wording,
            limit: LIMIT,
            left: Left::default(),
        })
    }

    /// The same bytes at each try.
    fn mail(&self, message: &Message) -> Result<Vec<u8>, lettre::error::Error> {
        let key = Sha256::of(message.key.as_bytes()).to_string();
        let domain = self.from.email.domain();
        let at = UNIX_EPOCH + Duration::from_millis(message.at.0.max(0).unsigned_abs());
        let mut mail = Mail::builder()
            .from(self.from.clone())
            .subject(self.wording.title(message))
            .date(at)
            .message_id(Some(format!("<{}@{domain}>", &key[..32])))
            .raw_header(raw("Auto-Submitted", "auto-generated"))
            .raw_header(raw("X-Atalaya-Key", &line(&message.key)));
        for to in &self.to {
            mail = mail.to(to.clone());
        }
        // Each mail of an alarm names the same one, which nobody sent: mail programs show them together.
        let threads: Vec<String> = message
            .alarms
            .iter()
            .take(THREADS)
            .map(|said| format!("<alarm-{}@{domain}>", said.alarm))
            .collect();
        if !threads.is_empty() && message.kind != DeliveryKind::Summary {
            mail = mail.references(threads.join(" ")).in_reply_to(threads[0].clone());
        }
        let part = |kind: ContentType, body: String| SinglePart::builder().header(kind).body(body);
        let both = MultiPart::alternative()
            // No line of a body that was encoded looks like this.
            .boundary(format!("=_{}", &key[32..]))
            .singlepart(part(ContentType::TEXT_PLAIN, crlf(&self.wording.text(message))))
            .singlepart(part(ContentType::TEXT_HTML, crlf(&html::page(message, &self.wording))));
        Ok(mail.multipart(both)?.formatted())
    }
}

impl Way for Email {
    fn send(&self, message: &Message) -> Result<String, Failure> {
        let bytes = self.mail(message).map_err(|error| Failure::Permanent {
            words: Texts {
                en: format!("no mail can be made of it: {error}"),
                es: format!("no se puede hacer un correo con ello: {error}"),
            },
            answer: String::new(),
        })?;
        let from = self.from.email.to_string();
        let to = self.left.of(&message.key).unwrap_or_else(|| self.addresses.clone());
        let handed = self.server.deliver(&Letter { from: &from, to: &to, bytes: &bytes }, self.limit);
        self.judged(&message.key, handed)
    }
}

impl Email {
    /// A message that is not taken for somebody now is tried again, for those only.
    fn judged(&self, key: &str, handed: Result<Handed, Failure>) -> Result<String, Failure> {
        match handed {
            Ok(Handed { answer, later: Some((to, words)) }) => {
                self.left.keep(key, to);
                Err(Failure::Partly { words, answer })
            }
            Ok(handed) => {
                self.left.forget(key);
                Ok(handed.answer)
            }
            // The server answers, and it is still not taken for those who are left.
            Err(Failure::Retryable { words, answer, .. })
                if !answer.is_empty() && self.left.of(key).is_some() =>
            {
                Err(Failure::Partly { words, answer })
            }
            // The others have it, and are to hear how it ends.
            Err(Failure::Permanent { answer, .. }) if self.left.forget(key) => Ok(answer),
            Err(failure) => Err(failure),
        }
    }
}

/// An address as people write it: `Atalaya <atalaya@example.org>`, or only the address. In ASCII, which every server takes.
///
/// # Errors
/// It is none.
pub fn address(text: &str, field: &str) -> Result<Mailbox, Wrong> {
    let wrong = || {
        Wrong::new(
            field,
            "must be an address such as ana@example.org, or Ana <ana@example.org>",
            "debe ser una dirección como ana@example.org, o Ana <ana@example.org>",
        )
    };
    if text.chars().any(char::is_control) {
        return Err(wrong());
    }
    let mailbox: Mailbox = text.trim().parse().map_err(|_| wrong())?;
    if mailbox.email.to_string().is_ascii() { Ok(mailbox) } else { Err(wrong()) }
}

/// Trust in the authority that is named, or in the machine's.
///
/// # Errors
/// It is none, or the machine has none.
pub fn tls(way: &EmailWay) -> Result<Arc<ClientConfig>, Wrong> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let unusable = |why: &rustls::Error| {
        Wrong::new(
            "email.ca_pem",
            format!(
                "the authorities of this machine cannot be used ({why}): give the one of the mail server"
            ),
            format!(
                "las autoridades de esta máquina no se pueden usar ({why}): indique la del servidor de correo"
            ),
        )
    };
    let builder = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
    let builder = builder.map_err(|why| unusable(&why))?;
    if !way.ca_pem.trim().is_empty() {
        let roots = roots(&way.ca_pem);
        let roots =
            roots.map_err(|wrong| Wrong { field: format!("email.{}", wrong.field), words: wrong.words })?;
        return Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()));
    }
    let verifier = rustls_platform_verifier::Verifier::new(provider).map_err(|why| unusable(&why))?;
    let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(Arc::new(builder.with_no_client_auth()))
}

fn crlf(text: &str) -> String {
    text.replace('\n', "\r\n")
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

#[cfg(test)]
mod tests;
