//! A thousand alarms at once, and a receiver that takes ten messages a minute.

use std::collections::BTreeSet;
use std::sync::Arc;

use atalaya::clock::Clock;
use atalaya::domain::{AlarmContext, AlarmId, Reason, RuleId, Severity, Subject, Texts, Transition};
use atalaya::store::{AlarmStore, CycleCommit, DeliveryFilter, NotifyStore, Slice};
use atalaya_api::delivery::DeliveryState;
use atalaya_api::receiver::Rate;
use atalaya_api::span::Span;
use atalaya_tests::story::Story;
use serde_json::json;

/// Series `n` of a rule, each on a panel of its own unless one is named, rises to this or clears.
fn becomes(
    story: &Story,
    rule: RuleId,
    n: usize,
    after: Option<Severity>,
    panel: Option<&str>,
) -> Transition {
    let subject = Subject::Series { rule, series: format!("lab.enb{n:04}").into() };
    let panel = panel.map_or_else(|| format!("Panel {n}"), str::to_owned);
    Transition {
        alarm: AlarmId::raised_by(&subject.key(), 1),
        subject,
        seq: if after.is_some() { 1 } else { 2 },
        at: story.clock.now().wall,
        before: if after.is_some() { None } else { Some(Severity::Warning) },
        after,
        reason: if after.is_some() { Reason::ChecksToAlert } else { Reason::ChecksToOk },
        value: Some(3.0),
        message: Texts { en: "above 2".to_owned(), es: "por encima de 2".to_owned() },
        evidence: None,
        context: Arc::new(AlarmContext {
            rule_name: "Disconnected".to_owned(),
            dashboard: Some("LTE".to_owned()),
            panel: Some(panel),
            unit: None,
        }),
    }
}

fn commit(story: &Story, transitions: Vec<Transition>) {
    let commit = CycleCommit { transitions, ..CycleCommit::default() };
    story.store.commit(&commit).expect("the store takes it");
}

/// A receiver `noc`, limited to ten messages a minute, and a rule that tells it.
fn flooded() -> (Story, RuleId) {
    let mut story = Story::new();
    let rate = Rate { messages: 10, per: Span(60) };
    story.post.receiver("noc", |receiver| receiver.rate = Some(rate));
    story.tell();
    let rule = story.rule(json!({ "notify": { "receivers": [{ "id": "noc" }] } }));
    (story, rule)
}

#[test]
fn of_999_warnings_and_one_critical_the_critical_comes_first_one_summary_tells_the_rest_and_nothing_is_lost()
{
    let (mut story, rule) = flooded();
    let severity = |n| Some(if n == 777 { Severity::Critical } else { Severity::Warning });
    commit(&story, (0..1_000).map(|n| becomes(&story, rule, n, severity(n), None)).collect());
    story.post_goes();
    let heard = story.post.heard("noc");
    assert_eq!(heard[0], "raised critical lab.enb0777");
    assert_eq!(heard.iter().filter(|line| line.starts_with("summary")).count(), 1, "{heard:?}");
    assert!(heard.len() <= 10, "{heard:?}");
    let letters = story.post.letters();
    let spoken_of = || letters.iter().flat_map(|letter| letter.message.alarms.iter().map(|said| said.alarm));
    assert_eq!((spoken_of().count(), spoken_of().collect::<BTreeSet<_>>().len()), (1_000, 1_000));
    let all = Slice { limit: 100, cursor: None };
    let kept = story.store.deliveries(&DeliveryFilter::default(), &all).expect("the store answers");
    assert_eq!(kept.items.iter().map(|delivery| delivery.alarms).sum::<u64>(), 1_000);
    assert!(kept.items.iter().all(|delivery| delivery.state == DeliveryState::Delivered));
    let ids: Vec<AlarmId> = spoken_of().collect();
    let told = story.store.told(&ids).expect("the store answers");
    assert!(told.values().all(|rows| rows.len() == 1 && rows[0].first_at.is_some()));
    // A critical that comes within the same minute still has its place.
    commit(&story, vec![becomes(&story, rule, 1_000, Some(Severity::Critical), None)]);
    story.post_goes();
    assert_eq!(story.post.heard("noc").last().map(String::as_str), Some("raised critical lab.enb1000"));
    // What is too much for this minute is told in the next one.
    commit(&story, vec![becomes(&story, rule, 1_001, Some(Severity::Warning), None)]);
    story.seconds(30);
    assert_eq!(story.post.heard("noc").len(), heard.len() + 1);
    story.seconds(31);
    assert_eq!(story.post.heard("noc").last().map(String::as_str), Some("raised warning lab.enb1001"));
}

#[test]
fn alarms_of_one_panel_that_rise_together_and_clear_together_make_one_message_each_time() {
    let (mut story, rule) = flooded();
    let all =
        |after| (0..7).map(|n| becomes(&story, rule, n, after, Some("Nbr. Disconnected eNodeB"))).collect();
    commit(&story, all(Some(Severity::Warning)));
    let clears: Vec<Transition> = all(None);
    story.post_goes();
    commit(&story, clears);
    story.post_goes();
    assert_eq!(story.post.heard("noc"), ["group warning 7", "group cleared 7"]);
    let kept = story
        .store
        .deliveries(&DeliveryFilter::default(), &Slice { limit: 10, cursor: None })
        .expect("the store answers");
    assert_eq!(kept.items[1].title, "7 Warning · Disconnected · lab.enb0000, lab.enb0001 +5");
}
