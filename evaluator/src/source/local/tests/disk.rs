//! What is sealed stays, whatever happens to the process or the disk.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use atalaya_api::span::Span;

use super::{NOW, feed, window};
use crate::clock::SystemClock;
use crate::domain::Millis;
use crate::source::local::{LocalConfig, LocalStore, Sample, SeriesId};

const MINUTE: i64 = 60_000;

fn config() -> LocalConfig {
    LocalConfig { max_series: 1_000, hot_samples: 4, ..LocalConfig::default() }
}

fn open(dir: &Path, now: Millis) -> LocalStore {
    LocalStore::open(config(), &dir.join("samples.db"), now)
}

fn sql(dir: &Path, sql: &str) -> i64 {
    let connection = rusqlite::Connection::open(dir.join("samples.db")).expect("the file");
    connection.query_row(sql, [], |row| row.get(0)).expect("a number")
}

/// A sample a minute for so many minutes up to `now`.
fn minutes(now: Millis, count: i64) -> Vec<(i64, f64)> {
    (0..count).rev().map(|n| (now.0 - n * MINUTE, n as f64)).collect()
}

#[test]
fn a_crash_loses_only_what_was_not_sealed() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path(), NOW);
    let id = feed(&store, "a", &minutes(NOW, 30));
    store.maintain(NOW);
    drop(store);
    let store = open(dir.path(), NOW);
    assert_eq!(store.lookup(b"a"), Some(id));
    let found = window(&store, id, 0.0, f64::INFINITY);
    assert_eq!(found.len(), 28, "the last two minutes were not sealed");
    assert_eq!(found.last(), Some(&((NOW.0 - 2 * MINUTE) as f64, 2.0)));
    assert_eq!(store.step(id), MINUTE as f64);
}

#[test]
fn a_clean_stop_loses_nothing_and_new_series_get_new_numbers() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Arc::new(open(dir.path(), NOW));
    let maintenance = store.start_maintenance(Arc::new(SystemClock::new())).expect("a thread");
    let names: Vec<String> = (0..300).map(|n| format!("s.{n}")).collect();
    for name in &names {
        feed(&store, name, &minutes(NOW, 3));
    }
    // The machine's clock is years before NOW: what maintenance seals goes up to its own now.
    drop(maintenance);
    store.close(NOW);
    drop(store);
    let store = open(dir.path(), NOW);
    for (number, name) in (0..).zip(&names) {
        assert_eq!(store.lookup(name.as_bytes()), Some(SeriesId(number)));
        assert_eq!(window(&store, SeriesId(number), 0.0, f64::INFINITY).len(), 3, "{name}");
    }
    assert_eq!(store.intern("new"), Ok(SeriesId(300)));
}

#[test]
fn memory_keeps_what_windows_look_back_to_and_lets_go_of_the_rest() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path(), NOW);
    let id = feed(&store, "a", &minutes(NOW, 60));
    store.maintain(NOW);
    assert_eq!(store.hot_samples(), 10, "ten minutes stay");
    let oldest = (NOW.0 - 30 * MINUTE) as f64;
    assert_eq!(window(&store, id, oldest, NOW.as_f64()).len(), 30);
    assert_eq!(store.hot_samples(), 30, "what was read back stays");
    store.maintain(NOW);
    assert!(store.hot_samples() >= 30, "as long as windows reach there");
    assert_eq!(window(&store, id, oldest, NOW.as_f64()).len(), 30);
}

#[test]
fn memory_has_a_bound_that_costs_sealed_samples_first() {
    let dir = tempfile::tempdir().expect("a folder");
    let config = LocalConfig { max_hot_samples: 100, hot_samples: 64, ..config() };
    let store = LocalStore::open(config, &dir.path().join("samples.db"), NOW);
    let ids: Vec<SeriesId> = (0..20).map(|n| feed(&store, &format!("s.{n}"), &minutes(NOW, 50))).collect();
    assert_eq!(store.hot_samples(), 1_000);
    store.maintain(NOW);
    assert!(store.hot_samples() <= 100, "{}", store.hot_samples());
    assert_eq!(store.lost_samples(), 0);
    ids.iter().for_each(|id| assert_eq!(window(&store, *id, 0.0, f64::INFINITY).len(), 50));
}

/// More than what fits into the pages of a new file: noise cannot be compressed.
fn feed_much(store: &LocalStore) -> Vec<SeriesId> {
    let noise = |n: i32| -> Vec<(i64, f64)> {
        minutes(NOW, 30)
            .into_iter()
            .map(|(at, value)| (at, (f64::from(n) * 1_000.0 + value * 0.37).sin()))
            .collect()
    };
    let feed = |n: i32| feed(store, &format!("series.{n}"), &noise(n));
    (0..200).map(feed).collect()
}

#[test]
fn a_full_disk_is_said_nothing_is_lost_and_it_recovers() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path(), NOW);
    let ids = feed_much(&store);
    store.disk.as_ref().expect("on disk").limit_pages(1);
    store.maintain(NOW);
    assert!(store.troubles()[0].contains("full"), "{:?}", store.troubles());
    assert_eq!(store.hot_samples(), 6_000, "memory keeps what is not on disk");
    assert_eq!(window(&store, ids[150], 0.0, f64::INFINITY).len(), 30);
    store.disk.as_ref().expect("on disk").limit_pages(1_000_000);
    store.maintain(NOW);
    assert_eq!(store.troubles(), [""; 0]);
    drop(store);
    assert_eq!(window(&open(dir.path(), NOW), ids[150], 0.0, f64::INFINITY).len(), 28);
}

