//! Series to be evaluated, in columns, refilled each time without new allocations.

use std::ops::Range;

use atalaya_api::level::Level;

use super::bindings::{level_to_wit, wit};
use super::records::RecordId;

/// Series of one check, in columns. Filled series by series: [`begin`](Batch::begin), then for each input its samples
/// and [`end_input`](Batch::end_input), then [`finish_series`](Batch::finish_series).
#[derive(Default)]
pub struct Batch {
    pub(super) records: Vec<RecordId>,
    nows: Vec<f64>,
    /// One end for each series and input, into `times`.
    ends: Vec<u32>,
    /// Where each series' ends end.
    ends_of: Vec<u32>,
    times: Vec<f64>,
    values: Vec<f64>,
    steps: Vec<f64>,
    held: Vec<wit::Level>,
    minutes: Vec<u16>,
    memory: Vec<u8>,
    /// Where each series' memory ends.
    memory_ends: Vec<u32>,
}

/// What a chunk of a batch needs besides slices of the batch; kept for its allocations.
#[derive(Default)]
pub(super) struct Scratch {
    ends: Vec<u32>,
    pub(super) slots: Vec<u32>,
}

impl Batch {
    /// Empties it; the allocations stay.
    pub fn clear(&mut self) {
        self.records.clear();
        self.nows.clear();
        self.ends.clear();
        self.ends_of.clear();
        self.times.clear();
        self.values.clear();
        self.steps.clear();
        self.held.clear();
        self.minutes.clear();
        self.memory.clear();
        self.memory_ends.clear();
    }

    /// Series in it.
    pub fn len(&self) -> usize {
        self.ends_of.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends_of.is_empty()
    }

    /// Starts a series: its rule's record, the instant it is judged at (Unix ms), ms between samples (0: unknown), the
    /// level its alarm holds, the minute of the week in the rule's zone, and the check's memory (empty at first).
    pub fn begin(
        &mut self,
        record: RecordId,
        now: f64,
        step: f64,
        held: Level,
        minute: u16,
        memory: Option<&[u8]>,
    ) {
        self.records.push(record);
        self.nows.push(now);
        self.steps.push(step);
        self.held.push(level_to_wit(held));
        self.minutes.push(minute);
        self.memory.extend_from_slice(memory.unwrap_or_default());
        self.memory_ends.push(self.memory.len() as u32);
    }

    /// One sample of the current input: Unix ms, oldest first; NaN is a bucket that the source says is empty.
    pub fn push(&mut self, time: f64, value: f64) {
        self.times.push(time);
        self.values.push(value);
    }

    /// Samples of the current input; the two are of the same length.
    pub fn extend(&mut self, times: &[f64], values: &[f64]) {
        debug_assert_eq!(times.len(), values.len());
        self.times.extend_from_slice(times);
        self.values.extend_from_slice(values);
    }

    /// The columns themselves, for a window that writes its samples straight into them. Both must grow alike.
    pub fn columns(&mut self) -> (&mut Vec<f64>, &mut Vec<f64>) {
        (&mut self.times, &mut self.values)
    }

    /// The current input is complete; the next one starts.
    pub fn end_input(&mut self) {
        debug_assert_eq!(self.times.len(), self.values.len());
        self.ends.push(self.times.len() as u32);
    }

    /// The current series is complete.
    pub fn finish_series(&mut self) {
        self.ends_of.push(self.ends.len() as u32);
    }

    /// Takes back a series that was begun and not finished, e.g. because its window holds too little.
    pub fn abandon_series(&mut self) {
        let series = self.len();
        self.records.truncate(series);
        self.nows.truncate(series);
        self.steps.truncate(series);
        self.held.truncate(series);
        self.minutes.truncate(series);
        self.memory_ends.truncate(series);
        self.memory.truncate(start_of(&self.memory_ends, series));
        self.ends.truncate(start_of(&self.ends_of, series));
        let samples = start_of(&self.ends, self.ends.len());
        self.times.truncate(samples);
        self.values.truncate(samples);
    }

