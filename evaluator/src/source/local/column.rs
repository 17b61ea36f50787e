//! The hot samples of one series.

/// One sample in 12 bytes: ms after the column's base, then the value's bits, low half first.
/// One piece of memory a series, so that a window costs as few cache misses as it can.
#[derive(Clone, Copy)]
struct Packed([u32; 3]);

impl Packed {
    fn new(offset: u32, value: f64) -> Self {
        let bits = value.to_bits();
        Packed([offset, bits as u32, (bits >> 32) as u32])
    }

    fn offset(self) -> u32 {
        self.0[0]
    }

    fn value(self) -> f64 {
        f64::from_bits(u64::from(self.0[2]) << 32 | u64::from(self.0[1]))
    }
}

/// Samples in the order of their times, no two of one time.
pub struct Column {
    base: i64,
    /// Everything after this instant (ms) is here; `i64::MIN` when nothing ever left.
    complete_from: i64,
    /// Evaluations look back this many ms: trimming leaves them what they need.
    pub reach: u32,
    samples: Vec<Packed>,
}

/// What became of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    Added,
    /// A sample of the same time was there: the last one wins.
    Replaced,
    /// Belongs to a stretch that has left memory already.
    BeforeHot,
}

/// Gaps that `step` looks at: enough to outvote two holes.
const GAPS: usize = 5;

impl Column {
    pub fn new(complete_from: i64) -> Self {
        Column { base: 0, complete_from, reach: 0, samples: Vec::new() }
    }

    pub fn len(&self) -> usize {
        self.samples.len()
    }

    pub fn complete_from(&self) -> i64 {
        self.complete_from
    }

    pub fn newest(&self) -> Option<(i64, f64)> {
        self.samples.last().map(|sample| self.open(*sample))
    }

    /// The value at exactly this time.
    pub fn at(&self, at: i64) -> Option<f64> {
        self.between(at.saturating_sub(1), at).first().map(|sample| sample.value())
    }

    pub fn insert(&mut self, at: i64, value: f64) -> Inserted {
        if at <= self.complete_from {
            return Inserted::BeforeHot;
        }
        let Some(offset) = self.offset_for(at) else {
            return Inserted::BeforeHot;
        };
        let sample = Packed::new(offset, value);
        match self.samples.last() {
            Some(last) if last.offset() >= offset => self.insert_within(sample),
            _ => {
                self.make_room();
                self.samples.push(sample);
                Inserted::Added
            }
        }
    }

    fn insert_within(&mut self, sample: Packed) -> Inserted {
        match self.samples.binary_search_by_key(&sample.offset(), |held| held.offset()) {
            Ok(same) => {
                self.samples[same] = sample;
                Inserted::Replaced
            }
            Err(place) => {
                self.make_room();
                self.samples.insert(place, sample);
                Inserted::Added
            }
        }
    }

    /// Grows by a quarter: with a million series, doubling would waste a third of the memory.
    fn make_room(&mut self) {
        if self.samples.len() == self.samples.capacity() {
            self.samples.reserve_exact(4 + self.samples.len() / 4);
        }
    }

    /// Where `at` lies after the base, which is moved if it must; None: 49 days before the newest sample.
    fn offset_for(&mut self, at: i64) -> Option<u32> {
        if self.samples.is_empty() {
            self.base = at;
        }
        match u32::try_from(at - self.base) {
            Ok(offset) => Some(offset),
            Err(_) => self.rebase(at),
        }
    }

    fn rebase(&mut self, at: i64) -> Option<u32> {
        let newest = self.newest().map_or(at, |(newest, _)| newest.max(at));
        if newest - at > i64::from(u32::MAX) {
            return None;
        }
        self.make_way(at);
        let base = self.samples.first().map_or(at, |first| self.open(*first).0.min(at));
        for sample in &mut self.samples {
            // Both lie within u32::MAX of the newest.
            sample.0[0] = (self.base + i64::from(sample.0[0]) - base) as u32;
        }
        self.base = base;
        u32::try_from(at - base).ok()
    }

