//! Rules as a YAML list: each as the API writes it, with its id.

use atalaya_api::rule::RuleDraft;
use serde::Serialize;
use serde_json::Value;
use serde_saphyr::Spanned;

use super::table::MOST_ROWS;
use super::{Unreadable, text};

/// One document of the list.
#[derive(Clone, Debug)]
pub struct Document {
    /// Of the file, from 1.
    pub line: u64,
    pub value: Value,
}

#[derive(Serialize)]
struct Item<'a> {
    id: String,
    #[serde(flatten)]
    draft: &'a RuleDraft,
}

/// Some rules; what is written one after the other is one list.
///
/// # Errors
/// A rule that cannot be written as YAML.
pub fn written<'a>(
    rules: impl Iterator<Item = (String, &'a RuleDraft)>,
) -> Result<String, serde_saphyr::ser::Error> {
    let items: Vec<Item<'_>> = rules.map(|(id, draft)| Item { id, draft }).collect();
    if items.is_empty() { Ok(String::new()) } else { serde_saphyr::to_string(&items) }
}

/// Reads a list of rules.
///
/// # Errors
/// It is no YAML, no list, or has too many members.
pub fn documents(bytes: &[u8]) -> Result<Vec<Document>, Unreadable> {
    let (text, _) = text::decoded(bytes)?;
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_nodes: 8_000_000, max_events: 16_000_000 },
        strict_booleans: true,
    };
    let read: Result<Vec<Spanned<Value>>, _> = serde_saphyr::from_str_with_options(&text, options);
    let read = read.map_err(|error| {
        let place = error.location().map_or((0, 0), |place| (place.line(), place.column()));
        let why: String = error.to_string().lines().next().unwrap_or_default().chars().take(200).collect();
        Unreadable::new(
            format!("This is no YAML list of rules: line {}, column {}: {why}", place.0, place.1),
            format!("Esto no es una lista YAML de métricas: línea {}, columna {}: {why}", place.0, place.1),
        )
    })?;
    if read.len() > MOST_ROWS {
        return Err(Unreadable::new(
            format!("The file has more than {MOST_ROWS} rules: split it."),
            format!("El archivo tiene más de {MOST_ROWS} métricas: divídalo."),
        ));
    }
    Ok(read.into_iter().map(|one| Document { line: one.defined.line(), value: one.value }).collect())
}
