//! A client of the API, logged in by cookie as a browser is, or by token as a program is.

use serde_json::Value;
use ureq::http;

/// Talks to one server as one person.
#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
    base: String,
    identity: Option<(&'static str, String)>,
}

/// Status and body.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub body: Value,
}

impl Client {
    /// Nobody yet.
    pub fn stranger(base: &str) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        Client { agent: config.into(), base: base.to_owned(), identity: None }
    }

    /// # Panics
    /// The login is refused.
    pub fn login(base: &str, username: &str, password: &str) -> Self {
        let stranger = Client::stranger(base);
        let body = serde_json::json!({"username": username, "password": password}).to_string();
        let request = stranger.agent.post(format!("{base}/api/v1/session"));
        let answer =
            request.header("content-type", "application/json").send(&body).expect("the server answers");
        assert_eq!(answer.status(), 200, "the login of {username}");
        let cookie = answer.headers().get("set-cookie").expect("a login sets a cookie");
        let cookie =
            cookie.to_str().expect("a cookie is text").split(';').next().unwrap_or_default().to_owned();
        Client { identity: Some(("cookie", cookie)), ..stranger }
    }

    pub fn with_token(base: &str, token: &str) -> Self {
        Client { identity: Some(("authorization", format!("Bearer {token}"))), ..Client::stranger(base) }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(body.to_string()))
    }

    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, Some(body.to_string()))
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None)
    }

    /// A body as it is, JSON or not.
    pub fn send(&self, method: &str, path: &str, body: Option<String>) -> Answer {
        self.try_send(method, path, body).expect("the server answers")
    }

    /// # Errors
    /// The server does not answer.
    pub fn try_send(&self, method: &str, path: &str, body: Option<String>) -> Result<Answer, ureq::Error> {
        let request = self.request(method, path).body(body.unwrap_or_default())?;
        let mut answer = self.agent.run(request)?;
        let content_type = answer.headers().get("content-type").and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        let text = answer.body_mut().read_to_string()?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Answer { status: answer.status().as_u16(), content_type, body })
    }

    fn request(&self, method: &str, path: &str) -> http::request::Builder {
        let request = http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        let request = request.header("content-type", "application/json");
        match &self.identity {
            Some((name, value)) => request.header(*name, value),
            None => request,
        }
    }

    /// Opens a stream; its lines come as they are sent.
    ///
    /// # Errors
    /// The server does not answer.
    pub fn stream(
        &self,
        path: &str,
        last_event_id: Option<u64>,
    ) -> Result<ureq::BodyReader<'static>, ureq::Error> {
        let mut request = self.request("GET", path);
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id.to_string());
        }
        Ok(self.agent.run(request.body(String::new())?)?.into_body().into_reader())
    }
}

impl Answer {
    /// The items of a list.
    ///
    /// # Panics
    /// It is none.
    pub fn items(&self) -> &[Value] {
        self.body["items"].as_array().unwrap_or_else(|| panic!("not a list: {self:?}"))
    }
}
