//! Texts through a real gateway: what a phone gets.

use atalaya::domain::{Millis, Severity};
use atalaya::notify::way::gsm7;
use atalaya::notify::{Around, Failure, Way};
use atalaya_api::delivery::DeliveryKind;
use atalaya_api::receiver::{ReceiverDraft, ReceiverKind, SmsWay};
use atalaya_api::settings::PhoneList;
use atalaya_tests::kannel::{Kannel, PASSWORD, USERNAME};
use atalaya_tests::poll;
use atalaya_tests::stage::PATIENCE;

/// 1994-11-06 09:49 in Madrid.
const AT: Millis = Millis(784_111_740_000);

fn way(kannel: &Kannel) -> SmsWay {
    SmsWay {
        url: kannel.url(),
        username: USERNAME.to_owned(),
        from: String::new(),
        smsc: String::new(),
        numbers: vec!["+34600123123".to_owned()],
        lists: Vec::new(),
        unicode: false,
    }
}

fn connect(way: &SmsWay, password: &str) -> Box<dyn Way> {
    let draft = ReceiverDraft { kind: ReceiverKind::Sms, sms: Some(way.clone()), ..ReceiverDraft::default() };
    let lists = vec![PhoneList { name: "night".to_owned(), numbers: vec!["600222".to_owned()] }];
    crate::way(draft, password, Around { phone_lists: lists, ..Around::default() })
}

fn raised(subject: &str) -> atalaya::domain::Message {
    crate::message(DeliveryKind::Raised, subject, Some(Severity::Critical), AT)
}

/// The texts that so many phones got.
fn until_got(kannel: &Kannel, count: usize) -> Vec<(String, String)> {
    let texts = poll::until("the phones got it", PATIENCE, || {
        let texts = kannel.texts();
        (texts.len() >= count).then_some(texts)
    });
    texts.into_iter().map(|sms| (sms.to, sms.text)).collect()
}

#[test]
fn a_text_arrives_as_it_was_written_with_its_tilde_and_without_its_accents() {
    let Some(kannel) = Kannel::start() else { return };
    let sms = connect(&way(&kannel), PASSWORD);
    let everything = "ñÑ ¿é à [x] {y} €~|\\^ @Δ_ \"q\" <b>&amp; %41+";
    let answer = sms.send(&raised(everything)).expect("Kannel takes it");
    assert_eq!(answer, "0: Accepted for delivery");
    let expected = format!("CRITICA {everything} 95,5 % 09:49 - Nucleo - CPU");
    assert_eq!(until_got(&kannel, 1), [("+34600123123".to_owned(), expected)]);
    assert!(!kannel.texts()[0].unicode);
}

#[test]
fn a_long_text_is_one_text_and_goes_to_every_number_of_the_lists() {
    let Some(kannel) = Kannel::start() else { return };
    let listed = SmsWay { lists: vec!["night".to_owned()], ..way(&kannel) };
    let sms = connect(&listed, PASSWORD);
    sms.send(&raised(&"net.{madrid}.ñ".repeat(20))).expect("Kannel takes it");
    let full = "x".repeat(160 - "CRITICA  95,5 % 09:49 - Nucleo - CPU".len());
    let expected = format!("CRITICA {full} 95,5 % 09:49 - Nucleo - CPU");
    sms.send(&raised(&full)).expect("Kannel takes it");
    let got = until_got(&kannel, 4);
    let numbers: Vec<&str> = got.iter().map(|(to, _)| to.as_str()).collect();
    assert_eq!(numbers, ["+34600123123", "600222", "+34600123123", "600222"], "each once: nothing was split");
    for (_, text) in &got {
        assert!(gsm7::septets(text) <= 160, "{text}");
        assert!(text.starts_with("CRITICA ") && text.contains(" 95,5 % 09:49"), "{text}");
    }
    assert_eq!(got[2].1, expected, "what fits is not shortened");
}

#[test]
fn with_unicode_accents_arrive() {
    let Some(kannel) = Kannel::start() else { return };
    let unicode = SmsWay { unicode: true, from: "2000".to_owned(), ..way(&kannel) };
    connect(&unicode, PASSWORD).send(&raised("日本 é")).expect("Kannel takes it");
    until_got(&kannel, 1);
    let sms = kannel.texts().remove(0);
    assert_eq!(sms.text, "CRÍTICA 日本 é 95,5 % 09:49 - Núcleo - CPU");
    assert_eq!((sms.from.as_str(), sms.unicode), ("2000", true));
}

#[test]
fn a_wrong_password_is_refused_for_good_and_shown_to_nobody() {
    let Some(kannel) = Kannel::start() else { return };
    let failure = connect(&way(&kannel), "wr0ng").send(&raised("a")).expect_err("it is wrong");
    let Failure::Permanent { words, answer } = &failure else { panic!("{failure:?}") };
    assert_eq!(answer, "Authorization failed for sendsms");
    assert!(!words.en.contains("wr0ng") && words.en.contains(&kannel.url()), "{words:?}");
    assert_eq!(kannel.texts(), []);
}
