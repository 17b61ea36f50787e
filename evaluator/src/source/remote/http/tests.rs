//! Each way in which a server can fail, against one that does.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::stand_in::{StandIn, answer, json};
use super::{Form, Outgoing, Place, Reach, Received, Request};
use crate::domain::{Secret, TroubleKind};
use crate::source::remote::Trouble;

fn outgoing(reach: &Reach) -> Outgoing {
    Outgoing::new(reach).expect("it can be used")
}

fn quick() -> Reach {
    Reach { timeout: Duration::from_millis(300), ..Reach::default() }
}

fn ask(server: &StandIn, reach: &Reach) -> Result<Received, Trouble> {
    let url = format!("{}/x", server.url);
    outgoing(reach).send(&Request::get(&url, "the server"))
}

fn trouble_of(server: &StandIn) -> Trouble {
    let received = ask(server, &Reach::default()).expect("a whole answer");
    received.trouble("the server", &Reach::default().quoter()).expect("a status that says so")
}

/// A port where nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://{}", listener.local_addr().expect("it is bound"))
}

#[test]
fn a_request_says_who_asks_and_brings_what_lets_in() {
    let server = StandIn::saying(json("[]"));
    let secret = Secret { password: Some("s3cret".into()), token: None };
    let headers = [("X-Scope-OrgID".to_owned(), "team".to_owned())].into();
    let reach = Reach { username: Some("ana".into()), secret, headers, ..Reach::default() };
    let place = Place::parse(&server.url, "url").expect("an address");
    outgoing(&reach).send(&place.post("/render", Form::default().with("a", "1"))).expect("an answer");
    let heard = &server.heard()[0];
    assert_eq!((heard.line.as_str(), heard.body.as_str()), ("POST /render", "a=1"));
    assert_eq!(heard.header("authorization"), Some("Basic YW5hOnMzY3JldA=="));
    assert_eq!(heard.header("x-scope-orgid"), Some("team"));
    assert_eq!(heard.header("user-agent"), Some(super::USER_AGENT));
    assert_eq!(heard.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(heard.header("accept-encoding"), Some("gzip"));
}

#[test]
fn a_connection_is_kept_for_the_next_request() {
    let server = StandIn::saying(json("[]"));
    let outgoing = outgoing(&Reach::default());
    for _ in 0..5 {
        outgoing.send(&Request::get(&server.url, "it")).expect("an answer");
    }
    assert_eq!((server.heard().len(), server.connections()), (5, 1));
}

#[test]
fn a_kept_connection_that_the_server_gave_up_is_no_trouble() {
    let server = StandIn::talking(|_, stream| {
        stream.write_all(&json("[]")).expect("somebody reads");
        false
    });
    let outgoing = outgoing(&Reach::default());
    for _ in 0..20 {
        outgoing.send(&Request::get(&server.url, "it")).expect("an answer");
    }
}

#[test]
fn what_is_for_once_is_not_sent_again_when_the_connection_breaks() {
    let server = StandIn::talking(|_, _| false);
    let request = Request::get(&server.url, "it");
    outgoing(&Reach::default()).send(&request.clone().once()).expect_err("no answer");
    assert_eq!(server.heard().len(), 1);
    outgoing(&Reach::default()).send(&request).expect_err("no answer");
    assert_eq!(server.heard().len(), 3);
}

#[test]
fn where_a_glimpse_is_enough_an_answer_is_good_as_far_as_it_came() {
    let reach = Reach { glimpse: true, max_answer: 10, ..Reach::default() };
    let long =
        StandIn::saying(&b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n0123456789and more"[..]);
    assert_eq!(ask(&long, &reach).expect("it was good").body, b"0123456789");
    let broken = StandIn::talking(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nSent.").expect("somebody reads");
        false
    });
    assert_eq!(ask(&broken, &reach).expect("it was good").body, b"Sent.");
}

#[test]
fn nobody_there_is_unreachable() {
    let error = outgoing(&quick()).send(&Request::get(nobody(), "the server")).expect_err("nobody listens");
    assert_eq!(error.kind, TroubleKind::Unreachable);
    assert_eq!(error.words.en, "the server does not answer: nothing listens there (connection refused)");
    assert!(error.words.es.contains("conexión rechazada"));
}

#[test]
fn a_name_that_nobody_has_is_unreachable() {
    let request = Request::get("http://nobody.invalid/", "the server");
    let error = outgoing(&Reach::default()).send(&request).expect_err("no such name");
    assert_eq!(error.kind, TroubleKind::Unreachable, "{error:?}");
    assert!(error.words.en.contains("no machine has this name"), "{error:?}");
}

#[test]
fn a_connection_that_breaks_off_is_unreachable() {
    let server = StandIn::talking(|_, _| false);
    let error = ask(&server, &Reach::default()).expect_err("no answer");
    assert_eq!(error.kind, TroubleKind::Unreachable);
    assert!(error.words.en.contains("broke off"), "{error:?}");
}

#[test]
fn half_a_body_is_unreachable_and_says_how_much_came() {
    let server = StandIn::talking(|_, stream| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[{\"target\"")
            .expect("somebody reads");
        false
    });
    let error = ask(&server, &Reach::default()).expect_err("half an answer");
    assert_eq!(error.kind, TroubleKind::Unreachable);
    assert!(error.words.en.contains("after 10 of 100 bytes"), "{error:?}");
}

#[test]
fn half_of_a_body_in_pieces_is_unreachable_too() {
    let server = StandIn::talking(|_, stream| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n[1, 2\r\n5\r\n")
            .expect("heard");
        false
    });
    let error = ask(&server, &Reach::default()).expect_err("half an answer");
    assert_eq!(error.kind, TroubleKind::Unreachable, "{error:?}");
    assert!(error.words.en.contains("in the middle of its answer"), "{error:?}");
}

#[test]
fn a_server_that_takes_its_time_is_slow_and_the_limit_is_named() {
    let server = StandIn::talking(|_, _| {
        std::thread::park_timeout(Duration::from_secs(30));
        false
    });
    let error = ask(&server, &quick()).expect_err("no answer in time");
    assert_eq!(error.kind, TroubleKind::Slow);
    assert!(error.words.en.contains("within 0.3 s"), "{error:?}");
}

#[test]
fn a_server_that_drips_is_slow_too() {
    let server = StandIn::talking(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n").expect("somebody reads");
        while stream.write_all(b" ").is_ok() {
            std::thread::park_timeout(Duration::from_millis(20));
        }
        false
    });
    assert_eq!(ask(&server, &quick()).expect_err("no answer in time").kind, TroubleKind::Slow);
}

