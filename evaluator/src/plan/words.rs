//! Why somebody is not told, in the languages of the browser.

use jiff::tz::TimeZone;

use super::{Closed, Quota};
use crate::domain::{Millis, Severity, Texts};

fn texts(en: impl Into<String>, es: impl Into<String>) -> Texts {
    Texts { en: en.into(), es: es.into() }
}

/// A period that is closed at `now` and opens then, as people of this zone say it: `daytime begins 08:00`.
pub fn closed(name: &Texts, opens: Option<Millis>, zone: &TimeZone, now: Millis) -> Closed {
    let words = match opens {
        Some(opens) => {
            let time = clock_time(opens, zone, now);
            texts(format!("{} begins {time}", name.en), format!("{} empieza: {time}", name.es))
        }
        None => texts(
            format!("{} is closed for more than a year", name.en),
            format!("{}: cerrado durante más de un año", name.es),
        ),
    };
    Closed { opens, words }
}

/// `08:00`; on another day `2026-11-17 08:00`.
fn clock_time(at: Millis, zone: &TimeZone, now: Millis) -> String {
    let (at, now) = (zone.to_datetime(at.timestamp()), zone.to_datetime(now.timestamp()));
    let time = format!("{:02}:{:02}", at.hour(), at.minute());
    if at.date() == now.date() { time } else { format!("{} {time}", at.date()) }
}

fn severity(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Warning => ("warning", "warning"),
        Severity::Unknown => ("unknown", "desconocida"),
        Severity::Major => ("major", "mayor"),
        Severity::Critical => ("critical", "crítica"),
    }
}

pub(super) fn below(from: Severity) -> Texts {
    let (en, es) = severity(from);
    texts(format!("told from {en} on"), format!("se avisa a partir de {es}"))
}

pub fn disabled() -> Texts {
    texts("the receiver is disabled", "el destino está desactivado")
}

pub(super) fn no_clears() -> Texts {
    texts("the receiver is not told of clears", "a este destino no se le avisa de los ceses")
}

pub(super) fn no_changes() -> Texts {
    texts("the receiver is not told of changes", "a este destino no se le avisa de los cambios")
}

pub(super) fn not_any_more() -> Texts {
    texts("the metric does not tell it any more", "la métrica ya no avisa a este destino")
}

pub fn outdated() -> Texts {
    texts("it was no longer so", "ya no era así")
}

pub fn joined() -> Texts {
    texts("told together with others", "se avisa junto con otras")
}

pub(super) fn rate(quota: Quota) -> Texts {
    let span = atalaya_api::span::Span(u32::try_from(quota.per_ms / 1_000).unwrap_or(u32::MAX));
    let messages = quota.messages;
    texts(
        format!("at most {messages} messages in {span}"),
        format!("como mucho {messages} mensajes cada {span}"),
    )
}

pub(super) fn tried(trouble: Texts) -> Texts {
    texts(format!("tried again soon: {}", trouble.en), format!("se reintenta: {}", trouble.es))
}

pub(super) fn dead(trouble: Texts) -> Texts {
    texts(format!("could not be sent: {}", trouble.en), format!("no se pudo enviar: {}", trouble.es))
}

pub(super) fn given_up() -> Texts {
    texts("could not be sent", "no se pudo enviar")
}

/// What was known of the reason when it cleared counts.
pub(super) fn cleared_before(reason: Option<Texts>, known: Option<&Texts>) -> Texts {
    let (en, es) = ("cleared before it could be told", "cesó antes de poder avisar");
    match (known.filter(|known| known.en.starts_with(en)), reason) {
        (Some(known), _) => known.clone(),
        (None, Some(reason)) => texts(format!("{en}: {}", reason.en), format!("{es}: {}", reason.es)),
        (None, None) => texts(en, es),
    }
}

/// The receiver is gone.
pub fn deleted() -> Texts {
    texts("the receiver was deleted", "el destino se eliminó")
}

/// It waited for a day.
pub fn too_old() -> Texts {
    texts("it could not be sent for a day", "no se pudo enviar durante un día")
}
