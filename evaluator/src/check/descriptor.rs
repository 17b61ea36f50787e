//! What a check says it is, read without trust.

use semver::Version;
use serde_json::Value;

use super::bindings::wit;
use super::text::{clean, clean_texts, in_language};

/// Longest name of a check, characters.
const NAME: usize = 40;
const TITLE: usize = 80;
const SUMMARY: usize = 400;
/// Longest JSON Schema of params, bytes.
const SCHEMA: usize = 64 << 10;

/// What a check says of itself. Texts are capped and without control characters.
#[derive(Clone, Debug, PartialEq)]
pub struct Descriptor {
    /// Lower-case letters, digits and hyphens, at most 40, starting with a letter.
    pub name: String,
    pub version: Version,
    /// (language, text)
    pub title: Vec<(String, String)>,
    /// (language, text)
    pub summary: Vec<(String, String)>,
    /// JSON Schema of the params: an object.
    pub params_schema: Value,
    pub traits: Traits,
}

/// What a verdict depends on besides the samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    pub uses_held: bool,
    pub uses_minute: bool,
    pub keeps_memory: bool,
}

/// The check describes itself in a way that no check may.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DescriptorError {
    #[error(
        "the name {0:?} is not one of lower-case letters, digits and hyphens, at most 40, starting with a letter"
    )]
    Name(String),
    #[error("the version {0:?} is not a semantic version like 1.2.3")]
    Version(String),
    #[error("it has no title")]
    NoTitle,
    #[error("the JSON Schema of its params is longer than 64 KiB")]
    LongSchema,
    #[error("the JSON Schema of its params is not JSON: {0}")]
    SchemaNotJson(String),
    #[error("the JSON Schema of its params does not describe an object (\"type\": \"object\")")]
    SchemaNotObject,
}

impl Descriptor {
    /// # Errors
    /// A field is not as the contract says; which one, and how.
    pub(super) fn read(said: wit::Descriptor) -> Result<Self, DescriptorError> {
        if !is_name(&said.name) {
            return Err(DescriptorError::Name(clean(&said.name, NAME)));
        }
        let version = Version::parse(&said.version)
            .map_err(|_| DescriptorError::Version(clean(&said.version, NAME)))?;
        let title = texts(&said.title, TITLE);
        if title.iter().all(|(_, text)| text.is_empty()) {
            return Err(DescriptorError::NoTitle);
        }
        let params_schema = schema(&said.params_schema)?;
        let summary = texts(&said.summary, SUMMARY);
        Ok(Descriptor {
            name: said.name,
            version,
            title,
            summary,
            params_schema,
            traits: traits(said.traits),
        })
    }

    /// The title in this language, else in English, else the first.
    pub fn title_in(&self, language: &str) -> &str {
        in_language(&self.title, language)
    }
}

fn is_name(name: &str) -> bool {
    let follows = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    name.len() <= NAME && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(follows)
}

fn texts(texts: &[wit::Text], most: usize) -> Vec<(String, String)> {
    clean_texts(texts.iter().map(|text| (text.language.as_str(), text.text.as_str())), most)
}

fn schema(text: &str) -> Result<Value, DescriptorError> {
    if text.len() > SCHEMA {
        return Err(DescriptorError::LongSchema);
    }
    let schema: Value = serde_json::from_str(text)
        .map_err(|error| DescriptorError::SchemaNotJson(clean(&error.to_string(), 200)))?;
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        return Err(DescriptorError::SchemaNotObject);
    }
    Ok(schema)
}

fn traits(traits: wit::Traits) -> Traits {
    Traits {
        uses_held: traits.contains(wit::Traits::USES_HELD),
        uses_minute: traits.contains(wit::Traits::USES_MINUTE),
        keeps_memory: traits.contains(wit::Traits::KEEPS_MEMORY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said() -> wit::Descriptor {
        wit::Descriptor {
            name: "threshold".to_owned(),
            version: "1.2.3".to_owned(),
            title: vec![wit::Text { language: "en".to_owned(), text: "Thres\u{7}hold".to_owned() }],
            summary: Vec::new(),
            params_schema: r#"{"type":"object"}"#.to_owned(),
            traits: wit::Traits::USES_HELD,
            options: Vec::new(),
        }
    }

    #[test]
    fn a_good_descriptor_is_read_and_its_texts_are_cleaned() {
        let read = Descriptor::read(said()).expect("it is as the contract says");
        assert_eq!(read.title_in("es"), "Threshold");
        assert!(read.traits.uses_held && !read.traits.uses_minute && !read.traits.keeps_memory);
    }

    #[test]
    fn names_that_would_not_do_in_an_address_are_refused() {
        for name in ["", "Threshold", "1st", "-a", "a b", "a/b", "ñ", &"a".repeat(41)] {
            let refused = Descriptor::read(wit::Descriptor { name: name.to_owned(), ..said() });
            assert!(matches!(refused, Err(DescriptorError::Name(_))), "{name}");
        }
    }

    #[test]
    fn a_version_a_title_and_a_schema_of_an_object_are_needed() {
        let version = Descriptor::read(wit::Descriptor { version: "1".to_owned(), ..said() });
        assert!(matches!(version, Err(DescriptorError::Version(_))));
        let title = Descriptor::read(wit::Descriptor { title: Vec::new(), ..said() });
        assert_eq!(title, Err(DescriptorError::NoTitle));
        let schema = |text: &str| {
            Descriptor::read(wit::Descriptor { params_schema: text.to_owned(), ..said() })
                .expect_err("refused")
        };
        assert!(matches!(schema("{"), DescriptorError::SchemaNotJson(_)));
        assert_eq!(schema("[]"), DescriptorError::SchemaNotObject);
        assert_eq!(schema(r#"{"type":"string"}"#), DescriptorError::SchemaNotObject);
        assert_eq!(schema(&" ".repeat(70_000)), DescriptorError::LongSchema);
        assert!(matches!(schema(&"[".repeat(60_000)), DescriptorError::SchemaNotJson(_)));
    }
}
