//! Mail through a real SMTP server: encrypted, logged in, and refused.

use atalaya::domain::{Millis, Severity};
use atalaya::notify::{Around, Failure, Way};
use atalaya_api::delivery::DeliveryKind;
use atalaya_api::receiver::{EmailWay, MailSecurity, ReceiverDraft, ReceiverKind};
use atalaya_tests::smtp::{Mail, Mode, Smtp};

const AT: Millis = Millis(784_111_740_000);
const USERNAME: &str = "atalaya";
const PASSWORD: &str = "s3cret ñ";

fn way(smtp: &Smtp, security: MailSecurity) -> EmailWay {
    EmailWay {
        host: "localhost".to_owned(),
        port: smtp.port,
        security,
        username: String::new(),
        from: "Atalaya <atalaya@example.org>".to_owned(),
        to: vec!["ana@example.org".to_owned(), "Ñandú <noc@example.org>".to_owned()],
        ca_pem: if security == MailSecurity::None { String::new() } else { smtp.certificate().to_owned() },
    }
}

fn connect(way: EmailWay, password: &str) -> Box<dyn Way> {
    let draft = ReceiverDraft { kind: ReceiverKind::Email, email: Some(way), ..ReceiverDraft::default() };
    crate::way(draft, password, Around::default())
}

fn raised(subject: &str) -> atalaya::domain::Message {
    crate::message(DeliveryKind::Raised, subject, Some(Severity::Critical), AT)
}

fn only(smtp: &Smtp) -> Mail {
    let mails = smtp.mails();
    assert_eq!(mails.len(), 1, "{mails:?}");
    mails[0].clone()
}

#[test]
fn a_mail_goes_encrypted_and_logged_in_by_either_kind_of_tls() {
    for (mode, security) in [(Mode::Starttls, MailSecurity::Starttls), (Mode::Tls, MailSecurity::Tls)] {
        let Some(smtp) = Smtp::guarded(mode, USERNAME, PASSWORD) else { return };
        let way = EmailWay { username: USERNAME.to_owned(), ..way(&smtp, security) };
        let answer = connect(way, PASSWORD).send(&raised("router1.cpu")).expect("it is taken");
        assert!(answer.contains("OK: kept"), "{answer}");
        let mail = only(&smtp);
        assert!(mail.encrypted, "{mode:?}");
        assert_eq!(mail.user.as_deref(), Some(USERNAME));
        assert_eq!(mail.from, "atalaya@example.org");
        assert_eq!(mail.to, ["ana@example.org", "noc@example.org"]);
        assert!(mail.data.contains("\r\nX-Atalaya-Key: key-1\r\n"), "{}", mail.data);
        assert!(mail.data.contains("text/plain") && mail.data.contains("text/html"), "{}", mail.data);
    }
}

#[test]
fn a_mail_goes_in_the_clear_only_where_that_was_chosen() {
    let Some(smtp) = Smtp::start(Mode::Plain) else { return };
    let failure = connect(way(&smtp, MailSecurity::Starttls), "").send(&raised("a"));
    assert!(failure.is_err(), "a server without STARTTLS gets nothing: {failure:?}");
    assert_eq!(smtp.mails(), []);
    connect(way(&smtp, MailSecurity::None), "").send(&raised("a")).expect("it is taken");
    assert!(!only(&smtp).encrypted);
}

#[test]
fn a_certificate_that_nobody_vouches_for_gets_no_mail() {
    let Some(smtp) = Smtp::start(Mode::Tls) else { return };
    let stranger = EmailWay { ca_pem: String::new(), ..way(&smtp, MailSecurity::Tls) };
    let failure = connect(stranger, "").send(&raised("a")).expect_err("it is not trusted");
    assert!(!failure.words().en.is_empty() && !failure.words().es.is_empty());
    assert_eq!(smtp.mails(), []);
}

#[test]
fn a_wrong_password_is_told_and_not_shown() {
    let Some(smtp) = Smtp::guarded(Mode::Starttls, USERNAME, PASSWORD) else { return };
    let way = EmailWay { username: USERNAME.to_owned(), ..way(&smtp, MailSecurity::Starttls) };
    let failure = connect(way, "wr0ng").send(&raised("a")).expect_err("it is wrong");
    assert!(failure.answer().contains("535") || failure.words().en.contains("535"), "{failure:?}");
    assert!(!format!("{failure:?}").contains("wr0ng"));
    assert_eq!(smtp.mails(), []);
}

#[test]
fn what_is_refused_for_good_is_final_and_what_is_refused_for_now_is_tried_again() {
    let Some(refuses) = Smtp::start(Mode::Refuse) else { return };
    let failure = connect(way(&refuses, MailSecurity::None), "").send(&raised("a")).expect_err("it refuses");
    assert!(matches!(&failure, Failure::Permanent { .. }), "{failure:?}");
    let Some(later) = Smtp::start(Mode::Later) else { return };
    let failure = connect(way(&later, MailSecurity::None), "").send(&raised("a")).expect_err("not now");
    assert!(matches!(&failure, Failure::Retryable { .. }), "{failure:?}");
}

#[test]
fn what_strangers_write_adds_no_line_to_a_mail_s_head() {
    let Some(smtp) = Smtp::start(Mode::Plain) else { return };
    let nasty = "a\r\nBcc: mallory@example.org\r\n\r\n.\r\nMAIL FROM:<x@example.org>\r\n<script>";
    let mut message = raised(nasty);
    message.alarms[0].rule_name = nasty.to_owned();
    connect(way(&smtp, MailSecurity::None), "").send(&message).expect("it is taken");
    let mail = only(&smtp);
    assert_eq!(mail.to, ["ana@example.org", "noc@example.org"]);
    let (head, _) = mail.data.split_once("\r\n\r\n").expect("a mail has a head");
    assert!(!head.lines().any(|line| line.to_lowercase().starts_with("bcc")), "{head}");
    let (_, html) = mail.data.split_once("text/html").expect("it has a page");
    assert!(!html.contains("<script>"), "{html}");
}
