//! A sealed block: some series of one group over one stretch of time, compressed.

use pco::standalone::{simple_compress, simple_decompress};
use pco::{ChunkConfig, DeltaSpec, ModeSpec};
use sha2::Digest;

/// Most samples of a block that is read back: it was never written larger.
pub const MOST: usize = 1 << 16;
/// Compression level of pco (0 to 12): sealing must cost next to nothing.
const LEVEL: usize = 4;

/// A sample of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Which of the group's series, 0 to 127.
    pub member: u8,
    /// Unix ms.
    pub at: i64,
    pub value: f64,
}

/// As it is stored: columns, series after series, each oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Unix ms of the first and the last sample.
    pub from: i64,
    pub to: i64,
    pub samples: u32,
    /// postcard: `[(member: u8, count: u32)]`.
    pub series: Vec<u8>,
    /// pco: i64.
    pub times: Vec<u8>,
    /// pco: f64.
    pub values: Vec<u8>,
    /// The first 8 bytes of the SHA-256 of the three.
    pub digest: [u8; 8],
}

/// The block is not what was written.
#[derive(Debug, thiserror::Error)]
pub enum Damaged {
    #[error("its digest is wrong")]
    Digest,
    #[error("its samples cannot be unpacked: {0}")]
    Pco(#[from] pco::errors::PcoError),
    #[error("its series cannot be read: {0}")]
    Series(#[from] postcard::Error),
    #[error("its counts do not agree")]
    Counts,
}

/// Sorts by series and time; of samples of one time the last one stays.
pub fn settle(rows: &mut Vec<Row>) {
    rows.sort_by_key(|row| (row.member, row.at));
    // `dedup_by` drops the later of two: hand its value back first.
    rows.dedup_by(|later, earlier| {
        let same = (later.member, later.at) == (earlier.member, earlier.at);
        if same {
            earlier.value = later.value;
        }
        same
    });
}

impl Block {
    /// Packs settled rows, at least one and at most `MOST`.
    pub fn pack(rows: &[Row]) -> Result<Block, Damaged> {
        let mut series: Vec<(u8, u32)> = Vec::new();
        for row in rows {
            match series.last_mut() {
                Some((member, count)) if *member == row.member => *count += 1,
                _ => series.push((row.member, 1)),
            }
        }
        let times: Vec<i64> = rows.iter().map(|row| row.at).collect();
        let values: Vec<f64> = rows.iter().map(|row| row.value).collect();
        let config = ChunkConfig::default().with_compression_level(LEVEL);
        let regular =
            config.clone().with_mode_spec(ModeSpec::Classic).with_delta_spec(DeltaSpec::TryConsecutive(1));
        let mut block = Block {
            from: times.iter().copied().min().unwrap_or(0),
            to: times.iter().copied().max().unwrap_or(0),
            samples: rows.len() as u32,
            series: postcard::to_allocvec(&series)?,
            times: simple_compress(&times, &regular)?,
            values: simple_compress(&values, &config)?,
            digest: [0; 8],
        };
        block.digest = block.digest_of();
        Ok(block)
    }

    fn digest_of(&self) -> [u8; 8] {
        let mut hash = sha2::Sha256::new();
        for part in [&self.series, &self.times, &self.values] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let mut short = [0; 8];
        short.copy_from_slice(&hash.finalize()[..8]);
        short
    }

    /// Shows the samples of one series or of all, each series oldest first.
    pub fn unpack(&self, only: Option<u8>, mut visit: impl FnMut(Row)) -> Result<(), Damaged> {
        if self.digest != self.digest_of() {
            return Err(Damaged::Digest);
        }
        let series: Vec<(u8, u32)> = postcard::from_bytes(&self.series)?;
        if only.is_some_and(|only| series.iter().all(|(member, _)| *member != only)) {
            return Ok(());
        }
        let times: Vec<i64> = simple_decompress(&self.times)?;
        let values: Vec<f64> = simple_decompress(&self.values)?;
        let count: u64 = series.iter().map(|(_, count)| u64::from(*count)).sum();
        if times.len() != values.len() || times.len() as u64 != count {
            return Err(Damaged::Counts);
        }
        let mut samples = times.into_iter().zip(values);
        for (member, count) in series {
            let own = samples.by_ref().take(count as usize);
            let wanted = only.is_none_or(|only| only == member);
            own.filter(|_| wanted).for_each(|(at, value)| visit(Row { member, at, value }));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Block, Damaged, Row, settle};
    use crate::source::stale_marker;

    fn rows(block: &Block, only: Option<u8>) -> Vec<Row> {
        let mut rows = Vec::new();
        block.unpack(only, |row| rows.push(row)).expect("whole");
        rows
    }

    #[test]
    fn regular_samples_take_little_room() {
        let mut all: Vec<Row> = (0..128u8)
            .flat_map(|member| {
                (0..12).map(move |n| Row {
                    member,
                    at: 1_800_000_000_000 + n * 10_000,
                    value: (n % 7) as f64 * 0.5,
                })
            })
            .collect();
        settle(&mut all);
        let block = Block::pack(&all).expect("packed");
        let bytes = block.series.len() + block.times.len() + block.values.len();
        assert!(bytes < all.len() * 3, "{bytes} bytes for {} samples", all.len());
    }

    #[test]
    fn a_flipped_bit_is_noticed() {
        let mut block = Block::pack(&[Row { member: 1, at: 5, value: 0.5 }]).expect("packed");
        block.values[3] ^= 1;
        assert!(matches!(block.unpack(None, |_| ()), Err(Damaged::Digest)));
    }

    /// Values as sources have them, for which pco changes its ways: whole, with few decimals, of single precision, or any bits.
    fn values() -> impl Strategy<Value = Vec<f64>> {
        let odd = prop_oneof![
            Just(stale_marker()),
            Just(f64::NAN),
            Just(-0.0),
            Just(f64::NEG_INFINITY),
            any::<u64>().prop_map(f64::from_bits)
        ];
        let usual = prop_oneof![
            (0..3_000i64).prop_map(|n| n as f64 * 0.1).boxed(),
            (0..3_000i64).prop_map(|n| n as f64).boxed(),
            any::<f32>().prop_map(f64::from).boxed(),
        ];
        (usual, 0..60usize, proptest::collection::vec((odd, 0..600usize), 0..20), 300..600usize).prop_map(
            |(first, step, odd, count)| {
                let mut values: Vec<f64> =
                    (0..count).map(|n| first + (n % (step + 1)) as f64 * 0.1).collect();
                odd.into_iter().for_each(|(value, at)| values[at % count] = value);
                values
            },
        )
    }

    proptest! {
        #[test]
        fn a_stale_marker_among_usual_values_is_kept_to_the_bit(values in values()) {
            let rows_of: Vec<Row> =
                (0..).zip(&values).map(|(n, value)| Row { member: 3, at: n * 10_000, value: *value }).collect();
            let block = Block::pack(&rows_of).expect("packed");
            let bits: Vec<u64> = rows(&block, None).iter().map(|row| row.value.to_bits()).collect();
            prop_assert_eq!(bits, values.iter().map(|value| value.to_bits()).collect::<Vec<_>>());
        }

        #[test]
        fn what_is_packed_is_unpacked_to_the_bit(
            samples in proptest::collection::vec((0..128u8, 0..1_000_000i64, any::<f64>()), 1..300),
        ) {
            let mut all: Vec<Row> =
                samples.into_iter().map(|(member, at, value)| Row { member, at, value }).collect();
            settle(&mut all);
            let block = Block::pack(&all).expect("packed");
            let bits = |rows: Vec<Row>| rows.into_iter().map(|r| (r.member, r.at, r.value.to_bits())).collect::<Vec<_>>();
            prop_assert_eq!(bits(rows(&block, None)), bits(all.clone()));
            let one = all[0].member;
            let own = all.into_iter().filter(|row| row.member == one).collect();
            prop_assert_eq!(bits(rows(&block, Some(one))), bits(own));
        }
    }
}
