//! Words of operators' own: templates, which can neither run for ever nor fill memory.
//!
//! What a template may use: `kind` (`raised`, `changed`, `cleared`, `reminder`, `group`, `summary`, `test`), `count`, `counts`, `title` and
//! `text` (the usual ones), `at`; `alarms`, and of the first of them, or of each in a loop, `name`, `rule`, `subject`, `severity` (in
//! words), `level` (`critical`, ..., `cleared`), `before`, `value` (with unit), `number`, `unit`, `dashboard`, `panel`, `since`, `changed`,
//! `lasted`, `message`, `note`, `runbook`, `link`. What there is none of is an empty text.

use atalaya_api::delivery::DeliveryKind;
use atalaya_api::receiver::MessageWords;
use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};

use super::{
    LONGEST_TEXT, LONGEST_TITLE, Manner, counts, cut, lasted, line, name, paragraphs, severity_words, text,
    title,
};
use crate::domain::{Message, Said, Wrong};
use crate::nearest::nearest;

/// Characters of a template.
const LONGEST: usize = 4_000;
/// About so many steps, and 64 bytes each that it may make.
const FUEL: u64 = 50_000;
/// Alarms that a template sees.
const SEEN: usize = 200;
const DEEPEST: usize = 50;

const FIELDS: [&str; 2] = ["title", "text"];

/// The templates of a receiver; none: the usual words.
#[derive(Debug)]
pub struct Own {
    environment: Environment<'static>,
    has: [bool; 2],
}

impl Own {
    /// # Errors
    /// One is no template: its field, the line, and what is wrong.
    pub fn new(words: &MessageWords) -> Result<Self, Wrong> {
        let mut environment = Environment::new();
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(DEEPEST);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.set_debug(true);
        let mut has = [false; 2];
        for (place, source) in [&words.title, &words.text].into_iter().enumerate() {
            if source.trim().is_empty() {
                continue;
            }
            let field = FIELDS[place];
            if source.chars().count() > LONGEST {
                return Err(Wrong::new(
                    format!("words.{field}"),
                    format!("must have at most {LONGEST} characters"),
                    format!("debe tener como mucho {LONGEST} caracteres"),
                ));
            }
            environment.add_template_owned(field, source.clone()).map_err(|error| wrong(field, &error))?;
            has[place] = true;
        }
        Ok(Own { environment, has })
    }

    pub fn has_text(&self) -> bool {
        self.has[1]
    }

    /// None: there is no template, or it fails on this message.
    pub fn title(&self, message: &Message, manner: &Manner) -> Option<String> {
        let said = self.told(0, message, manner)?;
        Some(cut(&line(&said), LONGEST_TITLE)).filter(|said| !said.is_empty())
    }

    /// As [`Own::title`].
    pub fn text(&self, message: &Message, manner: &Manner) -> Option<String> {
        let said = self.told(1, message, manner)?;
        Some(cut(&paragraphs(&said), LONGEST_TEXT)).filter(|said| !said.trim().is_empty())
    }

    fn told(&self, place: usize, message: &Message, manner: &Manner) -> Option<String> {
        match self.render(place, message, manner)? {
            Ok(said) => Some(said),
            Err(wrong) => {
                tracing::warn!(
                    field = wrong.field,
                    "a template failed, and the usual words are sent: {}",
                    wrong.words.en
                );
                None
            }
        }
    }

    /// # Errors
    /// A template fails on this message.
    pub fn tried(&self, message: &Message, manner: &Manner) -> Result<(), Wrong> {
        (0..FIELDS.len())
            .filter_map(|place| self.render(place, message, manner))
            .try_for_each(|said| said.map(drop))
    }

    fn render(&self, place: usize, message: &Message, manner: &Manner) -> Option<Result<String, Wrong>> {
        let field = FIELDS[place];
        let template = self.environment.get_template(field).ok().filter(|_| self.has[place])?;
        Some(template.render(context(message, manner)).map_err(|error| wrong(field, &error)))
    }
}

