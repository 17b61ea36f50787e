//! The store against a naive model, and its promises one by one.

mod clock;
mod disk;
mod model;

use std::sync::Arc;

use super::{Clash, Draw, LocalConfig, LocalStore, Sample, Selection, SeriesId};
use crate::domain::Millis;
use crate::source::SeriesSource;

const NOW: Millis = Millis(1_800_000_000_000);

fn store() -> LocalStore {
    LocalStore::in_memory(LocalConfig { max_series: 100_000, ..LocalConfig::default() })
}

/// A store with these series, one sample each.
fn with_series(names: &[&str]) -> LocalStore {
    let store = store();
    for name in names {
        feed(&store, name, &[(NOW.0, 1.0)]);
    }
    store
}

impl LocalStore {
    /// Samples of a series in memory, those that wait to be written apart included.
    fn held(&self, id: SeriesId) -> u64 {
        let group = self.group(id);
        (group.column(id).map_or(0, |column| column.len()) + group.late_of(id, i64::MIN, i64::MAX).count())
            as u64
    }
}

fn feed(store: &LocalStore, name: &str, samples: &[(i64, f64)]) -> SeriesId {
    let series = store.intern(name).expect("room for a series");
    let samples: Vec<Sample> =
        samples.iter().map(|(at, value)| Sample { series, at: *at, value: *value }).collect();
    store.append(&samples, NOW);
    series
}

fn window(store: &LocalStore, id: SeriesId, oldest: f64, newest: f64) -> Vec<(f64, f64)> {
    let (mut times, mut values) = (Vec::new(), Vec::new());
    store.window(id, oldest, newest, &mut times, &mut values);
    times.into_iter().zip(values).collect()
}

#[test]
fn times_out_of_range_are_refused_and_counted() {
    let store = store();
    let series = store.intern("a").expect("room");
    let sample = |at| Sample { series, at, value: 1.0 };
    let week = 7 * 86_400_000;
    let batch = [
        sample(NOW.0 + 600_000),
        sample(NOW.0 + 600_001),
        sample(NOW.0 - week - 1),
        sample(NOW.0 + 600_000 - 3_600_000),
        sample(NOW.0 + 600_000 - 3_600_001),
    ];
    let appended = store.append(&batch, NOW);
    assert_eq!((appended.accepted, appended.far_future, appended.too_old, appended.too_late), (2, 1, 1, 1));
    assert_eq!(appended.late_example, Some(batch[4]));
    assert_eq!(store.hot_samples(), 2);
}

#[test]
fn the_first_of_two_values_counts_where_that_is_asked_for() {
    let store = store();
    let series = feed(&store, "a", &[(NOW.0 - 20, 1.0), (NOW.0, 2.0)]);
    let batch = [(NOW.0 - 20, 1.0), (NOW.0 - 10, 3.0), (NOW.0, 9.0), (NOW.0 + 10, 4.0), (NOW.0 + 10, 5.0)];
    let batch = batch.map(|(at, value)| Sample { series, at, value });
    let appended = store.append_with(&batch, NOW, Clash::FirstCounts);
    assert_eq!((appended.accepted, appended.same_time), (2, 2));
    assert_eq!(appended.same_time_example, Some(batch[4]));
    let held: Vec<f64> = window(&store, series, 0.0, f64::MAX).iter().map(|(_, value)| *value).collect();
    assert_eq!(held, [1.0, 3.0, 2.0, 4.0]);
    assert_eq!(store.hot_samples(), 4);
}

#[test]
fn a_name_that_is_written_like_a_pattern_goes_before_the_pattern_whenever_it_comes() {
    let store = with_series(&["first"]);
    let name = r#"up{job="a",instance="b"}"#;
    assert_eq!(SeriesSource::matching(&store, name, SeriesId(0)).expect("a pattern"), []);
    let id = feed(&store, name, &[(NOW.0, 1.0)]);
    let found = SeriesSource::matching(&store, name, SeriesId(1)).expect("a name");
    assert_eq!(found, [(id, name.into())]);
}

#[test]
fn a_reader_reads_many_series_in_one_go() {
    let store = store();
    let ids: Vec<SeriesId> =
        (0..1_000).map(|n| feed(&store, &format!("s.{n}"), &[(NOW.0, f64::from(n))])).collect();
    let (mut times, mut values) = (Vec::new(), Vec::new());
    let mut reader = store.reader();
    for id in &ids {
        reader.window(*id, f64::NEG_INFINITY, NOW.as_f64(), &mut times, &mut values);
    }
    assert_eq!(times.len(), 1_000);
    assert_eq!(values, (0..1_000).map(f64::from).collect::<Vec<_>>());
    assert_eq!(reader.last(ids[7]), Some((NOW, 7.0)));
}

