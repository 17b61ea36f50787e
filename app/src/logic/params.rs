//! Params that a check describes by a JSON Schema (`checks-wit/README.md` says which words): the fields of their form, what is
//! typed into it, and the params that come out.
//!
//! What is typed is a JSON value of the params' own shape, in which numbers may still be texts.

use serde_json::{Map, Value};

use super::hours::minute_of_day;
use super::number;
use super::wrong::{What, Wrong};

/// A text in several languages.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Texts(Vec<(String, String)>);

impl Texts {
    /// In this language, else in English, else the first.
    pub fn get(&self, language: &str) -> Option<&str> {
        let of = |language: &str| self.0.iter().find(|(tag, _)| tag == language);
        of(language).or_else(|| of("en")).or(self.0.first()).map(|(_, text)| text.as_str())
    }

    fn read(value: Option<&Value>) -> Self {
        let texts = value.and_then(Value::as_object).into_iter().flatten();
        Texts(texts.filter_map(|(tag, text)| Some((tag.clone(), text.as_str()?.to_owned()))).collect())
    }
}

/// Fields that must all have one of their values.
type Condition = Vec<(String, Vec<String>)>;

/// One field of the form.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub name: String,
    pub title: Texts,
    pub help: Texts,
    /// `value` is the unit of the metric's values, `intervals` its check intervals.
    pub unit: Option<String>,
    pub required: bool,
    pub default: Option<Value>,
    order: f64,
    shown_if: Condition,
    /// What it takes; of several the first whose condition holds.
    kinds: Vec<(Condition, Kind)>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Number { whole: bool, min: Option<f64>, max: Option<f64> },
    Switch,
    Choice(Vec<(String, Texts)>),
    Text { most: Option<u64> },
    Time,
    List { of: Box<Field>, least: usize, most: Option<u64> },
    Group(Vec<Field>),
}

/// One step of the way to a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    Name(String),
    At(usize),
}

/// The form of a check's params.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spec {
    pub fields: Vec<Field>,
}

impl Spec {
    /// Of what is no schema of an object: a form without fields.
    pub fn of(schema: &Value) -> Self {
        Spec { fields: fields_of(schema) }
    }

    /// The params, or everything that is wrong, each under its path behind `prefix`.
    pub fn params(&self, typed: &Value, decimal: char, prefix: &str) -> Result<Value, Vec<Wrong>> {
        let mut reading = Reading { spec: self, typed, decimal, prefix, wrongs: Vec::new() };
        let params = reading.group(&self.fields, &[]);
        if reading.wrongs.is_empty() { Ok(Value::Object(params)) } else { Err(reading.wrongs) }
    }

    /// Whether the field at the end of this way is to be seen.
    pub fn is_shown(&self, field: &Field, around: &[Key], typed: &Value) -> bool {
        self.holds(&field.shown_if, around, typed)
    }

    /// What the field takes now.
    pub fn kind<'a>(&self, field: &'a Field, around: &[Key], typed: &Value) -> Option<&'a Kind> {
        let fits = |(when, _): &&(Condition, Kind)| self.holds(when, around, typed);
        field.kinds.iter().find(fits).map(|(_, kind)| kind)
    }

    /// A condition's field is looked for beside the field that carries it, then in the objects around that.
    fn holds(&self, condition: &Condition, around: &[Key], typed: &Value) -> bool {
        condition.iter().all(|(name, wanted)| {
            let value = (0..=around.len()).rev().find_map(|depth| {
                let field = self.fields_at(&around[..depth])?.iter().find(|field| field.name == *name)?;
                let there = at(typed, &around[..depth]).and_then(|object| object.get(name));
                there.filter(|value| !value.is_null()).or(field.default.as_ref())
            });
            value.is_some_and(|value| wanted.iter().any(|wanted| is_named(value, wanted)))
        })
    }

    /// The fields of the object at the end of this way.
    fn fields_at(&self, keys: &[Key]) -> Option<&[Field]> {
        let mut fields = self.fields.as_slice();
        for key in keys {
            let Key::Name(name) = key else { continue };
            let field = fields.iter().find(|field| field.name == *name)?;
            fields = field.kinds.iter().find_map(|(_, kind)| match kind {
                Kind::Group(fields) => Some(fields.as_slice()),
                Kind::List { of, .. } => match of.kinds.first() {
                    Some((_, Kind::Group(fields))) => Some(fields.as_slice()),
                    _ => None,
                },
                _ => None,
            })?;
        }
        Some(fields)
    }
}

fn is_named(value: &Value, name: &str) -> bool {
    match value {
        Value::String(text) => text == name,
        Value::Bool(on) => name == if *on { "true" } else { "false" },
        _ => false,
    }
}

// ---- the schema ----

