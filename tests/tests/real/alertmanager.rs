//! Alarms in a real Alertmanager: what it shows.

use atalaya::clock::{Clock as _, SystemClock};
use atalaya::domain::{Millis, Secret, Severity};
use atalaya::notify::way::{self, Brief, Facing};
use atalaya::notify::{Failure, Way};
use atalaya_api::delivery::DeliveryKind;
use atalaya_api::receiver::AlertmanagerWay;
use atalaya_tests::alertmanager::{Alertmanager, PASSWORD, USERNAME};
use atalaya_tests::poll;
use atalaya_tests::stage::PATIENCE;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

fn connect(far: &Alertmanager, password: &str) -> way::Alertmanager {
    let settings = AlertmanagerWay { url: far.url(), username: USERNAME.to_owned(), ca_pem: String::new() };
    let secret = Secret { password: Some(password.to_owned()), token: None };
    let text = Brief { language: "en".to_owned(), zone: TimeZone::UTC }.text_of();
    let facing = Facing { text, language: "es".to_owned(), public_url: "https://atalaya.example".to_owned() };
    way::Alertmanager::new(&settings, &secret, facing).expect("it can be used")
}

fn now() -> Millis {
    SystemClock::new().now().wall
}

fn instant(value: &Value) -> Millis {
    let text = value.as_str().expect("an instant");
    text.parse::<jiff::Timestamp>().expect("an instant").into()
}

/// What stands, as severities.
fn severities(far: &Alertmanager) -> Vec<String> {
    let alerts = far.alerts();
    alerts.iter().map(|alert| alert["labels"]["severity"].as_str().unwrap_or_default().to_owned()).collect()
}

fn until_stand(far: &Alertmanager, expected: &[&str]) {
    poll::until("Alertmanager shows what stands", PATIENCE, || (severities(far) == expected).then_some(()));
}

#[test]
fn an_alarm_stands_changes_its_severity_and_is_resolved() {
    let Some(far) = Alertmanager::start() else { return };
    let way = connect(&far, PASSWORD);
    let began = now().plus(-60_000);
    let nasty = "router1.\"cpu\"\r\n<b>{{ .x }}";
    let mut message = crate::message(DeliveryKind::Raised, nasty, Some(Severity::Major), began);
    assert_eq!(way.send(&message), Ok("200".to_owned()));
    until_stand(&far, &["major"]);
    let alert = &far.alerts()[0];
    assert_eq!(alert["labels"]["series"], nasty);
    assert_eq!(alert["labels"]["alertname"], "CPU");
    assert_eq!(alert["annotations"]["description"], "está por encima de 90");
    assert_eq!(instant(&alert["startsAt"]), began);
    assert!(
        alert["generatorURL"].as_str().is_some_and(|url| url.starts_with("https://atalaya.example/history/"))
    );

    message.alarms[0].before = message.alarms[0].severity.replace(Severity::Critical);
    message.alarms[0].changed_at = began.plus(30_000);
    message.kind = DeliveryKind::Changed;
    way.send(&message).expect("Alertmanager takes it");
    until_stand(&far, &["critical"]);

    message.alarms[0].before = message.alarms[0].severity.take();
    message.alarms[0].changed_at = began.plus(50_000);
    message.kind = DeliveryKind::Cleared;
    way.send(&message).expect("Alertmanager takes it");
    until_stand(&far, &[]);
}

#[test]
fn an_alarm_that_is_said_again_stands_beyond_its_end() {
    let Some(far) = Alertmanager::start() else { return };
    let way = connect(&far, PASSWORD);
    assert!(way.refresh_every().is_some(), "Alertmanager forgets");
    let began = now().plus(-60_000);
    let message = crate::message(DeliveryKind::Raised, "a", Some(Severity::Major), began);
    way.send(&message).expect("Alertmanager takes it");
    until_stand(&far, &["major"]);
    let labels = far.alerts()[0]["labels"].clone();

    // The same alarm as it would be if it had been said almost three minutes ago, and one that nobody says again.
    let mut forgotten = labels.clone();
    forgotten["severity"] = json!("warning");
    let end = now().plus(2_000);
    let soon =
        |labels: &Value| json!({"labels": labels, "startsAt": began.to_string(), "endsAt": end.to_string()});
    far.post(&json!([soon(&labels), soon(&forgotten)]));
    way.send(&message).expect("Alertmanager takes it");
    until_stand(&far, &["major"]);
    assert!(now() >= end, "the other one ended by itself");
    let alert = &far.alerts()[0];
    assert!(instant(&alert["endsAt"]).since(now()) > 60_000, "{alert}");
}

#[test]
fn a_wrong_password_is_refused_for_good() {
    let Some(far) = Alertmanager::start() else { return };
    let message = crate::message(DeliveryKind::Test, "a", Some(Severity::Warning), now());
    let failure = connect(&far, "wr0ng").send(&message).expect_err("it is wrong");
    assert!(matches!(failure, Failure::Permanent { .. }), "{failure:?}");
    assert_eq!(severities(&far), [""; 0]);
    connect(&far, PASSWORD).send(&message).expect("Alertmanager takes it");
    let alert = &far.alerts()[0];
    assert!(instant(&alert["endsAt"]).since(now()) <= 60_000, "a test ends by itself: {alert}");
}
