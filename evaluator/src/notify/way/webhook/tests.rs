use std::io::Write;

use atalaya_api::receiver::{MessageWords, WebhookWay};

use super::*;
use crate::clock::ManualClock;
use crate::domain::Severity;
use crate::notify::samples::fixed::{AT, cleared, message, raised, several};
use crate::notify::words::Manner;
use crate::source::remote::http::stand_in::{StandIn, answer, json as good};

/// Of 24 bytes.
const KEY: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";

fn draft(url: &str) -> ReceiverDraft {
    let webhook = WebhookWay { url: url.to_owned(), ca_pem: String::new() };
    ReceiverDraft {
        id: "hook".to_owned(),
        kind: ReceiverKind::Webhook,
        webhook: Some(webhook),
        ..ReceiverDraft::default()
    }
}

fn hook(url: &str, key: Option<&str>) -> Result<Webhook, Wrong> {
    let wording = Wording::new(&MessageWords::default(), Manner::new("en", "UTC", "https://a.example"))?;
    let secret = Secret { password: key.map(str::to_owned), token: None };
    let hook = Webhook::new(&draft(url), &secret, wording)?;
    Ok(Webhook { clock: Arc::new(ManualClock::at(AT)), ..hook })
}

fn told(stand_in: &StandIn) -> Result<String, Failure> {
    let hook = hook(&format!("{}/in?key=s3cret", stand_in.url), None).expect("it can be used");
    hook.send(&message(DeliveryKind::Raised, vec![raised()]))
}

