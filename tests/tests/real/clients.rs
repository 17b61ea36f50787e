//! How the evaluator asks, against servers that really answer: what their documents leave open is shown here.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use atalaya::clock::{Clock as _, SystemClock};
use atalaya::domain::{Millis, Secret, TroubleKind};
use atalaya::source::remote::{Answer, Fault, Query, Remote, connect};
use atalaya_api::source::{SourceKind, SourceSettings};
use atalaya_tests::graphite::Graphite;
use atalaya_tests::poll;
use atalaya_tests::prometheus::{Exporter, Prometheus};

const PATIENCE: Duration = Duration::from_secs(30);

fn remote(kind: SourceKind, url: String) -> Arc<dyn Remote> {
    connect(&SourceSettings { kind, url, ..SourceSettings::default() }, &Secret::default())
        .expect("it can be used")
}

fn now() -> Millis {
    SystemClock::new().now().wall
}

/// The last `seconds` before `upto`, a point a second.
fn last(seconds: i64, upto: Millis, expr: &str) -> Query {
    let after = upto.plus(-seconds * 1_000);
    Query { expr: expr.into(), after, upto, interval_ms: 1_000, max_points: None }
}

/// Carbon's lines: a value for each of these seconds.
fn feed(graphite: &Graphite, name: &str, samples: impl IntoIterator<Item = (i64, f64)>) {
    let mut carbon = TcpStream::connect(("127.0.0.1", graphite.line_port())).expect("carbon listens");
    for (second, value) in samples {
        writeln!(carbon, "{name} {value} {second}").expect("carbon takes lines");
    }
}

fn until_there(remote: &dyn Remote, query: &Query, values: usize) -> Answer {
    poll::until("the samples are there", PATIENCE, || {
        let answer = remote.fetch(query).expect("it answers");
        let had: usize =
            answer.series.iter().map(|one| one.values.iter().filter(|value| !value.is_nan()).count()).sum();
        (had >= values).then_some(answer)
    })
}

fn query_fault(answer: Result<Answer, Fault>) -> String {
    match answer {
        Err(Fault::Query(words)) => words,
        other => panic!("the expression is at fault: {other:?}"),
    }
}

#[test]
fn graphite_gives_what_was_asked_for_and_an_empty_bucket_is_not_zero() {
    let Some(graphite) = Graphite::shared() else { return };
    let remote = remote(SourceKind::Graphite, graphite.url());
    let second = now().0 / 1_000;
    feed(
        &graphite,
        "fast.clients.asked",
        (second - 20..=second - 10).filter(|at| at % 5 != 0).map(|at| (at, at as f64)),
    );
    let upto = Millis((second - 10) * 1_000);
    let query = last(10, upto, "fast.clients.asked");
    let answer = until_there(&*remote, &query, 8);
    let series = &answer.series[0];
    assert_eq!((&*series.name, series.step_ms), ("fast.clients.asked", 1_000.0));
    let kept = |at: &i64| at % 5 != 0 || *at != second - 10;
    let times: Vec<f64> = (second - 19..=second - 10).filter(kept).map(|at| at as f64 * 1_000.0).collect();
    assert_eq!(series.times, times, "after the start, up to the end, without the one that is not over");
    for (time, value) in series.times.iter().zip(&series.values) {
        let empty = time % 5_000.0 == 0.0;
        assert!(if empty { value.is_nan() } else { *value == time / 1_000.0 }, "{time}: {value}");
    }
}

#[test]
fn graphite_s_newest_buckets_are_unfinished_and_not_empty() {
    let Some(graphite) = Graphite::shared() else { return };
    let remote = remote(SourceKind::Graphite, graphite.url());
    let minute = now().0 / 60_000 * 60;
    feed(&graphite, "clients.slow", [(minute - 120, 1.0), (minute - 60, 2.0)]);
    let query = last(180, Millis(minute * 1_000 + 30_000), "clients.slow");
    let series = until_there(&*remote, &query, 2).series.remove(0);
    assert_eq!(series.values, [1.0, 2.0], "the minute that has only begun says nothing");
    assert_eq!(series.step_ms, 60_000.0);
}

