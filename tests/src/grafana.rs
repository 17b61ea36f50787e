//! A stand-in for Grafana: there is no Grafana to be had for tests. It gives out dashboard files as they are, in the frames and lists that
//! Grafana's HTTP API has, asks for the token, passes questions on to the data sources behind it, and can be told to misbehave.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

/// Whoever does not show it is let in nowhere.
pub const TOKEN: &str = "glsa_stand-in";

/// What it does when it is asked for one dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    Well,
    /// A status, and a few words in JSON.
    Status(u16),
    /// 200 and a page.
    Page,
    /// 200, and the body ends in its middle, as its length said.
    Half,
    /// 302 to a login.
    Redirect,
    /// 200 and JSON that is something else.
    Other,
    /// Says nothing until [`Grafana::open`].
    Waits,
}

/// One dashboard, as its file is.
#[derive(Clone, Debug)]
struct Board {
    /// None: an old Grafana, which knows it by its slug.
    uid: Option<String>,
    slug: String,
    title: String,
    folder: Option<(String, String)>,
    text: String,
    manner: Manner,
}

#[derive(Default)]
struct State {
    boards: BTreeMap<String, Board>,
    folders: Vec<(String, String, Option<String>)>,
    datasources: Vec<Value>,
    /// Where a data source really is, by uid.
    behind: BTreeMap<String, String>,
    library: BTreeMap<String, Value>,
    asked: Vec<String>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    gate: (Mutex<bool>, Condvar),
}

/// The server, for as long as the test lasts.
pub struct Grafana {
    url: String,
    shared: Arc<Shared>,
}

impl Grafana {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let shared = Arc::new(Shared::default());
        let served = shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = served.clone();
                // Whoever asks may go before the answer is there: nothing to complain of.
                std::thread::spawn(move || drop(shared.answer(stream)));
            }
        });
        Grafana { url, shared }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// As `PUT /api/v1/catalog/grafana` takes it.
    pub fn settings(&self) -> Value {
        json!({"url": self.url, "token": TOKEN, "timeout_s": 20})
    }

    /// Gives out a file as it is from now on; the key by which it is known.
    pub fn put_file(&self, file: &Path, folder: Option<(&str, &str)>) -> String {
        let text = std::fs::read_to_string(file).expect("the file can be read");
        self.put(&text, folder)
    }

    /// The same with its text.
    pub fn put(&self, text: &str, folder: Option<(&str, &str)>) -> String {
        let json: Value = serde_json::from_str(text).expect("a dashboard is JSON");
        let model = json.get("dashboard").filter(|model| model.is_object()).unwrap_or(&json);
        let word = |field: &str| model[field].as_str().filter(|word| !word.is_empty()).map(str::to_owned);
        let title = word("title").unwrap_or_else(|| "Untitled".to_owned());
        let slug = title.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let folder = folder.map(|(uid, name)| (uid.to_owned(), name.to_owned()));
        let uid = word("uid");
        let key = uid.clone().unwrap_or_else(|| slug.clone());
        let board = Board { uid, slug, title, folder, text: text.to_owned(), manner: Manner::Well };
        self.state().boards.insert(key.clone(), board);
        key
    }

    pub fn remove(&self, key: &str) {
        self.state().boards.remove(key);
    }

    /// How it behaves when it is asked for this dashboard.
    pub fn behave(&self, key: &str, manner: Manner) {
        self.state().boards.get_mut(key).expect("there is such a dashboard").manner = manner;
    }

    /// Whoever waits for an answer gets it.
    pub fn open(&self) {
        *lock(&self.shared.gate.0) = true;
        self.shared.gate.1.notify_all();
    }

    pub fn put_folder(&self, uid: &str, title: &str, within: Option<&str>) {
        let folder = (uid.to_owned(), title.to_owned(), within.map(str::to_owned));
        self.state().folders.push(folder);
    }

    pub fn put_library_panel(&self, uid: &str, model: Value) {
        self.state().library.insert(uid.to_owned(), model);
    }

    /// A data source of this kind that is really at `url`; Grafana's proxy leads there.
    pub fn put_datasource(&self, uid: &str, name: &str, kind: &str, url: &str, is_default: bool) {
        let mut state = self.state();
        let id = state.datasources.len() + 1;
        state.datasources.push(json!({"id": id, "uid": uid, "name": name, "type": kind, "url": url,
            "access": "proxy", "isDefault": is_default}));
        state.behind.insert(uid.to_owned(), url.to_owned());
    }

    /// The paths that were asked for, with their queries.
    pub fn asked(&self) -> Vec<String> {
        self.state().asked.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.shared.state)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A request, as far as it matters.
struct Asked {
    method: String,
    path: String,
    query: String,
    kind: String,
    is_known: bool,
    body: Vec<u8>,
}

impl Asked {
    fn read(stream: &TcpStream) -> std::io::Result<Self> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let mut words = line.split_whitespace().map(str::to_owned);
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let (path, query) = (path.to_owned(), query.to_owned());
        let mut asked = Asked { method, path, query, kind: String::new(), is_known: false, body: Vec::new() };
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            match name.to_lowercase().as_str() {
                "authorization" => asked.is_known = value.trim() == format!("Bearer {TOKEN}"),
                "content-length" => length = value.trim().parse().unwrap_or(0),
                "content-type" => value.trim().clone_into(&mut asked.kind),
                _ => {}
            }
        }
        asked.body.resize(length, 0);
        reader.read_exact(&mut asked.body)?;
        Ok(asked)
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }

    fn number(&self, name: &str, default: usize) -> usize {
        self.field(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    }
}

