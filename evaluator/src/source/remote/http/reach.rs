//! How one goes out: limits, credentials, whom to trust.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use atalaya_api::source::SourceSettings;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use ureq::http::{HeaderMap, HeaderName, HeaderValue, header};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::domain::Secret;

use super::{Quoter, Unusable};

/// Values of headers that are at least this long may be keys: they are not shown.
pub(super) const SHORTEST_KEY: usize = 8;

/// Headers that the connection itself needs.
const OURS: [HeaderName; 6] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::CONTENT_TYPE,
    header::ACCEPT_ENCODING,
];

/// Limits and credentials of requests.
#[derive(Clone, Debug)]
pub struct Reach {
    /// From the name's resolution to the last byte.
    pub timeout: Duration,
    /// Kept open at most.
    pub connections: usize,
    /// Bytes, decompressed.
    pub max_answer: usize,
    /// The beginning of an answer tells enough: one that is longer, or breaks off after its status, is good as far as it came.
    pub glimpse: bool,
    /// For basic authentication, with the secret's password.
    pub username: Option<String>,
    /// A token goes before a password.
    pub secret: Secret,
    pub headers: BTreeMap<String, String>,
    /// Authorities in PEM; empty: those of the machine.
    pub ca_pem: String,
    /// Further words that nobody is shown, as [`super::hidden`] finds them in an address.
    pub hidden: Vec<String>,
}

impl Default for Reach {
    /// For small messages.
    fn default() -> Self {
        Reach {
            timeout: Duration::from_secs(10),
            connections: 1,
            max_answer: 1 << 20,
            glimpse: false,
            username: None,
            secret: Secret::default(),
            headers: BTreeMap::new(),
            ca_pem: String::new(),
            hidden: Vec::new(),
        }
    }
}

impl Reach {
    pub fn of(settings: &SourceSettings, secret: &Secret) -> Self {
        Reach {
            timeout: Duration::from_secs(u64::from(settings.timeout.seconds().max(1))),
            connections: usize::from(settings.concurrency.max(1)),
            max_answer: usize::from(settings.max_answer_mib.max(1)) << 20,
            glimpse: false,
            username: settings.username.clone().filter(|name| !name.is_empty()),
            secret: secret.clone(),
            headers: settings.headers.clone(),
            ca_pem: settings.ca_pem.clone(),
            hidden: Vec::new(),
        }
    }

    /// The headers of each request.
    pub(super) fn headers(&self) -> Result<HeaderMap, Unusable> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let (name, value) = further(name, value)?;
            headers.insert(name, value);
        }
        if let Some((field, text)) = self.authorization()? {
            let mut value = HeaderValue::from_str(&text).map_err(|_| {
                Unusable::new(
                    field,
                    "it holds a character that cannot be sent, such as a line break",
                    "contiene un carácter que no se puede enviar, como un salto de línea",
                )
            })?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        Ok(headers)
    }

    /// With the field that it comes from.
    fn authorization(&self) -> Result<Option<(&'static str, String)>, Unusable> {
        if let Some(token) = self.token() {
            return Ok(Some(("token", format!("Bearer {token}"))));
        }
        let Some(name) = &self.username else { return Ok(None) };
        if name.contains(':') {
            return Err(Unusable::new(
                "username",
                "a name for basic authentication holds no colon",
                "un usuario para la autenticación básica no lleva dos puntos",
            ));
        }
        Ok(Some(("password", format!("Basic {}", self.basic(name)))))
    }

    fn token(&self) -> Option<&str> {
        self.secret.token.as_deref().map(str::trim).filter(|token| !token.is_empty())
    }

    fn basic(&self, name: &str) -> String {
        BASE64.encode(format!("{name}:{}", self.secret.password.as_deref().unwrap_or_default()))
    }

    /// Hides what lets in, in each form in which it is sent.
    pub(super) fn quoter(&self) -> Quoter {
        let sent = self.username.as_ref().filter(|_| self.secret.password.is_some());
        let secrets = [
            self.secret.password.clone(),
            self.token().map(str::to_owned),
            sent.map(|name| self.basic(name)),
        ];
        let keys = self.headers.values().filter(|value| value.len() >= SHORTEST_KEY).cloned();
        Quoter::hiding(secrets.into_iter().flatten().chain(keys).chain(self.hidden.iter().cloned()))
    }

    pub(super) fn tls(&self) -> Result<TlsConfig, Unusable> {
        let roots = if self.ca_pem.trim().is_empty() {
            RootCerts::PlatformVerifier
        } else {
            RootCerts::Specific(Arc::new(authorities(&self.ca_pem)?))
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Ok(TlsConfig::builder().root_certs(roots).unversioned_rustls_crypto_provider(provider).build())
    }
}

