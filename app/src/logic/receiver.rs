//! The form of a receiver: what an administrator types, what is wrong with it, and the body that is sent.

use atalaya_api::level::Severity;
use atalaya_api::receiver::{MailSecurity, ReceiverDraft, ReceiverKind};
use serde_json::{Map, Value, json};

use super::form::span;
use super::phones::numbers;
use super::wrong::{What, Wrong};

const DAY: u32 = 86_400;

/// The fields that are texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    Name,
    Id,
    Host,
    Port,
    Url,
    Username,
    /// Password or signing key.
    Secret,
    From,
    To,
    Smsc,
    Numbers,
    Application,
    Object,
    Group,
    Node,
    Ca,
    Remind,
    Messages,
    Per,
    /// Own words: of the subject, and of the rest.
    Title,
    Words,
}

impl Text {
    pub const COUNT: usize = 21;
    pub const ALL: [Text; Text::COUNT] = [
        Text::Name,
        Text::Id,
        Text::Host,
        Text::Port,
        Text::Url,
        Text::Username,
        Text::Secret,
        Text::From,
        Text::To,
        Text::Smsc,
        Text::Numbers,
        Text::Application,
        Text::Object,
        Text::Group,
        Text::Node,
        Text::Ca,
        Text::Remind,
        Text::Messages,
        Text::Per,
        Text::Title,
        Text::Words,
    ];

    /// As the API calls the field; those of a way without the way's name before it.
    pub fn field(self) -> &'static str {
        match self {
            Text::Name => "name",
            Text::Id => "id",
            Text::Host => "host",
            Text::Port => "port",
            Text::Url => "url",
            Text::Username => "username",
            Text::Secret => "secret",
            Text::From => "from",
            Text::To => "to",
            Text::Smsc => "smsc",
            Text::Numbers => "numbers",
            Text::Application => "application",
            Text::Object => "object",
            Text::Group => "msg_group",
            Text::Node => "node",
            Text::Ca => "ca_pem",
            Text::Remind => "remind_every",
            Text::Messages => "rate.messages",
            Text::Per => "rate.per",
            Text::Title => "words.title",
            Text::Words => "words.text",
        }
    }

    /// The fields of a way, in the order of the form, without those that few people need.
    pub fn of_way(kind: ReceiverKind) -> &'static [Text] {
        match kind {
            ReceiverKind::Email => {
                &[Text::Host, Text::Port, Text::Username, Text::Secret, Text::From, Text::To]
            }
            ReceiverKind::Sms => {
                &[Text::Url, Text::Username, Text::Secret, Text::Numbers, Text::From, Text::Smsc]
            }
            ReceiverKind::Ovo => &[Text::Application, Text::Object, Text::Group, Text::Node],
            ReceiverKind::Webhook => &[Text::Url, Text::Secret],
            ReceiverKind::Alertmanager => &[Text::Url, Text::Username, Text::Secret],
        }
    }

    /// Whether the form of this kind has the field.
    pub fn is_of(self, kind: ReceiverKind) -> bool {
        self.place(kind) != Place::Nowhere
    }

    fn place(self, kind: ReceiverKind) -> Place {
        let has_ca = matches!(kind, ReceiverKind::Email | ReceiverKind::Webhook | ReceiverKind::Alertmanager);
        let of_kind = Text::of_way(kind).contains(&self) || (self == Text::Ca && has_ca);
        match self {
            Text::Name | Text::Id | Text::Remind | Text::Messages | Text::Per | Text::Title | Text::Words => {
                Place::Own
            }
            _ if !of_kind => Place::Nowhere,
            Text::Secret => Place::Own,
            _ => Place::Way,
        }
    }

    /// Without it nothing can be sent.
    fn needed(self, kind: ReceiverKind) -> bool {
        let of_mail = kind == ReceiverKind::Email && matches!(self, Text::Host | Text::From | Text::To);
        let of_ovo = kind == ReceiverKind::Ovo && self == Text::Application;
        matches!(self, Text::Name | Text::Id) || (self == Text::Url && self.is_of(kind)) || of_mail || of_ovo
    }
}