fn fields_of(schema: &Value) -> Vec<Field> {
    let required = schema.get("required").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let mut fields: Vec<Field> = properties
        .map(|(name, schema)| {
            let required = required.iter().any(|one| one.as_str() == Some(name));
            field_of(name, schema, required)
        })
        .collect();
    // By name where the order says nothing: that is how a map gives them.
    fields.sort_by(|a, b| a.order.total_cmp(&b.order));
    fields
}

fn field_of(name: &str, schema: &Value, required: bool) -> Field {
    Field {
        name: name.to_owned(),
        title: Texts::read(schema.get("x-title")),
        help: Texts::read(schema.get("x-help")),
        unit: schema.get("x-unit").and_then(Value::as_str).map(str::to_owned),
        required,
        default: schema.get("default").filter(|value| !value.is_null()).cloned(),
        order: schema.get("x-order").and_then(Value::as_f64).unwrap_or(f64::INFINITY),
        shown_if: condition_of(schema.get("x-show-if")),
        kinds: kinds_of(schema),
    }
}

fn condition_of(value: Option<&Value>) -> Condition {
    let fields = value.and_then(Value::as_object).into_iter().flatten();
    let named = |value: &Value| match value {
        Value::Bool(on) => Some(on.to_string()),
        value => value.as_str().map(str::to_owned),
    };
    let values = |list: &Value| list.as_array().into_iter().flatten().filter_map(named).collect();
    fields.map(|(name, list)| (name.clone(), values(list))).collect()
}

fn kinds_of(schema: &Value) -> Vec<(Condition, Kind)> {
    let kind = |name: &Value| {
        let name = name.as_str()?;
        let when = schema.get("x-type-if").and_then(|types| types.get(name));
        Some((condition_of(when), kind_of(name, schema)?))
    };
    match schema.get("type") {
        Some(Value::Array(types)) => types.iter().filter_map(kind).collect(),
        Some(one) => kind(one).into_iter().collect(),
        None => Vec::new(),
    }
}

fn kind_of(name: &str, schema: &Value) -> Option<Kind> {
    let number = |word: &str| schema.get(word).and_then(Value::as_f64);
    let count = |word: &str| schema.get(word).and_then(Value::as_u64);
    Some(match name {
        "number" | "integer" => {
            Kind::Number { whole: name == "integer", min: number("minimum"), max: number("maximum") }
        }
        "boolean" => Kind::Switch,
        "string" => match schema.get("enum").and_then(Value::as_array) {
            Some(choices) => Kind::Choice(choices_of(choices, schema.get("x-enum-titles"))),
            None if schema.get("format").is_some_and(|format| format == "time") => Kind::Time,
            None => Kind::Text { most: count("maxLength") },
        },
        "array" => Kind::List {
            of: Box::new(field_of("", schema.get("items").unwrap_or(&Value::Null), true)),
            least: count("minItems").unwrap_or(0) as usize,
            most: count("maxItems"),
        },
        "object" => Kind::Group(fields_of(schema)),
        _ => return None,
    })
}

fn choices_of(choices: &[Value], titles: Option<&Value>) -> Vec<(String, Texts)> {
    let names = choices.iter().filter_map(Value::as_str);
    names.map(|name| (name.to_owned(), Texts::read(titles.and_then(|titles| titles.get(name))))).collect()
}

// ---- what is typed ----

/// What stands at the end of this way.
pub fn at<'a>(typed: &'a Value, keys: &[Key]) -> Option<&'a Value> {
    keys.iter().try_fold(typed, |value, key| match key {
        Key::Name(name) => value.get(name),
        Key::At(index) => value.get(index),
    })
}

/// Puts a value at the end of this way; what is missing on it is made.
pub fn put(typed: &mut Value, keys: &[Key], value: Value) {
    let Some((key, rest)) = keys.split_first() else {
        *typed = value;
        return;
    };
    match key {
        Key::Name(name) => {
            if !typed.is_object() {
                *typed = Value::Object(Map::new());
            }
            if let Value::Object(members) = typed {
                put(members.entry(name.as_str()).or_insert(Value::Null), rest, value);
            }
        }
        Key::At(index) => {
            if !typed.is_array() {
                *typed = Value::Array(Vec::new());
            }
            if let Value::Array(list) = typed {
                if list.len() <= *index {
                    list.resize(index + 1, Value::Null);
                }
                put(&mut list[*index], rest, value);
            }
        }
    }
}

/// The name that the API uses for the value at the end of this way: `check.params.other_levels[0].to`, behind `check.params`.
pub fn path_of(prefix: &str, keys: &[Key]) -> String {
    let mut path = prefix.to_owned();
    for key in keys {
        match key {
            Key::Name(name) => path.extend([".", name]),
            Key::At(index) => path.extend(["[", &index.to_string(), "]"]),
        }
    }
    path
}

/// As it stands in a field: what is typed, or else the default.
pub fn text_of(typed: Option<&Value>, field: &Field, decimal: char) -> String {
    match typed.filter(|value| !value.is_null()).or(field.default.as_ref()) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(value)) => number::to_text(value.as_f64().unwrap_or_default(), decimal),
        _ => String::new(),
    }
}