    /// Samples of one series: the times, the values and the end of each input, counted from the series' first sample.
    pub fn samples(&self, series: usize) -> (&[f64], &[f64], impl Iterator<Item = u32>) {
        let ends = self.ends_of(series..series + 1);
        let samples = self.samples_of(ends.clone());
        let first = samples.start as u32;
        let ends = self.ends[ends].iter().map(move |end| end - first);
        (&self.times[samples.clone()], &self.values[samples], ends)
    }

    fn ends_of(&self, series: Range<usize>) -> Range<usize> {
        start_of(&self.ends_of, series.start)..start_of(&self.ends_of, series.end)
    }

    fn samples_of(&self, ends: Range<usize>) -> Range<usize> {
        start_of(&self.ends, ends.start)..start_of(&self.ends, ends.end)
    }

    /// Inputs that one series came with.
    pub(super) fn inputs(&self, series: usize) -> usize {
        self.ends_of(series..series + 1).len()
    }

    /// The memory of one series as the check left it.
    pub fn memory(&self, series: usize) -> &[u8] {
        &self.memory[start_of(&self.memory_ends, series)..start_of(&self.memory_ends, series + 1)]
    }

    /// These series as the contract hands them over: slices of the columns, and the ends counted anew.
    pub(super) fn part<'a>(
        &'a self,
        series: Range<usize>,
        scratch: &'a mut Scratch,
        memories: &'a [&'a [u8]],
    ) -> wit::Batch<'a> {
        let ends = self.ends_of(series.clone());
        let samples = self.samples_of(ends.clone());
        let first = samples.start as u32;
        scratch.ends.clear();
        scratch.ends.extend(self.ends[ends].iter().map(|end| end - first));
        wit::Batch {
            slots: &scratch.slots,
            nows: &self.nows[series.clone()],
            ends: &scratch.ends,
            times: &self.times[samples.clone()],
            values: &self.values[samples],
            steps: &self.steps[series.clone()],
            held: &self.held[series.clone()],
            minutes: &self.minutes[series],
            memories,
        }
    }
}

/// Where the stretch with this number starts, when `ends` says where each ends.
fn start_of(ends: &[u32], number: usize) -> usize {
    number.checked_sub(1).map_or(0, |before| ends[before] as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(batch: &mut Batch, record: u32, inputs: &[&[f64]]) {
        batch.begin(RecordId(record), 1e6, 0.0, Level::Ok, 0, Some(&[record as u8]));
        for input in inputs {
            batch.extend(input, input);
            batch.end_input();
        }
    }

    #[test]
    fn a_part_in_the_middle_counts_its_ends_from_its_own_first_sample() {
        let mut batch = Batch::default();
        for (record, inputs) in
            [(0, [&[1.0, 2.0][..], &[3.0]]), (1, [&[], &[4.0]]), (2, [&[5.0], &[6.0, 7.0]])]
        {
            fill(&mut batch, record, &inputs);
            batch.finish_series();
        }
        let mut scratch = Scratch::default();
        let part = batch.part(1..3, &mut scratch, &[]);
        assert_eq!(part.ends, [0, 1, 2, 4]);
        assert_eq!(part.times, [4.0, 5.0, 6.0, 7.0]);
        assert_eq!(batch.memory(2), [2]);
        let (times, _, ends) = batch.samples(2);
        assert_eq!((times, ends.collect::<Vec<_>>()), (&[5.0, 6.0, 7.0][..], vec![1, 3]));
    }

    #[test]
    fn an_abandoned_series_leaves_nothing_behind() {
        let mut batch = Batch::default();
        fill(&mut batch, 0, &[&[1.0]]);
        batch.finish_series();
        fill(&mut batch, 1, &[&[2.0, 3.0]]);
        batch.push(4.0, 4.0);
        batch.abandon_series();
        fill(&mut batch, 2, &[&[5.0]]);
        batch.finish_series();
        let mut scratch = Scratch::default();
        let part = batch.part(0..2, &mut scratch, &[]);
        assert_eq!((part.times, part.ends, part.nows.len()), (&[1.0, 5.0][..], &[1, 2][..], 2));
        assert_eq!((batch.records.len(), batch.memory(1)), (2, &[2][..]));
    }
}