fn context(message: &Message, manner: &Manner) -> Value {
    let language = manner.language.as_str();
    let alarms: Vec<Value> =
        message.alarms.iter().take(SEEN).map(|said| Value::from_pairs(of_alarm(said, manner))).collect();
    let first = message.alarms.first().map(|said| of_alarm(said, manner));
    let mut all: Vec<(&str, Value)> =
        first.unwrap_or_else(|| ALARM.map(|name| (name, Value::from(""))).to_vec());
    all.extend([
        ("kind", kind(message.kind).into()),
        ("count", message.alarms.len().into()),
        ("counts", counts(message, language).into()),
        ("title", title(message, language).into()),
        ("text", text(message, manner).into()),
        ("at", manner.time(message.at).into()),
        ("alarms", Value::from_iter(alarms)),
    ]);
    Value::from_pairs(all)
}

/// What is known of an alarm.
const ALARM: [&str; 18] = [
    "name",
    "rule",
    "subject",
    "severity",
    "level",
    "before",
    "value",
    "number",
    "unit",
    "dashboard",
    "panel",
    "since",
    "changed",
    "lasted",
    "message",
    "note",
    "runbook",
    "link",
];
/// What is known of a message.
const MESSAGE: [&str; 7] = ["kind", "count", "counts", "title", "text", "at", "alarms"];

/// In the order of [`ALARM`].
fn of_alarm(said: &Said, manner: &Manner) -> Vec<(&'static str, Value)> {
    let language = manner.language.as_str();
    let texts = |text: &Option<String>| Value::from(text.as_deref().map(line).unwrap_or_default());
    let values: [Value; 18] = [
        name(said).into(),
        line(&said.rule_name).into(),
        line(&said.subject).into(),
        severity_words(said.severity, language, false).into(),
        said.severity.map_or("cleared", |severity| severity.name()).into(),
        said.before.map_or("", |before| severity_words(Some(before), language, false)).into(),
        manner.value(said).unwrap_or_default().into(),
        said.value.map_or(Value::from(""), Value::from),
        texts(&said.unit),
        texts(&said.dashboard),
        texts(&said.panel),
        manner.time(said.raised_at).into(),
        manner.time(said.changed_at).into(),
        lasted(said.changed_at.since(said.raised_at)).into(),
        line(said.message.in_language(language)).into(),
        paragraphs(&said.note).into(),
        texts(&said.runbook_url),
        manner.link(said).unwrap_or_default().into(),
    ];
    ALARM.into_iter().zip(values).collect()
}

fn kind(kind: DeliveryKind) -> &'static str {
    match kind {
        DeliveryKind::Raised => "raised",
        DeliveryKind::Changed => "changed",
        DeliveryKind::Cleared => "cleared",
        DeliveryKind::Reminder => "reminder",
        DeliveryKind::Group => "group",
        DeliveryKind::Summary => "summary",
        DeliveryKind::Test => "test",
    }
}

/// The line, and what is wrong in it.
fn wrong(field: &str, error: &Error) -> Wrong {
    let at = error.line().unwrap_or(1);
    let detail = line(error.detail().unwrap_or_default());
    let (en, es) = match error.kind() {
        ErrorKind::OutOfFuel => (
            "it takes too long or makes too long a text".to_owned(),
            "tarda demasiado o hace un texto demasiado largo".to_owned(),
        ),
        ErrorKind::UndefinedError => undefined(error),
        ErrorKind::SyntaxError => {
            (format!("this is no template: {detail}"), format!("no es una plantilla: {detail}"))
        }
        kind => {
            let kind = if detail.is_empty() { kind.to_string() } else { format!("{kind}: {detail}") };
            (format!("it fails ({kind})"), format!("falla ({kind})"))
        }
    };
    Wrong::new(
        format!("words.{field}"),
        format!("line {at}: {}", cut(&en, 300)),
        format!("línea {at}: {}", cut(&es, 300)),
    )
}

/// A name that there is not, and the one that was meant.
fn undefined(error: &Error) -> (String, String) {
    let known = || ALARM.into_iter().chain(MESSAGE);
    let source = error.template_source().unwrap_or_default();
    let named = error.range().and_then(|range| source.get(range)).map(line).unwrap_or_default();
    let word = named.rsplit('.').next().unwrap_or_default().trim().to_owned();
    let all = known().collect::<Vec<_>>().join(", ");
    match nearest(&word, known()) {
        Some(meant) => (
            format!("there is no {named:?}; did you mean {meant}?"),
            format!("no existe {named:?}; ¿quería decir {meant}?"),
        ),
        None => (
            format!("there is no {named:?}; there are: {all}"),
            format!("no existe {named:?}; existen: {all}"),
        ),
    }
}
