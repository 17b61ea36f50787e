//! Numbers and yes or no, as people and spreadsheets write them.

use serde_json::Number;

use super::plain;

/// `70`, `70.5`, `70,5`, `1.234,5`, `10 %`; every digit counts.
pub(super) fn number(text: &str) -> Option<Number> {
    let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let bare = bare.strip_suffix('%').unwrap_or(&bare);
    if let Ok(number) = serde_json::from_str::<Number>(bare) {
        return Some(number);
    }
    let decimal = match (bare.rfind(','), bare.rfind('.')) {
        // The last sign is the decimal one, the other one groups digits.
        (Some(comma), Some(point)) if comma > point => bare.replace('.', "").replace(',', "."),
        (Some(_), Some(_)) => bare.replace(',', ""),
        (Some(_), None) => bare.replace(',', "."),
        _ => bare.to_owned(),
    };
    Number::from_f64(decimal.parse().ok()?)
}

pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    match plain(text).as_str() {
        "si" | "s" | "yes" | "y" | "true" | "verdadero" | "1" | "x" | "on" => Some(true),
        "no" | "n" | "false" | "falso" | "0" | "off" => Some(false),
        _ => None,
    }
}
