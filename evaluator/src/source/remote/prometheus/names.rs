//! Names of series as Prometheus writes them, always in the same way: `metric{a="x",b="y"}`, labels sorted.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::source::remote::json::{Cursor, Flaw};

/// The label that holds the metric's name.
const NAME: &str = "__name__";

/// Reads an object of labels as a name.
pub fn read(cursor: &mut Cursor<'_>) -> Result<String, Flaw> {
    let mut labels: Vec<(Cow<'_, str>, Cow<'_, str>)> = Vec::new();
    cursor.object(|cursor, key| {
        let value = cursor.string()?;
        labels.push((key, value));
        Ok(())
    })?;
    Ok(canonical(labels))
}

/// `{}` for a series without any label.
pub fn canonical(mut labels: Vec<(Cow<'_, str>, Cow<'_, str>)>) -> String {
    labels.sort_unstable();
    let metric = labels.iter().position(|(key, _)| key == NAME).map(|at| labels.remove(at).1);
    let metric = metric.unwrap_or_default();
    let (outside, inside) = if is_metric(&metric) { (&*metric, "") } else { ("", &*metric) };
    let mut parts = Vec::with_capacity(labels.len() + 1);
    if !inside.is_empty() {
        // A name that is no word stands between the braces, in quotes.
        parts.push(quoted(inside));
    }
    for (key, value) in &labels {
        let key = if is_label(key) { key.clone().into_owned() } else { quoted(key) };
        parts.push(format!("{key}={}", quoted(value)));
    }
    if parts.is_empty() && !outside.is_empty() {
        return outside.to_owned();
    }
    format!("{outside}{{{}}}", parts.join(","))
}

/// As a string of PromQL.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => {
                write!(quoted, "\\u{:04x}", u32::from(c)).expect("a String takes everything")
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

pub fn is_metric(text: &str) -> bool {
    is_word(text, true)
}

fn is_label(text: &str) -> bool {
    is_word(text, false)
}

fn is_word(text: &str, colons: bool) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || (colons && c == ':');
    !text.is_empty() && !text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> String {
        read(&mut Cursor::new(text.as_bytes())).expect("labels")
    }

    #[test]
    fn labels_are_sorted_and_the_metric_stands_before_them() {
        assert_eq!(name(r#"{"b":"y","__name__":"up","a":"x"}"#), r#"up{a="x",b="y"}"#);
        assert_eq!(name(r#"{"__name__":"job:up:sum"}"#), "job:up:sum");
        assert_eq!(name(r#"{"a":"x"}"#), r#"{a="x"}"#);
        assert_eq!(name("{}"), "{}");
    }

    #[test]
    fn values_are_escaped() {
        assert_eq!(name(r#"{"a":"q\"b\\c\nd\u0001ñ"}"#), r#"{a="q\"b\\c\nd\u0001ñ"}"#);
    }

    #[test]
    fn names_that_are_no_words_are_quoted() {
        assert_eq!(
            name(r#"{"__name__":"http.requests","my.label":"x"}"#),
            r#"{"http.requests","my.label"="x"}"#
        );
    }
}
