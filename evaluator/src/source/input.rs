//! A door through which samples arrive, and the book of what came and what was refused.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use atalaya_api::source::{Refused, SourceInput, SourceStatus};

use crate::domain::Millis;

/// Why something was not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    Malformed,
    BadName,
    NotANumber,
    FarFuture,
    TooOld,
    TooLate,
    TooManySeries,
    LineTooLong,
    Unfinished,
    TooManyConnections,
    Idle,
    /// There is a sample of this time already, with another value, and the first one counts.
    SameTime,
    /// A value that is no single number.
    Histogram,
    FrameTooLarge,
    UnfinishedFrame,
}

const REFUSALS: usize = 15;

impl Refusal {
    const ALL: [Refusal; REFUSALS] = [
        Refusal::Malformed,
        Refusal::BadName,
        Refusal::NotANumber,
        Refusal::FarFuture,
        Refusal::TooOld,
        Refusal::TooLate,
        Refusal::TooManySeries,
        Refusal::LineTooLong,
        Refusal::Unfinished,
        Refusal::TooManyConnections,
        Refusal::Idle,
        Refusal::SameTime,
        Refusal::Histogram,
        Refusal::FrameTooLarge,
        Refusal::UnfinishedFrame,
    ];

    /// As the sources view and the metrics name it.
    pub fn words(self) -> &'static str {
        match self {
            Refusal::Malformed => "malformed",
            Refusal::BadName => "bad name",
            Refusal::NotANumber => "not a number",
            Refusal::FarFuture => "far future",
            Refusal::TooOld => "too old",
            Refusal::TooLate => "too late",
            Refusal::TooManySeries => "too many series",
            Refusal::LineTooLong => "line too long",
            Refusal::Unfinished => "unfinished line",
            Refusal::TooManyConnections => "too many connections",
            Refusal::Idle => "idle connection",
            Refusal::SameTime => "same time",
            Refusal::Histogram => "native histogram",
            Refusal::FrameTooLarge => "frame too large",
            Refusal::UnfinishedFrame => "unfinished frame",
        }
    }
}

/// Longest example that is kept, characters.
const EXAMPLE: usize = 80;

/// Refusals of one stretch of input, booked together: a flood of bad lines costs no lock a line.
#[derive(Clone, Debug, Default)]
pub struct Refusals {
    counts: [u64; REFUSALS],
    examples: [Option<String>; REFUSALS],
}

impl Refusals {
    /// Counts one; the first of a stretch is the example.
    pub fn add(&mut self, why: Refusal, example: &[u8]) {
        let place = why as usize;
        self.counts[place] += 1;
        if self.examples[place].is_none() {
            self.examples[place] = Some(presentable(example));
        }
    }

    pub fn add_many(&mut self, why: Refusal, count: u64) {
        self.counts[why as usize] += count;
    }

    pub fn is_empty(&self) -> bool {
        self.counts.iter().all(|count| *count == 0)
    }

    /// What was refused: the reason, how often, and an example.
    pub fn each(&self) -> impl Iterator<Item = (Refusal, u64, Option<&str>)> {
        let counted = Refusal::ALL.into_iter().zip(self.counts).zip(&self.examples);
        counted
            .filter(|((_, count), _)| *count > 0)
            .map(|((why, count), example)| (why, count, example.as_deref()))
    }
}

/// Cut short and without control characters.
fn presentable(line: &[u8]) -> String {
    // A character has at most four bytes: more cannot be shown.
    let start = &line[..line.len().min(EXAMPLE * 4)];
    String::from_utf8_lossy(start).chars().filter(|c| !c.is_control()).take(EXAMPLE).collect()
}

/// One door.
pub struct Input {
    name: &'static str,
    samples: AtomicU64,
    last_sample_at: AtomicI64,
    refused: [AtomicU64; REFUSALS],
    examples: Mutex<[Option<String>; REFUSALS]>,
    condition: Mutex<Condition>,
}

struct Condition {
    address: Option<String>,
    status: SourceStatus,
    detail: Option<String>,
}

impl Input {
    /// A door that is not open yet.
    pub fn new(name: &'static str) -> Self {
        let condition = Condition { address: None, status: SourceStatus::Ok, detail: None };
        Input {
            name,
            samples: AtomicU64::new(0),
            last_sample_at: AtomicI64::new(i64::MIN),
            refused: Default::default(),
            examples: Mutex::default(),
            condition: Mutex::new(condition),
        }
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Samples that came in at `now`; `newest` is the latest of their own times.
    pub fn accepted(&self, samples: u64, newest: Millis) {
        self.samples.fetch_add(samples, Ordering::Relaxed);
        self.last_sample_at.fetch_max(newest.0, Ordering::Relaxed);
    }

    pub fn refused(&self, refusals: &mut Refusals) {
        if refusals.is_empty() {
            return;
        }
        let taken = std::mem::take(refusals);
        for (total, count) in self.refused.iter().zip(taken.counts) {
            total.fetch_add(count, Ordering::Relaxed);
        }
        let mut examples = lock(&self.examples);
        for (held, new) in examples.iter_mut().zip(taken.examples) {
            if new.is_some() {
                *held = new;
            }
        }
    }

    /// Open, at this address if it has one.
    pub fn open(&self, address: Option<String>) {
        *lock(&self.condition) = Condition { address, status: SourceStatus::Ok, detail: None };
    }

    /// Not well, and why; the address is the one that it wants.
    pub fn trouble(&self, status: SourceStatus, address: Option<String>, detail: String) {
        *lock(&self.condition) = Condition { address, status, detail: Some(detail) };
    }

    /// Samples that came in since the start.
    pub fn samples(&self) -> u64 {
        self.samples.load(Ordering::Relaxed)
    }

    pub fn refused_for(&self, why: Refusal) -> u64 {
        self.refused[why as usize].load(Ordering::Relaxed)
    }

    /// As the sources view shows it.
    pub fn view(&self) -> SourceInput {
        let examples = lock(&self.examples).clone();
        let refused = Refusal::ALL.into_iter().zip(examples).filter_map(|(why, example)| {
            let count = self.refused_for(why);
            (count > 0).then(|| Refused { reason: why.words().to_owned(), count, example })
        });
        let last = self.last_sample_at.load(Ordering::Relaxed);
        let condition = lock(&self.condition);
        SourceInput {
            name: self.name.to_owned(),
            address: condition.address.clone(),
            status: condition.status,
            detail: condition.detail.clone(),
            samples: self.samples(),
            last_sample_at: (last != i64::MIN).then(|| Millis(last).timestamp()),
            refused: refused.collect(),
        }
    }
}

// Each is replaced as a whole: what a panicking thread leaves behind can be read.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{Input, Refusal, Refusals};

    #[test]
    fn what_is_refused_is_counted_by_reason_with_the_latest_example() {
        let input = Input::new("carbon");
        let mut refusals = Refusals::default();
        refusals.add(Refusal::Malformed, b"first\x1b[31m");
        refusals.add(Refusal::Malformed, b"second");
        input.refused(&mut refusals);
        refusals.add(Refusal::FarFuture, &[b'x'; 5_000]);
        input.refused(&mut refusals);
        let refused = input.view().refused;
        assert_eq!((refused[0].reason.as_str(), refused[0].count), ("malformed", 2));
        assert_eq!(refused[0].example.as_deref(), Some("first[31m"));
        assert_eq!((refused[1].reason.as_str(), refused[1].count), ("far future", 1));
        assert_eq!(refused[1].example.as_ref().map(String::len), Some(80));
    }
}
