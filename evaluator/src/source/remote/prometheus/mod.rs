//! Prometheus, and what speaks its HTTP interface (VictoriaMetrics, Thanos, Mimir).
//!
//! The interface: <https://prometheus.io/docs/prometheus/latest/querying/api/>. A range is asked for in the step of the rule; one instant
//! is asked for as such. A series that ended, by a stale marker or after five minutes without samples, has no points any more: nothing is
//! made up for it.

mod answer;
mod ask;
mod grid;
mod macros;
mod names;
mod search;

#[cfg(test)]
mod tests;

use std::time::Duration;

use atalaya_api::source::SeriesHit;
use atalaya_api::span::Span;

use crate::clock::Meter;
use crate::domain::TroubleKind;

use super::http::{Form, Outgoing, Place, Received, Request, encode, said};
use super::json::{Cursor, Flaw};
use super::{Answer, Fault, Greeting, Query, Remote};

use answer::{Data, Envelope};
use ask::Ask;
use grid::Grid;
use macros::Macros;

/// Between scrapes, when nothing else is said.
const USUAL_SCRAPE: Span = Span(15);

/// A server at a place.
pub struct Prometheus {
    place: Place,
    outgoing: Outgoing,
    scrape: Span,
}

impl Prometheus {
    pub fn new(place: Place, outgoing: Outgoing, scrape: Option<Span>) -> Self {
        Prometheus { place, outgoing, scrape: scrape.unwrap_or(USUAL_SCRAPE) }
    }

    /// The answer's envelope with what `data` makes of its inside, or whose fault it is that there is none.
    fn ask(
        &self,
        request: &Request,
        data: impl FnMut(&mut Cursor<'_>) -> Result<(), Flaw>,
    ) -> Result<(Envelope, Received), Fault> {
        let quoter = self.outgoing.quoter();
        let received = self.outgoing.send(request).map_err(Fault::Source)?;
        let read = Envelope::read(&received.body, data);
        if let Some(fault) =
            read.as_ref().ok().and_then(|envelope| self.complaint(request, &received, envelope))
        {
            return Err(fault);
        }
        if let Some(trouble) = received.trouble(&request.shown, quoter) {
            return Err(Fault::Source(trouble));
        }
        match read {
            Ok(envelope) if received.is_good() && envelope.is_success() => Ok((envelope, received)),
            Err(Flaw::Half) => Err(Fault::Source(received.nonsense(&request.shown, true, quoter))),
            _ => Err(Fault::Source(received.nonsense(&request.shown, false, quoter))),
        }
    }

    /// What Prometheus itself says is wrong: with the question, or with it.
    fn complaint(&self, request: &Request, received: &Received, envelope: &Envelope) -> Option<Fault> {
        let words = self.outgoing.quoter().text(envelope.error.as_deref()?);
        let shown = &request.shown;
        let trouble = match envelope.error_type.as_deref().unwrap_or_default() {
            "timeout" | "canceled" => said(
                TroubleKind::Slow,
                shown,
                format!("gave up on the question: {words}"),
                format!("abandonó la pregunta: {words}"),
            ),
            "internal" | "unavailable" | "not_found" => return None,
            _ if matches!(received.status, 400 | 422) => return Some(Fault::Query(words)),
            "bad_data" | "execution" if received.is_good() => return Some(Fault::Query(words)),
            _ if received.is_good() => {
                said(TroubleKind::Failing, shown, format!("fails: {words}"), format!("falla: {words}"))
            }
            _ => return None,
        };
        Some(Fault::Source(trouble))
    }

    fn query(&self, request: &Request) -> Result<(Data, Envelope, Received), Fault> {
        let mut data = Data::default();
        let (envelope, received) = self.ask(request, |cursor| data.read(cursor))?;
        Ok((data, envelope, received))
    }

    fn left(&self, meter: &Meter) -> Duration {
        self.outgoing.timeout().saturating_sub(meter.read().0)
    }

    /// None when it does not say.
    fn version(&self, limit: Duration) -> Option<String> {
        let request = self.place.get("/api/v1/status/buildinfo", &Form::default()).within(limit);
        let mut version = None;
        let read = self.ask(&request, |cursor| {
            cursor.object(|cursor, key| {
                if key == "version" && cursor.peek()? == b'"' {
                    version = Some(cursor.string()?.into_owned());
                    return Ok(());
                }
                cursor.skip()
            })
        });
        read.ok()?;
        let version = self.outgoing.quoter().text(&version.filter(|version| !version.is_empty())?);
        Some(format!("Prometheus {version}"))
    }
}

impl Remote for Prometheus {
    fn fetch(&self, query: &Query) -> Result<Answer, Fault> {
        let Some(grid) = Grid::of(query) else { return Ok(Answer::default()) };
        let macros = Macros {
            interval_ms: grid.step_ms,
            range_ms: query.upto.since(query.after),
            scrape: self.scrape,
        };
        let form = Form::default().with("query", macros.expand(&query.expr));
        let request = match grid.points {
            1 => self.place.post("/api/v1/query", form.with("time", grid::seconds(grid.end))),
            _ => self.place.post(
                "/api/v1/query_range",
                form.with("start", grid::seconds(grid.start()))
                    .with("end", grid::seconds(grid.end))
                    .with("step", grid::seconds(grid.step_ms)),
            ),
        };
        let (data, envelope, _) = self.query(&request)?;
        let mut warnings = envelope.warnings;
        let series =
            data.into_series(query, &grid, &mut warnings).map_err(|words| Fault::Query(words.to_owned()))?;
        let warnings = warnings.iter().map(|warning| self.outgoing.quoter().text(warning)).collect();
        Ok(Answer { series, warnings })
    }

