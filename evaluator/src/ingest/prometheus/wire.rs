//! The protobuf of a `WriteRequest`, read where it lies (<https://protobuf.dev/programming-guides/encoding/>):
//!
//! ```proto
//! message WriteRequest { repeated TimeSeries timeseries = 1; }
//! message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; repeated Histogram histograms = 4; }
//! message Label { string name = 1; string value = 2; }
//! message Sample { double value = 1; int64 timestamp = 2; }
//! ```
//! Nothing is built but a list of labels and one of samples, both for one series at a time: a request cannot ask for more memory
//! than a few times its own size. Fields that are not known are passed over.

/// These bytes are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// One series of a request.
#[derive(Debug, Default)]
pub struct Series<'a> {
    pub labels: Vec<(&'a str, &'a str)>,
    /// Unix ms and value.
    pub samples: Vec<(i64, f64)>,
    /// Samples that are native histograms.
    pub histograms: u64,
}

/// The series of a request, still packed.
pub fn series(request: &[u8]) -> impl Iterator<Item = Result<&[u8], Malformed>> {
    Fields(request).filter_map(|field| match field {
        Ok((1, Value::Bytes(series))) => Some(Ok(series)),
        Ok((1, _)) | Err(Malformed) => Some(Err(Malformed)),
        Ok(_) => None,
    })
}

impl<'a> Series<'a> {
    /// Takes on what a packed series says; what was there before is gone.
    pub fn read(&mut self, packed: &'a [u8]) -> Result<(), Malformed> {
        self.labels.clear();
        self.samples.clear();
        self.histograms = 0;
        for field in Fields(packed) {
            match field? {
                (1, Value::Bytes(label)) => self.labels.push(read_label(label)?),
                (2, Value::Bytes(sample)) => self.samples.push(read_sample(sample)?),
                (4, Value::Bytes(_)) => self.histograms += 1,
                (1 | 2 | 4, _) => return Err(Malformed),
                _ => {}
            }
        }
        Ok(())
    }
}

fn read_label(packed: &[u8]) -> Result<(&str, &str), Malformed> {
    let mut label = ("", "");
    for field in Fields(packed) {
        match field? {
            (1, Value::Bytes(name)) => label.0 = text(name)?,
            (2, Value::Bytes(value)) => label.1 = text(value)?,
            (1 | 2, _) => return Err(Malformed),
            _ => {}
        }
    }
    Ok(label)
}

fn text(bytes: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(bytes).map_err(|_| Malformed)
}

fn read_sample(packed: &[u8]) -> Result<(i64, f64), Malformed> {
    let mut sample = (0, 0.0);
    for field in Fields(packed) {
        match field? {
            // To the bit: a stale marker is one NaN among many.
            (1, Value::Fixed64(bits)) => sample.1 = f64::from_bits(bits),
            // int64 is two's complement.
            (2, Value::Varint(number)) => sample.0 = number as i64,
            (1 | 2, _) => return Err(Malformed),
            _ => {}
        }
    }
    Ok(sample)
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Fixed32,
}

/// The fields of a message with their numbers. Ends after the first that is malformed.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field.ok_or(Malformed))
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed64(u64::from_le_bytes(self.chunk()?)),
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                let (bytes, rest) = self.0.split_at_checked(length)?;
                self.0 = rest;
                Value::Bytes(bytes)
            }
            5 => {
                self.chunk::<4>()?;
                Value::Fixed32
            }
            // Groups, which nobody has used for long.
            _ => return None,
        };
        Some((key >> 3, value))
    }

    /// Seven bits a byte, least first; at most ten bytes.
    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = self.chunk()?;
            number |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn chunk<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (chunk, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*chunk)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use prost::Message;

    use super::super::tests::message;
    use super::{Malformed, Series, series};

    type Read = Vec<(Vec<(String, String)>, Vec<(i64, u64)>)>;

    fn read(request: &[u8]) -> Result<Read, Malformed> {
        let (mut all, mut one) = (Vec::new(), Series::default());
        for packed in series(request) {
            one.read(packed?)?;
            let labels = one.labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let samples = one.samples.iter().map(|(at, value)| (*at, value.to_bits()));
            all.push((labels.collect(), samples.collect()));
        }
        Ok(all)
    }

    proptest! {
        #[test]
        fn what_another_library_writes_is_read_to_the_bit(
            all in proptest::collection::vec(
                (
                    proptest::collection::vec((".{0,9}", ".{0,9}"), 0..4),
                    proptest::collection::vec((any::<i64>(), any::<u64>()), 0..4),
                ),
                0..5,
            ),
        ) {
            let timeseries = all.iter().map(|(labels, samples)| message::TimeSeries {
                labels: labels.iter().cloned().map(|(name, value)| message::Label { name, value }).collect(),
                samples: samples
                    .iter()
                    .map(|(timestamp, bits)| message::Sample { value: f64::from_bits(*bits), timestamp: *timestamp })
                    .collect(),
                histograms: Vec::new(),
            });
            let request = message::WriteRequest { timeseries: timeseries.collect(), metadata: vec![b"x".to_vec()] };
            let all: Read = all;
            prop_assert_eq!(read(&request.encode_to_vec()), Ok(all));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
            let _ = Series::default().read(&bytes);
        }

        #[test]
        fn half_a_request_is_malformed_or_less_and_never_something_else(cut in 0..60usize) {
            let sample = message::Sample { value: 1.5, timestamp: 1_800_000_000_000 };
            let label = message::Label { name: "__name__".into(), value: "up".into() };
            let one = message::TimeSeries { labels: vec![label], samples: vec![sample], histograms: Vec::new() };
            let whole = message::WriteRequest { timeseries: vec![one.clone(), one], metadata: Vec::new() }.encode_to_vec();
            let part = read(&whole[..cut.min(whole.len())]);
            let all = read(&whole).expect("it is whole");
            prop_assert!(part.map_or(true, |part| all.starts_with(&part)));
        }
    }

    #[test]
    fn what_is_no_protobuf_is_malformed() {
        for bytes in [
            &b"\x0a"[..],
            b"\x0a\x05\x0a",
            b"\x08\x01",
            b"\x0a\x02\x12\x01",
            b"\x0a\x03\x12\x01\x08",
            b"\x0a\x04\x0a\x02\x0a\xff",
            b"\x0a\x06\x0a\x04\x0a\x02\xff\xfe",
            b"\x0b",
            b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        ] {
            assert_eq!(read(bytes), Err(Malformed), "{bytes:?}");
        }
    }
}
