//! The components themselves: that they keep what they are sent, and leave the machine to what is tested.

use std::time::{Duration, Instant};

use atalaya_tests::feed::Feed;
use atalaya_tests::graphite::Graphite;
use atalaya_tests::poll;
use atalaya_tests::prometheus::{Exporter, Prometheus};
use atalaya_tests::stage::PATIENCE;
use serde_json::Value;

#[test]
fn graphite_and_prometheus_answer_with_what_they_were_sent() {
    let exporter = Exporter::start();
    let (Some(graphite), Some(prometheus)) = (Graphite::shared(), Prometheus::scraping(exporter.port()))
    else {
        return;
    };
    let started = Instant::now();
    let prometheus = prometheus.start();
    exporter.set("lab_components", 12.5);
    let feed = Feed::start(graphite.line_port());
    feed.set("fast.components.value", 12.5);

    let url = format!("{}/render?target=fast.components.value&from=-10s&format=json", graphite.url());
    poll::until("Graphite has it", PATIENCE, || {
        let answer = json_of(&url);
        let points = answer[0]["datapoints"].as_array()?;
        points.iter().any(|point| point[0] == 12.5).then_some(())
    });
    let url = format!("{}/api/v1/query?query=lab_components", prometheus.url());
    poll::until("Prometheus has it", PATIENCE, || {
        (json_of(&url)["data"]["result"][0]["value"][1] == "12.5").then_some(())
    });
    let used = prometheus.cpu();
    assert!(used < started.elapsed() + Duration::from_secs(2), "more than one core: {used:?}");
}

fn json_of(url: &str) -> Value {
    let text = ureq::get(url).call().ok().and_then(|mut answer| answer.body_mut().read_to_string().ok());
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}
