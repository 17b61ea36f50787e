use std::net::TcpListener;

use super::stand_in::{Script, StandIn, authority, says};
use super::*;

const LETTER: &[u8] = b"Subject: x\r\n\r\n.hidden dot\r\n..two\r\nend";
const LIMIT: Duration = Duration::from_secs(20);
/// For whoever must be given up: short, and no measure of anything.
const SOON: Duration = Duration::from_millis(300);

fn server(stand_in: &StandIn) -> Server {
    let login = Some(("ana".to_owned(), "hush-hush".to_owned()));
    Server {
        host: "127.0.0.1".to_owned(),
        port: stand_in.port,
        security: MailSecurity::None,
        tls: None,
        login,
    }
}

fn send(server: &Server, limit: Duration) -> Result<String, Failure> {
    handed(server, limit).map(|handed| {
        assert_eq!(handed.later, None);
        handed.answer
    })
}

fn handed(server: &Server, limit: Duration) -> Result<Handed, Failure> {
    let to = ["bea@example.org".to_owned(), "eva@example.org".to_owned()];
    server.deliver(&Letter { from: "atalaya@example.org", to: &to, bytes: LETTER }, limit)
}

fn told(script: Script) -> Result<String, Failure> {
    send(&server(&StandIn::new(script)), LIMIT)
}

/// A server that is good but for its answer to what begins with this.
fn but(command: &'static str, answer: &'static str) -> Result<String, Failure> {
    told(Box::new(
        move |heard| {
            if heard.starts_with(command) { answer.as_bytes().to_vec() } else { says(heard) }
        },
    ))
}

fn retryable(failed: Result<String, Failure>) -> (String, String) {
    match failed.expect_err("it is not taken") {
        Failure::Retryable { words, answer, .. } => {
            assert!(!words.es.is_empty());
            (words.en, answer)
        }
        other => panic!("{other:?}"),
    }
}