    /// Appends the samples with `oldest` < time <= `newest` (ms), oldest first. False: it may not be all,
    /// since the window begins before what is in memory.
    pub fn window(&self, oldest: i64, newest: i64, times: &mut Vec<f64>, values: &mut Vec<f64>) -> bool {
        let inside = self.between(oldest, newest);
        times.extend(inside.iter().map(|sample| (self.base + i64::from(sample.offset())) as f64));
        values.extend(inside.iter().map(|sample| sample.value()));
        oldest >= self.complete_from
    }

    pub fn each(&self, oldest: i64, newest: i64, mut visit: impl FnMut(i64, f64)) {
        for sample in self.between(oldest, newest) {
            let (at, value) = self.open(*sample);
            visit(at, value);
        }
    }

    fn between(&self, oldest: i64, newest: i64) -> &[Packed] {
        let end = self.count_until(newest);
        let upto = &self.samples[..end];
        let start = count_from_the_end(upto, |sample| self.base + i64::from(sample.offset()) > oldest);
        &upto[start..]
    }

    /// How many samples are not after `at`.
    fn count_until(&self, at: i64) -> usize {
        count_from_the_end(&self.samples, |sample| self.base + i64::from(sample.offset()) > at)
    }

    /// The usual distance between samples, ms: the median of the last gaps; 0 while it is unknown.
    pub fn step(&self) -> f64 {
        let tail = &self.samples[self.samples.len().saturating_sub(GAPS + 1)..];
        let mut gaps = [0u32; GAPS];
        let count = tail.len().saturating_sub(1);
        for (gap, pair) in gaps.iter_mut().zip(tail.windows(2)) {
            *gap = pair[1].offset() - pair[0].offset();
        }
        let gaps = &mut gaps[..count];
        gaps.sort_unstable();
        gaps.get(count / 2).map_or(0.0, |gap| f64::from(*gap))
    }

    /// Drops what is not after `until` (ms) but leaves `fewest` samples; gives how many went.
    pub fn trim(&mut self, until: i64, fewest: usize) -> usize {
        let most = self.samples.len().saturating_sub(fewest);
        let going = self.count_until(until).min(most);
        self.drop_first(going);
        going
    }

    /// Drops what is too far behind a sample at `at` to be held together with it: 49 days of silence, or a clock that was set.
    /// Gives how many went.
    pub fn make_way(&mut self, at: i64) -> usize {
        let before = self.samples.len();
        self.drop_until(at - i64::from(u32::MAX));
        before - self.samples.len()
    }

    /// Whether a sample at `at` can be held together with what is here.
    pub fn reaches(&self, at: i64) -> bool {
        self.samples.is_empty() || at - self.base <= i64::from(u32::MAX)
    }

    /// Takes out what is after `last` (ms), as if it had never been here.
    pub fn take_after(&mut self, last: i64) -> Vec<(i64, f64)> {
        let keep = self.count_until(last);
        let taken = self.samples[keep..].iter().map(|sample| self.open(*sample)).collect();
        self.samples.truncate(keep);
        self.complete_from = self.complete_from.min(last);
        taken
    }

    fn drop_until(&mut self, until: i64) {
        let going = self.count_until(until);
        self.drop_first(going);
    }

    fn drop_first(&mut self, going: usize) {
        let Some(last) = going.checked_sub(1) else { return };
        self.complete_from = self.open(self.samples[last]).0;
        self.samples.drain(..going);
        if self.samples.capacity() > 8 + 2 * self.samples.len() {
            self.samples.shrink_to(self.samples.len() + self.samples.len() / 4);
        }
    }

    /// Takes back what was read from disk: everything after `from` (ms), oldest first. What is in memory wins.
    pub fn promote(&mut self, from: i64, older: impl Iterator<Item = (i64, f64)>) -> usize {
        let before = self.samples.len();
        let held: Vec<_> = std::mem::take(&mut self.samples).into_iter().map(|s| self.open(s)).collect();
        self.complete_from = from;
        for (at, value) in older.chain(held) {
            self.insert(at, value);
        }
        self.samples.len() - before
    }

