use atalaya_api::delivery::DeliveryKind;

use super::super::brief::tests::{brief, message, raised, said};
use super::*;
use crate::domain::Severity;
use crate::source::remote::http::stand_in::{Heard, StandIn, answer};

fn way(url: &str) -> SmsWay {
    SmsWay {
        url: format!("{url}/cgi-bin/sendsms"),
        username: "atalaya".to_owned(),
        from: "Atalaya".to_owned(),
        smsc: String::new(),
        numbers: vec!["+34600123123".to_owned()],
        lists: vec!["night".to_owned()],
        unicode: false,
    }
}

fn lists() -> Vec<PhoneList> {
    let numbers = ["34600000001", "+34600123123"].map(String::from).to_vec();
    vec![PhoneList { name: "night".to_owned(), numbers }]
}

fn secret() -> Secret {
    Secret { password: Some("s3 cret&".to_owned()), token: None }
}

fn sms(way: &SmsWay) -> Sms {
    Sms::new(way, &secret(), &lists(), brief("es").text_of()).expect("it can be used")
}

fn told(answer_bytes: Vec<u8>) -> (Result<String, Failure>, Heard) {
    let gateway = StandIn::saying(answer_bytes);
    let outcome = sms(&way(&gateway.url)).send(&raised("router1.cpu"));
    let heard = gateway.heard().remove(0);
    (outcome, heard)
}

const GOOD: &str = "0: Accepted for delivery";

#[test]
fn the_gateway_is_asked_as_kannel_wants_it() {
    let (outcome, heard) = told(answer("202 Accepted", &[], GOOD));
    assert_eq!(outcome, Ok(GOOD.to_owned()));
    assert!(
        heard.line.starts_with("GET /cgi-bin/sendsms?username=atalaya&password=s3%20cret%26&"),
        "{heard:?}"
    );
    let field = |name| heard.field(name);
    assert_eq!(field("to").as_deref(), Some("+34600123123 34600000001"), "each number once");
    assert_eq!(field("from").as_deref(), Some("Atalaya"));
    assert_eq!((field("coding").as_deref(), field("charset").as_deref()), (Some("0"), Some("UTF-8")));
    assert_eq!((field("smsc"), field("dlr-mask")), (None, None));
    let text = "CRITICA router1.cpu 95,25 % 09:49 - Routers - CPU";
    assert_eq!(field("text").as_deref(), Some(text));
}

#[test]
fn unicode_keeps_accents_and_says_so() {
    let gateway = StandIn::saying(answer("202 Accepted", &[], "3: Queued for later delivery"));
    let unicode = SmsWay { unicode: true, smsc: "two".to_owned(), ..way(&gateway.url) };
    sms(&unicode).send(&raised("α")).expect("queued is taken");
    let heard = gateway.heard().remove(0);
    assert_eq!(heard.field("coding").as_deref(), Some("2"));
    assert_eq!(heard.field("smsc").as_deref(), Some("two"));
    assert_eq!(heard.field("text").as_deref(), Some("CRÍTICA α 95,25 % 09:49 - Routers - CPU"));
}

#[test]
fn a_good_status_with_other_words_is_no_success() {
    for words in ["", "Authorization failed for sendsms", "4: Rejected", "0: Accepted for delivery?"] {
        let (outcome, _) = told(answer("200 OK", &[], words));
        let Err(Failure::Retryable { answer, words: said, .. }) = outcome else { panic!("{outcome:?}") };
        assert_eq!(answer, words);
        assert!(said.en.contains(&format!("answered \"{words}\"")), "{said:?}");
    }
    let page = answer("200 OK", &["content-type: text/html"], "<html><title>Login</title></html>");
    assert!(matches!(told(page).0, Err(Failure::Retryable { .. })));
}