/// Where the API has a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The receiver's own.
    Own,
    /// In the way of its kind.
    Way,
    /// This kind has no such field.
    Nowhere,
}

/// As the API calls it.
pub fn security_name(security: MailSecurity) -> &'static str {
    match security {
        MailSecurity::Starttls => "starttls",
        MailSecurity::Tls => "tls",
        MailSecurity::None => "none",
    }
}

/// All that is typed.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceiverForm {
    pub kind: ReceiverKind,
    pub enabled: bool,
    pub lowest: Severity,
    pub changes: bool,
    pub clears: bool,
    /// `es` or `en`; empty: the setting's.
    pub language: String,
    pub security: MailSecurity,
    /// Names of phone lists.
    pub lists: Vec<String>,
    pub unicode: bool,
    pub texts: [String; Text::COUNT],
    /// The secret that the server keeps is to be removed.
    pub drop_secret: bool,
    /// Grows with each edit; 0 for a new one.
    pub version: u64,
}

impl ReceiverForm {
    /// The form of a receiver that is kept, or with what a new one starts.
    pub fn of(draft: &ReceiverDraft) -> Self {
        let way = Way::of(draft);
        let text = |text: Text| match text {
            Text::Name => draft.name.clone(),
            Text::Id => draft.id.clone(),
            Text::Secret => String::new(),
            Text::Remind => draft.remind_every.map(|span| span.to_string()).unwrap_or_default(),
            Text::Messages => draft.rate.map(|rate| rate.messages.to_string()).unwrap_or_default(),
            Text::Per => draft.rate.map(|rate| rate.per.to_string()).unwrap_or_default(),
            Text::Title => draft.words.title.clone(),
            Text::Words => draft.words.text.clone(),
            other => way.text(other),
        };
        ReceiverForm {
            kind: draft.kind,
            enabled: draft.enabled,
            lowest: draft.lowest,
            changes: draft.changes,
            clears: draft.clears,
            language: draft.language.clone().unwrap_or_default(),
            security: draft.email.as_ref().map(|way| way.security).unwrap_or_default(),
            lists: draft.sms.as_ref().map(|way| way.lists.clone()).unwrap_or_default(),
            unicode: draft.sms.as_ref().is_some_and(|way| way.unicode),
            texts: Text::ALL.map(text),
            drop_secret: false,
            version: draft.version,
        }
    }

    pub fn text(&self, text: Text) -> &str {
        self.texts[text as usize].trim()
    }

    /// What an empty port stands for.
    pub fn usual_port(security: MailSecurity) -> u16 {
        match security {
            MailSecurity::Starttls => 587,
            MailSecurity::Tls => 465,
            MailSecurity::None => 25,
        }
    }

    /// The whole receiver, or everything that this page can tell is wrong; the server knows the rest.
    pub fn body(&self) -> Result<Value, Vec<Wrong>> {
        let (mut own, mut way, mut wrongs) = (Map::new(), Map::new(), Vec::new());
        for text in Text::ALL {
            let place = match text.place(self.kind) {
                Place::Own => &mut own,
                Place::Way => &mut way,
                Place::Nowhere => continue,
            };
            match self.value(text) {
                Ok(value) => drop(place.insert(text.field().to_owned(), value)),
                Err(what) => wrongs.push(Wrong::new(text.field(), what)),
            }
        }
        if !wrongs.is_empty() {
            return Err(wrongs);
        }
        self.put_choices(&mut way);
        let mut take = |text: Text| own.remove(text.field()).unwrap_or_default();
        let (messages, per) = (take(Text::Messages), take(Text::Per));
        let per = if per.is_null() { "1m".into() } else { per };
        let rate = (!messages.is_null()).then(|| json!({"messages": messages, "per": per}));
        let words = json!({"title": take(Text::Title), "text": take(Text::Words)});
        let language = Some(&self.language).filter(|language| !language.is_empty());
        let members = [
            ("kind", self.kind.name().into()),
            ("enabled", self.enabled.into()),
            ("lowest", self.lowest.name().into()),
            ("changes", self.changes.into()),
            ("clears", self.clears.into()),
            ("rate", json!(rate)),
            ("language", json!(language)),
            ("words", words),
            ("version", self.version.into()),
            (self.kind.name(), Value::Object(way)),
        ];
        own.extend(members.map(|(name, value)| (name.to_owned(), value)));
        if self.drop_secret || !self.text(Text::Secret).is_empty() {
            return Ok(Value::Object(own));
        }
        // One that is not named stays.
        own.remove("secret");
        Ok(Value::Object(own))
    }