    /// A constant takes the same way as every expression and touches no series.
    fn probe(&self) -> Result<Greeting, Fault> {
        let meter = Meter::start();
        let request = self.place.post("/api/v1/query", Form::default().with("query", "1"));
        let (_, _, received) = self.query(&request)?;
        let left = self.left(&meter);
        let version = if left.is_zero() { None } else { self.version(left) };
        Ok(Greeting { version, clock: received.date() })
    }

    fn search(&self, q: &str, limit: usize) -> Result<Vec<SeriesHit>, Fault> {
        let meter = Meter::start();
        let search = search::Search::of(q);
        let mut names = match search.names() {
            Some(selector) => self.metric_names(&selector, limit)?,
            None => Vec::new(),
        };
        let left = self.left(&meter);
        if let Some(selector) = search.series(&names).filter(|_| !left.is_zero()) {
            names.extend(self.series_names(&selector, limit, left)?);
        }
        names.sort_unstable();
        names.dedup();
        names.truncate(limit);
        Ok(names.into_iter().map(search::hit).collect())
    }

    fn names(&self, query: &str) -> Result<Vec<String>, Fault> {
        let matching = |of: Option<String>| {
            of.map_or_else(Form::default, |of| Form::default().with("match[]", self.at_rest(&of)))
        };
        match Ask::of(query) {
            Ask::LabelNames { of } => self.texts("/api/v1/labels", &matching(of)),
            Ask::LabelValues { label, of } => {
                self.texts(&format!("/api/v1/label/{}/values", encode(&label)), &matching(of))
            }
            Ask::Metrics(regex) => {
                let regex = regex::Regex::new(&regex).map_err(|error| Fault::Query(error.to_string()))?;
                let mut names = self.texts("/api/v1/label/__name__/values", &Form::default())?;
                names.retain(|name| regex.is_match(name));
                Ok(names)
            }
            Ask::Result(expr) => self.results(&self.at_rest(&expr)),
            Ask::Series(selector) => {
                let limit = self.outgoing.timeout();
                self.series_names(&self.at_rest(&selector), MOST_NAMES, limit)
            }
        }
    }
}

/// Most names that are listed for a variable.
const MOST_NAMES: usize = 50_000;

impl Prometheus {
    /// With what Grafana would fill in for the last hour.
    fn at_rest(&self, expr: &str) -> String {
        Macros { interval_ms: 60_000, range_ms: 3_600_000, scrape: self.scrape }.expand(expr)
    }

    /// An answer that is a list of texts.
    fn texts(&self, path: &str, form: &Form) -> Result<Vec<String>, Fault> {
        let mut texts = Vec::new();
        self.ask(&self.place.get(path, form), |cursor| {
            cursor.array(|cursor| {
                texts.push(cursor.string()?.into_owned());
                Ok(())
            })
        })?;
        Ok(texts)
    }

    /// Each series with its value and time in ms, as `name{labels} value time`.
    fn results(&self, expr: &str) -> Result<Vec<String>, Fault> {
        let request = self.place.post("/api/v1/query", Form::default().with("query", expr));
        let (data, _, _) = self.query(&request)?;
        Ok(data.lines())
    }

    fn metric_names(&self, selector: &str, limit: usize) -> Result<Vec<String>, Fault> {
        let form = Form::default().with("match[]", selector).with("limit", limit.to_string());
        let mut names = Vec::new();
        self.ask(&self.place.get("/api/v1/label/__name__/values", &form), |cursor| {
            cursor.array(|cursor| {
                names.push(cursor.string()?.into_owned());
                Ok(())
            })
        })?;
        Ok(names)
    }

    fn series_names(&self, selector: &str, limit: usize, left: Duration) -> Result<Vec<String>, Fault> {
        let form = Form::default().with("match[]", selector).with("limit", limit.to_string());
        let mut found = Vec::new();
        self.ask(&self.place.get("/api/v1/series", &form).within(left), |cursor| {
            cursor.array(|cursor| {
                found.push(names::read(cursor)?);
                Ok(())
            })
        })?;
        Ok(found)
    }
}