#[test]
fn an_endless_answer_is_cut_at_the_limit() {
    let server = StandIn::talking(|_, stream| {
        let start = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
        stream.write_all(start).expect("somebody reads");
        while stream.write_all(&[b' '; 65_536]).is_ok() {}
        false
    });
    let error = ask(&server, &Reach::default()).expect_err("too much");
    assert_eq!(error.kind, TroubleKind::TooLarge);
    assert!(error.words.en.contains("more than 1 MiB"), "{error:?}");
}

#[test]
fn an_answer_that_is_announced_too_large_is_not_read() {
    let server = StandIn::saying(&b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n["[..]);
    assert_eq!(ask(&server, &Reach::default()).expect_err("1 GiB").kind, TroubleKind::TooLarge);
}

#[test]
fn a_bomb_is_cut_at_the_limit_after_decompression() {
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(&vec![b' '; 64 << 20]).expect("memory");
    let bomb = bomb.finish().expect("memory");
    assert!(bomb.len() < 100_000, "it is small on the way");
    let server = StandIn::saying(answer("200 OK", &["content-encoding: gzip"], bomb));
    assert_eq!(ask(&server, &Reach::default()).expect_err("64 MiB").kind, TroubleKind::TooLarge);
}

#[test]
fn a_compressed_answer_is_read_and_a_broken_one_is_nonsense() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(b"[1, 2]").expect("memory");
    let packed = packed.finish().expect("memory");
    let server = StandIn::saying(answer("200 OK", &["content-encoding: gzip"], &packed));
    assert_eq!(ask(&server, &Reach::default()).expect("a good one").body, b"[1, 2]");
    let server = StandIn::saying(answer("200 OK", &["content-encoding: gzip"], b"[1, 2]"));
    assert_eq!(ask(&server, &Reach::default()).expect_err("not packed").kind, TroubleKind::Nonsense);
}

#[test]
fn no_redirect_is_followed_and_its_target_is_named_without_secrets() {
    let headers = ["location: https://ana:s3cret@g.example/graphite/login?token=s3cret#x"];
    let trouble = trouble_of(&StandIn::saying(answer("302 Found", &headers, "")));
    assert_eq!(trouble.kind, TroubleKind::Nonsense);
    assert!(trouble.words.en.contains("\"https://g.example/graphite/login\""), "{trouble:?}");
    assert!(!trouble.words.en.contains("s3cret"));
}

#[test]
fn each_status_has_its_kind() {
    for (status, kind) in [
        ("401 Unauthorized", TroubleKind::Refused),
        ("403 Forbidden", TroubleKind::Refused),
        ("404 Not Found", TroubleKind::Nonsense),
        ("408 Request Timeout", TroubleKind::Slow),
        ("429 Too Many Requests", TroubleKind::Overloaded),
        ("503 Service Unavailable", TroubleKind::Overloaded),
        ("500 Internal Server Error", TroubleKind::Failing),
        ("502 Bad Gateway", TroubleKind::Failing),
    ] {
        let trouble = trouble_of(&StandIn::saying(answer(status, &[], "")));
        assert_eq!(trouble.kind, kind, "{status}");
    }
}

#[test]
fn who_asks_to_be_left_alone_is_heard() {
    let trouble =
        trouble_of(&StandIn::saying(answer("429 Too Many Requests", &["retry-after: 7"], "slow down")));
    assert_eq!(trouble.retry_after, Some(Duration::from_secs(7)));
    assert_eq!(trouble.words.en, "the server asks to be asked less (429): slow down");
}

#[test]
fn a_failing_server_is_quoted_by_its_page_s_title() {
    let page = "<html><head><title>Out of disk</title></head><body><pre>Traceback…</pre></body></html>";
    let trouble = trouble_of(&StandIn::saying(answer("500 Oh", &["content-type: text/html"], page)));
    assert_eq!(trouble.words.en, "the server fails (500): Out of disk");
}

#[test]
fn what_does_not_speak_http_is_nonsense() {
    let server = StandIn::saying(&b"SSH-2.0-OpenSSH_9.2\r\n\r\n"[..]);
    assert_eq!(ask(&server, &quick()).expect_err("no HTTP").kind, TroubleKind::Nonsense);
}

/// A server that speaks TLS, and the certificate by which it is known.
fn over_tls(names: &[&str]) -> (String, String) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("certificate and key belong together");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let config = Arc::new(config);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let tls = rustls::ServerConnection::new(config.clone()).expect("a connection");
            let mut stream = rustls::StreamOwned::new(tls, stream);
            // Whoever does not trust it hangs up.
            let _heard = stream.read(&mut [0; 4096]).and_then(|_| stream.write_all(&json("[]")));
            let _told = stream.flush();
        }
    });
    (format!("https://127.0.0.1:{port}"), made.cert.pem())
}

