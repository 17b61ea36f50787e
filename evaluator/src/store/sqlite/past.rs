//! Alarms of another system's history.

use rusqlite::{Connection, OptionalExtension, named_params};
use serde_json::json;

use super::super::{Actor, Imported, Result};
use super::SqliteStore;
use super::row::{Judged, haystack, to_json};
use super::settings::Entry;
use crate::domain::{ImportId, PastAlarm, Reason, Texts};

/// Alarms written in one transaction: others are written in between.
const AT_ONCE: usize = 2_000;

/// What became of one.
enum Outcome {
    Created,
    Updated,
    Unchanged,
}

pub(super) fn import(store: &SqliteStore, import: ImportId, alarms: &[PastAlarm]) -> Result<Imported> {
    let mut done = Imported::default();
    for some in alarms.chunks(AT_ONCE) {
        let some = some.to_vec();
        let written = store.write(move |connection| {
            let mut written = Imported::default();
            for alarm in &some {
                match write(connection, import, alarm)? {
                    Outcome::Created => written.created += 1,
                    Outcome::Updated => written.updated += 1,
                    Outcome::Unchanged => written.unchanged += 1,
                }
            }
            Ok(written)
        })?;
        done.created += written.created;
        done.updated += written.updated;
        done.unchanged += written.unchanged;
    }
    Ok(done)
}

pub(super) fn tell(store: &SqliteStore, import: ImportId, done: Imported, by: &Actor) -> Result<()> {
    let (by, now) = (by.clone(), store.now());
    store.write(move |connection| {
        let Imported { created, updated, unchanged } = done;
        let after = json!({ "created": created, "updated": updated, "unchanged": unchanged });
        let entry = Entry {
            what: "alarms imported",
            subject: &import.to_string(),
            before: None,
            after: Some(&after),
        };
        entry.write(connection, now, &by)
    })
}

pub(super) fn undo(store: &SqliteStore, import: ImportId, by: &Actor) -> Result<u64> {
    let (by, now) = (by.clone(), store.now());
    store.write(move |connection| {
        let gone =
            connection.prepare_cached("DELETE FROM alarms WHERE import = ?")?.execute([import.as_bytes()])?;
        if gone == 0 {
            return Ok(0);
        }
        let before = json!({ "alarms": gone });
        let subject = import.to_string();
        Entry { what: "alarm import undone", subject: &subject, before: Some(&before), after: None }
            .write(connection, now, &by)?;
        Ok(gone as u64)
    })
}

/// An end that the history does not know says nothing against one that is stored.
const ALARM: &str = "INSERT INTO alarms (id, severity, worst, shown, raised_at, ended_at, active, changed_at, seq, value, search, \
     by_subject, by_place, subject_key, rule_name, dashboard, panel, reason, message, import) \
     VALUES (:id, :severity, :severity, :severity, :raised, :end, 0, :end, 0, :value, :search, :by_subject, :by_place, :key, '', \
     :dashboard, :panel, :reason, :message, :import) \
     ON CONFLICT (id) DO UPDATE SET ended_at = :end, changed_at = :end, value = :value, message = :message \
     WHERE NOT :open AND (ended_at, value, message) IS NOT (:end, :value, :message) RETURNING import";

fn write(connection: &Connection, import: ImportId, alarm: &PastAlarm) -> Result<Outcome> {
    let (dashboard, panel) = (alarm.dashboard.as_deref(), alarm.panel.as_deref());
    let (id, subject) = (alarm.id(), alarm.subject());
    let values = named_params! {
        ":id": id.as_bytes(),
        ":severity": alarm.severity as u8,
        ":raised": alarm.raised_at.0,
        ":end": alarm.cleared_at.0,
        ":value": Judged(alarm.value),
        ":search": haystack([Some(&*alarm.metric), dashboard, panel]),
        ":by_subject": alarm.metric.to_lowercase(),
        ":by_place": haystack([dashboard, panel]),
        ":key": subject.key(),
        ":dashboard": dashboard,
        ":panel": panel,
        ":reason": Reason::Imported.name(),
        ":message": to_json(&words(alarm))?,
        ":import": import.as_bytes(),
        ":open": alarm.is_open,
    };
    let written: Option<Option<[u8; 16]>> =
        connection.prepare_cached(ALARM)?.query_row(values, |row| row.get(0)).optional()?;
    Ok(match written {
        None => Outcome::Unchanged,
        Some(made_by) if made_by.as_ref() == Some(import.as_bytes()) => Outcome::Created,
        Some(_) => Outcome::Updated,
    })
}

fn words(alarm: &PastAlarm) -> Texts {
    let (en, es) = if alarm.is_open {
        ("taken over from another system; it had no end there", "traída de otro sistema; allí no tenía fin")
    } else {
        ("taken over from another system", "traída de otro sistema")
    };
    Texts { en: en.to_owned(), es: es.to_owned() }
}
