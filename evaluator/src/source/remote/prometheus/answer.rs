//! Answers: the envelope, and the columns inside.
//!
//! `{"status": "success", "data": {"resultType": ..., "result": ...}, "warnings": [...], "infos": [...]}`, or `"status": "error"` with `errorType` and
//! `error`. A matrix holds `{"metric": {labels}, "values": [[seconds, "value"], ...]}`, a vector `"value": [seconds, "value"]`; scalar and string are one
//! such pair. Values are texts, because JSON has no infinities.

use crate::source::remote::json::{Cursor, Flaw, number_of};
use crate::source::remote::{AnswerSeries, Query};

use super::grid::Grid;
use super::names;

/// Most warnings that are kept of an answer.
const WARNINGS: usize = 20;

/// What surrounds every answer.
#[derive(Debug, Default, PartialEq)]
pub struct Envelope {
    pub status: Option<String>,
    pub error_type: Option<String>,
    pub error: Option<String>,
    /// With the notes, which come apart since Prometheus 3.
    pub warnings: Vec<String>,
}

impl Envelope {
    /// `data` reads what is inside, if there is anything.
    pub fn read(
        body: &[u8],
        mut data: impl FnMut(&mut Cursor<'_>) -> Result<(), Flaw>,
    ) -> Result<Self, Flaw> {
        let mut envelope = Envelope::default();
        let mut cursor = Cursor::new(body);
        cursor.object(|cursor, key| {
            let is_text = cursor.peek()? == b'"';
            match &*key {
                "status" if is_text => envelope.status = Some(cursor.string()?.into_owned()),
                "errorType" if is_text => envelope.error_type = Some(cursor.string()?.into_owned()),
                "error" if is_text => envelope.error = Some(cursor.string()?.into_owned()),
                "data" if matches!(cursor.peek()?, b'[' | b'{') => data(cursor)?,
                "warnings" | "infos" if cursor.peek()? == b'[' => envelope.warn(cursor)?,
                _ => cursor.skip()?,
            }
            Ok(())
        })?;
        cursor.end()?;
        Ok(envelope)
    }

    pub fn is_success(&self) -> bool {
        self.status.as_deref() == Some("success")
    }

    fn warn(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Flaw> {
        cursor.array(|cursor| {
            let warning = cursor.string()?;
            if self.warnings.len() < WARNINGS {
                self.warnings.push(warning.into_owned());
            }
            Ok(())
        })
    }
}

/// The inside of a query's answer.
#[derive(Debug, Default)]
pub struct Data {
    kind: Option<String>,
    series: Vec<Columns>,
    /// Of a scalar or a string.
    point: Option<(f64, String)>,
}

/// One series as it came.
#[derive(Debug, Default)]
struct Columns {
    name: String,
    times: Vec<f64>,
    values: Vec<f64>,
    /// It has points that are histograms, not numbers.
    histograms: bool,
}

impl Data {
    pub fn read(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Flaw> {
        cursor.object(|cursor, key| match (&*key, cursor.peek()?) {
            ("resultType", b'"') => {
                self.kind = Some(cursor.string()?.into_owned());
                Ok(())
            }
            ("result", b'[') => self.read_result(cursor),
            _ => cursor.skip(),
        })
    }

    /// Whatever its type: objects are series, a number and a text are a point.
    fn read_result(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Flaw> {
        let mut time = None;
        cursor.array(|cursor| {
            match (cursor.peek()?, time) {
                (b'{', _) => self.series.push(Columns::read(cursor)?),
                (b'"', Some(time)) => self.point = Some((time, cursor.string()?.into_owned())),
                _ => time = Some(milliseconds(cursor)?),
            }
            Ok(())
        })
    }

    /// `name{labels} value time`, the time in ms; a lone number as `scalar number time`.
    pub fn lines(&self) -> Vec<String> {
        let line = |one: &Columns| {
            let (time, value) = one.times.last().zip(one.values.last())?;
            Some(format!("{} {value} {time}", one.name))
        };
        let point = self.point.iter().map(|(time, value)| format!("scalar {value} {time}"));
        self.series.iter().filter_map(line).chain(point).collect()
    }

    /// What was asked for.
    ///
    /// # Errors
    /// The expression gives something that is no number; the words say what.
    pub fn into_series(
        self,
        query: &Query,
        grid: &Grid,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<AnswerSeries>, &'static str> {
        let kind = self.kind.as_deref().unwrap_or_default();
        if kind == "string" {
            return Err("the expression gives a text; a rule needs numbers");
        }
        if self.series.iter().any(|one| one.histograms) {
            warnings.push("native histograms are no numbers: they were left out, histogram_quantile makes numbers of them".to_owned());
        }
        // What was not asked for step by step has the distances that it was stored with.
        let step_ms = if kind == "matrix" && grid.points == 1 { 0.0 } else { grid.step_ms as f64 };
        let point = self.point.and_then(|(time, value)| {
            Some(Columns {
                name: query.expr.to_string(),
                times: vec![time],
                values: vec![number_of(&value)?],
                histograms: false,
            })
        });
        let series =
            self.series.into_iter().filter(|one| !(one.histograms && one.times.is_empty())).chain(point);
        Ok(series.map(|one| one.within(step_ms, query)).collect())
    }
}

impl Columns {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Flaw> {
        let mut columns = Columns::default();
        cursor.object(|cursor, key| {
            match (&*key, cursor.peek()?) {
                ("metric", b'{') => columns.name = names::read(cursor)?,
                ("values", b'[') => cursor.array(|cursor| columns.read_point(cursor))?,
                ("value", b'[') => columns.read_point(cursor)?,
                ("histogram" | "histograms", _) => {
                    columns.histograms = true;
                    cursor.skip()?;
                }
                _ => cursor.skip()?,
            }
            Ok(())
        })?;
        Ok(columns)
    }

    fn read_point(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Flaw> {
        cursor.eat(b'[')?;
        let time = milliseconds(cursor)?;
        cursor.eat(b',')?;
        let value = number_of(&cursor.string()?);
        cursor.eat(b']')?;
        let Some(value) = value.filter(|_| time.is_finite()) else { return cursor.wrong() };
        // A second value for an instant, or one before it, is none.
        if self.times.last().is_none_or(|last| *last < time) {
            self.times.push(time);
            self.values.push(value);
        }
        Ok(())
    }

    fn within(mut self, step_ms: f64, query: &Query) -> AnswerSeries {
        let end = self.times.partition_point(|time| *time <= query.upto.as_f64());
        let start = self.times.partition_point(|time| *time <= query.after.as_f64()).min(end);
        let cut = |column: &mut Vec<f64>| {
            column.truncate(end);
            column.drain(..start);
        };
        cut(&mut self.times);
        cut(&mut self.values);
        AnswerSeries { name: self.name.into(), step_ms, times: self.times, values: self.values }
    }
}

fn milliseconds(cursor: &mut Cursor<'_>) -> Result<f64, Flaw> {
    Ok((cursor.number()? * 1_000.0).round())
}
