//! A file of cells: commas, semicolons, tabs or bars between them.

use csv::{ReaderBuilder, StringRecord};

use super::{Unreadable, text};
use crate::domain::Texts;

/// Rows of one file.
pub const MOST_ROWS: usize = 50_000;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A file's headings and rows.
#[derive(Clone, Debug)]
pub struct Table {
    pub headings: Vec<String>,
    pub rows: Vec<Row>,
    /// What had to be guessed.
    pub notes: Vec<Texts>,
}

/// One row.
#[derive(Clone, Debug)]
pub struct Row {
    /// Of the file, from 1: where it begins.
    pub line: u64,
    pub cells: StringRecord,
}

impl Row {
    /// How it begins, for people.
    pub fn start(&self) -> String {
        let joined = self.cells.iter().filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" | ");
        joined.chars().filter(|c| !c.is_control()).take(80).collect()
    }
}

impl Table {
    /// Reads a file of at most `most` rows.
    ///
    /// # Errors
    /// It is empty, no text, or has more rows.
    pub fn read(bytes: &[u8], most: usize) -> Result<Self, Unreadable> {
        let (text, note) = text::decoded(bytes)?;
        let (delimiter, rest) = delimiter(&text);
        let mut lines = Lines { bytes: rest.as_bytes(), at: 0, line: 1 + u64::from(rest.len() < text.len()) };
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(rest.as_bytes());
        let mut table = Table { headings: Vec::new(), rows: Vec::new(), notes: note.into_iter().collect() };
        for record in reader.records() {
            // Only bytes that are no text make a reader of a text fail.
            let Ok(cells) = record else { continue };
            if cells.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if table.headings.is_empty() {
                table.headings = cells.iter().map(|cell| cell.trim().to_owned()).collect();
                continue;
            }
            if table.rows.len() == most {
                return Err(Unreadable::new(
                    format!("The file has more than {most} rows: split it."),
                    format!("El archivo tiene más de {most} filas: divídalo."),
                ));
            }
            let start = cells.position().map_or(0, csv::Position::byte);
            let line = lines.count_to(start as usize);
            table.rows.push(Row { line, cells });
        }
        if table.headings.is_empty() {
            return Err(Unreadable::new("The file is empty.", "El archivo está vacío."));
        }
        Ok(table)
    }
}

/// Counts lines; the reader's own count is one behind where they end with CR LF.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the first sign at or after a place that ends no line.
    fn count_to(&mut self, place: usize) -> u64 {
        let rest = self.bytes.get(place..).unwrap_or_default();
        let place = place + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = self.bytes.get(self.at..place).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.at = place;
        self.line
    }
}

/// What stands between cells: what a first line `sep=;` says, else what is most often in the headings; and the text after that.
fn delimiter(text: &str) -> (u8, &str) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    if let [sign] = first.trim_end().strip_prefix("sep=").unwrap_or_default().as_bytes() {
        return (*sign, rest);
    }
    let headings = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut quoted = false;
    let mut counts = [0; DELIMITERS.len()];
    for byte in headings.bytes() {
        quoted ^= byte == b'"';
        if let Some(place) = DELIMITERS.iter().position(|sign| *sign == byte && !quoted) {
            counts[place] += 1;
        }
    }
    // Of two that are as frequent the first counts.
    let best = (0..DELIMITERS.len()).rev().max_by_key(|place| counts[*place]).unwrap_or(0);
    (DELIMITERS[best], text)
}
