//! What senders may rely on, and what they may not do.

use std::sync::Arc;

use prost::Message;

use super::{LARGEST_REQUEST, RemoteWrite, Unreadable};
use crate::domain::Millis;
use crate::source::local::{LocalConfig, LocalStore};
use crate::source::{Input, Refusal, SeriesSource, is_stale, stale_marker};

const NOW: Millis = Millis(1_800_000_000_000);

/// As the specification has it, for another library to write.
pub mod message {
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct WriteRequest {
        #[prost(message, repeated, tag = "1")]
        pub timeseries: Vec<TimeSeries>,
        #[prost(bytes = "vec", repeated, tag = "3")]
        pub metadata: Vec<Vec<u8>>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct TimeSeries {
        #[prost(message, repeated, tag = "1")]
        pub labels: Vec<Label>,
        #[prost(message, repeated, tag = "2")]
        pub samples: Vec<Sample>,
        #[prost(bytes = "vec", repeated, tag = "4")]
        pub histograms: Vec<Vec<u8>>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Label {
        #[prost(string, tag = "1")]
        pub name: String,
        #[prost(string, tag = "2")]
        pub value: String,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Sample {
        #[prost(double, tag = "1")]
        pub value: f64,
        #[prost(int64, tag = "2")]
        pub timestamp: i64,
    }
}

/// Labels, and samples in ms after some instant.
pub type Sent<'a> = (&'a [(&'a str, &'a str)], &'a [(i64, f64)]);

fn body(series: &[Sent<'_>]) -> Vec<u8> {
    body_at(NOW, series)
}

/// A request as it travels.
pub fn body_at(now: Millis, series: &[Sent<'_>]) -> Vec<u8> {
    let timeseries = series.iter().map(|(labels, samples)| message::TimeSeries {
        labels: labels
            .iter()
            .map(|(name, value)| message::Label { name: (*name).into(), value: (*value).into() })
            .collect(),
        samples: samples
            .iter()
            .map(|(at, value)| message::Sample { value: *value, timestamp: now.0 + at })
            .collect(),
        histograms: Vec::new(),
    });
    pack(&message::WriteRequest { timeseries: timeseries.collect(), metadata: Vec::new() }.encode_to_vec())
}

fn pack(bytes: &[u8]) -> Vec<u8> {
    snap::raw::Encoder::new().compress_vec(bytes).expect("it is small")
}

struct Stage {
    store: Arc<LocalStore>,
    input: Arc<Input>,
    door: RemoteWrite,
}

fn stage(max_series: u32) -> Stage {
    let store = Arc::new(LocalStore::in_memory(LocalConfig { max_series, ..LocalConfig::default() }));
    let input = Arc::new(Input::new("prometheus"));
    Stage { door: RemoteWrite::new(store.clone(), input.clone()), store, input }
}

impl Stage {
    /// What was refused, with how many.
    fn take(&self, body: &[u8]) -> Vec<(Refusal, u64)> {
        let refused = self.door.take(body, NOW).expect("it can be unpacked");
        refused.each().map(|(why, count, _)| (why, count)).collect()
    }

    fn held(&self, name: &str) -> Vec<(i64, f64)> {
        let Some(id) = self.store.lookup(name.as_bytes()) else { return Vec::new() };
        let (mut times, mut values) = (Vec::new(), Vec::new());
        self.store.window(id, f64::MIN, f64::MAX, &mut times, &mut values);
        times.into_iter().map(|at| at as i64 - NOW.0).zip(values).collect()
    }

    /// As an evaluation sees it.
    fn seen(&self, name: &str, upto: i64) -> Vec<f64> {
        let id = self.store.lookup(name.as_bytes()).expect("it is known");
        let (mut times, mut values) = (Vec::new(), Vec::new());
        let upto = (NOW.0 + upto) as f64;
        SeriesSource::windows(&*self.store).read(id, upto - 60_000.0, upto, &mut times, &mut values);
        assert_eq!(times.len(), values.len());
        values
    }
}

const UP: &[(&str, &str)] = &[("__name__", "up"), ("instance", "h:9"), ("job", "a")];
const UP_NAME: &str = r#"up{instance="h:9",job="a"}"#;

#[test]
fn samples_are_found_under_the_name_that_prometheus_writes() {
    let stage = stage(10);
    assert!(stage.take(&body(&[(UP, &[(-10, 1.0), (0, 0.0)])])).is_empty());
    assert_eq!(stage.held(UP_NAME), [(-10, 1.0), (0, 0.0)]);
    let other_order = &[("job", "a"), ("__name__", "up"), ("instance", "h:9"), ("empty", "")];
    assert!(stage.take(&body(&[(other_order, &[(5, 1.0)])])).is_empty());
    assert_eq!(stage.held(UP_NAME).len(), 3);
    assert_eq!((stage.input.samples(), stage.store.len()), (3, 1));
}

#[test]
fn the_same_again_is_no_error_and_another_value_of_the_same_time_is() {
    let stage = stage(10);
    let first = body(&[(UP, &[(-20, 1.0), (-10, f64::NAN)])]);
    assert!(stage.take(&first).is_empty());
    assert!(stage.take(&first).is_empty(), "a retry");
    assert_eq!(stage.input.samples(), 2, "counted once");
    assert_eq!(stage.take(&body(&[(UP, &[(-20, 2.0), (-15, 3.0)])])), [(Refusal::SameTime, 1)]);
    let held: Vec<(i64, u64)> =
        stage.held(UP_NAME).iter().map(|(at, value)| (*at, value.to_bits())).collect();
    let wanted =
        [(-20, 1.0), (-15, 3.0), (-10, f64::NAN)].map(|(at, value): (i64, f64)| (at, value.to_bits()));
    assert_eq!(held, wanted);
}

#[test]
fn what_is_wrong_is_refused_and_counted_and_the_rest_is_stored() {
    let stage = stage(2);
    let (hour, day) = (3_600_000, 86_400_000);
    let request = body(&[
        (UP, &[(0, 1.0), (-hour - 1, 2.0), (600_001, 3.0), (-8 * day, 4.0)]),
        (&[("job", "a")], &[(0, 1.0), (1, 1.0)]),
        (&[("__name__", "twice"), ("a", "x"), ("a", "y")], &[(0, 1.0)]),
        (&[("__name__", "old")], &[(-8 * day, 1.0)]),
        (&[("__name__", "second")], &[(0, 1.0)]),
        (&[("__name__", "third")], &[(0, 1.0)]),
        (&[("__name__", &"x".repeat(2_049))], &[(0, 1.0)]),
    ]);
    let refused = stage.take(&request);
    let wanted = [
        (Refusal::BadName, 4),
        (Refusal::FarFuture, 1),
        (Refusal::TooOld, 2),
        (Refusal::TooLate, 1),
        (Refusal::TooManySeries, 1),
    ];
    assert_eq!(refused, wanted);
    for (why, count) in wanted {
        assert_eq!(stage.input.refused_for(why), count, "{}", why.words());
    }
    assert_eq!((stage.held(UP_NAME), stage.held("second")), (vec![(0, 1.0)], vec![(0, 1.0)]));
    assert_eq!(stage.store.len(), 2, "what is refused makes no series");
}

#[test]
fn a_histogram_is_refused_in_words_and_the_numbers_beside_it_are_stored() {
    let stage = stage(10);
    let label = message::Label { name: "__name__".into(), value: "h".into() };
    let sample = message::Sample { value: 1.0, timestamp: NOW.0 };
    let one =
        message::TimeSeries { labels: vec![label], samples: vec![sample], histograms: vec![vec![8, 1]] };
    let request = message::WriteRequest { timeseries: vec![one], metadata: Vec::new() };
    assert_eq!(stage.take(&pack(&request.encode_to_vec())), [(Refusal::Histogram, 1)]);
    assert_eq!(stage.held("h"), [(0, 1.0)]);
}

#[test]
fn a_length_that_nobody_can_mean_takes_no_memory() {
    let stage = stage(10);
    // A varint of 4 GiB minus one, and nothing else.
    let huge = [0xff, 0xff, 0xff, 0xff, 0x0f];
    assert!(
        matches!(stage.door.take(&huge, NOW), Err(Unreadable::TooLarge(length)) if length > LARGEST_REQUEST)
    );
    for bytes in [&b""[..], b"\x05", b"\x05\x00", b"no snappy at all"] {
        assert!(stage.door.take(bytes, NOW).is_err(), "{bytes:?}");
    }
    assert_eq!(stage.input.refused_for(Refusal::Malformed), 5);
    assert_eq!(stage.take(&pack(b"no protobuf")), [(Refusal::Malformed, 1)]);
}

#[test]
fn a_stale_marker_ends_the_series_at_once() {
    let stage = stage(10);
    stage.take(&body(&[(UP, &[(-30_000, 1.0), (-20_000, 2.0), (-10_000, stale_marker())])]));
    assert_eq!(stage.seen(UP_NAME, 0), [0.0; 0], "however far the window looks back");
    assert_eq!(stage.held(UP_NAME).len(), 3, "a chart still draws it");
    assert_eq!(stage.seen(UP_NAME, -15_000), [1.0, 2.0], "before it ended");
    let bits = stage.held(UP_NAME)[2].1;
    assert!(is_stale(bits), "kept to the bit");
}

#[test]
fn a_stale_marker_that_is_followed_by_samples_is_an_empty_bucket() {
    let stage = stage(10);
    stage.take(&body(&[(UP, &[(-30_000, 1.0), (-20_000, stale_marker()), (-10_000, 2.0)])]));
    let seen = stage.seen(UP_NAME, 0);
    assert_eq!((seen.len(), seen[0], seen[2]), (3, 1.0, 2.0));
    assert!(seen[1].is_nan());
    let past = stage.seen(UP_NAME, -15_000);
    assert!(
        past.len() == 2 && past[1].is_nan(),
        "a piece of history that ends with it, when the series came back"
    );
}

#[test]
fn a_nan_that_is_no_marker_is_an_empty_bucket_like_any_other() {
    let stage = stage(10);
    stage.take(&body(&[(UP, &[(-20_000, 1.0), (-10_000, f64::NAN)])]));
    assert_eq!(stage.seen(UP_NAME, 0).len(), 2);
}