#[test]
fn what_was_taken_in_parts_or_for_some_numbers_is_taken_and_is_not_sent_again() {
    for words in [
        "Sent.",
        "Sent. Message splits: 2",
        "Sent. Denied receivers are: +34600123123",
        "0: Accepted for delivery Denied receivers are: +34600123123",
    ] {
        let (outcome, _) = told(answer("202 Accepted", &[], words));
        assert_eq!(outcome, Ok(words.to_owned()));
    }
}

#[test]
fn a_gateway_that_breaks_off_may_have_taken_it_and_is_not_asked_again_at_once() {
    let gateway = StandIn::new(|_| Vec::new());
    let outcome = sms(&way(&gateway.url)).send(&raised("a"));
    assert!(matches!(outcome, Err(Failure::Unclear { .. })), "{outcome:?}");
    assert_eq!(gateway.heard().len(), 1);
    // Nor does it matter that it gives up connections between two messages.
    let gateway = StandIn::saying(answer("202 Accepted", &[], GOOD));
    let way = sms(&way(&gateway.url));
    for _ in 0..3 {
        way.send(&raised("a")).expect("taken");
    }
    assert_eq!(gateway.connections(), 3);
}

#[test]
fn a_gateway_that_took_it_and_talks_on_took_it() {
    let head = "HTTP/1.1 202 Accepted\r\ncontent-length: 1073741824\r\n\r\nSent. Message splits: 2 ";
    let (outcome, _) = told(format!("{head}{}", "x".repeat(MAX_ANSWER)).into_bytes());
    assert!(outcome.as_ref().is_ok_and(|answer| answer.starts_with("Sent. ")), "{outcome:?}");
}

