//! Prometheus remote-write 1.0 (<https://prometheus.io/docs/specs/prw/remote_write_spec/>): a snappy block that holds a
//! `WriteRequest` in protobuf. The HTTP around it is the API's.

#[cfg(test)]
pub(crate) mod tests;
mod wire;

use std::sync::Arc;

use crate::domain::Millis;
use crate::source::local::{Acceptable, Clash, LocalStore, Sample};
use crate::source::promname::{self, METRIC};
use crate::source::{Input, Refusal, Refusals};

use super::book::{Book, out_of_time};
use wire::{Malformed, Series};

/// Largest request as it is sent, bytes. Prometheus sends 2,000 samples at a time, some 100 kB.
pub const LARGEST_BODY: usize = 16 << 20;
/// Largest request once it is unpacked, bytes.
pub const LARGEST_REQUEST: usize = 32 << 20;
/// The longest name of a series, bytes.
pub const LONGEST_NAME: usize = 2_048;

/// Why nothing of a request was taken.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("it unpacks to {0} bytes; at most {LARGEST_REQUEST} are taken")]
    TooLarge(usize),
    #[error("it is no snappy block: {0}")]
    Snappy(#[from] snap::Error),
}

/// The door for remote-write.
pub struct RemoteWrite {
    store: Arc<LocalStore>,
    input: Arc<Input>,
}

impl RemoteWrite {
    pub fn new(store: Arc<LocalStore>, input: Arc<Input>) -> Self {
        RemoteWrite { store, input }
    }

    /// Takes a request in, at `now`: what is good of it is stored, whatever else is in it. Gives what was refused.
    ///
    /// # Errors
    /// It cannot be unpacked: nothing of it was stored.
    pub fn take(&self, body: &[u8], now: Millis) -> Result<Refusals, Unreadable> {
        let request = unpack(body).inspect_err(|error| {
            let mut refusals = Refusals::default();
            refusals.add(Refusal::Malformed, error.to_string().as_bytes());
            self.input.refused(&mut refusals);
        })?;
        let mut taking = Taking::new(self, now);
        if let Err(Malformed) = taking.request(&request) {
            taking.book.refuse(Refusal::Malformed, b"not a WriteRequest in protobuf");
        }
        let refused = taking.book.hand_over(now);
        self.input.refused(&mut refused.clone());
        Ok(refused)
    }
}

/// The length is believed only so far as there is room for it.
fn unpack(body: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let length = snap::raw::decompress_len(body)?;
    if length > LARGEST_REQUEST {
        return Err(Unreadable::TooLarge(length));
    }
    Ok(snap::raw::Decoder::new().decompress_vec(body)?)
}

/// One request on its way.
struct Taking {
    book: Book,
    acceptable: Acceptable,
    /// Kept from series to series for its memory.
    name: String,
}

impl Taking {
    fn new(door: &RemoteWrite, now: Millis) -> Self {
        let book = Book::new(door.store.clone(), door.input.clone(), Clash::FirstCounts);
        let acceptable = book.acceptable(now);
        Taking { book, acceptable, name: String::new() }
    }

    fn request(&mut self, request: &[u8]) -> Result<(), Malformed> {
        let mut series = Series::default();
        for one in wire::series(request) {
            series.read(one?)?;
            self.series(&mut series);
        }
        Ok(())
    }

    fn series(&mut self, series: &mut Series<'_>) {
        self.name.clear();
        if series.labels.windows(2).any(|pair| pair[0] > pair[1]) {
            series.labels.sort_unstable();
        }
        promname::write(&series.labels, &mut self.name);
        if series.histograms > 0 {
            self.book.refuse_many(Refusal::Histogram, series.histograms, self.name.as_bytes());
        }
        let count = series.samples.len() as u64;
        if !is_sound(&series.labels) && count > 0 {
            return self.book.refuse_many(Refusal::BadName, count, self.name.as_bytes());
        }
        self.samples(&series.samples);
    }

    /// Times are looked at before names: what is refused makes no series.
    fn samples(&mut self, samples: &[(i64, f64)]) {
        let mut known = None;
        for (at, value) in samples {
            let series = match (out_of_time(*at, self.acceptable), known) {
                (Some(why), _) => Err(why),
                (None, Some(series)) => Ok(series),
                (None, None) => self.book.series(self.name.as_bytes(), valid_name),
            };
            match series {
                Ok(series) => {
                    known = Some(series);
                    self.book.push(Sample { series, at: *at, value: *value });
                }
                Err(why) => self.book.refuse(why, self.name.as_bytes()),
            }
        }
    }
}

/// Sorted labels of one series: a metric's name, and each label once, with a name.
fn is_sound(labels: &[(&str, &str)]) -> bool {
    let named = labels.iter().any(|(name, value)| *name == METRIC && !value.is_empty());
    let once = labels.windows(2).all(|pair| pair[0].0 != pair[1].0);
    named && once && labels.iter().all(|(name, _)| !name.is_empty())
}

fn valid_name(name: &[u8]) -> Result<&str, Refusal> {
    let name = std::str::from_utf8(name).map_err(|_| Refusal::BadName)?;
    if name.len() <= LONGEST_NAME { Ok(name) } else { Err(Refusal::BadName) }
}
