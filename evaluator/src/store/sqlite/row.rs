//! How values are written in columns and read back.

use std::sync::Arc;

use atalaya_api::level::Severity;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Row, ToSql};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::{Result, StoreError};
use crate::domain::{Millis, Reason, RuleId, Sha256, Subject};

/// What `ended_at` holds while an alarm is active.
pub(super) const NEVER: i64 = i64::MAX;

/// A row that this code did not write, or a damaged file.
pub(super) fn damaged(what: impl std::fmt::Display) -> StoreError {
    StoreError::Backend(format!("what is stored cannot be read: {what}"))
}

pub(super) fn to_json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Backend(format!("cannot be stored: {error}")))
}

pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(damaged)
}

/// `u64` as stored; numbers of this program stay far below `i64::MAX`.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(row: &Row<'_>, column: usize) -> Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(damaged)
}

pub(super) fn millis(row: &Row<'_>, column: usize) -> Result<Millis> {
    Ok(Millis(row.get(column)?))
}

pub(super) fn sha256(row: &Row<'_>, column: usize) -> Result<Sha256> {
    Ok(Sha256(row.get(column)?))
}

pub(super) fn severity(row: &Row<'_>, column: usize) -> Result<Option<Severity>> {
    let number: Option<u8> = row.get(column)?;
    number
        .map(|number| Severity::from_number(number).ok_or_else(|| damaged(format!("severity {number}"))))
        .transpose()
}

pub(super) fn held_severity(row: &Row<'_>, column: usize) -> Result<Severity> {
    severity(row, column)?.ok_or_else(|| damaged("an alarm without a severity"))
}

pub(super) fn reason(row: &Row<'_>, column: usize) -> Result<Reason> {
    let name = text(row, column)?;
    Reason::from_name(name).ok_or_else(|| damaged(format!("reason {name:?}")))
}

/// Without a copy.
pub(super) fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a str> {
    row.get_ref(column)?.as_str().map_err(damaged)
}

/// A judged value: SQLite has no NaN (it would become NULL), so it is written as a word.
pub(super) struct Judged(pub(super) Option<f64>);

impl ToSql for Judged {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            None => ToSqlOutput::Borrowed(ValueRef::Null),
            Some(value) if value.is_nan() => ToSqlOutput::Borrowed(ValueRef::Text(b"NaN")),
            Some(value) => ToSqlOutput::Borrowed(ValueRef::Real(value)),
        })
    }
}

pub(super) fn judged(row: &Row<'_>, column: usize) -> Result<Option<f64>> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        ValueRef::Real(value) => Ok(Some(value)),
        ValueRef::Text(_) => Ok(Some(f64::NAN)),
        _ => Err(damaged("a value that is no number")),
    }
}

/// The subject with this key, the inverse of [`Subject::key`].
pub(super) fn subject(key: &str) -> Result<Subject> {
    let (kind, name) = key.split_once('/').ok_or_else(|| damaged(format!("subject {key:?}")))?;
    Ok(match kind {
        "series" => {
            let (rule, series) = name.split_once('/').ok_or_else(|| damaged(format!("subject {key:?}")))?;
            Subject::Series { rule: rule.parse().map_err(damaged)?, series: series.into() }
        }
        "source" => Subject::Source { id: name.into() },
        "check" => Subject::Check { name: name.into() },
        "system" => Subject::System { cause: name.into() },
        "past" => {
            let (alarm, series) = name.split_once('/').ok_or_else(|| damaged(format!("subject {key:?}")))?;
            Subject::Past { alarm: alarm.parse().map_err(damaged)?, series: series.into() }
        }
        _ => return Err(damaged(format!("subject {key:?}"))),
    })
}

/// The rule that a subject belongs to, as stored.
pub(super) fn rule_of(subject: &Subject) -> Option<&[u8; 16]> {
    match subject {
        Subject::Series { rule, .. } => Some(rule.as_bytes()),
        _ => None,
    }
}

pub(super) fn rule_id(row: &Row<'_>, column: usize) -> Result<RuleId> {
    Ok(RuleId::from_bytes(row.get(column)?))
}

pub(super) fn shared_text(row: &Row<'_>, column: usize) -> Result<Arc<str>> {
    Ok(text(row, column)?.into())
}

/// Ids as a JSON list of hex digits: one value, however many they are.
pub(super) fn hex_list(ids: impl Iterator<Item = uuid::Uuid>) -> String {
    let words: Vec<String> = ids.map(|id| format!("\"{}\"", id.simple())).collect();
    format!("[{}]", words.join(","))
}

/// Lower-case, one field a line: what `q` searches.
pub(super) fn haystack<'a>(fields: impl IntoIterator<Item = Option<&'a str>>) -> String {
    let fields: Vec<&str> = fields.into_iter().flatten().collect();
    fields.join("\n").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AlarmId;

    #[test]
    fn every_subject_is_found_again_by_its_key() {
        let series: Arc<str> = "lab/router 1/ñ".into();
        for wanted in [
            Subject::Series { rule: RuleId::generate(), series: series.clone() },
            Subject::Source { id: series.clone() },
            Subject::Check { name: "threshold".into() },
            Subject::System { cause: "".into() },
            Subject::Past { alarm: AlarmId::raised_by("a", 1), series: series.clone() },
        ] {
            assert_eq!(subject(&wanted.key()).expect("it is a key"), wanted);
        }
        assert!(subject("something else").is_err());
        assert!(subject("series/not-an-id/x").is_err());
    }

    #[test]
    fn words_of_a_search_do_not_match_across_fields() {
        assert_eq!(haystack([Some("CPU Ñu"), None, Some("Panel")]), "cpu ñu\npanel");
    }
}