    /// What is previewed: only kind, language and words count, so nothing else need be filled in.
    pub fn preview(&self) -> Value {
        let language = Some(&self.language).filter(|language| !language.is_empty());
        let words = json!({"title": self.text(Text::Title), "text": self.text(Text::Words)});
        let sms = (self.kind == ReceiverKind::Sms)
            .then(|| json!({"url": "", "username": "", "unicode": self.unicode}));
        json!({"id": "", "name": "", "kind": self.kind.name(), "language": language, "words": words, "sms": sms})
    }

    /// What a way has besides texts.
    fn put_choices(&self, way: &mut Map<String, Value>) {
        match self.kind {
            ReceiverKind::Email => {
                way.insert("security".to_owned(), security_name(self.security).into());
            }
            ReceiverKind::Sms => {
                way.insert("lists".to_owned(), json!(self.lists));
                way.insert("unicode".to_owned(), self.unicode.into());
            }
            _ => {}
        }
    }

    fn value(&self, text: Text) -> Result<Value, What> {
        let typed = self.text(text);
        if typed.is_empty() && text.needed(self.kind) {
            return Err(What::Missing);
        }
        let some = |span: Option<atalaya_api::span::Span>| match span {
            Some(span) => Value::from(span.to_string()),
            None => Value::Null,
        };
        match text {
            Text::Port if typed.is_empty() => Ok(Self::usual_port(self.security).into()),
            Text::Port => whole(typed, 65_535),
            Text::To => {
                Ok(typed.split(['\n', ',', ';']).map(str::trim).filter(|to| !to.is_empty()).collect())
            }
            Text::Numbers if typed.is_empty() && self.lists.is_empty() => Err(What::Missing),
            Text::Numbers => numbers(typed).map(Value::from),
            Text::Remind => span(typed, 300, 7 * DAY, "5m", "7d").map(some),
            Text::Messages if typed.is_empty() => Ok(Value::Null),
            Text::Messages => whole(typed, 10_000),
            Text::Per => span(typed, 1, DAY, "1s", "24h").map(some),
            _ => Ok(typed.into()),
        }
    }
}

fn whole(text: &str, max: u32) -> Result<Value, What> {
    let number = text.parse::<u32>().ok().filter(|number| (1..=max).contains(number));
    number.map(Value::from).ok_or(What::WholeBetween { min: 1, max })
}

/// The way of a receiver, by its fields' names.
struct Way(Value);

impl Way {
    fn of(draft: &ReceiverDraft) -> Self {
        Way(match draft.kind {
            ReceiverKind::Email => json!(draft.email),
            ReceiverKind::Sms => json!(draft.sms),
            ReceiverKind::Ovo => json!(draft.ovo),
            ReceiverKind::Webhook => json!(draft.webhook),
            ReceiverKind::Alertmanager => json!(draft.alertmanager),
        })
    }

    /// Lists one a line.
    fn text(&self, text: Text) -> String {
        match self.0.get(text.field()) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Array(lines)) => {
                lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
            }
            _ => String::new(),
        }
    }
}

#[cfg(test)]
#[path = "receiver_tests.rs"]
mod tests;