#[test]
fn graphite_s_infinities_doubles_and_wide_steps_are_read() {
    let Some(graphite) = Graphite::shared() else { return };
    let remote = remote(SourceKind::Graphite, graphite.url());
    let second = now().0 / 1_000 / 10 * 10;
    feed(&graphite, "fast.clients.odd", (second - 30..=second).map(|at| (at, -2.0)));
    let upto = Millis(second * 1_000);
    until_there(&*remote, &last(30, upto, "fast.clients.odd"), 30);
    let endless = "scale(scale(fast.clients.odd,1e300),1e300)";
    let answer = remote.fetch(&last(5, upto, endless)).expect("it answers");
    assert_eq!(answer.series[0].values, [f64::NEG_INFINITY; 5]);
    let doubles = r#"group(alias(fast.clients.odd,"ñ \"x\""),alias(fast.clients.odd,"ñ \"x\""))"#;
    let answer = remote.fetch(&last(5, upto, doubles)).expect("it answers");
    let names: Vec<&str> = answer.series.iter().map(|one| &*one.name).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(names[1], format!("{} #2", names[0]));
    let drawn = Query { max_points: Some(3), ..last(30, upto, "fast.clients.odd") };
    let answer = remote.fetch(&drawn).expect("it answers");
    assert!(answer.series[0].times.len() <= 3 && answer.series[0].step_ms >= 10_000.0, "{answer:?}");
}

#[test]
fn graphite_says_what_is_wrong_with_an_expression() {
    let Some(graphite) = Graphite::shared() else { return };
    let remote = remote(SourceKind::Graphite, graphite.url());
    feed(&graphite, "fast.clients.wrong", [(now().0 / 1_000, 1.0)]);
    until_there(&*remote, &last(60, now(), "fast.clients.wrong"), 1);
    let fetch = |expr: &str| remote.fetch(&last(60, now(), expr));
    assert!(query_fault(fetch("nope(fast.x)")).contains("nope"), "{:?}", fetch("nope(fast.x)"));
    for nothing in ["fast.nobody.knows", "sumSeries()", "sumSeries(fast.x"] {
        assert_eq!(fetch(nothing), Ok(Answer::default()), "{nothing}");
    }
    for wrong in [
        "movingAverage(fast.clients.wrong,'x','y','z')",
        "scale(fast.clients.wrong,'x')",
        "alias(fast.clients.wrong)",
    ] {
        let words = query_fault(fetch(wrong));
        assert!(words.contains("Error: "), "{wrong}: {words}");
    }
}

#[test]
fn graphite_greets_and_finds() {
    let Some(graphite) = Graphite::shared() else { return };
    let remote = remote(SourceKind::Graphite, graphite.url());
    let greeting = remote.probe().expect("it answers");
    assert_eq!(greeting.version.as_deref(), Some("Graphite 1.1.10"));
    assert!(greeting.clock.expect("a date").since(now()).abs() < 5_000, "{greeting:?}");
    let second = now().0 / 1_000;
    // Names that no other story has: they share one Graphite.
    for name in ["fast.clients.Zafiro1.cpu", "fast.clients.Zafiro2.cpu", "fast.clients.Zafiro1.memory"] {
        feed(&graphite, name, [(second, 1.0)]);
    }
    let names = |q: &str| -> Vec<String> {
        let hits = remote.search(q, 10).expect("it answers");
        hits.iter().map(|hit| format!("{}{}", hit.name, if hit.leaf { "" } else { "." })).collect()
    };
    poll::until("the series are found", PATIENCE, || (names("fast.clients.*.*").len() == 3).then_some(()));
    assert_eq!(names("fast.clients.*.cpu"), ["fast.clients.Zafiro1.cpu", "fast.clients.Zafiro2.cpu"]);
    assert_eq!(names("fast.clients.zaf"), ["fast.clients.Zafiro1.", "fast.clients.Zafiro2."]);
    assert_eq!(names("fast.clients.Zafiro1."), ["fast.clients.Zafiro1.cpu", "fast.clients.Zafiro1.memory"]);
    assert_eq!(names("zafiro2"), ["fast.clients.Zafiro2."]);
    assert_eq!(names("zafiro cpu"), ["fast.clients.Zafiro1.cpu", "fast.clients.Zafiro2.cpu"]);
    assert_eq!(names("nobody.knows"), [""; 0]);
}