/// How many entries a list shows.
pub fn entries(typed: Option<&Value>, field: &Field, least: usize) -> usize {
    let list = typed.or(field.default.as_ref()).and_then(Value::as_array);
    list.map_or(0, Vec::len).max(least)
}

/// Whether it is on.
pub fn is_on(typed: Option<&Value>, field: &Field) -> bool {
    typed.or(field.default.as_ref()).and_then(Value::as_bool).unwrap_or(false)
}

/// Checks in the order in which a form offers them, as (name, title): those that most metrics have, then by title.
pub fn put_in_order(checks: &mut [(String, String)]) {
    const FIRST: [&str; 3] = ["threshold", "trend", "error"];
    let place = |name: &str| FIRST.iter().position(|first| *first == name).unwrap_or(FIRST.len());
    checks.sort_by(|(a, a_title), (b, b_title)| (place(a), a_title).cmp(&(place(b), b_title)));
}

// ---- from what is typed to params ----

struct Reading<'a> {
    spec: &'a Spec,
    typed: &'a Value,
    decimal: char,
    prefix: &'a str,
    wrongs: Vec<Wrong>,
}

impl Reading<'_> {
    fn group(&mut self, fields: &[Field], keys: &[Key]) -> Map<String, Value> {
        let mut members = Map::new();
        for field in fields.iter().filter(|field| self.spec.is_shown(field, keys, self.typed)) {
            let mut way = keys.to_vec();
            way.push(Key::Name(field.name.clone()));
            if let Some(value) = self.field(field, keys, &way) {
                members.insert(field.name.clone(), value);
            }
        }
        members
    }

    /// None: left out. A field that has a default is left out while it is empty, unless it is required.
    fn field(&mut self, field: &Field, around: &[Key], way: &[Key]) -> Option<Value> {
        let typed = at(self.typed, way);
        let read = match self.spec.kind(field, around, self.typed)? {
            Kind::Switch => match typed.and_then(Value::as_bool) {
                None if !field.required => Ok(None),
                _ => Ok(Some(is_on(typed, field).into())),
            },
            Kind::Group(fields) => {
                let members = self.group(fields, way);
                Ok((field.required || !members.is_empty()).then_some(Value::Object(members)))
            }
            Kind::List { of, least, .. } => {
                let count = entries(typed, field, if field.required || typed.is_some() { *least } else { 0 });
                let list = (0..count).filter_map(|index| {
                    let mut entry = way.to_vec();
                    entry.push(Key::At(index));
                    self.field(of, way, &entry)
                });
                let list: Vec<Value> = list.collect();
                Ok((field.required || !list.is_empty()).then_some(Value::Array(list)))
            }
            kind => match text_of(typed, field, self.decimal).trim() {
                "" if field.required => Err(What::Missing),
                "" => Ok(None),
                _ if !field.required && typed.is_none_or(Value::is_null) => Ok(None),
                text => read_text(text, kind, self.decimal).map(Some),
            },
        };
        read.unwrap_or_else(|what| {
            self.wrongs.push(Wrong::new(path_of(self.prefix, way), what));
            None
        })
    }
}

fn read_text(text: &str, kind: &Kind, decimal: char) -> Result<Value, What> {
    match kind {
        Kind::Number { whole, min, max } => read_number(text, *whole, *min, *max, decimal),
        Kind::Time => match minute_of_day(text) {
            Some(minute) => Ok(format!("{:02}:{:02}", minute / 60, minute % 60).into()),
            None => Err(What::NotATime),
        },
        Kind::Text { most: Some(most) } if text.chars().count() as u64 > *most => {
            Err(What::TooLong { max: *most as usize })
        }
        _ => Ok(text.into()),
    }
}

fn read_number(
    text: &str,
    whole: bool,
    min: Option<f64>,
    max: Option<f64>,
    decimal: char,
) -> Result<Value, What> {
    let value = number::parse(text, decimal).map_err(|why| match why {
        number::NotANumber::Words => What::NotANumber,
        number::NotANumber::Ambiguous => What::Ambiguous,
    })?;
    let fits = min.is_none_or(|min| value >= min) && max.is_none_or(|max| value <= max);
    if !fits || (whole && value.fract() != 0.0) {
        return Err(match (min, max, whole) {
            (Some(min), Some(max), false) => What::Between { min, max },
            // Bounds of whole numbers are whole, and below 2^32 where somebody types them.
            (min, max, true) => What::WholeBetween {
                min: min.unwrap_or(0.0) as u32,
                max: max.unwrap_or(f64::from(u32::MAX)) as u32,
            },
            (Some(min), None, false) => What::AtLeast { min },
            (_, max, false) => What::AtMost { max: max.unwrap_or_default() },
        });
    }
    Ok(if whole { Value::from(value as i64) } else { Value::from(value) })
}

#[cfg(test)]
#[path = "params_tests.rs"]
mod tests;
