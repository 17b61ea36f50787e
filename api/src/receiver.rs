//! Receivers: the configured ways to tell people.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::level::Severity;
use crate::span::Span;

/// How a receiver is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum ReceiverKind {
    #[default]
    Email,
    Sms,
    Ovo,
    Webhook,
    Alertmanager,
}

impl ReceiverKind {
    pub const ALL: [ReceiverKind; 5] = [
        ReceiverKind::Email,
        ReceiverKind::Sms,
        ReceiverKind::Ovo,
        ReceiverKind::Webhook,
        ReceiverKind::Alertmanager,
    ];

    pub fn name(self) -> &'static str {
        match self {
            ReceiverKind::Email => "email",
            ReceiverKind::Sms => "sms",
            ReceiverKind::Ovo => "ovo",
            ReceiverKind::Webhook => "webhook",
            ReceiverKind::Alertmanager => "alertmanager",
        }
    }
}

/// `POST /api/v1/receivers`, `PUT /api/v1/receivers/{id}`, `POST /api/v1/receivers/test`, `POST /api/v1/receivers/preview`: who is
/// told, of what, and how. Of the five ways below exactly the one of its kind is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReceiverDraft {
    /// Rules name it: 1 to 40 of `a-z`, `0-9`, `-`; fixed once it is made.
    pub id: String,
    pub kind: ReceiverKind,
    /// What people call it.
    pub name: String,
    #[serde(default = "crate::rule::yes")]
    pub enabled: bool,
    /// Nothing below is told; a rule may ask for more. In this order: warning, unknown, major, critical.
    #[serde(default = "every_severity")]
    pub lowest: Severity,
    /// Whoever was told is told again when the severity changes.
    #[serde(default = "crate::rule::yes")]
    pub changes: bool,
    /// Whoever was told is told when the alarm clears.
    #[serde(default = "crate::rule::yes")]
    pub clears: bool,
    /// Tell again this often while it stands and nobody acknowledged it, 5 min to 7 d; none: never.
    #[serde(default)]
    pub remind_every: Option<Span>,
    /// At most so many messages; none: no limit.
    #[serde(default)]
    pub rate: Option<Rate>,
    /// `es` or `en`; none: the setting's.
    #[serde(default)]
    pub language: Option<String>,
    /// Words of one's own for its messages; what is empty is the usual.
    #[serde(default)]
    pub words: MessageWords,
    #[serde(default)]
    pub email: Option<EmailWay>,
    #[serde(default)]
    pub sms: Option<SmsWay>,
    #[serde(default)]
    pub ovo: Option<OvoWay>,
    #[serde(default)]
    pub webhook: Option<WebhookWay>,
    #[serde(default)]
    pub alertmanager: Option<AlertmanagerWay>,
    /// Password (e-mail, SMS, Alertmanager) or signing key (webhook, `whsec_...`). Write-only. Left out of a change: stays as it was;
    /// empty: removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    #[serde(default)]
    pub has_secret: bool,
    /// Grows with each edit; a change that names another is refused.
    #[serde(default)]
    pub version: u64,
}

fn every_severity() -> Severity {
    Severity::Warning
}

impl Default for ReceiverDraft {
    fn default() -> Self {
        ReceiverDraft {
            id: String::new(),
            kind: ReceiverKind::default(),
            name: String::new(),
            enabled: true,
            lowest: every_severity(),
            changes: true,
            clears: true,
            remind_every: None,
            rate: None,
            language: None,
            words: MessageWords::default(),
            email: None,
            sms: None,
            ovo: None,
            webhook: None,
            alertmanager: None,
            secret: None,
            has_secret: false,
            version: 0,
        }
    }
}

/// How many messages in which time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// 1 to 10,000.
    pub messages: u32,
    /// 1 s to 24 h.
    pub per: Span,
}

/// Templates of a message, in minijinja's language; `receivers/preview` shows what comes of them and names what is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct MessageWords {
    /// One line: the subject of an e-mail. Elsewhere not used.
    pub title: String,
    /// The text of an e-mail or an SMS, `msg_text` of OVO, the summary of webhook and Alertmanager.
    pub text: String,
}

