//! Graphite, and what speaks its HTTP interface (graphite-web, carbonapi).
//!
//! Rendering: <https://graphite.readthedocs.io/en/stable/render_api.html>; finding:
//! <https://graphite.readthedocs.io/en/stable/metrics_api.html>. One target a request, because an answer does not say which target made a
//! series; asked by POST, because targets are long; `noCache`, because what is a minute old is no news. A missing
//! series and most bad targets look alike: 200 and `[]`.

mod find;
mod names;
mod render;
mod traceback;

#[cfg(test)]
mod tests;

use std::time::Duration;

use atalaya_api::source::SeriesHit;

use crate::clock::Meter;
use crate::domain::{Millis, TroubleKind};

use super::http::{Form, Outgoing, Place, Received, Request, said};
use super::json::Flaw;
use super::{Answer, Fault, Greeting, Query, Remote};

use traceback::Traceback;

/// Levels of the path that a bare word is looked for in, from the top.
const LEVELS: usize = 4;

/// A server at a place.
pub struct Graphite {
    place: Place,
    outgoing: Outgoing,
}

impl Graphite {
    pub fn new(place: Place, outgoing: Outgoing) -> Self {
        Graphite { place, outgoing }
    }

    /// A good answer, or whose fault it is that there is none.
    fn ask(&self, request: &Request) -> Result<Received, Fault> {
        let quoter = self.outgoing.quoter();
        let received = self.outgoing.send(request).map_err(Fault::Source)?;
        if let Some(fault) = self.collapse(request, &received) {
            return Err(fault);
        }
        match received.trouble(&request.shown, quoter) {
            Some(trouble) => Err(Fault::Source(trouble)),
            None if received.is_good() => Ok(received),
            None => Err(self.complaint(request, &received)),
        }
    }

    /// A 500 with a traceback, which tells whether the expression brought it about.
    fn collapse(&self, request: &Request, received: &Received) -> Option<Fault> {
        let traceback =
            Some(received).filter(|one| one.status == 500).and_then(|one| Traceback::of(&one.body))?;
        let last = self.outgoing.quoter().text(&traceback.last);
        if traceback.is_of_expression {
            return Some(Fault::Query(last));
        }
        let (en, es) = (format!("fails (500): {last}"), format!("falla (500): {last}"));
        Some(Fault::Source(said(TroubleKind::Failing, &request.shown, en, es)))
    }

    /// A 4xx about the question: Graphite says in plain text (under the type of a page) what is wrong with it.
    fn complaint(&self, request: &Request, received: &Received) -> Fault {
        let quoter = self.outgoing.quoter();
        let body = received.body.trim_ascii();
        if body.starts_with(b"<") || body.is_empty() {
            return Fault::Source(received.nonsense(&request.shown, false, quoter));
        }
        Fault::Query(quoter.body(super::http::unescape(&String::from_utf8_lossy(body)).as_bytes()))
    }

    /// What is read from an answer, or what came instead.
    fn read<T>(
        &self,
        request: &Request,
        parse: impl FnOnce(&[u8]) -> Result<T, Flaw>,
    ) -> Result<(T, Received), Fault> {
        let received = self.ask(request)?;
        let quoter = self.outgoing.quoter();
        match parse(&received.body) {
            Ok(read) if !received.content_type().starts_with("image/") => Ok((read, received)),
            Ok(_) => Err(Fault::Source(received.nonsense(&request.shown, false, quoter))),
            Err(flaw) => Err(Fault::Source(received.nonsense(&request.shown, flaw == Flaw::Half, quoter))),
        }
    }

    /// What is left of the timeout after this much.
    fn left(&self, meter: &Meter) -> Duration {
        self.outgoing.timeout().saturating_sub(meter.read().0)
    }

    /// None when it does not say, or says something else.
    fn version(&self, limit: Duration) -> Option<String> {
        let request = self.place.get("/version/", &Form::default()).within(limit);
        let received = self.outgoing.send(&request).ok().filter(Received::is_good)?;
        let text = str::from_utf8(&received.body).ok()?.trim().trim_matches('"');
        let is_version = text.len() <= 40
            && text.starts_with(|c: char| c.is_ascii_digit())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-+_".contains(c));
        is_version.then(|| format!("Graphite {text}"))
    }
}

impl Remote for Graphite {
    fn fetch(&self, query: &Query) -> Result<Answer, Fault> {
        let Some(form) = render::question(query) else { return Ok(Answer::default()) };
        let request = self.place.post("/render", form);
        let (series, _) = self.read(&request, |body| render::parse(body, query))?;
        Ok(Answer { series, warnings: Vec::new() })
    }

    /// A constant takes the same way as every target and touches no file.
    fn probe(&self) -> Result<Greeting, Fault> {
        let meter = Meter::start();
        let form =
            Form::default().with("target", "constantLine(0)").with("from", "-1min").with("format", "json");
        let request = self.place.post("/render", form.with("noCache", "1"));
        let ((), received) = self.read(&request, render::is_answer)?;
        let left = self.left(&meter);
        let version = if left.is_zero() { None } else { self.version(left) };
        Ok(Greeting { version, clock: received.date() })
    }

    fn search(&self, q: &str, limit: usize) -> Result<Vec<SeriesHit>, Fault> {
        let meter = Meter::start();
        let search = find::Search::of(q);
        for pattern in search.patterns(LEVELS) {
            let left = self.left(&meter);
            let form = Form::default().with("query", &pattern).with("format", "completer");
            let request = self.place.get("/metrics/find", &form).within(left);
            let (found, _) = self.read(&request, find::parse)?;
            let hits = search.choose(&pattern, found, limit);
            if !hits.is_empty() || left.is_zero() {
                return Ok(hits);
            }
        }
        Ok(Vec::new())
    }

    fn names(&self, query: &str) -> Result<Vec<String>, Fault> {
        let ask = names::Ask::of(query);
        let (path, form) = ask.request();
        let request = self.place.get(path, &form);
        let (json, received) = self.read(&request, |body| {
            serde_json::from_slice::<serde_json::Value>(body)
                .map_err(|error| if error.is_eof() { Flaw::Half } else { Flaw::Wrong(error.column()) })
        })?;
        let strange = || Fault::Source(received.nonsense(&request.shown, false, self.outgoing.quoter()));
        ask.read(&json).ok_or_else(strange)
    }
}

/// Whole seconds with `after` < second <= `upto`: the first excluded one and the last. None: there are none.
fn seconds(after: Millis, upto: Millis) -> Option<(i64, i64)> {
    let (from, until) = (after.0.div_euclid(1_000), upto.0.div_euclid(1_000));
    (from < until && until >= 0).then_some((from.max(0), until))
}
