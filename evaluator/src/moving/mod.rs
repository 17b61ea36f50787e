//! Files that people move over: rules as CSV and YAML, and Gralarmas' history of alarms. Pure: from bytes to what a file says, and
//! from rules to bytes; what becomes of it is the API's.
//!
//! A cell that a spreadsheet would take for a formula is written with an apostrophe before it ([`cell::guarded`]), which is taken away
//! when the file is read.

pub mod alarms;
pub mod cell;
mod column;
pub mod history;
mod list;
mod number;
mod table;
mod text;
mod when;
mod yaml;

pub use column::{Column, Columns};
pub use table::{MOST_ROWS, Row, Table};
pub use yaml::{Document, documents, written as yaml};

use crate::domain::Texts;

/// A file that nothing can be read from, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.en)]
pub struct Unreadable(pub Texts);

impl Unreadable {
    fn new(en: impl Into<String>, es: impl Into<String>) -> Self {
        Unreadable(Texts { en: en.into(), es: es.into() })
    }
}

fn words(en: impl Into<String>, es: impl Into<String>) -> Texts {
    Texts { en: en.into(), es: es.into() }
}

/// Lower-case letters and digits, without accents: how headings and words of choice are compared.
pub fn plain(text: &str) -> String {
    let bare = |c: char| match c {
        'á' | 'à' | 'â' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        other => other,
    };
    text.chars().flat_map(char::to_lowercase).map(bare).filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests;
