//! What messages say, in Spanish and English.
//!
//! Names of series, dashboards and whatever else came from outside is input from strangers: it is put on one line, without control
//! characters, and cut. Nothing here is HTML or a mail's header; whoever makes one of it escapes it.

mod line;
mod number;
mod own;

use atalaya_api::delivery::DeliveryKind;
use atalaya_api::receiver::MessageWords;
use jiff::tz::TimeZone;

use crate::domain::{Message, Millis, Said, Severity, Wrong};

pub use line::{cut, line, paragraphs};
pub use number::value;
use own::Own;

/// Alarms of a message that are listed one by one; of the rest only the number is told.
const LISTED: usize = 20;
/// Of a group, in its title.
const NAMED: usize = 2;
/// Characters of a title, and of a name within it.
const LONGEST_TITLE: usize = 200;
const LONGEST_NAME: usize = 120;
/// Characters of a text.
const LONGEST_TEXT: usize = 20_000;

/// How a receiver is spoken to.
#[derive(Clone, Debug)]
pub struct Manner {
    /// `es` or `en`.
    pub language: String,
    pub zone: TimeZone,
    /// For links, without a slash at its end; empty: there are none.
    pub public_url: String,
}

impl Manner {
    /// A zone that there is not is UTC.
    pub fn new(language: &str, time_zone: &str, public_url: &str) -> Self {
        Manner {
            language: language.to_owned(),
            zone: TimeZone::get(time_zone).unwrap_or(TimeZone::UTC),
            public_url: public_url.trim().trim_end_matches('/').to_owned(),
        }
    }

    /// One of two, by the language.
    pub fn say<'a>(&self, en: &'a str, es: &'a str) -> &'a str {
        if is_spanish(&self.language) { es } else { en }
    }

    /// The page of an alarm.
    pub fn link(&self, said: &Said) -> Option<String> {
        (!self.public_url.is_empty()).then(|| format!("{}/history/{}", self.public_url, said.alarm))
    }

    /// With the zone's name: `26/11/2026 03:10:05 CET`; in English the year goes first, because months do in some places.
    pub fn time(&self, at: Millis) -> String {
        let format = self.say("%Y-%m-%d %H:%M:%S %Z", "%d/%m/%Y %H:%M:%S %Z");
        at.timestamp().to_zoned(self.zone.clone()).strftime(format).to_string()
    }

    pub fn value(&self, said: &Said) -> Option<String> {
        value(said.value, said.unit.as_deref(), &self.language)
    }
}

/// The words of one receiver: its own, where it has any.
#[derive(Debug)]
pub struct Wording {
    manner: Manner,
    own: Own,
}

impl Wording {
    /// # Errors
    /// A template is none: its field, the line, and what is wrong.
    pub fn new(words: &MessageWords, manner: Manner) -> Result<Self, Wrong> {
        Ok(Wording { own: Own::new(words)?, manner })
    }

    pub fn manner(&self) -> &Manner {
        &self.manner
    }

    /// Whether its texts are its own.
    pub fn has_own_text(&self) -> bool {
        self.own.has_text()
    }

    /// One line. A template that fails on this very message gives way to the usual words: whoever is to be told is told.
    pub fn title(&self, message: &Message) -> String {
        self.own.title(message, &self.manner).unwrap_or_else(|| title(message, &self.manner.language))
    }

    /// Lines that end with `\n`, without one at the end. As for [`Wording::title`].
    pub fn text(&self, message: &Message) -> String {
        self.own.text(message, &self.manner).unwrap_or_else(|| text(message, &self.manner))
    }

    /// Its own text; none: there is none, or it fails on this very message.
    pub fn own_text(&self, message: &Message) -> Option<String> {
        self.own.text(message, &self.manner)
    }

    /// What its templates make of this message.
    ///
    /// # Errors
    /// They fail: the field, the line, and what is wrong.
    pub fn tried(&self, message: &Message) -> Result<(), Wrong> {
        self.own.tried(message, &self.manner)
    }
}

/// The usual title: `Critical · CPU router1 · lab.router1.cpu · 95 %`.
pub fn title(message: &Message, language: &str) -> String {
    let parts = match message.kind {
        DeliveryKind::Test => vec![test_words(language).to_owned()],
        DeliveryKind::Summary => vec![counts(message, language)],
        DeliveryKind::Group => of_group(message, language),
        _ => of_one(message, language),
    };
    cut(&parts.join(" · "), LONGEST_TITLE)
}

