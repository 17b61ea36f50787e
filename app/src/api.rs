//! The typed client of `/api/v1`.

use std::pin::Pin;

use atalaya_api::problem::Problem;
use gloo_net::http::{Request, RequestBuilder, Response};
use leptos::prelude::*;
use serde_json::Value;

use crate::account::Account;
use crate::prefs::Prefs;
use crate::reading::{self, Read};
use crate::upload::{self, Progress};
use crate::{base, dom};

/// Why a request gave nothing.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Failure {
    /// No answer: the server is away or the network is down.
    #[error("no connection")]
    Offline,
    /// 401; the login is already being shown.
    #[error("login needed")]
    LoginNeeded,
    /// The server says what is wrong.
    #[error("{}", .0.detail)]
    Problem(Problem),
    /// An answer that is not what the API describes.
    #[error("unreadable answer: {0}")]
    Unreadable(String),
}

impl Failure {
    /// What the server says about the field whose path ends in `name` (`check.params.critical` is found by `critical`).
    pub fn field(&self, name: &str) -> Option<String> {
        let Failure::Problem(problem) = self else { return None };
        let found = problem.errors.iter().find(|error| ends_with_path(&error.field, name))?;
        Some(found.message.clone())
    }

    /// The HTTP status where the server answered with a problem.
    pub fn status(&self) -> Option<u16> {
        match self {
            Failure::Problem(problem) => Some(problem.status),
            _ => None,
        }
    }

    /// In words for the operator; tracks the language.
    pub fn words(&self, prefs: Prefs) -> String {
        match self {
            Failure::Offline => said!(prefs, app.failure.offline).to_owned(),
            Failure::LoginNeeded => said!(prefs, app.failure.login).to_owned(),
            Failure::Problem(problem) if !problem.detail.is_empty() => problem.detail.clone(),
            Failure::Problem(problem) => problem.title.clone(),
            Failure::Unreadable(reason) => format!("{} ({reason})", said!(prefs, app.failure.unreadable)),
        }
    }
}

fn ends_with_path(path: &str, name: &str) -> bool {
    path.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// The client, in context. Paths are relative to `/api/v1/`: `api.get("alarms?state=active")`.
#[derive(Clone, Copy)]
pub struct Api {
    base: StoredValue<String>,
    account: Account,
    prefs: Prefs,
}

impl Api {
    pub fn provide(account: Account, prefs: Prefs) -> Self {
        let api = Api { base: StoredValue::new(dom::base_path()), account, prefs };
        provide_context(api);
        api
    }

    /// The full address of an API path.
    pub fn address(self, path: &str) -> String {
        self.base.with_value(|base| base::api(base, path))
    }

    /// What the server answers, as text; [`read`] makes a type of it: `api.get(path).await.and_then(read)`.
    pub fn get(self, path: &str) -> Answer {
        self.send(Request::get, path, None)
    }

    pub fn post(self, path: &str, body: &Value) -> Answer {
        self.send(Request::post, path, Some(body))
    }

    pub fn patch(self, path: &str, body: &Value) -> Answer {
        self.send(Request::patch, path, Some(body))
    }

    pub fn put(self, path: &str, body: &Value) -> Answer {
        self.send(Request::put, path, Some(body))
    }

    pub fn delete(self, path: &str) -> Answer {
        self.send(Request::delete, path, None)
    }

    /// Sends a file, telling how far it is, 0 to 1.
    pub async fn upload(
        self,
        path: &str,
        file: &web_sys::File,
        progress: Progress,
    ) -> Result<String, Failure> {
        let language = crate::prefs::language_of(self.prefs.locale.get_untracked());
        let outcome = upload::send(&self.address(path), language, file, progress).await;
        self.noticed(outcome)
    }

    /// An ended login is shown at once.
    fn noticed(self, outcome: Result<String, Failure>) -> Result<String, Failure> {
        if outcome.as_ref().is_err_and(|failure| *failure == Failure::LoginNeeded) {
            self.account.who.update(|who| *who = std::mem::take(who).refused());
        }
        outcome
    }

    /// All that a request does besides knowing its type: once in the app, not once per type. Messages come back in the
    /// operator's language.
    fn send(self, method: fn(&str) -> RequestBuilder, path: &str, body: Option<&Value>) -> Answer {
        let language = crate::prefs::language_of(self.prefs.locale.get_untracked());
        let request = method(&self.address(path))
            .header("Accept", "application/json")
            .header("Accept-Language", language);
        let request = match body {
            Some(body) => request.header("Content-Type", "application/json").body(body.to_string()),
            None => request.build(),
        };
        Box::pin(self.answered(request))
    }

    async fn answered(self, request: Result<Request, gloo_net::Error>) -> Result<String, Failure> {
        let request = request.map_err(|error| Failure::Unreadable(error.to_string()))?;
        let response = request.send().await.map_err(|_| Failure::Offline)?;
        let status = response.status();
        let outcome = good(status, text_of(&response).await?);
        self.noticed(outcome)
    }
}

/// The text of a good answer, on its way.
pub type Answer = Pin<Box<dyn Future<Output = Result<String, Failure>>>>;

async fn text_of(response: &Response) -> Result<String, Failure> {
    response.text().await.map_err(|_| Failure::Offline)
}

/// A good answer's text; any other answer as the problem it states.
pub fn good(status: u16, text: String) -> Result<String, Failure> {
    match status {
        200..=299 => Ok(text),
        401 => Err(Failure::LoginNeeded),
        _ => Err(Failure::Problem(problem_of(status, &text))),
    }
}

/// Reads a good answer.
///
/// # Errors
/// [`Failure::Unreadable`] when it is not what the API describes.
pub fn read<T: Read>(text: String) -> Result<T, Failure> {
    reading::from_text(&text).map_err(|misread| Failure::Unreadable(misread.0.to_owned()))
}

/// A proxy in between may answer with something else than a problem document.
fn problem_of(status: u16, text: &str) -> Problem {
    reading::from_text(text).unwrap_or_else(|_| Problem {
        kind: "about:blank".to_owned(),
        title: format!("HTTP {status}"),
        status,
        detail: String::new(),
        errors: Vec::new(),
    })
}

pub fn use_api() -> Api {
    expect_context()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_answer<T: Read>(status: u16, text: &str) -> Result<T, Failure> {
        good(status, text.to_owned()).and_then(read)
    }

    const REFUSED: &str = r#"{"type":"/problems/invalid-field","title":"Invalid","status":422,"detail":"A threshold is wrong.",
        "errors":[{"field":"check.params.critical","message":"at least 80"}]}"#;

    #[test]
    fn a_field_finds_what_the_server_says_about_it() {
        let failure = read_answer::<Value>(422, REFUSED).unwrap_err();
        assert_eq!(failure.field("critical").as_deref(), Some("at least 80"));
        assert_eq!(failure.field("check.params.critical").as_deref(), Some("at least 80"));
        assert_eq!(failure.field("tical"), None);
    }

    #[test]
    fn a_refused_login_is_told_apart() {
        assert_eq!(read_answer::<Value>(401, ""), Err(Failure::LoginNeeded));
    }

    #[test]
    fn an_empty_answer_reads_as_nothing() {
        assert_eq!(read_answer::<Value>(204, ""), Ok(Value::Null));
    }

    #[test]
    fn a_proxy_page_becomes_a_problem_with_its_status() {
        let failure = read_answer::<Value>(502, "<html>").unwrap_err();
        assert_eq!(failure.status(), Some(502));
    }
}