#[test]
fn an_address_that_is_no_graphite_s_is_said_to_be_none() {
    let Some(graphite) = Graphite::shared() else { return };
    let fault = remote(SourceKind::Graphite, format!("{}/nowhere", graphite.url())).probe();
    let Err(Fault::Source(trouble)) = fault else { panic!("nothing is there: {fault:?}") };
    assert_eq!(trouble.kind, TroubleKind::Nonsense, "{trouble:?}");
    let fault = remote(SourceKind::Prometheus, graphite.url()).probe();
    let Err(Fault::Source(trouble)) = fault else { panic!("it is no Prometheus: {fault:?}") };
    assert_eq!(trouble.kind, TroubleKind::Nonsense, "{trouble:?}");
}

#[test]
fn prometheus_gives_the_instants_that_were_asked_for() {
    let exporter = Exporter::start();
    exporter.set("lab_temperature{room=\"b\",house=\"a \\\"b\\\"\"}", 21.5);
    exporter.set("lab_limit", f64::INFINITY);
    let Some(builder) = Prometheus::scraping(exporter.port()) else { return };
    let prometheus = builder.start();
    let remote = remote(SourceKind::Prometheus, prometheus.url());
    let greeting = remote.probe().expect("it answers");
    assert!(greeting.version.is_some_and(|version| version.starts_with("Prometheus ")));
    assert!(greeting.clock.expect("a date").since(now()).abs() < 5_000);

    let answer = poll::until("three points of it are there", PATIENCE, || {
        let query = last(3, now(), "lab_temperature");
        let answer = remote.fetch(&query).expect("it answers");
        let whole = answer.series.first().is_some_and(|one| one.values.len() == 3);
        whole.then(|| (query, answer.series[0].clone()))
    });
    let (query, series) = answer;
    let name = format!(
        "lab_temperature{{house=\"a \\\"b\\\"\",instance=\"127.0.0.1:{}\",job=\"lab\",room=\"b\"}}",
        exporter.port()
    );
    assert_eq!(&*series.name, name);
    let upto = query.upto.as_f64();
    assert_eq!(series.times, [upto - 2_000.0, upto - 1_000.0, upto]);
    assert_eq!((series.values.as_slice(), series.step_ms), (&[21.5; 3][..], 1_000.0));

    let one = remote.fetch(&last(1, now(), "lab_limit")).expect("it answers");
    assert_eq!(one.series[0].values, [f64::INFINITY]);
    let scalar = remote.fetch(&last(3, now(), "1 + 1")).expect("it answers");
    assert_eq!((scalar.series[0].values.as_slice(), &*scalar.series[0].name), (&[2.0; 3][..], "{}"));
    let rate = remote.fetch(&last(60, now(), "rate(lab_temperature[$__rate_interval])"));
    assert!(rate.is_ok(), "{rate:?}");
    let long = Query { after: Millis(0), ..last(0, now(), "lab_temperature") };
    assert!(remote.fetch(&long).is_ok(), "no more points than it gives");

    let words = query_fault(remote.fetch(&last(3, now(), "sum(lab_temperature")));
    assert!(words.contains("unclosed left parenthesis"), "{words}");
    let words =
        query_fault(remote.fetch(&last(1, now(), "lab_temperature * on() lab_temperature{a=~\"(\"}")));
    assert!(!words.is_empty());
    assert!(query_fault(remote.fetch(&last(1, now(), "\"text\""))).contains("text"));

    let names = |q: &str| -> Vec<String> {
        remote.search(q, 5).expect("it answers").into_iter().map(|hit| hit.name).collect()
    };
    assert_eq!(names("TEMPER"), ["lab_temperature"]);
    assert_eq!(names("lab_temperature"), ["lab_temperature".to_owned(), name.clone()]);
    assert_eq!(names("lab_*"), ["lab_limit", "lab_temperature"]);
    assert_eq!(names("lab_temperature{ro"), std::slice::from_ref(&name));
    assert_eq!(names("lab_temperature{room=\"b\"}"), [name]);
    assert_eq!(names("nothing.like.this"), [""; 0]);
}
