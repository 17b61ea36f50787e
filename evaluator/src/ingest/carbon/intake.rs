//! From the bytes of a connection to samples in the store.

use std::sync::Arc;

use super::LONGEST_LINE;
use super::line::{Line, parse, valid_name};
use crate::domain::Millis;
use crate::source::local::{Acceptable, LocalStore, Sample, SeriesId};
use crate::source::{Input, Refusal, Refusals};

/// Takes in one connection's bytes. Between two calls it holds the unfinished last line, at most 4 KiB.
pub struct Intake {
    store: Arc<LocalStore>,
    input: Arc<Input>,
    /// The beginning of a line whose end has not come.
    begun: Vec<u8>,
    /// The line that is coming is too long: nothing of it counts.
    skipping: bool,
    samples: Vec<Sample>,
    refusals: Refusals,
}

impl Intake {
    pub fn new(store: Arc<LocalStore>, input: Arc<Input>) -> Self {
        let (begun, samples) = (Vec::new(), Vec::new());
        Intake { store, input, begun, skipping: false, samples, refusals: Refusals::default() }
    }

    /// Takes in what was read at `now`; gives whether a line ended in it.
    pub fn take(&mut self, bytes: &[u8], now: Millis) -> bool {
        let Some(last) = bytes.iter().rposition(|byte| *byte == b'\n') else {
            self.begin(bytes);
            self.book(now);
            return false;
        };
        let (lines, rest) = (&bytes[..last], &bytes[last + 1..]);
        let acceptable = self.store.acceptable(now);
        let mut lines = lines.split(|byte| *byte == b'\n');
        self.finish(lines.next().unwrap_or_default(), acceptable, now);
        for line in lines {
            self.line(line, acceptable, now);
        }
        self.begin(rest);
        self.book(now);
        true
    }

    /// The connection has ended; a line without an end does not count, since its number may be cut short.
    pub fn end(&mut self, now: Millis) {
        if !self.begun.is_empty() {
            self.refusals.add(Refusal::Unfinished, &self.begun);
        }
        self.begun.clear();
        self.book(now);
    }

    /// The rest of the line that was begun earlier.
    fn finish(&mut self, end: &[u8], acceptable: Acceptable, now: Millis) {
        if std::mem::take(&mut self.skipping) {
            return;
        }
        if self.begun.is_empty() {
            return self.line(end, acceptable, now);
        }
        let mut line = std::mem::take(&mut self.begun);
        line.extend_from_slice(&end[..end.len().min(LONGEST_LINE + 1)]);
        self.line(&line, acceptable, now);
        line.clear();
        self.begun = line;
    }

    fn begin(&mut self, bytes: &[u8]) {
        if self.skipping {
            return;
        }
        if self.begun.len() + bytes.len() <= LONGEST_LINE {
            self.begun.extend_from_slice(bytes);
            return;
        }
        let example = if self.begun.is_empty() { bytes } else { &self.begun };
        self.refusals.add(Refusal::LineTooLong, example);
        self.begun = Vec::new();
        self.skipping = true;
    }

    fn line(&mut self, line: &[u8], acceptable: Acceptable, now: Millis) {
        match parse(line)
            .and_then(|parsed| parsed.map(|parsed| self.sample(parsed, acceptable, now)).transpose())
        {
            Ok(Some(sample)) => self.samples.push(sample),
            Ok(None) => {}
            Err(why) => self.refusals.add(why, line),
        }
    }

    /// Times are looked at before names: what is refused makes no series.
    fn sample(&self, line: Line<'_>, acceptable: Acceptable, now: Millis) -> Result<Sample, Refusal> {
        let at = line.at.unwrap_or(now.0);
        if at > acceptable.newest {
            return Err(Refusal::FarFuture);
        }
        if at < acceptable.oldest {
            return Err(Refusal::TooOld);
        }
        Ok(Sample { series: self.series(line.name)?, at, value: line.value })
    }

    fn series(&self, name: &[u8]) -> Result<SeriesId, Refusal> {
        match self.store.lookup(name) {
            Some(known) => Ok(known),
            None => self.store.intern(valid_name(name)?).map_err(|_| Refusal::TooManySeries),
        }
    }

    /// Hands the samples to the store and the counts to the book.
    fn book(&mut self, now: Millis) {
        let appended = self.store.append(&self.samples, now);
        if let Some(late) = appended.late_example {
            let name = self.store.name(late.series).unwrap_or_default();
            let example = format!("{name} {} {}", late.value, late.at as f64 / 1_000.0);
            self.refusals.add(Refusal::TooLate, example.as_bytes());
            self.refusals.add_many(Refusal::TooLate, appended.too_late - 1);
        }
        if let Some(newest) = self.samples.iter().map(|sample| sample.at).max() {
            self.input.accepted(appended.accepted, Millis(newest));
        }
        self.input.refused(&mut self.refusals);
        self.samples.clear();
    }
}
