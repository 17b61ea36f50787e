//! Whether a source as written makes sense. Everything that is wrong is told at once.

use atalaya_api::source::SourceSettings;
use atalaya_api::span::Span;
use axum::http::{HeaderName, HeaderValue, Uri, header};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::faults::Faults;
use super::problem::{Fault, clipped};
use crate::source::LOCAL;

/// Addresses of the API that no source may take.
const RESERVED: [&str; 2] = [LOCAL, "test"];
const LONGEST_ID: usize = 40;
const LONGEST_NAME: usize = 200;
const LONGEST_URL: usize = 2_000;
const LONGEST_SECRET: usize = 8_000;
const MOST_HEADERS: usize = 20;
const LONGEST_PEM: usize = 200_000;
/// What the client itself sets, or what holds a secret and has a field of its own.
const NOT_HEADERS: [HeaderName; 8] = [
    header::AUTHORIZATION,
    header::COOKIE,
    header::HOST,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::ACCEPT_ENCODING,
    header::CONTENT_TYPE,
];

/// Where a URL leads: scheme, host in lower case, port. None: it is no address of a source.
pub fn origin(url: &str) -> Option<(String, String, u16)> {
    let uri: Uri = url.parse().ok()?;
    let scheme = uri.scheme_str()?.to_lowercase();
    let authority = uri.authority()?;
    let place = authority.as_str().rsplit('@').next()?;
    let port = match place.strip_prefix(authority.host())? {
        "" if scheme == "https" => 443,
        "" => 80,
        port => port.strip_prefix(':')?.parse().ok()?,
    };
    Some((scheme, authority.host().to_lowercase(), port))
}

/// Whether a source can be stored as this.
///
/// # Errors
/// 422 that names every field at fault.
pub fn check(settings: &SourceSettings) -> Result<(), Fault> {
    let mut faults = Faults::default();
    check_id(&settings.id, &mut faults);
    let name = settings.name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        faults.add(
            "name",
            format!("must have 1 to {LONGEST_NAME} characters, on one line"),
            format!("debe tener de 1 a {LONGEST_NAME} caracteres, en una línea"),
        );
    }
    check_way(settings, &mut faults);
    faults.done()
}

/// Whether a source can be asked this way, stored or not.
///
/// # Errors
/// 422 that names every field at fault.
pub fn check_test(settings: &SourceSettings) -> Result<(), Fault> {
    let mut faults = Faults::default();
    check_way(settings, &mut faults);
    faults.done()
}

fn check_id(id: &str, faults: &mut Faults) {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.is_empty() || id.len() > LONGEST_ID || !id.chars().all(plain) {
        faults.add(
            "id",
            format!("must have 1 to {LONGEST_ID} characters of a-z, 0-9 and -"),
            format!("debe tener de 1 a {LONGEST_ID} caracteres de a-z, 0-9 y -"),
        );
    } else if RESERVED.contains(&id) {
        faults.add(
            "id",
            format!("{id} is taken by Atalaya itself; choose another"),
            format!("{id} está reservado por el propio Atalaya; elija otro"),
        );
    }
}

fn check_way(settings: &SourceSettings, faults: &mut Faults) {
    check_url(&settings.url, faults);
    if let Some(offset) = settings.offset {
        faults.within("offset", offset, Span(0)..=Span(3_600));
    }
    faults.within("timeout", settings.timeout, Span::SECOND..=Span(120));
    faults.within("concurrency", settings.concurrency, 1..=32);
    faults.within("max_answer_mib", settings.max_answer_mib, 1..=512);
    if let Some(scrape) = settings.scrape_interval {
        faults.within("scrape_interval", scrape, Span::SECOND..=Span::DAY);
    }
    check_secrets(settings, faults);
    check_headers(settings, faults);
    check_pem(&settings.ca_pem, faults);
}

fn check_url(url: &str, faults: &mut Faults) {
    let uri = url.parse::<Uri>().ok();
    let has_login = uri.is_some_and(|uri| uri.authority().is_some_and(|place| place.as_str().contains('@')));
    let is_web = (url.starts_with("http://") || url.starts_with("https://"))
        && url.len() <= LONGEST_URL
        && origin(url).is_some_and(|(_, host, _)| !host.is_empty());
    let (en, es) = if has_login {
        (
            "must hold no login: put it into the fields for user name and password",
            "no debe llevar usuario ni contraseña: póngalos en sus propios campos",
        )
    } else if !is_web {
        (
            "must be an address such as http://graphite.example:8080",
            "debe ser una dirección como http://graphite.example:8080",
        )
    } else if url.contains(['?', '#']) {
        (
            "must end before the ? or #: Atalaya adds the rest itself",
            "debe terminar antes de ? o #: Atalaya añade el resto",
        )
    } else {
        return;
    };
    faults.add("url", en, es);
}

