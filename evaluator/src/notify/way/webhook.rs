//! A webhook: JSON by POST, signed as Standard Webhooks say (<https://www.standardwebhooks.com>) when there is a key.
//!
//! Headers: `webhook-id`, the message's key, which is the same at each try; `webhook-timestamp`, seconds since 1970 of this try;
//! `webhook-signature`, `v1,` and the base64 of HMAC-SHA256 over `{id}.{timestamp}.{body}` with the bytes of the key's base64 after
//! `whsec_`. Taken is what is answered with 2xx. 408, 425, 429 and 5xx are tried again, after `Retry-After` if it is said; any other answer is
//! final, and nobody is redirected.
//!
//! The body:
//! ```json
//! {"type": "alarm.raised", "timestamp": "2027-01-15T08:00:00Z",
//!  "data": {"receiver": "duty", "title": "Critical · CPU router1 · ...", "text": "...", "severity": "critical", "count": 1,
//!   "alarms": [{"id": "...", "subject": {"name": "lab.router1.cpu"}, "rule": {"id": "...", "name": "CPU router1"},
//!    "series": "lab.router1.cpu", "dashboard": "Routers", "panel": "CPU", "unit": "%", "severity": "critical", "before": null,
//!    "value": 95.5, "raised_at": "...", "changed_at": "...", "cleared_at": null, "message": "is above 90", "seq": 1, "note": "",
//!    "runbook_url": null, "link": "https://.../history/..."}]}}
//! ```
//! `type` is `alarm.raised`, `alarm.changed`, `alarm.cleared`, `alarm.reminder`, `alarm.group`, `alarm.summary` or `test`. Of an alarm that
//! cleared, `severity` is the last that was told, as in the API. A value that is no number JSON knows is `"NaN"`, `"Infinity"` or
//! `"-Infinity"`. At most 1,000 alarms are listed; `count` says how many there are.

use std::sync::Arc;
use std::time::Duration;

