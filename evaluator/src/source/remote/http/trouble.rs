//! What can go wrong on the way, in words for whoever mends it.

use std::io::ErrorKind;
use std::time::Duration;

use rustls::CertificateError;
use ureq::Timeout;

use crate::domain::{Texts, TroubleKind};

use super::Quoter;
use super::address::Forbidden;
use crate::source::remote::Trouble;

/// A sentence about what was asked: `shown` stands before it.
pub fn said(kind: TroubleKind, shown: &str, en: impl AsRef<str>, es: impl AsRef<str>) -> Trouble {
    let words = Texts {
        en: format!("{shown} {}", en.as_ref().trim_end()),
        es: format!("{shown} {}", es.as_ref().trim_end()),
    };
    Trouble { kind, words, retry_after: None, handed_over: false }
}

/// Whether the connection was lost, which is worth a second attempt.
pub fn broke_off(error: &ureq::Error) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    let lost = [BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof];
    match error {
        ureq::Error::Io(error) => lost.contains(&error.kind()) && tls(error).is_none(),
        // Within the length of a chunk.
        ureq::Error::BodyStalled => true,
        _ => false,
    }
}

/// `limit` is how long was waited at most.
pub fn of_error(shown: &str, limit: Duration, error: ureq::Error, quoter: &Quoter) -> Trouble {
    let handed_over = match &error {
        ureq::Error::Timeout(phase) => !matches!(phase, Timeout::Resolve | Timeout::Connect),
        other => broke_off(other),
    };
    Trouble { handed_over, ..words_of(shown, limit, error, quoter) }
}

fn words_of(shown: &str, limit: Duration, error: ureq::Error, quoter: &Quoter) -> Trouble {
    match error {
        ureq::Error::Timeout(_) => slow(shown, limit),
        ureq::Error::HostNotFound => said(
            TroubleKind::Unreachable,
            shown,
            "is not found: no machine has this name",
            "no se encuentra: ninguna máquina tiene ese nombre",
        ),
        ureq::Error::Io(error) => match tls(&error) {
            Some(error) => of_tls(shown, error, quoter),
            None => of_io(shown, limit, &error, quoter),
        },
        ureq::Error::Rustls(error) => of_tls(shown, &error, quoter),
        ureq::Error::Tls(_) | ureq::Error::TlsRequired => said(
            TroubleKind::Refused,
            shown,
            "cannot be reached over TLS under this name",
            "no se puede alcanzar por TLS con ese nombre",
        ),
        ureq::Error::Other(error) => match error.downcast_ref::<Forbidden>() {
            Some(Forbidden { ip, why: (en, es) }) => said(
                TroubleKind::Unreachable,
                shown,
                format!("is never asked: it leads to {ip}, {en}"),
                format!("no se pregunta nunca: lleva a {ip}, {es}"),
            ),
            None => no_http(shown, &error.to_string(), quoter),
        },
        other => no_http(shown, &other.to_string(), quoter),
    }
}

/// What went wrong where it is no HTTP that is spoken; `limit` is how long was waited at most.
pub fn of_connection(shown: &str, limit: Duration, error: std::io::Error, quoter: &Quoter) -> Trouble {
    match tls(&error) {
        Some(rustls::Error::InvalidMessage(_)) => said(
            TroubleKind::Nonsense,
            shown,
            "does not speak TLS there; does the port go with the kind of encryption?",
            "no habla TLS ahí; ¿corresponde el puerto al tipo de cifrado?",
        ),
        _ => of_error(shown, limit, ureq::Error::Io(error), quoter),
    }
}

fn slow(shown: &str, limit: Duration) -> Trouble {
    let limit = limit.as_secs_f64();
    said(
        TroubleKind::Slow,
        shown,
        format!("gave no whole answer within {limit} s"),
        format!("no dio una respuesta completa en {limit} s"),
    )
}

