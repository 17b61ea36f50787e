//! The contract v1 as Rust types, generated from the WIT, and the way between them and the domain's words.

use atalaya_api::level::Level;

use crate::domain::{Outcome, RuleRecord, Unknown, UnknownKind, Verdict};

use super::text::{WORDS, clean};

wasmtime::component::bindgen!({
    world: "check-plugin",
    path: "../checks-wit/wit/v1",
    ownership: Borrowing { duplicate_if_necessary: true },
});

pub(super) use exports::atalaya::check::check as wit;

/// Most bytes that a check may keep for a series.
pub const MEMORY_BYTES: usize = 4096;

pub(super) fn level_to_wit(level: Level) -> wit::Level {
    match level {
        Level::Ok => wit::Level::Ok,
        Level::Warning => wit::Level::Warning,
        Level::Major => wit::Level::Major,
        Level::Critical => wit::Level::Critical,
    }
}

pub(super) fn level_from_wit(level: wit::Level) -> Level {
    match level {
        wit::Level::Ok => Level::Ok,
        wit::Level::Warning => Level::Warning,
        wit::Level::Major => Level::Major,
        wit::Level::Critical => Level::Critical,
    }
}

pub(super) fn rule_to_wit(record: &RuleRecord) -> wit::Rule<'_> {
    wit::Rule {
        params: &record.params,
        ok_margin: record.ok_margin,
        interval: record.interval_ms,
        unit: &record.unit,
        time_zone: &record.time_zone,
        options: &[],
    }
}

/// One answer of a batch.
///
/// # Errors
/// The answer is none that the contract allows. (No level comes from a NaN: a comparison with it is always false, so a
/// check that was misled by one would say ok.)
pub(super) fn outcome(answer: Result<wit::Verdict, wit::CheckError>) -> Result<Outcome, Unknown> {
    let wrong = |words: &str| Err(Unknown::with_words(UnknownKind::WrongAnswer, words));
    match answer {
        Ok(verdict) if verdict.value.is_some_and(f64::is_nan) => wrong("the value judged is not a number"),
        Ok(verdict) if verdict.memory.as_ref().is_some_and(|memory| memory.len() > MEMORY_BYTES) => {
            wrong("more than 4 KiB of memory")
        }
        Ok(verdict) => Ok(Ok(Verdict {
            level: level_from_wit(verdict.level),
            value: verdict.value,
            memory: verdict.memory,
        })),
        Err(error) => Ok(Err(refusal(error))),
    }
}

fn refusal(error: wit::CheckError) -> Unknown {
    let (kind, words) = match error {
        wit::CheckError::NotEnoughData(words) => (UnknownKind::NotEnoughData, words),
        wit::CheckError::Failed(words) => (UnknownKind::Failed, words),
    };
    let words = clean(&words, WORDS);
    if words.is_empty() { Unknown::of(kind) } else { Unknown::with_words(kind, words) }
}
