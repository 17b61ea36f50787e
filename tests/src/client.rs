//! A client of the API, logged in by cookie as a browser is, or by token as a program is.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use ureq::http::{self, HeaderMap, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// A server that answers nothing for this long is taken to be stuck.
const PATIENCE: Duration = Duration::from_secs(60);

/// Talks to one server as one person. Redirects are answers like any other.
#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
    base: String,
    identity: Option<(&'static str, String)>,
    language: &'static str,
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// Text where it is no JSON.
    pub body: Value,
}

impl Client {
    /// Nobody yet.
    pub fn stranger(base: &str) -> Self {
        Client::with_tls(base, TlsConfig::default())
    }

    /// Nobody yet, who believes this certificate (PEM) and no other.
    ///
    /// # Panics
    /// It is no certificate.
    pub fn trusting(base: &str, certificate: &str) -> Self {
        let certificate = Certificate::from_pem(certificate.as_bytes()).expect("a certificate in PEM format");
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(vec![certificate])))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()));
        Client::with_tls(base, tls.build())
    }

    fn with_tls(base: &str, tls: TlsConfig) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_recv_response(Some(PATIENCE))
            .tls_config(tls)
            .build();
        Client { agent: config.into(), base: base.to_owned(), identity: None, language: "en" }
    }

    /// The same person, who wants to be answered in this language.
    pub fn speaking(self, language: &'static str) -> Self {
        Client { language, ..self }
    }

    /// # Panics
    /// The login is refused.
    pub fn login(self, username: &str, password: &str) -> Self {
        let answer = self.try_login(username, password);
        assert_eq!(answer.status, 200, "the login of {username}: {}", answer.body);
        self.with_cookie_of(&answer)
    }

    pub fn try_login(&self, username: &str, password: &str) -> Answer {
        self.post("/api/v1/session", &json!({"username": username, "password": password}))
    }

    /// As a browser that got this answer goes on.
    ///
    /// # Panics
    /// It sets no cookie.
    pub fn with_cookie_of(self, answer: &Answer) -> Self {
        let cookie = answer.header("set-cookie").split(';').next().expect("a text has a first part");
        assert!(cookie.contains('='), "a cookie is set: {answer:?}");
        Client { identity: Some(("cookie", cookie.to_owned())), ..self }
    }

    pub fn with_token(self, token: &str) -> Self {
        Client { identity: Some(("authorization", format!("Bearer {token}"))), ..self }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(body.to_string()))
    }

    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, Some(body.to_string()))
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None)
    }

    /// A body as it is, JSON or not.
    ///
    /// # Panics
    /// The server does not answer.
    pub fn send(&self, method: &str, path: &str, body: Option<String>) -> Answer {
        let answer = self.try_send(method, path, body);
        answer.unwrap_or_else(|error| panic!("{method} {}{path}: {error}", self.base))
    }

    /// As a browser does for a page of this origin.
    ///
    /// # Panics
    /// The server does not answer.
    pub fn send_from(&self, origin: &str, method: &str, path: &str, body: String) -> Answer {
        let request = self.request(method, path).header(header::ORIGIN, origin).body(body);
        let answer = self.agent.run(request.expect("a request")).and_then(read);
        answer.unwrap_or_else(|error| panic!("{method} {}{path}: {error}", self.base))
    }

    /// # Errors
    /// The server does not answer.
    pub fn try_send(&self, method: &str, path: &str, body: Option<String>) -> Result<Answer, ureq::Error> {
        let request = self.request(method, path);
        read(match body {
            Some(body) => self.agent.run(request.body(body)?)?,
            None => self.agent.run(request.body(())?)?,
        })
    }

    fn request(&self, method: &str, path: &str) -> http::request::Builder {
        let request = http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        let request = request.header(header::ACCEPT_LANGUAGE, self.language);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        match &self.identity {
            Some((name, value)) => request.header(*name, value),
            None => request,
        }
    }

    /// Opens a stream; its lines come as they are sent.
    ///
    /// # Errors
    /// The server does not answer.
    pub fn stream(
        &self,
        path: &str,
        last_event_id: Option<u64>,
    ) -> Result<ureq::BodyReader<'static>, ureq::Error> {
        let mut request = self.request("GET", path);
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id.to_string());
        }
        Ok(self.agent.run(request.body(())?)?.into_body().into_reader())
    }
}

fn read(mut answer: http::Response<ureq::Body>) -> Result<Answer, ureq::Error> {
    let text = answer.body_mut().read_to_string()?;
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Ok(Answer { status: answer.status().as_u16(), headers: answer.headers().clone(), body })
}

impl Answer {
    /// A header's value; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body of an answer with this status.
    ///
    /// # Panics
    /// It has another one.
    pub fn is(&self, status: u16) -> &Value {
        assert_eq!(self.status, status, "{}", self.body);
        &self.body
    }

    /// The problem document of an answer with this status.
    ///
    /// # Panics
    /// It has another one, or the document is none.
    pub fn is_problem(&self, status: u16) -> &Value {
        let problem = self.is(status);
        assert_eq!(self.header("content-type"), "application/problem+json", "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert!(problem["title"].is_string() && problem["detail"].is_string(), "{problem}");
        problem
    }

    /// What a problem document says of a field.
    ///
    /// # Panics
    /// It does not name the field.
    pub fn names(&self, field: &str) -> &str {
        let errors = self.body["errors"].as_array().map_or(&[][..], Vec::as_slice);
        let named = errors.iter().find(|error| error["field"] == field);
        let message = named.and_then(|error| error["message"].as_str());
        message.unwrap_or_else(|| panic!("{field} is not named: {}", self.body))
    }

    /// The items of a list.
    ///
    /// # Panics
    /// It is none.
    pub fn items(&self) -> &[Value] {
        self.body["items"].as_array().unwrap_or_else(|| panic!("not a list: {self:?}"))
    }
}
