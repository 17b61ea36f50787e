//! The live stream.

use std::time::Duration;

use atalaya_api::people::Role;
use axum::body::BodyDataStream;
use serde_json::{Value, json};
use tokio_stream::StreamExt;

use super::stage::{Asked, Life, Stage, draft};
use crate::domain::Severity;

/// An open stream, read event by event.
struct Reader {
    body: BodyDataStream,
    text: String,
}

/// One event as it came.
#[derive(Debug, Default)]
struct Event {
    name: String,
    id: String,
    data: Value,
}

impl Reader {
    async fn open(asked: Asked<'_>) -> Self {
        let response = asked.response().await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Reader { body: response.into_body().into_data_stream(), text: String::new() }
    }

    /// The next event; none when the stream ended.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let event = parsed(block);
                self.text = rest.to_owned();
                return Some(event);
            }
            let chunk = tokio::time::timeout(Duration::from_secs(10), self.body.next()).await;
            let chunk = chunk.expect("something comes each second")?.expect("the body can be read");
            self.text.push_str(&String::from_utf8_lossy(&chunk));
        }
    }

    async fn wait_for(&mut self, name: &str) -> Event {
        loop {
            let event = self.next().await.expect("the stream goes on");
            if event.name == name {
                return event;
            }
        }
    }

    async fn ends(&mut self) {
        while self.next().await.is_some() {}
    }
}

fn parsed(block: &str) -> Event {
    let mut event = Event::default();
    for line in block.lines() {
        match line.split_once(':') {
            Some(("event", name)) => event.name = name.trim().to_owned(),
            Some(("id", id)) => event.id = id.trim().to_owned(),
            Some(("data", data)) => event.data = serde_json::from_str(data.trim()).expect("data is JSON"),
            _ => {}
        }
    }
    event
}

fn events(stage: &Stage) -> Asked<'_> {
    stage.get("/api/v1/events").by(Role::Viewer)
}

#[tokio::test]
async fn what_is_committed_is_told_with_its_id_and_the_live_alarm() {
    let stage = Stage::new();
    let mut life = Life::of("lab.router1.cpu");
    life.goes(&stage, Some(Severity::Warning), None);
    let mut reader = Reader::open(events(&stage).header("accept-language", "es")).await;
    life.goes(&stage, Some(Severity::Critical), None);
    let event = reader.wait_for("alarm").await;
    assert_eq!(event.id, "2", "a first connection starts from now");
    assert_eq!(
        (&event.data["alarm"]["severity"], &event.data["transition"]["seq"]),
        (&json!("critical"), &json!(2))
    );
    assert_eq!(event.data["alarm"]["message"], "por encima de 90");
}

#[tokio::test]
async fn a_status_comes_each_second_without_an_id() {
    let stage = Stage::new();
    let mut reader = Reader::open(events(&stage)).await;
    for _ in 0..2 {
        let event = reader.wait_for("status").await;
        assert_eq!((event.id.as_str(), &event.data["summary"]["critical"]), ("", &json!(0)));
    }
}

#[tokio::test]
async fn a_stream_goes_on_after_the_last_event_that_was_seen() {
    let stage = Stage::new();
    let mut life = Life::of("lab.router1.cpu");
    for severity in [Severity::Warning, Severity::Major, Severity::Critical] {
        life.goes(&stage, Some(severity), None);
    }
    let mut by_header = Reader::open(events(&stage).header("last-event-id", "1")).await;
    let mut by_query = Reader::open(stage.get("/api/v1/events?last_event_id=1").by(Role::Viewer)).await;
    for reader in [&mut by_header, &mut by_query] {
        assert_eq!(reader.wait_for("alarm").await.id, "2");
        assert_eq!(reader.wait_for("alarm").await.id, "3");
    }
}

#[tokio::test]
async fn the_browser_knows_where_to_go_on_before_the_first_event() {
    let stage = Stage::new();
    Life::of("lab.router1.cpu").goes(&stage, Some(Severity::Warning), None);
    let first = Reader::open(events(&stage)).await.next().await.expect("the stream is open");
    assert_eq!((first.name.as_str(), first.id.as_str()), ("", "1"));
}

#[tokio::test]
async fn when_too_much_is_gone_the_browser_is_told_to_read_everything_anew() {
    let stage = Stage::new();
    let mut life = Life::of("lab.router1.cpu");
    for severity in [Severity::Warning, Severity::Major, Severity::Critical] {
        life.goes(&stage, Some(severity), None);
    }
    stage.services.store.prune_events(1).expect("the store works");
    let mut reader = Reader::open(events(&stage).header("last-event-id", "1")).await;
    assert_eq!(reader.wait_for("reset").await.data, json!({}));
    life.goes(&stage, None, None);
    assert_eq!(reader.wait_for("alarm").await.id, "4", "and goes on from there");
}

#[tokio::test]
async fn a_new_rule_is_told() {
    let stage = Stage::new();
    let mut reader = Reader::open(events(&stage)).await;
    let rule = stage.post("/api/v1/rules", &draft()).by(Role::Operator).send().await.json();
    let event = reader.wait_for("rule").await;
    assert_eq!(event.data, json!({ "id": rule["id"], "action": "created" }));
}

#[tokio::test]
async fn a_stream_ends_with_the_login_and_with_the_server() {
    let stage = Stage::new();
    stage.user("ana", Role::Operator);
    let cookie = stage.login("ana").await;
    let mut reader = Reader::open(stage.get("/api/v1/events").cookie(&cookie)).await;
    reader.wait_for("status").await;
    stage.advance(12 * 3_600);
    reader.ends().await;

    let mut reader = Reader::open(events(&stage)).await;
    stage.services.events.close();
    reader.ends().await;
}

#[tokio::test]
async fn a_viewers_login_lasts_while_its_stream_is_open() {
    let stage = Stage::new();
    stage.user("wall", Role::Viewer);
    let cookie = stage.login("wall").await;
    let mut reader = Reader::open(stage.get("/api/v1/events").cookie(&cookie)).await;
    reader.wait_for("status").await;
    stage.advance(11 * 3_600);
    // The login is asked for every few statuses.
    for _ in 0..6 {
        reader.wait_for("status").await;
    }
    stage.advance(11 * 3_600);
    assert_eq!(stage.get("/api/v1/summary").cookie(&cookie).send().await.status, 200);
}

#[tokio::test]
async fn readers_that_left_are_no_longer_counted() {
    let stage = Stage::new();
    let reader = Reader::open(events(&stage)).await;
    assert_eq!(stage.services.events.clients(), 1);
    drop(reader);
    for _ in 0..500 {
        if stage.services.events.clients() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("a reader that left is still counted");
}
