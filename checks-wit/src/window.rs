//! What a check sees of one series: slices of the batch's columns, nothing copied.

use crate::model::{Level, Rule};

/// A timestamped value. `time` is whole milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    pub time: f64,
    pub value: f64,
}

/// A stretch of time in milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    pub start: f64,
    pub end: f64,
}

/// Samples of one series, oldest first. NaN is a bucket that the source says is empty; infinities are values.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Samples<'a> {
    times: &'a [f64],
    values: &'a [f64],
}

impl<'a> Samples<'a> {
    /// # Panics
    /// When the columns differ in length.
    pub fn new(times: &'a [f64], values: &'a [f64]) -> Self {
        assert_eq!(times.len(), values.len(), "times and values differ");
        Samples { times, values }
    }

    /// Milliseconds since the Unix epoch, ascending.
    pub fn times(&self) -> &'a [f64] {
        self.times
    }

    /// As long as [`times`](Self::times).
    pub fn values(&self) -> &'a [f64] {
        self.values
    }

    /// How many, empty buckets included.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// All of them, empty buckets (NaN) included.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Sample> + use<'a> {
        let pairs = self.times.iter().zip(self.values);
        pairs.map(|(&time, &value)| Sample { time, value })
    }

    /// Those that have a value.
    pub fn known(&self) -> impl DoubleEndedIterator<Item = Sample> + use<'a> {
        self.iter().filter(|sample| !sample.value.is_nan())
    }

    /// The newest that has a value.
    pub fn last(&self) -> Option<Sample> {
        self.known().next_back()
    }

    /// The stretches between neighbouring known samples that lie more than 1.5 `step` milliseconds apart.
    /// A step of 0 (unknown) finds none.
    pub fn gaps(&self, step: f64) -> impl Iterator<Item = Span> + use<'a> {
        let after = self.known().skip(1);
        let pairs = self.known().zip(after);
        let wide = move |&(a, b): &(Sample, Sample)| step > 0.0 && b.time - a.time > 1.5 * step;
        pairs.filter(wide).map(|(a, b)| Span { start: a.time, end: b.time })
    }
}

/// The samples of one evaluation: one piece per [`Input`](crate::Input) that the rule asked for.
#[derive(Clone, Copy, Debug)]
pub struct Window<'a> {
    /// Where the first piece starts in the columns.
    start: usize,
    /// Where each piece ends.
    ends: &'a [u32],
    times: &'a [f64],
    values: &'a [f64],
}

impl<'a> Window<'a> {
    /// Pieces that follow each other in the columns from `start` on, each up to its end.
    ///
    /// # Panics
    /// When an end lies before its start or beyond a column: columns that contradict each other are
    /// never read on a guess.
    pub(crate) fn new(start: usize, ends: &'a [u32], times: &'a [f64], values: &'a [f64]) -> Self {
        let mut from = start;
        for &end in ends {
            assert!(from <= end as usize, "an end lies before its start");
            from = end as usize;
        }
        assert!(from <= times.len() && from <= values.len(), "an end lies beyond the samples");
        Window { start, ends, times, values }
    }

    /// How many pieces.
    pub fn inputs(&self) -> usize {
        self.ends.len()
    }

    /// Piece `index`, in the order the rule asked for them.
    ///
    /// # Panics
    /// When there is no such piece.
    pub fn input(&self, index: usize) -> Samples<'a> {
        let end = self.ends[index] as usize;
        let start = match index {
            0 => self.start,
            _ => self.ends[index - 1] as usize,
        };
        Samples { times: &self.times[start..end], values: &self.values[start..end] }
    }

    /// The first piece; for most checks the only one.
    pub fn samples(&self) -> Samples<'a> {
        self.input(0)
    }

    /// The newest sample of the first piece that has a value.
    pub fn last(&self) -> Option<Sample> {
        self.samples().last()
    }
}

/// Everything else that an evaluation may depend on.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The instant that is judged, in milliseconds since the Unix epoch; the window ends there.
    pub now: f64,
    /// The level that the series' alarm holds; ok if there is none.
    pub held: Level,
    /// Minute of the week at `now` in the rule's time zone: 0 (Monday 00:00) to 10079.
    pub minute: u16,
    /// Milliseconds between samples as the source knows it, 0: unknown.
    pub step: f64,
    /// What the last verdict with a memory remembered; empty at first.
    pub memory: &'a [u8],
    pub rule: &'a Rule,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAN: f64 = f64::NAN;

    #[test]
    fn the_last_sample_is_the_newest_with_a_value() {
        let samples = Samples::new(&[10.0, 20.0, 30.0], &[1.0, f64::INFINITY, NAN]);
        let last = Sample { time: 20.0, value: f64::INFINITY };
        assert_eq!(samples.last(), Some(last));
        assert_eq!(samples.known().count(), 2);
        assert_eq!(samples.len(), 3);
        assert_eq!(Samples::new(&[1.0], &[NAN]).last(), None);
        assert_eq!(Samples::default().last(), None);
    }

    #[test]
    fn a_gap_is_more_than_one_and_a_half_steps_between_values() {
        let times = [0.0, 10.0, 25.0, 41.0, 50.0, 60.0, 70.0];
        let values = [1.0, 1.0, 1.0, 1.0, NAN, 1.0, 1.0];
        let samples = Samples::new(&times, &values);
        let gaps: Vec<(f64, f64)> = samples.gaps(10.0).map(|gap| (gap.start, gap.end)).collect();
        assert_eq!(gaps, [(25.0, 41.0), (41.0, 60.0)]);
        assert_eq!(samples.gaps(0.0).count(), 0);
    }

    #[test]
    fn pieces_follow_each_other_in_the_columns_without_being_copied() {
        let times = [1.0, 2.0, 3.0, 4.0, 5.0];
        let window = Window::new(1, &[2, 2, 5], &times, &times);
        let lengths: Vec<usize> = (0..window.inputs()).map(|k| window.input(k).len()).collect();
        assert_eq!(lengths, [1, 0, 3]);
        assert_eq!(window.samples().times(), [2.0]);
        assert_eq!(window.input(2).values(), [3.0, 4.0, 5.0]);
        assert!(std::ptr::eq(&window.input(2).times()[0], &times[2]));
    }
}
