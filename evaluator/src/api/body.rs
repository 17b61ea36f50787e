//! Reading JSON bodies, with errors that name the field and say what would be right.

use atalaya_api::span::NotASpan;
use axum::body::{Body as Sent, Bytes, HttpBody, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::error::Category;

use crate::domain::Texts;
use crate::nearest::{nearest, quoted};

use super::problem::{Fault, FieldFault, Kind, clipped, words};

/// The most that a request may send, bytes.
pub const LARGEST: usize = 1024 * 1024;

/// Bodies up to this are taken in before anything is answered, bytes.
const SMALL: usize = 64 * 1024;

/// Takes in a small body whole. An endpoint that wants none would answer while it is still on its way, and a connection in that
/// state is closed: the client's next request on it, which may do anything, would fail.
pub async fn take_in(request: Request, next: Next) -> Response {
    if request.body().size_hint().exact().is_none_or(|size| size > SMALL as u64) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    match to_bytes(body, SMALL).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Sent::from(bytes))).await,
        // Whoever sent half of it is gone.
        Err(_) => too_large().into_response(),
    }
}

/// A JSON body. Whatever `Content-Type` says: requests of other sites are refused before.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let bytes = Bytes::from_request(request, state).await.map_err(|_| too_large())?;
        read(&bytes).map(Body)
    }
}

/// A file as the body, of at most so many bytes; the route's own limit must allow as much.
pub async fn file(request: Request, largest: usize) -> Result<Bytes, Fault> {
    Bytes::from_request(request, &()).await.map_err(|_| {
        let mebibytes = largest / (1024 * 1024);
        Fault::new(
            Kind::TooLarge,
            format!("The file must have at most {mebibytes} MiB: split it."),
            format!("El archivo debe tener como mucho {mebibytes} MiB: divídalo."),
        )
    })
}

fn too_large() -> Fault {
    Fault::new(
        Kind::TooLarge,
        format!("The body must be at most {LARGEST} bytes."),
        format!("El cuerpo debe tener como mucho {LARGEST} bytes."),
    )
}

/// Reads a body.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    // Twice: what is not JSON at all is told apart from a field of the wrong shape, and told first.
    let value: Value = serde_json::from_slice(bytes).map_err(|error| malformed(&error))?;
    shaped(value)
}

/// Reads a value that is JSON already.
pub fn shaped<T: DeserializeOwned>(value: Value) -> Result<T, Fault> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        Fault::invalid(vec![wrong_field(&path, &error.into_inner().to_string())])
    })
}

fn malformed(error: &serde_json::Error) -> Fault {
    let (line, column) = (error.line(), error.column());
    if error.classify() == Category::Eof && line <= 1 && column == 0 {
        return Fault::new(
            Kind::MalformedJson,
            "The body is empty; it must be JSON.",
            "El cuerpo está vacío; debe ser JSON.",
        );
    }
    let why = error.to_string();
    let why = why.split(" at line ").next().unwrap_or_default();
    Fault::new(
        Kind::MalformedJson,
        format!("The body is not JSON: line {line}, column {column}: {why}."),
        format!("El cuerpo no es JSON: línea {line}, columna {column}: {why}."),
    )
}

/// What serde says of a field, in words for people.
fn wrong_field(path: &str, message: &str) -> FieldFault {
    let path = if path == "." { "" } else { path };
    let named = quoted(message);
    match (message, named.as_slice()) {
        (message, [unknown, known @ ..]) if message.starts_with("unknown field") => {
            FieldFault { field: below(path, unknown), message: unknown_word(unknown, known, false) }
        }
        (message, [missing]) if message.starts_with("missing field") => {
            FieldFault::new(below(path, missing), "is missing", "falta")
        }
        (message, [unknown, known @ ..]) if message.starts_with("unknown variant") => {
            FieldFault { field: or_body(path), message: unknown_word(unknown, known, true) }
        }
        _ => FieldFault { field: or_body(path), message: wrong_type(message) },
    }
}

/// The path of a member; serde may or may not have put it into the path already.
fn below(path: &str, member: &str) -> String {
    match path {
        "" => member.to_owned(),
        path if path == member || path.ends_with(&format!(".{member}")) => path.to_owned(),
        path => format!("{path}.{member}"),
    }
}

fn or_body(path: &str) -> String {
    if path.is_empty() { "body".to_owned() } else { path.to_owned() }
}

