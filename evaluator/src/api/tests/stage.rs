//! A router with a store of its own, and somebody to ask it.

use std::sync::Arc;
use std::time::Duration;

use atalaya_api::people::Role;
use atalaya_api::receiver::ReceiverDraft;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::api::{EventHub, Services, router};
use crate::clock::{Clock, ManualClock};
use crate::config::Config;
use crate::domain::{
    AlarmContext, AlarmId, Millis, Reason, ReceiverConfig, RuleId, Run, Secret, Severity, Subject, Texts,
    Transition,
};
use crate::ingest::prometheus::RemoteWrite;
use crate::people::{Scope, accounts, system};
use crate::source::Input;
use crate::source::local::{LocalConfig, LocalStore};
use crate::store::sqlite::SqliteStore;
use crate::store::{Actor, CycleCommit, ReceiverStore};
use crate::ui::Ui;

use super::fakes::{FakeChecks, FakeEvaluation, FakeSources};

pub const START: Millis = Millis(1_700_000_000_000);
pub const PASSWORD: &str = "a good password";

/// Everything that a test needs. Users are made on the way: `viewer`, `operator`, `admin`.
pub struct Stage {
    pub router: Router,
    pub services: Services,
    pub clock: Arc<ManualClock>,
    pub evaluation: Arc<FakeEvaluation>,
    pub sources: Arc<FakeSources>,
    /// What remote-write writes to.
    pub local: Arc<LocalStore>,
    folder: tempfile::TempDir,
}

impl Stage {
    pub fn new() -> Self {
        Self::with(Config::default())
    }

    pub fn with(config: Config) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = Arc::new(ManualClock::at(START));
        let store = SqliteStore::open(&folder.path().join("atalaya.db"), clock.clone()).expect("a new store");
        store.create_receiver(&noc(), &Secret::default(), &system()).expect("the id is free");
        let evaluation = Arc::new(FakeEvaluation::default());
        let sources = Arc::new(FakeSources::default());
        let local = Arc::new(LocalStore::in_memory(LocalConfig { max_series: 10, ..LocalConfig::default() }));
        let services = Services::new(
            store,
            (evaluation.clone(), Arc::new(FakeChecks), sources.clone()),
            Arc::new(RemoteWrite::new(local.clone(), Arc::new(Input::new("prometheus")))),
            clock.clone() as Arc<dyn Clock>,
            Arc::new(config),
            EventHub::new(0),
            Ui::Folder(folder.path().join("no app")),
        );
        let router = router(services.clone());
        Stage { router, services, clock, evaluation, sources, local, folder }
    }

    /// A user with a token. Its password's hash is none: logging in is not what this is for.
    pub fn token(&self, role: Role) -> String {
        let name = format!("{role:?}").to_lowercase();
        let store = &*self.services.store;
        if store.user_by_name(&name).expect("the store works").is_none() {
            let user = accounts::new_user(name.clone(), "none".to_owned(), role, START);
            store.create_user(&user, &system()).expect("the name is free");
        }
        let by = Actor { name: "test".to_owned() };
        let token =
            accounts::create_token(store, &name, Scope::All, None, START, &by).expect("the user is there");
        token.text().to_owned()
    }

    /// A user who can log in with [`PASSWORD`].
    pub fn user(&self, name: &str, role: Role) {
        let hash = crate::people::password::hash(PASSWORD);
        let user = accounts::new_user(name.to_owned(), hash, role, START);
        self.services.store.create_user(&user, &system()).expect("the name is free");
    }

    pub fn ask(&self, method: Method, path: &str) -> Asked<'_> {
        let request = Request::builder().method(method).uri(path).header(header::HOST, "localhost");
        Asked { stage: self, request, body: Body::empty() }
    }

    pub fn get(&self, path: &str) -> Asked<'_> {
        self.ask(Method::GET, path)
    }

    pub fn post(&self, path: &str, body: &Value) -> Asked<'_> {
        self.ask(Method::POST, path).json(body)
    }

    /// Logs in; the cookie as a browser sends it back.
    pub async fn login(&self, name: &str) -> String {
        let answer =
            self.post("/api/v1/session", &json!({ "username": name, "password": PASSWORD })).send().await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.cookie()
    }

    /// The data folder.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

/// The receiver that [`draft`] names.
fn noc() -> ReceiverConfig {
    let receiver = ReceiverDraft {
        id: "noc".to_owned(),
        name: "NOC".to_owned(),
        version: 1,
        ..ReceiverDraft::default()
    };
    ReceiverConfig { receiver, updated_at: START, updated_by: "system".to_owned(), deleted_at: None }
}