fn of_io(shown: &str, limit: Duration, error: &std::io::Error, quoter: &Quoter) -> Trouble {
    let (en, es) = match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => return slow(shown, limit),
        ErrorKind::ConnectionRefused => (
            "does not answer: nothing listens there (connection refused)",
            "no responde: ahí no escucha nada (conexión rechazada)",
        ),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::AddrNotAvailable => {
            ("does not answer: there is no way to its network", "no responde: no hay camino hasta su red")
        }
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof => {
            ("broke off the connection before it answered", "cortó la conexión antes de responder")
        }
        _ => {
            let why = quoter.text(&error.to_string());
            return said(
                TroubleKind::Unreachable,
                shown,
                format!("cannot be reached: {why}"),
                format!("no se puede alcanzar: {why}"),
            );
        }
    };
    said(TroubleKind::Unreachable, shown, en, es)
}

fn no_http(shown: &str, why: &str, quoter: &Quoter) -> Trouble {
    let why = quoter.text(why);
    said(
        TroubleKind::Nonsense,
        shown,
        format!("does not answer as a web server does ({why}); should the address begin with https://?"),
        format!("no responde como un servidor web ({why}); ¿debería la dirección empezar por https://?"),
    )
}

/// What rustls says of a connection, which hides in an I/O error.
fn tls(error: &std::io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

fn of_tls(shown: &str, error: &rustls::Error, quoter: &Quoter) -> Trouble {
    let (en, es) = match error {
        rustls::Error::InvalidCertificate(why) => return of_certificate(shown, why, quoter),
        rustls::Error::InvalidMessage(_) => {
            return said(
                TroubleKind::Nonsense,
                shown,
                "does not speak TLS; should the address begin with http://?",
                "no habla TLS; ¿debería la dirección empezar por http://?",
            );
        }
        rustls::Error::NoCertificatesPresented => {
            ("shows no certificate".to_owned(), "no muestra ningún certificado".to_owned())
        }
        other => {
            let why = quoter.text(&other.to_string());
            (format!("does not agree on TLS: {why}"), format!("no se pone de acuerdo en TLS: {why}"))
        }
    };
    said(TroubleKind::Refused, shown, en, es)
}

fn of_certificate(shown: &str, why: &CertificateError, quoter: &Quoter) -> Trouble {
    use CertificateError::{Expired, ExpiredContext, NotValidForName, NotValidForNameContext, UnknownIssuer};
    let (en, es) = match why {
        UnknownIssuer => (
            "shows a certificate that is not trusted here; if it is your own, give your authority's certificate",
            "muestra un certificado en el que aquí no se confía; si es propio, indica el certificado de tu autoridad",
        ),
        Expired | ExpiredContext { .. } => {
            ("shows a certificate that has expired", "muestra un certificado caducado")
        }
        NotValidForName | NotValidForNameContext { .. } => (
            "shows a certificate for other names than this one",
            "muestra un certificado para otros nombres que este",
        ),
        other => {
            let why = quoter.text(&format!("{other:?}"));
            return said(
                TroubleKind::Refused,
                shown,
                format!("shows a certificate that is not trusted: {why}"),
                format!("muestra un certificado en el que no se confía: {why}"),
            );
        }
    };
    said(TroubleKind::Refused, shown, en, es)
}

/// Whoever answers, however badly, has the request.
fn answered(trouble: Trouble) -> Trouble {
    Trouble { handed_over: true, ..trouble }
}

/// A body that broke off.
pub fn half(shown: &str, had: usize, of: Option<u64>) -> Trouble {
    let (en, es) = match of {
        Some(of) => (format!("{had} of {of} bytes"), format!("{had} de {of} bytes")),
        None => (format!("{had} bytes"), format!("{had} bytes")),
    };
    answered(said(
        TroubleKind::Unreachable,
        shown,
        format!("broke off in the middle of its answer, after {en}"),
        format!("se cortó a mitad de su respuesta, tras {es}"),
    ))
}

/// Packed, and it cannot be unpacked.
pub fn corrupt(shown: &str) -> Trouble {
    answered(said(
        TroubleKind::Nonsense,
        shown,
        "answered with something that cannot be decompressed",
        "respondió con algo que no se puede descomprimir",
    ))
}

pub fn too_large(shown: &str, cap: usize) -> Trouble {
    let mib = cap as f64 / f64::from(1 << 20);
    answered(said(
        TroubleKind::TooLarge,
        shown,
        format!("answered with more than {mib} MiB, the most that is taken"),
        format!("respondió con más de {mib} MiB, lo máximo que se acepta"),
    ))
}