#[test]
fn a_full_disk_and_a_full_memory_cost_the_oldest_samples_and_say_so() {
    let dir = tempfile::tempdir().expect("a folder");
    let config = LocalConfig { max_hot_samples: 1_000, ..config() };
    let store = LocalStore::open(config, &dir.path().join("samples.db"), NOW);
    let ids = feed_much(&store);
    store.disk.as_ref().expect("on disk").limit_pages(1);
    store.maintain(NOW);
    assert!(store.hot_samples() <= 1_000 && store.lost_samples() > 0);
    assert_eq!(store.troubles().len(), 2, "{:?}", store.troubles());
    assert_eq!(store.reader().last(ids[0]).map(|(at, _)| at), Some(NOW));
}

#[test]
fn a_damaged_block_is_skipped_counted_and_said() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path(), NOW);
    let id = feed(&store, "a", &minutes(NOW, 30));
    store.close(NOW);
    feed(&store, "a", &[(NOW.0 + 1, 7.0)]);
    store.close(NOW);
    drop(store);
    sql(dir.path(), "UPDATE block SET vals = zeroblob(9) WHERE id = 1 RETURNING id");
    let store = open(dir.path(), NOW);
    assert_eq!(window(&store, id, 0.0, f64::INFINITY), [((NOW.0 + 1) as f64, 7.0)]);
    assert_eq!(store.troubles(), ["damaged blocks of samples.db that are skipped: 1"]);
}

#[test]
fn a_file_that_is_no_database_is_moved_aside() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("samples.db"), vec![b'x'; 10_000]).expect("written");
    let store = open(dir.path(), NOW);
    feed(&store, "a", &minutes(NOW, 30));
    store.close(NOW);
    assert_eq!(store.troubles(), [""; 0]);
    assert!(dir.path().join("samples.db.damaged-1").exists());
    drop(store);
    assert_eq!(open(dir.path(), NOW).len(), 1);
}

#[test]
fn without_a_file_it_works_in_memory_and_says_so() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = LocalStore::open(config(), &dir.path().join("no/such/folder/samples.db"), NOW);
    let id = feed(&store, "a", &minutes(NOW, 30));
    store.maintain(NOW);
    assert!(store.troubles()[0].contains("memory only"));
    assert_eq!(window(&store, id, 0.0, f64::INFINITY).len(), 10);
}

#[test]
fn old_samples_are_deleted_after_the_retention_which_may_change() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path(), NOW);
    let id = feed(&store, "a", &minutes(NOW, 30));
    store.maintain(NOW);
    store.maintain(NOW.plus(6 * 86_400_000));
    assert_eq!(sql(dir.path(), "SELECT count(*) FROM block"), 2, "seven days are not over");
    store.set_retention(5 * 86_400_000);
    store.maintain(NOW.plus(6 * 86_400_000));
    assert_eq!(sql(dir.path(), "SELECT count(*) FROM block"), 0);
    assert_eq!(window(&store, id, 0.0, f64::INFINITY), []);
}

#[test]
fn small_blocks_are_merged_and_nothing_changes() {
    let dir = tempfile::tempdir().expect("a folder");
    let config = LocalConfig { late: Span(60), ..config() };
    let store = LocalStore::open(config, &dir.path().join("samples.db"), NOW);
    let series = store.intern("a").expect("room");
    for n in 0..100 {
        let now = NOW.plus(n * 2 * MINUTE);
        let sample = |at, value| Sample { series, at, value };
        // One in order, and the one before again: blocks overlap and the later one counts.
        store.append(
            &[sample(now.0, 0.0), sample(now.0 - 50_000, n as f64), sample(now.0 - 50_000, n as f64 + 0.5)],
            now,
        );
        store.maintain(now);
    }
    let blocks = sql(dir.path(), "SELECT count(*) FROM block");
    assert!(blocks < 40, "{blocks} blocks");
    let found = window(&store, series, 0.0, f64::INFINITY);
    assert_eq!(found.len(), 200);
    assert!(found.iter().any(|(_, value)| *value == 42.5));
}

#[test]
fn sealing_goes_on_while_samples_come_and_windows_are_read() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path(), NOW);
    let id = store.intern("a").expect("room");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..20_000 {
                let sample = Sample { series: id, at: NOW.0 - 20_000_000 + n * 1_000, value: n as f64 };
                store.append(&[sample], NOW);
            }
        });
        scope.spawn(|| (0..20).for_each(|n| store.maintain(NOW.plus(n - 10 * MINUTE))));
        for _ in 0..200 {
            let found = window(&store, id, NOW.as_f64() - 20_000_001.0, NOW.as_f64());
            let whole = found.iter().zip(0..).all(|((_, value), n)| *value == f64::from(n));
            assert!(whole, "no hole and no double: {} samples", found.len());
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    assert_eq!(window(&store, id, 0.0, f64::INFINITY).len(), 20_000);
}