fn of_one(message: &Message, language: &str) -> Vec<String> {
    let Some(said) = message.alarms.first() else {
        return vec![standing(message.kind, None, None, language)];
    };
    let mut parts = vec![standing(message.kind, said.severity, said.before, language), name(said)];
    parts.extend(place(said));
    parts.extend(value(said.value, said.unit.as_deref(), language));
    parts
}

/// `7 Major · Nbr. Disconnected eNodeB · AND90L03, CAT0TL05 +5`; `Still 7 Major · ...` when all of it is told again.
fn of_group(message: &Message, language: &str) -> Vec<String> {
    let alarms = &message.alarms;
    let first = alarms.first().map(|said| said.severity);
    let how_many = match first.filter(|first| alarms.iter().all(|said| said.severity == *first)) {
        Some(severity) => {
            format!("{} {}", alarms.len(), capital(severity_words(severity, language, alarms.len() > 1)))
        }
        None => counts(message, language),
    };
    let is_again = alarms.iter().all(|said| said.severity.is_some() && said.severity == said.before);
    let how_many = if is_again { format!("{} {how_many}", still(alarms.len(), language)) } else { how_many };
    let named: Vec<String> =
        alarms.iter().take(NAMED).map(|said| cut(&line(&said.subject), LONGEST_NAME)).collect();
    let rest = alarms.len().saturating_sub(NAMED);
    let more = if rest > 0 { format!(" +{rest}") } else { String::new() };
    [Some(how_many), common(alarms), Some(format!("{}{more}", named.join(", ")))]
        .into_iter()
        .flatten()
        .collect()
}

/// What all of them have: the rule's name, else the panel's, else the dashboard's.
pub fn common(alarms: &[Said]) -> Option<String> {
    let first = alarms.first()?;
    let same = |of: &dyn Fn(&Said) -> Option<String>| {
        let known = of(first).filter(|name| !name.is_empty())?;
        alarms
            .iter()
            .all(|said| of(said).as_deref() == Some(known.as_str()))
            .then(|| cut(&line(&known), LONGEST_NAME))
    };
    same(&|said| Some(said.rule_name.clone()))
        .or_else(|| same(&|said| said.panel.clone()))
        .or_else(|| same(&|said| said.dashboard.clone()))
}

/// `1 critical, 12 major, 986 warning`, worst first.
pub fn counts(message: &Message, language: &str) -> String {
    let all = Severity::ALL.into_iter().map(Some).chain([None]);
    let counted = all.filter_map(|severity| {
        let count = message.alarms.iter().filter(|said| said.severity == severity).count();
        (count > 0).then(|| format!("{count} {}", severity_words(severity, language, count > 1)))
    });
    counted.collect::<Vec<_>>().join(", ")
}

/// How an alarm stands, as a title begins.
fn standing(kind: DeliveryKind, now: Option<Severity>, before: Option<Severity>, language: &str) -> String {
    let word = severity_words(now, language, false);
    match (kind, before) {
        (DeliveryKind::Reminder, _) => {
            format!("{} {word}", still(1, language))
        }
        (DeliveryKind::Changed, Some(before)) if now.is_some() => {
            let was = if is_spanish(language) { "antes" } else { "was" };
            format!("{} ({was} {})", capital(word), severity_words(Some(before), language, false))
        }
        _ => capital(word),
    }
}

/// How what is told again begins.
fn still(alarms: usize, language: &str) -> &'static str {
    match (is_spanish(language), alarms) {
        (false, _) => "Still",
        (true, 1) => "Sigue",
        (true, _) => "Siguen",
    }
}

/// The design's words; none: cleared.
pub fn severity_words(severity: Option<Severity>, language: &str, many: bool) -> &'static str {
    match (severity, is_spanish(language)) {
        (Some(severity), false) => severity.name(),
        (Some(Severity::Warning), true) => "warning",
        (Some(Severity::Major), true) => "mayor",
        (Some(Severity::Critical), true) => "crítica",
        (Some(Severity::Unknown), true) => "desconocida",
        (None, false) => "cleared",
        (None, true) if many => "cesadas",
        (None, true) => "cesada",
    }
}

fn test_words(language: &str) -> &'static str {
    if is_spanish(language) { "Mensaje de prueba de Atalaya" } else { "Test message from Atalaya" }
}

/// What people call it.
pub fn name(said: &Said) -> String {
    let name = if said.rule_name.trim().is_empty() { &said.subject } else { &said.rule_name };
    cut(&line(name), LONGEST_NAME)
}

