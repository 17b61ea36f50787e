//! The store against sorted maps: whatever comes in whatever order, sealed and reloaded whenever.

use std::collections::BTreeMap;

use atalaya_api::span::Span;
use proptest::prelude::*;

use super::{NOW, window};
use crate::domain::Millis;
use crate::source::local::{Draw, LocalConfig, LocalStore, Sample, SeriesId};

const SECOND: i64 = 1_000;
const RETENTION: i64 = 3_600 * SECOND;

#[derive(Clone, Debug)]
enum Step {
    /// Series, seconds before now, value.
    Sample(u8, i64, f64),
    /// A run of samples of a series up to now.
    Feed(u8, u8),
    Pass(i64),
    Maintain,
    Restart,
    /// Series, seconds before now of both ends.
    Look(u8, i64, i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..4u8, -700..4_000i64, -1e3..1e3f64).prop_map(|(s, ago, v)| Step::Sample(s, ago, v)),
        4 => (0..4u8, 1..40u8).prop_map(|(s, n)| Step::Feed(s, n)),
        3 => (1..900i64).prop_map(Step::Pass),
        3 => Just(Step::Maintain),
        1 => Just(Step::Restart),
        6 => (0..4u8, 0..4_000i64, -600..600i64).prop_map(|(s, oldest, newest)| Step::Look(s, oldest, newest)),
    ]
}

struct Pair {
    dir: tempfile::TempDir,
    store: LocalStore,
    model: [BTreeMap<i64, f64>; 4],
    now: Millis,
}

/// Keeps little in memory, so that most windows reach to disk.
fn config() -> LocalConfig {
    LocalConfig {
        max_series: 1_000,
        hot: Span(60),
        hot_samples: 2,
        seal_every: Span(30),
        retention: Span(3_600),
        late: Span(86_400),
        ..LocalConfig::default()
    }
}

fn name(series: u8) -> String {
    format!("series.{series}")
}

impl Pair {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let store = LocalStore::open(config(), &dir.path().join("samples.db"), NOW);
        Pair { dir, store, model: Default::default(), now: NOW }
    }

    fn apply(&mut self, step: Step) {
        match step {
            Step::Sample(series, ago, value) => self.sample(series, self.now.0 - ago * SECOND, value),
            Step::Feed(series, count) => (0..i64::from(count))
                .rev()
                .for_each(|n| self.sample(series, self.now.0 - n * 5 * SECOND, n as f64)),
            Step::Pass(seconds) => self.now = self.now.plus(seconds * SECOND),
            Step::Maintain => self.store.maintain(self.now),
            Step::Restart => {
                self.store.close(self.now);
                self.store = LocalStore::open(config(), &self.dir.path().join("samples.db"), self.now);
                assert_eq!(self.store.troubles(), [""; 0]);
            }
            Step::Look(series, oldest, newest) => {
                let ends = (self.now.0 - oldest * SECOND, self.now.0 - newest * SECOND);
                self.compare(series, ends.0, ends.1);
            }
        }
    }

    fn sample(&mut self, series: u8, at: i64, value: f64) {
        let id = self.store.intern(&name(series)).expect("room");
        let appended = self.store.append(&[Sample { series: id, at, value }], self.now);
        let wanted = at <= self.now.0 + 600 * SECOND && at >= self.now.0 - RETENTION;
        assert_eq!(appended.accepted, u64::from(wanted), "{appended:?}");
        if wanted {
            self.model[usize::from(series)].insert(at, value);
        }
    }

    /// What is older than the retention may or may not be there.
    fn compare(&self, series: u8, oldest: i64, newest: i64) {
        let id = self.store.lookup(name(series).as_bytes()).unwrap_or(SeriesId(999));
        let oldest = oldest.max(self.now.0 - RETENTION);
        let found = window(&self.store, id, oldest as f64, newest as f64);
        let model = &self.model[usize::from(series)];
        let inside = model.iter().filter(|(at, _)| **at > oldest && **at <= newest);
        let expected: Vec<(f64, f64)> = inside.map(|(at, value)| (*at as f64, *value)).collect();
        assert_eq!(found, expected, "series {series} from {oldest} to {newest}");
        let draw = Draw { from: Millis(oldest + 1), to: Millis(newest), max_points: 10_000, max_series: 1 };
        let answer = self.store.query(&name(series), draw).expect("a name");
        let drawn = answer.series.first().map_or(0, |series| series.times.len());
        assert_eq!(drawn, expected.len());
    }

    fn compare_all(&self) {
        (0..4).for_each(|series| self.compare(series, i64::MIN, i64::MAX));
        let hot = (0..self.store.len() as u32).map(|n| self.store.held(SeriesId(n))).sum::<u64>();
        assert_eq!(self.store.hot_samples(), hot, "memory is counted right");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn windows_and_charts_are_what_a_sorted_map_would_give(steps in proptest::collection::vec(step(), 1..60)) {
        let mut pair = Pair::new();
        for step in steps {
            pair.apply(step);
        }
        pair.compare_all();
        pair.apply(Step::Restart);
        pair.compare_all();
    }
}
