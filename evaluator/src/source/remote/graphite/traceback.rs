//! What graphite-web says when it falls over: a page with Python's traceback, whose last line says why.
//!
//! An expression with a parameter too many, or of the wrong type, is answered so (1.1.10: 500), and so is a disk that fails. Which
//! it is decides whether one rule is wrong or all of Graphite; the traceback tells.

use crate::source::remote::http::unescape;

/// Exceptions that what was passed to a function brings about.
const OF_EXPRESSIONS: &[&str] = &[
    "TypeError",
    "ValueError",
    "IndexError",
    "KeyError",
    "AttributeError",
    "AssertionError",
    "ZeroDivisionError",
    "graphite.errors.InputParameterError",
    "graphite.errors.NormalizeEmptyResultError",
];

/// Where targets are evaluated.
const EVALUATOR: &str = "graphite/render/evaluator.py";

/// Where samples are read, by Graphite's own and by others' finders.
const READING: &[&str] = &[
    "graphite/storage.py",
    "graphite/finders/",
    "graphite/readers/",
    "graphite/carbonlink.py",
    "django/db/",
    "whisper.py",
];

/// Its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traceback {
    /// e.g. `TypeError: scale() missing 1 required positional argument: 'factor'`.
    pub last: String,
    /// It happened in a function of the expression, not in reading samples.
    pub is_of_expression: bool,
}

impl Traceback {
    /// The last one of a page.
    pub fn of(body: &[u8]) -> Option<Self> {
        let page = unescape(&String::from_utf8_lossy(body)).replace('\\', "/");
        let (_, text) = page.rsplit_once("Traceback (most recent call last):")?;
        let text = text.split("</pre>").next().unwrap_or_default();
        let last = text.lines().rev().find(|line| line.starts_with(|c: char| c.is_alphabetic()))?.trim();
        let exception = last.split(':').next().unwrap_or_default();
        let is_of_expression = OF_EXPRESSIONS.contains(&exception)
            && text.contains(EVALUATOR)
            && !READING.iter().any(|place| text.contains(place));
        Some(Traceback { last: last.to_owned(), is_of_expression })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As graphite-web 1.1.10 writes it.
    fn page(frames: &[&str], last: &str) -> String {
        let frames: String = frames
            .iter()
            .map(|file| {
                format!("  File &quot;/v/{file}&quot;, line 1, in f\n    return f(x)\n           ^^^^\n")
            })
            .collect();
        format!(
            "<body><p>Graphite encountered an unexpected error</p><pre>\nTraceback (most recent call last):\n{frames}{last}\n\n</pre></body>"
        )
    }

    #[test]
    fn a_wrong_parameter_is_the_expression_s_fault() {
        let words = "TypeError: movingAverage() takes from 3 to 4 positional arguments but 5 were given";
        let page = page(&["graphite/render/views.py", "graphite/render/evaluator.py"], words);
        let expected = Traceback { last: words.to_owned(), is_of_expression: true };
        assert_eq!(Traceback::of(page.as_bytes()), Some(expected));
        let escaped = self::page(&["graphite/render/evaluator.py"], "ValueError: bad &#x27;x&#x27; &lt; 1");
        assert_eq!(Traceback::of(escaped.as_bytes()).expect("one").last, "ValueError: bad 'x' < 1");
    }

    #[test]
    fn a_disk_or_a_store_that_fails_is_graphite_s_fault() {
        let is_of_expression = |frames: &[&str], last: &str| {
            Traceback::of(page(frames, last).as_bytes()).expect("one").is_of_expression
        };
        let (evaluator, storage) = ("graphite/render/evaluator.py", "graphite/storage.py");
        assert!(!is_of_expression(&[evaluator], "OSError: [Errno 5] Input/output error"));
        assert!(!is_of_expression(&[evaluator, storage], "TypeError: 'NoneType' object is not iterable"));
        assert!(!is_of_expression(&["django/core/handlers/base.py"], "ValueError: no settings"));
    }

    #[test]
    fn a_page_without_one_has_none() {
        assert_eq!(Traceback::of(b"<html><title>502</title></html>"), None);
        assert_eq!(Traceback::of(b"Traceback (most recent call last):\n  File"), None);
    }
}