#[test]
fn a_refusal_is_final_and_a_failure_passes() {
    let (outcome, _) = told(answer("403 Forbidden", &[], "Authorization failed for sendsms"));
    let Err(Failure::Permanent { words, answer: theirs }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(theirs, "Authorization failed for sendsms");
    assert!(words.es.contains("no permite"), "{words:?}");
    let (outcome, _) = told(answer("400 Bad Request", &[], "Missing receiver number"));
    assert!(
        outcome.as_ref().is_err_and(|failure| failure.words().en.contains("(400): Missing")),
        "{outcome:?}"
    );
    let (outcome, _) = told(answer("429 Too Many Requests", &["retry-after: 7"], ""));
    let after = Some(Duration::from_secs(7));
    assert!(matches!(&outcome, Err(Failure::Retryable { after: told, .. }) if *told == after), "{outcome:?}");
    let (outcome, _) = told(answer("503 Unavailable", &[], "Temporal failure, try again later."));
    assert!(matches!(outcome, Err(Failure::Retryable { .. })), "{outcome:?}");
    let (outcome, _) = told(answer("504 Gateway Timeout", &[], ""));
    assert!(matches!(outcome, Err(Failure::Unclear { .. })), "{outcome:?}");
}

#[test]
fn the_password_is_in_nobody_s_words() {
    let echo = StandIn::new(|heard| answer("200 OK", &[], format!("no such {} s3 cret&", heard.line)));
    let failure = sms(&way(&echo.url)).send(&raised("a")).expect_err("no success");
    let gone = sms(&way("http://127.0.0.1:1")).send(&raised("a")).expect_err("nobody listens");
    let all = format!("{failure:?} {gone:?}");
    assert!(!all.contains("cret") && all.contains("password=…"), "{all}");
}

fn length_of(subject: &str, unicode: bool) -> (String, usize) {
    let text = fitting(&raised(subject), &brief("es").text_of(), unicode);
    let length = if unicode { gsm7::units(&text) } else { gsm7::septets(&text) };
    (text, length)
}

#[test]
fn a_long_metric_is_shortened_and_severity_value_and_time_stay() {
    for unicode in [false, true] {
        let longest = if unicode { gsm7::LONGEST_UCS2 } else { gsm7::LONGEST };
        for subject in ["net.madrid.".repeat(50), "[{€}]".repeat(60), "ñ".repeat(200), "😀".repeat(99)] {
            let (text, length) = length_of(&subject, unicode);
            assert!(length <= longest && length > longest / 2, "{length}: {text}");
            let severity = if unicode { "CRÍTICA" } else { "CRITICA" };
            assert!(text.starts_with(severity) && text.contains(" 95,25 % 09:49"), "{text}");
        }
    }
}

#[test]
fn one_hundred_and_sixty_characters_fit_as_they_are() {
    let (short, length) = length_of("x", false);
    let (text, full) = length_of(&"x".repeat(161 - length), false);
    assert_eq!(full, 160);
    assert_eq!(
        text,
        short.replace(" x ", &format!(" {} ", "x".repeat(161 - length))),
        "nothing is shortened"
    );
    let (text, over) = length_of(&"x".repeat(162 - length), false);
    assert!(over <= 160 && text.contains("x..x"), "{text}");
}

#[test]
fn words_that_no_shorter_name_makes_fit_lose_their_end() {
    let wordy: TextOf = Box::new(|_| "ñ€".repeat(200));
    let text = fitting(&raised("a"), &wordy, false);
    assert_eq!((gsm7::septets(&text), text.chars().last()), (160, Some('ñ')), "53 pairs and a letter");
    assert_eq!(gsm7::units(&fitting(&raised("a"), &wordy, true)), 70);
    let wide: TextOf = Box::new(|_| format!("a{}", "😀".repeat(200)));
    assert_eq!(gsm7::units(&fitting(&raised("a"), &wide, true)), 69, "no half of a character");
    let endless: TextOf = Box::new(|_| "ñ€".repeat(1 << 20));
    assert_eq!(gsm7::septets(&fitting(&raised("a"), &endless, false)), 160, "in one pass");
}

#[test]
fn a_name_with_a_line_break_makes_no_second_line() {
    let mut forged = said("a\nOK b", Some(Severity::Major), 1.0);
    (forged.rule_name, forged.dashboard) = ("CPU\r\nOK c".to_owned(), Some("D\nOK d".to_owned()));
    for alarms in [vec![forged.clone()], vec![forged.clone(), forged]] {
        let text = fitting(&message(DeliveryKind::Group, alarms), &brief("en").text_of(), false);
        assert!(!text.contains(['\n', '\r']) && text.contains("a OK b"), "{text:?}");
    }
}

#[test]
fn many_alarms_fit_as_well() {
    let alarms: Vec<_> = (0..999).map(|at| said(&"router".repeat(at), Some(Severity::Major), 1.0)).collect();
    for kind in [DeliveryKind::Group, DeliveryKind::Summary] {
        let text = fitting(&message(kind, alarms.clone()), &brief("en").text_of(), false);
        assert!(text.starts_with("999 MAJOR") && text.ends_with(" 09:49"), "{text}");
    }
}

fn refused(way: SmsWay) -> Unusable {
    Sms::new(&way, &secret(), &lists(), brief("en").text_of()).err().expect("it cannot be used")
}

#[test]
fn what_cannot_be_used_is_named_by_its_field() {
    let good = way("http://kannel.example:13013");
    assert_eq!(refused(SmsWay { url: "kannel".to_owned(), ..good.clone() }).field, "sms.url");
    let letters = vec!["+34600".to_owned(), "+34 six".to_owned()];
    assert_eq!(refused(SmsWay { numbers: letters, ..good.clone() }).field, "sms.numbers[1]");
    for number in ["12", "+1234567890123456"] {
        let wrong = refused(SmsWay { numbers: vec![number.to_owned()], ..good.clone() });
        assert_eq!(wrong.field, "sms.numbers[0]");
    }
    let unknown = refused(SmsWay { lists: vec!["day".to_owned()], ..good.clone() });
    assert_eq!(unknown.field, "sms.lists[0]");
    assert!(unknown.words.en.contains("\"day\""), "{unknown}");
    let nobody = SmsWay { numbers: Vec::new(), lists: Vec::new(), ..good };
    assert_eq!(refused(nobody).field, "sms.numbers");
}