    fn open(&self, sample: Packed) -> (i64, f64) {
        (self.base + i64::from(sample.offset()), sample.value())
    }
}

/// How many samples precede the first one that is `after`. Windows end at or near the newest sample: looks at a few from
/// there before it searches.
fn count_from_the_end(samples: &[Packed], after: impl Fn(&Packed) -> bool) -> usize {
    let mut count = samples.len();
    let near = count.saturating_sub(16);
    while count > near {
        if !after(&samples[count - 1]) {
            return count;
        }
        count -= 1;
    }
    samples[..count].partition_point(|sample| !after(sample))
}

#[cfg(test)]
mod tests {
    use super::{Column, Inserted};

    fn all(column: &Column) -> Vec<(f64, f64)> {
        let (mut times, mut values) = (Vec::new(), Vec::new());
        column.window(i64::MIN, i64::MAX, &mut times, &mut values);
        times.into_iter().zip(values).collect()
    }

    #[test]
    fn samples_out_of_order_are_sorted_and_the_last_of_a_time_wins() {
        let mut column = Column::new(i64::MIN);
        for (at, value) in [(20, 2.0), (10, 1.0), (30, 3.0), (20, 2.5)] {
            column.insert(at, value);
        }
        assert_eq!(all(&column), [(10.0, 1.0), (20.0, 2.5), (30.0, 3.0)]);
        assert_eq!(column.insert(20, 9.0), Inserted::Replaced);
    }

    #[test]
    fn a_window_is_open_at_its_oldest_end_and_closed_at_its_newest() {
        let mut column = Column::new(i64::MIN);
        (1..=100).for_each(|n| {
            column.insert(n * 10, n as f64);
        });
        let (mut times, mut values) = (Vec::new(), Vec::new());
        assert!(column.window(500, 530, &mut times, &mut values));
        assert_eq!(times, [510.0, 520.0, 530.0]);
        assert_eq!(values, [51.0, 52.0, 53.0]);
    }

    #[test]
    fn a_window_that_begins_before_memory_says_so() {
        let mut column = Column::new(i64::MIN);
        (1..=10).for_each(|n| {
            column.insert(n, 0.0);
        });
        assert_eq!(column.trim(6, 2), 6);
        assert_eq!(column.trim(100, 3), 1, "three stay however old they are");
        let (mut times, mut values) = (Vec::new(), Vec::new());
        assert!(!column.window(6, 10, &mut times, &mut values));
        assert!(column.window(7, 10, &mut times, &mut values));
        assert_eq!(column.insert(5, 1.0), Inserted::BeforeHot);
    }

    #[test]
    fn the_step_is_not_fooled_by_a_hole() {
        let mut column = Column::new(i64::MIN);
        assert_eq!(column.step(), 0.0);
        column.insert(0, 0.0);
        assert_eq!(column.step(), 0.0);
        for at in [10_000, 20_000, 90_000, 100_000, 110_010] {
            column.insert(at, 0.0);
        }
        assert_eq!(column.step(), 10_000.0);
    }

    #[test]
    fn a_series_that_comes_back_after_months_starts_anew() {
        let mut column = Column::new(i64::MIN);
        column.insert(5, 1.0);
        let months = 8_000_000_000;
        column.insert(months, 2.0);
        column.insert(months - 1_000, 1.5);
        assert_eq!(all(&column), [((months - 1_000) as f64, 1.5), (months as f64, 2.0)]);
        assert_eq!(column.insert(6, 1.0), Inserted::BeforeHot);
    }

    #[test]
    fn what_is_read_back_from_disk_joins_what_is_hot() {
        let mut column = Column::new(i64::MIN);
        (1..=10).for_each(|n| {
            column.insert(n, n as f64);
        });
        column.trim(8, 0);
        assert_eq!(column.promote(4, [(5, 5.0), (6, 6.0), (9, 0.0)].into_iter()), 2);
        assert_eq!(all(&column), [(5.0, 5.0), (6.0, 6.0), (9.0, 9.0), (10.0, 10.0)]);
    }
}
