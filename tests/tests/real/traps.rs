//! What a real Graphite and a real Prometheus answer to questions that are wrong, early or odd.

use std::sync::Arc;

use atalaya::domain::{Millis, Secret, TroubleKind};
use atalaya::source::remote::{Answer, AnswerSeries, Fault, Query, Remote, connect};
use atalaya_api::source::{SourceKind, SourceSettings};
use atalaya_tests::feed::Feed;
use atalaya_tests::graphite::Graphite;
use atalaya_tests::poll;
use atalaya_tests::prometheus::{Exporter, Prometheus};
use atalaya_tests::stage::PATIENCE;

fn reach(kind: SourceKind, url: String) -> Arc<dyn Remote> {
    let settings = SourceSettings { kind, url, ..SourceSettings::default() };
    connect(&settings, &Secret::default())
        .map_err(|error| format!("{error:?}"))
        .expect("loopback can be reached")
}

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// The last so many seconds, in steps of one.
fn last(seconds: i64, expr: &str) -> Query {
    let upto = now();
    let after = Millis(upto - seconds * 1_000);
    Query { expr: expr.into(), after, upto: Millis(upto), interval_ms: 1_000, max_points: None }
}

/// Waits until an expression gives one series with samples.
fn until_there(remote: &dyn Remote, expr: &str) -> AnswerSeries {
    poll::until(expr, PATIENCE, || {
        let mut series = remote.fetch(&last(20, expr)).ok()?.series;
        (series.len() == 1 && series[0].values.iter().any(|value| !value.is_nan())).then(|| series.remove(0))
    })
}

/// The words in which the expression is refused.
fn refusal(remote: &dyn Remote, expr: &str) -> String {
    match remote.fetch(&last(20, expr)) {
        Err(Fault::Query(words)) => words,
        other => panic!("{expr} is refused, not {other:?}"),
    }
}

#[test]
fn graphites_odd_answers_are_understood() {
    let Some(graphite) = Graphite::shared() else { return };
    let remote = reach(SourceKind::Graphite, graphite.url());
    let feed = Feed::start(graphite.line_port());
    feed.set("fast.traps.plain", 7.5);
    feed.set("fast.traps.infinite", f64::INFINITY);
    feed.set("ten.traps.plain", 7.5);

    let plain = until_there(&*remote, "fast.traps.plain");
    assert!(plain.values.iter().all(|value| *value == 7.5 || value.is_nan()), "{plain:?}");
    let infinite = until_there(&*remote, "fast.traps.infinite");
    assert!(infinite.values.contains(&f64::INFINITY), "{infinite:?}");
    let wider = poll::until("a second bucket of ten seconds", PATIENCE, || {
        Some(until_there(&*remote, "ten.traps.plain")).filter(|series| series.step_ms > 0.0)
    });
    assert_eq!((plain.step_ms, wider.step_ms), (1_000.0, 10_000.0));

    assert_eq!(remote.fetch(&last(20, "fast.traps.missing")), Ok(Answer::default()));
    let Query { after, upto, .. } = last(20, "");
    let swapped = Query { after: upto, upto: after, ..last(20, "fast.traps.plain") };
    assert_eq!(remote.fetch(&swapped), Ok(Answer::default()), "Graphite would swap the ends");
    let ahead =
        Query { after: Millis(now() + 60_000), upto: Millis(now() + 70_000), ..last(20, "fast.traps.plain") };
    let series = remote.fetch(&ahead).expect("an answer").series;
    assert!(series.iter().all(|one| one.values.iter().all(|value| value.is_nan())), "{series:?}");

    let words = refusal(&*remote, "noSuchFunction(fast.traps.plain)");
    assert!(words.contains("noSuchFunction"), "{words}");
    match remote.fetch(&last(20, "scale(fast.traps.plain,'much')")) {
        Err(Fault::Source(trouble)) => {
            assert_eq!(trouble.kind, TroubleKind::Failing);
            assert!(!trouble.words.en.contains('<') && !trouble.words.es.contains('<'), "{trouble:?}");
        }
        other => panic!("a page that says it crashed: {other:?}"),
    }
}

#[test]
fn prometheus_odd_answers_are_understood() {
    let exporter = Exporter::start();
    let Some(prometheus) = Prometheus::scraping(exporter.port()) else { return };
    let prometheus = prometheus.start();
    let remote = reach(SourceKind::Prometheus, prometheus.url());
    exporter.set("lab_plain", 7.5);
    exporter.set("lab_infinite", f64::NEG_INFINITY);
    exporter.set(r#"lab_twice{side="a"}"#, 1.0);
    exporter.set(r#"lab_twice{side="b"}"#, 2.0);

    assert!(until_there(&*remote, "lab_plain").values.contains(&7.5));
    assert!(until_there(&*remote, "lab_infinite").values.contains(&f64::NEG_INFINITY));
    let total = until_there(&*remote, "sum(count_over_time(lab_plain[$__rate_interval]))");
    assert!(total.values.iter().all(|value| *value >= 1.0), "{total:?}");
    assert!(until_there(&*remote, "time()").values.len() > 10, "a number without a series");
    assert_eq!(remote.fetch(&last(20, "lab_missing")), Ok(Answer::default()));
    let month = Query { after: Millis(now() - 2_592_000_000), ..last(20, "lab_plain") };
    let series = remote.fetch(&month).expect("not more points than Prometheus gives").series;
    assert!(series.len() <= 1 && series.iter().all(|one| one.times.len() <= 11_000));

    assert!(refusal(&*remote, "lab_plain{").contains("parse error"));
    assert!(!refusal(&*remote, "lab_twice * on() lab_twice").is_empty(), "many to many");
    assert!(!refusal(&*remote, r#""a text""#).is_empty());

    exporter.silence("lab_plain");
    // Its own look-back would show it for five minutes.
    poll::until("the series has ended", PATIENCE, || {
        let answer = remote.fetch(&last(1, "lab_plain")).expect("an answer");
        answer.series.is_empty().then_some(())
    });
}

#[test]
fn both_say_what_they_are_and_what_time_they_have() {
    let exporter = Exporter::start();
    let (Some(graphite), Some(prometheus)) = (Graphite::shared(), Prometheus::scraping(exporter.port()))
    else {
        return;
    };
    let prometheus = prometheus.start();
    let both = [
        (SourceKind::Graphite, graphite.url(), "Graphite 1.1.10"),
        (SourceKind::Prometheus, prometheus.url(), "Prometheus 2."),
    ];
    for (kind, url, version) in both {
        let greeting = reach(kind, url).probe().expect("it answers");
        assert!(greeting.version.as_ref().is_some_and(|said| said.starts_with(version)), "{greeting:?}");
        let clock = greeting.clock.expect("its answer has a date");
        assert!((clock.0 - now()).abs() < 30_000, "{greeting:?}");
    }
}
