//! Reads the API's types from JSON, in little code: a browser waits for every byte of it.
//!
//! What serde derives is a reader that can stop at each field and then takes apart what it has so far, 100 kB for all types. This
//! one goes on and notes the first fault, so that a type is a list of its fields; the compiler sees to it that none is left
//! out. `tests` hold it to what serde reads.

mod types;

use std::collections::BTreeMap;
use std::fmt;

use atalaya_api::Timestamp;
use atalaya_api::float::Float;
use atalaya_api::page::Page;
use atalaya_api::span::Span;
use serde::Serialize;
use serde_json::{Map, Value};

/// The text is not JSON, or not what the type wants: near which field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misread(pub &'static str);

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Where a reading is, and its first fault.
#[derive(Default)]
pub struct Course {
    near: &'static str,
    fault: Option<Misread>,
}

impl Course {
    fn fail(&mut self) {
        self.fault = self.fault.or(Some(Misread(self.near)));
    }
}

/// A type that can be read.
pub trait Read: Sized {
    /// Something of that type whatever is there; what does not fit is noted.
    fn read(value: Value, course: &mut Course) -> Self;

    /// The field is not there.
    fn absent(course: &mut Course) -> Self {
        course.fail();
        Self::read(Value::Null, course)
    }
}

/// Reads a text; an empty one is `null`.
///
/// # Errors
/// When it is not JSON, or not a `T`.
pub fn from_text<T: Read>(text: &str) -> Result<T, Misread> {
    from_value(parse(text)?)
}

fn parse(text: &str) -> Result<Value, Misread> {
    match text {
        "" => Ok(Value::Null),
        text => serde_json::from_str(text).map_err(|_| Misread("JSON")),
    }
}

/// # Errors
/// When it is not a `T`.
pub fn from_value<T: Read>(value: Value) -> Result<T, Misread> {
    let mut course = Course::default();
    let read = T::read(value, &mut course);
    course.fault.map_or(Ok(read), Err)
}

/// What is sent, as a [`Value`]: one writer of text for all of it.
pub fn value_of(body: &impl Serialize) -> Value {
    // What the app sends are plain types, which can be written.
    serde_json::to_value(body).unwrap_or_default()
}

/// The members of an object while they are taken out by name.
struct Members<'a> {
    rest: Map<String, Value>,
    course: &'a mut Course,
}

impl<'a> Members<'a> {
    fn of(value: Value, course: &'a mut Course) -> Self {
        let rest = match value {
            Value::Object(rest) => rest,
            _ => {
                course.fail();
                Map::new()
            }
        };
        Members { rest, course }
    }

    fn take<T: Read>(&mut self, name: &'static str) -> T {
        match self.member(name) {
            Some(value) => T::read(value, self.course),
            None => T::absent(self.course),
        }
    }

    /// For what older servers leave out.
    fn take_or<T: Read>(&mut self, name: &'static str, usual: T) -> T {
        match self.member(name) {
            Some(value) => T::read(value, self.course),
            None => usual,
        }
    }

    fn member(&mut self, name: &'static str) -> Option<Value> {
        self.course.near = name;
        self.rest.remove(name)
    }
}

/// Types by their fields; `field = usual` may be left out of the text.
macro_rules! fields {
    ($($type:ty { $($field:ident $(= $usual:expr)?),+ $(,)? })+) => {
        $(impl Read for $type {
            fn read(value: Value, course: &mut Course) -> Self {
                Self::of(&mut Members::of(value, course))
            }
        }

        impl Fields for $type {
            fn of(members: &mut Members<'_>) -> Self {
                Self { $($field: fields!(@take members $field $($usual)?)),+ }
            }
        })+
    };
    (@take $members:ident $field:ident) => { $members.take(stringify!($field)) };
    (@take $members:ident $field:ident $usual:expr) => { $members.take_or(stringify!($field), $usual) };
}
use fields;

