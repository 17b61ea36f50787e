//! The requests.

use std::collections::HashSet;
use std::time::Duration;

use atalaya_api::catalog::GrafanaSettings;
use serde_json::Value;

use super::failure::{Failure, of_status};
use super::found::{Found, FoundDatasource};
use crate::domain::{Secret, TroubleKind};
use crate::source::remote::Unusable;
use crate::source::remote::http::{Form, Outgoing, Place, Reach, encode, said};

/// Dashboards of ten megabytes exist.
const MOST_ANSWER: usize = 64 << 20;
/// What Grafana gives at most at a time.
const PAGE: usize = 5_000;
/// More pages than anybody has dashboards for.
const MOST_PAGES: usize = 200;
/// Requests at a time.
pub const AT_A_TIME: usize = 4;
/// Picks the organisation.
pub const ORGANISATION: &str = "X-Grafana-Org-Id";

/// A Grafana at a place. Every call blocks at most for its timeout.
pub struct Grafana {
    place: Place,
    outgoing: Outgoing,
}

impl Grafana {
    /// # Errors
    /// A setting cannot be used: its field, and what would be right.
    pub fn new(settings: &GrafanaSettings, token: Option<&str>) -> Result<Self, Unusable> {
        let place = Place::parse(&address(&settings.url), "url")?;
        let organisation = settings.organisation.map(|number| (ORGANISATION.to_owned(), number.to_string()));
        let outgoing = Outgoing::new(&Reach {
            timeout: Duration::from_secs(settings.timeout_s.into()),
            connections: AT_A_TIME,
            max_answer: MOST_ANSWER,
            username: None,
            secret: Secret { password: None, token: token.map(str::to_owned) },
            headers: organisation.into_iter().collect(),
            ca_pem: settings.ca_pem.clone(),
            ..Reach::default()
        })?;
        Ok(Grafana { place, outgoing })
    }

    /// A JSON document.
    ///
    /// # Errors
    /// There is none, and why.
    pub fn get(&self, path: &str, form: &Form) -> Result<Value, Failure> {
        let request = self.place.get(path, form);
        let quoter = self.outgoing.quoter();
        let received = self.outgoing.send(&request).map_err(Failure::Trouble)?;
        if let Some(failure) = of_status(&received, &request.shown) {
            return Err(failure);
        }
        if let Some(trouble) = received.trouble(&request.shown, quoter) {
            return Err(Failure::Trouble(trouble));
        }
        if !received.is_good() {
            return Err(Failure::Trouble(received.nonsense(&request.shown, false, quoter)));
        }
        serde_json::from_slice(&received.body)
            .map_err(|error| Failure::Trouble(received.nonsense(&request.shown, error.is_eof(), quoter)))
    }

    /// Every dashboard that the token may see, each once.
    ///
    /// # Errors
    /// A page of them cannot be had: half of a list would look as if the rest were gone.
    pub fn search(&self, mut on_page: impl FnMut(usize) -> bool) -> Result<Vec<Found>, Failure> {
        let (mut all, mut seen) = (Vec::new(), HashSet::new());
        for page in 1..=MOST_PAGES {
            let form = Form::default().with("type", "dash-db").with("limit", PAGE.to_string());
            let json = self.get("/api/search", &form.with("page", page.to_string()))?;
            let items = json.as_array().ok_or_else(|| self.no_list("/api/search"))?;
            let before = all.len();
            let found = items.iter().filter_map(Found::read);
            all.extend(found.filter(|one| seen.insert(one.key().to_owned())));
            // Old versions know no pages and give the first one again.
            if items.len() < PAGE || all.len() == before || !on_page(all.len()) {
                break;
            }
        }
        Ok(all)
    }

    /// `{"dashboard": …, "meta": …}`.
    ///
    /// # Errors
    /// It cannot be had.
    pub fn dashboard(&self, found: &Found) -> Result<Value, Failure> {
        let path = match (&found.uid, &found.slug) {
            (Some(uid), _) => format!("/api/dashboards/uid/{}", encode(uid)),
            (None, slug) => format!("/api/dashboards/db/{}", encode(slug.as_deref().unwrap_or_default())),
        };
        let json = self.get(&path, &Form::default())?;
        if json.get("dashboard").is_some_and(Value::is_object) {
            Ok(json)
        } else {
            Err(self.no_dashboard(&path))
        }
    }

    /// The model of a library panel.
    ///
    /// # Errors
    /// It cannot be had.
    pub fn library_panel(&self, uid: &str) -> Result<Value, Failure> {
        let path = format!("/api/library-elements/{}", encode(uid));
        let json = self.get(&path, &Form::default())?;
        json.pointer("/result/model").cloned().ok_or_else(|| self.no_dashboard(&path))
    }

    /// # Errors
    /// They cannot be had.
    pub fn datasources(&self) -> Result<Vec<FoundDatasource>, Failure> {
        let json = self.get("/api/datasources", &Form::default())?;
        let items = json.as_array().ok_or_else(|| self.no_list("/api/datasources"))?;
        Ok(items.iter().filter_map(FoundDatasource::read).collect())
    }

    /// Its version, as far as it says.
    pub fn version(&self) -> Option<String> {
        let json = self.get("/api/health", &Form::default()).ok()?;
        let version = json.get("version")?.as_str()?;
        Some(self.outgoing.quoter().text(version)).filter(|version| !version.is_empty())
    }

    /// The organisation's name, as far as it says.
    pub fn organisation(&self) -> Option<String> {
        let json = self.get("/api/org", &Form::default()).ok()?;
        let name = json.get("name")?.as_str()?;
        Some(self.outgoing.quoter().text(name)).filter(|name| !name.is_empty())
    }

    /// Where people see a dashboard: `below` begins with Grafana's own path, if it is served below one.
    pub fn address_of(&self, below: &str) -> String {
        let root = self.place.at("");
        let path = root.splitn(4, '/').nth(3).map(|path| format!("/{path}"));
        let below = path.and_then(|path| below.strip_prefix(&path)).unwrap_or(below);
        if below.starts_with('/') { self.place.at(below) } else { self.place.at(&format!("/{below}")) }
    }

    /// Where a data source answers through Grafana.
    pub fn proxy_of(&self, uid: &str) -> String {
        self.place.at(&format!("/api/datasources/proxy/uid/{}", encode(uid)))
    }

    fn no_list(&self, path: &str) -> Failure {
        self.strange(path, "a document that is no list", "un documento que no es una lista")
    }

    fn no_dashboard(&self, path: &str) -> Failure {
        self.strange(path, "a document without what was asked for", "un documento sin lo que se pidió")
    }

    fn strange(&self, path: &str, en: &str, es: &str) -> Failure {
        let (en, es) = (format!("answered with {en}"), format!("respondió con {es}"));
        Failure::Trouble(said(TroubleKind::Nonsense, &self.place.at(path), en, es))
    }
}

/// People type a machine and a port.
pub fn address(typed: &str) -> String {
    let typed = typed.trim();
    if typed.contains("://") || typed.is_empty() { typed.to_owned() } else { format!("http://{typed}") }
}