use atalaya_api::delivery::DeliveryKind;
use atalaya_api::float::Float;
use atalaya_api::receiver::{ReceiverDraft, ReceiverKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::hmac;
use serde_json::{Value, json};

use super::asking::ask;
use super::{Failure, Way, missing};
use crate::clock::{Clock, SystemClock};
use crate::domain::{Message, Millis, Said, Secret, Wrong};
use crate::notify::words::{Wording, cut, line, paragraphs};
use crate::source::remote::http::{Outgoing, Reach, Received, Request, Unusable, checked, hidden};

const LIMIT: Duration = Duration::from_secs(15);
/// Of an answer, bytes that are read.
const MOST_READ: usize = 64 * 1024;
const LONGEST_ANSWER: usize = 2_000;
const LISTED: usize = 1_000;
const PREFIX: &str = "whsec_";
/// Of a key, bytes.
const KEYS: std::ops::RangeInclusive<usize> = 16..=256;

/// An address that is told by POST.
pub struct Webhook {
    receiver: String,
    url: String,
    /// What of it may be shown: the rest may be as good as a password.
    shown: String,
    line: Outgoing,
    key: Option<hmac::Key>,
    wording: Wording,
    clock: Arc<dyn Clock>,
}

impl Webhook {
    /// # Errors
    /// A setting cannot be used.
    pub fn new(draft: &ReceiverDraft, secret: &Secret, wording: Wording) -> Result<Self, Wrong> {
        let way = draft.webhook.as_ref().ok_or_else(|| missing(ReceiverKind::Webhook))?;
        let own = |Unusable { field, words }: Unusable| Wrong { field: format!("webhook.{field}"), words };
        let (url, shown) = checked(&way.url, "url").map_err(own)?;
        let reach = Reach {
            timeout: LIMIT,
            max_answer: MOST_READ,
            glimpse: true,
            ca_pem: way.ca_pem.clone(),
            hidden: hidden(&url),
            ..Reach::default()
        };
        let given = secret.password.as_deref().map(str::trim).filter(|key| !key.is_empty());
        Ok(Webhook {
            receiver: draft.id.clone(),
            url,
            shown,
            line: Outgoing::new(&reach).map_err(own)?,
            key: given.map(signing_key).transpose()?,
            wording,
            clock: Arc::new(SystemClock::new()),
        })
    }

    fn body(&self, message: &Message) -> Vec<u8> {
        let manner = self.wording.manner();
        let alarms: Vec<Value> = message.alarms.iter().take(LISTED).map(|said| self.alarm(said)).collect();
        let body = json!({
            "type": kind(message.kind),
            "timestamp": message.at.timestamp(),
            "data": {
                "receiver": self.receiver,
                "language": manner.say("en", "es"),
                "title": self.wording.title(message),
                "text": self.wording.text(message),
                "severity": message.severity,
                "count": message.alarms.len(),
                "alarms": alarms,
            },
        });
        body.to_string().into_bytes()
    }

    /// In the API's shape, as far as it is known.
    fn alarm(&self, said: &Said) -> Value {
        let manner = self.wording.manner();
        let rule = said.rule.map(|id| json!({"id": id.to_string(), "name": line(&said.rule_name)}));
        let is_cleared = said.severity.is_none();
        json!({
            "id": said.alarm.to_string(),
            "subject": {"name": said.subject},
            "series": rule.is_some().then_some(&said.subject),
            "rule": rule,
            "dashboard": said.dashboard,
            "panel": said.panel,
            "unit": said.unit,
            "severity": said.severity.or(said.before),
            "before": said.before,
            "value": said.value.map(Float),
            "raised_at": said.raised_at.timestamp(),
            "changed_at": said.changed_at.timestamp(),
            "cleared_at": is_cleared.then(|| said.changed_at.timestamp()),
            "message": said.message.in_language(&manner.language),
            "seq": said.seq,
            "note": said.note,
            "runbook_url": said.runbook_url,
            "link": manner.link(said),
        })
    }

    fn request(&self, message: &Message, now: Millis) -> Request {
        let body = self.body(message);
        let id = line(&message.key);
        let timestamp = now.0.div_euclid(1_000).to_string();
        let signature = self.key.as_ref().map(|key| signature(key, &id, &timestamp, &body));
        let request = Request::json(&self.url, &self.shown, body)
            .with("webhook-id", id)
            .with("webhook-timestamp", timestamp);
        match signature {
            Some(signature) => request.with("webhook-signature", signature),
            None => request,
        }
    }

    fn heard(&self, received: &Received) -> String {
        let body = self.line.quoter().hide(&String::from_utf8_lossy(&received.body));
        cut(format!("{} {}", received.status, paragraphs(&body)).trim_end(), LONGEST_ANSWER)
    }
}

impl Way for Webhook {
    fn send(&self, message: &Message) -> Result<String, Failure> {
        let request = self.request(message, self.clock.now().wall);
        ask(&self.line, self.line.quoter(), &request).map(|received| self.heard(&received))
    }
}

fn kind(kind: DeliveryKind) -> &'static str {
    match kind {
        DeliveryKind::Raised => "alarm.raised",
        DeliveryKind::Changed => "alarm.changed",
        DeliveryKind::Cleared => "alarm.cleared",
        DeliveryKind::Reminder => "alarm.reminder",
        DeliveryKind::Group => "alarm.group",
        DeliveryKind::Summary => "alarm.summary",
        DeliveryKind::Test => "test",
    }
}

/// The bytes that follow `whsec_` in base64.
///
/// # Errors
/// It is none; what was typed is not in the words.
fn signing_key(text: &str) -> Result<hmac::Key, Wrong> {
    let bytes = text.strip_prefix(PREFIX).and_then(|key| BASE64.decode(key).ok());
    let bytes = bytes.filter(|bytes| KEYS.contains(&bytes.len())).ok_or_else(|| {
        Wrong::new(
            "secret",
            "a signing key is whsec_ and the base64 of 16 to 256 bytes; empty: nothing is signed",
            "una clave de firma es whsec_ y el base64 de 16 a 256 bytes; vacía: no se firma",
        )
    })?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

fn signature(key: &hmac::Key, id: &str, timestamp: &str, body: &[u8]) -> String {
    let mut signing = hmac::Context::with_key(key);
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        signing.update(part);
    }
    format!("v1,{}", BASE64.encode(signing.sign()))
}

#[cfg(test)]
mod tests;