/// A request in the making.
pub struct Asked<'a> {
    stage: &'a Stage,
    request: axum::http::request::Builder,
    body: Body,
}

impl Asked<'_> {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub fn token(self, token: &str) -> Self {
        let value = format!("Bearer {token}");
        self.header("authorization", &value)
    }

    pub fn by(self, role: Role) -> Self {
        let token = self.stage.token(role);
        self.token(&token)
    }

    pub fn cookie(self, cookie: &str) -> Self {
        self.header("cookie", cookie)
    }

    pub fn json(self, body: &Value) -> Self {
        self.text(body.to_string())
    }

    pub fn text(self, body: impl Into<String>) -> Self {
        self.bytes(body.into())
    }

    pub fn bytes(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// The answer before its body was read.
    pub async fn response(self) -> axum::response::Response {
        let request = self.request.body(self.body).expect("a request");
        self.stage.router.clone().oneshot(request).await.expect("the router always answers")
    }

    pub async fn send(self) -> Answer {
        let (parts, body) = self.response().await.into_parts();
        let bytes = to_bytes(body, 1 << 24).await.expect("the body ends");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("JSON, not {:?}", self.text))
    }

    /// `name=value` of the cookie that was set.
    pub fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
    }

    /// The answer is a problem document with this status.
    #[track_caller]
    pub fn is_problem(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        for part in ["type", "title", "detail"] {
            assert!(problem[part].as_str().is_some_and(|text| !text.is_empty()), "{part} in {problem}");
        }
        problem
    }

    /// The problem names this field; what it says of it.
    #[track_caller]
    pub fn names(&self, field: &str) -> String {
        let problem = self.is_problem(422);
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        let found = errors.iter().find(|error| error["field"] == field);
        let found = found.unwrap_or_else(|| panic!("{field} in {problem}"));
        found["message"].as_str().unwrap_or_default().to_owned()
    }
}

/// The rule of the design's section 6.
pub fn draft() -> Value {
    json!({
        "name": "CPU router1",
        "query": { "source": "local", "expr": "lab.router1.cpu", "unit": "%", "dashboard": null, "panel": null },
        "check": { "name": "threshold", "params": { "direction": "above", "warning": 70, "major": 80, "critical": 90 } },
        "interval": "1s", "checks_to_alert": 3, "checks_to_ok": 2, "ok_margin": 10, "period": "24x7",
        "no_data": "alarm", "time_zone": "Europe/Madrid",
        "notify": { "sms": false, "ovo": false, "receivers": [{ "id": "noc", "from": "major" }] },
        "enabled": true, "labels": {}, "note": "", "runbook_url": null
    })
}

/// One series whose alarm rises, changes and clears in the store.
pub struct Life {
    subject: Subject,
    seq: u64,
    held: Option<Severity>,
    alarm: AlarmId,
}

impl Life {
    pub fn of(series: &str) -> Self {
        let rule = RuleId::from_bytes([7; 16]);
        let subject = Subject::Series { rule, series: series.into() };
        let alarm = AlarmId::raised_by(&subject.key(), 1);
        Life { subject, seq: 0, held: None, alarm }
    }

    pub fn alarm(&self) -> String {
        self.alarm.to_string()
    }

    /// The next transition is stored and told. `run`: its evidence.
    pub fn goes(&mut self, stage: &Stage, after: Option<Severity>, run: Option<&Run>) {
        self.seq += 1;
        if self.held.is_none() {
            self.alarm = AlarmId::raised_by(&self.subject.key(), self.seq);
        }
        let transition = Transition {
            subject: self.subject.clone(),
            alarm: self.alarm,
            seq: self.seq,
            at: stage.services.now().wall,
            before: std::mem::replace(&mut self.held, after),
            after,
            reason: if after.is_some() { Reason::ChecksToAlert } else { Reason::ChecksToOk },
            value: Some(95.0),
            message: Texts { en: "above 90".to_owned(), es: "por encima de 90".to_owned() },
            evidence: run.map(Run::encode),
            context: Arc::new(AlarmContext {
                rule_name: "CPU router1".to_owned(),
                dashboard: Some("Core".to_owned()),
                panel: None,
                unit: Some("%".to_owned()),
            }),
        };
        let commit = CycleCommit { transitions: vec![transition], ..CycleCommit::default() };
        let last = stage.services.store.commit(&commit).expect("the store works");
        stage.services.events.committed(last.expect("a transition makes an event"));
    }
}