fn unknown_word(unknown: &str, known: &[&str], value: bool) -> Texts {
    let unknown = clipped(unknown);
    let all = known.join(", ");
    let meant = nearest(&unknown, known.iter().copied());
    match (meant, value) {
        (Some(meant), false) => words(
            format!("is not known; did you mean {meant}?"),
            format!("no se conoce; ¿quería decir {meant}?"),
        ),
        (None, false) => {
            words(format!("is not known; there are: {all}"), format!("no se conoce; existen: {all}"))
        }
        (_, true) => words(
            format!("must be one of {all}, not {unknown:?}"),
            format!("debe ser uno de {all}, no {unknown:?}"),
        ),
    }
}

fn wrong_type(message: &str) -> Texts {
    let message = clipped_message(message);
    let Some((_, expected)) = message.split_once(", expected ") else {
        let spanish = if message == NotASpan.to_string() {
            "una duración como \"30s\", \"5m\", \"1h30m\" o \"1d\""
        } else {
            message.as_str()
        };
        return words(format!("must be {message}"), format!("debe ser {spanish}"));
    };
    let (en, es) = expected_in_words(expected);
    words(format!("must be {en}"), format!("debe ser {es}"))
}

fn clipped_message(message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or_default();
    message.chars().filter(|c| !c.is_control()).take(300).collect()
}

/// serde's name of a type, in both languages.
fn expected_in_words(expected: &str) -> (&str, &str) {
    match expected {
        "a string" | "str" => ("text", "texto"),
        "a boolean" => ("true or false", "true o false"),
        "u8" => ("a whole number from 0 to 255", "un número entero de 0 a 255"),
        "u16" | "u32" | "u64" | "usize" => ("a whole number, zero or more", "un número entero, cero o mayor"),
        "f64" | "f32" => ("a number", "un número"),
        "a map" => ("an object", "un objeto"),
        "a sequence" => ("a list", "una lista"),
        other if other.starts_with("struct ") => ("an object", "un objeto"),
        other => (other, other),
    }
}

#[cfg(test)]
mod tests {
    use atalaya_api::rule::RuleDraft;

    use super::*;

    fn wrong(body: &str) -> (Kind, String, String) {
        let fault = read::<RuleDraft>(body.as_bytes()).expect_err("the body is wrong");
        let (field, message) = match fault.fields.first() {
            Some(one) => (one.field.clone(), one.message.en.clone()),
            None => (String::new(), fault.detail.en.clone()),
        };
        (fault.kind, field, message)
    }

    #[test]
    fn what_is_not_json_is_told_with_its_place() {
        let (kind, _, detail) = wrong("{\"name\": \"a\",\n  oops}");
        assert_eq!(kind, Kind::MalformedJson);
        assert!(detail.contains("line 2, column 3"), "{detail}");
        assert!(wrong("").2.contains("empty"));
    }

    #[test]
    fn every_wrong_shape_names_its_field_and_what_would_be_right() {
        let query = r#""query": {"source": "local", "expr": "a"}"#;
        let check = r#""check": {"name": "threshold"}"#;
        let cases = [
            (format!(r#"{{{query}, {check}}}"#), "name", "is missing"),
            (format!(r#"{{"name": 3, {query}, {check}}}"#), "name", "must be text"),
            (
                format!(r#"{{"name": "a", "query": {{"source": "local"}}, {check}}}"#),
                "query.expr",
                "is missing",
            ),
            (
                format!(r#"{{"name": "a", {query}, {check}, "intervall": "5m"}}"#),
                "intervall",
                "did you mean interval?",
            ),
            (
                format!(r#"{{"name": "a", {query}, "check": {{"nam": "x"}}}}"#),
                "check.nam",
                "did you mean name?",
            ),
            (
                format!(r#"{{"name": "a", {query}, {check}, "interval": "5 minutes"}}"#),
                "interval",
                "a duration such as",
            ),
            (
                format!(r#"{{"name": "a", {query}, {check}, "checks_to_alert": 300}}"#),
                "checks_to_alert",
                "0 to 255",
            ),
            (
                format!(r#"{{"name": "a", {query}, {check}, "no_data": "alrm"}}"#),
                "no_data",
                "alarm, keep, ok",
            ),
            (format!(r#"{{"name": "a", {query}, {check}, "enabled": "yes"}}"#), "enabled", "true or false"),
            (
                format!(
                    r#"{{"name": "a", {query}, {check}, "notify": {{"receivers": [{{"from": "ok"}}]}}}}"#
                ),
                "notify.receivers[0].id",
                "is missing",
            ),
            ("[]".to_owned(), "body", "an object"),
        ];
        for (body, field, part) in cases {
            let (kind, at, message) = wrong(&body);
            assert_eq!((kind, at.as_str()), (Kind::InvalidField, field), "{body}: {message}");
            assert!(message.contains(part), "{body}: {message}");
        }
    }
}
