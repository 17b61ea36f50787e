//! Questions that are early, swapped or late.

use std::sync::Arc;

use atalaya::domain::{Millis, Secret};
use atalaya::source::remote::{Answer, Query, Remote, connect};
use atalaya_api::source::{SourceKind, SourceSettings};
use atalaya_tests::feed::Feed;
use atalaya_tests::graphite::Graphite;
use atalaya_tests::poll;
use atalaya_tests::prometheus::{Exporter, Prometheus};
use atalaya_tests::stage::PATIENCE;

fn reach(kind: SourceKind, url: String) -> Arc<dyn Remote> {
    let settings = SourceSettings { kind, url, ..SourceSettings::default() };
    connect(&settings, &Secret::default()).expect("loopback can be reached")
}

/// The seconds from so many ago to so many ago, in steps of one.
fn seconds(from: i64, to: i64, expr: &str) -> Query {
    let ago = |seconds: i64| Millis(jiff::Timestamp::now().as_millisecond() - seconds * 1_000);
    Query { expr: expr.into(), after: ago(from), upto: ago(to), interval_ms: 1_000, max_points: None }
}

/// Whether there is at least one sample.
fn has_samples(answer: &Answer) -> bool {
    answer.series.iter().any(|one| one.values.iter().any(|value| !value.is_nan()))
}

#[test]
fn graphite_is_not_asked_with_swapped_ends_and_has_nothing_of_times_to_come() {
    let Some(graphite) = Graphite::shared() else { return };
    let remote = reach(SourceKind::Graphite, graphite.url());
    let feed = Feed::start(graphite.line_port());
    feed.set("fast.traps.ends", 7.5);
    let asked = |from, to| remote.fetch(&seconds(from, to, "fast.traps.ends")).expect("an answer");
    poll::until("a sample is there", PATIENCE, || has_samples(&asked(20, 0)).then_some(()));
    assert_eq!(asked(0, 20), Answer::default(), "Graphite itself would swap them");
    assert!(!has_samples(&asked(-60, -70)), "in a minute");
}

#[test]
fn a_series_that_prometheus_says_has_ended_is_gone_at_once() {
    let exporter = Exporter::start();
    let Some(prometheus) = Prometheus::scraping(exporter.port()) else { return };
    let prometheus = prometheus.start();
    let remote = reach(SourceKind::Prometheus, prometheus.url());
    let is_there = || has_samples(&remote.fetch(&seconds(1, 0, "lab_ends")).expect("an answer"));
    exporter.set("lab_ends", 7.5);
    poll::until("the series is there", PATIENCE, || is_there().then_some(()));
    exporter.silence("lab_ends");
    // Its last sample would stand in for five minutes: longer than anybody here waits.
    poll::until("the series is gone", PATIENCE, || (!is_there()).then_some(()));
}
