//! Series in groups: 128 consecutive numbers share a lock in memory and a block on disk.

use super::block::Row;
use super::column::{Column, Inserted};
use super::names::SeriesId;

/// Series of one group.
pub const GROUP: u32 = 128;

/// A sample on its way into the store.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    pub series: SeriesId,
    /// Unix ms.
    pub at: i64,
    pub value: f64,
}

/// The hot samples of a group.
pub struct Group {
    columns: Vec<Column>,
    /// Everything up to this instant (ms) is on disk or in `late`.
    pub sealed_to: i64,
    /// Samples that came after their stretch was sealed, in the order of arrival.
    pub late: Vec<Sample>,
    /// Changes whenever samples leave memory, and when `late` changes for a stretch that has.
    pub version: u64,
    /// The turn of the clock that it has followed.
    pub turn: u64,
}

/// What became of a sample in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// And how many more samples memory holds now.
    Accepted(i64),
    /// Longer behind the newest sample of its series than is allowed.
    TooLate,
    /// It is there already, to the bit.
    Known,
    /// There is another value of that time already, which stays.
    SameTime,
}

/// What becomes of a sample when its series has one of the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clash {
    /// The last one counts, as carbon has it.
    LastCounts,
    /// The first one counts and a second one is refused, as Prometheus has it.
    FirstCounts,
}

impl Group {
    pub fn new() -> Self {
        Group { columns: Vec::new(), sealed_to: i64::MIN, late: Vec::new(), version: 0, turn: 0 }
    }

    /// As it was on disk: everything after `complete_from` (ms) is in `rows`.
    pub fn loaded(members: u32, complete_from: i64, sealed_to: i64, rows: Vec<Row>) -> Self {
        let columns = (0..members).map(|_| Column::new(complete_from)).collect();
        let mut group = Group { columns, sealed_to, ..Group::new() };
        for row in rows {
            if let Some(column) = group.columns.get_mut(usize::from(row.member)) {
                column.insert(row.at, row.value);
            }
        }
        group
    }

    pub fn column(&self, id: SeriesId) -> Option<&Column> {
        self.columns.get((id.0 % GROUP) as usize)
    }

    pub fn column_mut(&mut self, id: SeriesId) -> &mut Column {
        let index = (id.0 % GROUP) as usize;
        if self.columns.len() <= index {
            // Series that are new have nothing on disk.
            self.columns.resize_with(index + 1, || Column::new(i64::MIN));
        }
        &mut self.columns[index]
    }

    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub fn columns_mut(&mut self) -> &mut [Column] {
        &mut self.columns
    }

    /// Takes a sample in, unless it is more than `late_ms` behind its series.
    pub fn append(&mut self, sample: Sample, late_ms: i64, clash: Clash) -> Appended {
        let sealed_to = self.sealed_to;
        let column = self.column_mut(sample.series);
        let newest = column.newest().map_or(i64::MIN, |(newest, _)| newest);
        if sample.at < newest.saturating_sub(late_ms) {
            return Appended::TooLate;
        }
        if clash == Clash::FirstCounts
            && sample.at <= newest
            && let Some(held) = column.at(sample.at)
        {
            let same = held.to_bits() == sample.value.to_bits();
            return if same { Appended::Known } else { Appended::SameTime };
        }
        let gone = if column.reaches(sample.at) { 0 } else { self.make_way(sample) };
        let inserted = self.column_mut(sample.series).insert(sample.at, sample.value);
        let late = sample.at <= sealed_to || inserted == Inserted::BeforeHot;
        if inserted == Inserted::BeforeHot {
            self.version += 1;
        }
        if late {
            self.late.push(sample);
        }
        Appended::Accepted(i64::from(inserted == Inserted::Added) + i64::from(late) - gone)
    }

    /// Lets go of what is too far behind a sample of its series; what is not on disk yet waits for it in `late`. Gives how
    /// many samples fewer memory holds.
    fn make_way(&mut self, sample: Sample) -> i64 {
        let sealed_to = self.sealed_to;
        let column = self.column_mut(sample.series);
        let mut unsealed = Vec::new();
        column.each(sealed_to, sample.at - i64::from(u32::MAX), |at, value| {
            unsealed.push(Sample { series: sample.series, at, value });
        });
        let gone = column.make_way(sample.at);
        let kept = unsealed.len();
        self.late.append(&mut unsealed);
        self.version += 1;
        gone as i64 - kept as i64
    }

    /// The clock was set back to `now` (ms): what is after it leaves memory, so that it is not taken for new when that time
    /// comes again. What is not on disk yet waits for it in `late`. `first` is the number of the first series; gives how
    /// many samples went.
    pub fn turn_back(&mut self, first: u32, now: i64) -> u64 {
        let mut gone = 0;
        for (number, column) in (first..).zip(&mut self.columns) {
            for (at, value) in column.take_after(now) {
                if at > self.sealed_to {
                    self.late.push(Sample { series: SeriesId(number), at, value });
                } else {
                    gone += 1;
                }
            }
        }
        self.sealed_to = self.sealed_to.min(now);
        self.version += 1;
        gone
    }

    /// Samples of a series that arrived late for a stretch which has left memory.
    pub fn late_of(&self, id: SeriesId, oldest: i64, newest: i64) -> impl Iterator<Item = (i64, f64)> {
        self.late
            .iter()
            .filter(move |late| late.series == id && late.at > oldest && late.at <= newest)
            .map(|late| (late.at, late.value))
    }
}
