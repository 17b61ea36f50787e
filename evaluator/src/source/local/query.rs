//! From an expression to series, and series for a chart.

use atalaya_api::source::{QueryAnswer, SeriesData};
use atalaya_api::span::Span;

use super::search::span;
use super::{LocalStore, Reader, SeriesId};
use crate::domain::Millis;
use crate::source::thin::thin;
use crate::source::{Glob, GlobError, unit_of};

/// What an expression selects.
#[derive(Clone, Debug)]
pub enum Selection {
    /// The series of exactly this name; None: there is none yet.
    One(Option<SeriesId>),
    /// All that match, those that come later too.
    Matching(Glob),
}

/// What to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// Both inclusive.
    pub from: Millis,
    pub to: Millis,
    /// Most points a series.
    pub max_points: usize,
    pub max_series: usize,
}

/// So many series are asked when the step of a glob is wanted.
const STEP_SERIES: usize = 16;

impl LocalStore {
    /// What an expression stands for: a series' name goes before a glob that is written alike.
    pub fn resolve(&self, expr: &str) -> Result<Selection, GlobError> {
        let known = self.lookup(expr.as_bytes());
        if known.is_some() || !Glob::is_glob(expr) {
            return Ok(Selection::One(known));
        }
        Glob::new(expr).map(Selection::Matching)
    }

    /// The series that match, in the order of their numbers; at most `limit` of them, and how many in all.
    pub fn expand(&self, glob: &Glob, limit: usize) -> (Vec<SeriesId>, u64) {
        let (mut ids, mut total) = (Vec::new(), 0);
        self.names.each_since(SeriesId(0), |id, name| {
            if glob.matches(name) {
                total += 1;
                if ids.len() < limit {
                    ids.push(id);
                }
            }
        });
        (ids, total)
    }

    fn select(&self, expr: &str, limit: usize) -> Result<(Vec<SeriesId>, u64), GlobError> {
        Ok(match self.resolve(expr)? {
            Selection::One(None) => (Vec::new(), 0),
            Selection::One(Some(id)) => (vec![id], 1),
            Selection::Matching(glob) => self.expand(&glob, limit),
        })
    }

    /// Samples for a chart, thinned so that no peak vanishes.
    pub fn query(&self, expr: &str, draw: Draw) -> Result<QueryAnswer, GlobError> {
        let (ids, total) = self.select(expr, draw.max_series)?;
        let mut series: Vec<SeriesData> = ids.into_iter().filter_map(|id| self.draw(id, draw)).collect();
        series.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(QueryAnswer { series, total, warnings: Vec::new() })
    }

    fn draw(&self, id: SeriesId, draw: Draw) -> Option<SeriesData> {
        let name = self.name(id)?;
        let (mut times, mut values) = (Vec::new(), Vec::new());
        let mut reader = Reader::once(self);
        reader.window(id, draw.from.plus(-1).as_f64(), draw.to.as_f64(), &mut times, &mut values);
        drop(reader);
        let step_ms = self.usual_step(id, &name);
        thin(&mut times, &mut values, draw.max_points);
        Some(SeriesData {
            unit: unit_of(&name).map(str::to_owned),
            name: name.as_ref().to_owned(),
            step_ms,
            times,
            values: values.into_iter().map(Into::into).collect(),
        })
    }

    /// The step of what an expression gives, where it is known: the middle one of a few of its series.
    pub fn step_of(&self, expr: &str) -> Result<Option<Span>, GlobError> {
        let (ids, _) = self.select(expr, STEP_SERIES)?;
        let known = |id| self.name(id).map(|name| self.usual_step(id, &name)).filter(|step| *step > 0.0);
        let mut steps: Vec<f64> = ids.into_iter().filter_map(known).collect();
        steps.sort_by(f64::total_cmp);
        Ok(steps.get(steps.len() / 2).and_then(|step| span(*step)))
    }
}
