use super::super::brief::tests::{AT, brief, message, raised, said};
use super::*;
use crate::source::remote::http::stand_in::{StandIn, answer, json};

fn facing() -> Facing {
    Facing {
        text: brief("en").text_of(),
        language: "es".to_owned(),
        public_url: "https://atalaya.example/".to_owned(),
    }
}

/// Severity, and whether it still stands at `AT`.
fn standing(alerts: &[Alert]) -> Vec<(&str, bool)> {
    let now = AT.to_string();
    alerts.iter().map(|alert| (&*alert.labels["severity"], alert.ends_at > now)).collect()
}

#[test]
fn an_alert_holds_all_that_is_known() {
    let alerts = facing().alerts(&raised("router1.cpu"), AT);
    let expected = serde_json::json!([{
        "labels": {
            "alertname": "CPU",
            "severity": "critical",
            "series": "router1.cpu",
            "dashboard": "Routers",
            "panel": "Load",
            "rule_id": "02020202-0202-0202-0202-020202020202",
            "alarm_id": "01010101-0101-0101-0101-010101010101",
        },
        "annotations": {
            "summary": "CRITICAL router1.cpu 95.25 % 09:49 - Routers - CPU",
            "description": "está por encima de 90\nCall the NOC",
            "runbook_url": "https://wiki.example/cpu",
        },
        "startsAt": "1994-11-06T08:48:00Z",
        "endsAt": "1994-11-06T08:52:00Z",
        "generatorURL": "https://atalaya.example/history/01010101-0101-0101-0101-010101010101",
    }]);
    assert_eq!(serde_json::to_value(&alerts).expect("it is JSON"), expected);
}

#[test]
fn what_is_not_known_is_left_out() {
    let mut bare = said("a", Some(Severity::Warning), 1.0);
    (bare.dashboard, bare.panel, bare.rule, bare.runbook_url) = (None, None, None, None);
    (bare.rule_name, bare.note, bare.message) = (String::new(), String::new(), Default::default());
    let facing = Facing { public_url: String::new(), ..facing() };
    let alert = &facing.alerts(&message(DeliveryKind::Raised, vec![bare]), AT)[0];
    assert_eq!(
        alert.labels.keys().copied().collect::<Vec<_>>(),
        ["alarm_id", "alertname", "series", "severity"]
    );
    assert_eq!(alert.annotations.len(), 1);
    let json = serde_json::to_value(alert).expect("it is JSON");
    assert_eq!(json.get("generatorURL"), None, "an empty address is none");
}

#[test]
fn another_severity_is_a_new_alert_and_the_end_of_the_old_one() {
    let mut changed = said("a", Some(Severity::Critical), 1.0);
    changed.before = Some(Severity::Major);
    let alerts = facing().alerts(&message(DeliveryKind::Changed, vec![changed]), AT);
    assert_eq!(standing(&alerts), [("critical", true), ("major", false)]);
    let old = alerts[1].labels.iter().filter(|(name, _)| **name != "severity");
    assert!(old.eq(alerts[0].labels.iter().filter(|(name, _)| **name != "severity")));
}

#[test]
fn a_cleared_alarm_ends_as_it_was_told_of_when_it_cleared() {
    let mut cleared = said("a", None, 1.0);
    cleared.before = Some(Severity::Major);
    let alerts = facing().alerts(&message(DeliveryKind::Cleared, vec![cleared.clone()]), AT.plus(99_000));
    assert_eq!(standing(&alerts), [("major", false)]);
    assert_eq!(alerts[0].ends_at, AT.to_string());
    cleared.before = None;
    let alerts = facing().alerts(&message(DeliveryKind::Cleared, vec![cleared]), AT);
    assert_eq!(alerts.len(), 4, "whichever it was");
}

#[test]
fn what_is_said_again_lasts_three_refreshes_more() {
    let mut again = said("a", Some(Severity::Major), 1.0);
    again.before = Some(Severity::Major);
    let later = AT.plus(3_600_000);
    let alerts = facing().alerts(&message(DeliveryKind::Reminder, vec![again.clone(), again]), later);
    assert_eq!(alerts.len(), 2, "each alarm of a group is an alert, and none ends");
    assert_eq!(alerts[0].ends_at, later.plus(180_000).to_string());
    assert_eq!(alerts[0].starts_at, AT.plus(-60_000).to_string());
}

#[test]
fn no_end_is_before_its_start() {
    let mut odd = said("a", None, 1.0);
    odd.raised_at = AT.plus(5_000);
    let alerts = facing().alerts(&message(DeliveryKind::Cleared, vec![odd]), AT);
    assert!(alerts.iter().all(|alert| alert.ends_at >= alert.starts_at));
}

#[test]
fn a_test_ends_by_itself_within_a_minute() {
    for alarms in [Vec::new(), vec![said("a", Some(Severity::Warning), 1.0)]] {
        let alerts = facing().alerts(&message(DeliveryKind::Test, alarms), AT);
        assert_eq!(alerts[0].ends_at, AT.plus(60_000).to_string());
    }
}

fn way(url: &str) -> AlertmanagerWay {
    AlertmanagerWay { url: url.to_owned(), username: "ana".to_owned(), ca_pem: String::new() }
}

fn told(answer: Vec<u8>) -> (Result<String, Failure>, StandIn) {
    let far = StandIn::saying(answer);
    let secret = Secret { password: Some("p".to_owned()), token: None };
    let alertmanager = Alertmanager::new(&way(&far.url), &secret, facing()).expect("it can be used");
    (alertmanager.send(&raised("a")), far)
}

#[test]
fn it_is_posted_with_basic_authentication() {
    let (outcome, far) = told(json(""));
    assert_eq!(outcome, Ok("200".to_owned()));
    let heard = &far.heard()[0];
    assert_eq!(heard.line, "POST /api/v2/alerts");
    assert_eq!(heard.header("authorization"), Some("Basic YW5hOnA="));
    assert_eq!(heard.header("content-type"), Some("application/json"));
    assert!(heard.body.starts_with("[{\"labels\":{"), "{}", heard.body);
}

#[test]
fn a_refusal_is_final_and_shows_its_words() {
    let (outcome, _) = told(answer("400 Bad Request", &[], "\"start time must not be zero\""));
    let Err(Failure::Permanent { answer, .. }) = outcome else { panic!("{outcome:?}") };
    assert!(answer.contains("start time"), "{answer}");
    let (outcome, _) = told(answer_500());
    assert!(matches!(outcome, Err(Failure::Retryable { .. })), "{outcome:?}");
}

fn answer_500() -> Vec<u8> {
    answer("500 Internal Server Error", &[], "")
}

#[test]
fn what_cannot_be_used_is_named_by_its_field() {
    let refused = |way: AlertmanagerWay| {
        Alertmanager::new(&way, &Secret::default(), facing()).err().expect("it cannot be used").field
    };
    assert_eq!(refused(way("alertmanager:9093")), "alertmanager.url");
    let good = way("http://alertmanager.example:9093");
    assert_eq!(refused(AlertmanagerWay { ca_pem: "hello".into(), ..good.clone() }), "alertmanager.ca_pem");
    assert_eq!(refused(AlertmanagerWay { username: "a:b".into(), ..good }), "alertmanager.username");
}