fn further(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Unusable> {
    let wrong = |en: &str, es: &str| Unusable::new(format!("headers.{name}"), en, es);
    let parsed: HeaderName = name.parse().map_err(|_| {
        wrong(
            "a header's name holds only letters, digits and -, e.g. X-Scope-OrgID",
            "el nombre de una cabecera solo lleva letras, cifras y -, p. ej. X-Scope-OrgID",
        )
    })?;
    if parsed == header::AUTHORIZATION || parsed == header::PROXY_AUTHORIZATION {
        return Err(wrong(
            "what lets in goes into the password or token field: headers are shown to others",
            "lo que da acceso va en el campo de contraseña o de token: las cabeceras las ven otros",
        ));
    }
    if OURS.contains(&parsed) {
        return Err(wrong("this header is set by Atalaya itself", "esta cabecera la pone la propia Atalaya"));
    }
    let value = HeaderValue::from_str(value.trim()).map_err(|_| {
        wrong(
            "the value holds a character that cannot be sent, such as a line break",
            "el valor contiene un carácter que no se puede enviar, como un salto de línea",
        )
    })?;
    Ok((parsed, value))
}

/// The authorities of this PEM, and no others.
///
/// # Errors
/// It holds something else; the field is `ca_pem`.
pub fn roots(pem: &str) -> Result<RootCertStore, Unusable> {
    let mut store = RootCertStore::empty();
    for one in authorities(pem)? {
        // Each was tried.
        store.add(CertificateDer::from(one.der().to_vec())).map_err(|_| not_pem())?;
    }
    Ok(store)
}

fn authorities(pem: &str) -> Result<Vec<Certificate<'static>>, Unusable> {
    let wrong = |en: &str, es: &str| Unusable::new("ca_pem", en, es);
    let mut found = Vec::new();
    for item in parse_pem(pem.as_bytes()) {
        match item {
            Ok(PemItem::Certificate(certificate)) => found.push(certificate),
            Ok(_) => {
                return Err(wrong(
                    "only certificates belong here; a private key stays where it is",
                    "aquí solo van certificados; una clave privada se queda donde está",
                ));
            }
            Err(_) => return Err(not_pem()),
        }
    }
    let usable =
        |one: &Certificate<'_>| RootCertStore::empty().add(CertificateDer::from(one.der().to_vec())).is_ok();
    if found.is_empty() {
        Err(not_pem())
    } else if !found.iter().all(usable) {
        Err(wrong(
            "what stands between BEGIN and END is no certificate",
            "lo que hay entre BEGIN y END no es un certificado",
        ))
    } else {
        Ok(found)
    }
}

fn not_pem() -> Unusable {
    Unusable::new(
        "ca_pem",
        "a certificate in PEM format begins with -----BEGIN CERTIFICATE-----",
        "un certificado en formato PEM empieza por -----BEGIN CERTIFICATE-----",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_header(name: &str, value: &str) -> Reach {
        Reach { headers: BTreeMap::from([(name.to_owned(), value.to_owned())]), ..Reach::default() }
    }

    #[test]
    fn a_wrong_header_is_named() {
        for (name, value) in
            [("X Y", "1"), ("", "1"), ("X-A", "a\nb"), ("Host", "h"), ("Authorization", "Bearer x")]
        {
            let error = with_header(name, value).headers().expect_err(name);
            assert_eq!(error.field, format!("headers.{name}"));
        }
        assert_eq!(with_header("X-Scope-OrgID", "team").headers().expect("good")["x-scope-orgid"], "team");
    }

    #[test]
    fn a_token_goes_before_a_password() {
        let secret = Secret { password: Some("p".into()), token: Some(" t ".into()) };
        let reach = Reach { username: Some("ana".into()), secret, ..Reach::default() };
        assert_eq!(reach.headers().expect("good")["authorization"], "Bearer t");
        let secret = Secret { password: Some("p".into()), token: None };
        let reach = Reach { secret, ..reach };
        assert_eq!(reach.headers().expect("good")["authorization"], "Basic YW5hOnA=");
        assert_eq!(reach.quoter().text("Basic YW5hOnA="), "Basic …");
    }

    #[test]
    fn a_token_that_cannot_be_sent_is_named_and_not_shown() {
        let secret = Secret { password: None, token: Some("a\nb".into()) };
        let error = Reach { secret, ..Reach::default() }.headers().expect_err("a line break");
        assert_eq!(error.field, "token");
        assert!(!error.to_string().contains('\n'));
    }

    #[test]
    fn only_certificates_are_taken_as_authorities() {
        let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        let empty = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for pem in ["hello", key, empty, "-----BEGIN CERTIFICATE-----\n"] {
            let reach = Reach { ca_pem: pem.to_owned(), ..Reach::default() };
            assert_eq!(reach.tls().expect_err(pem).field, "ca_pem");
        }
    }
}