impl Shared {
    fn answer(&self, mut out: TcpStream) -> std::io::Result<()> {
        out.set_read_timeout(Some(Duration::from_secs(10)))?;
        let asked = Asked::read(&out)?;
        lock(&self.state).asked.push(format!("{}?{}", asked.path, asked.query));
        if asked.path == "/api/health" {
            return whole(&mut out, 200, &json!({"database": "ok", "version": "10.4.1"}).to_string());
        }
        if !asked.is_known {
            return whole(&mut out, 401, r#"{"message":"Invalid API key"}"#);
        }
        if let Some(rest) = asked.path.strip_prefix("/api/datasources/proxy/uid/") {
            return self.pass_on(&mut out, rest, &asked);
        }
        let dashboard = asked.path.strip_prefix("/api/dashboards/");
        if let Some(key) = dashboard.and_then(|rest| rest.split_once('/')).map(|(_, key)| key) {
            return self.dashboard(&mut out, key);
        }
        match self.list(&asked) {
            Some(json) => whole(&mut out, 200, &json.to_string()),
            None => whole(&mut out, 404, r#"{"message":"Not found"}"#),
        }
    }

    fn list(&self, asked: &Asked) -> Option<Value> {
        let state = lock(&self.state);
        if let Some(uid) = asked.path.strip_prefix("/api/library-elements/") {
            return state.library.get(uid).map(|model| json!({"result": {"uid": uid, "model": model}}));
        }
        Some(match asked.path.as_str() {
            "/api/search" => {
                let (limit, page) = (asked.number("limit", 1_000).min(5_000), asked.number("page", 1));
                let from = limit * page.saturating_sub(1);
                state.boards.values().skip(from).take(limit).map(hit).collect()
            }
            "/api/folders" => {
                let within = asked.field("parentUid").filter(|uid| !uid.is_empty());
                let inner = state.folders.iter().filter(|(_, _, parent)| parent.as_deref() == within);
                inner.map(|(uid, title, _)| json!({"uid": uid, "title": title})).collect()
            }
            "/api/datasources" => Value::from(state.datasources.clone()),
            "/api/org" => json!({"id": 1, "name": "Main Org."}),
            _ => return None,
        })
    }

    fn dashboard(&self, out: &mut TcpStream, key: &str) -> std::io::Result<()> {
        let found = lock(&self.state).boards.get(key).cloned();
        let Some(board) = found else { return whole(out, 404, r#"{"message":"Dashboard not found"}"#) };
        let framed = serde_json::from_str::<Value>(&board.text)
            .is_ok_and(|json| json.get("dashboard").is_some_and(Value::is_object));
        let folder = board.folder.as_ref().map(|(_, title)| title.as_str()).unwrap_or("General");
        let meta = json!({"folderTitle": folder, "slug": board.slug, "type": "db"});
        let body =
            if framed { board.text } else { format!(r#"{{"meta":{meta},"dashboard":{}}}"#, board.text) };
        match board.manner {
            Manner::Well => whole(out, 200, &body),
            Manner::Status(status) => whole(out, status, r#"{"message":"no"}"#),
            Manner::Page => {
                let page = "<!DOCTYPE html><html><head><title>Sign in</title></head></html>";
                write!(
                    out,
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n",
                    page.len()
                )?;
                write!(out, "Connection: close\r\n\r\n{page}")
            }
            Manner::Half => whole(out, 200, body.get(..body.len() / 2).unwrap_or("{\"dash")),
            Manner::Redirect => write!(
                out,
                "HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            ),
            Manner::Other => whole(out, 200, r#"[{"dashboard": null}]"#),
            Manner::Waits => {
                let waiting = self.gate.1.wait_while(lock(&self.gate.0), |open| !*open);
                drop(waiting);
                whole(out, 200, &body)
            }
        }
    }

    /// Asks the data source itself, as Grafana's proxy does.
    fn pass_on(&self, out: &mut TcpStream, rest: &str, asked: &Asked) -> std::io::Result<()> {
        let (uid, path) = rest.split_once('/').unwrap_or((rest, ""));
        let base = lock(&self.state).behind.get(uid).cloned();
        let Some(base) = base else { return whole(out, 404, r#"{"message":"Data source not found"}"#) };
        let mark = if asked.query.is_empty() { "" } else { "?" };
        let url = format!("{base}/{path}{mark}{}", asked.query);
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let request = ureq::http::Request::builder().method(asked.method.as_str()).uri(url);
        let request = request.header("content-type", &asked.kind).body(asked.body.clone());
        let answer = agent.run(request.map_err(std::io::Error::other)?);
        let mut answer = answer.map_err(std::io::Error::other)?;
        let kind =
            answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let (status, kind) = (answer.status(), kind.to_owned());
        let body = answer.body_mut().read_to_vec().map_err(std::io::Error::other)?;
        write!(out, "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n", body.len())?;
        write!(out, "Connection: close\r\n\r\n")?;
        out.write_all(&body)
    }
}

/// A dashboard as a search lists it.
fn hit(board: &Board) -> Value {
    let mut hit = json!({"title": board.title, "uri": format!("db/{}", board.slug), "type": "dash-db",
        "tags": [], "isStarred": false});
    if let Some(uid) = &board.uid {
        hit["uid"] = json!(uid);
        hit["url"] = json!(format!("/d/{uid}/{}", board.slug));
    }
    if let Some((uid, title)) = &board.folder {
        hit["folderUid"] = json!(uid);
        hit["folderTitle"] = json!(title);
    }
    hit
}

fn whole(out: &mut TcpStream, status: u16, body: &str) -> std::io::Result<()> {
    let length = body.len();
    write!(out, "HTTP/1.1 {status} Answer\r\nContent-Type: application/json; charset=UTF-8\r\n")?;
    write!(out, "Content-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}
