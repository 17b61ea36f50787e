//! Requests that go out: to sources, to the heartbeat's address, to whoever is to be told.
//!
//! Addresses are what an admin typed, so each is checked after its name was resolved, and the connection goes to the very
//! address that was checked. No redirect is followed, no proxy of the environment asked, no answer taken beyond its limit, and
//! everything from the name to the last byte happens within one timeout.

mod address;
mod answer;
mod form;
mod place;
mod quote;
mod reach;
mod status;
mod trouble;

#[cfg(test)]
pub mod stand_in;
#[cfg(test)]
mod tests;

use std::time::Duration;

use ureq::http::{self, HeaderMap, HeaderName, Method, header};

use crate::clock::Meter;
use crate::domain::{Texts, Wrong};

use super::Trouble;

pub use address::forbidden;
pub use answer::{Came, Received};
pub use form::{Form, encode};
pub use place::{Place, checked, hidden};
pub use quote::{Quoter, unescape};
pub use reach::{Reach, roots};
pub use trouble::{of_connection, said};

/// How programs that are asked see us.
const USER_AGENT: &str = concat!("Atalaya/", env!("CARGO_PKG_VERSION"));

/// A setting that cannot be used, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {}", .words.en)]
pub struct Unusable {
    /// As the API names it: `url`, `ca_pem`, `headers.X-Scope-OrgID`, ...
    pub field: String,
    pub words: Texts,
}

impl Unusable {
    pub fn new(field: impl Into<String>, en: impl Into<String>, es: impl Into<String>) -> Self {
        Unusable { field: field.into(), words: Texts { en: en.into(), es: es.into() } }
    }
}

impl From<Unusable> for Wrong {
    fn from(Unusable { field, words }: Unusable) -> Self {
        Wrong { field, words }
    }
}

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    pub url: String,
    /// What people are shown instead of the address, which may hold secrets.
    pub shown: String,
    /// With its content type.
    pub body: Option<(&'static str, Vec<u8>)>,
    /// Sooner than the usual timeout, for one of several requests of a task.
    pub within: Option<Duration>,
    /// Of this one only. What cannot be sent as a header is left out.
    pub headers: Vec<(&'static str, String)>,
    /// What arrives twice does harm: it is sent once, whoever breaks off.
    pub once: bool,
}

impl Request {
    pub fn get(url: impl Into<String>, shown: impl Into<String>) -> Self {
        Request::of(Method::GET, url, shown, None)
    }

    pub fn post(url: impl Into<String>, shown: impl Into<String>, form: Form) -> Self {
        let body = Some(("application/x-www-form-urlencoded", form.into_bytes()));
        Request::of(Method::POST, url, shown, body)
    }

    pub fn json(url: impl Into<String>, shown: impl Into<String>, body: Vec<u8>) -> Self {
        Request::of(Method::POST, url, shown, Some(("application/json", body)))
    }

    fn of(
        method: Method,
        url: impl Into<String>,
        shown: impl Into<String>,
        body: Option<(&'static str, Vec<u8>)>,
    ) -> Self {
        Request {
            method,
            url: url.into(),
            shown: shown.into(),
            body,
            within: None,
            headers: Vec::new(),
            once: false,
        }
    }

    pub fn with(mut self, header: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((header, value.into()));
        self
    }

    pub fn once(self) -> Self {
        Request { once: true, ..self }
    }

    pub fn within(self, limit: Duration) -> Self {
        Request { within: Some(limit), ..self }
    }
}

/// A way out with its limits and its credentials. Connections are kept for a while.
pub struct Outgoing {
    agent: ureq::Agent,
    /// Of each request; what lets in is among them.
    headers: HeaderMap,
    timeout: Duration,
    max_answer: usize,
    glimpse: bool,
    quoter: Quoter,
}

impl Outgoing {
    /// # Errors
    /// Something of `reach` cannot be used.
    pub fn new(reach: &Reach) -> Result<Self, Unusable> {
        let headers = reach.headers()?;
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_global(Some(reach.timeout))
            // Together less than the whole, so that whoever was not reached in time is told from one that does not answer.
            .timeout_resolve(Some(reach.timeout * 3 / 8))
            .timeout_connect(Some(reach.timeout * 3 / 8))
            .max_idle_connections(reach.connections)
            .max_idle_connections_per_host(reach.connections)
            .user_agent(USER_AGENT)
            .tls_config(reach.tls()?)
            .build();
        let connector = ureq::unversioned::transport::DefaultConnector::default();
        Ok(Outgoing {
            agent: ureq::Agent::with_parts(config, connector, address::Guarded::default()),
            headers,
            timeout: reach.timeout,
            max_answer: reach.max_answer,
            glimpse: reach.glimpse,
            quoter: reach.quoter(),
        })
    }

    /// Until one request is given up.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// For words of others that are shown to people.
    pub fn quoter(&self) -> &Quoter {
        &self.quoter
    }

    /// Asks and reads the answer, whatever its status. Blocks at most for the timeout. Whoever breaks off before answering is
    /// asked once more, so that a request may arrive twice, unless it is for [`Request::once`].
    ///
    /// # Errors
    /// There is no whole answer.
    pub fn send(&self, request: &Request) -> Result<Received, Trouble> {
        let meter = Meter::start();
        let limit = request.within.unwrap_or(self.timeout).min(self.timeout);
        let mut answer = self.ask(request, limit);
        if !request.once && answer.as_ref().is_err_and(trouble::broke_off) {
            // A connection that was kept may be closed by the other side at any time: a new one tells.
            answer = self.ask(request, limit.saturating_sub(meter.read().0));
        }
        let answer = answer.map_err(|error| self.trouble(request, limit, error))?;
        Received::read(answer, self.max_answer, self.glimpse).map_err(|cut| match cut {
            answer::Cut::TooLarge => trouble::too_large(&request.shown, self.max_answer),
            answer::Cut::Off { had, of } => trouble::half(&request.shown, had, of),
            answer::Cut::Corrupt => trouble::corrupt(&request.shown),
            answer::Cut::Failed(error) => self.trouble(request, limit, error),
        })
    }

    fn ask(&self, request: &Request, limit: Duration) -> Result<http::Response<ureq::Body>, ureq::Error> {
        let mut built = http::Request::builder().method(request.method.clone()).uri(&request.url);
        built = built.header(header::ACCEPT_ENCODING, "gzip");
        if let Some(headers) = built.headers_mut() {
            headers.extend(self.headers.clone());
            let own = request.headers.iter().filter_map(|(name, value)| Some((*name, value.parse().ok()?)));
            headers.extend(own.map(|(name, value)| (HeaderName::from_static(name), value)));
        }
        match &request.body {
            Some((kind, body)) => {
                self.run(built.header(header::CONTENT_TYPE, *kind).body(body.as_slice())?, limit)
            }
            None => self.run(built.body(())?, limit),
        }
    }

    fn run(
        &self,
        request: http::Request<impl ureq::AsSendBody>,
        limit: Duration,
    ) -> Result<http::Response<ureq::Body>, ureq::Error> {
        // An agent remembers how it does TLS only from requests that change nothing of it.
        if limit == self.timeout {
            return self.agent.run(request);
        }
        self.agent.run(self.agent.configure_request(request).timeout_global(Some(limit)).build())
    }

    fn trouble(&self, request: &Request, limit: Duration, error: ureq::Error) -> Trouble {
        trouble::of_error(&request.shown, limit, error, &self.quoter)
    }
}
