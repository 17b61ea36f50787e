//! Evidence: what a run of evaluations saw, compact, complete enough to judge it again.

use serde::{Deserialize, Serialize};

use super::ids::Sha256;
use super::verdict::Outcome;
use atalaya_api::level::Level;

/// One evaluation as it was made: everything the check was handed, and what it answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluated {
    /// The instant its windows end, Unix ms.
    pub now: f64,
    pub held: Level,
    /// Minute of the week in the rule's zone, Monday 00:00 = 0.
    pub minute: u16,
    /// Ms between samples as the source knew it, 0 = unknown.
    pub step: f64,
    pub outcome: Outcome,
    /// Unix ms, oldest first, the inputs one after the other.
    pub times: Vec<f64>,
    pub values: Vec<f64>,
    /// Where each input ends within `times`.
    pub ends: Vec<u32>,
}

/// The evaluations that led to a transition, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// sha256 of the check's component.
    pub check: Sha256,
    /// sha256 of the rule record's canonical JSON.
    pub record: Sha256,
    /// The check's memory before the first evaluation.
    pub first_memory: Option<Vec<u8>>,
    pub evaluations: Vec<Evaluated>,
}

/// The bytes are not an encoded run.
#[derive(Debug, thiserror::Error)]
#[error("stored evidence cannot be read: {0}")]
pub struct EvidenceError(String);

/// As stored. Windows of a run overlap, so the samples are kept once and each evaluation names stretches of them.
#[derive(Serialize, Deserialize)]
struct Encoded {
    check: [u8; 32],
    record: [u8; 32],
    first_memory: Option<Vec<u8>>,
    base: i64,
    /// Ms after the sample before it (the first: after `base`).
    deltas: Vec<i64>,
    /// The bits of each value, so that a NaN comes back as it was.
    values: Vec<[u8; 8]>,
    evaluations: Vec<EncodedEvaluation>,
}

#[derive(Serialize, Deserialize)]
struct EncodedEvaluation {
    now: i64,
    held: u8,
    minute: u16,
    step: i64,
    outcome: Outcome,
    /// Per input: where it starts in the samples, how many.
    stretches: Vec<(u32, u32)>,
}

#[derive(Default)]
struct Samples {
    times: Vec<i64>,
    values: Vec<u64>,
}

impl Samples {
    /// Where these samples stand, appending what is not there yet.
    ///
    /// They are looked for as one stretch, from the newest back: that is how windows of a run overlap.
    fn place(&mut self, times: &[f64], values: &[f64]) -> (u32, u32) {
        let wanted: Vec<(i64, u64)> =
            times.iter().zip(values).map(|(time, value)| (*time as i64, value.to_bits())).collect();
        let start =
            (0..=self.times.len()).find(|start| self.continues(*start, &wanted)).unwrap_or(self.times.len());
        let known = self.times.len() - start;
        for (time, bits) in wanted.iter().skip(known) {
            self.times.push(*time);
            self.values.push(*bits);
        }
        (start as u32, wanted.len() as u32)
    }

    /// Whether what is kept from `start` on equals the beginning of `wanted`.
    fn continues(&self, start: usize, wanted: &[(i64, u64)]) -> bool {
        let kept = self.times[start..].iter().copied().zip(self.values[start..].iter().copied());
        kept.zip(wanted).all(|(kept, wanted)| kept == *wanted)
    }
}

impl Run {
    /// As stored; about 400 bytes for three evaluations of 12 samples.
    pub fn encode(&self) -> Vec<u8> {
        let mut samples = Samples::default();
        let evaluations = self.evaluations.iter().map(|one| encode_evaluation(one, &mut samples)).collect();
        let base = samples.times.first().copied().unwrap_or_default();
        let mut before = base;
        let deltas = samples
            .times
            .iter()
            .map(|time| time.wrapping_sub(std::mem::replace(&mut before, *time)))
            .collect();
        let encoded = Encoded {
            check: self.check.0,
            record: self.record.0,
            first_memory: self.first_memory.clone(),
            base,
            deltas,
            values: samples.values.iter().map(|bits| bits.to_le_bytes()).collect(),
            evaluations,
        };
        postcard::to_stdvec(&encoded).expect("plain data of known lengths can always be written")
    }