fn over_tls_with(names: &[&str], trusting: bool) -> Result<Received, Trouble> {
    let (url, pem) = over_tls(names);
    let ca_pem = if trusting { pem } else { over_tls(names).1 };
    outgoing(&Reach { ca_pem, ..Reach::default() }).send(&Request::get(url, "the server"))
}

#[test]
fn an_authority_of_one_s_own_is_trusted_and_no_other() {
    assert_eq!(over_tls_with(&["127.0.0.1"], true).expect("it is trusted").body, b"[]");
    let error = over_tls_with(&["127.0.0.1"], false).expect_err("another's certificate");
    assert_eq!(error.kind, TroubleKind::Refused);
    assert!(error.words.en.contains("certificate that is not trusted"), "{error:?}");
}

#[test]
fn a_certificate_for_other_names_is_refused() {
    let error = over_tls_with(&["graphite.example"], true).expect_err("another's name");
    assert_eq!(error.kind, TroubleKind::Refused);
    assert!(error.words.en.contains("for other names"), "{error:?}");
}

#[test]
fn a_certificate_of_nobody_known_is_refused_by_the_machine_s_own_authorities() {
    let (url, _) = over_tls(&["127.0.0.1"]);
    let error = outgoing(&Reach::default()).send(&Request::get(url, "the server")).expect_err("nobody known");
    assert_eq!(error.kind, TroubleKind::Refused, "{error:?}");
}

#[test]
fn plain_http_under_an_https_address_is_said_to_be_that() {
    let server = StandIn::saying(answer("400 Bad Request", &[], "hello"));
    let url = server.url.replace("http:", "https:");
    // The stand-in waits for a line; what TLS says has one sooner or later, else the timeout ends it.
    let error = outgoing(&quick()).send(&Request::get(url, "the server")).expect_err("no TLS");
    assert!(
        matches!(error.kind, TroubleKind::Nonsense | TroubleKind::Slow | TroubleKind::Unreachable),
        "{error:?}"
    );
}

#[test]
fn a_name_that_leads_to_a_forbidden_address_is_never_asked() {
    let request = Request::get("http://169.254.169.254/latest/meta-data", "the server");
    let error = outgoing(&quick()).send(&request).expect_err("never");
    assert_eq!(error.kind, TroubleKind::Unreachable);
    assert!(error.words.en.contains("never asked"), "{error:?}");
    assert!(error.words.es.contains("nunca"), "{error:?}");
}
