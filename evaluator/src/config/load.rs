//! Reading the configuration from its three places, with errors that say where and what would be right.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

#[cfg(test)]
use serde::Deserialize;
use toml::{Table, Value};

use crate::nearest::{nearest, quoted};

use super::sections::Config;

/// The file that is read when none is named and it is there.
const USUAL_FILE: &str = "atalaya.toml";
const PREFIX: &str = "ATALAYA_";
/// Environment variables of ours that are no keys.
const NOT_KEYS: [&str; 5] =
    ["ATALAYA_ADMIN_PASSWORD", "ATALAYA_BIN", "ATALAYA_UI_DIR", "ATALAYA_CONFIG", "ATALAYA_DIST"];

/// What the command line says of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    pub config: Option<PathBuf>,
    pub data: Option<PathBuf>,
    pub listen: Option<String>,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    File(PathBuf),
    Variable(String),
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File(path) => write!(f, "{}", path.display()),
            Origin::Variable(name) => write!(f, "environment variable {name}"),
            Origin::Flag(name) => write!(f, "{name}"),
        }
    }
}

/// Why there is no configuration. One line each.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{}: cannot be read: {error}", path.display())]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("{}: line {line}, column {column}: {message}", path.display())]
    NotToml { path: PathBuf, line: usize, column: usize, message: String },
    #[error("{origin}: {key}: {message}")]
    Key { origin: Origin, key: String, message: String },
}

/// Values with the place that each comes from.
#[derive(Debug)]
struct Layers {
    table: Table,
    /// By the path of the key, `ingest.carbon.listen`.
    origins: BTreeMap<String, Origin>,
    file: Option<PathBuf>,
}

/// Reads file, environment and flags, later ones first.
///
/// # Errors
/// An unreadable file, an unknown key (with the nearest known one), a value of the wrong type or out of range.
pub fn load(
    flags: &Flags,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let environment: BTreeMap<String, String> =
        environment.into_iter().filter(|(name, _)| name.starts_with(PREFIX)).collect();
    let named = flags.config.clone().or_else(|| environment.get("ATALAYA_CONFIG").map(PathBuf::from));
    let usual = || Path::new(USUAL_FILE).exists().then(|| PathBuf::from(USUAL_FILE));
    let file = named.or_else(usual);
    let table = file.as_deref().map(read_file).transpose()?.unwrap_or_default();
    let mut layers = Layers { table, origins: BTreeMap::new(), file };
    for (name, value) in environment.iter().filter(|(name, _)| !NOT_KEYS.contains(&name.as_str())) {
        layers.set_variable(name, value)?;
    }
    layers.set_flags(flags);
    layers.into_config()
}

fn read_file(path: &Path) -> Result<Table, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError::Unreadable { path: path.to_owned(), error })?;
    text.parse::<Table>().map_err(|error| {
        let before = &text[..error.span().map_or(0, |span| span.start).min(text.len())];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let message = error.message().replace('\n', " ");
        ConfigError::NotToml { path: path.to_owned(), line, column, message }
    })
}

impl Layers {
    /// `ATALAYA_INGEST__CARBON__LISTEN` is `ingest.carbon.listen`. A value that reads as TOML is that (`true`, `5`,
    /// `["a"]`), any other is text.
    fn set_variable(&mut self, name: &str, value: &str) -> Result<(), ConfigError> {
        let path = name[PREFIX.len()..].to_lowercase().replace("__", ".");
        let origin = Origin::Variable(name.to_owned());
        let literal =
            format!("value = {value}").parse::<Table>().ok().and_then(|mut table| table.remove("value"));
        let value = literal.unwrap_or_else(|| Value::String(value.to_owned()));
        self.set(&path, value, origin)
    }

    fn set_flags(&mut self, flags: &Flags) {
        if let Some(data) = &flags.data {
            self.table.insert("data".to_owned(), Value::String(data.to_string_lossy().into_owned()));
            self.origins.insert("data".to_owned(), Origin::Flag("--data"));
        }
        if let Some(listen) = &flags.listen {
            self.table.insert("listen".to_owned(), Value::String(listen.clone()));
            self.origins.insert("listen".to_owned(), Origin::Flag("--listen"));
        }
    }

    fn set(&mut self, path: &str, value: Value, origin: Origin) -> Result<(), ConfigError> {
        let mut table = &mut self.table;
        let mut steps: Vec<&str> = path.split('.').collect();
        let last = steps.pop().unwrap_or_default();
        for step in steps {
            let inner = table.entry(step).or_insert_with(|| Value::Table(Table::new()));
            table = match inner {
                Value::Table(table) => table,
                _ => {
                    let message = format!("{step} is not a section");
                    return Err(ConfigError::Key { origin, key: path.to_owned(), message });
                }
            };
        }
        table.insert(last.to_owned(), value);
        self.origins.insert(path.to_owned(), origin);
        Ok(())
    }