    /// What was encoded.
    ///
    /// # Errors
    /// The bytes are cut short, or name samples that are not there.
    pub fn decode(bytes: &[u8]) -> Result<Run, EvidenceError> {
        let encoded: Encoded =
            postcard::from_bytes(bytes).map_err(|error| EvidenceError(error.to_string()))?;
        let mut time = encoded.base;
        let times: Vec<i64> = encoded
            .deltas
            .iter()
            .map(|delta| {
                time = time.wrapping_add(*delta);
                time
            })
            .collect();
        let values: Vec<f64> = encoded.values.iter().map(|bits| f64::from_le_bytes(*bits)).collect();
        let decode = |one| decode_evaluation(one, &times, &values);
        Ok(Run {
            check: Sha256(encoded.check),
            record: Sha256(encoded.record),
            first_memory: encoded.first_memory,
            evaluations: encoded.evaluations.into_iter().map(decode).collect::<Result<_, _>>()?,
        })
    }
}

fn encode_evaluation(one: &Evaluated, samples: &mut Samples) -> EncodedEvaluation {
    let mut start = 0;
    let stretches = one
        .ends
        .iter()
        .map(|end| {
            let range = start..*end as usize;
            start = *end as usize;
            samples.place(&one.times[range.clone()], &one.values[range])
        })
        .collect();
    EncodedEvaluation {
        now: one.now as i64,
        held: one.held as u8,
        minute: one.minute,
        step: one.step as i64,
        outcome: one.outcome.clone(),
        stretches,
    }
}

fn decode_evaluation(
    one: EncodedEvaluation,
    all_times: &[i64],
    all_values: &[f64],
) -> Result<Evaluated, EvidenceError> {
    let missing = || EvidenceError("it names samples that are not there".to_owned());
    let (mut times, mut values, mut ends) = (Vec::new(), Vec::new(), Vec::new());
    for (start, length) in one.stretches {
        let range = start as usize..start as usize + length as usize;
        times.extend(all_times.get(range.clone()).ok_or_else(missing)?.iter().map(|time| *time as f64));
        values.extend(all_values.get(range).ok_or_else(missing)?);
        ends.push(times.len() as u32);
    }
    let held = Level::from_number(one.held).ok_or_else(|| EvidenceError("it names no level".to_owned()))?;
    Ok(Evaluated {
        now: one.now as f64,
        held,
        minute: one.minute,
        step: one.step as f64,
        outcome: one.outcome,
        times,
        values,
        ends,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Unknown, UnknownKind, Verdict};

    fn evaluated(now: f64, samples: std::ops::Range<i64>) -> Evaluated {
        let times: Vec<f64> = samples.clone().map(|n| (n * 10_000) as f64).collect();
        let values = samples.map(|n| n as f64 * 1.1).collect();
        let outcome = Ok(Verdict { level: Level::Major, value: Some(1.1), memory: None });
        let ends = vec![times.len() as u32];
        Evaluated { now, held: Level::Ok, minute: 7, step: 10_000.0, outcome, times, values, ends }
    }

    fn run(evaluations: Vec<Evaluated>) -> Run {
        Run { check: Sha256([1; 32]), record: Sha256([2; 32]), first_memory: None, evaluations }
    }

    #[test]
    fn three_evaluations_of_twelve_samples_take_about_four_hundred_bytes() {
        let t = 1_700_000_000;
        let run = run((0..3).map(|n| evaluated((t + n) as f64 * 10_000.0, t + n..t + n + 12)).collect());
        let bytes = run.encode();
        assert!(bytes.len() < 400, "{} bytes", bytes.len());
        assert_eq!(Run::decode(&bytes).expect("it was just encoded"), run);
    }

    #[test]
    fn a_sample_that_changed_between_two_evaluations_is_kept_as_each_saw_it() {
        let mut second = evaluated(2e6, 1..13);
        second.values[3] = -5.0;
        let run = run(vec![evaluated(1e6, 0..12), second]);
        assert_eq!(Run::decode(&run.encode()).expect("it was just encoded"), run);
    }

    #[test]
    fn an_unknown_verdict_with_an_empty_window_is_kept() {
        let mut one = evaluated(1e6, 0..0);
        one.outcome = Err(Unknown::of(UnknownKind::NotEnoughData));
        let run = run(vec![one]);
        assert_eq!(Run::decode(&run.encode()).expect("it was just encoded"), run);
    }

    #[test]
    fn bytes_cut_short_are_an_error() {
        let bytes = run(vec![evaluated(1e6, 0..12)]).encode();
        for length in 0..bytes.len() {
            assert!(Run::decode(&bytes[..length]).is_err(), "{length} bytes");
        }
    }
}