/// A type whose fields stand beside others in one object.
trait Fields {
    fn of(members: &mut Members<'_>) -> Self;
}

/// Enums by their words; the first stands in for a word that is not known.
macro_rules! words {
    ($($type:ty { $($word:literal => $variant:ident),+ $(,)? })+) => {
        $(impl Read for $type {
            fn read(value: Value, course: &mut Course) -> Self {
                [$(<$type>::$variant),+][word(&value, &[$($word),+], course)]
            }
        })+
    };
}
use words;

/// Which of the words it is.
fn word(value: &Value, words: &[&str], course: &mut Course) -> usize {
    let found = value.as_str().and_then(|text| words.iter().position(|word| *word == text));
    found.unwrap_or_else(|| {
        course.fail();
        0
    })
}

impl Read for Value {
    fn read(value: Value, _: &mut Course) -> Self {
        value
    }
}

impl Read for String {
    fn read(value: Value, course: &mut Course) -> Self {
        match value {
            Value::String(text) => text,
            _ => {
                course.fail();
                String::new()
            }
        }
    }
}

impl Read for bool {
    fn read(value: Value, course: &mut Course) -> Self {
        value.as_bool().unwrap_or_else(|| {
            course.fail();
            false
        })
    }
}

impl Read for f64 {
    fn read(value: Value, course: &mut Course) -> Self {
        value.as_f64().unwrap_or_else(|| {
            course.fail();
            0.0
        })
    }
}

impl Read for u64 {
    fn read(value: Value, course: &mut Course) -> Self {
        value.as_u64().unwrap_or_else(|| {
            course.fail();
            0
        })
    }
}

impl Read for i64 {
    fn read(value: Value, course: &mut Course) -> Self {
        value.as_i64().unwrap_or_else(|| {
            course.fail();
            0
        })
    }
}

macro_rules! smaller {
    ($($type:ty)+) => {
        $(impl Read for $type {
            fn read(value: Value, course: &mut Course) -> Self {
                <$type>::try_from(u64::read(value, course)).unwrap_or_else(|_| {
                    course.fail();
                    0
                })
            }
        })+
    };
}
smaller! { u8 u16 u32 }

impl Read for Float {
    fn read(value: Value, course: &mut Course) -> Self {
        Float(match &value {
            Value::Null => f64::NAN,
            Value::String(word) if word == "Infinity" => f64::INFINITY,
            Value::String(word) if word == "-Infinity" => f64::NEG_INFINITY,
            _ => f64::read(value, course),
        })
    }
}

impl Read for Timestamp {
    fn read(value: Value, course: &mut Course) -> Self {
        value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| {
            course.fail();
            Timestamp::UNIX_EPOCH
        })
    }
}

impl Read for Span {
    fn read(value: Value, course: &mut Course) -> Self {
        value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| {
            course.fail();
            Span(0)
        })
    }
}

impl<T: Read> Read for Option<T> {
    fn read(value: Value, course: &mut Course) -> Self {
        if value.is_null() { None } else { Some(T::read(value, course)) }
    }

    fn absent(_: &mut Course) -> Self {
        None
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(value: Value, course: &mut Course) -> Self {
        let Value::Array(items) = value else {
            course.fail();
            return Vec::new();
        };
        items.into_iter().map(|item| T::read(item, course)).collect()
    }
}

impl<T: Read> Read for BTreeMap<String, T> {
    fn read(value: Value, course: &mut Course) -> Self {
        let mut all = BTreeMap::new();
        for (name, value) in Members::of(value, course).rest {
            all.insert(name, T::read(value, course));
        }
        all
    }
}

impl<T: Read> Read for Page<T> {
    fn read(value: Value, course: &mut Course) -> Self {
        let mut members = Members::of(value, course);
        Page { items: members.take("items"), next: members.take("next"), total: members.take("total") }
    }
}

#[cfg(test)]
mod tests;
