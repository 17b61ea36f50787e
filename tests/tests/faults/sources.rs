//! A source elsewhere that behaves badly, with two hundred rules on it: one alarm for it, nothing else changes.

use std::time::{Duration, Instant};

use atalaya_tests::badsource::{BadSource, Manner};
use atalaya_tests::client::Client;
use atalaya_tests::feed::Feed;
use atalaya_tests::server::Server;
use atalaya_tests::stage::{
    alarms, cpu_rule, let_pass, metric, post_rule, steps, text, until_active, until_alarm,
};
use serde_json::{Value, json};

use crate::is_full;
use crate::tally::Tally;

const FAR_RULES: usize = 200;
/// What one answer may be, MiB, and how many at a time.
const ANSWER_MIB: u64 = 8;
const AT_A_TIME: u64 = 4;

/// A server with rules on a bad source and beside it.
struct Stage {
    server: Server,
    admin: Client,
    source: BadSource,
    feed: Feed,
    /// The alarm that a rule on the source holds throughout.
    held: String,
}

impl Stage {
    fn new() -> Self {
        let server = Server::start();
        let (admin, source) = (server.admin(), BadSource::start());
        let settings = json!({
            "id": "far", "kind": "graphite", "name": "Far", "url": source.url(), "offset": "0s", "timeout": "2s",
            "concurrency": AT_A_TIME, "max_answer_mib": ANSWER_MIB,
        });
        admin.post("/api/v1/sources", &settings).is(201);
        source.set("far.held", 95.0);
        (0..FAR_RULES - 2).for_each(|n| drop(post_rule(&admin, &far_rule(&format!("far.s{n}")))));
        post_rule(&admin, &far_rule("far.held"));
        // The newest bucket is empty in every answer: read as 0 it would be critical.
        let mut below = far_rule("far.below");
        below["check"]["params"] = json!({"direction": "below", "critical": 10});
        post_rule(&admin, &below);
        post_rule(&admin, &cpu_rule("lab.near"));
        let feed = Feed::start(server.carbon_port());
        feed.set("lab.near", 50.0);
        let held =
            text(&until_active(&admin, "95 raises an alarm", |alarm| alarm["series"] == "far.held")["id"]);
        Stage { server, admin, source, feed, held }
    }

    fn until_one_cause(&self, manner: Manner) -> Value {
        let raised =
            until_active(&self.admin, &format!("one alarm for a source that is {manner:?}"), |alarm| {
                alarm["subject"]["kind"] == "source"
            });
        let causes = self.admin.get("/api/v1/summary").is(200)["causes"].clone();
        let named = causes.as_array().into_iter().flatten().any(|cause| cause["subject"]["kind"] == "source");
        assert!(named, "the summary says it, too: {causes}");
        assert!(!text(&raised["message"]).is_empty(), "in words: {raised}");
        raised
    }

    /// While the source is bad: nothing is late, and what is near is judged as ever.
    fn what_is_near_goes_on(&self) {
        let began = Instant::now();
        self.feed.set("lab.near", 95.0);
        let near = until_active(&self.admin, "what is near is judged", |alarm| alarm["series"] == "lab.near");
        assert!(began.elapsed() < Duration::from_secs(20), "after {:?}", began.elapsed());
        self.feed.set("lab.near", 50.0);
        until_alarm(&self.admin, &text(&near["id"]), "and clears", |alarm| !alarm["cleared_at"].is_null());
        let late = metric(&self.admin, "atalaya_lateness_seconds");
        assert!(late < 5.0, "{late} s late");
    }

    fn stands_alone(&self, cause: &Value) {
        let mut active: Vec<String> =
            alarms(&self.admin, "active").iter().map(|alarm| text(&alarm["id"])).collect();
        let mut expected = vec![self.held.clone(), text(&cause["id"])];
        active.sort_unstable();
        expected.sort_unstable();
        assert_eq!(active, expected, "the one that is held, and the cause");
    }

    /// The most memory that the server ever had, KiB.
    fn peak_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.server.pid()));
        let status = status.expect("the server runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux tells it");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

fn far_rule(expr: &str) -> Value {
    let mut rule = cpu_rule(expr);
    rule["query"]["source"] = json!("far");
    rule["interval"] = json!("2s");
    rule
}

/// What may be said of a source that behaves so.
fn fitting(manner: Manner) -> &'static [&'static str] {
    match manner {
        Manner::Late | Manner::Drip => &["source too slow"],
        Manner::Huge => &["answer too large"],
        Manner::Garbage | Manner::Picture | Manner::Page => &["source answers nonsense"],
        Manner::Half => &["source answers nonsense", "source failing", "source unreachable"],
        Manner::TooMany => &["source overloaded"],
        Manner::Reset | Manner::Refused => &["source unreachable"],
        Manner::Headers => &["source answers nonsense", "answer too large", "source unreachable"],
        Manner::Well => &[],
    }
}

#[test]
fn a_source_that_behaves_badly_raises_one_alarm_whatever_it_does_and_nothing_else_changes() {
    let usual = [Manner::Late, Manner::Huge];
    let manners = if is_full() { &Manner::BAD[..] } else { &usual[..] };
    let (stage, mut tally) = (Stage::new(), Tally::of("source behaves badly in every way"));
    let before = stage.peak_kib();
    for manner in manners {
        stage.source.behave(*manner);
        let cause = stage.until_one_cause(*manner);
        let reason = text(&cause["reason"]);
        println!("{manner:?}: {reason}: {}", text(&cause["message"]));
        assert!(fitting(*manner).contains(&&*reason), "{manner:?}: {cause}");
        stage.what_is_near_goes_on();
        stage.stands_alone(&cause);
        let well = Instant::now();
        stage.source.behave(Manner::Well);
        until_alarm(&stage.admin, &text(&cause["id"]), "it clears by itself", |alarm| {
            !alarm["cleared_at"].is_null()
        });
        tally.add(well.elapsed());
        let_pass(&stage.admin, (2 * FAR_RULES) as f64);
        assert_eq!(steps(&stage.admin, &stage.held).len(), 1, "{manner:?} changed nothing that is held");
    }
    let grown = (stage.peak_kib() - before) >> 10;
    println!("the server held at most {} MiB, {grown} MiB more than before", stage.peak_kib() >> 10);
    // Answers that are read, those that are kept for their parts, and room for whatever else is done meanwhile.
    assert!(grown < 3 * ANSWER_MIB * AT_A_TIME + 100, "{grown} MiB");
    let unknown: Vec<Value> =
        alarms(&stage.admin, "all").into_iter().filter(|alarm| alarm["severity"] == "unknown").collect();
    assert_eq!(unknown, [] as [Value; 0], "no rule was told of for want of answers");
    let below = alarms(&stage.admin, "all").into_iter().any(|alarm| alarm["series"] == "far.below");
    assert!(!below, "an empty newest bucket is no 0");
    tally.close(0);
}