/// The series, where its name is not all that is known.
fn place(said: &Said) -> Option<String> {
    let subject = cut(&line(&said.subject), LONGEST_NAME);
    (!subject.is_empty() && subject != name(said)).then_some(subject)
}

/// The usual text.
pub fn text(message: &Message, manner: &Manner) -> String {
    let mut lines = vec![title(message, &manner.language)];
    match (message.kind, message.alarms.as_slice()) {
        (DeliveryKind::Test, _) => lines.push(of_test(message, manner)),
        (_, [one]) => lines.extend(
            facts(one, message.kind, manner).into_iter().map(|(what, text)| format!("{what}: {text}")),
        ),
        (_, many) => {
            lines.push(String::new());
            lines.extend(many.iter().take(LISTED).map(|said| listed(said, manner)));
            lines.extend(left_out(message, manner));
        }
    }
    cut(&lines.join("\n"), LONGEST_TEXT)
}

fn of_test(message: &Message, manner: &Manner) -> String {
    let at = manner.time(message.at);
    let (en, es) = (
        format!("If you read this, alarms reach you here. {at}"),
        format!("Si lee esto, las alarmas le llegan aquí. {at}"),
    );
    manner.say(&en, &es).to_owned()
}

/// Of several, one: `Major · CPU router1 · lab.router1.cpu · 85 % · 26/11/2026 03:10:05 CET`.
pub fn listed(said: &Said, manner: &Manner) -> String {
    let parts = [
        Some(capital(severity_words(said.severity, &manner.language, false))),
        Some(name(said)),
        place(said),
        manner.value(said),
        Some(manner.time(said.changed_at)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What is said of those that are not listed, and where they all are.
pub fn left_out(message: &Message, manner: &Manner) -> Vec<String> {
    let rest = message.alarms.len().saturating_sub(LISTED);
    let (en, es) = (format!("and {rest} more"), format!("y {rest} más"));
    let more = (rest > 0).then(|| manner.say(&en, &es).to_owned());
    let address = (!manner.public_url.is_empty()).then(|| manner.public_url.clone());
    more.into_iter().chain(address).collect()
}

/// How many are listed one by one.
pub fn shown(message: &Message) -> &[Said] {
    &message.alarms[..message.alarms.len().min(LISTED)]
}

/// What is known of one alarm, each with its name.
pub fn facts(said: &Said, kind: DeliveryKind, manner: &Manner) -> Vec<(&'static str, String)> {
    let say = |en: &'static str, es: &'static str| if is_spanish(&manner.language) { es } else { en };
    let is_cleared = said.severity.is_none();
    let where_to = [&said.dashboard, &said.panel].into_iter().flatten().map(|name| line(name));
    let where_to = where_to.filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" · ");
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    let facts = [
        (say("Metric", "Métrica"), some(name(said))),
        (say("Series", "Serie"), place(said)),
        (say("Value", "Valor"), manner.value(said)),
        (say("Since", "Desde"), Some(manner.time(said.raised_at))),
        (say("Changed", "Cambió"), (kind == DeliveryKind::Changed).then(|| manner.time(said.changed_at))),
        (say("Until", "Hasta"), is_cleared.then(|| manner.time(said.changed_at))),
        (say("Lasted", "Duró"), is_cleared.then(|| lasted(said.changed_at.since(said.raised_at)))),
        (say("Dashboard", "Tablero"), some(where_to)),
        (say("What", "Qué"), some(line(said.message.in_language(&manner.language)))),
        (say("Note", "Nota"), some(paragraphs(&said.note))),
        (say("What to do", "Qué hacer"), said.runbook_url.as_deref().map(line).and_then(some)),
        (say("See", "Ver"), manner.link(said)),
    ];
    facts.into_iter().filter_map(|(what, text)| Some((what, text?))).collect()
}

/// In its two largest parts: `45 s`, `12 min`, `3 h 05 min`, `2 d 4 h`.
pub fn lasted(ms: i64) -> String {
    let seconds = ms.max(0) / 1_000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match () {
        () if seconds < 60 => format!("{seconds} s"),
        () if minutes < 60 => format!("{minutes} min"),
        () if hours < 24 => format!("{hours} h {:02} min", minutes % 60),
        () => format!("{days} d {} h", hours % 24),
    }
}

pub fn is_spanish(language: &str) -> bool {
    language.starts_with("es")
}

fn capital(word: &str) -> String {
    let mut rest = word.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
