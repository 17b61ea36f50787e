//! From the bytes of a connection to samples in the store.

use std::sync::Arc;

use super::LONGEST_LINE;
use super::line::{Line, parse, valid_name};
use super::server::{Conversation, Heard};
use crate::domain::Millis;
use crate::ingest::book::{Book, out_of_time};
use crate::source::local::{Acceptable, Clash, LocalStore, Sample};
use crate::source::{Input, Refusal};

/// Takes in one connection's bytes. Between two calls it holds the unfinished last line, at most 4 KiB.
pub struct Intake {
    book: Book,
    /// The beginning of a line whose end has not come.
    begun: Vec<u8>,
    /// The line that is coming is too long: nothing of it counts.
    skipping: bool,
}

impl Intake {
    pub fn new(store: Arc<LocalStore>, input: Arc<Input>) -> Self {
        let book = Book::new(store, input, Clash::LastCounts);
        Intake { book, begun: Vec::new(), skipping: false }
    }

    /// Takes in what was read at `now`; gives whether a line ended in it.
    pub fn take(&mut self, bytes: &[u8], now: Millis) -> bool {
        let Some(last) = bytes.iter().rposition(|byte| *byte == b'\n') else {
            self.begin(bytes);
            self.book.close(now);
            return false;
        };
        let (lines, rest) = (&bytes[..last], &bytes[last + 1..]);
        let acceptable = self.book.acceptable(now);
        let mut lines = lines.split(|byte| *byte == b'\n');
        self.finish(lines.next().unwrap_or_default(), acceptable, now);
        for line in lines {
            self.line(line, acceptable, now);
        }
        self.begin(rest);
        self.book.close(now);
        true
    }

    /// The connection has ended; a line without an end does not count, since its number may be cut short.
    pub fn end(&mut self, now: Millis) {
        if !self.begun.is_empty() {
            self.book.refuse(Refusal::Unfinished, &self.begun);
        }
        self.begun.clear();
        self.book.close(now);
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
        self.book.refuse(Refusal::LineTooLong, example);
        self.begun = Vec::new();
        self.skipping = true;
    }

    fn line(&mut self, line: &[u8], acceptable: Acceptable, now: Millis) {
        match parse(line)
            .and_then(|parsed| parsed.map(|parsed| self.sample(parsed, acceptable, now)).transpose())
        {
            Ok(Some(sample)) => self.book.push(sample),
            Ok(None) => {}
            Err(why) => self.book.refuse(why, line),
        }
    }

    /// Times are looked at before names: what is refused makes no series.
    fn sample(&self, line: Line<'_>, acceptable: Acceptable, now: Millis) -> Result<Sample, Refusal> {
        let at = line.at.unwrap_or(now.0);
        if let Some(why) = out_of_time(at, acceptable) {
            return Err(why);
        }
        Ok(Sample { series: self.book.series(line.name, valid_name)?, at, value: line.value })
    }
}

impl Conversation for Intake {
    fn take(&mut self, bytes: &[u8], now: Millis) -> Heard {
        if self.take(bytes, now) { Heard::Something } else { Heard::Nothing }
    }

    fn end(&mut self, now: Millis) {
        self.end(now);
    }
}