fn check_secrets(settings: &SourceSettings, faults: &mut Faults) {
    let username = settings.username.as_deref().unwrap_or_default();
    if username.contains(':') || username.chars().any(char::is_control) || username.len() > LONGEST_SECRET {
        let (en, es) = ("must hold no colon, on one line", "no debe contener dos puntos, en una línea");
        faults.add("username", en, es);
    }
    let password = settings.password.as_deref().unwrap_or_default();
    if password.chars().any(char::is_control) || password.len() > LONGEST_SECRET {
        let (en, es) = ("must be on one line", "debe ir en una línea");
        faults.add("password", en, es);
    }
    let token = settings.token.as_deref().unwrap_or_default();
    if !token.chars().all(|c| c.is_ascii_graphic()) || token.len() > LONGEST_SECRET {
        let (en, es) = ("must hold no spaces and only ASCII", "no debe contener espacios y solo ASCII");
        faults.add("token", en, es);
    }
    if settings.has_password && username.is_empty() {
        let (en, es) = ("is missing: a password is set", "falta: hay una contraseña puesta");
        faults.add("username", en, es);
    }
    if settings.has_token && (settings.has_password || !username.is_empty()) {
        let (en, es) = (
            "must be empty when there is a user name: one way of logging in, not two",
            "debe estar vacío cuando hay usuario: una forma de identificarse, no dos",
        );
        faults.add("token", en, es);
    }
}

fn check_headers(settings: &SourceSettings, faults: &mut Faults) {
    if settings.headers.len() > MOST_HEADERS {
        faults.add(
            "headers",
            format!("must be at most {MOST_HEADERS}"),
            format!("deben ser como mucho {MOST_HEADERS}"),
        );
    }
    for (name, value) in &settings.headers {
        let field = format!("headers.{}", clipped(name));
        match HeaderName::from_bytes(name.as_bytes()) {
            Err(_) => faults.add(
                &field,
                "is no name of a header: letters, digits and hyphens, e.g. X-Scope-OrgID",
                "no es un nombre de cabecera: letras, cifras y guiones, p. ej. X-Scope-OrgID",
            ),
            Ok(name) if NOT_HEADERS.contains(&name) => faults.add(
                &field,
                "cannot be set here: Atalaya sets it itself, a login by user name or token",
                "no se puede poner aquí: la pone Atalaya, y la identificación va con usuario o token",
            ),
            Ok(_) if HeaderValue::from_str(value).is_err() || value.len() > LONGEST_SECRET => {
                faults.add(&field, "must be plain text on one line", "debe ser texto sencillo en una línea");
            }
            Ok(_) => {}
        }
    }
}

fn check_pem(pem: &str, faults: &mut Faults) {
    if pem.trim().is_empty() {
        return;
    }
    let mut store = RootCertStore::empty();
    let whole = pem.len() <= LONGEST_PEM
        && CertificateDer::pem_slice_iter(pem.as_bytes())
            .all(|one| one.is_ok_and(|certificate| store.add(certificate).is_ok()));
    if !whole || store.is_empty() {
        faults.add(
            "ca_pem",
            "must be one or more certificates in PEM format: -----BEGIN CERTIFICATE----- ...",
            "deben ser uno o más certificados en formato PEM: -----BEGIN CERTIFICATE----- ...",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_lead_to_the_same_server_have_one_origin() {
        let same = ["http://a.example", "HTTP://A.example:80/graphite", "http://a.example/"];
        assert!(same.iter().all(|url| origin(url) == Some(("http".to_owned(), "a.example".to_owned(), 80))));
        for other in
            ["https://a.example", "http://a.example:8080", "http://b.example", "http://a.example.evil"]
        {
            assert_ne!(origin(other), origin(same[0]), "{other}");
        }
        assert_eq!(origin("https://[::1]:9090/x"), Some(("https".to_owned(), "[::1]".to_owned(), 9090)));
        for none in ["", "a.example", "/render", "http://a.example:99999", "http://"] {
            assert_eq!(origin(none), None, "{none}");
        }
    }
}