#[test]
fn bounds_between_two_milliseconds_are_taken_as_they_are() {
    let store = store();
    let id = feed(&store, "a", &[(NOW.0, 1.0), (NOW.0 + 1, 2.0), (NOW.0 + 2, 3.0)]);
    assert_eq!(window(&store, id, NOW.as_f64() + 0.5, NOW.as_f64() + 1.5), [(NOW.as_f64() + 1.0, 2.0)]);
    assert_eq!(window(&store, id, NOW.as_f64(), NOW.as_f64() + 1.0), [(NOW.as_f64() + 1.0, 2.0)]);
    assert_eq!(window(&store, SeriesId(99_000), 0.0, f64::INFINITY), []);
}

#[test]
fn a_search_pages_through_what_matches_in_order() {
    let store = with_series(&["lab.r2.cpu", "lab.r1.cpu", "lab.r1.mem", "other"]);
    let first = store.search("lab.*.cpu", 1, None).expect("a glob");
    assert_eq!((first.items[0].name.as_str(), first.total), ("lab.r1.cpu", 2));
    assert_eq!(first.items[0].last_at, Some(NOW.timestamp()));
    let second = store.search("lab.*.cpu", 1, first.next.as_deref()).expect("a glob");
    assert_eq!((second.items[0].name.as_str(), second.next), ("lab.r2.cpu", None));
    assert_eq!(store.search("MEM lab", 10, None).expect("words").items[0].name, "lab.r1.mem");
    assert_eq!(store.search("", 10, None).expect("all").total, 4);
}

#[test]
fn browsing_tells_branches_from_leaves() {
    let store = with_series(&["lab.r1.cpu", "lab.r1", "lab.r2.cpu"]);
    let page = store.search("lab.*", 10, None).expect("a glob");
    let hits: Vec<_> = page.items.iter().map(|hit| (hit.name.as_str(), hit.leaf)).collect();
    assert_eq!(hits, [("lab.r1", true), ("lab.r1", false), ("lab.r2", false)]);
    assert_eq!(page.total, 3);
}

#[test]
fn a_name_goes_before_a_glob_and_new_series_join_a_glob() {
    let store = with_series(&["odd[1]", "odd1"]);
    assert!(matches!(store.resolve("odd[1]"), Ok(Selection::One(Some(SeriesId(0))))));
    assert!(matches!(store.resolve("not.yet"), Ok(Selection::One(None))));
    let Ok(Selection::Matching(glob)) = store.resolve("odd*") else { panic!("a glob") };
    assert_eq!(store.expand(&glob, 1), (vec![SeriesId(0)], 2));
    let before = store.generation();
    feed(&store, "odd2", &[(NOW.0, 1.0)]);
    assert_ne!(store.generation(), before);
    assert_eq!(store.names_since(SeriesId(2)), [(SeriesId(2), Arc::from("odd2"))]);
}

#[test]
fn a_chart_has_the_peaks_the_unit_and_the_step() {
    let store = store();
    let spike = |n: i64| if n == 777 { 99.0 } else { 1.0 };
    let samples: Vec<_> = (0..3_000).map(|n| (NOW.0 - 30_000_000 + n * 10_000, spike(n))).collect();
    feed(&store, "host.h1.cpu.percent", &samples);
    let draw = Draw { from: NOW.plus(-40_000_000), to: NOW, max_points: 300, max_series: 10 };
    let answer = store.query("host.*.cpu.percent", draw).expect("a glob");
    let series = &answer.series[0];
    assert!(series.times.len() <= 300 && series.values.iter().any(|value| value.0 == 99.0));
    assert_eq!((series.unit.as_deref(), series.step_ms, answer.total), (Some("%"), 10_000.0, 1));
    assert_eq!(store.step_of("host.*").expect("a glob"), None, "no series has two parts");
    assert_eq!(
        store.step_of("host.h1.cpu.percent").expect("a name").map(|span| span.to_string()),
        Some("10s".into())
    );
}

#[test]
fn a_full_registry_says_so() {
    let store = LocalStore::in_memory(LocalConfig { max_series: 1, ..LocalConfig::default() });
    store.intern("a").expect("room for one");
    assert!(store.intern("b").is_err());
    assert_eq!(store.troubles(), ["no room for new series: there are 1 already"]);
}