fn after(failed: Result<String, Failure>) -> Option<Duration> {
    match failed.expect_err("it is not taken") {
        Failure::Retryable { after, words, .. } => {
            assert!(!words.en.contains("s3cret") && !words.es.contains("s3cret"), "{words:?}");
            after
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_far_end_hears_alarms_in_the_shape_of_the_api() {
    let stand_in = StandIn::saying(good("{\"ok\":true}"));
    let hook = hook(&format!("{}/in?key=s3cret", stand_in.url), None).expect("it can be used");
    assert_eq!(
        hook.send(&message(DeliveryKind::Cleared, vec![cleared()])).expect("taken"),
        "200 {\"ok\":true}"
    );
    let heard = &stand_in.heard()[0];
    assert_eq!(heard.line, "POST /in?key=s3cret");
    assert_eq!(heard.header("content-type"), Some("application/json"));
    assert_eq!(heard.header("webhook-id"), Some(message(DeliveryKind::Raised, vec![]).key.as_str()));
    assert_eq!(heard.header("webhook-timestamp"), Some("1800000000"));
    assert_eq!(heard.header("webhook-signature"), None);
    let body: Value = serde_json::from_str(&heard.body).expect("JSON");
    assert_eq!(
        (&body["type"], &body["timestamp"]),
        (&json!("alarm.cleared"), &json!("2027-01-15T08:00:00Z"))
    );
    let (data, alarm) = (&body["data"], &body["data"]["alarms"][0]);
    assert_eq!(data["title"], "Cleared · CPU router1 · lab.router1.cpu · 12 %");
    assert_eq!((&data["severity"], &data["count"]), (&Value::Null, &json!(1)));
    assert_eq!((&alarm["severity"], &alarm["value"]), (&json!("critical"), &json!(12.0)));
    assert_eq!(
        (&alarm["series"], &alarm["rule"]["name"]),
        (&json!("lab.router1.cpu"), &json!("CPU router1"))
    );
    assert_eq!(
        (&alarm["raised_at"], &alarm["cleared_at"]),
        (&json!("2027-01-15T07:50:00Z"), &json!("2027-01-15T08:00:00Z"))
    );
    assert_eq!(alarm["link"], format!("https://a.example/history/{}", raised().alarm));
}

#[test]
fn whoever_has_the_key_can_tell_that_it_is_us() {
    let stand_in = StandIn::saying(answer("204 No Content", &[], ""));
    let hook = hook(&stand_in.url, Some(KEY)).expect("it can be used");
    hook.send(&message(DeliveryKind::Raised, vec![raised()])).expect("taken");
    let heard = &stand_in.heard()[0];
    let header = |name| heard.header(name).expect("it is sent");
    let signed = format!("{}.{}.{}", header("webhook-id"), header("webhook-timestamp"), heard.body);
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"0123456789abcdef01234567");
    let signature = header("webhook-signature").strip_prefix("v1,").expect("version 1");
    let signature = BASE64.decode(signature).expect("base64");
    hmac::verify(&key, signed.as_bytes(), &signature).expect("it is ours");
}

#[test]
fn the_signature_is_that_of_the_standards_own_example() {
    let key = signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a key");
    let signature = signature(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", br#"{"test": 2432232314}"#);
    assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[test]
fn a_key_that_is_none_is_refused_and_not_shown() {
    for key in ["hush", "whsec_", "whsec_c2hvcnQ=", "whsec_no base64"] {
        let wrong = hook("http://127.0.0.1:1", Some(key)).map(drop).expect_err(key);
        assert_eq!(wrong.field, "secret");
        assert!(!wrong.words.en.contains("hush"), "{}", wrong.words.en);
    }
    let wrong = hook("localhost", None).map(drop).expect_err("no address");
    assert_eq!(wrong.field, "webhook.url");
}

#[test]
fn what_may_be_taken_later_is_told_apart_from_what_never_will() {
    for status in
        ["408 Request Timeout", "425 Too Early", "429 Too Many Requests", "500 Oops", "503 Unavailable"]
    {
        assert_eq!(after(told(&StandIn::saying(answer(status, &[], "x")))), None, "{status}");
    }
    for status in ["400 Bad Request", "401 Unauthorized", "404 Not Found", "410 Gone", "422 Unprocessable"] {
        let failed = told(&StandIn::saying(answer(status, &[], "no"))).expect_err(status);
        assert!(matches!(&failed, Failure::Permanent { answer, .. } if answer.ends_with("no")), "{failed:?}");
    }
}

#[test]
fn whoever_asks_to_be_left_alone_is_left_alone() {
    let busy = |header: &'static str| {
        after(told(&StandIn::saying(answer(
            "429 Too Many Requests",
            &["date: Fri, 15 Jan 2027 08:00:00 GMT", header],
            "",
        ))))
    };
    assert_eq!(busy("retry-after: 7"), Some(Duration::from_secs(7)));
    assert_eq!(busy("retry-after: Fri, 15 Jan 2027 08:00:30 GMT"), Some(Duration::from_secs(30)));
    assert_eq!(busy("retry-after: 1800"), Some(Duration::from_secs(1_800)), "half an hour is not too long");
    assert_eq!(busy("retry-after: 86400"), Some(Duration::from_secs(3_600)), "a day is");
}

#[test]
fn nobody_is_redirected() {
    let elsewhere = StandIn::saying(good("{}"));
    let location: &'static str = format!("location: {}/other", elsewhere.url).leak();
    let failed =
        told(&StandIn::saying(answer("307 Temporary Redirect", &[location], ""))).expect_err("a redirect");
    assert!(matches!(&failed, Failure::Permanent { .. }), "{failed:?}");
    assert!(failed.words().en.contains("sends elsewhere"), "{failed:?}");
    assert_eq!(elsewhere.heard().len(), 0);
}

#[test]
fn the_path_that_lets_in_is_in_nobody_s_words() {
    let secret = "/services/T01/B02/s3cret-and-long";
    let said = |status: &'static str, header: &'static str, body: &'static str| {
        let stand_in = StandIn::saying(answer(status, &[header], body));
        let hook = hook(&format!("{}{secret}", stand_in.url), None).expect("it can be used");
        format!("{:?}", hook.send(&message(DeliveryKind::Raised, vec![raised()])))
    };
    let moved =
        said("301 Moved Permanently", "location: https://hooks.example/services/T01/B02/s3cret-and-long", "");
    assert!(moved.contains("https://hooks.example…"), "{moved}");
    let renamed = said("308 Moved", "location: https://hooks.example/v2/T01/B02/s3cret-and-long/", "");
    let unknown = said("404 Not Found", "x: y", "Cannot POST /services/T01/B02/s3cret-and-long");
    assert!(unknown.contains("Cannot POST …"), "{unknown}");
    let fails = said("500 Oops", "x: y", "no handler: /services/T01/B02/s3cret-and-long");
    let echoed = said("200 OK", "x: y", "you posted to /services/T01/B02/s3cret-and-long");
    for words in [moved, renamed, unknown, fails, echoed] {
        assert!(!words.contains("s3cret"), "{words}");
    }
}

#[test]
fn a_gigabyte_of_answer_is_cut() {
    let talking = |head: &'static str| {
        StandIn::talking(move |_, stream| {
            let mut written = stream.write_all(head.as_bytes());
            let piece = [b'x'; 64 * 1024];
            for _ in 0..16 * 1024 {
                written = written.and_then(|()| stream.write_all(&piece));
            }
            written.is_ok()
        })
    };
    let taken =
        told(&talking("HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n")).expect("it was taken");
    assert!(taken.chars().count() <= LONGEST_ANSWER, "{taken}");
    told(&talking("HTTP/1.1 200 OK\r\n\r\n")).expect("it was taken");
    let failed = told(&talking("HTTP/1.1 500 Oops\r\n\r\n")).expect_err("it was not");
    assert!(failed.answer().chars().count() <= LONGEST_ANSWER && failed.answer().starts_with("xxx"));
    assert!(failed.words().en.contains("fails (500): xxx"), "{failed:?}");
}

#[test]
fn whoever_resets_or_is_not_there_is_tried_again() {
    let reset = told(&StandIn::new(|_| Vec::new()));
    assert!(matches!(reset, Err(Failure::Unclear { .. })), "it may have taken it: {reset:?}");
    let gone = hook("http://127.0.0.1:1/x", None).expect("it can be used");
    assert_eq!(after(gone.send(&message(DeliveryKind::Test, vec![]))), None);
}

#[test]
fn a_flood_is_one_message_of_bearable_size() {
    let stand_in = StandIn::saying(good("{}"));
    let hook = hook(&stand_in.url, None).expect("it can be used");
    hook.send(&message(DeliveryKind::Summary, several(&[(3_000, Severity::Warning)]))).expect("taken");
    let body: Value = serde_json::from_str(&stand_in.heard()[0].body).expect("JSON");
    assert_eq!(body["data"]["count"], 3_000);
    assert_eq!(body["data"]["alarms"].as_array().map(Vec::len), Some(LISTED));
}