/// Mail by SMTP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EmailWay {
    pub host: String,
    /// 1 to 65535; usual are 587 for STARTTLS, 465 for TLS, 25 for neither.
    pub port: u16,
    #[serde(default)]
    pub security: MailSecurity,
    /// Empty: no authentication.
    #[serde(default)]
    pub username: String,
    /// `Atalaya <atalaya@example.org>`, or only the address.
    pub from: String,
    /// 1 to 100 addresses.
    pub to: Vec<String>,
    /// PEM of an authority of one's own; empty: those of the machine.
    #[serde(default)]
    pub ca_pem: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// Required: without it nothing is sent.
    #[default]
    Starttls,
    Tls,
    None,
}

/// Texts through an HTTP gateway that is asked as Kannel's `sendsms` is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SmsWay {
    /// e.g. `http://kannel.example:13013/cgi-bin/sendsms`.
    pub url: String,
    pub username: String,
    /// Sender; empty: the gateway's own.
    #[serde(default)]
    pub from: String,
    /// `smsc` of the gateway; empty: its own choice.
    #[serde(default)]
    pub smsc: String,
    /// `+34600123123`: digits with an optional `+`; with `lists` at least one.
    #[serde(default)]
    pub numbers: Vec<String>,
    /// Names of the settings' phone lists.
    #[serde(default)]
    pub lists: Vec<String>,
    /// True: accents stay, and 70 characters fit; false: accents that GSM-7 lacks are dropped, and 160 fit.
    #[serde(default)]
    pub unicode: bool,
}

/// `opcmsg`, whose program is named in the configuration file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OvoWay {
    /// At most 32 bytes.
    pub application: String,
    /// At most 32 bytes; empty: the metric's name, cut.
    #[serde(default)]
    pub object: String,
    /// At most 32 bytes; empty: none.
    #[serde(default)]
    pub msg_group: String,
    /// Empty: none.
    #[serde(default)]
    pub node: String,
}

/// JSON by POST, signed as Standard Webhooks say when there is a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WebhookWay {
    pub url: String,
    /// PEM of an authority of one's own; empty: those of the machine.
    #[serde(default)]
    pub ca_pem: String,
}

/// Prometheus' Alertmanager, by its API v2.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AlertmanagerWay {
    /// Its root, e.g. `http://alertmanager.example:9093`.
    pub url: String,
    /// For basic authentication; empty: none.
    #[serde(default)]
    pub username: String,
    /// PEM of an authority of one's own; empty: those of the machine.
    #[serde(default)]
    pub ca_pem: String,
}

/// A receiver as it is kept, with how it does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Receiver {
    pub receiver: ReceiverDraft,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
    pub updated_by: String,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub deleted_at: Option<Timestamp>,
    /// Rules that name it, or tell all of its kind.
    pub rules: u64,
    /// System alarms go to it.
    pub system: bool,
    /// Until then nothing is sent: somebody muted it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub muted_until: Option<Timestamp>,
    pub queued: u64,
    /// Of what is queued.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub oldest_queued_at: Option<Timestamp>,
    pub dead: u64,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub last_delivered_at: Option<Timestamp>,
    /// What it said last when it did not take a message; none since one was taken.
    #[serde(default)]
    pub trouble: Option<String>,
    /// After failures in a row it is tried again then, and not before.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub paused_until: Option<Timestamp>,
}

/// `POST /api/v1/receivers/test`: what became of a test message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReceiverTest {
    pub ok: bool,
    /// In words, what happened.
    pub message: String,
    /// What the far end answered, as it did; at most 2,000 characters.
    pub answer: String,
    pub took_ms: u64,
}

/// `POST /api/v1/receivers/preview`: what would be sent for an alarm that is made up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessagePreview {
    /// When an alarm is raised, when it clears, of seven of a panel at once, and the summary of a flood.
    pub messages: Vec<PreviewedMessage>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewedMessage {
    /// What it is of: `raised`, `cleared`, `group`, `summary`.
    pub of: String,
    pub title: String,
    pub text: String,
    /// Of an SMS: how many it takes.
    pub parts: u32,
    /// Of an SMS: whether it goes as UCS-2.
    pub unicode: bool,
}
