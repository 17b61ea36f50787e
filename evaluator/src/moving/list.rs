//! Lists within a cell: `noc:major; sms` and `site=north; team=core`. What cannot be written so is JSON.

use std::collections::BTreeMap;

use atalaya_api::level::Level;
use atalaya_api::rule::ReceiverUse;

const APART: &str = "; ";

pub(super) fn receivers(all: &[ReceiverUse]) -> String {
    let simple = |one: &ReceiverUse| is_simple(&one.id, &[';', ':', '[']);
    if !all.iter().all(simple) {
        return serde_json::to_string(all).unwrap_or_default();
    }
    let written = |one: &ReceiverUse| format!("{}:{}", one.id, level_name(one.from));
    all.iter().map(written).collect::<Vec<_>>().join(APART)
}

pub(super) fn read_receivers(text: &str) -> Option<Vec<ReceiverUse>> {
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(text).ok();
    }
    let read = |part: &str| {
        let (id, from) =
            part.rsplit_once(':').map_or((part, Some(Level::Warning)), |(id, from)| (id, level(from)));
        Some(ReceiverUse { id: id.trim().to_owned(), from: from? }).filter(|one| !one.id.is_empty())
    };
    parts(text).map(read).collect()
}

pub(super) fn labels(all: &BTreeMap<String, String>) -> String {
    let simple = |(key, value): (&String, &String)| {
        is_simple(key, &[';', '=', '{']) && (value.is_empty() || is_simple(value, &[';']))
    };
    if !all.iter().all(simple) {
        return serde_json::to_string(all).unwrap_or_default();
    }
    all.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(APART)
}

pub(super) fn read_labels(text: &str) -> Option<BTreeMap<String, String>> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).ok();
    }
    let read = |part: &str| {
        let (key, value) = part.split_once('=')?;
        Some((key.trim().to_owned(), value.trim().to_owned()))
    };
    parts(text).map(read).collect()
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|part| !part.is_empty())
}

/// Whether a text comes back as it was.
fn is_simple(text: &str, signs: &[char]) -> bool {
    !text.is_empty() && text.trim() == text && !text.contains(signs)
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Ok => "ok",
        Level::Warning => "warning",
        Level::Major => "major",
        Level::Critical => "critical",
    }
}

fn level(text: &str) -> Option<Level> {
    match super::plain(text).as_str() {
        "ok" => Some(Level::Ok),
        "warning" | "aviso" => Some(Level::Warning),
        "major" | "mayor" => Some(Level::Major),
        "critical" | "critica" | "critico" => Some(Level::Critical),
        _ => None,
    }
}
