//! Behind nginx, set up as the installation guide has it: HTTPS, below a path.

use atalaya_tests::client::Client;
use atalaya_tests::events::Listener;
use atalaya_tests::feed::Feed;
use atalaya_tests::nginx::Nginx;
use atalaya_tests::poll;
use atalaya_tests::server::{PASSWORD, Server};
use atalaya_tests::stage::{PATIENCE, cpu_rule, post_rule, text, until_active};
use serde_json::json;

fn behind_nginx() -> Option<(Server, Nginx)> {
    let server =
        Server::builder().below("/atalaya").env("ATALAYA_TRUSTED_PROXIES", "[\"127.0.0.1\"]").start();
    let nginx = Nginx::in_front_of(server.port)?;
    Some((server, nginx))
}

fn stranger(nginx: &Nginx) -> Client {
    Client::trusting(&format!("{}/atalaya", nginx.origin()), nginx.certificate())
}

#[test]
fn behind_a_proxy_a_login_s_cookie_is_one_for_encrypted_pages() {
    let Some((server, nginx)) = behind_nginx() else { return };
    let answer = stranger(&nginx).try_login("admin", PASSWORD);
    assert_eq!(answer.is(200)["encrypted"], true, "it believes the proxy");
    let cookie = answer.header("set-cookie").to_owned();
    assert!(cookie.starts_with("__Secure-atalaya="), "{cookie}");
    for part in ["Path=/atalaya", "Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(cookie.split("; ").any(|one| one == part), "{part} in {cookie}");
    }
    let admin = stranger(&nginx).with_cookie_of(&answer);
    let made = admin.post("/api/v1/rules", &cpu_rule("lab.a"));
    made.is(201);
    assert!(made.header("location").starts_with("/atalaya/api/v1/rules/"), "{:?}", made.headers);
    let page = text(stranger(&nginx).get("/").is(200));
    assert!(page.contains("<base href=\"/atalaya/\">"), "{page}");
    assert!(server.stranger().try_login("admin", PASSWORD).header("set-cookie").starts_with("atalaya="));
}

#[test]
fn behind_a_proxy_a_page_of_another_site_can_do_nothing() {
    let Some((_server, nginx)) = behind_nginx() else { return };
    let admin = stranger(&nginx).login("admin", PASSWORD);
    let from = |site: &str| {
        let body = json!({"username": "admin", "password": PASSWORD}).to_string();
        admin.send_from(site, "POST", "/api/v1/session", body).status
    };
    assert_eq!(from("https://evil.example"), 403);
    assert_eq!(from(&nginx.origin()), 200, "its own pages can");
}

#[test]
fn behind_a_proxy_an_alarm_is_on_the_live_stream_at_once() {
    let Some((server, nginx)) = behind_nginx() else { return };
    let admin = stranger(&nginx).login("admin", PASSWORD);
    let (through, direct) = (
        Listener::start(&admin, None).expect("nginx answers"),
        Listener::start(&server.admin(), None).expect("the server answers"),
    );
    let feed = Feed::start(server.carbon_port());
    feed.set("lab.proxy", 95.0);
    post_rule(&admin, &cpu_rule("lab.proxy"));
    until_active(&admin, "95 raises an alarm", |_| true);
    let ids = |listener: &Listener| -> Vec<u64> {
        listener.seen().into_iter().filter_map(|event| event.id).collect()
    };
    poll::until("nginx holds nothing back", PATIENCE, || {
        let told = ids(&direct);
        (!told.is_empty() && told == ids(&through)).then_some(())
    });
}