fn permanent(failed: Result<String, Failure>) -> (String, String) {
    match failed.expect_err("it is not taken") {
        Failure::Permanent { words, answer } => (words.en, answer),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_message_is_handed_over_to_all_its_recipients() {
    let stand_in = StandIn::new(Box::new(says));
    assert_eq!(send(&server(&stand_in), LIMIT).expect("it is taken"), "250 2.0.0 Ok: queued as 4F2");
    let heard = stand_in.heard();
    let commands: Vec<&str> = heard.iter().map(String::as_str).collect();
    let wanted = [
        "EHLO [127.0.0.1]",
        "AUTH PLAIN AGFuYQBodXNoLWh1c2g=",
        "MAIL FROM:<atalaya@example.org>",
        "RCPT TO:<bea@example.org>",
        "RCPT TO:<eva@example.org>",
        "DATA",
        "Subject: x\n\n.hidden dot\n..two\nend",
    ];
    assert_eq!(commands[..wanted.len()], wanted);
}

#[test]
fn a_server_that_knows_only_the_other_login_gets_that() {
    let stand_in = StandIn::new(Box::new(|heard| match heard {
        heard if heard.starts_with("EHLO") => {
            b"250-me\r\n250-SIZE 1000\r\n250 AUTH LOGIN CRAM-MD5\r\n".to_vec()
        }
        "AUTH LOGIN" => b"334 VXNlcm5hbWU6\r\n".to_vec(),
        "YW5h" => b"334 UGFzc3dvcmQ6\r\n".to_vec(),
        "aHVzaC1odXNo" => b"235 welcome\r\n".to_vec(),
        heard => says(heard),
    }));
    send(&server(&stand_in), LIMIT).expect("it is taken");
}

#[test]
fn what_may_be_taken_later_is_told_apart_from_what_never_will() {
    let (words, answer) = retryable(but("MAIL", "451 4.3.0 try again\r\n"));
    assert!(words.ends_with("does not take the sender now (451 4.3.0 try again)"), "{words}");
    assert_eq!(answer, "451 4.3.0 try again");
    let (words, _) = permanent(but("\u{4}", "554 5.7.1 spam\r\n"));
    assert!(words.ends_with("refuses the message (554 5.7.1 spam)"), "{words}");
    permanent(but("MAIL", "550 no\r\n"));
    permanent(but("RCPT", "550-no such\r\n550 mailbox\r\n"));
    retryable(but("DATA", "421 closing\r\n"));
    retryable(but("\u{4}", "452 full\r\n"));
    retryable(but("", "421 too many\r\n"));
}

#[test]
fn a_refused_login_is_tried_again_and_says_what_to_mend() {
    for code in ["535 5.7.8", "534 5.7.9", "454 4.7.0", "500"] {
        let answer: &'static str = format!("{code} no\r\n").leak();
        let (words, _) = retryable(but("AUTH", answer));
        assert!(words.contains("refuses the login: is the user name or the password wrong?"), "{words}");
    }
    let (words, _) = retryable(but("MAIL", "530 5.7.0 log in first\r\n"));
    assert!(words.contains("refuses the login"), "{words}");
    let (words, _) = retryable(but("EHLO", "250 me\r\n"));
    assert!(words.contains("offers no login"), "{words}");
}

#[test]
fn a_password_that_is_echoed_is_shown_to_nobody() {
    let echoes: Script = Box::new(|heard| match heard.strip_prefix("AUTH PLAIN ") {
        Some(sent) => format!("535 you said {sent} hush-hush\r\n").into_bytes(),
        None => says(heard),
    });
    let (words, answer) = retryable(told(echoes));
    for said in [words, answer] {
        assert!(!said.contains("hush-hush") && !said.contains("AGFuYQ"), "{said}");
    }
}

#[test]
fn one_refused_recipient_keeps_nothing_from_the_others() {
    let answer = but("RCPT TO:<bea", "550 gone\r\n").expect("eva gets it");
    assert_eq!(answer, "250 2.0.0 Ok: queued as 4F2; bea@example.org: 550 gone");
    // Grey-listed and unknown: not given up.
    let grey: Script = Box::new(|heard| match heard {
        heard if heard.starts_with("RCPT TO:<bea") => b"550 gone\r\n".to_vec(),
        heard if heard.starts_with("RCPT") => b"450 later\r\n".to_vec(),
        heard => says(heard),
    });
    retryable(told(grey));
}

#[test]
fn who_is_not_taken_now_is_told_apart_from_who_never_is() {
    let grey: Script = Box::new(|heard| match heard {
        heard if heard.starts_with("RCPT TO:<bea") => b"451 4.7.1 greylisted\r\n".to_vec(),
        heard => says(heard),
    });
    let handed = handed(&server(&StandIn::new(grey)), LIMIT).expect("eva gets it");
    assert_eq!(handed.answer, "250 2.0.0 Ok: queued as 4F2; bea@example.org: 451 4.7.1 greylisted");
    let (to, words) = handed.later.expect("bea is to get it");
    assert_eq!(to, ["bea@example.org"]);
    assert!(
        words.en.ends_with("does not take some of the recipients now (451 4.7.1 greylisted)"),
        "{words:?}"
    );
}

#[test]
fn a_server_that_does_not_know_the_newer_introduction_gets_the_older_one() {
    let old = || {
        StandIn::new(Box::new(|heard| {
            if heard.starts_with("EHLO") { b"502 what?\r\n".to_vec() } else { says(heard) }
        }))
    };
    let stand_in = old();
    send(&Server { login: None, ..server(&stand_in) }, LIMIT).expect("it is taken");
    assert_eq!(stand_in.heard()[..2], ["EHLO [127.0.0.1]", "HELO [127.0.0.1]"]);
    let (words, _) = retryable(send(&server(&old()), LIMIT));
    assert!(words.contains("offers no login"), "{words}");
    let deaf: Script = Box::new(|heard| match heard.split(' ').next() {
        Some("EHLO" | "HELO") => b"550 no\r\n".to_vec(),
        _ => says(heard),
    });
    permanent(told(deaf));
}

#[test]
fn a_server_that_hangs_is_given_up() {
    let hangs = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = hangs.local_addr().expect("it is bound").port();
    let silent =
        Server { host: "127.0.0.1".into(), port, security: MailSecurity::None, tls: None, login: None };
    let (words, _) = retryable(send(&silent, SOON));
    assert!(words.ends_with("gave no whole answer within 0.3 s"), "{words}");
    let late = StandIn::new(Box::new(|heard| if heard == "\u{4}" { Vec::new() } else { says(heard) }));
    let unclear = send(&server(&late), SOON);
    assert!(matches!(unclear, Err(Failure::Unclear { .. })), "it has the whole message: {unclear:?}");
}

#[test]
fn a_server_that_talks_for_ever_is_given_up() {
    for endless in ["250-more\r\n", "x"] {
        let stand_in = StandIn::new(Box::new(move |heard| {
            if heard.starts_with("EHLO") { endless.repeat(1 << 20).into_bytes() } else { says(heard) }
        }));
        let (words, _) = retryable(send(&server(&stand_in), LIMIT));
        assert!(words.contains("without end") || words.contains("as a mail server does"), "{words}");
    }
    // A word at a time, each in good time.
    let drips = StandIn::dripping(b"250-more\r\n");
    retryable(send(&server(&drips), SOON));
}

#[test]
fn whoever_is_no_mail_server_is_quoted() {
    let (words, _) = retryable(but("", "HTTP/1.1 400 Bad Request\r\n"));
    assert!(words.contains("does not answer as a mail server does: \"HTTP/1.1 400 Bad Request\""), "{words}");
    let (words, _) = retryable(told(Box::new(|_| Vec::new())));
    assert!(words.contains("broke off"), "{words}");
    let nobody = {
        let closed = TcpListener::bind("127.0.0.1:0").expect("a free port");
        closed.local_addr().expect("it is bound").port()
    };
    let gone = Server {
        host: "127.0.0.1".into(),
        port: nobody,
        security: MailSecurity::None,
        tls: None,
        login: None,
    };
    let (words, _) = retryable(send(&gone, LIMIT));
    assert!(words.contains("nothing listens there"), "{words}");
}

#[test]
fn addresses_that_may_not_be_reached_are_not() {
    for host in ["169.254.169.254", "[fe80::1]", "0.0.0.0"] {
        let there =
            Server { host: host.into(), port: 25, security: MailSecurity::None, tls: None, login: None };
        let (words, _) = retryable(send(&there, LIMIT));
        assert!(words.contains("is never asked"), "{words}");
    }
    let nowhere = Server {
        host: "nowhere.invalid".into(),
        port: 25,
        security: MailSecurity::None,
        tls: None,
        login: None,
    };
    let (words, _) = retryable(send(&nowhere, LIMIT));
    assert!(words.contains("no machine has this name"), "{words}");
}

#[test]
fn starttls_is_required_where_it_is_chosen() {
    let authority = authority();
    let plain = StandIn::new(Box::new(says));
    let wants = |stand_in: &StandIn| Server {
        host: "localhost".to_owned(),
        security: MailSecurity::Starttls,
        tls: Some(authority.client()),
        ..server(stand_in)
    };
    let (words, _) = retryable(send(&wants(&plain), LIMIT));
    assert!(words.contains("offers no STARTTLS"), "{words}");
    assert!(plain.heard().iter().all(|heard| !heard.starts_with("AUTH") && !heard.starts_with("MAIL")));

    let injected: Script = Box::new(|heard| match heard {
        heard if heard.starts_with("EHLO") => b"250-me\r\n250 STARTTLS\r\n".to_vec(),
        "STARTTLS" => b"220 go\r\n250 injected\r\n".to_vec(),
        heard => says(heard),
    });
    let (words, _) = retryable(send(&wants(&StandIn::new(injected)), LIMIT));
    assert!(words.contains("before TLS began"), "{words}");

    let good = StandIn::starting_tls(&authority);
    send(&wants(&good), LIMIT).expect("it is taken");
    let heard = good.heard();
    assert_eq!(heard.iter().filter(|heard| heard.starts_with("EHLO")).count(), 2);
}

#[test]
fn tls_from_the_first_byte_is_spoken_with_whom_the_authority_vouches_for() {
    let (ours, other) = (authority(), authority());
    let stand_in = StandIn::within_tls(&ours);
    let with = |host: &str, tls: Arc<ClientConfig>| Server {
        host: host.to_owned(),
        security: MailSecurity::Tls,
        tls: Some(tls),
        ..server(&stand_in)
    };
    send(&with("localhost", ours.client()), LIMIT).expect("it is taken");
    let (words, _) = retryable(send(&with("localhost", other.client()), LIMIT));
    assert!(words.contains("certificate that is not trusted"), "{words}");
    let (words, _) = retryable(send(&with("127.0.0.1", ours.client()), LIMIT));
    assert!(words.contains("certificate for other names"), "{words}");

    let plain = StandIn::new(Box::new(says));
    let (words, _) = retryable(send(&Server { port: plain.port, ..with("localhost", ours.client()) }, LIMIT));
    assert!(words.contains("does not speak TLS there"), "{words}");
}

#[test]
fn a_dot_at_the_beginning_of_a_line_ends_no_message() {
    assert_eq!(stuffed(b".\r\na\r\n.b"), b"..\r\na\r\n..b\r\n.\r\n");
    assert_eq!(stuffed(b"a\r\n"), b"a\r\n.\r\n");
}
