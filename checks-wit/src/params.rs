//! Params: JSON text to the check's struct, with errors that name the field in plain words.

use serde::de::DeserializeOwned;

use crate::model::ParamError;

/// Parses `json` into a check's struct.
///
/// # Errors
/// The path of the field that does not fit and what would be right, in English and Spanish.
pub(crate) fn parse<T: DeserializeOwned>(json: &str) -> Result<T, ParamError> {
    let mut text = serde_json::Deserializer::from_str(json);
    let parsed = serde_path_to_error::deserialize(&mut text).map_err(|error| {
        let path = error.path().to_string();
        explain(&path, error.inner())
    })?;
    text.end().map_err(|error| explain(".", &error))?;
    Ok(parsed)
}

fn explain(path: &str, error: &serde_json::Error) -> ParamError {
    if !error.is_data() {
        return ParamError::new("", format!("must be a JSON object: {error}"))
            .and_in("es", format!("debe ser un objeto JSON: {error}"));
    }
    let path = if path == "." { "" } else { path };
    let message = error.to_string();
    let message = message.rfind(" at line ").map_or(&*message, |end| &message[..end]);
    missing(path, message)
        .or_else(|| unknown(path, message))
        .or_else(|| unexpected(path, message))
        .unwrap_or_else(|| ParamError::new(path, message))
}

/// serde reports a missing field at the object that lacks it.
fn missing(path: &str, message: &str) -> Option<ParamError> {
    let name = message.strip_prefix("missing field `")?.strip_suffix('`')?;
    Some(ParamError::new(join(path, name), "is missing").and_in("es", "falta"))
}

/// An unknown field, reported at the field or at the object around it.
fn unknown(path: &str, message: &str) -> Option<ParamError> {
    let (name, rest) = message.strip_prefix("unknown field `")?.split_once('`')?;
    let expected = rest.strip_prefix(", expected ").unwrap_or_default();
    let expected = expected.strip_prefix("one of ").unwrap_or(expected);
    let expected = expected.replace(" or ", ", ");
    let inside = path == name || path.ends_with(&format!(".{name}"));
    let field = if inside { path.to_owned() } else { join(path, name) };
    Some(
        ParamError::new(field, format!("is not known here; known: {expected}"))
            .and_in("es", format!("no se conoce aquí; se conocen: {expected}")),
    )
}

/// `invalid type: string "x", expected f64` and its like, without the words of a programmer.
fn unexpected(path: &str, message: &str) -> Option<ParamError> {
    let (found, expected) = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "))?
        .rsplit_once(", expected ")?;
    let (en, es) = match expected {
        "f64" | "f32" => ("a number", "un número"),
        "u8" | "u16" | "u32" | "u64" | "usize" => {
            ("a whole number, 0 or more", "un número entero, 0 o mayor")
        }
        "i8" | "i16" | "i32" | "i64" | "isize" => ("a whole number", "un número entero"),
        "a boolean" => ("true or false", "true o false"),
        "a string" => ("a text", "un texto"),
        "a sequence" => ("a list", "una lista"),
        other if other.starts_with("struct ") => ("an object", "un objeto"),
        other => (other, other),
    };
    Some(
        ParamError::new(path, format!("must be {en}, not {found}"))
            .and_in("es", format!("debe ser {es}, no {found}")),
    )
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only parsed")]
    struct Params {
        limit: f64,
        #[serde(default)]
        times: Vec<Time>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only parsed")]
    struct Time {
        hour: u8,
    }

    fn refused(json: &str) -> (String, String) {
        let error = parse::<Params>(json).expect_err("these params must be refused");
        (error.field.clone(), error.english().to_owned())
    }

    #[test]
    fn an_error_names_the_field_and_what_would_be_right() {
        let cases = [
            (r#"{}"#, "limit", "is missing"),
            (r#"{"limit":"x"}"#, "limit", "must be a number, not string \"x\""),
            (r#"{"limit":1,"limt":2}"#, "limt", "is not known here; known: `limit`, `times`"),
            (r#"{"limit":1,"times":[{"hour":1},{}]}"#, "times[1].hour", "is missing"),
            (
                r#"{"limit":1,"times":[{"hour":-1}]}"#,
                "times[0].hour",
                "must be a whole number, 0 or more, not integer `-1`",
            ),
            (
                r#"{"limit":1,"times":[{"hour":1,"day":2}]}"#,
                "times[0].day",
                "is not known here; known: `hour`",
            ),
        ];
        for (json, field, message) in cases {
            assert_eq!(refused(json), (field.to_owned(), message.to_owned()), "{json}");
        }
    }

    #[test]
    fn what_is_not_json_is_refused_as_a_whole() {
        for json in ["", "{", "{\"limit\":1} x", "nonsense"] {
            let (field, message) = refused(json);
            assert_eq!(field, "", "{json}");
            assert!(message.starts_with("must be a JSON object: "), "{message}");
        }
    }

    #[test]
    fn every_error_of_the_sdk_speaks_spanish_too() {
        let error = parse::<Params>("{}").expect_err("a field is missing");
        assert!(error.message.contains(&("es".to_owned(), "falta".to_owned())));
    }
}