    fn into_config(mut self) -> Result<Config, ConfigError> {
        let mut config = loop {
            match read_table(&self.table) {
                Ok(config) => break config,
                Err(wrong) if self.retold_as_text(&wrong) => {}
                Err(wrong) => return Err(self.error(&wrong.key, wrong.message)),
            }
        };
        config.check().map_err(|(key, message)| self.error(key, message))?;
        config.file = self.file;
        Ok(config)
    }

    /// A variable that reads as a number where text is wanted is that text.
    fn retold_as_text(&mut self, wrong: &Wrong) -> bool {
        let from_variable = matches!(self.origins.get(&wrong.key), Some(Origin::Variable(_)));
        if !from_variable || !wrong.wants_text {
            return false;
        }
        let mut value = Some(&mut self.table);
        let mut steps: Vec<&str> = wrong.key.split('.').collect();
        let last = steps.pop().unwrap_or_default();
        for step in steps {
            value = value.and_then(|table| table.get_mut(step)).and_then(Value::as_table_mut);
        }
        match value.and_then(|table| table.get_mut(last)) {
            Some(Value::String(_)) | None => false,
            Some(other) => {
                *other = Value::String(other.to_string());
                true
            }
        }
    }

    fn error(&self, key: &str, message: String) -> ConfigError {
        let within = |path: &str| {
            let below = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.starts_with('.'));
            path == key || below(key, path) || below(path, key)
        };
        let told = self.origins.iter().find(|(path, _)| within(path)).map(|(_, origin)| origin.clone());
        let file = || Origin::File(self.file.clone().unwrap_or_else(|| PathBuf::from(USUAL_FILE)));
        ConfigError::Key { origin: told.unwrap_or_else(file), key: key.to_owned(), message }
    }
}

/// A key that serde refused.
struct Wrong {
    key: String,
    message: String,
    wants_text: bool,
}

fn read_table(table: &Table) -> Result<Config, Wrong> {
    let read: Result<Config, _> = serde_path_to_error::deserialize(Value::Table(table.clone()));
    read.map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { String::new() } else { path };
        let message = error.into_inner().message().to_owned();
        wrong_key(path, &message)
    })
}

fn wrong_key(path: String, message: &str) -> Wrong {
    let named = quoted(message);
    match named.as_slice() {
        [unknown, known @ ..] if message.starts_with("unknown field") => {
            let key = match path.as_str() {
                "" => (*unknown).to_owned(),
                path if path == *unknown || path.ends_with(&format!(".{unknown}")) => path.to_owned(),
                path => format!("{path}.{unknown}"),
            };
            let message = match nearest(unknown, known.iter().copied()) {
                Some(meant) => format!("there is no such key; did you mean {meant}?"),
                None => format!("there is no such key; there are {}", known.join(", ")),
            };
            Wrong { key, message, wants_text: false }
        }
        [unknown, known @ ..] if message.starts_with("unknown variant") => {
            let message = format!("must be one of {}, not {unknown:?}", known.join(", "));
            Wrong { key: path, message, wants_text: false }
        }
        _ => {
            let expected = message.split_once(", expected ").map(|(_, expected)| expected);
            let wants_text = message.starts_with("invalid type")
                && expected.is_some_and(|expected| {
                    ["a string", "path string", "socket address"].contains(&expected)
                });
            let message = format!("must be {}", in_words(expected.unwrap_or(message)));
            Wrong { key: path, message, wants_text }
        }
    }
}

/// serde's name of what it wanted, for people.
fn in_words(expected: &str) -> &str {
    match expected {
        "a string" | "path string" => "text in quotes",
        "socket address" | "invalid socket address syntax" => {
            "an address with a port, e.g. \"127.0.0.1:8420\""
        }
        "a boolean" => "true or false",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, zero or more",
        "i64" | "i32" => "a whole number",
        "f64" | "f32" => "a number",
        "a sequence" => "a list, e.g. [\"10.0.0.0/8\"]",
        other if other.starts_with("struct ") => "a section",
        other => other,
    }
}

/// The keys of a section as the structs know them, for the test that guards the sample.
#[cfg(test)]
fn keys_of(section: &[&str]) -> Option<Vec<String>> {
    const NO_KEY: &str = "_no_such_key_";
    let mut table = Table::new();
    table.insert(NO_KEY.to_owned(), Value::Boolean(true));
    for step in section.iter().rev() {
        let inner = std::mem::take(&mut table);
        table.insert((*step).to_owned(), Value::Table(inner));
    }
    let error = Config::deserialize(Value::Table(table)).expect_err("there is no such key");
    let named: Vec<String> = quoted(error.message()).into_iter().map(str::to_owned).collect();
    (named.first().map(String::as_str) == Some(NO_KEY)).then(|| named[1..].to_vec())
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
