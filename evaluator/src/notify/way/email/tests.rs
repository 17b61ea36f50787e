use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use atalaya_api::receiver::MessageWords;

use super::super::smtp::stand_in::{StandIn, authority, says};
use super::*;
use crate::domain::Said;
use crate::notify::samples::fixed::{cleared, message, raised, several};
use crate::notify::words::Manner;
use atalaya_api::level::Severity;

fn draft(port: u16) -> ReceiverDraft {
    let email = EmailWay {
        host: "127.0.0.1".to_owned(),
        port,
        security: MailSecurity::None,
        username: String::new(),
        from: "Atalaya <atalaya@example.org>".to_owned(),
        to: vec!["Núria Bea <bea@example.org>".to_owned(), "eva@example.org".to_owned()],
        ca_pem: String::new(),
    };
    ReceiverDraft {
        id: "mail".to_owned(),
        name: "Mail".to_owned(),
        email: Some(email),
        ..ReceiverDraft::default()
    }
}

fn wording(words: &MessageWords) -> Wording {
    Wording::new(words, Manner::new("es", "Europe/Madrid", "https://atalaya.example.org"))
        .expect("they are templates")
}

fn email(draft: &ReceiverDraft) -> Email {
    Email::new(draft, &Secret::default(), wording(&draft.words)).expect("it can be used")
}

fn mail(message: &Message) -> String {
    String::from_utf8(email(&draft(25)).mail(message).expect("a mail")).expect("a mail is ASCII")
}

/// Header lines, unfolded.
fn headers(mail: &str) -> Vec<String> {
    let head = mail.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
    head.split("\r\n").map(str::to_owned).collect()
}

fn header(mail: &str, name: &str) -> Option<String> {
    let found = headers(mail).into_iter().find_map(|line| Some(line.strip_prefix(name)?.to_owned()));
    found.map(|value| value.trim_start_matches(':').trim().to_owned())
}

#[test]
fn a_mail_arrives_with_text_and_page_to_all() {
    let stand_in = StandIn::new(Box::new(says));
    let email = email(&draft(stand_in.port));
    let answer = email.send(&message(DeliveryKind::Raised, vec![raised()])).expect("it is taken");
    assert_eq!(answer, "250 2.0.0 Ok: queued as 4F2");
    let heard = stand_in.heard();
    assert!(heard.contains(&"RCPT TO:<bea@example.org>".to_owned()), "{heard:?}");
    assert!(heard.contains(&"RCPT TO:<eva@example.org>".to_owned()), "{heard:?}");
    let mail = heard.iter().find(|heard| heard.starts_with("From: ")).expect("a mail");
    assert!(mail.contains("text/plain") && mail.contains("text/html"), "{mail}");
}

/// A server that does not take bea's mails the first times, and says so with this; whom it was asked for, mail by mail.
fn asked(grey: &'static str, tries: usize) -> (Vec<Result<String, Failure>>, Vec<Vec<String>>) {
    let refusals = AtomicUsize::new(0);
    let stand_in = StandIn::new(Box::new(move |heard| {
        let is_refused = heard.starts_with("RCPT TO:<bea") && refusals.fetch_add(1, Relaxed) + 1 < tries;
        if is_refused {
            b"451 4.7.1 greylisted\r\n".to_vec()
        } else if heard.starts_with("RCPT TO:<bea") {
            grey.as_bytes().to_vec()
        } else {
            says(heard)
        }
    }));
    let email = email(&draft(stand_in.port));
    let one = message(DeliveryKind::Raised, vec![raised()]);
    let outcomes = (0..tries).map(|_| email.send(&one)).collect();
    let heard = stand_in.heard();
    let mails = heard.split(|line| line.starts_with("MAIL")).skip(1);
    let asked = mails.map(|mail| mail.iter().filter(|line| line.starts_with("RCPT")).cloned().collect());
    (outcomes, asked.collect())
}

#[test]
fn who_is_not_taken_now_is_asked_again_alone_until_he_has_it() {
    let (bea, eva) = ("RCPT TO:<bea@example.org>", "RCPT TO:<eva@example.org>");
    let (outcomes, asked) = asked("250 Ok\r\n", 3);
    let Err(Failure::Partly { answer, words }) = &outcomes[0] else { panic!("{outcomes:?}") };
    assert_eq!(answer, "250 2.0.0 Ok: queued as 4F2; bea@example.org: 451 4.7.1 greylisted");
    assert!(words.es.contains("no acepta a algunos de los destinatarios ahora"), "{words:?}");
    assert!(matches!(&outcomes[1], Err(Failure::Partly { .. })), "{outcomes:?}");
    assert_eq!(outcomes[2], Ok("250 2.0.0 Ok: queued as 4F2".to_owned()));
    assert_eq!(asked, [vec![bea, eva], vec![bea], vec![bea]]);
}

#[test]
fn a_message_that_others_have_is_told_though_the_last_is_refused_in_the_end() {
    let (outcomes, asked) = asked("550 gone\r\n", 2);
    assert!(matches!(&outcomes[0], Err(Failure::Partly { .. })), "{outcomes:?}");
    assert_eq!((&outcomes[1], asked[1].len()), (&Ok("550 gone".to_owned()), 1));
}

#[test]
fn the_same_message_is_the_same_mail_each_time() {
    let one = message(DeliveryKind::Raised, vec![raised()]);
    assert_eq!(mail(&one), mail(&one));
    let other = Message { key: "other".to_owned(), ..one.clone() };
    assert_ne!(header(&mail(&one), "Message-ID"), header(&mail(&other), "Message-ID"));
}

