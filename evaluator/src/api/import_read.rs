//! What the lines of a file of rules say, whatever its format.

use std::rc::Rc;

use atalaya_api::rule::RuleDraft;
use serde_json::Value;

use crate::domain::{RuleId, Texts};
use crate::moving::cell::{self, Ground};
use crate::moving::{self, Columns, MOST_ROWS, Row, Table};

use super::Services;
use super::body::shaped;
use super::problem::{Fault, FieldFault};
use super::rule_export::Format;

/// A line, or a document, of a file.
pub struct Entry {
    pub line: u64,
    /// How it begins.
    pub text: String,
    /// That the rule has here, or had elsewhere.
    pub id: Option<RuleId>,
    pub made: Made,
}

/// What makes a rule of it.
pub enum Made {
    /// Changes what its columns name.
    Cells { row: Row, sheet: Rc<Sheet> },
    /// Is the whole rule.
    Whole(Box<RuleDraft>),
    /// Makes none.
    Wrong(Vec<FieldFault>),
}

/// What the rows of a table have in common.
pub struct Sheet {
    columns: Columns,
    ground: Ground,
}

/// All of a file.
pub struct Read {
    pub entries: Vec<Entry>,
    pub notes: Vec<Texts>,
}

impl Made {
    /// The rule as the line has it; `before`: as it is.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn draft(&self, before: Option<&RuleDraft>) -> Result<RuleDraft, Vec<FieldFault>> {
        match self {
            Made::Whole(draft) => Ok((**draft).clone()),
            Made::Wrong(faults) => Err(faults.clone()),
            Made::Cells { row, sheet } => {
                let mut draft = before.unwrap_or(&sheet.ground.usual).clone();
                let set = |(column, place): &(moving::Column, usize)| {
                    let cell = row.cells.get(*place).unwrap_or_default();
                    cell::set(&mut draft, *column, cell, &sheet.ground).err().map(FieldFault::from)
                };
                let faults: Vec<FieldFault> = sheet.columns.known.iter().filter_map(set).collect();
                cell::complete(&mut draft);
                if faults.is_empty() { Ok(draft) } else { Err(faults) }
            }
        }
    }
}

/// Reads a file; `usual`: a new rule with nothing written in it.
///
/// # Errors
/// Nothing can be read from it, in words; the store's.
pub fn entries(services: &Services, format: Format, bytes: &[u8], usual: RuleDraft) -> Result<Read, Fault> {
    match format {
        Format::Csv => {
            let mut ground = Ground { usual, periods: Default::default() };
            for kept in services.store.calendars()? {
                for name in [&kept.calendar.name, &kept.calendar.id] {
                    ground.periods.insert(moving::plain(name), kept.calendar.id.clone());
                }
            }
            table(bytes, ground)
        }
        Format::Yaml => {
            let entries = moving::documents(bytes)?.into_iter().map(document).collect();
            Ok(Read { entries, notes: Vec::new() })
        }
    }
}

fn table(bytes: &[u8], ground: Ground) -> Result<Read, Fault> {
    let table = Table::read(bytes, MOST_ROWS)?;
    let columns = Columns::read(&table.headings)?;
    let notes = table.notes.into_iter().chain(columns.notes.iter().cloned()).collect();
    let sheet = Rc::new(Sheet { columns, ground });
    Ok(Read { entries: table.rows.into_iter().map(|row| line(row, &sheet)).collect(), notes })
}

fn line(row: Row, sheet: &Rc<Sheet>) -> Entry {
    let columns = &sheet.columns;
    let (line, text, cells) = (row.line, row.start(), row.cells.len());
    let place =
        columns.known.iter().find(|(column, _)| *column == moving::Column::Id).map(|(_, place)| *place);
    let id = read_id(place.and_then(|place| row.cells.get(place)).unwrap_or_default());
    let (id, made) = match id {
        _ if cells != columns.width => {
            let width = columns.width;
            let fault = FieldFault::new(
                "line",
                format!("has {cells} cells, and there are {width} headings"),
                format!("tiene {cells} celdas, y hay {width} cabeceras"),
            );
            (None, Made::Wrong(vec![fault]))
        }
        Ok(id) => (id, Made::Cells { row, sheet: sheet.clone() }),
        Err(fault) => (None, Made::Wrong(vec![fault])),
    };
    Entry { line, text, id, made }
}

fn document(one: moving::Document) -> Entry {
    let moving::Document { line, mut value } = one;
    let start = value.get("name").and_then(Value::as_str).map_or_else(|| value.to_string(), str::to_owned);
    let text = start.chars().filter(|c| !c.is_control()).take(80).collect();
    let id = value.as_object_mut().and_then(|fields| fields.remove("id"));
    let id = match id {
        None | Some(Value::Null) => Ok(None),
        Some(id) => read_id(id.as_str().unwrap_or("?")),
    };
    let (id, made) = match (id, shaped::<RuleDraft>(value)) {
        (Ok(id), Ok(draft)) => (id, Made::Whole(Box::new(draft))),
        (Err(fault), Ok(_)) => (None, Made::Wrong(vec![fault])),
        (id, Err(wrong)) => (None, Made::Wrong(id.err().into_iter().chain(wrong.fields).collect())),
    };
    Entry { line, text, id, made }
}

fn read_id(text: &str) -> Result<Option<RuleId>, FieldFault> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        let (en, es) =
            ("must be an id that was exported, or empty", "debe ser un id exportado, o estar vacío");
        FieldFault::new("id", en, es)
    })
}
