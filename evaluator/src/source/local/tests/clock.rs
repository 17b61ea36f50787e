//! Clocks that are set while samples come.

use super::{NOW, feed, window};
use crate::domain::Millis;
use crate::source::local::{LocalConfig, LocalStore, Sample, SeriesId};

const MINUTE: i64 = 60_000;
const YEAR: i64 = 365 * 1_440 * MINUTE;

fn open(dir: &std::path::Path, now: Millis) -> LocalStore {
    let config = LocalConfig { max_series: 1_000, hot_samples: 4, ..LocalConfig::default() };
    LocalStore::open(config, &dir.join("samples.db"), now)
}

/// A sample a second from this instant on, as many as there are values.
fn seconds(store: &LocalStore, series: SeriesId, from: Millis, values: &[f64]) -> Millis {
    let mut now = from;
    for value in values {
        now = now.plus(1_000);
        let appended = store.append(&[Sample { series, at: now.0, value: *value }], now);
        assert_eq!(appended.accepted, 1, "{appended:?}");
    }
    now
}

fn values(store: &LocalStore, id: SeriesId, after: Millis, upto: Millis) -> Vec<f64> {
    window(store, id, after.as_f64(), upto.as_f64()).into_iter().map(|(_, value)| value).collect()
}

#[test]
fn samples_go_on_after_a_clock_was_set_back_by_a_year_and_none_is_lost() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path(), NOW);
    let id = feed(&store, "a", &[]);
    seconds(&store, id, NOW, &[1.0; 200]);
    store.maintain(NOW.plus(200_000));
    let then = NOW.plus(-YEAR);
    let after = seconds(&store, id, then, &[2.0; 200]);
    assert_eq!(values(&store, id, then, after), [2.0; 200]);
    assert_eq!(store.step(id), 1_000.0);
    store.close(after);
    assert_eq!(store.troubles(), [""; 0]);
    drop(store);
    let store = open(dir.path(), NOW);
    assert_eq!(window(&store, id, 0.0, f64::INFINITY).len(), 400, "those too that were not sealed by then");
}

#[test]
fn what_was_measured_before_the_clock_was_set_back_is_not_taken_for_new() {
    let store = super::store();
    let id = feed(&store, "a", &[]);
    let now = seconds(&store, id, NOW, &[1.0; 300]);
    let then = now.plus(-240_000);
    let after = seconds(&store, id, then, &[2.0; 60]);
    assert_eq!(values(&store, id, then, after), [2.0; 60]);
    assert_eq!(values(&store, id, after, after.plus(180_000)), [0.0; 0]);
    assert_eq!(values(&store, id, NOW, then), [1.0; 60], "what was before stays");
}

#[test]
fn a_silent_series_shows_nothing_new_after_the_clock_was_set_back() {
    let store = super::store();
    let (silent, other) = (feed(&store, "a", &[]), feed(&store, "b", &[]));
    let now = seconds(&store, silent, NOW, &[1.0; 300]);
    let then = now.plus(-240_000);
    seconds(&store, other, then, &[2.0]);
    assert_eq!(values(&store, silent, then.plus(1_000), then.plus(240_000)), [0.0; 0]);
}

#[test]
fn a_jump_ahead_and_back_deletes_nothing_while_the_clock_is_doubted() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path(), NOW);
    let id = feed(&store, "a", &[]);
    let now = seconds(&store, id, NOW, &[1.0; 1_000]);
    store.maintain(now);
    let ahead = seconds(&store, id, now.plus(YEAR), &[2.0; 1_000]);
    store.keep_tidy(ahead, false);
    let back = now.plus(1_000_000);
    let end = seconds(&store, id, back, &[3.0; 10]);
    store.keep_tidy(end, false);
    assert_eq!(values(&store, id, back, end), [3.0; 10]);
    assert!(
        values(&store, id, NOW, now) == [1.0; 1_000],
        "those too that were not sealed when the clock jumped"
    );
    assert_eq!(store.hot_samples(), store.held(id));
}

#[test]
fn a_start_with_a_clock_that_is_behind_reads_no_future_and_takes_samples() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path(), NOW);
    let id = feed(&store, "a", &[]);
    let now = seconds(&store, id, NOW, &[1.0; 1_000]);
    store.close(now);
    drop(store);
    let then = now.plus(-YEAR);
    let store = open(dir.path(), then);
    assert_eq!(store.hot_samples(), 0, "all of it lies ahead");
    let after = seconds(&store, id, then, &[2.0; 10]);
    assert_eq!(values(&store, id, then, after), [2.0; 10]);
    store.close(after);
    drop(store);
    assert_eq!(window(&open(dir.path(), now), id, 0.0, f64::INFINITY).len(), 1_010);
}
