//! Pickled batches: a big-endian u32 with the length of what follows, then a pickle of `[(path, (timestamp, value)), ...]`.

use std::sync::Arc;

use super::line::{instant_of, valid_name};
use super::pickle::{Datum, read};
use super::server::{Conversation, Heard};
use super::{LARGEST_FRAME, LONGEST_LINE};
use crate::domain::Millis;
use crate::ingest::book::{Book, out_of_time};
use crate::source::local::{Acceptable, Clash, LocalStore, Sample};
use crate::source::{Input, Refusal};

/// Bytes of the length.
const HEADER: usize = 4;
/// What a connection keeps between batches, bytes.
const KEPT: usize = 64 * 1_024;

/// Takes in one connection's bytes. Between two calls it holds the unfinished last batch, at most 1 MiB.
pub struct PickleIntake {
    book: Book,
    /// The beginning of a batch with its length.
    begun: Vec<u8>,
}

impl PickleIntake {
    pub fn new(store: Arc<LocalStore>, input: Arc<Input>) -> Self {
        PickleIntake { book: Book::new(store, input, Clash::LastCounts), begun: Vec::new() }
    }

    /// How many bytes the current batch has with its length, once that is known.
    fn whole(&self) -> Option<usize> {
        let length = self.begun.first_chunk::<HEADER>()?;
        Some(HEADER + u32::from_be_bytes(*length) as usize)
    }

    fn batch(&mut self, now: Millis) {
        let batch = std::mem::take(&mut self.begun);
        let acceptable = self.book.acceptable(now);
        let bytes = &batch[HEADER..];
        if read(bytes, |datum| self.datum(datum, acceptable, now)).is_err() {
            self.book.refuse(Refusal::Malformed, bytes);
        }
        self.book.close(now);
        self.begun = batch;
        self.begun.clear();
        self.begun.shrink_to(KEPT);
    }

    fn datum(&mut self, datum: Option<Datum<'_>>, acceptable: Acceptable, now: Millis) {
        let Some(datum) = datum else {
            return self.book.refuse(Refusal::Malformed, b"no (path, (timestamp, value))");
        };
        match self.sample(&datum, acceptable, now) {
            Ok(sample) => self.book.push(sample),
            Err(why) => self.book.refuse(why, &datum.name[..datum.name.len().min(LONGEST_LINE)]),
        }
    }

    fn sample(&self, datum: &Datum<'_>, acceptable: Acceptable, now: Millis) -> Result<Sample, Refusal> {
        if datum.value.is_nan() {
            return Err(Refusal::NotANumber);
        }
        let at = instant_of(datum.seconds)?.unwrap_or(now.0);
        if let Some(why) = out_of_time(at, acceptable) {
            return Err(why);
        }
        Ok(Sample { series: self.book.series(datum.name, valid_name)?, at, value: datum.value })
    }
}

impl PickleIntake {
    /// Takes in what was read at `now`.
    pub fn take(&mut self, mut bytes: &[u8], now: Millis) -> Heard {
        let mut heard = Heard::Nothing;
        while !bytes.is_empty() {
            let missing = self.whole().unwrap_or(HEADER) - self.begun.len();
            let (more, rest) = bytes.split_at(missing.min(bytes.len()));
            self.begun.extend_from_slice(more);
            bytes = rest;
            let Some(whole) = self.whole() else { break };
            if whole > HEADER + LARGEST_FRAME {
                // Most likely another protocol: the first four letters of a line are a length, too.
                self.book.refuse(Refusal::FrameTooLarge, &self.begun);
                self.begun.clear();
                self.book.close(now);
                return Heard::Gibberish;
            }
            if self.begun.len() == whole {
                self.batch(now);
                heard = Heard::Something;
            }
        }
        heard
    }
}

impl Conversation for PickleIntake {
    fn take(&mut self, bytes: &[u8], now: Millis) -> Heard {
        self.take(bytes, now)
    }

    fn end(&mut self, now: Millis) {
        if !self.begun.is_empty() {
            let shown = self.begun.len().min(LONGEST_LINE);
            self.book.refuse(Refusal::UnfinishedFrame, &self.begun[..shown]);
        }
        self.begun.clear();
        self.book.close(now);
    }
}