#[test]
fn mails_of_one_alarm_hang_together() {
    let [one, two] = [(DeliveryKind::Raised, raised()), (DeliveryKind::Cleared, cleared())]
        .map(|(kind, said)| mail(&message(kind, vec![said])));
    let thread = format!("<alarm-{}@example.org>", raised().alarm);
    for mail in [&one, &two] {
        assert_eq!(header(mail, "References").as_deref(), Some(thread.as_str()));
        assert_eq!(header(mail, "In-Reply-To").as_deref(), Some(thread.as_str()));
        assert_eq!(header(mail, "Auto-Submitted").as_deref(), Some("auto-generated"));
    }
    let key = message(DeliveryKind::Raised, vec![]).key;
    assert_eq!(header(&one, "X-Atalaya-Key"), Some(key));
    assert_eq!(header(&one, "Date").as_deref(), Some("Fri, 15 Jan 2027 08:00:00 +0000"));
}

#[test]
fn no_line_is_longer_than_a_mail_may_have() {
    let mut many = several(&[(1_000, Severity::Major)]);
    many[0].note = "x".repeat(100_000);
    many[1].subject = "y".repeat(100_000);
    for kind in [DeliveryKind::Group, DeliveryKind::Summary, DeliveryKind::Raised] {
        for alarms in [many.clone(), vec![many[0].clone()], vec![many[1].clone()]] {
            let mail = mail(&message(kind, alarms));
            assert!(mail.is_ascii());
            let longest = mail.split("\r\n").map(str::len).max();
            assert!(longest <= Some(998), "{longest:?}");
        }
    }
}

#[test]
fn names_of_strangers_reach_headers_and_page_harmless() {
    let evil = "a\r\nBcc: all@example.org\r\n\r\n<script>alert('1')</script>\u{0}\"=+";
    let said = Said {
        subject: evil.to_owned(),
        rule_name: evil.to_owned(),
        dashboard: Some(evil.to_owned()),
        note: evil.to_owned(),
        runbook_url: Some("https://x\" onclick=\"alert(1)".to_owned()),
        ..raised()
    };
    for alarms in [vec![said.clone()], vec![said.clone(), said]] {
        let one = Message { key: evil.to_owned(), ..message(DeliveryKind::Raised, alarms) };
        let mail = mail(&one);
        assert!(headers(&mail).iter().all(|line| !line.starts_with("Bcc")), "{mail}");
        assert!(mail.starts_with("From: ") && header(&mail, "Content-Type").is_some(), "{mail}");
        let page = html::page(&one, &wording(&MessageWords::default()));
        assert!(!page.contains("<script") && !page.contains("\" onclick") && !page.contains('\0'), "{page}");
        assert!(page.contains("&lt;script&gt;alert(&#39;1&#39;)"), "{page}");
    }
}

#[test]
fn the_page_says_how_bad_it_is_in_colour_and_in_words() {
    let page = html::page(&message(DeliveryKind::Raised, vec![raised()]), &wording(&MessageWords::default()));
    for wanted in [
        "background:#b3161b\">crítica</span>",
        "95,5 %",
        "15/01/2027 08:50:00 CET",
        "Routers · CPU",
        &format!("href=\"https://atalaya.example.org/history/{}\"", raised().alarm),
        "lang=\"es\"",
    ] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    let over =
        html::page(&message(DeliveryKind::Cleared, vec![cleared()]), &wording(&MessageWords::default()));
    assert!(over.contains("background:#0f6b3a\">cesada</span>"), "{over}");
}

#[test]
fn words_of_ones_own_are_text_on_the_page_too() {
    let words = MessageWords { title: String::new(), text: "<b>{{ subject }}</b>\nsecond".to_owned() };
    let page = html::page(&message(DeliveryKind::Raised, vec![raised()]), &wording(&words));
    assert!(page.contains("&lt;b&gt;lab.router1.cpu&lt;/b&gt;<br>\nsecond"), "{page}");
}

#[test]
fn what_cannot_be_used_is_named_by_its_field() {
    let refused = |change: &dyn Fn(&mut EmailWay)| {
        let mut draft = draft(25);
        change(draft.email.as_mut().expect("it is mail"));
        Email::new(&draft, &Secret::default(), wording(&draft.words))
            .map(drop)
            .expect_err("it cannot be used")
            .field
    };
    assert_eq!(refused(&|way| way.from = "nobody".to_owned()), "email.from");
    assert_eq!(refused(&|way| way.to[1] = "a@b\r\nBcc: c@d".to_owned()), "email.to[1]");
    assert_eq!(refused(&|way| way.to[0] = "ñandú@example.org".to_owned()), "email.to[0]");
    let wrong = |way: &mut EmailWay| {
        way.security = MailSecurity::Tls;
        way.ca_pem = "hello".to_owned();
    };
    assert_eq!(refused(&wrong), "email.ca_pem");
    let none = ReceiverDraft { email: None, ..draft(25) };
    assert_eq!(
        Email::new(&none, &Secret::default(), wording(&none.words)).map(drop).expect_err("none").field,
        "email"
    );
}

#[test]
fn ones_own_authority_is_the_one_that_counts() {
    let authority = authority();
    let stand_in = StandIn::within_tls(&authority);
    let mut draft = draft(stand_in.port);
    let way = draft.email.as_mut().expect("it is mail");
    (way.host, way.security, way.ca_pem) = ("localhost".to_owned(), MailSecurity::Tls, authority.pem.clone());
    email(&draft).send(&message(DeliveryKind::Test, vec![])).expect("it is taken");
}
